"""What was found in a study as one JSON object, schema `xleval.study-findings/1`: docs/studies.md has its keys."""

from typing import Any, get_args

from xleval.training.studies.found import Found
from xleval.training.studies.layout import FIGURES, REPORT, TABLES
from xleval.training.studies.published.table import PUBLISHED
from xleval.training.studies.records import Arm
from xleval.training.studies.sections.beside import difference, ours
from xleval.training.studies.sections.claims import refused_of
from xleval.training.studies.sections.figures import Kept, arm_figure, detector_of, groups_of, runs_of, tasks_of
from xleval.training.studies.sections.measures import Measure

SCHEMA = "xleval.study-findings/1"


def findings_json(found: Found) -> dict[str, Any]:
    """Return what `--json` prints and findings.json holds: figures as fractions, null without a value, seconds apart."""
    plan, options = found.plan, found.plan.options
    return {
        "schema": SCHEMA,
        "study": options.study,
        "model": options.model,
        "budget": options.budget,
        "protocol": options.protocol,
        "seen": list(plan.seen),
        "unseen": list(plan.unseen),
        "arms": [_arm(found, arm) for arm in plan.arms],
        "comparisons": _comparisons(found),
        "transfer": {part: _transfer(found, part) for part in found.transfers},
        "judged": _judged(found),
        "published": _published(found),
        "refused": [
            {"letter": each.letter, "claim": each.claim, "reason": each.reason} for each in refused_of(found)
        ],
        "failed": dict(found.failed),
        "left_out": list(plan.notes),
        "files": {"report": REPORT, "figures": FIGURES, "tables": TABLES},
        "seconds": dict(found.seconds),
    }  # fmt: skip


def _arm(found: Found, arm: Arm) -> dict[str, Any]:
    outcomes = {
        seed: found.trainings[arm.name, seed]["outcome"] for seed in arm.seeds if (arm.name, seed) in found.trainings
    }
    return {
        "name": arm.name,
        "label": arm.label,
        "role": arm.role,
        "kind": arm.kind,
        "recipe": arm.recipe,
        "langs": list(arm.langs),
        "after": arm.after,
        "facts": dict(arm.facts),
        "seeds": list(arm.seeds),
        "evaluated": [seed for seed, _ in runs_of(found, arm.name)],
        "trainings": {
            str(seed): {key: outcome[key] for key in ("steps", "n_rows", "n_rollouts", "n_tokens", "stopped_by")}
            for seed, outcome in outcomes.items()
            if outcome
        },
        "tasks": _tasks(found, arm.name, "results"),
        "open": _tasks(found, arm.name, "open"),
    }


def _tasks(found: Found, arm: str, kept: Kept) -> dict[str, Any]:
    """Return task -> group of languages -> measure -> figure, without figures that are not there."""
    tasks: dict[str, Any] = {}
    for task in tasks_of(found, kept=kept, arms=(arm,)):
        result = next(each["tasks"][task] for _, each in runs_of(found, arm, kept=kept) if task in each["tasks"])
        groups = {"all": tuple(result["languages"]), **groups_of(found)}
        groups |= {lang: (lang,) for lang in result["languages"]}
        figures: dict[str, Any] = {}
        for group, langs in groups.items():
            named = {measure: arm_figure(found, arm, task, langs, measure, kept=kept) for measure in get_args(Measure)}
            if there := {measure: figure for measure, figure in named.items() if figure is not None}:
                figures[group] = there
        tasks[task] = {
            "languages": result["languages"], "n_items": result["n_items"], "kind": result["kind"],
            "detector": detector_of(found, task, kept=kept), "figures": figures,
        }  # fmt: skip
    return tasks


def _comparisons(found: Found) -> list[dict[str, Any]]:
    return [
        {
            "arm": arm,
            "against": other,
            "seeds": {"arm": pair["seeds"][1], "against": pair["seeds"][0]},
            "task": task["task"],
            "status": task["status"],
            "languages": task["languages"],
            "rows": [
                {
                    "lang": row["lang"],
                    "difference": row["difference"],
                    "ahead": _ahead(row["verdict"]),
                    "reason": row["reason"],
                }
                for row in task["rows"]
            ],
            "figures": {each["key"]: each["difference"] for each in task["figures"]},
        }
        for (arm, other), comparison in found.comparisons.items()
        for pair in comparison["pairs"]
        for task in pair["tasks"]
    ]


def _ahead(verdict: str) -> str | None:
    """Return who is right more often: `arm`, `against`, `undecided`, or None where nothing can be said."""
    return {"second": "arm", "first": "against", "undecided": "undecided"}.get(verdict)


def _transfer(found: Found, part: str) -> dict[str, Any]:
    """Return task -> indices of each trained run, and the fits of each curve."""
    tasks = found.transfers[part]["tasks"]
    return {
        task: {
            "indices": [
                {
                    "arm": pair["arm"],
                    "langs": pair["langs"],
                    **{name: index["estimate"] for name, index in pair["indices"].items()},
                }
                for pair in each["pairs"]
            ],
            "pooled": [
                {"regime": one["regime"], "k": one["k"], "mti": one["mti"]["estimate"]} for one in each["pooled"]
            ],
            "laws": [{"regime": curve["regime"], "y": curve["y"], "law": curve["law"]} for curve in each["curves"]],
        }
        for task, each in tasks.items()
    }


def _judged(found: Found) -> list[dict[str, Any]]:
    """Return the win rates of arms, null where the judge was not validated in the language."""
    return [
        {
            "arm": arm,
            "against": other,
            "judge": by["judge"]["spec"],
            "task": task["task"],
            "lang": row["lang"],
            "n": row["n"],
            "validated": row["validated"],
            "win_rate": row["win_rate"] if row["validated"] else None,
            "off_target": row["off_target"],
            "n_unscored": row["n_unscored"],
        }
        for (arm, other), judged in found.judged.items()
        for by in judged["judges"]
        for task in by["tasks"]
        for row in task["rows"]
    ]


def _published(found: Found) -> list[dict[str, Any]]:
    return [
        {
            "arm": each.arm, "model": each.model, "task": each.task, "languages": each.langs, "measure": each.measure,
            "value": each.value, "unit": each.unit, "tag": each.tag, "source": each.source, "ours": ours(found, each),
            "difference": difference(found, each),
        }
        for each in PUBLISHED
        if each.study == found.plan.options.study
    ]  # fmt: skip
