"""What a small study left, made by the project's own functions of hand-written verdicts: no model is run."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.evalkit.compare.conftest import choice, column, generation
from xleval.data.storage import write_atomically, write_json
from xleval.evalkit.compare.comparison import Arm as Side
from xleval.evalkit.compare.comparison import CompareOptions, compare_arms, compare_runs
from xleval.evalkit.compare.schema import Comparison
from xleval.evalkit.results import results_json, summarise
from xleval.evalkit.results_schema import Results
from xleval.evalkit.run_folder import MANIFEST, RESULTS, SAMPLES, SCHEMA
from xleval.evalkit.samples import Sample, write_samples
from xleval.evalkit.saved_run import load_run
from xleval.training.studies.found import Found
from xleval.training.studies.records import Arm, Plan, StudyOptions

SEEN, UNSEEN = ("en", "de"), ("sw",)
BASE = Arm(name="base", label="base", role="base")
SFT = Arm(
    name="sft", label="SFT", role="method", kind="sft", recipe="smoke/sft", langs=SEEN, seeds=(1,), compared_with=("base",)
)  # fmt: skip
RANDOM = replace(SFT, name="random", label="random reward", role="control", kind="grpo", recipe="smoke/grpo-random")


def plan_of(*arms: Arm, **options: Any) -> Plan:
    """Return a plan without steps."""
    given = {"study": "polyfact", "model": "org/m", "budget": "smoke", "out": Path("out"), **options}
    return Plan(options=StudyOptions(**given), arms=arms, steps=(), seen=SEEN, unseen=UNSEEN)


def written(lang: str, verdicts: str, target: float, **changes: Any) -> list[Sample]:
    """Return completions of eight words, of which a share is in the language asked for and the rest is English."""
    shares = {
        "n_words": 8, "n_determined": 8, "target_share": target, "english_share": 1 - target, "other_share": 0.0,
        "undetermined_share": 0.0, "target_of_determined": target,
    }  # fmt: skip
    return column(lang, verdicts, generation, **shares, **changes)


def facts(verdicts: Mapping[str, str]) -> list[Sample]:
    """Return choices by language: `1` right, `0` wrong."""
    return [sample for lang, said in verdicts.items() for sample in column(lang, said, choice)]


def results_of(samples: Sequence[Sample], model: str, **given: Any) -> Results:
    """Return what `xleval run` would write of these samples."""
    return summarise(
        samples, signature={"model": {"model": model}, "seed": 0}, model=model, seed=0, resamples=200, **given
    )


def training(steps: int = 4) -> dict[str, Any]:
    """Return a `train.json` as far as studies read it."""
    outcome = {
        "steps": steps, "n_rows": 30, "n_rollouts": 0, "n_tokens": 960, "peak_memory_gb": 3.25, "train_s": 12.5,
        "stopped_by": "",
    }  # fmt: skip
    return {"outcome": outcome}


def compared(
    folder: Path, base: Sequence[Sequence[Sample]], other: Sequence[Sequence[Sample]], seen: Sequence[str] = SEEN
) -> Comparison:
    """Return the comparison of two arms, each with the samples of its runs, as `xleval compare` makes it."""
    sides = []
    for label, runs in (("first", base), ("second", other)):
        saved = [_saved(folder / f"{label}-{k}", samples, seen) for k, samples in enumerate(runs)]
        sides.append(Side(label=label, runs=tuple(saved)))
    options = CompareOptions(resamples=1000)
    if all(len(side.runs) == 1 for side in sides):
        return compare_runs([side.runs[0] for side in sides], options)
    return compare_arms(sides[0], sides[1], options)


def _saved(folder: Path, samples: Sequence[Sample], seen: Sequence[str]) -> Any:
    signed = {"model": {"model": folder.name}, "seed": 0}
    results = summarise(samples, signature=signed, model=folder.name, seed=0, resamples=100, seen_languages=seen)
    folder.mkdir(parents=True)
    write_samples(folder / SAMPLES, samples)
    write_atomically(folder / RESULTS, results_json(results))
    write_json(folder / MANIFEST, {"schema": SCHEMA, "finished": True, "config": signed})
    return load_run(folder)


def small_found(change: Callable[[Arm], Arm] = lambda arm: arm, **options: Any) -> Found:
    """Return a study of a base and an SFT arm of one seed on ten facts in three languages."""
    base = facts({"en": "1111100000", "de": "1110000000", "sw": "1000000000"})
    tuned = facts({"en": "1111111000", "de": "1111100000", "sw": "1100000000"})
    return Found(
        plan=plan_of(BASE, change(SFT), **options),
        results={
            ("base", None): results_of(base, "org/m", seen_languages=SEEN),
            ("sft", 1): results_of(tuned, "sft-s1", seen_languages=SEEN),
        },
        trainings={("sft", 1): training()},
        seconds={"train/sft/seed-1": 12.5},
    )
