"""The report in headless Chromium: nothing in a text runs or loads, nothing breaks, everyone can use it."""

import base64
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.evalkit.report.probe_cases import TWELVE, alignment_probe, heads_probe, neurons_probe
from tests.evalkit.report.report_cases import (
    Run,
    choice,
    comparison_of,
    curves_of,
    generation,
    run_of,
    small_run,
    transfer_of,
)
from xleval.evalkit.report import Findings, write_report

selenium = pytest.importorskip("selenium")
axe = pytest.importorskip("axe_core_python")

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="needs the packages chromium and chromium-driver")

RUN = "window.ran=1;alert(1)"
PAYLOADS = (
    f"<script>{RUN}</script>",
    f'"><img src=x onerror="{RUN}">',
    f"' autofocus tabindex=1 onfocus='{RUN}' onmouseover='{RUN}' x='",
    f"</script><script>{RUN}</script>",
    f"</style><script>{RUN}</script>",
    f"</title></textarea></noscript><svg onload={RUN}>",
    f"<a href=\"javascript:{RUN}\">x</a><iframe srcdoc='<script>parent.ran=1</script>'></iframe>",
    "<base href=http://127.0.0.1:9/><link rel=stylesheet href=//127.0.0.1:9/x.css><img src=//127.0.0.1:9/x.png>",
    "<meta http-equiv=refresh content='0;url=http://127.0.0.1:9/'><form action=//127.0.0.1:9/><style>*{display:none}</style>",
    f"<!-- --!> ]]> <![CDATA[ {{{{7*7}}}} {{% raise %}} ${{7*7}} </details></section></main><script>{RUN}</script>",
    "right \N{RIGHT-TO-LEFT OVERRIDE}left \N{RIGHT-TO-LEFT EMBEDDING}open \N{RIGHT-TO-LEFT ISOLATE}open",
    "nul \x00 bell \x07 escape \x1b[31m\x1b]0;title\x07 c1 \x9b31m half \ud83d other half \udc00 none \uffff \ufdd0",
    "x" * 100_000,
    "word " * 20_000,
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in (
        "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage",
        "--host-resolver-rules=MAP * ~NOTFOUND", "--disable-background-networking", "--no-first-run",
    ):  # fmt: skip
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    yield driver
    driver.quit()


def look(browser: Any, path: Path, width: int = 1280, scheme: str = "light", media: str = "") -> None:
    """Open a page at a width, in light or dark."""
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})
    browser.get(path.as_uri())


def asked_for(browser: Any) -> list[str]:
    """Return what the browser has asked for since the last call, apart from its own pages."""
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    urls = [each["params"]["request"]["url"] for each in messages if each["method"] == "Network.requestWillBeSent"]
    return [url for url in urls if not url.startswith(("data:", "chrome:", "about:"))]


def evil_run(text: str, number: int) -> Run:
    """Return a run with the text in every field that takes one."""
    groups = json.dumps({text[:3000]: text[:3000], "second": f"{number}"})
    lang = f"{text[:3000]}{number}"
    option = text.encode("utf-8", "replace").decode()  # options are measured in UTF-8
    samples = [
        choice(text, lang, True, task=text, prompt=text, gold=text, prediction=option, choices=(option, "x"), groups=groups,
               choice_ids=(text, "x")),
        choice("2", lang, False, task=text, prompt=text, prediction="x", choices=(option, "x"), groups=groups),
        choice("3", "en", False, task=text, prediction=None, correct=None, unscored_reason=text, sum_logprobs=(),
               n_tokens=()),
        choice("tie", lang, False, task=text, prediction=None, correct=None, unscored_reason="tie", sum_logprobs=(-1.0, -1.0),
               choices=(option, "x"), gold=""),
        choice(text, "ar", True, task=text, prompt=text, gold=text, prediction=option, choices=(option, "x")),
        generation(text, lang, True, task=text + "g", prompt=text, gold=text, prediction=text, completion=text,
                   prefill=text, extraction_path=text, reasoning=text, asked_lang=text, top_language=text),
        generation("2", "sw", False, task=text + "g", prompt=text, prediction=None, completion=text,
                   finish_reason="length"),
    ]  # fmt: skip
    return run_of(samples, model=f"{text}{number}", **{text: text, "nested": {text: [text]}, "command": text})


@pytest.mark.parametrize("number", range(len(PAYLOADS)))
def test_nothing_in_a_text_runs_loads_or_breaks(browser: Any, tmp_path: Path, number: int) -> None:
    text = PAYLOADS[number]
    path = tmp_path / "report.html"
    findings = Findings(
        comparison=comparison_of(text), transfer=transfer_of(text), curves=curves_of(text), not_compared=text,
        probes=(neurons_probe(text, (text[:3000], "en")), alignment_probe(text, (text[:3000], "en"))),
    )  # fmt: skip
    write_report([evil_run(text, 1), evil_run(text, 2)], path, findings=findings, title=text)
    assert path.stat().st_size < 3_000_000
    asked_for(browser)
    look(browser, path, width=375)
    browser.execute_script(
        "for (const d of document.querySelectorAll('details')) d.open = true;"
        "for (const e of document.querySelectorAll('*')) { e.focus && e.focus(); "
        "for (const n of ['mouseover', 'focus', 'load', 'error']) e.dispatchEvent(new Event(n)); }"
    )
    assert asked_for(browser) == [path.as_uri()]
    assert [entry for entry in browser.get_log("browser")] == []  # no error, no load that the policy had to stop
    found = browser.execute_script(
        """const count = (tag) => document.querySelectorAll(tag).length;
        const names = [...document.querySelectorAll('*')].flatMap((e) => e.getAttributeNames());
        return {
          ran: window.ran === undefined,
          tags: ['script', 'style', 'title', 'main', 'footer', 'h1'].map((tag) => [...document.querySelectorAll(tag)].filter((e) => !e.closest('svg')).length),
          foreign: ['img', 'iframe', 'object', 'embed', 'form', 'link', 'base', 'textarea', 'noscript'].map(count),
          attributes: names.filter((n) => n.startsWith('on') || ['style', 'src', 'srcdoc', 'autofocus'].includes(n)),
          body: [...document.body.children].map((e) => e.tagName),
          hrefs: [...document.querySelectorAll('a')].map((e) => e.getAttribute('href')).filter((h) => !h.startsWith('#')),
          sections: [...document.querySelectorAll('main > section')].map((e) => e.getAttribute('aria-labelledby')),
          end: document.querySelector('footer').textContent,
          raw: document.documentElement.outerHTML,
          wide: document.documentElement.scrollWidth,
          order: [...document.querySelectorAll('h3')].filter((e) => e.querySelector('bdi + .soft')).map((e) => {
            const [a, b] = [e.querySelector('bdi'), e.querySelector('.soft')].map((x) => x.getClientRects());
            const [last, next] = [a[a.length - 1], b[0]];
            return next.top > last.top || next.left >= last.left; }),
        };"""
    )
    assert found["ran"]
    assert found["tags"] == [1, 1, 1, 1, 1, 1]
    assert found["foreign"] == [0] * 9
    assert found["attributes"] == []
    assert found["hrefs"] == []
    assert found["body"] == ["A", "HEADER", "MAIN", "FOOTER", "SCRIPT"]
    assert found["sections"] == [
        "overview", "refused", "comparison", "not-compared", "beside", "transfer", "curves", "probes", "run1", "run2", "examples",
        "provenance",
    ]  # fmt: skip
    assert "Made by xleval" in found["end"]
    assert found["order"]
    assert all(found["order"])
    assert not [code for code in found["raw"] if code in "\u202d\u202e\x00\x1b\x9b"]
    assert found["wide"] <= 375


@pytest.fixture(scope="module")
def full_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a page with every part: two runs, transfer, curves, probes, examples."""
    path = tmp_path_factory.mktemp("page") / "report.html"
    findings = Findings(
        comparison=comparison_of(),
        transfer=transfer_of(),
        curves=curves_of(),
        not_compared="they were asked differently",
        probes=(
            neurons_probe("base", TWELVE),
            heads_probe("base"),
            alignment_probe("base"),
            heads_probe("other"),
        ),
    )
    write_report([small_run("base", scaffold="native"), small_run("tuned")], path, findings=findings, title="A report")
    return path


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [375, 768, 1280])
def test_axe_finds_nothing(browser: Any, full_page: Path, width: int, scheme: str) -> None:
    look(browser, full_page, width, scheme)
    browser.execute_script("for (const d of document.querySelectorAll('details')) d.open = true;")
    browser.execute_script((Path(axe.__file__).parent / "axe.min.js").read_text(encoding="utf-8"))
    browser.set_script_timeout(100)
    found = browser.execute_async_script("const done = arguments[0]; axe.run().then((r) => done(r.violations));")
    assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found] == []
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width


def test_light_and_dark_follow_the_reader(browser: Any, full_page: Path) -> None:
    colours = []
    for scheme in ("light", "dark"):
        look(browser, full_page, scheme=scheme)
        colours.append(browser.execute_script("return getComputedStyle(document.body).backgroundColor"))
    assert colours == ["rgb(255, 255, 255)", "rgb(18, 21, 25)"]


def pick(browser: Any, name: str, value: str) -> str:
    """Set a filter as a reader does, and return what the page says of it."""
    return str(
        browser.execute_script(
            """const field = document.getElementById('filter-' + arguments[0]);
            if (field.tagName === 'SELECT')
              field.value = [...field.options].find((o) => o.text === arguments[1]).value;
            else field.value = arguments[1];
            field.dispatchEvent(new Event('input'));
            return document.getElementById('filter-count').textContent;""",
            name, value,
        )
    )  # fmt: skip


def test_the_filters_leave_what_they_say(browser: Any, full_page: Path) -> None:
    look(browser, full_page)
    # two runs: six items of facts in three languages, six of sums in two
    assert browser.execute_script("return document.getElementById('filter-count').textContent") == "All 60 answers"
    assert pick(browser, "lang", "Bengali (bn)") == "12 of 60 answers"
    assert pick(browser, "verdict", "right") == "6 of 60 answers"
    assert pick(browser, "run", "tuned") == "3 of 60 answers"
    assert pick(browser, "task", "sums") == "0 of 60 answers"
    browser.execute_script("document.getElementById('filter-clear').click()")
    assert pick(browser, "text", "IT IS 7") == "24 of 60 answers"
    visible = "return [...document.querySelectorAll('.item')].filter((e) => e.checkVisibility()).length"
    assert browser.execute_script(visible) == 6
    browser.execute_script("document.getElementById('filter-open').click()")
    assert browser.execute_script("return document.querySelectorAll('.item[open]').length") == 6
    assert browser.get_log("browser") == []


def test_the_keyboard_reaches_everything_and_shows_where_it_is(browser: Any, full_page: Path) -> None:
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    look(browser, full_page)
    ActionChains(browser).send_keys(Keys.TAB).perform()
    assert browser.switch_to.active_element.text == "Skip to content"
    # every control can be reached, and where one is shows
    n = browser.execute_script(
        "return document.querySelectorAll('a, summary, select, input, button, [tabindex=\"0\"]').length"
    )
    seen = set()
    for _ in range(n + 5):
        element = browser.switch_to.active_element
        style, tag = browser.execute_script(
            "return [getComputedStyle(arguments[0]).outlineStyle, arguments[0].tagName]", element
        )
        if tag != "BODY":
            assert style != "none", element.get_attribute("outerHTML")[:200]
        seen.add(tag)
        ActionChains(browser).send_keys(Keys.TAB).perform()
    assert {"A", "DIV", "SUMMARY", "SELECT", "INPUT", "BUTTON", "PRE"} <= seen
    summary = browser.find_element("css selector", ".item > summary")
    summary.send_keys(Keys.ENTER)
    assert browser.execute_script("return arguments[0].parentNode.open", summary)


def test_print_cuts_no_table_and_opens_them(browser: Any, full_page: Path) -> None:
    look(browser, full_page, width=703, media="print")  # A4 less margins of 12 mm, at 96 px an inch
    found = browser.execute_script(
        """const seen = (e) => e.checkVisibility({ contentVisibilityAuto: true });
        return {
          wide: [...document.querySelectorAll('table, figure svg')].filter(seen)
            .filter((e) => e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.outerHTML.slice(0, 150)),
          closed: [...document.querySelectorAll('.prints')].filter((e) => e.open).length,
          tables: [...document.querySelectorAll('.prints table')].filter((e) => e.getBoundingClientRect().height > 20).length,
          all: document.querySelectorAll('.prints table').length,
          filters: seen(document.getElementById('filters')),
        };"""
    )
    assert found["wide"] == []
    assert found["closed"] == 0
    assert found["tables"] == found["all"] > 0
    assert not found["filters"]
    pdf = browser.execute_cdp_cmd("Page.printToPDF", {"paperWidth": 8.27, "paperHeight": 11.69})["data"]
    assert base64.b64decode(pdf).startswith(b"%PDF")
