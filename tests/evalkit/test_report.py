"""The report: self-contained, escaped everywhere, right to left where it must be, claims refused, the same bytes again."""

import base64
import dataclasses
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.evalkit.report.report_cases import choice, curves_of, run_of, small_run, transfer_of
from tests.evalkit.report.report_cases import generation as generation_of
from xleval.errors import ConfigError, DataError
from xleval.evalkit.claims import refused_claims
from xleval.evalkit.figures.chart import HeatMap, Line, Point
from xleval.evalkit.figures.of_results import task_charts
from xleval.evalkit.report import Findings, ReportRun, write_report
from xleval.evalkit.report.command import command_of
from xleval.evalkit.report.curves import write_curves_report
from xleval.evalkit.report.svg import draw
from xleval.evalkit.report.svg_line_labels import end_labels
from xleval.evalkit.requests import Sampling
from xleval.evalkit.results_schema import Results
from xleval.evalkit.samples import Sample
from xleval.evalkit.tables import how_asked

EVIL = "\"><script>alert(1)</script>'<img src=x onerror=alert(2)>&amp;{{7*7}}</style></textarea>"


def written(tmp_path: Path, *runs: Any) -> str:
    path = tmp_path / "report.html"
    write_report(runs, path)
    return path.read_text(encoding="utf-8")


class Page(HTMLParser):
    """Collects what a browser would see: tags, attributes, nesting."""

    VOID = frozenset({"meta", "br", "img", "link", "hr", "input"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


def test_the_page_is_well_formed_and_loads_nothing(tmp_path: Path) -> None:
    page = Page(written(tmp_path, small_run()))
    names = {name for name, _ in page.tags}
    assert not names & {"img", "link", "iframe", "object", "embed", "form", "base"}
    for _, attrs in page.tags:
        assert not {"src", "style", "srcdoc"} & attrs.keys()
        assert not [name for name in attrs if name.startswith("on")]
        assert (attrs.get("href") or "#").startswith("#")
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    links = {(attrs.get("href") or "#")[1:] for attrs in page.named("a")}
    assert links <= set(ids)
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in page.named("meta")
    # without the script the filters, which it works, are not there
    assert "hidden" in next(attrs for attrs in page.named("div") if attrs.get("id") == "filters")


def digest_of(html: str, tag: str) -> str:
    found = re.search(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
    assert found is not None
    return f"'sha256-{base64.b64encode(hashlib.sha256(found[1].encode()).digest()).decode()}'"


def test_the_policy_allows_this_style_sheet_and_script_alone(tmp_path: Path) -> None:
    html = written(tmp_path, small_run())
    policy = next(meta["content"] for meta in Page(html).named("meta") if "http-equiv" in meta)
    style, script = digest_of(html, "style"), digest_of(html, "script")
    assert policy == (
        f"default-src 'none'; style-src {style}; script-src {script}; base-uri 'none'; form-action 'none'"
    )
    without = written(tmp_path, (small_run()[0], []))
    assert "script-src" not in without
    assert "<script" not in without


def test_every_text_is_escaped(tmp_path: Path) -> None:
    groups = json.dumps({EVIL: EVIL, "second": "a"})
    other = json.dumps({EVIL: "b", "second": EVIL})
    samples = [
        choice(EVIL, "en", True, prompt=EVIL, gold=EVIL, prediction=EVIL, choices=(EVIL, "x"), groups=groups),
        choice("2", "en", False, prompt=EVIL, prediction="x", choices=(EVIL, "x"), groups=other),
        choice("3", "en", False, prediction=None, correct=None, unscored_reason=EVIL, sum_logprobs=(), n_tokens=()),
        generation_of(EVIL, "en", True, task=EVIL, prompt=EVIL, gold=EVIL, prediction=EVIL, completion=EVIL),
        generation_of("2", "en", False, task=EVIL, prediction=None, completion=EVIL, finish_reason="length"),
        choice(EVIL, EVIL, True),
    ]
    run = run_of(samples, model=EVIL, **{EVIL: EVIL, "nested": {EVIL: [EVIL]}})
    html = written(tmp_path, run, run_of(samples[:1], model=EVIL, command=EVIL))
    page = Page(html)
    assert not {"img", "textarea"} & {name for name, _ in page.tags}
    assert html.count("<script") == html.count("</script>") == 1
    assert "49" not in re.findall(r"\b49\b", html)  # {{7*7}} is text, not a template
    assert html.count("</style>") == 1
    assert "&lt;script&gt;" in html


def test_control_characters_and_lone_surrogates_do_not_stop_the_report(tmp_path: Path) -> None:
    samples = [choice("1", "en", True, prompt="a\x00b\x1b[31m\ud83d", choices=("Paris", "Rome\x07"))]
    html = written(tmp_path, run_of(samples, model="m\ud800"))
    assert "\x00" not in html
    assert "a\N{SYMBOL FOR NULL}b\N{SYMBOL FOR ESCAPE}[31m\N{REPLACEMENT CHARACTER}" in html


def test_direction_overrides_are_shown_and_not_obeyed(tmp_path: Path) -> None:
    text = "user\N{RIGHT-TO-LEFT OVERRIDE}nimda\N{LEFT-TO-RIGHT OVERRIDE}"
    html = written(tmp_path, run_of([choice("1", "en", True, prompt=text)], model=text))
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in html
    assert html.count("user[U+202E]nimda[U+202D]") >= 4  # title, heading, command, prompt


def test_arabic_runs_right_to_left(tmp_path: Path) -> None:
    page = Page(written(tmp_path, small_run()))
    said = [attrs for attrs in page.named("div") if attrs.get("class") == "said"]
    directions = {(attrs.get("lang"), attrs["dir"]) for attrs in said}
    assert directions == {("en", "ltr"), ("ar", "rtl"), ("bn", "ltr")}
    outputs = [attrs for attrs in page.named("div") if attrs.get("class") == "said output"]
    assert {attrs["dir"] for attrs in outputs} == {"auto"}  # whatever language the model has turned to


def test_charts_and_tables_are_named(tmp_path: Path) -> None:
    html = written(tmp_path, small_run())
    charts = re.findall(r'<svg role="img".*?</svg>', html, re.DOTALL)
    # choice: accuracy, counts, RankC (and of both wrong), agreement (and right, wrong), overlap; generation: accuracy,
    # shares, counts, agreement (and right, wrong), overlap
    assert len(charts) == 8 + 7
    for chart in charts:
        assert re.search(r"<title [^>]*>[^<]+</title><desc [^>]*>[^<]+</desc>", chart)
    page = Page(html)
    assert len(page.named("table")) == len(page.named("caption"))
    regions = [attrs for attrs in page.named("div") if attrs.get("role") == "region"]
    assert all(attrs.get("tabindex") == "0" and attrs.get("aria-label") for attrs in regions)
    labels = [attrs["aria-label"] for attrs in regions]
    assert len(labels) == len(set(labels))


def test_the_same_runs_give_the_same_bytes(tmp_path: Path) -> None:
    assert written(tmp_path, small_run(a=1)) == written(tmp_path, small_run(a=1))


def test_signature_and_command(tmp_path: Path) -> None:
    html = written(tmp_path, small_run(model_revision="abc123"))
    assert "abc123" in html
    assert "xleval run --model org/m --tasks facts,sums --langs en,ar,bn --ties expected" in html
    assert "cannot be repeated" in written(tmp_path, small_run())
    assert "xleval demo --out d" in written(tmp_path, small_run(command="xleval demo --out d"))


def test_results_from_a_file_and_without_samples(tmp_path: Path) -> None:
    results = json.loads(json.dumps(small_run()[0]))
    html = written(tmp_path, (results, []))
    assert "<article" not in html
    with pytest.raises(DataError, match=r"schema xleval\.results/1, found 'other'"):
        written(tmp_path, (results | {"schema": "other"}, []))
    older = json.loads(json.dumps(results))
    del older["tasks"]["facts"]["signature_line"]
    with pytest.raises(DataError, match="results of facts have no signature_line: an older xleval wrote them"):
        written(tmp_path, (older, []))
    with pytest.raises(ConfigError, match="at least one run"):
        written(tmp_path)


def test_a_report_of_one_language_and_nothing_scored(tmp_path: Path) -> None:
    sample = choice(
        "1", "xx", True, prediction=None, correct=None, unscored_reason="gone", sum_logprobs=(), n_tokens=()
    )
    html = written(tmp_path, run_of([sample]))
    assert "not scored" not in html  # bounds instead: 0 to 100
    assert "0.0 to 100.0" in html
    assert "If all unscored were right" in html
    assert "unscored: gone" in html


def claims_of(*runs: tuple[Results, list[Sample]]) -> str:
    return "\n".join(f"{refusal.claim}: {refusal.reason}" for refusal in refused_claims([run[0] for run in runs]))


def test_reviewers_allow_the_word_native() -> None:
    text = claims_of(small_run(reviewed_by={"facts": ["A. Person"]}))
    assert "facts is native" not in text
    assert "sums is native" in text


def test_total_consistency_never_stands_without_accuracy(tmp_path: Path) -> None:
    html = written(tmp_path, small_run())
    sentences = re.findall(r"<p>(Right in (?:all|both)[^<]*)</p>", html)
    assert len(sentences) == 2
    assert all("at mean accuracy" in sentence for sentence in sentences)


def heat_map(n: int, value: float = 0.5) -> HeatMap:
    labels = tuple(f"<{k}>" for k in range(n))
    matrix = tuple(tuple(value if i + j != 2 else None for j in range(n)) for i in range(n))
    return HeatMap(name="x", title="t", caption="c", labels=labels, matrix=matrix)


def test_heat_map_of_equal_values_and_gaps() -> None:
    (chart,) = draw(heat_map(3), "c1")
    assert chart.count("<rect") == 4 + 12  # four cells, and the twelve shades of the key
    assert chart.count(">–<") == 2
    assert "&lt;2&gt;" in chart


def test_a_heat_map_of_two_hundred_languages_stays_small() -> None:
    (chart,) = draw(heat_map(200), "c1")
    assert len(chart) < 1_500_000
    assert chart.count("<rect") == 12  # those of the key: cells of one shade are one path


def shades(*values: float, span: tuple[float, float] = (0.0, 1.0)) -> list[str]:
    matrix = tuple(tuple(None if i == j else values[j] for j in range(len(values))) for i in range(len(values)))
    labels = tuple(f"l{k}" for k in range(len(values)))
    (drawn,) = draw(HeatMap(name="n", title="t", caption="", labels=labels, matrix=matrix, span=span), "c1")
    return re.findall(r'rx="2" fill-opacity="([\d.]+)"', drawn)


def test_a_value_has_one_colour_in_every_map() -> None:
    # 0.06 + 0.94 x of a span from 0 to 1, whatever else is in the map
    assert set(shades(0.5, 0.5)) == {"0.530"}
    assert set(shades(0.5, 1.0)) == {"0.530", "1.000"}
    # RankC: chance and what is below it have the weakest colour
    assert set(shades(0.3, 0.4, span=(0.4, 1.0))) == {"0.060"}
    results, _ = small_run()
    maps = [chart for chart in task_charts(results["tasks"]["facts"], "n", "s") if isinstance(chart, HeatMap)]
    block = results["tasks"]["facts"]["consistency"]
    assert block
    assert block["rankc"]
    assert {chart.name: chart.span for chart in maps if chart.name in ("n-rankc", "n-agreement")} == {
        "n-rankc": (block["rankc"]["chance"], 1.0), "n-agreement": (0.0, 1.0)
    }  # fmt: skip


def test_checkpoints_stand_over_their_steps(tmp_path: Path) -> None:
    runs = [ReportRun(results=small_run(f"org/m{step}")[0], step=step) for step in (0, 200, 100)]
    html = written(tmp_path, *runs, ReportRun(results=small_run("org/other")[0]))
    section = html[html.index('id="steps"') : html.index('id="beside"')]
    assert "org/m0 (step 0), org/m100 (step 100), org/m200 (step 200)" in section
    assert "Without a step, and not drawn: org/other." in section
    # facts in three languages, sums in two; accuracy at every step in the description for screen readers
    assert section.count("<svg role") == 5
    assert "accuracy: 50.0 at 0, 50.0 at 100, 50.0 at 200" in section
    assert "words in the language asked for: 50.0 at 0, 50.0 at 100, 50.0 at 200" in section
    assert "words in English" in section


def test_transfer_and_curves_are_drawn_with_what_they_do_not_say(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    findings = Findings(transfer=transfer_of("no-law"), curves=curves_of("warned"))
    write_report([small_run()], path, findings=findings)
    html = path.read_text(encoding="utf-8")
    section = html[html.index('id="transfer"') : html.index('id="run1"')]
    assert 'path class="first band"' in section  # of the best fit
    assert section.count('circle class="accuracy" ') >= 5  # measured points
    # the figures of runs together stand before those of single runs
    assert section.index("mean gain over the number") < section.index("gain of no-law over no-law")
    assert "<q><bdi>no-law</bdi></q>" in section
    assert "Early warning 1 at training step 3: ratio-falls-reward-rises" in section
    assert "warned: damaged, warned" in section
    alone = tmp_path / "curves.html"
    write_curves_report(curves_of("warned", steps=1000), alone)
    html = alone.read_text(encoding="utf-8")
    assert '<text class="marked"' in html  # the number of the warning, above its step
    assert "Each point is the mean of 7 steps." in html
    assert "script-src" not in html


def test_a_training_too_short_for_warnings_says_so(tmp_path: Path) -> None:
    curves = curves_of(steps=6)
    curves["warnings"], curves["warning_options"] = [], {"min_points": 10}
    write_curves_report(curves, tmp_path / "curves.html")
    html = (tmp_path / "curves.html").read_text(encoding="utf-8")
    assert "No early warning: none is possible with 6 steps, 10 are needed." in html


def test_names_at_the_ends_of_lines_do_not_stand_on_each_other() -> None:
    lines = [Line(label=name, short=name, role="first", points=(Point(x=0, y=0),)) for name in "abcd"]
    parts = end_labels(list(zip(lines, (50.0, 51.0, 99.0, 100.0), strict=True)), 10.0, (0.0, 100.0))
    heights = {name: float(y) for y, name in re.findall(r'<text x="[\d.]+" y="([\d.]+)".*?>(.)</text>', "".join(parts))}
    assert list(heights) == ["a", "b", "c", "d"]
    assert [round(heights[later] - heights[before]) for before, later in ("ab", "bc", "cd")] == [13, 24, 13]
    assert max(heights.values()) <= 100


def test_runs_that_could_not_be_compared_say_why(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    write_report([small_run(), small_run("b")], path, findings=Findings(not_compared="no common <task>"))
    assert "The runs are not compared: <bdi>no common &lt;task&gt;</bdi>" in path.read_text(encoding="utf-8")


def test_provenance_says_what_the_manifest_knows(tmp_path: Path) -> None:
    manifest = {
        "starts": ["2026-11-20T10:00:00+00:00"],
        "environment": {"xleval": "9.9", "python": "3.11.7", "platform": "Linux", "devices": ["H200"], "packages": {"torch": "2"}},
    }  # fmt: skip
    signature = {
        "model": {"model": "org/m", "weights_sha256": "abc", "revision": ""},
        "tasks": {"facts": {"items": "f00"}},
    }
    results = {**small_run()[0], "signature": signature}
    html = written(tmp_path, ReportRun(results=results, manifest=manifest))
    section = re.sub(r"<[^>]+>", " ", html[html.index('id="provenance"') :])
    for said in (
        "weights_sha256 abc",
        "SHA-256 of its items f00",
        "GPUs H200",
        "packages torch 2",
        "started 2026-11-20",
    ):
        assert said in re.sub(r"\s+", " ", section)


def test_the_command_and_the_title_carry_every_option_that_is_not_usual() -> None:
    sampling = {**dataclasses.asdict(Sampling()), "temperature": 0.6, "max_tokens": 512}
    options = {"scaffold": "english", "reason_prefix": "native", "script_mask": "none", "sampling": sampling}
    signature = {
        "model": {"backend": "vllm"}, "options": options, "samples": 4, "seed": 3, "limit": None, "chat": False,
        "length_budget": "chars", "tasks": {"facts": {"chat": False, "shots": 2}},
    }  # fmt: skip
    run, _ = small_run()
    run = {**run, "signature": signature}  # type: ignore[typeddict-item]
    assert command_of(run) == (
        "xleval run --model org/m --tasks facts,sums --langs en,ar,bn --backend vllm --seed 3 --samples 4 "
        "--length-budget chars --scaffold english --reason-prefix native --no-chat --gen max_tokens=512,temperature=0.6 "
        "--ties expected"
    )
    assert how_asked(signature, "facts") == [
        "2 examples", "4 samples at temperature 0.6", "scaffold english", "reason prefix native", "length budget by chars",
    ]  # fmt: skip
    assert how_asked({}, "facts") == []
