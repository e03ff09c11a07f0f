"""The shape of `results.json`, schema `xleval.results/1`: no times, and null (never 0) where there is no value."""

from collections.abc import Mapping
from typing import TypedDict

SCHEMA = "xleval.results/1"


class EstimateJson(TypedDict):
    """A value with its interval; `low` and `high` are null where there is none."""

    value: float
    low: float | None
    high: float | None
    n: int
    method: str


class WarningJson(TypedDict):
    """Something a reader must know before using a figure."""

    code: str
    text: str
    languages: list[str]


class PairsJson(TypedDict):
    """A figure for every pair of languages, in the order of the task's languages; null where a pair has none."""

    mean: EstimateJson | None
    matrix: list[list[float | None]]


class LanguageConsistencyJson(TypedDict):
    """In which language the completions are written.

    `headline` is the mean share of the target language among determined words, over completions with at least
    `minimum` of them (`n_below` have fewer); `pooled` the same share over all words of all completions; `by_characters`
    the headline with words weighted by length; `shares` the mean shares of target, english, other and undetermined over
    completions with words. `response_pass_rate` is the share of the `n_judged` completions without a sentence in another
    language, `off_target_rate` the share whose most frequent language is another one, `excluded_share` the mean share of
    letters that were no words.
    """

    headline: EstimateJson | None
    pooled: float | None
    by_characters: float | None
    n_below: int
    minimum: int
    n_without_words: int
    shares: dict[str, float]
    response_pass_rate: float | None
    n_judged: int
    off_target_rate: float | None
    excluded_share: float | None


class PositionsJson(TypedDict):
    """What the place of an option does, where options are shown in several rotations.

    `chosen` are the shares in which the option at each place is chosen, over all rotations: without a liking for a place
    they are equal. `accuracy` is that of each rotation alone, `changed` the share of items whose choice is not the same
    in all rotations.
    """

    chosen: list[float]
    accuracy: list[float]
    changed: float
    n: int


class LanguageRow(TypedDict):
    """One language of one task. Shares and accuracies are fractions in [0, 1].

    `n` counts items and `n_draws` the completions of each; `n_unscored` counts completions. With several completions
    `accuracy` is mean@k, `pass_at` maps k to the probability that one of k is right, and `majority` is maj@k.
    `bounds` are the accuracies if all unscored answers were wrong or right, where more than 1 % are.
    `extraction_paths` counts the rules by which answers were found; `correct_in_language` is the share of completions
    that are right and in the language asked for.
    """

    lang: str
    n: int
    n_draws: int
    n_unscored: int
    unscored_reasons: dict[str, int]
    accuracy: EstimateJson | None
    bounds: list[float] | None
    by_normalisation: dict[str, float | None]
    chance: float | None
    positions: PositionsJson | None
    pass_at: dict[str, EstimateJson | None]
    majority: EstimateJson | None
    truncated: float | None
    unparsed: float | None
    extraction_paths: dict[str, int]
    correct_in_language: EstimateJson | None
    finished_only: EstimateJson | None
    mean_tokens: float | None
    mean_chars: float | None
    language_consistency: LanguageConsistencyJson | None


class MeanJson(TypedDict):
    """A mean over named languages, each with the same weight."""

    name: str
    languages: list[str]
    accuracy: EstimateJson | None


class GroupJson(TypedDict):
    """Accuracy by one fact of the items: mean over languages in each group, and mean of the groups (`macro`).

    `clustered` is the mean over these languages with an interval that draws whole groups.
    """

    key: str
    rows: dict[str, dict[str, float | int | None]]
    macro: float | None
    clustered: EstimateJson | None


class WeightedJson(TypedDict):
    """Accuracy in which the values of one key of the items' groups have weights, by language and over all of them.

    Null where a language has no scored item of one of the groups.
    """

    name: str
    key: str
    weights: dict[str, float]
    rows: dict[str, EstimateJson | None]
    mean: EstimateJson | None


class MeanOverTasksJson(TypedDict):
    """Mean of the tasks' mean accuracies over languages, each task with the same weight.

    `left_out` maps a task that is not counted to the reason: its items are another's, or it has no accuracy.
    """

    tasks: list[str]
    languages: list[str]
    left_out: dict[str, str]
    accuracy: EstimateJson | None
    rows: dict[str, float | None]


class CurvePoint(TypedDict):
    """Total consistency over subsets of m of the languages: mean, least and greatest."""

    m: int
    n_subsets: int
    mean: float
    low: float
    high: float


class TotalConsistencyJson(TypedDict):
    """Share of items right in every language of S, with what it must be read beside.

    `accuracy`, `product` and `minimum` are of the same items; `position` is (value - product)/(minimum - product): 0 if
    languages err independently, 1 at the worst language's accuracy. `histogram[k]` counts items right in k languages.
    """

    estimate: EstimateJson | None
    accuracy: float | None
    product: float | None
    minimum: float | None
    position: float | None
    n_items: int
    n_excluded: int
    histogram: list[float]
    curve: list[CurvePoint]


class RankConsistencyJson(TypedDict):
    """RankC, its value for random and for opposite rankings, and rescaled so that these are 0."""

    pairs: PairsJson
    chance: float
    floor: float
    above_chance: float
    above_floor: float
    both_wrong: float | None


class AgreementJson(TypedDict):
    """Same answer in two languages: mean over pairs, split into right and wrong, and Cohen's kappa of the options."""

    pairs: PairsJson
    right: float
    wrong: float
    kappa: float | None


class ConsistencyJson(TypedDict):
    """Consistency over the language set S of the task."""

    languages: list[str]
    total: TotalConsistencyJson
    rankc: RankConsistencyJson | None
    agreement: AgreementJson | None
    overlap: PairsJson
    n_not_aligned: int


class TaskResult(TypedDict):
    """One task of a run."""

    kind: str
    version: int
    n_items: int
    n_scored: int
    n_unscored: int
    languages: list[str]
    primary: str | None
    rows: list[LanguageRow]
    means: list[MeanJson]
    weighted: WeightedJson | None
    order_changes: dict[str, int]
    groups: list[GroupJson]
    consistency: ConsistencyJson | None
    warnings: list[WarningJson]


class Results(TypedDict):
    """The whole of `results.json`."""

    schema: str
    model: str
    seed: int
    ties: str
    resamples: int
    signature: Mapping[str, object]
    tasks: dict[str, TaskResult]
    mean_over_tasks: MeanOverTasksJson | None
