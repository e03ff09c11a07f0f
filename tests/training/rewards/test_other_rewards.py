"""Format, length and random rewards, by hand."""

import pytest

from xleval.errors import ConfigError
from xleval.training.rewards.attempts import Attempt
from xleval.training.rewards.controls import random_reward_of
from xleval.training.rewards.format import format_of
from xleval.training.rewards.length import length, off_target, overlong
from xleval.training.rewards.options import FormatForm, FormatOptions, LengthOptions, RandomOptions


def form_of(text: str, form: FormatForm, *, lang: str = "en", **more: object) -> float:
    return format_of(Attempt(completion=text, lang=lang, asked_lang=lang, **more), FormatOptions(form=form))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        ("The answer is 7.", "stated", 1),
        ("The answer is 8, wrong or not.", "auto", 1),
        ("So there are 7", "stated", 0),
        ("#### 7", "stated", 1),
        (r"\boxed{7}", "stated", 1),
        (r"\boxed{7}", "boxed", 1),
        (r"\boxed{}", "boxed", 0),
        ("The answer is 7.", "boxed", 0),
        ("<think>six plus one</think>7", "think", 1),
        ("<think></think>7", "think", 0),
        ("<think>six</think>", "think", 0),
        ("<think>a</think><think>b</think>7", "think", 0),
        ("7", "think", 0),
        ("<think>a</think><answer>7</answer>", "think-answer", 1),
        ("<think>a</think><answer></answer>", "think-answer", 0),
        ("<think>a</think>7", "think-answer", 0),
        ("<think>a</think><answer>7</answer> and more", "think-answer", 0),
    ],
)
def test_forms(text: str, form: FormatForm, expected: float) -> None:
    assert form_of(text, form) == expected
    assert form_of(text, form, truncated=True) == 0


def test_forms_of_other_languages_and_options() -> None:
    assert form_of("উত্তর হল ৭।", "stated", lang="bn") == 1
    options = {"choices": ("Paris", "Rome", "Oslo", "Bern"), "gold_index": 0}
    facts = {**options, "task": "polyfact"}
    assert [form_of(text, "auto", **facts) for text in ("Rome", "Paris", "A", "London", "")] == [1, 1, 0, 0, 0]
    assert [form_of(text, "auto", **options) for text in ("The answer is B.", "Rome", "no idea")] == [1, 1, 0]


def test_a_template_that_opens_the_thoughts() -> None:
    prompt = "Question\n<think>\n"
    assert form_of("six plus one</think>7", "think", prompt=prompt) == 1
    assert form_of("six plus one</think>7", "think", prompt="Question") == 0


def test_soft_overlong_punishment() -> None:
    """DAPO, eq. 13 with its lengths: 20,480 tokens and a buffer of 4,096."""
    assert [overlong(n, 20480, 4096) for n in (0, 16384, 18432, 20480, 30000)] == [0.0, 0.0, -0.5, -1.0, -1.0]
    attempt = Attempt(completion="", lang="en", asked_lang="en", n_tokens=95)
    assert length(attempt, LengthOptions(limit=100)) == -0.75  # buffer 20
    assert length(attempt, LengthOptions(limit=100, buffer=10)) == -0.5


def test_length_asked_for() -> None:
    assert [off_target(n, 1000, 0.0003) for n in (1000, 0, 2000)] == pytest.approx([0.0, -0.3, -0.3])
    attempt = Attempt(completion="", lang="en", asked_lang="en", n_tokens=90)
    assert length(attempt, LengthOptions(form="target", target=100, slope=0.01)) == pytest.approx(-0.1)
    for options, message in (
        ({"form": "target"}, "needs target"),
        ({"limit": 5, "buffer": 6}, "buffer is 6 and limit 5"),
    ):
        with pytest.raises(ConfigError, match=message):
            LengthOptions(**options)  # type: ignore[arg-type]


def draw(text: str = "x", *, form: str = "binary", seed: int = 1, **more: object) -> float:
    attempt = Attempt(completion=text, lang="ko", asked_lang="ko", item_id="q1", **more)  # type: ignore[arg-type]
    return random_reward_of(attempt, RandomOptions(form=form, seed=seed))  # type: ignore[arg-type]


def test_chance_knows_nothing_of_the_text_and_repeats() -> None:
    draws = [draw(step=step, place=place) for step in range(100) for place in range(20)]
    assert draws == [draw("other", step=step, place=place) for step in range(100) for place in range(20)]
    assert 0.45 < sum(draws) / len(draws) < 0.55  # 2,000 draws: 0.5 within 4.5 standard errors
    assert set(draws) == {0.0, 1.0}
    assert draws != [draw(seed=2, step=step, place=place) for step in range(100) for place in range(20)]
    uniform = [draw(form="uniform", step=step) for step in range(100)]
    assert len(set(uniform)) == 100
    assert 0 <= min(uniform) < 0.2 < 0.8 < max(uniform) < 1
