"""Calibration and speed of the default translation gate on human translations.

    python -m benchmarks.translation_gate [--data DIR] [--json FILE] [--no-speed] [--fit-lengths]

1. Share of human items that pass, by set, language and check (MGSM, MSVAMP, GSM8K-ko; FLORES-200 as other prose).
2. Recall on injected errors: a number changed or dropped, English left, another language, half cut off, a formula lost.
3. Speed: without language identification (sources seen for the first time and again: a build sees each once a language),
   then the language check and the whole gate (again, and first) against bare lingua: the same detector on the same texts
   in the same process, in turns, in processor time, best of nine.
"""

import argparse
import json
import math
import random
import re
import statistics
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.human_pairs import MGSM, MSVAMP, gsm8k_ko, mgsm, msvamp
from xleval.data.language_spans import STRICT_DISTANCE
from xleval.data.reasoning.gate import chatter, copy, digit_reading, numbers, placeholders, runaway
from xleval.data.reasoning.gate.gate import Gate, GateConfig
from xleval.data.reasoning.gate.language import candidates
from xleval.data.reasoning.records import Pair

FLORES = {
    "de": "deu_Latn", "id": "ind_Latn", "pt": "por_Latn", "ar": "arb_Arab", "bn": "ben_Beng", "sw": "swh_Latn",
    "es": "spa_Latn", "ru": "rus_Cyrl", "fr": "fra_Latn", "ja": "jpn_Jpan", "zh": "zho_Hans", "ko": "kor_Hang",
    "uk": "ukr_Cyrl", "th": "tha_Thai", "te": "tel_Telu",
}  # fmt: skip
#: A language that could be taken for another one, as far as FLORES has it.
NEIGHBOURS = {
    "es": "pt", "pt": "es", "fr": "es", "de": "fr", "ru": "uk", "uk": "ru", "ja": "zh", "zh": "ja", "id": "sw",
    "sw": "id", "ar": "ru", "bn": "te", "te": "bn", "th": "bn", "ko": "ja",
}  # fmt: skip
NUMBER = re.compile(r"\d+")
Texts = list[tuple[str, str]]


def main() -> None:
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--data", type=Path, default=default, help="folder with mgsm, msvamp, gsm8k_ko, flores200_devtest"
    )
    parser.add_argument("--json", type=Path, help="write the figures there, too")
    parser.add_argument("--no-speed", action="store_true", help="calibration only")
    parser.add_argument(
        "--fit-lengths", action="store_true", help="print the constants of the length check, nothing else"
    )
    arguments = parser.parse_args()
    sets = human_sets(arguments.data)
    if arguments.fit_lengths:
        print_lengths(arguments.data, sets)
        return
    figures = {"pass": print_passing(sets), "recall": print_recall(sets)}
    if not arguments.no_speed:
        figures["speed"] = print_speed(sets)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def human_sets(data: Path) -> dict[tuple[str, str], Texts]:
    """Return English texts and their human translations by set and language."""
    sets = {("mgsm", lang): texts_of(mgsm(data, lang)) for lang in MGSM}
    sets |= {("msvamp", lang): texts_of(msvamp(data, lang)) for lang in MSVAMP}
    sets["gsm8k_ko", "ko"] = texts_of(gsm8k_ko(data))
    folder = data / "flores200_devtest" / "devtest"
    english = (folder / "eng_Latn.devtest").read_text(encoding="utf-8").splitlines()
    for lang, name in FLORES.items():
        lines = (folder / f"{name}.devtest").read_text(encoding="utf-8").splitlines()
        sets["flores", lang] = list(zip(english, lines, strict=True))
    return sets


def texts_of(pairs: Sequence[Pair]) -> Texts:
    return [(pair.source, pair.target) for pair in pairs]


def pairs_of(texts: Texts, lang: str) -> list[Pair]:
    return [
        Pair(item_id=str(index), lang=lang, source=source, target=target)
        for index, (source, target) in enumerate(texts, start=1)
    ]


def print_passing(sets: Mapping[tuple[str, str], Texts]) -> list[dict[str, object]]:
    gate = Gate()
    print(f"gate: {dict(gate.fingerprint())}\n\nset       lang  items  pass    rejected by")
    rows: list[dict[str, object]] = []
    for (name, lang), texts in sets.items():
        found = gate.check(pairs_of(texts, lang))
        share = sum(not findings for findings in found) / len(found)
        by_check = Counter(finding.check for findings in found for finding in findings)
        print(f"{name:9} {lang:4}  {len(texts):5}  {share:.4f}  {dict(by_check)}")
        rows.append({"set": name, "lang": lang, "items": len(texts), "pass": share, "rejected": dict(by_check)})
    return rows


def change_number(target: str, rng: random.Random) -> str | None:
    """Return the text with one digit of one number changed, or None without digits."""
    places = list(NUMBER.finditer(target))
    if not places:
        return None
    start, end = rng.choice(places).span()
    at = rng.randrange(start, end)
    zero = chr(ord(target[at]) - int(target[at]))
    least = 1 if at == start and end > start + 1 else 0
    digit = rng.choice([value for value in range(least, 10) if value != int(target[at])])
    return target[:at] + chr(ord(zero) + digit) + target[at + 1 :]


def drop_number(target: str, rng: random.Random) -> str | None:
    """Return the text without one of its numbers, or None without digits."""
    places = list(NUMBER.finditer(target))
    if not places:
        return None
    start, end = rng.choice(places).span()
    return target[:start] + target[end:]


def injected(sets: Mapping[tuple[str, str], Texts], name: str, lang: str) -> dict[str, list[Pair]]:
    """Return pairs with one error each, by kind of error."""
    rng = random.Random(20261121)
    texts = sets[name, lang]
    errors: dict[str, Texts] = {kind: [] for kind in ("changed", "dropped", "english", "last", "half", "formula")}
    for source, target in texts:
        for _ in range(5 if len(texts) < 500 else 1):
            for kind, injection in (("changed", change_number), ("dropped", drop_number)):
                damaged = injection(target, rng)
                if damaged is not None:
                    errors[kind].append((source, damaged))
        errors["english"].append((source, source))
        last = re.split(r"(?<=[.?!]) +", source.strip())[-1]
        if len(last.split()) >= 6:
            errors["last"].append((source, f"{target} {last}"))
        errors["half"].append((source, target[: len(target) // 2]))
        errors["formula"].append((source + r" Let $x_1 = \frac{a}{b}$.", target))
    other = NEIGHBOURS[lang]
    if ("flores", lang) in sets:
        errors["neighbour"] = [(source, target) for source, target in sets["flores", other]]
    return {kind: pairs_of(damaged, lang) for kind, damaged in errors.items()}


def print_recall(sets: Mapping[tuple[str, str], Texts]) -> list[dict[str, object]]:
    gate = Gate()
    kinds = ("changed", "dropped", "english", "last", "half", "formula", "neighbour")
    print("\nrecall: `changed` by the number check alone, the others by the whole gate")
    print("set       lang  " + "  ".join(f"{kind:9}" for kind in kinds))
    rows: list[dict[str, object]] = []
    for name, lang in sets:
        if name == "flores":
            continue
        row: dict[str, object] = {"set": name, "lang": lang}
        for kind, pairs in injected(sets, name, lang).items():
            found = gate.check(pairs)
            only = "numbers" if kind == "changed" else "language" if kind == "neighbour" else ""
            hits = [any(only in (one.check, "") for one in findings) for findings in found]
            row[kind] = sum(hits) / len(hits)
        print(f"{name:9} {lang:4}  " + "  ".join(f"{row.get(kind, math.nan):<9.3f}" for kind in kinds))
        rows.append(row)
    return rows


def print_lengths(data: Path, sets: dict[tuple[str, str], Texts]) -> None:
    """Print middle and spread of the log ratio of lengths."""
    for lang in ("it", "ms", "vi"):
        files = [(data / "polymath" / code / "low.jsonl").read_text(encoding="utf-8") for code in ("en", lang)]
        english, other = ([json.loads(line)["question"] for line in text.splitlines()] for text in files)
        sets["polymath", lang] = list(zip(english, other, strict=True))
    for lang in sorted({lang for _, lang in sets}):
        fitted = []
        for (name, code), texts in sets.items():
            if code == lang and name != "msvamp":
                ratios = [math.log(length(target) / length(source)) for source, target in texts]
                low, high = (statistics.quantiles(ratios, n=100)[percent - 1] for percent in (16, 84))
                fitted.append((statistics.median(ratios), (high - low) / 2))
        print(f'"{lang}": ({statistics.mean(one[0] for one in fitted):.3f}, {max(one[1] for one in fitted):.3f}),')


def length(text: str) -> int:
    return len(text) - text.count(" ")


def print_speed(sets: Mapping[tuple[str, str], Texts]) -> list[dict[str, object]]:
    print("\nmicroseconds a text; `again`: sources seen before, but for `first`; ratios against bare lingua")
    print("set       lang  first  again  items/s  lingua  language  ratio  gate  ratio  ratio first")
    rows: list[dict[str, object]] = []
    wanted = [("mgsm", lang) for lang in MGSM] + [
        ("gsm8k_ko", "ko"),
        *(("flores", lang) for lang in ("uk", "id", "ar")),
    ]
    for name, lang in wanted:
        speed = speed_of(pairs_of(sets[name, lang][:300], lang), lang)
        rows.append({"set": name, "lang": lang, **speed})
        keys = ("first", "again", "rate", "lingua", "language", "ratio", "gate", "gate_ratio", "first_ratio")
        row = "{:9} {:4}  {:5.0f}  {:5.0f}  {:7.0f}  {:6.0f}  {:8.0f}  {:5.2f}  {:4.0f}  {:5.2f}  {:11.2f}"
        print(row.format(name, lang, *(speed[key] for key in keys)))
    return rows


def speed_of(pairs: Sequence[Pair], lang: str) -> dict[str, float]:
    bare = bare_lingua(lang)
    without, language, whole = Gate(GateConfig(use_language=False)), Gate(GateConfig(checks=("language",))), Gate()
    works: dict[str, Callable[[], object]] = {
        "first": lambda: first_time(without, pairs),
        "again": lambda: without.check(pairs),
        "lingua": lambda: [bare(pair.target) for pair in pairs],
        "language": lambda: language.check(pairs),
        "gate": lambda: whole.check(pairs),
        "gate_first": lambda: first_time(whole, pairs),
    }
    best = dict.fromkeys(works, math.inf)
    for _ in range(9):
        for name, work in works.items():
            began = time.process_time()
            work()
            best[name] = min(best[name], (time.process_time() - began) / len(pairs) * 1e6)
    ratios = {"ratio": "language", "gate_ratio": "gate", "first_ratio": "gate_first"}
    return {**best, **{key: best["lingua"] / best[name] for key, name in ratios.items()}, "rate": 1e6 / best["first"]}


def bare_lingua(lang: str) -> Callable[[str], object]:
    from lingua import Language, LanguageDetectorBuilder

    names = sorted(candidates(lang))
    builder = LanguageDetectorBuilder.from_languages(*(getattr(Language, name) for name in names))
    detect: Callable[[str], object] = builder.with_minimum_relative_distance(STRICT_DISTANCE).build().detect_language_of
    return detect


def first_time(gate: Gate, pairs: Sequence[Pair]) -> None:
    """Check pairs as if each source were seen for the first time."""
    for cached in (
        numbers._source_values, numbers._source_words, numbers._source_cardinals, digit_reading._cluster_values,
        placeholders._parts, copy._blocks, runaway._source_repeated, chatter._source_marks,
    ):  # fmt: skip
        cached.cache_clear()
    gate.check(pairs)


if __name__ == "__main__":
    main()
