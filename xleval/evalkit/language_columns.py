"""Language statistics in the columns of samples: counted for one sample or for many, and read again."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from xleval.data.language_id import LanguageShares
from xleval.errors import ConfigError
from xleval.evalkit.metrics.language_consistency import Detector, Text, count_text, count_texts
from xleval.evalkit.metrics.language_rates import is_short, languages_found
from xleval.evalkit.reasoning import split_reasoning
from xleval.evalkit.samples import Sample

Part = Literal["reasoning", "answer", "second"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageScoring:
    """How the language of a run's completions is told.

    Attributes:
        second: whether the second detector looks at them, too.
        headline: whose share is the headline: the second's for a model that was trained to please the first (D5).
    """

    second: bool = False
    headline: Detector = "first"

    def __post_init__(self) -> None:
        """Refuse a headline of a detector that does not look."""
        if self.headline == "second" and not self.second:
            raise ConfigError("the second detector cannot give the headline without looking: second is False")


FIRST_ONLY = LanguageScoring()


def with_language_shares(sample: Sample, how: LanguageScoring = FIRST_ONLY) -> Sample:
    """Return a sample with the language statistics of its completion; a sample without one comes back as it is.

    Raises:
        MissingExtra: the second detector is asked for and not installed.
    """
    return _filled(sample, [count_text(text) for text in _texts(sample, how)], how)


def with_all_language_shares(
    samples: Sequence[Sample],
    how: LanguageScoring = FIRST_ONLY,
    *,
    processes: int | None = 1,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Sample]:
    """Return samples as `with_language_shares` does, in order; the same ones with any number of processes.

    Args:
        samples: any; those without a completion stay as they are.
        how: detectors.
        processes: of `count_texts`.
        progress: is told how many samples are counted.

    Raises:
        MissingExtra: the second detector is asked for and not installed.
        ConfigError: fewer than one process.
    """
    n_texts = sum(n_texts_of(sample, how) for sample in samples)
    found = []
    for number, sample in enumerate(each_with_language_shares(samples, n_texts, how, processes=processes), start=1):
        found.append(sample)
        progress(number, len(samples))
    return found


def each_with_language_shares(
    samples: Iterable[Sample], n_texts: int, how: LanguageScoring = FIRST_ONLY, *, processes: int | None = 1
) -> Iterator[Sample]:
    """Yield samples as `with_language_shares` does, in order, with a few thousand of them in memory.

    Args:
        samples: any; those without a completion stay as they are.
        n_texts: how many texts they have together; see `n_texts_of`.
        how: detectors.
        processes: of `count_texts`.

    Raises:
        MissingExtra: the second detector is asked for and not installed.
        ConfigError: fewer than one process.
    """
    waiting: deque[tuple[Sample, int]] = deque()

    def texts() -> Iterator[Text]:
        for sample in samples:
            found = _texts(sample, how)
            waiting.append((sample, len(found)))
            yield from found

    counted = count_texts(texts(), processes, n_texts=n_texts)
    counts: list[LanguageShares] = []
    for shares in counted:
        counts.append(shares)
        yield from _complete(waiting, counts, how)
    yield from _complete(waiting, counts, how)


def n_texts_of(sample: Sample, how: LanguageScoring) -> int:
    """Return how many texts are counted of a sample, which may be without them."""
    return 0 if sample.completion is None else 1 + 2 * (sample.reasoning is not None) + how.second


def _complete(
    waiting: deque[tuple[Sample, int]], counts: list[LanguageShares], how: LanguageScoring
) -> Iterator[Sample]:
    """Yield the first samples that wait, as far as all their texts are counted."""
    while waiting and waiting[0][1] <= len(counts):
        sample, n = waiting.popleft()
        yield _filled(sample, counts[:n], how)
        del counts[:n]


def language_shares_of(sample: Sample, *, headline: bool = False) -> LanguageShares | None:
    """Return the language statistics of a sample's completion; None where none were taken.

    Args:
        sample: with a completion that was counted.
        headline: those of the detector that gives the headline; else those of the first.
    """
    if headline and sample.headline_detector == "second":
        return part_shares_of(sample, "second")
    if sample.n_words is None:
        return None

    def words(share: float | None) -> int:
        return round((share or 0.0) * (sample.n_words or 0))

    return LanguageShares(
        target=sample.asked_lang or sample.lang,
        n_target=words(sample.target_share),
        n_english=words(sample.english_share),
        n_other=words(sample.other_share),
        n_undetermined=words(sample.undetermined_share),
        target_chars=sample.target_chars or 0,
        determined_chars=sample.determined_chars or 0,
        n_sentences=sample.n_sentences or 0,
        n_foreign_sentences=sample.n_foreign_sentences or 0,
        top=sample.top_language,
        excluded_share=sample.excluded_share or 0.0,
        n_lines=sample.n_lines or 0,
        n_foreign_lines=sample.n_foreign_lines or 0,
        n_intruders=sample.n_intruders or 0,
    )


def part_shares_of(sample: Sample, part: Part) -> LanguageShares | None:
    """Return the statistics of the reasoning, of the answer, or of the whole by the second detector.

    Of a completion that does not tell reasoning and answer apart, both are the whole, as in MMATH. None where nothing was
    counted. Characters and excluded letters are not stored for parts and are 0; `top` is the target, another label
    (`other`, whichever it is) or None.
    """
    counts = getattr(sample, f"{part}_counts")
    if not counts:
        told_apart = sample.reasoning is not None  # by a version that did not count the parts
        return None if told_apart or part == "second" else language_shares_of(sample)
    target, english, other, undetermined, sentences, foreign, lines, foreign_lines, intruders, on_target, _ = counts
    code = sample.asked_lang or sample.lang
    return LanguageShares(
        target=code,
        n_target=target,
        n_english=english,
        n_other=other,
        n_undetermined=undetermined,
        target_chars=0,
        determined_chars=0,
        n_sentences=sentences,
        n_foreign_sentences=foreign,
        top=None if not target + english + other else code if on_target else "other",
        excluded_share=0.0,
        n_lines=lines,
        n_foreign_lines=foreign_lines,
        n_intruders=intruders,
    )


def polymath_of(sample: Sample, part: Part | None = None) -> bool | None:
    """Return whether a completion, or a part of it, is consistent by PolyMath's rule; None where that was not looked at."""
    counts = getattr(sample, f"{part}_counts") if part else ()
    return bool(counts[-1]) if counts else sample.polymath_consistent


def _texts(sample: Sample, how: LanguageScoring) -> list[Text]:
    """Return what is to be counted of a sample: the whole, its parts where they are told apart, the whole again."""
    if sample.completion is None:
        return []
    parts = [sample.completion]
    if sample.reasoning is not None:
        parts += [sample.reasoning, split_reasoning(sample.completion, sample.prompt)[1]]
    target = sample.asked_lang or sample.lang
    texts = [Text(text=part, target=target, prompt=sample.prompt) for part in parts]
    if how.second:
        texts.append(Text(text=sample.completion, target=target, prompt=sample.prompt, detector="second"))
    return texts


def _filled(sample: Sample, counted: Sequence[LanguageShares], how: LanguageScoring) -> Sample:
    """Return a sample with the statistics of its `_texts`."""
    if sample.completion is None:
        return sample
    whole, *others = counted
    parts: dict[str, tuple[int, ...]] = {}
    if sample.reasoning is not None:
        answer = split_reasoning(sample.completion, sample.prompt)[1]
        parts = {
            "reasoning_counts": _counts(others[0], sample.reasoning),
            "answer_counts": _counts(others[1], answer),
        }
    target, english, other, undetermined = whole.shares or (None, None, None, None)
    return replace(
        sample,
        n_words=whole.n_words,
        n_determined=whole.n_determined,
        target_share=target,
        english_share=english,
        other_share=other,
        undetermined_share=undetermined,
        target_of_determined=whole.target_of_determined,
        target_chars=whole.target_chars,
        determined_chars=whole.determined_chars,
        n_sentences=whole.n_sentences,
        n_foreign_sentences=whole.n_foreign_sentences,
        top_language=whole.top,
        excluded_share=whole.excluded_share,
        n_lines=whole.n_lines,
        n_foreign_lines=whole.n_foreign_lines,
        n_intruders=whole.n_intruders,
        polymath_consistent=_polymath(whole, sample.completion),
        reasoning_counts=parts.get("reasoning_counts", ()),
        answer_counts=parts.get("answer_counts", ()),
        second_counts=_counts(others[-1], sample.completion) if how.second else (),
        headline_detector="second" if how.headline == "second" else None,
    )


def _counts(shares: LanguageShares, text: str) -> tuple[int, ...]:
    """Return the statistics of a text in the order of `PART_COUNTS`."""
    return (
        shares.n_target, shares.n_english, shares.n_other, shares.n_undetermined, shares.n_sentences,
        shares.n_foreign_sentences, shares.n_lines, shares.n_foreign_lines, shares.n_intruders,
        int(shares.top == shares.target), int(_polymath(shares, text)),
    )  # fmt: skip


def _polymath(shares: LanguageShares, text: str) -> bool:
    found = languages_found(shares.target, shares.n_target, shares.n_english, shares.n_other)
    return found == [shares.target] or is_short(text)
