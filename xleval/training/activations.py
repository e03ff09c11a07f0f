"""Memory of what is kept between forward and backward pass, and of the cache of generation: estimates.

Counted as in arXiv:2205.05198, section 4.1, for a block with a gated MLP and attention that keeps no score matrix: inputs
of both norms, of the projections and of the residual sums (10 h), keys and values, and four of the MLP's width, for each
token. With gradient checkpointing only the input of every block is kept, and one block is computed again at a time.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from xleval.training.config.schema import Kind, TrainConfig
from xleval.training.model_size import ModelSize

ASSUMED_TOKENS = 512
_BATCH = 8  # per device, of transformers
_COMPLETION = 256  # max_completion_length of TRL 1.16
#: Sequences that a row of a batch makes.
_SEQUENCES: Mapping[Kind, int] = {"grpo": 1, "sft": 1, "cpt": 1, "clo": 4, "dco": 4, "cm-align": 2}
#: Kinds whose trainer never holds all logits of a batch: TRL 1.16 projects them in tiles.
_TILED = ("grpo", "sft", "cpt")


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """Memory that passes: bytes of activations and of generation, which take turns, and what was assumed."""

    activations: float
    generation: float
    notes: tuple[str, ...]


def passing_memory(config: TrainConfig, size: ModelSize, *, number_bytes: int, weight_bytes: int) -> Passing:
    """Return the memory of a step beside weights, gradients and optimiser.

    Args:
        config: the training.
        size: of its model.
        number_bytes: of a number that is computed with.
        weight_bytes: of a weight; keys and values are kept in its type.
    """
    batch = whole_number(config, "per_device_train_batch_size", _BATCH)
    length, notes = _length(config)
    tokens = batch * _SEQUENCES[config.kind] * length
    block = (10 * size.hidden + 2 * size.kv_width + 4 * size.intermediate) * number_bytes
    if config.trainer.get("gradient_checkpointing", True):
        activations = tokens * (size.layers * size.hidden * number_bytes + 2 * block)  # a block and its gradients
    else:
        activations = tokens * size.layers * block
    activations += tokens * size.hidden * 4 * 2  # what the output layer reads, and its gradient
    if config.kind not in _TILED:
        activations += tokens * size.vocabulary * 4 * 3  # logits, log-probabilities, gradient
    return Passing(activations=activations, generation=_generation(config, size, batch, weight_bytes), notes=notes)


def _length(config: TrainConfig) -> tuple[int, tuple[str, ...]]:
    """Return the tokens of a sequence, and what was assumed about them."""
    assumed = f"lengths that are not set are taken as {ASSUMED_TOKENS} tokens"
    if config.kind == "grpo":
        return ASSUMED_TOKENS + whole_number(config, "max_completion_length", _COMPLETION), (assumed,)
    given = config.trainer.get("max_length")
    return (given, ()) if isinstance(given, int) else (ASSUMED_TOKENS, (assumed,))


def _generation(config: TrainConfig, size: ModelSize, batch: int, weight_bytes: int) -> float:
    """Return the bytes of keys and values of the prompts that are answered at once, and of their last logits."""
    if config.kind == "grpo" and not config.trainer.get("use_vllm"):
        steps = whole_number(config, "steps_per_generation", whole_number(config, "gradient_accumulation_steps", 1))
        n_rows, completion = batch * steps, whole_number(config, "max_completion_length", _COMPLETION)
    elif config.kind == "cm-align":
        n_rows, completion = batch * config.loss.samples, _COMPLETION
    else:
        return 0.0
    cache = 2 * size.layers * size.kv_width * weight_bytes
    return n_rows * ((ASSUMED_TOKENS + completion) * cache + 3 * 4 * size.vocabulary)


def whole_number(config: TrainConfig, name: str, default: int) -> int:
    """Return a setting under `trainer`, or the default where it is absent or not a whole number."""
    value = config.trainer.get(name)
    return value if isinstance(value, int) else default
