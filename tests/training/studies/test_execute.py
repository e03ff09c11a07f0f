"""A study is done step by step, each an xleval process with a record; what is done is not done again."""

import json
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.training.studies.small import DATA, small_plan
from xleval.errors import ConfigError, DataError, XlevalError
from xleval.training.out_lock import only_one
from xleval.training.studies.read_found import read_found
from xleval.training.studies.records import Plan, Step
from xleval.training.studies.running.execute import execute
from xleval.training.studies.running.manifest import LOCK

#: A process of its own that does the small plan: what it is given decides how.
STUDY = """
import sys
from pathlib import Path
from tests.training.studies.small import small_plan
from xleval.training.studies.running.execute import execute
from xleval.training.studies.records import Step
out = Path(sys.argv[1])
slow = Step(name="run/slow", kind="run", arm="slow", out=out / "slow", resumes=True, words=(
    "run", "--model", "mock:slow", "--model-args", "delay_s=0.3,batch_size=1", "--tasks", "polyfact", "--langs", "en,de",
    "--data", f"polyfact={out}/sets/polyfact", "--out", str(out / "slow")), after=("data/polyfact",))
execute(small_plan(out, slow), resume="--resume" in sys.argv, say=lambda text: print(text, flush=True))
"""


def record(out: Path, step: str) -> dict[str, object]:
    found = json.loads((out / "steps" / f"{step}.json").read_text())
    assert isinstance(found, dict)
    return found


def times(plan: Plan) -> dict[str, int]:
    return {step.name: (plan.options.out / "steps" / f"{step.name}.json").stat().st_mtime_ns for step in plan.steps}


def failing(out: Path, *, optional: bool) -> Step:
    return Step(
        name="runs/broken", kind="run", arm="broken", out=out / "broken", optional=optional,
        after=(DATA,), words=(
            "run", "--model", "no/such/folder/here", "--langs", "en", "--tasks", "polyfact", "--data",
            f"polyfact={out}/sets/polyfact", "--out", str(out / "broken"),
        ),
    )  # fmt: skip


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """The small study, done."""
    plan = small_plan(tmp_path_factory.mktemp("studies") / "whole")
    execute(plan, resume=False)
    return plan


def test_every_step_leaves_its_result_its_record_and_its_log(whole: Plan) -> None:
    out = whole.options.out
    found = read_found(whole)
    assert set(found.results) == {("base", None), ("one", None), ("two", None)}
    # 4 items asked in each of two languages
    assert found.results["one", None]["tasks"]["polyfact"]["rows"][0]["n"] == 4
    assert set(found.comparisons) == {("one", "base"), ("two", "base")}
    assert found.overlaps["polyfact-train", "polyfact-test"]["n_train"] > 0
    assert not found.failed
    first = record(out, DATA)
    assert first["finished"] is True
    assert first["exit_code"] == 3  # so small a set is over a limit of build-polyfact, which its last line names
    assert str(first["reason"]).strip()
    assert first["words"] == list(whole.steps[0].words)
    assert "load_dataset" in (out / "steps" / f"{DATA}.log").read_text()
    assert found.seconds[DATA] > 0
    manifest = json.loads((out / "study.json").read_text())
    assert manifest["config"]["schema"] == "xleval.study/1"
    assert manifest["finished"] is True
    assert [step["name"] for step in manifest["steps"]] == [step.name for step in whole.steps]
    assert (out / "transfer" / "all.yaml").read_text() == f"base: {out}/runs/base\n"
    assert not (out / LOCK).exists()


def test_a_finished_study_repeats_nothing_and_is_refused_without_resume(whole: Plan) -> None:
    before = times(whole)
    with pytest.raises(ConfigError, match=r"already holds this configuration, finished.*--resume"):
        execute(whole, resume=False)
    said: list[str] = []
    done = execute(whole, resume=True, say=said.append)
    assert times(whole) == before
    assert said == []
    assert set(done.done) == {step.name for step in whole.steps}


def test_a_step_with_other_words_is_refused_with_the_first_that_differs(whole: Plan) -> None:
    with pytest.raises(ConfigError, match=r"step runs/base was made with other words: there '4', now '5'.*new --out"):
        execute(small_plan(whole.options.out, limit=5), resume=True)
    with pytest.raises(ConfigError, match=r"it differs in options.seeds \(1 → 3\)"):
        execute(small_plan(whole.options.out, seeds=3), resume=True)


def test_a_moved_study_goes_on(whole: Plan, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere"
    subprocess.run(["cp", "-r", str(whole.options.out), str(moved)], check=True)
    plan = small_plan(moved)
    done = execute(plan, resume=True)
    assert set(done.done) == {step.name for step in plan.steps}
    assert read_found(plan).results == read_found(whole).results


def test_a_foreign_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("three years of work")
    with pytest.raises(ConfigError, match=r"not empty and has no study.json \(found: .*thesis.txt"):
        execute(small_plan(tmp_path), resume=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["thesis.txt"]


def test_a_failed_step_ends_the_study_with_its_error_and_its_log(tmp_path: Path) -> None:
    out = tmp_path / "study"
    plan = small_plan(out, failing(out, optional=False))
    with pytest.raises(
        XlevalError, match=r"step runs/broken failed with exit code 2: model no/such/folder/here: no such"
    ) as error:
        execute(plan, resume=False)
    assert str(out / "steps" / "runs" / "broken.log") in str(error.value)
    assert record(out, "runs/broken")["finished"] is False
    assert record(out, "runs/two")["finished"] is True
    assert not (out / "steps" / "compare").exists()


def test_an_optional_step_that_fails_takes_those_with_it_that_need_it(tmp_path: Path) -> None:
    out = tmp_path / "study"
    broken = failing(out, optional=True)
    needs = replace(broken, name="judge/broken", kind="judge", after=("runs/broken",), optional=False)
    plan = small_plan(out, broken, needs)
    done = execute(plan, resume=False)
    assert done.failed["runs/broken"].startswith("model no/such/folder/here: no such folder")
    assert done.failed["judge/broken"] == "it needs runs/broken, which failed"
    assert "compare/two-against-base" in done.done
    assert read_found(plan).failed == done.failed
    # with --resume it is tried again, and nothing else
    before = {name: at for name, at in times(replace(plan, steps=plan.steps[:5])).items()}
    said: list[str] = []
    execute(plan, resume=True, say=said.append)
    assert [line for line in said if ": xleval " in line] == [
        line for line in said if "no/such" in line and "xleval run" in line
    ]
    assert before == times(replace(plan, steps=plan.steps[:5]))


def test_unscored_answers_end_a_step_and_are_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import xleval.training.studies.running.execute as module

    plan = small_plan(tmp_path / "study")
    monkeypatch.setattr(module, "call", lambda words, *, log, kept, lock: kept.write_text("{}") and 3 if kept else 3)
    done = execute(plan, resume=False)
    assert set(done.done) == {step.name for step in plan.steps}
    assert set(done.unscored) == set(done.done) - {DATA}
    assert set(done.noted) == {DATA}


def test_two_studies_do_not_write_one_folder(tmp_path: Path) -> None:
    with (
        only_one(tmp_path, lock=LOCK, what="xleval study"),
        pytest.raises(ConfigError, match=r"being written by another xleval study \(process \d+\)"),
    ):
        execute(small_plan(tmp_path), resume=True)


def start(out: Path, *words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", STUDY, str(out), *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def wait_for(file: Path, process: "subprocess.Popen[str]") -> None:
    """Wait until the slow run has answered something."""
    for _ in range(6000):
        if file.exists() and file.stat().st_size:
            return
        assert process.poll() is None, process.stdout.read() if process.stdout else ""
        time.sleep(0.05)
    raise AssertionError(f"{file} did not appear")


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM])
def test_a_stopped_study_stops_its_step_and_goes_on(tmp_path: Path, sign: signal.Signals) -> None:
    out = tmp_path / "study"
    process = start(out)
    wait_for(out / "slow" / "journal.jsonl", process)
    process.send_signal(sign)
    process.wait(30)
    assert process.stdout is not None
    process.stdout.close()
    answered = (out / "slow" / "journal.jsonl").read_text().splitlines()
    assert record(out, "run/slow")["finished"] is False
    before = (
        (out / "steps" / f"{DATA}.json").stat().st_mtime_ns,
        (out / "runs" / "base" / "run.json").stat().st_mtime_ns,
    )
    # On a busy machine the step may come to its end in the time it has after SIGTERM: then it is not begun again.
    ended = json.loads((out / "slow" / "run.json").read_text())["finished"]
    end = start(out, "--resume")
    said, _ = end.communicate(timeout=120)
    assert end.returncode == 0, said
    assert before == (
        (out / "steps" / f"{DATA}.json").stat().st_mtime_ns,
        (out / "runs" / "base" / "run.json").stat().st_mtime_ns,
    )
    steps = [line.split(" ", 5)[:4] for line in said.splitlines() if " of " in line]
    assert [line[0] for line in steps] == ["6", "7", "8"], said  # the slow run and the two comparisons
    journal = (out / "slow" / "journal.jsonl").read_text().splitlines()
    assert journal[: len(answered) - 1] == answered[:-1]  # what was answered was not asked again
    assert len(json.loads((out / "slow" / "run.json").read_text())["starts"]) == (1 if ended else 2)


def test_a_step_that_cannot_go_on_begins_anew(tmp_path: Path) -> None:
    """A comparison has no --resume: what a killed one left is removed, as its record says that it was begun here."""
    plan = small_plan(tmp_path / "study")
    out = plan.options.out
    execute(plan, resume=False)
    path = out / "steps" / "compare" / "two-against-base.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "finished": False, "exit_code": None}))
    (out / "compare" / "two-against-base.json").write_text("{ half")
    execute(plan, resume=True)
    assert ("two", "base") in read_found(plan).comparisons


def test_a_damaged_result_is_named(whole: Plan, tmp_path: Path) -> None:
    moved = tmp_path / "copy"
    subprocess.run(["cp", "-r", str(whole.options.out), str(moved)], check=True)
    (moved / "runs" / "one" / "results.json").write_text('{"schema": "xleval.results/1"}')
    with pytest.raises(DataError, match=r"copy/runs/one/results.json: .*is missing.*Step runs/one is to be made again"):
        read_found(small_plan(moved))
    (moved / "steps" / "runs" / "one.json").write_text('{"schema": "xleval.step/1", "name": 3}')
    with pytest.raises(DataError, match=r"steps/runs/one.json: exit_code is missing"):
        read_found(small_plan(moved))
