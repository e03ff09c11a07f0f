"""INCLUDE: exam questions written in 44 languages about where they are spoken, four shown options. Not parallel.

* Source: Romanou et al. 2024, arXiv 2411.19799; hub CohereLabs/include-base-44 (about 550 items a language): folders
  `LANGUAGE/{test,validation}-*.parquet`, LANGUAGE in English such as Korean, with country, domain, subject, regional_feature,
  level, question, option_a to option_d (`choices` in early releases), answer 0-3. Apache 2.0. CohereLabs/include-lite-44
  (about 250 a language) has the same layout: `--data include=DIR`.
* Every language has questions of its own, from its own exams: ids carry the language, no item is shared, and measures of
  agreement between languages do not exist for it. Accuracies of two languages differ by how hard their exams are as well.
* Prompt: question, `A. option` a line, answer label, as in lm-eval (include, without examples), the labels in the language of
  the question as in the paper's in-language prompts.
* Examples: none by default; `--shots 5` (paper) takes the first ones of the validation split, whatever their subject.
* Score: the letter with the highest log-probability (lm-eval).
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from xleval.data.languages import get_language
from xleval.data.rows import Row, read_rows
from xleval.evalkit.hub import HubSet
from xleval.evalkit.task import Task, TaskItem
from xleval.tasks.asking import shown_choice
from xleval.tasks.exam_rows import four_options, optional_groups, placed_item
from xleval.tasks.item_order import in_turn
from xleval.tasks.language_files import language_files, need_folder, nothing_in
from xleval.tasks.verdicts import score_by_letter

LANGUAGES = ("ar", "bn", "de", "es", "fr", "id", "it", "ja", "ko", "ms", "pt", "ru", "te", "uk", "vi", "zh")
_LAYOUT = "LANGUAGE/{split}-*.parquet, LANGUAGE such as Korean"
_GROUPS = ("domain", "subject", "regional_feature", "level", "country")


def load(folder: Path | None, languages: Sequence[str]) -> dict[str, list[TaskItem]]:
    """Return the test by language, the first of every subject, then the second of every subject; no item is in two languages.

    Args:
        folder: of the data.
        languages: codes; one without a file is absent from the result.

    Raises:
        DataError: no folder, no file, or a row without its columns; file and row are named.
    """
    found: dict[str, list[TaskItem]] = {}
    for lang, items in _read(folder, languages, "test").items():
        found |= in_turn({lang: items}, "subject")  # each language has subjects of its own
    return found


def _read(folder: Path | None, languages: Sequence[str], split: str) -> dict[str, list[TaskItem]]:
    layout = _LAYOUT.format(split=split)
    root = need_folder(folder, "include", layout)
    found = {}
    for lang in languages:
        if files := language_files(root, get_language(lang).english_name, split):
            rows = [row for path in files for row in read_rows(path)]
            found[lang] = [_item(row, f"{lang}/{split}/{number}") for number, row in enumerate(rows)]
    if not found:
        raise nothing_in(root, "include", layout, languages)
    return found


def _item(row: Row, item_id: str) -> TaskItem:
    options = four_options(row, ("option_a", "option_b", "option_c", "option_d"))
    return placed_item(
        row,
        item_id=item_id,
        options=options,
        gold_index=row.index(("answer",), len(options)),
        groups=optional_groups(row, _GROUPS),
    ).item


def exemplars(folder: Path | None, languages: Sequence[str], n: int) -> dict[str, list[TaskItem]]:
    """Return the first `n` items of the validation split of every language, each its own, in the order of the file.

    Raises:
        DataError: no validation split.
    """
    return {lang: items[:n] for lang, items in _read(folder, languages, "validation").items()}


INCLUDE = Task(
    name="include",
    version=1,
    kind="choice",
    summary="exam questions written in 16 languages about their regions, four shown options; not parallel",
    reference="arXiv 2411.19799; lm-eval 0.4.13 include",
    load=load,
    request=partial(shown_choice, task="include"),
    score=score_by_letter,
    exemplars=exemplars,
    primary="letter",
    languages=LANGUAGES,
    group="exams",
    hub=HubSet(
        repo="CohereLabs/include-base-44",
        files=("*/test-*.parquet", "*/validation-*.parquet"),
        revision="d2e1f6015f67a43c02a9a68db98e2298e2d6a660",
    ),
)
