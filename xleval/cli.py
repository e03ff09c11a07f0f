"""The command line: one group; commands are in `xleval.commands`, and import what is heavy when they run.

Results go to standard output (tables for people, `--json` for programs), progress and errors to standard error. Exit
codes: 0 done, 1 failed, 2 wrong usage, 3 finished with unscored items, texts without a translation, or a set over a limit,
130 stopped from the keyboard, 143 by SIGTERM.
"""

import contextlib
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

import xleval
from xleval.commands.build import build_polyfact, demo
from xleval.commands.compare import compare
from xleval.commands.examples import EXAMPLES
from xleval.commands.help_page import write_commands
from xleval.commands.inspect import doctor, export_lm_eval, tasks
from xleval.commands.judge import judge
from xleval.commands.lint import lint
from xleval.commands.overlap import overlap
from xleval.commands.probe import probe
from xleval.commands.publish import publish
from xleval.commands.reasoning import build_reasoning
from xleval.commands.report import report
from xleval.commands.review import review
from xleval.commands.run import run
from xleval.commands.saved import import_outputs, merge, rescore
from xleval.commands.study import study
from xleval.commands.traces import build_traces
from xleval.commands.train import train
from xleval.commands.transfer import transfer
from xleval.commands.watch import watch
from xleval.console import FAILED, STOPPED, WRONG_USAGE, print_every_character
from xleval.data.folder_lock import folders_held
from xleval.errors import ConfigError, XlevalError, unknown_name
from xleval.termination import TERMINATED, Terminated, stopped_by_sigterm


class _Group(click.Group):
    """The group that turns every expected error into one line and an exit code, and names the nearest command."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        print_every_character()
        try:
            with folders_held(), stopped_by_sigterm():
                code = super().main(*args, **{**kwargs, "standalone_mode": False})
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            sys.exit(WRONG_USAGE)
        except click.UsageError as error:
            _fail(_what_is_wrong(error), WRONG_USAGE)
        except ConfigError as error:
            _fail(error, WRONG_USAGE)
        except (XlevalError, click.ClickException) as error:
            _fail(error, FAILED)
        except (KeyboardInterrupt, click.Abort) as error:
            given = args[0] if args and args[0] is not None else kwargs.get("args") or sys.argv[1:]
            by_sigterm = isinstance(error, Terminated) or isinstance(
                error.__cause__, Terminated
            )  # click makes an Abort of it
            _fail(f"stopped{self._how_to_go_on(given)}", TERMINATED if by_sigterm else STOPPED)
        except BrokenPipeError:
            sys.stderr.close()  # the reader of our output has gone: nothing to tell it
            sys.exit(FAILED)
        except OSError as error:  # of standard output on a full disk; everything else is caught where it is written
            with contextlib.suppress(OSError):  # what is buffered would fail again at exit
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            where = error.filename or ("standard output" if error.errno else type(error).__name__)
            _fail(f"{where}: {error.strerror or error}; nothing more was written", FAILED)
        sys.exit(code if isinstance(code, int) else 0)

    def _how_to_go_on(self, given: Sequence[str]) -> str:
        words = iter(given)
        command = self.commands.get(next(words, ""))
        if isinstance(command, click.Group):  # train KIND, probe KIND
            command = command.commands.get(next(words, ""))
        resumes = command is not None and any(option.name == "resume" for option in command.params)
        return "; the same command with --resume goes on" if resumes else "; nothing was written"

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands by what they are for."""
        write_commands(self, formatter)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            raise unknown_name("command", args[0], self.list_commands(ctx))
        return super().resolve_command(ctx, args)


def _what_is_wrong(error: click.UsageError) -> str:
    """Return a wrong command line in words: what is wrong, a line that is right, and where more stands."""
    words = error.format_message().rstrip(".")
    command = error.ctx.command_path if error.ctx else "xleval"
    if isinstance(error, click.MissingParameter) and error.ctx:
        lines = EXAMPLES.get(error.ctx.command.name or "", ())
        if lines and not lines[0].endswith("\\"):
            words += f", as in: {lines[0]}"
    if (
        "unexpected extra argument" in words
        and error.ctx
        and any(each.name == "langs" for each in error.ctx.command.params)
    ):
        words += "; names in a list are separated by commas without spaces, such as en,de"
    return f"{words}. See: {command} --help"


def _fail(error: object, code: int) -> NoReturn:
    click.echo(f"xleval: {' '.join(str(error).split())}", err=True)
    sys.exit(code)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(xleval.__version__, prog_name="xleval")
def main() -> None:
    """Does a language model know and reason in every language, and what did training do to that?"""


for command in (
    demo, build_polyfact, build_reasoning, lint, review, overlap, tasks, run, rescore, merge, import_outputs, train,
    build_traces, study, probe, watch, compare, judge, transfer, report, publish, export_lm_eval, doctor,
):  # fmt: skip
    main.add_command(command)
