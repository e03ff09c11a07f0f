"""CMMLU: 11,582 exam questions of 67 subjects written in Chinese, four shown options (the paper counts 11,528).

* Source: Li et al. 2023, arXiv 2306.09212; github.com/haonan-li/CMMLU, `data/{dev,test}/SUBJECT.csv` (row number, Question,
  A, B, C, D, Answer) at 5b17e8b. CC BY-NC-SA 4.0 (README). The hub has an archive and a loading script, so there is nothing to download.
* Not a translation: written for China, so it is compared with no other language.
* Prompt: question, `A. option` a line, answer label, as in the paper and lm-eval; labels are ours (`问题：`, `答案：`), the
  paper's `题目：` and `答案是：`. Its line before them, which names the subject in Chinese, is left out, as in lm-eval.
* Examples: the five of the dev split, of the subject that is asked (paper, five-shot).
* Score: the letter with the highest log-probability, as in the paper for open models.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from xleval.data.rows import read_rows
from xleval.evalkit.task import Task, TaskItem
from xleval.tasks.asking import shown_choice
from xleval.tasks.exam_rows import ask_after_own_subject, first_of_each, placed_item
from xleval.tasks.item_order import in_turn
from xleval.tasks.language_files import need_folder, nothing_in
from xleval.tasks.verdicts import score_by_letter

_LAYOUT = "data/{split}/SUBJECT.csv"


def load(folder: Path | None, languages: Sequence[str], split: str = "test") -> dict[str, list[TaskItem]]:
    """Return the questions of a split, the first of every subject, then the second of every subject, and so on.

    Args:
        folder: holds `data/test` or `test`.
        languages: codes; any but Chinese is absent from the result.
        split: `test`, or `dev` for the examples.

    Raises:
        DataError: no folder, no file, or a row without its columns; file and row are named.
    """
    if "zh" not in languages:
        return {}
    layout = _LAYOUT.format(split=split)
    root = need_folder(folder, "cmmlu", layout)
    files = sorted(root.glob(f"data/{split}/*.csv")) or sorted(root.glob(f"{split}/*.csv"))
    if not files:
        raise nothing_in(root, "cmmlu", layout, languages)
    return in_turn({"zh": [item for path in files for item in _read(path, split)]}, "subject")


def _read(path: Path, split: str) -> list[TaskItem]:
    return [
        placed_item(
            row,
            item_id=f"{path.stem}/{split}/{number}",
            question="Question",
            options=[row.text(letter) for letter in "ABCD"],
            gold_index=row.index(("Answer",), 4),
            groups={"subject": path.stem},
        ).item
        for number, row in enumerate(read_rows(path))
    ]


def exemplars(folder: Path | None, languages: Sequence[str], n: int) -> dict[str, list[TaskItem]]:
    """Return the first `n` questions of the dev split of every subject; a prompt gets those of its own subject.

    Raises:
        ConfigError: a subject has fewer.
        DataError: no dev split.
    """
    return {lang: first_of_each(items, n, task="cmmlu") for lang, items in load(folder, languages, "dev").items()}


CMMLU = Task(
    name="cmmlu",
    version=1,
    kind="choice",
    summary="11,582 exam questions of 67 subjects written in Chinese, four shown options; five examples of the subject",
    reference="arXiv 2306.09212; github.com/haonan-li/CMMLU 5b17e8b",
    load=load,
    request=partial(ask_after_own_subject, ask=partial(shown_choice, task="cmmlu"), task="cmmlu"),
    score=score_by_letter,
    exemplars=exemplars,
    default_shots=5,
    primary="letter",
    languages=("zh",),
    group="exams",
    verified="haonan-li/CMMLU 5b17e8b: data/dev/agronomy.csv, first rows of data/test/agronomy.csv and chinese_driving_rule.csv",
)
