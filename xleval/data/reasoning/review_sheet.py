"""Sheets on which people judge translations: accepted and rejected ones of a language mixed, side by side with the source.

Reviewers do not see what the gate said; `LANG.key.tsv` does. `LANG.html` is for reading and printing, `LANG.csv` to be
filled in: `yes` or `no` under `ok?`. `review_figures` reads it. Questions are shown, not worked solutions; of pairs the responses.
"""

import csv
import html
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from xleval.data.languages import get_language
from xleval.data.reasoning.built_set import BuiltSet
from xleval.data.reasoning.outcomes import Status, source_text
from xleval.data.storage import make_folder, sha256_of, write_atomically

REVIEW = "review"
COLUMNS = ("item_id", "source", "translation", "ok?", "comment")
KEY_COLUMNS = ("item_id", "status")


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRow:
    """One translation to judge.

    Attributes:
        item_id: of the source item.
        source: question or response in the source's language.
        translation: the accepted one, or the last candidate of a rejected item.
        status: what the gate said; not on the sheet.
    """

    item_id: str
    source: str
    translation: str
    status: Status


def write_sheets(out: Path, built: BuiltSet, *, n: int, seed: int, say: Callable[[str], None]) -> dict[str, int]:
    """Write the sheets of every language translated into; return the number of rows by language.

    A sheet that somebody has filled in is left as it is, and that is said.

    Args:
        out: folder of the set; the sheets come into `review` under it.
        built: the set.
        n: accepted items of each language; as many rejected ones come with them, if there are.
        seed: decides which, and their order.
        say: is told of sheets that are left.

    Raises:
        DataError: the folder cannot be written.
    """
    folder = make_folder(out / REVIEW)
    for leftover in folder.glob(".*"):  # of a process that was killed while it wrote
        leftover.unlink()
    counts = {}
    for lang in built.languages:
        rows = choose(built, lang, n=n, seed=seed)
        counts[lang] = len(rows)
        if _is_filled(folder / f"{lang}.csv"):
            say(f"{folder / f'{lang}.csv'} is filled in: left as it is")
            continue
        write_atomically(folder / f"{lang}.key.tsv", _table(KEY_COLUMNS, [(r.item_id, r.status) for r in rows], "\t"))
        write_atomically(folder / f"{lang}.html", _page(built, lang, rows))
        cells = [(row.item_id, row.source, row.translation, "", "") for row in rows]
        # The byte-order mark tells spreadsheets that the file is UTF-8.
        write_atomically(folder / f"{lang}.csv", "\ufeff" + _table(COLUMNS, cells, ","))
    return counts


def choose(built: BuiltSet, lang: str, *, n: int, seed: int) -> list[SheetRow]:
    """Return n accepted items of a language and up to n rejected ones, drawn and mixed by a hash of seed and item."""
    rows: dict[Status, list[SheetRow]] = {"accepted": [], "rejected": []}
    shown = built.needed[-1]  # of a pair the response: where that is wrong, it is what is learnt
    for item, outcome in built.outcomes_in(lang, shown):
        if outcome.status in rows:
            row = SheetRow(
                item_id=item.item_id,
                source=source_text(item, shown),
                translation=outcome.attempts[-1].text,
                status=outcome.status,
            )
            rows[outcome.status].append(row)

    def draw(row: SheetRow) -> str:
        return sha256_of([seed, lang, row.item_id])

    chosen = [row for found in rows.values() for row in sorted(found, key=draw)[:n]]
    return sorted(chosen, key=lambda row: sha256_of([seed, lang, "order", row.item_id]))


def _is_filled(path: Path) -> bool:
    """Whether a sheet holds an answer or a comment, or is not as it was written in some other way."""
    if not path.exists():
        return False
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        rows = list(csv.reader(file))
    return not rows or tuple(rows[0]) != COLUMNS or any(any(cell.strip() for cell in row[3:]) for row in rows[1:])


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], delimiter: str) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    # A spreadsheet takes a cell that begins with one of these for a formula.
    writer.writerows([("'" + cell if cell[:1] in tuple("=+-@") else cell) for cell in row] for row in (head, *rows))
    return text.getvalue()


_STYLE = """
body { font: 15px/1.5 sans-serif; max-width: 70em; margin: 2em auto; padding: 0 1em; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; }
td { border: 1px solid #999; padding: .5em .7em; vertical-align: top; white-space: pre-wrap; overflow-wrap: anywhere; }
section { break-inside: avoid; margin: 0 0 1.4em; }
h2 { font-size: 1em; margin: 0 0 .2em; }
.judge { padding: .4em 0; }
.line { display: inline-block; width: 60%; border-bottom: 1px solid #999; }
""".strip()


def _page(built: BuiltSet, lang: str, rows: Sequence[SheetRow]) -> str:
    """Return a page that needs nothing from elsewhere; texts are escaped."""
    source, target = get_language(built.source_lang), get_language(lang)
    title = f"{source.english_name} and {target.english_name}: {len(rows)} translations to judge"
    sections = "\n".join(
        f"""<section>
<h2>{number}. {html.escape(row.item_id)}</h2>
<table><tr>
<td lang="{source.code}" dir="{source.direction}">{html.escape(row.source)}</td>
<td lang="{target.code}" dir="{target.direction}">{html.escape(row.translation)}</td>
</tr></table>
<div class="judge">&#9744; right &nbsp; &#9744; wrong &nbsp; comment: <span class="line">&nbsp;</span></div>
</section>"""
        for number, row in enumerate(rows, start=1)
    )
    return f"""<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>{html.escape(title)}</title>
<style>
{_STYLE}
</style></head>
<body>
<h1>{html.escape(title)}</h1>
<p>A translation is right when it asks what the source asks, with the same facts and numbers, so that the answer is the same,
and a speaker of {html.escape(target.english_name)} understands it at once. Some of these were rejected by a program: it is not
said which. Fill in {html.escape(lang)}.csv: <b>yes</b> or <b>no</b> under <b>ok?</b>, empty where you cannot tell.</p>
{sections}
</body>
</html>
"""
