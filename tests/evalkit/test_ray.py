"""The ray backend on a real local cluster of two cores: same outcomes, workers that die, errors, silence."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ray = pytest.importorskip("ray")

from xleval.data.ray_cluster import Pool, fit_pool  # noqa: E402
from xleval.data.storage import read_json  # noqa: E402
from xleval.errors import BackendError, ConfigError  # noqa: E402
from xleval.evalkit.backends import load_backend  # noqa: E402
from xleval.evalkit.backends.base import Backend  # noqa: E402
from xleval.evalkit.backends.ray import RayBackend  # noqa: E402
from xleval.evalkit.backends.ray_worker import pack_units, unpack_unit  # noqa: E402
from xleval.evalkit.requests import (  # noqa: E402
    ChoiceRequest,
    EncodedChoice,
    EncodedPrompt,
    GenerateRequest,
    Outcome,
    Request,
    Sampling,
)
from xleval.evalkit.runner import RunConfig, run  # noqa: E402
from xleval.evalkit.task import load_task  # noqa: E402
from xleval.tasks import TASKS  # noqa: E402

pytestmark = [
    # Ray 2.60 on its own settings, and threads and files that it leaves to the interpreter's end
    pytest.mark.filterwarnings("ignore::DeprecationWarning:ray"),
    pytest.mark.filterwarnings("ignore::FutureWarning:ray"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

SAMPLED = Sampling(max_tokens=12, temperature=0.8, top_p=0.9)
REQUESTS: list[Request] = [
    *(
        ChoiceRequest(key=f"c{n}", context=f"Question {n}: ما عاصمة كينيا؟", continuations=(" نيروبي", " Nairobi"))
        for n in range(30)
    ),
    *(
        GenerateRequest(key=f"p{n}", prompt=f"Question {n} é", sampling=SAMPLED, stop=("\n",), seed=n)
        for n in range(30)
    ),
]


@pytest.fixture(scope="module", autouse=True)
def cluster() -> Iterator[None]:
    """One cluster for the module, which no backend has started and none may end."""
    ray.init(address="local", num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    yield
    ray.shutdown()


def answers(backend: Backend, requests: list[Request] = REQUESTS) -> list[list[Outcome]]:
    encoded = backend.encode(requests)
    return list(backend.run([encoded[index] for index in batch] for batch in backend.plan(encoded)))


def by_key(groups: list[list[Outcome]]) -> dict[str, Outcome]:
    found = {outcome.key: outcome for group in groups for outcome in group}
    assert len(found) == sum(map(len, groups))
    return found


def test_two_workers_give_the_outcomes_of_one_process() -> None:
    alone = answers(load_backend("mock", "tiny"))
    # 60 requests, 8 a batch: 8 batches of 0.2 s, so that one worker cannot end them all while the other starts
    backend = RayBackend("tiny", worker="mock", num_workers=2, unit_size=8, delay_s=0.2)
    assert backend.encode(REQUESTS) == load_backend("mock", "tiny").encode(REQUESTS)
    groups = answers(backend)
    assert sorted(groups, key=repr) == sorted(alone, key=repr)  # the same groups: a batch is never torn
    # each names its own process, and neither is this one
    pids = {int(name.rpartition(":")[2]) for name in backend.answered_by}
    assert len(pids) == 2
    assert os.getpid() not in pids
    assert backend.answered_by.total() == len(REQUESTS)
    backend.close()
    assert ray.is_initialized()  # joined, not started


def test_a_transformers_worker_scores_as_this_process(tiny_checkpoint: Callable[[str], Path]) -> None:
    folder = str(tiny_checkpoint("llama"))
    backend = RayBackend(folder, worker="hf", num_workers=2, dtype="float32", batch_size=8)
    alone = load_backend("hf", folder, dtype="float32", batch_size=8)
    assert by_key(answers(backend)) == by_key(answers(alone))  # to the last bit: the same batches
    assert {**alone.fingerprint, **backend.fingerprint} == dict(backend.fingerprint)
    changed = {name for name, value in backend.fingerprint.items() if alone.fingerprint.get(name) != value}
    assert changed == {"backend", "worker", "ray"}


def test_a_worker_that_fails_ends_the_run_with_its_message(
    tiny_checkpoint: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = tmp_path / "changed"
    folder.mkdir()
    for file in tiny_checkpoint("llama").iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    backend = RayBackend(str(folder), worker="hf", num_workers=1)
    # the worker finds another model than the one that the run was started with
    for file in tiny_checkpoint("qwen2").glob("*.safetensors"):
        (folder / file.name).write_bytes(file.read_bytes())
    with pytest.raises(
        BackendError, match=r"^worker \S+:\d+: weights_sha256 is '\w+' here, '\w+' where the run was started"
    ):
        answers(backend)


def test_an_error_of_the_engine_is_one_backend_error() -> None:
    # time.sleep raises OverflowError: nothing that the mock model foresees
    with pytest.raises(BackendError, match="OverflowError"):
        answers(RayBackend("tiny", worker="mock", num_workers=1, delay_s=1e12))


def test_a_worker_that_always_dies_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xleval.evalkit.backends.ray._RESTARTS", 1)
    backend = RayBackend("tiny", worker="mock", num_workers=1, unit_size=8, delay_s=0.5)
    encoded = backend.encode(REQUESTS)
    finished: list[str] = []
    with pytest.raises(BackendError, match=r"died.*--resume"):  # noqa: PT012
        for group in backend.run([encoded[index] for index in batch] for batch in backend.plan(encoded)):
            if (worker := list(backend.answered_by)[-1]) not in finished:  # kill it at its second unit
                os.kill(int(worker.rpartition(":")[2]), signal.SIGKILL)
            finished += [worker] * len(group)
    assert len(set(finished)) == 2  # the worker and the one restart that it had
    assert 16 <= len(finished) < len(REQUESTS)


def test_a_run_that_is_left_gives_its_cores_back() -> None:
    backend = RayBackend("tiny", worker="mock", num_workers=2, unit_size=8, delay_s=0.2)
    encoded = backend.encode(REQUESTS)
    outcomes = backend.run([encoded[index] for index in batch] for batch in backend.plan(encoded))
    next(outcomes)
    assert ray.available_resources().get("CPU", 0) == 0
    outcomes.close()  # type: ignore[attr-defined]
    end = time.monotonic() + 30
    while ray.available_resources().get("CPU", 0) < 2 and time.monotonic() < end:
        time.sleep(0.2)
    assert ray.available_resources()["CPU"] == 2


def test_a_run_gives_the_results_of_a_single_process(embedded_set: Path, tmp_path: Path) -> None:
    languages = ("zh", "sw", "en")
    tasks = [load_task(TASKS["polyfact"], embedded_set, languages, 8), load_task(TASKS["sample"], None, languages, 8)]
    config = RunConfig(languages=languages, limit=8)
    run(load_backend("mock", "tiny"), tasks, config, tmp_path / "one")
    run(RayBackend("tiny", worker="mock", num_workers=2), tasks, config, tmp_path / "many")
    one, many = (read_json(tmp_path / name / "results.json") for name in ("one", "many"))
    assert without_model(many) == without_model(one)
    assert (tmp_path / "one/samples.parquet").read_bytes() == (tmp_path / "many/samples.parquet").read_bytes()


def without_model(results: Any) -> Any:
    assert results["signature"]["model"]["model"] == "tiny"
    return {**results, "signature": {**results["signature"], "model": None}}


def test_a_killed_worker_loses_nothing_and_a_cluster_of_its_own_is_quiet_and_ended() -> None:
    script = """
import os, signal
from xleval.evalkit.backends import load_backend
from xleval.evalkit.requests import GenerateRequest
backend = load_backend("ray", "tiny", worker="mock", num_workers=1, unit_size=8, delay_s=0.5)
import ray
encoded = backend.encode([GenerateRequest(key=f"p{n}", prompt=f"Question {n}") for n in range(20)])
assert not ray.is_initialized()
batches = [[encoded[index] for index in batch] for batch in backend.plan(encoded)]
groups = []
for group in backend.run(batches):
    if not groups:  # the worker is at its second unit, which takes 0.5 s
        os.kill(int(list(backend.answered_by)[0].rpartition(":")[2]), signal.SIGKILL)
    groups.append(group)
assert ray.is_initialized()
backend.close()
assert not ray.is_initialized()
backend.close()
alone = list(load_backend("mock", "tiny").run(batches))
print(len(groups), sorted(groups, key=repr) == sorted(alone, key=repr), len(backend.answered_by))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False)
    # 20 requests, 8 a batch; the worker and the one that took its place; nothing of Ray's on standard output
    assert done.stdout == "3 True 2\n", done.stderr
    # Ray's C++ part says one line about its log level
    assert len(done.stderr.splitlines()) <= 1, done.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"worker": "openai"}, "unknown worker of backend ray 'openai'"),
        ({"num_workers": 0}, "num_workers=0"),
        ({"unit_size": "many"}, "unit_size=many"),
        ({"gpus_per_worker": 1.5}, "gpus_per_worker=1.5"),
        ({"cpus_per_worker": 0}, "cpus_per_worker=0"),
        ({"delay_s": [1]}, "delay_s is a list"),
        ({"delay": 1}, "unknown option of backend mock 'delay'"),
    ],
)
def test_options_that_are_not_usable(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        RayBackend("tiny", **{"worker": "mock", **options})


def test_a_prefix_of_the_model_names_the_worker() -> None:
    assert load_backend("auto", "ray:mock:tiny").fingerprint["worker"] == "mock"


def test_more_workers_than_there_is_room_for() -> None:
    with pytest.raises(ConfigError, match=r"3 worker\(s\) with 1 CPU.*room for 2"):
        answers(RayBackend("tiny", worker="mock", num_workers=3))


@pytest.mark.parametrize(
    ("nodes", "asked", "pool"),
    [
        # 8 GPUs for workers of 2: four; 3 + 3 GPUs only one each, as no worker spans machines
        ([{"CPU": 64, "GPU": 8}], {"gpus": 2.0}, Pool(workers=4, cpus=1, gpus=2.0)),
        ([{"CPU": 8, "GPU": 3}, {"CPU": 8, "GPU": 3}], {"gpus": 2.0}, Pool(workers=2, cpus=1, gpus=2.0)),
        ([{"CPU": 16, "GPU": 1}], {"gpus": 0.1}, Pool(workers=10, cpus=1, gpus=0.1)),
        # without GPUs: 8 cores each, or an equal share; 8 + 8 cores for three are 4 each, one machine has two
        ([{"CPU": 20}], {}, Pool(workers=2, cpus=8, gpus=0.0)),
        ([{"CPU": 2}], {}, Pool(workers=1, cpus=2, gpus=0.0)),
        ([{"CPU": 2}], {"num_workers": 2}, Pool(workers=2, cpus=1, gpus=0.0)),
        ([{"CPU": 8}, {"CPU": 8}], {"num_workers": 3}, Pool(workers=3, cpus=4, gpus=0.0)),
        ([{"CPU": 32}], {"most_cpus": float("inf")}, Pool(workers=1, cpus=32, gpus=0.0)),
        ([{"CPU": 8}], {"cpus": 3}, Pool(workers=2, cpus=3, gpus=0.0)),
    ],
)
def test_room_for_workers(nodes: list[dict[str, float]], asked: dict[str, Any], pool: Pool) -> None:
    defaults: dict[str, Any] = {"num_workers": None, "cpus": None, "gpus": 0.0, "most_cpus": 8}
    assert fit_pool(nodes, **{**defaults, **asked}) == pool


def test_requests_come_out_of_their_journey_equal() -> None:
    choice = EncodedChoice(key="c", context="ع", context_ids=(1, 2), continuation_ids=((3,), (4, 5)))
    prompt = EncodedPrompt(key="p", prompt_ids=(7,), sampling=SAMPLED, stop=("a", "b"), script_mask="sw", seed=2**62)
    # two batches of two are a unit of at most four; a single batch larger than that is one too
    units = pack_units([[choice, prompt], [prompt, choice], [choice] * 5, [prompt]], 4)
    assert [unpack_unit(unit) for unit in units] == [
        [[choice, prompt], [prompt, choice]],
        [[choice] * 5],
        [[prompt]],
    ]


def test_without_ray_the_pip_command_is_said() -> None:
    script = """
import sys
sys.modules["ray"] = None
from xleval.errors import MissingExtra
from xleval.evalkit.backends import load_backend
try:
    load_backend("ray", "tiny", worker="mock")
except MissingExtra as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout == "the ray backend needs packages that are not installed: pip install 'xleval[ray]'\n", (
        done.stderr
    )
