"""`xleval merge`: the shards of one run, put together as if it had been one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from xleval.data.journal import Journal
from xleval.data.storage import claim_folder, differing_keys, read_json, written_atomically
from xleval.errors import ConfigError, DataError
from xleval.evalkit.results_schema import Results
from xleval.evalkit.run_folder import (
    JOURNAL,
    MANIFEST,
    RESULTS,
    SAMPLES,
    manifest_to_score,
    write_manifest,
    write_results,
)
from xleval.evalkit.samples import Sample, each_sample
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
    folders = [shards[index].folder for index in sorted(shards)]
    _merge_journals(folders, out / JOURNAL)
    results = write_results(out, _samples(folders), signed, tasks)
    write_manifest(out, signed, notes, finished=True)
    return results


class _Part:
    """A shard as it was read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest = manifest_to_score(folder)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draws:
    """The samples of one item in a shard, which stand together in its file.

    Attributes:
        column: task and language.
        item_id: of the item.
        shard: number of the shard, from 0.
        n: how many samples.
    """

    column: tuple[str, str]
    item_id: str
    shard: int
    n: int


def _samples(folders: Sequence[Path]) -> Iterator[Sample]:
    """Yield the samples of all shards in the order of an unsharded run; the files are read twice, and never held.

    Raises:
        DataError: the shards do not fit together, or a file is damaged.
    """
    order = _order([_items(folder, shard) for shard, folder in enumerate(folders)])
    files = [each_sample(folder / SAMPLES) for folder in folders]
    for item in order:
        for _ in range(item.n):
            yield next(files[item.shard])


def _items(folder: Path, shard: int) -> list[_Draws]:
    """Return the items of a shard in the order of its file."""
    found: list[_Draws] = []
    columns: dict[tuple[str, str], tuple[str, str]] = {}
    for sample in each_sample(folder / SAMPLES, texts=False):
        column = columns.setdefault(key := (sample.task, sample.lang), key)
        last = found[-1] if found else None
        if last and last.column == column and last.item_id == sample.item_id:
            found[-1] = replace(last, n=last.n + 1)
        else:
            found.append(_Draws(column=column, item_id=sample.item_id, shard=shard, n=1))
    return found


def _order(shards: Sequence[Sequence[_Draws]]) -> list[_Draws]:
    """Return the items in the order of an unsharded run: item k of a language is in shard k modulo their number.

    Raises:
        DataError: the shards do not fit together, or a file is not in the order in which a run writes it.
    """
    columns: dict[tuple[str, str], list[list[_Draws]]] = {}
    for number, items in enumerate(shards):
        for item in items:
            columns.setdefault(item.column, [[] for _ in shards])[number].append(item)
    order: list[_Draws] = []
    for (task, lang), parts in columns.items():
        total = sum(map(len, parts))
        if [len(part) for part in parts] != [(total - number - 1) // len(parts) + 1 for number in range(len(parts))]:
            raise DataError(f"{task} in {lang}: shards of {[len(part) for part in parts]} items are not one run's")
        order += [parts[k % len(parts)][k // len(parts)] for k in range(total)]
    for number, items in enumerate(shards, start=1):
        if [item for item in order if item.shard == number - 1] != list(items):
            raise DataError(f"shard {number}: its samples are not in the order that xleval run wrote. Run it again")
    return order


def _merge_journals(folders: Sequence[Path], path: Path) -> None:
    """Write the lines of all journals as one: a batch stays a line, so that it could be asked again just as it was."""
    with written_atomically(path) as merged:
        for folder in folders:
            if (folder / JOURNAL).is_file():
                with Journal(folder / JOURNAL) as part:
                    part.copy_to(merged)
