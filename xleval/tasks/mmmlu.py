"""MMMLU: the test split of MMLU in 14 further languages, translated by professionals, four shown options.

* Source: OpenAI 2024, hub openai/MMMLU, `test/mmlu_XX-YY.csv` with a column of row numbers and Question, A, B, C, D, Answer
  (letter), Subject; MIT. The 13 here are those of the language table, which has no Hindi; English is `mmlu`. English that
  OpenAI's simple-evals publishes beside the translations, `mmlu.csv`, is read where it is in the folder.
* Items are joined by their row, as the files have no ids. Right option and subject must be the same in every language, so
  that files in another order are refused.
* Prompt and score: as in `mmlu`, in the language of the question. This is lm-eval's way (openai-mmmlu); simple-evals has
  chat models reason and names the answer in English (`Answer: A`).
* Examples: none, there is no dev split; lm-eval has none by default either.
* Culture: MMLU is American in parts; `global_mmlu_lite` says in which items.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from xleval.data.rows import read_rows
from xleval.evalkit.hub import HubSet
from xleval.evalkit.task import Task, TaskItem
from xleval.tasks.asking import no_exemplars, shown_choice
from xleval.tasks.exam_rows import Placed, placed_item, with_one_key
from xleval.tasks.item_order import in_turn
from xleval.tasks.language_files import need_folder, nothing_in
from xleval.tasks.mmlu_subjects import subject_groups
from xleval.tasks.verdicts import score_by_letter

#: what a language is called in the names of the files
LOCALES = {
    "en": "EN-US", "ar": "AR-XY", "bn": "BN-BD", "de": "DE-DE", "es": "ES-LA", "fr": "FR-FR", "id": "ID-ID",
    "it": "IT-IT", "ja": "JA-JP", "ko": "KO-KR", "pt": "PT-BR", "sw": "SW-KE", "yo": "YO-NG", "zh": "ZH-CN",
}  # fmt: skip
_LAYOUT = "test/mmlu_XX-YY.csv, such as test/mmlu_KO-KR.csv"


def load(folder: Path | None, languages: Sequence[str]) -> dict[str, list[TaskItem]]:
    """Return the questions by language, the first of every subject, then the second of every subject, and so on.

    Raises:
        DataError: no folder, no file, a row without its columns, or languages whose rows are not the same items.
    """
    root = need_folder(folder, "mmmlu", _LAYOUT)
    found = {lang: _read(path) for lang in languages if (path := _file(root, lang))}
    if not found:
        raise nothing_in(root, "mmmlu", _LAYOUT, languages)
    return in_turn(with_one_key(found, "mmmlu"), "subject")


def _file(root: Path, lang: str) -> Path | None:
    names = [f"mmlu_{LOCALES[lang]}.csv"] if lang in LOCALES else []
    if lang == "en":
        names.append("mmlu.csv")
    places = (place / name for place in (root / "test", root) for name in names)
    return next((path for path in places if path.is_file()), None)


def _read(path: Path) -> list[Placed]:
    return [
        placed_item(
            row,
            item_id=f"mmmlu-{number:05d}",
            question="Question",
            options=[row.text(letter) for letter in "ABCD"],
            gold_index=row.index(("Answer",), 4),
            groups=subject_groups(row.text("Subject")),
        )
        for number, row in enumerate(read_rows(path))
    ]


MMMLU = Task(
    name="mmmlu",
    version=1,
    kind="choice",
    summary="MMLU's test in 13 further languages, translated by professionals, four shown options",
    reference="hub openai/MMMLU; lm-eval 0.4.13 openai-mmmlu",
    load=load,
    request=partial(shown_choice, task="mmmlu"),
    score=score_by_letter,
    exemplars=no_exemplars,
    primary="letter",
    languages=tuple(LOCALES),
    group="exams",
    derived_from=("mmlu",),
    hub=HubSet(repo="openai/MMMLU", files=("test/*.csv",), revision="325a01dc3e173cac1578df94120499aaca2e2504"),
)
