"""A study of quick real commands: a data set, runs of the mock backend on it, and comparisons."""

from pathlib import Path

from xleval.training.studies.commands import compare_steps, overlap_step, run_steps
from xleval.training.studies.layout import set_folder
from xleval.training.studies.records import Arm, Plan, Step, StudyOptions

ARMS = (
    Arm(name="base", label="base", role="base", model="mock:base"),
    Arm(name="one", label="one", role="method", model="mock:one", compared_with=("base",)),
    Arm(name="two", label="two", role="method", model="mock:two", compared_with=("base",)),
)
DATA = "data/polyfact"
SIZE = 30


def options(out: Path, **given: object) -> StudyOptions:
    return StudyOptions(study="polyfact", model="mock:base", budget="smoke", out=out, **given)  # type: ignore[arg-type]


def plan(asked: StudyOptions) -> Plan:
    """Return the small study, as a module of a study does; with `--data broken=DIR` an optional step of it fails."""
    broken = Step(
        name="runs/broken", kind="run", arm="broken", out=asked.out / "broken", optional=True, after=(DATA,),
        words=("run", "--model", "no/such/folder/here", "--langs", "en", "--tasks", "polyfact", "--data",
               f"polyfact={asked.out}/sets/polyfact", "--out", str(asked.out / "broken")),
    )  # fmt: skip
    return _plan(asked, *([broken] if "broken" in asked.data else []))


def sections(found: object) -> tuple[()]:
    return ()


def small_plan(out: Path, *further: Step, limit: int = 4, **given: object) -> Plan:
    """Return a plan of seven steps; `further` ones stand before the comparisons."""
    return _plan(options(out, **given), *further, limit=limit)


def _plan(asked: StudyOptions, *further: Step, limit: int = 4) -> Plan:
    out = asked.out
    folder = set_folder(out, "polyfact")
    data = Step(
        name=DATA, kind="data", out=folder, resumes=True,
        words=("build-polyfact", "--source", "embedded", "--langs", "en,de", "--size", str(SIZE), "--out", str(folder)),
    )  # fmt: skip
    shared = overlap_step(asked, str(folder), str(folder), names=("polyfact-train", "polyfact-test"), after=(DATA,))
    words = ["--tasks", "polyfact", "--langs", "en,de", "--data", f"polyfact={folder}", "--limit", str(limit)]
    runs = [step for arm in ARMS for step in run_steps(asked, arm, words, after=(DATA,))]
    compared = [step for arm in ARMS[1:] for step in compare_steps(asked, arm, ARMS[0])]
    return Plan(
        options=asked, arms=ARMS, steps=(data, shared, *runs, *further, *compared),
        files={out / "transfer" / "all.yaml": f"base: {out}/runs/base\n"}, seen=("en",), unseen=("de",),
        notes=("the paper's fifth language is left out: its data is not at hand",),
    )  # fmt: skip
