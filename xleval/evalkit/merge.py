"""`xleval merge`: the shards of one run, put together as if it had been one."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from xleval.data.journal import Journal
from xleval.data.storage import claim_folder, differing_keys, read_json
from xleval.errors import ConfigError, DataError
from xleval.evalkit.results_schema import Results
from xleval.evalkit.run_folder import JOURNAL, MANIFEST, RESULTS, read_run, write_manifest, write_results
from xleval.evalkit.samples import Sample
from xleval.evalkit.settings import Shard, parse_shard
from xleval.evalkit.task import Task


def merge(runs: Sequence[Path], out: Path, tasks: Mapping[str, Task], *, resume: bool = False) -> Results:
    """Return the results of all shards together; samples, journal and signature are those of one unbroken run.

    Args:
        runs: folders of all shards of one run, in any order.
        out: a new folder.
        tasks: by name.
        resume: return what the folder holds, where it was finished.

    Raises:
        ConfigError: a run is no shard or not finished, shards are of different runs, missing, or there twice.
        DataError: their files are damaged.
    """
    shards = _read_shards(runs)
    first = shards[1].manifest["config"]
    signed: dict[str, Any] = {**first, "shard": None}
    if claim_folder(out, manifest=MANIFEST, config=signed, resume=resume):
        return cast(Results, read_json(out / RESULTS))
    notes = {
        "merged_from": [shards[index].folder.resolve().name for index in sorted(shards)],
        "skipped": shards[1].manifest.get("skipped", {}),
    }
    write_manifest(out, signed, notes, finished=False)
    _merge_journals([shards[index].folder for index in sorted(shards)], out / JOURNAL)
    samples = interleave([shards[index].samples for index in sorted(shards)])
    results = write_results(out, samples, signed, tasks)
    write_manifest(out, signed, notes, finished=True)
    return results


class _Part:
    """A shard as it was read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest, self.samples = read_run(folder)
        text = self.manifest["config"].get("shard")
        if not text:
            raise ConfigError(f"{folder} is a whole run, not a shard of one (--shard 1/8 and so on makes shards)")
        self.shard: Shard = parse_shard(text)


def _read_shards(runs: Sequence[Path]) -> dict[int, _Part]:
    """Return the shards of one run by their number, all of them."""
    parts = [_Part(folder) for folder in runs]
    found: dict[int, _Part] = {}
    for part in parts:
        if part.shard.index in found:
            raise ConfigError(f"{part.folder} and {found[part.shard.index].folder} are both shard {part.shard}")
        found[part.shard.index] = part
    one = parts[0]
    for part in parts[1:]:
        asked = [{**each.manifest["config"], "shard": each.shard.count} for each in (one, part)]
        unlike = differing_keys(asked[0], asked[1])
        if unlike:
            raise ConfigError(f"{one.folder} and {part.folder} are not shards of one run: {'; '.join(unlike[:6])}")
    missing = [f"{index}/{one.shard.count}" for index in range(1, one.shard.count + 1) if index not in found]
    if missing:
        raise ConfigError(f"shards missing: {', '.join(missing)}; give all {one.shard.count} folders")
    return found


def interleave(shards: Sequence[Sequence[Sample]]) -> list[Sample]:
    """Return the samples in the order of an unsharded run: item k of a language is in shard k modulo their number.

    Raises:
        DataError: the shards do not fit together.
    """
    columns: dict[tuple[str, str], list[dict[str, list[Sample]]]] = {}
    for number, samples in enumerate(shards):
        for sample in samples:
            parts = columns.setdefault((sample.task, sample.lang), [{} for _ in shards])
            parts[number].setdefault(sample.item_id, []).append(sample)
    merged: list[Sample] = []
    for (task, lang), parts in columns.items():
        lists = [list(part.values()) for part in parts]
        total = sum(map(len, lists))
        if [len(part) for part in lists] != [(total - number - 1) // len(lists) + 1 for number in range(len(lists))]:
            raise DataError(f"{task} in {lang}: shards of {[len(part) for part in lists]} items are not one run's")
        merged += [draw for k in range(total) for draw in lists[k % len(lists)][k // len(lists)]]
    return merged


def _merge_journals(folders: Sequence[Path], path: Path) -> None:
    path.unlink(missing_ok=True)  # of a merge that was killed
    with Journal(path) as merged:
        for folder in folders:
            if (folder / JOURNAL).is_file():
                with Journal(folder / JOURNAL) as part:
                    merged.append(part.rows)
