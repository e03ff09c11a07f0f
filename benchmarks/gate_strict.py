"""What the strict gate finds, and how often it is wrong: injected errors of eight classes and MGSM-Rev2's corrections.

    python -m benchmarks.gate_strict [--langs de,ja] [--least] [--rev2] [--out DIR]

Constants were fitted on odd item numbers; everything here but `--least` (which prints constants) is measured on even ones.
Human items that MGSM-Rev2 corrected in the language are no ground for a false alarm and are left out of the base.
"""

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.human_pairs import DATA, LANGUAGES, corrected, is_odd, mgsm, word_problems
from benchmarks.injected_errors import ERRORS, inject
from xleval.data.reasoning.gate import entities, wording
from xleval.data.reasoning.gate.gate import Gate, GateConfig
from xleval.data.reasoning.records import Check, Finding, Pair

#: The check that looks for each class.
CHECKS = {
    "number": "numbers", "unit": "unit", "negation": "negation", "comparison": "comparison", "entity": "entity",
    "dropped": "dropped", "doubled": "doubled", "question": "question",
}  # fmt: skip
RATES = (0.005, 0.01, 0.02, 0.03, 0.05, 0.1)
#: Items of a set that are measured, MGSM whole.
MOST_ITEMS = 125
_Scores = Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Scores of one language.

    Attributes:
        human: by item id, the score of each check that finds something.
        damaged: by class, variant and scores of every injected error.
        rejected: by class (and `human`), how many items the whole gate rejects at its limits.
        default: the same without the strict checks.
    """

    human: Mapping[str, _Scores]
    damaged: Mapping[str, Sequence[tuple[str, str, _Scores]]]
    rejected: Mapping[str, Sequence[bool]]
    default: Mapping[str, Sequence[bool]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--langs", default=",".join(LANGUAGES))
    parser.add_argument(
        "--least", action="store_true", help="print LEAST of gate/wording.py and gate/entities.py and stop"
    )
    parser.add_argument("--rev2", action="store_true", help="measure only MGSM-Rev2's corrections")
    parser.add_argument("--out", type=Path, help="folder for curves.json")
    arguments = parser.parse_args()
    langs = arguments.langs.split(",")
    if arguments.least:
        print_least(arguments.data, langs)
    elif arguments.rev2:
        print_rev2(arguments.data, [lang for lang in langs if lang != "ko"])
    else:
        made = {lang: measure(arguments.data, lang) for lang in langs}
        for prefix in ("mgsm", "gsm8k", "msvamp"):
            print_set(made, prefix)
        if arguments.out is not None:
            arguments.out.mkdir(parents=True, exist_ok=True)
            curves = {lang: {error: curve(one, error) for error in ERRORS} for lang, one in made.items()}
            (arguments.out / "curves.json").write_text(json.dumps(curves, indent=1), encoding="utf-8")


def held_out(data: Path, lang: str) -> list[Pair]:
    """Return the even items, not more of each set than `MOST_ITEMS`, without those that MGSM-Rev2 corrected."""
    bad = corrected(data).get(lang, frozenset())
    pairs = [pair for pair in word_problems(data, lang) if not is_odd(pair) and pair.item_id not in bad]
    kept: dict[str, int] = {}
    chosen: list[Pair] = []
    for pair in pairs:
        name = pair.item_id.split("-")[0]
        kept[name] = kept.get(name, 0) + 1
        if kept[name] <= MOST_ITEMS:
            chosen.append(pair)
    return chosen


def measure(data: Path, lang: str) -> Measured:
    """Return the scores of the held-out human items and of the errors put into them."""
    strict = Gate(GateConfig(strict=True, use_language=False))
    plain = Gate(GateConfig(use_language=False))
    human = held_out(data, lang)
    damaged: dict[str, list[tuple[str, str, _Scores]]] = {}
    rejected = {"human": [bool(found) for found in strict.check(human)]}
    default = {"human": [bool(found) for found in plain.check(human)]}
    for error in ERRORS:
        made = [one for pair in human if (one := inject(pair, error, human)) is not None]
        pairs = [one.pair for one in made]
        scores = [_by_check(found) for found in strict.measure(pairs)]
        damaged[error] = [(one.pair.item_id, one.variant, score) for one, score in zip(made, scores, strict=True)]
        rejected[error] = [bool(found) for found in strict.check(pairs)]
        default[error] = [bool(found) for found in plain.check(pairs)]
    scored = {pair.item_id: _by_check(found) for pair, found in zip(human, strict.measure(human), strict=True)}
    print(f"{lang}: {len(human)} human items measured", flush=True)
    return Measured(human=scored, damaged=damaged, rejected=rejected, default=default)


def _by_check(findings: Sequence[Finding]) -> dict[str, float]:
    return {finding.check: finding.score for finding in findings}


def curve(one: Measured, error: str, prefix: str = "") -> list[tuple[float, float, float, float]]:
    """Return (false-alarm rate asked for, limit, false-alarm rate, recall) of the class's own check, and of its variants."""
    check = CHECKS[error]
    human = sorted(
        (scores.get(check, 0.0) for item, scores in one.human.items() if item.startswith(prefix)), reverse=True
    )
    found = [scores.get(check, 0.0) for item, _, scores in one.damaged[error] if item.startswith(prefix)]
    rows = []
    for rate in RATES:
        # The lowest limit that at most so many human items reach; a score of 0 is no finding.
        above = human[min(len(human) - 1, int(rate * len(human)))] if human else 0.0
        false = sum(score > above for score in human) / max(1, len(human))
        recall = sum(score > above for score in found) / max(1, len(found))
        rows.append((rate, above, false, recall))
    return rows


def print_set(made: Mapping[str, Measured], prefix: str) -> None:
    """Print recall by class and language at 3 % false alarms of the own check, and of the whole gate at its limits."""
    langs = [lang for lang, one in made.items() if any(item.startswith(prefix) for item in one.human)]
    if not langs:
        return
    print(f"\n{prefix}, even items: recall of the class's own check at <= 3 % false alarms (n errors)")
    print("class       " + "".join(f"{lang:>12}" for lang in langs))
    for error in ERRORS:
        print(f"{error:12}" + "".join(_cell(made[lang], error, prefix) for lang in langs))
    for variant in ("sentence", "clause"):
        print(f"  {variant:10}" + "".join(_cell(made[lang], "dropped", prefix, variant) for lang in langs))
    print("\nthe same check at its own limit: recall / false alarms")
    for error in ERRORS:
        print(f"{error:12}" + "".join(_at_limit(made[lang], lang, error, prefix) for lang in langs))
    for name, rejected in (("whole gate", "rejected"), ("default", "default")):
        print(f"\n{name} at its limits: share rejected")
        for error in ("human", *ERRORS):
            cells = []
            for lang in langs:
                one = made[lang]
                items = list(one.human) if error == "human" else [item for item, _, _ in one.damaged[error]]
                flags = [
                    flag
                    for item, flag in zip(items, getattr(one, rejected)[error], strict=True)
                    if item.startswith(prefix)
                ]
                cells.append(f"{sum(flags) / max(1, len(flags)):12.3f}")
            print(f"{error:12}" + "".join(cells))
    print("\npooled curve over the languages: recall at a false-alarm rate of")
    print("class       " + "".join(f"{rate:>8.1%}" for rate in RATES))
    for error in ERRORS:
        rows = [curve(made[lang], error, prefix) for lang in langs]
        means = [sum(row[at][3] for row in rows) / len(rows) for at in range(len(RATES))]
        print(f"{error:12}" + "".join(f"{mean:8.2f}" for mean in means))


def _cell(one: Measured, error: str, prefix: str, variant: str = "") -> str:
    at = curve(one, error, prefix)[RATES.index(0.03)]
    check = CHECKS[error]
    found = [
        scores.get(check, 0.0) > at[1]
        for item, kind, scores in one.damaged[error]
        if item.startswith(prefix) and kind.startswith(variant)
    ]
    return f"{sum(found) / max(1, len(found)):7.2f}{f'({len(found)})':>5}"


def _at_limit(one: Measured, lang: str, error: str, prefix: str) -> str:
    check = CHECKS[error]
    limit = Gate(GateConfig(strict=True, use_language=False)).limit(check, lang)
    human = [scores.get(check, 0.0) >= limit for item, scores in one.human.items() if item.startswith(prefix)]
    found = [scores.get(check, 0.0) >= limit for item, _, scores in one.damaged[error] if item.startswith(prefix)]
    return f"{sum(found) / max(1, len(found)):7.2f}/{sum(human) / max(1, len(human)):.2f}".rjust(12)


def print_rev2(data: Path, langs: Sequence[str]) -> None:
    """Print how many of MGSM-Rev2's corrections, less those of the English source, the default and strict gate reject."""
    from scipy.stats import binomtest

    bad = corrected(data)
    print("lang  corrected  default  strict    false alarms on the other items: default  strict")
    totals = {"default": [0, 0, 0, 0], "strict": [0, 0, 0, 0]}
    for lang in langs:
        pairs = mgsm(data, lang)
        row = {}
        for name, strict in (("default", False), ("strict", True)):
            flags = [bool(found) for found in Gate(GateConfig(strict=strict)).check(pairs)]
            wanted = [flag for pair, flag in zip(pairs, flags, strict=True) if pair.item_id in bad[lang] - bad["en"]]
            others = [flag for pair, flag in zip(pairs, flags, strict=True) if pair.item_id not in bad[lang]]
            row[name] = (sum(wanted), len(wanted), sum(others), len(others))
            totals[name] = [total + value for total, value in zip(totals[name], row[name], strict=True)]
        default, strict_row = row["default"], row["strict"]
        print(
            f"{lang:4}  {default[1]:9}  {default[0]:7}  {strict_row[0]:6}    "
            f"{default[2] / default[3]:40.3f}  {strict_row[2] / strict_row[3]:6.3f}"
        )
    for name, (hits, wanted_count, alarms, clean) in totals.items():
        interval = binomtest(hits, wanted_count).proportion_ci(0.95, "exact")
        print(
            f"{name}: {hits}/{wanted_count} = {hits / wanted_count:.3f} [{interval.low:.3f}, {interval.high:.3f}] "
            f"(Clopper-Pearson 95 %), false alarms {alarms}/{clean} = {alarms / clean:.3f}"
        )


def print_least(data: Path, langs: Sequence[str], alarms: float = 0.02) -> None:
    """Print the least raw score by check and language that at most `alarms` of the odd human items reach."""
    checks: dict[str, tuple[Check, Callable[[str], float]]] = {
        "unit": (wording.exchanged_unit, lambda lang: wording.LEAST["unit"].get(lang, wording.UNFITTED)),
        "comparison": (
            wording.exchanged_opposite,
            lambda lang: wording.LEAST["comparison"].get(lang, wording.UNFITTED),
        ),
        "negation": (wording.changed_negation, lambda lang: wording.LEAST["negation"].get(lang, wording.UNFITTED)),
        "entity": (entities.changed_entity, lambda lang: entities.LEAST.get(lang, entities.UNFITTED)),
    }
    bad = corrected(data)
    for name, (check, scale) in checks.items():
        least: dict[str, float] = {}
        for lang in langs:
            odd = [
                pair
                for pair in word_problems(data, lang)
                if is_odd(pair) and pair.item_id not in bad.get(lang, frozenset())
            ]
            worst = 0.0
            for sample in ([p for p in odd if "msvamp" in p.item_id], [p for p in odd if "msvamp" not in p.item_id]):
                raw = sorted(
                    (found.score * scale(lang) for pair in sample if (found := check(pair)) is not None), reverse=True
                )
                allowed = int(alarms * len(sample))
                worst = max(worst, raw[allowed] if len(raw) > allowed else 0.0)
            steps = (0.5, 1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0)
            least[lang] = next((step for step in steps if step > worst + 1e-6), 9.0)
        print(f'"{name}": {least},', flush=True)


if __name__ == "__main__":
    main()
