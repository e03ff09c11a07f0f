"""docs/commands.md is what its script makes of the commands, and names every command and option."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import click
import pytest

from xleval.cli import main

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "scripts" / "command_reference.py"
PAGE = ROOT / "docs" / "commands.md"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("command_reference", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def options_by_section() -> dict[str, set[str]]:
    """Return command -> options in the first cells of its table."""
    found: dict[str, set[str]] = {}
    heading = ""
    for line in PAGE.read_text(encoding="utf-8").split("\n"):
        if title := re.fullmatch(r"###? (xleval .+)", line):
            heading = title[1]
            found[heading] = set()
        elif cell := re.match(r"\| `(-[^`]+)` \|", line):
            found[heading] |= set(re.split(" / ", cell[1]))
    return found


def test_the_page_is_current() -> None:
    """In a narrow terminal and with another home, so that neither is in the page."""
    surroundings = {**os.environ, "COLUMNS": "20", "HOME": "/nonexistent", "XLEVAL_CONTACT": "somebody"}
    done = subprocess.run([sys.executable, SCRIPT, "--check"], env=surroundings, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_every_command_and_option_has_its_row() -> None:
    """Read from click's own tree here, not through the script."""

    def walk(command: click.Command, path: str) -> dict[str, set[str]]:
        own = {
            name
            for each in command.params
            if isinstance(each, click.Option)
            for name in (*each.opts, *each.secondary_opts)
        }
        found = {path: own} if path != "xleval" else {}
        if isinstance(command, click.Group):
            for name, below in command.commands.items():
                found |= walk(below, f"{path} {name}")
        return found

    assert options_by_section() == walk(main, "xleval")


def test_check_tells_an_old_page(script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script, "PAGE", tmp_path / "commands.md")
    assert script.write(["--check"]) == 1
    assert not script.PAGE.exists()
    assert script.write([]) == 0
    assert script.write(["--check"]) == 0
    script.PAGE.write_text(script.PAGE.read_text(encoding="utf-8") + "more\n", encoding="utf-8")
    assert script.write(["--check"]) == 1


def test_cells_of_an_option(script: ModuleType) -> None:
    """Expected cells are written by hand from the options' definitions."""

    @click.command()
    @click.option("--size", type=click.IntRange(1, 9), default=3, envvar="SIZE", help="How many.")
    @click.option("--of", multiple=True, metavar="K=V", help="Where a|b is *kept*.  [default: the task's own]")
    @click.option("--kind", type=click.Choice(["a", "b"]), required=True, help="Which; see `x | y`.")
    @click.option("--chat/--no-chat", default=None, help="Ask in snake_case.")
    def tried(**_: object) -> None:
        """Try.

        \b
        $ tried --size 2
        """

    blocks = list(script.section("xleval tried", tried))
    assert blocks[1] == "Try.\n\n```text\n$ tried --size 2\n```"
    assert blocks[3].split("\n")[2:] == [
        "| `--size` | integer, from 1 to 9 | `3` | How many. Also from `$SIZE`. |",
        r"| `--of` | `K=V`; can be repeated | the task's own | Where a\|b is \*kept\*. |",
        r"| `--kind` | `a`, `b` | required | Which; see `x \| y`. |",
        "| `--chat / --no-chat` | flag |  | Ask in snake_case. |",
    ]
