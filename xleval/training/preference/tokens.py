"""Preference pairs as token ids: tokenised as `xleval run` does, one BOS, the chat template once, nothing cut."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from xleval.errors import ConfigError, DataError
from xleval.evalkit.backends.hf_encode import Encoder
from xleval.evalkit.requests import ChoiceRequest, EncodedChoice, Message
from xleval.training.preference.pairs import TextPairs
from xleval.training.sets.records import Prompt

#: Stands for an answer while the template's end of a turn is looked up.
_ANSWER = "xleval-answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerTokens:
    """Token ids of a prompt and an answer, the answer's last."""

    ids: tuple[int, ...]
    n_answer: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPairs:
    """`TextPairs` as token ids.

    Attributes:
        item_id, directions: as there.
        answers: chosen and rejected of the first direction, then of the second, ...; after them, where the loss asks for
            it, for each direction its prompt with the chosen answer of another item.
    """

    item_id: str
    directions: tuple[str, ...]
    answers: tuple[AnswerTokens, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokenised:
    """Pairs that are trained on, and how many are not, by reason."""

    rows: tuple[TokenPairs, ...]
    n_too_long: int
    n_equal: int


def tokenise(
    texts: Sequence[TextPairs], tokenizer: Any, *, max_length: int | None, unrelated: bool = False
) -> Tokenised:
    """Return pairs as token ids.

    An answer ends with the template's end of a turn, or the end-of-text token. Pairs with the same chosen and rejected
    answer in a direction, and those with a sequence longer than `max_length`, are left out and counted.

    Args:
        texts: pairs with the same number of directions.
        tokenizer: of transformers, as `load_for_training` returns it.
        max_length: tokens of prompt and answer at most; None for no limit.
        unrelated: add for each direction the prompt with the chosen answer of the item before it, in the same direction
            (KTO's estimate of its shift).

    Raises:
        ConfigError: a prompt or an answer without a token, or turns without a chat template.
        DataError: no pair is left.
    """
    different = [row for row in texts if all(a != b for a, b in zip(row.chosen, row.rejected, strict=True))]
    encoder = AnswerEncoder(tokenizer)
    others = _answers_before(different) if unrelated else [() for _ in different]
    rows = [_tokens(encoder, row, other) for row, other in zip(different, others, strict=True)]
    short = [row for row in rows if max_length is None or max(len(each.ids) for each in row.answers) <= max_length]
    found = Tokenised(rows=tuple(short), n_too_long=len(rows) - len(short), n_equal=len(texts) - len(different))
    if not short:
        raise DataError(
            f"no pair to train on: of {len(texts)}, {found.n_equal} have the same chosen and rejected answer and "
            f"{found.n_too_long} are longer than trainer.max_length = {max_length} tokens; raise it, or take other data"
        )
    return found


def _answers_before(rows: Sequence[TextPairs]) -> list[tuple[str, ...]]:
    """Return for each item the chosen answers of the one before it with the same directions; of the first, the last's."""
    last = {row.directions: row.chosen for row in rows}
    found = []
    for row in rows:
        found.append(last[row.directions])
        last[row.directions] = row.chosen
    alone = [directions for directions, n in Counter(row.directions for row in rows).items() if n < 2]
    if alone:
        raise DataError(
            f"kto needs two items or more of each language; {'/'.join(alone[0])} has one: take more items, or "
            "loss.preference = dpo"
        )
    return found


def _tokens(encoder: "AnswerEncoder", row: TextPairs, others: tuple[str, ...]) -> TokenPairs:
    answers: list[AnswerTokens] = []
    unrelated: list[AnswerTokens] = []
    for place, (prompt, direction) in enumerate(zip(row.prompts, row.directions, strict=True)):
        continuations = (row.chosen[place], row.rejected[place], *others[place : place + 1])
        encoded = encoder.encode(f"{row.item_id} ({direction})", prompt, continuations, ended=row.ended)
        answers += encoded[:2]
        unrelated += encoded[2:]
    return TokenPairs(item_id=row.item_id, directions=row.directions, answers=(*answers, *unrelated))


class AnswerEncoder:
    """Prompts with answers as token ids, for one tokenizer.

    Args:
        tokenizer: of transformers; it puts a BOS in front of a text where the model needs one.
    """

    def __init__(self, tokenizer: Any) -> None:
        self._encoder = Encoder(tokenizer, max_positions=None, add_bos=False)
        self._end_of_turn = _end_of_turn(tokenizer) if self._encoder.has_chat_template else ""

    def encode(self, key: str, prompt: Prompt, answers: Sequence[str], *, ended: bool) -> list[AnswerTokens]:
        """Return a prompt with each of several answers.

        Args:
            key: names the item in an error.
            prompt: a text, or turns.
            answers: texts that follow the prompt.
            ended: whether what ends an answer is part of it.

        Raises:
            ConfigError: the prompt or an answer has no token, or turns and no chat template.
        """
        chat = not isinstance(prompt, str)
        end = self._end_of_turn if chat and ended else ""
        encoded = self._encoder.encode(
            [ChoiceRequest(key=key, context=as_turns(prompt), continuations=tuple(each + end for each in answers))]
        )[0]
        if not isinstance(encoded, EncodedChoice):  # a choice was asked for
            raise ConfigError(f"{key}: the prompt is no context of answers")
        stop = (self._encoder.tokenizer.eos_token_id,) if ended and not end else ()
        return [
            AnswerTokens(ids=(*encoded.context_ids, *ids, *stop), n_answer=len(ids) + len(stop))
            for ids in encoded.continuation_ids
        ]


def as_turns(prompt: Prompt) -> str | tuple[Message, ...]:
    """Return a prompt as `evalkit` takes it."""
    if isinstance(prompt, str):
        return prompt
    return tuple(Message(role=turn["role"], content=turn["content"]) for turn in prompt)


def _end_of_turn(tokenizer: Any) -> str:
    """Return what a chat template writes after an answer, up to its last visible character; empty where nothing."""
    turns = [{"role": "user", "content": "a"}, {"role": "assistant", "content": _ANSWER}]
    return str(tokenizer.apply_chat_template(turns, tokenize=False)).rpartition(_ANSWER)[2].rstrip()
