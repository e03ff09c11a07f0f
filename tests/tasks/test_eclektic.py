"""ECLeKTic in its published layout, with questions written for this test."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from xleval.errors import DataError
from xleval.evalkit.requests import Completion, GenerateRequest, Message
from xleval.evalkit.scoring import scored_sample
from xleval.evalkit.task import LoadedTask, TaskOptions, load_task
from xleval.tasks.eclektic import ECLEKTIC

ROW = {
    "q_id": 7, "original_lang": "ko", "title": "베스크", "url": "", "content": "…", "question": "베스크의 첫 시장은?",
    "answer": "안나 코라", "ko_q": "베스크의 첫 시장은 누구입니까?", "ko_a": "안나 코라", "ko_c": "…",
    "en_q": "Who was the first mayor of Besk?", "en_a": "Anna Cora", "en_c": "…", "he_q": "?", "he_a": "?", "he_c": "…",
}  # fmt: skip


def write(root: Path, *rows: dict[str, Any]) -> Path:
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (root / "eclektic_main.jsonl").write_text(text, encoding="utf-8")
    return root


def request(loaded: LoadedTask, lang: str, **options: Any) -> GenerateRequest:
    found = ECLEKTIC.request(loaded.items[lang][0], lang, TaskOptions(named=(), **options).for_task(ECLEKTIC), ())
    assert isinstance(found, GenerateRequest)
    return found


def test_a_row_is_a_question_in_every_language_that_it_has(tmp_path: Path) -> None:
    loaded = load_task(ECLEKTIC, write(tmp_path, ROW, ROW | {"q_id": 8}), ("en", "ko", "de", "sw"), 1)
    assert {lang: [item.item_id for item in items] for lang, items in loaded.items.items()} == {
        "en": ["7"],
        "ko": ["7"],
    }
    assert loaded.skipped == {"de": "eclektic has no de", "sw": "eclektic has no sw"}
    assert loaded.items["ko"][0].groups == {"original_lang": "ko", "asked_in": "source"}
    assert loaded.items["en"][0].groups == {"original_lang": "ko", "asked_in": "transfer"}


def test_the_question_is_asked_without_its_article(tmp_path: Path) -> None:
    loaded = load_task(ECLEKTIC, write(tmp_path, ROW), ("en", "ko"), None)
    asked = request(loaded, "ko")
    assert asked.prompt == "질문: 베스크의 첫 시장은 누구입니까?\n답:"
    assert (asked.stop, asked.sampling.max_tokens) == (("\n",), 64)
    assert request(loaded, "en", chat=True).prompt == (
        Message(
            role="user",
            content="Who was the first mayor of Besk?\n\nGive only a short answer in English, without explanation.",
        ),
    )


def test_verdicts(tmp_path: Path) -> None:
    loaded = load_task(ECLEKTIC, write(tmp_path, ROW), ("en", "ko"), None)
    found = []
    for lang, text in (("en", " It was Anna Cora."), ("ko", "안나 코라."), ("en", "Annabel Cora"), ("en", " ")):
        asked = request(loaded, lang)
        outcome = Completion(key=asked.key, text=text, finish_reason="stop", n_tokens=5)
        sample = scored_sample(ECLEKTIC, loaded.items[lang][0], lang, asked, outcome)
        found.append((sample.correct, sample.prediction, sample.extraction_path))
    assert found == [
        (True, "answer", "gold"), (True, "answer", "gold"), (False, "Annabel Cora", "unlisted"), (False, None, "none"),
    ]  # fmt: skip


def test_parquet_with_the_same_columns(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    pq.write_table(pa.Table.from_pylist([ROW]), tmp_path / "data" / "test-00000-of-00001.parquet")
    assert load_task(ECLEKTIC, tmp_path, ("en",), None).items["en"][0].gold == "Anna Cora"


def test_a_broken_row_is_one_error_that_names_it(tmp_path: Path) -> None:
    lacking = {name: value for name, value in ROW.items() if name != "en_a"}
    with pytest.raises(DataError, match=r"eclektic_main\.jsonl, row 2: no column en_a"):
        load_task(ECLEKTIC, write(tmp_path, ROW, lacking), ("en",), None)
    with pytest.raises(DataError, match=r"row 1, column ko_q: it is empty"):
        load_task(ECLEKTIC, write(tmp_path, ROW | {"ko_q": " "}), ("ko",), None)
    with pytest.raises(DataError, match=r"no column LANG_q for de; found: q_id"):
        load_task(ECLEKTIC, tmp_path, ("de",), None)
    (tmp_path / "eclektic_main.jsonl").write_bytes(b'{"q_id": "\xff"}')
    with pytest.raises(DataError, match=r"eclektic_main\.jsonl.*is not UTF-8"):
        load_task(ECLEKTIC, tmp_path, ("en",), None)
    (tmp_path / "eclektic_main.jsonl").unlink()
    with pytest.raises(DataError, match=r"holds no eclektic: needed is eclektic_main\.jsonl"):
        load_task(ECLEKTIC, tmp_path, ("en",), None)
