"""Rules of a whole set: absent items, sides of the splits, names of two kinds."""

from dataclasses import replace

from tests.polyfact.lint.planting import World
from tests.polyfact.lint.test_audit import InMemory, audit, take
from xleval.polyfact.lint.audit import Audit
from xleval.polyfact.lint.records import Row


def test_items_that_a_language_lacks_are_counted(world: World):
    rows = take(world, "en", "bn")
    rows["bn"] = rows["bn"][7:]
    found, _ = audit(rows)
    assert (found.counts[38]["bn"].found, found.counts[38]["en"].found) == (7, 0)


def test_items_that_the_set_says_are_not_asked_there_are_not_missing(world: World):
    rows = take(world, "en", "bn", "sw")
    stated = {lang: [replace(row, n_langs=3) for row in rows[lang]] for lang in rows}
    for row in rows["bn"][:7]:  # asked in two languages, and the set says so
        for lang in ("en", "sw"):
            place = next(i for i, other in enumerate(stated[lang]) if other.item_id == row.item_id)
            stated[lang][place] = replace(stated[lang][place], n_langs=2)
    stated["bn"] = stated["bn"][9:]  # two more are gone
    found, _ = audit(stated)
    assert {lang: count.found for lang, count in found.counts[38].items()} == {"en": 0, "bn": 2, "sw": 0}


def test_what_may_be_in_a_language_that_was_not_read_is_not_missing(world: World):
    rows = {lang: [replace(row, n_langs=2) for row in found] for lang, found in take(world, "en", "bn").items()}
    rows["bn"] = rows["bn"][5:]
    target = InMemory(rows)
    target.n_left_out = 1
    found = Audit(target, 3, lambda _: None)
    found.run(None, lambda *_: None)
    assert found.counts[38]["bn"].found == 0
    target.n_left_out = 0
    found = Audit(target, 3, lambda _: None)
    found.run(None, lambda *_: None)
    assert found.counts[38]["bn"].found == 5


def test_tests_may_share_subjects_and_pairs_with_each_other_only(world: World):
    row = world.rows["en"][0]
    subject, answer = row.subject_id, row.object_id

    def fact(number: int, split: str, **fields: str) -> Row:
        return replace(row, item_id=f"i{number}", question=f"{row.question} {number}", split=split, **fields)

    def defective(*rows: Row) -> set[str]:
        _, findings = audit({"en": list(rows)})
        return {f.item_id for f in findings if f.number == 25}

    other = fact(1, "train", subject_id="Q900", object_id="Q901", relation="P1")
    first = fact(2, "test", relation="P36")
    same_subject = {"relation": "P30", "object_id": "Q902"}
    inverse = {"relation": "P1376", "subject_id": answer, "object_id": subject}
    assert defective(other, first, fact(3, "test_unseen_relation", **same_subject)) == set()
    assert defective(other, first, fact(3, "test_unseen_object", **inverse)) == set()
    for side in ("train", "validation"):
        assert defective(other, first, fact(3, side, **same_subject)) == {"i2", "i3"}
        assert defective(other, first, fact(3, side, **inverse)) == {"i2", "i3"}
    assert defective(other, fact(2, "train"), fact(3, "validation", **same_subject)) == {"i2", "i3"}


def test_one_name_of_two_kinds_is_no_defect_where_the_set_tells_kinds_apart(world: World):
    """Канада is a country and was a province: the questions say which (items of Wikidata, Q16 and Q1121436)."""
    row = world.rows["ru"][0]
    province = replace(row, item_id="b", subject_id="Q1121436", object_id="Q340", question=row.question + " (2)")
    for kinds, expected in ((("country", "historical_state"), 0), (("country", "country"), 2), (("", ""), 2)):
        rows = [replace(one, kind=kind, option_ids=()) for one, kind in zip((row, province), kinds, strict=True)]
        found, _ = audit({"ru": rows})
        assert found.counts[3]["ru"].found == expected, kinds
