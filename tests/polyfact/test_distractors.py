import itertools
import math
from collections import Counter

import numpy as np
import pytest

from xleval.polyfact.distractors import OptionPool, option_odds

SKEWED = {"a": 9, "b": 8, "c": 5, "d": 5, "e": 4, "f": 3, "g": 3, "h": 3}


def inclusion(odds: dict[str, float]) -> dict[str, float]:
    """Enumerates all sets of four: the share of the total weight of those that hold an answer."""
    weight = {subset: math.prod(odds[answer] for answer in subset) for subset in itertools.combinations(odds, 4)}
    total = sum(weight.values())
    return {answer: sum(w for subset, w in weight.items() if answer in subset) / total for answer in odds}


def test_each_answer_is_an_option_four_times_as_often_as_it_is_gold() -> None:
    found = inclusion(option_odds(SKEWED))
    n = sum(SKEWED.values())
    assert found == pytest.approx({answer: 4 * count / n for answer, count in SKEWED.items()}, rel=1e-8)


def test_a_set_of_options_says_nothing_about_its_gold() -> None:
    # P(set, gold g) = f_g · P(triple | g), P(triple | g) = product of its odds / e_3(others). For every set this must
    # be the same for each of its members: that is what exchangeable means.
    odds = option_odds(SKEWED)
    n = sum(SKEWED.values())
    for subset in itertools.combinations(SKEWED, 4):
        joint = []
        for gold in subset:
            others = [answer for answer in SKEWED if answer != gold]
            triples = sum(math.prod(odds[a] for a in triple) for triple in itertools.combinations(others, 3))
            joint.append(SKEWED[gold] / n * math.prod(odds[a] for a in subset if a != gold) / triples)
        assert joint == pytest.approx([joint[0]] * 4, rel=1e-7)


def test_equal_counts_give_equal_odds() -> None:
    assert list(option_odds(dict.fromkeys("abcdefg", 1)).values()) == pytest.approx([1.0] * 7)


def test_four_answers_are_always_all_shown() -> None:
    pool = OptionPool({"a": 1, "b": 1, "c": 1, "d": 1})
    drawn = pool.draw("b", "seed")
    assert drawn is not None
    assert sorted(drawn) == ["a", "c", "d"]


def test_fewer_than_four_answers_are_refused() -> None:
    with pytest.raises(ValueError, match="3 answers"):
        option_odds({"a": 1, "b": 1, "c": 1})


def test_draws_follow_the_odds() -> None:
    # 300 items for each gold of SKEWED: 12,000 items, so the standard error of a share is below 0.005.
    pool = OptionPool(SKEWED)
    n = sum(SKEWED.values())
    drawn: Counter[str] = Counter()
    for gold, count in SKEWED.items():
        for turn in range(300 * count):
            options = pool.draw(gold, f"{gold}{turn}")
            assert options is not None
            assert gold not in options
            assert len(set(options)) == 3
            drawn.update(options)
    shares = {answer: drawn[answer] / (300 * n) for answer in SKEWED}
    assert shares == pytest.approx({answer: 3 * count / n for answer, count in SKEWED.items()}, abs=0.015)


def test_a_quarter_of_the_golds_can_be_one_answer() -> None:
    counts = {"a": 10, **{f"x{i}": 1 for i in range(30)}}
    odds = option_odds(counts)
    assert all(np.isfinite(value) and value > 0 for value in odds.values())
    assert OptionPool(counts).draw("x3", "s") is not None


def test_an_answer_that_is_gold_too_often_is_an_option_as_often_as_can_be() -> None:
    counts = {"a": 30, "b": 20, **{f"x{i}": 2 for i in range(10)}}  # a 43 %, b 29 % of the golds
    found = inclusion(option_odds(counts))
    assert found["a"] == pytest.approx(0.98, abs=1e-6)
    assert found["b"] == pytest.approx(0.98, abs=1e-6)
    assert found["x0"] == pytest.approx((4 - 2 * 0.98) / 10, abs=1e-6)


def test_no_draw_when_nothing_fits() -> None:
    assert OptionPool(SKEWED).draw("a", "s", fits=lambda options: False, attempts=50) is None


def test_an_answer_that_is_not_allowed_is_never_drawn_and_the_rest_keeps_its_odds() -> None:
    # Without b the three others are a conditional Poisson sample of what is left. By enumeration of the triples:
    odds = option_odds(SKEWED)
    rest = [answer for answer in SKEWED if answer not in ("a", "b")]
    weights = {triple: math.prod(odds[answer] for answer in triple) for triple in itertools.combinations(rest, 3)}
    total = sum(weights.values())
    wanted = {answer: sum(w for t, w in weights.items() if answer in t) / total for answer in rest}
    pool = OptionPool(SKEWED)
    drawn: Counter[str] = Counter()
    for turn in range(6000):
        options = pool.draw("a", str(turn), allowed=lambda answer: answer != "b")
        assert options is not None
        drawn.update(options)
    assert {answer: drawn[answer] / 6000 for answer in rest} == pytest.approx(wanted, abs=0.03)
    assert drawn["b"] == 0


def test_too_few_allowed_answers() -> None:
    assert OptionPool(SKEWED).draw("a", "s", allowed=lambda answer: answer in "bc") is None


def test_the_seed_decides() -> None:
    pool = OptionPool(SKEWED)
    first = [pool.draw("a", f"1|{i}") for i in range(20)]
    assert first == [pool.draw("a", f"1|{i}") for i in range(20)]
    assert first != [pool.draw("a", f"2|{i}") for i in range(20)]
