"""Checks that need all rows of a language at once: repeated facts and names, answers that are too frequent."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import repeat

from xleval.polyfact.lint.mentions import name_of
from xleval.polyfact.lint.records import Row
from xleval.polyfact.lint.view import MANY, Outcome, SetHit, View, gold_key

#: Largest share of a relation's items with the same answer (the published set's cap).
TOP_ANSWER = 0.40
_MANY_ITEMS = 600
#: Sources of names that `labels.choose_names` and the embedded graph write; anything else is nobody's name.
ATTESTED = frozenset({"label", "variant", "converted", "mul", "sitelink", "alias", "cldr", "cldr-derived"})


class _Golds(dict[object, str]):
    """The first gold of each key, and of the keys that have more than one all of them."""

    def __init__(self) -> None:
        self.several: dict[object, set[str]] = {}

    def note(self, key: object, gold: str) -> None:
        """Add a gold."""
        if (first := self.setdefault(key, gold)) != gold:
            self.several.setdefault(key, {first}).add(gold)


def several_golds(view: View) -> Outcome:
    """Class 3; items about things of different kinds are told apart by their questions (the state, the province Canada)."""
    by_question, by_name, subjects = _Golds(), _Golds(), _Golds()
    for index, row in enumerate(view.rows):
        gold = gold_key(row)
        by_question.note(view.questions[index].folded, gold)
        if row.subject and row.relation:
            key = (row.relation, row.kind, view.subjects[index].folded)
            by_name.note(key, gold)
            subjects.note(key, row.subject_id)

    def look(index: int, row: Row) -> tuple[str, str] | None:
        golds = by_question.several.get(view.questions[index].folded)
        if golds:
            return row.question, f"{len(golds)} items with this question have different golds"
        key = (row.relation, row.kind, view.subjects[index].folded)
        if row.subject and key in subjects.several and key in by_name.several:
            n = len(subjects.several[key])
            return row.question, f"{n} subjects are called {row.subject!r} and have different golds"
        return None

    if not by_question.several and not by_name.several:
        return Outcome(checked=len(view.rows))
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
    return row.option_ids[place] if row.option_ids else name_of(row.options[place]).folded


def two_names(view: View) -> Outcome:
    """Class 20."""
    rows = [index for index, row in enumerate(view.rows) if row.option_ids]
    if not rows:
        return Outcome(checked=0, missing="Q-ids of the options (column 'option_ids')")
    shown: Counter[tuple[str, str, str]] = Counter()
    for index in rows:
        row = view.rows[index]
        shown.update(zip(repeat(row.relation), row.option_ids, row.options))
    names: dict[str, Counter[str]] = defaultdict(Counter)
    owners: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for (relation, qid, text), n in shown.items():
        names[qid][text] += n
        owners[relation, name_of(text).folded][qid] += n
    wrong: dict[tuple[str, str, str], str] = {}
    for relation, qid, text in shown:
        if (other := _more_usual(names[qid], text)) is not None:
            wrong[relation, qid, text] = f"{qid} is {other!r} elsewhere"
        elif (other := _more_usual(owners[relation, name_of(text).folded], qid)) is not None:
            wrong[relation, qid, text] = f"{qid} and {other} have this name"

    def look(_: int, row: Row) -> tuple[str, str] | None:
        for qid, text in zip(row.option_ids, row.options, strict=True):
            if why := wrong.get((row.relation, qid, text)):
                return text, why
        return None

    return view.each(look, rows) if wrong else Outcome(checked=len(rows))


def _more_usual(counts: Counter[str], one: str) -> str | None:
    """Return another value that is at least as frequent, or None."""
    if len(counts) < 2:
        return None
    others = [(n, value) for value, n in counts.items() if value != one and n >= counts[one]]
    return max(others)[1] if others else None


def duplicates(view: View) -> Outcome:
    """Class 25: the second and later ones of equal facts; subjects and pairs of items on two sides of the splits."""
    seen: dict[object, int] = {}
    repeated = Counter(form.folded for form in view.questions)
    across = _on_two_sides(view)

    def look(index: int, row: Row) -> tuple[str, str] | None:
        for key in _identities(view, index, row, repeated):
            first = seen.setdefault(key, index)
            if first != index:
                return row.question, f"the same as {view.rows[first].place}"
        for key in (row.subject_id, _pair(row)) if across else ():
            if key in across:
                named = key if isinstance(key, str) else " and ".join(sorted(key))
                return row.question, f"{named}: in {' and '.join(sorted(across[key]))}"
        return None

    return view.each(look)


def side_of(split: str) -> str:
    """Return train, validation or test: tests may share what they ask about with each other only."""
    return "test" if split.startswith("test") else split


def _on_two_sides(view: View) -> dict[str | frozenset[str], set[str]]:
    """Return the subjects and pairs of items that are on more than one side, with the splits they are in."""
    splits: dict[str | frozenset[str], set[str]] = defaultdict(set)
    if len({side_of(row.split) for row in view.rows}) > 1:
        for row in view.rows:
            if row.subject_id:
                splits[row.subject_id].add(row.split)
            if row.subject_id and row.object_id:
                splits[_pair(row)].add(row.split)
    return {key: found for key, found in splits.items() if len(set(map(side_of, found))) > 1}


def _pair(row: Row) -> frozenset[str]:
    return frozenset((row.subject_id, row.object_id))


def _identities(view: View, index: int, row: Row, repeated: Mapping[str, int]) -> Iterable[object]:
    if row.subject_id and row.object_id:
        yield row.subject_id, row.relation, row.object_id
    else:
        yield row.item_id
    question = view.questions[index].folded
    if repeated[question] > 1:
        # Options too: tasks such as "which of these is right?" repeat their question.
        yield question, *sorted(name_of(text).folded for text in row.options)


def unattested(view: View) -> Outcome:
    """Class 17, as far as the set's own columns tell."""

    def look(_: int, row: Row) -> tuple[str, str] | None:
        if row.label_sources:
            other = [source for source in row.label_sources if source not in ATTESTED]
            return (" | ".join((row.subject, *row.options)), f"source {other[0]!r}") if other else None
        verified, languages = row.n_verified or 0, row.n_langs or view.across.n_langs[row.item_id]
        return (row.question, f"attested in {verified} of {languages} languages") if verified < languages else None

    rows = [index for index, row in enumerate(view.rows) if row.label_sources or row.n_verified is not None]
    outcome = view.each(look, rows)
    return outcome if rows else Outcome(checked=0, missing="columns 'label_sources' or 'n_langs_verified'")


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
