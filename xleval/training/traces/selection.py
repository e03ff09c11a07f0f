"""Which of a teacher's completions are traces to learn from: right, finished, in the language asked for, no copies."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from xleval.errors import ConfigError
from xleval.evalkit.language_columns import language_shares_of, part_shares_of
from xleval.evalkit.metrics.language_consistency import MIN_WORDS
from xleval.evalkit.samples import Sample
from xleval.training.measure import COPIED, copied_share

#: Why a completion is no trace, in the order in which it is asked; each counts under the first that holds. `unscored`: the
#: teacher did not answer, so nobody knows. `truncated`: cut at the token limit. `no answer`: none is found in it. `wrong`.
#: `not stated`: right only as its last number. `short`: fewer than five words whose language is determined. `language`:
#: too little of it in the language asked for. `copied`: half of it or more stands in the question.
Reason = Literal["unscored", "truncated", "no answer", "wrong", "not stated", "short", "language", "copied"]
REASONS: tuple[Reason, ...] = get_args(Reason)
_GUESSED = "last_number"


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceRules:
    """What a trace must have.

    Attributes:
        min_share: least share of the determined words that are in the language asked for, in (0, 1]; of the whole, and of
            reasoning and answer where a model tells them apart.
        parallel: keep only items that have a trace in every language.
    """

    min_share: float = 0.9
    parallel: bool = False

    def __post_init__(self) -> None:
        """Refuse a share that is none.

        Raises:
            ConfigError: it is not in (0, 1].
        """
        if not 0 < self.min_share <= 1:
            raise ConfigError(f"--min-share is {self.min_share:g}; a share above 0 and at most 1 is needed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A completion and what became of it.

    Attributes:
        sample: as `xleval run` scored it.
        question: of the item, in its language.
        reason: why it is no trace; None for one.
        share: least share of the language asked for among its parts; None where no part has five determined words.
    """

    sample: Sample
    question: str
    reason: Reason | None
    share: float | None

    @property
    def text(self) -> str:
        """What is learnt: the opening that the teacher was given, and what it wrote."""
        return ((self.sample.prefill or "") + (self.sample.completion or "")).strip()


def judge(sample: Sample, question: str, rules: TraceRules) -> Judged:
    """Return what becomes of a completion.

    Args:
        sample: with a verdict and language statistics.
        question: of its item, which it must not copy.
        rules: what a trace must have.
    """
    share = least_share(sample)
    return Judged(sample=sample, question=question, reason=_reason(sample, question, share, rules), share=share)


def _reason(sample: Sample, question: str, share: float | None, rules: TraceRules) -> Reason | None:
    text = sample.completion or ""
    checks: tuple[tuple[Reason, bool], ...] = (
        ("unscored", sample.completion is None or sample.correct is None),
        ("truncated", sample.finish_reason == "length"),
        ("no answer", sample.prediction is None),
        ("wrong", not sample.correct),
        ("not stated", sample.extraction_path == _GUESSED),
        ("short", share is None),
        ("language", share is not None and share < rules.min_share),
    )
    for reason, holds in checks:
        if holds:
            return reason
    return "copied" if copied_share(question, text, sample.asked_lang or sample.lang) >= COPIED else None


def least_share(sample: Sample) -> float | None:
    """Return the least share of the language asked for among the whole, the reasoning and the answer of a completion.

    Parts with fewer than five determined words have none: an answer of one number is in no language.
    """
    parts = (language_shares_of(sample), part_shares_of(sample, "reasoning"), part_shares_of(sample, "answer"))
    found = [part.n_target / part.n_determined for part in parts if part and part.n_determined >= MIN_WORDS]
    return min(found) if found else None


def kept_traces(judged: Sequence[Judged], langs: Sequence[str], rules: TraceRules) -> dict[str, list[Judged]]:
    """Return one trace for each item and language: the first in the order of drawing that nothing is wrong with.

    The first and not the shortest: it is drawn as the teacher writes, where the shortest would teach to skip steps.
    """
    first: dict[str, dict[str, Judged]] = {lang: {} for lang in langs}
    for each in judged:
        if each.reason is None:
            first[each.sample.lang].setdefault(each.sample.item_id, each)
    if rules.parallel:
        shared = set.intersection(*(set(found) for found in first.values()))
        first = {lang: {key: each for key, each in found.items() if key in shared} for lang, found in first.items()}
    return {lang: list(found.values()) for lang, found in first.items()}


def funnel(judged: Iterable[Judged], kept: Mapping[str, Sequence[Judged]]) -> dict[str, dict[str, int]]:
    """Return by language: items and completions asked, completions by reason and right ones, items with a trace, kept.

    `with a trace` counts items, `kept` those of them in the set: fewer where only parallel items are kept.
    """
    found: dict[str, dict[str, int]] = {}
    items: dict[str, set[str]] = {lang: set() for lang in kept}
    passed: dict[str, set[str]] = {lang: set() for lang in kept}
    for lang in kept:
        found[lang] = dict.fromkeys(("items", "completions", *REASONS, "passed", "with a trace", "kept"), 0)
    for each in judged:
        lang, row = each.sample.lang, found[each.sample.lang]
        items[lang].add(each.sample.item_id)
        row["completions"] += 1
        row[each.reason or "passed"] += 1
        if each.reason is None:
            passed[lang].add(each.sample.item_id)
    for lang, row in found.items():
        row |= {"items": len(items[lang]), "with a trace": len(passed[lang]), "kept": len(kept[lang])}
    return found
