"""Sentences that figures do not carry, each with its reason: `docs/claims.md` in code (research demand D25).

`refused_claims` looks at runs; the other functions look at what one claim needs, and are asked by whoever would print it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from xleval.evalkit.compare.unlike import unlike_settings_of
from xleval.evalkit.results_schema import Results, TaskResult
from xleval.evalkit.results_warnings import near_chance
from xleval.evalkit.shapes import object_of

#: Letter of docs/claims.md -> the sentence as a reader might write it.
CLAIMS: Mapping[str, str] = {
    "a": "This reproduces a published result",
    "b": "This training method is better",
    "c": "The damage is irreversible",
    "d": "It follows a scaling law",
    "e": "The model does not know a fact in a language",
    "f": "The model is consistent across languages",
    "g": "The test set is uncontaminated",
    "h": "The texts are native, human-made or verified",
    "i": "One model wins by the judge's verdicts",
    "j": "One model ranks above another",
    "k": "The model reasons in a language",
    "l": "These neurons or heads cause the behaviour",
    "m": "The gap between languages is the model's",
}

MIN_DELTA_AICC = 4.0
"""A fit leads when every other one has an AICc greater by more than this (research demand D8)."""
MIN_VALUES_FOR_A_LAW = 5
"""Values of k from which a law may be named (research demand D8)."""
MIN_JUDGE_ACCURACY = 0.7
"""Accuracy of a judge on a labelled set of the language, below which it gives no win rate (research demand D6)."""
MIN_JUDGE_LABELS = 30
"""Labelled items of a language below which a judge's accuracy is not known: at 30 its 95 % interval is 33 points wide at 0.7."""
RECOVERY_CONTROLS = ("the same SFT on the base model", "further GRPO with the language reward")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A claim that is not made.

    Attributes:
        claim: the sentence, as a reader might write it.
        reason: why the figures do not carry it.
        letter: of `CLAIMS` and docs/claims.md.
    """

    claim: str
    reason: str
    letter: str


def refused_claims(runs: Sequence[Results]) -> list[Refusal]:
    """Return what must not be said of these runs, in a fixed order; the reasons of one claim stand together.

    Reviewers are read from `signature["reviewed_by"]`, an object of task -> list of names.
    """
    found = [
        Refusal(
            letter="b", claim=CLAIMS["b"],
            reason="these are single checkpoints; a method needs several training seeds per arm",
        ),
        Refusal(letter="g", claim=CLAIMS["g"], reason="a public set may be in any model's training data"),
    ]  # fmt: skip
    for results in runs:
        for task, result in results["tasks"].items():
            model = f" in {results['model']}" if len(runs) > 1 else ""
            found += _task_claims(task, result, results["signature"], model)
    for later in runs[1:]:
        found += ranking(runs[0], later)
    reasons: dict[tuple[str, str], dict[str, None]] = {}
    for refusal in found:
        reasons.setdefault((refusal.letter, refusal.claim), {})[refusal.reason] = None
    return [
        Refusal(letter=letter, claim=claim, reason="; ".join(several)) for (letter, claim), several in reasons.items()
    ]


def _task_claims(task: str, result: TaskResult, signature: Mapping[str, object], model: str) -> list[Refusal]:
    """Return the refusals of one task; `model` says whose figures they are about, where there are several runs."""
    found = []
    reviewed = signature.get("reviewed_by")
    if not (isinstance(reviewed, Mapping) and reviewed.get(task)):
        found.append(_refusal("h", f"{task} is native, human-made or verified", "no reviewer is named for its texts"))
    if result["kind"] == "choice":
        reason = "a choice among options is not recall, and there is no condition in the fact's source language"
        found.append(_refusal("e", f"The model does not know an item of {task} in a language", reason))
    else:
        found += _hidden_reasoning(task, result, signature)
    level = [row["lang"] for row in result["rows"] if near_chance(row)]
    if level:
        reason = f"the interval covers chance in {', '.join(level)}{model}"
        found.append(_refusal("j", f"One language of {task} is ahead of another among these", reason))
    unsure = [row["lang"] for row in result["rows"] if row["bounds"]]
    if unsure:
        reason = f"more than 1 % of the items are unscored in {', '.join(unsure)}{model}"
        found.append(_refusal("j", f"{task} is solved or failed in these languages", reason))
    block = result["consistency"]
    if block and (block["total"]["estimate"] is None or len(level) == len(result["rows"])):
        reason = "no item is scored in all languages" if block["total"]["estimate"] is None else "accuracy is at chance"
        found.append(_refusal("f", f"The model is consistent across languages on {task}", reason + model))
    if object_of(object_of(signature.get("tasks")).get(task)).get("edition") == "original" and task.startswith("mgsm"):
        reason = "the original translations have known errors, more in some languages; use rev2"
        found.append(_refusal("m", f"The gap between languages of {task} is the model's", reason))
    return found


def _hidden_reasoning(task: str, result: TaskResult, signature: Mapping[str, object]) -> list[Refusal]:
    """Refuse to say in which language a model behind a server reasons, where no reasoning came back."""
    backend = object_of(signature.get("model")).get("backend")
    shown = any(
        object_of(object_of(row["language_consistency"]).get("reasoning")) for row in result["rows"]
    )  # a part of its own, where the model separates it
    if backend != "openai" or shown:
        return []
    reason = "the server gave no reasoning apart from its answers: what a model keeps to itself has no language here"
    return [_refusal("k", f"The model reasons on {task} in the language of its answers", reason)]


def ranking(one: Results, other: Results) -> list[Refusal]:
    """Refuse a rank of two runs on every task that they were not asked alike; an empty list where they were."""
    found = []
    for task in sorted(one["tasks"].keys() & other["tasks"].keys()):
        differences = unlike_settings_of(one, other, task, ())
        amounts = [each["tasks"][task]["n_items"] for each in (one, other)]
        if amounts[0] != amounts[1]:
            differences.append(f"items ({amounts[0]} → {amounts[1]}; xleval compare pairs those that both have)")
        if differences:
            more = f" and {len(differences) - 6} more" if len(differences) > 6 else ""
            claim = f"{other['model']} is above or below {one['model']} on {task}"
            found.append(_refusal("j", claim, f"they differ in {'; '.join(differences[:6])}{more}"))
    return found


def reproduction(*, unstated: Collection[str], budget: str, second_hand: bool) -> Refusal | None:
    """Return why a result must not be called reproduced; None where it may.

    Args:
        unstated: settings that the paper does not state.
        budget: of the study: `full` or a smaller one.
        second_hand: whether the figure was read somewhere else than in the paper or its code.
    """
    reasons = [f"the paper does not state {', '.join(sorted(unstated))}"] if unstated else []
    reasons += [f"the budget was {budget}"] if budget != "full" else []
    reasons += ["the published figure is second-hand"] if second_hand else []
    return Refusal(letter="a", claim=CLAIMS["a"], reason="; ".join(reasons)) if reasons else None


def method(seeds: Mapping[str, int], *, untrained: Collection[str] = ()) -> Refusal | None:
    """Return why no training method must be called better; None where every arm has several training seeds.

    Args:
        seeds: arm -> training seeds; two arms or more.
        untrained: arms that are a checkpoint as it is, which has no seeds; at least one arm is another.
    """
    single = sorted(arm for arm, n in seeds.items() if n < 2 and arm not in untrained)
    if len(seeds) >= 2 and not single and not set(seeds) <= set(untrained):
        return None
    found = f"one training seed in {', '.join(single)}" if single else "one arm only"
    return Refusal(letter="b", claim=CLAIMS["b"], reason=f"{found}: these are checkpoints, not the method")


def irreversible(controls: Collection[str]) -> Refusal | None:
    """Return why damage must not be called irreversible; None where both of `RECOVERY_CONTROLS` were run."""
    missing = [control for control in RECOVERY_CONTROLS if control not in controls]
    return Refusal(letter="c", claim=CLAIMS["c"], reason=f"not run: {'; '.join(missing)}") if missing else None


def law(*, delta_aicc: float | None, n_values: int) -> Refusal | None:
    """Return why a fit must not be called a law; None where it leads by enough over enough values of k.

    Args:
        delta_aicc: AICc of the next best fit minus that of the power fit; None where it is not defined.
        n_values: distinct values of k behind the fit.
    """
    reasons = []
    if n_values < MIN_VALUES_FOR_A_LAW:
        reasons.append(f"{n_values} values of k, {MIN_VALUES_FOR_A_LAW} are needed")
    if delta_aicc is None:
        reasons.append("AICc is not defined for so few points")
    elif delta_aicc <= MIN_DELTA_AICC:
        place = f"leads by {delta_aicc:.1f}" if delta_aicc > 0 else f"is {-delta_aicc:.1f} behind another"
        reasons.append(f"in AICc the power fit {place}, a lead of more than {MIN_DELTA_AICC:g} is needed")
    return Refusal(letter="d", claim=CLAIMS["d"], reason="; ".join(reasons)) if reasons else None


def win_rate(lang: str, judge_accuracy: float | None, n_labels: int = 0) -> Refusal | None:
    """Return why a judge's win rate must not be given in a language; None where the judge was validated in it.

    Args:
        lang: code.
        judge_accuracy: on labelled pairs of the language; None where there are none.
        n_labels: how many those are.
    """
    if judge_accuracy is None:
        reason = f"judge not validated in {lang}: no accuracy on a labelled set"
    elif n_labels < MIN_JUDGE_LABELS:
        reason = f"judge not validated in {lang}: {n_labels} labelled items, {MIN_JUDGE_LABELS} are needed"
    elif judge_accuracy < MIN_JUDGE_ACCURACY:
        reason = f"judge not validated in {lang}: accuracy {judge_accuracy:.2f}, {MIN_JUDGE_ACCURACY:g} is needed"
    else:
        return None
    return Refusal(letter="i", claim=CLAIMS["i"], reason=reason)


def mechanism(*, knocked_out: bool, n_seeds: int, not_borne_out: Collection[str] = ()) -> Refusal | None:
    """Return why neurons or heads must not be called causes; None after a knock-out with several training seeds.

    Args:
        knocked_out: whether they were knocked out, on other text than they were chosen by.
        n_seeds: training seeds of the arm that has the fewest.
        not_borne_out: languages to which their own set does not matter more than other sets, or than to other languages.
    """
    reasons = [] if knocked_out else ["they were not knocked out"]
    if not_borne_out:
        reasons.append(f"the knock-out does not bear it out in {', '.join(not_borne_out)}")
    reasons += [] if n_seeds > 1 else ["there is one training seed"]
    return Refusal(letter="l", claim=CLAIMS["l"], reason=" and ".join(reasons)) if reasons else None


def _refusal(letter: str, claim: str, reason: str) -> Refusal:
    return Refusal(letter=letter, claim=claim, reason=reason)
