"""Texts that end an answer: base models go on after it, and neither the reward nor the loss should see what follows."""

from collections.abc import Callable, Sequence

import torch
from transformers import StoppingCriteria

#: Token ids -> text, without special tokens.
Decode = Callable[[Sequence[int]], str]


def text_before_stop(text: str, stops: Sequence[str]) -> str:
    """Return the text up to the first of the stop texts, as `xleval run` cuts it; all of it where none occurs."""
    places = [place for place in map(text.find, filter(None, stops)) if place >= 0]
    return text[: min(places)] if places else text


def has_stop(text: str, stops: Sequence[str]) -> bool:
    """Return whether one of the stop texts occurs."""
    return any(stop in text for stop in stops if stop)


def n_tokens_to_stop(token_ids: Sequence[int], stops: Sequence[str], decode: Decode) -> int | None:
    """Return how many tokens it takes until a stop text is complete; None where none occurs.

    The last of them was sampled by the model and is trained on; it can hold a few characters beyond the stop text.
    """
    if not stops or not has_stop(decode(token_ids), stops):
        return None
    low, high = 1, len(token_ids)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if has_stop(decode(token_ids[:middle]), stops) else (middle + 1, high)
    return low


class StopTexts(StoppingCriteria):
    """Ends generation row by row: each prompt has its own stop texts."""

    def __init__(self, stops: Sequence[Sequence[str]], decode: Decode, n_prompt: int) -> None:
        self._stops = stops
        self._decode = decode
        self._n_prompt = n_prompt
        self._done = [False] * len(stops)
        # Enough of the newest tokens that a stop text which has just been completed is among them.
        self._tail = [max((len(stop.encode()) for stop in each), default=0) + 4 for each in stops]

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor, **_: object) -> torch.Tensor:
        """Return for each row whether its answer is complete."""
        for place, row in enumerate(input_ids.tolist()):
            if self._stops[place] and not self._done[place]:
                newest = row[max(self._n_prompt, len(row) - self._tail[place]) :]
                self._done[place] = has_stop(self._decode(newest), self._stops[place])
        return torch.tensor(self._done, device=input_ids.device)
