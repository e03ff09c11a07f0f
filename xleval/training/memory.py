"""Whether a training fits into memory, estimated before weights are loaded.

Weights, gradients and states of the optimiser are counted; activations and the cache of generation are estimated from
the shape of the model, batch and lengths.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace

from xleval.errors import DataError
from xleval.evalkit.checkpoints import Checkpoint
from xleval.training.activations import Numbers, passing_memory
from xleval.training.config.schema import LoraConfig, TrainConfig
from xleval.training.free_memory import free_gpu_gb, free_machine_gb
from xleval.training.model_size import ModelSize, model_size, size_at_hand

_GB = 2**30
_BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}
#: The process with torch, transformers, TRL and a tokenizer (1.0 to 1.3 GB were seen); a CUDA context.
_OVERHEAD_GB = {"cpu": 1.2, "cuda": 1.0}
_SHARDED = ("ACCELERATE_USE_FSDP", "ACCELERATE_USE_DEEPSPEED")


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryNeed:
    """Memory that one process of a training needs, in GB of 2**30 bytes.

    Attributes:
        parts: GB of weights, gradients, optimizer, reference, activations, generation and overhead.
        free_gb: free on `device`; None where it cannot be read.
        device: `cpu` or `cuda`.
        n_parameters, n_trainable: weights, and those that are trained.
        notes: what was assumed.
    """

    parts: Mapping[str, float]
    free_gb: float | None
    device: str
    n_parameters: int
    n_trainable: int
    notes: tuple[str, ...] = ()

    @property
    def total_gb(self) -> float:
        """GB of all parts; activations and generation take turns, so that the greater counts."""
        smaller = min(self.parts["activations"], self.parts["generation"])
        return sum(self.parts.values()) - smaller

    @property
    def counted_gb(self) -> float:
        """GB of what is counted, not estimated: weights, gradients, optimiser and reference."""
        return sum(self.parts[name] for name in ("weights", "gradients", "optimizer", "reference"))

    @property
    def sentence(self) -> str:
        """The need in one sentence, for people."""
        free = "" if self.free_gb is None else f", {self.free_gb:.1f} GB are free on the {self.device}"
        return f"about {self.total_gb:.1f} GB are needed{free}"


def check_memory(config: TrainConfig, checkpoint: Checkpoint) -> MemoryNeed:
    """Return what a training needs and what there is; refuse one that cannot fit.

    What is counted must fit. Where only the estimate of activations and generation goes beyond, the training may start
    and a note says so: smaller batches may be all that is wanted.

    Raises:
        DataError: it does not fit; a file of the checkpoint is damaged.
    """
    size = model_size(checkpoint)
    need = memory_need(config, size)
    if need.free_gb is None or any(os.environ.get(name) == "true" for name in _SHARDED):
        return need
    if need.counted_gb > need.free_gb:
        raise DataError(_does_not_fit(config, size, need))
    return need


def planned_memory(config: TrainConfig) -> MemoryNeed | None:
    """Return what a training would need, for a dry run; None where the model is not at hand."""
    size = size_at_hand(config.model)
    return None if size is None else memory_need(config, size)


def memory_need(config: TrainConfig, size: ModelSize, *, device: str | None = None) -> MemoryNeed:
    """Return the memory that a training needs, by part.

    AdamW keeps two numbers of a trained weight, each of the weight's type; 8-bit optimisers two of a byte, Adafactor and
    SGD next to none. A reference model is kept by GRPO with a KL term in full training; an adapter is switched off
    instead. Under autocast the weights stand in bfloat16 once more.

    Args:
        config: the training.
        size: of its model.
        device: `cpu` or `cuda`; None for the one that is used here.
    """
    where = device or ("cpu" if free_gpu_gb() is None else "cuda")
    weight_bytes = _weight_bytes(config, where)
    n_trainable = _n_trainable(config, size)
    trained_bytes = 4 if config.lora is not None else weight_bytes
    n_weights = size.n_parameters + (n_trainable if config.lora is not None else 0)
    weights = size.n_parameters * weight_bytes + (n_trainable * 4 if config.lora is not None else 0)
    computes_in_half = where == "cuda" and config.trainer.get("bf16") is not False
    if computes_in_half and weight_bytes == 4:
        weights += size.n_parameters * 2
    keeps_reference = config.kind == "grpo" and config.lora is None and bool(config.trainer.get("beta"))
    numbers = Numbers(computed=2 if computes_in_half else weight_bytes, stored=weight_bytes, on_cpu=where == "cpu")
    passing = passing_memory(config, size, numbers)
    parts = {
        "weights": weights,
        "gradients": n_trainable * trained_bytes,
        "optimizer": n_trainable * _state_bytes(config, trained_bytes),
        "reference": size.n_parameters * weight_bytes if keeps_reference else 0,
        "activations": passing.activations,
        "generation": passing.generation,
        "overhead": _OVERHEAD_GB[where] * _GB,
    }
    return MemoryNeed(
        parts={name: value / _GB for name, value in parts.items()},
        free_gb=free_machine_gb() if where == "cpu" else free_gpu_gb(),
        device=where,
        n_parameters=n_weights,
        n_trainable=n_trainable,
        notes=passing.notes,
    )


def _does_not_fit(config: TrainConfig, size: ModelSize, need: MemoryNeed) -> str:
    """Return the sentence that says how much is missing, and what would fit."""
    free = need.free_gb or 0.0
    parts = ", ".join(f"{name} {value:.1f}" for name, value in need.parts.items() if value >= 0.05)
    ways = []
    if config.lora is None:
        small = memory_need(replace(config, lora=LoraConfig(r=16)), size)
        ways.append(f"LoRA (--set lora.r=16) needs about {small.total_gb:.1f} GB")
    ways.append("a smaller model, or several GPUs with `accelerate launch --use_fsdp`")
    return (
        f"model {config.model}: training needs about {need.total_gb:.1f} GB ({parts}), {free:.1f} GB are free on the "
        f"{need.device}: {need.total_gb - free:.1f} GB are missing. {'; '.join(ways)}"
    )


def _weight_bytes(config: TrainConfig, device: str) -> int:
    from xleval.training.model import default_dtype, init_options

    given = init_options(config).get("dtype")
    return _BYTES[str(given) if given else default_dtype(config, has_gpu=device == "cuda")]


def _n_trainable(config: TrainConfig, size: ModelSize) -> int:
    """Return how many weights are trained: all, attention's, or r (inputs + outputs) of every layer with an adapter."""
    from xleval.training.trained_modules import is_projection, lora_targets

    if config.lora is None:
        return size.n_attention if config.modules == "attention" else size.n_parameters
    names = list(size.linear)
    if config.modules == "attention" and not config.lora.targets:
        names = [name for name in names if is_projection(name)]
    else:
        names = lora_targets(names, config.lora.targets, config.model)
    return sum(config.lora.r * sum(size.linear[name]) for name in names)


def _state_bytes(config: TrainConfig, trained_bytes: int) -> int:
    optimiser = str(config.trainer.get("optim", "adamw_torch"))
    if "adafactor" in optimiser or optimiser == "sgd":
        return 0
    return 2 if "8bit" in optimiser else 2 * trained_bytes
