"""Tables from a dump: pass 1 reads subjects of the relations and all that leads up, pass 2 the items that are objects."""

import hashlib
import shutil
import time
from pathlib import Path

from xleval.data.storage import make_folder, read_json, sha256_of, write_json
from xleval.errors import ConfigError, DataError, unknown_name
from xleval.polyfact.sources import SourceOptions
from xleval.polyfact.sources.dump_counts import Counts, Pass

#: Changes whenever the tables of the same dump would change.
VERSION = 2
EXECUTORS = ("local", "ray")
MANIFEST = "extraction.json"
_PEEK = 1 << 20


def identity(path: Path) -> dict[str, str]:
    """Return name, bytes and a SHA-256 of size, first and last MB of a file: a whole hash would read 100 GB again.

    Raises:
        ConfigError: it cannot be read.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(_PEEK)
            file.seek(max(0, size - _PEEK))
            ends = hashlib.sha256(str(size).encode() + head + file.read(_PEEK)).hexdigest()
    except OSError as error:
        raise ConfigError(f"cannot read the dump {path}: {error.strerror}. Give the path of a dump") from error
    return {"file": path.name, "bytes": str(size), "sha256_of_ends": ends}


def extract(path: Path, options: SourceOptions) -> Path:
    """Return the folder with the tables of a dump, made if it is not there yet; a finished pass is not done again.

    Raises:
        ConfigError: the dump cannot be read, or there is no such executor.
        DataError: the dump is cut or damaged, or the folder cannot be written.
    """
    if options.executor not in EXECUTORS:
        raise unknown_name("executor", options.executor, EXECUTORS)
    config = {
        **identity(path),
        "languages": list(options.languages),
        "relations": list(options.relations),
        "min_langs": options.min_langs,
        "min_sitelinks": options.min_sitelinks,
        "version": VERSION,
    }
    folder = make_folder(options.work / f"extracted-{sha256_of(config)[:16]}")
    if (folder / MANIFEST).exists():
        return folder
    first, first_s = _pass(path, options, folder, 1)
    if not first.items:
        raise DataError(f"{path.name} holds no item of Wikidata in {first.lines} lines; a JSON dump has one on a line")
    second, second_s = _pass(path, options, folder, 2)
    write_json(
        folder / MANIFEST,
        {"config": config, "passes": [first.to_json(), second.to_json()], "seconds": [first_s, second_s]},
    )
    options.progress(_summary(first, second))
    return folder


def _pass(path: Path, options: SourceOptions, folder: Path, number: int) -> tuple[Counts, float]:
    """Return the counts of a pass, done now or before, and its seconds."""
    note = folder / f"pass{number}.json"
    if note.exists():
        stored = read_json(note)
        return Counts.from_json(stored["counts"]), stored["seconds"]
    parts = folder / f"pass{number}"
    shutil.rmtree(parts, ignore_errors=True)  # what a killed pass left
    work = Pass(
        number=number,
        languages=options.languages,
        relations=options.relations,
        min_langs=options.min_langs,
        min_sitelinks=options.min_sitelinks,
        folder=make_folder(parts),
        wanted=_wanted(folder) if number == 2 else None,
    )
    started = time.perf_counter()
    counts = _run(path, work, options)
    seconds = round(time.perf_counter() - started, 2)
    write_json(note, {"counts": counts.to_json(), "seconds": seconds})
    return counts, seconds


def _run(path: Path, work: Pass, options: SourceOptions) -> Counts:
    if options.executor == "ray":
        from xleval.polyfact.sources import dump_ray

        return dump_ray.run_pass(path, work, workers=options.workers, progress=options.progress)
    from xleval.polyfact.sources import dump_local

    return dump_local.run_pass(path, work, workers=options.workers, progress=options.progress)


def _wanted(folder: Path) -> Path:
    """Write the numbers of the objects that pass 1 did not store, sorted, and return the file."""
    import numpy as np

    from xleval.polyfact.sources.dump_tables import column

    objects = np.unique(column(folder, "statements", "object"))
    stored = [column(folder, table, "qid") for table in ("kept", "bystanders")]
    wanted = np.setdiff1d(objects[objects > 0], np.concatenate(stored))
    path = folder / "wanted.npy"
    np.save(path, wanted)
    return path


def _summary(first: Counts, second: Counts) -> str:
    text = (
        f"dump: {first.items} items in {first.lines} lines, {first.kept} subjects with {first.statements} statements, "
        f"{second.objects} further objects"
    )
    if first.broken:
        shown = "; ".join(f"byte {offset}: {reason}" for offset, reason in first.first_broken)
        text += f"; {first.broken} broken lines were left out, the first at {shown}"
    return text
