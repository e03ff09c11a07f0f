"""Recall, false alarms and time of `find_overlap` on sets whose overlap is known.

    python benchmarks/overlap.py [--data DIR]

Item n of MGSM is item n of the GSM8K test set in every language, PolyMath's low items are MGSM's first 125, GSM8K-ko is the
GSM8K test set in Korean: a pair of other numbers is a false alarm. MSVAMP and the GSM8K training set share nothing with
these, so there any pair but a renumbered copy is one.
"""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

from xleval.data.overlap import RULES, Overlap, OverlapItem, find_overlap
from xleval.data.set_reader import SetColumns, read_set


def main() -> None:
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=default, help="folder with mgsm, gsm8k and the others")
    data: Path = parser.parse_args().data
    train, test = read(data / "gsm8k/train.jsonl"), read(data / "gsm8k/test.jsonl")
    mgsm, low = read(data / "mgsm"), [item for item in read(data / "polymath") if item.item_id.startswith("low/")]
    korean = read(data / "gsm8k_ko/kor-gsm8k", SetColumns(question="kor_question", lang="ko"))
    math = read(data / "math500")

    print("shared by construction        " + HEAD)
    report("GSM8K test, MGSM", test, mgsm, known=True)
    for lang in sorted({item.lang for item in mgsm} - {"en"}):
        report(f"GSM8K test, MGSM {lang} alone", test, only(mgsm, lang), known=True)
    report("GSM8K test, GSM8K-ko", test, korean, known=True)
    for lang in ("ar", "id", "it", "ko", "ms", "pt", "vi"):
        report(f"MGSM en, PolyMath low {lang}", only(mgsm, "en"), only(low, lang), known=True)
    report("MGSM ja, PolyMath low ar", only(mgsm, "ja"), only(low, "ar"), known=True)
    report("GSM8K-ko, PolyMath low ko", korean, only(low, "ko"), known=True)
    report("SimpleRL-Zoo test, MATH-500", read(data / "simplerl_zoo/test.parquet"), math, known=False)
    print("\na part shared: GSM8K train and the first test items, against MGSM in one language")
    for count in (12, 25, 50, 125):
        for lang in ("sw", "ja", "zh"):
            report(f"{count} of 250, {lang}", [*train, *test[:count]], only(mgsm, lang), known=True, expected=count)
    print("\nnothing shared but renumbered copies")
    report("GSM8K train, GSM8K test", train, test, known=False)
    report("SimpleRL-Zoo train, MATH-500", read(data / "simplerl_zoo/train.parquet"), math, known=False)
    report("GSM8K train, MGSM", train, mgsm, known=False)
    report("GSM8K train, GSM8K-ko", train, korean, known=False)
    msvamp = read(data / "msvamp")
    report("GSM8K train, MSVAMP", train, msvamp, known=False)
    report("MGSM, MSVAMP", mgsm, msvamp, known=False)
    for lang in sorted({item.lang for item in msvamp} - {"en"}):
        report(f"GSM8K train, MSVAMP {lang} alone", train, only(msvamp, lang), known=False)


HEAD = "".join(f"{title:>8}" for title in ("items", "found", *RULES, "false", "seconds"))


def read(path: Path, columns: SetColumns | None = None) -> list[OverlapItem]:
    return list(read_set(path, columns).items)


def only(items: Sequence[OverlapItem], lang: str) -> list[OverlapItem]:
    return [item for item in items if item.lang == lang]


def report(
    name: str,
    train: Sequence[OverlapItem],
    evaluation: Sequence[OverlapItem],
    *,
    known: bool,
    expected: int | None = None,
) -> None:
    """Print counts by rule; with `known`, an item that is paired with another place of its set is a false alarm."""
    start = time.perf_counter()
    shared = find_overlap(train, evaluation)
    seconds = time.perf_counter() - start
    false = str(len(false_items(shared))) if known else "-"
    counts = [sum(found == rule for found in shared.items.values()) for rule in RULES]
    total = shared.n_evaluation if expected is None else expected
    cells = "".join(f"{count:>8}" for count in (total, len(shared.items), *counts))
    print(f"{name:<30}{cells}{false:>8}{seconds:>8.1f}", flush=True)


def false_items(shared: Overlap) -> set[str]:
    return {pair.evaluation_id for pair in shared.pairs if place(pair.train_id) != place(pair.evaluation_id)}


def place(item_id: str) -> str:
    """Return the place of an item in its set from 1; ids of PolyMath count from 0, training items are apart."""
    stem, _, number = item_id.rpartition("-")
    if stem == "train":
        return item_id
    return str(int(number) + 1) if stem.startswith("low") else number


if __name__ == "__main__":
    main()
