"""The three regimes of parallel training (D7), by hand."""

from collections import Counter

import pytest

from xleval.errors import ConfigError
from xleval.training.sets.regimes import Place, place_items

IDS = [f"q{number}" for number in range(12)]


def _at(*rows: tuple[str, str, int]) -> list[Place]:
    return [Place(item_id=item_id, lang=lang, copy=copy) for item_id, lang, copy in rows]


def test_grow_has_every_item_in_every_language_side_by_side() -> None:
    assert place_items(["q1", "q2"], ("en", "ko", "sw"), "grow", seed=1) == _at(
        ("q1", "en", 0), ("q1", "ko", 0), ("q1", "sw", 0), ("q2", "en", 0), ("q2", "ko", 0), ("q2", "sw", 0)
    )


def test_english_repeat_has_as_many_rows_as_grow_all_in_english() -> None:
    assert place_items(["q1", "q2"], ("en", "ko"), "english-repeat", seed=1) == _at(
        ("q1", "en", 0), ("q1", "en", 1), ("q2", "en", 0), ("q2", "en", 1)
    )


@pytest.mark.parametrize("langs", [("en",), ("en", "ko"), ("en", "ko", "sw"), ("en", "ko", "sw", "de", "zh")])
def test_fixed_has_the_same_items_and_rows_for_every_number_of_languages(langs: tuple[str, ...]) -> None:
    places = place_items(IDS, langs, "fixed", seed=3)
    assert [place.item_id for place in places] == IDS
    counts = Counter(place.lang for place in places)
    # 12 items: 12; 6 and 6; 4 each; 3, 3, 2, 2, 2.
    assert max(counts.values()) - min(counts.values()) <= 1
    assert set(counts) == set(langs)


def test_which_language_an_item_gets_does_not_depend_on_the_order_of_the_rows() -> None:
    there = {(place.item_id, place.lang) for place in place_items(IDS, ("en", "ko"), "fixed", seed=3)}
    back = {(place.item_id, place.lang) for place in place_items(IDS[::-1], ("en", "ko"), "fixed", seed=3)}
    assert there == back
    assert there != {(place.item_id, place.lang) for place in place_items(IDS, ("en", "ko"), "fixed", seed=4)}


def test_english_repeat_needs_english() -> None:
    with pytest.raises(ConfigError, match=r"english-repeat and data.langs is ko, sw"):
        place_items(IDS, ("ko", "sw"), "english-repeat", seed=1)
