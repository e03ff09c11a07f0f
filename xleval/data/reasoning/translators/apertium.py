"""Apertium, the rule-based translator that Debian has: real, deterministic and imperfect, for tests without a network.

One run of `apertium -z -f none` translates a block of lines, each ended by a NUL byte, which resets it: a line's translation
does not depend on the lines before (checked on 60 MGSM questions, alone and in one block). Its own text formatter drops NUL
bytes and joins lines, so the marks of its stream format are escaped here. It keeps digits and placeholders.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise

from xleval.data.reasoning.translators.protocol import Translated, TranslationRequest
from xleval.errors import BackendError, ConfigError

_BLOCK = 400  # lines of one run: about two seconds of work, which a killed build would lose at most
_PATIENCE_S = 600  # a run that takes longer hangs
_MARKS = re.compile(r"([\[\]{}^$/\\@<>])")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_SPACES = re.compile(r" {2,}")
_END = ".[]"  # ends the sentence for the rules; the empty blank marks the full stop as not the text's own
_CODES = {
    "en": ("eng", "en"), "es": ("spa", "es"), "pt": ("por", "pt"), "fr": ("fra", "fr"), "ca": ("cat", "ca"),
    "gl": ("glg", "gl"), "it": ("ita", "it"), "de": ("deu", "de"), "ru": ("rus", "ru"), "uk": ("ukr", "uk"),
    "id": ("ind", "id"), "ms": ("zlm", "ms"), "hi": ("hin", "hi"), "ro": ("ron", "ro"), "eo": ("epo", "eo"),
}  # fmt: skip
#: Debian's packages (bookworm) of the pairs that the language table can use, in either direction.
_PACKAGES = {
    frozenset(("en", "es")): "apertium-eng-spa", frozenset(("es", "pt")): "apertium-es-pt",
    frozenset(("es", "fr")): "apertium-fr-es", frozenset(("en", "ca")): "apertium-eng-cat",
    frozenset(("fr", "ca")): "apertium-fra-cat", frozenset(("es", "ca")): "apertium-spa-cat",
    frozenset(("pt", "ca")): "apertium-por-cat", frozenset(("en", "gl")): "apertium-en-gl",
}  # fmt: skip


class Apertium:
    """A translator through installed pairs: directly, or by way of other languages where no direct pair is installed.

    Args:
        way: `eng-spa`, `eng-spa+es-pt`, or empty to find the shortest way for each language.

    Raises:
        BackendError: the program or a pair that is named is not installed.
    """

    candidates = 1
    placeholders = True

    def __init__(self, way: str = "") -> None:
        self.spec = f"apertium:{way}" if way else "apertium"
        self._named = tuple(way.split("+")) if way else ()
        if shutil.which("apertium") is None:
            raise BackendError("apertium is not installed: apt install apertium apertium-eng-spa")
        for mode in self._named:
            if mode not in installed_modes():
                raise BackendError(f"Apertium has no pair {mode!r} here. {_advice(*_languages(mode))}")

    def fingerprint(self) -> Mapping[str, str]:
        """Return its specification, and the versions of the program and of the packages with its pairs."""
        return {"spec": self.spec, "pairs": " ".join(sorted(installed_modes())), **_versions()}

    def check_languages(self, source_lang: str, target_langs: Sequence[str]) -> None:
        """Refuse languages to which no way of installed pairs leads.

        Raises:
            ConfigError: such a language; the package that may help is named.
        """
        for lang in target_langs:
            self._way(source_lang, lang)

    def translate(self, requests: Sequence[TranslationRequest]) -> Iterator[Translated]:
        """Yield translations, block by block, the requests of one way together.

        Raises:
            ConfigError: no way leads to a language.
            BackendError: Apertium cannot be started or hangs.
        """
        ways: dict[tuple[str, ...], list[TranslationRequest]] = {}
        for request in requests:
            ways.setdefault(self._way(request.source_lang, request.target_lang), []).append(request)
        for way, asked in ways.items():
            for block in _blocks(asked):
                yield from _translate_block(way, block)

    def close(self) -> None:
        """Free nothing: a run ends with its block."""

    def _way(self, source: str, target: str) -> tuple[str, ...]:
        if self._named:
            ends = (_languages(self._named[0])[0], _languages(self._named[-1])[1])
            if ends != (source, target):
                raise ConfigError(f"{self.spec} translates {ends[0]} to {ends[1]}, not {source} to {target}")
            return self._named
        way = _shortest_way(source, target)
        if way is None:
            raise ConfigError(f"Apertium has no way from {source} to {target} here. {_advice(source, target)}")
        return way


@cache
def installed_modes() -> frozenset[str]:
    """Return the pairs that Apertium has here, such as `eng-spa`; variants of a language (`es-pt_BR`) are among them."""
    found = subprocess.run(["apertium", "-l"], capture_output=True, text=True, timeout=60, check=False)
    return frozenset(found.stdout.split())


@cache
def _versions() -> dict[str, str]:
    """Return the versions of Debian's packages; elsewhere only the program's own."""
    program = subprocess.run(["apertium", "-V"], capture_output=True, text=True, timeout=60, check=False)
    versions = {
        "apertium": (program.stdout or program.stderr).strip().splitlines()[0]
        if program.stdout or program.stderr
        else ""
    }
    if shutil.which("dpkg-query") is None:
        return versions
    query = ["dpkg-query", "-W", "-f", "${Package} ${Version}\\n", "apertium*", "lttoolbox"]
    found = subprocess.run(query, capture_output=True, text=True, timeout=60, check=False)
    return versions | dict(line.split(" ", 1) for line in found.stdout.splitlines() if not line.endswith(" "))


def _languages(mode: str) -> tuple[str, str]:
    """Return the codes of a pair's languages as the language table has them: `eng-spa` is `("en", "es")`."""
    short = {spelling: code for code, spellings in _CODES.items() for spelling in spellings}
    before, _, after = mode.partition("-")
    return short.get(before, before), short.get(after, after)


def _shortest_way(source: str, target: str) -> tuple[str, ...] | None:
    """Return the pairs of the shortest way between two languages; of equal ways the alphabetically first."""
    modes = sorted(mode for mode in installed_modes() if re.fullmatch(r"[a-z]+-[a-z]+", mode))
    ways: dict[str, tuple[str, ...]] = {source: ()}
    border = [source]
    while border and target not in ways:
        following: list[str] = []
        for lang in border:
            for mode in modes:
                before, after = _languages(mode)
                if before == lang and after not in ways:
                    ways[after] = (*ways[lang], mode)
                    following.append(after)
        border = following
    return ways.get(target)


def _advice(source: str, target: str) -> str:
    direct = _PACKAGES.get(frozenset((source, target)))
    by_way = [_PACKAGES.get(frozenset(pair)) for pair in pairwise((source, "es", target))]
    packages = [direct] if direct else [each for each in by_way if each] if all(by_way) else []
    if packages:
        return f"Install it: apt install {' '.join(packages)}"
    return f"Debian has none either; pairs here: {', '.join(sorted(installed_modes())) or 'none (apt install apertium-eng-spa)'}"


def _blocks(requests: Sequence[TranslationRequest]) -> Iterator[list[TranslationRequest]]:
    block: list[TranslationRequest] = []
    lines = 0
    for request in requests:
        block.append(request)
        lines += request.text.count("\n") + 1
        if lines >= _BLOCK:
            yield block
            block, lines = [], 0
    if block:
        yield block


def _translate_block(way: Sequence[str], block: Sequence[TranslationRequest]) -> Iterator[Translated]:
    """Yield the translations of a block; a line that ends the program is found and is a failure of its own."""
    lines = [line for request in block for line in request.text.split("\n")]
    for mode in way:
        lines = _run(mode, lines)
    rest = iter(lines)
    for request in block:
        text = "\n".join(next(rest) for _ in range(request.text.count("\n") + 1))
        failed = _FAILED in text
        yield Translated(
            key=request.key, text="" if failed else text, failure="Apertium ended on this text" if failed else ""
        )


_FAILED = "\0"  # stands for the translation of a line that ends the program


def _run(mode: str, lines: Sequence[str]) -> list[str]:
    """Return the translations of lines; where the program dies, it is started again behind the line that killed it."""
    done: list[str] = []
    while len(done) < len(lines):
        open_lines = lines[len(done) :]
        found = _start(mode, open_lines)
        done += found
        if len(found) < len(open_lines):
            alone = _start(mode, open_lines[len(found) : len(found) + 1])
            done += alone or [_FAILED]
    return done


def _start(mode: str, lines: Sequence[str]) -> list[str]:
    """Return the translations that one run of the program gives: of all lines, or of those before it died."""
    wanted = [line for line in lines if line.strip() and line != _FAILED]
    sent = "".join(_MARKS.sub(r"\\\1", line.strip().replace("\0", " ")) + _END + "\0" for line in wanted)
    try:
        found = subprocess.run(
            ["apertium", "-u", "-z", "-f", "none", mode],
            input=sent.encode(),
            capture_output=True,
            timeout=_PATIENCE_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BackendError(f"Apertium ({mode}) does not work: {error}") from error
    # Every part of the pipe ends its output with a NUL byte of its own: more come than lines were sent.
    texts = iter(found.stdout.decode("utf-8", errors="replace").split("\0")[:-1][: len(wanted)])
    translated: list[str] = []
    for line in lines:
        if not line.strip() or line == _FAILED:
            translated.append(line)
            continue
        text = next(texts, None)
        if text is None or not text.endswith(_END):
            break
        before = line[: len(line) - len(line.lstrip())]
        after = line[len(line.rstrip()) :]
        plain = _ESCAPED.sub(r"\1", text[: -len(_END)]).strip()
        if "  " not in line:  # a pronoun that Spanish leaves out leaves its space behind
            plain = _SPACES.sub(" ", plain)
        translated.append(before + plain + after)
    return translated
