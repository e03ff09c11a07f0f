"""One sampled completion with what it answers, read from the columns that a trainer hands to a reward function."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from xleval.errors import ConfigError
from xleval.evalkit.imports.task_language import language_code
from xleval.evalkit.imports.values import BadRow, conversation_text, message_text

#: Columns that may hold the right answer, the first one there counts.
GOLD = ("gold", "answer", "solution")
#: Columns that may hold the language of a prompt.
LANGUAGE = ("lang", "language")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One completion of one prompt.

    Attributes:
        completion: what was written, up to where an answer ends (`stop`), reasoning within its tags.
        prompt: what it answers, as text.
        lang: language of the prompt; "" where no column says it.
        asked_lang: language that the completion is asked to be written in.
        item_id, gold, task, choices, choice_ids, gold_index, reference_words, copy: as in `PromptRow`; `gold` is None
            where there is none.
        n_tokens: tokens written; None where the trainer does not say.
        truncated: whether it was cut at the length limit; None where not known.
        step: of the training.
        place: in the batch, from 0.
    """

    completion: str
    lang: str
    asked_lang: str
    prompt: str = ""
    item_id: str = ""
    gold: str | None = None
    task: str = ""
    choices: tuple[str, ...] = ()
    choice_ids: tuple[str, ...] = ()
    gold_index: int | None = None
    reference_words: int | None = None
    copy: int = 0
    n_tokens: int | None = None
    truncated: bool | None = None
    step: int = 0
    place: int = 0

    def where(self) -> str:
        """Return which item this is of, for a message."""
        named = f"item {self.item_id}" if self.item_id else f"place {self.place} of the batch"
        return f"{named} in {self.lang}" if self.lang else named


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampled:
    """How completions were asked for, which no column says.

    Attributes:
        limit: tokens of a completion at most (TRL's `max_completion_length`); None where not known.
        end_ids: tokens that end a completion; one that ends so at the limit was not cut.
        prompt_end: what the chat template writes after the last turn, such as an opened `<think>`.
        asked_lang: language that completions are asked for in; empty for that of the prompt.
        asked_in_chat: the same for prompts that are conversations.
    """

    limit: int | None = None
    end_ids: frozenset[int] = frozenset()
    prompt_end: str = ""
    asked_lang: str = ""
    asked_in_chat: str = ""


def read_attempts(
    prompts: Sequence[object],
    completions: Sequence[object],
    completion_ids: Sequence[Sequence[int]] | None,
    columns: Mapping[str, object],
    sampled: Sampled,
    step: int = 0,
) -> list[Attempt]:
    """Return a batch as attempts, in its order.

    Args:
        prompts: texts or conversations.
        completions: texts or the messages of the answer.
        completion_ids: their tokens, without padding; None where the trainer does not give them.
        columns: further columns by name, a value for each completion; others than those of `Attempt` are not looked at.
        sampled: how they were asked for.
        step: of the training.

    Raises:
        ConfigError: a column is not as long as the batch, an unknown language, or a value of the wrong type.
    """
    known = {
        name: _column(name, columns[name], len(completions))
        for name in (*LANGUAGE, *GOLD, *_OPTIONAL)
        if columns.get(name) is not None
    }
    ids = [None] * len(completions) if completion_ids is None else completion_ids
    return [
        _attempt(
            prompt, completion, tokens, {name: values[place] for name, values in known.items()}, sampled, (step, place)
        )
        for place, (prompt, completion, tokens) in enumerate(zip(prompts, completions, ids, strict=True))
    ]


_OPTIONAL = (
    "item_id", "task", "choices", "choice_ids", "gold_index", "stop", "reference_words", "copy", "truncated",
)  # fmt: skip


def _attempt(
    prompt: object,
    completion: object,
    tokens: Sequence[int] | None,
    row: Mapping[str, object],
    sampled: Sampled,
    at: tuple[int, int],
) -> Attempt:
    lang = _language(row, at[1])
    try:
        shown, written = conversation_text(prompt, "prompt"), _written(completion)
    except BadRow as error:
        raise ConfigError(f"place {at[1]} of the batch: {error}") from error
    text, stopped = _up_to(written, _texts(row.get("stop")))
    chat = not isinstance(prompt, str)
    asked = (sampled.asked_in_chat if chat else sampled.asked_lang) or lang
    return Attempt(
        completion=text,
        prompt=f"{shown}\n{sampled.prompt_end}" if chat and sampled.prompt_end else shown,
        lang=lang,
        asked_lang=asked,
        item_id=str(row.get("item_id") or ""),
        gold=next((str(row[name]) for name in GOLD if row.get(name) is not None), None),
        task=str(row.get("task") or ""),
        choices=_texts(row.get("choices")),
        choice_ids=_texts(row.get("choice_ids")),
        gold_index=_count("gold_index", row.get("gold_index")),
        reference_words=_count("reference_words", row.get("reference_words")),
        copy=_count("copy", row.get("copy")) or 0,
        n_tokens=None if tokens is None else len(tokens),
        truncated=False if stopped else _was_cut(row.get("truncated"), tokens, sampled),
        step=at[0],
        place=at[1],
    )


def _written(completion: object) -> str:
    """Return a completion as text, with the reasoning that a trainer has parsed out of it.

    A text is taken as it is: one that looks like the JSON of a conversation is still all that the model wrote.
    """
    if isinstance(completion, str):
        return completion
    messages = [completion] if isinstance(completion, Mapping) else completion
    if not isinstance(messages, Sequence) or not all(isinstance(message, Mapping) for message in messages):
        raise BadRow(f"completion is {completion!r:.60}; a text or a list of messages is needed")
    texts = [
        message_text(
            {"reasoning_content": message.get("thinking") or message.get("reasoning"), **message}, "completion"
        )
        for message in messages
    ]
    return "\n\n".join(filter(None, texts))


def _column(name: str, values: object, n: int) -> Sequence[object]:
    if isinstance(values, str) or not isinstance(values, Sequence) or len(values) != n:
        size = len(values) if isinstance(values, Collection) else 1
        raise ConfigError(f"column {name} has {size} values for {n} completions; give one for each")
    return values


def _language(row: Mapping[str, object], place: int) -> str:
    named = next((row[name] for name in LANGUAGE if row.get(name)), None)
    if named is None:
        return ""
    code = language_code(str(named))
    if code is None:
        raise ConfigError(
            f"place {place} of the batch: {named!r} is no language of xleval; give a code such as sw (xleval languages)"
        )
    return code


def _texts(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(map(str, value)) if isinstance(value, Sequence) else ()


def _count(name: str, value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        raise ConfigError(f"column {name} holds {value!r}; a whole number or null is needed")
    return int(value)


def _up_to(text: str, stops: tuple[str, ...]) -> tuple[str, bool]:
    """Return a text up to the first string that ends an answer, as `xleval run` stops there, and whether there was one."""
    found = [text.find(stop) for stop in stops if stop and stop in text]
    return (text[: min(found)], True) if found else (text, False)


def _was_cut(said: object, tokens: Sequence[int] | None, sampled: Sampled) -> bool | None:
    if isinstance(said, bool):
        return said
    if tokens is None or sampled.limit is None:
        return None
    return len(tokens) >= sampled.limit and not (tokens and tokens[-1] in sampled.end_ids)
