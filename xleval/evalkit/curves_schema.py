"""The shape of `curves.json`, which `xleval watch` and `xleval train` write and the report draws: `xleval.curves/1`.

A point is one step of a training and one language of prompts. Shares and rates are fractions in [0, 1]; None where
nothing stands behind a figure, never 0. A group is the roll-outs, completions that the trainer sampled, of one prompt at
one step.
"""

from typing import Literal, NotRequired, TypedDict

SCHEMA = "xleval.curves/1"
CURVES = "curves.json"

#: What an early warning is about; docs/watch.md has the rules.
Rule = Literal[
    "ratio-falls-reward-rises", "ratio-below-start", "rewarded-ratio-falls", "answers-get-short", "text-gets-excluded",
    "question-is-copied",
]  # fmt: skip

#: Of a figure. A share is a fraction in [0, 1] and its change a difference of two; all texts write both in per cent.
Unit = Literal["share", "reward", "advantage", "characters", "tokens", "as logged", "count", "step", "standard score"]


class FourSharesJson(TypedDict):
    """Mean shares of all words; they sum to 1 up to rounding."""

    target: float
    english: float
    other: float
    undetermined: float


class WordRatioJson(TypedDict):
    """Word ratio of some roll-outs.

    Attributes:
        n: roll-outs.
        n_below_5: those with fewer than five determined words; in no share but `mean_shares`.
        target_share: the headline: mean over the others of target words / determined words.
        english_share, other_share: likewise; the three sum to 1. With prompts in English, English is the target.
        mean_shares: over all roll-outs that have a word.
    """

    n: int
    n_below_5: int
    target_share: float | None
    english_share: float | None
    other_share: float | None
    mean_shares: FourSharesJson | None


class RatiosJson(TypedDict):
    """Word ratios of one point.

    Attributes:
        all: of every roll-out.
        rewarded: of those whose reward is above `rewarded_above`.
        reinforced: of those with a positive advantage: what the update makes likelier.
    """

    all: WordRatioJson
    rewarded: WordRatioJson
    reinforced: WordRatioJson


class SideJson(TypedDict):
    """Roll-outs written in one language, means: reward, advantage, length in characters and in tokens."""

    n: int
    reward: float | None
    advantage: float | None
    n_chars: float | None
    n_tokens: float | None


class WithinGroupsJson(TypedDict):
    """Target-language against English roll-outs of the same prompt: means over the groups that hold both.

    Attributes:
        n_groups: that hold both.
        target, english: means over these groups of the group's mean; `n` is the number of roll-outs.
    """

    n_groups: int
    target: SideJson
    english: SideJson


class AccuracyJson(TypedDict):
    """Share of right answers among the scored roll-outs; `n_unscored` have no number as right answer and no verdict."""

    value: float | None
    n: int
    n_unscored: int


class PointJson(TypedDict):
    """One step and one language of prompts.

    Attributes:
        step: of the training.
        lang: code of the prompts' language, which is the target.
        n: roll-outs.
        n_rewarded, n_reinforced: of them, reward above `rewarded_above`, advantage above 0; None without rewards or
            advantages.
        word_ratio: over all, rewarded and reinforced roll-outs.
        accuracy: by xleval's extraction where the right answer is a number, else by the trainer's verdict.
        reward, advantage, n_chars, n_tokens: means over the roll-outs that have one.
        in_target, in_english: roll-outs with at least five determined words, most of them in that language.
        within_groups: the two against each other within one prompt.
        n_groups: prompts with at least two roll-outs that have a reward.
        zero_variance_share: share of these whose roll-outs all have the same reward: they teach nothing.
        entropy: mean of the logged entropy.
        excluded_share: mean share of letters that are mathematics, code, names or addresses and not read as words.
        question_copy_rate: share of roll-outs that mostly repeat their prompt.
        truncated_rate: share of roll-outs cut at the length limit, of those where it is known.
    """

    step: int
    lang: str
    n: int
    n_rewarded: int | None
    n_reinforced: int | None
    word_ratio: RatiosJson
    accuracy: AccuracyJson
    reward: float | None
    advantage: float | None
    n_chars: float | None
    n_tokens: float | None
    in_target: SideJson
    in_english: SideJson
    within_groups: WithinGroupsJson
    n_groups: int
    zero_variance_share: float | None
    entropy: float | None
    excluded_share: float | None
    question_copy_rate: float | None
    truncated_rate: float | None


class HeldOutJson(TypedDict):
    """Prompts that are not trained on, asked of the model in training: one step, task and language of prompts.

    Attributes:
        step: optimiser steps done; 0 is before the training.
        lang: code of the prompts' language.
        task: that scores the answers.
        kind: `choice` (the option with the greatest log-probability per byte) or `generation` (one greedy completion).
        accuracy: share of right answers; `n_unscored` had no verdict.
        word_ratio: of the completions; None for a choice.
        n_chars: mean characters of a completion; None for a choice.
        truncated_rate: share of completions cut at the length limit; None for a choice.
    """

    step: int
    lang: str
    task: str
    kind: Literal["choice", "generation"]
    accuracy: AccuracyJson
    word_ratio: WordRatioJson | None
    n_chars: float | None
    truncated_rate: float | None


class WarningJson(TypedDict):
    """An early warning.

    Attributes:
        step: at which the rule first held.
        lang: language of the prompts.
        rule: which.
        message: what was seen, in words and figures with their units.
        figures: of the rule, by name; it compares `change` or `factor`, and `z`. `before` and `after` are medians.
        units: of the figures, by the same names.
        cleared_step: from which the figure was back half of the way; None while the warning stands.
    """

    step: int
    lang: str
    rule: Rule
    message: str
    figures: dict[str, float]
    units: NotRequired[dict[str, Unit]]
    cleared_step: int | None


class CannotWarnJson(TypedDict):
    """Rules that could not hold in some languages of prompts, whatever happened; `reason` says in words what is missing."""

    langs: list[str]
    rules: list[Rule]
    reason: str


class RefusedJson(TypedDict):
    """A claim that the warnings do not carry: letter of docs/claims.md, the sentence, and why it is not said."""

    letter: str
    claim: str
    reason: str


class FileNoteJson(TypedDict):
    """A file that is not simply read: its name in the folder, and why."""

    file: str
    reason: str


class FilesJson(TypedDict):
    """What became of the folder's files.

    Attributes:
        n_read: files behind the points; of `xleval train`, steps.
        damaged: not readable, and in no point.
        waiting: still being written when the curves were made.
        replaced: written anew by a resumed training, or after the step from which it went on: the newest count.
        repeated: files with the same roll-outs as the step before, left out (TRL writes them at every update).
    """

    n_read: int
    damaged: list[FileNoteJson]
    waiting: list[FileNoteJson]
    replaced: list[FileNoteJson]
    repeated: list[str]


class RejectedJson(TypedDict):
    """Rows that could not be used: how many, and the first of them with their reasons."""

    n: int
    first: list[FileNoteJson]


class CurvesJson(TypedDict):
    """The whole file.

    Attributes:
        schema: `xleval.curves/1`.
        xleval: version that wrote it.
        source: `trl` or `verl` whose files were read, or `xleval`: measured by `xleval train` itself.
        name: of the folder, or of the recipe.
        languages: codes of the prompts' languages, sorted.
        reward_columns: whose sum is the reward; empty without one.
        advantage: `given` by the trainer, computed `from rewards`, or `none`.
        rewarded_above: a roll-out with a greater reward is rewarded.
        detector: what told the languages: `first` (that of all other results) or `second`.
        warning_options: the thresholds of the rules.
        points: by step, then language.
        warnings: by step, then language.
        cannot_warn: what no warning can be expected of; empty where every rule was looked for in every language.
        refused: what must not be read out of the warnings, to be shown with them; empty without warnings.
        held_out: by step, task, then language; where `xleval train` asked held-out prompts.
        units: of the points' figures, by name; in a nested object a number has the unit of its name or of the object.
        files, rejected: what was not read.
        notes: what a reader must know, in words.
    """

    schema: str
    xleval: str
    source: str
    name: str
    languages: list[str]
    reward_columns: list[str]
    advantage: str
    rewarded_above: float
    detector: str
    warning_options: dict[str, float]
    points: list[PointJson]
    warnings: list[WarningJson]
    cannot_warn: NotRequired[list[CannotWarnJson]]  # these three: in every file since 2026-11-21
    refused: NotRequired[list[RefusedJson]]
    units: NotRequired[dict[str, Unit]]
    held_out: NotRequired[list[HeldOutJson]]
    files: FilesJson
    rejected: RejectedJson
    notes: list[str]
