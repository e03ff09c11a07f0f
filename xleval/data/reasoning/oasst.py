"""OpenAssistant's conversations (arXiv 2304.07327): the best reply to each English first message.

Two published layouts: rows that are messages (`message_id`, `parent_id`, `role`, `lang`, `rank`, `labels`, ...; the hub's
Parquet files and `*.messages.jsonl`), and rows that are trees (`message_tree_id` and `prompt`, whose `replies` are nested;
`*.trees.jsonl`). `rank` 0 is the reply that people preferred. Files of the hub that end in `.gz` must be unpacked.

Order: by the reply's `quality` label, the mean that raters gave from 0 to 1, best first; then by the number of its
reviews; then as in the file. CLO (arXiv 2505.14297) took the 6,400 `highly ranked` ones and does not say by what.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xleval.data.reasoning.records import SourceItem
from xleval.data.reasoning.source_items import LeftOut
from xleval.data.rows import Row, text_of
from xleval.errors import DataError


@dataclass(frozen=True, slots=True, kw_only=True)
class _Message:
    message_id: str
    parent_id: str
    text: str
    role: str
    lang: str
    rank: int | None
    quality: float
    reviews: int
    deleted: bool


def is_oasst(row: Mapping[str, Any]) -> bool:
    """Return whether a row is a message or a tree of OpenAssistant's."""
    tree = "message_tree_id" in row and isinstance(row.get("prompt"), Mapping)
    return tree or {"message_id", "parent_id", "role", "text"} <= row.keys()


def ranked_first_turns(rows: Sequence[Row]) -> tuple[list[SourceItem], list[LeftOut]]:
    """Return the English first messages with their best replies, best first, and those without a usable reply.

    A reply is used that is English, not deleted, and of rank 0, or the only one where it has no rank. Messages in other
    languages are passed over without a word: they are other instructions.

    Raises:
        DataError: a row has no id, text or role.
    """
    messages = [message for row in rows for message in _messages(row)]
    replies: dict[str, list[_Message]] = {}
    for message in messages:
        if message.parent_id:
            replies.setdefault(message.parent_id, []).append(message)
    found: list[tuple[_Message, _Message]] = []
    left_out: list[LeftOut] = []
    texts: dict[str, str] = {}
    for root in messages:
        if root.parent_id or root.role != "prompter" or root.lang != "en" or root.deleted:
            continue
        reply = _best(replies.get(root.message_id, ()))
        if reply is None:
            left_out.append(LeftOut(item_id=_item_id(root), reason="no English reply of rank 0"))
        elif (twin := texts.setdefault(root.text, root.message_id)) != root.message_id:
            left_out.append(LeftOut(item_id=_item_id(root), reason=f"instruction of oasst-{twin}"))
        else:
            found.append((root, reply))
    found.sort(key=lambda pair: (-pair[1].quality, -pair[1].reviews))  # stable: then as in the file
    items = [
        SourceItem(item_id=_item_id(root), question=root.text, answer="", solution=reply.text) for root, reply in found
    ]
    return items, left_out


def _item_id(message: _Message) -> str:
    return f"oasst-{message.message_id}"


def _best(replies: Sequence[_Message]) -> _Message | None:
    usable = [each for each in replies if each.role == "assistant" and each.lang == "en" and not each.deleted]
    ranked = [each for each in usable if each.rank == 0]
    if ranked:
        return ranked[0]
    return usable[0] if len(usable) == 1 and len(replies) == 1 and usable[0].rank is None else None


def _messages(row: Row) -> Iterator[_Message]:
    """Yield the messages of a row: its own, or the first two levels of its tree."""
    prompt = row.values.get("prompt")
    if not isinstance(prompt, Mapping):
        yield _message(row.values, row.place, "")
        return
    root = _message(prompt, row.place, "")
    yield root
    for reply in prompt.get("replies") or ():
        yield _message(reply, row.place, root.message_id)


def _message(values: Mapping[str, Any], place: str, parent: str) -> _Message:
    texts = {name: text_of(values.get(name)) for name in ("message_id", "text", "role")}
    for name, text in texts.items():
        if text is None:
            raise DataError(f"{place}: the message has no {name}; a file of OpenAssistant's as published is needed")
    rank = values.get("rank")
    return _Message(
        message_id=str(texts["message_id"]),
        parent_id=parent or text_of(values.get("parent_id")) or "",
        text=str(texts["text"]).strip(),
        role=str(texts["role"]),
        lang=text_of(values.get("lang")) or "",
        rank=None if rank is None else int(rank),
        quality=_quality(values.get("labels")),
        reviews=int(values.get("review_count") or 0),
        deleted=bool(values.get("deleted")),
    )


def _quality(labels: object) -> float:
    """Return the label `quality`, -1 without one; labels are an object, or lists of names and values side by side."""
    if not isinstance(labels, Mapping):
        return -1.0
    own = labels.get("quality")
    if isinstance(own, Mapping):
        return float(own.get("value") or 0.0)
    names, values = labels.get("name"), labels.get("value")
    if isinstance(names, Sequence) and isinstance(values, Sequence) and "quality" in names:
        return float(values[list(names).index("quality")])
    return -1.0
