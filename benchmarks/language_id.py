"""Calibration and speed of the language shares on FLORES-200 sentences.

    python benchmarks/language_id.py [--flores DIR] [--every N]

1. Monolingual text: target share of determined words, undetermined and English share of all words.
2. Sentences mixed with English in known proportion, and English words put into the sentences themselves: the error of the
   English share. Where the latter exceeds 0.05 the pair is resolved to sentences only.
3. Speed against bare lingua: the same detector on the same segments (stripped sentences) in the same process, in turns.
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from xleval.data.language_id import language_shares, preload, strip_non_language
from xleval.data.language_spans import LINGUA_SCRIPTS, detect_code, script_names
from xleval.data.languages import LANGUAGES
from xleval.data.segmentation import icu_version, sentences, words

FILES = {
    "en": "eng_Latn", "de": "deu_Latn", "id": "ind_Latn", "pt": "por_Latn", "ar": "arb_Arab", "bn": "ben_Beng",
    "sw": "swh_Latn", "es": "spa_Latn", "ru": "rus_Cyrl", "fr": "fra_Latn", "ja": "jpn_Jpan", "zh": "zho_Hans",
    "ko": "kor_Hang", "uk": "ukr_Cyrl", "th": "tha_Thai", "te": "tel_Telu",
}  # fmt: skip
SHARES = (0.05, 0.1, 0.25, 0.5)
PAIRS = 5


def main() -> None:
    default = Path(__file__).resolve().parents[2] / "shared" / "data" / "flores200_devtest" / "devtest"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flores", type=Path, default=default, help="folder with the .devtest files")
    parser.add_argument("--every", type=int, default=1, help="take every so-many-th sentence")
    arguments = parser.parse_args()
    texts = {
        lang: (arguments.flores / f"{name}.devtest").read_text(encoding="utf-8").splitlines()[:: arguments.every]
        for lang, name in FILES.items()
    }
    preload()
    print(f"ICU {icu_version()}, {len(texts['en'])} sentences a language")
    print_monolingual(texts)
    print_mixtures(texts)
    print_speed(texts)


def print_monolingual(texts: dict[str, list[str]]) -> None:
    print("\nlang  target/determined  undetermined  english  other")
    for lang, lines in texts.items():
        found = [language_shares(line, lang) for line in lines]
        n_words = sum(one.n_words for one in found)
        determined = sum(one.n_determined for one in found)
        target = sum(one.n_target for one in found) / determined
        english, other = (sum(getattr(one, name) for one in found) / n_words for name in ("n_english", "n_other"))
        print(f"{lang:4}  {target:17.4f}  {1 - determined / n_words:12.4f}  {english:7.4f}  {other:.4f}")


def print_mixtures(texts: dict[str, list[str]]) -> None:
    print("\nlang  error of the English share at " + ", ".join(f"{share:.0%}" for share in SHARES))
    print("      sentences                     inside sentences")
    for lang, lines in texts.items():
        if lang == "en":
            continue
        errors = [
            [mixing(lines, texts["en"], lang, share) for share in SHARES]
            for mixing in (error_of_sentences, error_inside_sentences)
        ]
        columns = ["  ".join(f"{error:+.3f}" for error in row) for row in errors]
        note = "  resolved to sentences only" if max(map(abs, errors[1])) > 0.05 else ""
        print(f"{lang:4}  {columns[0]}  {columns[1]}{note}")


def error_of_sentences(lines: Sequence[str], english: Sequence[str], lang: str, share: float) -> float:
    """Whole sentences are English with the given probability; every ten make a text."""
    rng = random.Random(7)
    n_true = n_words = n_found = 0
    for first in range(0, len(lines), 10):
        chosen = [rng.random() < share for _ in lines[first : first + 10]]
        parts = [english[first + i] if swap else lines[first + i] for i, swap in enumerate(chosen)]
        n_true += sum(language_shares(part, lang).n_words for part, swap in zip(parts, chosen, strict=True) if swap)
        found = language_shares(" ".join(parts), lang)
        n_words += found.n_words
        n_found += found.n_english
    return (n_found - n_true) / n_words


def error_inside_sentences(lines: Sequence[str], english: Sequence[str], lang: str, share: float) -> float:
    """The given share of every sentence's words, in a row at a random place, becomes English words."""
    rng = random.Random(7)
    n_true = n_words = n_found = 0
    for line, source in zip(lines, english, strict=True):
        spans = words(line, lang)
        tokens = [source[start:end] for start, end in words(source, "en")]
        n = min(round(share * len(spans)), len(tokens))
        if not n:
            continue
        first, taken = rng.randrange(len(spans) - n + 1), rng.randrange(len(tokens) - n + 1)
        start, end = spans[first][0], spans[first + n - 1][1]
        found = language_shares(f"{line[:start]} {' '.join(tokens[taken : taken + n])} {line[end:]}", lang)
        n_true += n
        n_words += found.n_words
        n_found += found.n_english
    return (n_found - n_true) / n_words if n_words else 0.0


def print_speed(texts: dict[str, list[str]]) -> None:
    print(f"\nlang  sentences/s  bare lingua  ratio (medians of {PAIRS} ABAB pairs, one process, texts of 8 sentences)")
    n_all, all_ours, all_lingua = 0, 0.0, 0.0
    for lang, lines in texts.items():
        n, bundles = len(lines[:200]), [" ".join(lines[first : first + 8]) for first in range(0, len(lines[:200]), 8)]
        script = LANGUAGES[lang].scripts[0]
        if script not in LINGUA_SCRIPTS:
            rate = n / statistics.median(seconds(run, bundles, lang) for _ in range(PAIRS))
            print(f"{lang:4}  {rate:11.0f}  not used: the script decides")
            continue
        ours, lingua, ratio = paired_seconds(bundles, lang, script_names(script))
        n_all, all_ours, all_lingua = n_all + n, all_ours + ours, all_lingua + lingua
        print(f"{lang:4}  {n / ours:11.0f}  {n / lingua:11.0f}  {ratio:.2f}")
    print(f"all   {n_all / all_ours:11.0f}  {n_all / all_lingua:11.0f}  {all_lingua / all_ours:.2f}")


def paired_seconds(bundles: Sequence[str], lang: str, names: frozenset[str]) -> tuple[float, float, float]:
    """Return the medians of our seconds, lingua's seconds and their ratio over the pairs."""
    segments = [text[a:b] for text in map(strip_non_language, bundles) for a, b in sentences(text, lang)]
    pairs = [(seconds(run, bundles, lang), seconds(bare, segments, names)) for _ in range(PAIRS)]
    ours, lingua = (statistics.median(column) for column in zip(*pairs, strict=True))
    return ours, lingua, statistics.median(theirs / mine for mine, theirs in pairs)


def run(lines: Sequence[str], lang: str) -> None:
    for line in lines:
        language_shares(line, lang)


def bare(segments: Sequence[str], names: frozenset[str]) -> None:
    for segment in segments:
        detect_code(segment, names, 0.1)


def seconds(work: Callable[..., None], *arguments: object) -> float:
    # Processor time, so that what else the machine does counts for neither side.
    start = time.process_time()
    work(*arguments)
    return time.process_time() - start


if __name__ == "__main__":
    main()
