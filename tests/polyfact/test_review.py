import csv
from pathlib import Path

import pytest

from xleval.errors import DataError
from xleval.polyfact.review import BLANK, choose_fillings, read_subjects, write_sheets
from xleval.polyfact.wording import load_templates


def read_sheet(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_sheet_has_every_wording_of_the_language_filled_from_the_set(embedded_set: Path, tmp_path: Path) -> None:
    subjects = read_subjects(embedded_set, ("sw", "bn"))
    counts = write_sheets(tmp_path / "sheets", ("sw", "bn"), subjects, seed=0)
    wordings = {t.template_id for (_, _, lang), found in load_templates().items() if lang == "sw" for t in found}
    rows = read_sheet(tmp_path / "sheets/sw.csv")
    assert counts["sw"] == len(rows) == len(wordings)
    with (tmp_path / "sheets/key.tsv").open(encoding="utf-8") as file:
        key = {(row["lang"], row["row"]): row["template_id"] for row in csv.DictReader(file, delimiter="\t")}
    assert {key["sw", row["row"]] for row in rows} == wordings
    for row in rows:
        kind = key["sw", row["row"]].split(".")[1]
        shown = [row[f"question {turn}"] for turn in (1, 2, 3)]
        if (kind, "sw") in subjects:
            assert len(set(shown)) == 3
            assert all(any(label in question for label in subjects[kind, "sw"]) for question in shown)
        else:
            assert BLANK in shown[0]
        assert BLANK in row["English"]


def test_a_sheet_is_blind_and_its_order_says_nothing(embedded_set: Path, tmp_path: Path) -> None:
    subjects = read_subjects(embedded_set, ("sw",))
    write_sheets(tmp_path / "one", ("sw",), subjects, seed=0)
    text = (tmp_path / "one/sw.csv").read_text(encoding="utf-8")
    assert "claude" not in text
    assert "P36" not in text
    key = (tmp_path / "one/key.tsv").read_text(encoding="utf-8").split("\n")[1:-1]
    ids = [line.split("\t")[2] for line in key]
    assert ids != sorted(ids)


def test_awkward_names_come_first() -> None:
    labels = ["Peru", "Ureno", "Guinea-Bissau", "Jamhuri ya Afrika ya Kati", "Chad"]
    chosen = choose_fillings(labels, "seed")
    assert chosen[:2] == ["Jamhuri ya Afrika ya Kati", "Guinea-Bissau"]
    assert len(set(chosen)) == 3


def test_a_cell_is_no_formula(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    labels = {("country", "sw"): ["=HYPERLINK(1)", "+1", "-2"]}
    write_sheets(tmp_path, ("sw",), labels, seed=0)
    cells = [cell for row in read_sheet(tmp_path / "sw.csv") for cell in row.values()]
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)


def test_a_folder_without_the_language_is_an_error(embedded_set: Path) -> None:
    with pytest.raises(DataError, match=r"holds no ko/\*\.parquet"):
        read_subjects(embedded_set, ("ko",))
