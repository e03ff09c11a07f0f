"""`--from polyfact`: what the PolyFact study's evaluation writes (`evaluate/evaluate_crosslingual_consistency.py`).

One JSON object a model and benchmark: `config` (benchmark, model, score_mode, langs …), figures, and `predictions`: item, then
language, to `pred_idx`, `correct` and `scores`, in later versions also `scores_sum`, `n_option_tokens` and `options`. Read as
github.com/jvonrad/Lost-in-Mistranslation 3ca0eea writes it; files before 2026-08 have the first three.

The right option is not stored. It is that of a right answer in the same language, else of those in the other ones; where no
language is right, `gold` is empty and `gold_index` any option that was not chosen, which changes no verdict. In PolyFact
itself options are in another order in every language, and their ids are not stored: they are aligned where names or right
answers tell, else left unaligned.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from xleval.errors import DataError
from xleval.evalkit.imports.fields import FieldMap
from xleval.evalkit.imports.files import find_files
from xleval.evalkit.imports.foreign import ForeignItem, LeftOut, Read, Rejected
from xleval.evalkit.imports.polyfact_cells import (
    GOLD_UNKNOWN,
    LETTERS,
    Cell,
    aligned_ids,
    gold_indices,
    is_raw,
    read_cell,
)
from xleval.evalkit.imports.values import BadRow, foreign_json

#: The study's names of normalisations, and xleval's.
_MODES = {"avg": "token", "byte": "byte", "char": "char", "sum": "sum"}


def read(path: Path, fields: FieldMap) -> Iterator[Read]:
    """Yield the items of a file, or of all files of a folder that hold predictions.

    Raises:
        DataError: nothing to read, or a file is not JSON or holds no predictions.
    """
    for file in find_files(path, "*.json"):
        stored = load(file)
        if not isinstance(stored.get("predictions"), dict):
            if file == path:
                raise DataError(
                    f"{file} holds no predictions; figures alone are no outputs: name the file that has them"
                )
            yield LeftOut(reason=f"{file}: no predictions in it")
            continue
        yield from _File(file, stored).items()


def load(file: Path) -> dict[str, Any]:
    """Return the object of a file.

    Raises:
        DataError: it is not readable, or no JSON object.
    """
    try:
        stored = foreign_json(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{file} is not readable as JSON: {error}") from error
    if not isinstance(stored, dict):
        raise DataError(f"{file} is a JSON {type(stored).__name__}; the object of the PolyFact evaluation is needed")
    return stored


def config_of(stored: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the `config` of a file; empty where it has none."""
    config = stored.get("config")
    return config if isinstance(config, dict) else {}


class _File:
    """One file: first all cells are read, as normalisation and right answers need them together."""

    def __init__(self, file: Path, stored: Mapping[str, Any]) -> None:
        self.file = file
        self.config = config_of(stored)
        self.task = str(self.config.get("benchmark") or file.stem)
        self.aligned = not self.task.startswith("polyfact")
        self.predictions: Mapping[str, Any] = stored["predictions"]
        self.rejected: list[Rejected] = []

    def items(self) -> Iterator[Read]:
        """Yield what could not be used, then the items in the order of the file."""
        found = {item_id: self._cells(item_id, cells) for item_id, cells in self.predictions.items()}
        yield from self.rejected
        mode = _MODES.get(str(self.config.get("score_mode")), "")
        raw = bool(mode) and all(is_raw(cell, mode) for cells in found.values() for cell in cells)
        primary = mode if raw and not self._shows_letters(found) else "letter"
        for row, (item_id, cells) in enumerate(found.items(), start=1):
            ids = {} if self.aligned else aligned_ids(cells)
            golds = gold_indices(cells, ids if not self.aligned else None)
            for cell, (gold, source) in zip(cells, golds, strict=True):
                yield self._item(row, item_id, cell, gold, source, ids.get(cell.lang, ()), primary)

    def _shows_letters(self, found: Mapping[str, Sequence[Cell]]) -> bool:
        return all(cell.choices == tuple(LETTERS[: len(cell.choices)]) for cells in found.values() for cell in cells)

    def _cells(self, item_id: str, cells: object) -> list[Cell]:
        if not isinstance(cells, dict):
            self.rejected.append(
                Rejected(where=f"{self.file}, {item_id}", reason=f"found {cells!r:.60}, languages needed")
            )
            return []
        read_cells = []
        for lang, cell in cells.items():
            try:
                read_cells.append(read_cell(lang, cell))
            except BadRow as error:
                self.rejected.append(Rejected(where=f"{self.file}, {item_id}, {lang}", reason=str(error)))
        sizes = Counter(len(cell.choices) for cell in read_cells)
        usual = sizes.most_common(1)[0][0] if sizes else 0
        for cell in read_cells:
            if len(cell.choices) != usual:
                reason = f"{len(cell.choices)} options, and {usual} in other languages"
                self.rejected.append(Rejected(where=f"{self.file}, {item_id}, {cell.lang}", reason=reason))
        return [cell for cell in read_cells if len(cell.choices) == usual]

    def _item(
        self, row: int, item_id: str, cell: Cell, gold: int, source: str, ids: tuple[str, ...], primary: str
    ) -> ForeignItem:
        parts = item_id.split("|")
        relation = {"property_id": parts[1]} if len(parts) == 3 and parts[1].startswith("P") else {}
        return ForeignItem(
            file=self.file, row=row, task=self.task, lang=cell.lang, item_id=item_id, prompt="",
            gold=cell.choices[gold] if source != GOLD_UNKNOWN else "",
            choices=cell.choices, choice_ids=ids, gold_index=gold, prediction=cell.choices[cell.chosen],
            sum_logprobs=cell.sums if primary != "letter" else cell.scores,
            n_tokens=cell.n_tokens if primary != "letter" else (), primary=primary, correct=cell.right,
            groups={**relation, "gold_source": source},
            model=str(self.config["model"]) if self.config.get("model") else None,
        )  # fmt: skip
