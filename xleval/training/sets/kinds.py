"""What a source holds: items with an answer, instructions, or texts; its first row says."""

from pathlib import Path
from typing import Literal

from xleval.data.rows import ENDINGS, Row
from xleval.tasks.language_files import language_files
from xleval.training.config.schema import DataConfig
from xleval.training.sets.corpora import KNOWN_CORPORA
from xleval.training.sets.instruction_pairs import is_instructions
from xleval.training.sets.item_set import is_facts
from xleval.training.sets.problems import has_question
from xleval.training.sets.text_files import rows_of

SourceKind = Literal["items", "instructions", "texts"]


def source_kind(data: DataConfig) -> SourceKind:
    """Return what a source holds; a source that is not on this machine is a set of items or a corpus by its name.

    Raises:
        DataError: its first file cannot be read.
    """
    path = Path(data.source)
    if not path.exists():
        return "texts" if data.source in KNOWN_CORPORA else "items"
    if path.is_dir() and is_facts(path):
        return "items"
    row = _first_row(path, data)
    if row is None:
        return "texts"
    if is_instructions(row, data.columns):
        return "instructions"
    return "items" if has_question(row, data.columns) else "texts"


def _first_row(path: Path, data: DataConfig) -> Row | None:
    """Return the first row of a file, or of a folder's first file of the split; None where it has lines and no rows."""
    if path.is_file():
        files = [path]
    else:
        files = [file for lang in data.langs for file in language_files(path, lang, data.split)]
        files = files or sorted(path.rglob(f"{data.split}*")) or sorted(path.rglob("*"))
    table = next((file for file in files if file.suffix in ENDINGS and file.is_file()), None)
    return None if table is None else next(iter(rows_of(table)), None)
