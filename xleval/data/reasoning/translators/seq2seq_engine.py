"""A seq2seq checkpoint in memory: sentences in, translations out as their batch is done."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xleval.data.reasoning.translators.language_tokens import LanguageTokens, language_tokens
from xleval.data.reasoning.translators.sentence_pieces import Sentence
from xleval.data.reasoning.translators.token_batches import fill, token_batches
from xleval.errors import BackendError, ConfigError, first_line

if TYPE_CHECKING:
    import torch

    from xleval.data.reasoning.translators.seq2seq import Seq2SeqOptions

_ENDLESS = 1_000_000  # tokenizers without a limit say 1e30


@dataclass(slots=True)
class BatchCount:
    """What the engine has run.

    Attributes:
        batches: calls of the model.
        sentences: that were in them.
        fill: share of their source tokens that is not padding, 0 to 1.
    """

    batches: int = 0
    sentences: int = 0
    fill: float = 1.0


class Engine:
    """A loaded checkpoint with its tokenizer.

    Args:
        model: in evaluation mode, on its device.
        tokenizer: of the checkpoint.
        options: batches and decoding.
    """

    def __init__(self, model: Any, tokenizer: Any, options: "Seq2SeqOptions") -> None:
        # M2M100's tokenizer keeps its language tokens beside the vocabulary.
        self.languages: LanguageTokens = language_tokens(
            {*tokenizer.get_vocab(), *getattr(tokenizer, "lang_token_to_id", ())}
        )
        self.commit = str(getattr(model.config, "_commit_hash", None) or "")
        self.model_class = type(model).__name__
        self.dtype = str(model.dtype).removeprefix("torch.")
        self.device = str(model.device)
        self.count = BatchCount()
        self._model = model
        self._tokenizer = tokenizer
        self._options = options
        positions = int(getattr(model.config, "max_position_embeddings", 0) or 0)
        limits = [each for each in (positions, int(tokenizer.model_max_length)) if 0 < each < _ENDLESS]
        self._longest = min(limits, default=1024)
        # The prefix and the mark at the end need positions, too.
        self._max_new = min(options.max_new, (positions or _ENDLESS) - 4)

    def translate(self, sentences: Sequence[Sentence]) -> Iterator[tuple[Sentence, str, str]]:
        """Yield each sentence with its translation and, where it has none, the reason.

        Raises:
            BackendError: the model fails.
        """
        tokens = [self._encode(sentence) for sentence in sentences]
        fitting = [place for place, ids in enumerate(tokens) if len(ids) <= self._longest]
        for place, ids in enumerate(tokens):
            if len(ids) > self._longest:
                yield sentences[place], "", f"a sentence of {len(ids)} tokens; the model takes {self._longest}"
        lengths = [len(tokens[place]) for place in fitting]
        batches = token_batches(lengths, budget=self._options.tokens, most=self._options.rows)
        self.count = BatchCount(batches=len(batches), sentences=len(fitting), fill=fill(lengths, batches))
        for batch in batches:
            places = [fitting[each] for each in batch]
            yield from self._translate_batch([(sentences[place], tokens[place]) for place in places])

    def _encode(self, sentence: Sentence) -> list[int]:
        text = sentence.text
        if self.languages.sources:
            self._tokenizer.src_lang = self.languages.sources[sentence.source]
        elif self.languages.style in ("madlad", "marian"):
            text = f"{self.languages.tokens[sentence.target]} {text}"
        ids: list[int] = self._tokenizer(text, truncation=False, verbose=False)["input_ids"]
        return ids

    def _translate_batch(self, batch: Sequence[tuple[Sentence, list[int]]]) -> Iterator[tuple[Sentence, str, str]]:
        """Yield the translations of a batch; where memory is short, of its halves."""
        import torch

        try:
            results = self._generate(batch)
        except torch.OutOfMemoryError:
            results = None
        except (RuntimeError, ValueError, IndexError) as error:
            raise BackendError(
                f"{self._options.model} failed on a batch of {len(batch)}: {first_line(error)}"
            ) from error
        if results is not None:
            yield from results
            return
        torch.cuda.empty_cache()
        if len(batch) == 1:
            yield batch[0][0], "", f"a sentence of {len(batch[0][1])} tokens does not fit into memory"
            return
        half = len(batch) // 2
        yield from self._translate_batch(batch[:half])
        yield from self._translate_batch(batch[half:])

    def _generate(self, batch: Sequence[tuple[Sentence, list[int]]]) -> list[tuple[Sentence, str, str]]:
        import torch

        pad = int(self._tokenizer.pad_token_id)
        width = max(len(ids) for _, ids in batch)
        source = torch.tensor([ids + [pad] * (width - len(ids)) for _, ids in batch], device=self.device)
        mask = torch.tensor([[1] * len(ids) + [0] * (width - len(ids)) for _, ids in batch], device=self.device)
        prefix = self._prefixes([sentence for sentence, _ in batch])
        beams = 1 + max(sentence.beam for sentence, _ in batch)
        with torch.inference_mode():
            output = self._model.generate(
                input_ids=source, attention_mask=mask, decoder_input_ids=prefix, generation_config=self._decoding(beams)
            )
        found: list[tuple[Sentence, str, str]] = []
        for place, (sentence, _) in enumerate(batch):
            ids = output[place * beams + sentence.beam, prefix.shape[1] :].tolist()
            found.append((sentence, *self._decode(ids)))
        return found

    def _prefixes(self, sentences: Sequence[Sentence]) -> "torch.Tensor":
        """Return what each output begins with; a token per row lets one batch have several target languages."""
        import torch

        config = self._model.generation_config
        begin = config.decoder_start_token_id
        rows = [[begin if begin is not None else config.bos_token_id] for _ in sentences]
        if self.languages.in_decoder:
            for row, sentence in zip(rows, sentences, strict=True):
                row.append(self._tokenizer.convert_tokens_to_ids(self.languages.tokens[sentence.target]))
        return torch.tensor(rows, device=self.device)

    def _decoding(self, beams: int) -> Any:
        """Return the checkpoint's own decoding but for search and limits; a forced end would hide a cut."""
        from transformers import GenerationConfig

        own = {
            key: value
            for key, value in self._model.generation_config.to_dict().items()
            if key.endswith("_token_id")
            or key in ("bad_words_ids", "length_penalty", "no_repeat_ngram_size", "repetition_penalty")
        }
        return GenerationConfig.from_dict(
            own
            | {"forced_bos_token_id": None, "forced_eos_token_id": None, "do_sample": False}
            | {"num_beams": self._options.beams, "num_return_sequences": beams, "max_new_tokens": self._max_new}
        )

    def _decode(self, ids: list[int]) -> tuple[str, str]:
        end = self._model.generation_config.eos_token_id
        ends = set(end) if isinstance(end, list) else {end}
        length = next((place for place, token in enumerate(ids) if token in ends), None)
        if length is None:
            return "", f"cut at {self._max_new} tokens"
        text = str(self._tokenizer.decode(ids[:length], skip_special_tokens=True)).strip()
        return text, "" if text else "empty translation"


def load(options: "Seq2SeqOptions") -> Engine:
    """Return a checkpoint in memory; only safetensors are read, and no code that comes with it is run.

    Raises:
        BackendError: it is not there, has no safetensors, or is no seq2seq model.
        ConfigError: the device does not exist.
    """
    import torch
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    device = options.device if options.device != "auto" else "cuda" if torch.cuda.is_available() else "cpu"
    name = options.dtype if options.dtype != "auto" else "float32" if device == "cpu" else "bfloat16"
    revision = {"revision": options.revision} if options.revision else {}
    try:
        tokenizer = AutoTokenizer.from_pretrained(options.model, trust_remote_code=False, **revision)
        model = AutoModelForSeq2SeqLM.from_pretrained(
            options.model, trust_remote_code=False, use_safetensors=True, dtype=getattr(torch, name), **revision
        )
    except Exception as error:  # hub, network, formats: its errors have no common base
        raise BackendError(
            f"the checkpoint {options.model} cannot be loaded: {first_line(error)}. A folder or hub identifier of a seq2seq "
            "model with safetensors is needed; a hub's converted weights may be in another revision (revision=refs/pr/N)"
        ) from error
    try:
        model = model.to(device).eval()
    except (RuntimeError, AssertionError) as error:
        raise ConfigError(f"the device {device!r} cannot be used: {first_line(error)}") from error
    return Engine(model, tokenizer, options)
