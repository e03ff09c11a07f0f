"""Generation with transformers: batches by common beginning and length, one cache a batch, finished rows leave it."""

import inspect
import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

import torch
from transformers.cache_utils import DynamicLayer, DynamicSlidingWindowLayer

from xleval.evalkit.backends.end_tokens import end_ids
from xleval.evalkit.backends.hf_load import input_device
from xleval.evalkit.backends.hf_sampling import Row, TokenChooser
from xleval.evalkit.requests import Completion, EncodedPrompt

#: rows a batch, by device
MAX_ROWS = {"cpu": 32, "cuda": 128}
#: a common beginning of at least so many tokens (worked examples, a system prompt) is computed once for a batch
MIN_SHARED = 32

T = TypeVar("T")


class Generator:
    """Continues encoded prompts with one causal language model.

    Args:
        model: a transformers model for causal language modelling, in evaluation mode.
        tokenizer: its tokenizer.
    """

    def __init__(self, model: Any, tokenizer: Any) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._device = input_device(model)
        configured = getattr(getattr(model, "generation_config", None), "eos_token_id", None)
        self._end_ids = end_ids(configured, tokenizer)
        self._chooser = TokenChooser(tokenizer, end_ids=self._end_ids)
        # only the last column is needed; a long prompt's logits over a large vocabulary would take gigabytes
        takes_keep = "logits_to_keep" in inspect.signature(model.forward).parameters
        self._last_only = {"logits_to_keep": 1} if takes_keep else {}
        config = model.config.get_text_config()
        limits = (getattr(config, name, None) for name in ("sliding_window", "attention_chunk_size"))
        self._window = min((limit for limit in limits if limit is not None), default=None)

    def generate(self, batch: Sequence[EncodedPrompt]) -> list[Completion]:
        """Return the completions of a batch, in its order."""
        rows = [Row(place=place, prompt=prompt, token_ids=[]) for place, prompt in enumerate(batch)]
        with torch.inference_mode():
            done = dict(self._continue(rows))
        return [done[place] for place in range(len(batch))]

    def _continue(self, rows: list[Row]) -> Iterator[tuple[int, Completion]]:
        """Yield (place, completion) as rows finish."""
        cache, ids, seen = self._start([row.prompt for row in rows])
        positions = (seen.cumsum(-1) - 1).clamp(min=0)[:, -ids.shape[1] :]
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
            tokens = self._chooser.choose(output.logits[:, -1], rows)
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

    def _shareable(self, batch: Sequence[EncodedPrompt]) -> int:
        """Return how many first tokens a batch computes once; 0 where it does not pay or would not be exact.

        After a shared beginning the rows' padding stands inside the sequence, and a sliding window or attention chunk
        counts it: so nothing is shared when prompt and completion could outgrow it.
        """
        n_shared = shared_beginning([prompt.prompt_ids for prompt in batch])
        longest = max(len(prompt.prompt_ids) + prompt.sampling.max_tokens for prompt in batch)
        if len(batch) < 2 or n_shared < MIN_SHARED or (self._window is not None and longest >= self._window):
            return 0
        return n_shared

    def _start(self, batch: Sequence[EncodedPrompt]) -> tuple[Any, torch.Tensor, torch.Tensor]:
        """Return the cache of the shared beginning (None without one), the ids after it and the mask of both."""
        n_shared = self._shareable(batch)
        cache: Any = None
        if n_shared:
            shared = torch.tensor([batch[0].prompt_ids[:n_shared]], dtype=torch.long, device=self._device)
            cache = self._model(input_ids=shared, use_cache=True, **self._last_only).past_key_values
            if not is_attention_cache(cache):
                cache, n_shared = None, 0
        ids, seen = self._pad([prompt.prompt_ids[n_shared:] for prompt in batch])
        if cache is not None:
            cache.batch_repeat_interleave(len(batch))
        return cache, ids, torch.cat([seen.new_ones((len(batch), n_shared)), seen], dim=1)

    def _keep(
        self,
        stay: list[int],
        rows: list[Row],
        seen: torch.Tensor,
        positions: torch.Tensor,
        tokens: list[int],
        cache: Any,
    ) -> tuple[list[Row], torch.Tensor, torch.Tensor, list[int]]:
        """Return rows, mask, positions and tokens of the rows that go on; the others leave the cache too."""
        kept = torch.tensor(stay, dtype=torch.long)  # on the CPU: the layers of the cache may be on several GPUs
        if stay:
            cache.batch_select_indices(kept)
        return [rows[index] for index in stay], seen[kept], positions[kept], [tokens[index] for index in stay]

    def _finish(self, row: Row) -> Completion | None:
        """Return the completion of a row that ends with its last token, else None."""
        n_tokens, sampling = len(row.token_ids), row.prompt.sampling
        ended = row.token_ids[-1] in self._end_ids and not sampling.ignore_eos
        if not ended and n_tokens < sampling.max_tokens and not self._has_stop(row):
            return None
        text = self._decode(row.token_ids[:-1] if ended else row.token_ids)
        cut = first_stop(text, row.prompt.stop)
        if not ended and cut is None and n_tokens < sampling.max_tokens:
            return None  # the stop string was an artefact of decoding the tail alone
        reason = "stop" if ended or cut is not None else "length"
        return Completion(key=row.prompt.key, text=text[:cut], finish_reason=reason, n_tokens=n_tokens)

    def _has_stop(self, row: Row) -> bool:
        """Return whether a stop string is in the newest tokens; decoding all each time would be quadratic."""
        if not row.prompt.stop:
            return False
        # a token is at least one byte of text, and a character's bytes may begin up to three tokens earlier
        tail = max(len(string.encode()) for string in row.prompt.stop) + 4
        return first_stop(self._decode(row.token_ids[-tail:]), row.prompt.stop) is not None

    def _decode(self, token_ids: list[int]) -> str:
        text: str = self._tokenizer.decode(token_ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return text

    def _pad(self, prompts: Sequence[Sequence[int]]) -> tuple[torch.Tensor, torch.Tensor]:
        """Return ids and mask (B, T), padded on the left, so that every row ends at the last column."""
        width = max(map(len, prompts))
        ids = torch.zeros((len(prompts), width), dtype=torch.long)
        seen = torch.zeros_like(ids)
        for row, prompt in enumerate(prompts):
            ids[row, width - len(prompt) :] = torch.tensor(prompt)
            seen[row, width - len(prompt) :] = 1
        return ids.to(self._device), seen.to(self._device)


def first_stop(text: str, stop: Sequence[str]) -> int | None:
    """Return where the first of the stop strings begins in the text, in characters; None without one."""
    places = [place for place in (text.find(string) for string in stop if string) if place >= 0]
    return min(places, default=None)


def is_attention_cache(cache: Any) -> bool:
    """Return whether a cache holds keys and values only: a recurrent state would take padding after it for text."""
    layers = list(getattr(cache, "layers", None) or ())
    return bool(layers) and all(type(layer) in (DynamicLayer, DynamicSlidingWindowLayer) for layer in layers)


def shared_beginning(prompts: Sequence[tuple[int, ...]]) -> int:
    """Return how many first tokens all prompts have in common; at least one token of each is left over."""
    least, greatest = min(prompts), max(prompts)  # in lexicographic order nothing differs earlier than these two
    limit = min(map(len, prompts)) - 1
    return next((place for place in range(limit) if least[place] != greatest[place]), limit)


def plan_rows(encoded: Mapping[int, EncodedPrompt], *, max_rows: int) -> list[list[int]]:
    """Return batches of indices of at most `max_rows`; a pure function of the prompts.

    Prompts that begin alike (few-shot prompts of one language) share batches of their own, so that the beginning is
    computed once; all others are batched by length, and completions of one limit too: little is padded and few rows run
    on alone. The longest come first, so that a batch that does not fit into memory fails at once.

    Args:
        encoded: the prompts by their index in the run.
        max_rows: prompts a batch.
    """

    def rank(index: int) -> tuple[int, int, tuple[int, ...], int]:
        prompt = encoded[index]
        return -prompt.sampling.max_tokens, -len(prompt.prompt_ids), prompt.prompt_ids, index

    alike: dict[tuple[int, tuple[int, ...]], list[int]] = {}
    for index in sorted(encoded, key=rank):
        prompt = encoded[index]
        alike.setdefault((prompt.sampling.max_tokens, prompt.prompt_ids[:MIN_SHARED]), []).append(index)
    groups = [group for group in alike.values() if len(group) > max_rows // 2]
    grouped = {index for group in groups for index in group}
    rest = [index for index in sorted(encoded, key=rank) if index not in grouped]
    batches = [batch for group in (*groups, rest) for batch in in_equal_parts(group, max_rows)]
    return sorted(batches, key=lambda batch: rank(batch[0]))


def in_equal_parts(sequence: Sequence[T], most: int) -> list[list[T]]:
    """Return consecutive parts of at most `most`, of nearly the same size."""
    n_parts = -(-len(sequence) // most)
    ends = [len(sequence) * part // max(n_parts, 1) for part in range(n_parts + 1)]
    return [list(sequence[start:end]) for start, end in itertools.pairwise(ends)]
