"""Charts and tables of probes carry the numbers of `probe.json`: made by hand in `probe_cases`, read back here."""

import csv
import io
import math
from pathlib import Path
from typing import Any

import pytest

from tests.evalkit.report.probe_cases import LANGS, TWELVE, alignment_probe, heads_probe, neurons_probe
from xleval.evalkit.figures.chart import BarChart, CurveChart, DifferenceChart, HeatMap
from xleval.evalkit.figures.files import write_figures
from xleval.evalkit.figures.of_probe import probe_charts, probe_tables
from xleval.evalkit.figures.of_probe_words import figure_words, interval_words, method_words, text_words
from xleval.evalkit.figures.of_tables import chart_tables
from xleval.evalkit.figures.table import compact, shown, to_csv
from xleval.evalkit.probe_schema import ProbeJson
from xleval.evalkit.report.svg import draw
from xleval.evalkit.shapes import unlike

ALL = (neurons_probe, heads_probe, alignment_probe)


def charts_of(probe: ProbeJson) -> dict[str, Any]:
    found = probe_charts(probe)
    by_name = {chart.name: chart for chart in found}
    assert len(by_name) == len(found)
    return by_name


def rows_of(probe: ProbeJson, name: str) -> list[list[str]]:
    (table,) = [table for table in probe_tables(probe) if table.name == name]
    return list(csv.reader(io.StringIO(to_csv(table))))


def ys(chart: CurveChart, panel: str) -> dict[str, list[float]]:
    (found,) = [each for each in chart.panels if each.title == panel]
    return {line.label: [at.y for at in line.points] for line in found.lines}


@pytest.mark.parametrize("made", ALL)
def test_the_probes_of_these_tests_have_the_shape_of_probe_json(made: Any) -> None:
    assert unlike(made(), ProbeJson) is None


def test_neurons_by_layer_and_language_with_a_line_for_each_model() -> None:
    charts = charts_of(neurons_probe())
    layers = charts["probe-neurons-layers"]
    assert [panel.title for panel in layers.panels] == list(LANGS)
    assert ys(layers, "de") == {"org/base": [0, 0, 4, 5], "org/base2": [0, 0, 5, 5]}
    assert [line.dashed for line in layers.panels[0].lines] == [False, True]
    counts = charts["probe-neurons-counts"]
    assert isinstance(counts, BarChart)
    assert counts.series == ("org/base", "org/base2")
    assert [[bar.value for bar in row] for row in counts.bars] == [[10, 11], [9, 10], [8, 9]]
    assert ys(charts["probe-neurons-entropy"], "")["org/base"] == [0.91, 0.95, 0.97, 0.93]
    overlap = charts["probe-neurons-overlap-1"]
    assert isinstance(overlap, HeatMap)
    assert (overlap.cell(0, 1), overlap.cell(0, 0)) == (1 / 3, None)
    assert overlap.span == (0.0, 1.0)


def test_what_is_so_by_construction_is_said_and_not_drawn_as_a_finding() -> None:
    original, published = neurons_probe(), neurons_probe()
    published["settings"] = {**published["settings"], "variant": "published"}
    assert any("by construction" in line and "1 % of all" in line for line in method_words(original))
    assert not any("share no neurons" in line for line in method_words(original))
    assert any("share no neurons, by construction" in line for line in method_words(published))
    assert "probe-neurons-overlap-1" not in charts_of(published)
    assert "fixed by construction" in charts_of(original)["probe-neurons-layers"].caption


def test_a_map_without_a_value_is_not_drawn() -> None:
    probe = neurons_probe()
    probe["neurons"][0]["overlap"] = [
        [1.0, None, None],
        [None, None, None],
        [None, None, None],
    ]  # one language has neurons
    assert "probe-neurons-overlap-1" not in charts_of(probe)
    assert "probe-neurons-overlap-2" in charts_of(probe)


def test_heads_by_layer_with_chance_beside_the_overlap() -> None:
    charts = charts_of(heads_probe())
    assert ys(charts["probe-heads-layers"], "sw")["org/base"] == [0.0, 0.5, 0.5, 0.0]
    # 0.1, 0.2, 0.3 and 0.4 for each of eight heads
    assert ys(charts["probe-heads-importance"], "sw")["org/base2"] == pytest.approx([0.1, 0.2, 0.3, 0.4])
    caption = charts["probe-heads-overlap-2"].caption
    assert "2 heads" in caption
    assert "random would share 6.3" in caption  # 2 of 32 heads: 6.25 %
    assert rows_of(heads_probe(), "probe-heads-top")[2] == ["de", "org/base", "1.0, 2.1"]
    assert rows_of(heads_probe(), "probe-heads-shared")[1] == ["org/base", "2", "0.5", "0.0625", "1.0"]


def test_alignment_by_layer_and_retrieval_in_both_directions() -> None:
    charts = charts_of(alignment_probe())
    mexa = charts["probe-alignment-mexa-raw"]
    assert [panel.title for panel in mexa.panels] == ["de", "sw"]  # English is the pivot
    assert ys(mexa, "sw")["org/base"] == [0.1, 0.5, 0.8, 0.7, 0.3]
    assert "1 in 200" in mexa.caption
    retrieval = charts["probe-alignment-retrieval-raw-1"]
    assert "layer 2" in retrieval.title  # half of four layers
    assert (retrieval.matrix[0][1], retrieval.matrix[1][0]) == (0.9, 0.8)  # there, and back
    cosine = charts["probe-alignment-cosine-2"]
    assert ys(cosine, "de") == {"translations": [0.9] * 5, "other sentences": [0.8] * 5}
    assert rows_of(alignment_probe(), "probe-alignment-languages-raw")[1] == ["de", "0.48", "0.8", "0.48", "0.8"]


def test_the_knock_out_check_shows_the_own_text_beside_random_sets() -> None:
    charts = charts_of(heads_probe())
    matrix = charts["probe-heads-knock-out-1"]
    assert isinstance(matrix, HeatMap)
    assert (matrix.cell(1, 1), matrix.cell(1, 0), matrix.cell(1, 2)) == (0.3, -0.02, 0.05)
    assert matrix.span == charts["probe-heads-knock-out-2"].span == (-0.3, 0.3)
    own = charts["probe-heads-knock-out-own-1"]
    assert isinstance(own, BarChart)
    bars = own.bars[0]
    assert [bar.value for bar in bars] == [0.3, 0.04, pytest.approx(0.1)]
    assert (bars[2].low, bars[2].high) == (0.05, 0.15)
    specific, random = (charts[f"probe-heads-knock-out-{name}-1"] for name in ("specific", "over-random"))
    assert isinstance(specific, DifferenceChart)
    assert [each.decided for each in specific.differences] == [True] * 3  # 0.2 to 0.32
    assert [each.decided for each in random.differences] == [False] * 3  # −0.01 to 0.4
    (row, *_) = rows_of(heads_probe(), "probe-heads-knock-out-1")[1:]
    assert row[:6] == ["en", "5", "12.5", "0.3", "0.04", str((0.05 + 0.1 + 0.15) / 3)]
    assert row[6:] == ["0.26", "0.2", "0.32", "0.25", "0.15", "0.35", "0.2", "-0.01", "0.4"]
    sets = charts["probe-heads-knock-out-over-other-sets-1"]
    assert [(each.value, each.decided) for each in sets.differences] == [(0.25, True)] * 3


def test_without_random_sets_others_or_an_interval_nothing_is_made_up() -> None:
    probe = heads_probe()
    for row in probe["knock_out"][0]["languages"]:
        row.update(others=None, random_own=[], specific=[None, None, None], over_random=[0.1, None, None])
        del row["over_other_sets"]  # a file of before it was there
    charts = charts_of(probe)
    bars = charts["probe-heads-knock-out-own-1"].bars[0]
    assert [bar.value for bar in bars] == [0.3, None, None]
    assert "probe-heads-knock-out-over-other-sets-1" not in charts
    assert "probe-heads-knock-out-specific-1" not in charts
    assert [each.decided for each in charts["probe-heads-knock-out-over-random-1"].differences] == [False] * 3
    assert rows_of(probe, "probe-heads-knock-out-1")[1][4:7] == ["", "", ""]
    assert not [name for name in charts_of(heads_probe(knocked=False)) if "knock-out" in name]


def test_an_empty_set_has_no_bars_of_0() -> None:
    probe = neurons_probe()
    probe["knock_out"][0]["languages"][1].update(size=0, own=0.0, others=0.0, random_own=[])
    chart = charts_of(probe)["probe-neurons-knock-out-own-1"]
    assert chart.labels[1] == "de (0)"
    assert [bar.value for bar in chart.bars[1]] == [None, None, None]


def test_changes_say_what_their_intervals_are_over() -> None:
    probe = neurons_probe()
    (chart,) = [each for name, each in charts_of(probe).items() if name == "probe-neurons-changes"]
    assert [(each.label, each.decided) for each in chart.differences] == [("overlap", True), ("entropy", False)]
    assert "these checkpoints" in chart.caption
    assert "not over training seeds" in interval_words(probe)
    for change in probe["changes"]:
        change["over_seeds"] = True
    assert "carry the spread of training seeds" in interval_words(probe)
    assert "these checkpoints" not in interval_words(probe)
    assert rows_of(probe, "probe-neurons-changes")[1][1:6] == ["0.5", "0.45", "-0.05", "-0.08", "-0.02"]
    assert "probe-neurons-changes" not in charts_of(neurons_probe(against=False))


def test_a_figure_that_a_model_lacks_is_a_gap_in_its_column() -> None:
    probe = neurons_probe()
    probe["figures"] = [each for each in probe["figures"] if (each["name"], each["model"]) != ("overlap", "org/base2")]
    header, *rows = rows_of(probe, "probe-neurons-figures")
    assert [header[1], header[4]] == ["org/base", "org/base2"]
    assert rows[0] == [figure_words("neurons", "overlap"), "0.5", "0.45", "0.55", "", "", "", "overlap"]
    assert rows[1][4:7] == ["0.5", "0.45", "0.55"]


def test_every_figure_of_a_real_probe_has_words() -> None:
    # names as xleval.probing has them: neuron_figures, head_figures, alignment_figures
    names = {
        "neurons": ("entropy", "specific", "overlap", "entropy_of_specific"),
        "heads": ("overlap", "entropy", "correlation"),
        "alignment": ("mexa_pivot", "mexa_pivot_max_centred", "retrieval_en_x", "retrieval_x_y_centred"),
    }  # fmt: skip
    for kind, of_kind in names.items():
        for name in of_kind:
            assert figure_words(kind, name).removesuffix(", centred") not in (name, name.removesuffix("_centred"))  # type: ignore[arg-type]
    assert figure_words("alignment", "mexa_pivot_centred").endswith(", centred")
    assert "other than the pivot" in figure_words("alignment", "retrieval_x_y")
    assert figure_words("heads", "of_tomorrow") == "of_tomorrow"


def test_cut_sentences_are_counted_in_words() -> None:
    alike = neurons_probe("src")
    alike["text"] = {**alike["text"], "n_tokens": {"en": 25, "de": 25, "sw": 25}, "n_cut": {}}
    assert text_words(alike) == "200 sentences, the same in 3 languages, from src; 25 tokens a language."
    assert text_words(neurons_probe("src")) == (
        "200 sentences, the same in 3 languages, from src; 5000 (en) to 5200 (sw) tokens a language. Sentences cut at the "
        "limit of tokens: 3 (sw)."
    )


def test_gaps_in_layers_stay_gaps() -> None:
    probe = neurons_probe(against=False)
    probe["neurons"][0]["entropy_by_layer"] = [0.9, math.nan, 0.8, 0.7]  # no neuron of layer 1 ever fires
    (line,) = charts_of(probe)["probe-neurons-entropy"].panels[0].lines
    assert [(at.x, at.y) for at in line.points] == [(0, 0.9), (2, 0.8), (3, 0.7)]


def test_small_differences_keep_two_decimals() -> None:
    assert shown(0.0013, "fine points") == "+0.13"
    assert shown(-0.00001, "fine points") == "0.00"
    assert shown(0.9013, "fine percent") == "90.13"
    assert [shown(value, "fine number") for value in (0.0034, -0.0004)] == ["0.003", "0.000"]
    assert shown(-0.003, "number") == "0.00"
    assert [compact(value) for value in (0.307, -0.02, 2.46, 12.4, -0.001, 0.0)] == [
        "0.31",
        "−0.02",
        "2.5",
        "12",
        "0.00",
        "0.00",
    ]
    (svg,) = draw(charts_of(neurons_probe())["probe-neurons-changes"], "c1")
    assert "+0.13 [−0.10, +0.40]" in svg


def test_signed_maps_frame_their_diagonal_and_tell_below_from_above() -> None:
    (svg,) = draw(charts_of(heads_probe())["probe-heads-knock-out-1"], "c1")
    assert svg.count('class="frame"') == 3
    # two cells below 0, and half of the twelve shades of the key
    assert svg.count('class="heat below"') == 2 + 6
    assert "Rows: set of; columns: text in." in svg
    (table,) = chart_tables([charts_of(heads_probe())["probe-heads-knock-out-1"]])
    assert table.rows[1] == ("de", -0.02, 0.3, 0.05)
    (plain,) = draw(charts_of(heads_probe())["probe-heads-overlap-1"], "c1")
    assert "frame" not in plain
    assert "below" not in plain


def test_bars_of_values_go_to_both_sides_of_0() -> None:
    probe = heads_probe()
    for row in probe["knock_out"][0]["languages"]:
        row["own"] = -0.3
    (svg,) = draw(charts_of(probe)["probe-heads-knock-out-own-1"], "c1")
    assert "own set, own text" not in svg  # the legend has it
    # ticks from −0.4 to 0.2 over 300 px, labels of six letters 62 px wide: 0 stands at 62 + 200, −0.3 at 62 + 50
    assert '<line class="zero" x1="262.0" x2="262.0"' in svg
    assert 'class="first" x="112" y="6" width="150.0"' in svg
    assert "Rise of the loss per token, nats: en (5) −0.3, 0.04, 0.1 [0.05, 0.15]" in svg


def test_every_chart_of_twelve_languages_is_drawn_and_the_same_bytes_again(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    charts = [chart for made in ALL for chart in probe_charts(made("org/base", TWELVE))]
    written = write_figures(charts, tmp_path / "a")
    assert len(written) == 2 * len(charts) > 40
    maps = [chart for chart in charts if isinstance(chart, HeatMap)][-1:]
    again = write_figures(maps, tmp_path / "b")
    assert [path.read_bytes() for path in again] == [(tmp_path / "a" / path.name).read_bytes() for path in again]
