"""Answers that are learnt: facts, letters, solutions, traces and instructions."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from xleval.errors import ConfigError, DataError
from xleval.training.config.schema import DataConfig, PromptConfig
from xleval.training.sets.answer_rows import answer_rows, fact_row, learnt_solution
from xleval.training.sets.asking import asker
from xleval.training.sets.facts import with_aliases
from xleval.training.sets.item_set import read_items
from xleval.training.sets.records import AnswerRow


def _rows(
    data: DataConfig, prompt: PromptConfig | None = None, *, chat: bool = False, letters: bool = False
) -> list[AnswerRow]:
    return answer_rows(data, prompt or PromptConfig(), has_chat_template=chat, seed=1, letters=letters)


def _set(folder: Path, rows: list[dict[str, object]]) -> DataConfig:
    """Write rows as `LANG/train.jsonl` by their language."""
    for row in rows:
        file = folder / str(row["language"]) / "train.jsonl"
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(row) + "\n")
    langs = tuple(dict.fromkeys(str(row["language"]) for row in rows))
    return DataConfig(source=str(folder), langs=langs, order="as-is")


def test_the_answer_of_a_fact_follows_its_label_as_evaluation_scores_it(embedded_set: Path) -> None:
    data = DataConfig(source=str(embedded_set), langs=("en", "zh"), limit=1)
    english, chinese = _rows(data)
    assert isinstance(english.prompt, str)
    assert english.prompt.endswith("\nAnswer:")
    assert english.answer == f" {english.choices[english.gold_index or 0]}"
    assert chinese.answer == chinese.choices[chinese.gold_index or 0]  # Chinese sets no space
    assert english.choice_ids[english.gold_index or 0] == chinese.choice_ids[chinese.gold_index or 0]
    assert _rows(data, chat=True)[0].answer == english.answer.strip()


def test_letters_answer_prompts_that_show_the_options(embedded_set: Path) -> None:
    data = DataConfig(source=str(embedded_set), langs=("en", "de"), limit=6)
    rows = _rows(data, letters=True)
    for row in rows:
        assert isinstance(row.prompt, str)
        assert f"\nD. {row.choices[3]}\n" in row.prompt
        assert row.answer == f" {'ABCD'[row.gold_index or 0]}"
    assert len({row.answer for row in rows}) > 1


def test_a_fact_without_a_right_option_has_no_letter_and_no_other_names(embedded_set: Path) -> None:
    items = read_items(DataConfig(source=str(embedded_set), langs=("en",)))
    fact = next(each for each in items.items["en"].values() if len(with_aliases(items)(each, "en").choices) > 4)
    silent = replace(fact, gold_index=None)
    assert with_aliases(items)(silent, "en") == silent
    asking = asker(PromptConfig(), has_chat_template=False)
    with pytest.raises(DataError, match=f"fact {fact.item_id} .en. does not say which option is right"):
        fact_row(items.task, silent, "en", asking, letters=True)
    assert fact_row(items.task, silent, "en", asking, letters=False).gold_index is None


def test_letters_need_options(tmp_path: Path) -> None:
    data = _set(tmp_path, [{"language": "en", "item_id": "q", "question": "1 + 1?", "answer": "2"}])
    with pytest.raises(ConfigError, match=r"loss.sft is letter and data.source is .* has no options"):
        _rows(data, letters=True)


def test_a_solution_of_gsm8k_is_learnt_without_its_marks() -> None:
    # The first answer of GSM8K's train split, openai/grade-school-math 3101c7d.
    published = (
        "Natalia sold 48/2 = <<48/2=24>>24 clips in May.\n"
        "Natalia sold 48+24 = <<48+24=72>>72 clips altogether in April and May.\n#### 72"
    )
    assert learnt_solution(published, "en") == (
        "Natalia sold 48/2 = 24 clips in May.\nNatalia sold 48+24 = 72 clips altogether in April and May.\nThe answer is 72."
    )
    assert learnt_solution("Die Antwort ist 72.", "de") == "Die Antwort ist 72."


def test_solutions_follow_their_label_and_a_problem_without_one_is_left_out(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"language": "en", "item_id": "q1", "question": "1 + 1?", "answer": "2", "solution": "That is 2."},
        {"language": "en", "item_id": "q2", "question": "1 + 2?", "answer": "3", "solution": "That is 3."},
        {"language": "ja", "item_id": "q1", "question": "1と1?", "answer": "2", "solution": "2です。"},
        {"language": "ja", "item_id": "q2", "question": "1と2?", "answer": "3"},
    ]
    found = _rows(_set(tmp_path, rows))
    # No space after the full-width colon of the Japanese label.
    assert [(row.item_id, row.lang, row.answer) for row in found] == [
        ("q1", "en", " That is 2."), ("q1", "ja", "2です。"), ("q2", "en", " That is 3."),
    ]  # fmt: skip


def test_problems_without_any_solution_are_learnt_by_their_answers(tmp_path: Path) -> None:
    data = _set(tmp_path, [{"language": "de", "item_id": "q1", "question": "1 + 1?", "answer": "2"}])
    (row,) = _rows(data)
    assert row.answer == " Die Antwort ist 2."


def test_traces_are_learnt_as_they_are_with_the_task_that_they_name(tmp_path: Path) -> None:
    trace = "Uno más uno son dos. \\boxed{2}"
    data = _set(
        tmp_path,
        [
            {
                "language": "es",
                "item_id": "q1",
                "question": "¿1 + 1?",
                "prompt": "P",
                "trace": trace,
                "answer": "2",
                "task": "math500",
            }
        ],
    )
    (row,) = _rows(data, chat=True)
    assert row.answer == trace
    # As `xleval run --tasks math500` asks, not the teacher's prompt.
    assert "\\boxed{}" in str(row.prompt)
    with pytest.raises(ConfigError, match=r"prompt.reason_prefix is native: answers are learnt whole"):
        _rows(data, PromptConfig(reason_prefix="native"))


def test_instructions_are_learnt_in_the_languages_of_the_arm(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"language": lang, "item_id": name, "instruction": f"{lang} do {name}", "response": f"{lang} done {name}"}
        for lang in ("en", "es")
        for name in ("i1", "i2")
    ]
    data = _set(tmp_path, rows)
    both = _rows(data, chat=True)
    assert [(row.item_id, row.lang) for row in both] == [("i1", "en"), ("i1", "es"), ("i2", "en"), ("i2", "es")]
    assert both[1].prompt == [{"role": "user", "content": "es do i1"}]
    assert both[1].answer == "es done i1"
    (first, _) = _rows(DataConfig(source=data.source, langs=("es",), order="as-is"))
    assert (first.prompt, first.answer) == ("es do i1\n\n", "es done i1")
