"""Write the reference of every command: `python scripts/command_reference.py` writes docs/commands.md.

The page is made from the commands themselves, so it says what `--help` says, and does not depend on the width of a
terminal or on the user's folders. `--check` writes nothing and ends with code 1 when the page is out of date.
"""

import argparse
import inspect
import re
import sys
from collections.abc import Iterator
from enum import Enum
from pathlib import Path

import click

from xleval.cli import main as xleval_group

PAGE = Path(__file__).resolve().parents[1] / "docs/commands.md"
HEAD = """# Commands

Made by `python scripts/command_reference.py`; change the commands, not this page. `xleval COMMAND --help` says the same.

Results go to standard output (tables for people, `--json` for programs), progress and errors to standard error.
Exit codes: 0 done; 1 failed; 2 wrong usage; 3 finished, with something to look at (unscored items, texts without a
translation, a set over a limit); 130 stopped from the keyboard, 143 by SIGTERM."""
_WORDS = {"IntParamType": "integer", "FloatParamType": "number", "IntRange": "integer", "FloatRange": "number"}
#: What Markdown would take for a mark; an underscore within a word is none.
_MARKS = re.compile(r"[\\`*<\[|$]|(?<!\w)_|_(?!\w)")
_DEFAULT = re.compile(r"\s*\[default: (.+)\]$", re.DOTALL)


def commands(group: click.Group = xleval_group, path: str = "xleval") -> Iterator[tuple[str, click.Command]]:
    """Yield every command below a group with its full name, groups before their commands, in the order of `--help`."""
    context = click.Context(group, info_name=path)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        yield f"{path} {name}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")


def prose(text: str | None) -> str:
    r"""Return a help text as Markdown: paragraphs on one line, and those that click keeps as they are (\b) as code."""
    blocks = []
    for block in inspect.cleandoc(text or "").split("\f")[0].split("\n\n"):
        if block.startswith("\b"):
            blocks.append(f"```text\n{inspect.cleandoc(block.removeprefix(chr(8)).strip(chr(10)))}\n```")
        elif block.strip():
            blocks.append(_plain(" ".join(block.split())))
    return "\n\n".join(blocks)


def _plain(text: str) -> str:
    """Return a sentence that Markdown shows as it is; what stands between backticks stays code."""
    pieces = re.split(r"(`[^`]+`)", text)
    return "".join(
        each.replace("|", r"\|") if number % 2 else _MARKS.sub(r"\\\g<0>", each) for number, each in enumerate(pieces)
    )


def _code(text: str) -> str:
    return f"`{text}`".replace("|", r"\|")


def value(parameter: click.Parameter, context: click.Context) -> str:
    """Return what is written after an option, or in an argument's place: choices, or a kind of value with its range."""
    if isinstance(parameter, click.Option) and parameter.is_flag:
        return "flag"
    kind = parameter.type
    if isinstance(kind, click.Choice):
        return ", ".join(_code(each.name if isinstance(each, Enum) else str(each)) for each in kind.choices)
    if isinstance(kind, click.Path):
        found = "folder" if not kind.file_okay else "file" if not kind.dir_okay else "file or folder"
    else:
        found = _WORDS.get(type(kind).__name__, "text")
    if parameter.metavar and isinstance(parameter, click.Option):
        found = _code(parameter.make_metavar(context))
    if isinstance(kind, (click.IntRange, click.FloatRange)):
        found += f", {_range(kind)}"
    repeated = parameter.nargs == -1
    if isinstance(parameter, click.Option) and parameter.multiple:
        repeated = "repeated" not in (parameter.help or "")
    return f"{found}; can be repeated" if repeated else found


def _range(kind: click.IntRange | click.FloatRange) -> str:
    low, high = kind.min, kind.max
    above, below = ("more than" if kind.min_open else "from"), ("less than" if kind.max_open else "to")
    if low is None:
        return f"{below} {high:g}"
    return f"{above} {low:g}" + ("" if high is None else f" {below} {high:g}")


def default(option: click.Option) -> str:
    """Return an option's default, "required", or nothing; a default that the help text names in words is taken from it."""
    if option.required:
        return "required"
    if named := _DEFAULT.search(option.help or ""):
        return _plain(named[1])
    own = option.default
    if own is None or isinstance(own, bool) or callable(own) or not str(own) or "UNSET" in repr(own):
        return ""
    return _code(Path(own).as_posix() if isinstance(own, Path) else str(own))


def meaning(option: click.Option) -> str:
    """Return an option's help text without its default, with the environment variable that gives it."""
    names = [option.envvar] if isinstance(option.envvar, str) else list(option.envvar or ())
    own = _DEFAULT.sub("", option.help or "")
    for name in names:
        own = own.replace(f"[${name}]", "")
    text = _plain(" ".join(own.split()))
    return text + "".join(f" Also from `${name}`." for name in names)


def section(path: str, command: click.Command) -> Iterator[str]:
    """Yield the Markdown blocks of one command."""
    context = click.Context(command, info_name=path)
    yield f"{'##' if path.count(' ') == 1 else '###'} {path}"
    yield prose(command.help)
    yield f"```text\n{path} {' '.join(command.collect_usage_pieces(context))}\n```"
    arguments = [each for each in command.params if isinstance(each, click.Argument)]
    if arguments:
        rows = [
            f"| {_code(each.make_metavar(context).strip('[].'))} | {value(each, context)} "
            f"| {'yes' if each.required else 'no'} |"
            for each in arguments
        ]
        yield "\n".join(["| argument | value | required |", "|---|---|---|", *rows])
    options = [each for each in command.params if isinstance(each, click.Option) and not each.hidden]
    if options:
        rows = [
            f"| {_code(' / '.join((*each.opts, *each.secondary_opts)))} | {value(each, context)} | {default(each)} "
            f"| {meaning(each)} |"
            for each in options
        ]
        yield "\n".join(["| option | value | default | meaning |", "|---|---|---|---|", *rows])
    if command.epilog:
        yield prose(command.epilog)


def page() -> str:
    """Return the whole page."""
    found = list(commands())
    links = [
        f"- [`{path}`](#{path.replace(' ', '-')}): {_plain(each.get_short_help_str(1000))}" for path, each in found
    ]
    blocks = [HEAD, "\n".join(links), *(block for path, each in found for block in section(path, each) if block)]
    return "\n\n".join(blocks) + "\n"


def write(arguments: list[str]) -> int:
    """Write the page, or with `--check` return 1 when it is not what would be written."""
    parser = argparse.ArgumentParser(description="Write docs/commands.md from the commands.")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; end with code 1 if the page is out of date"
    )
    made = page()
    if not parser.parse_args(arguments).check:
        PAGE.write_text(made, encoding="utf-8")
        return 0
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == made:
        return 0
    print("docs/commands.md is out of date: python scripts/command_reference.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(write(sys.argv[1:]))
