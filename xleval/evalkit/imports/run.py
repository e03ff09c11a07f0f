"""`xleval import`: the outputs of another tool as a run's folder, which every later command takes."""

from collections.abc import Sequence
from pathlib import Path
from typing import cast

from xleval.data.plurals import counted
from xleval.data.storage import claim_folder, jsonl, read_json, write_atomically
from xleval.errors import visible
from xleval.evalkit.detectors import signed_scoring
from xleval.evalkit.imports import import_samples
from xleval.evalkit.imports.fields import parse_map
from xleval.evalkit.imports.polyfact_figures import stored_figures
from xleval.evalkit.imports.report import ImportReport, notes_of, signature_of
from xleval.evalkit.imports.verdicts import as_score
from xleval.evalkit.language_columns import LanguageScoring
from xleval.evalkit.metrics.accuracy import as_ties
from xleval.evalkit.results_schema import Results
from xleval.evalkit.run_folder import MANIFEST, RESULTS, write_manifest, write_results

REJECTS = "rejects.jsonl"
_SHOWN = 5
_LONGEST = 1000  # characters of a line


def import_run(
    kind: str,
    path: Path,
    out: Path,
    *,
    mapping: Sequence[str] = (),
    score: str = "number",
    task: str | None = None,
    model: str | None = None,
    languages: Sequence[str] = (),
    ties: str = "expected",
    seen_languages: Sequence[str] = (),
    resume: bool = False,
    second_detector: bool = False,
    processes: int | None = 1,
) -> tuple[Results, str]:
    """Return the results of outputs that another tool wrote, and what was read, left out and rejected, for people.

    Args:
        kind: `lm-eval`, `lighteval`, `inspect`, `verl`, `trl`, `polyfact` or `jsonl`.
        path: a file or folder that the tool wrote.
        out: a new folder; rows that could not be used are in `rejects.jsonl` there, each with its reason.
        mapping: `KEY=COLUMN` or `KEY=@TEXT`, see `fields.py`.
        score: `number` or `given`.
        task: another name for the one task that the outputs hold.
        model: name of the model.
        languages: codes wanted; empty for all.
        ties: how tied options count: `expected` or `published`.
        seen_languages: languages that the model was trained on; empty when not known.
        resume: return what the folder holds, where it was finished.
        second_detector: also ask the second detector for the language of completions.
        processes: that tell languages; 1 is this one, None decides by the number of completions. They are spawned, so
            a script needs `if __name__ == "__main__":`.

    Raises:
        ConfigError: an unknown name, or the folder holds something else.
        DataError: nothing usable to read.
        MissingExtra: the second detector is not installed.
    """
    detectors = LanguageScoring(second=second_detector)
    scoring = signed_scoring(detectors)
    samples, report = import_samples(
        kind, path, fields=parse_map(mapping), score=as_score(score), task=task, model=model, languages=languages,
        detectors=detectors, processes=processes,
    )  # fmt: skip
    signed = {**signature_of(report), "scoring": scoring, "seed": 0, "ties": as_ties(ties)}
    if seen_languages:
        signed["seen_languages"] = list(seen_languages)
    if claim_folder(out, manifest=MANIFEST, config=signed, resume=resume):
        return cast(Results, read_json(out / RESULTS)), render_report(report)
    notes = {**notes_of(report), "rejected": len(report.rejected)}
    write_manifest(out, signed, notes, finished=False)
    rejects = jsonl({"where": each.where, "reason": each.reason} for each in report.rejected)
    write_atomically(out / REJECTS, rejects)
    results = write_results(out, samples, signed, {})
    write_manifest(out, signed, notes, finished=True)
    stored = stored_figures(path, samples, report) if kind == "polyfact" else []
    return results, "\n".join([render_report(report), *stored])


def render_report(report: ImportReport) -> str:
    """Return what an import did, for people."""
    n_samples = sum(file.n_samples for file in report.files)
    lines = [f"{report.kind}: {counted(n_samples, 'sample')} from {counted(len(report.files), 'file')}"]
    for task, found in report.n_samples.items():
        lines.append(f"  {task}: {', '.join(f'{lang} {n}' for lang, n in found.items())}")
    lines.append(f"  verdicts by {', '.join(f'{by} {n}' for by, n in report.scored_by.items())}")
    for task, agreement in report.agreement.items():
        n_unlike = agreement.only_xleval + agreement.only_tool
        differ = counted(n_unlike, "verdict differs", "verdicts differ")
        lines.append(
            f"  {task}: {differ} from the tool's (right only here {agreement.only_xleval}, "
            f"only there {agreement.only_tool})"
        )
    lines += [f"  left out: {n} ({reason})" for reason, n in report.left_out.items()]
    lines += [f"  rejected: {each.where}: {each.reason}" for each in report.rejected[:_SHOWN]]
    if len(report.rejected) > _SHOWN:
        lines.append(f"  … {len(report.rejected)} rejected in all: {REJECTS}")
    return visible("\n".join(line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…" for line in lines))
