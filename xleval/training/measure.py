"""What one roll-out shows: the language it is in, whether it is right, whether it repeats its question."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

from xleval.data.language_id import LanguageShares, language_shares
from xleval.data.overlap_text import masked_ngrams, normalise
from xleval.errors import one_of
from xleval.evalkit.extraction import extract_number, is_correct
from xleval.evalkit.imports.verdicts import number_in_gold
from xleval.evalkit.reasoning import split_reasoning
from xleval.training.rollouts import RollOut

#: What tells the language: that of all results, or the one that a language reward has not seen (D5).
Detector = Literal["first", "second"]
COPIED = 0.5
"""Share of a completion's n-grams that stand in its prompt from which it counts as a copy: the worked solutions of MGSM
have 0.02 to 0.46 in 11 languages; the question with 60 characters of solution after it has 0.60 to 0.84, in Chinese and
Japanese, where that is half of the text, 0.42 to 0.66."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A roll-out without its texts.

    Attributes:
        step, lang, reward, advantage, entropy, truncated, n_tokens: as in `RollOut`.
        group: hash of the prompt: the roll-outs that were sampled for it at a step belong together.
        shares: language of the completion.
        correct: verdict; None without a right answer or a verdict of the trainer.
        n_chars: length of the completion in characters.
        copies_question: whether it mostly repeats its prompt.
    """

    step: int
    lang: str
    group: str
    shares: LanguageShares
    correct: bool | None
    reward: float | None
    advantage: float | None
    entropy: float | None
    truncated: bool | None
    n_tokens: int | None
    n_chars: int
    copies_question: bool


def as_detector(name: str) -> Detector:
    """Return the detector.

    Raises:
        ConfigError: there is none of this name.
    """
    return one_of("--detector", name, get_args(Detector))


def measure(rollout: RollOut, detector: Detector = "first") -> Measured:
    """Return what a roll-out shows.

    Raises:
        ConfigError: unknown language.
        MissingExtra: the second detector is not installed.
    """
    return Measured(
        step=rollout.step,
        lang=rollout.lang,
        group=hashlib.sha256(rollout.prompt.encode(errors="surrogatepass")).hexdigest()[:16],
        shares=_shares(rollout, detector),
        correct=verdict(rollout),
        reward=rollout.reward,
        advantage=rollout.advantage,
        entropy=rollout.entropy,
        truncated=rollout.truncated,
        n_tokens=rollout.n_tokens,
        n_chars=len(rollout.completion),
        copies_question=copied_share(rollout.prompt, rollout.completion, rollout.lang) >= COPIED,
    )


def verdict(rollout: RollOut) -> bool | None:
    """Return whether a roll-out is right: by xleval's extraction where the right answer is a number, else as given.

    A completion that was cut has an answer only where it states one: its last number is a step on the way (D1).
    """
    number = None if rollout.gold is None else number_in_gold(rollout.gold)
    if number is None:
        return rollout.given_correct
    found = extract_number(split_reasoning(rollout.completion, rollout.prompt)[1], rollout.lang)
    return is_correct(found, number) and not (rollout.truncated is True and found.path == "last_number")


def copied_share(prompt: str, completion: str, lang: str) -> float:
    """Return the share of a completion's character n-grams that stand in its prompt; 0 for one without letters.

    N-grams as in `xleval overlap`: numbers masked, without spaces and marks, 3 characters in Chinese, Japanese and
    Korean, 5 elsewhere.
    """
    text = normalise(completion)
    if not any(map(str.isalpha, text)):
        return 0.0
    written = masked_ngrams(text, lang)
    return len(written & _ngrams_of_prompt(prompt, lang)) / len(written)


@lru_cache(maxsize=64)
def _ngrams_of_prompt(prompt: str, lang: str) -> frozenset[str]:
    """Return the n-grams of a prompt, which a group of roll-outs shares."""
    return masked_ngrams(normalise(prompt), lang)


def _shares(rollout: RollOut, detector: Detector) -> LanguageShares:
    if detector == "second":
        from xleval.data.second_detector import second_language_shares

        return second_language_shares(rollout.completion, rollout.lang, rollout.prompt)
    return language_shares(rollout.completion, rollout.lang, rollout.prompt)
