"""Sentences that the figures of a report do not carry, each with its reason (research demand D25)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xleval.data.storage import differing_keys
from xleval.evalkit.results_schema import Results, TaskResult
from xleval.evalkit.results_warnings import near_chance

# Parts of a signature that say which model ran and how, not what was asked of it: they may differ between runs.
_MODEL_KEYS = ("model", "backend", "fingerprint", "command", "seed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A claim that the report does not make.

    Attributes:
        claim: the sentence, as a reader might write it.
        reason: why the figures do not carry it.
    """

    claim: str
    reason: str


def refused_claims(runs: Sequence[Results]) -> list[Refusal]:
    """Return what must not be said of these runs, in a fixed order.

    Reviewers are read from `signature["reviewed_by"]`, an object of task -> list of names.
    """
    found = [
        Refusal(
            claim="This training method is better",
            reason="these are single checkpoints; a method needs several training seeds per arm",
        ),
        Refusal(claim="The test set is uncontaminated", reason="a public set may be in any model's training data"),
    ]
    for results in runs:
        for task, result in results["tasks"].items():
            model = f" in {results['model']}" if len(runs) > 1 else ""
            for refusal in _task_claims(task, result, results["signature"], model):
                if refusal not in found:
                    found.append(refusal)
    return found + _comparison_claims(runs)


def _task_claims(task: str, result: TaskResult, signature: Mapping[str, object], model: str) -> list[Refusal]:
    """Return the refusals of one task; `model` says whose figures they are about, where there are several runs."""
    found = []
    reviewed = signature.get("reviewed_by")
    if not (isinstance(reviewed, Mapping) and reviewed.get(task)):
        reason = "no reviewer is named for its texts"
        found.append(Refusal(claim=f"{task} is native, human-made or verified", reason=reason))
    if result["kind"] == "choice":
        reason = "a choice among options is not recall, and there is no condition in the fact's source language"
        found.append(Refusal(claim=f"The model does not know an item of {task} in a language", reason=reason))
    level = [row["lang"] for row in result["rows"] if near_chance(row)]
    if level:
        reason = f"the interval covers chance in {', '.join(level)}{model}"
        found.append(Refusal(claim=f"One language of {task} is ahead of another among these", reason=reason))
    unsure = [row["lang"] for row in result["rows"] if row["bounds"]]
    if unsure:
        reason = f"more than 1 % of the items are unscored in {', '.join(unsure)}{model}"
        found.append(Refusal(claim=f"{task} is solved or failed in these languages", reason=reason))
    block = result["consistency"]
    if block and (block["total"]["estimate"] is None or len(level) == len(result["rows"])):
        reason = "no item is scored in all languages" if block["total"]["estimate"] is None else "accuracy is at chance"
        found.append(Refusal(claim=f"The model is consistent across languages on {task}", reason=reason + model))
    if task == "mgsm" and signature.get("mgsm_version") == "original":
        reason = "the original translations have known errors, more in some languages; use rev2"
        found.append(Refusal(claim="The gap between languages of mgsm is the model's", reason=reason))
    return found


def _comparison_claims(runs: Sequence[Results]) -> list[Refusal]:
    """Refuse ranks of runs that were not asked the same."""
    found = []
    for later in runs[1:]:
        differences = unlike_settings(runs[0], later)
        if differences:
            reason = f"they differ in {'; '.join(differences[:6])}"
            found.append(Refusal(claim=f"{later['model']} is above or below {runs[0]['model']}", reason=reason))
    return found


def unlike_settings(one: Results, other: Results) -> list[str]:
    """Return in what, apart from the model, two runs differ, so that their figures must not be ranked."""
    asked = [
        {key: value for key, value in results["signature"].items() if not key.startswith(_MODEL_KEYS)}
        for results in (one, other)
    ]
    differences = differing_keys(asked[0], asked[1])
    if one["ties"] != other["ties"]:
        differences.append(f"ties ({one['ties']} → {other['ties']})")
    for task in sorted(one["tasks"].keys() & other["tasks"].keys()):
        for key in ("version", "languages", "primary", "n_items"):
            before, after = dict(one["tasks"][task])[key], dict(other["tasks"][task])[key]
            if before != after:
                differences.append(f"{task} {key}")
    return differences
