"""The engines that run models: one table of names, each imported only when it is asked for."""

import inspect
from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

from xleval.errors import ConfigError, unknown_name
from xleval.evalkit.backends.base import Backend

#: name -> module:class; another backend is one more line here
BACKENDS: Mapping[str, str] = MappingProxyType(
    {
        "hf": "xleval.evalkit.backends.hf:HfBackend",
        "vllm": "xleval.evalkit.backends.vllm:VllmBackend",
        "openai": "xleval.evalkit.backends.openai:OpenaiBackend",
        "ray": "xleval.evalkit.backends.ray:RayBackend",
        "mock": "xleval.evalkit.backends.mock:MockModel",
    }
)


def load_backend(name: str, model: str, **options: object) -> Backend:
    """Return a backend; its weights are loaded by its first `run`.

    Args:
        name: one of `BACKENDS`, or auto: what the model's prefix says (`vllm:ckpt/`, `mock:tiny`), else vllm where it is
            installed and there is a GPU, else hf.
        model: checkpoint folder, hub id or `BACKEND:MODEL`.
        options: keyword arguments of the backend's class; those that are None are left at their default.

    Raises:
        ConfigError: an unknown backend, an option it does not have, or a name and prefix that contradict each other.
        MissingExtra: its packages are not installed.
    """
    name, model = split_model(name, model)
    if name == "auto":
        name = "vllm" if find_spec("vllm") and _has_gpu() else "hf"
    if name not in BACKENDS:
        raise unknown_name("backend", name, ["auto", *BACKENDS])
    module, _, attribute = BACKENDS[name].partition(":")
    factory = getattr(import_module(module), attribute)
    given = {key: value for key, value in options.items() if value is not None}
    parameters = inspect.signature(factory.__init__).parameters.values()
    known = [each.name for each in parameters if each.kind is inspect.Parameter.KEYWORD_ONLY]
    takes_all = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters)  # it checks them itself
    for key in given:
        if key not in known and not takes_all:
            raise unknown_name(f"option of backend {name}", key, known)
    backend: Backend = factory(model, **given)
    return backend


def split_model(name: str, model: str) -> tuple[str, str]:
    """Return backend and model of a `BACKEND:MODEL` that may stand in the model's name.

    Raises:
        ConfigError: name and prefix contradict each other, the prefix is a backend's name misspelt, or
            nothing but a backend is named.
    """
    prefix, colon, rest = model.partition(":")
    if (
        colon
        and name == "auto"  # with --backend openai the prefix is part of a name, such as openchat:7b of Ollama
        and prefix not in BACKENDS
        and get_close_matches(prefix, BACKENDS, cutoff=0.7)
        and not Path(model).exists()
    ):
        raise unknown_name("backend", prefix, BACKENDS)
    if not colon and name == "auto" and model in BACKENDS and not Path(model).exists():
        raise ConfigError(f"--model {model} is a backend, not a model: write --model {model}:MODEL")
    if not colon or prefix not in BACKENDS:
        return name, model
    if name not in ("auto", prefix):
        raise ConfigError(f"backend {name} for model {model}: the prefix says {prefix}; give one of the two")
    return prefix, rest


def _has_gpu() -> bool:
    try:
        import torch
    except ModuleNotFoundError:
        return False
    return bool(torch.cuda.is_available())
