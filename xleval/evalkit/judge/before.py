"""What is decided before a judge sees it: an answer that is empty, is in the wrong language, or was cut loses."""

from typing import Literal

from xleval.evalkit.metrics.language_consistency import MIN_WORDS
from xleval.evalkit.samples import Sample
from xleval.evalkit.scoring import answer_text

Fault = Literal["empty", "truncated", "wrong_language"]
#: What becomes of an answer that ended at its token limit: it loses, or a judge reads what there is.
Cut = Literal["lose", "judge"]
#: In the order in which they are looked for: an answer has the first one that holds.
FAULTS: tuple[Fault, ...] = ("empty", "wrong_language", "truncated")


def fault_of(sample: Sample, cut: Cut = "lose") -> Fault | None:
    """Return what loses an answer without a judge; None where a judge is to see it.

    The answer is what stands after the reasoning, where a model separates the two. It is in the wrong language when
    fewer than half of its determined words are in the language asked for, of at least five; with fewer its language is
    not known, and that is not wrong.
    """
    if not answer_text(sample).strip():
        return "empty"
    target, determined = _words(sample)
    if determined >= MIN_WORDS and 2 * target < determined:
        return "wrong_language"
    return "truncated" if cut == "lose" and sample.finish_reason == "length" else None


def _words(sample: Sample) -> tuple[float, int]:
    """Return the words in the language asked for, and all whose language was determined, by the headline's detector."""
    if sample.headline_detector == "second" and sample.second_counts:
        counts = sample.second_counts
    elif sample.answer_counts:
        counts = sample.answer_counts
    else:
        determined = sample.n_determined or 0
        return (sample.target_of_determined or 0.0) * determined, determined
    return counts[0], sum(counts[:3])  # target, English, other: the order of PART_COUNTS
