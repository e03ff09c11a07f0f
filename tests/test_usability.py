"""What a new user meets: help with examples, completion, narrow and plain terminals, progress, lists that name nothing."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner, Result
from rich import box
from rich.cells import cell_len
from rich.progress import Progress
from rich.table import Table

from xleval import console as console_module
from xleval.cli import main
from xleval.commands.examples import EXAMPLES, SUMMARIES
from xleval.console import reporters
from xleval.text_console import has_colour, print_whole, printed, text_console


def xleval(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def every_command(
    group: click.Group = main, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from every_command(command, (*path, name))


COMMANDS = dict(every_command())


def example_lines(command: click.Command) -> list[list[str]]:
    """Return the words of each example, lines that go on joined."""
    text = "\n".join(EXAMPLES[str(command.name)]).replace("\\\n", "")
    return [shlex.split(line) for line in text.splitlines()]


def completions(*words: str) -> list[str]:
    found = ShellComplete(main, {}, "xleval", "_XLEVAL_COMPLETE").get_completions(list(words[:-1]), words[-1])
    return [item.value for item in found if item.type == "plain"]


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_help_fits_80_columns_and_says_what_each_value_is(
    path: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown = xleval(*path, "--help").stdout
    assert [line for line in shown.splitlines() if cell_len(line) > 80] == []
    assert "\nExamples:\n  xleval " in shown
    types = re.findall(r"^  --[a-z-]+ (INTEGER|FLOAT|DIRECTORY|INTEGER RANGE|FLOAT RANGE)\b", shown, re.MULTILINE)
    assert types == []


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_examples_are_command_lines_that_are_understood(path: tuple[str, ...]) -> None:
    lines = example_lines(COMMANDS[path])
    assert lines
    for words in lines:
        assert words[: len(path) + 1] == ["xleval", *path]
        command: click.Command = main
        context = click.Context(main, info_name="xleval")
        rest = words[1:]
        while isinstance(command, click.Group):
            command, rest = command.commands[rest[0]], rest[1:]
        context = command.make_context(command.name, rest, parent=context)  # a wrong option or value raises
        assert context.params


def test_examples_that_need_no_model_run() -> None:
    for words in (["tasks"], ["tasks", "mgsm"], ["tasks", "sample", "--lang", "ko"], ["train", "grpo", "--list"]):
        path = (words[0],) if words[0] == "tasks" else ("train", "grpo")
        assert ["xleval", *words] in example_lines(COMMANDS[path])
        assert xleval(*words).exit_code == 0


def test_the_list_of_commands_has_each_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown = xleval("--help").stdout
    assert "..." not in shown.split("\n\n", 2)[2]  # after "COMMAND [ARGS]..."
    for name in main.commands:
        assert re.search(rf"^  {name} +{re.escape(SUMMARIES[name])}$", shown, re.MULTILINE), name
    assert [name for name in SUMMARIES if (name,) not in COMMANDS and all(path[-1] != name for path in COMMANDS)] == []


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("run", "--langs", "en,s"), ["en,sw"]),
        (("run", "--langs", "en,sw,s"), []),  # a language stands once
        (("run", "--tasks", "mgsm,gsm"), ["mgsm,gsm8k"]),
        (("run", "--backend", "v"), ["vllm"]),
        (("run", "--model", "v"), ["vllm:"]),
        (("run", "--data", "polyf"), ["polyfact="]),
        (("run", "--length-budget", "f"), ["fertility"]),
        (("tasks", "belebel"), ["belebele"]),
        (("study", "par"), ["parallel-scaling"]),
        (("train", "cpt", "polyfact/olmo2-7b-cpt-text-p"), []),
        (("train", "gr"), ["grpo"]),
        (("import", "--from", "light"), ["lighteval"]),
        (("build-polyfact", "--relations", "P36,P137"), ["P36,P1376"]),
    ],
)
def test_the_shell_offers(words: tuple[str, ...], expected: list[str]) -> None:
    assert completions(*words) == expected


def test_recipes_are_offered_for_their_kind_alone() -> None:
    offered = completions("train", "cpt", "polyfact/")
    assert offered
    assert all("-cpt-" in name for name in offered)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(shell: str) -> None:
    heavy = "('torch', 'numpy', 'pyarrow', 'transformers', 'lingua', 'rich')"
    code = (
        "import sys, atexit; from xleval.cli import main\n"
        f"atexit.register(lambda: print([name for name in {heavy} if name in sys.modules], file=sys.stderr))\n"
        "main(prog_name='xleval')"
    )

    def asked(instruction: str) -> subprocess.CompletedProcess[str]:
        surroundings = {
            **os.environ, "_XLEVAL_COMPLETE": f"{shell}_{instruction}", "COMP_WORDS": "xleval run --tasks belebel",
            "COMP_CWORD": "belebel" if shell == "fish" else "3",
        }  # fmt: skip
        return subprocess.run([sys.executable, "-c", code], env=surroundings, capture_output=True, text=True)

    if shell != "bash":  # for bash click asks the installed bash for its version
        assert "xleval" in asked("source").stdout
    done = asked("complete")
    assert "belebele" in done.stdout
    assert done.stderr.strip() == "[]", done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run"], "Missing option '--model', as in: xleval run --model demo --langs en,ko. See: "),
        (["run", "--model", "mock:m", "--langs", "en", "de"], "separated by commas without spaces, such as en,de"),
        (["run", "--model", "mock:m", "--langs", "en de"], "languages are separated by commas, such as en,de"),
        (["run", "--model", "mock:m", "--langs", "jp"], "Did you mean ja?"),
        (["run", "--model", "vlm:m", "--langs", "en", "--tasks", "sample"], "Did you mean vllm?"),
        (["run", "--model", "mock", "--langs", "en", "--tasks", "sample"], "write --model mock:MODEL"),
        (["run", "--model", "mock:m", "--langs", "en", "--data", "polyfct=x"], "Did you mean polyfact"),
        (["train", "grpo", "polyfct/grpo", "--dry-run"], "Did you mean polyfact?"),
        (["compare", "a", "b", "--tasks", ","], "--tasks ',' names nothing"),
        (["compare", "a", "b", "--langs", ""], "--langs '' names nothing"),
        (["judge", "a", "b", "--judge", "mock:m", "--out", "x", "--langs", " , "], "--langs ' , ' names nothing"),
    ],
)
def test_stumbles_of_a_first_run(arguments: list[str], message: str) -> None:
    result = xleval(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert message in result.stderr.strip().splitlines()[-1]


NAMES = (
    "en",
    "نموذج-كبير",
    "模型-日本語",
    "แบบจำลอง",
    "मॉडल-हिन्दी",
    "a-very-long-model-name-with-its-training-and-seed-1",
)


def wide_table() -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, collapse_padding=True)
    table.add_column("model")
    for number in range(20):
        table.add_column(f"run {number} accuracy", justify="right")
    for row, name in enumerate(NAMES):
        table.add_row(name, *(f"{row}{number:02}.5 [0.1, 9.9]" for number in range(20)))
    return table


def test_wide_tables_become_several_without_losing_a_cell() -> None:
    """Twenty columns of 16 and a key of up to 51: none fits 80 columns whole; each is read back from the parts."""
    console = text_console(plain_width=100, width=80, colour=False)
    print_whole(console, wide_table())
    text = printed(console)
    assert [line for line in text.splitlines() if cell_len(line) > 80] == []
    for row in range(len(NAMES)):
        for number in range(20):
            assert text.count(f"{row}{number:02}.5 [0.1, 9.9]") == 1
    assert "…" not in text
    assert "".join(text.split()).count("model") >= 3  # the key stands in every part


def test_columns_stand_below_each_other_whatever_the_script() -> None:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("name")
    table.add_column("n", justify="right")
    for name in NAMES:
        table.add_row(name, "7")
    console = text_console(plain_width=100, width=80, colour=False)
    print_whole(console, table)
    rows = [line for line in printed(console).splitlines() if line.endswith("7")]
    assert len(rows) == len(NAMES)
    assert {cell_len(row) for row in rows} == {cell_len(rows[0])}
    (arabic,) = (row for row in rows if "نموذج" in row)
    assert arabic.startswith("\u2068نموذج-كبير\u2069")  # so that the figure beside it stays on its right


@pytest.mark.parametrize(
    ("surroundings", "terminal", "expected"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"TERM": "dumb"}, True, False),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False),
    ],
)
def test_colours(surroundings: dict[str, str], terminal: bool, expected: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in surroundings.items():
        monkeypatch.setenv(name, value)

    class Stream:
        def isatty(self) -> bool:
            return terminal

    assert has_colour(Stream()) is expected


def test_no_escape_codes_in_a_pipe_and_json_alone_on_stdout(tmp_path: Path) -> None:
    """FORCE_COLOR is set in many CI systems: the bar must not be drawn into their logs."""
    surroundings = {**os.environ, "FORCE_COLOR": "1", "TERM": "xterm"}
    command = [sys.executable, "-m", "xleval", "run", "--model", "mock:m", "--langs", "ko", "--tasks", "sample"]
    command += ["--limit", "2", "--out", str(tmp_path / "run"), "--json"]
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True)
    assert json.loads(done.stdout)["model"] == "m"
    assert "\x1b" not in done.stdout + done.stderr


def test_terminals_without_unicode(tmp_path: Path) -> None:
    """Box drawing becomes ASCII; other characters become their numbers, in JSON as JSON has them.

    Where a terminal says ASCII, click writes UTF-8: such a setting is mostly a mistake.
    """
    surroundings = {**os.environ, "PYTHONIOENCODING": "iso-8859-1", "PYTHONUTF8": "0"}

    def said(*arguments: str) -> str:
        command = [sys.executable, "-m", "xleval", *arguments]
        done = subprocess.run(command, env=surroundings, capture_output=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.decode("iso-8859-1")

    shown = said("tasks", "sample", "--lang", "ko", "--json")
    assert shown.isascii()
    korean = xleval("tasks", "sample", "--lang", "ko", "--json").stdout
    assert not korean.isascii()
    assert json.loads(shown) == json.loads(korean)
    table = said(
        "run", "--model", "mock:m", "--langs", "ko", "--tasks", "sample", "--limit", "2", "--out", str(tmp_path / "run")
    )
    assert re.search(r"^-{20,}$", table, re.MULTILINE)


def test_progress_lines_have_rate_and_time_left(capsys: pytest.CaptureFixture[str]) -> None:
    """Twenty done in ten seconds: 2 a second, 80 left: 40 s. A line each ten seconds, and the last."""
    assert console_module.SECONDS_A_LINE == 10
    now_s = 0.0
    say, count = reporters(Progress(disable=True), clock=lambda: now_s)
    say("running")
    for done, time_s in ((0, 0.0), (4, 2.0), (20, 10.0), (30, 15.0), (60, 30.0), (100, 50.0)):
        now_s = time_s
        count(done, 100)
    assert capsys.readouterr().err.splitlines() == [
        "running",
        "  0/100 requests",
        "  20/100 requests, 2/s, 0:00:40 left",
        "  60/100 requests, 2/s, 0:00:20 left",
        "  100/100 requests, 2/s",
    ]


def test_what_a_resumed_run_has_already_is_not_in_its_rate(capsys: pytest.CaptureFixture[str]) -> None:
    now_s = 0.0
    _, count = reporters(Progress(disable=True), clock=lambda: now_s)
    count(900, 1000)
    now_s = 10.0
    count(950, 1000)  # 50 in ten seconds, 50 left
    assert capsys.readouterr().err.splitlines()[-1] == "  950/1000 requests, 5/s, 0:00:10 left"
