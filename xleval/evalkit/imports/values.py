"""Values of foreign rows as the texts, numbers and verdicts they stand for."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from xleval.data.storage import parse_json
from xleval.errors import DataError

_RIGHT = frozenset({"true", "yes", "correct", "right", "c", "1"})
_WRONG = frozenset({"false", "no", "incorrect", "wrong", "i", "n", "0"})  # inspect: I incorrect, N no answer
_CUT = frozenset({"length", "max_tokens", "max_length", "model_length"})
_TOO_MANY = 1 << 31  # counts of a samples table have 32 bits
_FINISHED = frozenset({"stop", "eos", "eos_token", "end_turn", "stop_sequence"})


class BadRow(DataError):
    """A row that cannot be used: it is listed with its reason, and the import goes on."""


def as_text(value: object, key: str) -> str:
    """Return a value as text: a whole number without its `.0`.

    Raises:
        BadRow: it is missing, or a list or object.
    """
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, str) or is_number(value):
        return str(value)
    raise BadRow(f"{key} is {value!r:.60}; a text is needed")


def as_count(value: object, key: str) -> int | None:
    """Return a whole number from 0, or None for a missing one.

    Raises:
        BadRow: it is something else.
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    try:
        number = float(as_text(value, key))
    except ValueError:
        number = -1.0
    if not 0 <= number < _TOO_MANY or not number.is_integer():
        raise BadRow(f"{key} is {value!r:.60}; a whole number from 0 is needed")
    return int(number)


def as_verdict(value: object) -> bool | None:
    """Return a tool's verdict: of true, 1, "C", "yes" and the like; None for parts of a point, text or nothing."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return {1.0: True, 0.0: False, -1.0: False}.get(value)  # some rewards punish a wrong answer by -1
    word = value.strip().lower() if isinstance(value, str) else ""
    return True if word in _RIGHT else False if word in _WRONG else None


def as_finish_reason(value: object) -> str | None:
    """Return `stop` or `length`; None for anything else, such as a content filter."""
    word = value.lower() if isinstance(value, str) else ""
    return "length" if word in _CUT else "stop" if word in _FINISHED else None


def as_texts(value: object, key: str) -> tuple[str, ...]:
    """Return a list of texts; of nothing, none.

    Raises:
        BadRow: it is no list, or not of texts.
    """
    if value is None:
        return ()
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise BadRow(f"{key} is {value!r:.60}; a list is needed")
    return tuple(as_text(part, key) for part in value)


def as_numbers(value: object, key: str) -> tuple[float, ...]:
    """Return a list of numbers; of nothing, none.

    Raises:
        BadRow: it is no list, or not of numbers.
    """
    try:
        return tuple(float(part) for part in as_texts(value, key))
    except ValueError as error:
        raise BadRow(f"{key} is {value!r:.60}; a list of numbers is needed") from error


def gold_option(gold: object, index: object, choices: Sequence[str]) -> int:
    """Return the index of the right option, given as index, as the option's text, or as its letter.

    Raises:
        BadRow: none of them, several options, or an index and a text that differ.
    """
    if isinstance(index, list | tuple) and len(index) == 1:
        index = index[0]
    if index is not None:
        found = as_count(index, "gold_index")
        if found is not None and found < len(choices):
            return found
        raise BadRow(f"gold_index is {index!r}; 0 to {len(choices) - 1} is needed")
    text = "" if gold is None else as_text(gold, "gold").strip()
    stripped = [choice.strip() for choice in choices]
    if stripped.count(text) == 1:
        return stripped.index(text)
    if len(text) == 1 and "A" <= text <= "Z" and ord(text) - ord("A") < len(choices):
        return ord(text) - ord("A")
    raise BadRow(f"gold {text!r:.60} is none of the options {list(choices)!r:.120}; map gold_index")


def conversation_text(value: object, key: str) -> str:
    """Return a prompt or completion as text: of one message its content, of several each with its role before it.

    Raises:
        BadRow: it is neither a text nor a list of messages.
    """
    if isinstance(value, list | tuple) and len(value) == 1 and isinstance(value[0], str):
        value = value[0]  # lm-eval: a conversation as JSON within a list
    if isinstance(value, str) and value.startswith('[{"role"'):
        try:
            value = foreign_json(value)
        except ValueError:
            return str(value)
    if isinstance(value, list | tuple) and value and all(isinstance(message, Mapping) for message in value):
        texts = [(str(message.get("role", "")), message_text(message, key)) for message in value]
        return texts[0][1] if len(texts) == 1 else "\n\n".join(f"{role}: {text}" for role, text in texts)
    return as_text(value, key)


def message_text(message: Mapping[str, object], key: str) -> str:
    """Return the text of a message; reasoning parts come first, within `<think>` tags.

    Raises:
        BadRow: its content is neither a text nor a list of parts.
    """
    content = message.get("content")
    reasoning = message.get("reasoning_content")
    if isinstance(content, list | tuple):
        parts = [part for part in content if isinstance(part, Mapping)]
        reasoning = "\n\n".join(str(part["reasoning"]) for part in parts if part.get("reasoning")) or reasoning
        content = "".join(str(part["text"]) for part in parts if part.get("text") is not None)
    text = "" if content is None else as_text(content, key)
    return with_reasoning(text, reasoning if isinstance(reasoning, str) else None)


def with_reasoning(answer: str, reasoning: str | None) -> str:
    """Return an answer after the reasoning that a tool stored apart from it, in the form that models write."""
    return f"<think>\n{reasoning}\n</think>\n\n{answer}" if reasoning else answer


def is_number(value: object) -> bool:
    """Return whether a value is a number, or a verdict, and not NaN."""
    return isinstance(value, int) or (isinstance(value, float) and not math.isnan(value))


def foreign_json(text: str | bytes) -> Any:
    """Return the value of JSON that another tool wrote; half of a surrogate pair becomes U+FFFD, as tokenizers write it.

    Raises:
        ValueError: as of `parse_json`.
    """
    value = parse_json(text)
    escaped = b"\\ud" in text.lower() if isinstance(text, bytes) else "\\ud" in text.lower()
    return _whole_pairs(value) if escaped else value


def _whole_pairs(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_whole_pairs(part) for part in value]
    if isinstance(value, dict):
        return {_whole_pairs(key): _whole_pairs(part) for key, part in value.items()}
    return value
