"""Language consistency: how much of what a model wrote is in the language it was asked for.

The statistics of one completion are `xleval.data.language_id.language_shares`; here they are aggregated.
"""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

from xleval.data.language_id import LanguageShares, language_shares, preload
from xleval.errors import ConfigError, DataError

MIN_WORDS = 5
"""Determined words from which a completion has a share of its own; below it one word moves the share by over 0.2."""


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
    )


def shares_of_completions(
    texts: Sequence[str], targets: Sequence[str], prompts: Sequence[str], processes: int = 1
) -> list[LanguageShares]:
    """Return the language statistics of every completion, in order.

    Processes instead of lingua's own parallel calls, which hold the interpreter lock and gain little. A process takes
    2 to 4 s and 500 MB for the models: worth it from some 5,000 completions.

    Args:
        texts: completions.
        targets: language code per completion.
        prompts: prompt per completion; "" where there is none.
        processes: worker processes; 1 works in this process.

    Raises:
        ConfigError: unknown language, or fewer than one process.
        DataError: lists of different lengths.
    """
    if processes < 1:
        raise ConfigError(f"processes is {processes}: give 1 or more")
    if not len(texts) == len(targets) == len(prompts):
        raise DataError(
            f"found {len(texts)} texts, {len(targets)} targets and {len(prompts)} prompts: "
            "give one of each per completion"
        )
    if processes == 1:
        return [language_shares(*one) for one in zip(texts, targets, prompts, strict=True)]
    # Spawned, not forked: the caller may hold threads of torch or of an engine, which a fork would leave in any state.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=preload) as pool:
        chunk = max(1, min(64, len(texts) // (4 * processes)))
        return list(pool.map(language_shares, texts, targets, prompts, chunksize=chunk))


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _mean_shares(shares: Sequence[tuple[float, float, float, float]]) -> tuple[float, float, float, float] | None:
    if not shares:
        return None
    target, english, other, undetermined = (sum(column) / len(shares) for column in zip(*shares, strict=True))
    return target, english, other, undetermined
