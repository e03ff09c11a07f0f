"""One line that names all that makes a score comparable with another one, after sacreBLEU's signatures.

`acc|task:polyfact|v:1|S:en,de,sw|n:600|norm:byte|ties:expected|items:0f3c…|scaffold:native|…|xleval:0.4.0`: two scores with the same
line, the model aside, are of the same items, asked, scored and counted alike. The order of the fields is fixed.

Reference: Post 2018, "A Call for Clarity in Reporting BLEU Scores", https://aclanthology.org/W18-6319/.
"""

import hashlib
from collections.abc import Mapping

import xleval
from xleval.errors import ConfigError, unknown_name
from xleval.evalkit.results_schema import Results, TaskResult
from xleval.evalkit.shapes import object_of

_ESCAPED = str.maketrans({"|": "/", "\n": " "})
_USUAL_ROTATIONS = "all"


def score_signature(results: Results, task: str, metric: str = "acc") -> str:
    """Return the signature of one metric of a task.

    Args:
        results: of `summarise`, or of a saved `results.json`.
        task: name of one of its tasks.
        metric: short name of the score, such as `acc`, `tc`, `rankc`, `agreement`, `overlap`; one that begins with
            `language` is of the language of completions, and names the detector and the version of its word breaks.

    Raises:
        ConfigError: there is no such task, or the name of the metric is empty or holds `|`.
    """
    fields = signature_fields(results, task, metric)
    return "|".join([metric, *(f"{name}:{value}" for name, value in fields.items())])


def signature_fields(results: Results, task: str, metric: str = "acc") -> dict[str, str]:
    """Return the fields of `score_signature` by name, in its order; one that the run does not state is left out.

    Raises:
        ConfigError: as there.
    """
    if not metric or "|" in metric:
        raise ConfigError(f"metric {metric!r}: a name without | is needed")
    if task not in results["tasks"]:
        raise unknown_name("task", task, results["tasks"])
    result = results["tasks"][task]
    signed = object_of(results["signature"])
    asked = object_of(object_of(signed.get("tasks")).get(task))
    options = object_of(signed.get("options"))
    found: dict[str, object] = {
        "task": task,
        "v": result["version"],
        "edition": asked.get("edition"),
        "S": ",".join(result["languages"]),
        "n": result["n_items"],
        "items": _short(asked.get("items")),
        "revision": asked.get("revision"),
        "from": object_of(signed.get("import")).get("from"),
        "scaffold": options.get("scaffold"),
        "shots": asked.get("shots"),
        "chat": _yes_no(asked.get("chat")),
        "system": _hash(options.get("system_prompt")),
        **(_choice_fields(results, result, signed, options) if result["kind"] == "choice" else {}),
        **(_generation_fields(result, signed, asked, options) if result["kind"] == "generation" else {}),
        **_language_fields(metric, signed),
        "shard": signed.get("shard"),
        "xleval": _version_of(result),
    }
    return {name: str(value).translate(_ESCAPED) for name, value in found.items() if value not in (None, "")}


def edition_of(signature: Mapping[str, object], task: str) -> str:
    """Return the version of a task's data that a run's signature states, such as `rev2`; empty without one."""
    return str(object_of(object_of(signature.get("tasks")).get(task)).get("edition") or "")


def _choice_fields(
    results: Results, result: TaskResult, signed: Mapping[str, object], options: Mapping[str, object]
) -> dict[str, object]:
    shown = result["primary"] == "letter" and "rotations" in signed
    return {
        "norm": result["primary"],
        "ties": results["ties"],
        "space": None if shown else options.get("option_space"),
        "rotations": (signed.get("rotations") or _USUAL_ROTATIONS) if shown else None,
    }


def _generation_fields(
    result: TaskResult, signed: Mapping[str, object], asked: Mapping[str, object], options: Mapping[str, object]
) -> dict[str, object]:
    sampling = object_of(asked.get("sampling")) or object_of(options.get("sampling"))
    drawn = bool(sampling.get("temperature"))
    others = {key: value for key, value in sampling.items() if key not in ("temperature", "top_p", "max_tokens")}
    limits = object_of(asked.get("max_tokens"))
    return {
        "cot": options.get("cot"),
        "prefix": options.get("reason_prefix"),
        "mask": options.get("script_mask"),
        "budget": signed.get("length_budget"),
        "max": ",".join(str(limit) for limit in dict.fromkeys(limits.get(lang) for lang in result["languages"]))
        if limits
        else None,
        "samples": max((row["n_draws"] for row in result["rows"]), default=1),
        "temp": sampling.get("temperature"),
        "top_p": sampling.get("top_p") if drawn else None,
        "decoding": _hash(",".join(f"{key}={others[key]}" for key in sorted(others))) if others else None,
        "seed": signed.get("seed") if drawn else None,
        "score": object_of(signed.get("import")).get("score"),
    }


def _language_fields(metric: str, signed: Mapping[str, object]) -> dict[str, object]:
    if not metric.startswith("language"):
        return {}
    scoring = object_of(signed.get("scoring"))
    second = scoring.get("headline_detector") == "second"
    detector = f"second-{scoring.get('second_detector')}" if second else f"lingua-{scoring.get('lingua')}"
    return {"detector": detector, "icu": scoring.get("icu")}


def _version_of(result: TaskResult) -> str:
    """Return the version that made the results: that of their own line, where they have one."""
    for field in result.get("signature_line", "").split("|"):
        if field.startswith("xleval:"):
            return field.removeprefix("xleval:")
    return xleval.__version__


def _yes_no(value: object) -> str | None:
    return None if value is None else "yes" if value else "no"


def _short(value: object) -> str | None:
    return str(value)[:12] if value else None


def _hash(value: object) -> str | None:
    return hashlib.sha256(str(value).encode()).hexdigest()[:8] if value else None
