"""The page of a study: sections in order, every text escaped, second-hand rows marked, the same bytes twice."""

import itertools
import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from xleval.errors import ConfigError
from xleval.evalkit.claims import Refusal
from xleval.evalkit.figures.chart import CurveChart, Difference, DifferenceChart, Line, Panel, Point
from xleval.evalkit.figures.table import Table, columns_of
from xleval.evalkit.report.drawing import Drawing
from xleval.evalkit.report.section import Section, StudyPage
from xleval.evalkit.report.study import write_study_report
from xleval.evalkit.report.svg import draw
from xleval.evalkit.report.svg_line_labels import point_labels

HOSTILE = '</title><script>alert("x")</script><img src=x onerror=alert(1)>'


def table(text: str = "sft", name: str = "arms") -> Table:
    columns = columns_of(Arm="text", Accuracy="percent", Evidence="text")
    return Table(
        name=name,
        caption=f"Arms of {text}.",
        columns=columns,
        rows=((text, 0.5, "S (second-hand)"), ("b", None, "P (paper)")),
    )


def differences(label: str) -> DifferenceChart:
    each = Difference(label=label, value=0.1, low=0.0, high=0.2, decided=False)
    return DifferenceChart(name="d", title=f"Arms: {label}", caption="Points.", differences=(each,), sides=("a", "b"))


def scatter(*points: tuple[float, float, str], joined: bool = False) -> CurveChart:
    made = tuple(Point(x=x, y=y, low=y - 0.1, high=y + 0.1, label=label) for x, y, label in points)
    line = Line(label="arms", role="first", points=made, joined=joined, named=True)
    return CurveChart(
        name="s", title="Scatter", caption="All.", x_label="per cent", y_label="per cent right",
        panels=(Panel(title="", lines=(line,), unit="points"),),
    )  # fmt: skip


def page(text: str = "sft", n_lines: int = 3) -> StudyPage:
    refused = Refusal(letter="b", claim=text, reason=f"one seed in {text}")
    return StudyPage(
        title=f"polyfact: {text}", warnings=(f"this run shows the machinery: {text}",),
        sections=(
            Section(
                name="overview", title=f"Arms {text}", lines=(f"the arms are {text}",), tables=(table(text),),
                charts=(differences(text),), further_tables=(table(text, "more"),), further_charts=(scatter((1, 0.5, text)),),
            ),
            Section(name="claims", title="What these figures do not say", refused=(refused,)),
            Section(name="plan", title="Steps", code=tuple(f"xleval run --out '{text}{k}'" for k in range(n_lines))),
        ),
    )  # fmt: skip


def written(folder: Path, found: StudyPage) -> str:
    path = folder / "report.html"
    write_study_report(found, path)
    return path.read_text(encoding="utf-8")


def test_links_lead_to_the_sections_in_their_order(tmp_path: Path) -> None:
    html = written(tmp_path, page())
    links = re.findall(r'<a href="#(part-[^"]+)">', html)
    assert links == ["part-overview", "part-claims", "part-plan"]
    assert re.findall(r'<h2 id="([^"]+)">', html) == links
    assert html.index('class="warnings"') < html.index('id="part-overview"')
    assert "This run shows the machinery: sft." in html


def test_hostile_names_are_text_only(tmp_path: Path) -> None:
    html = written(tmp_path, page(HOSTILE))
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;alert" in html
    assert "script-src" not in html  # without a script of its own none is allowed
    assert "default-src 'none'" in unescape(html)


def test_the_same_page_gives_the_same_bytes(tmp_path: Path) -> None:
    assert written(tmp_path, page()) == written(tmp_path, page())


def test_code_is_shown_as_it_is_and_folded_where_it_is_long(tmp_path: Path) -> None:
    short, long = written(tmp_path, page()), written(tmp_path, page(n_lines=11))
    assert "xleval run --out &#39;sft0&#39;\nxleval run --out &#39;sft1&#39;\n" in short
    assert "11 lines" in long
    assert "3 lines" not in short
    assert len(re.findall("<details", long)) == len(re.findall("<details", short)) + 1


def test_what_is_further_is_folded(tmp_path: Path) -> None:
    html = written(tmp_path, page())
    folded = html[html.index("<details") : html.index("</details>")]
    assert "Scatter" in folded
    assert "Arms: sft" not in folded


def test_second_hand_rows_are_marked_in_tables_of_published_figures_only(tmp_path: Path) -> None:
    # Not by colour alone: the column Evidence says it in words, in every row.
    published = replace(page(), sections=(Section(name="p", title="P", tables=(table(name="beside-published"),)),))
    html = written(tmp_path, published)
    assert html.count('<tr class="second-hand">') == 1
    row = html[html.index('<tr class="second-hand">') :]
    assert "S (second-hand)" in row[: row.index("</tr>")]
    assert '<tr class="second-hand">' not in written(tmp_path, page())


def test_two_sections_of_one_name_are_refused(tmp_path: Path) -> None:
    twice = StudyPage(title="t", warnings=(), sections=(Section(name="a", title="A"), Section(name="a", title="B")))
    with pytest.raises(ConfigError, match="two sections named a"):
        write_study_report(twice, tmp_path / "report.html")
    assert not (tmp_path / "report.html").exists()


def test_points_of_named_lines_have_markers_whiskers_and_names() -> None:
    (svg,) = draw(scatter((10, 0.2, "base (40)"), (90, 0.8, "SFT (52)"), joined=True), "c1")
    assert svg.count('class="whisker"') == 2
    assert "base (40)</text>" in svg
    assert "SFT (52)</text>" in svg
    assert svg.count("<circle") == 2
    assert "band" not in svg


def test_names_of_points_in_one_place_do_not_stand_on_each_other() -> None:
    parts = point_labels([(100.0, 50.0, "one"), (101.0, 50.0, "two"), (102.0, 51.0, "three")], (46.0, 446.0))
    heights = sorted(float(height) for part in parts for height in re.findall(r'y="([\d.]+)"', part))
    assert all(later - earlier >= 13 for earlier, later in itertools.pairwise(heights))


def test_a_name_at_the_right_end_stands_to_the_left_of_its_point() -> None:
    (part,) = point_labels([(440.0, 50.0, "a long name")], (46.0, 446.0))
    assert float(re.findall(r'x="([\d.]+)"', part)[0]) + 6.6 * len("a long name") <= 440


def test_a_chart_with_long_names_scrolls_on_a_narrow_screen() -> None:
    assert Drawing()(differences("a"))["layout"] == "scroll"
    assert Drawing()(differences("an arm with quite a long name"))["layout"] == "scroll large"


def test_named_points_are_drawn_for_papers_too() -> None:
    pytest.importorskip("matplotlib")
    from xleval.evalkit.figures.draw import drawn

    with_names = drawn(scatter((10, 0.2, "base"), (90, 0.8, "SFT")))
    without = drawn(scatter((10, 0.2, ""), (90, 0.8, "")))
    assert len(with_names["svg"]) > len(without["svg"])  # outlines of the letters
