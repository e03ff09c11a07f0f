"""In which language the completions of a task are written: per-item columns and the row of one language."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from xleval.data.language_id import LanguageShares, language_shares
from xleval.evalkit.item_statistics import ItemStatistics, estimate_json
from xleval.evalkit.metrics.accuracy import completion_verdict
from xleval.evalkit.metrics.grid import Floats, TaskGrid
from xleval.evalkit.metrics.language_consistency import MIN_WORDS, language_consistency
from xleval.evalkit.results_schema import LanguageConsistencyJson
from xleval.evalkit.samples import Sample

_SHARES = ("target", "english", "other", "undetermined")


def with_language_shares(sample: Sample) -> Sample:
    """Return a sample with the language statistics of its completion; a sample without one comes back as it is."""
    if sample.completion is None:
        return sample
    counts = language_shares(sample.completion, sample.asked_lang or sample.lang, prompt=sample.prompt)
    target, english, other, undetermined = counts.shares or (None, None, None, None)
    return replace(
        sample,
        n_words=counts.n_words,
        n_determined=counts.n_determined,
        target_share=target,
        english_share=english,
        other_share=other,
        undetermined_share=undetermined,
        target_of_determined=counts.target_of_determined,
        target_chars=counts.target_chars,
        determined_chars=counts.determined_chars,
        n_sentences=counts.n_sentences,
        n_foreign_sentences=counts.n_foreign_sentences,
        top_language=counts.top,
        excluded_share=counts.excluded_share,
    )


def language_shares_of(sample: Sample) -> LanguageShares | None:
    """Return the language statistics that a sample holds; None where none were taken."""
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
    )


def language_consistency_columns(grid: TaskGrid) -> Floats:
    """Return the share of the target language among determined words, (I, L); NaN below `MIN_WORDS` of them.

    Of several completions of an item it is the mean.
    """
    values = np.full((len(grid.item_ids), len(grid.languages)), np.nan)
    for i, row in enumerate(grid.draws):
        for j, draws in enumerate(row):
            shares = [
                each.target_of_determined
                for each in draws
                if each.target_of_determined is not None and (each.n_determined or 0) >= MIN_WORDS
            ]
            if shares:
                values[i, j] = sum(shares) / len(shares)
    return values


def correct_in_language_columns(grid: TaskGrid) -> Floats:
    """Return the share of an item's completions that are right and in the language asked for, (I, L); NaN unscored.

    In the language are completions whose most frequent language is the one asked for, and those with fewer than
    `MIN_WORDS` determined words, in which no language shows.
    """
    values = np.full((len(grid.item_ids), len(grid.languages)), np.nan)
    for i, row in enumerate(grid.draws):
        for j, draws in enumerate(row):
            verdicts = [(each, verdict) for each in draws if (verdict := completion_verdict(each)) is not None]
            if verdicts:
                values[i, j] = sum(right and in_language(each) for each, right in verdicts) / len(verdicts)
    return values


def in_language(sample: Sample) -> bool:
    """Return whether a completion is in the language asked for, see `correct_in_language_columns`."""
    return (sample.n_determined or 0) < MIN_WORDS or sample.top_language == (sample.asked_lang or sample.lang)


def language_consistency_json(
    column: Sequence[Sample], items: ItemStatistics, j: int
) -> LanguageConsistencyJson | None:
    """Return the language consistency of one language's completions; None where words were not counted."""
    counted = [counts for sample in column if (counts := language_shares_of(sample)) is not None]
    if not counted:
        return None
    found = language_consistency(counted)
    return LanguageConsistencyJson(
        headline=estimate_json(items.bounded_mean_of("written", [j])),
        pooled=found.pooled_share,
        by_characters=found.character_share,
        n_below=found.n_below_5,
        minimum=MIN_WORDS,
        n_without_words=sum(not counts.n_words for counts in counted),
        shares=dict(zip(_SHARES, found.mean_shares, strict=True)) if found.mean_shares else {},
        response_pass_rate=found.response_pass_rate,
        n_judged=found.n_judged,
        off_target_rate=found.off_target_rate,
        excluded_share=found.excluded_share,
    )
