"""The shape of a judging, schema `xleval.judge/1`: `judge.json` in the folder of `xleval judge`; no times, null for no value.

A win rate is the share of items that the second run wins, ties count as half, both orders are averaged first: .5 is
level, above it favours the second run. All are fractions in [0, 1] unless a unit is given.
"""

from typing import Any, TypedDict

from xleval.evalkit.estimate_schema import EstimateJson

SCHEMA = "xleval.judge/1"
JUDGE = "judge.json"


class RefusalJson(TypedDict):
    """A claim that is not made, with its reason; `letter` of docs/claims.md."""

    letter: str
    claim: str
    reason: str


class JudgedRunJson(TypedDict):
    """A run whose answers are judged: its label in tables, folder, model, and the hash of its samples."""

    label: str
    folder: str
    model: str
    samples_sha256: str


class JudgeModelJson(TypedDict):
    """A judge: as given on the command line, backend, model, fingerprint as of a run, and how it is asked."""

    spec: str
    model: str
    signature: dict[str, Any]


class AgreementJson(TypedDict):
    """Agreement of two sets of verdicts (first, second, tie) on the same items: share of the same, Cohen's kappa, items."""

    n: int
    same: float | None
    kappa: float | None


class AccuracyJson(TypedDict):
    """A judge's accuracy on a labelled set in a language, ties as half, with its interval; `n` items."""

    value: float
    low: float | None
    high: float | None
    n: int


class RowJson(TypedDict):
    """One language of one task by one judge.

    Attributes:
        n: items that both runs were asked: `n_judged`, those in `before` and `n_unscored` together.
        n_judged: items the judge decided in both orders.
        before: decided before the judge saw them: `wrong_language`, `empty`, `truncated` -> [first run, second run, both].
        off_target: share of each run's answers in the wrong language (first, second); null without an answer.
        n_unscored: items that a run did not answer, or without a verdict in both orders that can be read; in no rate.
        reasons: reason -> number of items, of the unscored; an item counts with its first reason.
        wins, ties, losses: of the second run, of judged items and those decided before. After both orders: a win in both,
            or a win and a tie, is a win; a win and a loss is a tie.
        win_rate: with its interval over items; of judged items and those decided before. Null without one.
        win_rate_judged: the same of judged items alone.
        length_controlled: `win_rate` as it would be with judged answers of equal length; null where it cannot be fitted.
        mean_chars: mean length of the answers in characters (first run, second run); null without an answer.
        orders: agreement between the two orders, of judged items.
        first_slot: share of the judge's verdicts, ties left out, for the answer shown first: .5 without a position effect.
        accuracy: of the judge on a labelled set of this language; null where it is unknown.
        validated: whether it is at least `MIN_JUDGE_ACCURACY` on at least `MIN_JUDGE_LABELS` items.
    """

    lang: str
    n: int
    n_judged: int
    before: dict[str, list[int]]
    off_target: list[float | None]
    n_unscored: int
    reasons: dict[str, int]
    wins: int
    ties: int
    losses: int
    win_rate: EstimateJson | None
    win_rate_judged: EstimateJson | None
    length_controlled: EstimateJson | None
    mean_chars: list[float | None]
    orders: AgreementJson
    first_slot: float | None
    accuracy: AccuracyJson | None
    validated: bool


class TaskJson(TypedDict):
    """One task by one judge, by language; `mean` over the validated languages, null where there is none."""

    task: str
    rows: list[RowJson]
    mean: EstimateJson | None
    mean_languages: list[str]


class JudgedByJson(TypedDict):
    """What one judge found."""

    judge: JudgeModelJson
    tasks: list[TaskJson]


class BetweenJson(TypedDict):
    """Agreement of two judges on a task in a language, on items that both decided; `judges` are their specifications."""

    judges: list[str]
    task: str
    lang: str
    agreement: AgreementJson


class JudgeJson(TypedDict):
    """A judging. `runs` are the first and the second one, `prompt` is the version of the question that judges are asked."""

    schema: str
    runs: list[JudgedRunJson]
    prompt: str
    signature: dict[str, Any]
    judges: list[JudgedByJson]
    between: list[BetweenJson]
    refused: list[RefusalJson]
    notes: list[str]
