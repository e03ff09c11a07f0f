"""KLAR's items by whether a training split has their fact: marks, figures, signature, and the published files."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from click.testing import CliRunner
from pyarrow import parquet

from tests.tasks.test_klar import CHINESE, CHINESE_TEMPLATES, ENGLISH_TEMPLATES, PLACES, relation, write
from xleval.cli import main
from xleval.data.trained_facts import read_trained_facts
from xleval.evalkit.compare.unlike import unlike_settings_of
from xleval.evalkit.results import summarise
from xleval.evalkit.samples import Sample
from xleval.evalkit.task import load_task
from xleval.evalkit.trained_items import told_apart, trained_line
from xleval.tasks.klar import KLAR, KLAR_NOSPACE, KLAR_TEMPLATES


@pytest.fixture
def klar(tmp_path: Path) -> Path:
    folder = tmp_path / "klar"
    folder.mkdir()
    write(folder, "en", relation(PLACES, ENGLISH_TEMPLATES, english=True))
    return write(folder, "zh", relation(CHINESE, CHINESE_TEMPLATES))


def trained_on(folder: Path, *facts: tuple[str, str]) -> Path:
    """Return a set whose English training split has these properties and subjects, with answers that nobody else has."""
    (folder / "en").mkdir(parents=True)
    ids = [f"Q{number}|{property_id}|Q99{number}" for number, (property_id, _) in enumerate(facts)]
    table = pa.table({"fact_id": ids, "subject_label": [subject for _, subject in facts]})
    parquet.write_table(table, folder / "en" / "train.parquet")
    return folder


def run(*words: object) -> tuple[dict[str, Any], str]:
    """Return the results of `xleval run` of the mock model on both spacings, and what it said."""
    given = ["run", "--model", "mock:m", "--langs", "en,zh", "--tasks", "klar,klar_nospace", "--json", *words]
    result = CliRunner().invoke(main, [str(word) for word in given])
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout), result.stderr


def marks(items: Any) -> dict[str, str | None]:
    return {item.item_id: item.groups.get("trained_fact") for item in items}


@pytest.mark.parametrize("langs", [("en", "zh"), ("zh",)])
def test_an_item_is_marked_by_property_and_english_subject_in_every_language(
    klar: Path, tmp_path: Path, langs: tuple[str, ...]
) -> None:
    facts = read_trained_facts(trained_on(tmp_path / "set", ("P0", "OTLAND"), ("P7", "Besk"), ("P0", "Nowhere")))
    loaded = load_task(told_apart(KLAR, facts), klar, langs, None)
    for items in loaded.items.values():
        assert marks(items) == {"seat-40": "yes", "seat-41": "no", "seat-42": "no", "seat-43": "no", "seat-44": "no"}
    templates = load_task(told_apart(KLAR_TEMPLATES, facts), klar, langs, None)
    assert trained_line(templates.items).startswith("2 of 10 items are facts")  # both wordings of the fact


def test_files_that_name_no_property_leave_items_unmarked(klar: Path, tmp_path: Path) -> None:
    for lang in ("en", "zh"):
        path = klar / lang / "seat.json"
        content = json.loads(path.read_text(encoding="utf-8"))
        del content["relation_id"]
        path.write_text(json.dumps(content), encoding="utf-8")
    facts = read_trained_facts(trained_on(tmp_path / "set", ("P0", "Otland")))
    loaded = load_task(told_apart(KLAR, facts), klar, ("en", "zh"), None)
    assert set(marks(loaded.items["en"]).values()) == {None}
    assert "0 of 5 items" in trained_line(loaded.items)
    assert "5 do not say what fact they are, and are in neither group" in trained_line(loaded.items)


def test_a_run_shows_accuracy_by_it_and_signs_the_facts(klar: Path, tmp_path: Path) -> None:
    facts = trained_on(tmp_path / "set", ("P0", "Otland"), ("P0", "Cora"))
    found, said = run("--data", f"klar={klar}", "--data", f"polyfact={facts}", "--out", tmp_path / "run")
    assert "klar_nospace: 2 of 5 items are facts of the training split (trained_fact)\n" in said
    for name in ("klar", "klar_nospace"):
        kinds = {each["value"]: each for each in found["tasks"][name]["subsets"] if each["key"] == "trained_fact"}
        assert {value: kind["n_items"] for value, kind in kinds.items()} == {"no": 3, "yes": 2}
        [whole] = [
            each["accuracy"]["value"] for each in found["tasks"][name]["means"] if each["languages"] == ["en", "zh"]
        ]
        parts = (2 * kinds["yes"]["accuracy"]["value"] + 3 * kinds["no"]["accuracy"]["value"]) / 5
        assert parts == pytest.approx(whole)
        assert found["signature"]["tasks"][name]["trained_facts"] == read_trained_facts(facts).digest
    assert "trained_fact: yes" in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")


def test_without_a_set_of_facts_nothing_changes(klar: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a set that is merely at hand nor one without a training split tells items apart."""
    root = tmp_path / "data"
    trained_on(root / "polyfact", ("P0", "Otland"))
    monkeypatch.setenv("XLEVAL_DATA", str(root))
    plain, said = run("--data", f"klar={klar}", "--out", tmp_path / "plain")
    assert "trained" not in said
    assert "trained_facts" not in plain["signature"]["tasks"]["klar"]
    assert plain["tasks"]["klar"]["subsets"] == []
    assert plain["signature"]["tasks"]["klar"]["items"] == load_task(KLAR, klar, ("en", "zh"), None).fingerprint
    (tmp_path / "tests-only").mkdir()
    given = ("--data", f"polyfact={tmp_path / 'tests-only'}", "--out", tmp_path / "second")
    second, said = run("--data", f"klar={klar}", *given)
    assert "has no en/train.parquet, so items are not told apart" in said
    assert second["signature"]["tasks"] == plain["signature"]["tasks"]


def test_a_set_of_facts_that_is_not_there_is_refused(klar: Path) -> None:
    given = [
        "run",
        "--model",
        "mock:m",
        "--langs",
        "en",
        "--tasks",
        "klar",
        "--data",
        f"klar={klar}",
        "--data",
        "polyfact=no/set",
    ]
    result = CliRunner().invoke(main, given)
    assert result.exit_code == 2
    assert "--data polyfact=no/set: there is no such folder" in result.stderr


def test_a_set_that_trains_on_none_of_the_items_says_so(klar: Path, tmp_path: Path) -> None:
    facts = trained_on(tmp_path / "set", ("P9", "Otland"))
    found, said = run("--data", f"klar={klar}", "--data", f"polyfact={facts}", "--out", tmp_path / "run")
    assert "klar: 0 of 5 items" in said
    [kind] = found["tasks"]["klar"]["subsets"]
    assert (kind["key"], kind["value"], kind["n_items"]) == ("trained_fact", "no", 5)


def test_runs_that_are_told_apart_by_other_facts_do_not_compare(klar: Path, tmp_path: Path) -> None:
    """The second set has a fact more that no item asks: items and marks are the same, the training is not."""
    found = []
    for name, more in (("first", ()), ("second", (("P0", "Nowhere"),))):
        facts = trained_on(tmp_path / f"set-{name}", ("P0", "Otland"), *more)
        found.append(run("--data", f"klar={klar}", "--data", f"polyfact={facts}", "--out", tmp_path / name)[0])
    unlike = unlike_settings_of(found[0], found[1], "klar", ())  # type: ignore[arg-type]
    assert [each.split()[0] for each in unlike] == ["trained_facts"]
    assert unlike_settings_of(found[0], found[0], "klar", ()) == []  # type: ignore[arg-type]


def test_marks_on_the_published_files_are_those_of_a_plain_count(shared_data: Path, embedded_set: Path) -> None:
    trained = parquet.read_table(embedded_set / "en" / "train.parquet").to_pylist()
    keys = {(row["property_id"], row["subject_label"].lower()) for row in trained}
    expected = set()
    for path in (shared_data / "klar" / "en").glob("*.json"):
        content = json.loads(path.read_text(encoding="utf-8"))
        for sample in content["samples"]:
            if (content["relation_id"], sample["subject"].lower()) in keys:
                expected.add(f"{path.stem}-{sample['index']}")
    loaded = load_task(
        told_apart(KLAR_NOSPACE, read_trained_facts(embedded_set)), shared_data / "klar", ("ar", "zh"), None
    )
    assert {name for name, mark in marks(loaded.items["zh"]).items() if mark == "yes"} == expected
    assert len(expected) > 100


def test_figures_of_real_generations_by_hand(shared_data: Path, tmp_path: Path) -> None:
    """The 157 items that the study calls contaminated are the training split here, with one model's 15,714 answers.

    Items of one property and subject are one key, so that a few more are found. Expected: the stored verdicts, counted.
    """
    stored = json.loads((shared_data / "outputs" / "klar" / "Qwen-2.5-7B_klar.json").read_text(encoding="utf-8"))
    listed = {f"{row['relation']}-{row['index']}" for row in stored["records"] if row["contaminated"]}
    assert len(listed) == 157
    plain = load_task(KLAR, shared_data / "klar", ("en",), None, 0).items["en"]
    keys = [item.fact for item in plain if item.item_id in listed if item.fact]
    facts = read_trained_facts(trained_on(tmp_path / "set", *keys))
    loaded = load_task(told_apart(KLAR, facts), shared_data / "klar", stored["langs"], None, 0)
    items = {(lang, item.item_id): item for lang, found in loaded.items.items() for item in found}
    yes = {item_id for item_id, mark in marks(loaded.items["zh"]).items() if mark == "yes"}
    assert yes >= listed
    assert yes == {item.item_id for item in plain if item.fact in keys}
    samples, right = [], {True: 0, False: 0}
    for row in stored["records"]:
        item_id = f"{row['relation']}-{row['index']}"
        item = items[row["language"], item_id]
        right[item_id in yes] += row["correct"]
        sample = Sample(
            task="klar", task_version=1, lang=row["language"], item_id=item_id, kind="generation", prompt="",
            gold=item.gold, completion=row["pred"], finish_reason="stop", groups=json.dumps(dict(item.groups)),
            correct=row["correct"], prediction=row["pred"],
        )  # fmt: skip
        samples.append(sample if row["pred"] else replace(sample, prediction=None))
    result = summarise(samples, signature={}, model="m", seed=0, resamples=50)["tasks"]["klar"]
    kinds = {each["value"]: each for each in result["subsets"] if each["key"] == "trained_fact"}
    for value, n in (("yes", len(yes)), ("no", 2619 - len(yes))):
        assert kinds[value]["n_items"] == n
        accuracy = kinds[value]["accuracy"]
        assert accuracy is not None
        assert accuracy["value"] == pytest.approx(right[value == "yes"] / n / 6)
