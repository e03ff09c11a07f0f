"""Names of models that commands take beside folders, files and hub ids."""

from collections.abc import Callable
from pathlib import Path

#: The small real model of `xleval demo`, made on this machine from the wheels of the extra `demo`.
DEMO = "demo"


def model_name(name: str, say: Callable[[str], None] = lambda _: None) -> str:
    """Return the folder of the demo's model for `demo`, which is made on the first call, else the name as given.

    A folder here that is called `demo` comes first.

    Args:
        name: as the user gave it.
        say: is told each step of the making.

    Raises:
        BackendError: its weights are not those expected.
        MissingExtra: the extra `demo` is not installed.
    """
    if not _is_demo(name):
        return name
    from xleval.small_model import small_model

    return str(small_model(progress=say))


def model_at_hand(name: str) -> str:
    """Return the same without making anything: `demo` stays where the demo's model was not made yet."""
    if not _is_demo(name):
        return name
    from xleval.data.cache import cache_folder
    from xleval.small_model import FOLDER

    folder = cache_folder() / FOLDER
    return str(folder) if folder.is_dir() else name


def _is_demo(name: str) -> bool:
    return name == DEMO and not Path(name).exists()
