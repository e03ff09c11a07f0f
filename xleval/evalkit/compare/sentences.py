"""A comparison in sentences, as the result section of a paper would have them: who, where, how much, how surely."""

from collections.abc import Iterable, Sequence
from typing import Literal

from xleval.data.plurals import counted
from xleval.evalkit.compare.schema import DifferenceJson, FigureComparison, LanguageComparison, TaskComparison
from xleval.evalkit.sentences import in_hundredths, percent

_SIDES: tuple[Literal["first", "second"], ...] = ("first", "second")
TIED = "had all options tied"  # the reason of a language that `--ties published` decided too much of
_DETAILED = 4  # undecided languages up to which each has its figures in the text; the table has them all


def sentences(found: TaskComparison, first: str, second: str) -> list[str]:
    """Return the result of one task, one sentence or two an entry.

    Args:
        found: the comparison, all but its text.
        first, second: what the sides are called.
    """
    if found["status"] == "unlike":
        text = f"No verdict on {found['task']}: the runs were not asked or scored alike. They differ in "
        return [f"{text}{'; '.join(found['unlike'])}."]
    rows = found["rows"]
    return [_result(found, first, second), *_no_verdict(rows, first, second), *_over_languages(rows, found["figures"])]


def notes(found: TaskComparison, first: str, second: str, *, seeds: tuple[int, int], alpha: float) -> list[str]:
    """Return what must be read beside the result of one task: what it is about, and what is not in it.

    Args:
        found: the comparison, all but its text.
        first, second: what the sides are called.
        seeds: training seeds of each; 1 and 1 are two checkpoints, 1 beside more one that was not trained.
        alpha: level of the verdicts.
    """
    beside = _beside(found, first, second)
    if found["status"] == "unlike":
        return beside
    about = "These are two checkpoints: the sentences are about them, on these items, not about how they were trained."
    if seeds != (1, 1):
        named = [f"{n} of {name}" for n, name in zip(seeds, (first, second), strict=True) if n > 1]
        about = f"Intervals and p are over training seeds ({', '.join(named)}), then items."
        if 1 in seeds:
            base = first if seeds[0] == 1 else second
            about += f" {base} is one checkpoint, taken as it is: it was not trained here and has no seeds."
    family = f"A verdict is a Holm p of at most {alpha:g} over {counted(found['family'], 'language')} of this task; "
    level = f"{alpha:g}/{found['family']}, the strictest level of that correction"
    return [
        about,
        f"{family}other tasks and other pairs of runs are families of their own.",
        f"Differences are {second} − {first}; beside a winner in the text they are its lead.",
        f"Detectable is the least difference that the test finds 4 times in 5 at {level}.",
        *beside,
    ]


def without_value(figures: Sequence[FigureComparison]) -> list[str]:
    """Return the sentence on figures that no item has a value of in both runs, the languages of each together."""
    langs: dict[str, list[str]] = {}
    for each in figures:
        name = each["figure"].partition(", ")[0]
        langs.setdefault(name, []).extend(lang for lang in each["languages"] if lang not in langs.get(name, ()))
    named = "; ".join(f"{name} ({', '.join(where)})" for name, where in langs.items())
    return [f"No item has these in both runs, so they have no row: {named}."] if named else []


def points(value: float, digits: int = 1) -> str:
    """Return a difference of fractions in points, with its sign; a true minus sign, and no sign at 0."""
    text = in_hundredths(value, digits, sign=True)
    if float(text) == 0:
        return text[1:]
    return text.replace("-", "\u2212")


def with_interval(difference: DifferenceJson) -> str:
    """Return a difference as `+6.2 [2.1, 10.4]` in points; without brackets where it has no interval."""
    low, high = difference["low"], difference["high"]
    if low is None or high is None:
        return points(difference["value"])
    return f"{points(difference['value'])} [{points(low).removeprefix('+')}, {points(high).removeprefix('+')}]"


def p_value(p: float | None) -> str:
    """Return a p value with three decimals, `<0.001` under them, or a dash without one."""
    if p is None:
        return "–"
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def equals(p: float | None) -> str:
    """Return a p value as `= 0.012` or `< 0.001`."""
    text = p_value(p)
    return text.replace("<", "< ") if text.startswith("<") else f"= {text}"


def short_reason(reason: str | None) -> str:
    """Return why a language has no verdict, as a cell of a table has it."""
    return "all options tied" if reason and TIED in reason else str(reason)


def listed(names: Sequence[str]) -> str:
    """Return names as `de, en and sw`."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def printable(text: str) -> str:
    """Return a name without characters that a terminal would obey."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


def _result(found: TaskComparison, first: str, second: str) -> str:
    rows = found["rows"]
    sizes = sorted({row["difference"]["n"] for row in rows if row["difference"]})
    if not sizes:
        return f"On {found['task']} v{found['version']} nothing could be tested."
    n = f"{sizes[0]} to {sizes[-1]}" if len(sizes) > 1 else str(sizes[0])
    noun = "item" if n == "1" else "items"
    where = f"{noun} of {found['task']} v{found['version']}"
    start = f"On the {n} {where} scored by every run, "
    parts = []
    for verdict, one, other in (("second", second, first), ("first", first, second)):
        there = [row for row in rows if row["verdict"] == verdict]
        if there:
            parts.append(
                f"{one} is right more often than {other} in {listed([_detail(row, verdict) for row in there])}"
            )
    undecided = [row for row in rows if row["verdict"] == "undecided"]
    if undecided:
        parts.append(_undecided(undecided, everywhere=len(undecided) == len(rows)))
    return f"{start}{'; '.join(parts) or 'no language has a verdict'}."


def _undecided(rows: Sequence[LanguageComparison], *, everywhere: bool) -> str:
    names = [_detail(row) if len(rows) <= _DETAILED else row["lang"] for row in rows]
    where = f"in any of the {len(rows)} languages ({', '.join(names)})" if everywhere and len(rows) > _DETAILED else ""
    text = f"no difference is shown {where or f'in {listed(names)}'}"
    least = [row["difference"]["detectable"] for row in rows if row["difference"] and row["difference"]["detectable"]]
    never = [row["lang"] for row in rows if row["difference"] and row["difference"]["detectable"] is None]
    if never:
        text += f", where no difference could have been found in {listed(never)} on so few items"
    if not least:
        return text
    low, high = points(min(least)).removeprefix("+"), points(max(least)).removeprefix("+")
    size = f"{high} points" if low == high else f"{low} to {high} points"
    return (
        f"{text}{' and' if never else ', where'} differences under {size} are too small to be found on this many items"
    )


def _detail(row: LanguageComparison, winner: str = "second") -> str:
    """Return a language with its difference, which is the winner's lead where there is one."""
    difference = row["difference"]
    if difference is None:
        return row["lang"]
    if winner == "first":
        difference = _turned(difference)
    number = with_interval(difference).replace(" [", " points [", 1)
    return f"{row['lang']} ({number if '[' in number else f'{number} points'}, Holm p {equals(difference['p_holm'])})"


def _turned(found: DifferenceJson) -> DifferenceJson:
    """Return the difference first minus second."""
    low, high = (None if end is None else -end for end in (found["high"], found["low"]))
    return {**found, "value": -found["value"], "low": low, "high": high}


def _no_verdict(rows: Iterable[LanguageComparison], first: str, second: str) -> list[str]:
    """Return for each reason the languages that have no verdict for it."""
    reasons: dict[str, list[str]] = {}
    for row in rows:
        if row["verdict"] == "none" and row["reason"]:
            reasons.setdefault(row["reason"], []).append(row["lang"] + _bounds(row, first, second))
    return [f"No verdict in {listed(langs)}: {reason}{_meaning(reason)}." for reason, langs in reasons.items()]


def _meaning(reason: str) -> str:
    return ", so neither a gain nor a rank can be read" if reason == "at chance" else ""


def _bounds(row: LanguageComparison, first: str, second: str) -> str:
    """Return between what the accuracies of a language lie, where too much of it is unscored."""
    parts = [
        f"{label} between {percent(side['bounds'][0])} and {percent(side['bounds'][1])} %"
        for label, side in ((first, row["first"]), (second, row["second"]))
        if side["bounds"]
    ]
    return f" ({', '.join(parts)})" if parts else ""


def _over_languages(rows: Sequence[LanguageComparison], figures: Sequence[FigureComparison]) -> list[str]:
    """Return the sentence on the figures over all languages: exploratory, as nothing is adjusted for them."""
    if all(row["reason"] for row in rows):
        return []  # at chance, or without a test, in every language: their mean says no more
    parts = []
    for figure in figures:
        difference = figure["difference"]
        if figure["key"] in ("mean", "total", "rankc") and difference:
            parts.append(f"{figure['figure']} {with_interval(difference)}, p {equals(difference['p'])}")
    if not parts:
        return []
    unsure = [row["lang"] for row in rows if row["first"]["bounds"] or row["second"]["bounds"]]
    but = f" (in {listed(unsure)} of the scored items alone)" if unsure else ""
    over = listed(figures[0]["languages"])
    return [f"Over {over} together{but}, exploratory and not adjusted, in points: {'; '.join(parts)}."]


def _beside(found: TaskComparison, first: str, second: str) -> list[str]:
    """Return the sentences on what is not compared: answers without a verdict, cut ones, items and languages."""
    said = []
    counts = [[row[side]["counts"] for row in found["rows"]] for side in _SIDES]
    unscored = [sum(each["n_unscored"] for each in side) for side in counts]
    if any(unscored):
        said.append(f"Unscored answers: {unscored[0]} of {first}, {unscored[1]} of {second}.")
    tied = {row["lang"]: [row[side]["counts"].get("n_tied", 0) for side in _SIDES] for row in found["rows"]}
    if any(map(any, tied.values())):
        there = ", ".join(
            f"{lang} {one} of {first} and {two} of {second}" for lang, (one, two) in tied.items() if one or two
        )
        said.append(f"Answers with all options tied, of which --ties published took the first: {there}.")
    cut = [sum(each["truncated"] or 0 for each in side) for side in counts]
    if any(cut):
        said.append(
            f"Completions cut at the limit: {cut[0]} of {first}, {cut[1]} of {second}; without an answer they are wrong."
        )
    items = found["items"]
    for label, n, names in (
        (first, items["n_first_only"], items["first_only"]), (second, items["n_second_only"], items["second_only"])
    ):  # fmt: skip
        if n:
            more = ", …" if n > len(names) else ""
            some = f"{', '.join(printable(name) for name in names)}{more}"
            said.append(f"{counted(n, 'item')} of {label} alone, not compared: {some}.")
    said += [f"Language {lang} is left out: {reason}." for lang, reason in found["left_out"].items()]
    return said
