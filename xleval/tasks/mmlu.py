"""MMLU: 14,042 exam questions of 57 subjects in English, four shown options.

* Source: Hendrycks et al. 2021, arXiv 2009.03300; github.com/hendrycks/test, `data/{dev,test}/SUBJECT_{dev,test}.csv` without
  header (question, A, B, C, D, letter), in the repository until its data went into an archive of the same folders (test at
  f112c7a, dev at e005575). MIT. On the hub: cais/mmlu, `all/{dev,test}-*.parquet` (question, subject, choices, answer 0-3).
* Prompt: its block (question, `A. option` a line, answer label), with our labels: `--scaffold english` writes `Question:`
  and `Answer:`. It differs from evaluate.py of the repository in the label before the question and in leaving out the line
  that names the subject.
* Examples: the five of the dev split, of the subject that is asked (`--shots 5` in evaluate.py and in lm-eval).
* Score: the letter with the highest log-probability after the answer label, as in evaluate.py. Prompts are never cut to
  fit, evaluate.py drops examples.
* Ids: `SUBJECT/test/N`, N the row of the subject from 0, as Global-MMLU names the same items. The subjects take turns.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from xleval.data.rows import Row, read_rows
from xleval.evalkit.hub import HubSet
from xleval.evalkit.task import Task, TaskItem
from xleval.tasks.asking import shown_choice
from xleval.tasks.exam_rows import Placed, ask_after_own_subject, first_of_each, four_options, placed_item
from xleval.tasks.item_order import in_turn
from xleval.tasks.language_files import language_files, need_folder, nothing_in
from xleval.tasks.mmlu_subjects import subject_groups
from xleval.tasks.verdicts import score_by_letter

_LAYOUT = "data/{split}/SUBJECT_{split}.csv, or all/{split}-*.parquet"
_COLUMNS = ("question", "A", "B", "C", "D", "answer")


def load(folder: Path | None, languages: Sequence[str], split: str = "test") -> dict[str, list[TaskItem]]:
    """Return the questions of a split, the first of every subject, then the second of every subject, and so on.

    Args:
        folder: holds `data/test`, `test` or `all`.
        languages: codes; any but English is absent from the result.
        split: `test`, or `dev` for the examples.

    Raises:
        DataError: no folder, no file, or a row without its columns; file and row are named.
    """
    if "en" not in languages:
        return {}
    root = need_folder(folder, "mmlu", _LAYOUT.format(split=split))
    parquet = language_files(root, "all", split)
    files = sorted(path for place in ("data", "") for path in (root / place / split).glob(f"*_{split}.csv"))
    if parquet:
        found = _numbered([(row.text("subject"), row) for path in parquet for row in read_rows(path)], split)
    elif files:
        rows = [
            (path.stem.removesuffix(f"_{split}"), row) for path in files for row in read_rows(path, columns=_COLUMNS)
        ]
        found = _numbered(rows, split)
    else:
        raise nothing_in(root, "mmlu", _LAYOUT.format(split=split), languages)
    return in_turn({"en": [placed.item for placed in found]}, "subject")


def _numbered(rows: Sequence[tuple[str, Row]], split: str) -> list[Placed]:
    counts: dict[str, int] = {}
    found = []
    for subject, row in rows:
        number = counts[subject] = counts.get(subject, -1) + 1
        options = four_options(row, "ABCD")
        found.append(
            placed_item(
                row,
                item_id=f"{subject}/{split}/{number}",
                options=options,
                gold_index=row.index(("answer",), len(options)),
                groups=subject_groups(subject),
            )
        )
    return found


def exemplars(folder: Path | None, languages: Sequence[str], n: int) -> dict[str, list[TaskItem]]:
    """Return the first `n` questions of the dev split of every subject; a prompt gets those of its own subject.

    Raises:
        ConfigError: a subject has fewer.
        DataError: no dev split.
    """
    return {lang: first_of_each(items, n, task="mmlu") for lang, items in load(folder, languages, "dev").items()}


MMLU = Task(
    name="mmlu",
    version=1,
    kind="choice",
    summary="14,042 exam questions of 57 subjects in English, four shown options; five examples of the subject",
    reference="arXiv 2009.03300; github.com/hendrycks/test evaluate.py",
    load=load,
    request=partial(ask_after_own_subject, ask=partial(shown_choice, task="mmlu"), task="mmlu"),
    score=score_by_letter,
    exemplars=exemplars,
    default_shots=5,
    primary="letter",
    languages=("en",),
    group="exams",
    hub=HubSet(
        repo="cais/mmlu",
        files=("all/test-*.parquet", "all/dev-*.parquet"),
        revision="c30699e8356da336a370243923dbaf21066bb9fe",
    ),
    verified="hendrycks/test: data/dev/global_facts_dev.csv at e005575, rows of its test file at f112c7a",
)
