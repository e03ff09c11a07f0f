"""How much of a completion is in the language that it is asked for in."""

from xleval.data.language_id import guarded_share, language_shares
from xleval.evalkit.reasoning import split_reasoning
from xleval.training.rewards.accuracy import accuracy
from xleval.training.rewards.attempts import Attempt
from xleval.training.rewards.disguises import hidden_english, undisguised
from xleval.training.rewards.options import AccuracyOptions, LanguageOptions, Part

#: Mean letters of foreign words above which several are written as one, and letters of a word then.
_LONGEST_WORDS = 14
_LETTERS_A_WORD = 5


def language(attempt: Attempt, options: LanguageOptions) -> float | None:
    """Return the language reward of a completion, in [0, 1].

    `ratio`: words of the language asked for by all words whose language is known, as DeepSeek-R1 rewards a chain of
    thought (arXiv 2501.12948: Num(Words_target) / Num(Words)). `threshold`: 1 where that is at least `threshold`, else
    0. `bonus`: the ratio where the answer is right, else 0. The paper on cross-lingual collapse (arXiv 2506.05850) does
    not state which of these its reward is.

    Args:
        attempt: a completion with its prompt, whose names are no words and whose sentences are no thoughts.
        options: form and part.

    Returns:
        None for a bonus on an item without a right answer.

    Raises:
        ConfigError: unknown language.
    """
    if options.form == "bonus":
        right = accuracy(attempt, AccuracyOptions(answer=options.answer))
        if not right:
            return right
    share = language_share(attempt, options.part)
    return float(share >= options.threshold) if options.form == "threshold" else share


def language_share(attempt: Attempt, part: Part) -> float:
    """Return the share of a part of a completion that is in the language asked for; 0 where there is too little to tell.

    See `guarded_share`: 20 words, or half of the reference solution where that is less; copies and repetitions do not
    count. Where reasoning stands within tags, `reasoning` is the lower of its share and of that of the whole
    completion: what is written beside the thoughts can neither carry nor hide them. Without tags it is the whole.

    Args:
        attempt: a completion.
        part: `reasoning`, `answer` (what follows the reasoning) or `all`.
    """
    reasoning, answer = split_reasoning(attempt.completion, attempt.prompt)
    if part == "answer":
        return _share(attempt, answer)
    whole = _share(attempt, attempt.completion)
    if part == "all" or reasoning is None:
        return whole
    return min(whole, _share(attempt, reasoning))


def _share(attempt: Attempt, text: str) -> float:
    """Return the share of a text, with the words that only a reward makes someone hide counted as foreign ones."""
    plain = undisguised(text)
    shares = language_shares(plain, attempt.asked_lang, attempt.prompt)
    share = guarded_share(shares, reference_words=attempt.reference_words)
    hidden = hidden_english(plain) if attempt.asked_lang != "en" else 0
    foreign = shares.n_english + shares.n_other
    foreign_chars = shares.determined_chars - shares.target_chars
    if foreign and foreign_chars / foreign > _LONGEST_WORDS:
        hidden += round(foreign_chars / _LETTERS_A_WORD) - foreign  # words written together
    return share * shares.n_determined / (shares.n_determined + hidden) if hidden else share
