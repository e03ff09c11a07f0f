"""What every fuzz target shares: decisions drawn from bytes, damage to JSON and bytes, the rules, and the loop.

A target is a module `fuzz_NAME.py` with `one_input(data)`, which feeds a reader and raises where something is wrong, and
`seeds()`, inputs to start from. `main(one_input, seeds())` runs it: by atheris where that is installed, else by a mutator
without coverage.
"""

import argparse
import hashlib
import json
import os
import random
import resource
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

try:
    import atheris
except ImportError:
    atheris = None
if atheris is not None and Path(sys.argv[0]).name.startswith("fuzz_"):
    # left open: what a target imports below, and what xleval imports when it is called, is instrumented
    atheris.instrument_imports(include=["xleval"]).__enter__()

LONGEST_S = 5.0  # of CPU time, an input
MOST_BYTES = 1 << 30  # that an input may add to the memory of the process
LONGEST_MESSAGE = 6000  # characters

OneInput = Callable[[bytes], None]


class Finding(AssertionError):
    """A reader did what it must not: too slow, too large, a wrong number, or an error that helps nobody."""


class Choices:
    """Decisions drawn from the bytes of an input; when they are used up every further one is the first."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def below(self, n: int) -> int:
        """Return a whole number from 0 to n - 1."""
        width = 1 if n <= 256 else 2 if n <= 65536 else 4
        taken = self._data[self._at : self._at + width]
        self._at += width
        return int.from_bytes(taken, "big") % n

    def pick(self, values: Sequence[Any]) -> Any:
        """Return one of some values."""
        return values[self.below(len(values))]

    def rest(self) -> bytes:
        """Return the bytes that no decision has used."""
        return self._data[self._at :]


_PREFIX = "xleval-fuzz-"


@cache
def folder() -> Path:
    """Return a folder for the files of this process, in memory where the system has such; it goes with the process."""
    made = tempfile.TemporaryDirectory(
        prefix=f"{_PREFIX}{os.getpid()}-", dir=_shared_memory(), ignore_cleanup_errors=True
    )
    _KEPT.append(made)
    return Path(made.name)


_KEPT: list[object] = []


def _shared_memory() -> Path:
    return Path("/dev/shm") if Path("/dev/shm").is_dir() else Path(tempfile.gettempdir())


def outcome(call: Callable[..., Any], *args: Any, **named: Any) -> tuple[Any, Exception | None]:
    """Return what a reader returns and None, or None and the XlevalError that it raised; anything else goes on up."""
    from xleval.errors import XlevalError

    try:
        return call(*args, **named), None
    except XlevalError as error:
        said = str(error)
        if not said.strip() or len(said) > LONGEST_MESSAGE:
            raise Finding(f"a message of {len(said)} characters: {said[:200]!r}") from error
        return None, error


def checked(one_input: OneInput, data: bytes) -> None:
    """Run one input under the limits.

    Raises:
        Finding: it took longer than `LONGEST_S` or more than `MOST_BYTES`; or what `one_input` raises.
    """
    began, before = time.process_time(), _peak()
    one_input(data)
    took, grown = time.process_time() - began, _peak() - before
    if took > LONGEST_S and _warm:
        raise Finding(f"an input took {took:.1f} s")
    if grown > MOST_BYTES:
        raise Finding(f"an input took {grown >> 20} MiB")
    _warm.append(None)


_warm: list[None] = []  # the first input also imports and loads models


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10


# --- damage -----------------------------------------------------------------------------------------------------------

#: stands in a value for JSON text that json.dumps cannot write
_RAW = {
    "@nan@": "NaN", "@inf@": "-Infinity", "@1e999@": "1e999", "@digits@": "9" * 5000, "@400@": "1" + "0" * 400,
    "@deep@": "[" * 100_000 + "]" * 100_000, "@deepmap@": '{"a":' * 100_000 + "1" + "}" * 100_000, "@-0@": "-0.0",
    "@half@": '"\\ud800"', "@deep300@": "[" * 300 + "]" * 300,
}  # fmt: skip
TEXTS = (
    "", " ", "\x00", "a\nb", "a\r\n", "\u2028", "\u202eabc", "\ufeff", "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>', "{{ 7*7 }}", "{% x %}", "<!--", "]]>", "javascript:alert(1)", "../../etc/passwd",
    "/etc/passwd", "\x1b[31mred", "x" * 70_000, "1" * 5000, "1e400", "nan", "en", "zh-Hant", "é" * 300, "=1+1", "[[[[",
    "א" + "ב" * 40, "\\boxed{" * 200, "#### 18", "<think>" * 50, "1,000.5", "٤٢", "%s%n", "con",
)  # fmt: skip
VALUES = (
    None, True, False, 0, 1, -1, 2, 2**31, 2**63, -(2**63) - 1, 0.5, -0.5, 1.5, 1e308, 5e-324, [], {}, [[]], [None], {"a": 1},
    [1, 2, 3], ["a", "b"], [0.1, 0.2], {"": None}, *_RAW, *TEXTS,
)  # fmt: skip


def damaged(value: Any, choices: Choices) -> Any:
    """Return a JSON value with one place of it changed: replaced, removed, twice, renamed, moved."""
    copy = json.loads(json.dumps(value))
    places = list(_places(copy))
    if not places:
        return choices.pick(VALUES)
    holder, key = choices.pick(places)
    kind = choices.below(8)
    if kind < 4:
        holder[key] = choices.pick(VALUES)
    elif kind == 4:
        del holder[key]
    elif kind == 5:
        holder[key] = holder[choices.pick(list(holder) if isinstance(holder, dict) else range(len(holder)))]
    elif kind == 6 and isinstance(holder, dict):
        holder[str(choices.pick(TEXTS))] = holder.pop(key)
    elif kind == 6:
        holder.insert(key, holder[key])
    else:
        holder[key] = [holder[key]]
    return copy


def _places(value: Any) -> Iterable[tuple[Any, Any]]:
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from _places(value[key])


def json_text(value: Any, choices: Choices | None = None) -> str:
    """Return JSON of a value of `damaged`; with choices perhaps escaped, indented, or with a key twice."""
    style = choices.below(8) if choices else 0
    text = json.dumps(value, ensure_ascii=style == 1, indent=1 if style == 2 else None)
    for mark, raw in _RAW.items():
        text = text.replace(json.dumps(mark), raw)
    if style == 3 and text.startswith("{") and isinstance(value, dict) and value:
        key = next(iter(value))
        text = text[:-1] + f", {json.dumps(key)}: 1}}"
    return text


def to_bytes(text: str) -> bytes:
    """Return UTF-8, half surrogate pairs as the three bytes that UTF-8 does not have."""
    return text.encode("utf-8", "surrogatepass")


def damaged_bytes(content: bytes, choices: Choices) -> bytes:
    """Return bytes with one place of them changed."""
    n = len(content)
    at, to = sorted((choices.below(n + 1), choices.below(n + 1)))
    kind = choices.below(10)
    insert = choices.pick(
        (b"\xef\xbb\xbf", b"\x00", b"\r", b"\n", b"\xff\xfe", b"\xed\xa0\x80", b"[", b"}", b'"', b"\x80")
    )
    changed = {
        0: content[:at], 1: content[:at] + content[to:], 2: content[:to] + content[at:], 3: content[:at] + insert + content[at:],
        4: content.replace(b"\n", b"\r\n"), 5: insert + content, 6: content + insert,
        7: content[:at] + bytes([choices.below(256)]) + content[at + 1 :], 8: b"\n".join(reversed(content.split(b"\n"))),
    }  # fmt: skip
    return changed.get(kind, content)


# --- the loop ---------------------------------------------------------------------------------------------------------


def inputs(seeds: Sequence[bytes], *, seed: int = 0) -> Iterable[bytes]:
    """Yield the seeds, then bytes changed from seeds and from nothing, without end; the same ones for the same seed."""
    yield from seeds
    draw = random.Random(seed)
    while True:
        base = bytearray(draw.choice(seeds) if seeds and draw.random() < 0.5 else draw.randbytes(draw.randint(1, 48)))
        for _ in range(draw.randint(1, 6)):
            if base and draw.random() < 0.7:
                base[draw.randrange(len(base))] = draw.randrange(256)
            else:
                place = draw.randrange(len(base) + 1)
                base[place:place] = draw.randbytes(draw.randint(1, 8))
        yield bytes(base)


def main(one_input: OneInput, seeds: Iterable[bytes]) -> NoReturn:
    """Run a target as the command line says, print how many inputs it took, and exit with 1 on a finding."""
    parser = argparse.ArgumentParser(description="Run a fuzz target until the time or the inputs are used up.")
    parser.add_argument("--seconds", type=float, default=60.0, help="time to run")
    parser.add_argument("--runs", type=int, default=0, help="inputs to run; 0 is no limit")
    parser.add_argument("--seed", type=int, default=0, help="of the random numbers")
    parser.add_argument("--input", type=Path, help="run this one saved input")
    parser.add_argument("--findings", type=Path, default=Path(tempfile.gettempdir()), help="folder for what fails")
    parser.add_argument("--no-atheris", action="store_true", help="use the mutator without coverage")
    given = parser.parse_args()
    if given.input:
        checked(one_input, given.input.read_bytes())
        sys.exit(0)
    if atheris is not None and not given.no_atheris:
        _with_atheris(one_input, seeds, given)
    sys.exit(_with_mutator(one_input, list(seeds), given))


def _with_mutator(one_input: OneInput, seeds: Sequence[bytes], given: argparse.Namespace) -> int:
    began, count = time.monotonic(), 0
    for data in inputs(seeds, seed=given.seed):
        if time.monotonic() - began > given.seconds or (given.runs and count >= given.runs):
            break
        try:
            checked(one_input, data)
        except Exception:
            path = given.findings / f"finding-{hashlib.sha256(data).hexdigest()[:12]}"
            path.write_bytes(data)
            traceback.print_exc()
            print(f"finding after {count} inputs: {path}", flush=True)
            return 1
        count += 1
    print(f"{count} inputs in {time.monotonic() - began:.0f} s, no finding", flush=True)
    return 0


def _with_atheris(one_input: OneInput, seeds: Iterable[bytes], given: argparse.Namespace) -> NoReturn:
    if child := os.fork():  # libFuzzer ends its process without cleaning up
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        for left in _shared_memory().glob(f"{_PREFIX}{child}-*"):
            shutil.rmtree(left, ignore_errors=True)
        sys.exit(code)
    corpus = folder() / "corpus"
    corpus.mkdir(exist_ok=True)
    for number, data in enumerate(seeds):
        (corpus / f"seed{number:04}").write_bytes(data)
    flags = [
        f"-max_total_time={max(1, int(given.seconds))}", f"-seed={given.seed + 1}", "-rss_limit_mb=0", "-timeout=120",
        "-print_final_stats=1", "-max_len=8192", "-len_control=0", f"-artifact_prefix={given.findings}/finding-",
    ]  # fmt: skip
    if given.runs:
        flags.append(f"-runs={given.runs}")
    atheris.Setup([sys.argv[0], *flags, str(corpus)], lambda data: checked(one_input, data))
    atheris.Fuzz()  # ends the process
    raise SystemExit(0)
