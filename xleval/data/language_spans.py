"""Labels the words of one sentence with languages: by script where scripts decide, else by lingua on the whole span."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from xleval.data.language_markers import by_letters, indonesian_or_malay, is_english_word
from xleval.data.languages import LANGUAGES, Language
from xleval.data.scripts import run_scripts, script_of, script_runs
from xleval.data.segmentation import words

MIN_LATIN_RUN = 4
"""Latin words in a row that make a span of their own inside text of another script; fewer may be names and units."""

# Lingua abstains below this relative distance of its two best languages. 0.25 made no error in 4,738 texts and suits a
# yes-or-no decision. In shares an abstention is a loss, too: with 0.1, 85 % of three-word pieces of FLORES sentences
# are right and 3 % wrong (0.25: 76 % and 1 %). One and two words are wrong in 8 and 4 %, and keep 0.25.
STRICT_DISTANCE = 0.25
_SHARES_DISTANCE = 0.1
_MAX_STRICT_WORDS = 2

_ONE_LANGUAGE_SCRIPTS = {"Hang": "ko", "Thai": "th", "Telu": "te", "Beng": "bn"}
LINGUA_SCRIPTS = ("Latn", "Cyrl", "Arab")
# Share of kana among Han and kana from which a sentence is Japanese: real sentences have over 0.4, a kana brand name or
# a decorative "no" in a Chinese one stays far below.
_MIN_KANA_SHARE = 0.1
# A short heading all in Han can be either language in a text that has kana elsewhere.
_MAX_AMBIGUOUS_HAN = 8
_HAN = ("Hani",)

_QUOTATION = re.compile(
    r"[\"\u201c\u201e\u00ab]\s?((?:[^\s\"\u201c-\u201f\u00ab\u00bb]+\s){3,}[^\s\"\u201c-\u201f\u00ab\u00bb]+)"
    r"\s?[\"\u201c\u201d\u00bb]"
)

Label = str | None
"""Language code, `und-` and a script code for a language that is not named, or None for undetermined."""


@dataclass(frozen=True, slots=True)
class Span:
    """Words of one sentence that carry one label.

    Attributes:
        n_words: their number.
        n_chars: their length in characters.
        label: their language, if it is known without lingua.
        text: what lingua has to tell the language of; None if that is not needed.
    """

    n_words: int
    n_chars: int
    label: Label = None
    text: str | None = None


def spans_of_sentence(sentence: str, language: Language, has_kana: bool) -> list[Span]:
    """Return the spans of a sentence, those in the script asked for not yet labelled: see `label_of`.

    Two steps because lingua's tables displace everything else from the processor's cache: cutting a whole text first
    and labelling it afterwards is faster than taking turns.

    Quotations of four and more words are labelled apart from what is around them: titles and speech are often in
    another language, and a quotation is where a policy would hide one.

    Args:
        sentence: one sentence, without what is not language.
        language: the one asked for.
        has_kana: whether the text that the sentence is from has kana; of interest to Japanese and Chinese only.
    """
    quotations = _QUOTATION.findall(sentence)
    if not quotations:
        return _spans_of_part(sentence, language, has_kana)
    parts = [_QUOTATION.sub(" ", sentence), *quotations]
    return [span for part in parts for span in _spans_of_part(part, language, has_kana)]


def label_of(span: Span, language: Language) -> Label:
    """Return the label of a span of `spans_of_sentence`, from lingua where the script does not decide."""
    if span.text is None:
        return span.label
    return _label_by_script(span.text, language.scripts[0], language, False, span.n_words)


def _spans_of_part(sentence: str, language: Language, has_kana: bool) -> list[Span]:
    scripts = run_scripts(sentence)
    if len(scripts) == 1 and scripts.issubset(home_scripts(language)):
        found = words(sentence, language.code)
        if not found:
            return []
        n_chars = sum([end - start for start, end in found])
        script = scripts.pop()
        if script in LINGUA_SCRIPTS:
            return [Span(len(found), n_chars, text=sentence)]
        return [Span(len(found), n_chars, _label_by_script(sentence, script, language, has_kana, len(found)))]
    pieces = word_pieces(sentence, language)
    labels: dict[int, Label] = {}
    for script in dict.fromkeys(script for script, _, _ in pieces):
        members = [index for index, piece in enumerate(pieces) if piece[0] == script]
        if script != "Latn":
            text = sentence if len(members) == len(pieces) else _joined(sentence, pieces, members)
            label = _label_by_script(text, script, language, has_kana, len(members))
            labels.update(dict.fromkeys(members, label))
        elif "Latn" in language.scripts and (len(members) >= MIN_LATIN_RUN or len(members) == len(pieces)):
            label = _lingua_label(_joined(sentence, pieces, members), "Latn", language, len(members))
            labels.update(dict.fromkeys(members, label))
        else:
            for run in consecutive(pieces):
                if pieces[run[0]][0] == "Latn":
                    labels.update(zip(run, _label_latin_run(sentence, pieces, run, language), strict=True))
    return [Span(1, end - start, labels[index]) for index, (_, start, end) in enumerate(pieces)]


def word_pieces(sentence: str, language: Language) -> list[tuple[str, int, int]]:
    """Return script, start and end of every word, words of two scripts cut (a particle after a Latin name)."""
    pieces = [
        (script, start + first, start + last)
        for start, end in words(sentence, language.code)
        for script, (first, last) in script_runs(sentence[start:end])
    ]
    # A lone Latin or Greek letter in text of another script is a variable or the label of an option.
    variables = {"Latn", "Grek"}.difference(language.scripts)
    return [piece for piece in pieces if piece[2] - piece[1] > 1 or piece[0] not in variables]


def consecutive(pieces: Sequence[tuple[str, int, int]]) -> list[list[int]]:
    """Return the indices of neighbouring pieces of one script."""
    runs: list[list[int]] = []
    for index, (script, _, _) in enumerate(pieces):
        if runs and pieces[runs[-1][-1]][0] == script:
            runs[-1].append(index)
        else:
            runs.append([index])
    return runs


def _joined(sentence: str, pieces: Sequence[tuple[str, int, int]], members: Iterable[int]) -> str:
    return " ".join(sentence[pieces[index][1] : pieces[index][2]] for index in members)


def _label_latin_run(
    sentence: str, pieces: Sequence[tuple[str, int, int]], run: Sequence[int], language: Language
) -> list[Label]:
    """Label Latin words in a row inside text of another script, or a whole short Latin sentence in it."""
    if len(run) >= MIN_LATIN_RUN:
        label = _lingua_label(sentence[pieces[run[0]][1] : pieces[run[-1]][2]], "Latn", language, len(run))
        if label is not None:
            return [label] * len(run)
    tokens = [sentence[pieces[index][1] : pieces[index][2]] for index in run]
    has_english = any(token.islower() and is_english_word(token) for token in tokens)
    return ["en" if has_english and is_english_word(token.lower()) else None for token in tokens]


def _label_by_script(text: str, script: str, language: Language, has_kana: bool, n_words: int) -> Label:
    if script in _ONE_LANGUAGE_SCRIPTS:
        return _ONE_LANGUAGE_SCRIPTS[script]
    if script == "Hani":
        return _label_han(text, language, has_kana)
    label = None
    if script in LINGUA_SCRIPTS:
        label = _lingua_label(text, script, language, n_words) or by_letters(text)
    # Whatever language it is, it is not the target's: not undetermined.
    return label if label or script in language.scripts else f"und-{script}"


def _label_han(text: str, language: Language, has_kana: bool) -> Label:
    scripts = Counter(script_of(char) for char in text)
    n_kana = scripts["Hira"] + scripts["Kana"]
    if n_kana >= _MIN_KANA_SHARE * (n_kana + scripts["Hani"]):
        return "ja"
    ambiguous = has_kana and scripts["Hani"] <= _MAX_AMBIGUOUS_HAN and "Hani" in language.scripts
    return None if ambiguous else "zh"


def _lingua_label(text: str, script: str, language: Language, n_words: int) -> Label:
    distance = STRICT_DISTANCE if n_words <= _MAX_STRICT_WORDS else _SHARES_DISTANCE
    label = detect_code(text, script_names(script), distance)
    if label == "id":
        return indonesian_or_malay(text) or (language.code if language.code in ("id", "ms") else "id")
    return label


def home_scripts(language: Language) -> tuple[str, ...]:
    """Return a language's scripts as `script_runs` names them: Han and kana are one."""
    return _HAN if "Hani" in language.scripts else language.scripts


@cache
def script_names(script: str) -> frozenset[str]:
    """Return the lingua names that decide between the languages of a script: the table's and all their neighbours."""
    return lingua_names([row for row in LANGUAGES.values() if script in row.scripts])


def lingua_names(rows: Iterable[Language]) -> frozenset[str]:
    """Return the rows' languages and their neighbours; Malay is left to `indonesian_or_malay`."""
    names = {name for row in rows for name in (row.lingua, *row.neighbours) if name}
    return frozenset("INDONESIAN" if name == "MALAY" else name for name in names)


def detect_code(text: str, names: frozenset[str], distance: float) -> str | None:
    """Return the ISO 639-1 code of lingua's language for a text; None below the distance or without letters.

    Args:
        text: any text without lone surrogates.
        names: `lingua.Language` names that are considered; detectors are cached by them.
        distance: least relative distance between the two best languages, in [0, 0.99].
    """
    return code_detector(names, distance)(text)


@cache
def code_detector(names: frozenset[str], distance: float) -> Callable[[str], Label]:
    """Return the function from a text to its code that `detect_code` calls; for many texts of one language.

    In scripts that one candidate has, lingua itself takes 7 microseconds: what is done around it counts.
    """
    from lingua import Language as Lingua
    from lingua import LanguageDetectorBuilder

    languages = [getattr(Lingua, name) for name in sorted(names)]
    codes = {language: str(language.iso_code_639_1.name.lower()) for language in languages}
    detect = LanguageDetectorBuilder.from_languages(*languages).with_minimum_relative_distance(distance).build()
    language_of = detect.detect_language_of

    def code_of(text: str) -> Label:
        found = language_of(text)
        return None if found is None else codes[found]

    return code_of
