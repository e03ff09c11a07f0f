"""What a model name stands for: a checkpoint that is complete, safe to load and fingerprinted."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from xleval.data.storage import read_json
from xleval.errors import BackendError, ConfigError, DataError, MissingExtra, first_line
from xleval.evalkit.weights import (
    ADAPTER_CONFIG,
    TOKENIZER_FILES,
    find_adapter_weights,
    find_gguf,
    find_weights,
    fingerprint_folder,
    fingerprint_gguf,
    read_adapter_config,
    read_architecture,
)

#: Written beside weights that xleval converted: `name` of the model, SHA-256 of what it was made from.
CONVERSION_FILE = "xleval_conversion.json"
#: Written beside weights that xleval trained: how.
TRAINING_FILE = "xleval_training.json"
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?")
_HUB_FILES = ("*.json", "*.safetensors", "*.model", "*.txt", "*.jinja")
_SPLIT_GGUF = re.compile(r"-\d{5}-of-(\d{5})$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A checkpoint folder that can be loaded.

    Attributes:
        path: the folder; of a hub model, its snapshot in the hub's cache.
        name: how results call the model: the hub id, the GGUF file without its ending, or for a folder the name in its
            `xleval_conversion.json`, recipe, seed and step of its `xleval_training.json`, else the last part of the
            path; with an adapter on top, `BASE+ADAPTER`.
        is_local: the user gave a folder.
        revision: commit of a hub model; None of a local folder.
        model_type: `model_type` of config.json, or the architecture that a GGUF file names.
        sha256: fingerprint of weights, configuration, tokenizer and adapter, see `fingerprint_folder`.
        gguf_file: name of the GGUF file in the folder that holds weights and tokenizer; None for safetensors.
        adapter: folder of a LoRA adapter on top of the weights; None without one.
    """

    path: Path
    name: str
    is_local: bool
    revision: str | None
    model_type: str
    sha256: str
    gguf_file: str | None = None
    adapter: Path | None = None

    @property
    def tokenizer_folder(self) -> Path:
        """Folder of the tokenizer: the adapter's, where training has saved one with it, else the model's."""
        folder = self.adapter
        if folder is None or not (folder / "tokenizer_config.json").is_file():
            return self.path
        return folder if any((folder / name).is_file() for name in TOKENIZER_FILES) else self.path


def inspect_checkpoint(path_or_hub_id: str, *, lora: str | None = None) -> Checkpoint:
    """Return the checkpoint that a name stands for, checked before anything heavy is loaded.

    Args:
        path_or_hub_id: a local folder or GGUF file, or a hub id such as `Qwen/Qwen2.5-0.5B`; what exists here comes first.
            The folder of a LoRA adapter stands for it and the base model that it names.
        lora: folder of a LoRA adapter on top of the model.

    Raises:
        ConfigError: no such folder, a file is missing from it, or its weights are pickled.
        DataError: a configuration or weights file is damaged.
        BackendError: the hub does not have the model or does not answer.
        MissingExtra: a hub id without huggingface_hub.
    """
    found = _find(path_or_hub_id)
    if isinstance(found, Checkpoint):
        return found if lora is None else _with_adapter(found, Path(lora).expanduser())
    if lora is not None:
        raise ConfigError(f"model {path_or_hub_id}: a LoRA adapter itself; --lora goes on top of a whole model")
    is_local = Path(path_or_hub_id).expanduser().is_dir()
    adapted = _with_adapter(_find_base(found), found)
    name, revision = (_name_of(found), adapted.revision) if is_local else (path_or_hub_id, found.name)
    return replace(adapted, name=name, is_local=is_local, revision=revision)


def _find(name: str) -> Checkpoint | Path:
    """Return the checkpoint of a name, or the folder that holds nothing but an adapter."""
    path = Path(name).expanduser()
    if path.is_dir():
        return _inspect_folder(path, name=_name_of(path), is_local=True, revision=None)
    if path.exists():
        return _inspect_gguf(path)
    parent = path.parent
    if not _HUB_ID.fullmatch(name) or (parent != Path() and parent.is_dir()):
        raise ConfigError(
            f"model {name}: no such folder. Give an existing checkpoint folder, or a hub id such as Qwen/Qwen2.5-0.5B"
        )
    snapshot = _download(name)
    return _inspect_folder(snapshot, name=name, is_local=False, revision=snapshot.name)


def _find_base(adapter: Path) -> Checkpoint:
    """Return the model that an adapter's configuration names: a folder seen from here or the adapter, or a hub id."""
    name = read_adapter_config(adapter).get("base_model_name_or_path")
    if not isinstance(name, str) or not name:
        raise ConfigError(f"adapter {adapter}: names no base model; give it too: --model BASE --lora {adapter}")
    places = (Path(name).expanduser(), adapter / name, adapter.parent / name)
    try:
        base = _find(str(next((place for place in places if place.exists()), name)))
    except (ConfigError, BackendError) as error:
        raise type(error)(
            f"adapter {adapter}: its base model is not usable ({error}). Or name another place: --model BASE "
            f"--lora {adapter}"
        ) from error
    if isinstance(base, Path):
        raise ConfigError(f"adapter {adapter}: its base model {name} is an adapter too; merge that into its base first")
    return base


def _with_adapter(base: Checkpoint, adapter: Path) -> Checkpoint:
    """Return a checkpoint with an adapter on top, under the names of both."""
    own = fingerprint_folder(adapter, find_adapter_weights(adapter))
    sha256 = hashlib.sha256(f"{base.sha256}\n{own}".encode()).hexdigest()
    return replace(base, name=f"{base.name}+{_name_of(adapter)}", sha256=sha256, adapter=adapter)


def _inspect_gguf(path: Path) -> Checkpoint:
    """Return the record of a GGUF file."""
    if path.suffix != ".gguf":
        raise ConfigError(
            f"model {path}: a file; needed is the folder with config.json, tokenizer and *.safetensors, or a GGUF file"
        )
    split = _SPLIT_GGUF.search(path.stem)
    if split and int(split[1]) > 1:
        raise ConfigError(
            f"model {path}: one of {int(split[1])} parts of a GGUF file; join them: llama-gguf-split --merge"
        )
    return Checkpoint(
        path=path.parent,
        name=path.stem,
        is_local=True,
        revision=None,
        model_type=read_architecture(path),
        sha256=fingerprint_gguf(path),
        gguf_file=path.name,
    )


def _name_of(folder: Path) -> str:
    """Return what a folder's model is called; what xleval converted or trained says so itself."""
    conversion, training = folder / CONVERSION_FILE, folder / TRAINING_FILE
    given = read_json(conversion).get("name") if conversion.is_file() else None
    if training.is_file():
        given = _trained_name(read_json(training))
    return given if isinstance(given, str) and given else folder.resolve().name


def _trained_name(made: Mapping[str, object]) -> str | None:
    """Return `RECIPE-sSEED`, with `-stepN` for a checkpoint on the way; None where the file does not name the recipe."""
    recipe, seed, step = (made.get(key) for key in ("recipe", "seed", "step"))
    if not isinstance(recipe, str) or not recipe:
        return None
    return f"{recipe}-s{seed}" + ("" if made.get("is_final") else f"-step{step}")


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
        raise BackendError(
            f"model {hub_id}: no folder of that name here, and the hub did not give it ({type(error).__name__}: "
            f"{first_line(error)}). Check the name, the network and HF_TOKEN, or give a local folder"
        ) from error


def _inspect_folder(folder: Path, *, name: str, is_local: bool, revision: str | None) -> Checkpoint | Path:
    """Return the record of a folder whose files have been checked, or the folder where it is an adapter's."""
    if (folder / ADAPTER_CONFIG).is_file() and not (folder / "config.json").is_file():
        return folder
    gguf = find_gguf(folder)
    if gguf is not None:
        return _inspect_gguf(gguf)
    weights = find_weights(folder)
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
