"""Which column of a sample contradicts another one."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from xleval.data.storage import parse_json
from xleval.evalkit.sample_columns import PART_COUNTS

if TYPE_CHECKING:
    from xleval.evalkit.samples import Sample

_SHARES = (
    "target_share",
    "english_share",
    "other_share",
    "undetermined_share",
    "target_of_determined",
    "excluded_share",
)


def problem_of(sample: "Sample") -> tuple[str, str] | None:
    """Return the column that contradicts another one, and how; None for a sample that is in order."""
    if sample.kind not in ("choice", "generation"):
        return "kind", f"found {sample.kind!r}, 'choice' or 'generation' is needed"
    if (sample.correct is None) != (sample.unscored_reason is not None):
        return "correct", "a sample has a verdict in 'correct' or a reason in 'unscored_reason', one of the two"
    if sample.finish_reason not in (None, "stop", "length"):
        return "finish_reason", f"found {sample.finish_reason!r}, 'stop', 'length' or null is needed"
    for name in ("reasoning_counts", "answer_counts", "second_counts"):
        if len(getattr(sample, name)) not in (0, len(PART_COUNTS)):
            return name, f"found {len(getattr(sample, name))} counts; {len(PART_COUNTS)}, or none at all, is needed"
    if sample.headline_detector not in (None, "second"):
        return "headline_detector", f"found {sample.headline_detector!r}, 'second' or null is needed"
    for name in _SHARES:
        share = getattr(sample, name)
        if share is not None and not -1e-9 <= share <= 1 + 1e-9:
            return name, f"found {share!r}, a fraction in [0, 1] is needed"
    try:
        if not isinstance(parse_json(sample.groups), dict):
            return "groups", f"found {sample.groups!r:.80}, a JSON object is needed"
    except ValueError as error:
        return "groups", f"found {sample.groups!r:.80}, which is not JSON ({error})"
    return _choice_problem(sample) if sample.kind == "choice" else None


def _choice_problem(sample: "Sample") -> tuple[str, str] | None:
    n = len(sample.choices)
    if n < 2:
        return "choices", f"found {n}, a choice needs two or more"
    if sample.gold_index is None or not 0 <= sample.gold_index < n:
        return "gold_index", f"found {sample.gold_index}, an index from 0 to {n - 1} is needed"
    lists: tuple[tuple[str, Sequence[object]], ...] = (
        ("choice_ids", sample.choice_ids), ("sum_logprobs", sample.sum_logprobs), ("n_tokens", sample.n_tokens),
        ("cue_logprobs", sample.cue_logprobs),
    )  # fmt: skip
    for name, values in lists:
        if values and len(values) != n:
            return name, f"found {len(values)} values for {n} choices; one each, or none at all, is needed"
    if len(set(sample.choice_ids)) != len(sample.choice_ids):
        return "choice_ids", f"found one twice in {', '.join(sample.choice_ids)}"
    if any(math.isnan(value) for value in sample.sum_logprobs):
        return "sum_logprobs", "found a value that is not a number; a failed request is unscored instead"
    return None
