"""`xleval train`: lists, plans, errors and a training, through the command; the model is tiny, everything else is real."""

import importlib.util
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from xleval.commands.models import model_at_hand, model_name
from xleval.commands.train import train
from xleval.errors import ConfigError
from xleval.training.config.recipes import recipe_files, recipe_names
from xleval.training.config.schema import KINDS

needs_trl = pytest.mark.skipif(importlib.util.find_spec("trl") is None, reason="needs the extra train")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(train, [str(argument) for argument in arguments])


def refused(*arguments: object) -> str:
    """Return the sentence of the wrong usage that a call is answered with."""
    result = run(*arguments)
    assert isinstance(result.exception, ConfigError), result.output
    return str(result.exception)


def test_every_kind_is_a_subcommand() -> None:
    assert set(train.commands) == set(KINDS)  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", KINDS)
def test_a_list_has_a_line_for_every_file_and_as_json_every_name(kind: str) -> None:
    names = json.loads(run(kind, "--list", "--json").stdout)
    assert names == recipe_names(kind)  # type: ignore[arg-type]
    text = run(kind, "--list").stdout
    for file in recipe_files():
        assert (f"({len(file.names)} recipes)" in text) or file.kind != kind or len(file.names) == 1
    assert f"smoke/{kind}\n" in text


def test_a_list_of_one_study() -> None:
    names = json.loads(run("grpo", "polyfact/", "--list", "--json").stdout)
    assert len(names) == 32  # 2 models x 8 arms x 2 protocols
    assert "'polyfct/'. Did you mean polyfact/" in refused("grpo", "polyfct/", "--list")
    assert all(name.startswith("polyfact/") for name in names)


def test_what_is_missing_on_the_command_line_is_named() -> None:
    assert "xleval train grpo --list" in refused("grpo")


@needs_trl
def test_wrong_usage_is_answered_before_anything_is_loaded(tmp_path: Path) -> None:
    assert "give --out DIR, or --dry-run" in refused("sft", "smoke/sft")
    assert "kind is grpo and the command trains sft" in refused("sft", "smoke/grpo", "--out", tmp_path / "out")
    assert "Did you mean smoke/sft" in refused("sft", "smoke/stf", "--out", tmp_path / "out")
    told = refused("sft", "collapse/olmo2-1b-ko-recovery-sft", "--out", tmp_path / "out")
    assert "the recipe collapse/olmo2-1b-ko-accuracy leaves" in told
    assert "--model OUT/model" in told
    assert not (tmp_path / "out").exists()


@needs_trl
def test_a_dry_run_prints_values_with_their_sources_and_amounts(embedded_set: Path) -> None:
    given = ("--data", embedded_set, "--langs", "en,sw", "--seed", 5, "--model", "./none", "--set", "max_steps=9")
    text = run("grpo", "smoke/grpo", *given, "--dry-run")
    assert text.exit_code == 0, text.output
    assert "before it can run: memory is not known: the model ./none is not at hand" in text.stderr
    found = json.loads(run("grpo", "smoke/grpo", *given, "--dry-run", "--json").stdout)
    settings = {each["key"]: (each["value"], each["source"]) for each in found["settings"]}
    assert settings["data.langs"] == (["en", "sw"], "given on the command line")
    assert settings["seed"] == (5, "given on the command line")
    assert settings["trainer.max_steps"] == (9, "given on the command line")
    assert settings["trainer.num_generations"] == (4, "half of PolyFact's 8: time")
    assert settings["trainer.steps_per_generation"] == (1, "xleval")  # 2 languages x 4 roll-outs fit one pass
    assert settings["data.regime"] == ("grow", "default")
    assert "loss.beta" not in settings  # plays no part in GRPO
    n_facts = len({row for row in _ids(embedded_set)})
    assert found["amounts"]["n_items"] == n_facts
    assert found["amounts"]["n_rows"] == 2 * n_facts
    assert found["amounts"]["n_rollouts"] == 9 * 24  # three facts a step, in two languages, four roll-outs each


def test_the_demo_model_is_found_by_its_name_and_a_dry_run_makes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XLEVAL_CACHE", str(tmp_path / "cache"))
    assert model_at_hand("demo") == "demo"
    assert not (tmp_path / "cache").exists()
    made = tmp_path / "cache/gemma-3-270m-q4_k_m"  # where `xleval demo` keeps it
    made.mkdir(parents=True)
    assert model_at_hand("demo") == str(made)
    assert model_at_hand("other/model") == model_name("other/model") == "other/model"
    (tmp_path / "demo").mkdir()  # a folder here comes first
    assert model_at_hand("demo") == model_name("demo") == "demo"


def _ids(folder: Path) -> list[str]:
    from pyarrow import parquet

    ids: list[str] = parquet.read_table(folder / "en/train.parquet").column("fact_id").to_pylist()
    return ids


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    """Return a checkpoint of two layers with random weights."""
    pytest.importorskip("torch")
    from tests.training.grpo_trainer.tiny import model, tokenizer

    folder = tmp_path / "tiny"
    model().save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    return folder


@needs_trl
def test_a_training_that_is_refused_late_leaves_no_folder(checkpoint: Path, embedded_set: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    told = refused(
        "sft", "smoke/sft", "--model", checkpoint, "--data", embedded_set, "--langs", "en", "--set", "max_steps=1",
        "--set", "monitor.source=nowhere", "--out", out,
    )  # fmt: skip
    assert "'nowhere'" in told
    assert not out.exists()


@needs_trl
def test_each_seed_is_trained_into_its_own_folder_and_resume_finds_it_done(
    checkpoint: Path, embedded_set: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    given = (
        "sft", "smoke/sft", "--model", checkpoint, "--data", embedded_set, "--langs", "en", "--set", "max_steps=2",
        "--set", "data.limit=8", "--set", "save_strategy=no", "--set", "monitor.limit=1", "--set", "max_length=512",
        "--seed", 3, "--seeds", 2, "--out", out,
    )  # fmt: skip
    result = run(*given, "--json")
    assert result.exit_code == 0, (result.output, result.exception)
    found = json.loads(result.stdout)
    assert [(each["seed"], each["steps"], each["kind"]) for each in found] == [(3, 2, "sft"), (4, 2, "sft")]
    assert [each["model"] for each in found] == [str(out / f"seed-{seed}" / "model") for seed in (3, 4)]
    for seed in (3, 4):
        assert (out / f"seed-{seed}/model/model.safetensors").is_file()
    before = (out / "seed-3/model/model.safetensors").read_bytes()
    assert before != (out / "seed-4/model/model.safetensors").read_bytes()
    again = run(*given, "--resume")
    assert again.exit_code == 0, (again.output, again.exception)
    assert "is finished: nothing to do" in again.stderr
    assert f"xleval run --model {out}/seed-4/model" in again.stderr
    assert (out / "seed-3/model/model.safetensors").read_bytes() == before
    assert isinstance(run(*given).exception, ConfigError)  # a folder in use is not written over
