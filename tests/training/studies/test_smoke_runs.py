"""The smoke runs of the studies polyfact and clo from the command line to the page, with the small real model: minutes each."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow
pytest.importorskip("trl")
pytest.importorskip("gguf")


def study(name: str, out: Path, *words: str) -> dict[str, Any]:
    """Run a study as a user does, and return its findings."""
    line = [sys.executable, "-m", "xleval", "study", name, "--budget", "smoke", "--out", str(out), *words]
    environment = {key: value for key, value in os.environ.items() if key != "XLEVAL_DATA"}
    done = subprocess.run(line, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads((out / "findings.json").read_text(encoding="utf-8"))
    return found


def test_polyfact_ends_with_a_page_and_goes_on_where_it_was(tmp_path: Path) -> None:
    out = tmp_path / "study"
    found = study("polyfact", out)
    assert found["failed"] == {}
    assert {arm["name"] for arm in found["arms"] if arm["tasks"]} == {arm["name"] for arm in found["arms"]}
    grpo = next(arm for arm in found["arms"] if arm["name"] == "grpo")
    assert grpo["trainings"]["1"]["steps"] == 4
    figures = grpo["tasks"]["polyfact"]["figures"]
    assert set(figures) >= {"seen", "unseen", "sw"}
    assert {(each["arm"], each["against"]) for each in found["comparisons"]} >= {
        ("grpo", "sft"),
        ("grpo", "grpo-random"),
    }
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "not what the paper found" in page
    for anchor in ("generalisation", "retention"):
        assert f'id="part-{anchor}"' in page
    finished = {path: path.stat().st_mtime_ns for path in out.glob("steps/**/*.json")}
    assert study("polyfact", out, "--resume") | {"seconds": {}} == found | {"seconds": {}}
    assert {path: path.stat().st_mtime_ns for path in out.glob("steps/**/*.json")} == finished


def test_clo_ends_with_a_page_that_gives_no_win_rate(tmp_path: Path) -> None:
    out = tmp_path / "study"
    found = study("clo", out)
    assert found["failed"] == {}
    assert {(each["arm"], each["against"]) for each in found["judged"]} == {
        ("clo", "base"), ("clo", "sft"), ("clo", "sft-dpo")
    }  # fmt: skip
    assert all(each["win_rate"] is None and not each["validated"] for each in found["judged"])
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "not what the paper found" in page
    assert 'id="part-data-efficiency"' in page
