"""The files of a set: a superset of the published schema, as Parquet that `datasets`, pandas and lm-eval read."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xleval.data.parallel import in_parallel
from xleval.data.parquet_files import write_parquet
from xleval.data.storage import jsonl
from xleval.polyfact.baselines import Shown
from xleval.polyfact.make import WORTH_PROCESSES, MadeSet
from xleval.polyfact.records import Item, Reject
from xleval.polyfact.relations import RELATIONS
from xleval.polyfact.splits import SPLITS
from xleval.polyfact.wording import render_question

if TYPE_CHECKING:
    import pyarrow as pa

_OPTION_COLUMNS = ("option_a", "option_b", "option_c", "option_d")
#: Most languages of the set that may have an article about the subject of a fact in the config `transfer` (D11).
MAX_SOURCE_LANGS = 2

Columns = dict[str, list[Any]]


def _part_fields() -> list[tuple[str, "pa.DataType"]]:
    """Return the columns of one language's part of an item.

    `question`, `answer_text`, `answer_index` (0 to 3), `option_a` … `option_d` and `option_ids` (Q-ids in the same order)
    are as published. `answer_aliases` are the other names of the answer, for free-form answers. `label_sources` and
    `label_tiers` are of subject and options in the order shown, the subject first.
    """
    import pyarrow as pa

    strings = pa.list_(pa.string())
    return [
        ("question", pa.string()),
        ("answer_text", pa.string()),
        ("answer_index", pa.int64()),
        *((column, pa.string()) for column in _OPTION_COLUMNS),
        ("option_ids", strings),
        ("answer_aliases", strings),
        ("subject_label", pa.string()),
        ("template_id", pa.string()),
        ("label_sources", strings),
        ("label_tiers", strings),
    ]


def _head_fields() -> list[tuple[str, "pa.DataType"]]:
    """Return the columns that do not depend on the language; `subject` and `object` are names for people."""
    import pyarrow as pa

    names = ("fact_id", "subject", "subject_id", "subject_type", "relation", "property_id", "object", "object_id")
    return [
        *((name, pa.string()) for name in names),
        ("n_langs", pa.int64()),
        ("n_langs_verified", pa.int64()),
        ("as_of", pa.string()),
        ("changed_after", pa.bool_()),
        ("headline", pa.bool_()),
        ("guessable", pa.bool_()),
        ("wiki_langs", pa.list_(pa.string())),
        ("n_sitelinks", pa.int64()),
        ("subject_gender", pa.string()),
        ("leak_langs", pa.list_(pa.string())),
    ]


def _part_columns(made: MadeSet, items: Sequence[Item], lang: str) -> Columns:
    """Return one language's columns of items; None where an item is not asked in it."""
    columns: Columns = {name: [] for name, _ in _part_fields()}
    appends = [values.append for values in columns.values()]
    for item in items:
        for append, value in zip(appends, _part(made, item, lang), strict=True):
            append(value)
    return columns


def _part(made: MadeSet, item: Item, lang: str) -> tuple[Any, ...]:
    """Return one language's part of an item, in the order of `_part_fields`."""
    if lang not in item.order:
        return (None,) * 13
    subject = made.entities[item.fact.subject_qid].labels[lang]
    qids = [item.option_qids[place] for place in item.order[lang]]
    labels = [made.entities[qid].labels[lang] for qid in qids]
    index = qids.index(item.fact.object_qid)
    template = made.template(item, lang)
    return (
        render_question(template, subject.text),
        labels[index].text,
        index,
        *(label.text for label in labels),
        qids,
        list(made.entities[item.fact.object_qid].aliases.get(lang, ())),
        subject.text,
        template.template_id,
        [subject.source, *(label.source for label in labels)],
        [subject.tier, *(label.tier for label in labels)],
    )


def _head_columns(
    made: MadeSet, items: Sequence[Item], languages: Sequence[str], as_of: str, headline: Collection[str]
) -> Columns:
    columns: Columns = {name: [] for name, _ in _head_fields()}
    for item in items:
        fact = item.fact
        subject, answer = made.entities[fact.subject_qid], made.entities[fact.object_qid]
        name_lang = "en" if "en" in item.langs else item.langs[0]
        row = (
            fact.fact_id,
            subject.labels[name_lang].text,
            fact.subject_qid,
            item.subject_kind,
            RELATIONS[fact.relation_pid].name,
            fact.relation_pid,
            answer.labels[name_lang].text,
            fact.object_qid,
            len(item.langs),
            sum(all(end.labels[lang].tier != "C" for end in (subject, answer)) for lang in item.langs),
            as_of,
            (fact.subject_qid, fact.relation_pid) in made.changed,
            fact.relation_pid in headline,
            item.guessable,
            [lang for lang in languages if lang in subject.wiki_langs],
            subject.n_sitelinks,
            subject.gender,
            list(item.leak_langs),
        )
        for values, value in zip(columns.values(), row, strict=True):
            values.append(value)
    return columns


def shown(made: MadeSet, lang: str, split: str) -> list[Shown]:
    """Return a split's items as a guesser sees them in one language; those that are not asked in it are left out."""
    rows = []
    for item in made.items:
        if item.split != split or lang not in item.order:
            continue
        qids = tuple(item.option_qids[place] for place in item.order[lang])
        subject = made.entities[item.fact.subject_qid].labels[lang].text
        rows.append(
            Shown(
                relation_pid=item.fact.relation_pid,
                question=render_question(made.template(item, lang), subject),
                options=tuple(made.entities[qid].labels[lang].text for qid in qids),
                option_qids=qids,
                gold_index=qids.index(item.fact.object_qid),
            )
        )
    return rows


def is_transfer(made: MadeSet, item: Item) -> bool:
    """Whether one or two of the set's Wikipedias have an article about the subject: what others know, they were told (D11)."""
    return 1 <= len(made.entities[item.fact.subject_qid].wiki_langs) <= MAX_SOURCE_LANGS


def is_attested(made: MadeSet, item: Item) -> bool:
    """Whether every name of an item, in every language, is one that two sources agree on: tier A (D19)."""
    return all(
        made.entities[qid].labels[lang].tier == "A"
        for qid in (item.fact.subject_qid, *item.option_qids)
        for lang in item.langs
    )


#: Configs that are chosen from the main one, and keep its splits.
SELECTED: Mapping[str, Callable[[MadeSet, Item], bool]] = {"transfer": is_transfer, "attested-A": is_attested}


def write(
    out: Path, made: MadeSet, languages: Sequence[str], as_of: str, headline: Collection[str]
) -> dict[str, dict[str, int]]:
    """Write `CONFIG/SPLIT.parquet` under a folder and return the number of rows by config and split.

    Configs are `parallel` (all languages of a fact in a row), each language (one row for each fact asked in it), and
    `transfer`, `attested-A`, `leaky` and `recent` in the layout of `parallel`. A split or config without rows is not
    written. The same items give the same bytes.

    Args:
        out: the folder.
        made: the set.
        languages: codes, in the order of the columns.
        as_of: month up to which the facts were kept current.
        headline: P-ids whose facts count in the headline mean.

    Raises:
        DataError: the folder cannot be written.
    """
    import pyarrow as pa

    counts: dict[str, dict[str, int]] = {}

    def save(config: str, split: str, table: "pa.Table") -> None:
        if table.num_rows:
            counts.setdefault(config, {})[split] = table.num_rows
            write_parquet(out / config / f"{split}.parquet", table)

    for split in SPLITS:
        items = [item for item in made.items if item.split == split]

        def save_flat(lang: str, flat: "pa.Table", split: str = split) -> None:
            save(lang, split, flat)

        parallel = _parallel_table(made, items, languages, as_of, headline, save_flat)
        save("parallel", split, parallel)
        for config, chosen in SELECTED.items():
            save(config, split, parallel.filter(pa.array([chosen(made, item) for item in items], type=pa.bool_())))
    for config, aside in (("leaky", made.leaky), ("recent", made.recent)):
        save(config, "test", _parallel_table(made, aside, languages, as_of, headline))
    order = ("parallel", *languages, *SELECTED, "leaky", "recent")
    return {config: counts[config] for config in order if config in counts}


def _parallel_table(
    made: MadeSet,
    items: Sequence[Item],
    languages: Sequence[str],
    as_of: str,
    headline: Collection[str],
    take_flat: Callable[[str, "pa.Table"], None] = lambda lang, flat: None,
) -> "pa.Table":
    """Return items as one table with all languages; each language's own table is handed on as soon as it is made."""
    import pyarrow as pa
    from pyarrow import compute

    heads = _head_columns(made, items, languages, as_of, headline)
    head = pa.table({name: pa.array(heads[name], type=kind) for name, kind in _head_fields()})
    work = in_parallel(lambda lang: _part_table(made, items, lang), languages, size=len(items), worth=WORTH_PROCESSES)
    parts: dict[str, pa.StructArray] = {}
    for lang, table in zip(languages, work, strict=True):
        asked = pa.array([lang in item.order for item in items], type=pa.bool_())
        parts[lang] = pa.StructArray.from_arrays(
            [column.combine_chunks() for column in table.columns],
            fields=list(table.schema),
            mask=compute.invert(asked),
        )
        flat = head.append_column("language", pa.array([lang] * len(items), type=pa.string()))
        for field, column in zip(table.schema, table.columns, strict=True):
            flat = flat.append_column(field, column)
        take_flat(lang, flat.filter(asked))
    return head.append_column("translations", pa.StructArray.from_arrays(list(parts.values()), names=list(parts)))


def _part_table(made: MadeSet, items: Sequence[Item], lang: str) -> "pa.Table":
    import pyarrow as pa

    columns = _part_columns(made, items, lang)
    return pa.table({name: pa.array(columns[name], type=kind) for name, kind in _part_fields()})


def rejects_jsonl(rejects: Iterable[Reject]) -> str:
    """Return the rejects as JSON lines: `fact_id`, `reason`, `detail`."""
    return jsonl({"fact_id": r.fact_id, "reason": r.reason, "detail": r.detail} for r in rejects)
