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
            across.options[row.item_id].append(_hashes(row))
        if lang == "en":
            across.english[row.item_id] = form_of(row.question).folded
        if numbers := numbers_of(row):
            across.numbers.setdefault(row.item_id, Counter()).update(numbers)


def _hashes(row: Row) -> tuple[int, int]:
    return hash(frozenset(row.option_ids)), hash(row.option_ids[row.gold] if row.gold >= 0 else "")


def option_sets(view: View) -> Outcome:
    """Class 21."""
    rows = [index for index, row in enumerate(view.rows) if row.option_ids and view.across.n_langs[row.item_id] > 1]
    if not rows:
        return Outcome(checked=0, missing="Q-ids of the options in two languages (column 'option_ids')")
    usual: dict[str, tuple[int, int]] = {}

    def look(_: int, row: Row) -> tuple[str, str] | None:
        if row.item_id not in usual:
            usual[row.item_id] = Counter(view.across.options[row.item_id]).most_common(1)[0][0]
        options, gold = _hashes(row)
        if options != usual[row.item_id][0]:
            return " | ".join(row.options), "other options than in most languages"
        return (row.gold_text, "another gold than in most languages") if gold != usual[row.item_id][1] else None

    return view.each(look, rows)


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
