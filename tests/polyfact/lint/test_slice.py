"""Sets built from real items of Wikidata: what is wrong with them, and what a linter may say of what is not."""

from pathlib import Path

import pytest
from pyarrow import parquet

from tests.polyfact.lint.measure import languages_of, measure, read_world
from tests.polyfact.lint.planting import World
from tests.polyfact.lint.test_plants import AT_LEAST, FALSE_ALARMS, RECALL
from xleval.data.languages import POLYFACT_LANGUAGES
from xleval.polyfact.lint import lint
from xleval.polyfact.lint.records import Finding
from xleval.polyfact.relations import default_relations
from xleval.polyfact.sources import SourceOptions, open_source

DUMP = "wikidata_slice_assembled/entities.json.gz"


@pytest.fixture(scope="session")
def in_all(slice_sets: dict[int, Path]) -> Path:
    return slice_sets[12]


@pytest.fixture(scope="session")
def in_eight(slice_sets: dict[int, Path]) -> Path:
    return slice_sets[8]


@pytest.fixture(scope="session")
def real_world(in_all: Path) -> World:
    return read_world(in_all)


def errors(folder: Path) -> set[tuple[int, str, str]]:
    """Return class, language and item of every finding of a class that is above its limit."""
    findings: list[Finding] = []
    report = lint(folder, on_finding=findings.append)
    assert {lang: count.found for lang, count in report.counts[38].items()} == dict.fromkeys(report.rows, 0)
    over = set(report.over_limit())
    return {(f.number, f.lang, f.item_id) for f in findings if (f.number, f.lang) in over}


def test_a_set_in_all_languages_has_no_error(in_all: Path):
    assert len(read_world(in_all).rows["sw"]) > 1000
    assert errors(in_all) == set()


def test_a_set_in_eight_languages_or_more_has_no_error(in_eight: Path):
    rows = {
        lang: sum(parquet.read_metadata(path).num_rows for path in (in_eight / lang).iterdir()) for lang in ("en", "sw")
    }
    assert rows["en"] > 2 * rows["sw"] > 1000
    assert errors(in_eight) == set()


def test_a_set_agrees_with_the_dump_that_it_is_from(in_all: Path, shared_data: Path, tmp_path: Path):
    options = SourceOptions(
        languages=POLYFACT_LANGUAGES, relations=default_relations("dump:"), work=tmp_path, as_of="2021-10"
    )
    report = lint(in_all, source=open_source(f"dump:{shared_data / DUMP}", options))
    assert report.over_limit() == []
    for number in (6, 7, 26, 28, 37):
        count = report.counts[number]["*"]
        assert (count.found, count.unknown) == (0, 0), number
        assert count.checked > 1000
    assert {lang: (count.found, count.unknown) for lang, count in report.counts[16].items()} == dict.fromkeys(
        POLYFACT_LANGUAGES, (0, 0)
    )


@pytest.mark.parametrize("number", [1, 2, 14, 15, 22, 25])
def test_planted_defects_are_seen_among_films_people_and_firms(number: int, real_world: World):
    for lang in languages_of(number, real_world):
        measured = measure(number, lang, real_world)
        assert measured.planted >= AT_LEAST, (lang, measured.planted)
        assert measured.recall >= RECALL, (lang, measured.recall, measured.missed[:3])
        assert measured.false_alarms <= FALSE_ALARMS, (lang, measured.alarms)
