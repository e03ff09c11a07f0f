"""What reviewers found: filled review sheets as figures, with an exact bound on the errors that are left."""

import csv
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from xleval.data.reasoning.review_sheet import COLUMNS, KEY_COLUMNS, REVIEW
from xleval.errors import DataError

CONFIDENCE = 0.95
_YES = frozenset(("yes", "y", "1", "true", "ok"))
_NO = frozenset(("no", "n", "0", "false"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewFigures:
    """What was found in one language.

    Attributes:
        reviewed: accepted translations that were judged.
        wrong: those of them that are wrong.
        wrong_at_most: with 95 % confidence at most this fraction of the accepted translations is wrong; 1 where none was
            judged.
        rejected_reviewed: rejected translations that were judged.
        rejected_right: those of them that are right: false alarms of the gate.
    """

    reviewed: int
    wrong: int
    wrong_at_most: float
    rejected_reviewed: int
    rejected_right: int

    def as_json(self) -> dict[str, int | float]:
        """Return the figures as JSON values, the bound rounded up to four digits."""
        return {**asdict(self), "wrong_at_most": math.ceil(self.wrong_at_most * 10_000) / 10_000}


def binomial_upper_bound(wrong: int, n: int, *, confidence: float = CONFIDENCE) -> float:
    """Return the exact one-sided upper bound of a fraction of which `wrong` of n were seen; 1 where n is 0.

    It is the p at which `wrong` or fewer are seen with probability 1 - confidence; with none wrong 1 - 0.05^(1/n), near 3/n.
    For a sample drawn from a finite set it is on the safe side.

    Reference: Clopper and Pearson 1934, doi:10.1093/biomet/26.4.404.
    """
    if n == 0 or wrong >= n:
        return 1.0
    log_choose = [math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) for k in range(wrong + 1)]
    low, high = wrong / n, 1.0
    for _ in range(60):  # halved to less than a float can tell
        p = (low + high) / 2
        seen = sum(math.exp(log_choose[k] + k * math.log(p) + (n - k) * math.log1p(-p)) for k in range(wrong + 1))
        low, high = (p, high) if seen > 1 - confidence else (low, p)
        if high - low < 1e-12:
            break
    return high


def read_review(folder: Path) -> dict[str, ReviewFigures]:
    """Return what reviewers found, by language; languages whose sheet is empty are left out.

    Args:
        folder: of a built set.

    Raises:
        DataError: there are no sheets, or one is not as it was written (file and row are named).
    """
    sheets = sorted((folder / REVIEW).glob("*.csv"))
    if not sheets:
        raise DataError(f"{folder / REVIEW} holds no review sheets; build the set with --review N")
    figures = {path.stem: _figures(path) for path in sheets}
    return {lang: found for lang, found in figures.items() if found.reviewed or found.rejected_reviewed}


def _figures(path: Path) -> ReviewFigures:
    statuses = {
        row["item_id"]: row["status"] for _, row in _read(path.with_name(f"{path.stem}.key.tsv"), KEY_COLUMNS, "\t")
    }
    verdicts: dict[str, bool] = {}
    for number, row in _read(path, COLUMNS, ",;\t"):
        item_id = row["item_id"]
        if item_id not in statuses or item_id in verdicts:
            problem = "is there twice" if item_id in verdicts else f"is not in {path.stem}.key.tsv"
            raise DataError(
                f"{path}: row {number}: item {item_id!r} {problem}. Only the last two columns are to be changed"
            )
        said = row["ok?"].strip().lower()
        if said in _YES | _NO:
            verdicts[item_id] = said in _YES
        elif said:
            raise DataError(f"{path}: row {number}: {said!r} under ok?; yes, no or nothing is needed")
    accepted = [right for item_id, right in verdicts.items() if statuses[item_id] == "accepted"]
    rejected = [right for item_id, right in verdicts.items() if statuses[item_id] == "rejected"]
    wrong = accepted.count(False)
    return ReviewFigures(
        reviewed=len(accepted),
        wrong=wrong,
        wrong_at_most=binomial_upper_bound(wrong, len(accepted)),
        rejected_reviewed=len(rejected),
        rejected_right=rejected.count(True),
    )


def _read(path: Path, columns: tuple[str, ...], delimiters: str) -> list[tuple[int, Mapping[str, str]]]:
    """Return the rows of a sheet with their numbers; spreadsheets of some countries save with semicolons or tabs."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} is not readable as UTF-8 text: {error}. Save it as CSV in UTF-8") from error
    head = text.partition("\n")[0]
    delimiter = max(delimiters, key=head.count)
    rows = list(csv.reader(text.splitlines(keepends=True), delimiter=delimiter))
    if not rows or tuple(cell.strip() for cell in rows[0][: len(columns)]) != columns:
        raise DataError(f"{path}: the first row is {rows[0] if rows else 'missing'}; {', '.join(columns)} are needed")
    found: list[tuple[int, Mapping[str, str]]] = []
    for number, row in enumerate(rows[1:], start=2):
        if any(cell.strip() for cell in row):
            cells = [*row, *[""] * (len(columns) - len(row))]
            named = dict(zip(columns, cells[: len(columns)], strict=True))
            named["item_id"] = named["item_id"].removeprefix("'")
            found.append((number, named))
    return found
