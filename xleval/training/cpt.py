"""`xleval train cpt`: texts in several languages, joined into chunks; perplexity on held-out texts before and after."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from xleval.errors import ConfigError, DataError
from xleval.training.config.schema import TrainConfig
from xleval.training.installed import import_trl
from xleval.training.model import load_for_training
from xleval.training.outcome import TrainJob, TrainOutcome
from xleval.training.packing import Packed, begin_ids, lines_by_language, pack, text_ids
from xleval.training.preference.tokens import AnswerTokens
from xleval.training.sets.records import TextRow
from xleval.training.sets.text_rows import text_rows

#: Tokens of a chunk where `trainer.max_length` is not set: that of PolyFact's CPT (jvonrad/Lost-in-Mistranslation).
CHUNK = 512
_HELD_OUT = 50  # one item of so many


def run_cpt(config: TrainConfig, job: TrainJob) -> TrainOutcome:
    """Train on texts and return what was done; the weights are in `job.out/model`.

    One item of 50, all its languages, is held out, up to `monitor.limit` texts of a language; with `monitor.limit` 0
    none. `data.max_tokens` counts the texts' tokens and never goes beyond; `n_tokens` of the outcome counts those that
    were seen, repetitions and the BOS of chunks included.

    Raises:
        ConfigError: settings or data that do not fit.
        DataError: the data cannot be read, or holds no text.
        BackendError: the model cannot be loaded.
        MissingExtra: a package of the extra `train` is not installed.
    """
    import_trl()
    from xleval.training.checkpoint import save_model
    from xleval.training.held_out_nll import mean_nll
    from xleval.training.token_trainer import Amounts, fit, settings_for, token_trainer

    settings = settings_for(config, job)
    length = chunk_length(config)
    loaded = load_for_training(config)
    apart = HeldApart(config.monitor.limit, config.data.langs)
    packed = Packed()
    with TemporaryDirectory(prefix="xleval-cpt-") as scratch:
        texts = apart.others(text_rows(config.data, seed=config.seed))
        chunks = pack(
            texts,
            loaded.tokenizer,
            length=length,
            langs=config.data.langs,
            max_tokens=config.data.max_tokens,
            packed=packed,
        )
        dataset = _dataset(chunks, Path(scratch))
        if not packed.n_texts:
            raise DataError(f"no text to train on in {config.data.source}: {apart.n_held} held out, none left")
        held = held_sequences(apart.held, loaded.tokenizer, length)

        def measure(model: Any) -> Mapping[str, float]:
            found = mean_nll(model, held, loaded.tokenizer.pad_token_id)
            return {f"nll/{lang}": value for lang, value in found.items()}

        trainer = token_trainer(config, loaded, dataset, settings | {"max_length": None, "packing": False}, job)
        figures = {f"tokens/{lang}": float(n) for lang, n in packed.by_lang.items()}
        figures |= {"tokens": float(packed.n_tokens), "texts/held_out": float(apart.n_held)}
        amounts = Amounts(n_items=packed.n_texts, n_rows=len(dataset), figures=figures)
        outcome = fit(trainer, config, job, amounts, measure)
    save_model(loaded.model, loaded.tokenizer, config, job, outcome, loaded.checkpoint)
    return outcome


def chunk_length(config: TrainConfig) -> int:
    """Return the tokens of a chunk: `trainer.max_length`, else 512.

    Raises:
        ConfigError: fewer than 2.
    """
    given = config.trainer.get("max_length", CHUNK)
    if not isinstance(given, int) or given < 2:
        raise ConfigError(f"trainer.max_length {given!r}: for cpt the tokens of a chunk, a whole number from 2")
    return given


class HeldApart:
    """Takes one item of 50 out of a stream of texts, by a hash of its id: its languages stay together.

    Args:
        limit: texts of a language that are kept; further ones of chosen items are left out too.
        langs: of the training: a text with a line `lang: sentence` for several of them counts as one in each.

    Attributes:
        held: language to the texts that are kept.
        n_held: texts that are not trained on.
    """

    def __init__(self, limit: int, langs: Sequence[str]) -> None:
        self._limit = limit
        self._langs = frozenset(langs)
        self.held: dict[str, list[str]] = {}
        self.n_held = 0

    def others(self, rows: Iterator[TextRow]) -> Iterator[TextRow]:
        """Yield the texts of all other items, in their order."""
        for row in rows:
            if not self._limit or not _is_held(row.item_id):
                yield row
                continue
            self.n_held += 1
            for lang, text in lines_by_language(row, self._langs):
                kept = self.held.setdefault(lang, [])
                if len(kept) < self._limit:
                    kept.append(text)


def _is_held(item_id: str) -> bool:
    return int.from_bytes(hashlib.sha256(item_id.encode()).digest()[:4], "big") % _HELD_OUT == 0


def held_sequences(held: Mapping[str, Sequence[str]], tokenizer: Any, length: int) -> dict[str, list[AnswerTokens]]:
    """Return texts by language as sequences of `length` tokens at most, every token of them scored; none is left out."""
    begin = begin_ids(tokenizer)
    room = length - len(begin)
    found: dict[str, list[AnswerTokens]] = {}
    for lang, texts in held.items():
        for ids in (text_ids(tokenizer, text) for text in texts):
            parts = [ids[start : start + room] for start in range(0, len(ids), room)]
            # without a BOS nothing predicts the first token
            scored = [(part, len(part) if begin else len(part) - 1) for part in parts]
            found.setdefault(lang, []).extend(AnswerTokens(ids=(*begin, *part), n_answer=n) for part, n in scored if n)
    return found


def _dataset(chunks: Iterator[list[int]], scratch: Path) -> Any:
    """Return the chunks as a data set on disk, so that a corpus need not fit into memory."""
    import pyarrow as pa
    from datasets import Dataset

    path = scratch / "chunks.arrow"
    schema = pa.schema([("input_ids", pa.list_(pa.int32()))])
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, schema) as writer:
        block: list[list[int]] = []
        for chunk in chunks:
            block.append(chunk)
            if len(block) == 1000:
                writer.write_batch(pa.record_batch([block], schema=schema))
                block = []
        if block:
            writer.write_batch(pa.record_batch([block], schema=schema))
    return Dataset.from_file(str(path))
