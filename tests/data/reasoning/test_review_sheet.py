"""Sheets for reviewers: blind, safe to open, never overwritten once filled in; and the bound that they give."""

import csv
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.data.reasoning.list_translator import ITEMS, PLANTED, TABLE, ListTranslator
from tests.data.reasoning.test_build import BOTH, SOURCE, NoGate, make
from xleval.data.reasoning.review_figures import binomial_upper_bound, read_review
from xleval.errors import DataError


def rows_of(path: Path, delimiter: str = ",") -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, delimiter=delimiter))


def fill(path: Path, verdicts: dict[str, str]) -> None:
    head, *rows = rows_of(path)
    filled = [[*row[:3], verdicts.get(row[0], ""), ""] for row in rows]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *filled])


class _Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@pytest.fixture
def reviewed(tmp_path: Path) -> Path:
    make(tmp_path / "set", replace(BOTH, review=4))
    return tmp_path / "set"


def test_a_sheet_has_accepted_and_rejected_translations_mixed(reviewed: Path) -> None:
    head, *rows = rows_of(reviewed / "review" / "es.csv")
    assert head == ["item_id", "source", "translation", "ok?", "comment"]
    assert len(rows) == 5  # four accepted ones and the only rejected one
    key = dict(rows_of(reviewed / "review" / "es.key.tsv", "\t")[1:])
    assert [row[0] for row in rows] == list(key)
    assert key["word-4"] == "rejected"
    assert sorted(key.values()) == ["accepted"] * 4 + ["rejected"]
    questions = {item.item_id: item.question for item in ITEMS}
    for item_id, source, translation, ok, comment in rows:
        assert source == questions[item_id]
        assert translation == (PLANTED["es", "word-4"][2] if item_id == "word-4" else TABLE["es", source])
        assert (ok, comment) == ("", "")


def test_failures_are_on_no_sheet(reviewed: Path) -> None:
    key = dict(rows_of(reviewed / "review" / "ar.key.tsv", "\t")[1:])
    assert list(key.values()) == ["accepted"] * 4


def test_the_page_needs_nothing_else_and_reads_from_the_right_where_the_language_does(reviewed: Path) -> None:
    text = (reviewed / "review" / "ar.html").read_text(encoding="utf-8")
    tags = _Page(text).tags
    cells = [attributes for tag, attributes in tags if tag == "td"]
    assert cells == [{"lang": "en", "dir": "ltr"}, {"lang": "ar", "dir": "rtl"}] * 4
    assert not any(tag in ("script", "img", "link", "iframe", "input") for tag, _ in tags)
    assert not re.search(r"https?:", text)


def test_texts_are_escaped_and_no_cell_is_a_formula(tmp_path: Path) -> None:
    evil = '<script>alert("1")</script> & 14, 5'
    formula = '=HYPERLINK("x")'
    planted = {("es", "word-1"): (evil,), ("es", "word-2"): (formula,)}
    make(
        tmp_path / "set", replace(BOTH, languages=("es",), review=2), ListTranslator(planted=planted),
        source=replace(SOURCE, items=ITEMS[:2]), gate=NoGate(),
    )  # fmt: skip
    text = (tmp_path / "set" / "review" / "es.html").read_text(encoding="utf-8")
    assert not any(tag == "script" for tag, _ in _Page(text).tags)
    assert "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; 14, 5" in text
    cells = {row[0]: row[2] for row in rows_of(tmp_path / "set" / "review" / "es.csv")[1:]}
    assert cells == {"word-1": evil, "word-2": "'" + formula}


def test_a_sheet_that_is_filled_in_is_left_when_the_build_goes_on(reviewed: Path) -> None:
    sheet, page = reviewed / "review" / "es.csv", reviewed / "review" / "es.html"
    fill(sheet, {rows_of(sheet)[1][0]: "yes"})
    filled = sheet.read_bytes()
    page.unlink()
    said: list[str] = []
    make(reviewed, replace(BOTH, review=4), resume=True, say=said.append)  # Arabic failed, so it does go on
    assert sheet.read_bytes() == filled
    assert not page.exists()
    assert any("es.csv is filled in" in line for line in said)


def test_figures_of_a_filled_sheet(reviewed: Path) -> None:
    sheet = reviewed / "review" / "es.csv"
    key = dict(rows_of(reviewed / "review" / "es.key.tsv", "\t")[1:])
    accepted = [item_id for item_id, status in key.items() if status == "accepted"]
    fill(sheet, {accepted[0]: "Yes", accepted[1]: "no", accepted[2]: " y ", "word-4": "no"})
    found = read_review(reviewed)
    assert list(found) == ["es"]
    assert (found["es"].reviewed, found["es"].wrong) == (3, 1)
    assert (found["es"].rejected_reviewed, found["es"].rejected_right) == (1, 0)
    # of 3 one wrong: p with (1-p)^3 + 3p(1-p)^2 = 0.05, that is 0.86465
    assert found["es"].wrong_at_most == pytest.approx(0.86465, abs=1e-6)


def test_sheets_of_spreadsheets_with_other_delimiters_are_read(reviewed: Path) -> None:
    sheet = reviewed / "review" / "es.csv"
    rows = rows_of(sheet)
    for row in rows[1:]:
        row[3] = "1"
    with sheet.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=";", lineterminator="\r\n").writerows(rows)
    assert read_review(reviewed)["es"].reviewed == 4


def test_a_sheet_that_was_changed_elsewhere_is_refused_with_its_row(reviewed: Path) -> None:
    sheet = reviewed / "review" / "es.csv"
    head, first, *rest = rows_of(sheet)
    for changed, message in (
        ([head, [*first[:3], "perhaps", ""], *rest], r"es\.csv: row 2: 'perhaps' under ok\?"),
        ([head, ["word-99", *first[1:]], *rest], r"row 2: item 'word-99' is not in es\.key\.tsv"),
        ([head, [*first[:3], "yes", ""], first], f"row 3: item '{first[0]}' is there twice"),
        ([["id", "text"], *rest], "the first row is"),
    ):
        with sheet.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(changed)
        with pytest.raises(DataError, match=message):
            read_review(reviewed)
    sheet.write_bytes(b"item_id,\xff\xfe")
    with pytest.raises(DataError, match="not readable as UTF-8"):
        read_review(reviewed)


def test_a_set_without_sheets_says_how_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="build the set with --review N"):
        read_review(tmp_path)


def test_the_bound_agrees_with_scipy() -> None:
    """Clopper-Pearson's one-sided upper end is a quantile of a beta distribution."""
    stats = pytest.importorskip("scipy.stats")
    for wrong, n in ((0, 1), (0, 100), (1, 100), (7, 50), (49, 50), (30, 2000), (0, 5000)):
        assert binomial_upper_bound(wrong, n) == pytest.approx(stats.beta.ppf(0.95, wrong + 1, n - wrong), abs=1e-9)
    assert binomial_upper_bound(0, 0) == binomial_upper_bound(5, 5) == 1.0
    assert binomial_upper_bound(0, 60) == pytest.approx(1 - 0.05 ** (1 / 60))
