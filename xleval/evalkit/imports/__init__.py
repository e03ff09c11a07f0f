"""`xleval import`: the outputs of other tools as samples of a run."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import cast

from xleval.errors import ConfigError, DataError, unknown_name
from xleval.evalkit.imports.fields import GROUP, KEYS, FieldMap
from xleval.evalkit.imports.foreign import ForeignItem, LeftOut, Reader, Rejected
from xleval.evalkit.imports.report import (
    Imported,
    ImportReport,
    agreements,
    count_samples,
    file_name,
    source_files,
)
from xleval.evalkit.imports.verdicts import Score, judge
from xleval.evalkit.language_columns import FIRST_ONLY, LanguageScoring, with_all_language_shares
from xleval.evalkit.samples import Sample

#: Name of a source, as in `--from NAME`, to its reader.
READERS: Mapping[str, str] = {
    "lm-eval": "xleval.evalkit.imports.lm_eval:read",
    "lighteval": "xleval.evalkit.imports.lighteval:read",
    "inspect": "xleval.evalkit.imports.inspect:read",
    "verl": "xleval.evalkit.imports.verl:read",
    "trl": "xleval.evalkit.imports.trl:read",
    "polyfact": "xleval.evalkit.imports.polyfact:read",
    "jsonl": "xleval.evalkit.imports.jsonl:read",
}

# What can be mapped: the layout of a tool's files is known, the rest is fixed by it.
_EVERYWHERE = ("task", "lang", "item_id", "prompt", "gold", "correct")
_ANSWER = ("completion", "prediction", "finish_reason", "n_completion_tokens")
_MAPPED: Mapping[str, tuple[str, ...]] = {
    "lm-eval": ("gold_index", "filter"),
    "lighteval": ("gold_index",),
    "inspect": _ANSWER,
    "verl": (*_ANSWER, "sample_index"),
    "trl": (*_ANSWER, "sample_index"),
    "jsonl": tuple(key for key in KEYS if key not in (*_EVERYWHERE, "filter")),
}


def reader(kind: str) -> Reader:
    """Return the reader of a source.

    Raises:
        ConfigError: no source has this name.
    """
    if kind not in READERS:
        raise unknown_name("source", kind, READERS)
    module, _, function = READERS[kind].partition(":")
    return cast(Reader, getattr(import_module(module), function))


def import_samples(
    kind: str,
    path: Path,
    *,
    fields: FieldMap | None = None,
    score: Score = "number",
    task: str | None = None,
    model: str | None = None,
    languages: Sequence[str] = (),
    detectors: LanguageScoring = FIRST_ONLY,
    processes: int | None = 1,
) -> tuple[list[Sample], ImportReport]:
    """Return the scored samples of another tool's outputs, in the order of the files, and what was done.

    Args:
        kind: the tool, a key of `READERS`.
        path: a file or folder that it wrote.
        fields: the `--map`.
        score: `number` scores completions with a number as their right answer; `given` keeps the tool's verdicts.
        task: another name for the one task that the outputs hold.
        model: name of the model; of several in the folder, the one that is wanted.
        languages: codes of those wanted; empty for all.
        detectors: that tell the language of completions.
        processes: of `with_all_language_shares`.

    Raises:
        ConfigError: unknown source; a key that has no meaning for it; `task` for several tasks; outputs of several
            models; a language that the outputs do not have.
        DataError: nothing to read, a mapped column is missing, no usable row, or a task with choices and completions.
    """
    fields = fields or FieldMap()
    _check_keys(kind, fields)
    rejected: list[Rejected] = []
    left_out: Counter[str] = Counter()
    items = list(_sorted_out(reader(kind)(path, fields), path, rejected, left_out))
    found_model, items = _one_model(items, path, model, left_out)
    _check_languages(items, path, languages)
    left_out.update(f"language {item.lang}" for item in items if languages and item.lang not in languages)
    wanted = [item for item in items if not languages or item.lang in languages]
    judged = list(_scored(_renamed(wanted, task), path, score, rejected))
    counted = with_all_language_shares([each.sample for each in judged], detectors, processes=processes)
    imported = [replace(each, sample=sample) for each, sample in zip(judged, counted, strict=True)]
    _check(imported, path, rejected, left_out)
    report = ImportReport(
        kind=kind, model=found_model, fields=fields, score=score,
        languages=tuple(languages) or tuple(dict.fromkeys(each.sample.lang for each in imported)),
        files=source_files(path, imported), n_samples=count_samples(imported),
        scored_by=dict(sorted(Counter(each.by for each in imported).items())),
        rejected=tuple(rejected), left_out=dict(sorted(left_out.items())), agreement=agreements(imported),
        primary={each.item.task: each.item.primary for each in imported if each.item.primary != "byte"},
    )  # fmt: skip
    return [each.sample for each in imported], report


def _check_keys(kind: str, fields: FieldMap) -> None:
    """Refuse a mapping that a reader would pass over.

    Raises:
        ConfigError: unknown source, or a key that has no meaning for it.
    """
    reader(kind)
    usable = (*_EVERYWHERE, *_MAPPED[kind]) if kind in _MAPPED else ()
    for key in (*fields.columns, *fields.constants):
        if not usable:
            raise ConfigError(
                f"--map {key}=… has no meaning for {kind}: its files say all that is needed; leave it out"
            )
        if key not in usable and not key.startswith(GROUP):
            raise ConfigError(
                f"--map {key}=… has no meaning for {kind}, whose files are read as they stand; "
                f"there {', '.join(usable)} and {GROUP}NAME can be mapped"
            )


def _sorted_out(
    found: Iterator[ForeignItem | Rejected | LeftOut], path: Path, rejected: list[Rejected], left_out: Counter[str]
) -> Iterator[ForeignItem]:
    root = f"{path if path.is_dir() else path.parent}/"  # a message names files below it, and no folders of the user
    for each in found:
        if isinstance(each, Rejected):
            rejected.append(Rejected(where=each.where.removeprefix(root), reason=each.reason))
        elif isinstance(each, LeftOut):
            left_out[each.reason.replace(root, "")] += 1
        else:
            yield each


def _one_model(
    items: list[ForeignItem], path: Path, model: str | None, left_out: Counter[str]
) -> tuple[str, list[ForeignItem]]:
    """Return the name of the model and its items.

    Raises:
        ConfigError: there are several models, and none of them is asked for.
    """
    names = list(dict.fromkeys(item.model for item in items if item.model is not None))
    if len(names) < 2:
        return model or (names[0] if names else path.stem), items
    if model not in names:
        raise ConfigError(f"{path} holds outputs of {len(names)} models: {', '.join(names)}. Name one with --model")
    left_out.update(f"model {item.model}" for item in items if item.model != model)
    return model, [item for item in items if item.model == model]


def _check_languages(items: Sequence[ForeignItem], path: Path, languages: Sequence[str]) -> None:
    """Refuse a language that is asked for and not there.

    Raises:
        ConfigError: see above.
    """
    there = sorted({item.lang for item in items})
    absent = [lang for lang in languages if lang not in there]
    if there and absent:
        raise ConfigError(
            f"--langs {', '.join(absent)}: not in {path}, whose outputs are in {', '.join(there)}. Name some of these"
        )


def _renamed(items: Sequence[ForeignItem], task: str | None) -> list[ForeignItem]:
    """Return the items under another task name, where one is given.

    Raises:
        ConfigError: they are of several tasks.
    """
    names = list(dict.fromkeys(item.task for item in items))
    if task is None:
        return list(items)
    if len(names) > 1:
        raise ConfigError(f"--task {task} names one task, and there are {len(names)}: {', '.join(names)}. Leave it out")
    return [replace(item, task=task) for item in items]


def _scored(items: Sequence[ForeignItem], path: Path, score: Score, rejected: list[Rejected]) -> Iterator[Imported]:
    """Yield the judged samples, several answers to an item numbered in the order of the files."""
    seen: dict[tuple[str, str, str], set[int]] = {}
    for item in items:
        taken = seen.setdefault((item.task, item.lang, item.item_id), set())
        index = len(taken) if item.sample_index is None else item.sample_index
        where = f"{file_name(path, item.file)}, row {item.row}"
        if index in taken:
            reason = f"item {item.item_id:.60}, sample {index} of {item.task} in {item.lang} is there already"
            rejected.append(Rejected(where=where, reason=reason))
            continue
        taken.add(index)
        try:
            judged = judge(item, index, score)
        except DataError as error:
            rejected.append(Rejected(where=where, reason=str(error)))
            continue
        yield Imported(item=item, sample=judged.sample, by=judged.by)


def _check(imported: Sequence[Imported], path: Path, rejected: Sequence[Rejected], left_out: Mapping[str, int]) -> None:
    """Refuse an import that leaves nothing to score, and a task of two kinds.

    Raises:
        DataError: see above.
    """
    if not imported:
        reasons = Counter(each.reason for each in rejected) + Counter(left_out)
        often = reasons.most_common(1)[0][0] if reasons else "it holds no rows"
        raise DataError(f"nothing to import from {path}: {often} ({len(rejected)} rows rejected)")
    kinds: dict[str, str] = {}
    for each in imported:
        kind = kinds.setdefault(each.sample.task, each.sample.kind)
        if kind != each.sample.kind:
            where = f"{file_name(path, each.item.file)}, row {each.item.row}"
            raise DataError(
                f"task {each.sample.task} has both options with scores and completions, as in {where}; a task has one "
                "kind: give each its own name with --map task=COLUMN, or import its files one by one"
            )
