"""Files of single languages against `parallel`: equal in our sets, and every kind of difference is found."""

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from pyarrow import parquet

from xleval.errors import DataError
from xleval.polyfact.lint import lint
from xleval.polyfact.lint.flat import compare_flat


def differences(folder: Path, lang: str = "sw") -> dict[str, str]:
    """Return item and what is said of it."""
    outcome = dict(compare_flat(folder, ("en", lang)))[lang]
    return {hit.about: hit.detail for hit in outcome.hits}  # type: ignore[union-attr]


@pytest.fixture
def copied(embedded_set: Path, tmp_path: Path) -> Path:
    for config in ("parallel", "en", "sw"):
        shutil.copytree(embedded_set / config, tmp_path / config)
    return tmp_path


def test_our_set_says_the_same_twice(copied: Path):
    n = sum(parquet.read_metadata(path).num_rows for path in (copied / "parallel").iterdir())
    assert {lang: (found.checked, list(found.hits)) for lang, found in compare_flat(copied, ("en", "sw"))} == {
        "en": (n, []), "sw": (n, []),
    }  # fmt: skip


def test_a_changed_a_missing_and_a_further_row_are_named(copied: Path):
    path = copied / "sw" / "train.parquet"
    table = parquet.read_table(path)
    ids = table.column("fact_id").to_pylist()
    changed = pc.if_else(pc.equal(table.column("fact_id"), ids[3]), "Nini?", table.column("question"))
    table = table.set_column(table.column_names.index("question"), "question", changed)
    moved = table.slice(0, 1).set_column(0, "fact_id", pa.array(["Q1|P1|Q2"]))
    parquet.write_table(pa.concat_tables([table.slice(1), moved]), path)
    found = differences(copied)
    assert set(found) == {ids[0], ids[3], "Q1|P1|Q2"}
    assert found[ids[0]] == "not in sw/train.parquet"
    assert found["Q1|P1|Q2"] == "in sw/train.parquet and not in parallel/train.parquet"
    assert found[ids[3]].startswith("column question of sw/train.parquet; parallel has")
    report = lint(copied)
    assert (report.counts[40]["sw"].found, report.counts[40]["en"].found) == (3, 0)
    assert (40, "sw") in report.over_limit()


def test_order_and_width_of_numbers_are_no_difference(copied: Path):
    path = copied / "sw" / "test.parquet"
    table = parquet.read_table(path).sort_by([("question", "descending")])
    place = table.column_names.index("answer_index")
    parquet.write_table(table.set_column(place, "answer_index", table.column("answer_index").cast(pa.int32())), path)
    assert differences(copied) == {}


def test_an_item_in_another_split_a_repeated_one_and_a_wrong_language_are_found(copied: Path):
    train = parquet.read_table(copied / "sw" / "train.parquet")
    (copied / "sw" / "validation.parquet").unlink()
    parquet.write_table(pa.concat_tables([train, train.slice(0, 2)]), copied / "sw" / "train.parquet")
    english = parquet.read_table(copied / "en" / "test.parquet")
    english = english.set_column(english.column_names.index("language"), "language", pa.array(["de"] * len(english)))
    parquet.write_table(english, copied / "en" / "test.parquet")
    found = differences(copied)
    n = parquet.read_metadata(copied / "parallel" / "validation.parquet").num_rows
    assert found.pop("sw/train.parquet") == "2 rows repeat an item"
    assert list(found.values()) == ["not in sw/validation.parquet"] * n
    assert differences(copied, "en") == {"en/test.parquet": "column language of the files of en"}


def test_sets_without_both_are_not_compared(copied: Path):
    shutil.rmtree(copied / "parallel")
    assert list(compare_flat(copied, ("en", "sw"))) == []
    assert "parallel" in lint(copied).not_checked[40]


def test_a_damaged_file_is_named(copied: Path):
    (copied / "sw" / "test.parquet").write_bytes(b"PAR1 no")
    with pytest.raises(DataError, match=r"sw/test\.parquet is not readable as Parquet"):
        list(compare_flat(copied, ("sw",)))
