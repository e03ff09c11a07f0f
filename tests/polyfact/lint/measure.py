"""Recall on planted defects and false alarms on clean items, by class and language.

`python -m tests.polyfact.lint.measure SET… SAMPLES` prints the tables of docs/lint.md.
"""

import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.polyfact.lint.planting import World
from tests.polyfact.lint.plants import PLANTS
from xleval.polyfact.lint.audit import CHECKS
from xleval.polyfact.lint.checks_across import collect
from xleval.polyfact.lint.classes import CLASSES
from xleval.polyfact.lint.reader import LintSet
from xleval.polyfact.lint.records import Row
from xleval.polyfact.lint.view import Across, Hit, View

N_PLANTS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Figures of one class in one language, and the texts of the plants that were missed."""

    number: int
    lang: str
    planted: int
    seen: int
    clean: int
    alarms: int
    missed: Sequence[str]

    @property
    def recall(self) -> float:
        return self.seen / self.planted

    @property
    def false_alarms(self) -> float:
        return self.alarms / self.clean


def read_world(folder: Path) -> World:
    opened = LintSet(folder)
    rows = {lang: opened.rows(lang) for lang in opened.languages}
    return World(
        rows=rows,
        donors={lang: found[1::2] for lang, found in rows.items()},
        by_id={lang: {row.item_id: row for row in found} for lang, found in rows.items()},
    )


def found_in(number: int, lang: str, rows: Sequence[Row], world: World) -> set[int]:
    """Return the places that a class's check reports in a language whose rows are these, the others being clean.

    Of two equal facts the report is about the second one and names the place of the first: both are found.
    """
    across = Across()
    for other, clean in world.rows.items():
        collect(across, other, rows if other == lang else clean)
    outcome = CHECKS[number](View(lang, rows, across))
    hits = [hit for hit in outcome.hits if isinstance(hit, Hit)]
    places = {row.place: index for index, row in enumerate(rows)}
    named = {
        places[hit.detail.removeprefix("the same as ")] for hit in hits if number == 25 and "the same as" in hit.detail
    }
    return {hit.index for hit in hits} | named


def measure(number: int, lang: str, world: World) -> Measured:
    """Plant a class `N_PLANTS` times in a language (fewer where it does not fit) and look."""
    clean = list(world.rows[lang])
    rng = Random(f"{number} {lang}")
    rows, planted = list(clean), []
    for index in rng.sample(range(0, len(clean), 2), len(clean[::2])):
        if len(planted) == N_PLANTS:
            break
        changed = PLANTS[number](clean[index], len(planted), rng, world)
        if changed is not None and changed != clean[index]:
            rows[index] = changed
            planted.append(index)
    seen = found_in(number, lang, rows, world)
    return Measured(
        number=number,
        lang=lang,
        planted=len(planted),
        seen=len(seen.intersection(planted)),
        clean=len(clean),
        alarms=len(found_in(number, lang, clean, world)),
        missed=[f"{rows[i].question} | {rows[i].subject} | {rows[i].options}" for i in planted if i not in seen],
    )


def languages_of(number: int, world: World) -> list[str]:
    return [lang for lang in world.rows if not CLASSES[number].languages or lang in CLASSES[number].languages]


def class_table(worlds: Sequence[World]) -> str:
    """Return the classes as Markdown: what, how, kind, limit, and for each set the worst recall and false alarms."""
    heads = [f"{what} {n}" for n in range(1, len(worlds) + 1) for what in ("recall", "false alarms")]
    lines = [f"| # | class | kind | limit | seen by | {' | '.join(heads)} |", "|---" * (5 + len(heads)) + "|"]
    for number, row in CLASSES.items():
        cells = [cell for world in worlds for cell in (_figures(number, world) if number in PLANTS else ("–", "–"))]
        limit = "report" if row.limit is None else f"{row.limit:g}"
        head = f"| {number} | **{row.name}**: {row.says} | {row.kind} | {limit} | {row.seen} |"
        lines.append(f"{head} {' | '.join(cells)} |")
    return "\n".join(lines)


def _figures(number: int, world: World) -> tuple[str, str]:
    """Return recall over all plants with the worst language, and false alarms with the largest share of a language."""
    found = [measure(number, lang, world) for lang in languages_of(number, world)]
    worst, most = min(found, key=lambda m: m.recall), max(found, key=lambda m: m.false_alarms)
    planted = sum(m.planted for m in found)
    return (
        f"{sum(m.seen for m in found) / planted:.3f} of {planted} ({worst.lang} {worst.recall:.2f})",
        f"{sum(m.alarms for m in found)} of {sum(m.clean for m in found)} ({most.alarms / most.clean:.3f})",
    )


def samples_table(folder: Path) -> str:
    """Return the findings in the published samples as Markdown, by class and by the labels of model and people."""
    from xleval.polyfact.lint import lint
    from xleval.polyfact.lint.records import Finding

    findings: list[Finding] = []
    report = lint(folder, on_finding=findings.append)
    labels: dict[tuple[str, str], tuple[str, str]] = {}
    for lang in report.rows:
        content = json.loads((folder / f"polyfact_eval_{lang}.json").read_text(encoding="utf-8"))
        for item in content["items"]:
            labels[lang, item["fact_id"]] = (item["llm_eval"]["label"], item["human_eval"]["label"] or "none")
    by_model = Counter(model for model, _ in labels.values())
    by_person = Counter(person for _, person in labels.values())
    lines = [
        f"items: {len(labels)}; model's label {dict(sorted(by_model.items()))}, people's {dict(sorted(by_person.items()))}",
        "",
        "| class | found | by language | model's label | people's label |",
        "|---|---|---|---|---|",
    ]
    for number, counts in report.counts.items():
        here = [f for f in findings if f.number == number and (f.lang, f.item_id) in labels]
        if here:
            cells = (
                " ".join(f"{lang} {count.found}" for lang, count in counts.items() if count.found),
                " ".join(f"{k} {n}" for k, n in sorted(Counter(labels[f.lang, f.item_id][0] for f in here).items())),
                " ".join(f"{k} {n}" for k, n in sorted(Counter(labels[f.lang, f.item_id][1] for f in here).items())),
            )
            lines.append(f"| {number} {CLASSES[number].name} | {len(here)} | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    *sets, samples = map(Path, sys.argv[1:])
    print(class_table([read_world(folder) for folder in sets]))
    print(samples_table(samples))
