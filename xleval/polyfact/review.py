"""Sheets on which native speakers judge the wordings: every wording of a language with three fillings, blind (D14).

The rows are shuffled and carry a number instead of a template id, so nobody sees which wording they belong to or who
wrote it; `key.tsv` says. A wording counts as reviewed when a person of stated competence is named in `reviewed_by` of its
row in `xleval/polyfact/templates`.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from xleval.data.languages import get_language
from xleval.data.storage import make_folder, sha256_of, write_atomically
from xleval.errors import DataError
from xleval.polyfact.wording import Template, load_templates, render_question

#: Subjects that each wording is shown with.
FILLINGS = 3
#: What stands for a subject where the set has none of its kind.
BLANK = "______"

_TO_FILL = (
    "grammatical with all three names (yes/no)",
    "natural (yes/no)",
    "asks what the English asks (yes/no)",
    "better wording",
    "remark",
)

#: Subject labels by (kind, language).
Labels = Mapping[tuple[str, str], Sequence[str]]


def read_subjects(folder: Path, languages: Sequence[str]) -> dict[tuple[str, str], list[str]]:
    """Return the subject labels of a built set by (kind, language), each once, sorted.

    Args:
        folder: made by `xleval build-polyfact`.
        languages: codes; one without files is left out.

    Raises:
        DataError: the folder has no Parquet of the language, or a column is missing.
    """
    import pyarrow as pa
    from pyarrow import parquet

    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for lang in languages:
        files = sorted((folder / lang).glob("*.parquet"))
        if not files:
            raise DataError(f"{folder} holds no {lang}/*.parquet; a folder made by xleval build-polyfact is needed")
        for path in files:
            try:
                with parquet.ParquetFile(path) as file:
                    table = file.read(["subject_type", "subject_label"])
            except (pa.ArrowException, OSError, KeyError) as error:
                raise DataError(f"{path} is not readable as a PolyFact split: {error}") from error
            for kind, label in zip(*(column.to_pylist() for column in table.columns), strict=True):
                found[kind, lang].add(label)
    return {key: sorted(labels) for key, labels in found.items()}


def choose_fillings(labels: Sequence[str], seed: str) -> list[str]:
    """Return three labels: the longest, one with a mark or digit if there is one, and one by a hash of the seed."""
    if not labels:
        return [BLANK]
    awkward = [label for label in labels if not label.replace(" ", "").isalpha()]
    by_hash = sorted(labels, key=lambda label: sha256_of([seed, label]))
    candidates = [max(labels, key=len), *sorted(awkward, key=lambda label: sha256_of([seed, label]))[:1], *by_hash]
    return list(dict.fromkeys(candidates))[:FILLINGS]


def write_sheets(out: Path, languages: Sequence[str], labels: Labels, seed: int) -> dict[str, int]:
    """Write `LANG.csv` for each language and `key.tsv`; return the number of rows by language.

    Args:
        out: folder; made when absent.
        languages: codes.
        labels: subjects to fill in.
        seed: decides the order of the rows and the names.

    Raises:
        DataError: a language has no wordings, or the folder cannot be written.
    """
    make_folder(out)
    templates = load_templates()
    english = {
        template.template_id: template for key, found in templates.items() if key[2] == "en" for template in found
    }
    key_rows: list[tuple[str, ...]] = []
    counts: dict[str, int] = {}
    for lang in languages:
        wordings = [template for key, found in templates.items() if key[2] == lang for template in found]
        if not wordings:
            raise DataError(f"there are no wordings in {get_language(lang).english_name} ({lang}) to review")
        wordings.sort(key=lambda template: sha256_of([seed, lang, template.template_id]))
        rows = [_row(number, template, english, labels, seed) for number, template in enumerate(wordings, start=1)]
        head = ("row", "English", *(f"question {turn}" for turn in range(1, FILLINGS + 1)), *_TO_FILL)
        # The byte-order mark tells spreadsheets that the file is UTF-8.
        write_atomically(out / f"{lang}.csv", "\ufeff" + _csv([head, *rows], ","))
        key_rows += [(lang, str(number), template.template_id) for number, template in enumerate(wordings, start=1)]
        counts[lang] = len(rows)
    write_atomically(out / "key.tsv", _csv([("lang", "row", "template_id"), *key_rows], "\t"))
    return counts


def _row(
    number: int, template: Template, english: Mapping[str, Template], labels: Labels, seed: int
) -> tuple[str, ...]:
    names = choose_fillings(labels.get((template.subject_type, template.lang), ()), f"{seed} {template.template_id}")
    questions = [render_question(template, name) for name in names]
    questions += [""] * (FILLINGS - len(questions))
    asked = render_question(english[template.template_id], BLANK) if template.template_id in english else ""
    return (str(number), asked, *questions, *("" for _ in _TO_FILL))


def _csv(rows: Iterable[Sequence[str]], delimiter: str) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    # A spreadsheet takes a cell that begins with one of these for a formula.
    writer.writerows([("'" + cell if cell[:1] in "=+-@" and cell else cell) for cell in row] for row in rows)
    return text.getvalue()
