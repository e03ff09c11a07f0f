"""A checkpoint as a transformers model on its device: what to compute in and where, weights, adapter."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
import transformers

from xleval.errors import BackendError, ConfigError, MissingExtra
from xleval.evalkit.backends.hf_encode import cannot_load
from xleval.evalkit.checkpoints import Checkpoint

DTYPES = ("float32", "bfloat16", "float16")
DEVICES = ("auto", "cpu", "cuda", "mps")
DEVICE_MAPS = ("auto", "balanced", "balanced_low_0", "sequential")
_LOAD_ERRORS = (OSError, ValueError, KeyError, ImportError, RuntimeError, AttributeError, TypeError)


def load_model(
    checkpoint: Checkpoint, *, dtype: str, device: torch.device, device_map: str | None = None
) -> transformers.PreTrainedModel:
    """Return the model in evaluation mode; code from the checkpoint is never run and pickles are never read.

    Args:
        checkpoint: weights, and the adapter that is merged into them.
        dtype: one of `DTYPES`.
        device: where the whole model goes, unless there is a `device_map`.
        device_map: how accelerate spreads the layers over the GPUs.

    Raises:
        BackendError: transformers or peft cannot load it, a tensor is missing, or it does not fit into memory.
    """
    settings: dict[str, Any] = {"dtype": getattr(torch, dtype), "trust_remote_code": False, "use_safetensors": True}
    if checkpoint.gguf_file:
        settings["gguf_file"] = checkpoint.gguf_file
    if device_map is not None:
        settings["device_map"] = device_map
    try:
        with _without_bars():
            pair: Any = transformers.AutoModelForCausalLM.from_pretrained(
                checkpoint.path, output_loading_info=True, **settings
            )
        model, report = pair
        if checkpoint.adapter is not None:
            model = _merge(model, checkpoint.adapter)
        model.eval()
        if device_map is None:
            model.to(device)
    except torch.OutOfMemoryError as error:
        raise BackendError(
            f"model {checkpoint.name}: its weights do not fit into the memory of {device}; use bfloat16, device_map=auto "
            "over several GPUs, or a smaller model"
        ) from error
    except _LOAD_ERRORS as error:
        raise BackendError(cannot_load(checkpoint, error)) from error
    # transformers fills what a file lacks with random numbers, and says so in a log that nobody reads.
    if lacking := sorted(report["missing_keys"]):
        more = f" and {len(lacking) - 3} more" if len(lacking) > 3 else ""
        raise BackendError(
            f"model {checkpoint.name}: its files have no weights for {', '.join(lacking[:3])}{more}, which "
            f"{type(model).__name__} needs; fetch or save the checkpoint again"
        )
    if any(weight.is_meta for weight in model.parameters()):
        raise BackendError(
            f"model {checkpoint.name}: with device_map={device_map} part of its weights does not fit on the devices; use "
            "bfloat16, more GPUs or a smaller model"
        )
    loaded: transformers.PreTrainedModel = model
    return loaded


@contextmanager
def _without_bars() -> Iterator[None]:
    """Keep transformers' own bar off standard error, where a run has its progress."""
    bars: Any = transformers.utils.logging
    shown = bars.is_progress_bar_enabled()
    bars.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            bars.enable_progress_bar()


def _merge(model: Any, adapter: Path) -> Any:
    """Return the model with the adapter added into its weights, so that it is scored as any model is."""
    from peft import PeftModel

    # peft would read a pickle where there are no safetensors: `inspect_checkpoint` has refused that
    return PeftModel.from_pretrained(model, str(adapter), is_trainable=False).merge_and_unload()


def check_packages(checkpoint: Checkpoint, *, device_map: str | None = None) -> None:
    """Refuse what needs a package that is not installed, before anything is loaded.

    Raises:
        MissingExtra: peft, gguf or accelerate is needed and not there.
    """
    adapter = checkpoint.adapter
    needed = (
        ("gguf", checkpoint.gguf_file and f"the GGUF file {checkpoint.gguf_file}"),
        ("peft", adapter and f"the LoRA adapter {adapter.name}"),
        ("accelerate", device_map and f"device_map={device_map}"),
    )
    for package, purpose in needed:
        if purpose and find_spec(package) is None:
            raise MissingExtra("hf", purpose)


def input_device(model: Any) -> torch.device:
    """Return where a model takes its token ids: of a model over several devices, that of the input embeddings."""
    device: torch.device = model.get_input_embeddings().weight.device
    return device


def choose_device(name: str, *, device_map: str | None = None) -> torch.device:
    """Return the torch device of a name.

    Raises:
        ConfigError: no such device, or not here.
    """
    if device_map is not None:
        if name != "auto":
            raise ConfigError(f"device={name} and device_map={device_map}: give one of the two")
        if device_map not in DEVICE_MAPS:
            name = device_map
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError:
        known = DEVICES if device_map is None else (*DEVICE_MAPS, "cpu", "cuda")
        option = "device" if device_map is None else "device_map"
        raise ConfigError(f"{option} {name!r}: known are {', '.join(known)} and cuda:N") from None
    if device.type == "cuda" and not torch.cuda.is_available():
        raise ConfigError(f"device {name!r}: torch {torch.__version__} sees no GPU here; use device=cpu")
    return device


def choose_dtype(name: str, device: torch.device, checkpoint: Checkpoint) -> str:
    """Return what to compute in: as named, or for auto float32 on a CPU and the checkpoint's own numbers on a GPU.

    Raises:
        ConfigError: an unknown name.
    """
    if name == "auto":
        return "float32" if device.type == "cpu" else _own_dtype(checkpoint)
    if name not in DTYPES:
        raise ConfigError(f"dtype {name!r}: known are auto, {', '.join(DTYPES)}")
    return name


def _own_dtype(checkpoint: Checkpoint) -> str:
    """Return the numbers a checkpoint says it is made of; bfloat16 where it does not, as a GGUF file."""
    if checkpoint.gguf_file:
        return "bfloat16"
    config = json.loads((checkpoint.path / "config.json").read_text(encoding="utf-8"))
    text_config = config.get("text_config")
    for part in (config, text_config if isinstance(text_config, dict) else {}):
        for key in ("dtype", "torch_dtype"):
            if part.get(key) in DTYPES:
                return str(part[key])
    return "bfloat16"


def read_batch_size(value: int | str) -> int | None:
    """Return the number of requests a batch at most; None for auto.

    Raises:
        ConfigError: neither auto nor a whole number from 1.
    """
    if value == "auto":
        return None
    try:
        size = int(value)
    except ValueError:
        size = 0
    if size < 1:
        raise ConfigError(f"batch_size {value!r}: needed is auto or a whole number from 1")
    return size
