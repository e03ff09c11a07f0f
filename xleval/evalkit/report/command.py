"""The command line that a run's signature stands for."""

import shlex
from collections.abc import Mapping
from dataclasses import asdict

from xleval.evalkit.requests import Sampling
from xleval.evalkit.results_schema import Results
from xleval.evalkit.shapes import object_of

#: setting of the signature -> option of `xleval run`, where the value is written as it is
_OPTIONS: Mapping[str, str] = {
    "limit": "--limit", "seed": "--seed", "samples": "--samples", "length_budget": "--length-budget", "shard": "--shard",
    "scaffold": "--scaffold", "option_space": "--option-space", "system_prompt": "--system-prompt",
    "reason_prefix": "--reason-prefix", "script_mask": "--script-mask",
    "cot": "--cot", "rotations": "--rotations",
}  # fmt: skip
_DEFAULTS: Mapping[str, object] = {
    "limit": None, "seed": 0, "samples": 1, "length_budget": "tokens", "shard": None, "scaffold": "native",
    "option_space": "auto", "system_prompt": "", "reason_prefix": "none", "script_mask": "none", "cot": "native",
    "rotations": None,
}  # fmt: skip


def command_of(results: Results) -> str:
    """Return the command that makes these results again, as far as results know it: no folders, no credentials."""
    signature = results["signature"]
    stated = signature.get("command")
    if isinstance(stated, str):
        return stated
    imported = signature.get("import")
    if isinstance(imported, Mapping):
        return _import_command(results, imported)
    tasks = list(results["tasks"])
    languages = list(dict.fromkeys(lang for task in tasks for lang in results["tasks"][task]["languages"]))
    words = ["xleval", "run", "--model", results["model"], "--tasks", ",".join(tasks), "--langs", ",".join(languages)]
    model = object_of(signature.get("model"))
    words += ["--backend", str(model["backend"])] if "backend" in model else []
    options = object_of(signature.get("options"))
    settings = {**signature, **options}
    for name, option in _OPTIONS.items():
        if settings.get(name, _DEFAULTS[name]) not in (_DEFAULTS[name], None):
            words += [option, str(settings[name])]
    words += ["--pmi"] if signature.get("pmi") else []
    if signature.get("chat") is not None:
        words.append("--chat" if signature["chat"] else "--no-chat")
    defaults, sampling = asdict(Sampling()), object_of(options.get("sampling"))
    named = options.get("named")
    drawn = [
        f"{name}={value}"
        for name, value in sampling.items()
        if name in defaults and (name in named if isinstance(named, list) else value != defaults[name])
    ]
    words += ["--gen", ",".join(drawn)] if drawn else []
    return shlex.join([*words, "--ties", results["ties"]])


def _import_command(results: Results, imported: Mapping[str, object]) -> str:
    """Return the command of an import; folders are not known, so FILE or FOLDER stands for them."""
    files = list(object_of(imported.get("files")))
    words = ["xleval", "import", files[0] if len(files) == 1 else "FOLDER", "--from", str(imported.get("from"))]
    mapping = object_of(imported.get("map"))
    for key, column in mapping.items():
        words += ["--map", f"{key}={column}"]
    score = imported.get("score")
    words += ["--score", str(score)] if score not in (None, "number") else []
    second = object_of(results["signature"].get("scoring")).get("second_detector")
    words += ["--second-detector"] if second else []
    return shlex.join([*words, "--ties", results["ties"], "--out", "FOLDER"])
