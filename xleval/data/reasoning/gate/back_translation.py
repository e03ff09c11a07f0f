"""Back-translation: what comes back when a translation is translated into English again, compared with the source.

chrF (Popović 2015; sacreBLEU's sentence chrF, 6-grams, effective order) of the back-translation against the source. It is
weak evidence, so that the default asks for little. It over-rates: an engine that undoes its own mistakes brings back more
than the translation deserves (Apertium en-es-en: chrF 73 with itself, where its Spanish has 56 against people's), above all
where the same engine translated. It under-rates good free translations. Human Spanish of MGSM comes back from Apertium
with 31 to 79, another item's with 8 to 28, texts that lost half of their sentences with 15 to 62: the limit of 25 finds 98 %
of wrong texts and 10 % of halves (`benchmarks/dear_gates.py`).

Numbers that the source writes in digits and the back-translation has neither in digits nor in words count as lost: none in
the human texts, some in 70 % of the halves.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from importlib import metadata
from importlib.util import find_spec
from typing import Any

from xleval.data.numbers import find_numbers
from xleval.data.reasoning.gate.name_folding import fold_name
from xleval.data.reasoning.gate.number_names import number_names
from xleval.data.reasoning.protection import ProtectedText, protect, restore
from xleval.data.reasoning.records import Finding, Pair
from xleval.data.reasoning.translators.protocol import TranslationRequest, Translator
from xleval.errors import BackendError, ConfigError, MissingExtra

MIN_CHRF = 25.0
_WORD = re.compile(r"[^\W\d_]+")
_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class CameBack:
    """What came back of a translation.

    Attributes:
        text: the back-translation; empty where there is none.
        chrf: of the back-translation against the source, in [0, 100]; None where there is none.
        lost: numbers of the source that did not come back, in the order of the source, each once.
        n_numbers: different numbers that the source writes in digits.
        failure: why there is no back-translation, or empty.
    """

    text: str
    chrf: float | None
    lost: tuple[str, ...]
    n_numbers: int
    failure: str = ""


class BackTranslation:
    """The check `back-translation`: finds pairs of which too little comes back.

    The score of a finding, in (0, 1], is the larger of the part of `least` that chrF lacks and the part of the source's
    numbers that is lost; every finding rejects.

    Attributes:
        name: `back-translation`.
        limit: 0: each finding's score is above it.
        least: chrF that passes.
        unchecked: reason to the number of pairs that could not be translated back; they have no finding.
    """

    name = "back-translation"
    limit = 0.0

    def __init__(self, translator: Translator, least: float = MIN_CHRF, *, numbers: bool = True) -> None:
        """Check with a translator into English, which `close` closes.

        Args:
            translator: best another one than the one that made the translations.
            least: chrF that passes, in [0, 100].
            numbers: whether a lost number is a finding; else chrF alone decides.

        Raises:
            ConfigError: a limit outside the range of chrF.
            MissingExtra: sacrebleu is not installed.
        """
        if not 0 <= least <= 100:
            raise ConfigError(f"the limit of back-translation is {least}; chrF is in [0, 100]")
        if find_spec("sacrebleu") is None:
            raise MissingExtra("translate", "the back-translation check")
        from sacrebleu.metrics.chrf import CHRF

        self.least = least
        self.unchecked: Counter[str] = Counter()
        self._translator = translator
        self._numbers = numbers
        self._chrf: Any = CHRF()

    def fingerprint(self) -> Mapping[str, str]:
        """Return translator, metric and limits."""
        translator = {f"translator.{name}": value for name, value in self._translator.fingerprint().items()}
        # not sacreBLEU's signature: it changes with the first score
        metric = f"sacrebleu {metadata.version('sacrebleu')} chrF2, characters 6, words 0, sentence, effective order"
        return {**translator, "chrf": metric, "least": str(self.least), "numbers": str(self._numbers)}

    def check(self, pairs: Sequence[Pair]) -> list[Finding | None]:
        """Return the finding of every pair in the order given, None where enough came back or nothing is known.

        Raises:
            ConfigError: the translator lacks a language of the pairs.
            BackendError: the translator fails as a whole.
        """
        results = self.measure(pairs)
        self.unchecked.update(result.failure for result in results if result.chrf is None)
        return [self._finding(result) for result in results]

    def measure(self, pairs: Sequence[Pair]) -> list[CameBack]:
        """Return what came back of every pair in the order given; equal texts are translated once."""
        for lang in sorted({pair.lang for pair in pairs}):
            self._translator.check_languages(lang, ["en"])
        back = self._translate(dict.fromkeys((pair.lang, pair.target) for pair in pairs if pair.target.strip()))
        return [self._compare(pair, *back.get((pair.lang, pair.target), ("", "empty translation"))) for pair in pairs]

    def close(self) -> None:
        """Close the translator."""
        self._translator.close()

    def _translate(self, texts: Mapping[tuple[str, str], None]) -> dict[tuple[str, str], tuple[str, str]]:
        """Return the back-translation and the failure of each language and text."""
        keys = {str(number): text for number, text in enumerate(texts)}
        prepared = {key: self._protected(text) for key, (_, text) in keys.items()}
        requests = [
            TranslationRequest(key=key, text=prepared[key].text, source_lang=lang, target_lang="en")
            for key, (lang, _) in keys.items()
        ]
        results: dict[tuple[str, str], tuple[str, str]] = {}
        for result in self._translator.translate(requests) if requests else ():
            text = restore(result.text, prepared[result.key]).text
            failure = result.failure or ("" if text.strip() else "nothing came back")
            results[keys[result.key]] = ("" if failure else text, failure)
        if len(results) < len(keys):
            raise BackendError(
                f"translator {self._translator.spec} answered {len(results)} of {len(keys)} requests; it must answer each"
            )
        return results

    def _protected(self, text: str) -> ProtectedText:
        if self._translator.placeholders:
            return protect(text, numbers=False)
        return ProtectedText(text=text, originals=(), letters=("", ""))

    def _compare(self, pair: Pair, text: str, failure: str) -> CameBack:
        if failure:
            return CameBack(text="", chrf=None, lost=(), n_numbers=0, failure=failure)
        written = source_numbers(pair.source)
        back = _values(text, pair.lang)
        return CameBack(
            text=text,
            chrf=float(self._chrf.sentence_score(text, [pair.source]).score),
            lost=tuple(digits for value, digits in written.items() if value not in back),
            n_numbers=len(written),
        )

    def _finding(self, result: CameBack) -> Finding | None:
        if result.chrf is None:
            return None
        lacking = 1 - result.chrf / self.least if result.chrf < self.least else 0.0
        lost = len(result.lost) / result.n_numbers if self._numbers and result.lost else 0.0
        if not (lacking or lost):
            return None
        parts = [f"chrF {result.chrf:.1f} with the source, at least {self.least:g} expected"] if lacking else []
        if lost:
            more = f" and {len(result.lost) - _SHOWN} more" if len(result.lost) > _SHOWN else ""
            parts.append(f"numbers that did not come back: {', '.join(result.lost[:_SHOWN])}{more}")
        return Finding(check=self.name, score=max(lacking, lost), detail="; ".join(parts))


def source_numbers(source: str) -> dict[Fraction, str]:
    """Return the different numbers that an English text writes in digits, each with its first spelling."""
    numbers: dict[Fraction, str] = {}
    for span in find_numbers(source, "en"):
        numbers.setdefault(Fraction(span.value), source[span.start : span.end])
    return numbers


def _values(text: str, lang: str) -> frozenset[Fraction]:
    """Return every number that an English text writes in digits or that a word of it may stand for.

    Args:
        text: a back-translation.
        lang: code of the language it comes from: engines leave digits as that language groups them (`23 786`).
    """
    names = number_names("en")
    words = (value for match in _WORD.finditer(text) for value in names.get(fold_name(match[0], "en"), ()))
    foreign = (Fraction(span.value) for span in find_numbers(text, lang))
    return frozenset(source_numbers(text)).union(words, foreign)
