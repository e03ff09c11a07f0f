"""One figure of one run: a measure of a task over named languages, as `results.json` has it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from xleval.evalkit.results_schema import EstimateJson, LanguageRow, TaskResult
from xleval.evalkit.trained_items import TRAINED_FACT

#: What a figure is; all but `mean tokens` are fractions in [0, 1].
Measure = Literal[
    "accuracy", "right in all languages", "RankC", "right and in language", "in language", "in English", "off target",
    "cut", "unscored", "mean tokens", "on training facts", "on other facts",
]  # fmt: skip
#: Which detector of languages the figures of a study are by: the same in all arms (D5).
Detector = Literal["first", "second"]


def figure_of(
    result: TaskResult, langs: Sequence[str], measure: Measure, detector: Detector = "first"
) -> EstimateJson | None:
    """Return a measure of a task of one run, the mean over languages; None where one of them has no value.

    The interval is that of the results where they have one for these languages. Else its ends are the means of the
    languages' ends: at least as wide as the interval of the mean, as languages answer the same items.

    Args:
        result: the task.
        langs: codes; those that the task does not have are not counted, and empty is all of the task.
        measure: what is measured. `in English` leaves English out, where it is the language asked for; `on training facts`
            and `on other facts` are accuracy by `trained_fact` of the items.
        detector: of `in language` and `off target`.
    """
    if measure in ("right in all languages", "RankC"):
        return _over_all(result, langs, measure)
    if measure in _TRAINED:
        return _by_training(result, langs, _TRAINED[measure])
    members = [row for row in result["rows"] if not langs or row["lang"] in langs]
    if measure == "in English":
        members = [row for row in members if row["lang"] != "en"]
    codes = {row["lang"] for row in members}
    for mean in result["means"]:
        if measure == "accuracy" and len(codes) > 1 and set(mean["languages"]) == codes:
            return mean["accuracy"]
    found = [_of_row(row, measure, detector) for row in members]
    known = [each for each in found if each is not None]
    return mean_over_languages(known) if known and len(known) == len(found) else None


def mean_over_languages(found: Sequence[EstimateJson]) -> EstimateJson:
    """Return the mean of figures in several languages with an interval that is at least wide enough; see `figure_of`."""
    if len(found) == 1:
        return found[0]
    lows = [each["low"] for each in found if each["low"] is not None]
    highs = [each["high"] for each in found if each["high"] is not None]
    whole = len(lows) == len(highs) == len(found)
    return EstimateJson(
        value=sum(each["value"] for each in found) / len(found),
        low=sum(lows) / len(lows) if whole else None,
        high=sum(highs) / len(highs) if whole else None,
        n=min(each["n"] for each in found),
        method="mean of the languages' intervals" if whole else "none",
    )


def alone(value: float | None, n: int) -> EstimateJson | None:
    """Return a value without an interval; None where there is none."""
    return None if value is None else EstimateJson(value=value, low=None, high=None, n=n, method="none")


def _over_all(result: TaskResult, langs: Sequence[str], measure: Measure) -> EstimateJson | None:
    """Return a figure that only a whole set of languages has; RankC also has one for named sets of pairs."""
    block = result["consistency"]
    if block is None:
        return None
    wanted = {lang for lang in block["languages"] if not langs or lang in langs}
    if wanted == set(block["languages"]):
        if measure == "RankC":
            return block["rankc"]["pairs"]["mean"] if block["rankc"] else None
        return block["total"]["estimate"]
    if measure == "RankC":
        return next((each["rankc"] for each in block["means"] if set(each["languages"]) == wanted), None)
    return None


def _by_training(result: TaskResult, langs: Sequence[str], value: str) -> EstimateJson | None:
    """Return accuracy on the items that are, or are not, facts of the training split; over some languages without interval."""
    kinds = result.get("subsets", [])  # runs of earlier versions have none
    kind = next((each for each in kinds if (each["key"], each["value"]) == (TRAINED_FACT, value)), None)
    if kind is None:
        return None
    wanted = {lang: mean for lang, mean in kind["rows"].items() if not langs or lang in langs}
    if wanted.keys() == kind["rows"].keys():
        return kind["accuracy"]
    known = [mean for mean in wanted.values() if mean is not None]
    whole = known and len(known) == len(wanted)
    return alone(sum(known) / len(known) if whole else None, kind["n_items"])


def _of_row(row: LanguageRow, measure: Measure, detector: Detector) -> EstimateJson | None:
    return _ROWS[measure](row, detector)


def _in_language(row: LanguageRow, detector: Detector) -> EstimateJson | None:
    """Return the share of words in the language asked for by one detector, whichever has the headline."""
    written = row["language_consistency"]
    if written is None:
        return None
    if written["headline_detector"] == detector:
        return written["headline"]
    second = written["second_opinion"]
    if second is None:
        return None
    return alone(second["headline" if detector == "second" else "first"], row["n"])


def _off_target(row: LanguageRow, detector: Detector) -> EstimateJson | None:
    written = row["language_consistency"]
    if written is None:
        return None
    if detector == "first":
        return alone(written["off_target_rate"], row["n"])
    second = written["second_opinion"]
    return alone(second["off_target_rate"], row["n"]) if second else None


def _in_english(row: LanguageRow, _: Detector) -> EstimateJson | None:
    written = row["language_consistency"]
    return alone(written["shares"].get("english"), row["n"]) if written and written["shares"] else None


def _unscored(row: LanguageRow, _: Detector) -> EstimateJson | None:
    asked = row["n"] * row["n_draws"]
    return alone(row["n_unscored"] / asked, row["n"]) if asked else None


_TRAINED: Mapping[Measure, str] = {"on training facts": "yes", "on other facts": "no"}
_ROWS: Mapping[Measure, Callable[[LanguageRow, Detector], EstimateJson | None]] = {
    "accuracy": lambda row, _: row["accuracy"],
    "right and in language": lambda row, _: row["correct_in_language"],
    "in language": _in_language,
    "in English": _in_english,
    "off target": _off_target,
    "cut": lambda row, _: alone(row["truncated"], row["n"]),
    "unscored": _unscored,
    "mean tokens": lambda row, _: alone(row["mean_tokens"], row["n"]),
}
