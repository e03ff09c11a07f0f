"""Seq2seq checkpoints as translators: M2M100, NLLB, mBART-50, MADLAD, Marian, and any that names languages in their ways.

A text goes in sentence by sentence, as these models were trained and as CLO used M2M100 (arXiv 2505.14297), and is joined
again. Sentences of all requests are batched together, whatever their item and target language, by length. Beam search;
attempt n takes the n-th beam of every sentence. What does not fit a model, or does not end, is a failure: nothing is cut.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from xleval.data.reasoning.translators import positive_option, refuse_unknown_options
from xleval.data.reasoning.translators.protocol import Translated, TranslationRequest
from xleval.data.reasoning.translators.sentence_pieces import Piece, Sentence, join_pieces, split_text
from xleval.data.storage import sha256_of, sha256_of_file
from xleval.errors import ConfigError, MissingExtra

if TYPE_CHECKING:
    from xleval.data.reasoning.translators.seq2seq_engine import Engine

_OPTIONS = ("beams", "max_new", "tokens", "rows", "dtype", "device", "revision", "langs")
_WINDOW = 4000  # requests batched together: enough to fill batches, and finished ones can be journaled between windows
_BEAMS = 5  # as M2M100 and NLLB are evaluated


@dataclass(frozen=True, slots=True, kw_only=True)
class Seq2SeqOptions:
    """How a checkpoint is run.

    Attributes:
        model: identifier of the hub or folder.
        revision: of the hub; empty for its main one.
        beams: of the search, and so candidates; 1 is greedy.
        max_new: most tokens of a sentence's translation; one that is not finished then is a failure.
        tokens: most source tokens of a batch, padding included.
        rows: most sentences of a batch.
        dtype: `float32`, `float16`, `bfloat16`, or `auto`: bfloat16 on a GPU, float32 on a CPU.
        device: `cpu`, `cuda`, `cuda:1`, .., or `auto`.
        pair: the languages of a checkpoint that names none (Marian of one pair), such as `("en", "es")`.
    """

    model: str
    revision: str = ""
    beams: int = _BEAMS
    max_new: int = 256
    tokens: int = 4096
    rows: int = 128
    dtype: str = "auto"
    device: str = "auto"
    pair: tuple[str, str] | None = None

    @classmethod
    def read(cls, model: str, given: Mapping[str, str]) -> "Seq2SeqOptions":
        """Return the options of a specification.

        Raises:
            ConfigError: unknown option or value.
        """
        left = dict(given)
        pair = left.pop("langs", "")
        before, dash, after = pair.partition("-")
        if pair and not (before and dash and after):
            raise ConfigError(f"the option langs={pair}: the pair of languages is needed, such as langs=en-es")
        dtype = left.pop("dtype", "auto")
        if dtype not in ("auto", "float32", "float16", "bfloat16"):
            raise ConfigError(f"the option dtype={dtype}: auto, float32, float16 or bfloat16 is needed")
        options = cls(
            model=model,
            revision=left.pop("revision", ""),
            beams=positive_option(left, "beams", _BEAMS),
            max_new=positive_option(left, "max_new", 256),
            tokens=positive_option(left, "tokens", 4096),
            rows=positive_option(left, "rows", 128),
            dtype=dtype,
            device=left.pop("device", "auto"),
            pair=(before, after) if pair else None,
        )
        refuse_unknown_options(left, _OPTIONS)
        return options


class Seq2Seq:
    """A translator that runs a seq2seq checkpoint in this process.

    Args:
        model: identifier of the hub or folder; weights must be safetensors.
        options: `beams`, `max_new`, `tokens`, `rows`, `dtype`, `device`, `revision`, `langs` (see `Seq2SeqOptions`).

    Raises:
        ConfigError: unknown option.
        MissingExtra: torch or transformers are not installed.
    """

    placeholders = True

    def __init__(self, model: str, options: Mapping[str, str]) -> None:
        self.spec = ",".join((f"hf:{model}", *(f"{key}={value}" for key, value in options.items())))
        self._options = Seq2SeqOptions.read(model, options)
        self.candidates = self._options.beams
        self._loaded: Engine | None = None
        try:
            import torch  # noqa: F401
            import transformers  # noqa: F401
        except ImportError as error:
            raise MissingExtra("translate", f"the translator {self.spec}") from error

    def fingerprint(self) -> Mapping[str, str]:
        """Return checkpoint, commit or weights' hash, versions and decoding.

        Raises:
            BackendError: the checkpoint cannot be loaded.
        """
        import torch
        import transformers

        engine, options = self._engine(), self._options
        return {
            "model": options.model if not Path(options.model).is_dir() else Path(options.model).name,
            "checkpoint": _folder_hash(Path(options.model)) or engine.commit or options.revision or "main",
            "class": engine.model_class,
            "languages": engine.languages.style,
            "transformers": transformers.__version__,
            "torch": torch.__version__,
            "dtype": engine.dtype,
            "device": engine.device.partition(":")[0],
            "beams": str(options.beams),
            "max_new": str(options.max_new),
            "batch": f"{options.tokens} tokens, {options.rows} rows",  # in half precision a batch changes its texts
        }

    def check_languages(self, source_lang: str, target_langs: Sequence[str]) -> None:
        """Refuse languages that the checkpoint lacks.

        Raises:
            ConfigError: such a language; those it has are named.
            BackendError: the checkpoint cannot be loaded.
        """
        known = self._engine().languages
        if known.style == "none":
            pair = self._options.pair
            if pair is None:
                raise ConfigError(
                    f"{self.spec} does not name its languages: add langs=SOURCE-TARGET, such as langs=en-es"
                )
            if any((source_lang, lang) != pair for lang in target_langs):
                raise ConfigError(f"{self.spec} translates {pair[0]} to {pair[1]} only")
            return
        needed = (source_lang, *target_langs) if known.sources else tuple(target_langs)
        for lang in needed:
            if lang not in known.tokens:
                raise ConfigError(
                    f"{self.spec} does not have the language {lang}; it has {', '.join(sorted(known.tokens))}"
                )

    def translate(self, requests: Sequence[TranslationRequest]) -> Iterator[Translated]:
        """Yield translations window by window, as the last sentence of a text is translated.

        Raises:
            BackendError: the checkpoint cannot be loaded or fails.
            ConfigError: a language that it lacks.
        """
        for request in requests:
            self.check_languages(request.source_lang, (request.target_lang,))
            if not 0 <= request.attempt < self.candidates:
                raise ConfigError(f"{self.spec} has {self.candidates} candidates; attempt {request.attempt} was asked")
        for start in range(0, len(requests), _WINDOW):
            yield from self._window(requests[start : start + _WINDOW])

    def close(self) -> None:
        """Free the model."""
        self._loaded = None

    def _engine(self) -> "Engine":
        if self._loaded is None:
            from xleval.data.reasoning.translators.seq2seq_engine import load

            self._loaded = load(self._options)
        return self._loaded

    def _window(self, requests: Sequence[TranslationRequest]) -> Iterator[Translated]:
        pieces = [split_text(request.text, request.source_lang) for request in requests]
        waiting: dict[Sentence, list[int]] = {}
        missing = [0] * len(requests)
        for place, request in enumerate(requests):
            wanted = {_sentence(piece, request) for piece in pieces[place] if piece.is_language}
            missing[place] = len(wanted)
            for sentence in wanted:
                waiting.setdefault(sentence, []).append(place)
            if not wanted:
                yield _joined(request, pieces[place], {})
        found: dict[Sentence, tuple[str, str]] = {}
        for sentence, text, failure in self._engine().translate(list(waiting)):
            found[sentence] = (text, failure)
            for place in waiting[sentence]:
                missing[place] -= 1
                if not missing[place]:
                    yield _joined(requests[place], pieces[place], found)


def _sentence(piece: Piece, request: TranslationRequest) -> Sentence:
    return Sentence(text=piece.text, source=request.source_lang, target=request.target_lang, beam=request.attempt)


def _joined(
    request: TranslationRequest, pieces: Sequence[Piece], found: Mapping[Sentence, tuple[str, str]]
) -> Translated:
    """Return a text whose sentences are all translated; the first failure among them is its own."""
    results = [found[_sentence(piece, request)] if piece.is_language else (piece.text, "") for piece in pieces]
    failure = next((failure for _, failure in results if failure), "")
    text = "" if failure else join_pieces(pieces, [text for text, _ in results], request.target_lang)
    return Translated(key=request.key, text=text, failure=failure)


def _folder_hash(folder: Path) -> str:
    """Return the SHA-256 over the files of a checkpoint's folder that change its output; empty for one of the hub."""
    if not folder.is_dir():
        return ""
    endings = (".safetensors", ".json", ".model", ".spm", ".txt")
    files = sorted(path for path in folder.iterdir() if path.suffix in endings)
    return sha256_of([[path.name, sha256_of_file(path)] for path in files])
