"""Language consistency: how much of what a model wrote is in the language it was asked for.

The statistics of one completion are `xleval.data.language_id.language_shares`; here they are aggregated.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from xleval.data.language_id import LanguageShares, language_shares, preload
from xleval.data.parallel import spawned_pool
from xleval.errors import ConfigError, DataError
from xleval.evalkit.metrics.language_passes import is_latin

Detector = Literal["first", "second"]

MIN_WORDS = 5
"""Determined words from which a completion has a share of its own; below it one word moves the share by over 0.2."""

TEXTS_PER_PROCESS = 5000
"""Texts for which starting another process pays."""
MAX_PROCESSES = 8
_BLOCK = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageConsistency:
    """Language consistency of the completions that were asked for in one language. All shares are fractions in [0, 1].

    Attributes:
        lang: code of the language asked for.
        n: completions given, unscored ones included.
        n_unscored: those without text because the backend failed; in no other figure.
        n_below_5: scored completions with fewer than five determined words (empty and number-only ones among them); not
            in `target_share` and `character_share`.
        target_share: the headline: mean over completions of target words / determined words; None if all are too short.
        character_share: the same with every word weighted by its characters.
        pooled_share: target words / determined words of all scored completions together, short ones included.
        mean_shares: means of the shares of target, English, other and undetermined words in all words, over the scored
            completions that have a word; they sum to 1 up to rounding. None without such a completion.
        n_judged: scored completions with a sentence of at least five determined words.
        response_pass_rate: share of the judged completions in which no such sentence is mostly in another language.
            After the line pass rate of Marchisio et al. (2024), https://arxiv.org/abs/2406.20052, with sentences for
            lines and word labels for fastText. None if nothing is judged.
        off_target_rate: share of scored completions with a determined word whose most frequent language is not the
            target. After https://arxiv.org/abs/2305.10930. None without such a completion.
        excluded_share: mean share of the letters that were removed as mathematics, code, names or addresses. High
            values mean that the other figures rest on little text.
        n_lines_judged: scored completions with a line of at least five determined words.
        lines: line pass rate (LPR): share of those in which every such line is mostly in the target language.
        words: word pass rate (WPR): share of those whose lines pass that have no English word of four and more letters;
            None for a target in Latin script, and without such a completion. Both after Marchisio et al. (2024), with
            counted words for fastText; see `language_passes.py` for their own rules.
        lcr: share of all scored completions whose most frequent language is the target; one without words is not
            consistent. After MMATH's LCR.
    """

    lang: str
    n: int
    n_unscored: int
    n_below_5: int
    target_share: float | None
    character_share: float | None
    pooled_share: float | None
    mean_shares: tuple[float, float, float, float] | None
    n_judged: int
    response_pass_rate: float | None
    off_target_rate: float | None
    excluded_share: float | None
    n_lines_judged: int
    lines: float | None
    words: float | None
    lcr: float | None


def language_consistency(completions: Sequence[LanguageShares | None]) -> LanguageConsistency:
    """Return the language consistency of completions from their statistics.

    Args:
        completions: statistics per completion, all of one target; None for an unscored one.

    Raises:
        DataError: no completion, none that is scored, or completions of several targets.
    """
    scored = [one for one in completions if one is not None]
    targets = sorted({one.target for one in scored})
    if len(targets) != 1:
        found = f"targets {', '.join(targets)}" if targets else f"{len(completions)} completions, none of them scored"
        raise DataError(f"language consistency: found {found}; give scored completions of one target language")
    long = [one for one in scored if one.n_determined >= MIN_WORDS]
    judged = [one for one in scored if one.n_sentences]
    with_lines = [one for one in scored if one.n_lines]
    clean = [one for one in with_lines if not one.n_foreign_lines and not is_latin(one.target)]
    shares = [one.shares for one in scored if one.shares is not None]
    determined = sum(one.n_determined for one in scored)
    return LanguageConsistency(
        lang=targets[0],
        n=len(completions),
        n_unscored=len(completions) - len(scored),
        n_below_5=len(scored) - len(long),
        target_share=_mean([one.n_target / one.n_determined for one in long]),
        character_share=_mean([share for one in long if (share := one.target_of_characters) is not None]),
        pooled_share=sum(one.n_target for one in scored) / determined if determined else None,
        mean_shares=_mean_shares(shares),
        n_judged=len(judged),
        response_pass_rate=_mean([one.n_foreign_sentences == 0 for one in judged]),
        off_target_rate=_mean([one.top != one.target for one in scored if one.top is not None]),
        excluded_share=_mean([one.excluded_share for one in scored]),
        n_lines_judged=len(with_lines),
        lines=_mean([one.n_foreign_lines == 0 for one in with_lines]),
        words=_mean([one.n_intruders == 0 for one in clean]),
        lcr=_mean([one.top == one.target for one in scored]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text whose language is to be told.

    Attributes:
        text: completion, or a part of one.
        target: code of the language asked for.
        prompt: what it answers; "" where there is none.
        detector: `first`, or `second`: script and py3langid, which no reward has seen.
    """

    text: str
    target: str
    prompt: str = ""
    detector: Detector = "first"


def count_text(text: Text) -> LanguageShares:
    """Return the language statistics of one text.

    Raises:
        ConfigError: unknown language.
        MissingExtra: the second detector is not installed.
    """
    if text.detector == "second":
        from xleval.data.second_detector import second_language_shares

        return second_language_shares(text.text, text.target, text.prompt)
    return language_shares(text.text, text.target, prompt=text.prompt)


def count_texts(
    texts: Iterable[Text], processes: int | None = 1, *, n_texts: int | None = None
) -> Iterator[LanguageShares]:
    """Yield the language statistics of every text, in order; the same ones with any number of processes.

    Texts are taken as they are needed, a few thousand ahead of what was yielded.

    Processes instead of lingua's own parallel calls, which hold the interpreter lock and gain little. They are spawned,
    so a script that asks for more than one needs `if __name__ == "__main__":`.

    Args:
        texts: any number.
        processes: worker processes; 1 works in this process, None decides by the number of texts and processors.
        n_texts: how many they are, where they have no length.

    Raises:
        ConfigError: unknown language, or fewer than one process.
        MissingExtra: the second detector is asked for and not installed.
    """
    if n_texts is None:
        texts = list(texts)
        n_texts = len(texts)
    processes = usual_processes(n_texts) if processes is None else processes
    if processes < 1:
        raise ConfigError(f"processes is {processes}: give 1 or more")
    return map(count_text, texts) if processes == 1 else _counted_by(texts, processes, n_texts)


def usual_processes(n_texts: int) -> int:
    """Return how many processes count so many texts: one for every 5,000 texts and processor, at most 8.

    A process takes 2 to 4 s and 500 MB for the models before it counts its first text.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(n_texts // TEXTS_PER_PROCESS, cores, MAX_PROCESSES))


def _counted_by(texts: Iterable[Text], processes: int, n_texts: int) -> Iterator[LanguageShares]:
    # Spawned, not forked: the caller may hold threads of torch or of an engine, which a fork would leave in any state.
    with spawned_pool(processes, preload) as pool:
        chunk, left = max(1, min(64, n_texts // (4 * processes))), iter(texts)
        while block := list(islice(left, _BLOCK)):  # the pool takes in at once whatever it is given
            yield from pool.map(count_text, block, chunksize=chunk)


def shares_of_completions(
    texts: Sequence[str], targets: Sequence[str], prompts: Sequence[str], processes: int | None = 1
) -> list[LanguageShares]:
    """Return the language statistics of every completion, in order; see `count_texts`.

    Args:
        texts: completions.
        targets: language code per completion.
        prompts: prompt per completion; "" where there is none.
        processes: of `count_texts`.

    Raises:
        ConfigError: unknown language, or fewer than one process.
        DataError: lists of different lengths.
    """
    if not len(texts) == len(targets) == len(prompts):
        raise DataError(
            f"found {len(texts)} texts, {len(targets)} targets and {len(prompts)} prompts: "
            "give one of each per completion"
        )
    asked = [
        Text(text=text, target=target, prompt=prompt)
        for text, target, prompt in zip(texts, targets, prompts, strict=True)
    ]
    return list(count_texts(asked, processes))


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _mean_shares(shares: Sequence[tuple[float, float, float, float]]) -> tuple[float, float, float, float] | None:
    if not shares:
        return None
    target, english, other, undetermined = (sum(column) / len(shares) for column in zip(*shares, strict=True))
    return target, english, other, undetermined
