"""The files of a checkpoint: which hold the weights, whether they are whole and safe to read, and their fingerprint."""

import hashlib
import json
import struct
from collections.abc import Sequence
from pathlib import Path

from xleval.errors import ConfigError, DataError

TOKENIZER_FILES = ("tokenizer.json", "tokenizer.model", "spiece.model", "vocab.json", "merges.txt", "vocab.txt")
ADAPTER_CONFIG = "adapter_config.json"
_ADAPTER_WEIGHTS = "adapter_model.safetensors"
_HASHED_IN_FULL = (
    "config.json", "generation_config.json", *TOKENIZER_FILES, "tokenizer_config.json", "special_tokens_map.json",
    "added_tokens.json", "chat_template.jinja", ADAPTER_CONFIG,
)  # fmt: skip
_PICKLED = ("*.bin", "*.pt", "*.pth", "*.ckpt")
_BLOCK_BYTES = 1 << 16
_SAMPLED_BLOCKS = 256
_ARCHITECTURE_KEY = b"general.architecture"
_GGUF_STRING = 8  # the type of a value, in the format's numbering


def find_weights(folder: Path) -> list[Path]:
    """Return the safetensors files of a checkpoint folder, or raise one error that says all that is missing.

    Raises:
        ConfigError: a file is missing, the weights are pickled, or an adapter lies in the same folder.
        DataError: the index of the weights is damaged.
    """
    files = sorted(path.name for path in folder.iterdir())
    weights = sorted(folder.glob("*.safetensors"))
    if ADAPTER_CONFIG in files:  # transformers would add it to the model without being asked
        raise ConfigError(
            f"model {folder}: a model and a LoRA adapter in one folder; move the adapter's files to a folder of their own "
            "and name it with --lora"
        )
    missing = [] if "config.json" in files else ["config.json"]
    if not set(files) & set(TOKENIZER_FILES):
        missing.append("tokenizer files (tokenizer.json or tokenizer.model)")
    if not weights:
        _refuse_pickles(folder)
        missing.append("*.safetensors")
    if missing:
        found = ", ".join(files[:12]) + (", ..." if len(files) > 12 else "") if files else "nothing"
        raise ConfigError(
            f"model {folder}: missing {', '.join(missing)}; found {found}. Needed: config.json, tokenizer files and "
            "*.safetensors, as save_pretrained writes them for model and tokenizer"
        )
    _check_shards(folder, files)
    return weights


def find_gguf(folder: Path) -> Path | None:
    """Return the GGUF file of a folder without safetensors; None where there is none.

    Raises:
        ConfigError: there are several.
    """
    files = sorted(folder.glob("*.gguf"))
    if not files or any(folder.glob("*.safetensors")):
        return None
    if len(files) > 1:
        names = ", ".join(path.name for path in files)
        raise ConfigError(f"model {folder}: {len(files)} GGUF files ({names}); name one of them: --model {files[0]}")
    return files[0]


def find_adapter_weights(folder: Path) -> list[Path]:
    """Return the weights of a LoRA adapter folder as peft writes it.

    Raises:
        ConfigError: the folder or a file is missing, the weights are pickled, or it is another kind of adapter.
        DataError: adapter_config.json is damaged.
    """
    if not (folder / ADAPTER_CONFIG).is_file():
        state = f"no {ADAPTER_CONFIG} in it" if folder.is_dir() else "no such folder"
        raise ConfigError(f"adapter {folder}: {state}; needed is a LoRA adapter's folder, as peft writes it")
    kind = read_adapter_config(folder).get("peft_type")
    if kind != "LORA":
        raise ConfigError(f"adapter {folder}: peft_type {kind!r}; only LORA is supported: merge it into its base first")
    weights = folder / _ADAPTER_WEIGHTS
    if not weights.is_file():
        _refuse_pickles(folder)
        raise ConfigError(f"adapter {folder}: missing {_ADAPTER_WEIGHTS}; save the adapter again with save_pretrained")
    return [weights]


def read_adapter_config(folder: Path) -> dict[str, object]:
    """Return adapter_config.json of an adapter folder.

    Raises:
        DataError: it is not a JSON object.
    """
    path = folder / ADAPTER_CONFIG
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DataError(f"{path}: not a JSON object ({error}); copy the file again") from error
    if not isinstance(config, dict):
        raise DataError(f"{path}: not a JSON object; copy the file again")
    return config


def read_architecture(path: Path) -> str:
    """Return the architecture that a GGUF file names, as `gemma3`.

    Raises:
        DataError: it is not a GGUF file, or names none among its first keys.
    """
    with path.open("rb") as stream:
        head = stream.read(_BLOCK_BYTES)
    if not head.startswith(b"GGUF"):
        raise DataError(f"{path}: not a GGUF file (or a pointer to one); download it again")
    place = head.find(_ARCHITECTURE_KEY) + len(_ARCHITECTURE_KEY)
    try:
        kind, length = struct.unpack_from("<IQ", head, place)
        name = head[place + 12 : place + 12 + length].decode("ascii")
    except (struct.error, UnicodeDecodeError):
        kind, name = 0, ""
    if _ARCHITECTURE_KEY not in head or kind != _GGUF_STRING or not name:
        raise DataError(f"{path}: a GGUF file without general.architecture; download or convert it again")
    return name


def _refuse_pickles(folder: Path) -> None:
    pickled = sorted(path.name for pattern in _PICKLED for path in folder.glob(pattern))
    if pickled:
        raise ConfigError(
            f"model {folder}: weights only as pickle ({', '.join(pickled)}), which can run code when loaded. "
            "Where you trust them, convert them to safetensors: from_pretrained(DIR).save_pretrained(NEW_DIR)"
        )


def _check_shards(folder: Path, files: Sequence[str]) -> None:
    """Refuse a folder whose index names weights files that are not there."""
    index = folder / "model.safetensors.index.json"
    if not index.is_file():
        return
    try:
        shards = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
        if other := sorted(shard for shard in shards if not shard.endswith(".safetensors")):
            raise ValueError(f"it names {', '.join(other[:3]):.100}")  # a pickle would be read where a shard is meant
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        raise DataError(f"{index}: not an index of safetensors files ({error!r}); copy the file again") from error
    absent = sorted(shards - set(files))
    if absent:
        raise ConfigError(f"model {folder}: {len(absent)} of {len(shards)} weights files missing: {', '.join(absent)}")


def fingerprint_folder(folder: Path, weights: Sequence[Path]) -> str:
    """Return a sha256 that changes when the model's outputs may change.

    Configuration and tokenizer files enter in full. Of a weights file enter its name, its size, its whole
    header (name, type, shape and place of every tensor) and 256 blocks of 64 KiB spread evenly over it, the first and the last
    included; a file of up to 16 MiB enters in full. Hashing every byte of a large model would take minutes. A change
    that touches none of the blocks is not seen: training or quantising changes every block, editing a single tensor
    by hand may not.

    Args:
        folder: the checkpoint, or the adapter.
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
        _add_sampled(digest, path, _read_header(path))
    return digest.hexdigest()


def fingerprint_gguf(path: Path) -> str:
    """Return a sha256 of a GGUF file's name, size and sampled blocks; it holds configuration and tokenizer as well."""
    digest = hashlib.sha256()
    _add_sampled(digest, path, b"")
    return digest.hexdigest()


def _add_sampled(digest: "hashlib._Hash", path: Path, header: bytes) -> None:
    """Add name, size and header of a file, and blocks of it from the first to the last."""
    size = path.stat().st_size
    _add(digest, path.name, struct.pack("<Q", size) + header)
    last = max(size - _BLOCK_BYTES, 0)
    steps = min(_SAMPLED_BLOCKS, -(-size // _BLOCK_BYTES))
    with path.open("rb") as stream:
        for step in range(steps):
            # blocks of a small file join without a gap
            stream.seek(step * _BLOCK_BYTES if steps < _SAMPLED_BLOCKS else last * step // (steps - 1))
            digest.update(stream.read(_BLOCK_BYTES))


def _add(digest: "hashlib._Hash", name: str, content: bytes) -> None:
    """Add a named part so that parts cannot run into one another."""
    digest.update(f"{name}\0{len(content)}\0".encode())
    digest.update(content)


def _read_header(path: Path) -> bytes:
    """Return the header of a safetensors file whose length fits its header."""
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
    return header
