"""The model in training, asked in between without disturbing it: the trajectory is the same to the last bit."""

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from xleval.evalkit.backends.hf_choices import MAX_NODES, ChoiceScorer
from xleval.evalkit.backends.hf_generate import MAX_ROWS, Generator, plan_rows
from xleval.evalkit.backends.hf_load import input_device
from xleval.evalkit.backends.hf_memory import FittedBatches
from xleval.evalkit.backends.prefix_tree import plan_forests
from xleval.evalkit.requests import Encoded, EncodedChoice, EncodedPrompt, Outcome


class LiveModel:
    """Answers encoded requests with a model that is being trained.

    Args:
        model: of transformers, or of peft around one, whose adapter takes part.
        tokenizer: of the model.
    """

    def __init__(self, model: Any, tokenizer: Any) -> None:
        # Inside peft's wrapper the layers have the adapter already, and the model's own methods are at hand.
        self._model = model.get_base_model() if hasattr(model, "get_base_model") else model
        device = input_device(self._model)
        self._kind = device.type
        with undisturbed(self._model):
            scorer, generator = ChoiceScorer(self._model), Generator(self._model, tokenizer)
        self._choices: FittedBatches[EncodedChoice] = FittedBatches(scorer.score, str(device))
        self._prompts: FittedBatches[EncodedPrompt] = FittedBatches(generator.generate, str(device))

    def answers(self, encoded: Sequence[Encoded]) -> list[Outcome]:
        """Return the outcome of each request, in order.

        Raises:
            BackendError: three requests in a row do not fit into memory even alone.
        """
        choices = {place: each for place, each in enumerate(encoded) if isinstance(each, EncodedChoice)}
        prompts = {place: each for place, each in enumerate(encoded) if isinstance(each, EncodedPrompt)}
        found: dict[int, Outcome] = {}
        with undisturbed(self._model):
            for batch in plan_forests(choices, max_nodes=MAX_NODES.get(self._kind, 1024)):
                found |= zip(batch, self._choices.run([choices[place] for place in batch]), strict=True)
            for batch in plan_rows(prompts, max_rows=MAX_ROWS.get(self._kind, 32)):
                found |= zip(batch, self._prompts.run([prompts[place] for place in batch]), strict=True)
        return [found[place] for place in range(len(encoded))]


@contextmanager
def undisturbed(model: Any) -> Iterator[None]:
    """Put a model into evaluation mode for a while; afterwards its modules and all random states are as before."""
    modes: Mapping[Any, bool] = {module: module.training for module in model.modules()}
    states = (random.getstate(), np.random.get_state(), torch.get_rng_state())
    on_gpu = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
    model.eval()
    try:
        yield
    finally:
        for module, mode in modes.items():
            module.training = mode
        random.setstate(states[0])
        np.random.set_state(states[1])
        torch.set_rng_state(states[2])
        if on_gpu:
            torch.cuda.set_rng_state_all(on_gpu)
