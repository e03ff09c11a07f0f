"""What every training has in common: the claimed folder, the last whole checkpoint, and the page that explains the keys."""

import dataclasses
from pathlib import Path

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


@pytest.mark.parametrize(
    "record", [each for each in vars(schema).values() if dataclasses.is_dataclass(each)], ids=lambda each: each.__name__
)
def test_the_page_explains_every_key(record: type) -> None:
    text = PAGE.read_text(encoding="utf-8")
    names = [field.name for field in dataclasses.fields(record)]
    assert names
    assert [name for name in names if f"`{name}`" not in text] == []
