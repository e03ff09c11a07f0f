"""Two runs side by side: what was asked, and which runs cannot be compared."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("lingua")

from tests.evalkit.compare.conftest import choice
from tests.evalkit.judge.conftest import SaveRun, answered
from xleval.errors import ConfigError, DataError
from xleval.evalkit.judge.judging import JudgeOptions, Work, plan_judging
from xleval.evalkit.judge.pairs import bare_questions
from xleval.evalkit.samples import Sample
from xleval.evalkit.saved_run import load_runs

NEEDING = ["alpaca_eval", "m_arena_hard"]
QUESTIONS = ["Name a fruit.", "What is a library?", "Name a library."]
# The templates of Qwen2.5, Gemma 3, Llama 3 and Mistral around a question, as their tokenizers of 2026-11 write them,
# and a conversation as it was sent to a server.
TEMPLATES = {
    "chatml": "<|im_start|>system\nYou are Qwen.<|im_end|>\n<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n",
    "gemma": "<bos><start_of_turn>user\n{}<end_of_turn>\n<start_of_turn>model\n",
    "llama": "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\n{}<|eot_id|><|start_header_id|>assistant"
    "<|end_header_id|>\n\n",
    "mistral": "<s>[INST] {}[/INST]",
    "server": "[user] {}",
}


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_judge_sees_the_question_without_the_chat_template(template: str) -> None:
    # "Name a" begins two of them and "library" ends two: what they share by chance stays.
    assert bare_questions([TEMPLATES[template].format(each) for each in QUESTIONS]) == QUESTIONS
    assert bare_questions([TEMPLATES[template].format(each) for each in QUESTIONS[::2]]) == QUESTIONS[::2]


def test_a_single_prompt_and_one_without_marks_stay_whole() -> None:
    assert bare_questions(["<s>[INST] Name a fruit.[/INST]"]) == ["<s>[INST] Name a fruit.[/INST]"]
    assert bare_questions(["USER: a ASSISTANT:", "USER: b ASSISTANT:"]) == ["USER: a ASSISTANT:", "USER: b ASSISTANT:"]


def asked(
    save_run: SaveRun, tmp_path: Path, *sides: Sequence[Sample], options: JudgeOptions | None = None, **signed: Any
) -> Work:
    save_run("one", sides[0], signature=signed.get("one"))
    save_run("two", sides[1], signature=signed.get("two"))
    one, two = load_runs([tmp_path / "one", tmp_path / "two"])
    return plan_judging((one, two), options or JudgeOptions(), NEEDING)


def column(lang: str, items: Sequence[int], **changes: Any) -> list[Sample]:
    return [answered(f"i{k}", lang, f"answer {k}", **changes) for k in items]


def test_items_and_languages_that_both_have_are_joined(save_run: SaveRun, tmp_path: Path) -> None:
    first = [*column("en", [2, 0, 1]), *column("de", [0])]
    work = asked(save_run, tmp_path, first, column("en", [1, 2, 3]))
    (task,) = work.tasks
    assert {lang: [pair.item_id for pair in pairs] for lang, pairs in task.pairs.items()} == {"en": ["i2", "i1"]}
    assert [pair.question for pair in task.pairs["en"]] == ["Question i2 in en?", "Question i1 in en?"]


def test_limit_and_langs_choose(save_run: SaveRun, tmp_path: Path) -> None:
    both = [*column("en", [0, 1, 2]), *column("de", [0, 1, 2])]
    work = asked(save_run, tmp_path, both, both, options=JudgeOptions(limit=2, languages=("de",)))
    assert {lang: len(pairs) for lang, pairs in work.tasks[0].pairs.items()} == {"de": 2}


def test_runs_that_were_asked_otherwise_are_refused(save_run: SaveRun, tmp_path: Path) -> None:
    signed = {
        key: {"tasks": {"alpaca_eval": {"sampling": {"temperature": t}}}} for key, t in (("one", 0.0), ("two", 1.0))
    }
    with pytest.raises(ConfigError, match=r"not asked alike.*sampling.temperature \(0.0 → 1.0\)"):
        asked(save_run, tmp_path, column("en", [0]), column("en", [0]), **signed)


def test_other_questions_under_the_same_names_are_refused(save_run: SaveRun, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="the data differ: language en, item i0, the prompt is"):
        asked(save_run, tmp_path, column("en", [0]), column("en", [0], prompt="Another question?"))


@pytest.mark.parametrize(
    ("second", "options", "message"),
    [
        (column("en", [5]), {}, "no item in common"),
        (column("de", [0]), {}, "no language in common: en and de"),
        (column("en", [0], task="sums"), {}, "those that do are alpaca_eval, m_arena_hard"),
        (column("en", [0], task="sums"), {"tasks": ("sums",)}, "--tasks sums: one has no such task"),
        (column("en", [0]), {"tasks": ("alpaca",)}, "alpaca_eval"),
        (column("en", [0]), {"languages": ("ko",)}, "language"),
    ],
)
def test_runs_with_nothing_to_judge_say_so(
    save_run: SaveRun, tmp_path: Path, second: list[Sample], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        asked(save_run, tmp_path, column("en", [0]), second, options=JudgeOptions(**options))


def test_a_choice_cannot_be_judged(save_run: SaveRun, tmp_path: Path) -> None:
    facts = [choice("i0", "en", True), choice("i1", "en", False)]
    with pytest.raises(ConfigError, match="its answers are choices among options"):
        asked(save_run, tmp_path, facts, facts, options=JudgeOptions(tasks=("facts",)))


def test_any_generation_is_judged_when_it_is_named(save_run: SaveRun, tmp_path: Path) -> None:
    sums = column("en", [0, 1], task="sums", gold="7", prediction="7", correct=True, unscored_reason=None)
    work = asked(save_run, tmp_path, sums, sums, options=JudgeOptions(tasks=("sums",)))
    assert [task.task for task in work.tasks] == ["sums"]


@pytest.mark.parametrize("setting", [{"limit": 0}, {"max_tokens": 0}, {"seed": -1}])
def test_numbers_that_mean_nothing_are_refused(setting: dict[str, int]) -> None:
    with pytest.raises(ConfigError, match="or more is needed"):
        JudgeOptions(**setting)  # type: ignore[arg-type]
