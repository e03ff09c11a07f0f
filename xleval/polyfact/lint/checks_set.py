"""Checks that need all rows of a language at once: repeated facts and names, answers that are too frequent."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from xleval.polyfact.lint.mentions import form_of
from xleval.polyfact.lint.records import Row
from xleval.polyfact.lint.view import MANY, Outcome, SetHit, View, gold_key

#: Largest share of a relation's items with the same answer (the published set's cap).
TOP_ANSWER = 0.40
_MANY_ITEMS = 600
#: Sources of names that `labels.choose_names` and the embedded graph write; anything else is nobody's name.
ATTESTED = frozenset({"label", "variant", "converted", "mul", "sitelink", "alias", "cldr", "cldr-derived"})


def several_golds(view: View) -> Outcome:
    """Class 3."""
    by_question: dict[str, set[str]] = defaultdict(set)
    by_name: dict[tuple[str, str], set[str]] = defaultdict(set)
    subjects: dict[tuple[str, str], set[str]] = defaultdict(set)
    for index, row in enumerate(view.rows):
        by_question[view.questions[index].folded].add(gold_key(row))
        if row.subject and row.relation:
            key = (row.relation, form_of(row.subject).folded)
            by_name[key].add(gold_key(row))
            subjects[key].add(row.subject_id)

    def look(index: int, row: Row) -> tuple[str, str] | None:
        golds = by_question[view.questions[index].folded]
        if len(golds) > 1:
            return row.question, f"{len(golds)} items with this question have different golds"
        key = (row.relation, form_of(row.subject).folded) if row.subject and row.relation else ("", "")
        if len(subjects.get(key, ())) > 1 and len(by_name[key]) > 1:
            return row.question, f"{len(subjects[key])} subjects are called {row.subject!r} and have different golds"
        return None

    return view.each(look)


def concentration(view: View) -> Outcome:
    """Class 5: relations."""
    checked, hits = 0, []
    for relation, places in view.by_relation.items():
        if len(places) >= MANY:
            checked += 1
            counts = Counter(gold_key(view.rows[index]) for index in places)
            key, n = counts.most_common(1)[0]
            if n > TOP_ANSWER * len(places):
                shown = next(view.rows[index].gold_text for index in places if gold_key(view.rows[index]) == key)
                hits.append(SetHit(relation, shown, f"gold of {n} of {len(places)} items ({n / len(places):.0%})"))
    return Outcome(checked=checked, hits=hits, missing="" if checked else f"a relation with {MANY} items or more")


def never_gold(view: View) -> Outcome:
    """Class 6, as far as a set can tell."""
    golds = {
        relation: {_option_key(view.rows[index], view.rows[index].gold) for index in places}
        for relation, places in view.by_relation.items()
        if len(places) >= MANY
    }

    def look(_: int, row: Row) -> tuple[str, str] | None:
        for place, text in enumerate(row.options):
            if place != row.gold and _option_key(row, place) not in golds[row.relation]:
                return text, f"never gold in {row.relation}"
        return None

    rows = [index for index, row in enumerate(view.rows) if row.relation in golds]
    outcome = view.each(look, rows)
    return outcome if rows else Outcome(checked=0, missing=f"a relation with {MANY} items or more")


def _option_key(row: Row, place: int) -> str:
    return row.option_ids[place] if row.option_ids else form_of(row.options[place]).folded


def two_names(view: View) -> Outcome:
    """Class 20."""
    names: dict[str, Counter[str]] = defaultdict(Counter)
    owners: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    rows = [index for index, row in enumerate(view.rows) if row.option_ids]
    if not rows:
        return Outcome(checked=0, missing="Q-ids of the options (column 'option_ids')")
    for index in rows:
        row = view.rows[index]
        for qid, text in zip(row.option_ids, row.options, strict=True):
            names[qid][text] += 1
            owners[row.relation, form_of(text).folded][qid] += 1

    def look(_: int, row: Row) -> tuple[str, str] | None:
        for qid, text in zip(row.option_ids, row.options, strict=True):
            if (other := _more_usual(names[qid], text)) is not None:
                return text, f"{qid} is {other!r} elsewhere"
            if (other := _more_usual(owners[row.relation, form_of(text).folded], qid)) is not None:
                return text, f"{qid} and {other} have this name"
        return None

    return view.each(look, rows)


def _more_usual(counts: Counter[str], one: str) -> str | None:
    """Return another value that is at least as frequent, or None."""
    if len(counts) < 2:
        return None
    others = [(n, value) for value, n in counts.items() if value != one and n >= counts[one]]
    return max(others)[1] if others else None


def duplicates(view: View) -> Outcome:
    """Class 25: the second and later ones of equal facts; pairs of items in two splits."""
    seen: dict[str, int] = {}
    splits: dict[frozenset[str], set[str]] = defaultdict(set)
    for row in view.rows:
        if row.subject_id and row.object_id:
            splits[frozenset((row.subject_id, row.object_id))].add(row.split)

    def look(index: int, row: Row) -> tuple[str, str] | None:
        for key in _identities(view, index, row):
            first = seen.setdefault(key, index)
            if first != index:
                return row.question, f"the same as {view.rows[first].place}"
        pair = frozenset((row.subject_id, row.object_id))
        if row.subject_id and len(found := splits.get(pair, set())) > 1:
            return row.question, f"{' and '.join(sorted(pair))} are in {' and '.join(sorted(found))}"
        return None

    return view.each(look)


def _identities(view: View, index: int, row: Row) -> Iterable[str]:
    if row.subject_id and row.object_id:
        yield f"{row.subject_id}|{row.relation}|{row.object_id}"
    else:
        yield row.item_id
    # Options too: tasks such as "which of these is right?" repeat their question.
    yield "\n".join((view.questions[index].folded, *sorted(form_of(text).folded for text in row.options)))


def unattested(view: View) -> Outcome:
    """Class 17, as far as the set's own columns tell."""

    def look(_: int, row: Row) -> tuple[str, str] | None:
        if row.label_sources:
            other = [source for source in row.label_sources if source not in ATTESTED]
            return (" | ".join((row.subject, *row.options)), f"source {other[0]!r}") if other else None
        verified, languages = row.n_verified or 0, view.across.n_langs[row.item_id]
        return (row.question, f"attested in {verified} of {languages} languages") if verified < languages else None

    rows = [index for index, row in enumerate(view.rows) if row.label_sources or row.n_verified is not None]
    outcome = view.each(look, rows)
    return outcome if rows else Outcome(checked=0, missing="columns 'label_sources' or 'n_langs_verified'")


def missing_language(view: View) -> Outcome:
    """Class 38: items of the set that are not there in this language."""
    across = view.across
    if not across.parallel:
        return Outcome(checked=0, missing="the same items in another language")
    here = {row.item_id for row in view.rows}
    absent = sorted(item for item in across.n_langs if item not in here)
    return Outcome(checked=len(across.n_langs), hits=[SetHit(item, "", f"not there in {view.lang}") for item in absent])


def shortcut(scores: Mapping[str, float], names: Iterable[str], chance: float, n: int, needed: int) -> Outcome:
    """Classes 4 and 35: guessers without a model that do better than they may.

    Args:
        scores: guesser to accuracy.
        names: guessers of the class.
        chance: accuracy of a blind guess.
        n: items.
        needed: items without which nothing is said.
    """
    from xleval.polyfact.baselines import TOLERANCE

    if n < needed:
        return Outcome(checked=0, missing=f"{needed} items")
    limit = chance + TOLERANCE
    margin = 0.0 if n >= _MANY_ITEMS else 1.645 * (limit * (1 - limit) / n) ** 0.5  # E13: one-sided, 5 %
    hits = [
        SetHit(name, f"{scores[name]:.3f}", f"chance {chance:.3f}, limit {limit + margin:.3f} at {n} items")
        for name in names
        if scores[name] > limit + margin
    ]
    return Outcome(checked=len(tuple(names)), hits=hits)
