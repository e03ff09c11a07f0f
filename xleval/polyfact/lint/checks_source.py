"""Checks against the statements and items of a source: what is true, what is tied, what a thing is called."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from xleval.polyfact.kinds import kind_of
from xleval.polyfact.labels import MUL, chain, choose_names
from xleval.polyfact.lint.records import Row
from xleval.polyfact.lint.truth import Truth
from xleval.polyfact.lint.view import Outcome, SetHit, View
from xleval.polyfact.names import fold, strip_parentheses
from xleval.polyfact.records import WikidataEntity

#: Smallest share of subjects with a single value (D17).
SINGLE_VALUED = 0.95
#: Classes above nearly everything, which say nothing about a kind: entity, object, physical object, concrete object …
_EVERYTHING = frozenset(
    {
        "Q35120",
        "Q488383",
        "Q223557",
        "Q4406616",
        "Q58416391",
        "Q7184903",
        "Q16889133",
        "Q99527517",
        "Q58778",
        "Q6671777",
    }
)


def _facts(view: View, truth: Truth) -> tuple[list[int], int]:
    """Return the facts that the source has something to say about, and how many others there are."""
    facts = [i for i, row in enumerate(view.rows) if row.subject_id and row.object_id and row.relation.startswith("P")]
    known = [i for i in facts if truth.speaks_of(view.rows[i])]
    return known, len(facts) - len(known)


def several_values(view: View, truth: Truth) -> Outcome:
    """Class 7."""

    def look(_: int, row: Row) -> tuple[str, str] | None:
        others = truth.values(row.subject_id, row.relation, ended=False) - {row.object_id}
        return (row.question, f"also true: {', '.join(sorted(others)[:5])}") if others else None

    known, unknown = _facts(view, truth)
    return replace(view.each(look, [i for i in known if _stated(view.rows[i], truth)]), unknown=unknown)


def _stated(row: Row, truth: Truth) -> bool:
    return row.object_id in truth.values(row.subject_id, row.relation, ended=True)


def wrong_triple(view: View, truth: Truth) -> Outcome:
    """Class 26; a fact about which the source says nothing is not wrong."""

    def look(_: int, row: Row) -> tuple[str, str] | None:
        if _stated(row, truth):
            return None
        if truth.reversed(row):
            return row.question, f"{row.object_id} {row.relation} {row.subject_id} is stated: the other way round"
        values = truth.values(row.subject_id, row.relation, ended=True)
        return row.question, f"the source has {', '.join(sorted(values)[:5])}"

    known, unknown = _facts(view, truth)
    return replace(view.each(look, known), unknown=unknown)


def true_distractor(view: View, truth: Truth) -> Outcome:
    """Class 37."""

    def look(_: int, row: Row) -> tuple[str, str] | None:
        values = truth.values(row.subject_id, row.relation, ended=True) - {row.object_id}
        wrong = [(qid, text) for qid, text in zip(row.option_ids, row.options, strict=True) if qid in values]
        return (wrong[0][1], f"{wrong[0][0]} is a value of the subject") if wrong else None

    known, unknown = _facts(view, truth)
    return replace(view.each(look, [i for i in known if view.rows[i].option_ids]), unknown=unknown)


def off_type(view: View, truth: Truth) -> Outcome:
    """Class 6 with a source."""

    def look(_: int, row: Row) -> tuple[str, str] | None:
        gold = truth.classes[row.option_ids[row.gold]]
        for qid, text in zip(row.option_ids, row.options, strict=True):
            own = truth.classes.get(qid, frozenset())
            kind = kind_of(own)
            if own and not (own & gold) - _EVERYTHING and not (kind and kind == kind_of(gold)):
                return text, f"{qid} shares no class with the gold {row.option_ids[row.gold]}"
        return None

    with_ids = [i for i, row in enumerate(view.rows) if row.option_ids and row.gold >= 0]
    rows = [i for i in with_ids if truth.classes.get(view.rows[i].option_ids[view.rows[i].gold])]
    return replace(view.each(look, rows), unknown=len(with_ids) - len(rows))


def tied_options(view: View, truth: Truth) -> Outcome:
    """Class 28."""

    def look(_: int, row: Row) -> tuple[str, str] | None:
        ids = row.option_ids
        for place, one in enumerate(ids):
            for later in range(place + 1, len(ids)):
                if one != ids[later] and truth.ties.tied(one, ids[later]):
                    return f"{row.options[place]} | {row.options[later]}", f"{one} and {ids[later]} are tied"
        return None

    with_ids = [i for i, row in enumerate(view.rows) if row.option_ids]
    rows = [i for i in with_ids if sum(qid in truth.entities for qid in view.rows[i].option_ids) > 1]
    return replace(view.each(look, rows), unknown=len(with_ids) - len(rows))


def many_valued_relation(view: View, truth: Truth) -> Outcome:
    """Class 29: relations; one that the set itself keeps out of its mean is left out."""
    counted = {row.relation for row in view.rows if row.headline is not False}
    shares = {pid: share for pid in sorted(counted) if (share := truth.single_valued_share(pid)) is not None}
    hits = [
        SetHit(pid, f"{share:.3f}", f"of the source's subjects have one value, {SINGLE_VALUED} are needed")
        for pid, share in shares.items()
        if share < SINGLE_VALUED
    ]
    return Outcome(checked=len(shares), hits=hits)


def names_in(entity: WikidataEntity, lang: str) -> set[str]:
    """Return every name that a source has for an item in a language, folded, with and without what is in brackets."""
    names = [entity.sitelinks.get(lang, ""), entity.labels.get(MUL, "")]
    for code in chain(lang):
        names += [entity.labels.get(code, ""), *entity.aliases.get(code, ())]
    names += entity.aliases.get(MUL, ())
    if lang == "zh":  # shown in Simplified characters
        own = choose_names(entity, "", (lang,))
        names += own.names(lang)
    return {_read(form) for name in names if name for form in (name, strip_parentheses(name))}


_ALIKE = str.maketrans({"\u00ad": None, "\u2018": "'"})


def _read(name: str) -> str:
    """Return a name as it is compared: folded, one space where there are several, no soft hyphens and ‘ as '."""
    return " ".join(fold(name.translate(_ALIKE)).split())


def label_checks(view: View, truth: Truth) -> tuple[Outcome, Outcome]:
    """Classes 16 and 17 with a source."""
    known: dict[str, set[str]] = {}

    def names(qid: str) -> set[str]:
        if qid not in known:
            known[qid] = names_in(truth.entities[qid], view.lang)
        return known[qid]

    def labels(row: Row) -> Iterable[tuple[str, str]]:
        if row.subject and row.subject_id:
            yield row.subject_id, row.subject
        yield from zip(row.option_ids, row.options, strict=False)  # ids may be absent

    def other_thing(_: int, row: Row) -> tuple[str, str] | None:
        for qid, text in labels(row):
            if qid in truth.entities and names(qid) and _read(text) not in names(qid):
                return text, f"{qid} is {', '.join(sorted(names(qid))[:4])}"
        return None

    def nobody(_: int, row: Row) -> tuple[str, str] | None:
        for qid, text in labels(row):
            if qid in truth.entities and not names(qid):
                return text, f"the source has no name of {qid} in {view.lang}"
        return None

    with_ids = [i for i, row in enumerate(view.rows) if any(qid for qid, _ in labels(row))]
    rows = [i for i in with_ids if any(qid in truth.entities for qid, _ in labels(view.rows[i]))]
    unknown = len(with_ids) - len(rows)
    return replace(view.each(other_thing, rows), unknown=unknown), replace(view.each(nobody, rows), unknown=unknown)


#: Checks that hold for all languages alike: run on one language.
FACT_CHECKS: Mapping[int, Callable[[View, Truth], Outcome]] = {
    6: off_type,
    7: several_values,
    26: wrong_triple,
    28: tied_options,
    29: many_valued_relation,
    37: true_distractor,
}
