"""Global-MMLU-Lite: 400 items of MMLU, 200 of them culturally sensitive, translated or post-edited by people.

* Source: Singh et al. 2024, arXiv 2412.03304; hub CohereLabs/Global-MMLU-Lite (CohereForAI/Global-MMLU-Lite before),
  `LANG/{test,dev}-*.parquet` with sample_id, subject, subject_category, question, option_a to option_d, answer (letter),
  cultural_sensitivity_label (CS or CA) and annotations. Apache 2.0. The revision is the last of the first release, 15
  languages, at which the dev split of every language had been cut to the 43 subjects of the test (215 items); the hub has
  later ones with more languages and other dev items.
* Group by `cultural_sensitivity_label`: the paper's point is that models are ranked differently on CS and CA items.
* Two tasks. `global_mmlu_lite` scores letters after shown options by log-probability, as lm-eval (global_mmlu, no examples
  by default) and the study's evaluation (github.com/jvonrad/Lost-in-Mistranslation 3ca0eea) do; labels are in the language of
  the question, theirs are English (`--scaffold english --option-space always`). `global_mmlu_lite_generative` has the model
  reason and name a letter, so that the language it reasons in can be measured (D9); 2,048 tokens as in lm-eval's MMLU-ProX.
* Examples: the dev split, of the subject that is asked; none by default. They hold no solutions, so that the generative task
  takes them with `--cot direct` only.
* Keys: the study's published outputs show five items of high_school_world_history whose right letter is another one in
  Chinese than in other languages (33, 58, 93, 145, 187). Such items are kept and are `differs` in the group `answer_key`:
  their options are not aligned, so measures of agreement between languages are wrong on them.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from xleval.data.rows import Row, read_rows
from xleval.evalkit.hub import HubSet
from xleval.evalkit.requests import Sampling
from xleval.evalkit.task import Task, TaskItem
from xleval.tasks.asking import shown_choice, solution_request
from xleval.tasks.exam_rows import (
    Placed,
    answered_by_letter,
    ask_after_own_subject,
    first_of_each,
    optional_groups,
    placed_item,
    with_key_group,
)
from xleval.tasks.item_order import in_turn
from xleval.tasks.language_files import language_files, need_folder, nothing_in
from xleval.tasks.verdicts import score_by_letter, score_letter

LANGUAGES = ("en", "ar", "bn", "de", "es", "fr", "id", "it", "ja", "ko", "pt", "sw", "yo", "zh")
_LAYOUT = "LANG/{split}-*.parquet"


def load(folder: Path | None, languages: Sequence[str], split: str = "test") -> dict[str, list[TaskItem]]:
    """Return a split by language, the first of every subject, then the second of every subject, and so on.

    Args:
        folder: of the data.
        languages: codes; one without a file is absent from the result.
        split: `test`, or `dev` for the examples.

    Raises:
        DataError: no folder, no file, or a row without its columns; file and row are named.
    """
    layout = _LAYOUT.format(split=split)
    root = need_folder(folder, "global_mmlu_lite", layout)
    found = {
        lang: [_placed(row) for path in files for row in read_rows(path)]
        for lang in languages
        if (files := language_files(root, lang, split))
    }
    if not found:
        raise nothing_in(root, "global_mmlu_lite", layout, languages)
    return in_turn(with_key_group(found), "subject")


def _placed(row: Row) -> Placed:
    return placed_item(
        row,
        item_id=row.text("sample_id"),
        options=[row.text(f"option_{letter}") for letter in "abcd"],
        gold_index=row.index(("answer",), 4),
        groups={
            "subject": row.text("subject"),
            **optional_groups(row, ("subject_category", "cultural_sensitivity_label")),
        },
    )


def exemplars(folder: Path | None, languages: Sequence[str], n: int) -> dict[str, list[TaskItem]]:
    """Return the first `n` items of the dev split of every subject; a prompt gets those of its own subject.

    Raises:
        ConfigError: a subject has fewer.
        DataError: no dev split.
    """
    found = load(folder, languages, "dev")
    return {lang: first_of_each(items, n, task="global_mmlu_lite") for lang, items in found.items()}


GLOBAL_MMLU_LITE = Task(
    name="global_mmlu_lite",
    version=1,
    kind="choice",
    summary="400 items of MMLU, half of them culturally sensitive, in 14 languages, four shown options",
    reference="arXiv 2412.03304; lm-eval 0.4.13 global_mmlu",
    load=load,
    request=partial(ask_after_own_subject, ask=partial(shown_choice, task="global_mmlu_lite"), task="global_mmlu_lite"),
    score=score_by_letter,
    exemplars=exemplars,
    primary="letter",
    languages=LANGUAGES,
    group="exams",
    derived_from=("mmlu",),
    hub=HubSet(
        repo="CohereLabs/Global-MMLU-Lite",
        files=("*/test-*.parquet", "*/dev-*.parquet"),
        revision="b88e8867e030bb38e9acedfa2c46cb9b8943dc5a",
    ),
)


def load_generative(folder: Path | None, languages: Sequence[str]) -> dict[str, list[TaskItem]]:
    """Return the test by language, as in `load`, with letters as gold answers."""
    return answered_by_letter(load(folder, languages))


def generative_exemplars(folder: Path | None, languages: Sequence[str], n: int) -> dict[str, list[TaskItem]]:
    """Return the examples, as in `exemplars`, with letters as gold answers."""
    return answered_by_letter(exemplars(folder, languages, n))


_GENERATIVE = "global_mmlu_lite_generative"

GENERATIVE = replace(
    GLOBAL_MMLU_LITE,
    name=_GENERATIVE,
    kind="generation",
    summary="the same items, the answer reasoned out and named by its letter",
    load=load_generative,
    request=partial(
        ask_after_own_subject, ask=partial(solution_request, task=_GENERATIVE, ask="letter"), task=_GENERATIVE
    ),
    score=score_letter,
    exemplars=generative_exemplars,
    sampling=Sampling(max_tokens=2048),
    data_of="global_mmlu_lite",
)
