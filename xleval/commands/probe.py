"""`xleval probe KIND`: looks into models: neurons, heads, alignment; with --against, before and after training."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from xleval.commands.help_page import Group
from xleval.console import json_option, new_folder_option, print_json, progress_bar, reporters, resume_option
from xleval.errors import ConfigError, MissingExtra

if TYPE_CHECKING:
    from xleval.evalkit.probe_schema import Kind

_Command = TypeVar("_Command", bound=Callable[..., Any])
_SHARE = click.FloatRange(0, 1, min_open=True)
#: Names of options that `ProbeOptions` calls otherwise.
_TOP: dict[str, str] = {"neurons": "top_neurons", "heads": "top_heads"}


@click.group(cls=Group)
def probe() -> None:
    """Look into a model: neurons, heads or alignment of its languages; --against sets two side by side (docs/probe.md)."""


_before = (
    click.option(
        "--model", "models", multiple=True, required=True,
        help="Checkpoint or adapter folder, GGUF file, hub id, or demo; repeated, training seeds of one arm.",
    ),
    click.option("--against", multiple=True, help="Model of the second arm, such as the trained one; repeated, its seeds."),
    click.option("--langs", required=True, help="Language codes, separated by commas; or polyfact, or all."),
    click.option("--text", required=True, help="Parallel text: a folder in FLORES layout or with a file by language, or a hub id."),
    new_folder_option,
    click.option("--split", help="Part of the text, such as dev.  [default: devtest, or the first there is]"),
    click.option("--limit", type=click.IntRange(min=2), help="First sentences only, the same ones in every language."),
)  # fmt: skip
_check = (
    click.option(
        "--knock-out", type=click.IntRange(min=0), default=20, show_default=True, metavar="N",
        help="Last sentences, which are not measured: what zeroing a language's set does to them. 0: no check.",
    ),
    click.option(
        "--random-sets", type=click.IntRange(min=1), default=3, show_default=True,
        help="Random sets of the same size beside every language's own in the check.",
    ),
)  # fmt: skip
_after = (
    click.option("--max-tokens", type=click.IntRange(min=2), default=512, show_default=True, help="A sentence is read up to here."),
    click.option("--batch-tokens", type=click.IntRange(min=1), help="Tokens of a batch.  [default: 256 on a CPU, 16384 on a GPU]"),
    click.option("--resamples", type=click.IntRange(min=100), default=1000, show_default=True, help="Of the bootstrap."),
    click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the bootstrap and of random sets."),
    click.option("--dtype", default="auto", show_default=True, help="auto, float32, bfloat16 or float16."),
    click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda, cuda:N or mps."),
    click.option("--device-map", help="Spread the layers over several GPUs: auto, balanced, sequential."),
    resume_option,
    json_option,
)  # fmt: skip


def _options(*groups: tuple[Callable[[_Command], _Command], ...]) -> Callable[[_Command], _Command]:
    """Return a decorator that adds groups of options, in their order."""

    def add(command: _Command) -> _Command:
        for option in reversed([option for group in groups for option in group]):
            command = option(command)
        return command

    return add


@probe.command()
@_options(_before)
@click.option(
    "--variant", type=click.Choice(["original", "published"]), default="original", show_default=True,
    help="LAPE with its paper's filter, or without it and each neuron to one language, as the PolyFact study ran it.",
)  # fmt: skip
@click.option("--top", type=_SHARE, default=0.01, show_default=True, help="Share of all neurons that are selected.")
@click.option(
    "--filter-rate", type=click.FloatRange(0, 1, max_open=True), default=0.95, show_default=True,
    help="Quantile of all firing probabilities that a neuron must exceed in a language (original).",
)  # fmt: skip
@click.option(
    "--blocks",
    type=click.IntRange(min=2),
    default=50,
    show_default=True,
    help="Of sentences, which the bootstrap draws.",
)
@_options(_check, _after)
def neurons(**given: Any) -> None:
    """Neurons that fire for some languages only (LAPE), and what knocking them out does."""
    _run("neurons", **given)


@probe.command()
@_options(_before)
@click.option(
    "--head-mask", type=click.Choice(["fixed", "trained"]), default="fixed", show_default=True,
    help="LAHIS with the mask at 1 for every sentence, or updated after each as in its paper.",
)  # fmt: skip
@click.option("--top", type=_SHARE, default=0.02, show_default=True, help="Share of all heads that are a language's.")
@_options(_check, _after)
def heads(**given: Any) -> None:
    """Attention heads that matter for a language (LAHIS), and what knocking them out does."""
    _run("heads", **given)


@probe.command()
@_options(_before)
@click.option(
    "--pooling", type=click.Choice(["weighted", "last", "mean"]), default="weighted", show_default=True,
    help="Of token states to a sentence: weighted by position, the last token, or the mean.",
)  # fmt: skip
@click.option("--pivot", help="Language the others are compared with.  [default: en, or the first one]")
@_options(_after)
def alignment(**given: Any) -> None:
    """How near translations are to each other in every layer (MEXA)."""
    _run("alignment", **given)


def _run(
    kind: "Kind", *, models: tuple[str, ...], against: tuple[str, ...], langs: str, text: str, out: Path,
    split: str | None, limit: int | None, dtype: str, device: str, device_map: str | None, resume: bool, as_json: bool,
    **given: Any,
) -> None:  # fmt: skip
    from xleval.commands.models import model_name
    from xleval.data.languages import parse_languages
    from xleval.probing.options import ProbeOptions
    from xleval.probing.summary import render_probe
    from xleval.probing.texts import read_parallel_text

    try:
        from xleval.probing.run import probe as look
    except ModuleNotFoundError as error:
        raise MissingExtra("hf", "a probe") from error
    codes = parse_languages(langs)
    if len(codes) < 2:
        raise ConfigError(f"--langs {langs}: a probe sets languages side by side, name two or more")
    if kind == "alignment":
        given["pivot"] = _pivot(given["pivot"], codes)
    else:
        given[_TOP[kind]] = given.pop("top")
    read = read_parallel_text(text, codes, limit=limit, split=split)
    with progress_bar() as progress:
        say, count = reporters(progress, "sentences")
        found = look(
            kind, [model_name(name, say) for name in models], [model_name(name, say) for name in against], read,
            ProbeOptions(**given), out, resume=resume, dtype=dtype, device=device, device_map=device_map, say=say,
            count=count,
        )  # fmt: skip
    if as_json:
        print_json(found)
    else:
        click.echo(render_probe(found), nl=False)
    click.echo(f"{out / 'report.html'}", err=True)


def _pivot(name: str | None, langs: tuple[str, ...]) -> str:
    if name is None:
        return "en" if "en" in langs else langs[0]
    from xleval.data.languages import get_language

    return get_language(name).code
