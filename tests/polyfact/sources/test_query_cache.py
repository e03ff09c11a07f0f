"""Answers on disk are whole or absent, and a question is the same question however it was batched."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from xleval.errors import DataError
from xleval.polyfact.sources.batches import AdaptiveBatches, Asker
from xleval.polyfact.sources.query_cache import FILE, QueryCache


def test_what_is_stored_is_found(tmp_path: Path) -> None:
    cache = QueryCache(tmp_path / "new" / "folder", "https://one.example/sparql")
    cache.store("labels?", {"Q1": [{"name": "Kenia", "lang": "de"}, {"name": "肯尼亚", "lang": "zh"}], "Q2": []})
    cache.close()
    again = QueryCache(tmp_path / "new" / "folder", "https://one.example/sparql")
    assert dict(again.find("labels?", ["Q1", "Q2", "Q3"])) == {
        "Q1": [{"name": "Kenia", "lang": "de"}, {"name": "肯尼亚", "lang": "zh"}],
        "Q2": [],
    }
    assert dict(again.find("aliases?", ["Q1"])) == {}
    other = QueryCache(tmp_path / "new" / "folder", "https://two.example/sparql")
    assert dict(other.find("labels?", ["Q1"])) == {}
    assert other.n_stored() == 2


def test_more_ids_than_sqlite_takes_at_once(tmp_path: Path) -> None:
    cache = QueryCache(tmp_path, "here")
    answers = {f"Q{number}": [{"n": str(number)}] for number in range(3000)}
    cache.store("n?", answers)
    assert dict(cache.find("n?", answers)) == answers


def test_a_damaged_answer_counts_as_none(tmp_path: Path) -> None:
    cache = QueryCache(tmp_path, "here")
    cache.store("labels?", {"Q1": [{"name": "one"}], "Q2": [{"name": "two"}]})
    cache.close()
    database = sqlite3.connect(tmp_path / FILE)
    key, answer = database.execute("SELECT key, answer FROM answers ORDER BY key").fetchone()
    broken = answer[:-9] + bytes([answer[-9] ^ 1]) + answer[-8:]
    with database:
        database.execute("UPDATE answers SET answer = ? WHERE key = ?", (broken, key))
    database.close()
    again = QueryCache(tmp_path, "here")
    left = dict(again.find("labels?", ["Q1", "Q2"]))
    assert len(left) == 1
    assert left.items() <= {"Q1": [{"name": "one"}], "Q2": [{"name": "two"}]}.items()


def test_an_answer_under_another_key_is_no_answer(tmp_path: Path) -> None:
    cache = QueryCache(tmp_path, "here")
    cache.store("labels?", {"Q1": [{"name": "one"}]})
    cache.close()
    database = sqlite3.connect(tmp_path / FILE)
    with database:
        database.execute("UPDATE answers SET key = ?", (QueryCache(None, "here")._key("labels?", "Q2"),))
    database.close()
    assert dict(QueryCache(tmp_path, "here").find("labels?", ["Q1", "Q2"])) == {}


@pytest.mark.parametrize("kept", [0.5, 0.01])
def test_a_damaged_file_is_set_aside(tmp_path: Path, kept: float) -> None:
    cache = QueryCache(tmp_path, "here")
    cache.store("labels?", {f"Q{number}": [{"name": "x" * number}] for number in range(2000)})
    cache.close()
    content = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(content[: int(len(content) * kept)] if kept > 0.1 else b"no database" * 100)
    said: list[str] = []
    again = QueryCache(tmp_path, "here", said.append)
    assert "is damaged" in said[0]
    assert again.n_stored() == 0
    assert (tmp_path / "answers.damaged").is_file()
    again.store("labels?", {"Q1": []})
    assert dict(again.find("labels?", ["Q1"])) == {"Q1": []}


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="cannot make the folder"):
        QueryCache(tmp_path / "file" / "cache", "here")


def test_the_digest_knows_questions_and_not_batches_or_order() -> None:
    one, other = QueryCache(None, "here"), QueryCache(None, "here")
    list(one.find("labels?", ["Q1", "Q2"]))
    list(one.find("pages?", ["Q1"]))
    list(other.find("pages?", ["Q1"]))
    list(other.find("labels?", ["Q2"]))
    list(other.find("labels?", ["Q1", "Q2"]))
    assert one.asked() == other.asked()
    assert one.asked()[0] == 3
    list(other.find("pages?", ["Q2"]))
    assert one.asked()[1] != other.asked()[1]
    assert QueryCache(None, "elsewhere").asked() != QueryCache(None, "here").asked()


_WRITER = """
import sys
from pathlib import Path
from xleval.polyfact.sources.query_cache import QueryCache
cache = QueryCache(Path(sys.argv[1]), "here")
for batch in range(100_000):
    cache.store("labels?", {f"Q{batch * 10 + n}": [{"name": "x" * 200}] for n in range(10)})
    print(batch, flush=True)
"""


def test_a_kill_loses_no_answer_that_was_stored(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", _WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True) as writer:
        if writer.stdout is None:
            raise RuntimeError("the writer has no output")
        for line in writer.stdout:
            if int(line) == 20:
                break
        time.sleep(0.013)
        os.kill(writer.pid, signal.SIGKILL)
        last = max([20, *(int(line) for line in writer.stdout.read().split("\n")[:-1])])
    found = dict(QueryCache(tmp_path, "here").find("labels?", [f"Q{n}" for n in range((last + 1) * 10)]))
    assert len(found) == (last + 1) * 10
    assert all(answer == [{"name": "x" * 200}] for answer in found.values())


def test_only_whole_batches_are_kept(tmp_path: Path) -> None:
    def select(query: str) -> list[dict[str, str]]:
        if "wd:Q3 " in query:
            raise ConnectionError("gone")
        return [{"i": "http://www.wikidata.org/entity/Q1", "n": "7"}] if "wd:Q1 " in query else []

    asker = Asker(select, QueryCache(tmp_path, "here"), AdaptiveBatches(start=2, largest=2))
    with pytest.raises(ConnectionError):
        list(asker.about("VALUES ?i { IDS }", ["Q1", "Q2", "Q3", "Q4"]))
    assert dict(asker.cache.find("VALUES ?i { IDS }", ["Q1", "Q2", "Q3", "Q4"])) == {"Q1": [{"n": "7"}], "Q2": []}
