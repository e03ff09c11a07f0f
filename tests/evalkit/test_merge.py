"""Shards put together, and runs scored again: the same files as one unbroken run."""

from dataclasses import replace
from pathlib import Path

import pytest

from xleval.data.storage import read_json
from xleval.errors import ConfigError, DataError
from xleval.evalkit.backends.mock import MockModel
from xleval.evalkit.merge import merge
from xleval.evalkit.requests import Sampling
from xleval.evalkit.rescore import rescore
from xleval.evalkit.runner import RunConfig, run
from xleval.evalkit.samples import read_samples, write_samples
from xleval.evalkit.settings import parse_shard
from xleval.evalkit.task import LoadedTask, TaskOptions, load_task
from xleval.tasks import TASKS

LANGS = ("zh", "sw", "en")
CONFIG = RunConfig(languages=LANGS, samples=2, options=TaskOptions(sampling=Sampling(temperature=1.0, max_tokens=40)))
SAME_BYTES = ("results.json", "samples.parquet", "report.html")


@pytest.fixture(scope="module")
def tasks(embedded_set: Path) -> list[LoadedTask]:
    return [load_task(TASKS["polyfact"], embedded_set, LANGS, 8), load_task(TASKS["sample"], None, LANGS, 8)]


@pytest.fixture(scope="module")
def whole(tasks: list[LoadedTask], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "whole"
    run(MockModel(), tasks, CONFIG, folder)
    return folder


def shards(tasks: list[LoadedTask], folder: Path, n: int, config: RunConfig = CONFIG) -> list[Path]:
    paths = []
    for index in range(1, n + 1):
        paths.append(folder / f"shard-{index}")
        run(MockModel(), tasks, replace(config, shard=parse_shard(f"{index}/{n}")), paths[-1])
    return paths


@pytest.mark.parametrize("n", [2, 3, 8])
def test_merged_shards_are_the_unbroken_run(n: int, tasks: list[LoadedTask], whole: Path, tmp_path: Path) -> None:
    parts = shards(tasks, tmp_path, n)
    merge([parts[-1], *parts[:-1]], tmp_path / "merged", TASKS)  # in any order
    for name in SAME_BYTES:
        assert (tmp_path / "merged" / name).read_bytes() == (whole / name).read_bytes(), name
    assert read_json(tmp_path / "merged/run.json")["config"] == read_json(whole / "run.json")["config"]
    with pytest.raises(ConfigError, match="already holds this configuration, finished"):
        merge(parts, tmp_path / "merged", TASKS)
    assert merge(parts, tmp_path / "merged", TASKS, resume=True) == read_json(whole / "results.json")


def test_what_cannot_be_merged_is_named(tasks: list[LoadedTask], whole: Path, tmp_path: Path) -> None:
    one, two, three = shards(tasks, tmp_path, 3)
    with pytest.raises(ConfigError, match="shards missing: 2/3"):
        merge([one, three], tmp_path / "out", TASKS)
    with pytest.raises(ConfigError, match="are both shard 1/3"):
        merge([one, two, one], tmp_path / "out", TASKS)
    with pytest.raises(ConfigError, match="is a whole run, not a shard"):
        merge([whole, one], tmp_path / "out", TASKS)
    other = shards(tasks, tmp_path / "other", 3, replace(CONFIG, seed=5))
    with pytest.raises(ConfigError, match=r"are not shards of one run: seed \(0 → 5\)"):
        merge([one, two, other[2]], tmp_path / "out", TASKS)
    with pytest.raises(ConfigError, match="--shard 9/9 holds none of the items"):
        run(MockModel(), tasks, replace(CONFIG, shard=parse_shard("9/9")), tmp_path / "empty")


def test_a_shard_in_another_order_is_refused(tasks: list[LoadedTask], tmp_path: Path) -> None:
    one, two = shards(tasks, tmp_path, 2)
    samples = read_samples(two / "samples.parquet")
    write_samples(two / "samples.parquet", samples[::-1])  # languages, too, come in another order than in the first
    with pytest.raises(DataError, match="shard 2: its samples are not in the order that xleval run wrote"):
        merge([one, two], tmp_path / "out", TASKS)


def test_rescoring_gives_the_same_files_without_the_model(whole: Path, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in whole.iterdir()}
    rescore(whole, tmp_path / "again", TASKS)
    for name in SAME_BYTES:
        assert (tmp_path / "again" / name).read_bytes() == before[name], name
    assert {path.name: path.read_bytes() for path in whole.iterdir()} == before  # never in place
    with pytest.raises(ConfigError, match="is the run itself; scores are never replaced in place"):
        rescore(whole, whole, TASKS)


def test_rescoring_uses_the_saved_text_and_todays_scorer(tasks: list[LoadedTask], tmp_path: Path) -> None:
    run(MockModel(), tasks, CONFIG, tmp_path / "run")
    path = tmp_path / "run/samples.parquet"
    samples = read_samples(path)
    place = next(k for k, each in enumerate(samples) if each.kind == "generation" and each.lang == "en")
    right = replace(samples[place], completion=f"So the answer is {samples[place].gold}.", finish_reason="stop")
    write_samples(path, [*samples[:place], replace(right, prediction="wrong", correct=False), *samples[place + 1 :]])
    rescore(tmp_path / "run", tmp_path / "again", TASKS, ties="published")
    again = read_samples(tmp_path / "again/samples.parquet")
    assert (again[place].prediction, again[place].correct) == (right.gold, True)
    assert again[place].top_language == "en"
    manifest = read_json(tmp_path / "again/run.json")
    assert manifest["config"]["ties"] == "published"
    assert manifest["rescored_from"]["run"] == "run"


def test_a_task_that_is_not_known_keeps_its_verdicts(whole: Path, tmp_path: Path) -> None:
    rescore(whole, tmp_path / "again", {"polyfact": TASKS["polyfact"]})
    assert read_json(tmp_path / "again/run.json")["verdicts_kept"] == ["sample"]
    verdicts = [
        [(each.item_id, each.correct) for each in read_samples(folder / "samples.parquet")]
        for folder in (whole, tmp_path / "again")
    ]
    assert verdicts[0] == verdicts[1]


def test_an_unfinished_run_is_not_scored(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"is not a run: it has no run\.json"):
        rescore(tmp_path, tmp_path / "again", TASKS)
