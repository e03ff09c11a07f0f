"""Whether a completion is right: the verdict that `xleval run` gives, as 1 or 0."""

from collections.abc import Callable, Mapping

from xleval.evalkit.imports.verdicts import number_in_gold
from xleval.evalkit.names_match import matches_name
from xleval.evalkit.samples import Sample
from xleval.tasks import TASKS
from xleval.tasks.verdicts import score_expression, score_letter, score_name, score_number
from xleval.training.rewards.attempts import Attempt
from xleval.training.rewards.options import AccuracyOptions, AnswerKind

_SCORERS: Mapping[str, Callable[[Sample], Sample]] = {
    "number": score_number,
    "expression": score_expression,
    "letter": score_letter,
    "name": score_name,
}


def accuracy(attempt: Attempt, options: AccuracyOptions) -> float | None:
    """Return 1 for a right completion and 0 for a wrong one, or None for an item without a right answer.

    The verdict is that of the item's task, so that training and evaluation agree: numbers by the tasks' extraction,
    expressions by mathematical equality, choices by letter or text, facts by name. A completion that was cut at its
    limit counts only where it states its answer (D1). One thing is stricter here: a completion that names a second
    option beside the right one earns nothing, since a policy would soon list all of them.

    Args:
        attempt: a completion.
        options: what kind of answer it is.

    Raises:
        DataError: the right answer is not of the kind.
        MissingExtra: an expression, and math-verify is not installed.
    """
    if attempt.gold is None and attempt.gold_index is None:
        return None
    scored = _scorer(attempt, options.answer)(_sample(attempt, options.answer))
    if scored.correct is None:
        return None
    return float(scored.correct and not (scored.extraction_path == "gold" and _names_another(attempt, scored)))


def _scorer(attempt: Attempt, answer: AnswerKind) -> Callable[[Sample], Sample]:
    """Return what gives the verdict.

    A task whose options are hidden from the model when it is evaluated has no verdict on a text: the option is told by
    its name there.
    """
    if answer != "auto":
        return _SCORERS[answer]
    task = TASKS.get(attempt.task)
    if task is not None and task.kind == "generation" and not task.judged:
        return task.score
    if attempt.choices:
        return score_name if task is not None and task.primary == "byte" else score_letter
    return score_expression if number_in_gold(attempt.gold or "") is None else score_number


def _sample(attempt: Attempt, answer: AnswerKind) -> Sample:
    gold = attempt.gold if attempt.gold is not None else attempt.choices[attempt.gold_index or 0]
    if not attempt.choices and answer in ("auto", "number"):
        gold = number_in_gold(gold) or gold  # a worked solution that ends in `#### 18`
    return Sample(
        task=attempt.task,
        task_version=0,
        lang=attempt.lang or "en",
        item_id=attempt.item_id,
        kind="generation",
        prompt=attempt.prompt,
        gold=gold,
        unscored_reason="not scored yet",
        choices=attempt.choices,
        choice_ids=attempt.choice_ids,
        gold_index=attempt.gold_index,
        completion=attempt.completion,
        asked_lang=attempt.asked_lang or None,
        finish_reason="length" if attempt.truncated else "stop",
    )


def _names_another(attempt: Attempt, scored: Sample) -> bool:
    """Return whether an answer that names the right entity names a further one, too.

    A name that stands in the right one ("York" in "New York") is no further one.
    """
    from xleval.evalkit.scoring import answer_text

    text = answer_text(scored)
    ids = attempt.choice_ids or attempt.choices
    gold_names = [name for each, name in zip(ids, attempt.choices, strict=True) if each == scored.prediction]
    others = [name for each, name in zip(ids, attempt.choices, strict=True) if each != scored.prediction]
    return any(
        matches_name(text, [name]) and not any(matches_name(gold, [name]) for gold in gold_names) for name in others
    )
