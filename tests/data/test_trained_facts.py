"""Facts of a training split: what is read, how names are compared, and what is refused."""

from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from xleval.data.trained_facts import read_trained_facts, training_files
from xleval.errors import DataError


def written(folder: Path, name: str = "train", **columns: list[str]) -> Path:
    (folder / "en").mkdir(exist_ok=True)
    parquet.write_table(pa.table(columns), folder / "en" / f"{name}.parquet")
    return folder


def test_names_are_compared_whole_in_any_case_and_width(tmp_path: Path) -> None:
    written(tmp_path, fact_id=["Q1|P36|Q2", "Q3|P30|Q4"], subject_label=["São  Tomé", "Ｏｔｌａｎｄ"])
    facts = read_trained_facts(tmp_path)
    assert facts.holds("P36", "SÃO TOMÉ")
    assert facts.holds("P30", "Otland")
    assert not facts.holds("P36", "Otland")  # another property
    assert not facts.holds("P36", "São")


def test_sets_of_other_makers_and_in_parts_are_read(tmp_path: Path) -> None:
    """The published set has `subject` and no `property_id` (reference/polyfact.md, section 2); the hub cuts long splits."""
    written(tmp_path, "train-00000-of-00002", fact_id=["Q1|P36|Q2"], subject=["Besk"])
    written(tmp_path, "train-00001-of-00002", fact_id=["Q3|P36|Q4"], subject=["Cora"])
    facts = read_trained_facts(tmp_path)
    assert (facts.holds("P36", "besk"), facts.holds("P36", "cora")) == (True, True)


def test_the_digest_is_of_the_facts_and_not_of_their_order_or_answers(tmp_path: Path) -> None:
    digests = []
    for number, (ids, names) in enumerate(
        [
            (["Q1|P36|Q2", "Q3|P36|Q4"], ["Besk", "Cora"]),
            (["Q3|P36|Q9", "Q1|P36|Q2"], ["cora", "Besk"]),
            (["Q1|P36|Q2", "Q3|P37|Q4"], ["Besk", "Cora"]),
        ]
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        digests.append(read_trained_facts(written(folder, fact_id=ids, subject_label=names)).digest)
    assert digests[0] == digests[1] != digests[2]


def test_what_is_no_training_split_of_facts_is_refused(tmp_path: Path) -> None:
    assert training_files(tmp_path) == []
    with pytest.raises(DataError, match=r"has no en/train\.parquet"):
        read_trained_facts(tmp_path)
    with pytest.raises(DataError, match="has the columns question; fact_id"):
        read_trained_facts(written(tmp_path, question=["Who?"]))
    with pytest.raises(DataError, match=r"row 1: fact_id is 'Q3'; SUBJECT\|PROPERTY\|OBJECT is needed"):
        read_trained_facts(written(tmp_path, fact_id=["Q1|P36|Q2", "Q3"], subject=["Besk", "Cora"]))
    (tmp_path / "en" / "train.parquet").write_bytes(b"no table")
    with pytest.raises(DataError, match="not readable as Parquet"):
        read_trained_facts(tmp_path)


def test_a_subject_that_is_no_name_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    parquet.write_table(pa.table({"fact_id": ["Q1|P36|Q2"], "subject": [7]}), tmp_path / "en" / "train.parquet")
    with pytest.raises(DataError, match=r"train\.parquet, row 0, column subject: found a int; a name is needed"):
        read_trained_facts(tmp_path)
