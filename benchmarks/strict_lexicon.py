"""Learn the word list of the strict gate and write `xleval/data/reasoning/gate/strict_lexicon.tsv`.

    python -m benchmarks.strict_lexicon [--out FILE]

From the odd item numbers of MGSM (CC-BY 4.0), MSVAMP (MIT) and GSM8K-ko (Apache 2.0) and all of FLORES-200 devtest
(CC-BY-SA 4.0); only counts of words and word pieces leave them. Per language and English stem:

1. Candidates are the character n-grams of the translations. An n-gram stays with the stem that it goes with best (at least
   0.8 of its highest phi coefficient, four-fold table of texts), which keeps words apart that come together often.
2. Up to four are taken greedily as long as the mutual information of `any piece is there` and `the stem is there` grows.
3. `expected` and `background` are measured on texts that the pieces were not taken from (four folds), with additive
   smoothing; a stem stays where they differ by more than 0.15.

The length weights come from ridge regression of the translation's characters on stem counts and `LENGTH_FEATURES`,
weighted by one over the length (the spread of a length grows with its square root).
"""

import argparse
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from benchmarks.human_pairs import DATA, LANGUAGES, flores, is_odd, word_problems
from xleval.data.reasoning.gate.lexicon import (
    LENGTH_FEATURES,
    Entry,
    Lexicon,
    english_stem,
    english_words,
    fold_text,
    length_features,
)
from xleval.data.reasoning.records import Pair

MIN_TEXTS = 3
MAX_PIECES = 4
FOLDS = 4
RIDGE = 3.0
_SEGMENT = re.compile(r"[^\d.,;:!?。、，？।$%\"()|_\t]+")
_LONGEST = {"zh": (1, 4), "ja": (1, 4), "ko": (2, 4)}
_HEAD = """# English stems and what stands for them in translations; made by `python -m benchmarks.strict_lexicon`, do not edit.
# Counts from MGSM (CC-BY 4.0), MSVAMP (MIT), GSM8K-ko (Apache 2.0), odd item numbers, and FLORES-200 (CC-BY-SA 4.0).
# language, stem, expected, background, characters, pieces (| between them, _ is a space)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--out", type=Path, default=Path("xleval/data/reasoning/gate/strict_lexicon.tsv"))
    parser.add_argument("--langs", default=",".join(LANGUAGES))
    arguments = parser.parse_args()
    lines: list[str] = []
    for lang in arguments.langs.split(","):
        problems = [pair for pair in word_problems(arguments.data, lang) if is_odd(pair)]
        made = learn(problems, problems + flores(arguments.data, lang), lang)
        lines.extend(rows(lang, made))
        print(f"{lang}  {len(problems)} problems, {len(made.entries)} stems", flush=True)
    arguments.out.write_text(_HEAD + "\n".join(lines) + "\n", encoding="utf-8")


def learn(problems: Sequence[Pair], texts: Sequence[Pair], lang: str) -> Lexicon:
    """Return the word list learned from texts and the length weights learned from word problems."""
    pieces = choose_pieces(texts, lang)
    counts: dict[str, list[int]] = {stem: [0, 0, 0, 0] for stem in pieces}
    for fold in range(FOLDS):
        chosen = choose_pieces([pair for at, pair in enumerate(texts) if at % FOLDS != fold], lang)
        for pair in texts[fold::FOLDS]:
            count_presence(pair, chosen, counts)
    entries: dict[str, Entry] = {}
    for stem, (texts_with, found_with, texts_without, found_without) in counts.items():
        expected = (found_with + 1) / (texts_with + 2.5)
        background = (found_without + 0.5) / (texts_without + 1)
        if texts_with and expected > background + 0.15:
            entries[stem] = Entry(pieces=pieces[stem], expected=expected, background=background)
    return Lexicon(entries=entries, lengths=length_weights(problems))


def stems(text: str) -> list[str]:
    return [english_stem(word) for word in english_words(text)]


def count_presence(pair: Pair, chosen: dict[str, tuple[str, ...]], counts: dict[str, list[int]]) -> None:
    own, folded = set(stems(pair.source)), fold_text(pair.target)
    for stem, parts in chosen.items():
        if stem in counts:
            at = 0 if stem in own else 2
            counts[stem][at] += 1
            counts[stem][at + 1] += any(part in folded for part in parts)


def ngrams(text: str, lang: str) -> set[str]:
    low, high = _LONGEST.get(lang, (3, 7))
    found: set[str] = set()
    for segment in _SEGMENT.findall(fold_text(text)):
        for size in range(low, high + 1):
            for start in range(len(segment) - size + 1):
                piece = segment[start : start + size]
                inner = " " in piece if lang in ("zh", "ja") else " " in piece[1:-1]
                # A single kana says nothing, a single Han character is a word.
                if not inner and piece.strip() and (size > 1 or "\u4e00" <= piece <= "\u9fff"):
                    found.add(piece)
    return found


def _matrix(texts: Sequence[Iterable[str]], index: dict[str, int]) -> Any:
    rows_, columns = [], []
    for row, items in enumerate(texts):
        for item in items:
            if item in index:
                rows_.append(row)
                columns.append(index[item])
    return sparse.csc_matrix((np.ones(len(rows_), np.float32), (rows_, columns)), shape=(len(texts), len(index)))


def choose_pieces(texts: Sequence[Pair], lang: str) -> dict[str, tuple[str, ...]]:
    """Return for each English stem the pieces that show it."""
    own = [set(stems(pair.source)) for pair in texts]
    shown = [ngrams(pair.target, lang) for pair in texts]
    total = len(texts)
    stem_list = [stem for stem, count in Counter(one for row in own for one in row).items() if count >= MIN_TEXTS]
    piece_list = [
        piece
        for piece, count in Counter(one for row in shown for one in row).items()
        if MIN_TEXTS <= count < 0.9 * total
    ]
    left = _matrix(own, {stem: at for at, stem in enumerate(stem_list)})
    right = _matrix(shown, {piece: at for at, piece in enumerate(piece_list)})
    with_stem, with_piece = (np.asarray(one.sum(0)).ravel() for one in (left, right))
    both = (left.T @ right).toarray()
    spread = np.sqrt(np.outer(with_stem * (total - with_stem), with_piece * (total - with_piece)))
    phi = (total * both - np.outer(with_stem, with_piece)) / spread
    best = phi.max(0)
    made: dict[str, tuple[str, ...]] = {}
    for at, stem in enumerate(stem_list):
        candidates = np.where((phi[at] >= 0.8 * best) & (phi[at] > 0.12) & (both[at] >= MIN_TEXTS))[0]
        candidates = candidates[np.argsort(-phi[at][candidates], kind="stable")][:60]
        if len(candidates):
            here = np.asarray(left[:, [at]].toarray()).ravel() > 0
            taken = _greedy(here, right[:, candidates].toarray() > 0)
            if taken:
                made[stem] = tuple(piece_list[candidates[one]] for one in taken)
    return made


def _information(here: Any, found: Any) -> tuple[float, float]:
    """Return the mutual information in nats of two columns, and by how much the one raises the chance of the other."""
    inside = (found[here].sum() + 0.5) / (here.sum() + 1.5)
    outside = (found[~here].sum() + 0.5) / ((~here).sum() + 1.5)
    share = here.mean()
    mixed = share * inside + (1 - share) * outside

    def entropy(chance: float) -> float:
        return float(-(chance * np.log(chance) + (1 - chance) * np.log(1 - chance)))

    return entropy(mixed) - share * entropy(inside) - (1 - share) * entropy(outside), inside - outside


def _greedy(here: Any, columns: Any) -> list[int]:
    covered = np.zeros(len(here), bool)
    taken: list[int] = []
    gain = raised = 0.0
    while len(taken) < MAX_PIECES:
        gains = [_information(here, covered | columns[:, at])[0] for at in range(columns.shape[1])]
        at = int(np.argmax(gains))
        if gains[at] < gain * 1.03 + 1e-4:
            break
        covered = covered | columns[:, at]
        gain, raised = _information(here, covered)
        taken.append(at)
    return taken if raised > 0.25 else []


def length_weights(problems: Sequence[Pair]) -> dict[str, float]:
    """Return characters of the translation per stem (of at least four texts) and per length feature."""
    counted = Counter(stem for pair in problems for stem in stems(pair.source))
    names = [*sorted(stem for stem, count in counted.items() if count >= 4), *LENGTH_FEATURES]
    index = {name: at for at, name in enumerate(names)}
    design = np.zeros((len(problems), len(names)))
    for row, pair in enumerate(problems):
        for stem in stems(pair.source):
            if stem in index:
                design[row, index[stem]] += 1
        for name, value in length_features(pair.source).items():
            design[row, index[name]] = value
    lengths = np.array([len(pair.target) for pair in problems], float)
    weight = 1 / np.sqrt(np.maximum(lengths, 20))
    scaled = design * weight[:, None]
    penalty = np.full(len(names), RIDGE)
    penalty[-len(LENGTH_FEATURES) :] = 0.01
    solved = np.linalg.solve(scaled.T @ scaled + np.diag(penalty), scaled.T @ (lengths * weight))
    return dict(zip(names, map(float, solved), strict=True))


def rows(lang: str, made: Lexicon) -> list[str]:
    """Return the lines of a language; a stem without pieces has a length weight only."""
    lines = []
    for stem in sorted(made.entries.keys() | made.lengths.keys()):
        entry = made.entries.get(stem)
        length = made.lengths.get(stem, 0.0)
        if entry is None and abs(length) < 0.05:
            continue
        chances = ("", "") if entry is None else (f"{entry.expected:.3f}", f"{entry.background:.4f}")
        pieces = "" if entry is None else "|".join(entry.pieces).replace(" ", "_")
        lines.append("\t".join((lang, stem, *chances, f"{length:.2f}" if length else "", pieces)))
    return lines


if __name__ == "__main__":
    main()
