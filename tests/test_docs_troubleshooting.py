"""Errors that happen here are the ones that docs/troubleshooting.md shows, so that the page cannot drift from the messages."""

import json
import re
import sys
import types
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from xleval.cli import main
from xleval.data.journal import Journal
from xleval.data.storage import make_folder, write_atomically
from xleval.errors import XlevalError
from xleval.training.out_lock import only_one

PAGE = Path(__file__).parents[1] / "docs/troubleshooting.md"
RUN = ["run", "--model", "mock:any", "--langs", "ko", "--tasks", "sample", "--limit", "1"]


def shown() -> list[str]:
    """Return the messages of the page, without `xleval:`."""
    blocks = re.findall(r"^```text\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [line.removeprefix("xleval: ") for block in blocks for line in block.splitlines()]


def on_the_page(message: str) -> list[str]:
    """Return the shown messages that a real one is an instance of; `…` stands for any text."""
    pattern = {line: ".+".join(re.escape(part) for part in line.split("…")) for line in shown()}
    return [line for line, each in pattern.items() if re.fullmatch(each, message, re.DOTALL)]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder to work in, no network, no data, no contact."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    for name in ("XLEVAL_DATA", "XLEVAL_CONTACT"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def finished() -> Path:
    """A run of a mock model over one item."""
    done = CliRunner().invoke(main, [*RUN, "--out", "done"])
    assert done.exit_code == 0, done.output
    return Path("done")


def message_of(*words: str, code: int) -> str:
    """Return the error of a command line without `xleval:`."""
    done = CliRunner().invoke(main, words, prog_name="xleval")
    assert done.exit_code == code, done.output
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("xleval: ")]
    return line.removeprefix("xleval: ")


def test_shown_messages_are_specific() -> None:
    """A shown message of dots alone would fit every error."""
    for line in shown():
        assert sum(len(part) for part in line.split("…")) >= 24, line
    assert on_the_page("something else went wrong") == []


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("run --model mock:any --langs kr --tasks sample", 2),
        ("run --model mock:any --langs ko --tasks mgms", 2),
        ("run --model mock:any --langs ko --tasks sample --gen temprature=1", 2),
        ("run --model mock:any --language ko", 2),
        ("run --model ./nothere --langs ko --tasks sample", 2),
        ("run --model mock:any --langs ko --tasks polyfact --data polyfact=full", 1),
        ("run --model mock:any --langs ko --tasks sample --out full", 2),
        ("compare full full2", 2),
        ("build-polyfact --source wdqs --out facts", 2),
        ("publish full --repo ab", 2),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_wrong_usage(words: str, code: int) -> None:
    for name in ("full", "full2"):
        Path(name).mkdir()
        (Path(name) / "x").touch()
    message = message_of(*words.split(), code=code)
    assert on_the_page(message), message


def test_a_run_that_is_there(finished: Path) -> None:
    same = message_of(*RUN, "--out", "done", code=2)
    other = message_of("run", "--model", "mock:any", "--langs", "ko,en", *RUN[5:], "--out", "done", "--resume", code=2)
    (finished / "results.json").unlink()
    Path("again").mkdir()
    without = message_of("compare", "done", "again", code=2)
    manifest = json.loads((finished / "run.json").read_text())
    (finished / "run.json").write_text(json.dumps({**manifest, "finished": False}))
    unfinished = message_of("rescore", "done", "--out", "new", code=2)
    for message in (same, other, without, unfinished):
        assert on_the_page(message), message


def test_models_that_cannot_be_loaded() -> None:
    pytest.importorskip("transformers")
    pytest.importorskip("torch")
    for name, files in (
        ("pickled", ("pytorch_model.bin", "tokenizer.json", "tokenizer_config.json")),
        ("bare", ("model.safetensors",)),
    ):
        Path(name).mkdir()
        (Path(name) / "config.json").write_text('{"model_type": "gemma3_text"}')
        for file in files:
            (Path(name) / file).touch()
        message = message_of("run", "--model", name, "--langs", "ko", "--tasks", "sample", "--out", "out", code=2)
        assert on_the_page(message), message
    message = message_of("run", "--model", "nobody/nothing-here", "--langs", "ko", "--tasks", "sample", code=1)
    assert on_the_page(message), message


def test_a_server_that_is_not_there() -> None:
    pytest.importorskip("httpx")
    pytest.importorskip("tenacity")
    args = "base_url=http://127.0.0.1:9/v1,retries=0"
    message = message_of(*RUN, "--model", "openai:any", "--model-args", args, "--out", "out", code=1)
    assert on_the_page(message), message


def test_publishing_without_a_card_and_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("ckpt").mkdir()
    (Path("ckpt") / "model.safetensors").touch()
    message = message_of("publish", "ckpt", "--repo", "me/ckpt", code=2)
    assert on_the_page(message), message
    (Path("ckpt") / "README.md").write_text("---\nlicense: other\n---\n")
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    message = message_of("publish", "ckpt", "--repo", "me/ckpt", code=1)
    assert "xleval[publish]" in message
    assert on_the_page(message), message


def test_publishing_without_a_token() -> None:
    """As the client of the Hub says it, where it finds none."""
    pytest.importorskip("huggingface_hub")
    from huggingface_hub.errors import LocalTokenNotFoundError

    from xleval.data.publish.push import hub_errors

    with pytest.raises(XlevalError) as caught, hub_errors("me/set"):
        raise LocalTokenNotFoundError("no token")
    assert on_the_page(str(caught.value)), caught.value


def _second_writer() -> None:
    """The lock is of the open file, so that one process can take it twice and be refused as a second one is."""
    with (
        only_one(Path("out"), lock="any.lock", what="xleval train"),
        only_one(Path("out"), lock="any.lock", what="xleval train"),
    ):
        pass


def _full_disk() -> None:
    """Linux has a device that is always full."""
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    write_atomically(Path("/dev/full"), "x" * 100_000)


def _file_in_the_way() -> None:
    Path("file").touch()
    make_folder(Path("file/out"))


def _damaged_journal() -> None:
    Path("journal.jsonl").write_text('{"bad"\n{"worse"\n')
    Journal(Path("journal.jsonl"))


def _broken_torchvision() -> None:
    """An import hook that fails as torchvision for CUDA does beside torch for the CPU."""
    from xleval.evalkit.backends.vllm_generate import import_vllm

    class Broken(types.ModuleType):
        def __getattr__(self, name: str) -> object:
            raise RuntimeError("operator torchvision::nms does not exist")

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "vllm", types.ModuleType("vllm"))
        patch.setitem(sys.modules, "vllm.platforms", Broken("vllm.platforms"))
        import_vllm()


@pytest.mark.parametrize("fault", [_second_writer, _full_disk, _file_in_the_way, _damaged_journal, _broken_torchvision])
def test_faults_of_the_machine(fault: Callable[[], None]) -> None:
    with pytest.raises(XlevalError) as caught:
        fault()
    message = " ".join(str(caught.value).split())
    assert on_the_page(message), message
