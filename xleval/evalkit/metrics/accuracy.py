"""Accuracy: which option the log-probabilities choose, what a tie is worth, and what generations add to it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, cast, get_args

import numpy as np

from xleval.errors import one_of
from xleval.evalkit.metrics.grid import Bools, Floats, Ints, TaskGrid
from xleval.evalkit.samples import Sample

#: How summed log-probabilities of options of unlike length are made comparable. `letter` is the sum over an answer
#: letter, for tasks that show the options: the option's own length plays no part, so there is nothing to divide by.
Normalisation = Literal["byte", "char", "token", "sum", "pmi", "letter"]
Ties = Literal["expected", "published"]
HIDDEN_OPTIONS: tuple[Normalisation, ...] = ("byte", "char", "token", "sum", "pmi")


def as_normalisation(name: str) -> Normalisation:
    """Return the name of a normalisation, checked.

    Raises:
        ConfigError: it is none of them.
    """
    return one_of("normalisation", name, get_args(Normalisation))


def as_ties(name: str) -> Ties:
    """Return the name of a rule for ties, checked.

    Raises:
        ConfigError: it is none of them.
    """
    return one_of("rule for ties", name, get_args(Ties))


def normalised_scores(grid: TaskGrid, how: Normalisation) -> Floats:
    """Return the options' scores, shape (I, L, N), NaN where there is none.

    Args:
        grid: a choice task.
        how: `sum` and `letter` leave the sums as they are; `token` divides by tokens, `char` by characters (as
            lm-eval's acc_norm) and `byte` by UTF-8 bytes of the option without its leading space; `pmi` subtracts the
            option's score after the bare answer label.
    """
    if how == "pmi":
        return grid.sums - grid.cues
    divisors = {"token": grid.tokens, "char": grid.chars, "byte": grid.utf8_bytes}
    return grid.sums / divisors[how] if how in divisors else grid.sums


def all_tied(scores: Floats) -> Bools:
    """Return whether all options of a cell have the same score, shape (..., N) -> (...); False without scores."""
    known = ~np.isnan(scores)
    top = np.where(known, scores, -np.inf).max(axis=-1)
    return cast(Bools, known.any(axis=-1) & ((scores == top[..., None]) | ~known).all(axis=-1))


def pick_probabilities(scores: Floats, ties: Ties) -> Floats:
    """Return the probability that each option is chosen, shape (..., N); 0 where an option has no score.

    Args:
        scores: higher is better; NaN where there is no option.
        ties: `expected` shares the choice among tied best options; `published` takes the first of them.
    """
    known = ~np.isnan(scores)
    filled = np.where(known, scores, -np.inf)
    best = known & (filled == filled.max(axis=-1, keepdims=True))
    if ties == "published":
        return cast(Floats, (best & (np.cumsum(best, axis=-1) == 1)).astype(np.float64))
    return cast(Floats, best / np.maximum(best.sum(axis=-1, keepdims=True), 1))


def choice_correctness(picks: Floats, gold: Ints) -> Floats:
    """Return the probability that the chosen option is the right one, shape (I, L); gold -1 gives 0."""
    taken = np.take_along_axis(picks, np.maximum(gold, 0)[..., None], axis=-1)[..., 0]
    return np.where(gold >= 0, taken, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the scores of a choice task decide.

    Attributes:
        scored: (I, L), whether the cell has a verdict.
        picks: (I, L, N), probability that each option is chosen; 0 where not scored.
        correct: (I, L), expected correctness in [0, 1]; NaN where not scored.
        ties: (I, L), cells left unscored because all their options are tied.
    """

    scored: Bools
    picks: Floats
    correct: Floats
    ties: Bools


def decide_choices(grid: TaskGrid, how: Normalisation, ties: Ties) -> Choices:
    """Return what is chosen under one normalisation.

    Under `expected` a cell whose options are all tied, before or after normalisation, is unscored: nothing was chosen
    (a prompt that was cut scores every option alike, and dividing by length would then choose by length). Cells without
    log-probabilities, as imported outputs may have, keep their stored prediction and verdict.
    """
    scores = normalised_scores(grid, how)
    with_scores = ~np.isnan(scores).all(axis=-1) & grid.answered
    tied = (all_tied(grid.sums) | all_tied(scores)) & with_scores if ties == "expected" else np.zeros_like(with_scores)
    stored = grid.answered & ~with_scores & ~np.isnan(grid.given)
    picks = np.where((with_scores & ~tied)[..., None], pick_probabilities(scores, ties), 0.0)
    slots = np.arange(scores.shape[-1]) == grid.predicted[..., None]
    picks = np.where(stored[..., None], slots.astype(np.float64), picks)
    scored = (with_scores & ~tied) | stored
    correct = np.where(stored, grid.given, choice_correctness(picks, grid.gold))
    return Choices(scored=scored, picks=picks, correct=np.where(scored, correct, np.nan), ties=tied)


def first_of_tied(grid: TaskGrid, how: Normalisation, ties: Ties) -> Bools:
    """Return the cells that the rule `published` decided alone, (I, L): all options tied, and the first of them taken."""
    scores = normalised_scores(grid, how)
    found = all_tied(scores) & grid.answered & (grid.n_options > 1)
    return found if ties == "published" else np.zeros_like(found)


def chance_accuracy(grid: TaskGrid) -> Floats:
    """Return the accuracy of drawing an option at random, per language; NaN for a generation."""
    with np.errstate(divide="ignore"):
        share = np.where(grid.n_options > 0, 1.0 / grid.n_options, np.nan)
    counted = grid.n_options > 0
    n = counted.sum(axis=0)
    return np.where(n > 0, np.nansum(share, axis=0) / np.maximum(n, 1), np.nan)


def generation_correctness(grid: TaskGrid) -> Floats:
    """Return how right the completions of a generation task are, shape (I, L); NaN where none has a verdict.

    Of one completion it is 1 or 0, of several the share that is right (mean@k). A completion that was cut at its limit
    without an answer is wrong, whatever its row says (research demand D1): leaving it out would raise the accuracy of
    just those languages that need more tokens.
    """
    correct = np.full(grid.given.shape, np.nan)
    for i, row in enumerate(grid.draws):
        for j, draws in enumerate(row):
            verdicts = [verdict for each in draws if (verdict := completion_verdict(each)) is not None]
            if verdicts:
                correct[i, j] = sum(verdicts) / len(verdicts)
    return correct


def completion_verdict(sample: Sample) -> bool | None:
    """Return whether a completion is right; one that was cut without an answer is wrong, one unscored has no verdict."""
    return False if cut_without_answer(sample) else sample.correct


def cut_without_answer(sample: Sample) -> bool:
    """Return whether a completion ended at its limit before an answer was found.

    One that is right had an answer, though imported outputs may lack it.
    """
    cut = sample.completion is not None and sample.finish_reason == "length"
    return cut and sample.prediction is None and not sample.correct


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationRates:
    """What stands beside a generation accuracy; shares are of completions, in [0, 1].

    Attributes:
        n: completions.
        truncated: share cut at the limit.
        unparsed: share without an extracted answer.
        finished: completions that ended by themselves.
        finished_correct: those of them that are right.
        mean_tokens: tokens a completion, cut ones included; None where not recorded.
        mean_chars: characters a completion.
    """

    n: int
    truncated: float
    unparsed: float
    finished: int
    finished_correct: int
    mean_tokens: float | None
    mean_chars: float


def generation_rates(samples: Iterable[Sample]) -> GenerationRates | None:
    """Return the rates of one language's completions; None without a completion."""
    written = [sample for sample in samples if sample.completion is not None]
    if not written:
        return None
    finished = [sample for sample in written if sample.finish_reason != "length" and sample.correct is not None]
    tokens = [sample.n_completion_tokens for sample in written if sample.n_completion_tokens is not None]
    n = len(written)
    return GenerationRates(
        n=n,
        truncated=sum(sample.finish_reason == "length" for sample in written) / n,
        unparsed=sum(sample.prediction is None for sample in written) / n,
        finished=len(finished),
        finished_correct=sum(sample.correct is True for sample in finished),
        mean_tokens=sum(tokens) / len(tokens) if tokens else None,
        mean_chars=sum(sample.n_completion_chars for sample in written) / n,
    )
