"""`xleval publish` with the real client of the Hub against a local server that speaks its protocol, over LFS (E21)."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.hub_server import TOKEN, Hub, start_hub

pytest.importorskip("huggingface_hub")
pytest.importorskip("datasets")

Publish = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def hub() -> Iterator[Hub]:
    state, server = start_hub()
    yield state
    server.shutdown()
    server.server_close()


@pytest.fixture
def publish(hub: Hub, tmp_path: Path) -> Publish:
    """Return a function that runs the command in a process of its own, with a home of its own."""

    def run(*words: str, token: str = TOKEN) -> subprocess.CompletedProcess[str]:
        environment = {
            **os.environ, "HF_ENDPOINT": hub.url, "HF_TOKEN": token, "HF_HUB_DISABLE_XET": "1",
            "HF_HOME": str(tmp_path / "home"), "HF_HUB_DISABLE_TELEMETRY": "1",
        }  # fmt: skip
        return subprocess.run(
            [sys.executable, "-m", "xleval", "publish", *words],
            capture_output=True,
            text=True,
            env=environment,
            check=False,
        )

    return run


@pytest.fixture
def small_set(embedded_set: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(embedded_set, tmp_path / "set"))


def read(hub: Hub, kind: str, repo: str, revision: str = "main") -> dict[str, bytes]:
    state = hub.repos[kind, repo].files(revision)
    return dict(state[1])


def test_a_set_goes_in_one_commit_and_reads_back(hub: Hub, publish: Publish, small_set: Path, tmp_path: Path) -> None:
    done = publish(str(small_set), "--repo", "me/facts", "--private", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    import pyarrow.parquet as pq

    splits = {path.stem: pq.read_metadata(path).num_rows for path in (small_set / "parallel").glob("*.parquet")}
    assert found["rows"] == splits
    remote = read(hub, "dataset", "me/facts")
    own = {path.relative_to(small_set).as_posix(): path.read_bytes() for path in small_set.rglob("*") if path.is_file()}
    own = {name: content for name, content in own.items() if not name.startswith(".") and name != "journal.jsonl"}
    assert {name: remote[name] for name in own} == own
    assert set(remote) - set(own) == {".gitattributes", "lint.json"}
    repo = hub.repos["dataset", "me/facts"]
    assert repo.private
    assert len(repo.commits) == 2, "the empty repository, and one commit"
    again = publish(str(small_set), "--repo", "me/facts", "--json")
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["n_changed"] == 0
    assert len(repo.commits) == 2, "what is there is not written again"
    everything = [done.stdout, done.stderr, again.stdout, again.stderr]
    everything += [path.read_bytes().decode("utf-8", "replace") for path in tmp_path.rglob("*") if path.is_file()]
    everything += [content.decode("utf-8", "replace") for content in remote.values()]
    assert not any(TOKEN in text for text in everything), "the token is nowhere"


def test_faults_of_the_hub_are_survived_and_a_broken_publication_goes_on(
    hub: Hub, publish: Publish, small_set: Path
) -> None:
    hub.faults.update({"POST /datasets/me/facts.git/info/lfs": [429, 503], "PUT /upload/": [500, "drop"]})
    assert publish(str(small_set), "--repo", "me/facts").returncode == 0
    hub.faults.update({"POST /api/datasets/me/more/commit": [400]})
    hub.objects.clear()
    failed = publish(str(small_set), "--repo", "me/more")
    assert failed.returncode == 1
    assert "me/more" in failed.stderr
    assert "Traceback" not in failed.stderr
    uploads = {name: n for name, n in hub.seen.items() if name.startswith("PUT /upload/")}
    assert publish(str(small_set), "--repo", "me/more").returncode == 0
    after = {name: n for name, n in hub.seen.items() if name.startswith("PUT /upload/")}
    assert after == uploads, "large files that the Hub has are not sent again"


def test_a_dry_run_sends_nothing(hub: Hub, publish: Publish, small_set: Path) -> None:
    done = publish(str(small_set), "--repo", "me/facts", "--dry-run")
    assert done.returncode == 0, done.stderr
    for path in small_set.rglob("*.parquet"):
        assert f"{path.relative_to(small_set).as_posix()} " in done.stdout
        assert f"{path.stat().st_size:,}" in done.stdout
    assert not hub.seen


def test_a_card_and_a_set_with_defects_are_refused_unless_told(hub: Hub, publish: Publish, small_set: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = small_set / "en" / "test.parquet"
    table = pq.read_table(path)
    leaking = [f"{row['question']} {row['answer_text']}" for row in table.to_pylist()]
    column = table.column_names.index("question")
    pq.write_table(table.set_column(column, "question", pa.array(leaking)), path)
    refused = publish(str(small_set), "--repo", "me/facts")
    assert refused.returncode == 2
    assert "is over its limit" in refused.stderr
    assert not hub.seen
    assert publish(str(small_set), "--repo", "me/facts", "--dry-run").returncode == 3
    allowed = publish(str(small_set), "--repo", "me/facts", "--allow-defects")
    assert allowed.returncode == 0, allowed.stderr
    assert b"limit" in read(hub, "dataset", "me/facts")["lint.json"]


def test_a_run_gets_a_card_by_which_its_samples_load(hub: Hub, publish: Publish, tmp_path: Path) -> None:
    run = tmp_path / "run"
    words = ["run", "--model", "mock:any", "--langs", "en,sw", "--tasks", "sample", "--limit", "3", "--out", str(run)]
    subprocess.run([sys.executable, "-m", "xleval", *words], check=True, capture_output=True)
    done = publish(str(run), "--repo", "me/run", "--revision", "v1", "--license", "apache-2.0", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["rows"] == {"test": 6}
    remote = read(hub, "dataset", "me/run", "v1")
    assert remote["results.json"] == (run / "results.json").read_bytes()
    assert "journal.jsonl" not in remote
    card = remote["README.md"].decode()
    assert "license: apache-2.0" in card
    assert "What these figures do not say" in card


def test_a_checkpoint_is_a_model_repository(hub: Hub, publish: Publish, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "README.md").write_text("---\nlicense: gemma\nbase_model: google/gemma-3-270m\n---\n# A model\n")
    (folder / "config.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(os.urandom(70_000))
    done = publish(str(folder), "--repo", "me/model")
    assert done.returncode == 0, done.stderr
    assert read(hub, "model", "me/model")["model.safetensors"] == (folder / "model.safetensors").read_bytes()


@pytest.mark.parametrize(
    ("words", "token", "message"),
    [
        (["--repo", "me/facts"], "hf_wrongwrongwrongwrong", "the Hub does not know the token"),
        (["--repo", "other/facts"], TOKEN, "the token may not write there"),
        (["--repo", "a/b/c"], TOKEN, "--repo a/b/c"),
    ],
)
def test_what_the_hub_refuses_is_one_line(
    publish: Publish, small_set: Path, words: list[str], token: str, message: str
) -> None:
    done = publish(str(small_set), *words, token=token)
    assert done.returncode in (1, 2)
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert token not in done.stdout + done.stderr


def test_what_the_hub_finds_in_the_card_is_said(hub: Hub, publish: Publish, small_set: Path) -> None:
    hub.card_errors.append("license must be one of a list")
    done = publish(str(small_set), "--repo", "me/facts")
    assert done.returncode == 1
    assert "license must be one of a list" in done.stderr
