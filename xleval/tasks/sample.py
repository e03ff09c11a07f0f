"""The embedded reasoning sample: 25 word problems written for this project, in 14 languages, with integer answers.

Two worked exemplars in the language of the question come first (native chain of thought), in the plain-text format of
MGSM (arXiv 2210.03057, section 3), so that a base model knows what is wanted. Greedy decoding; the completion ends
before the next question. The answer is taken by `evalkit.extraction` and compared as a number.
With 25 items an accuracy is known to about 20 points: the sample shows that everything works and how a model writes,
it does not rank models (D23).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path

from xleval.errors import DataError
from xleval.evalkit.extraction import extract_number, is_correct
from xleval.evalkit.prompts import cot_prompt, prompt_words, stop_strings
from xleval.evalkit.requests import Completion, GenerateRequest, Outcome, Request, Unscored
from xleval.evalkit.samples import Sample
from xleval.evalkit.task import Task, TaskItem, TaskOptions, sample_fields

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


def request(item: TaskItem, lang: str, options: TaskOptions) -> Request:
    """Return the generation request of a problem."""
    exemplars = [(each.questions[lang], each.solutions[lang]) for each in read_problems("sample_exemplars.jsonl")]
    return GenerateRequest(
        key=f"sample/{lang}/{item.item_id}",
        prompt=cot_prompt(item.question, lang, exemplars, mode="native"),
        max_tokens=options.max_tokens,
        stop=stop_strings(lang),
    )


def score(item: TaskItem, lang: str, asked: Request, outcome: Outcome) -> Sample:
    """Return the sample of an answered or failed request; language shares are added by the runner."""
    known = sample_fields(SAMPLE, item, lang, asked)
    if isinstance(outcome, Unscored):
        return Sample(**known, unscored_reason=outcome.reason)
    if not isinstance(outcome, Completion):
        raise TypeError(f"a completion is needed, found {type(outcome).__name__}")
    found = extract_number(outcome.text, lang, prefixes=(prompt_words(lang).answer_prefix,))
    return Sample(
        **known,
        prediction=None if found.value is None else str(found.value),
        correct=is_correct(found, item.gold),
        completion=outcome.text,
        finish_reason=outcome.finish_reason,
        n_completion_tokens=outcome.n_tokens,
        extraction_path=found.path,
    )


SAMPLE = Task(
    name="sample",
    version=1,
    kind="generation",
    summary="25 word problems written for xleval, two worked exemplars, chain of thought in the question's language",
    reference="this project; format after MGSM, arXiv 2210.03057",
    languages=LANGUAGES,
    is_embedded=True,
    load=load,
    request=request,
    score=score,
)
