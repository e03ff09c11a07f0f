"""What an audit prints: counts by class and language, guessers without a model, examples, and what was not checked."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from rich.table import Table

from xleval.data.plurals import counted
from xleval.polyfact.baselines import TOLERANCE
from xleval.polyfact.lint.classes import CLASSES
from xleval.polyfact.lint.records import Finding, LintReport
from xleval.text_console import print_whole, printed, text_console

_PLAIN_WIDTH = 140  # columns without a terminal: twelve languages
_SHOWN = 90  # characters of a text in an example


def as_json(report: LintReport) -> dict[str, Any]:
    """Return a report as JSON values: every class with its counts, limit and examples, or why it was not checked."""
    over = report.over_limit()
    classes = []
    for number, row in CLASSES.items():
        counts = report.counts.get(number, {})
        classes.append(
            {
                "class": number,
                "name": row.name,
                "says": row.says,
                "seen": row.seen,
                "kind": row.kind,
                "limit": report.limits[number],
                "not_checked": report.not_checked.get(number),
                "languages": {
                    lang: {
                        "checked": count.checked,
                        "found": count.found,
                        "not_in_source": count.unknown,
                        "share": round(count.share, 6),
                        "over_limit": (number, lang) in over,
                        "examples": [asdict(finding) for finding in count.examples],
                    }
                    for lang, count in counts.items()
                },
            }
        )
    return {
        "target": report.target,
        "rows": dict(report.rows),
        "classes": classes,
        "baselines": {lang: dict(scores) for lang, scores in report.baselines.items()},
        "chance": dict(report.chance),
        "skipped": list(report.skipped),
        "over_limit": [{"class": number, "language": lang} for number, lang in over],
    }


def render(report: LintReport, width: int | None = None) -> str:
    """Return the tables of a report as text.

    Args:
        report: the audit.
        width: columns; default the terminal's.
    """
    console = text_console(plain_width=_PLAIN_WIDTH, width=width)
    print_whole(console, _classes_table(report))
    if report.baselines:
        print_whole(console, _baselines_table(report))
    for line in [*_examples(report), *_not_in_source(report), *_not_checked(report), *report.skipped]:
        console.print(line, soft_wrap=True)
    return printed(console)


def _classes_table(report: LintReport) -> Table:
    langs = list(report.rows)
    everywhere = any("*" in by_lang for by_lang in report.counts.values())
    table = Table(
        title=f"{report.target}: {counted(max(report.rows.values(), default=0), 'item')} in {counted(len(langs), 'language')}; found "
        "items, ! above the limit",
        title_justify="left",
    )
    table.add_column("class")
    table.add_column("limit", justify="right")
    for lang in [*langs, *(["*"] if everywhere else [])]:
        table.add_column(lang, justify="right")
    over = set(report.over_limit())
    for number, by_lang in report.counts.items():
        limit = report.limits[number]
        cells = []
        for lang in [*langs, *(["*"] if everywhere else [])]:
            count = by_lang.get(lang)
            cell = "" if count is None else "·" if not count.found else str(count.found)
            cells.append(f"[bold]{cell}![/bold]" if (number, lang) in over else cell)
        table.add_row(f"{number} {CLASSES[number].name}", "report" if limit is None else f"{limit:g}", *cells)
    return table


def _baselines_table(report: LintReport) -> Table:
    chances = sorted({round(chance, 3) for chance in report.chance.values()})
    shown = ", ".join(f"{chance:.3f}" for chance in chances)
    table = Table(
        title=f"guessers without a model, accuracy over all splits (chance {shown}; allowed {TOLERANCE:g} more)",
        title_justify="left",
    )
    table.add_column("language")
    for name in next(iter(report.baselines.values())):
        table.add_column(name.replace("_", " "), justify="right")
    for lang, scores in report.baselines.items():
        table.add_row(lang, *(f"{value:.3f}" for value in scores.values()))
    return table


def _examples(report: LintReport) -> Iterable[str]:
    for number, by_lang in report.counts.items():
        found = [finding for count in by_lang.values() for finding in count.examples]
        if found:
            yield f"{number} {CLASSES[number].name}: {CLASSES[number].says}"
            yield from (f"    {_line(finding)}" for finding in found)


def _line(finding: Finding) -> str:
    shown = " ".join(finding.shown.split())
    shown = shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + "…"
    return f"{finding.lang} {finding.item_id}  {shown}  [{finding.detail}]"


def _not_in_source(report: LintReport) -> Iterable[str]:
    for number, by_lang in report.counts.items():
        unknown = [f"{lang} {count.unknown}" for lang, count in by_lang.items() if count.unknown]
        if unknown:
            yield f"{number} {CLASSES[number].name}: not in the source and not judged: {', '.join(unknown)}"


def _not_checked(report: LintReport) -> Iterable[str]:
    for number, needed in report.not_checked.items():
        yield f"{number} {CLASSES[number].name}: not checked: needs {needed}"
