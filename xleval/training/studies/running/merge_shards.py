"""Results of shards brought into one study: what was finished on other machines counts as finished here."""

import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from xleval.data.storage import differing_keys, make_folder, read_json, sha256_of_file, write_json
from xleval.errors import ConfigError, DataError
from xleval.training.studies.layout import MANIFEST, log_file
from xleval.training.studies.records import Plan, Step
from xleval.training.studies.running.manifest import (
    first_difference,
    options_as_json,
    read_record,
    write_record,
)

#: Files that nothing writes into in place: a link costs no disk, and a journal that both studies add to would be spoilt.
_LINKED = (".safetensors", ".pt", ".bin", ".gguf")
#: Data that must be the same in every shard.
_COMPARED = (".parquet", ".jsonl")
_JOURNAL = "journal.jsonl"
_ADAPTER = "adapter_config.json"


def bring(plan: Plan, shards: Sequence[Path], say: Callable[[str], None] = lambda _: None) -> None:
    """Bring the results of the finished steps of shards into the folder of a study.

    Raises:
        ConfigError: a folder is not one of this study, or a step was made with other words there.
        DataError: a data set differs between shards, or a file cannot be brought.
    """
    for folder in shards:
        there = _out_of(plan, folder)
        brought = [step.name for step in plan.steps if _bring_step(plan, step, folder, there)]
        say(f"{folder}: {len(brought)} finished steps were brought here")


def check_shards(plan: Plan, shards: Sequence[Path]) -> None:
    """Refuse folders that are no shards of a study, before anything is written.

    Raises:
        ConfigError: a folder is not one of this study, is the study's own, or is named twice.
        DataError: its manifest is damaged.
    """
    resolved = [folder.resolve() for folder in shards]
    twice = next((folder for folder, place in zip(shards, resolved, strict=True) if resolved.count(place) > 1), None)
    if twice is not None:
        raise ConfigError(f"--merge {twice} is there twice; name each shard once")
    for folder in shards:
        _out_of(plan, folder)


def _out_of(plan: Plan, folder: Path) -> str:
    """Return the folder of a shard as it stands in its words, after it was found to be of this study."""
    if not (folder / MANIFEST).is_file():
        raise ConfigError(f"--merge {folder}: no {MANIFEST} in it; give the --out of a study that ran with --shard")
    if folder.resolve() == plan.options.out.resolve():
        raise ConfigError(f"--merge {folder}: the study's own folder; give those of the other shards")
    stored = read_json(folder / MANIFEST)
    config, out = stored.get("config"), stored.get("out")
    held = config.get("options") if isinstance(config, dict) else None
    if not isinstance(held, dict) or not isinstance(out, str):
        raise DataError(f"{folder / MANIFEST} was not written by xleval study; give the --out of a shard")
    if different := differing_keys(held, json.loads(json.dumps(options_as_json(plan.options)))):
        raise ConfigError(
            f"--merge {folder} is of a study with other options: {'; '.join(different)}. Shards of one study differ in "
            "nothing but --shard and --out"
        )
    return out


def _bring_step(plan: Plan, step: Step, folder: Path, there: str) -> bool:
    """Bring the result of a step where the shard has finished it; return whether it was brought."""
    record, own = read_record(folder, step.name), read_record(plan.options.out, step.name)
    if record is None or not record.finished:
        return False
    out = str(plan.options.out)
    if differing := first_difference(record.words, record.out, step.words, out):
        old, new = differing
        raise ConfigError(
            f"--merge {folder}: step {step.name} was made with other words: there {old}, here {new}. Shards of one study "
            "are made by the same xleval with the same options"
        )
    targets = [each for each in (step.out, step.stdout) if each is not None]
    sources = [folder / target.relative_to(plan.options.out) for target in dict.fromkeys(targets)]
    if own is not None and own.finished:
        if step.kind in ("data", "traces"):
            _check_same(step, sources[0], step.out)
        return False
    for source, target in zip(sources, dict.fromkeys(targets), strict=True):
        _remove(target)
        _bring(source, target, folder)
    _name_bases(step)
    log = log_file(folder, step.name)
    if log.is_file():
        _bring(log, log_file(plan.options.out, step.name), folder)
    write_record(plan.options.out, replace(record, words=step.words, out=out))
    return True


def _bring(source: Path, target: Path, root: Path) -> None:
    """Bring a file or a folder.

    Raises:
        DataError: it is not there, a link in it points out of the shard, or it cannot be written.
    """
    if not source.exists():
        raise DataError(f"{source} is not there, though its step is finished; copy the whole folder of the shard again")
    for path, place in _files(source, target):
        if root.resolve() not in path.resolve().parents:
            raise DataError(f"{path} is a link that points out of {root}; put the file itself there")
        make_folder(place.parent)
        try:
            place.unlink(missing_ok=True)
            _copy(path, place)
        except OSError as error:
            raise DataError(f"cannot bring {path} to {place}: {error.strerror}. Free space, and merge again") from error


def _copy(path: Path, place: Path) -> None:
    if path.suffix in _LINKED:
        try:
            os.link(path.resolve(), place)
        except OSError:  # another file system, or one without links
            shutil.copy2(path, place)
    else:
        shutil.copy2(path, place)


def _files(source: Path, target: Path) -> Iterator[tuple[Path, Path]]:
    """Yield every file of a folder with its place in another one; or the one file."""
    if source.is_file():
        yield source, target
        return
    for path in sorted(source.rglob("*")):
        if path.is_file() or (path.is_symlink() and not path.exists()):
            yield path, target / path.relative_to(source)


def _remove(target: Path) -> None:
    """Remove what an unfinished step left."""
    if target.is_dir():
        shutil.rmtree(target)
    else:
        target.unlink(missing_ok=True)


def _check_same(step: Step, there: Path, here: Path) -> None:
    """Refuse data that differs between two shards.

    Raises:
        DataError: a Parquet or JSONL file differs, or is in one of them alone.
    """
    files = [
        {path.relative_to(root): path for path in root.rglob("*") if path.suffix in _COMPARED and path.name != _JOURNAL}
        for root in (there, here)
    ]
    for name in sorted(files[0].keys() | files[1].keys()):
        if name not in files[0] or name not in files[1]:
            lacking = there if name not in files[0] else here
            raise DataError(f"step {step.name}: {name} is not in {lacking}; make the shards from the same data")
        if sha256_of_file(files[0][name]) != sha256_of_file(files[1][name]):
            raise DataError(
                f"step {step.name}: {files[0][name]} and {files[1][name]} differ, so their arms were not trained on the "
                "same data; make the set once, and give it to every shard with --data"
            )


def _name_bases(step: Step) -> None:
    """Let the adapters of a training name the base that its words name, where their own is on another machine."""
    if step.kind != "train" or "--model" not in step.words:
        return
    for path in sorted(step.out.rglob(_ADAPTER)):
        settings = read_json(path)
        base = settings.get("base_model_name_or_path")
        if isinstance(base, str) and Path(base).is_absolute() and not Path(base).exists():
            write_json(path, {**settings, "base_model_name_or_path": _base(step.words)})


def _base(words: Sequence[str]) -> str:
    """Return the model that a training began with, as an adapter names it: a folder here, or a hub id."""
    from xleval.data.cache import cache_folder
    from xleval.small_model import FOLDER

    model = words[words.index("--model") + 1]
    folder = cache_folder() / FOLDER if model == "demo" and not Path(model).exists() else Path(model).expanduser()
    return str(folder.resolve()) if folder.exists() else model
