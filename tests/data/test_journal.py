import json
from pathlib import Path

import pytest

from xleval.data.journal import Journal
from xleval.data.storage import sha256_of
from xleval.errors import DataError


def fill(path: Path, batches: int = 3) -> None:
    with Journal(path) as journal:
        for batch in range(batches):
            journal.append({f"{batch}-{i}": {"text": f"ответ {batch}\n{i}", "score": 0.1 + 0.2} for i in range(2)})


def test_what_was_appended_is_there_again(tmp_path: Path) -> None:
    fill(tmp_path / "j.jsonl")
    with Journal(tmp_path / "j.jsonl") as journal:
        assert len(journal.rows) == 6
        assert journal.rows["2-1"] == {"text": "ответ 2\n1", "score": 0.30000000000000004}
        journal.append({"3-0": {"text": "x"}})
    with Journal(tmp_path / "j.jsonl") as journal:
        assert len(journal.rows) == 7


@pytest.mark.parametrize("cut", range(1, 200, 7))
def test_a_torn_last_line_loses_its_batch_only(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "j.jsonl"
    fill(path)
    whole = path.read_bytes()
    last = whole.rfind(b"\n", 0, -1) + 1
    torn = min(last + cut, len(whole) - 1)
    path.write_bytes(whole[:torn])
    with Journal(path) as journal:
        assert sorted(journal.rows) == ["0-0", "0-1", "1-0", "1-1"]
        journal.append({f"2-{i}": {"text": f"ответ 2\n{i}", "score": 0.1 + 0.2} for i in range(2)})
    assert path.read_bytes() == whole


def test_a_damaged_middle_is_an_error_that_says_where(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    fill(path)
    lines = path.read_text().splitlines(keepends=True)
    path.write_text(lines[0] + lines[1].replace("ответ", "ответы", 1) + lines[2])
    with pytest.raises(DataError, match=r"line 2 is damaged: its checksum does not fit"):
        Journal(path)
    path.write_text(lines[0] + "garbage\n" + lines[2])
    with pytest.raises(DataError, match="line 2 is damaged: it is not a journal entry"):
        Journal(path)
    path.write_text(lines[0] + json.dumps(["a"]) + "\n")
    with pytest.raises(DataError, match="line 2"):
        Journal(path)


def test_a_folder_in_place_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot open the journal"):
        Journal(tmp_path)


@pytest.mark.parametrize(
    "line",
    ["[" * 100_000 + "]" * 100_000, '{"rows": {"a": {"n": 1e999}}, "sha256": ""}', '{"rows": {"a": {"n": ' + "9" * 5000 + "}}}",
     '{"rows": {"a": {"text": "\\ud800"}}, "sha256": ""}', '{"rows": [], "sha256": "' + sha256_of([]) + '"}', "\0", ""],
)  # fmt: skip
def test_what_the_journal_never_wrote_is_damage(tmp_path: Path, line: str) -> None:
    path = tmp_path / "j.jsonl"
    fill(path, batches=1)
    whole = path.read_bytes()
    path.write_bytes(whole + line.encode() + b"\n")
    with pytest.raises(DataError, match="line 2 is damaged"):
        Journal(path)


def test_a_batch_is_read_from_the_disk_and_the_line_of_an_old_merge_once(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    with Journal(path) as journal:
        journal.append({"a": {"text": "1"}, "b": {"text": "2"}}, {str(n): {"text": str(n)} for n in range(1025)})
    with Journal(path) as journal:
        path.unlink()
        assert [journal.rows[str(n)]["text"] for n in (0, 1024)] == ["0", "1024"]
        with pytest.raises(DataError, match=r"cannot read the journal .* again"):
            journal.rows["a"]


def test_lines_are_copied_as_they_are(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.jsonl") as journal, (tmp_path / "copy.jsonl").open("wb") as copy:
        journal.append({"a": {"text": "1"}, "b": {"text": "2"}}, {"c": {"text": "3"}})
        journal.copy_to(copy)
    assert (tmp_path / "copy.jsonl").read_bytes() == (tmp_path / "journal.jsonl").read_bytes()
    assert (tmp_path / "copy.jsonl").read_bytes().count(b"\n") == 2
