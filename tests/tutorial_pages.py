"""Pages of docs/tutorials as programs: their blocks are run in order, in one empty folder.

* console: `$ ` begins a command (a backslash at its end takes in the next line), run by `bash -eu` with the variables that
  commands before it exported; the lines below it are what it prints on both streams.
* python whose first line is `# file: NAME` is written to NAME; other python is run in one namespace for the page, and a
  `text` block after it is what it prints. Blocks of other kinds are only read.
* `<!-- not run: why -->` before a block: it is only read. `<!-- figures vary: why -->`: its numbers are not compared (a
  model's on another processor). `<!-- needs: a, b -->` anywhere: extras of xleval without which the page cannot be run.

Shown lines are compared with printed ones after `stable`: times, sizes, dates, digests and versions do not count. A line
`...` stands for any lines, `...` within a line for any text.
"""

import contextlib
import io
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

_BLOCK = re.compile(r"((?:<!-- [^\n]* -->\n)*)^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"((?:[^\n]*\\\n)*[^\n]*\n)(.*)", re.DOTALL)
_SCRIPT = "source .exports\ntrap 'declare -px >.exports' EXIT\n"
_UNSTABLE = (
    (r"(?m)^  \d+/\d+ requests.*\n", ""),
    (r"\b\d{4}-\d\d(-\d\d)?([T ][\d:.]+Z?)?\b", "DATE"),
    (r"\b(?=[0-9a-f]*[a-f])(?=[0-9a-f]*\d)[0-9a-f]{8,64}\b", "DIGEST"),
    (r"\b\d+\.\d+\.\d+\w*\b", "VERSION"),
    (r"(\d[\d.,]* (s|min|h|seconds|minutes|hours)\b ?)+", "TIME "),
    (r"\b\d[\d.,]* [kMG]?B\b", "SIZE"),
    (r"\S+/s\b", "RATE"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block; `line` is where it stands in the page, `varies` whether its figures may differ."""

    kind: str
    text: str
    line: int
    runs: bool
    varies: bool


def blocks(page: str) -> Iterator[Block]:
    """Yield the blocks of a page in order."""
    for match in _BLOCK.finditer(page):
        before, kind, text = match.groups()
        line = page.count("\n", 0, match.start(2)) + 1
        yield Block(
            kind=kind, text=text, line=line, runs="<!-- not run: " not in before, varies="<!-- figures vary: " in before
        )


def missing_extras(page: str) -> list[str]:
    """Return the extras that a page needs and that are not installed whole."""
    named = re.search(r"<!-- needs: (.*) -->", page)
    return [extra for extra in re.split(r", *", named[1]) if not _is_installed(extra)] if named else []


def _is_installed(extra: str) -> bool:
    wanted = [line for line in metadata.requires("xleval") or () if re.search(rf"extra == ['\"]{extra}['\"]", line)]
    pairs = [re.findall(r"^([\w.-]+)(?:\[([\w,-]+)\])?", line)[0] for line in wanted]
    inner = [_is_installed(other) for name, others in pairs if name == "xleval" for other in others.split(",")]
    return bool(wanted) and all(inner) and all(any(metadata.distributions(name=name)) for name, _ in pairs)


def run_page(page: str, folder: Path, env: Mapping[str, str]) -> None:
    """Run a page's blocks in a folder, which is the current one; AssertionError names the line of a block that differs."""
    namespace: dict[str, object] = {"__name__": "__main__"}
    printed = ""
    (folder / ".exports").touch()
    for block in (block for block in blocks(page) if block.runs):
        if name := re.match(r"# file: (\S+)\n", block.text):
            (folder / name[1]).parent.mkdir(parents=True, exist_ok=True)
            (folder / name[1]).write_text(block.text, encoding="utf-8")
        elif block.kind == "console":
            _run_commands(block, folder, env)
        elif block.kind == "python":
            with contextlib.redirect_stdout(io.StringIO()) as output:
                exec(compile(block.text, f"line {block.line}", "exec"), namespace)
            printed = output.getvalue()
        elif block.kind == "text":
            _compare(block, block.text, printed)


def _run_commands(block: Block, folder: Path, env: Mapping[str, str]) -> None:
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, shown = _COMMAND.findall(part)[0]
        done = subprocess.run(
            ["bash", "-euc", _SCRIPT + command], cwd=folder, env=env, text=True, encoding="utf-8",
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        assert done.returncode == 0, f"line {block.line}: exit code {done.returncode}\n$ {command}{done.stdout}"
        _compare(block, shown, done.stdout, f"$ {command}")


def stable(text: str, *, varies: bool = False) -> list[str]:
    """Return the lines of a text without what differs between two runs, and without the counts of answered requests."""
    for pattern, replacement in _UNSTABLE:
        text = re.sub(pattern, replacement, text)
    if varies:
        text = re.sub(r"[ \t]+", " ", re.sub(r"[-−+]?\d+(\.\d+)?", "0", text))
    return [line.rstrip() for line in text.strip("\n").split("\n")]


def _compare(block: Block, shown: str, printed: str, command: str = "") -> None:
    wanted, found = (stable(text, varies=block.varies) for text in (shown, printed))
    assert is_shown(wanted, found), f"line {block.line} of the page shows other lines than these:\n{command}{printed}"


def is_shown(shown: list[str], printed: list[str]) -> bool:
    """Return whether printed lines are the shown ones; each part after a line `...` is looked for behind the part before it."""
    parts: list[list[str]] = [[]]
    for line in shown:
        if line == "...":
            parts.append([])
        else:
            parts[-1].append(re.escape(line).replace(r"\.\.\.", ".*"))
    place = 0
    for number, part in enumerate(parts):
        last = len(printed) - len(part)
        first = max(place, last) if part is parts[-1] else place  # the last part is the end, the first the beginning
        for start in range(first, min(last, 0 if number == 0 else last) + 1):
            if all(map(re.fullmatch, part, printed[start : start + len(part)])):
                place = start + len(part)
                break
        else:
            return False
    return place == len(printed)
