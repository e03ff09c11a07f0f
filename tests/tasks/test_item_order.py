"""The order of items: the first ones are of every kind, and the same ones in every language."""

from collections import Counter
from pathlib import Path

import pytest

from xleval.evalkit.task import TaskItem, load_task
from xleval.tasks import TASKS
from xleval.tasks.item_order import in_turn, mixed


def item(item_id: str, kind: str = "") -> TaskItem:
    return TaskItem(item_id=item_id, question="?", gold="", groups={"kind": kind} if kind else {})


def ids(items: list[TaskItem]) -> str:
    return "".join(each.item_id for each in items)


def test_kinds_take_turns() -> None:
    """By hand: a, d, f are the first of x, y, z; b and e the second ones of x and y; c the third of x."""
    found = {"en": [item("a", "x"), item("b", "x"), item("c", "x"), item("d", "y"), item("e", "y"), item("f", "z")]}
    assert ids(in_turn(found, "kind")["en"]) == "adfbec"


def test_a_language_that_lacks_items_keeps_the_order_of_the_others() -> None:
    """Counted alone, the second language would put c before d: c would be the first of x there."""
    found = {
        "en": [item("a", "x"), item("b", "x"), item("c", "x"), item("d", "y"), item("e", "y")],
        "sw": [item("c", "x"), item("d", "y"), item("e", "y")],
    }
    assert {lang: ids(items) for lang, items in in_turn(found, "kind").items()} == {"en": "adbec", "sw": "dec"}


def test_without_kinds_the_order_of_the_file_stays_or_is_mixed_in_the_same_way() -> None:
    items = [item(letter) for letter in "abcdef"]
    assert ids(in_turn({"en": items}, "kind")["en"]) == "abcdef"
    found = mixed({"en": items, "sw": items[::-1]})
    assert ids(found["en"]) == ids(found["sw"]) != "abcdef"
    assert sorted(ids(found["en"])) == list("abcdef")


@pytest.mark.parametrize(("name", "kinds"), [("klar", 20), ("klar_templates", 100)])
def test_a_limit_takes_every_relation_and_template_of_klar(shared_data: Path, name: str, kinds: int) -> None:
    """20 relations with five templates each, as counted in the files, 2026-11-21."""
    loaded = load_task(TASKS[name], shared_data / "klar", ("ar", "zh"), kinds, shots=0)
    for lang in ("ar", "zh"):
        counts = Counter((each.groups["relation"], each.groups["template_id"]) for each in loaded.items[lang])
        assert (len(counts), set(counts.values())) == (kinds, {1})
    assert [each.item_id for each in loaded.items["ar"]] == [each.item_id for each in loaded.items["zh"]]
