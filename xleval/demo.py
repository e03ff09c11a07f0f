"""`xleval demo`: build PolyFact offline, run a small real model over it and the sample, write the report."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from xleval.data.languages import POLYFACT_LANGUAGES
from xleval.evalkit.requests import Sampling
from xleval.evalkit.results_schema import Results
from xleval.evalkit.runner import RunConfig, run
from xleval.evalkit.task import TaskOptions, load_task
from xleval.polyfact.build import BuildConfig, build
from xleval.polyfact.relations import default_relations
from xleval.small_model import small_model
from xleval.tasks import TASKS

#: The sample is asked in these languages; a language each with Hangul, Han, and Latin letters beside English (E24).
SAMPLE_LANGUAGES = ("ko", "zh", "sw", "en")

Say = Callable[[str], None]


def demo(out: Path, *, resume: bool, say: Say, progress: Callable[[int, int], None]) -> tuple[dict[str, Any], Results]:
    """Return the build's manifest and the run's results, both also under `out`.

    Args:
        out: `out/polyfact` takes the set, `out/run` the run.
        resume: go on with what is there.
        say: is told the name of each step.
        progress: is told how many requests are answered, and of how many.

    Raises:
        MissingExtra: the extra `demo` is not installed.
        ConfigError: the folder holds something else.
    """
    say("preparing the model")  # first, so that a missing package stops the demo before it has written anything
    checkpoint = small_model(progress=say)
    from xleval.evalkit.backends import load_backend

    say("loading the model")
    backend = load_backend("hf", str(checkpoint))
    config = BuildConfig(source="embedded", languages=POLYFACT_LANGUAGES, relations=default_relations("embedded"))
    manifest = build(config, out / "polyfact", resume=resume, progress=say)
    tasks = [
        load_task(TASKS["polyfact"], out / "polyfact", POLYFACT_LANGUAGES, None),
        load_task(TASKS["sample"], None, SAMPLE_LANGUAGES, None),
    ]
    languages = tuple(dict.fromkeys((*POLYFACT_LANGUAGES, *SAMPLE_LANGUAGES)))
    say("running")
    results = run(
        backend,
        tasks,
        RunConfig(languages=languages, options=TaskOptions(sampling=Sampling(max_tokens=128))),
        out / "run",
        resume=resume,
        progress=progress,
    )
    return manifest, results
