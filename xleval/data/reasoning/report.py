"""What the gate did: per language how many items passed at which attempt, what rejected the others, and which they are."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from xleval.data.numbers import find_numbers
from xleval.data.reasoning.built_set import BuiltSet
from xleval.data.reasoning.outcomes import PARTS, STATUSES, Outcome
from xleval.data.reasoning.records import SourceItem
from xleval.text_console import print_whole, printed, text_console

_PLAIN_WIDTH = 110  # columns without a terminal
#: Lower ends of the bins in which kept is set against rejected: characters of the source's question, numbers in it.
_LENGTH_BINS = (0, 100, 200, 300, 500)
_NUMBER_BINS = (0, 1, 2, 3, 4, 6)


def gate_report(built: BuiltSet, attempts: int, checks: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return, for each language translated into, what became of its texts as JSON values.

    Each part that was translated (`question`, `solution`; `instruction`, `response`) holds: `items`; `accepted`, a list
    with one count for each attempt; `rejected` and `failed`, items (see `Status`); `judged`, translations that the gate
    saw, of all attempts; `found`, by check, how many of those it found wrong (one translation counts for each of its
    checks); `rejected_by`, by check, items rejected whose last attempt it found wrong; `failures`, by reason, attempts
    without a text (the ten most frequent reasons; every one is in `rejects/`).

    Args:
        built: the set.
        attempts: most attempts at a text.
        checks: names of the checks that were made.
    """
    report: dict[str, dict[str, Any]] = {}
    for lang in built.languages:
        report[lang] = {"engine": built.engines[lang]}
        for part in built.parts:
            outcomes = [outcome for _, outcome in built.outcomes_in(lang, part)]
            if outcomes:
                report[lang][part] = _counts(outcomes, attempts, checks)
    return report


def parts_of(row: Mapping[str, Any]) -> list[str]:
    """Return the parts that a language's row of a gate report has figures of."""
    return [part for part in PARTS if part in row]


def _counts(outcomes: Sequence[Outcome], attempts: int, checks: Sequence[str]) -> dict[str, Any]:
    statuses = Counter(outcome.status for outcome in outcomes)
    accepted = Counter(len(outcome.attempts) for outcome in outcomes if outcome.status == "accepted")
    made = [attempt for outcome in outcomes for attempt in outcome.attempts]
    found = Counter(check for attempt in made for check in {finding.check for finding in attempt.findings})
    last = [outcome.attempts[-1] for outcome in outcomes if outcome.status == "rejected"]
    rejected_by = Counter(check for attempt in last for check in {finding.check for finding in attempt.findings})
    return {
        "items": len(outcomes),
        "accepted": [accepted[turn] for turn in range(1, attempts + 1)],
        **{status: statuses[status] for status in STATUSES if status != "accepted"},
        "judged": sum(not attempt.failure for attempt in made),
        "found": {check: found[check] for check in dict.fromkeys((*checks, *sorted(found)))},
        "rejected_by": dict(sorted(rejected_by.items())),
        "failures": dict(Counter(sorted(attempt.failure for attempt in made if attempt.failure)).most_common(10)),
    }


def kept_against_all(built: BuiltSet) -> dict[str, dict[str, dict[str, list[int]]]]:
    """Return, for each trait of the source's questions, bin and language, how many items are kept and how many there are.

    Traits are `characters` and `numbers` of the question, each bin named by its lower end, and `level` where there are
    levels. What a gate rejects is not a random part of a set, and these show along which lines.
    """
    numbers = {item.item_id: len(find_numbers(item.question, built.source_lang)) for item in built.items}
    traits: dict[str, Callable[[SourceItem], str]] = {
        "characters": lambda item: _bin(len(item.question), _LENGTH_BINS),
        "numbers": lambda item: _bin(numbers[item.item_id], _NUMBER_BINS),
    }
    if any(item.groups.get("level") for item in built.items):
        traits["level"] = lambda item: item.groups.get("level") or "none"
    kept = {lang: {item.item_id for item in built.in_lang(lang)} for lang in built.languages}
    found: dict[str, dict[str, dict[str, list[int]]]] = {}
    for trait, bin_of in traits.items():
        groups: dict[str, list[SourceItem]] = {}
        for item in built.items:
            groups.setdefault(bin_of(item), []).append(item)
        found[trait] = {
            name: {
                lang: [sum(item.item_id in kept[lang] for item in groups[name]), len(groups[name])]
                for lang in built.languages
            }
            for name in sorted(groups, key=lambda name: (not name.isdigit(), name.zfill(9)))
        }
    return found


def _bin(value: int, floors: Sequence[int]) -> str:
    return str(max(floor for floor in floors if floor <= value))


def render_report(manifest: Mapping[str, Any], width: int | None = None) -> str:
    """Return the table that a build prints for people: per language what passed at which attempt, and what did not.

    Args:
        manifest: as in `build.json`.
        width: columns; default the terminal's.
    """
    from rich.table import Table

    report = manifest["gate_report"]
    attempts = manifest["config"]["attempts"]
    table = Table(
        title=f"{manifest['source']['name']}: {manifest['items']['source']} items from {manifest['source_lang']}"
    )
    for name in ("language", "text", "items"):
        table.add_column(name, justify="right" if name == "items" else "left")
    for turn in range(1, attempts + 1):
        table.add_column(f"passed at {turn}", justify="right")
    for name in ("rejected", "by check", "failed"):
        table.add_column(name, justify="left" if name == "by check" else "right")
    for lang, row in report.items():
        for part in parts_of(row):
            table.add_row(lang, part, *_cells(row[part]))
    console = text_console(plain_width=_PLAIN_WIDTH, width=width)
    print_whole(console, table)
    console.print(_in_set(manifest))
    return printed(console)


def _in_set(manifest: Mapping[str, Any]) -> str:
    """Return the sentence on how many items the set has."""
    rest = "what did not pass is in rejects/ with its reasons"
    if manifest.get("kind") == "pairs":
        counts = manifest["items"]["by_language"].items()
        both = ", ".join(f"{lang} {n}" for lang, n in counts if lang != manifest["source_lang"])
        return f"instruction and response passed: {both} of {manifest['items']['source']} items; {rest}"
    return (
        f"in the config parallel: {manifest['items']['parallel']} items, which passed in at least "
        f"{manifest['min_langs']} of {len(manifest['gate_report'])} languages; {rest}"
    )


def _cells(counts: Mapping[str, Any]) -> list[str]:
    by_check = ", ".join(f"{check} {n}" for check, n in counts["rejected_by"].items())
    passed = [str(n) for n in counts["accepted"]]
    return [str(counts["items"]), *passed, str(counts["rejected"]), by_check, str(counts["failed"])]
