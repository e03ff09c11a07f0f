"""MEXA's arithmetic: cosines worked by hand, strictness, a plain double loop, and what centring takes away."""

import numpy as np
import pytest

from xleval.evalkit.statistics import Floats
from xleval.probing.mexa import found, unit_vectors


def _unit(*rows: tuple[float, float]) -> Floats:
    return unit_vectors(np.array(rows), centred=False)


def test_cosines_worked_by_hand() -> None:
    # Angles of the first language 0, 90, 45 degrees; of the second 0, 45, 90. Cosines, with h = sqrt(1/2):
    #   1 h 0
    #   0 h 1
    #   h 1 h
    # Row and column of sentence 1 have nothing as near as c_11 = 1. c_22 = h is below c_23 = 1 and below c_32 = 1, and so
    # is c_33 = h below c_32 = 1 and c_23 = 1.
    result = found(_unit((3, 0), (0, 2), (1, 1)), _unit((1, 0), (5, 5), (0, 1)))
    h = np.sqrt(0.5)
    assert result.forward.tolist() == [True, False, False]
    assert result.back.tolist() == [True, False, False]
    np.testing.assert_allclose(result.similarity, [1, h, h], atol=1e-15)
    assert result.dissimilarity == pytest.approx((h + 0 + 0 + 1 + h + 1) / 6, abs=1e-15)


def test_a_sentence_found_one_way_only_does_not_count() -> None:
    # Angles 0, 90 degrees and 30, 45. Cosines: .866 .707 / .5 .707. Sentence 1: its row (.866 > .707) and column
    # (.866 > .5) are its own. Sentence 2: nearest of the second language is itself (.707 > .5); back, c_12 = .707 ties.
    result = found(_unit((1, 0), (0, 1)), _unit((np.sqrt(3), 1), (1, 1)))
    assert result.forward.tolist() == [True, True]
    assert result.back.tolist() == [True, False]
    assert result.mexa.tolist() == [True, False]


@pytest.mark.parametrize("scale", [1.0, 1e-6, 3e4])
def test_a_tie_is_not_nearer(scale: float) -> None:
    # Two translations that are the same sentence cannot be told apart, whatever rounding says of equal vectors.
    rng = np.random.default_rng(5)
    first = rng.normal(size=(101, 37)) * scale
    first[60] = first[7]
    second = first + 0.01 * scale * rng.normal(size=first.shape)
    second[60] = second[7]
    result = found(unit_vectors(first, centred=False), unit_vectors(second, centred=False))
    others = np.delete(np.arange(101), [7, 60])
    assert result.mexa[others].all()
    assert not result.forward[[7, 60]].any()
    assert not result.back[[7, 60]].any()


@pytest.mark.parametrize("centred", [False, True])
def test_agrees_with_a_double_loop(centred: bool) -> None:
    rng = np.random.default_rng(3)
    first = rng.normal(size=(23, 8)) + 2
    second = first + rng.normal(size=(23, 8))
    result = found(unit_vectors(first, centred=centred), unit_vectors(second, centred=centred))
    if centred:
        first, second = first - first.mean(axis=0), second - second.mean(axis=0)
    c = [[float(a @ b / np.sqrt(a @ a * (b @ b))) for b in second] for a in first]
    expected = [
        c[i][i] > max(c[i][j] for j in range(23) if j != i) and c[i][i] > max(c[j][i] for j in range(23) if j != i)
        for i in range(23)
    ]
    assert 3 < sum(expected) < 20
    assert result.mexa.tolist() == expected
    off = [c[i][j] for i in range(23) for j in range(23) if i != j]
    assert result.dissimilarity == pytest.approx(np.mean(off), abs=1e-12)
    np.testing.assert_allclose(result.similarity, [c[i][i] for i in range(23)], atol=1e-12)


def test_centring_undoes_what_a_language_adds_to_all_its_sentences() -> None:
    # second = first + offset: centred, the vectors are the same, so every cosine of a translation is 1.
    rng = np.random.default_rng(1)
    first = rng.normal(size=(30, 12))
    second = first + 50.0 * rng.normal(size=12)
    raw = found(unit_vectors(first, centred=False), unit_vectors(second, centred=False))
    centred = found(unit_vectors(first, centred=True), unit_vectors(second, centred=True))
    assert raw.mexa.mean() < 0.2
    assert centred.mexa.all()
    np.testing.assert_allclose(centred.similarity, 1.0, atol=1e-12)
    # Centred vectors of unequal lengths: the off-diagonal mean is not 0, but near -1 / (N - 1) = -0.034.
    assert centred.dissimilarity == pytest.approx(-1 / 29, abs=0.02)


def test_vectors_that_are_all_the_same_have_no_direction_once_centred() -> None:
    same = np.full((4, 3), 0.1, dtype=np.float32)
    units = unit_vectors(same, centred=True)
    assert (units == 0).all()
    assert not found(units, units).forward.any()
