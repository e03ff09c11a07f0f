"""A checkpoint as a probe needs it: weights, tokenizer, and where its heads and neurons are."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch

from xleval.errors import ConfigError, DataError
from xleval.evalkit.backends.hf_encode import Encoder, load_encoder
from xleval.evalkit.backends.hf_load import check_packages, choose_device, choose_dtype, input_device, load_model
from xleval.evalkit.backends.hf_memory import free_memory
from xleval.evalkit.checkpoints import Checkpoint, inspect_checkpoint
from xleval.probing.structure import Structure, structure_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbedModel:
    """A loaded decoder; its weights are frozen.

    Attributes:
        checkpoint: what it was loaded from.
        model: of transformers, in evaluation mode.
        encoder: its tokenizer, with a BOS in front where the model was trained with one.
        structure: its heads and neurons.
        dtype: what it computes in.
    """

    checkpoint: Checkpoint
    model: Any
    encoder: Encoder
    structure: Structure
    dtype: str

    @property
    def device(self) -> torch.device:
        """Where token ids go."""
        return input_device(self.model)


@contextmanager
def loaded(
    name: str, *, dtype: str = "auto", device: str = "auto", device_map: str | None = None
) -> Iterator[ProbedModel]:
    """Give a model to look into, and its memory back behind it.

    Args:
        name: checkpoint folder, LoRA adapter folder, GGUF file or hub id.
        dtype, device, device_map: as of the hf backend.

    Raises:
        ConfigError: no such folder or device, an encoder, or a decoder without heads and neurons as `structure_of` needs
            them.
        DataError: its outputs are not numbers; and as BackendError and MissingExtra of `inspect_checkpoint` and `load_model`.
    """
    where = choose_device(device, device_map=device_map)
    checkpoint = inspect_checkpoint(name)
    check_packages(checkpoint, device_map=device_map)
    numbers = choose_dtype(dtype, where, checkpoint)
    encoder = load_encoder(checkpoint)
    model: Any = load_model(checkpoint, dtype=numbers, device=where, device_map=device_map)
    model.requires_grad_(False)
    try:
        _check_reading(model, checkpoint.name, numbers)
        yield ProbedModel(
            checkpoint=checkpoint, model=model, encoder=encoder, structure=structure_of(model), dtype=numbers
        )
    finally:
        del model
        free_memory()


#: Share of the greatest logit by which rounding may part two equal rows, in single and in half precision.
_ROUNDING, _ROUNDING_OF_HALF = 0.001, 0.02


def _check_reading(model: Any, name: str, dtype: str) -> None:
    """Refuse a model whose outputs are not numbers, or that reads what follows: four tokens are read with two last ones."""
    ids = torch.tensor([[0, 1, 2, 3], [0, 1, 2, 0]], device=input_device(model))
    with torch.inference_mode():
        logits = model(input_ids=ids, use_cache=False).logits.float()
    if logits.isnan().any():
        raise DataError(
            f"model {name}: its outputs are not numbers in {dtype}; its weights are damaged, or too large for float16: "
            "save it again, or give --dtype float32 or bfloat16"
        )
    one, other = logits[:, :-1]
    most = _ROUNDING if dtype == "float32" else _ROUNDING_OF_HALF
    if (one - other).abs().max() > most * one.abs().max():
        raise ConfigError(
            f"model {name} (of type {model.config.model_type}) reads the tokens behind a token, too, as an encoder does; "
            "probes need a decoder"
        )
