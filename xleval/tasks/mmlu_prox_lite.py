"""MMLU-ProX-Lite: 588 questions of MMLU-Pro in 29 languages, up to ten shown options, reasoned out.

* Source: Xuan et al. 2025, arXiv 2503.10497; hub li-lab/MMLU-ProX-Lite, `LANG/{test,validation}-*.parquet` with question_id,
  question, option_0 to option_9 (null beyond the last one), answer (letter), answer_index, cot_content, category. MIT. The
  paper's 658 questions are 588 of the test and 70 of the validation split.
* Two tasks. `mmlu_prox_lite` has the model reason in the language of the question and name a letter, as the paper and lm-eval
  (mmlu_prox) do; `mmlu_prox_lite_choice` scores the letters by log-probability, cheaper and not published.
* Examples: the first five of the validation split, of the category that is asked, with their worked solutions (paper, lm-eval).
  Their opening `A:` (Arabic `أ:`) is left out: a label of ours stands there.
* Prompt: ours, without the line before it that names the category; lm-eval writes `Options:` before the options.
* 2,048 tokens, as in lm-eval. Score: the letter, found by `evalkit.letters`; lm-eval takes its closing sentence only.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from xleval.data.rows import Row, read_rows
from xleval.errors import DataError
from xleval.evalkit.hub import HubSet
from xleval.evalkit.prompts import LETTERS
from xleval.evalkit.requests import Sampling
from xleval.evalkit.task import Task, TaskItem
from xleval.tasks.asking import shown_choice, solution_request
from xleval.tasks.exam_rows import (
    Placed,
    answered_by_letter,
    ask_after_own_subject,
    first_of_each,
    placed_item,
    with_one_key,
)
from xleval.tasks.item_order import in_turn
from xleval.tasks.language_files import language_files, need_folder, nothing_in
from xleval.tasks.verdicts import score_by_letter, score_letter

LANGUAGES = (
    "en", "ar", "bn", "de", "es", "fr", "id", "it", "ja", "ko", "pt", "ru", "sw", "te", "th", "uk", "vi", "yo", "zh",
)  # fmt: skip
_LAYOUT = "LANG/{split}-*.parquet"
#: label that the worked solutions begin with; Arabic ones have an alef
_LABEL = re.compile(r"^[Aأ]\s*[:：]\s*")


def load_options(folder: Path | None, languages: Sequence[str], split: str = "test") -> dict[str, list[TaskItem]]:
    """Return a split by language, the first of every category, then the second of every category; gold is the right option.

    Args:
        folder: of the data.
        languages: codes; one without a file is absent from the result.
        split: `test`, or `validation` for the examples.

    Raises:
        DataError: no folder, no file, a row without its columns or with contradictory answers, or languages whose rows
            are not the same items.
    """
    layout = _LAYOUT.format(split=split)
    root = need_folder(folder, "mmlu_prox_lite", layout)
    found = {
        lang: [_placed(row, split) for path in files for row in read_rows(path)]
        for lang in languages
        if (files := language_files(root, lang, split))
    }
    if not found:
        raise nothing_in(root, "mmlu_prox_lite", layout, languages)
    return in_turn(with_one_key(found, "mmlu_prox_lite"), "subject")


def load(folder: Path | None, languages: Sequence[str]) -> dict[str, list[TaskItem]]:
    """Return the test by language, as in `load_options`, with letters as gold answers."""
    return answered_by_letter(load_options(folder, languages))


def _placed(row: Row, split: str) -> Placed:
    options = _options(row)
    gold = row.index(("answer",), len(options))
    stated = row.values.get("answer_index")
    if stated is not None and stated != gold:
        raise DataError(
            f"{row.place}: answer is {LETTERS[gold]}, answer_index is {stated!r}; they must be the same option"
        )
    placed = placed_item(
        row,
        item_id=f"mmlu-prox-{split}-{row.text('question_id')}",
        options=options,
        gold_index=gold,
        groups={"subject": row.text("category")},
    )
    worked = _LABEL.sub("", str(row.values.get("cot_content") or "").strip())
    return replace(placed, item=replace(placed.item, solution=worked))


def _options(row: Row) -> list[str]:
    found = [str(row.values.get(f"option_{number}") or "").strip() for number in range(len(LETTERS))]
    options = [option for option in found if option]
    if len(options) < 2 or found[: len(options)] != options:
        raise DataError(
            f"{row.place}: option_0 to option_9 hold {len(options)} texts; at least two, without a gap, are needed"
        )
    return options


def exemplars(folder: Path | None, languages: Sequence[str], n: int) -> dict[str, list[TaskItem]]:
    """Return the first `n` of the validation split of every category, with letters and native and English solutions.

    Raises:
        ConfigError: a category has fewer.
        DataError: no validation split.
    """
    found = load_options(folder, tuple(dict.fromkeys([*languages, "en"])), "validation")
    english = {item.item_id: item.solution for item in found.get("en", ())}
    chosen = {
        lang: [
            replace(item, english_solution=english.get(item.item_id, ""))
            for item in first_of_each(found[lang], n, task="mmlu_prox_lite")
        ]
        for lang in languages
        if lang in found
    }
    return answered_by_letter(chosen)


MMLU_PROX_LITE = Task(
    name="mmlu_prox_lite",
    version=1,
    kind="generation",
    summary="588 questions of MMLU-Pro in 19 languages, up to ten options, reasoned out; five worked examples",
    reference="arXiv 2503.10497; lm-eval 0.4.13 mmlu_prox",
    load=load,
    request=partial(
        ask_after_own_subject,
        ask=partial(solution_request, task="mmlu_prox_lite", ask="letter"),
        task="mmlu_prox_lite",
    ),
    score=score_letter,
    exemplars=exemplars,
    default_shots=5,
    languages=LANGUAGES,
    group="exams",
    sampling=Sampling(max_tokens=2048),
    derived_from=("mmlu_pro",),
    hub=HubSet(
        repo="li-lab/MMLU-ProX-Lite",
        files=("*/test-*.parquet", "*/validation-*.parquet"),
        revision="e82aafb9460529687d3c7e51b401d8dd1dd309dd",
    ),
)

_CHOICE = "mmlu_prox_lite_choice"

CHOICE = replace(
    MMLU_PROX_LITE,
    name=_CHOICE,
    kind="choice",
    summary="the same items by the log-probability of their letters",
    load=load_options,
    request=partial(ask_after_own_subject, ask=partial(shown_choice, task=_CHOICE), task=_CHOICE),
    score=score_by_letter,
    primary="letter",
    data_of="mmlu_prox_lite",
    sampling=Sampling(),
)
