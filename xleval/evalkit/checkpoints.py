"""What a model name stands for: a checkpoint folder that is complete, safe to load and fingerprinted."""

import hashlib
import json
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from xleval.data.storage import read_json
from xleval.errors import BackendError, ConfigError, DataError, MissingExtra

#: Written beside weights that xleval converted: `name` of the model, SHA-256 of what it was made from.
CONVERSION_FILE = "xleval_conversion.json"
TOKENIZER_FILES = ("tokenizer.json", "tokenizer.model", "spiece.model", "vocab.json", "merges.txt", "vocab.txt")
_HASHED_IN_FULL = (
    "config.json", "generation_config.json", *TOKENIZER_FILES, "tokenizer_config.json", "special_tokens_map.json",
    "added_tokens.json", "chat_template.jinja",
)  # fmt: skip
_PICKLED = ("*.bin", "*.pt", "*.pth", "*.ckpt")
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?")
_HUB_FILES = ("*.json", "*.safetensors", "*.model", "*.txt", "*.jinja")
_BLOCK_BYTES = 1 << 16
_SAMPLED_BLOCKS = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A checkpoint folder that can be loaded.

    Attributes:
        path: the folder; of a hub model, its snapshot in the hub's cache.
        name: how results call the model: the hub id, or for a folder the name in its `xleval_conversion.json`, else the
            last part of the path.
        is_local: the user gave a folder.
        revision: commit of a hub model; None of a local folder.
        model_type: `model_type` of config.json.
        sha256: fingerprint of weights, configuration and tokenizer, see `fingerprint_folder`.
    """

    path: Path
    name: str
    is_local: bool
    revision: str | None
    model_type: str
    sha256: str


def inspect_checkpoint(path_or_hub_id: str) -> Checkpoint:
    """Return the checkpoint that a folder or hub id stands for, checked before anything heavy is loaded.

    Args:
        path_or_hub_id: a local folder, or a hub id such as `Qwen/Qwen2.5-0.5B`; an existing folder comes first.

    Raises:
        ConfigError: no such folder, a file is missing from it, or its weights are pickled.
        DataError: config.json or a weights file is damaged.
        BackendError: the hub does not have the model or does not answer.
        MissingExtra: a hub id without huggingface_hub.
    """
    folder = Path(path_or_hub_id).expanduser()
    if folder.is_dir():
        return _inspect_folder(folder, name=_name_of(folder), is_local=True, revision=None)
    if folder.exists():
        raise ConfigError(
            f"model {path_or_hub_id}: a file; needed is the folder with config.json, tokenizer and *.safetensors"
        )
    parent = folder.parent
    is_hub_id = _HUB_ID.fullmatch(path_or_hub_id) and not (parent != Path() and parent.is_dir())
    if not is_hub_id:
        raise ConfigError(
            f"model {path_or_hub_id}: no such folder. Give an existing checkpoint folder, or a hub id such as "
            "Qwen/Qwen2.5-0.5B"
        )
    snapshot = _download(path_or_hub_id)
    return _inspect_folder(snapshot, name=path_or_hub_id, is_local=False, revision=snapshot.name)


def _name_of(folder: Path) -> str:
    """Return what a folder's model is called; a conversion that xleval made says what it was made from."""
    conversion = folder / CONVERSION_FILE
    given = read_json(conversion).get("name") if conversion.is_file() else None
    return given if isinstance(given, str) and given else folder.resolve().name


def _download(hub_id: str) -> Path:
    """Return the folder of a hub model; only configuration, tokenizer and safetensors files are fetched."""
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HfHubHTTPError, HFValidationError
    except ImportError as error:
        raise MissingExtra("hf", f"model {hub_id} from the hub") from error
    try:
        return Path(snapshot_download(hub_id, allow_patterns=list(_HUB_FILES)))
    except (OSError, HfHubHTTPError, HFValidationError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise BackendError(
            f"model {hub_id}: no folder of that name here, and the hub did not give it ({type(error).__name__}: "
            f"{reason}). Check the name, the network and HF_TOKEN, or give a local folder"
        ) from error


def _inspect_folder(folder: Path, *, name: str, is_local: bool, revision: str | None) -> Checkpoint:
    """Return the record of a folder whose files have been checked."""
    weights = _find_weights(folder)
    config_path = folder / "config.json"
    try:
        model_type = json.loads(config_path.read_text(encoding="utf-8")).get("model_type")
    except (ValueError, AttributeError) as error:
        raise DataError(f"{config_path}: not a JSON object ({error}); copy the file again") from error
    if not isinstance(model_type, str):
        raise DataError(f"{config_path}: no model_type; needed is the configuration of a transformers model")
    return Checkpoint(
        path=folder,
        name=name,
        is_local=is_local,
        revision=revision,
        model_type=model_type,
        sha256=fingerprint_folder(folder, weights),
    )


def _find_weights(folder: Path) -> list[Path]:
    """Return the safetensors files, or raise one error that says all that is missing."""
    files = sorted(path.name for path in folder.iterdir())
    weights = sorted(folder.glob("*.safetensors"))
    if "adapter_config.json" in files and "config.json" not in files:
        raise ConfigError(f"model {folder}: a LoRA adapter without its base model; merge it into the base first")
    missing = [] if "config.json" in files else ["config.json"]
    if not set(files) & set(TOKENIZER_FILES):
        missing.append("tokenizer files (tokenizer.json or tokenizer.model)")
    if not weights:
        pickled = sorted(path.name for pattern in _PICKLED for path in folder.glob(pattern))
        missing.append("*.safetensors")
        if pickled:
            raise ConfigError(
                f"model {folder}: weights only as pickle ({', '.join(pickled)}), which can run code when loaded. "
                "Where you trust them, convert them to safetensors: from_pretrained(DIR).save_pretrained(NEW_DIR)"
            )
    if missing:
        found = ", ".join(files[:12]) + (", ..." if len(files) > 12 else "") if files else "nothing"
        raise ConfigError(
            f"model {folder}: missing {', '.join(missing)}; found {found}. Needed: config.json, tokenizer files and "
            "*.safetensors, as save_pretrained writes them for model and tokenizer"
        )
    _check_shards(folder, files)
    return weights


def _check_shards(folder: Path, files: Sequence[str]) -> None:
    """Refuse a folder whose index names weights files that are not there."""
    index = folder / "model.safetensors.index.json"
    if not index.is_file():
        return
    try:
        shards = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise DataError(f"{index}: not an index of safetensors files ({error!r}); copy the file again") from error
    absent = sorted(shards - set(files))
    if absent:
        raise ConfigError(f"model {folder}: {len(absent)} of {len(shards)} weights files missing: {', '.join(absent)}")


def fingerprint_folder(folder: Path, weights: Sequence[Path]) -> str:
    """Return a sha256 that changes when the model's outputs may change.

    Configuration and tokenizer files enter in full. Of a weights file enter its name, its size, its whole header (name,
    type, shape and place of every tensor) and 256 blocks of 64 KiB spread evenly over it, the first and the last
    included; a file of up to 16 MiB enters in full. Hashing every byte of a large model would take minutes. A change
    that touches none of the blocks is not seen: training or quantising changes every block, editing a single tensor
    by hand may not.

    Args:
        folder: the checkpoint.
        weights: its safetensors files.

    Raises:
        DataError: a weights file is cut short or not in the safetensors format.
    """
    digest = hashlib.sha256()
    for name in _HASHED_IN_FULL:
        path = folder / name
        if path.is_file():
            _add(digest, name, path.read_bytes())
    for path in weights:
        size, header = _read_header(path)
        _add(digest, path.name, struct.pack("<Q", size) + header)
        last = max(size - _BLOCK_BYTES, 0)
        steps = min(_SAMPLED_BLOCKS, -(-size // _BLOCK_BYTES))
        with path.open("rb") as stream:
            for step in range(steps):
                # blocks of a small file join without a gap
                stream.seek(step * _BLOCK_BYTES if steps < _SAMPLED_BLOCKS else last * step // (steps - 1))
                digest.update(stream.read(_BLOCK_BYTES))
    return digest.hexdigest()


def _add(digest: "hashlib._Hash", name: str, content: bytes) -> None:
    """Add a named part so that parts cannot run into one another."""
    digest.update(f"{name}\0{len(content)}\0".encode())
    digest.update(content)


def _read_header(path: Path) -> tuple[int, bytes]:
    """Return size in bytes and header of a safetensors file whose length fits its header."""
    size = path.stat().st_size
    with path.open("rb") as stream:
        prefix = stream.read(8)
        n_header = struct.unpack("<Q", prefix)[0] if len(prefix) == 8 else size + 1
        header = stream.read(n_header) if n_header <= size - 8 else b""
    try:
        tensors = json.loads(header)
        end = max((entry["data_offsets"][1] for key, entry in tensors.items() if key != "__metadata__"), default=0)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        raise DataError(f"{path}: not a safetensors file (or a pointer to one); download it again") from None
    if size != 8 + n_header + end:
        raise DataError(f"{path}: {size:,} bytes, but its header describes {8 + n_header + end:,}; download it again")
    return size, header
