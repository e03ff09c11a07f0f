"""Where xleval keeps what it makes on this machine and can make again."""

import os
from pathlib import Path


def cache_folder() -> Path:
    """Return `$XLEVAL_CACHE`, else `$XDG_CACHE_HOME/xleval`, else `~/.cache/xleval`."""
    given = os.environ.get("XLEVAL_CACHE")
    return Path(given) if given else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "xleval"
