"""The next token of each row of a batch: greedy, or drawn with random numbers that are the request's own."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from transformers.generation.logits_process import (
    MinPLogitsWarper,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from xleval.errors import ConfigError
from xleval.evalkit.requests import EncodedPrompt, Sampling


@dataclass(slots=True, kw_only=True)
class Row:
    """One prompt while it is being continued.

    Attributes:
        place: its index in the batch.
        prompt: what is continued.
        token_ids: what came after it so far.
    """

    place: int
    prompt: EncodedPrompt
    token_ids: list[int]


class TokenChooser:
    """Chooses next tokens as the requests' `Sampling` says; rows of one batch may differ in it.

    A row's draw depends on its own probabilities, seed and step alone: a completion is the same in whatever batch it is
    drawn, but for rounding.

    Args:
        tokenizer: the model's tokenizer, for the script masks.
        end_ids: the tokens that end a completion, which no mask refuses.
    """

    def __init__(self, tokenizer: Any, *, end_ids: Collection[int] = ()) -> None:
        self._tokenizer = tokenizer
        self._end_ids = end_ids
        self._processors: dict[Sampling, list[Any]] = {}
        self._refused: dict[str, torch.Tensor] = {}

    def choose(self, logits: torch.Tensor, rows: Sequence[Row]) -> list[int]:
        """Return the next token of each row from the logits (rows, vocabulary) after its last token."""
        masks = {row.prompt.script_mask for row in rows} - {""}
        if masks:
            logits = logits.clone()
        for lang in masks:
            places = [place for place, row in enumerate(rows) if row.prompt.script_mask == lang]
            logits[places] = logits[places].masked_fill(self._refused_tokens(lang, logits), -torch.inf)
        plain = [_is_plain(row.prompt.sampling) for row in rows]
        tokens: list[int] = logits.argmax(-1).tolist() if any(plain) else [0] * len(rows)
        groups: dict[Sampling, list[int]] = {}
        for place, row in enumerate(rows):
            if not plain[place]:
                groups.setdefault(_rule(row.prompt.sampling), []).append(place)
        for sampling, places in groups.items():
            chosen = self._choose_alike(logits[places].float(), [rows[place] for place in places], sampling)
            for place, token in zip(places, chosen, strict=True):
                tokens[place] = token
        return tokens

    def _choose_alike(self, scores: torch.Tensor, rows: Sequence[Row], sampling: Sampling) -> list[int]:
        """Return the next tokens of rows with one rule."""
        if sampling not in self._processors:
            self._processors[sampling] = score_processors(sampling)
        seen = _tokens_seen(rows, scores.device) if sampling.repetition_penalty != 1 else None
        for process in self._processors[sampling]:
            scores = process(seen, scores)
        if not sampling.temperature:
            greedy: list[int] = scores.argmax(-1).tolist()
            return greedy
        shares = torch.softmax(scores, dim=-1)
        return draw(shares, [uniform(row.prompt.seed, len(row.token_ids)) for row in rows])

    def _refused_tokens(self, lang: str, logits: torch.Tensor) -> torch.Tensor:
        """Return which tokens (vocabulary,) a language's mask refuses; kept after the first time."""
        if lang not in self._refused:
            from xleval.evalkit.backends.script_mask import allowed_token_ids

            ids = allowed_token_ids(self._tokenizer, lang, end_ids=self._end_ids)
            size = logits.shape[-1]  # may be more than the tokenizer has
            allowed = [token for token in ids if token < size]
            if not allowed:
                raise ConfigError(f"script mask {lang}: the model has no token that is allowed; drop the mask")
            refused = torch.ones(size, dtype=torch.bool)
            refused[allowed] = False
            self._refused[lang] = refused.to(logits.device)
        return self._refused[lang]


def draw(shares: torch.Tensor, numbers: Sequence[float]) -> list[int]:
    """Return for each row the first token up to which the probabilities add up to more than the row's number.

    Args:
        shares: probabilities (rows, vocabulary); of each row, a number above 0 in all.
        numbers: one a row, in [0, 1), taken as a share of the row's sum.
    """
    # single precision would add up a quarter of a million small numbers to the third decimal; mps has no double
    exact = torch.float32 if shares.device.type == "mps" else torch.float64
    sums = shares.cumsum(-1, dtype=exact)
    wanted = torch.tensor(numbers, dtype=exact, device=shares.device)[:, None] * sums[:, -1:]
    tokens: list[int] = torch.searchsorted(sums, wanted, right=True)[:, 0].clamp(max=shares.shape[-1] - 1).tolist()
    return tokens


def uniform(seed: int, step: int) -> float:
    """Return the random number of one step of one request, uniform in [0, 1); no state, so no order matters."""
    digest = hashlib.sha256(f"{seed}\0{step}".encode()).digest()
    return (int.from_bytes(digest[:8], "big") >> 11) / (1 << 53)


def _rule(sampling: Sampling) -> Sampling:
    """Return the part of the settings that the choice of one token depends on."""
    return replace(sampling, max_tokens=1, ignore_eos=False)


def _is_plain(sampling: Sampling) -> bool:
    return not sampling.temperature and sampling.repetition_penalty == 1


def score_processors(sampling: Sampling) -> list[Any]:
    """Return the changes to the scores, in the order of `generate` in transformers 5.19."""
    found: list[Any] = []
    if sampling.repetition_penalty != 1:
        found.append(RepetitionPenaltyLogitsProcessor(penalty=float(sampling.repetition_penalty)))
    if sampling.temperature:
        found.append(TemperatureLogitsWarper(float(sampling.temperature)))
        if sampling.top_k:
            found.append(TopKLogitsWarper(top_k=sampling.top_k))
        if sampling.top_p < 1:
            found.append(TopPLogitsWarper(top_p=sampling.top_p))
        if sampling.min_p:
            found.append(MinPLogitsWarper(min_p=sampling.min_p))
    return found


def _tokens_seen(rows: Sequence[Row], device: torch.device) -> torch.Tensor:
    """Return the tokens of prompt and completion, each once; a shorter row is filled with its first, which is there."""
    seen = [list(dict.fromkeys((*row.prompt.prompt_ids, *row.token_ids))) for row in rows]
    width = max(map(len, seen))
    return torch.tensor([ids + ids[:1] * (width - len(ids)) for ids in seen], dtype=torch.long, device=device)
