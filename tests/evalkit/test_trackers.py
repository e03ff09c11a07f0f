import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from xleval.data.storage import read_json
from xleval.errors import BackendError, ConfigError, MissingExtra
from xleval.evalkit import trackers
from xleval.evalkit.backends.mock import MockModel
from xleval.evalkit.results_schema import Results
from xleval.evalkit.runner import RunConfig, run
from xleval.evalkit.task import load_task
from xleval.evalkit.trackers import check_target, log_results, scalars
from xleval.tasks import TASKS

LANGS = ("en", "sw", "zh")


@pytest.fixture(scope="module")
def finished(embedded_set: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Results]:
    folder = tmp_path_factory.mktemp("runs") / "mock-run"
    tasks = [load_task(TASKS["polyfact"], embedded_set, LANGS, 12), load_task(TASKS["sample"], None, LANGS, 6)]
    return folder, run(MockModel(), tasks, RunConfig(languages=LANGS), folder)


@pytest.fixture
def wandb_env(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[pytest.MonkeyPatch]:
    """Keep every file of W&B under tmp_path, and make it read the environment anew: it does so once a process."""
    wandb = pytest.importorskip("wandb")
    for kind in ("DIR", "DATA_DIR", "CACHE_DIR", "CONFIG_DIR"):
        monkeypatch.setenv(f"WANDB_{kind}", str(tmp_path / kind.lower()))
        (tmp_path / kind.lower()).mkdir()
    wandb.teardown()
    yield monkeypatch
    wandb.teardown()


def wanted_figures(folder: Path) -> dict[str, float]:
    """Return some figures straight from the file, by the names that they are logged under."""
    tasks = read_json(folder / "results.json")["tasks"]
    found = {}
    for name in ("polyfact", "sample"):
        for row in tasks[name]["rows"]:
            found[f"{name}/{row['lang']}/accuracy"] = row["accuracy"]["value"]
            found[f"{name}/{row['lang']}/unscored"] = row["n_unscored"]
        found[f"{name}/mean_over_these_languages/accuracy"] = tasks[name]["means"][0]["accuracy"]["value"]
        found[f"{name}/consistency/total"] = tasks[name]["consistency"]["total"]["estimate"]["value"]
    for row in tasks["sample"]["rows"]:
        found[f"sample/{row['lang']}/truncated"] = row["truncated"]
        headline = row["language_consistency"]["headline"]
        if headline is not None:
            found[f"sample/{row['lang']}/language_consistency"] = headline["value"]
    found["polyfact/consistency/rankc"] = tasks["polyfact"]["consistency"]["rankc"]["pairs"]["mean"]["value"]
    return found


def test_figures_are_those_of_results_json(finished: tuple[Path, Results]) -> None:
    folder, results = finished
    figures, wanted = scalars(results), wanted_figures(folder)
    assert len(wanted) >= 20
    assert {name: figures[name] for name in wanted} == wanted
    assert all(isinstance(value, float) for value in figures.values())
    # a choice has no completions: null in results.json, and not logged as 0
    assert "polyfact/en/truncated" not in figures
    assert "polyfact/en/majority" not in figures


def test_tensorboard_reads_back_what_results_json_holds(finished: tuple[Path, Results], tmp_path: Path) -> None:
    pytest.importorskip("tensorboardX")
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    folder, results = finished
    said = log_results(results, folder, f"tensorboard:{tmp_path / 'logs'}")
    where = tmp_path / "logs" / folder.name
    assert said.startswith(str(where))
    events = accumulator.EventAccumulator(str(where))
    events.Reload()
    read = {tag: events.Scalars(tag) for tag in events.Tags()["scalars"]}
    assert {tag: len(found) for tag, found in read.items()} == dict.fromkeys(scalars(results), 1)
    for tag, value in wanted_figures(folder).items():
        assert read[tag][0].value == pytest.approx(value, abs=1e-7)  # TensorBoard keeps 32 bits
    [text] = events.Tensors("signature/text_summary")
    shown = text.tensor_proto.string_val[0].decode().removeprefix("```json\n").removesuffix("\n```")
    assert json.loads(shown) == results["signature"]


def test_tensorboard_goes_to_the_folder_of_the_run_by_default(finished: tuple[Path, Results]) -> None:
    pytest.importorskip("tensorboardX")
    folder, results = finished
    log_results(results, folder, "tensorboard")
    assert list((folder / "tensorboard").glob("events.out.tfevents.*"))


def test_wandb_offline_keeps_what_results_json_holds(
    finished: tuple[Path, Results], tmp_path: Path, wandb_env: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    wandb_env.setenv("WANDB_MODE", "offline")
    wandb_env.setenv("WANDB_API_KEY", "0123456789" * 4)
    folder, results = finished
    said = log_results(results, folder, "wandb:my-project")
    assert "offline" in said
    out, err = capfd.readouterr()
    assert "0123456789" not in out + err + said
    pytest.importorskip("wandb").teardown()  # as at the end of a process: only then the file is whole
    [file] = tmp_path.glob("dir/wandb/offline-run-*/run-*.wandb")
    records = list(_wandb_records(file))
    [started] = [record.run for record in records if record.WhichOneof("record_type") == "run"]
    assert (started.project, started.display_name) == ("my-project", folder.name)
    config = {item.key: json.loads(item.value_json) for item in started.config.update}
    assert config["signature"] == json.loads(json.dumps(results["signature"]))
    [history] = [record.history for record in records if record.WhichOneof("record_type") == "history"]
    logged = {"/".join(item.nested_key) or item.key: json.loads(item.value_json) for item in history.item}
    wanted = wanted_figures(folder)
    assert {name: logged[name] for name in wanted} == wanted
    artifacts = [record.request.log_artifact.artifact for record in records if record.HasField("request")]
    artifacts += [record.artifact for record in records if record.WhichOneof("record_type") == "artifact"]
    assert "results.json" in {entry.path for artifact in artifacts for entry in artifact.manifest.contents}


def _wandb_records(path: Path) -> Iterator[Any]:
    """Yield the records of a .wandb file: 7 bytes of header, then LevelDB's log format in blocks of 32 KiB."""
    from wandb.proto import wandb_internal_pb2

    data, at, parts = path.read_bytes(), 7, b""
    assert data[:4] == b":W&B"
    while at + 7 <= len(data):
        rest = 32768 - at % 32768
        if rest < 7:  # a block's end that has no room for a header is left empty
            at += rest
            continue
        length, kind = struct.unpack_from("<HB", data, at + 4)
        parts += data[at + 7 : at + 7 + length]
        at += 7 + length
        if kind in (1, 4):  # whole, or the last part
            record = wandb_internal_pb2.Record()
            record.ParseFromString(parts)
            yield record
            parts = b""


def test_wandb_can_be_switched_off(
    finished: tuple[Path, Results], tmp_path: Path, wandb_env: pytest.MonkeyPatch
) -> None:
    wandb_env.setenv("WANDB_MODE", "disabled")
    folder, results = finished
    assert log_results(results, folder, "wandb") == "nowhere (WANDB_MODE=disabled)"
    assert not list(tmp_path.rglob("*run-*"))


def test_a_tracker_that_refuses_is_one_message(finished: tuple[Path, Results], wandb_env: pytest.MonkeyPatch) -> None:
    wandb_env.setenv("WANDB_MODE", "offline")
    folder, results = finished
    with pytest.raises(BackendError, match="The run itself is whole"):
        log_results(results, folder, "wandb:no/slash")


def test_targets_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="Did you mean wandb"):
        check_target("wandbb:x")
    with pytest.raises(ConfigError, match="nothing after the colon"):
        check_target("tensorboard:")
    monkeypatch.setattr(trackers, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match="track"):
        check_target("wandb")
    monkeypatch.setattr(trackers, "find_spec", lambda name: object())
    assert check_target("wandb") == ("wandb", "")
    assert check_target("tensorboard:runs/a:b") == ("tensorboard", "runs/a:b")
