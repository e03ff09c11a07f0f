"""The section on the inside of a model: what was done, what it must not be taken for, and the check beside it."""

import re
from pathlib import Path

import pytest

from tests.evalkit.report.probe_cases import alignment_probe, heads_probe, neurons_probe
from xleval.errors import ConfigError
from xleval.evalkit.probe_schema import ProbeJson
from xleval.evalkit.report import Findings, write_report
from xleval.evalkit.report.probe import write_probe_report


def page(folder: Path, probe: ProbeJson) -> str:
    """Return the page of a probe as HTML."""
    write_probe_report(probe, folder / "r.html")
    return (folder / "r.html").read_text(encoding="utf-8")


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html.split("<main", 1)[1]))


def test_the_page_says_what_was_done_to_which_models(tmp_path: Path) -> None:
    text = words(page(tmp_path, neurons_probe()))
    assert "org/base; against it org/base2: 4 layers of 8 query heads and 512 MLP neurons." in text
    assert "A neuron fires where its gate" in text
    assert (
        "The changes speak of these checkpoints: intervals are over 50 blocks of 4 sentences, not over training seeds."
        in text
    )
    assert "−5.00 [−8.00, −2.00]" in text  # of the changes in probe_cases
    assert "What these figures do not say" in text


def test_one_model_has_figures_and_no_changes(tmp_path: Path) -> None:
    html = page(tmp_path, heads_probe(against=False))
    text = words(html)
    assert "What changed" not in text
    assert "Changes of heads" not in text
    assert "Intervals are over 50 blocks of 4 sentences and speak of these checkpoints on such text" in text
    assert "org/base2" not in text
    assert "50.00 [45.00, 55.00]" in text


def test_a_check_that_was_not_run_is_said_in_its_place(tmp_path: Path) -> None:
    without = words(page(tmp_path, neurons_probe(knocked=False)))
    assert "Not run: whether these neurons matter to the languages that they are named after is not known." in without
    check = words(page(tmp_path, neurons_probe())).split("Knock-out check", 1)[1]
    assert "random sets, as large in every layer" in check
    assert "0.260 [0.200, 0.320]" in check
    assert "Knock-out" not in words(page(tmp_path, alignment_probe()))


def test_no_sentence_of_the_page_names_a_cause(tmp_path: Path) -> None:
    for probe in (neurons_probe(), heads_probe(), alignment_probe(), neurons_probe(knocked=False)):
        text = words(page(tmp_path, probe)).lower()
        assert not re.search(r"\bcaus\w+|\bbecause of\b|responsible|drives\b|encodes?\b", text)


def test_names_and_texts_are_escaped(tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>"
    for probe in (neurons_probe(evil), heads_probe(evil, (evil, "en")), alignment_probe(evil, (evil, "en"))):
        html = page(tmp_path, probe)
        assert "<script" not in html
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_the_same_probe_gives_the_same_bytes(tmp_path: Path) -> None:
    assert page(tmp_path, heads_probe()) == page(tmp_path, heads_probe())


def test_without_runs_and_probes_there_is_no_page(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="at least one run"):
        write_report([], tmp_path / "r.html", findings=Findings(probes=()))
