"""Texts of models and data sets in a report: the page is written, is well-formed, and nothing in it acts that came from them.

An input decides which texts the names, prompts and answers of two runs are. The page is read by the parser of the standard
library and may hold the elements and attributes that a page of plain texts holds.
"""

import dataclasses
import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from tests.fuzz.harness import TEXTS, Choices, Finding, folder, main, outcome
from xleval.evalkit.report import ReportRun, write_report
from xleval.evalkit.report.contents import Findings
from xleval.evalkit.report.example_source import MemorySource
from xleval.evalkit.results import summarise
from xleval.evalkit.samples import Sample

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})
HOSTILE = (
    *TEXTS, "plain", "<zap onzap=1>", "</td></tr></table><zap>", "' onzap='1", '" onzap="1', "`onzap=`", "&lt;zap&gt;",
    "&#60;zap&#62;", "<zap", "</style><zap>", "</title><zap>", "</bdi></q><zap>", "<!--<zap>-->", "<![CDATA[<zap>]]>", "<?zap?>",
    "<svg><zap/></svg>", "</svg><zap>", "a\u0000<zap>", "\ud83c<zap>\udf55", "\u2066\u2067\u202b", "x<zap>" * 170_000,
    "{{ self.__init__ }}", "\\u003czap\\u003e", "<a href=javascript:zap()>", "\ufdd0\uffff\U0010ffff", "\r\n\r\n<zap>", "’“<zap>”",
    "ﷺ" * 3000, "e" + "\u0301" * 5000, "😀" * 999,
)  # fmt: skip


def seeds() -> list[bytes]:
    """Return inputs that put every text in every place."""
    return [bytes([place, text, *range(text, text + 20)]) for text in range(len(HOSTILE)) for place in (0, 3, 7)]


def one_input(data: bytes) -> None:
    """Write a report of runs whose texts the bytes decide, and read it."""
    choices = Choices(data)
    runs = [_run(choices, number) for number in range(1 + choices.below(2))]
    path = folder() / "report.html"
    path.unlink(missing_ok=True)
    findings = Findings(not_compared=_text(choices)) if len(runs) > 1 else Findings()
    _, error = outcome(write_report, runs, path, findings=findings, title=_text(choices))
    if error is not None:
        raise Finding(f"the report was not written: {error}")
    check_page(path)


def check_page(path: Path, plain: Path | None = None) -> None:
    """Raise where a page holds an element, attribute or address that a page of plain texts does not hold.

    Args:
        path: the page.
        plain: of the same kind with plain texts; by default the page of two runs.

    Raises:
        Finding: see above.
    """
    content = path.read_bytes()
    page = Page(content.decode("utf-8"))  # strict: the page is UTF-8
    known = Page(plain.read_text(encoding="utf-8")) if plain else _plain_page()
    if page.open:
        raise Finding(f"elements that are not closed: {page.open[:3]}")
    new = sorted(page.pairs - known.pairs - _plain_page().pairs - _SOMETIMES)
    if new:
        raise Finding(f"elements or attributes that no plain page has: {new[:5]}")
    if page.texts["script"] - _plain_page().texts["script"] or page.texts["style"] != _plain_page().texts["style"]:
        raise Finding("a script or a style of another content")
    if b"\x00" in content:
        raise Finding("a NUL in the page")


class Page(HTMLParser):
    """The elements of a page: `pairs` are (element, attribute), `texts` what stands in scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.pairs: set[tuple[str, str]] = set()
        self.texts: Mapping[str, set[str]] = {"script": set(), "style": set()}
        self.open: list[str] = []
        self._ids: set[str] = set()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of an element."""
        self.handle_startendtag(tag, attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of its attributes."""
        self.pairs.add((tag, ""))
        for name, value in attrs:
            self.pairs.add((tag, name))
            if name.startswith("on") or (name in ("href", "src") and not re.fullmatch(r"#[\w-]+", value or "")):
                raise Finding(f"{tag} has {name}={value!r:.60}")
            if name == "id":
                if value in self._ids:
                    raise Finding(f"the id {value!r:.60} stands twice")
                self._ids.add(value or "")

    def handle_endtag(self, tag: str) -> None:
        """Check that the element that was opened last is closed."""
        if not self.open or self.open.pop() != tag:
            raise Finding(f"</{tag}> closes what is not open")

    def handle_data(self, data: str) -> None:
        """Take note of scripts and styles."""
        if self.open and self.open[-1] in self.texts:
            self.texts[self.open[-1]].add(data)

    def handle_comment(self, data: str) -> None:
        """Refuse: the templates write none."""
        raise Finding(f"a comment: {data[:60]!r}")

    def unknown_decl(self, data: str) -> None:
        """Refuse: the templates write none."""
        raise Finding(f"a declaration: {data[:60]!r}")

    def handle_pi(self, data: str) -> None:
        """Refuse: the templates write none."""
        raise Finding(f"an instruction: {data[:60]!r}")


#: what only long, missing or rare texts bring into a page
_SOMETIMES = frozenset({
    ("details", "open"), ("td", "class"), ("th", "class"), ("span", "title"), ("p", "class"), ("bdi", "class"), ("tr", "class"),
    ("bdi", "lang"), ("div", "lang"), ("p", "lang"), ("pre", "lang"),
})  # fmt: skip


@cache
def _plain_page() -> Page:
    """Return the page of two runs and all findings with plain texts."""
    pages = []
    for data in (b"", b"\x01"):
        path = folder() / "plain.html"
        runs = [_run(Choices(bytes([0])), number) for number in range(1 + len(data))]
        write_report(runs, path, findings=Findings(not_compared="plain" if data else ""), title="plain")
        pages.append(Page(path.read_text(encoding="utf-8")))
    for other in pages[1:]:
        pages[0].pairs |= other.pairs
    return pages[0]


def _text(choices: Choices) -> str:
    return str(choices.pick(HOSTILE))


def _run(choices: Choices, number: int) -> ReportRun:
    """Return a run of a task of options and one of completions, with each of its texts plain or hostile."""
    way = choices.below(8)  # 0: all plain

    def said(plain: str) -> str:
        return plain if way == 0 or choices.below(3) == 0 else _text(choices)

    task = [said("facts"), said("sums") + " "]
    langs = ["en", said("ar")]
    samples: list[Sample] = []
    for k in range(3):
        item = said(str(k))
        for lang in dict.fromkeys(langs):
            samples += _samples(said, task, lang, f"{k} {item}", k % 2 > 0)
    model = said("org/m")
    found, error = outcome(
        summarise, samples, signature={"model": {"model": model, "backend": said("mock")}, "command": said("xleval run")},
        model=model, seed=0, resamples=10,
    )  # fmt: skip
    if error is not None:  # an option without text, a task of two kinds
        return _run(Choices(b""), number)
    results = json.loads(json.dumps(found))
    return ReportRun(results=results, source=MemorySource(samples), label=f"{number} {said('run')}")


def _samples(said: Any, task: Sequence[str], lang: str, item: str, right: bool) -> list[Sample]:
    options = (said("Paris"), said("Rome") + " ")
    groups = json.dumps({said("relation"): said("P36")})
    choice = Sample(
        task=task[0], task_version=1, lang=lang, item_id=item, kind="choice", prompt=said("Capital?"), gold=options[0],
        prediction=options[0] if right else options[1], correct=right, choices=options, gold_index=0, groups=groups,
        sum_logprobs=(-1.0, -2.0) if right else (-2.0, -1.0), n_tokens=(1, 1),
    )  # fmt: skip
    written = Sample(
        task=task[1], task_version=1, lang=lang, item_id=item, kind="generation", prompt=said("3 + 4?"), gold=said("7"),
        prediction=said("7"), correct=right, completion=said("It is 7"), reasoning=said("think"), finish_reason="stop",
        n_completion_tokens=3, n_words=8, n_determined=8, target_share=0.5, english_share=0.25, other_share=0.25,
        undetermined_share=0.0, target_of_determined=0.5, extraction_path=said("last_number"), top_language=said("en"),
    )  # fmt: skip
    failed = dataclasses.replace(
        written, item_id=f"{item} failed", completion=None, reasoning=None, prediction=None, correct=None,
        unscored_reason=said("server"), finish_reason=None,
    )  # fmt: skip
    return [choice, written, failed]


if __name__ == "__main__":
    main(one_input, seeds())
