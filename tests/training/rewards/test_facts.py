"""PolyFact's verdicts and its group reward, by hand; shapes as in cl-consistency/train_wikifact_grpo.py, 3ca0eea."""

import pytest

from xleval.errors import ConfigError, DataError
from xleval.rewards import pooled_fact_reward
from xleval.training.config.schema import PoolingConfig
from xleval.training.rewards.attempts import Attempt
from xleval.training.rewards.facts import Verdict, fact_verdict
from xleval.training.rewards.pooled import bonus, pooled_rewards

CITIES = ("New York", "York", "Paris", "São Paulo")
R, W, U, E = "right", "wrong", "unparsed", "empty"


def verdict(text: str, *, gold: int = 2, lang: str = "en", choices: tuple[str, ...] = CITIES) -> Verdict:
    return fact_verdict(Attempt(completion=text, lang=lang, asked_lang=lang, choices=choices, gold_index=gold))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Paris", R),
        (" paris.\nBecause it is.", R),
        ("Answer: Paris", R),
        ("Answer:\nParis", R),
        ("“Paris”", R),
        ("It is Paris, of course", R),  # contains one option
        ("Par", R),  # is contained in one
        ("New York", W),  # equal comes before contained: York is in it, too
        ("ork", U),  # in two
        ("Paris or York", U),
        ("C", U),  # a letter says nothing of the fact, the options were shown
        ("p", U),  # one character is in Paris and in São Paulo; alone it would be in one only
        ("London", U),
        ("C) London", U),
        ("...", U),
        ("", E),
        ("  \n ", E),
        ("Answer:", E),
        ("\nParis", R),
        ("<think>York?</think>Paris", R),
    ],
)
def test_verdicts(text: str, expected: str) -> None:
    assert verdict(text) == expected


def test_labels_are_those_of_the_language() -> None:
    cities = ("巴黎", "伦敦", "约克", "奥斯陆")
    assert [verdict(text, gold=0, lang="zh", choices=cities) for text in ("答案：巴黎", "答案:", "巴", "巴黎市")] == [
        R,
        E,
        U,
        R,
    ]
    assert verdict("উত্তর: প্যারিস", gold=0, lang="bn", choices=("প্যারিস", "লন্ডন", "রোম", "অসলো")) == R


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("USA", R),
        ("the United States of America", R),  # contains the label and an alias of one option
        ("United", R),
        ("France", W),
        ("USA or France", U),
    ],
)
def test_another_name_of_the_right_option_is_right(text: str, expected: str) -> None:
    """As training sets have them where options are hidden: aliases after the options, with the answer's id."""
    attempt = Attempt(
        completion=text,
        lang="en",
        asked_lang="en",
        choices=("France", "United States", "Peru", "Japan", "USA", "United States of America"),
        choice_ids=("Q142", "Q30", "Q419", "Q17", "Q30", "Q30"),
        gold_index=1,
    )
    assert fact_verdict(attempt) == expected


def test_a_name_of_one_character_is_only_told_alone() -> None:
    """Programming languages: "R" stands in Fortran, too."""
    languages = ("R", "C++", "Pascal", "Ada")
    found = [verdict(text, gold=0, choices=languages) for text in ("R", "Fortran", "Pascal, I guess")]
    assert found == [R, U, W]


def test_twelve_languages_and_eight_roll_outs() -> None:
    """Roll-out g has g wrong answers of 12, then one that is silent and one that talks: R = 12 - g, 13 with the bonus."""
    fact = [
        [W if lang < g else R for g in range(6)] + [E if lang < 2 else R, U if lang < 2 else R] for lang in range(12)
    ]
    expected = [13.0, 11.0, 10.0, 9.0, 8.0, 7.0, 10 - 2.0, 10 - 1.0]
    assert pooled_rewards([fact], PoolingConfig()) == [[expected] * 12]  # type: ignore[list-item]


def test_silence_is_no_way_out() -> None:
    """With the published penalty of 0, an empty answer beats one that names no option and equals a wrong one."""
    answers: list[Verdict] = [R, W, U, E]
    own = PoolingConfig(mode="per-language")
    assert pooled_rewards([[answers]], own) == [[[1.0, 0.0, -0.5, -1.0]]]
    assert pooled_rewards([[answers]], PoolingConfig(mode="per-language", empty_penalty=0.0)) == [
        [[1.0, 0.0, -0.5, 0.0]]
    ]


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ("all-correct", {12: 1.0, 11: 0.0, 0: 0.0}),
        ("power", {12: 1.0, 6: 1 / 16, 3: 1 / 256, 0: 0.0}),
        ("ladder", {12: 5.0, 11: 3.0, 10: 2.0, 9: 1.0, 8: 0.0, 0: 0.0}),
    ],
)
def test_shapes_of_the_bonus(shape: str, expected: dict[int, float]) -> None:
    pooling = PoolingConfig(shape=shape)  # type: ignore[arg-type]
    assert {right: bonus(right, 12, pooling) for right in expected} == expected
    twice = {right: bonus(right, 12, PoolingConfig(shape=shape, bonus=2.0)) for right in expected}  # type: ignore[arg-type]
    factor = 1 if shape == "ladder" else 2  # its values are absolute, as published
    assert twice == {right: factor * value for right, value in expected.items()}


def test_a_ladder_needs_its_rungs() -> None:
    with pytest.raises(ConfigError, match="ladder with 3 languages"):
        bonus(0, 3, PoolingConfig(shape="ladder"))
    with pytest.raises(DataError, match=r"have \[1, 2\] roll-outs"):
        pooled_rewards([[[R], [R, R]]], PoolingConfig())  # type: ignore[list-item]


def batch(*answers: tuple[str, str, str], **more: list[object]) -> dict[str, object]:
    """Return the arguments of a reward for rows of fact, language and answer; Paris is right."""
    return {
        "prompts": ["?"] * len(answers),
        "completions": [text for _, _, text in answers],
        "item_id": [item for item, _, _ in answers],
        "lang": [lang for _, lang, _ in answers],
        "choices": [list(CITIES)] * len(answers),
        "gold_index": [2] * len(answers),
        **more,
    }


def test_a_flat_batch_is_pooled_by_fact_and_roll_out() -> None:
    """Rows as TRL has them: fact, language, roll-out. Fact a: 2 right + 1; 1 + 0. Fact b: 1 - 1; -0.5 - 0.5."""
    logged: dict[str, list[float]] = {}
    rewards = pooled_fact_reward(["en", "de"])(
        **batch(
            ("a", "en", "Paris"), ("a", "en", "Paris"), ("a", "de", "Paris"), ("a", "de", "York"),
            ("b", "en", "Paris"), ("b", "en", "Oslo"), ("b", "de", ""), ("b", "de", "Rome"),
        ),
        log_metric=lambda name, value: logged.setdefault(name, []).append(value),
    )  # type: ignore[arg-type]  # fmt: skip
    assert rewards == [3.0, 1.0, 3.0, 1.0, 0.0, -1.0, 0.0, -1.0]
    assert logged["facts/all_right"] == [1.0, 0.0, 0.0, 0.0]
    assert [sum(logged[f"facts/{each}"]) for each in (R, W, U, E)] == [4, 1, 2, 1]
    assert logged["rewards/facts_reward/en"] == [3.0, 1.0, 0.0, -1.0]


def test_copies_in_english_stand_in_for_languages() -> None:
    from xleval.training.rewards.group import FactGroups

    groups = FactGroups(name="facts", pooling=PoolingConfig(), members=(("en", 0), ("en", 1)))
    attempts = [
        Attempt(
            completion=text,
            lang="en",
            asked_lang="en",
            item_id="a",
            copy=copy,
            place=place,
            choices=CITIES,
            gold_index=2,
        )
        for place, (copy, text) in enumerate([(0, "Paris"), (1, "Paris"), (0, "York"), (1, "Paris")])
    ]
    assert groups(attempts) == [3.0, 3.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("a", "en", "Paris")], "fact a lacks de"),
        (
            [("a", "en", "Paris"), ("a", "de", "Paris"), ("a", "de", "Paris")],
            r"fact a has uneven roll-outs .*de 2, en 1",
        ),
        ([("a", "en", "Paris"), ("a", "de", "Paris"), ("a", "sw", "Paris")], "fact a has sw too"),
        ([("a", "en", "Paris"), ("a", "de", "Paris"), ("b", "de", "Paris")], "fact b lacks en"),
        ([("", "en", "Paris"), ("a", "de", "Paris")], "place 0 of the batch in en has no item_id"),
    ],
)
def test_a_fact_that_is_not_whole_is_refused(rows: list[tuple[str, str, str]], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        pooled_fact_reward(["en", "de"])(**batch(*rows))  # type: ignore[arg-type]


def test_its_own_verdict_needs_no_other_language() -> None:
    own = pooled_fact_reward(["en", "de"], PoolingConfig(mode="per-language"))
    assert own(**batch(("a", "en", "Paris"), ("b", "de", ""))) == [1.0, -1.0]  # type: ignore[arg-type]
