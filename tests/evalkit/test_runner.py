import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from xleval.data.storage import read_json
from xleval.errors import ConfigError
from xleval.evalkit.backends.mock import MockModel
from xleval.evalkit.requests import Encoded, Outcome, Unscored
from xleval.evalkit.runner import RunConfig, default_folder, run, signature
from xleval.evalkit.samples import read_samples
from xleval.evalkit.task import LoadedTask, TaskOptions, load_task
from xleval.tasks import TASKS

LANGS = ("zh", "sw", "en")
CONFIG = RunConfig(languages=LANGS, limit=8)
SAME_BYTES = ("results.json", "samples.parquet", "report.html", "journal.jsonl")


@pytest.fixture
def tasks(embedded_set: Path) -> list[LoadedTask]:
    return [load_task(TASKS["polyfact"], embedded_set, LANGS, 8), load_task(TASKS["sample"], None, LANGS, 8)]


class CountingModel(MockModel):
    """Counts the requests that it is asked, and can fail at one."""

    def __init__(self, fail_at: int | None = None) -> None:
        super().__init__("counting")
        self.asked: list[str] = []
        self._fail_at = fail_at

    def run(self, batches: Iterable[Sequence[Encoded]]) -> Iterator[list[Outcome]]:
        for batch in batches:
            if self._fail_at is not None and len(self.asked) >= self._fail_at:
                raise KeyboardInterrupt
            self.asked += [request.key for request in batch]
            yield from super().run([batch])


class SilentModel(MockModel):
    """Fails every fifth request."""

    def run(self, batches: Iterable[Sequence[Encoded]]) -> Iterator[list[Outcome]]:
        for batch in batches:
            for outcomes in super().run([batch]):
                yield [
                    Unscored(key=outcome.key, reason="server said 500") if place % 5 == 0 else outcome
                    for place, outcome in enumerate(outcomes)
                ]


def test_a_run_writes_what_is_needed_to_repeat_and_to_read_it(tasks: list[LoadedTask], tmp_path: Path) -> None:
    results = run(MockModel(), tasks, CONFIG, tmp_path / "run")
    assert {path.name for path in (tmp_path / "run").iterdir()} == {*SAME_BYTES, "run.json"}
    manifest = read_json(tmp_path / "run/run.json")
    assert manifest["finished"] is True
    assert manifest["config"]["model"]["model"] == "mock"
    assert manifest["config"]["tasks"]["polyfact"]["items"] == tasks[0].fingerprint
    assert manifest["environment"]["packages"]["numpy"]
    assert results == read_json(tmp_path / "run/results.json")
    samples = read_samples(tmp_path / "run/samples.parquet")
    assert len(samples) == 2 * 8 * len(LANGS)
    assert {sample.correct for sample in samples} <= {True, False}
    choice = next(sample for sample in samples if sample.kind == "choice")
    assert len(choice.sum_logprobs) == len(choice.choice_ids) == 4


def test_the_same_items_in_every_language(tasks: list[LoadedTask]) -> None:
    for loaded in tasks:
        ids = [[item.item_id for item in loaded.items[lang]] for lang in LANGS]
        assert ids[0] == ids[1] == ids[2]
        assert len(ids[0]) == 8


def test_two_runs_have_the_same_bytes(tasks: list[LoadedTask], tmp_path: Path) -> None:
    for name in ("one", "two"):
        run(MockModel(), tasks, CONFIG, tmp_path / name)
    for name in SAME_BYTES:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name


@pytest.mark.parametrize("fail_at", [0, 8, 24, 40])
def test_an_interrupted_run_goes_on_without_repeating(tasks: list[LoadedTask], tmp_path: Path, fail_at: int) -> None:
    whole = CountingModel()
    run(whole, tasks, CONFIG, tmp_path / "whole")
    broken = CountingModel(fail_at)
    with pytest.raises(KeyboardInterrupt):
        run(broken, tasks, CONFIG, tmp_path / "broken")
    rest = CountingModel()
    run(rest, tasks, CONFIG, tmp_path / "broken", resume=True)
    assert broken.asked + rest.asked == whole.asked
    for name in SAME_BYTES:
        assert (tmp_path / "broken" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name
    assert read_json(tmp_path / "broken/run.json")["resumed"] == 1


def test_a_finished_run_is_not_asked_again(tasks: list[LoadedTask], tmp_path: Path) -> None:
    first = run(CountingModel(), tasks, CONFIG, tmp_path / "run")
    again = CountingModel()
    assert run(again, tasks, CONFIG, tmp_path / "run", resume=True) == first
    assert again.asked == []


def test_a_changed_configuration_is_refused_by_name(tasks: list[LoadedTask], tmp_path: Path) -> None:
    run(MockModel(), tasks, CONFIG, tmp_path / "run")
    with pytest.raises(ConfigError, match=r"differs in seed \(0 → 7\)"):
        run(MockModel(), tasks, replace(CONFIG, seed=7), tmp_path / "run", resume=True)
    with pytest.raises(ConfigError, match=r'model\.model \("mock" → "other"\)'):
        run(MockModel("other"), tasks, CONFIG, tmp_path / "run", resume=True)
    options = TaskOptions(scaffold="english")
    with pytest.raises(ConfigError, match=r'options\.scaffold \("native" → "english"\)'):
        run(MockModel(), tasks, replace(CONFIG, options=options), tmp_path / "run", resume=True)
    with pytest.raises(ConfigError, match=r"already holds this configuration, finished. Go on with --resume"):
        run(MockModel(), tasks, CONFIG, tmp_path / "run")


def test_a_failed_request_is_unscored_and_not_wrong(tasks: list[LoadedTask], tmp_path: Path) -> None:
    results = run(SilentModel(), tasks, CONFIG, tmp_path / "run")
    samples = read_samples(tmp_path / "run/samples.parquet")
    missing = [sample for sample in samples if sample.unscored_reason]
    assert missing
    assert {sample.correct for sample in missing} == {None}
    rows = [row for task in results["tasks"].values() for row in task["rows"]]
    assert sum(row["n_unscored"] for row in rows) == len(missing)
    assert {row["n"] for row in rows} == {8}


def test_the_prompts_and_options_are_what_was_asked(tasks: list[LoadedTask], tmp_path: Path) -> None:
    run(MockModel(), tasks, replace(CONFIG, options=TaskOptions(scaffold="english")), tmp_path / "run")
    prompts = [s.prompt for s in read_samples(tmp_path / "run/samples.parquet") if s.task == "polyfact"]
    assert all(prompt.startswith("Question: ") and prompt.endswith("\nAnswer:") for prompt in prompts)


def test_nothing_to_run(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nothing to run"):
        run(MockModel(), [], CONFIG, tmp_path / "run")


def test_the_default_folder_follows_the_signature(tasks: list[LoadedTask]) -> None:
    one = signature(MockModel().fingerprint, tasks, CONFIG)
    two = signature(MockModel().fingerprint, tasks, replace(CONFIG, seed=1))
    assert default_folder(one, "some/model:7b") == default_folder(one, "some/model:7b")
    assert default_folder(one, "some/model:7b").parent.name == "runs"
    assert default_folder(one, "some/model:7b").name.startswith("model-7b-")
    assert default_folder(one, "m") != default_folder(two, "m")


SLOW_RUN = """
import sys, time
from pathlib import Path
from xleval.evalkit.backends.mock import MockModel
from xleval.evalkit.runner import RunConfig, run
from xleval.evalkit.task import load_task
from xleval.tasks import TASKS

class SlowModel(MockModel):
    def run(self, batches):
        for outcomes in super().run(batches):
            time.sleep(0.02)
            yield outcomes

tasks = [load_task(TASKS["polyfact"], Path(sys.argv[1]), ("sw", "en"), None)]
run(SlowModel(), tasks, RunConfig(languages=("sw", "en")), Path(sys.argv[2]), resume=True)
"""


def test_sigkill_at_several_moments_loses_and_repeats_nothing(embedded_set: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", SLOW_RUN, str(embedded_set)]
    subprocess.run([*command, str(tmp_path / "whole")], check=True)
    journal = tmp_path / "killed" / "journal.jsonl"
    seen = b""
    for wanted in (1, 4, 9, 15):  # batches in the journal when the kill comes
        process = subprocess.Popen([*command, str(tmp_path / "killed")])
        while process.poll() is None and (not journal.exists() or journal.read_bytes().count(b"\n") < wanted):
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert journal.read_bytes().startswith(seen)  # what was written is never altered
        seen = journal.read_bytes()[: journal.read_bytes().rfind(b"\n") + 1]
    subprocess.run([*command, str(tmp_path / "killed")], check=True)
    for name in SAME_BYTES:
        assert (tmp_path / "killed" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name
    lines = [json.loads(line)["rows"] for line in journal.read_text(encoding="utf-8").splitlines()]
    ids = [each for rows in lines for each in rows]
    assert len(ids) == len(set(ids))  # nothing was asked twice
