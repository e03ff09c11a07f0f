"""The engines that run models: one table of names, each imported only when it is asked for."""

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

from xleval.errors import ConfigError, unknown_name
from xleval.evalkit.backends.base import Backend

#: name -> module:class; another backend is one more line here
BACKENDS: Mapping[str, str] = MappingProxyType(
    {
        "hf": "xleval.evalkit.backends.hf:HfBackend",
        "mock": "xleval.evalkit.backends.mock:MockModel",
    }
)


def load_backend(name: str, model: str, **options: object) -> Backend:
    """Return a loaded backend.

    Args:
        name: one of `BACKENDS`, or auto: what the model's prefix says (`mock:tiny`), else hf.
        model: checkpoint folder, hub id or `BACKEND:MODEL`.
        options: keyword arguments of the backend's class; those that are None are left at their default.

    Raises:
        ConfigError: an unknown backend, an option it does not have, or a name and prefix that contradict each other.
        MissingExtra: its packages are not installed.
    """
    prefix, colon, rest = model.partition(":")
    if colon and prefix in BACKENDS:
        if name not in ("auto", prefix):
            raise ConfigError(f"backend {name} for model {model}: the prefix says {prefix}; give one of the two")
        name, model = prefix, rest
    if name == "auto":
        name = "hf"
    if name not in BACKENDS:
        raise unknown_name("backend", name, ["auto", *BACKENDS])
    module, _, attribute = BACKENDS[name].partition(":")
    factory = getattr(import_module(module), attribute)
    given = {key: value for key, value in options.items() if value is not None}
    known = list(factory.__init__.__kwdefaults__)
    for key in given:
        if key not in known:
            raise unknown_name(f"option of backend {name}", key, known)
    backend: Backend = factory(model, **given)
    return backend
