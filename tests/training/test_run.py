"""What every training has in common: the claimed folder, the last whole checkpoint, and the page that explains the keys."""

import dataclasses
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from xleval.errors import ConfigError
from xleval.training import run
from xleval.training.config import schema

PAGE = Path(__file__).parents[2] / "docs/train.md"


def test_the_last_checkpoint_is_the_newest_that_was_written_to_its_end(tmp_path: Path) -> None:
    for name in ("checkpoint-9", "checkpoint-10", "checkpoint-11", "checkpoint-best"):
        (tmp_path / name).mkdir()
    assert run.last_checkpoint(tmp_path) is None
    for name in ("checkpoint-9", "checkpoint-10", "checkpoint-best"):
        (tmp_path / name / "xleval_training.json").write_text("{}")
    assert run.last_checkpoint(tmp_path) == tmp_path / "checkpoint-10"


def test_a_tracker_that_cannot_be_used_is_refused_before_anything_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("trl")
    from transformers.integrations import integration_utils

    with pytest.raises(ConfigError, match=r"unknown tracker of --log-to 'tensorbord'\. Did you mean tensorboard"):
        run.check_trackers(("tensorbord",))
    monkeypatch.setattr(integration_utils, "get_available_reporting_integrations", lambda: ["tensorboard"])
    run.check_trackers(("tensorboard",))
    with pytest.raises(ConfigError, match="--log-to wandb: its package is not installed: pip install wandb"):
        run.check_trackers(("tensorboard", "wandb"))


def config(tmp_path: Path, **monitor: Any) -> schema.TrainConfig:
    """Return a training of a model that is not there: what is refused before it is looked up names something else."""
    return schema.TrainConfig(
        kind="grpo", name="tiny", model=str(tmp_path / "no-model"), rewards=(schema.RewardConfig(name="random"),),
        data=schema.DataConfig(source=str(tmp_path / "no-set"), langs=("en",)), monitor=schema.MonitorConfig(**monitor),
    )  # fmt: skip


def test_a_folder_that_is_taken_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.tex").write_text("mine")
    for resume in (False, True):
        with pytest.raises(ConfigError, match=r"out is not empty and has no train.json \(found: thesis.tex\)"):
            run.train(config(tmp_path), out, resume=resume)
    (out / "train.json").write_text("{}")
    with pytest.raises(ConfigError, match=r"already holds a training\. Go on with --resume"):
        run.train(config(tmp_path), out)
    run.refuse_taken(out, resume=True)
    run.refuse_taken(tmp_path / "new", resume=False)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]


@pytest.mark.parametrize("kind", ["grpo", "sft", "clo", "cm-align"])
def test_a_held_out_set_that_is_not_there_is_refused_before_anything_is_loaded(
    tmp_path: Path, embedded_set: Path, kind: schema.Kind
) -> None:
    pytest.importorskip("trl")
    made = replace(config(tmp_path, every=5 if kind == "grpo" else 0, source="smaple"), kind=kind)
    if kind != "grpo":
        made = replace(made, rewards=())
    made = replace(made, data=replace(made.data, source=str(embedded_set), langs=("en", "de")))
    with pytest.raises(ConfigError, match=r"monitor.source.*smaple|smaple.*monitor.source"):
        run.check(made)


@pytest.mark.parametrize(
    "record", [each for each in vars(schema).values() if dataclasses.is_dataclass(each)], ids=lambda each: each.__name__
)
def test_the_page_explains_every_key(record: type) -> None:
    text = PAGE.read_text(encoding="utf-8")
    names = [field.name for field in dataclasses.fields(record)]
    assert names
    assert [name for name in names if f"`{name}`" not in text] == []
