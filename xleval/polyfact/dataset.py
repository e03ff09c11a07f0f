"""The files of a set: a superset of the published schema, as Parquet that `datasets`, pandas and lm-eval read."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xleval.data.storage import jsonl, write_atomically
from xleval.polyfact.baselines import Shown
from xleval.polyfact.records import Entity, Fact, Item, Reject
from xleval.polyfact.relations import RELATIONS, Template, render_question
from xleval.polyfact.splits import SPLITS

_OPTION_COLUMNS = ("option_a", "option_b", "option_c", "option_d")


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeSet:
    """A set in memory: what is written, and what was dropped on the way.

    Attributes:
        items: sorted by fact id, with split and orders.
        entities: every subject and option, by Q-id.
        templates_of: the wording of a fact's question, by language.
        rejects: every candidate that is no item.
        candidates: number of statements read, by P-id.
    """

    items: Sequence[Item]
    entities: Mapping[str, Entity]
    templates_of: Callable[[Fact], Mapping[str, Template]]
    rejects: Sequence[Reject]
    candidates: Mapping[str, int]


def translation(item: Item, entities: Mapping[str, Entity], template: Template, lang: str) -> dict[str, Any]:
    """Return one language's part of an item.

    Keys: `question`, `answer_text`, `answer_index` (0 to 3), `option_a` … `option_d`, `option_ids` (Q-ids in the same
    order) as published; `subject_label`, `template_id`, and for subject and each option, in the order shown, the source
    and tier of its label: `label_sources`, `label_tiers` (subject first).
    """
    subject = entities[item.fact.subject_qid].labels[lang]
    qids = [item.option_qids[place] for place in item.order[lang]]
    labels = [entities[qid].labels[lang] for qid in qids]
    index = qids.index(item.fact.object_qid)
    return {
        "question": render_question(template, subject.text),
        "answer_text": labels[index].text,
        "answer_index": index,
        **dict(zip(_OPTION_COLUMNS, (label.text for label in labels), strict=True)),
        "option_ids": qids,
        "subject_label": subject.text,
        "template_id": template.template_id,
        "label_sources": [subject.source, *(label.source for label in labels)],
        "label_tiers": [subject.tier, *(label.tier for label in labels)],
    }


def shown(made: MadeSet, lang: str) -> list[Shown]:
    """Return the items as a guesser sees them in one language."""
    rows = []
    for item in made.items:
        part = translation(item, made.entities, made.templates_of(item.fact)[lang], lang)
        rows.append(
            Shown(
                relation_pid=item.fact.relation_pid,
                question=part["question"],
                options=tuple(part[column] for column in _OPTION_COLUMNS),
                option_qids=tuple(part["option_ids"]),
                gold_index=part["answer_index"],
            )
        )
    return rows


def write(out: Path, made: MadeSet, languages: Sequence[str], as_of: str, headline: Collection[str]) -> None:
    """Write `parallel/SPLIT.parquet` and `LANG/SPLIT.parquet` under a folder; the same items give the same bytes.

    Args:
        out: the folder.
        made: the set.
        languages: codes, in the order of the columns.
        as_of: month up to which the facts were kept current.
        headline: P-ids whose facts count in the headline mean.

    Raises:
        DataError: the folder cannot be written.
    """
    for split in SPLITS:
        members = [item for item in made.items if item.split == split]
        heads = [
            {**_head(item, made.entities, languages, as_of), "headline": item.fact.relation_pid in headline}
            for item in members
        ]
        parts = {
            lang: [translation(item, made.entities, made.templates_of(item.fact)[lang], lang) for item in members]
            for lang in languages
        }
        parallel = [
            {**head, "translations": {lang: parts[lang][index] for lang in languages}}
            for index, head in enumerate(heads)
        ]
        _write_parquet(out / "parallel" / f"{split}.parquet", parallel, _parallel_schema(languages))
        for lang in languages:
            flat = [{**head, "language": lang, **part} for head, part in zip(heads, parts[lang], strict=True)]
            _write_parquet(out / lang / f"{split}.parquet", flat, _flat_schema())


def _head(item: Item, entities: Mapping[str, Entity], languages: Sequence[str], as_of: str) -> dict[str, Any]:
    """Return the columns of an item that do not depend on the language; `subject` and `object` are names for people."""
    name_lang = "en" if "en" in languages else languages[0]
    ends = (entities[item.fact.subject_qid], entities[item.fact.object_qid])
    return {
        "fact_id": item.fact.fact_id,
        "subject": ends[0].labels[name_lang].text,
        "subject_id": item.fact.subject_qid,
        "subject_type": item.subject_kind,
        "relation": RELATIONS[item.fact.relation_pid].name,
        "property_id": item.fact.relation_pid,
        "object": ends[1].labels[name_lang].text,
        "object_id": item.fact.object_qid,
        "n_langs_verified": sum(all(end.labels[lang].tier != "C" for end in ends) for lang in languages),
        "as_of": as_of,
        "changed_after": False,  # a fact that changed since 2018 is left out of the embedded table (D18)
    }


def _part_fields() -> list[tuple[str, Any]]:
    import pyarrow as pa

    strings = pa.list_(pa.string())
    return [
        ("question", pa.string()),
        ("answer_text", pa.string()),
        ("answer_index", pa.int64()),
        *((column, pa.string()) for column in _OPTION_COLUMNS),
        ("option_ids", strings),
        ("subject_label", pa.string()),
        ("template_id", pa.string()),
        ("label_sources", strings),
        ("label_tiers", strings),
    ]


def _head_fields() -> list[tuple[str, Any]]:
    import pyarrow as pa

    names = ("fact_id", "subject", "subject_id", "subject_type", "relation", "property_id", "object", "object_id")
    return [
        *((name, pa.string()) for name in names),
        ("n_langs_verified", pa.int64()),
        ("as_of", pa.string()),
        ("changed_after", pa.bool_()),
        ("headline", pa.bool_()),
    ]


def _flat_schema() -> Any:
    import pyarrow as pa

    return pa.schema([*_head_fields(), ("language", pa.string()), *_part_fields()])


def _parallel_schema(languages: Sequence[str]) -> Any:
    import pyarrow as pa

    part = pa.struct(_part_fields())
    return pa.schema([*_head_fields(), ("translations", pa.struct([(lang, part) for lang in languages]))])


def _write_parquet(path: Path, rows: Sequence[Mapping[str, Any]], schema: Any) -> None:
    import io

    import pyarrow as pa
    from pyarrow import parquet

    from xleval.data.storage import make_folder

    make_folder(path.parent)
    buffer = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(list(rows), schema=schema), buffer, compression="zstd")
    write_atomically(path, buffer.getvalue())


def rejects_jsonl(rejects: Iterable[Reject]) -> str:
    """Return the rejects as JSON lines: `fact_id`, `reason`, `detail`."""
    return jsonl({"fact_id": r.fact_id, "reason": r.reason, "detail": r.detail} for r in rejects)


def label_counts(made: MadeSet, languages: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return, for each language, how many of the set's names come from which source, and the share equal to English."""
    qids = sorted({qid for item in made.items for qid in (item.fact.subject_qid, *item.option_qids)})
    counts: dict[str, dict[str, Any]] = {}
    for lang in languages:
        labels = {qid: made.entities[qid].labels[lang] for qid in qids}
        row: dict[str, Any] = {
            "names": len(labels),
            "sources": dict(sorted(Counter(label.source for label in labels.values()).items())),
            "tiers": dict(sorted(Counter(label.tier for label in labels.values()).items())),
        }
        if "en" in languages:
            same = sum(made.entities[qid].labels["en"].text == label.text for qid, label in labels.items())
            row["identical_to_english"] = round(same / len(labels), 4)
        counts[lang] = row
    return counts


def template_counts(made: MadeSet, languages: Sequence[str]) -> dict[str, Any]:
    """Return how many wordings the set uses, who wrote them, and how many a named person reviewed (D14)."""
    used = {
        (template.template_id, lang): template
        for item in made.items
        for lang, template in made.templates_of(item.fact).items()
    }
    return {
        "wordings": len(used),
        "written_by": dict(sorted(Counter(template.written_by for template in used.values()).items())),
        "reviewed": {
            lang: sum(bool(template.reviewed_by) for (_, found), template in used.items() if found == lang)
            for lang in languages
        },
    }
