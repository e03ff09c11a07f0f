"""PolyFact's verdict on a short answer to a question whose options were shown, and its reward.

Source: the study's trainer, `cl-consistency/train_wikifact_grpo.py` of github.com/jvonrad/Lost-in-Mistranslation 3ca0eea,
as noted: first line, label stripped; equal to an option, else a bare letter is no answer, else the one option that it is
contained in or that it contains (either from 2 characters on: "R" is in every Paris).
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Literal, get_args

from xleval.evalkit.prompts import PROMPT_WORDS
from xleval.evalkit.reasoning import split_reasoning
from xleval.training.config.schema import PoolingConfig
from xleval.training.rewards.attempts import Attempt

#: right; a wrong option; something that names no option, or several; nothing at all
Verdict = Literal["right", "wrong", "unparsed", "empty"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

_LABELS = ("answer", "answer text")
_LETTER = re.compile(r"[a-j]")


def fact_verdict(attempt: Attempt) -> Verdict:
    """Return what an answer to a fact is: one of its options, or not.

    Choices with one id are names of one option, such as a label and its aliases: any will do, several are no second answer.

    Args:
        attempt: a completion with `choices` and `gold_index` (or `gold`, the text of the right one).

    Returns:
        `empty` for an answer without a character once its label is off: "Answer:" alone says nothing, too.
    """
    text = _first_line(attempt)
    if not text:
        return "empty"
    given = _plain(text)
    ids = attempt.choice_ids or attempt.choices
    names = [(option, _plain(choice)) for option, choice in zip(ids, attempt.choices, strict=True)]
    found = {option for option, name in names if given and given == name}
    if not found and not _LETTER.fullmatch(given):
        found = {option for option, name in names if name and given and _contains(given, name)}
    if len(found) != 1:
        return "unparsed"
    return "right" if found == {_gold_id(attempt, ids)} else "wrong"


def verdict_reward(verdict: Verdict, pooling: PoolingConfig) -> float:
    """Return the reward of one answer: 1, `wrong`, `unparsed` or -`empty_penalty`.

    With `empty_penalty` 0, as published, silence costs less than a bad answer, and once every roll-out is silent no
    advantage is left to leave that state by.
    """
    rewards: dict[Verdict, float] = {
        "right": 1.0,
        "wrong": pooling.wrong,
        "unparsed": pooling.unparsed,
        "empty": -pooling.empty_penalty,
    }
    return rewards[verdict]


def _gold_id(attempt: Attempt, ids: Sequence[str]) -> str | None:
    """Return the id of the right option; None where the right answer is none of them."""
    if attempt.gold_index is not None:
        return ids[attempt.gold_index]
    return ids[attempt.choices.index(attempt.gold)] if attempt.gold in attempt.choices else None


def _first_line(attempt: Attempt) -> str:
    text = split_reasoning(attempt.completion, attempt.prompt)[1].strip()
    words = [PROMPT_WORDS[lang] for lang in (attempt.asked_lang, attempt.lang) if lang in PROMPT_WORDS]
    labels = {*_LABELS, *(each.answer_label for each in words)}
    bare = sorted((label.strip().rstrip(":：").strip() for label in labels), key=len, reverse=True)
    label = re.compile(rf"(?:{'|'.join(map(re.escape, bare))})\s*[:：]\s*", re.IGNORECASE)
    labelled = label.match(text)
    return text[labelled.end() if labelled else 0 :].split("\n")[0].strip()


def _contains(given: str, name: str) -> bool:
    return min(len(given), len(name)) > 1 and (given in name or name in given)


def _plain(text: str) -> str:
    """Return a text without regard to case, width, quotation marks and what stands at its ends."""
    folded = " ".join(unicodedata.normalize("NFKC", text).casefold().replace("’", "'").split())
    start, end = 0, len(folded)
    while start < end and _is_mark(folded[start]):
        start += 1
    while end > start and _is_mark(folded[end - 1]):
        end -= 1
    return folded[start:end]


def _is_mark(char: str) -> bool:
    return unicodedata.category(char)[0] in "PZ" or char == "`"
