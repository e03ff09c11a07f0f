r"""The accuracy reward is the verdict of `xleval run`, on texts written here and on 500 real outputs."""

import json
from pathlib import Path

import pytest

from xleval.errors import DataError
from xleval.evalkit.requests import Completion, EncodedPrompt
from xleval.evalkit.scoring import scored_sample
from xleval.evalkit.task import TaskItem
from xleval.tasks import TASKS
from xleval.training.rewards.accuracy import accuracy
from xleval.training.rewards.attempts import Attempt
from xleval.training.rewards.options import AccuracyOptions, AnswerKind

NAMES = ("New York City", "York", "Paris", "Oslo")


def reward(
    text: str, gold: str | None, lang: str = "en", *, answer: AnswerKind = "auto", **more: object
) -> float | None:
    attempt = Attempt(completion=text, gold=gold, lang=lang, asked_lang=lang, **more)  # type: ignore[arg-type]
    return accuracy(attempt, AccuracyOptions(answer=answer))


@pytest.mark.parametrize("lang", ["sw", "zh"])
def test_the_verdict_is_that_of_a_run(shared_data: Path, lang: str) -> None:
    """250 real completions of a 7B model to MGSM (mCoT) in each language, through `scored_sample` and the reward."""
    lines = (shared_data / f"outputs/mcot/mcot_ft_mgsm_{lang}.json").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    task = TASKS["gsm8k"]
    same = []
    for row in rows:
        gold = str(int(row["answer"]))
        item = TaskItem(item_id="q", question="", gold=gold)
        prompt = EncodedPrompt(key="k", prompt=row["question"], prompt_ids=())
        done = Completion(key="k", text=row["response"], finish_reason="stop", n_tokens=9)
        sample = scored_sample(task, item, lang, prompt, done, detectors=None)
        same.append(
            reward(row["response"], gold, lang, task="gsm8k", prompt=row["question"]) == float(sample.correct or 0)
        )
    assert len(same) == 250
    assert all(same)


@pytest.mark.parametrize(
    ("text", "gold", "lang", "expected"),
    [
        ("7 × 6 = 42. The answer is 42.", "42", "en", 1.0),
        ("The answer is 41.", "42", "en", 0.0),
        ("", "42", "en", 0.0),
        ("উত্তর হল ৪২।", "42", "bn", 1.0),
        ("Die Antwort ist 1.250.", "1250", "de", 1.0),  # a point between groups in German
        ("The answer is 1.250.", "1250", "en", 0.0),  # a decimal point in English
        ("<think>It is 42.</think> The answer is 41.", "42", "en", 0.0),
        ("The answer is 18.", "Natalia sold 18.\n#### 18", "en", 1.0),  # GSM8K's column `answer`
        ("The answer is 18.", None, "en", None),
    ],
)
def test_numbers(text: str, gold: str | None, lang: str, expected: float | None) -> None:
    assert reward(text, gold, lang) == expected


def test_a_completion_that_was_cut_has_only_the_answer_that_it_states() -> None:
    """D1: its last number is a step on the way."""
    working, stated = "First 90 / 2 = 45", "The answer is 45. Let us check: 45 and"
    assert reward(working, "45") == 1.0
    assert reward(working, "45", truncated=True) == 0.0
    assert reward(stated, "45", truncated=True) == 1.0


def test_expressions() -> None:
    pytest.importorskip("math_verify")
    assert reward(r"So it is \boxed{\frac{2}{4}}.", r"\frac{1}{2}") == 1.0
    assert reward(r"So it is \boxed{\frac{1}{3}}.", r"\frac{1}{2}") == 0.0
    assert reward(r"\boxed{2(x+1)}", "2x+2", answer="expression") == 1.0


def test_choices_by_letter_or_text() -> None:
    options = {"choices": NAMES, "gold_index": 2}
    assert [reward(text, None, **options) for text in ("The answer is C.", "(C) Paris", "Paris", "B", "")] == [
        1,
        1,
        1,
        0,
        0,
    ]


def test_facts_by_name() -> None:
    """Options of PolyFact are hidden in its evaluation, so a text is told by names, in every task of facts."""
    fact = {"choices": NAMES, "gold_index": 0, "choice_ids": ("Q60", "Q42462", "Q90", "Q585")}
    for task in ("polyfact", "polyfact_free"):
        texts = ("New York City", "It is New York City.", "York", "Paris", "A", "")
        assert [reward(text, NAMES[0], task=task, **fact) for text in texts] == [1, 1, 0, 0, 0, 0]


def test_a_list_of_all_options_is_no_answer() -> None:
    """`xleval run` takes the gold one where several are named; a policy would soon name all of them."""
    fact = {"choices": NAMES, "gold_index": 0, "choice_ids": ("Q60", "Q42462", "Q90", "Q585"), "task": "polyfact_free"}
    assert reward("Paris, Oslo, New York City", NAMES[0], **fact) == 0.0
    assert reward("New York City", NAMES[0], **fact) == 1.0  # "York" stands in it and is no second answer


def test_a_right_answer_that_is_no_number_is_refused() -> None:
    with pytest.raises(DataError, match="is not a number"):
        reward("The answer is 5.", "five", answer="number")
