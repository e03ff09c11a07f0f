"""Where a run comes from: model, data, seeds, versions, devices and dates, as pairs of words."""

import json

from xleval.evalkit.report.contents import ReportRun
from xleval.evalkit.shapes import object_of

_MODEL_FIRST = ("model", "revision", "weights_sha256", "fingerprint", "backend", "dtype", "device", "peft")


def provenance_of(run: ReportRun) -> list[tuple[str, str]]:
    """Return what is known of how a run was made, most telling first; nothing is said that is not known."""
    signature, manifest = run.results["signature"], run.manifest or {}
    rows = [("model", run.results["model"])]
    model = object_of(signature.get("model"))
    known = [*(key for key in _MODEL_FIRST if key in model), *sorted(model.keys() - set(_MODEL_FIRST))]
    rows += [(f"model: {key}", shown(model[key])) for key in known if key != "model" and model[key] not in ("", None)]
    for task, asked in sorted(object_of(signature.get("tasks")).items()):
        facts = object_of(asked)
        rows += [
            (f"{task}: {words}", shown(facts[key]))
            for key, words in (("items", "SHA-256 of its items"), ("revision", "revision"), ("edition", "edition"))
            if facts.get(key) not in ("", None)
        ]
    rows.append(("seed", shown(signature.get("seed", run.results["seed"]))))
    rows.append(("bootstrap", f"{run.results['resamples']} resamples of items, seed {run.results['seed']}"))
    environment = object_of(manifest.get("environment"))
    for key, words in (("xleval", "xleval"), ("python", "Python"), ("platform", "platform")):
        if key in environment:
            rows.append((words, shown(environment[key])))
    if environment:
        devices = environment.get("devices")
        rows.append(("GPUs", ", ".join(map(str, devices)) if isinstance(devices, list) and devices else "none"))
        packages = object_of(environment.get("packages"))
        rows.append(("packages", ", ".join(f"{name} {version}" for name, version in sorted(packages.items()))))
    starts = manifest.get("starts")
    if isinstance(starts, list) and starts:
        rows.append(("started", ", ".join(map(str, starts))))
    return rows


def shown(value: object) -> str:
    """Return a setting's value as text: JSON where it is not a text itself."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
