"""Choices from log-probabilities, ties, and what generations add to accuracy."""

import dataclasses
import itertools

import numpy as np
import pytest

from xleval.errors import ConfigError, DataError
from xleval.evalkit.metrics import accuracy as acc
from xleval.evalkit.metrics.grid import TIE, build_grid
from xleval.evalkit.samples import Sample


def choice(item: str = "1", lang: str = "en", **changes: object) -> Sample:
    base = Sample(
        task="t", task_version=1, lang=lang, item_id=item, kind="choice", prompt="p", gold="ab", prediction="ab",
        correct=True, choices=("ab", "cdef"), gold_index=0, sum_logprobs=(-3.0, -4.0), n_tokens=(1, 2),
    )  # fmt: skip
    return dataclasses.replace(base, **changes)  # type: ignore[arg-type]


def generation(item: str = "1", lang: str = "en", **changes: object) -> Sample:
    base = Sample(
        task="t", task_version=1, lang=lang, item_id=item, kind="generation", prompt="p", gold="7", prediction="7",
        correct=True, completion="so 7", finish_reason="stop", n_completion_tokens=4,
    )  # fmt: skip
    return dataclasses.replace(base, **changes)  # type: ignore[arg-type]


def correctness(sample: Sample, how: acc.Normalisation, ties: acc.Ties = "expected") -> float:
    return float(acc.decide_choices(build_grid([sample], [sample.lang]), how, ties).correct[0, 0])


def test_each_normalisation_by_hand() -> None:
    # Bengali "ক" is 1 character and 3 bytes. sums -3 and -4; tokens 1 and 2; characters 1 and 2; bytes 3 and 2
    sample = choice(choices=(" ক", " xy"), gold="ক", prediction="ক")
    grid = build_grid([sample], ["en"])
    wanted = {"sum": (-3, -4), "token": (-3, -2), "char": (-3, -2), "byte": (-1, -2), "letter": (-3, -4)}
    for how, scores in wanted.items():
        np.testing.assert_allclose(acc.normalised_scores(grid, acc.as_normalisation(how))[0, 0], scores)
    assert [correctness(sample, acc.as_normalisation(how)) for how in wanted] == [1, 0, 0, 1, 1]


def test_a_tie_of_all_is_unscored_and_of_some_is_expected() -> None:
    options = {"choices": ("ab", "cd", "ef", "gh"), "n_tokens": (1, 1, 1, 1)}
    partial = choice(sum_logprobs=(-2.0, -2.0, -5.0, -2.0), **options)
    assert correctness(partial, "byte") == pytest.approx(1 / 3)
    assert correctness(partial, "byte", "published") == 1.0
    assert correctness(dataclasses.replace(partial, gold_index=1), "byte", "published") == 0.0
    everything = choice(sum_logprobs=(-1e9,) * 4, **options)
    assert np.isnan(correctness(everything, "byte"))
    assert correctness(everything, "byte", "published") == 1.0


def test_a_cut_prompt_does_not_choose_the_longest_option() -> None:
    # All sums equal: divided by bytes the longest option would win. Nothing was chosen.
    sample = choice(sum_logprobs=(-1e9, -1e9), gold_index=1)
    assert np.isnan(correctness(sample, "byte"))
    assert np.isnan(correctness(choice(sum_logprobs=(-np.inf, -np.inf)), "byte"))


def test_expectation_over_ties_equals_all_orders() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        scores = rng.integers(0, 3, 4).astype(float)
        best = scores.max()
        # an order of the slots breaks ties: the first best option in it is chosen
        orders = list(itertools.permutations(range(4)))
        chosen = [next(slot for slot in order if scores[slot] == best) for order in orders]
        wanted = np.bincount(chosen, minlength=4) / len(orders)
        np.testing.assert_allclose(acc.pick_probabilities(scores[None], "expected")[0], wanted)


def test_a_tie_marked_by_the_scorer_is_decided_again() -> None:
    sample = choice(sum_logprobs=(-1.0, -1.0), prediction=None, correct=None, unscored_reason=TIE, choices=("ab", "cd"))
    assert np.isnan(correctness(sample, "byte"))
    assert correctness(sample, "byte", "published") == 1.0


def test_a_failed_request_is_unscored_whatever_its_scores() -> None:
    sample = choice(prediction=None, correct=None, unscored_reason="server died")
    assert np.isnan(correctness(sample, "byte"))
    assert np.isnan(correctness(dataclasses.replace(sample, sum_logprobs=(), n_tokens=()), "byte", "published"))


def test_imported_choices_without_scores_keep_their_verdict() -> None:
    sample = choice(sum_logprobs=(), n_tokens=(), prediction="cdef", correct=False)
    decided = acc.decide_choices(build_grid([sample], ["en"]), "byte", "expected")
    assert decided.correct[0, 0] == 0.0
    np.testing.assert_array_equal(decided.picks[0, 0], [0.0, 1.0])


def test_chance_is_the_mean_over_items() -> None:
    three = choice("2", choices=("a", "b", "c", "d"), sum_logprobs=(), n_tokens=())
    np.testing.assert_allclose(acc.chance_accuracy(build_grid([choice(), three], ["en"])), [(1 / 2 + 1 / 4) / 2])
    assert np.isnan(acc.chance_accuracy(build_grid([generation()], ["en"]))).all()


def test_cut_without_answer_is_wrong() -> None:
    cut = generation("1", finish_reason="length", prediction=None, correct=None, unscored_reason="truncated")
    cut_after_answer = generation("2", finish_reason="length")
    failed = generation("3", completion=None, finish_reason=None, prediction=None, correct=None, unscored_reason="500")
    grid = build_grid([cut, cut_after_answer, failed], ["en"])
    np.testing.assert_array_equal(acc.generation_correctness(grid)[:, 0], [0.0, 1.0, np.nan])


def test_generation_rates_by_hand() -> None:
    samples = [
        generation("1"),
        generation("2", prediction=None, correct=False, completion="no idea", n_completion_tokens=6),
        generation(
            "3", prediction=None, correct=False, finish_reason="length", completion="and", n_completion_tokens=8
        ),
        generation("4", completion=None, finish_reason=None, prediction=None, correct=None, unscored_reason="500"),
    ]
    rates = acc.generation_rates(samples)
    assert rates is not None
    # 3 completions: 1 cut, 2 without answer; 2 finished, 1 right; tokens (4+6+8)/3; characters (4+7+3)/3
    assert (rates.n, rates.truncated, rates.unparsed) == (3, 1 / 3, 2 / 3)
    assert (rates.finished, rates.finished_correct, rates.mean_tokens) == (2, 1, 6.0)
    assert rates.mean_chars == pytest.approx(14 / 3)
    assert acc.generation_rates(samples[3:]) is None


def test_options_are_brought_into_one_order_by_their_ids() -> None:
    en = choice(choice_ids=("Q1", "Q2"), sum_logprobs=(-1.0, -9.0))
    de = choice(lang="de", choices=("wxyz", "uv"), choice_ids=("Q2", "Q1"), gold_index=1, sum_logprobs=(-8.0, -2.0))
    grid = build_grid([en, de], ["en", "de"])
    np.testing.assert_array_equal(grid.gold, [[0, 0]])
    np.testing.assert_array_equal(grid.sums[0], [[-1.0, -9.0], [-2.0, -8.0]])
    np.testing.assert_array_equal(grid.utf8_bytes[0], [[2, 4], [2, 4]])
    assert grid.aligned.all()


def test_other_options_are_not_aligned_but_scored() -> None:
    odd = choice(lang="de", choice_ids=("Q1", "Q9"))
    samples = [odd, choice(choice_ids=("Q1", "Q2")), choice(lang="fr", choice_ids=("Q2", "Q1"))]
    grid = build_grid(samples, ["de", "en", "fr"])
    np.testing.assert_array_equal(grid.aligned, [[False, True, True]])
    assert not np.isnan(acc.decide_choices(grid, "byte", "expected").correct).any()


def test_ragged_and_contradictory_input_is_named() -> None:
    three = choice(lang="de", choices=("a", "b", "c"), sum_logprobs=(-1.0, -2.0, -3.0), n_tokens=(1, 1, 1))
    with pytest.raises(DataError, match="item 1: 3 options in de and 2 in en, and no choice_ids"):
        build_grid([choice(), three], ["en", "de"])
    with pytest.raises(DataError, match="language en: item 1 is there twice"):
        build_grid([choice(), choice()], ["en"])
    with pytest.raises(DataError, match="an option is empty"):
        build_grid([choice(choices=("ab", " "))], ["en"])
    with pytest.raises(DataError, match="one task, version and kind"):
        build_grid([choice(), choice("2", task_version=2)], ["en"])
    with pytest.raises(ConfigError, match="no samples in de; there are: en"):
        build_grid([choice()], ["en", "de"])


def test_unknown_names_are_refused() -> None:
    with pytest.raises(ConfigError, match="byte"):
        acc.as_normalisation("bytes")
    with pytest.raises(ConfigError, match="expected"):
        acc.as_ties("random")
