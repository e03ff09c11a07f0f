import json
import os
import stat
from pathlib import Path

import pytest

from xleval.data import storage
from xleval.errors import ConfigError, DataError

CONFIG = {"model": {"name": "m", "dtype": "float32"}, "limit": 5, "langs": ("ko", "zh")}


def claim(path: Path, config: dict[str, object] | None = None, resume: bool = False) -> bool:
    return storage.claim_folder(path, manifest="run.json", config=config or CONFIG, resume=resume)


def write_manifest(path: Path, config: dict[str, object], finished: bool = False) -> None:
    storage.write_json(path / "run.json", {"config": config, "finished": finished})


def test_canonical_json_does_not_depend_on_the_order_of_keys() -> None:
    assert storage.canonical_json({"b": [1, "é"], "a": None}) == '{"a":null,"b":[1,"é"]}'
    assert storage.sha256_of({"b": 1, "a": 2}) == storage.sha256_of({"a": 2, "b": 1})


def test_nan_is_refused() -> None:
    with pytest.raises(ValueError, match="Out of range float"):
        storage.canonical_json({"x": float("nan")})


def test_an_atomic_write_replaces_and_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    storage.write_atomically(path, "one\r\n")
    storage.write_atomically(path, "two\r\n")
    assert path.read_bytes() == b"two\r\n"
    assert [child.name for child in tmp_path.iterdir()] == ["a.txt"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_a_failed_write_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    storage.write_atomically(path, "old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DataError, match="No space left on device"):
        storage.write_atomically(path, "new")
    assert path.read_text() == "old"
    assert [child.name for child in tmp_path.iterdir()] == ["a.txt"]


def test_a_pipe_is_written_to_and_a_link_is_followed(tmp_path: Path) -> None:
    # `--out /dev/stdout` or a link to where results are collected: neither may be replaced by a file.
    pipe, target, link = tmp_path / "pipe", tmp_path / "target.json", tmp_path / "link.json"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    storage.write_atomically(pipe, "through")
    assert os.read(reader, 100) == b"through"
    os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    target.write_text("old")
    link.symlink_to(target)
    storage.write_atomically(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"


def test_a_new_and_an_empty_folder_can_be_claimed(tmp_path: Path) -> None:
    assert claim(tmp_path / "new" / "deep") is False
    assert claim(tmp_path / "new" / "deep") is False


def test_a_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("x")
    with pytest.raises(ConfigError, match=r"not empty and has no run.json \(found: thesis.tex\)"):
        claim(tmp_path)


def test_the_same_configuration_needs_resume(tmp_path: Path) -> None:
    write_manifest(tmp_path, json.loads(storage.canonical_json(CONFIG)))
    with pytest.raises(ConfigError, match=r"unfinished\. Go on with --resume"):
        claim(tmp_path)
    assert claim(tmp_path, resume=True) is False
    write_manifest(tmp_path, json.loads(storage.canonical_json(CONFIG)), finished=True)
    assert claim(tmp_path, resume=True) is True


def test_another_configuration_is_refused_by_naming_what_differs(tmp_path: Path) -> None:
    write_manifest(tmp_path, json.loads(storage.canonical_json(CONFIG)))
    other = {"model": {"name": "m", "dtype": "bfloat16"}, "limit": None, "langs": ("ko", "zh")}
    with pytest.raises(ConfigError) as error:
        claim(tmp_path, other, resume=True)
    assert 'limit (5 → null); model.dtype ("float32" → "bfloat16")' in str(error.value)


def test_a_damaged_manifest_is_named(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("{")
    with pytest.raises(DataError, match=r"run\.json is not readable as JSON"):
        claim(tmp_path, resume=True)
    (tmp_path / "run.json").write_text("[]")
    with pytest.raises(DataError, match="holds a JSON list"):
        claim(tmp_path, resume=True)
    (tmp_path / "run.json").write_text("{}")
    with pytest.raises(DataError, match="has no 'config' object"):
        claim(tmp_path, resume=True)


def test_a_file_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("x")
    with pytest.raises(DataError, match="cannot make the folder"):
        claim(tmp_path / "out")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_no_permission(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(DataError, match="permission"):
        claim(tmp_path / "out")


def test_no_permission_as_the_system_says_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(DataError, match=r"no permission to write in the folder .* Choose another with --out"):
        claim(tmp_path)


def test_a_temporary_file_of_a_killed_write_does_not_stand_in_the_way(tmp_path: Path) -> None:
    (tmp_path / ".run.json.abcd1234").write_text("{")
    assert storage.claim_folder(tmp_path, manifest="run.json", config={}, resume=False) is False
    assert list(tmp_path.iterdir()) == []
    (tmp_path / ".notes").write_text("mine")
    with pytest.raises(ConfigError, match=r"is not empty and has no run.json \(found: .notes\)"):
        storage.claim_folder(tmp_path, manifest="run.json", config={}, resume=False)


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000 + "]" * 100_000, '{"a":' * 100_000 + "1" + "}" * 100_000, "[" * 101 + "]" * 101, "9" * 5000, "{", ""],
)  # fmt: skip
def test_json_that_cannot_be_read_is_one_kind_of_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"nested more than 100 deep|Exceeds the limit|Expect"):
        storage.parse_json(text)
    with pytest.raises(ValueError, match=r"nested more than 100 deep|Exceeds the limit|Expect"):
        storage.parse_json(text.encode())


def test_json_of_a_hundred_levels_and_many_short_lists_is_read() -> None:
    deep, wide = "[" * 100 + "]" * 100, "[" + "[1]," * 5000 + "{}]"
    assert storage.canonical_json(storage.parse_json(deep)) == deep
    assert len(storage.parse_json(wide)) == 5001


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e999", "9" * 5000, "[" * 3000 + "]" * 3000, '"\\ud800"'])
def test_a_manifest_of_what_no_program_writes_is_refused(tmp_path: Path, number: str) -> None:
    (tmp_path / "run.json").write_text(f'{{"config": {{"limit": {number}}}, "finished": false}}')
    with pytest.raises(DataError, match=r"run.json is not readable as JSON"):
        claim(tmp_path, {"limit": 5})
    (tmp_path / "run.json").write_text('{"config": {"limit": "\\ud83c\\udf55"}, "finished": false}')
    with pytest.raises(ConfigError, match=r'limit ."🍕" → 5.'):
        claim(tmp_path, {"limit": 5})
