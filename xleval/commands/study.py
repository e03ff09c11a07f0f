"""`xleval study NAME`: the trainings, evaluations and figures of a paper, from one command line."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from xleval.commands.help_page import Command
from xleval.console import FOLDER, INCOMPLETE, json_option, names, print_json, progress_bar, resume_option
from xleval.errors import ConfigError

if TYPE_CHECKING:
    from xleval.evalkit.settings import Shard
    from xleval.training.studies.found import Found
    from xleval.training.studies.records import Plan, StudyOptions
    from xleval.training.studies.running.execute import Executed

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(cls=Command)
@click.argument("name")
@click.option("--model", help="Checkpoint folder, hub id, or demo.  [default: demo with --budget smoke]")
@click.option(
    "--budget", type=click.Choice(["smoke", "full"]), required=True,
    help="smoke: the machinery on two CPU cores in minutes. full: the study.",
)  # fmt: skip
@click.option("--out", type=FOLDER, required=True, help="Folder of the study, new or empty.")
@click.option("--seeds", type=click.IntRange(min=1), default=1, show_default=True, help="Trainings of each arm.")
@click.option("--langs", help="Languages to train on, in their order.  [default: the study's]")
@click.option("--unseen", help="Languages to evaluate on beside those.  [default: the study's]")
@click.option(
    "--protocol", type=click.Choice(["paper", "xleval"]), default="xleval", show_default=True,
    help="Values that the paper states, or ours, where recipes have both.",
)  # fmt: skip
@click.option(
    "--part", "parts", multiple=True, metavar="observe|intervene|train",
    help="Of parallel-scaling; can be repeated.  [default: all]",
)  # fmt: skip
@click.option("--arm", "arms", multiple=True, metavar="NAME", help="Only this arm, and what it needs; can be repeated.")
@click.option("--data", "data", multiple=True, metavar="NAME=DIR", help="Folder of a task or a set; can be repeated.")
@click.option(
    "--judge",
    "judges",
    multiple=True,
    metavar="SPEC",
    help="Judge of open answers, as in xleval judge; can be repeated.",
)
@click.option("--judge-labels", type=FOLDER, help="Labelled set that judges are validated on.")
@click.option("--text", help="Parallel text of the probes, as in xleval probe.  [default: the study's]")
@click.option("--pairs", type=_FILE, help="Pairs of open models, of parallel-scaling's part observe.")
@click.option(
    "--translator",
    "translators",
    multiple=True,
    metavar="[LANG=]SPEC",
    help="As in xleval build-reasoning; can be repeated.",
)
@click.option("--backend", default="auto", show_default=True, help="Of the runs: auto, hf, vllm, openai, ray or mock.")
@click.option("--model-args", default="", help="Of the runs, as in xleval run.")
@click.option("--shard", metavar="I/N", help="Arms of part I of N only; --merge puts the parts together.")
@click.option("--merge", type=FOLDER, multiple=True, metavar="DIR", help="Folder of a finished shard; can be repeated.")
@click.option("--dry-run", is_flag=True, help="Print the plan and every command line; do nothing.")
@click.option("--yes", is_flag=True, help="Begin a full study without asking.")
@resume_option
@json_option
def study(name: str, **given: Any) -> None:
    """Repeat a study: polyfact, collapse, parallel-scaling or clo.

    Exit code 3 says that an optional step failed, or that answers are unscored: the page names them.
    """
    from xleval.training.studies.cost.steps import costs_of
    from xleval.training.studies.given_data import check_data, unread_data
    from xleval.training.studies.plan_text import plan_json, render_commands, render_plan
    from xleval.training.studies.registry import study_module
    from xleval.training.studies.running.manifest import check_folder
    from xleval.training.studies.running.shards import steps_of

    options = _options(name, given)
    shard = _shard(given["shard"], given["merge"])
    plan = study_module(name).plan(options)
    steps = steps_of(plan, shard)
    for unread in unread_data(plan):
        click.echo(f"--data {unread}: no step of this study reads it; is the name right?", err=True)
    if not given["dry_run"]:
        check_data(plan)
        check_folder(plan, resume=given["resume"])
        _check_asking(options, yes=given["yes"])
    click.echo("reading the recipes", err=True)  # seconds: the trainer's settings are checked with those of TRL
    costs = costs_of(plan)
    if given["dry_run"]:
        if given["as_json"]:
            print_json(plan_json(plan, costs))
        else:
            click.echo(render_plan(plan, costs))
            click.echo(render_commands(steps, plan.files), nl=False)
        return
    click.echo(render_plan(plan, costs), err=True)
    if not (options.is_smoke or given["yes"]):
        click.confirm("Begin?", abort=True, err=True)
    done = _execute(plan, shard, given)
    if shard is not None:
        _say_shard(done, shard, options)
    else:
        _report(plan, as_json=given["as_json"])
    if done.failed or done.unscored:
        _say_incomplete(done)
        sys.exit(INCOMPLETE)


def _options(name: str, given: Mapping[str, Any]) -> "StudyOptions":
    """Return what the user asks for.

    Raises:
        ConfigError: an unknown name, or an option that means nothing in this study.
    """
    from xleval.data.languages import parse_languages
    from xleval.training.studies.records import PARTS, Part, StudyOptions
    from xleval.training.studies.registry import study_name

    known = study_name(name)
    is_smoke = given["budget"] == "smoke"
    if given["model"] is None and not is_smoke:
        raise ConfigError(f"no model: a full study of {name} needs --model, a checkpoint folder or a hub id")
    parts = tuple(dict.fromkeys(part for text in given["parts"] for part in names(text, "--part")))
    if parts and known != "parallel-scaling":
        raise ConfigError(f"--part is of parallel-scaling; {name} has no parts. Leave it out, or name arms with --arm")
    if wrong := next((part for part in parts if part not in PARTS), None):
        from xleval.errors import unknown_name

        raise unknown_name("part", wrong, PARTS)
    if given["pairs"] is not None and (known != "parallel-scaling" or (parts and "observe" not in parts)):
        raise ConfigError("--pairs names open models of part observe of parallel-scaling; leave it out")
    if given["judge_labels"] and not given["judges"]:
        raise ConfigError("--judge-labels validates judges, and none is named: give --judge SPEC, too")
    return StudyOptions(
        study=known, model=given["model"] or "demo", budget=given["budget"],
        out=given["out"] if str(given["out"]) != "." else Path.cwd(), seeds=given["seeds"],
        langs=parse_languages(given["langs"]) if given["langs"] else (),
        unseen=parse_languages(given["unseen"]) if given["unseen"] else (), protocol=given["protocol"],
        parts=cast("tuple[Part, ...]", parts),
        arms=tuple(dict.fromkeys(arm for text in given["arms"] for arm in names(text, "--arm"))), data=_data(given["data"]),
        judges=given["judges"], judge_labels=str(given["judge_labels"] or ""), text=given["text"] or "",
        pairs=given["pairs"], translators=given["translators"], backend=given["backend"], model_args=given["model_args"],
    )  # fmt: skip


def _data(given: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in given:
        name, equals, folder = (part.strip() for part in text.partition("="))
        if not (name and equals and folder):
            raise ConfigError(f"--data {text!r} is not NAME=DIR; write it like --data mgsm=data/mgsm")
        if name in found:
            raise ConfigError(f"--data {name} is there twice; give each set once")
        found[name] = folder
    return found


def _shard(text: str | None, merge: Sequence[Path]) -> "Shard | None":
    from xleval.evalkit.settings import parse_shard

    if text is None:
        return None
    if merge:
        raise ConfigError("--shard does a part of the arms and --merge puts parts together; give one of the two")
    return parse_shard(text)


def _check_asking(options: "StudyOptions", *, yes: bool) -> None:
    """Refuse a full study that could not ask whether it may begin.

    Raises:
        ConfigError: there is nobody to ask.
    """
    if not (options.is_smoke or yes or sys.stdin.isatty()):
        raise ConfigError(
            "a full study asks before it begins, and there is no terminal: look at the plan with --dry-run, and give --yes"
        )


def _execute(plan: "Plan", shard: "Shard | None", given: Mapping[str, Any]) -> "Executed":
    from xleval.training.studies.running.execute import execute

    with progress_bar() as progress:
        bar = progress.add_task("study", total=None)

        def say(text: str) -> None:
            progress.console.print(text, markup=False, highlight=False, soft_wrap=True)

        def count(done: int, total: int, step: str) -> None:
            progress.update(bar, description=step or "study", completed=done, total=total)

        return execute(plan, resume=given["resume"], shard=shard, merge=given["merge"], say=say, count=count)


def _report(plan: "Plan", *, as_json: bool) -> None:
    """Write the page, the findings, figures and tables anew, and print a summary or the findings."""
    from xleval.data.storage import write_json
    from xleval.evalkit.report.study import write_study_report
    from xleval.training.studies.layout import FINDINGS, REPORT
    from xleval.training.studies.read_found import read_found
    from xleval.training.studies.report import findings_json, study_page, summary_text

    out, found = plan.options.out, read_found(plan)
    page, findings = study_page(found), findings_json(found)
    write_study_report(page, out / REPORT)
    write_json(out / FINDINGS, findings)
    _write_files(found, out)
    if as_json:
        print_json(findings)
    else:
        click.echo(summary_text(found).rstrip("\n"))
    click.echo(f"{out / REPORT}", err=True)


def _write_files(found: "Found", out: Path) -> None:
    """Write every figure and table of the page as files of their own."""
    from importlib.util import find_spec

    from xleval.evalkit.figures.files import write_figures, write_tables
    from xleval.training.studies.layout import FIGURES, TABLES
    from xleval.training.studies.report import study_page

    sections = study_page(found).sections
    write_tables([table for each in sections for table in (*each.tables, *each.further_tables)], out / TABLES)
    if find_spec("matplotlib") is None:
        click.echo("figures are in report.html; as files they need matplotlib: pip install 'xleval[report]'", err=True)
        return
    write_figures([chart for each in sections for chart in (*each.charts, *each.further_charts)], out / FIGURES)


def _say_shard(done: "Executed", shard: "Shard", options: "StudyOptions") -> None:
    click.echo(
        f"shard {shard}: {len(done.steps) - len(done.failed)} of {len(done.steps)} steps are finished. When all shards are: "
        f"the same command without --shard, with --out NEW and --merge {options.out} and a --merge for each other shard",
        err=True,
    )


def _say_incomplete(done: "Executed") -> None:
    for name, reason in done.failed.items():
        click.echo(f"no result: {name}: {reason}", err=True)
    if done.unscored:
        click.echo(f"something is unscored, counted apart, in {', '.join(done.unscored)}", err=True)
