"""Markdown of a card: tables, lists in a line, names of languages."""

from collections.abc import Mapping, Sequence

from xleval.data.languages import get_language


def language_name(lang: str) -> str:
    """Return the name and the code of a language."""
    return f"{get_language(lang).english_name} ({lang})"


def markdown_rows(*rows: Sequence[object]) -> str:
    """Return rows of a table, a line each; texts of others cannot break out of their cell."""
    return "\n".join("| " + " | ".join(_cell(value) for value in row) + " |" for row in rows)


def markdown_table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a whole table, a newline at its end."""
    return f"{markdown_rows(head)}\n|{'---|' * len(head)}\n{markdown_rows(*rows)}\n"


def listed(values: Mapping[str, object], leave: Sequence[str] = ()) -> str:
    """Return names with their values in one line, without those to leave; `a=1 b=2` for values that have names."""
    shown = {
        name: " ".join(f"{key}={one}" for key, one in value.items()) if isinstance(value, Mapping) else value
        for name, value in values.items()
    }
    return ", ".join(f"{name} {value}" for name, value in shown.items() if name not in leave)


def percent(n: int, total: int) -> str:
    """Return n of a total in per cent, empty where the total is 0."""
    return f"{n / total:.1%}" if total else ""


def _cell(value: object) -> str:
    return " ".join(str(value).split()).replace("|", "\\|").replace("<", "&lt;")
