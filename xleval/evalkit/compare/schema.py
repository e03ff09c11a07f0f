"""The shape of a comparison, schema `xleval.compare/1`: what `xleval compare --json` prints; no times, null for no value.

Differences are the second run's figure minus the first run's, as fractions; a positive one favours the second run.
"""

from collections.abc import Mapping
from typing import NotRequired, TypedDict

SCHEMA = "xleval.compare/1"


class CountsJson(TypedDict):
    """What a run has in a language: `n` items, answers that are not scored, and completions cut at the limit.

    Of an arm with several training seeds these are sums over its runs. `truncated` is null for a choice; `reasons` counts
    the unscored answers by reason; `n_tied` are answers that `--ties published` decided alone, as all options were tied.
    """

    n: int
    n_unscored: int
    truncated: int | None
    reasons: dict[str, int]
    n_tied: NotRequired[int]  # always written; files of older versions lack it


class SideJson(TypedDict):
    """One run's figure on the items that both runs scored; `low` and `high` are null where it has no interval.

    `bounds` are the accuracies of all the run's items if its unscored answers were all wrong or all right, where they are
    more than 1 %. `at_chance` says whether the interval (of an arm: that of each of its runs) covers drawing an option at
    random.
    """

    value: float | None
    low: float | None
    high: float | None
    counts: CountsJson
    bounds: list[float] | None
    at_chance: bool


class DifferenceJson(TypedDict):
    """A paired difference, second minus first, over the `n` items that both runs scored.

    `test` and `interval` name the methods. `p` is not adjusted; `p_holm` is, and null for a figure outside the family.
    `first_only` and `second_only` count items that one run alone has right, where scores are binary. `detectable` is the
    least difference that would have been found four times in five: of a language at the strictest level of Holm's
    correction (alpha / languages), of an exploratory figure at 0.05; null where none could have been found.
    """

    value: float
    low: float | None
    high: float | None
    n: int
    p: float
    p_holm: float | None
    test: str
    interval: str
    first_only: int | None
    second_only: int | None
    detectable: float | None


class LanguageComparison(TypedDict):
    """Accuracy in one language: a member of the Holm family.

    `verdict` is `first` or `second` (the run that is right more often), `undecided` (no difference is shown), or `none`
    with the `reason` why nothing can be said.
    """

    lang: str
    chance: float | None
    first: SideJson
    second: SideJson
    difference: DifferenceJson | None
    verdict: str
    reason: str | None


class FigureComparison(TypedDict):
    """An exploratory figure, not adjusted: never a verdict. `key` is stable, `figure` its name in words.

    `languages` are those it is taken over. `first` and `second` are the runs' values on the common items. `reason` says
    why there is no difference, where there is none. `leave_one_out` are the least and greatest difference of a mean over
    languages when any one of them is left out.
    """

    key: str
    figure: str
    languages: list[str]
    first: float | None
    second: float | None
    difference: DifferenceJson | None
    reason: str | None
    leave_one_out: list[float] | None


class OverlapJson(TypedDict):
    """Which items the runs share: those in both, and those in one alone, the first of them by name."""

    n_common: int
    n_first_only: int
    n_second_only: int
    first_only: list[str]
    second_only: list[str]


class TaskComparison(TypedDict):
    """One task of a pair of runs.

    `status` is `compared`, or `unlike` where the runs were not asked or scored alike: `unlike` lists the settings and no
    row has a verdict. `languages` is the set S; `left_out` maps the others to the reason. `family` is the size of the
    Holm family. `text` is the result in sentences, `notes` what must be read beside it; `signatures` are those of the two
    runs' scores.
    """

    task: str
    version: int
    kind: str
    primary: str | None
    status: str
    unlike: list[str]
    languages: list[str]
    left_out: dict[str, str]
    items: OverlapJson
    family: int
    rows: list[LanguageComparison]
    figures: list[FigureComparison]
    text: list[str]
    notes: list[str]
    signatures: list[str]


class PairJson(TypedDict):
    """Two runs, or two arms of several training seeds each, by their labels; `left_out` maps tasks to the reason.

    `seeds` are the training seeds of each arm; 1 and 1 are two checkpoints, about which no method claim is made, and
    1 beside more is a checkpoint that was not trained.
    """

    first: str
    second: str
    seeds: list[int]
    tasks: list[TaskComparison]
    left_out: dict[str, str]


class ComparedRun(TypedDict):
    """A run that was compared: its label, its model, and the arm that it belongs to, where it belongs to one."""

    label: str
    model: str
    arm: str | None
    signature: Mapping[str, object]


class RefusedClaim(TypedDict):
    """A sentence that the figures do not carry, and why; `letter` is its entry in docs/claims.md."""

    letter: str
    claim: str
    reason: str


class Comparison(TypedDict):
    """The whole of a comparison. `refused` are the sentences that its figures do not carry, each with the reason."""

    schema: str
    seed: int
    resamples: int
    alpha: float
    runs: list[ComparedRun]
    pairs: list[PairJson]
    refused: list[RefusedClaim]
