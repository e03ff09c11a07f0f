r"""PolyFact: facts with four hidden options, scored by log-probability, the same options in every language.

The question and the option are shown as `Question: …\nAnswer:` and ` option`, the options are not listed, and the
option with the highest log-probability per byte is the answer, as in the study's evaluation since 2026-08-01
(github.com/jvonrad/Lost-in-Mistranslation 3ca0eea). It deviates where `--scaffold native` (default) writes the two
words in the language of the question; `--scaffold english --option-space always` is the published prompt.

The other tests and configs of a set are tasks of their own on the same folder (`PARTS`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from xleval.data.column_names import check_names, listed
from xleval.data.parquet_faults import reading_parquet
from xleval.errors import DataError
from xleval.evalkit.task import Task, TaskItem
from xleval.polyfact.wording import type_word
from xleval.tasks.asking import hidden_choice
from xleval.tasks.verdicts import score_by_byte

_COLUMNS = ("fact_id", "question", "option_a", "option_b", "option_c", "option_d", "answer_index", "option_ids")
_OPTIONAL = (
    "property_id", "template_id", "subject_type", "headline", "guessable", "subject_gender", "as_of", "changed_after",
    "wiki_langs",
)  # fmt: skip

Loader = Callable[[Path | None, Sequence[str]], Mapping[str, Sequence[TaskItem]]]


def load(folder: Path | None, languages: Sequence[str], split: str = "test") -> dict[str, list[TaskItem]]:
    """Return a split by language, sorted by fact id.

    Args:
        folder: holds `LANG/test.parquet`, as `xleval build-polyfact` writes.
        languages: codes; one without a file is absent from the result.
        split: test, validation or train.

    Raises:
        DataError: no folder, none of the files, a column missing, or a gold index out of range (file and row named).
    """
    if folder is None:
        raise DataError(
            "polyfact has no data here. Make some: xleval build-polyfact --source embedded --out polyfact, "
            "then add --data polyfact=polyfact"
        )
    if not any(_files(folder, "*", split)):
        raise DataError(f"{folder} holds no LANG/{split}.parquet; a folder made by xleval build-polyfact is needed")
    found: dict[str, list[TaskItem]] = {}
    for lang in languages:
        files = _files(folder, lang, split)
        rows = [(f"{path}, row {number}", row) for path in files for number, row in enumerate(_read(path))]
        if rows:
            found[lang] = sorted((_item(row, where) for where, row in rows), key=lambda item: item.item_id)
    return found


def _files(folder: Path, config: str, split: str) -> list[Path]:
    """Return the files of a split, whole or in the parts that the hub makes (`test-00000-of-00002.parquet`), sorted."""
    return sorted([*folder.glob(f"{config}/{split}.parquet"), *folder.glob(f"{config}/{split}-*.parquet")])


def load_config(config: str, folder: Path | None, languages: Sequence[str]) -> dict[str, list[TaskItem]]:
    """Return the test split of a config in the layout of `parallel`, by language, sorted by fact id.

    Args:
        config: `leaky`, `recent`, `transfer` or `attested-A`.
        folder: as `xleval build-polyfact` writes it.
        languages: codes; one that the config lacks is absent from the result.

    Raises:
        DataError: as in `load`, or the set has no such config.
    """
    files = _files(folder, config, "test") if folder else []
    if not files:
        raise DataError(f"{folder or 'polyfact'} holds no {config}/test.parquet: the set has no facts of that config")
    found: dict[str, list[TaskItem]] = {}
    for path in files:
        for number, row in enumerate(_read_parallel(path)):
            translations = row["translations"]
            if not isinstance(translations, Mapping) or any(
                not isinstance(part, Mapping | None) for part in translations.values()
            ):
                raise DataError(f"{path}, row {number}, column translations: a field for each language is needed")
            for lang, part in translations.items():
                if part is not None and lang in languages:
                    item = _item({**row, **part}, f"{path}, row {number}, {lang}")
                    found.setdefault(lang, []).append(item)
    return {lang: sorted(found[lang], key=lambda item: item.item_id) for lang in languages if lang in found}


def _read_parallel(path: Path) -> list[dict[str, Any]]:
    from pyarrow import parquet

    with reading_parquet(path), parquet.ParquetFile(path) as file:
        if not {"fact_id", "translations"} <= set(file.schema_arrow.names):
            raise DataError(f"{path} has no columns fact_id and translations; found: {listed(file.schema_arrow.names)}")
        check_names(path, file.schema_arrow.names)
        rows: list[dict[str, Any]] = file.read().to_pylist()
        return rows


def load_masked(folder: Path | None, languages: Sequence[str]) -> dict[str, list[TaskItem]]:
    """Return the test split with a type word in place of the subject: what wording and options alone give away (D3).

    Raises:
        DataError: as in `load`, or the set does not say where the subject is in a question.
    """
    found = load(folder, languages)
    for lang, items in found.items():
        files = _files(folder, lang, "test") if folder else []
        subjects = {row["fact_id"]: row for path in files for row in _subjects(path)}
        found[lang] = [replace(item, question=_masked(item, subjects[item.item_id], lang)) for item in items]
    return found


def _subjects(path: Path) -> list[dict[str, Any]]:
    from pyarrow import parquet

    with reading_parquet(path), parquet.ParquetFile(path) as file:
        if lacking := {"subject_label", "subject_type"} - set(file.schema_arrow.names):
            raise DataError(f"{path} has no column {', '.join(sorted(lacking))}, so subjects cannot be masked in it")
        rows: list[dict[str, Any]] = file.read(["fact_id", "subject_label", "subject_type"]).to_pylist()
        return rows


def _masked(item: TaskItem, row: Mapping[str, Any], lang: str) -> str:
    if not all(isinstance(row[name], str) and row[name] for name in ("subject_label", "subject_type")):
        raise DataError(
            f"{item.item_id} in {lang}: subject_label and subject_type must be texts, and must not be empty"
        )
    if row["subject_label"] not in item.question:
        raise DataError(f"{item.item_id} in {lang}: the question does not contain the subject {row['subject_label']!r}")
    return item.question.replace(row["subject_label"], type_word(row["subject_type"], lang))


def _read(path: Path) -> list[dict[str, Any]]:
    from pyarrow import parquet

    # ParquetFile reads this one file; read_table would take `LANG` and `split=…` in a path for partitions.
    with reading_parquet(path), parquet.ParquetFile(path) as file:
        names = file.schema_arrow.names
        missing = [column for column in _COLUMNS if column not in names]
        if missing:
            raise DataError(f"{path} has no column {', '.join(missing)}; found: {listed(names)}")
        check_names(path, names)
        rows: list[dict[str, Any]] = file.read([*_COLUMNS, *(c for c in _OPTIONAL if c in names)]).to_pylist()
        return rows


def _item(row: Mapping[str, Any], where: str) -> TaskItem:
    if lacking := [column for column in _COLUMNS if column not in row]:
        raise DataError(f"{where}: there is no {', '.join(lacking)}")
    choices = tuple(row[f"option_{letter}"] for letter in "abcd")
    if not all(isinstance(text, str) and text for text in (row["fact_id"], row["question"], *choices)):
        raise DataError(f"{where}: fact_id, question and the four options must be texts, and must not be empty")
    index, ids = row["answer_index"], _texts(row["option_ids"], f"{where}: option_ids")
    if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index < len(choices):
        raise DataError(f"{where}: answer_index is {index!r}; 0 to {len(choices) - 1} is needed")
    if len(set(ids)) != len(choices):
        raise DataError(f"{where}: option_ids are {list(ids)}; four different ids are needed to align languages")
    return TaskItem(
        item_id=row["fact_id"],
        question=row["question"],
        gold=choices[index],
        choices=choices,
        choice_ids=ids,
        gold_index=index,
        groups={
            column: _as_text(row[column], f"{where}: {column}") for column in _OPTIONAL if row.get(column) is not None
        },
    )


def _as_text(value: object, where: str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else ",".join(_texts(value, where))


def _texts(value: object, where: str) -> tuple[str, ...]:
    if value is not None and (not isinstance(value, list) or not all(isinstance(text, str) for text in value)):
        raise DataError(f"{where} is {value!r:.60}; a list of texts is needed")
    return tuple(value or ())


def exemplars(folder: Path | None, languages: Sequence[str], n: int) -> dict[str, list[TaskItem]]:
    """Return the first `n` facts of the validation split (of the train split where it has fewer), the same ones in every language.

    Raises:
        DataError: a split cannot be read.
    """
    for split in ("validation", "train"):
        found = load(folder, languages, split=split) if folder and _files(folder, "*", split) else {}
        ids = [{item.item_id for item in found.get(lang, ())} for lang in languages]
        common = sorted(set.intersection(*ids))[:n] if ids else []
        if len(common) == n:
            return {lang: [item for item in found[lang] if item.item_id in common] for lang in languages}
    return {}


POLYFACT = Task(
    name="polyfact",
    version=1,
    kind="choice",
    summary="Wikidata facts, four hidden options, the same in every language; log-probability per byte",
    reference="github.com/jvonrad/Lost-in-Mistranslation 3ca0eea; D22 for scaffold and option space",
    load=load,
    request=partial(hidden_choice, task="polyfact"),
    score=score_by_byte,
    exemplars=exemplars,
    group="facts",
    verified="sets built by xleval; the published schema",
)


def _part(name: str, summary: str, loader: Loader) -> Task:
    name = f"polyfact_{name}"
    ask = partial(hidden_choice, task=name)
    return replace(POLYFACT, name=name, summary=summary, load=loader, request=ask, data_of="polyfact")


#: The other tests of a set; run when they are named, on the folder of `--data polyfact=DIR`.
PARTS = (
    _part("unseen_object", "facts whose answer is gold in no training fact", partial(load, split="test_unseen_object")),
    _part("unseen_relation", "facts of relations that training lacks", partial(load, split="test_unseen_relation")),
    _part("held_out_template", "facts in a wording that training lacks", partial(load, split="test_held_out_template")),
    _part("leaky", "facts whose question shows the answer in some language", partial(load_config, "leaky")),
    _part("recent", "facts that changed since 2018", partial(load_config, "recent")),
    _part("transfer", "facts whose subject has one or two of the Wikipedias", partial(load_config, "transfer")),
    _part("masked", "the test with a type word for the subject: what wording and options alone give away", load_masked),
    _part("attested", "facts all of whose names two sources agree on", partial(load_config, "attested-A")),
)
