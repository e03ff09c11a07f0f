"""The whole audit: shortcuts, concentration, a source's verdict, limits, and what is said to be unchecked."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from tests.polyfact.lint.conftest import SmallSource
from tests.polyfact.lint.planting import World
from xleval.polyfact.lint import lint
from xleval.polyfact.lint.audit import Audit
from xleval.polyfact.lint.classes import CLASSES
from xleval.polyfact.lint.records import Finding, Row
from xleval.polyfact.records import Statement


class InMemory:
    """A set that is nowhere on disk."""

    def __init__(self, rows: dict[str, list[Row]]) -> None:
        self._rows = rows
        self.languages = tuple(rows)
        self.n_left_out = 0

    def rows(self, lang: str) -> list[Row]:
        return self._rows[lang]


def audit(rows: dict[str, list[Row]], source: SmallSource | None = None) -> tuple[Audit, list[Finding]]:
    findings: list[Finding] = []
    found = Audit(InMemory(rows), 3, findings.append)
    found.run(source, lambda *_: None)
    return found, findings


def take(world: World, *langs: str) -> dict[str, list[Row]]:
    return {lang: list(world.rows[lang]) for lang in langs}


def test_our_own_set_is_clean(embedded_set: Path):
    report = lint(embedded_set)
    assert report.over_limit() == []
    assert {number for number, counts in report.counts.items() if any(c.found for c in counts.values())} == set()
    assert {number for number in report.not_checked if CLASSES[number].kind == "set-only"} == {39} - set(report.counts)
    assert set(report.not_checked) >= {7, 9, 10, 11, 12, 16, 26, 28, 29, 37}
    assert "source" in report.not_checked[7]
    assert "judge" in report.not_checked[9]


def test_gold_that_is_always_longest_or_first_is_a_form_shortcut(world: World):
    def longest(row: Row) -> Row:
        text = row.gold_text + " " + "x" * 40
        return replace(
            row, options=tuple(text if i == row.gold else o for i, o in enumerate(row.options)), answer_text=text
        )

    def first(row: Row) -> Row:
        order = [row.gold, *(i for i in range(4) if i != row.gold)]
        return replace(
            row,
            options=tuple(row.options[i] for i in order),
            option_ids=tuple(row.option_ids[i] for i in order),
            gold=0,
        )

    found, _ = audit({"sw": [longest(row) for row in world.rows["sw"]], "zh": [first(row) for row in world.rows["zh"]]})
    assert {e.item_id for e in found.counts[35]["sw"].examples} == {"longest"}
    assert {e.item_id for e in found.counts[35]["zh"].examples} == {"position"}
    assert found.scores["sw"]["longest"] == 1.0
    assert found.scores["zh"]["position"] == 1.0


@pytest.mark.parametrize("lang", ["en", "ar", "ja"])
def test_distractors_that_are_never_gold_are_a_frequency_shortcut(world: World, lang: str):
    def shown(n: int, row: Row) -> Row:
        ids = tuple(qid if i == row.gold else f"Q77{i}{n % 50}" for i, qid in enumerate(row.option_ids))
        return replace(row, option_ids=ids)

    found, _ = audit({lang: [shown(n, row) for n, row in enumerate(world.rows[lang])]})
    assert [e.item_id for e in found.counts[4][lang].examples] == ["most_frequent"]
    assert found.scores[lang]["most_frequent"] == 1.0


def test_less_than_600_items_say_nothing_about_frequency(world: World):
    found, _ = audit({"de": list(world.rows["de"][:599])})
    assert 4 not in found.counts
    assert "600" in found.missing[4]


def test_answer_concentration_is_by_relation(world: World):
    capitals = [row for row in world.rows["fr"] if row.relation == "P36"]
    others = [row for row in world.rows["fr"] if row.relation != "P36"]
    # Half of the relation's items get one answer: above 40 %.
    same = [
        replace(row, object_id="Q90", option_ids=("Q90", *row.option_ids[1:]), gold=0) if i % 2 else row
        for i, row in enumerate(capitals)
    ]
    found, _ = audit({"fr": others + same})
    assert [(e.item_id, e.detail.split(" (")[0]) for e in found.counts[5]["fr"].examples] == [
        ("P36", f"gold of {len(capitals) // 2} of {len(capitals)} items")
    ]


def test_a_language_with_more_defects_than_the_others_is_named(world: World):
    rows = take(world, "en", "sw", "bn")
    rows["sw"] = [replace(row, question="") if i % 10 == 0 else row for i, row in enumerate(rows["sw"])]
    found, _ = audit(rows)
    assert {lang: count.found for lang, count in found.counts[27].items()} == {"en": 0, "sw": 1, "bn": 0}


def test_latin_names_are_reported_where_a_relation_is_full_of_them(world: World):
    english = world.by_id["en"]
    rows = [
        replace(row, options=english[row.item_id].options) if row.relation == "P36" else row for row in world.rows["ru"]
    ]
    found, _ = audit({"ru": rows})
    n = sum(row.relation == "P36" for row in rows)
    assert found.counts[39]["ru"].found == found.counts[39]["ru"].checked == n
    assert found.counts[22]["ru"].found == 0


FACT_CLASSES = (6, 7, 26, 28, 29, 37)


def test_a_source_that_agrees_finds_nothing(world: World, truth_of_world: SmallSource):
    found, _ = audit(take(world, "en", "sw", "zh"), truth_of_world)
    for number in FACT_CLASSES:
        assert found.counts[number]["*"].checked > 0, number
        assert found.counts[number]["*"].found == 0, (number, found.counts[number]["*"].examples)
    for number in (16, 17):
        assert {lang: c.found for lang, c in found.counts[number].items()} == {"en": 0, "sw": 0, "zh": 0}


def test_a_source_that_disagrees_is_heard(world: World, truth_of_world: SmallSource):
    rows = world.rows["en"]
    source = truth_of_world
    pick = {number: rows[place] for number, place in zip(FACT_CLASSES, range(3, 700, 110), strict=False)}
    wrong = next(qid for qid in pick[37].option_ids if qid != pick[37].object_id)
    a, b = pick[28].option_ids[:2]
    s = pick[7]
    source.facts.append(Statement(subject_qid=s.subject_id, relation_pid=s.relation, object_qid="Q7007"))
    s = pick[37]  # true once, and so no distractor
    source.facts.append(Statement(subject_qid=s.subject_id, relation_pid=s.relation, object_qid=wrong, end=1990))
    s = pick[26]  # the other way round
    source.facts = [f for f in source.facts if (f.subject_qid, f.relation_pid) != (s.subject_id, s.relation)]
    source.facts.append(Statement(subject_qid=s.object_id, relation_pid=s.relation, object_qid=s.subject_id))
    source.wholes = {a: frozenset({b})}
    odd = next(qid for qid in pick[6].option_ids if qid != pick[6].object_id)
    source.items[odd] = replace(source.items[odd], types=("Q4830453",))
    found, findings = audit({"en": list(rows)}, source)
    at = {number: {f.item_id for f in findings if f.number == number} for number in FACT_CLASSES}
    assert at[7] == {pick[7].item_id}
    assert at[37] == {pick[37].item_id}
    assert at[26] == {pick[26].item_id}
    assert "other way round" in next(f.detail for f in findings if f.number == 26)
    assert at[28] == {row.item_id for row in rows if {a, b} <= set(row.option_ids)}
    assert at[6] == {row.item_id for row in rows if odd in row.option_ids}
    assert found.counts[29]["*"].found == 0  # one subject in many with two values: still 0.95 and more


def test_share_of_single_valued_subjects_is_counted_over_the_source(world: World, truth_of_world: SmallSource):
    assert {row.headline for row in world.rows["en"] if row.relation == "P36"} == {True}
    facts = [fact for fact in truth_of_world.facts if fact.relation_pid == "P36"]
    # One subject in ten has a second capital: share 0.9 and less.
    truth_of_world.facts += [replace(fact, object_qid="Q7007") for fact in facts[::10]]
    _, findings = audit({"en": list(world.rows["en"])}, truth_of_world)
    assert [f.item_id for f in findings if f.number == 29] == ["P36"]
    expected = 1 - len(facts[::10]) / len(facts)
    assert next(f.shown for f in findings if f.number == 29) == f"{expected:.3f}"
    # A set that keeps the relation out of its mean has said so itself.
    aside = [replace(row, headline=False) if row.relation == "P36" else row for row in world.rows["en"]]
    _, findings = audit({"en": aside}, truth_of_world)
    assert [f.item_id for f in findings if f.number == 29] == []


def test_names_are_held_against_the_source(world: World, truth_of_world: SmallSource):
    rows = take(world, "sw")
    counts = Counter(row.subject_id for row in rows["sw"])
    one = next(
        row
        for row in rows["sw"]
        if counts[row.subject_id] == 1 and row.subject_id not in {q for r in rows["sw"] for q in r.option_ids}
    )
    source = truth_of_world
    source.items[one.subject_id] = replace(source.items[one.subject_id], labels={"sw": "Jina lingine"})
    other = next(
        row
        for row in rows["sw"]
        if counts[row.subject_id] == 1
        and row not in (one,)
        and row.subject_id not in {q for r in rows["sw"] for q in r.option_ids}
    )
    source.items[other.subject_id] = replace(source.items[other.subject_id], labels={"en": other.subject})
    _, findings = audit(rows, source)
    assert [(f.number, f.item_id) for f in findings if f.number in (16, 17)] == [(16, one.item_id), (17, other.item_id)]


def test_json_report_is_complete(embedded_set: Path):
    from xleval.polyfact.lint.report import as_json, render

    report = lint(embedded_set, languages=("en", "sw"), limits={number: 0.0 for number in CLASSES})
    value = json.loads(json.dumps(as_json(report)))
    assert [row["class"] for row in value["classes"]] == sorted(CLASSES)
    assert all(row["languages"] or row["not_checked"] for row in value["classes"])
    assert list(value["baselines"]) == ["en", "sw"]
    text = render(report, width=120)
    assert "9 wrong entity: not checked: needs a judge" in text
    assert "0 gold in question" not in text
