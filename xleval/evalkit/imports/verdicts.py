"""From a foreign item to a sample: scored by xleval where it can be, else with the verdict of the tool."""

import re
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Literal, get_args

from xleval.data.storage import canonical_json
from xleval.errors import one_of
from xleval.evalkit.extraction import extract_number, is_correct
from xleval.evalkit.imports.foreign import ForeignItem
from xleval.evalkit.imports.values import BadRow
from xleval.evalkit.reasoning import split_reasoning
from xleval.evalkit.samples import Sample

#: How completions are scored: numbers by xleval's extraction, or everything as the tool scored it.
Score = Literal["number", "given"]
#: By what a sample was scored.
By = Literal["number", "log-probabilities", "tool", "nothing"]
IMPORTED_VERSION = 1
TOOL_VERDICT = "tool_correct"  # key in `groups`


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A scored sample, without the language shares of its completion.

    Attributes:
        sample: the row.
        by: what its verdict comes from.
    """

    sample: Sample
    by: By


def as_score(name: str) -> Score:
    """Return the way of scoring.

    Raises:
        ConfigError: there is none of this name.
    """
    return one_of("--score", name, get_args(Score))


def judge(item: ForeignItem, sample_index: int, score: Score) -> Judged:
    """Return the sample of an item.

    Options are chosen by log-probability per byte (or as `primary` of the item says), whatever `score` says: results are
    computed from the stored log-probabilities. A completion with a number as its right answer is scored by xleval's extraction, or with
    `given` as the tool scored it; any other completion keeps the tool's verdict, and is unscored without one.

    Raises:
        BadRow: it holds no answer at all.
    """
    groups = dict(item.groups)
    if item.correct is not None:
        groups[TOOL_VERDICT] = "yes" if item.correct else "no"
    is_choice = len(item.choices) > 1 and item.gold_index is not None and item.completion is None
    blank = Sample(
        task=item.task, task_version=IMPORTED_VERSION, lang=item.lang, item_id=item.item_id,
        sample_index=sample_index, kind="choice" if is_choice else "generation", prompt=item.prompt, gold=item.gold,
        choices=item.choices if is_choice else (), gold_index=item.gold_index if is_choice else None,
        choice_ids=item.choice_ids if is_choice else (),
        groups=canonical_json(groups), unscored_reason=item.unscored_reason or "not scored yet",
    )  # fmt: skip
    if item.unscored_reason is not None:
        return Judged(sample=blank, by="nothing")
    if is_choice:
        return _judge_choice(item, blank)
    if item.completion is None:
        raise BadRow("neither a completion nor options with scores")
    return _judge_completion(item, blank, score)


def number_in_gold(gold: str) -> str | None:
    r"""Return the number of a right answer, also of a worked one (`… #### 18`), as `$18$` or `\boxed{18}`; else None."""
    text = gold.rpartition("####")[2].strip().strip("$").strip()
    boxed = re.fullmatch(r"\\boxed\{(.*)\}", text)
    text = (boxed[1] if boxed else text).strip()
    try:
        return text if Decimal(text.replace(",", "")).is_finite() else None
    except InvalidOperation:
        return None


def _judge_choice(item: ForeignItem, blank: Sample) -> Judged:
    from xleval.evalkit.metrics.grid import TIE  # loads numpy, which listing the sources must not

    sums = item.sum_logprobs
    if not sums:
        if item.prediction not in item.choices:
            raise BadRow(f"no log-probabilities, and prediction {item.prediction!r:.60} is none of the options")
        right = item.prediction == item.gold
        return Judged(sample=replace(blank, prediction=item.prediction, correct=right, unscored_reason=None), by="tool")
    if len(sums) != len(item.choices):
        raise BadRow(f"{len(item.choices)} options and {len(sums)} log-probabilities")
    if not all(choice.removeprefix(" ") for choice in item.choices):
        raise BadRow("an option is empty")
    scored = replace(blank, sum_logprobs=sums, n_tokens=item.n_tokens)
    if len(set(sums)) == 1:
        return Judged(sample=replace(scored, unscored_reason=TIE), by="log-probabilities")
    comparable = [total / length for total, length in zip(sums, _lengths(item), strict=True)]
    chosen = comparable.index(max(comparable))
    right = chosen == item.gold_index
    sample = replace(scored, prediction=item.choices[chosen], correct=right, unscored_reason=None)
    return Judged(sample=sample, by="log-probabilities")


def _lengths(item: ForeignItem) -> list[int]:
    """Return by what the log-probability of each option is divided."""
    if item.primary == "token":
        return list(item.n_tokens)
    options = [choice.removeprefix(" ") for choice in item.choices]
    if item.primary == "char":
        return [len(option) for option in options]
    return [len(option.encode()) if item.primary == "byte" else 1 for option in options]


def _judge_completion(item: ForeignItem, blank: Sample, score: Score) -> Judged:
    text = item.completion or ""
    reasoning, answer = split_reasoning(text, item.prompt)
    written = replace(
        blank,
        completion=text,
        reasoning=reasoning,
        finish_reason=item.finish_reason,
        n_completion_tokens=item.n_completion_tokens,
    )
    number = number_in_gold(item.gold)
    if score == "number" and number is not None:
        found = extract_number(answer, item.lang)
        # As for runs of our own: the last number of a solution that was cut is a step on the way (D1).
        unfinished = item.finish_reason == "length" and found.path == "last_number"
        sample = replace(
            written,
            prediction=None if found.value is None or unfinished else str(found.value),
            correct=is_correct(found, number) and not unfinished,
            unscored_reason=None,
            extraction_path="none" if unfinished else found.path,
        )
        return Judged(sample=sample, by="number")
    if item.correct is None:
        reason = (
            "no verdict by the tool" if score == "given" else "the answer is no number, and the tool gives no verdict"
        )
        return Judged(sample=replace(written, unscored_reason=reason), by="nothing")
    return Judged(
        sample=replace(written, prediction=item.prediction, correct=item.correct, unscored_reason=None), by="tool"
    )
