"""What judges said of open answers."""

from collections.abc import Sequence

from xleval.evalkit.judge.schema import JudgedRunJson, JudgeJson
from xleval.evalkit.report.section import Section
from xleval.training.studies.found import Found
from xleval.training.studies.sections.figures import subject
from xleval.training.studies.sections.renamed import renamed_charts, renamed_tables


def judge_section(found: Found, *, pairs: Sequence[tuple[str, str]] = ()) -> Section | None:
    """Return the judges' verdicts on pairs (arm, other); None where nothing was judged.

    Args:
        found: the study.
        pairs: those to show, in their order; empty for all.
    """
    from xleval.evalkit.figures.of_judge import judge_charts, judge_tables

    keys = [pair for pair in (pairs or found.judged) if pair in found.judged]
    if not keys:
        return None
    charts, tables, lines = [], [], []
    for pair in keys:
        arm, other = (found.plan.arm(one).label for one in pair)
        judged = _called(found.judged[pair], (other, arm))
        said, name = f"{arm} against {other}", f"judge-{pair[0]}-{pair[1]}"
        charts += renamed_charts(judge_charts(judged), name, said)
        tables += renamed_tables(judge_tables(judged), name, said)
        asked = ", ".join(each["judge"]["model"] for each in judged["judges"])
        lines.append(
            f"{said}: second is {subject(found, pair[0], 1)}, first {subject(found, pair[1], 1)}; judge: {asked or 'none'}"
        )
        lines += [f"{said}: {note}" for note in judged["notes"]]
    return Section(
        name="judge", title="Open answers, by a judge", lines=tuple(lines), charts=tuple(charts), tables=tuple(tables)
    )


def _called(judged: JudgeJson, labels: tuple[str, str]) -> JudgeJson:
    """Return a judging whose runs have the names of their arms: those of their folders are `base` and `seed-1`."""
    runs: list[JudgedRunJson] = [{**run, "label": label} for run, label in zip(judged["runs"], labels, strict=True)]
    return {**judged, "runs": runs}
