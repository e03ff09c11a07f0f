"""In what two runs of a task were not asked or scored alike, so that their figures must not be ranked (D9, D13, D22)."""

from collections.abc import Mapping, Sequence

from xleval.data.storage import differing_keys
from xleval.evalkit.results_schema import Results
from xleval.evalkit.shapes import object_of

# Options that decide nothing for a kind of task. `sampling` and `chat` are compared as the task resolved them.
_ELSEWHERE = ("named", "sampling", "chat")
_NOT_FOR = {"choice": ("cot", "reason_prefix", "script_mask"), "generation": ("option_space",)}


def unlike_settings_of(first: Results, second: Results, task: str, languages: Sequence[str]) -> list[str]:
    """Return `setting (first → second)` for each setting of a task that differs; empty where its figures compare.

    What the models are, and what other tasks of the runs were asked, does not count. Neither do how many items were
    asked (`limit`, `shard`): items are paired, and their texts are compared one by one.

    Args:
        first, second: results that both hold the task.
        task: its name.
        languages: those compared, of the language set S that the user named: limits of others do not count. Empty where
            S is all languages of the runs.
    """
    sides = [_asked(results, task, languages) for results in (first, second)]
    found = differing_keys(sides[0], sides[1])
    if _same_amount(first, second, task):
        return found
    return [each for each in found if not each.startswith("items ")]


def _asked(results: Results, task: str, named: Sequence[str]) -> dict[str, object]:
    """Return what decides the figures of one task in one run."""
    result, signature = results["tasks"][task], results["signature"]
    kind = result["kind"]
    own = dict(object_of(object_of(signature.get("tasks")).get(task)))
    own.pop("languages", None)
    if kind == "choice" or signature.get("length_budget", "tokens") != "tokens":
        own.pop("max_tokens", None)  # under such a budget the limits follow from each model's tokenizer
    elif named and own.get("max_tokens"):
        own["max_tokens"] = {lang: limit for lang, limit in object_of(own["max_tokens"]).items() if lang in named}
    if kind == "choice":
        own.pop("sampling", None)
    options = {
        key: value
        for key, value in object_of(signature.get("options")).items()
        if key not in (*_ELSEWHERE, *_NOT_FOR[kind])
    }
    if not own.get("chat"):
        options.pop("system_prompt", None)
    asked: dict[str, object] = {**own, **options, "kind": kind, "version": result["version"]}
    if kind == "choice":
        asked |= {"normalisation": result["primary"], "ties": results["ties"]}
    else:
        asked |= {"length_budget": signature.get("length_budget", "tokens"), "detector": _detector(signature)}
    if result["primary"] == "letter":
        asked["rotations"] = signature.get("rotations")
    if not named:
        asked["languages"] = list(result["languages"])
    origin = object_of(signature.get("import"))
    asked["imported"] = {key: origin.get(key) for key in ("from", "score")} if origin else "no"
    return asked


def _detector(signature: Mapping[str, object]) -> dict[str, object]:
    """Return what decides verdicts and language shares; which detector gives the headline is settled in `detectors.py`."""
    elsewhere = ("second_detector", "headline_detector")
    return {key: value for key, value in object_of(signature.get("scoring")).items() if key not in elsewhere}


def _same_amount(first: Results, second: Results, task: str) -> bool:
    """Return whether both runs asked the same part of the set, so that the hash of its items must be the same."""
    parts = [(each["signature"].get("limit"), list(each["tasks"][task]["languages"])) for each in (first, second)]
    return parts[0] == parts[1]
