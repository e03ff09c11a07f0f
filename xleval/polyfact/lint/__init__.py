"""Audits a set of questions with options, whoever made it: which defects does it have, and how many of each?"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xleval.polyfact.lint.audit import Audit
    from xleval.polyfact.lint.reader import LintSet
    from xleval.polyfact.lint.records import Finding, LintReport
    from xleval.polyfact.sources import Source

__all__ = ["lint"]


def _ignore(_: "Finding") -> None:
    return None


def _silent(_: str, __: int, ___: int) -> None:
    return None


def lint(
    target: "Path | LintSet",
    *,
    languages: Sequence[str] = (),
    config: str = "",
    source: "Source | None" = None,
    limits: Mapping[int, float | None] | None = None,
    n_examples: int = 3,
    on_finding: "Callable[[Finding], None]" = _ignore,
    progress: Callable[[str, int, int], None] = _silent,
) -> "LintReport":
    """Return what is wrong with a set, class by class and language by language.

    Args:
        target: folder or file of the set: Parquet, JSONL or JSON, published schema or plain multiple choice; or a set that
            is open already, with its languages and config.
        languages: codes to look at; empty for all there are.
        config: folder of the set to look at instead of the main one: `leaky`, `recent`, `transfer`, `attested-A`.
        source: statements and items to check facts and names against, or None for what the set itself shows.
        limits: class to largest share of items, or None for classes that are only reported; default the table's.
        n_examples: findings kept of each class and language.
        on_finding: is given every finding, in the order of languages and classes.
        progress: is told step, steps done and steps.

    Raises:
        DataError: a file, row or column that cannot be read; the first one is named.
    """
    from xleval.polyfact.lint.audit import Audit
    from xleval.polyfact.lint.flat import compare_flat
    from xleval.polyfact.lint.reader import LintSet

    opened = target if isinstance(target, LintSet) else LintSet(target, languages, config)
    audit = Audit(opened, n_examples, on_finding)
    audit.run(source, progress)
    for lang, outcome in compare_flat(opened.target, opened.languages) if not opened.config else ():
        audit.add(40, lang, outcome)
    return _report(audit, opened, limits)


def _report(audit: "Audit", opened: "LintSet", limits: Mapping[int, float | None] | None) -> "LintReport":
    from xleval.polyfact.lint.classes import CLASSES
    from xleval.polyfact.lint.records import LintReport

    missing = {
        number: audit.missing.get(number, _needed(number, row.kind))
        for number, row in CLASSES.items()
        if number not in audit.counts
    }
    return LintReport(
        target=str(opened.target / opened.config),
        rows=audit.n_rows,
        counts={number: audit.counts[number] for number in CLASSES if number in audit.counts},
        not_checked=missing,
        baselines=audit.scores,
        chance=audit.chance,
        limits=limits or {number: row.limit for number, row in CLASSES.items()},
        skipped=opened.skipped,
    )


def _needed(number: int, kind: str) -> str:
    if number == 40:
        return "`parallel` and folders of single languages"
    if kind == "needs-source":
        return "statements of a source (--source)"
    return "a judge" if kind == "needs-judge" else "a language it applies to"
