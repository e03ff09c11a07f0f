"""What of a folder is published, and what a card must say."""

import hashlib
import os
import subprocess
from pathlib import Path

import pytest

from xleval.data.publish.card import card_problems, metadata_of
from xleval.data.publish.contents import Contents, PublishedFile, contents_of, kind_of
from xleval.data.publish.push import check_names
from xleval.errors import ConfigError, DataError

GOOD = """---
license: cc0-1.0
language: ["no", sw]
size_categories: n<1K
configs:
- config_name: parallel
  default: true
  data_files: [{split: train, path: parallel/train.parquet}]
---
# A set
"""


def dataset(folder: Path, card: str = GOOD) -> Path:
    (folder / "parallel").mkdir(parents=True)
    (folder / "parallel" / "train.parquet").write_bytes(b"PAR1")
    (folder / "README.md").write_text(card, encoding="utf-8")
    return folder


def test_a_set_is_published_whole_but_for_what_is_left_from_work(tmp_path: Path) -> None:
    folder = dataset(tmp_path / "set")
    for name in ("build.json", ".lock", "rejects.jsonl", "journal.jsonl", "parallel/.train.parquet.abc.tmp"):
        (folder / name).write_text("{}")
    found = contents_of(folder)
    assert [file.path for file in found.files] == ["README.md", "build.json", "parallel/train.parquet", "rejects.jsonl"]
    assert found.left_out == {
        ".lock": "hidden", "journal.jsonl": "is only needed to go on", "parallel/.train.parquet.abc.tmp": "hidden",
    }  # fmt: skip
    assert (found.kind, found.repo_type) == ("dataset", "dataset")


def test_hashes_are_those_that_the_hub_and_git_give(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"hello\n")
    found = PublishedFile(path="a", source=file)
    # git hash-object: the same for everybody who has git
    told = subprocess.run(["git", "hash-object", str(file)], capture_output=True, text=True, check=True)
    assert found.blob_id() == told.stdout.strip() == "ce013625030ba8dba906f756967f9e9ca394464a"
    assert found.sha256() == hashlib.sha256(b"hello\n").hexdigest()
    assert PublishedFile(path="a", source=b"hello\n").blob_id() == found.blob_id()


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    folder = dataset(tmp_path / "set")
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key.json").write_text("{}")
    (folder / "more").symlink_to(tmp_path / "secret")
    with pytest.raises(DataError, match=r"more is a link that leads out of"):
        contents_of(folder)


def test_pickled_weights_are_refused(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("---\nlicense: mit\n---\n")
    (tmp_path / "model.safetensors").write_bytes(b"0")
    (tmp_path / "extra.bin").write_bytes(b"0")
    with pytest.raises(DataError, match=r"extra\.bin is pickled"):
        contents_of(tmp_path)
    (tmp_path / "extra.bin").rename(tmp_path / "optimizer.pt")
    assert [file.path for file in contents_of(tmp_path).files] == ["README.md", "model.safetensors"]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (["notes.txt"], r"holds notes\.txt; needed is a set"),
        (["train.json", "model/config.json"], r"is the folder of a training; its checkpoint is"),
        (["study.json"], r"is the folder of a study"),
        (["model.safetensors"], r"has no README\.md"),
    ],
)
def test_other_folders_are_refused_with_what_to_give(tmp_path: Path, files: list[str], message: str) -> None:
    for name in files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}")
    with pytest.raises(ConfigError, match=message):
        contents_of(tmp_path)
    with pytest.raises(ConfigError, match="is no folder"):
        kind_of(tmp_path / "none")


def test_a_good_card_has_no_problem(tmp_path: Path) -> None:
    assert card_problems(contents_of(dataset(tmp_path / "set"))) == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('["no", sw]', "[no, sw]", "language: False is no language code"),
        ("n<1K", "small", "size_categories: 'small' is none of n<1K"),
        ("license: cc0-1.0", "pretty_name: x", "license: none is named"),
        ("license: cc0-1.0", "license: CC BY 4.0", "license: 'CC BY 4.0' is no code"),
        ("parallel/train.parquet", "parallel/test.parquet", "names parallel/test.parquet, which is not in the folder"),
        ("config_name: parallel", "name: parallel", "entry 1 has no config_name"),
        ("config_name: parallel", 'config_name: "a/b"', "has a character that datasets refuses"),
        ("configs:", "other:", "configs: none are listed"),
    ],
)
def test_what_the_hub_would_not_take_is_named(tmp_path: Path, old: str, new: str, problem: str) -> None:
    assert old in GOOD
    (found,) = card_problems(contents_of(dataset(tmp_path / "set", GOOD.replace(old, new))))
    assert problem in found


@pytest.mark.parametrize("card", ["# no metadata", "---\n[1, 2]\n---\n", "---\na: [\n---\n"])
def test_metadata_that_cannot_be_read_is_one_error(card: str) -> None:
    with pytest.raises(DataError, match=r"README\.md"):
        metadata_of(card)


def test_a_card_that_is_not_utf_8_is_one_error() -> None:
    contents = Contents(kind="dataset", files=(PublishedFile(path="README.md", source=b"\xff"),), left_out={})
    with pytest.raises(DataError, match=r"not UTF-8 \(byte 0\)"):
        card_problems(contents)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("made: 2026-99-99", "month must be in"),  # PyYAML raises ValueError, no YAMLError
        ("size: " + "9" * 5000, "Exceeds the limit"),
        ("deep: " + "[" * 3000 + "]" * 3000, "nested too deeply"),
        ("run: !!python/object/apply:os.system ['id']", "could not determine a constructor"),
    ],
)
def test_metadata_that_no_card_has_is_refused_in_a_line(line: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        metadata_of(GOOD.replace("license: cc0-1.0", line))


@pytest.mark.parametrize("key", ["license", "size_categories", "language", "data_files"])
def test_metadata_that_refers_to_itself_many_times_is_shown_in_short(tmp_path: Path, key: str) -> None:
    # Nine levels of ten references: written out it would be ten to the ninth letters.
    levels = [f"x{k}: &x{k} [{','.join([f'*x{k - 1}'] * 10)}]" for k in range(1, 10)]
    card = GOOD.replace("---\n", "\n".join(["---", "x0: &x0 [a]", *levels, ""]), 1)
    old = {
        "license": "cc0-1.0",
        "size_categories": "n<1K",
        "language": '["no", sw]',
        "data_files": "parallel/train.parquet",
    }
    problems = card_problems(contents_of(dataset(tmp_path / "set", card.replace(old[key], "[*x9]", 1))))
    assert problems
    assert all(len(problem) < 500 for problem in problems)


def test_an_entry_of_data_files_without_a_path_is_named(tmp_path: Path) -> None:
    card = GOOD.replace("parquet}]", "parquet}, {split: test}]")
    (problem,) = card_problems(contents_of(dataset(tmp_path / "set", card)))
    assert problem == "configs: parallel has no data_files, or an entry of them has no path"


@pytest.mark.parametrize("name", [b"two\nlines.txt", b"red\x1b[31m.txt", b"latin\xff.txt"])
def test_a_name_that_cannot_be_printed_is_refused(tmp_path: Path, name: bytes) -> None:
    folder = dataset(tmp_path / "set")
    Path(os.fsdecode(os.fsencode(folder / "parallel") + b"/" + name)).write_text("x")
    with pytest.raises(DataError, match="characters in its name that cannot be printed") as refused:
        contents_of(folder)
    assert str(refused.value).isprintable()


def test_a_link_to_itself_is_refused(tmp_path: Path) -> None:
    folder = dataset(tmp_path / "set")
    (folder / "loop").symlink_to("loop")
    with pytest.raises(DataError, match="loop is not an ordinary file"):
        contents_of(folder)


@pytest.mark.parametrize(
    ("repo", "revision"),
    [("facts", "main"), ("a b/c", "main"), ("", "main"), ("me/facts", "a b"), ("me/facts", "a..b")],
)
def test_names_that_the_hub_cannot_have_are_refused(repo: str, revision: str) -> None:
    with pytest.raises(ConfigError, match=r"--repo|--revision"):
        check_names(repo, revision)
    check_names("me/facts-2.0", "release/v1.0")
