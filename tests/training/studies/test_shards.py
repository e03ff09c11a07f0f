"""Arms are dealt out whole; shards done apart and merged are the study that was done at once."""

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.training.studies.small import ARMS, DATA, options, small_plan
from xleval.data.storage import read_json
from xleval.errors import ConfigError, DataError
from xleval.evalkit.settings import Shard
from xleval.training.studies.read_found import read_found
from xleval.training.studies.records import Arm, Plan, Step
from xleval.training.studies.running.execute import execute
from xleval.training.studies.running.merge_shards import bring
from xleval.training.studies.running.shards import steps_of

FIRST, SECOND = Shard(index=1, count=2), Shard(index=2, count=2)


def names(plan: Plan, shard: Shard | None) -> list[str]:
    return [step.name for step in steps_of(plan, shard, lambda step: 1.0)]


def step(name: str, kind: str, *after: str, arm: str = "") -> Step:
    return Step(name=name, kind=kind, arm=arm, words=(kind,), out=Path("out") / name, after=after)  # type: ignore[arg-type]


def test_arms_are_dealt_whole_with_those_that_they_begin_with_and_the_data_that_they_need(tmp_path: Path) -> None:
    steps = (
        step("data/a", "data"), step("data/b", "data"), step("overlap/a", "overlap", "data/a"),
        step("runs/base", "run", arm="base"),
        step("train/sft/seed-1", "train", "data/a", arm="sft"), step("runs/sft/seed-1", "run", "train/sft/seed-1", arm="sft"),
        step("train/dpo/seed-1", "train", "data/a", "train/sft/seed-1", arm="dpo"),
        step("train/grpo/seed-1", "train", "data/b", arm="grpo"),
        step("traces/sft", "traces", "train/sft/seed-1", arm="sft"),
        step("train/grpo/seed-2", "train", "data/b", arm="grpo"),
        step("compare/x", "compare", "runs/base", "runs/sft/seed-1"), step("probe/x", "probe", "train/grpo/seed-1", arm="grpo"),
    )  # fmt: skip
    arms = tuple(Arm(name=name, label=name, role="method") for name in ("base", "sft", "dpo", "grpo"))
    plan = Plan(options=options(tmp_path), arms=arms, steps=steps)
    # 4 steps hang together with sft, 2 with grpo, 1 with base: the second shard takes grpo and base
    assert names(plan, FIRST) == [
        "data/a", "overlap/a", "train/sft/seed-1", "runs/sft/seed-1", "train/dpo/seed-1", "traces/sft",
    ]  # fmt: skip
    assert names(plan, SECOND) == ["data/b", "runs/base", "train/grpo/seed-1", "train/grpo/seed-2"]
    assert names(plan, None) == [each.name for each in steps]
    with pytest.raises(ConfigError, match=r"the study has 3 groups of arms that can be apart .*: base, dpo, grpo"):
        steps_of(plan, Shard(index=1, count=4), lambda step: 1.0)


def test_every_step_about_one_arm_is_in_exactly_one_shard(tmp_path: Path) -> None:
    plan = small_plan(tmp_path)
    shards = [names(plan, Shard(index=k, count=3)) for k in (1, 2, 3)]
    for arm in ARMS:
        assert sum(f"runs/{arm.name}" in each for each in shards) == 1
    assert all(DATA in each for each in shards)
    assert not any(name.startswith("compare") for each in shards for name in each)


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two shards of the small study, each done in a folder of its own."""
    home = tmp_path_factory.mktemp("shards")
    for shard, name in ((FIRST, "a"), (SECOND, "b")):
        execute(small_plan(home / name), resume=False, shard=shard)
    return [home / "a", home / "b"]


def test_merged_shards_have_the_figures_of_the_whole_study(shards: list[Path], tmp_path: Path) -> None:
    whole, merged = small_plan(tmp_path / "whole"), small_plan(tmp_path / "merged")
    execute(whole, resume=False)
    said: list[str] = []
    execute(merged, resume=False, merge=shards, say=said.append)
    # three runs and the data came from the shards; what sets arms side by side was done here
    assert [line.split("xleval ")[1].split()[0] for line in said if ": xleval " in line] == ["compare", "compare"]
    one, two = read_found(whole), read_found(merged)
    assert one.results == two.results
    assert one.comparisons == two.comparisons
    assert one.overlaps == two.overlaps
    record = read_json(tmp_path / "merged" / "steps" / "runs" / "one.json")
    assert str(tmp_path / "merged") in record["words"][record["words"].index("--out") + 1]
    # and goes on from there, without the shards
    done = execute(merged, resume=True)
    assert set(done.done) == {each.name for each in merged.steps}


def test_one_shard_can_take_the_other(shards: list[Path], tmp_path: Path) -> None:
    home = tmp_path / "a"
    shutil.copytree(shards[0], home)
    plan = small_plan(home)
    done = execute(plan, resume=True, merge=[shards[1]])
    assert set(done.done) == {each.name for each in plan.steps}


def test_a_shard_of_another_study_is_refused(shards: list[Path], tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"with other options: seeds \(1 → 2\)"):
        bring(small_plan(tmp_path / "out", seeds=2), shards)
    with pytest.raises(ConfigError, match=r"step runs/\w+ was made with other words: there '4', here '5'"):
        bring(small_plan(tmp_path / "out", limit=5), shards)
    with pytest.raises(ConfigError, match=r"no study.json in it"):
        bring(small_plan(tmp_path / "out"), [tmp_path])
    with pytest.raises(ConfigError, match=r"the study's own folder"):
        bring(small_plan(shards[0]), [shards[0]])


def test_shards_with_other_data_are_refused_with_the_file(shards: list[Path], tmp_path: Path) -> None:
    other = tmp_path / "b"
    shutil.copytree(shards[1], other)
    changed = other / "sets" / "polyfact" / "de" / "test.parquet"
    changed.write_bytes(changed.read_bytes() + b" ")
    with pytest.raises(
        DataError, match=r"b/sets/polyfact/de/test.parquet and .*merged/sets/polyfact/de/test.parquet differ"
    ):
        execute(small_plan(tmp_path / "merged"), resume=False, merge=[shards[0], other])


def test_a_link_out_of_a_shard_is_not_followed(shards: list[Path], tmp_path: Path) -> None:
    other = tmp_path / "b"
    shutil.copytree(shards[1], other)
    plan = small_plan(tmp_path / "merged")
    arm = next(each.name for each in plan.arms if (other / "runs" / each.name).is_dir())
    secret = tmp_path / "secret.txt"
    secret.write_text("not of the study")
    (other / "runs" / arm / "notes.txt").symlink_to(secret)
    with pytest.raises(DataError, match=r"runs/\w+/notes.txt is a link that points out of"):
        bring(plan, [other])


def trained(home: Path, base: Path) -> Plan:
    """Return a study whose only step is a training that left an adapter on a base."""
    out = home / "arms" / "sft" / "seed-1"
    words = ("train", "sft", "smoke/sft", "--model", str(base), "--seed", "1", "--out", str(out))
    arm = Arm(name="sft", label="sft", role="method", kind="sft", recipe="smoke/sft", seeds=(1,))
    one = Step(name="train/sft/seed-1", kind="train", arm="sft", seed=1, out=out, words=words)
    return Plan(options=options(home), arms=(arm,), steps=(one,))


def test_adapters_name_the_base_that_is_here(tmp_path: Path) -> None:
    """On the shard's machine the base was in a folder that is not here; the words of the step name it."""
    base = tmp_path / "base"
    base.mkdir()
    there, here = trained(tmp_path / "a", base), trained(tmp_path / "merged", base)
    model = there.steps[0].out / "model"
    model.mkdir(parents=True)
    (model / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": "/home/other/base", "r": 8}))
    (model / "adapter_model.safetensors").write_bytes(b"weights")
    from xleval.training.studies.running.manifest import StepRecord, write_record, write_study

    write_study(there, finished=False, shard="1/2")
    step = there.steps[0]
    write_record(
        tmp_path / "a",
        StepRecord(name=step.name, words=step.words, out=str(tmp_path / "a"), finished=True, exit_code=0),
    )
    bring(here, [tmp_path / "a"])
    brought = here.steps[0].out / "model"
    assert read_json(brought / "adapter_config.json") == {"base_model_name_or_path": str(base), "r": 8}
    assert (brought / "adapter_model.safetensors").stat().st_ino == (model / "adapter_model.safetensors").stat().st_ino
    assert read_json(model / "adapter_config.json")["base_model_name_or_path"] == "/home/other/base"


def test_a_wrong_merge_leaves_no_folder_behind(shards: list[Path], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for wrong, message in (([tmp_path / "empty"], "no study.json in it"), ([*shards, shards[0]], "is there twice")):
        with pytest.raises(ConfigError, match=message):
            execute(small_plan(tmp_path / "merged"), resume=False, merge=wrong)
        assert not (tmp_path / "merged").exists()


def test_a_result_with_a_number_that_is_not_finite_is_refused(shards: list[Path], tmp_path: Path) -> None:
    home = tmp_path / "a"
    shutil.copytree(shards[0], home)
    plan = small_plan(home)
    path = next((home / "runs").glob("*/results.json"))
    floats = re.sub(r'("value": )[\d.]+', r"\g<1>NaN", path.read_text(encoding="utf-8"))
    assert "NaN" in floats
    path.write_text(floats, encoding="utf-8")
    with pytest.raises(DataError, match=r"results\.json is not readable as JSON: it holds the number NaN"):
        read_found(plan)
