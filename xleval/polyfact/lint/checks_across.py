"""What is known of all languages together: option sets, English questions, and where defects gather."""

from collections import Counter
from collections.abc import Mapping, Sequence

from xleval.polyfact.lint.checks_question import numbers_of
from xleval.polyfact.lint.mentions import form_of
from xleval.polyfact.lint.records import Row
from xleval.polyfact.lint.view import Across, Outcome, SetHit, View

_POINTS, _Z = 0.02, 3.0


def collect(across: Across, lang: str, rows: Sequence[Row]) -> None:
    """Add one language to what the checks must know of all."""
    across.languages += 1
    ids = {row.item_id for row in rows}  # a repeated item counts once
    across.parallel = across.parallel or not ids.isdisjoint(across.n_langs)
    across.n_langs.update(ids)
    for row in rows:
        if row.option_ids:
            _note_options(across, row)
        if row.n_langs is not None:
            across.stated[row.item_id] = row.n_langs
        if lang == "en":
            across.english[row.item_id] = form_of(row.question).folded
        if numbers := numbers_of(row):
            across.numbers.setdefault(row.item_id, Counter()).update(numbers)


def _note_options(across: Across, row: Row) -> None:
    """Count the row's options and gold; most items have the same ones in every language."""
    found = _hashes(row)
    first = across.options.setdefault(row.item_id, (*found, 0))
    if found == first[:2]:
        across.options[row.item_id] = (*found, first[2] + 1)
        if row.item_id in across.disputed:
            across.disputed[row.item_id][found] += 1
    else:
        counts = across.disputed.setdefault(row.item_id, Counter({first[:2]: first[2]}))
        counts[found] += 1


def _hashes(row: Row) -> tuple[int, int]:
    return hash(frozenset(row.option_ids)), hash(row.option_ids[row.gold] if row.gold >= 0 else "")


def option_sets(view: View) -> Outcome:
    """Class 21."""
    across = view.across
    rows = [index for index, row in enumerate(view.rows) if row.option_ids and across.n_langs[row.item_id] > 1]
    if not rows:
        return Outcome(checked=0, missing="Q-ids of the options in two languages (column 'option_ids')")

    def look(_: int, row: Row) -> tuple[str, str] | None:
        if row.item_id not in across.disputed:
            return None
        usual = across.disputed[row.item_id].most_common(1)[0][0]
        options, gold = _hashes(row)
        if options != usual[0]:
            return " | ".join(row.options), "other options than in most languages"
        return (row.gold_text, "another gold than in most languages") if gold != usual[1] else None

    return view.each(look, rows)


def missing_language(view: View) -> Outcome:
    """Class 38: items of the set that are not there in this language, though the set does not say that they are not."""
    across = view.across
    if not across.parallel:
        return Outcome(checked=0, missing="the same items in another language")
    here = {row.item_id for row in view.rows}
    absent = sorted(item for item in across.n_langs if item not in here and not _said_to_be_absent(item, across))
    return Outcome(checked=len(across.n_langs), hits=[SetHit(item, "", f"not there in {view.lang}") for item in absent])


def _said_to_be_absent(item: str, across: Across) -> bool:
    """Whether the column `n_langs` allows an item to be absent from a language."""
    stated = across.stated.get(item)
    if stated is None:
        return False
    if across.left_out:  # it may be in languages that were not read
        return stated < across.languages + across.left_out
    return stated == across.n_langs[item]


def uneven(n_items: Mapping[str, int], n_defective: Mapping[str, int]) -> dict[str, Outcome]:
    """Return, for each language, whether its items have more findings than those of the others (class 27).

    Args:
        n_items: language to items.
        n_defective: language to items with a finding of any class.
    """
    outcomes = {}
    for lang, n in n_items.items():
        others = sum(n_items.values()) - n
        if not others or not n:
            outcomes[lang] = Outcome(checked=0, missing="a second language")
            continue
        own = n_defective[lang] / n
        rest = (sum(n_defective.values()) - n_defective[lang]) / others
        pooled = sum(n_defective.values()) / sum(n_items.values())
        error = (pooled * (1 - pooled) * (1 / n + 1 / others)) ** 0.5
        hits = []
        if own - rest >= _POINTS and own - rest > _Z * error:
            hits = [SetHit(lang, f"{own:.1%}", f"of its items have a finding, {rest:.1%} elsewhere")]
        outcomes[lang] = Outcome(checked=1, hits=hits)
    return outcomes
