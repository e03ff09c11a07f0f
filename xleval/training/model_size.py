"""The size of a model, read from the headers of its weights and its configuration; no weights are loaded."""

import json
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from xleval.errors import DataError
from xleval.evalkit.checkpoints import Checkpoint
from xleval.evalkit.weights import ADAPTER_CONFIG, find_weights
from xleval.training.trained_modules import is_projection

_EMBEDDINGS = ("embed", "wte", "wpe", "lm_head", "output.weight")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSize:
    """What memory depends on.

    Attributes:
        n_parameters: weights as they are stored; tied ones count once.
        n_attention: of them in query, key, value and output projections.
        linear: (outputs, inputs) of every linear layer but the output layer, by name without `.weight`.
        vocabulary, layers, hidden, intermediate: rows of the embeddings, blocks, width, width of the MLP.
        q_width: numbers of a token's query in a block, all heads together.
        kv_width: numbers of a key, and of a value, of a token in a block.
    """

    n_parameters: int
    n_attention: int
    linear: Mapping[str, tuple[int, int]]
    vocabulary: int
    layers: int
    hidden: int
    intermediate: int
    q_width: int
    kv_width: int


def model_size(checkpoint: Checkpoint) -> ModelSize:
    """Return the size of a checkpoint in safetensors.

    Raises:
        DataError: a header or the configuration cannot be read.
    """
    shapes: dict[str, tuple[int, ...]] = {}
    for path in sorted(checkpoint.path.glob("*.safetensors")):
        shapes |= _shapes(path)
    config = _text_config(checkpoint.path / "config.json")
    linear = {
        name.removesuffix(".weight"): (shape[0], shape[1])
        for name, shape in shapes.items()
        if len(shape) == 2 and name.endswith(".weight") and not any(part in name for part in _EMBEDDINGS)
    }
    hidden = _number(config, ("hidden_size", "n_embd", "d_model"), 0)
    heads = _number(config, ("num_attention_heads", "n_head"), 1)
    head = _number(config, ("head_dim",), hidden // heads)
    return ModelSize(
        n_parameters=sum(map(math.prod, shapes.values())),
        n_attention=sum(math.prod(shape) for name, shape in linear.items() if is_projection(name)),
        linear=linear,
        vocabulary=_number(config, ("vocab_size",), 0),
        layers=_number(config, ("num_hidden_layers", "n_layer", "num_layers"), 1),
        hidden=hidden,
        intermediate=_number(config, ("intermediate_size", "n_inner"), 4 * hidden),
        q_width=head * heads,
        kv_width=head * _number(config, ("num_key_value_heads",), heads),
    )


def size_at_hand(name: str) -> ModelSize | None:
    """Return the size of a model that is a folder here or in the hub's cache; None where it would have to be fetched.

    A dry run asks this: it must not download weights.

    Raises:
        DataError: a file of it is damaged.
        ConfigError: a folder that is no checkpoint.
    """
    folder = Path(name).expanduser()
    if not folder.is_dir():
        cached = _in_cache(name)
        if cached is None:
            return None
        folder = cached
    if (folder / ADAPTER_CONFIG).is_file():
        from xleval.evalkit.checkpoints import inspect_checkpoint

        folder = inspect_checkpoint(str(folder)).path
    find_weights(folder)
    return model_size(Checkpoint(path=folder, name=name, is_local=True, revision=None, model_type="", sha256=""))


def _in_cache(hub_id: str) -> Path | None:
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError
    except ImportError:
        return None
    try:
        folder = Path(snapshot_download(hub_id, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError, OSError):
        return None
    return folder if any(folder.glob("*.safetensors")) else None


def _shapes(path: Path) -> dict[str, tuple[int, ...]]:
    """Return the shape of every tensor of a safetensors file by its name, from its header."""
    try:
        with path.open("rb") as stream:
            (length,) = struct.unpack("<Q", stream.read(8))
            header = json.loads(stream.read(length))
        return {name: tuple(entry["shape"]) for name, entry in header.items() if name != "__metadata__"}
    except (OSError, ValueError, struct.error, KeyError, TypeError, AttributeError, MemoryError) as error:
        raise DataError(f"{path}: not a safetensors file (or a pointer to one); download it again") from error


def _text_config(path: Path) -> Mapping[str, object]:
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: not readable as JSON ({error}); copy the file again") from error
    text = config.get("text_config") if isinstance(config, dict) else None
    return text if isinstance(text, dict) else config if isinstance(config, dict) else {}


def _number(config: Mapping[str, object], names: tuple[str, ...], default: int) -> int:
    for name in names:
        value = config.get(name)
        if isinstance(value, int) and value > 0:
            return value
    return default
