"""Generation with transformers: length-sorted batches, one cache a batch, finished rows leave it."""

import hashlib
import inspect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from xleval.evalkit.requests import Completion, EncodedPrompt

#: rows a batch, by device
MAX_ROWS = {"cpu": 16, "cuda": 128}


@dataclass(slots=True, kw_only=True)
class _Row:
    """One prompt while it is being continued; `place` is its index in the batch."""

    place: int
    prompt: EncodedPrompt
    token_ids: list[int] = field(default_factory=list)


class Generator:
    """Continues encoded prompts with one causal language model.

    Args:
        model: a transformers model for causal language modelling, in evaluation mode.
        tokenizer: its tokenizer.
        seed: of sampling; each batch has its own stream of random numbers, made from it and the batch's keys.
    """

    def __init__(self, model: Any, tokenizer: Any, *, seed: int) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._seed = seed
        self._device = next(model.parameters()).device
        self._end_ids = find_end_ids(model, tokenizer)
        # only the last column is needed; a long prompt's logits over a large vocabulary would take gigabytes
        takes_keep = "logits_to_keep" in inspect.signature(model.forward).parameters
        self._last_only = {"logits_to_keep": 1} if takes_keep else {}

    def generate(self, batch: Sequence[EncodedPrompt]) -> list[Completion]:
        """Return the completions of a batch, in its order."""
        rows = [_Row(place=place, prompt=prompt) for place, prompt in enumerate(batch)]
        with torch.inference_mode():
            done = dict(self._continue(rows))
        return [done[place] for place in range(len(batch))]

    def _continue(self, rows: list[_Row]) -> Iterator[tuple[int, Completion]]:
        """Yield (place, completion) as rows finish."""
        random = self._random([row.prompt for row in rows])
        ids, seen = self._pad([row.prompt.prompt_ids for row in rows])
        positions = (seen.cumsum(-1) - 1).clamp(min=0)
        cache: Any = None
        while rows:
            output = self._model(
                input_ids=ids,
                attention_mask=seen,
                position_ids=positions,
                past_key_values=cache,
                use_cache=True,
                **self._last_only,
            )
            cache = output.past_key_values
            tokens = self._choose(output.logits[:, -1], [row.prompt.temperature for row in rows], random)
            stay = []
            for index, (row, token) in enumerate(zip(rows, tokens, strict=True)):
                row.token_ids.append(token)
                finished = self._finish(row)
                if finished is None:
                    stay.append(index)
                else:
                    yield row.place, finished
            if len(stay) < len(rows):
                rows, seen, positions, tokens = self._keep(stay, rows, seen, positions, tokens, cache)
            ids = torch.tensor(tokens, dtype=torch.long, device=self._device)[:, None]
            seen = torch.cat([seen, seen.new_ones((len(rows), 1))], dim=1)
            positions = positions[:, -1:] + 1

    def _keep(
        self,
        stay: list[int],
        rows: list[_Row],
        seen: torch.Tensor,
        positions: torch.Tensor,
        tokens: list[int],
        cache: Any,
    ) -> tuple[list[_Row], torch.Tensor, torch.Tensor, list[int]]:
        """Return rows, mask, positions and tokens of the rows that go on; the others leave the cache too."""
        kept = torch.tensor(stay, dtype=torch.long, device=self._device)
        if stay:
            cache.batch_select_indices(kept)
        return [rows[index] for index in stay], seen[kept], positions[kept], [tokens[index] for index in stay]

    def _finish(self, row: _Row) -> Completion | None:
        """Return the completion of a row that ends with its last token, else None."""
        n_tokens = len(row.token_ids)
        ended = row.token_ids[-1] in self._end_ids
        if not ended and n_tokens < row.prompt.max_tokens and not self._has_stop(row):
            return None
        text = self._decode(row.token_ids[:-1] if ended else row.token_ids)
        cut = first_stop(text, row.prompt.stop)
        if not ended and cut is None and n_tokens < row.prompt.max_tokens:
            return None  # the stop string was an artefact of decoding the tail alone
        reason = "stop" if ended or cut is not None else "length"
        return Completion(key=row.prompt.key, text=text[:cut], finish_reason=reason, n_tokens=n_tokens)

    def _has_stop(self, row: _Row) -> bool:
        """Return whether a stop string is in the newest tokens; decoding all each time would be quadratic."""
        if not row.prompt.stop:
            return False
        # a token is at least one byte of text, and a character's bytes may begin up to three tokens earlier
        tail = max(len(string.encode()) for string in row.prompt.stop) + 4
        return first_stop(self._decode(row.token_ids[-tail:]), row.prompt.stop) is not None

    def _decode(self, token_ids: list[int]) -> str:
        text: str = self._tokenizer.decode(token_ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return text

    def _choose(self, logits: torch.Tensor, temperatures: list[float], random: torch.Generator) -> list[int]:
        """Return the next token of each row: the most likely one at temperature 0, else a sample."""
        greedy: list[int] = logits.argmax(-1).tolist()
        if not any(temperatures):
            return greedy
        scale = torch.tensor([max(value, 1e-6) for value in temperatures], device=logits.device)[:, None]
        shares = torch.softmax(logits.float() / scale, dim=-1)
        sampled: list[int] = torch.multinomial(shares, 1, generator=random)[:, 0].tolist()
        return [
            pick if temperature else best for best, pick, temperature in zip(greedy, sampled, temperatures, strict=True)
        ]

    def _random(self, batch: Sequence[EncodedPrompt]) -> torch.Generator:
        text = "\0".join([str(self._seed), *(prompt.key for prompt in batch)])
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1
        return torch.Generator(device=self._device).manual_seed(seed)

    def _pad(self, prompts: Sequence[Sequence[int]]) -> tuple[torch.Tensor, torch.Tensor]:
        """Return ids and mask (B, T), padded on the left, so that every row ends at the last column."""
        width = max(map(len, prompts))
        ids = torch.zeros((len(prompts), width), dtype=torch.long)
        seen = torch.zeros_like(ids)
        for row, prompt in enumerate(prompts):
            ids[row, width - len(prompt) :] = torch.tensor(prompt)
            seen[row, width - len(prompt) :] = 1
        return ids.to(self._device), seen.to(self._device)


def find_end_ids(model: Any, tokenizer: Any) -> frozenset[int]:
    """Return the tokens that end a completion: those of the generation configuration and the tokenizer's EOS."""
    configured = getattr(getattr(model, "generation_config", None), "eos_token_id", None)
    ends = [configured] if isinstance(configured, int) else list(configured or [])
    return frozenset([*ends, *([] if tokenizer.eos_token_id is None else [tokenizer.eos_token_id])])


def first_stop(text: str, stop: Sequence[str]) -> int | None:
    """Return where the first of the stop strings begins in the text, in characters; None without one."""
    places = [place for place in (text.find(string) for string in stop if string) if place >= 0]
    return min(places, default=None)


def plan_rows(encoded: Mapping[int, EncodedPrompt], *, max_rows: int) -> list[list[int]]:
    """Return batches of indices of at most `max_rows`, longest first; a pure function of the prompts.

    Prompts of about one length share a batch, and so do completions of one limit: little is padded and few rows run on
    alone. The longest come first, so that a batch that does not fit into memory fails at once.

    Args:
        encoded: the prompts by their index in the run.
        max_rows: prompts a batch.
    """

    def rank(index: int) -> tuple[int, int, tuple[int, ...], int]:
        prompt = encoded[index]
        return -prompt.max_tokens, -len(prompt.prompt_ids), prompt.prompt_ids, index

    order = sorted(encoded, key=rank)
    return [order[start : start + max_rows] for start in range(0, len(order), max_rows)]
