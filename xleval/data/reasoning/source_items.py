r"""Rows of any reasoning set to source items: which columns hold what, and where the final answer stands.

The final answer of GSM8K follows `####` at the end of the worked solution, which keeps its calculator marks; that of a MATH
solution is its last `\boxed{}`; a column with the answer alone is taken as it is. verl rows (SimpleRL-Zoo) have theirs in
`reward_model.ground_truth` and the question in `extra_info.question`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from xleval.data.cells import cell
from xleval.data.column_names import listed
from xleval.data.reasoning.records import SourceItem
from xleval.data.rows import Row, text_of
from xleval.errors import ConfigError, DataError

_QUESTIONS = ("question", "problem", "query", "m_query", "extra_info.question", "instruction", "prompt", "1")
_ANSWERS = (
    "reward_model.ground_truth",
    "final_answer",
    "answer",
    "gt_answer",
    "target",
    "response",
    "solution",
    "output",
)
_SOLUTIONS = ("solution", "rationale", "worked_solution")
#: facts that are kept, by the columns that state them. The top `level` of SimpleRL-Zoo is MATH's; that of its `extra_info`
#: is 1 in every row and is not read.
_GROUPS = {
    "level": ("level", "difficulty_level"),
    "subject": ("subject", "type", "category"),
    "source_id": ("unique_id", "source_id"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Columns as the user names them, dotted for nested objects; None where they are to be guessed.

    Attributes:
        question: text that is translated.
        answer: final answer, or a solution that ends in it.
        item_id: identifier; without one, items are numbered by their row.
        solution: worked solution.
    """

    question: str | None = None
    answer: str | None = None
    item_id: str | None = None
    solution: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """An item of the file that the set does not have.

    Attributes:
        item_id: its identifier.
        reason: why, for people.
    """

    item_id: str
    reason: str


def make_items(
    rows: Sequence[Row], path: Path, columns: Columns, *, prefix: str, split: str, published: bool
) -> tuple[list[SourceItem], list[LeftOut]]:
    """Return the items of one file, and those left out: repetitions of another item.

    Args:
        rows: of the file, in its order.
        path: names the file in errors.
        columns: as the user names them.
        prefix: of identifiers without a column for them: `gsm8k-test` gives `gsm8k-test-17` for row 17.
        split: kept in the groups.
        published: of a file that the user cannot correct, items without a question or an answer are left out, too.

    Raises:
        ConfigError: a named column does not exist, or none of the usual ones does.
        DataError: an empty question or answer, an identifier twice, or one question with two answers.
    """
    if not rows:
        raise DataError(f"{path} has no rows")
    found = _find_columns(rows[0], path, columns)
    items: list[SourceItem] = []
    left_out: list[LeftOut] = []
    by_id: dict[str, int] = {}
    by_question: dict[str, SourceItem] = {}
    for row in rows:
        try:
            item = _item(row, path, found, prefix=prefix, split=split)
        except DataError as error:
            if not published:
                raise
            left_out.append(LeftOut(item_id=f"{prefix}-{row.number}", reason=str(error).removeprefix(f"{path}, ")))
            continue
        if item.item_id in by_id:
            raise DataError(
                f"{path}, row {row.number}, column {found.item_id!r}: {item.item_id!r} is the identifier of row "
                f"{by_id[item.item_id]}, too. Identifiers must be unique"
            )
        by_id[item.item_id] = row.number
        twin = by_question.setdefault(item.question, item)
        if twin is item:
            items.append(item)
        elif twin.answer == item.answer:
            left_out.append(LeftOut(item_id=item.item_id, reason=f"question and answer of {twin.item_id}"))
        else:
            raise DataError(
                f"{path}, row {row.number}, column {found.question!r}: the question of row {by_id[twin.item_id]}, but the "
                f"answer {item.answer!r} instead of {twin.answer!r}. Correct or remove one"
            )
    return items, left_out


def _find_columns(row: Row, path: Path, named: Columns) -> Columns:
    def find(what: str, name: str | None, usual: Sequence[str]) -> str | None:
        if name is not None and not _has(row, name):
            raise ConfigError(f"{path} has no column {name!r} ({what}); it has {listed(row.values)}")
        return name or next((each for each in usual if _has(row, each)), None)

    question = find("question", named.question, _QUESTIONS)
    answer = find("answer", named.answer, [each for each in _ANSWERS if each != question])
    for what, column in (("question", question), ("answer", answer)):
        if column is None:
            raise ConfigError(
                f"{path} has none of the usual columns for the {what}; it has {listed(row.values)}. Name it"
            )
    return Columns(
        question=question,
        answer=answer,
        item_id=find("identifier", named.item_id, ("item_id", "id")),
        solution=find("solution", named.solution, [each for each in _SOLUTIONS if each != answer]),
    )


def _has(row: Row, column: str) -> bool:
    return column in row.values or cell(row.values, column) is not None


def _item(row: Row, path: Path, columns: Columns, *, prefix: str, split: str) -> SourceItem:
    def needed(column: str | None) -> str:
        text = text_of(cell(row.values, column or ""))
        if text is None:
            raise DataError(f"{path}, row {row.number}, column {column!r}: empty, or not a text")
        return text

    question, stated = needed(columns.question), needed(columns.answer)
    item_id = needed(columns.item_id) if columns.item_id else f"{prefix}-{row.number}"
    answer = final_answer(stated)
    if answer is None:
        raise DataError(
            f"{path}, row {row.number}, column {columns.answer!r}: no answer follows ####, or \\boxed{{}} is empty"
        )
    solution = text_of(cell(row.values, columns.solution)) if columns.solution else None
    groups = {
        name: next(filter(None, (text_of(cell(row.values, each)) for each in usual)), "")
        for name, usual in _GROUPS.items()
    }
    groups["split"] = split
    return SourceItem(
        item_id=item_id,
        question=question,
        answer=answer,
        solution=solution or ("" if answer == stated else stated),
        groups={name: value for name, value in groups.items() if value},
    )


def final_answer(text: str) -> str | None:
    r"""Return the answer in an answer column: what follows its last `####`, or is in its last `\boxed{}`, or all of it.

    None where the mark is there and nothing behind it.
    """
    if "####" in text:
        return text.rsplit("####", 1)[1].strip() or None
    if "\\boxed" in text:
        return last_boxed(text)
    return text


def last_boxed(text: str) -> str | None:
    r"""Return the content of the last `\boxed{..}` or `\boxed 5`, braces balanced; None without one or with an empty one."""
    begin = text.rfind("\\boxed")
    if begin < 0:
        return None
    rest = text[begin + len("\\boxed") :].lstrip()
    if not rest.startswith("{"):
        return rest[:1].strip(" $") or None
    depth = 0
    for place, char in enumerate(rest):
        escaped = place > 0 and rest[place - 1] == "\\"
        depth += 0 if escaped else (char == "{") - (char == "}")
        if depth == 0 and place:
            return rest[1:place].strip() or None
    return None
