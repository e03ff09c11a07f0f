"""What a reader must know before using a task's figures."""

from collections.abc import Mapping, Sequence

from xleval.data.plurals import counted
from xleval.evalkit.results_schema import LanguageRow, TaskResult, WarningJson
from xleval.evalkit.statistics import minimum_detectable_difference

FEW_ITEMS = 100
TRUNCATED_LIMIT = 0.05


def warnings_of(
    result: TaskResult, *, asked: Sequence[str] = (), tied: Mapping[str, int] | None = None
) -> list[WarningJson]:
    """Return the warnings of one task.

    Args:
        result: the task's results, all but its warnings.
        asked: languages that were asked for; those the task lacks are named.
        tied: language -> scored answers whose options were all tied, so that the rule for ties took the first one.
    """
    rows, found = result["rows"], []
    missing = [lang for lang in asked if lang not in result["languages"]]
    if missing:
        text = f"no samples in {', '.join(missing)}: not part of any figure here"
        found.append(_warning("language-missing", text, missing))
    fewest = min(row["accuracy"]["n"] if row["accuracy"] else 0 for row in rows)
    if result["kind"] == "generation" and not result["n_scored"] and not result["n_unscored"]:
        found.append(_warning("judged", "answers have no verdict of their own: xleval judge compares two runs", []))
    elif fewest < FEW_ITEMS:
        found.append(_few_items(fewest))
    unscored = [row["lang"] for row in rows if row["bounds"]]
    if unscored:
        parts = [f"{row['lang']} {row['bounds'][0]:.1%} to {row['bounds'][1]:.1%}" for row in rows if row["bounds"]]
        text = f"more than 1 % unscored: no verdict, accuracy lies between (all wrong, all right): {'; '.join(parts)}"
        found.append(_warning("unscored", text, unscored))
    chance = [row["lang"] for row in rows if near_chance(row)]
    if chance:
        text = f"the interval covers chance in {', '.join(chance)}: no ranking of these languages and no gain ratio"
        found.append(_warning("near-chance", text, chance))
    cut = [row["lang"] for row in rows if (row["truncated"] or 0.0) > TRUNCATED_LIMIT]
    if cut:
        parts = [f"{row['lang']} {row['truncated']:.0%}" for row in rows if row["lang"] in cut]
        text = f"completions cut at the token limit: {', '.join(parts)}; without an answer they count as wrong"
        found.append(_warning("truncated", text, cut))
    return found + _tied(result, tied or {}) + _consistency_warnings(result)


def near_chance(row: LanguageRow) -> bool:
    """Return whether the interval of a choice accuracy covers the accuracy of drawing options at random."""
    estimate, chance = row["accuracy"], row["chance"]
    if estimate is None or chance is None or estimate["low"] is None or estimate["high"] is None:
        return False
    return estimate["low"] <= chance <= estimate["high"]


def _few_items(n: int) -> WarningJson:
    if n < 1:
        return _warning("few-items", "a language has no scored item", [])
    worst, half = minimum_detectable_difference(n), minimum_detectable_difference(n, discordant=0.5)
    if worst is None or half is None:
        text = f"{counted(n, 'item')} a language: between two runs on them no difference is detectable (two-sided 5 %, 80 % power)"
        return _warning("few-items", text, [])
    worst = max(worst, half)  # of a handful of items half can be the worse
    text = (
        f"{counted(n, 'item')} a language: between two runs on them, differences under {100 * worst:.0f} points in one language "
        f"are not detectable ({100 * half:.0f} where half of the items change; two-sided 5 %, 80 % power)"
    )
    return _warning("few-items", text, [])


def _tied(result: TaskResult, tied: Mapping[str, int]) -> list[WarningJson]:
    langs = [lang for lang, n in tied.items() if n]
    if not langs:
        return []
    where = ", ".join(f"{lang} {tied[lang]}" for lang in langs)
    text = f"{sum(tied.values())} of {result['n_scored']} answers had all options tied ({where}); --ties published took the first"
    return [_warning("ties", text, langs)]


def _consistency_warnings(result: TaskResult) -> list[WarningJson]:
    block = result["consistency"]
    if block is None:
        return []
    found = []
    total = block["total"]
    if total["n_excluded"]:
        of = f"{total['n_excluded']} of {result['n_items']}"
        text = f"{of} items are not scored in every language, so not in total consistency"
        found.append(_warning("incomplete-items", text, []))
    if block["n_not_aligned"]:
        samples = counted(block["n_not_aligned"], "sample has", "samples have")
        text = f"{samples} other options than most languages of their item: not in RankC"
        found.append(_warning("options-differ", text, []))
    return found


def _warning(code: str, text: str, languages: list[str]) -> WarningJson:
    return WarningJson(code=code, text=text, languages=languages)
