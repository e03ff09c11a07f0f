"""Token limits per language, worked by hand with a tokenizer whose counts can be seen."""

import pytest

from xleval.errors import ConfigError
from xleval.evalkit.length_budget import LENGTH_BUDGETS, check_budget, scaled_limits

ENGLISH = ["ab cd", "ef"]  # 4 + 1 + 2 = 7 characters


def words(texts):
    """One token a word: 3 in ENGLISH."""
    return [len(text.split()) for text in texts]


def utf8(texts):
    """One token a byte: 7 in ENGLISH."""
    return [len(text.encode()) for text in texts]


def refuse(texts):
    raise AssertionError("nothing is to be counted")


def test_tokens_are_the_same_everywhere_and_nothing_is_counted():
    assert scaled_limits(100, "tokens", {"sw": [], "zh": ["中"]}, [], refuse) == {"sw": 100, "zh": 100}
    assert scaled_limits(100, "tokens", {}, [], refuse) == {}


def test_fertility_is_tokens_over_tokens_of_the_same_texts():
    texts = {"en": ENGLISH, "sw": ["a b c", "d e"], "zh": ["中", "文"], "bn": ["a", "b c d e f g h"]}
    # words: en 3, sw 5, zh 2, bn 8; 100 * 5/3 = 166.67 and 100 * 8/3 = 266.67, rounded up; zh needs fewer and keeps 100
    assert scaled_limits(100, "fertility", texts, ENGLISH, words) == {"en": 100, "sw": 167, "zh": 100, "bn": 267}
    # bytes: en 7, zh 6, ru 10 (5 letters): 100 * 10/7 = 142.86
    assert scaled_limits(100, "fertility", {"ru": ["абв", "гд"], "zh": ["中", "文"]}, ENGLISH, utf8) == {
        "ru": 143,
        "zh": 100,
    }


def test_chars_is_tokens_per_character_over_the_english_ones():
    # bytes per character: en 7/7 = 1, ru 2, zh 3; other texts and another number of them do not matter
    texts = {"en": ENGLISH, "ru": ["абв"], "zh": ["中文", "字", "体"]}
    assert scaled_limits(64, "chars", texts, ENGLISH, utf8) == {"en": 64, "ru": 128, "zh": 192}
    # words: en 3 in 7 characters, sw 3 in 5: 100 * (3/5) / (3/7) = 140, xx 1 in 10: 100 * (1/10) / (3/7) = 23.3
    assert scaled_limits(100, "chars", {"sw": ["a b c"], "ms": ["a" * 10]}, ENGLISH, words) == {"sw": 140, "ms": 100}


def test_a_ratio_that_has_no_exact_float_is_not_rounded_up_one_too_many():
    # 11 tokens to 10: 100 * 11/10 is 110, although 100 * 1.1 is 110.00000000000001 as a float
    assert scaled_limits(100, "fertility", {"de": ["a " * 11]}, ["a " * 10], words) == {"de": 110}
    assert 100 * 1.1 > 110


def test_limits_never_fall_below_the_one_given():
    texts = {"zh": ["中文汉字"]}  # one word in four characters, against four in seven
    for budget in LENGTH_BUDGETS:
        assert scaled_limits(1, budget, texts, ["a b c d"], words) == {"zh": 1}


@pytest.mark.parametrize("budget", ["chars", "fertility"])
def test_texts_are_needed(budget):
    with pytest.raises(ConfigError, match=rf"--length-budget {budget}: no text in sw .*--length-budget tokens"):
        scaled_limits(100, budget, {"en": ENGLISH, "sw": []}, ENGLISH, words)
    with pytest.raises(ConfigError, match="no text in sw"):
        scaled_limits(100, budget, {"sw": ["", ""]}, ENGLISH, lambda texts: [1 for _ in texts])
    with pytest.raises(ConfigError, match="no text in sw"):
        scaled_limits(100, budget, {"sw": [" ", " "]}, ENGLISH, words)  # no token
    with pytest.raises(ConfigError, match="no text in English"):
        scaled_limits(100, budget, {"sw": ["a", "b"]}, [], words)


def test_fertility_needs_the_same_texts():
    with pytest.raises(ConfigError, match=r"fertility: 3 texts in sw, 2 in English; .*--length-budget chars"):
        scaled_limits(100, "fertility", {"sw": ["a", "b", "c"]}, ENGLISH, words)


def test_names():
    for budget in LENGTH_BUDGETS:
        check_budget(budget)
    for name, meant in (("characters", "chars"), ("Token", "tokens"), ("fertilty", "fertility")):
        with pytest.raises(ConfigError, match=f"unknown length budget '{name}'. Did you mean {meant}"):
            check_budget(name)
    with pytest.raises(ConfigError, match="unknown length budget 'words'"):
        scaled_limits(100, "words", {}, [], refuse)
