"""Sets from the hub, as far as that can be seen without it: the message without a network, the revision of a folder."""

from pathlib import Path

import pytest

from xleval.errors import DataError
from xleval.evalkit.hub import HubSet, download, revision_of
from xleval.evalkit.task import data_folder
from xleval.tasks import TASKS


def test_without_a_network_one_line_says_how_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    constants = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(DataError) as caught:
        download(HubSet(repo="nobody/nothing"), "mgsm")
    assert "\n" not in str(caught.value)
    assert "nobody/nothing could not be read from the hub" in str(caught.value)
    assert "--data mgsm=DIR, or $XLEVAL_DATA/mgsm" in str(caught.value)


def test_a_download_knows_its_revision() -> None:
    commit = "0123456789abcdef0123456789abcdef01234567"
    assert revision_of(Path(f"/cache/datasets--juletxara--mgsm/snapshots/{commit}/sub")) == commit
    assert revision_of(Path("/data/mgsm")) is None


def test_the_hub_is_asked_only_for_what_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked = []

    def fake(hub: HubSet, name: str) -> Path:
        asked.append((hub.repo, name))
        return tmp_path

    monkeypatch.setattr("xleval.evalkit.task.download", fake)
    monkeypatch.delenv("XLEVAL_DATA", raising=False)
    assert data_folder(TASKS["mgsm"], {}) is None
    assert data_folder(TASKS["mgsm"], {}, ask_hub=True) == tmp_path
    assert asked == [("juletxara/mgsm", "mgsm")]
    (tmp_path / "mgsm").mkdir()
    monkeypatch.setenv("XLEVAL_DATA", str(tmp_path))
    assert data_folder(TASKS["mgsm"], {}, ask_hub=True) == tmp_path / "mgsm"
    assert len(asked) == 1
