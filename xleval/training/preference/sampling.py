"""Completions of prompts under the policy, drawn once and kept: a training that goes on draws none again."""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch

from xleval.errors import ConfigError, DataError
from xleval.evalkit.backends.hf_encode import Encoder
from xleval.evalkit.requests import EncodedPrompt, GenerateRequest
from xleval.training.preference.tokens import as_turns
from xleval.training.sets.records import PromptRow

FILE = "completions.jsonl"
#: Sequences that are drawn at once.
_SEQUENCES = 64

Key = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """How completions are drawn.

    Attributes:
        samples: completions of each prompt.
        temperature, top_p, repetition_penalty: of drawing; 1 for the model's own distribution.
        max_new_tokens: of a completion at most.
        seed: with the prompts of a batch it gives the seed of that batch.
    """

    samples: int
    temperature: float
    top_p: float
    repetition_penalty: float
    max_new_tokens: int
    seed: int


def sample_completions(
    model: Any, tokenizer: Any, rows: Sequence[PromptRow], drawing: Drawing, out: Path
) -> dict[Key, tuple[str, ...]]:
    """Return the completions of each prompt by item and language; those that `out` holds are not drawn again.

    A completion ends before the first of its prompt's stop texts; one that neither ends nor meets a stop text within
    `max_new_tokens` is no completion and is left out, so that no model learns to end in mid-sentence. Each batch has a
    seed of its own and is written when it is whole: the same prompts give the same completions wherever it went on.
    With several processes each draws its share and the first one writes.

    Args:
        model: causal, on its device.
        tokenizer: of it; puts a BOS in front where the model needs one.
        rows: prompts.
        drawing: how.
        out: folder of the training; `completions.jsonl` is written there.

    Raises:
        ConfigError: a prompt without a token.
        DataError: the file cannot be written or read.
    """
    from accelerate import PartialState
    from accelerate.utils import gather_object

    state = PartialState()
    path = out / FILE
    found = _read(path)
    size = max(1, _SEQUENCES // drawing.samples)
    batches = [rows[start : start + size] for start in range(0, len(rows), size)]
    left = [batch for batch in batches if any((row.item_id, row.lang) not in found for row in batch)]
    was_training = model.training
    model.eval()
    for start in range(0, len(left), state.num_processes):
        share = left[start : start + state.num_processes]
        mine = share[state.process_index : state.process_index + 1]
        drawn = [pair for batch in mine for pair in _draw(model, tokenizer, batch, drawing)]
        together: list[tuple[Key, tuple[str, ...]]] = gather_object(drawn)
        if state.is_main_process:
            _append(path, together)
        found |= dict(together)
    model.train(was_training)
    return {(row.item_id, row.lang): found[row.item_id, row.lang] for row in rows}


def _draw(
    model: Any, tokenizer: Any, rows: Sequence[PromptRow], drawing: Drawing
) -> Iterator[tuple[Key, tuple[str, ...]]]:
    """Yield the completions of a batch of prompts."""
    prompts = [_prompt_ids(tokenizer, row) for row in rows]
    width = max(map(len, prompts))
    pad = tokenizer.pad_token_id
    ids = torch.tensor([[pad] * (width - len(each)) + list(each) for each in prompts])
    mask = torch.tensor([[0] * (width - len(each)) + [1] * len(each) for each in prompts])
    with _seeded(_seed(drawing.seed, rows), model.device), torch.no_grad():
        output = model.generate(
            input_ids=ids.to(model.device), attention_mask=mask.to(model.device), do_sample=True,
            temperature=drawing.temperature, top_p=drawing.top_p, top_k=0,
            repetition_penalty=drawing.repetition_penalty, max_new_tokens=drawing.max_new_tokens,
            num_return_sequences=drawing.samples, pad_token_id=pad,
        )  # fmt: skip
    ends = _end_ids(model, tokenizer)
    for place, row in enumerate(rows):
        some = output[place * drawing.samples : (place + 1) * drawing.samples, width:].tolist()
        texts = [_whole_text(tokenizer, each, ends, row.stop) for each in some]
        yield (row.item_id, row.lang), tuple(text for text in texts if text is not None)


def _prompt_ids(tokenizer: Any, row: PromptRow) -> tuple[int, ...]:
    request = GenerateRequest(key=f"{row.item_id} ({row.lang})", prompt=as_turns(row.prompt))
    encoded = Encoder(tokenizer, max_positions=None, add_bos=False).encode([request])[0]
    if not isinstance(encoded, EncodedPrompt):  # a text was asked for
        raise ConfigError(f"{request.key}: the prompt is no text to continue")
    return encoded.prompt_ids


def _end_ids(model: Any, tokenizer: Any) -> set[int]:
    """Return the tokens at which generation ends: those of the model's settings, and the tokenizer's."""
    stated = model.generation_config.eos_token_id
    listed = stated if isinstance(stated, list) else [stated]
    return {each for each in (*listed, tokenizer.eos_token_id) if each is not None}


def _whole_text(tokenizer: Any, ids: Sequence[int], ends: set[int], stops: Sequence[str]) -> str | None:
    """Return a completion up to its end or its first stop text; None where it has neither."""
    end = next((place for place, token in enumerate(ids) if token in ends), None)
    text = str(tokenizer.decode(ids if end is None else ids[:end], skip_special_tokens=True))
    places = [text.find(stop) for stop in stops if stop and stop in text]
    if end is None and not places:
        return None
    return text[: min(places)] if places else text


def _seed(seed: int, rows: Sequence[PromptRow]) -> int:
    keys = "\n".join(f"{row.item_id}\t{row.lang}" for row in rows)
    return int.from_bytes(sha256(f"{seed}\n{keys}".encode()).digest()[:7], "big")


@contextmanager
def _seeded(seed: int, device: torch.device) -> Iterator[None]:
    """Draw from a seed and leave the generators as they were."""
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        yield


def _append(path: Path, found: Sequence[tuple[Key, tuple[str, ...]]]) -> None:
    lines = "".join(
        json.dumps({"item_id": item_id, "lang": lang, "completions": texts}, ensure_ascii=False) + "\n"
        for (item_id, lang), texts in found
    )
    try:
        with path.open("ab") as file:
            file.write(lines.encode())
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise DataError(
            f"cannot write {path}: {error.strerror or error}. Free space and go on with --resume"
        ) from error


def _read(path: Path) -> dict[Key, tuple[str, ...]]:
    """Return what was drawn before; a last line that was cut short is taken off, and drawn again."""
    if not path.is_file():
        return {}
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if whole != content:
        with path.open("r+b") as file:
            file.truncate(len(whole))
    found: dict[Key, tuple[str, ...]] = {}
    for number, line in enumerate(whole.splitlines(), 1):
        try:
            row = json.loads(line)
            found[row["item_id"], row["lang"]] = tuple(row["completions"])
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(
                f"{path}:{number}: not a line of completions; remove the file to draw them again"
            ) from error
    return found
