"""Checkpoint folders: complete, damaged, pickled, mistyped; and what the fingerprint sees."""

import json
import struct
from pathlib import Path

import pytest

from xleval.errors import BackendError, ConfigError, DataError
from xleval.evalkit.checkpoints import TRAINING_FILE, inspect_checkpoint


def _write_safetensors(path: Path, content: bytes) -> None:
    header = json.dumps({"w": {"dtype": "U8", "shape": [len(content)], "data_offsets": [0, len(content)]}}).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header + content)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "tiny-model"
    path.mkdir()
    (path / "config.json").write_text('{"model_type": "llama"}')
    (path / "tokenizer.json").write_text("{}")
    _write_safetensors(path / "model.safetensors", bytes(range(256)) * 100)
    return path


def test_complete_folder(folder: Path) -> None:
    checkpoint = inspect_checkpoint(str(folder))
    assert checkpoint.path == folder
    assert checkpoint.name == "tiny-model"
    assert checkpoint.is_local
    assert checkpoint.revision is None
    assert checkpoint.model_type == "llama"
    assert len(checkpoint.sha256) == 64
    assert inspect_checkpoint(str(folder) + "/") == checkpoint


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("config.json", r"missing config\.json; found model\.safetensors, tokenizer\.json"),
        ("tokenizer.json", r"missing tokenizer files"),
        ("model.safetensors", r"missing \*\.safetensors"),
    ],
)
def test_a_missing_file_is_named_with_what_was_found(folder: Path, name: str, text: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ConfigError, match=text) as caught:
        inspect_checkpoint(str(folder))
    assert str(folder) in str(caught.value)
    assert "Needed: config.json" in str(caught.value)


def test_everything_missing_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"missing config\.json, tokenizer files .*, \*\.safetensors; found nothing"):
        inspect_checkpoint(str(tmp_path))


@pytest.mark.parametrize("name", ["pytorch_model.bin", "consolidated.00.pth", "model.pt", "last.ckpt"])
def test_pickled_weights_are_refused(folder: Path, name: str) -> None:
    (folder / "model.safetensors").rename(folder / name)
    with pytest.raises(ConfigError, match=f"pickle.*{name}.*convert them to safetensors"):
        inspect_checkpoint(str(folder))


def test_pickles_beside_safetensors_do_no_harm(folder: Path) -> None:
    (folder / "training_args.bin").write_bytes(b"x")
    assert inspect_checkpoint(str(folder)).is_local


def test_a_missing_shard_is_named(folder: Path) -> None:
    index = {"weight_map": {"a": "model.safetensors", "b": "model-2.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(ConfigError, match=r"1 of 2 weights files missing: model-2\.safetensors"):
        inspect_checkpoint(str(folder))


@pytest.mark.parametrize("shard", ["pytorch_model.bin", "../other/weights.pt", 7])
def test_an_index_that_names_anything_but_safetensors_is_refused(folder: Path, shard: object) -> None:
    """transformers would unpickle such a shard, although safetensors are asked for."""
    (folder / "pytorch_model.bin").write_bytes(b"x")
    index = {"weight_map": {"a": "model.safetensors", "b": shard}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(DataError, match="not an index of safetensors files"):
        inspect_checkpoint(str(folder))


def test_a_file_cut_short_is_seen(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(DataError, match=r"model\.safetensors: [\d,]+ bytes, but its header describes"):
        inspect_checkpoint(str(folder))


@pytest.mark.parametrize("content", [b"", b"abc", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n"])
def test_what_is_no_safetensors_file(folder: Path, content: bytes) -> None:
    (folder / "model.safetensors").write_bytes(content)
    with pytest.raises(DataError, match="not a safetensors file"):
        inspect_checkpoint(str(folder))


@pytest.mark.parametrize(
    ("content", "text"), [("{", "not a JSON object"), ("[]", "not a JSON object"), ("{}", "no model_type")]
)
def test_damaged_configuration(folder: Path, content: str, text: str) -> None:
    (folder / "config.json").write_text(content)
    with pytest.raises(DataError, match=text):
        inspect_checkpoint(str(folder))


def _write_adapter(path: Path, **config: object) -> Path:
    """Write what peft 0.21 writes into an adapter's folder, as far as it is read here."""
    path.mkdir(parents=True)
    (path / "adapter_config.json").write_text(json.dumps({"peft_type": "LORA", **config}))
    _write_safetensors(path / "adapter_model.safetensors", bytes(100))
    return path


class TestAdapter:
    def test_on_top_of_a_model(self, folder: Path) -> None:
        adapter = _write_adapter(folder.parent / "lora", base_model_name_or_path="somewhere/else")
        plain, checkpoint = inspect_checkpoint(str(folder)), inspect_checkpoint(str(folder), lora=str(adapter))
        assert (checkpoint.name, checkpoint.path, checkpoint.adapter) == ("tiny-model+lora", folder, adapter)
        assert checkpoint.sha256 != plain.sha256
        _write_safetensors(adapter / "adapter_model.safetensors", bytes(99) + b"1")
        assert inspect_checkpoint(str(folder), lora=str(adapter)).sha256 != checkpoint.sha256

    @pytest.mark.parametrize("base", ["tiny-model", "../tiny-model", "{root}/tiny-model"])
    def test_by_itself_it_finds_its_base(self, folder: Path, base: str) -> None:
        adapter = _write_adapter(folder.parent / "lora", base_model_name_or_path=base.format(root=folder.parent))
        checkpoint = inspect_checkpoint(str(adapter))
        assert (checkpoint.name, checkpoint.adapter, checkpoint.is_local) == ("lora", adapter, True)
        assert checkpoint.path.resolve() == folder.resolve()
        assert checkpoint.sha256 == inspect_checkpoint(str(folder), lora=str(adapter)).sha256

    def test_a_base_seen_from_the_working_folder_comes_first(
        self, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        adapter = _write_adapter(tmp_path / "far" / "lora", base_model_name_or_path="./tiny-model")
        with pytest.raises(ConfigError, match=r"its base model is not usable.*no such folder.*--model BASE --lora"):
            inspect_checkpoint(str(adapter))
        monkeypatch.chdir(tmp_path)
        assert inspect_checkpoint(str(adapter)).path.resolve() == folder.resolve()

    def test_a_base_from_the_hub(self, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        hub = pytest.importorskip("huggingface_hub")
        monkeypatch.setattr(hub, "snapshot_download", lambda *_, **__: str(folder))
        monkeypatch.chdir(tmp_path)
        checkpoint = inspect_checkpoint(str(_write_adapter(tmp_path / "lora", base_model_name_or_path="someone/model")))
        assert (checkpoint.name, checkpoint.path, checkpoint.revision) == ("lora", folder, folder.name)

    @pytest.mark.parametrize(
        ("config", "text"),
        [
            ({}, "names no base model; give it too: --model BASE --lora"),
            ({"base_model_name_or_path": None}, "names no base model"),
            ({"base_model_name_or_path": "lora"}, "is an adapter too"),
            ({"base_model_name_or_path": "tiny-model", "peft_type": "IA3"}, "peft_type 'IA3'; only LORA"),
        ],
    )
    def test_what_its_configuration_must_say(self, folder: Path, config: dict[str, object], text: str) -> None:
        adapter = _write_adapter(folder.parent / "lora", **config)
        with pytest.raises(ConfigError, match=text):
            inspect_checkpoint(str(adapter))

    @pytest.mark.parametrize("content", ["{", "[]"])
    def test_damaged_configuration(self, folder: Path, content: str) -> None:
        adapter = _write_adapter(folder.parent / "lora")
        (adapter / "adapter_config.json").write_text(content)
        with pytest.raises(DataError, match=r"adapter_config\.json: not a JSON object"):
            inspect_checkpoint(str(folder), lora=str(adapter))

    def test_pickled_weights_are_refused(self, folder: Path) -> None:
        adapter = _write_adapter(folder.parent / "lora", base_model_name_or_path="tiny-model")
        (adapter / "adapter_model.safetensors").rename(adapter / "adapter_model.bin")
        for arguments in ({"path_or_hub_id": str(adapter)}, {"path_or_hub_id": str(folder), "lora": str(adapter)}):
            with pytest.raises(ConfigError, match=r"pickle \(adapter_model\.bin\)"):
                inspect_checkpoint(**arguments)

    def test_what_is_no_adapter(self, folder: Path) -> None:
        with pytest.raises(ConfigError, match=r"adapter .*/gone: no such folder"):
            inspect_checkpoint(str(folder), lora=str(folder.parent / "gone"))
        with pytest.raises(ConfigError, match=r"no adapter_config\.json in it"):
            inspect_checkpoint(str(folder), lora=str(folder))
        adapter = _write_adapter(folder.parent / "lora", base_model_name_or_path="tiny-model")
        with pytest.raises(ConfigError, match="--lora goes on top of a whole model"):
            inspect_checkpoint(str(adapter), lora=str(adapter))
        (adapter / "adapter_model.safetensors").unlink()
        with pytest.raises(ConfigError, match=r"missing adapter_model\.safetensors"):
            inspect_checkpoint(str(adapter))

    def test_model_and_adapter_in_one_folder_are_not_guessed_apart(self, folder: Path) -> None:
        (folder / "adapter_config.json").write_text('{"peft_type": "LORA"}')
        with pytest.raises(ConfigError, match="a model and a LoRA adapter in one folder"):
            inspect_checkpoint(str(folder))


def _write_gguf(path: Path, content: bytes = b"", architecture: str = "gemma3") -> Path:
    """Write the beginning of a GGUF file, version 3: no tensors, one key (github.com/ggml-org/ggml, docs/gguf.md)."""
    key, value = b"general.architecture", architecture.encode()
    head = b"GGUF" + struct.pack("<IQQ", 3, 0, 1)
    path.write_bytes(head + struct.pack("<Q", len(key)) + key + struct.pack("<IQ", 8, len(value)) + value + content)
    return path


class TestGguf:
    def test_a_file(self, tmp_path: Path) -> None:
        path = _write_gguf(tmp_path / "gemma-3-270m-Q4_K_M.gguf")
        checkpoint = inspect_checkpoint(str(path))
        assert checkpoint.path == tmp_path
        assert (checkpoint.name, checkpoint.gguf_file) == ("gemma-3-270m-Q4_K_M", path.name)
        assert (checkpoint.model_type, checkpoint.is_local) == ("gemma3", True)
        assert checkpoint == inspect_checkpoint(str(tmp_path))  # the only one of its folder

    def test_what_the_fingerprint_sees(self, tmp_path: Path) -> None:
        content = bytearray(200_000)
        path = _write_gguf(tmp_path / "model.gguf", bytes(content))
        before = inspect_checkpoint(str(path)).sha256
        (tmp_path / "config.json").write_text("{}")  # not read: the file holds its own
        assert inspect_checkpoint(str(path)).sha256 == before
        content[150_000] = 1
        assert inspect_checkpoint(str(_write_gguf(path, bytes(content)))).sha256 != before

    def test_several_are_not_guessed_among(self, tmp_path: Path) -> None:
        _write_gguf(tmp_path / "a.gguf")
        _write_gguf(tmp_path / "b.gguf")
        with pytest.raises(ConfigError, match=r"2 GGUF files \(a\.gguf, b\.gguf\); name one of them"):
            inspect_checkpoint(str(tmp_path))
        assert inspect_checkpoint(str(tmp_path / "b.gguf")).name == "b"

    def test_safetensors_beside_it_come_first(self, folder: Path) -> None:
        _write_gguf(folder / "a.gguf")
        assert inspect_checkpoint(str(folder)).gguf_file is None

    def test_a_part_is_refused(self, tmp_path: Path) -> None:
        path = _write_gguf(tmp_path / "big-00002-of-00003.gguf")
        with pytest.raises(ConfigError, match="one of 3 parts of a GGUF file; join them"):
            inspect_checkpoint(str(path))

    @pytest.mark.parametrize("content", [b"", b"version https://git-lfs.github.com/spec/v1", b"GGML" + bytes(100)])
    def test_what_is_no_gguf_file(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "a.gguf").write_bytes(content)
        with pytest.raises(DataError, match=r"a\.gguf: not a GGUF file"):
            inspect_checkpoint(str(tmp_path))

    @pytest.mark.parametrize("tail", [b"", b"general.architecture", b"general.architecture" + bytes(12)])
    def test_no_architecture(self, tmp_path: Path, tail: bytes) -> None:
        (tmp_path / "a.gguf").write_bytes(b"GGUF" + bytes(20) + tail)
        with pytest.raises(DataError, match=r"without general\.architecture"):
            inspect_checkpoint(str(tmp_path))


@pytest.mark.parametrize("name", ["./no/such", "/no/such/folder", "~/no-such-folder", "../gone", "a/b/c", ".", ""])
def test_a_mistyped_path_is_no_hub_id(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    with pytest.raises(ConfigError):
        inspect_checkpoint(name)


def test_a_wrong_name_in_a_folder_that_exists_is_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "models").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=r"models/gemma: no such folder"):
        inspect_checkpoint("models/gemma")


def test_a_file_is_no_checkpoint(folder: Path) -> None:
    with pytest.raises(ConfigError, match="a file; needed is the folder"):
        inspect_checkpoint(str(folder / "model.safetensors"))


def test_no_hub_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    hub = pytest.importorskip("huggingface_hub")
    from huggingface_hub.errors import LocalEntryNotFoundError

    def offline(*_: object, **__: object) -> str:
        raise LocalEntryNotFoundError("Cannot reach the hub\nand more")

    monkeypatch.setattr(hub, "snapshot_download", offline)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BackendError, match="someone/no-model: no folder of that name here, and the hub") as caught:
        inspect_checkpoint("someone/no-model")
    assert "\n" not in str(caught.value)


def test_hub_model_has_its_commit(monkeypatch: pytest.MonkeyPatch, folder: Path, tmp_path: Path) -> None:
    hub = pytest.importorskip("huggingface_hub")
    snapshot = folder.rename(tmp_path / ("c0ffee" * 6 + "abcd"))
    monkeypatch.setattr(hub, "snapshot_download", lambda *_, **__: str(snapshot))
    monkeypatch.chdir(tmp_path)
    checkpoint = inspect_checkpoint("someone/model")
    assert (checkpoint.name, checkpoint.is_local, checkpoint.revision) == ("someone/model", False, snapshot.name)


class TestFingerprint:
    def test_moves_and_other_files_do_not_change_it(self, folder: Path, tmp_path: Path) -> None:
        before = inspect_checkpoint(str(folder)).sha256
        (folder / "README.md").write_text("text")
        assert inspect_checkpoint(str(folder.rename(tmp_path / "moved"))).sha256 == before

    @pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja"])
    def test_configuration_and_tokenizer_change_it(self, folder: Path, name: str) -> None:
        before = inspect_checkpoint(str(folder)).sha256
        (folder / name).write_text('{"model_type": "llama", "more": 1}')
        assert inspect_checkpoint(str(folder)).sha256 != before

    @pytest.mark.parametrize("place", [0, 1000, 70_000, 199_999])
    def test_any_byte_of_a_small_file_changes_it(self, folder: Path, place: int) -> None:
        content = bytearray(200_000)
        _write_safetensors(folder / "model.safetensors", bytes(content))
        before = inspect_checkpoint(str(folder)).sha256
        content[place] = 1
        _write_safetensors(folder / "model.safetensors", bytes(content))
        assert inspect_checkpoint(str(folder)).sha256 != before

    def test_a_large_file_is_sampled_to_both_ends(self, folder: Path) -> None:
        size = 40 << 20
        content = bytearray(size)
        path = folder / "model.safetensors"
        _write_safetensors(path, bytes(content))
        before = inspect_checkpoint(str(folder)).sha256
        content[-1] = 1
        _write_safetensors(path, bytes(content))
        assert inspect_checkpoint(str(folder)).sha256 != before
        _write_safetensors(path, bytes(b ^ 1 for b in content[:1000]) + bytes(size - 1000))
        assert inspect_checkpoint(str(folder)).sha256 != before


@pytest.mark.parametrize(
    ("made", "name"),
    [
        ({"recipe": "smoke/grpo", "seed": 2, "step": 24, "is_final": True}, "smoke/grpo-s2"),
        ({"recipe": "smoke/grpo", "seed": 2, "step": 12, "is_final": False}, "smoke/grpo-s2-step12"),
        ({"language_reward": False}, "model"),
    ],
)
def test_a_trained_model_is_called_by_its_recipe_seed_and_step(
    made: dict[str, object], name: str, folder: Path
) -> None:
    whole = folder.rename(folder.parent / "model")
    (whole / TRAINING_FILE).write_text(json.dumps(made))
    assert inspect_checkpoint(str(whole)).name == name
