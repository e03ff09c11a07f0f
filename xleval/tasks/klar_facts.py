"""The facts of KLAR's files, in the wording that is asked, checked against each other across languages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from xleval.data.rows import Row, read_rows
from xleval.errors import DataError
from xleval.evalkit.task import TaskItem
from xleval.tasks.item_order import in_turn
from xleval.tasks.language_files import need_folder, nothing_in

#: from 0; the one that the study asks
PUBLISHED_TEMPLATE = 1
_LAYOUT = "LANG/RELATION.json"
_SUBJECT, _MASK = "<subject>", "<mask>"

#: Makes the text that is asked from a template.
Cut = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fact:
    """An item, where it stands, and what it is in English, as far as its file says."""

    item: TaskItem
    place: str
    english: tuple[str, str] | None


def as_published(template: str) -> str:
    """Return a template as the study asks it: without its mask, with what stands after it."""
    return template.replace(f" {_MASK}", "").replace(_MASK, "").rstrip()


def before_mask(template: str) -> str:
    """Return a template up to its mask, where an option follows."""
    return template.partition(_MASK)[0].rstrip()


def load(
    folder: Path | None,
    languages: Sequence[str],
    templates: Sequence[int] = (PUBLISHED_TEMPLATE,),
    cut: Cut = as_published,
) -> dict[str, list[TaskItem]]:
    """Return the facts by language, the first of every relation and template, then the second of each, and so on.

    Args:
        folder: holds `LANG/RELATION.json`.
        languages: codes; one without files is absent from the result.
        templates: places of the templates that are asked, from 0; of a relation with fewer, the place modulo their number.
        cut: makes the text that is asked from a template.

    Raises:
        DataError: no folder, no file, a broken row, or an item that is not the same in two languages; files and rows are named.
    """
    root = need_folder(folder, "klar", _LAYOUT)
    found: dict[str, list[TaskItem]] = {}
    first: dict[str, _Fact] = {}
    for lang in languages:
        facts = [fact for path in sorted(root.glob(f"{lang}/*.json")) for fact in _read(path, lang, templates, cut)]
        for fact in facts:
            _check_same(fact, first.setdefault(fact.item.item_id, fact))
        if facts:
            found[lang] = [fact.item for fact in facts]
    if not found:
        raise nothing_in(root, "klar", _LAYOUT, languages)
    return in_turn(found, "relation", "template_id")


def _read(path: Path, lang: str, places: Sequence[int], cut: Cut) -> list[_Fact]:
    whole = read_rows(path)[0]
    templates, samples = whole.get("prompt_templates"), whole.get("samples")
    if not isinstance(templates, list) or not templates or not isinstance(samples, list):
        raise DataError(f"{path}: prompt_templates and samples must be lists, the first one not empty")
    for template in templates:
        if not isinstance(template, str) or _SUBJECT not in template or _MASK not in template:
            raise DataError(f"{path}: found the template {template!r}; each needs {_SUBJECT} and {_MASK}")
    asked = list(dict.fromkeys(place % len(templates) for place in places))
    if unlike := [number for number, values in enumerate(samples, start=1) if not isinstance(values, dict)]:
        raise DataError(
            f"{path}, sample {unlike[0]}: an object with subject, object, object_candidates and index is needed"
        )
    rows = [
        replace(whole, place=f"{path}, sample {number}", values=values)
        for number, values in enumerate(samples, start=1)
    ]
    property_id = str(whole.values.get("relation_id") or "")
    return [
        _fact(
            row,
            lang,
            path.stem,
            property_id,
            suffix=f"-t{place}" if len(places) > 1 else "",
            place=str(place),
            text=cut(templates[place]),
        )
        for place in asked
        for row in rows
    ]


def _fact(
    row: Row, lang: str, relation: str, property_id: str, *, suffix: str, place: str, text: str
) -> _Fact:  # fmt: skip
    subject, gold = row.text("subject"), row.text("object")
    candidates = tuple(name.strip() for name in row.text("object_candidates").split(", "))
    if gold not in candidates or len(set(candidates)) != len(candidates) or len(candidates) < 2:
        raise DataError(
            f"{row.place}, column object_candidates: found {', '.join(candidates)}; two or more different names are needed, "
            f"{gold} among them"
        )
    english = _english(row, lang)
    return _Fact(
        item=TaskItem(
            item_id=f"{relation}-{row.text('index')}{suffix}",
            question=text.replace(_SUBJECT, subject),
            gold=gold,
            choices=candidates,
            choice_ids=tuple(f"candidate {number}" for number in range(1, len(candidates) + 1)),
            gold_index=candidates.index(gold),
            groups={"relation": relation, "template_id": place},
            fact=(property_id, english[0]) if property_id and english else None,
        ),
        place=row.place,
        english=english,
    )


def _english(row: Row, lang: str) -> tuple[str, str] | None:
    """Return subject and answer in English; None where the row does not say both."""
    if lang == "en":
        return row.text("subject"), row.text("object")
    names = str(row.values.get("subject_en") or ""), str(row.values.get("object_en") or "")
    return names if all(names) else None


def _check_same(fact: _Fact, other: _Fact) -> None:
    if fact.english and other.english and fact.english != other.english:
        raise DataError(
            f"{fact.place} and {other.place} are both {fact.item.item_id}, but about {' – '.join(fact.english)} and "
            f"{' – '.join(other.english)}; use files of one version"
        )
    if len(fact.item.choices) != len(other.item.choices):
        raise DataError(
            f"{fact.place} has {len(fact.item.choices)} candidates, {other.place} has {len(other.item.choices)}: they are "
            "joined by position, so the same number is needed"
        )
