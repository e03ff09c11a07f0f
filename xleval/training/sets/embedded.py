"""PolyFact built on the machine, without a download, from the graph that is part of xleval."""

import shutil
import tempfile
from pathlib import Path

from xleval.data.cache import cache_folder
from xleval.data.languages import POLYFACT_LANGUAGES
from xleval.data.storage import make_folder

#: The splits are those of `xleval build-polyfact --source embedded`, whatever the seed of a training: what it holds out
#: for tests must be held out here.
_SEED = 0


def embedded_folder() -> Path:
    """Return the folder of embedded PolyFact in the user's cache; it is built when it is not there.

    Several processes may ask at once: each builds its own, the first to finish wins, all have the same bytes.

    Raises:
        DataError: the cache cannot be written.
    """
    from xleval.polyfact.build import BUILDER_VERSION, MANIFEST, BuildConfig, build
    from xleval.polyfact.relations import default_relations

    root = make_folder(cache_folder())
    target = root / f"polyfact-embedded-v{BUILDER_VERSION}-seed{_SEED}"
    if (target / MANIFEST).is_file():
        return target
    own = Path(tempfile.mkdtemp(prefix=".polyfact-", dir=root))
    try:
        relations = default_relations("embedded")
        build(
            BuildConfig(source="embedded", languages=POLYFACT_LANGUAGES, relations=relations, seed=_SEED), own / "set"
        )
        try:
            (own / "set").rename(target)
        except OSError:
            if not (target / MANIFEST).is_file():  # not another process that was faster
                raise
    finally:
        shutil.rmtree(own, ignore_errors=True)
    return target
