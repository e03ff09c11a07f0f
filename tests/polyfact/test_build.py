"""The whole build on the embedded graph: what a reader of the set relies on, checked on the files themselves."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from xleval.data.languages import POLYFACT_LANGUAGES
from xleval.data.storage import read_json, sha256_of_file
from xleval.errors import ConfigError, DataError
from xleval.polyfact import names
from xleval.polyfact.build import BuildConfig, build
from xleval.polyfact.filters import REASONS
from xleval.polyfact.relations import default_relations
from xleval.polyfact.sources import SourceOptions, open_source
from xleval.polyfact.splits import SPLITS, TESTS

OPTIONS = ("option_a", "option_b", "option_c", "option_d")
SMALL = BuildConfig(source="embedded", languages=("en", "sw"), relations=("P36", "P30"))


def read(path: Path) -> list[dict[str, Any]]:
    with pq.ParquetFile(path) as file:
        rows: list[dict[str, Any]] = file.read().to_pylist()
        return rows


@pytest.fixture(scope="module")
def rows(embedded_set: Path) -> list[dict[str, Any]]:
    """Return every row of every language, with its split."""
    return [
        {**row, "split": split}
        for lang in POLYFACT_LANGUAGES
        for split in SPLITS
        if (embedded_set / lang / f"{split}.parquet").exists()
        for row in read(embedded_set / lang / f"{split}.parquet")
    ]


def test_size(embedded_set: Path) -> None:
    manifest = read_json(embedded_set / "build.json")
    assert manifest["facts"]["all"] >= 600
    assert 55 <= manifest["facts"]["test"] <= 90
    assert set(manifest["relations"]) == {"P36", "P1376", "P17", "P30", "P37", "P38"}
    assert all(row["facts"]["all"] > 0 for row in manifest["relations"].values())


def test_every_candidate_is_a_fact_or_a_reject_with_a_reason(embedded_set: Path) -> None:
    manifest = read_json(embedded_set / "build.json")
    rejects = [json.loads(line) for line in (embedded_set / "rejects.jsonl").read_text().splitlines()]
    assert len(rejects) + manifest["facts"]["all"] == manifest["candidates"]
    assert {reject["reason"] for reject in rejects} <= REASONS.keys()
    assert Counter(reject["reason"] for reject in rejects) == {r: n for r, n in manifest["rejected"].items() if n}


def test_no_baseline_is_more_than_five_points_above_chance(embedded_set: Path) -> None:
    manifest = read_json(embedded_set / "build.json")
    assert manifest["baselines_above_tolerance"] == []
    assert list(manifest["baselines"]) == list(POLYFACT_LANGUAGES)
    worst = max(value for scores in manifest["baselines"].values() for value in scores.values())
    assert worst <= 0.30


def test_the_same_facts_and_options_in_every_language(rows: list[dict[str, Any]]) -> None:
    by_fact: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_fact.setdefault(row["fact_id"], []).append(row)
    for found in by_fact.values():
        assert [row["language"] for row in found] == list(POLYFACT_LANGUAGES)
        assert len({frozenset(row["option_ids"]) for row in found}) == 1
        assert len({row["split"] for row in found}) == 1
        assert len({row["template_id"] for row in found}) == 1
        assert all(row["option_ids"][row["answer_index"]] == row["object_id"] for row in found)
        assert all(row[OPTIONS[row["answer_index"]]] == row["answer_text"] for row in found)
        assert all(row["fact_id"] == f"{row['subject_id']}|{row['property_id']}|{row['object_id']}" for row in found)


def test_nothing_in_an_item_gives_its_answer_away(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        lang, options = row["language"], [row[column] for column in OPTIONS]
        assert len({names.fold(option) for option in options}) == 4, row
        assert row["subject_label"] in row["question"]
        assert "{" not in row["question"]
        for option in options:
            assert not names.contains_name(row["question"], option, lang), row
            assert not names.share_stem(row["subject_label"], option, lang), row
            assert not names.foreign_letters(option, lang), row
            assert option == option.strip() != ""


def test_distractors_are_answers_of_the_relation_and_never_true(rows: list[dict[str, Any]], tmp_path: Path) -> None:
    relations = default_relations("embedded")
    source = open_source("embedded", SourceOptions(languages=("en",), relations=relations, work=tmp_path))
    true: dict[tuple[str, str], set[str]] = {}
    for pid in relations:
        for statement in source.statements(pid):
            true.setdefault((statement.subject_qid, pid), set()).add(statement.object_qid)
    golds = {(row["property_id"], row["object_id"]) for row in rows}
    for row in rows:
        assert true[row["subject_id"], row["property_id"]] & set(row["option_ids"]) == {row["object_id"]}
        assert {(row["property_id"], qid) for qid in row["option_ids"]} <= golds


def test_nothing_bridges_train_validation_and_tests(rows: list[dict[str, Any]]) -> None:
    subjects: dict[str, set[str]] = {}
    pairs: dict[frozenset[str], set[str]] = {}
    for row in rows:
        side = "tests" if row["split"] in TESTS else row["split"]
        subjects.setdefault(row["subject_id"], set()).add(side)
        pairs.setdefault(frozenset((row["subject_id"], row["object_id"])), set()).add(side)
    assert {len(found) for found in (*subjects.values(), *pairs.values())} == {1}


def test_the_tests_of_generalisation_test_it(rows: list[dict[str, Any]]) -> None:
    trained = {(row["property_id"], row["object_id"]) for row in rows if row["split"] in ("train", "validation")}
    unseen = [row for row in rows if row["split"] == "test_unseen_object"]
    assert len(unseen) >= 12 * len(POLYFACT_LANGUAGES)
    assert not {(row["property_id"], row["object_id"]) for row in unseen} & trained
    letters = {split: set() for split in SPLITS}
    for row in rows:
        letters[row["split"]].add(row["template_id"][-1])
    assert letters.pop("test_held_out_template") == {"c"}
    assert all(found <= {"a", "b"} for found in letters.values())


def test_gold_places_are_balanced_in_every_split_and_language(rows: list[dict[str, Any]]) -> None:
    places: dict[tuple[str, str], Counter[int]] = {}
    for row in rows:
        places.setdefault((row["split"], row["language"]), Counter())[row["answer_index"]] += 1
    for counts in places.values():
        assert max(counts.values()) - min(counts.values()) <= 1


def test_no_answer_is_gold_too_often(embedded_set: Path) -> None:
    relations = read_json(embedded_set / "build.json")["relations"]
    assert all(row["top_answer_share"] <= 0.25 + 1e-9 for row in relations.values())
    assert all(row["single_value_share"] is not None for row in relations.values())


def test_parallel_rows_are_the_flat_rows(embedded_set: Path) -> None:
    for split in read_json(embedded_set / "build.json")["configs"]["parallel"]:
        parallel = read(embedded_set / "parallel" / f"{split}.parquet")
        for lang in POLYFACT_LANGUAGES:
            flat = read(embedded_set / lang / f"{split}.parquet")
            for whole, single in zip(parallel, flat, strict=True):
                part = whole["translations"][lang]
                assert {key: single[key] for key in part} == part
                assert whole["fact_id"] == single["fact_id"]


def test_datasets_reads_every_config(embedded_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    datasets = pytest.importorskip("datasets")
    cache = str(tmp_path / "cache")  # E7: the default cache would serve the rows of an earlier build
    parallel = datasets.load_dataset(str(embedded_set), "parallel", cache_dir=cache)
    swahili = datasets.load_dataset(str(embedded_set), "sw", cache_dir=cache)
    manifest = read_json(embedded_set / "build.json")
    assert {split: len(rows) for split, rows in parallel.items()} == manifest["configs"]["parallel"]
    assert sum(manifest["configs"]["parallel"].values()) == manifest["facts"]["all"]
    for config, splits in manifest["configs"].items():
        found = datasets.load_dataset(str(embedded_set), config, cache_dir=cache)
        assert {split: len(rows) for split, rows in found.items()} == splits
    assert swahili["test"][0]["language"] == "sw"
    assert parallel["test"][0]["translations"]["sw"]["question"] == swahili["test"][0]["question"]


def test_relations_that_do_not_belong_in_the_headline_are_marked(
    embedded_set: Path, rows: list[dict[str, Any]]
) -> None:
    relations = read_json(embedded_set / "build.json")["relations"]
    against = {pid: row["out_of_headline"] for pid, row in relations.items() if not row["headline"]}
    assert "too many facts leak" in against["P38"]  # currencies carry country names
    assert relations["P38"]["leak_loss"] > 0.4
    assert "too many subjects have several values" in against["P37"]  # official languages
    assert "too many subjects have several values" in against["P30"]  # countries on two continents
    assert relations.keys() - against.keys() == {"P36", "P1376"}
    assert all(row["headline"] is relations[row["property_id"]]["headline"] for row in rows)
    assert {row["as_of"] for row in rows} == {"2026-11"}


def test_what_leaks_is_kept_apart(embedded_set: Path, rows: list[dict[str, Any]]) -> None:
    leaky = read(embedded_set / "leaky" / "test.parquet")
    assert len(leaky) >= 50
    assert not {row["fact_id"] for row in leaky} & {row["fact_id"] for row in rows}
    for row in leaky:
        assert row["leak_langs"]
        for lang, part in row["translations"].items():
            question = part["question"]
            shown = names.contains_name(question, part["answer_text"], lang)
            stem = names.share_stem(part["subject_label"], part["answer_text"], lang)
            assert lang in row["leak_langs"] or not (shown or stem)
            wrong = [part[column] for column in OPTIONS if part[column] != part["answer_text"]]
            assert not any(names.contains_name(question, option, lang) for option in wrong)
            assert not any(names.share_stem(part["subject_label"], option, lang) for option in wrong)


def test_guessable_facts_are_flagged_and_counted(embedded_set: Path, rows: list[dict[str, Any]]) -> None:
    manifest = read_json(embedded_set / "build.json")
    flagged = {row["fact_id"] for row in rows if row["guessable"]}
    assert len(flagged) == manifest["name_baseline"]["guessable"] > manifest["name_baseline"]["by_luck"] > 0
    assert manifest["name_baseline"]["scores"].keys() <= manifest["relations"].keys()


def test_published_columns_are_there(embedded_set: Path) -> None:
    # polyfact.md section 1, "Final schema"
    flat = set(read(embedded_set / "en" / "test.parquet")[0])
    assert flat >= {"fact_id", "language", "subject", "relation", "object", "question", "answer_text", "answer_index"}
    assert flat >= {*OPTIONS, "option_ids", "n_langs_verified"}
    row = read(embedded_set / "parallel" / "test.parquet")[0]
    assert set(row) >= {"fact_id", "subject", "subject_id", "relation", "property_id", "object", "object_id"}
    assert set(row["translations"]["en"]) >= {"question", "answer_text", "answer_index", *OPTIONS, "option_ids"}


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        build(SMALL, tmp_path / name)
    assert {
        p.relative_to(tmp_path / "one"): sha256_of_file(p) for p in (tmp_path / "one").rglob("*") if p.is_file()
    } == {p.relative_to(tmp_path / "two"): sha256_of_file(p) for p in (tmp_path / "two").rglob("*") if p.is_file()}


def test_another_seed_gives_other_items(tmp_path: Path) -> None:
    from dataclasses import replace

    build(SMALL, tmp_path / "one")
    build(replace(SMALL, seed=1), tmp_path / "two")
    assert (tmp_path / "one/en/test.parquet").read_bytes() != (tmp_path / "two/en/test.parquet").read_bytes()


def test_the_manifest_holds_the_hash_of_every_file(embedded_set: Path) -> None:
    files = read_json(embedded_set / "build.json")["files"]
    found = {p.relative_to(embedded_set).as_posix() for p in embedded_set.rglob("*") if p.is_file()} - {"build.json"}
    assert set(files) == found
    assert all(sha256_of_file(embedded_set / name) == digest for name, digest in files.items())


def test_size_is_an_upper_limit(tmp_path: Path) -> None:
    from dataclasses import replace

    manifest = build(replace(SMALL, size=60), tmp_path / "set")
    assert manifest["facts"]["all"] <= 60
    assert manifest["rejected"]["size"] > 100
    assert manifest["facts"]["all"] + sum(manifest["rejected"].values()) == manifest["candidates"]


def test_card_says_who_wrote_and_that_nobody_reviewed(embedded_set: Path) -> None:
    card = (embedded_set / "README.md").read_text(encoding="utf-8")
    wordings = read_json(embedded_set / "build.json")["templates"]["wordings"]
    assert "written by claude (language model)" in card
    assert f"reviewed by native speakers: 0 of {wordings} |" in card
    assert "native-reviewed" not in card
    for lang in POLYFACT_LANGUAGES:
        assert f'- config_name: "{lang}"' in card
    assert "None is above it." in card


def test_a_folder_is_not_built_into_twice(tmp_path: Path) -> None:
    from dataclasses import replace

    first = build(SMALL, tmp_path / "set")
    with pytest.raises(ConfigError, match="already holds this configuration, finished"):
        build(SMALL, tmp_path / "set")
    assert build(SMALL, tmp_path / "set", resume=True) == first
    with pytest.raises(ConfigError, match=r"differs in seed \(0 → 5\)"):
        build(replace(SMALL, seed=5), tmp_path / "set", resume=True)


def test_an_unfinished_build_is_made_again_to_the_same_bytes(tmp_path: Path) -> None:
    build(SMALL, tmp_path / "whole")
    build(SMALL, tmp_path / "cut")
    manifest = read_json(tmp_path / "cut/build.json")
    (tmp_path / "cut/build.json").write_text(json.dumps({"config": manifest["config"], "finished": False}))
    (tmp_path / "cut/en/test.parquet").unlink()
    build(SMALL, tmp_path / "cut", resume=True)
    assert (tmp_path / "cut/build.json").read_bytes() == (tmp_path / "whole/build.json").read_bytes()
    assert (tmp_path / "cut/en/test.parquet").read_bytes() == (tmp_path / "whole/en/test.parquet").read_bytes()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"relations": ("P36", "P999")}, "unknown relation 'P999'"),
        ({"relations": ("P47",)}, "P47 is not built: shares border with"),
        ({"languages": ("en", "yo")}, "no question templates for Yoruba"),
        ({"min_langs": 2}, "1 to 1 languages can be asked for"),
        ({"as_of": "2026-13"}, "a month such as 2026-11"),
        ({"source": "dump:nowhere.json.gz"}, "there is no file nowhere.json.gz"),
        ({"source": "wikidata"}, "unknown source 'wikidata'"),
        ({"answer_cap": 0.4}, "at most 0.25"),
        ({"size": 0}, "at least 1 fact"),
        ({"test": 0.95}, "must leave some to train on"),
    ],
)
def test_what_cannot_be_built_is_refused(change: dict[str, Any], message: str) -> None:
    settings: dict[str, Any] = {"source": "embedded", "languages": ("en",), "relations": ("P36",), **change}
    with pytest.raises(ConfigError, match=message):
        BuildConfig(**settings)


def test_nothing_left_is_an_error(tmp_path: Path) -> None:
    config = BuildConfig(source="embedded", languages=("en",), relations=("P36",), size=2)
    with pytest.raises(DataError, match=r"no item is left of \d+ candidates; most were dropped for"):
        build(config, tmp_path / "set")
