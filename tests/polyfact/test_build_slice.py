"""Sets made of the real slice of Wikidata: how many facts there are, and that none of them has what was to be prevented."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from xleval.data.languages import POLYFACT_LANGUAGES
from xleval.data.storage import read_json
from xleval.polyfact import names
from xleval.polyfact.filters import REASONS
from xleval.polyfact.splits import TESTS

OPTIONS = ("option_a", "option_b", "option_c", "option_d")


def read_parallel(folder: Path) -> list[dict[str, Any]]:
    rows = []
    for path in sorted((folder / "parallel").glob("*.parquet")):
        with pq.ParquetFile(path) as file:
            rows += [{**row, "split": path.stem} for row in file.read().to_pylist()]
    return rows


@pytest.fixture(scope="module", params=(12, 8))
def built(slice_sets: dict[int, Path], request: pytest.FixtureRequest) -> tuple[int, dict[str, Any], Path]:
    folder = slice_sets[request.param]
    return request.param, read_json(folder / "build.json"), folder


@pytest.fixture(scope="module")
def rows(built: tuple[int, dict[str, Any], Path]) -> list[dict[str, Any]]:
    return read_parallel(built[2])


def test_the_slice_gives_enough_facts(built: tuple[int, dict[str, Any], Path]) -> None:
    min_langs, manifest, _ = built
    assert manifest["facts"]["all"] >= {12: 900, 8: 5000}[min_langs]
    assert len([pid for pid, row in manifest["relations"].items() if row["facts"]["all"] >= 20]) >= 10


def test_the_funnel_adds_up(built: tuple[int, dict[str, Any], Path]) -> None:
    _, manifest, folder = built
    rejects = [json.loads(line) for line in (folder / "rejects.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(rejects) + manifest["facts"]["all"] == manifest["candidates"]
    assert len({reject["fact_id"] for reject in rejects}) == len(rejects)
    assert {reject["reason"] for reject in rejects} <= REASONS.keys()
    assert sum(manifest["uncovered"].values()) > 10_000  # what most of the slice is: named in fewer languages


def test_no_guesser_is_above_the_limit_in_any_language(built: tuple[int, dict[str, Any], Path]) -> None:
    _, manifest, _ = built
    assert manifest["baselines_above_tolerance"] == []
    assert set(manifest["baselines"]) == set(POLYFACT_LANGUAGES)
    assert max(value for scores in manifest["baselines"].values() for value in scores.values()) <= 0.30


def test_options_are_named_in_every_language_of_their_item(
    built: tuple[int, dict[str, Any], Path], rows: list[dict[str, Any]]
) -> None:
    min_langs = built[0]
    for row in rows:
        asked = {lang: part for lang, part in row["translations"].items() if part is not None}
        assert len(asked) == row["n_langs"] >= min_langs
        assert len({frozenset(part["option_ids"]) for part in asked.values()}) == 1
        for lang, part in asked.items():
            options = [part[column] for column in OPTIONS]
            assert all(options)
            assert len({names.fold(option) for option in options}) == 4
            assert not any(names.foreign_letters(option, lang) for option in options)
            assert part["option_ids"][part["answer_index"]] == row["object_id"]
            for option in options:
                assert not names.contains_name(part["question"], option, lang), (row["fact_id"], lang, option)
                assert not names.share_stem(part["subject_label"], option, lang), (row["fact_id"], lang, option)


def test_no_subject_name_stands_for_two_subjects_of_a_question(rows: list[dict[str, Any]]) -> None:
    for lang in POLYFACT_LANGUAGES:
        asked = Counter(
            (row["property_id"], row["subject_type"], names.fold(row["translations"][lang]["subject_label"]))
            for row in rows
            if row["translations"][lang] is not None
        )
        assert max(asked.values()) == 1


def test_nothing_bridges_train_validation_and_tests(rows: list[dict[str, Any]]) -> None:
    sides: dict[object, set[str]] = {}
    for row in rows:
        side = "tests" if row["split"] in TESTS else row["split"]
        sides.setdefault(row["subject_id"], set()).add(side)
        sides.setdefault(frozenset((row["subject_id"], row["object_id"])), set()).add(side)
    assert {len(found) for found in sides.values()} == {1}
    trained = {row["property_id"] for row in rows if row["split"] in ("train", "validation")}
    unseen = {row["property_id"] for row in rows if row["split"] == "test_unseen_relation"}
    assert unseen
    assert not unseen & trained


def test_no_option_is_part_of_another(rows: list[dict[str, Any]]) -> None:
    # P30: the Americas (Q828) hold South America (Q18) and North America (Q49); Q46 is Europe.
    for row in rows:
        options = set(next(part for part in row["translations"].values() if part is not None)["option_ids"])
        assert not ("Q828" in options and options & {"Q18", "Q49"})


def test_the_card_says_what_the_set_is(built: tuple[int, dict[str, Any], Path]) -> None:
    min_langs, manifest, folder = built
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert f"Every fact is asked in at least {min_langs} of them" in card
    assert "| facts as of | 2021-10 |" in card
    assert "It is not a measure of knowledge of a culture" in card
    for lang, n in manifest["facts_by_language"].items():
        assert f"| {lang} | {n} |" in card
