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

from xleval.errors import ConfigError, DataError
from xleval.evalkit.report import write_report
from xleval.evalkit.report.claims import refused_claims
from xleval.evalkit.report.command import command_of
from xleval.evalkit.report.examples import choose_examples, verdict_of
from xleval.evalkit.report.svg import heat_map
from xleval.evalkit.requests import Sampling
from xleval.evalkit.results import summarise
from xleval.evalkit.results_schema import Results
from xleval.evalkit.samples import Sample
from xleval.evalkit.tables import how_asked

EVIL = "\"><script>alert(1)</script>'<img src=x onerror=alert(2)>&amp;{{7*7}}</style></textarea>"


def choice(item: str, lang: str, right: bool, **changes: object) -> Sample:
    base = Sample(
        task="facts", task_version=1, lang=lang, item_id=item, kind="choice", prompt="Capital?", gold="Paris",
        prediction="Paris" if right else "Rome", correct=right, choices=("Paris", "Rome"), gold_index=0,
        sum_logprobs=(-1.0, -2.0) if right else (-2.0, -1.0), n_tokens=(1, 1),
    )  # fmt: skip
    return dataclasses.replace(base, **changes)  # type: ignore[arg-type]


def generation(item: str, lang: str, right: bool, **changes: object) -> Sample:
    base = Sample(
        task="sums", task_version=1, lang=lang, item_id=item, kind="generation", prompt="3 + 4?", gold="7",
        prediction="7" if right else "8", correct=right, completion="It is 7", finish_reason="stop",
        n_completion_tokens=3, n_words=4, n_determined=4, target_share=0.5, english_share=0.25, other_share=0.25,
        undetermined_share=0.0, target_of_determined=0.5,
    )  # fmt: skip
    return dataclasses.replace(base, **changes)  # type: ignore[arg-type]


def run_of(samples: list[Sample], model: str = "org/m", **signature: object) -> tuple[Results, list[Sample]]:
    return summarise(samples, signature=signature, model=model, seed=0, resamples=50), samples


def small_run(**signature: object) -> tuple[Results, list[Sample]]:
    samples = [choice(str(k), lang, k % 2 > 0) for k in range(6) for lang in ("en", "ar", "bn")]
    samples += [generation(str(k), lang, k % 2 > 0) for k in range(6) for lang in ("en", "ar")]
    return run_of(samples, **signature)


def written(tmp_path: Path, *runs: tuple[Any, list[Sample]]) -> str:
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
    assert not names & {"script", "img", "link", "iframe", "object", "embed", "form", "base"}
    for _, attrs in page.tags:
        assert not {"src", "style", "srcdoc"} & attrs.keys()
        assert not [name for name in attrs if name.startswith("on")]
        assert (attrs.get("href") or "#").startswith("#")
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    links = {(attrs.get("href") or "#")[1:] for attrs in page.named("a")}
    assert links <= set(ids)
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in page.named("meta")


def test_the_policy_allows_this_style_sheet_alone(tmp_path: Path) -> None:
    html = written(tmp_path, small_run())
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policy = next(meta["content"] for meta in Page(html).named("meta") if "http-equiv" in meta)
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def test_every_text_is_escaped(tmp_path: Path) -> None:
    groups = json.dumps({EVIL: EVIL, "second": "a"})
    other = json.dumps({EVIL: "b", "second": EVIL})
    samples = [
        choice(EVIL, "en", True, prompt=EVIL, gold=EVIL, prediction=EVIL, choices=(EVIL, "x"), groups=groups),
        choice("2", "en", False, prompt=EVIL, prediction="x", choices=(EVIL, "x"), groups=other),
        choice("3", "en", False, prediction=None, correct=None, unscored_reason=EVIL, sum_logprobs=(), n_tokens=()),
        generation(EVIL, "en", True, task=EVIL, prompt=EVIL, gold=EVIL, prediction=EVIL, completion=EVIL),
        generation("2", "en", False, task=EVIL, prediction=None, completion=EVIL, finish_reason="length"),
        choice(EVIL, EVIL, True),
    ]
    run = run_of(samples, model=EVIL, **{EVIL: EVIL, "nested": {EVIL: [EVIL]}})
    html = written(tmp_path, run, run_of(samples[:1], model=EVIL, command=EVIL))
    page = Page(html)
    assert not {"script", "img", "textarea"} & {name for name, _ in page.tags}
    assert "<script" not in html
    assert "49" not in re.findall(r"\b49\b", html)  # {{7*7}} is text, not a template
    assert html.count("</style>") == 1
    assert "&lt;script&gt;" in html


def test_control_characters_and_lone_surrogates_do_not_stop_the_report(tmp_path: Path) -> None:
    samples = [choice("1", "en", True, prompt="a\x00b\x1b[31m\ud83d", choices=("Paris", "Rome\x07"))]
    html = written(tmp_path, run_of(samples, model="m\ud800"))
    assert "\x00" not in html
    assert "a\N{REPLACEMENT CHARACTER}b" in html


def test_arabic_runs_right_to_left(tmp_path: Path) -> None:
    page = Page(written(tmp_path, small_run()))
    said = [attrs for attrs in page.named("dd") if attrs.get("class") == "said"]
    directions = {(attrs["lang"], attrs["dir"]) for attrs in said}
    assert directions == {("en", "ltr"), ("ar", "rtl"), ("bn", "ltr")}


def test_charts_and_tables_are_named(tmp_path: Path) -> None:
    html = written(tmp_path, small_run())
    charts = re.findall(r'<svg role="img".*?</svg>', html, re.DOTALL)
    # choice: accuracy, counts, RankC, agreement, overlap; generation: the same without RankC, and shares
    assert len(charts) == 10
    for chart in charts:
        assert re.search(r"<title [^>]*>[^<]+</title><desc [^>]*>[^<]+</desc>", chart)
    page = Page(html)
    assert len(page.named("table")) == len(page.named("caption"))
    boxes = [attrs for attrs in page.named("div") if attrs.get("class") == "box"]
    assert len(boxes) == len(page.named("table"))
    assert all(attrs.get("tabindex") == "0" and attrs.get("aria-label") for attrs in boxes)


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
    assert "<article>" not in html
    with pytest.raises(DataError, match=r"schema xleval\.results/1, found 'other'"):
        written(tmp_path, (results | {"schema": "other"}, []))
    with pytest.raises(ConfigError, match="at least one run"):
        written(tmp_path)


def test_a_report_of_one_language_and_nothing_scored(tmp_path: Path) -> None:
    sample = choice(
        "1", "xx", True, prediction=None, correct=None, unscored_reason="gone", sum_logprobs=(), n_tokens=()
    )
    html = written(tmp_path, run_of([sample]))
    assert "not scored" not in html  # bounds instead: 0 to 100
    assert "0.0 to 100.0" in html
    assert "unscored: gone" in html


def test_verdicts_and_examples() -> None:
    cut = generation("5", "en", False, prediction=None, finish_reason="length")
    gone = generation("6", "en", True, prediction=None, correct=None, unscored_reason="500", completion=None)
    samples = [generation(str(k), "en", k > 1) for k in range(5)] + [cut, gone, generation("0", "ar", True)]
    assert [verdict_of(sample) for sample in samples[:7]] == ["wrong"] * 2 + ["right"] * 3 + ["cut", "unscored"]
    chosen = choose_examples(samples[::-1], "en")
    assert [(example.item_id, example.verdict) for example in chosen] == [
        ("2", "right"), ("3", "right"), ("0", "wrong"), ("1", "wrong"), ("5", "cut"), ("6", "unscored"),
    ]  # fmt: skip
    long = choose_examples([generation("1", "en", True, completion="x" * 9000)], "en")[0].completion
    assert long is not None
    assert long.endswith("… (9000 characters in all)")


def claims_of(*runs: tuple[Results, list[Sample]]) -> str:
    return "\n".join(f"{refusal.claim}: {refusal.reason}" for refusal in refused_claims([run[0] for run in runs]))


def test_claims_are_refused_without_their_grounds() -> None:
    text = claims_of(small_run())
    assert "training method is better" in text
    assert "uncontaminated" in text
    assert "facts is native, human-made or verified: no reviewer is named" in text
    assert "does not know an item of facts" in text
    assert "does not know an item of sums" not in text
    assert "consistent across languages on facts: accuracy is at chance" in text


def test_reviewers_allow_the_word_native() -> None:
    text = claims_of(small_run(reviewed_by={"facts": ["A. Person"]}))
    assert "facts is native" not in text
    assert "sums is native" in text


def test_unlike_runs_are_not_ranked() -> None:
    base = small_run(scaffold="native", model_revision="a")
    assert "above or below" not in claims_of(base, small_run(scaffold="native", model_revision="b"))
    assert 'scaffold ("native" → "english")' in claims_of(base, small_run(scaffold="english", model_revision="a"))
    fewer = run_of([sample for sample in base[1] if sample.lang != "bn"], scaffold="native")
    assert "facts languages" in claims_of(base, fewer)


def test_total_consistency_never_stands_without_accuracy(tmp_path: Path) -> None:
    html = written(tmp_path, small_run())
    sentences = re.findall(r"<p>(Right in all[^<]*)</p>", html)
    assert len(sentences) == 2
    assert all("at mean accuracy" in sentence for sentence in sentences)


def test_heat_map_of_equal_values_and_gaps() -> None:
    chart = heat_map([[1.0, 0.5, None], [0.5, 1.0, 0.5], [None, 0.5, 1.0]], ["a", "b", "<c>"], chart_id="x", title="t")
    assert chart.count("<rect") == 4
    assert chart.count(">–<") == 2
    assert "&lt;c&gt;" in chart


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
