"""Sets of instructions with responses, in the usual layouts, as items whose two texts are translated.

Layouts: columns for an instruction and its response (`instruction`/`output`, with `input` below the instruction; `prompt`
and `response`, `question` and `answer`, ...), conversations (`messages` with role and content, `conversations` with from
and value; the first turn and its reply are taken, a system turn stands before the instruction), and OpenAssistant's
messages and message trees (`oasst`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from xleval.data.column_names import listed
from xleval.data.reasoning.oasst import is_oasst, ranked_first_turns
from xleval.data.reasoning.records import SourceItem
from xleval.data.reasoning.source_files import KnownSource, Source, read_files
from xleval.data.reasoning.source_items import Columns, LeftOut
from xleval.data.rows import Row, text_of
from xleval.data.storage import sha256_of
from xleval.errors import ConfigError, DataError

KNOWN_INSTRUCTIONS: Mapping[str, KnownSource] = MappingProxyType(
    {
        "oasst1": KnownSource(hub="OpenAssistant/oasst1", split="train", licence="Apache-2.0"),
        "oasst2": KnownSource(hub="OpenAssistant/oasst2", split="train", licence="Apache-2.0"),
    }
)
_INSTRUCTIONS = ("instruction", "prompt", "question", "query", "input", "problem")
_RESPONSES = ("response", "output", "completion", "answer", "target", "chosen", "solution")
_CONVERSATIONS = ("messages", "conversations", "conversation", "chosen")
_ROLES = {"human": "user", "prompter": "user", "gpt": "assistant", "bot": "assistant", "model": "assistant"}


def read_instructions(
    spec: str,
    *,
    folder: Path | None = None,
    split: str | None = None,
    columns: Columns | None = None,
    limit: int | None = None,
    validation: float = 0.0,
    seed: int = 0,
) -> Source:
    """Return a set of instructions: `question` is the instruction, `solution` its response.

    Args:
        spec: `oasst1`, `oasst2`, the path of a file or folder, or a hub identifier.
        folder: of the files of a known set.
        split: by default `train`, else `test`.
        columns: instruction (`question`), response (`answer`) and identifier as the user names them.
        limit: first items only; of OpenAssistant the best ones.
        validation: share of the items that come into the split `validation`, the same ones in every language.
        seed: decides which.

    Raises:
        ConfigError: unknown name, missing column, a share outside [0, 1), or a limit below 1.
        DataError: a file is missing or unreadable, or no row has an instruction and a response.
        MissingExtra: the hub without huggingface_hub.
    """
    if not 0 <= validation < 1:
        raise ConfigError(f"--validation is {validation:g}; a share from 0 up to, but not, 1 is needed")
    columns = columns or Columns()
    found = read_files(spec, KNOWN_INSTRUCTIONS, folder=folder, split=split, usual=("train", "test"), limit=limit)
    if is_oasst(found.rows[0].values) and columns.question is None:
        items, left_out = ranked_first_turns(found.rows)
    else:
        items, left_out = _items(found.rows, found.path, columns, found.prefix)
    if not items:
        why = f"; the first: {left_out[0].reason}" if left_out else ""
        raise DataError(f"{found.path} has no usable instruction with a response{why}")
    return found.source(_in_splits(items[:limit], validation, seed), left_out, limit)


def _in_splits(items: Sequence[SourceItem], validation: float, seed: int) -> list[SourceItem]:
    """Return the items with their split: as many for validation as the share says, chosen by a hash of seed and id."""
    drawn = sorted(items, key=lambda item: sha256_of([seed, "validation", item.item_id]))
    held_out = {item.item_id for item in drawn[: round(validation * len(items))]}
    return [
        replace(item, groups={**item.groups, "split": "validation" if item.item_id in held_out else "train"})
        for item in items
    ]


def _items(rows: Sequence[Row], path: Path, named: Columns, prefix: str) -> tuple[list[SourceItem], list[LeftOut]]:
    """Return the items of a table, and the rows without a text or with the instruction of another row."""
    instruction = _column(rows[0], path, "instruction", named.question, (*_CONVERSATIONS, *_INSTRUCTIONS))
    response = ""
    if named.answer or not any(role == "assistant" for role, _ in _turns(rows[0].values.get(instruction))):
        response = _column(rows[0], path, "response", named.answer, [c for c in _RESPONSES if c != instruction])
    items: list[SourceItem] = []
    left_out: list[LeftOut] = []
    by_instruction: dict[str, str] = {}
    ids: set[str] = set()
    for row in rows:
        item_id = (text_of(row.values.get(named.item_id)) if named.item_id else None) or f"{prefix}-{row.number}"
        if item_id in ids:
            raise DataError(
                f"{path}, row {row.number}, column {named.item_id!r}: {item_id!r} comes twice; make it unique"
            )
        ids.add(item_id)
        asked, answered = _texts(row, instruction, response)
        if not asked or not answered:
            left_out.append(LeftOut(item_id=item_id, reason=f"no {'response' if asked else 'instruction'}"))
        elif (twin := by_instruction.setdefault(asked, item_id)) != item_id:
            left_out.append(LeftOut(item_id=item_id, reason=f"instruction of {twin}"))
        else:
            items.append(SourceItem(item_id=item_id, question=asked, answer="", solution=answered))
    return items, left_out


def _column(row: Row, path: Path, what: str, name: str | None, usual: Sequence[str]) -> str:
    if name is not None and name not in row.values:
        raise ConfigError(f"{path} has no column {name!r} ({what}); it has {listed(row.values)}")
    found = name or next((each for each in usual if row.values.get(each) is not None), None)
    if found is None:
        option = "--question-column" if what == "instruction" else "--answer-column"
        raise ConfigError(
            f"{path} has none of the usual columns for the {what}; it has {listed(row.values)}. Name it: {option}"
        )
    return found


def _texts(row: Row, instruction: str, response: str) -> tuple[str, str]:
    """Return instruction and response of a row, empty where it has none."""
    turns = _turns(row.values.get(instruction))
    if turns:
        place = next((number for number, (role, _) in enumerate(turns) if role == "user"), None)
        if place is None:
            return "", ""
        before = [text for role, text in turns[:place] if role == "system" and text]
        asked = "\n\n".join((*before, turns[place][1])).strip() if turns[place][1] else ""
        reply = turns[place + 1] if place + 1 < len(turns) else ("", "")
        answered = reply[1] if reply[0] == "assistant" else ""
    else:
        asked = text_of(row.values.get(instruction)) or ""
        if instruction == "instruction" and (more := text_of(row.values.get("input"))):
            asked = f"{asked}\n\n{more}"
        answered = ""
    if response:
        replies = _turns(row.values.get(response))
        own = next((text for role, text in replies if role == "assistant"), "")
        answered = own if replies else text_of(row.values.get(response)) or ""
    return asked.strip(), answered.strip()


def _turns(value: object) -> list[tuple[str, str]]:
    """Return roles and texts of a conversation; empty for a cell that holds none."""
    if not isinstance(value, list) or not all(isinstance(turn, Mapping) for turn in value):
        return []
    turns = []
    for turn in value:
        role = str(turn.get("role") or turn.get("from") or "")
        turns.append((_ROLES.get(role, role), (text_of(turn.get("content") or turn.get("value")) or "").strip()))
    return turns
