"""How the help of a command is set out: options under headings where there are many, examples below them."""

from collections.abc import Mapping
from typing import Any

import click

from xleval.commands.examples import EXAMPLES, SUMMARIES
from xleval.commands.values import describe_value

_MANY = 18  # options, from which they stand under headings
#: Heading -> names of parameters; all others stand first, under "Options".
_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "Source": ("as_of", "contact", "api", "dialect", "work", "executor", "workers"),
    "Columns": ("columns", "split", "question_column", "answer_column", "id_column", "solution_column"),
    "Checks of translations": (
        "limits", "strict", "no_language_check", "back_translator", "encoder", "solvers", "quality_model", "review",
    ),
    "Model": ("backend", "dtype", "lora", "model_args", "device", "device_map", "batch_tokens", "max_tokens"),
    "Prompts": ("shots", "scaffold", "option_space", "chat", "system_prompt", "cot", "reason_prefix", "script_mask", "pmi", "rotations"),
    "Completions": ("gen", "samples", "length_budget", "decode_grid"),
    "Scores": ("ties", "seen_langs", "cutoff", "second_detector", "blocks", "knock_out", "random_sets", "resamples"),
    "Output": ("out", "seed", "shard", "merge", "log_to", "dry_run", "yes", "resume", "as_json"),
}  # fmt: skip
_COMMANDS: Mapping[str, tuple[str, ...]] = {
    "Start here": ("demo", "doctor", "tasks"),
    "Evaluate": ("run", "compare", "report", "judge", "transfer", "rescore", "merge", "import"),
    "Sets": (
        "build-polyfact", "build-reasoning", "build-traces", "lint", "review", "overlap", "export-lm-eval", "publish",
    ),
    "Train and look inside": ("train", "watch", "probe", "study"),
}  # fmt: skip


class Command(click.Command):
    """A command whose help has examples, and words for every value."""

    def __init__(self, name: str | None, **settings: Any) -> None:
        super().__init__(name, **settings)
        _describe(self)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, under headings where there are many."""
        sections: dict[str, list[tuple[str, str]]] = {"Options": [], **{heading: [] for heading in _HEADINGS}}
        options = [each for each in self.get_params(ctx) if isinstance(each, click.Option)]
        of = {name: heading for heading, names in _HEADINGS.items() for name in names}
        for option in options:
            record = option.get_help_record(ctx)
            if record is not None:
                heading = "Output" if "--help" in option.opts else of.get(option.name or "", "Options")
                heading = heading if len(options) >= _MANY else "Options"
                sections[heading].append(record)
        for heading, records in sections.items():
            if records:
                with formatter.section(heading):
                    formatter.write_dl(records, col_max=26)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples as they are, to be copied."""
        _write_examples(self, formatter)


class Group(click.Group):
    """A group whose help has examples; its commands are `Command`s."""

    command_class = Command

    def __init__(self, name: str | None = None, **settings: Any) -> None:
        super().__init__(name, **settings)
        _describe(self)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples as they are, to be copied."""
        _write_examples(self, formatter)


def write_commands(group: click.Group, formatter: click.HelpFormatter) -> None:
    """Write the list of all commands under headings; one that has none stands under "More"."""
    listed = {name for names in _COMMANDS.values() for name in names}
    rest = tuple(name for name in group.commands if name not in listed)
    for heading, names in {**_COMMANDS, "More": rest}.items():
        rows = [(name, group.commands[name].get_short_help_str(1000)) for name in names if name in group.commands]
        if rows:
            with formatter.section(heading):
                formatter.write_dl(rows, col_spacing=17 - max(len(name) for name, _ in rows))


def _describe(command: click.Command) -> None:
    name = command.name or ""
    for parameter in command.params:
        describe_value(name, parameter)
    command.short_help = command.short_help or SUMMARIES.get(name)
    if command.epilog is None and name in EXAMPLES:  # also what docs/commands.md is made from
        command.epilog = "\n".join(("Examples:", "", "\b", *EXAMPLES[name]))


def _write_examples(command: click.Command, formatter: click.HelpFormatter) -> None:
    lines = EXAMPLES.get(command.name or "", ())
    if lines:
        with formatter.section("Examples"):
            for line in lines:
                formatter.write(f"{'':{formatter.current_indent}}{line}\n")
