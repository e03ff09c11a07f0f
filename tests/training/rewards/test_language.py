"""The language reward: forms by hand, and ways to cheat it, called as GRPO calls it."""

import json
from pathlib import Path

import pytest

from xleval.errors import ConfigError
from xleval.rewards import language_consistency_reward
from xleval.training.rewards.attempts import Attempt
from xleval.training.rewards.disguises import hidden_english, undisguised
from xleval.training.rewards.language import language
from xleval.training.rewards.options import LanguageOptions

HERE = Path(__file__).resolve().parent
EVASIONS = [
    json.loads(line)
    for file in (HERE.parents[1] / "evasions.jsonl", HERE / "evasions.jsonl")
    for line in file.read_text("utf-8").splitlines()
]
KOREAN = (
    "먼저 문제를 천천히 읽고 주어진 수를 정리해 봅시다. 빵집 주인은 아침에 빵을 많이 구웠고 시장에서 절반을 팔았습니다. "
    "그래서 남은 빵의 수를 구하면 됩니다."
)  # 23 words
ENGLISH = "First we look at what the baker had in the morning and then we count all that she sold."  # 19 words


def reward(
    text: str, lang: str = "ko", *, prompt: str = "", gold: str | None = None, **options: object
) -> float | None:
    reference = options.pop("reference_words", None)
    attempt = Attempt(
        completion=text,
        lang=lang,
        asked_lang=lang,
        prompt=prompt,
        gold=gold,
        reference_words=reference,  # type: ignore[arg-type]
    )
    return language(attempt, LanguageOptions(**options))  # type: ignore[arg-type]


def test_the_ratio_is_words_of_the_language_by_all_words() -> None:
    """23 Korean and 19 English words; with each spelling once it would be 22 of 39, which is not lower."""
    assert reward(KOREAN) == 1.0
    assert reward(ENGLISH) == 0.0
    assert reward(f"{KOREAN} {ENGLISH}") == 23 / 42


def test_threshold_and_bonus() -> None:
    half = f"{KOREAN} {ENGLISH} 답은 45입니다."
    ratio = reward(half)
    assert reward(half, form="threshold", threshold=0.4) == 1.0
    assert reward(half, form="threshold", threshold=0.9) == 0.0
    assert reward(half, form="bonus", gold="45") == ratio
    assert reward(half, form="bonus", gold="44") == 0.0
    assert reward(half, form="bonus") is None
    with pytest.raises(ConfigError, match=r"threshold is 1\.5"):
        LanguageOptions(threshold=1.5)


def test_parts() -> None:
    thoughts, answer = f"<think>{KOREAN}</think> {ENGLISH}", f"<think>{ENGLISH}</think> {KOREAN}"
    for text, reasoning_alone in ((thoughts, 1.0), (answer, 0.0)):
        assert reward(text, part="all") == 23 / 42
        assert reward(text) == min(23 / 42, reasoning_alone)  # what stands beside the thoughts cannot make up for them
    assert (reward(thoughts, part="answer"), reward(answer, part="answer")) == (0.0, 1.0)


def test_a_short_answer_is_believed_where_the_reference_is_short() -> None:
    """Six words; 20 are needed, or half of the reference solution."""
    short = "빵집 주인은 아침에 빵을 많이 구웠습니다."
    assert (reward(short), reward(short, reference_words=12), reward(short, reference_words=60)) == (0.0, 1.0, 0.0)


def test_thoughts_that_the_chat_template_opened() -> None:
    """DeepSeek's templates end in `<think>`; cut within its thoughts, all of a completion is thoughts."""
    assert reward(KOREAN, prompt="문제\n<think>\n", part="answer") == 0.0
    assert reward(KOREAN, prompt="문제\n<think>\n") == 1.0


@pytest.mark.parametrize("row", EVASIONS, ids=lambda row: str(row["name"]))
@pytest.mark.parametrize("reference_words", [None, 60])
def test_an_evasion_earns_nothing(row: dict[str, str], reference_words: int | None) -> None:
    """As TRL calls it: conversations, the columns of `PromptRow`. All 162 of both files, at the bar of D5."""
    (earned,) = language_consistency_reward(
        [[{"role": "user", "content": row["prompt"]}]],
        [[{"role": "assistant", "content": row["text"]}]],
        lang=[row["target"]],
        reference_words=[reference_words],
    )
    assert earned is not None
    assert earned < 0.2


def test_there_are_enough_evasions_of_different_names() -> None:
    names = [row["name"] for row in EVASIONS]
    assert len(set(names)) == len(names) >= 150


def test_reasoning_that_a_trainer_parsed_out_is_looked_at() -> None:
    """TRL hands over `reasoning_content` (or `thinking`) apart where a tokenizer has a response schema."""
    for key in ("reasoning_content", "thinking"):
        message = {"role": "assistant", "content": KOREAN, key: ENGLISH}
        assert language_consistency_reward(["?"], [[message]], lang=["ko"]) == [0.0]


def test_the_json_of_a_conversation_is_a_completion_like_any_other() -> None:
    """Read as a conversation, keys other than `content` would be hidden."""
    text = json.dumps(
        [{"role": "assistant", "content": KOREAN, "plan": f"{ENGLISH} {ENGLISH} {ENGLISH}"}], ensure_ascii=False
    )
    (earned,) = language_consistency_reward(["?"], [text], lang=["ko"])
    assert earned is not None
    assert earned < 0.5


@pytest.mark.parametrize(
    "honest",
    [
        "삼각형 ABC에서 AB와 CD의 길이를 각각 x와 y라고 하면 sin의 값은 $\\frac{x}{y}$이고 iPhone은 H2O와 x1, 3km를 씁니다.",
        "```python\ntotal = price * count\nfor item in basket:\n    total += item.price\nprint(total)\n```",
        "我们用apple计算AB和CD的a的b倍。| --- | --- |\n10... 20 - 5 - 3",
        "Die Lösung steht in Abschnitt 3a, Zeile B12; https://example.org/a1b2c3d4e5f60718293a4b5c6d7e8f901a2b3c4d5e6f7a8b",
    ],
)
def test_honest_text_stays_as_it_is(honest: str) -> None:
    assert undisguised(honest) == honest
    assert hidden_english(honest) == 0


@pytest.mark.parametrize("code", ["kor_Hang ko", "zho_Hans zh", "tha_Thai th", "arb_Arab ar", "deu_Latn de"])
def test_nothing_is_undone_in_real_text(shared_data: Path, code: str) -> None:
    """FLORES-200 devtest, 100 passages of four sentences in each of five languages."""
    name, lang = code.split()
    lines = (shared_data / f"flores200_devtest/devtest/{name}.devtest").read_text("utf-8").splitlines()
    passages = [" ".join(lines[start : start + 4]) for start in range(0, 400, 4)]
    assert [text for text in passages if undisguised(text) != text or hidden_english(text)] == []
    earned = [reward(text, lang) or 0.0 for text in passages]
    assert sum(earned) / len(earned) > 0.98
