"""`xleval report`: folders of runs in, a page, figures and tables out; wrong usage is one line."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from tests.evalkit.report.probe_cases import alignment_probe, heads_probe, neurons_probe
from tests.evalkit.report.report_cases import curves_of, generation, transfer_of
from xleval.commands.report import report
from xleval.data.storage import write_atomically, write_json
from xleval.errors import ConfigError, DataError, MissingExtra
from xleval.evalkit.results import results_json, summarise
from xleval.evalkit.run_folder import MANIFEST, RESULTS, SAMPLES, SCHEMA
from xleval.evalkit.samples import write_samples


def save(folder: Path, right: int, model: str, task: str = "sums") -> Path:
    """Write a run of 40 items in two languages, the first `right` right in English and half of them in Swahili."""
    samples = [
        generation(f"{k:02d}", lang, k < n, task=task) for lang, n in (("en", right), ("sw", right // 2)) for k in range(40)
    ]  # fmt: skip
    signed = {"model": {"model": model}, "seed": 0}
    folder.mkdir(parents=True)
    write_samples(folder / SAMPLES, samples)
    results = summarise(samples, signature=signed, model=model, seed=0, resamples=100)
    write_atomically(folder / RESULTS, results_json(results))
    write_json(folder / MANIFEST, {"schema": SCHEMA, "finished": True, "config": signed, "starts": ["2026-11-21"]})
    return folder


def call(*arguments: object) -> Any:
    """Return the outcome of the command; its own errors are raised."""
    done = CliRunner().invoke(report, [str(argument) for argument in arguments], standalone_mode=False)
    if done.exception:
        raise done.exception
    return done


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_checkpoints_are_compared_and_stand_over_steps(tmp_path: Path) -> None:
    runs = [save(tmp_path / f"c{step}", right, f"out/checkpoint-{step}") for step, right in ((100, 10), (200, 30))]
    base = save(tmp_path / "base", 8, "org/base")
    out = tmp_path / "report.html"
    done = call(*runs, base, "--out", out, "--step", f"{base}=0", "--resamples", 1000)
    text = plain(out.read_text(encoding="utf-8"))
    assert "c200 against c100" in text
    assert "base against c100" in text
    # 30 of 40 against 10 of 40 on the same items: 50 points; McNemar exact 2 * 0.5 ** 20, Holm over two languages
    assert "+50.0 [" in text
    assert "Checkpoints: base (step 0), c100 (step 100), c200 (step 200)." in text
    assert "started 2026-11-21" in text
    assert "report.html" in done.stderr
    assert done.stdout == ""


def test_a_file_of_another_version_is_named_with_what_makes_it_anew(tmp_path: Path) -> None:
    run = save(tmp_path / "run", 20, "m")
    results = json.loads((run / RESULTS).read_text())
    del results["tasks"]["sums"]["rows"][1]["language_consistency"]["n_judged"]
    (run / RESULTS).write_text(json.dumps(results))
    with pytest.raises(
        DataError, match=r"results\.json: tasks\.sums\.rows\[1\]\.language_consistency\.n_judged.*rescore"
    ):
        call(run, "--out", tmp_path / "r.html")
    transfer: Any = transfer_of()
    del transfer["tasks"]["sft"]["pooled"]
    (tmp_path / "t.json").write_text(json.dumps(transfer))
    with pytest.raises(DataError, match=r"t\.json: tasks\.sft\.pooled is missing.*xleval transfer"):
        call("--transfer", tmp_path / "t.json", "--out", tmp_path / "r.html")
    assert not (tmp_path / "r.html").exists()


def test_figures_and_tables_of_everything(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    runs = [save(tmp_path / name, 20 + k, name) for k, name in enumerate(("a", "b"))]
    (tmp_path / "t.json").write_text(json.dumps(transfer_of()))
    (tmp_path / "c.json").write_text(json.dumps(curves_of()))
    call(
        *runs, "--out", tmp_path / "r.html", "--figures", tmp_path / "f", "--tables", tmp_path / "t", "--resamples", 1000,
        "--transfer", tmp_path / "t.json", "--curves", tmp_path / "c.json", "--examples", 1, "--title", "Our <title>",
    )  # fmt: skip
    figures = {path.name for path in (tmp_path / "f").iterdir()}
    assert {"compare1-sums.svg", "runs-sums.png", "run1-sums-accuracy.svg", "transfer-sft-curve1.svg"} < figures
    assert {"curves-collapse.png", "run2-sums-language.png"} < figures
    tables = {path.name for path in (tmp_path / "t").iterdir()}
    assert {"overview.csv", "compare1-sums.tex", "compare1-sums-exploratory.csv", "run1-sums-languages.csv"} < tables
    assert {"transfer-sft-1.tex", "curves-points.csv", "run1-sums-agreement.csv"} < tables
    html = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "<h1><bdi>Our &lt;title&gt;</bdi></h1>" in html
    assert html.count('<details class="item"') == 1


def test_a_missing_extra_is_said_before_the_page_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = save(tmp_path / "run", 30, "m")
    monkeypatch.setitem(sys.modules, "matplotlib", None)  # as Python has it for a package that cannot be imported
    with pytest.raises(MissingExtra, match=r"pip install 'xleval\[report\]'"):
        call(run, "--out", tmp_path / "r.html", "--figures", tmp_path / "figures")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run"]


def test_curves_alone(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text(json.dumps(curves_of("my-training")))
    call("--curves", tmp_path / "c.json", "--out", tmp_path / "r.html")
    assert "Training as it runs: <bdi>my-training</bdi>" in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_probes_stand_beside_a_run_and_alone(tmp_path: Path) -> None:
    run = save(tmp_path / "run", 10, "m")
    (tmp_path / "neurons").mkdir()
    write_json(tmp_path / "neurons/probe.json", neurons_probe())
    write_json(tmp_path / "heads.json", heads_probe())
    both = ("--probe", tmp_path / "neurons", "--probe", tmp_path / "heads.json")
    call(run, *both, "--out", tmp_path / "r.html", "--tables", tmp_path / "t", "--figures", tmp_path / "f")
    text = plain((tmp_path / "r.html").read_text(encoding="utf-8"))
    assert text.index("Inside the model") < text.index("Neurons of a language") < text.index("Heads of a language")
    assert {"probe-neurons-counts.csv", "probe-heads-knock-out-1.tex", "probe-neurons-layers.csv"} < {
        path.name for path in (tmp_path / "t").iterdir()
    }
    assert (tmp_path / "f/probe-heads-knock-out-specific-2.svg").exists()
    write_json(tmp_path / "a.json", alignment_probe("<b>m</b>"))
    call("--probe", tmp_path / "a.json", "--out", tmp_path / "r.html")
    html = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "<h1><bdi>Inside &lt;b&gt;m&lt;/b&gt;, &lt;b&gt;m&lt;/b&gt;2</bdi></h1>" in html
    assert "Knock-out check" not in html  # alignment names no heads or neurons


def test_a_probe_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    out = tmp_path / "r.html"
    with pytest.raises(DataError, match=r"nothing\.json"):
        call("--probe", tmp_path / "nothing.json", "--out", out)
    with pytest.raises(DataError, match=r"probe\.json"):
        call("--probe", tmp_path, "--out", out)  # a folder without one
    write_json(tmp_path / "p.json", curves_of())
    with pytest.raises(
        DataError, match=r"schema 'xleval\.curves/1'; needed is xleval\.probe/1, as xleval probe writes it"
    ):
        call("--probe", tmp_path / "p.json", "--out", out)
    damaged: Any = neurons_probe()
    del damaged["neurons"][1]["overlap"]
    write_json(tmp_path / "p.json", damaged)
    with pytest.raises(DataError, match=r"neurons\[1\]\.overlap is missing"):
        call("--probe", tmp_path / "p.json", "--out", out)
    write_json(tmp_path / "probe.json", neurons_probe())
    with pytest.raises(ConfigError, match=r"names .* twice"):
        call("--probe", tmp_path, "--probe", tmp_path / "probe.json", "--out", out)
    assert not out.exists()


def test_runs_without_a_common_task_are_shown_with_the_reason(tmp_path: Path) -> None:
    runs = [save(tmp_path / task, 10, "m", task) for task in ("sums", "others")]
    call(*runs, "--out", tmp_path / "r.html")
    text = plain((tmp_path / "r.html").read_text(encoding="utf-8"))
    assert "The runs are not compared:" in text
    assert "Run 2: others" in text


def test_wrong_usage_is_one_line(tmp_path: Path) -> None:
    run, out = save(tmp_path / "run", 10, "m"), tmp_path / "r.html"
    with pytest.raises(ConfigError, match="nothing to report on"):
        call("--out", out)
    with pytest.raises(ConfigError, match="--step 'run' is not RUN=N"):
        call(run, "--out", out, "--step", "run")
    with pytest.raises(ConfigError, match="--step 'other=3' names no run here; runs: run"):
        call(run, "--out", out, "--step", "other=3")
    with pytest.raises(ConfigError, match="named twice"):
        call(run, run, "--out", out)
    with pytest.raises(DataError, match=r"schema 'xleval\.results/1'; needed is xleval\.curves/1"):
        call("--curves", run / RESULTS, "--out", out)
    with pytest.raises(DataError, match=r"needed is xleval\.transfer/1, as xleval transfer --out writes it"):
        call("--transfer", run / RESULTS, "--out", out)
    with pytest.raises(click.UsageError, match="Missing parameter: out"):
        call(run)
    with pytest.raises(ConfigError, match="is not a run"):
        call(tmp_path / "nothing", "--out", out)
    assert not out.exists()


def test_transfer_alone(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text(json.dumps(transfer_of()))
    call("--transfer", tmp_path / "t.json", "--out", tmp_path / "r.html")
    html = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "<h1><bdi>Transfer between languages</bdi></h1>" in html
