"""What a translator is: requests in, texts out as they are finished, in any order."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslationRequest:
    """One text to translate.

    Attributes:
        key: unique among the requests of a call; names the result.
        text: with placeholders (`protection`) where the translator wants them.
        source_lang: code of the text's language.
        target_lang: code of the language to translate into.
        attempt: 0 for the best candidate, 1 for the next one, below `Translator.candidates`.
    """

    key: str
    text: str
    source_lang: str
    target_lang: str
    attempt: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Translated:
    """What became of a request.

    Attributes:
        key: of the request.
        text: the translation; empty where there is none.
        failure: why there is none (`cut at 512 tokens`, `not in the table`), or empty.
    """

    key: str
    text: str
    failure: str = ""


class Translator(Protocol):
    """A machine or a table that translates.

    Attributes:
        spec: as on the command line, such as `hf:facebook/m2m100_1.2B`.
        candidates: how many different translations of a text it can give; 1 for a deterministic one.
        placeholders: whether protected spans are to be replaced by placeholders before it sees a text; a table of human
            translations takes texts as they are.
    """

    spec: str
    candidates: int
    placeholders: bool

    def fingerprint(self) -> Mapping[str, str]:
        """Return everything about it that changes its output: versions, hashes, prompt, decoding."""

    def check_languages(self, source_lang: str, target_langs: Sequence[str]) -> None:
        """Refuse languages that it lacks, before any work.

        Raises:
            ConfigError: a language it cannot translate into; those it can are named.
        """

    def translate(self, requests: Sequence[TranslationRequest]) -> Iterator[Translated]:
        """Yield the result of every request as it is finished, in any order, each once.

        Batches are formed over all requests, whatever their item or language, so that an engine is kept busy.

        Raises:
            BackendError: it fails as a whole; single failures are results with a `failure`.
        """

    def close(self) -> None:
        """Free what it holds."""
