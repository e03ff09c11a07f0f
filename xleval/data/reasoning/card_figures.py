"""The figures on the card of a reasoning set: what the gate did, what it kept of which kind, what reviewers found."""

import math
from collections.abc import Mapping
from typing import Any

from xleval.data.card_markdown import language_name, listed, markdown_rows, markdown_table, percent

_HEADINGS = {
    "question": "Questions",
    "solution": "Worked solutions",
    "instruction": "Instructions",
    "response": "Responses",
}


def gate_section(manifest: Mapping[str, Any]) -> str:
    """Return the section on what was accepted at which attempt, and how often each check found something."""
    report = manifest["gate_report"]
    attempts = manifest["config"]["attempts"]
    sections = []
    for part, name in _HEADINGS.items():
        rows = {lang: row[part] for lang, row in report.items() if part in row}
        if rows:
            sections.append(f"### {name}\n\n{_gate_tables(rows, attempts)}")
    checks = markdown_rows(
        ("the gate", listed(manifest["config"]["gate"])),
        *((name, listed(settings)) for name, settings in manifest["config"]["model_checks"].items()),
    )
    unchecked = "".join(
        f"`{name}` could not judge {n} translations ({reason}); they passed it.\n"
        for name, reasons in manifest["unchecked"].items()
        for reason, n in reasons.items()
    )
    return f"""## What the gate did

A translation is accepted when no check finds anything against it; otherwise the engine's next candidate is tried, up to
{attempts}. An item is rejected when every candidate was, and failed when a candidate could not be had: failures are not counted
as rejections. Everything that is not in the set is in `rejects/LANG.jsonl`, with each candidate and what was found.

| check | settings |
|---|---|
{checks}

{unchecked}{chr(10).join(sections)}"""


def _gate_tables(rows: Mapping[str, Mapping[str, Any]], attempts: int) -> str:
    checks = list(dict.fromkeys(check for row in rows.values() for check in row["found"]))
    passed = [f"passed at {turn}" for turn in range(1, attempts + 1)]
    counts = markdown_table(
        ("language", "items", *passed, "rejected", "failed"),
        [(lang, row["items"], *row["accepted"], row["rejected"], row["failed"]) for lang, row in rows.items()],
    )
    rates = markdown_table(
        ("language", "judged", *checks),
        [
            (lang, row["judged"], *(percent(row["found"].get(check, 0), row["judged"]) for check in checks))
            for lang, row in rows.items()
        ],
    )
    return f"{counts}\nShare of the translations judged, of all attempts, that each check found wrong:\n\n{rates}"


def kept_section(manifest: Mapping[str, Any]) -> str:
    """Return the section on which items were kept, by length, numbers and level of the source."""
    languages = manifest["languages"][1:]
    meaning = {
        "characters": "characters of the question, at least",
        "numbers": "numbers in the question, at least",
        "level": "level",
    }
    tables = [
        markdown_table(
            (meaning[trait], "items", *languages),
            [
                (name, next(iter(row.values()))[1], *(percent(*row[lang]) for lang in languages))
                for name, row in bins.items()
            ],
        )
        for trait, bins in manifest["kept_against_all"].items()
    ]
    return f"""## Kept against rejected

What passes is not a fair sample of the source: share of items kept, by the question in {language_name(manifest["languages"][0])}. How
hard the items are for a model, kept against rejected, was not measured.

{chr(10).join(tables)}"""


def review_section(manifest: Mapping[str, Any]) -> str:
    """Return the section on what reviewers found, `unreviewed` where nobody looked."""
    rows = []
    for lang in manifest["languages"][1:]:
        row = manifest["review"].get(lang)
        if row is None:
            rows.append((lang, 0, "", "unreviewed", ""))
            continue
        bound = f"at most {math.ceil(row['wrong_at_most'] * 1000) / 10:.1f}%" if row["reviewed"] else "unreviewed"
        alarms = f"{row['rejected_right']} of {row['rejected_reviewed']}" if row["rejected_reviewed"] else ""
        rows.append((lang, row["reviewed"], row["wrong"], bound, alarms))
    by = manifest["reviewed_by"] or "not stated"
    return f"""## Review

Reviewed by: {by if manifest["review"] else "nobody"}. The bound is exact binomial (Clopper-Pearson, one-sided, 95 %) on the
share of accepted translations that are wrong.

{markdown_table(("language", "accepted reviewed", "wrong", "wrong among all accepted", "rejected that are right"), rows)}"""
