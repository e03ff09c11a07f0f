"""Language identification: which share of a text's words is in the language asked for.

A word is an ICU word segment with a letter, after `strip_non_language`, cut where the script changes. It carries the
language of its span: the words of one script in one sentence. Scripts decide where they can, lingua decides between
the languages of one script; single words are never given to it (for one word it is right in 41 % for Spanish, 59 % for
French). So drift inside a Latin-script sentence of a Latin-script language is not seen: resolved to sentences only.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from xleval.data.language_markers import indonesian_or_malay, is_english_word
from xleval.data.language_spans import (
    LINGUA_SCRIPTS,
    MIN_LATIN_RUN,
    STRICT_DISTANCE,
    Label,
    code_detector,
    consecutive,
    home_scripts,
    label_of,
    lingua_names,
    script_names,
    spans_of_sentence,
    word_pieces,
)
from xleval.data.languages import LANGUAGES, get_language
from xleval.data.non_language import strip_non_language
from xleval.data.scripts import script_of
from xleval.data.segmentation import encodable, sentences
from xleval.errors import ConfigError

__all__ = ["LanguageShares", "detect", "language_shares", "preload", "prompt_names", "strip_non_language"]

MIN_SENTENCE_WORDS = 5
"""Sentences with fewer determined words are not judged as a whole (as in the line pass rate of arXiv:2406.20052)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageShares:
    """Language statistics of one text. Counts, so that texts can be pooled; shares are properties.

    With target `en`, English words are target words and `n_english` is 0.

    Attributes:
        target: code of the language asked for.
        n_target: words in the target language.
        n_english: words in English.
        n_other: words in any other language.
        n_undetermined: words whose language is not known.
        target_chars: characters of the target words.
        determined_chars: characters of all words whose language is known.
        n_sentences: sentences with at least five determined words.
        n_foreign_sentences: those of them in which most determined words are not in the target language.
        top: label with most determined words, the target at a tie; None without any.
        excluded_share: letters that `strip_non_language` removed, fraction of all letters; 0 for a text without any.
    """

    target: str
    n_target: int
    n_english: int
    n_other: int
    n_undetermined: int
    target_chars: int
    determined_chars: int
    n_sentences: int
    n_foreign_sentences: int
    top: str | None
    excluded_share: float

    @property
    def n_determined(self) -> int:
        """Words whose language is known."""
        return self.n_target + self.n_english + self.n_other

    @property
    def n_words(self) -> int:
        """All words; the four counts sum to it exactly."""
        return self.n_determined + self.n_undetermined

    @property
    def shares(self) -> tuple[float, float, float, float] | None:
        """Target, English, other, undetermined, fractions of all words; None for a text without words."""
        if not self.n_words:
            return None
        n = self.n_words
        return self.n_target / n, self.n_english / n, self.n_other / n, self.n_undetermined / n

    @property
    def target_of_determined(self) -> float | None:
        """Target words as a fraction of the determined words; None without any: neither consistent nor inconsistent."""
        return self.n_target / self.n_determined if self.n_determined else None

    @property
    def target_of_characters(self) -> float | None:
        """Characters of target words as a fraction of those of the determined words; None without any."""
        return self.target_chars / self.determined_chars if self.determined_chars else None


def language_shares(text: str, target: str, prompt: str = "") -> LanguageShares:
    """Return how many words of a text are in the target language, in English, in another language or undetermined.

    Indonesian and Malay are one class unless a word that only one of them has decides (lingua mistakes 19 % of
    Indonesian sentences for Malay).

    Args:
        text: completion, or the part of it that is asked about (reasoning or answer); may be empty.
        target: code of the language table.
        prompt: what the text answers; names in it that are written in another script than the target's are not words.

    Returns:
        Counts; all 0 for a text without words.

    Raises:
        ConfigError: unknown language.
    """
    language = get_language(target)
    stripped = strip_non_language(encodable(text), prompt_names(prompt, target) if prompt else frozenset())
    has_kana = "Hani" in language.scripts and any(script_of(char) in ("Hira", "Kana") for char in set(stripped))
    n_words: Counter[Label] = Counter()
    n_chars: Counter[Label] = Counter()
    n_sentences = n_foreign = 0
    cut = [
        spans_of_sentence(stripped[start:end], language, has_kana) for start, end in sentences(stripped, language.code)
    ]
    for spans in cut:
        determined = in_target = 0
        for span in spans:
            label = label_of(span, language)
            n_words[label] += span.n_words
            n_chars[label] += span.n_chars
            determined += span.n_words if label else 0
            in_target += span.n_words if label == language.code else 0
        if determined >= MIN_SENTENCE_WORDS:
            n_sentences += 1
            n_foreign += 2 * in_target < determined
    n_undetermined, _ = n_words.pop(None, 0), n_chars.pop(None, 0)
    english = n_words["en"] if language.code != "en" else 0
    return LanguageShares(
        target=language.code,
        n_target=n_words[language.code],
        n_english=english,
        n_other=sum(n_words.values()) - n_words[language.code] - english,
        n_undetermined=n_undetermined,
        target_chars=n_chars[language.code],
        determined_chars=sum(n_chars.values()),
        n_sentences=n_sentences,
        n_foreign_sentences=n_foreign,
        top=max(n_words, key=lambda label: (n_words[label], label == language.code), default=None),
        excluded_share=_excluded_share(text, stripped),
    )


def detect(text: str, candidates: Sequence[str]) -> str | None:
    """Return which candidate a text is in, or None where that is not certain or it is in none of them.

    For gates: lingua with the candidates, English and the neighbours of both as rejecters, and a relative distance of
    0.25. Not for single words or names.

    Args:
        text: sentence or longer; digits and an empty text give None.
        candidates: codes of the language table.

    Raises:
        ConfigError: unknown language, or no candidate.
    """
    detector = _detector_of(tuple(candidates))
    try:
        found = detector(text)
    except UnicodeEncodeError:  # lone surrogates; looking for them first would cost a tenth of the time
        found = detector(encodable(text))
    if found in candidates and found != "id":
        return found
    rows = [get_language(code) for code in candidates]
    codes = {row.code for row in rows}
    if found == "id":
        found = indonesian_or_malay(text) or (None if {"id", "ms"} <= codes else "ms" if "ms" in codes else "id")
    return found if found in codes else None


@lru_cache(maxsize=256)
def _detector_of(candidates: tuple[str, ...]) -> Callable[[str], str | None]:
    if not candidates:
        raise ConfigError("no candidate languages: name at least one")
    return code_detector(lingua_names([*map(get_language, candidates), LANGUAGES["en"]]), STRICT_DISTANCE)


def preload() -> None:
    """Load the models of every language that `language_shares` asks lingua about: 2 to 4 s and 500 MB.

    Without it the first text in each script pays for them.
    """
    from lingua import Language as Lingua
    from lingua import LanguageDetectorBuilder

    names = set().union(*(script_names(script) for script in LINGUA_SCRIPTS))
    languages = [getattr(Lingua, name) for name in sorted(names)]
    LanguageDetectorBuilder.from_languages(*languages).with_preloaded_language_models().build()


@lru_cache(maxsize=1024)
def prompt_names(prompt: str, target: str) -> frozenset[str]:
    """Return the tokens of a prompt that are not words when a completion repeats them.

    Only tokens in a script other than the target's: short Latin runs and other foreign words inside the prompt's text,
    and from longer runs capitalised words that are not English ones and do not begin a sentence. So a completion that
    copies an English prompt still counts as English, whereas within one script a name takes its sentence's language.

    Raises:
        ConfigError: unknown language.
    """
    language = get_language(target)
    stripped = strip_non_language(encodable(prompt))
    names: set[str] = set()
    for start, end in sentences(stripped, language.code):
        sentence = stripped[start:end]
        pieces = word_pieces(sentence, language)
        for run in consecutive(pieces):
            if pieces[run[0]][0] in home_scripts(language):
                continue
            tokens = [sentence[pieces[index][1] : pieces[index][2]] for index in run]
            short = len(run) < MIN_LATIN_RUN and len(run) < len(pieces)
            names.update(token for token in tokens[0 if short else 1 :] if short or _is_name(token))
    return frozenset(names)


def _is_name(token: str) -> bool:
    return token[0].isupper() and not is_english_word(token.lower())


def _excluded_share(text: str, stripped: str) -> float:
    if text == stripped:
        return 0.0
    n_before = sum(map(str.isalpha, text))
    return max(0.0, 1 - sum(map(str.isalpha, stripped)) / n_before) if n_before else 0.0
