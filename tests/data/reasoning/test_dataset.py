"""The files of a set are read by `datasets`; levels, splits and columns are as the source has them."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.data.reasoning.list_translator import ITEMS
from tests.data.reasoning.test_build import BOTH, SOURCE, bytes_of, make, rows_of
from xleval.data.storage import read_json, sha256_of_file
from xleval.errors import DataError


def test_datasets_reads_every_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    datasets = pytest.importorskip("datasets")
    out = tmp_path / "set"
    manifest = make(out)
    cache = str(tmp_path / "cache")  # E7: the default cache would serve the rows of an earlier build
    assert list(manifest["configs"]) == ["parallel", "en", "es", "ar", "curriculum", "level-1", "level-2", "level-3"]
    for config, splits in manifest["configs"].items():
        found = datasets.load_dataset(str(out), config, cache_dir=cache)
        assert {split: len(rows) for split, rows in found.items()} == splits
        assert found["test"].to_list() == rows_of(out, config)
    assert datasets.load_dataset(str(out), cache_dir=cache)["test"].to_list() == rows_of(out, "parallel")


def test_the_curriculum_goes_from_easy_to_hard_and_the_seed_decides_within_a_level(tmp_path: Path) -> None:
    make(tmp_path / "set")
    make(tmp_path / "other", replace(BOTH, seed=3))
    found = [(row["level"], row["item_id"]) for row in rows_of(tmp_path / "set", "curriculum")]
    assert [level for level, _ in found] == sorted(level for level, _ in found)
    assert {item_id for _, item_id in found} == {row["item_id"] for row in rows_of(tmp_path / "set", "parallel")}
    other = [(row["level"], row["item_id"]) for row in rows_of(tmp_path / "other", "curriculum")]
    assert sorted(other) == sorted(found)
    assert other != found
    assert [row["level"] for row in rows_of(tmp_path / "set", "level-2")] == ["2"] * 5


def test_splits_and_other_facts_are_as_in_the_source(tmp_path: Path) -> None:
    items = tuple(
        replace(item, groups={"split": "train" if number < 8 else "dev", "subject": "Sums", "row": str(number)})
        for number, item in enumerate(ITEMS)
    )
    manifest = make(tmp_path / "set", source=replace(SOURCE, items=items))
    # word-4, 7 and 8 did not pass everywhere, and all are among the first eight
    assert manifest["configs"]["parallel"] == {"train": 5, "dev": 4}
    assert "curriculum" not in manifest["configs"]
    first = rows_of(tmp_path / "set", "en", "dev")[0]
    assert (first["split"], first["level"], first["subject"], first["row"]) == ("dev", None, "Sums", "8")


def test_items_without_a_split_are_a_test(tmp_path: Path) -> None:
    items = tuple(replace(item, groups={}) for item in ITEMS)
    assert make(tmp_path / "set", source=replace(SOURCE, items=items))["configs"]["en"] == {"test": 12}


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ({"split": "../../etc"}, "the split '../../etc' is not a name"),
        ({"split": "a/b"}, "the split 'a/b' is not a name"),
        ({"answer": "9"}, "a group named answer"),
    ],
)
def test_names_that_cannot_be_files_or_columns_are_refused(
    groups: dict[str, str], message: str, tmp_path: Path
) -> None:
    items = (replace(ITEMS[0], groups=groups), *ITEMS[1:])
    with pytest.raises(DataError, match=message):
        make(tmp_path / "set", source=replace(SOURCE, items=items))


def test_the_same_build_gives_the_same_bytes_and_the_manifest_has_their_hashes(tmp_path: Path) -> None:
    manifest = make(tmp_path / "one")
    make(tmp_path / "two")
    assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "two")
    assert set(manifest["files"]) == {"README.md", *bytes_of(tmp_path / "one")}
    for name, digest in read_json(tmp_path / "one" / "build.json")["files"].items():
        assert sha256_of_file(tmp_path / "one" / name) == digest
