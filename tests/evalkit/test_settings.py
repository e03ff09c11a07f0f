"""Options of several settings: what is read, and what each wrong value is told."""

import subprocess
import sys

import pytest

from xleval.errors import ConfigError
from xleval.evalkit.requests import Sampling
from xleval.evalkit.settings import Shard, parse_grid, parse_model_args, parse_sampling, parse_shard


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("temperature=0.6,top_p=0.95,max_tokens=4096", Sampling(temperature=0.6, top_p=0.95, max_tokens=4096)),
        (" temperature = 1 , top_k=20 ", Sampling(temperature=1.0, top_k=20)),
        ("temperature=0", Sampling()),
        ("min_p=1e-1,repetition_penalty=1.3", Sampling(min_p=0.1, repetition_penalty=1.3)),
        ("top_p=.5,temperature=2.", Sampling(top_p=0.5, temperature=2.0)),
        ("ignore_eos=true", Sampling(ignore_eos=True)),
        ("ignore_eos=False", Sampling()),
    ],
)
def test_sampling(text, expected):
    assert parse_sampling(text) == expected


def test_numbers_have_the_type_of_their_setting():
    found = parse_sampling("temperature=1,max_tokens=5")
    assert type(found.temperature) is float
    assert type(found.max_tokens) is int


def test_what_is_not_named_stays_as_in_the_base():
    base = Sampling(max_tokens=99, temperature=0.5, ignore_eos=True)
    assert parse_sampling("temperature=0.7", base) == Sampling(max_tokens=99, temperature=0.7, ignore_eos=True)
    assert base.temperature == 0.5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("temprature=0.6", r"unknown setting of --gen 'temprature'. Did you mean temperature\b.* Known: max_tokens, "),
        # names that lm-eval and transformers have for the same things
        ("max_new_tokens=5", r"'max_new_tokens'. Did you mean max_tokens\?"),
        ("max_gen_toks=5", r"'max_gen_toks'. Did you mean max_tokens\?"),
        ("do_sample=true", r"'do_sample'. Did you mean temperature\?"),
        ("temp=1", r"'temp'. Did you mean temperature\?"),
        ("max_tokens=4k", "--gen max_tokens=4k: needed is a whole number"),
        ("max_tokens=4.0", "--gen max_tokens=4.0: needed is a whole number"),
        ("max_tokens=4_096", "--gen max_tokens=4_096: needed is a whole number"),
        ("max_tokens=٤", "--gen max_tokens=٤: needed is a whole number"),
        ("max_tokens=true", "--gen max_tokens=true: needed is a whole number"),
        ("temperature=warm", "--gen temperature=warm: needed is a number"),
        ("temperature=nan", "--gen temperature=nan: needed is a number"),
        ("temperature=inf", "--gen temperature=inf: needed is a number"),
        ("temperature=1e999", "--gen temperature=1e999: needed is a number"),
        ("temperature=true", "--gen temperature=true: needed is a number"),
        ("temperature=0.6/1.0", "--gen temperature=0.6/1.0: needed is a number"),
        ("ignore_eos=1", "--gen ignore_eos=1: needed is true or false"),
        ("ignore_eos=yes", "--gen ignore_eos=yes: needed is true or false"),
        ("temperature=-1", r"temperature=-1.0: needed is a number at least 0"),
        ("top_p=1.5", r"top_p=1.5: needed is a number above 0, at most 1"),
        ("max_tokens=0", r"max_tokens=0: needed is a number at least 1"),
        ("", "--gen: '' is not KEY=VALUE; write it like temperature=0.6"),
        ("temperature", "'temperature' is not KEY=VALUE"),
        ("temperature=", "'temperature=' is not KEY=VALUE"),
        ("=1", "'=1' is not KEY=VALUE"),
        ("temperature=1,", "'' is not KEY=VALUE"),
        ("temperature=1,top_k=5,temperature=2", "temperature stands there twice"),
    ],
)
def test_sampling_that_is_refused(text, message):
    with pytest.raises(ConfigError, match=message):
        parse_sampling(text)


def test_grid_is_every_combination_the_first_setting_slowest():
    base = Sampling(max_tokens=7)
    assert parse_grid("temperature=0.6/1,top_p=0.9/1.0", base) == (
        ("temperature=0.6,top_p=0.9", Sampling(max_tokens=7, temperature=0.6, top_p=0.9)),
        ("temperature=0.6,top_p=1.0", Sampling(max_tokens=7, temperature=0.6, top_p=1.0)),
        ("temperature=1.0,top_p=0.9", Sampling(max_tokens=7, temperature=1.0, top_p=0.9)),
        ("temperature=1.0,top_p=1.0", Sampling(max_tokens=7, temperature=1.0, top_p=1.0)),
    )


def test_grid_of_one_setting():
    assert parse_grid("temperature=0.6") == (("temperature=0.6", Sampling(temperature=0.6)),)
    assert [label for label, _ in parse_grid(" top_k = 5 / 1 / 3 ")] == ["top_k=5", "top_k=1", "top_k=3"]


def test_labels_read_as_the_sampling_they_name():
    for label, sampling in parse_grid("temperature=0.6/1,top_k=0/50,ignore_eos=true/false"):
        assert parse_sampling(label) == sampling


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("temprature=0.6/1", "unknown setting of --decode-grid 'temprature'. Did you mean temperature"),
        ("temperature=0.6/1.0/0.60", "temperature=0.6/1.0/0.60: a value stands there twice"),
        ("temperature=0.6//1", "--decode-grid temperature=: needed is a number"),
        ("temperature=0.6|1.0", r"--decode-grid temperature=0.6\|1.0: needed is a number"),
        ("temperature=0.6,1.0", r"'1.0' is not KEY=VALUE; write it like temperature=0.6/1.0,top_p=0.9/1.0"),
        ("temperature=0.6,temperature=1", "temperature stands there twice"),
        ("top_p=0.5/2", "top_p=2.0: needed is a number above 0, at most 1"),
        (
            ",".join(f"{key}={'/'.join(map(str, range(1, 40)))}" for key in ("temperature", "top_k", "max_tokens")),
            "has 59,319 combinations; at most 1,000",
        ),
    ],
)
def test_grid_that_is_refused(text, message):
    with pytest.raises(ConfigError, match=message):
        parse_grid(text)


def test_model_args():
    found = parse_model_args(
        "tensor_parallel_size=2, enforce_eager=true,dtype=bfloat16,gpu_memory_utilization=0.9,swap=-1,scale=1e-3,"
        "quantization=None,revision=0123456,name=a=b,off=FALSE,huge=1e999,path=/models/a"
    )
    expected = {
        "tensor_parallel_size": 2, "enforce_eager": True, "dtype": "bfloat16", "gpu_memory_utilization": 0.9, "swap": -1,
        "scale": 0.001, "quantization": "None", "revision": "0123456", "name": "a=b", "off": False, "huge": "1e999",
        "path": "/models/a",
    }  # fmt: skip
    assert found == expected
    assert [type(value) for value in found.values()] == [type(value) for value in expected.values()]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("trust_remote_code=true", "trust_remote_code: xleval runs no code from a checkpoint"),
        ("api_key=abc", "--model-args api_key: secrets come from environment variables"),
        ("api_key=abc,dtype", "'dtype' is not KEY=VALUE"),
        ("tensor-parallel-size=2", "'tensor-parallel-size' is no name"),
        ("größe=2", "is no name"),
        ("dtype", "'dtype' is not KEY=VALUE"),
        ("dtype=a,dtype=b", "dtype stands there twice"),
    ],
)
def test_model_args_that_are_refused(text, message):
    with pytest.raises(ConfigError, match=message) as caught:
        parse_model_args(text)
    assert "abc" not in str(caught.value)  # a secret is not repeated


def test_shards_deal_out_every_item_once_in_turn():
    shards = [parse_shard(f"{index}/3") for index in (1, 2, 3)]
    assert [[number for number in range(8) if shard.holds(number)] for shard in shards] == [
        [0, 3, 6],
        [1, 4, 7],
        [2, 5],
    ]
    assert all(parse_shard("1/1").holds(number) for number in range(5))


def test_shard_is_read_and_written_alike():
    assert parse_shard("2/8") == Shard(index=2, count=8)
    assert str(parse_shard(" 2 / 8 ")) == "2/8"


@pytest.mark.parametrize("text", ["0/8", "9/8", "1/0"])
def test_shard_that_does_not_exist(text):
    with pytest.raises(ConfigError, match=f"--shard {text}: needed is INDEX/COUNT with INDEX from 1 to COUNT"):
        parse_shard(text)


@pytest.mark.parametrize("text", ["", "2", "2/", "/8", "a/8", "-1/8", "2/8/3", "1.0/2", "２/8"])
def test_shard_that_is_none(text):
    with pytest.raises(ConfigError, match=f"--shard '{text}': needed is INDEX/COUNT, such as 2/8"):
        parse_shard(text)


def test_import_is_light():
    modules = "settings", "reasoning", "length_budget", "backends.script_mask"
    code = f"import sys, {', '.join(f'xleval.evalkit.{name}' for name in modules)}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "transformers", "tokenizers", "numpy", "pyarrow"} & set(done.stdout.split())
