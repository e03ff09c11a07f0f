"""The embedded reasoning sample: 25 word problems written for this project, in 14 languages, with integer answers.

Two worked exemplars in the language of the question come first (native chain of thought), in the plain-text format of
MGSM (arXiv 2210.03057, section 3), so that a base model knows what is wanted; the completion ends before the next
question. A model with a chat template is asked in a conversation, with an instruction. The answer is taken by
`evalkit.extraction` and compared as a number.
With 25 items an accuracy is known to about 20 points: the sample shows that everything works and how a model writes,
it does not rank models (D23).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib import resources
from pathlib import Path

from xleval.errors import DataError
from xleval.evalkit.task import Task, TaskItem
from xleval.tasks.asking import solution_request
from xleval.tasks.verdicts import score_number

LANGUAGES = ("en", "de", "id", "pt", "ar", "bn", "sw", "es", "ru", "fr", "ja", "zh", "ko", "uk")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A word problem in all languages.

    Attributes:
        item_id: joins the languages.
        answer: integer.
        questions: language to text.
        solutions: language to a worked chain of thought; only exemplars have them.
    """

    item_id: str
    answer: int
    questions: dict[str, str]
    solutions: dict[str, str]


@lru_cache
def read_problems(name: str) -> tuple[Problem, ...]:
    """Return the problems of `sample_problems.jsonl` or `sample_exemplars.jsonl`."""
    lines = resources.files("xleval.tasks").joinpath(name).read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return tuple(
        Problem(
            item_id=row["item_id"], answer=row["answer"], questions=row["questions"], solutions=row.get("solutions", {})
        )
        for row in rows
    )


def load(folder: Path | None, languages: Sequence[str]) -> dict[str, list[TaskItem]]:
    """Return the 25 problems by language.

    Raises:
        DataError: a folder was given; this set is part of the package.
    """
    if folder is not None:
        raise DataError(f"sample is part of xleval and takes no data, found --data sample={folder}")
    return {
        lang: [
            TaskItem(item_id=problem.item_id, question=problem.questions[lang], gold=str(problem.answer))
            for problem in read_problems("sample_problems.jsonl")
        ]
        for lang in languages
    }


def exemplars(folder: Path | None, languages: Sequence[str], n: int) -> dict[str, list[TaskItem]]:
    """Return the first `n` worked examples by language."""
    rows = read_problems("sample_exemplars.jsonl")[:n]
    return {
        lang: [
            TaskItem(
                item_id=row.item_id,
                question=row.questions[lang],
                gold=str(row.answer),
                solution=row.solutions[lang],
                english_solution=row.solutions.get("en", ""),
            )
            for row in rows
        ]
        for lang in languages
    }


SAMPLE = Task(
    name="sample",
    version=2,
    kind="generation",
    summary="25 word problems written for xleval, two worked exemplars, chain of thought in the question's language",
    reference="this project; format after MGSM, arXiv 2210.03057",
    languages=LANGUAGES,
    is_embedded=True,
    load=load,
    request=partial(solution_request, task="sample", ask="number"),
    score=score_number,
    exemplars=exemplars,
    default_shots=2,
)
