"""m-ArenaHard in its published layout, with prompts written for this test."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from xleval.errors import DataError
from xleval.evalkit.requests import GenerateRequest, Message
from xleval.evalkit.task import TaskOptions, load_task
from xleval.tasks.m_arena_hard import M_ARENA_HARD

ENGLISH = [
    {"question_id": "b2", "cluster": "Sorting", "category": "arena-hard-v0.1", "prompt": "Sort a list."},
    {"question_id": "a1", "cluster": "Rain", "category": "arena-hard-v0.1", "prompt": "Explain rain.\n\nBriefly."},
]
KOREAN = [ENGLISH[1] | {"prompt": "비를 설명하세요.\n\n간단히."}, ENGLISH[0] | {"prompt": "목록을 정렬하세요."}]


def write(root: Path, lang: str, rows: list[dict[str, Any]]) -> Path:
    (root / lang).mkdir(exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), root / lang / "test-00000-of-00001.parquet")
    return root


def test_prompts_are_joined_on_question_id(tmp_path: Path) -> None:
    write(tmp_path, "en", ENGLISH)
    write(tmp_path, "ko", KOREAN)
    loaded = load_task(M_ARENA_HARD, tmp_path, ("en", "ko", "fr", "sw"), 1)
    assert {lang: [(item.item_id, item.question) for item in items] for lang, items in loaded.items.items()} == {
        "en": [("b2", "Sort a list.")], "ko": [("b2", "목록을 정렬하세요.")],
    }  # fmt: skip
    assert loaded.skipped == {"fr": "m_arena_hard has no fr", "sw": "m_arena_hard has no sw"}
    assert loaded.items["en"][0].groups == {"category": "arena-hard-v0.1"}


def test_the_second_version_has_subcategories(tmp_path: Path) -> None:
    row = {"question_id": "c3", "category": "hard_prompt", "subcategory": "coding", "prompt": "x", "language": "en"}
    [item] = load_task(M_ARENA_HARD, write(tmp_path, "en", [row]), ("en",), None).items["en"]
    assert item.groups == {"category": "hard_prompt", "subcategory": "coding"}


def test_the_prompt_is_asked_as_it_is(tmp_path: Path) -> None:
    item = load_task(M_ARENA_HARD, write(tmp_path, "ko", KOREAN), ("ko",), None).items["ko"][0]
    plain = M_ARENA_HARD.request(item, "ko", TaskOptions(named=()).for_task(M_ARENA_HARD), ())
    chat = M_ARENA_HARD.request(item, "ko", TaskOptions(chat=True), ())
    assert isinstance(plain, GenerateRequest)
    assert isinstance(chat, GenerateRequest)
    assert (plain.prompt, plain.stop, plain.sampling.max_tokens) == ("비를 설명하세요.\n\n간단히.\n\n", (), 4096)
    assert chat.prompt == (Message(role="user", content="비를 설명하세요.\n\n간단히."),)
    assert M_ARENA_HARD.judged


def test_broken_files_are_one_error_that_names_them(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"holds no m_arena_hard in en: needed is LANG/test"):
        load_task(M_ARENA_HARD, tmp_path, ("en",), None)
    write(tmp_path, "en", ENGLISH)
    write(tmp_path, "ko", [KOREAN[0] | {"question_id": "z9"}])
    with pytest.raises(DataError, match="ko and en have no question_id in common"):
        load_task(M_ARENA_HARD, tmp_path, ("en", "ko"), None)
    write(tmp_path, "ko", [KOREAN[0], KOREAN[1] | {"prompt": None}])
    with pytest.raises(DataError, match=r"ko/test-00000-of-00001\.parquet, row 2: no column prompt"):
        load_task(M_ARENA_HARD, tmp_path, ("en", "ko"), None)
    (tmp_path / "ko" / "test-00000-of-00001.parquet").write_bytes(b"PAR1 not really")
    with pytest.raises(DataError, match="not readable as Parquet"):
        load_task(M_ARENA_HARD, tmp_path, ("en", "ko"), None)
