"""`xleval rescore`: a run's saved answers scored again, without its model."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from xleval.data.storage import claim_folder, read_json
from xleval.errors import ConfigError
from xleval.evalkit.detectors import detectors_of, signed_scoring
from xleval.evalkit.language_columns import each_with_language_shares, n_texts_of
from xleval.evalkit.metrics.accuracy import as_ties
from xleval.evalkit.results_schema import Results
from xleval.evalkit.results_subsets import check_cutoff
from xleval.evalkit.run_folder import MANIFEST, RESULTS, SAMPLES, manifest_to_score, write_manifest, write_results
from xleval.evalkit.samples import Sample, each_sample
from xleval.evalkit.scoring import score_again
from xleval.evalkit.task import Task


def rescore(
    run: Path,
    out: Path,
    tasks: Mapping[str, Task],
    *,
    ties: str | None = None,
    seen_languages: Sequence[str] = (),
    cutoff: str | None = None,
    resume: bool = False,
    second_detector: bool = False,
    processes: int | None = 1,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Results:
    """Return the results of a run's saved answers under today's extraction, language identification and metrics.

    A task that this version does not have (of imported outputs) keeps its verdicts; the new run names it.

    Args:
        run: folder of a finished run; it stays as it is.
        out: a new folder, never the run's own.
        tasks: by name.
        ties: another rule for ties; None keeps the run's.
        seen_languages: languages that the model was trained on; empty keeps the run's.
        cutoff: the model's knowledge cut-off, `YYYY` or `YYYY-MM`; None keeps the run's.
        resume: return what the folder holds, where it was finished.
        second_detector: also ask the second detector for languages, where the run has not done so; a run that has it
            keeps it, and the headline too.
        processes: that tell languages; 1 is this one, None decides by the number of completions. They are spawned, so
            a script needs `if __name__ == "__main__":`.
        progress: is told how many samples are scored.

    Raises:
        ConfigError: the run is not finished, or `out` is its folder or holds something else.
        DataError: its files are damaged.
        MissingExtra: the second detector is not installed.
    """
    if out.resolve() == run.resolve():
        raise ConfigError(f"--out {out} is the run itself; scores are never replaced in place: give a new folder")
    manifest = manifest_to_score(run)
    signed: dict[str, Any] = dict(manifest["config"])
    signed["ties"] = as_ties(ties or signed["ties"])
    detectors = detectors_of(signed.get("scoring"), second=second_detector)
    if seen_languages:
        signed["seen_languages"] = list(seen_languages)
    if cutoff:
        signed["cutoff"] = check_cutoff(cutoff)
    signed["scoring"] = signed_scoring(detectors)
    signed["tasks"] = {
        name: {**asked, "version": tasks[name].version if name in tasks else asked.get("version")}
        for name, asked in signed["tasks"].items()
    }
    if claim_folder(out, manifest=MANIFEST, config=signed, resume=resume):
        return cast(Results, read_json(out / RESULTS))
    n_samples, n_texts, found = 0, 0, set()
    for sample in each_sample(run / SAMPLES, texts=False):
        n_samples, n_texts = n_samples + 1, n_texts + n_texts_of(sample, detectors)
        found.add(sample.task)
    notes = {
        "rescored_from": {"run": run.resolve().name, "scoring": manifest["config"].get("scoring")},
        "verdicts_kept": sorted(found - tasks.keys()),
    }
    write_manifest(out, signed, notes, finished=False)
    judged = (_again(sample, tasks) for sample in each_sample(run / SAMPLES))
    counted = each_with_language_shares(judged, n_texts, detectors, processes=processes)
    scored = _counted(counted, n_samples, progress)
    results = write_results(out, scored, signed, tasks)
    write_manifest(out, signed, notes, finished=True)
    return results


def _counted(samples: Iterable[Sample], total: int, progress: Callable[[int, int], None]) -> Iterator[Sample]:
    for done, sample in enumerate(samples, start=1):
        yield sample
        progress(done, total)


def _again(sample: Sample, tasks: Mapping[str, Task]) -> Sample:
    task = tasks.get(sample.task)
    return sample if task is None else score_again(task, sample)
