"""AlpacaEval in its published layout and translations of it, with instructions written for this test."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from xleval.errors import DataError
from xleval.evalkit.requests import Completion, GenerateRequest, Message
from xleval.evalkit.scoring import scored_sample
from xleval.evalkit.task import TaskOptions, load_task
from xleval.tasks.alpaca_eval import ALPACA_EVAL

ENGLISH = [
    {"instruction": "Name a fruit.", "output": "Apple.", "generator": "reference", "dataset": "helpful_base"},
    {"instruction": "Write a haiku.\nAbout rain.", "output": "…", "generator": "reference", "dataset": "koala"},
]
GERMAN = [{"instruction": "Nenne eine Frucht."}, {"instruction": "Schreibe ein Haiku.\nÜber Regen."}]


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(exist_ok=True)
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    else:
        path.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")


@pytest.mark.parametrize(
    "german", ["de.json", "alpaca_eval_de.json", "de/test.parquet", "de/test-00000-of-00001.parquet"]
)
def test_translations_are_joined_by_position(tmp_path: Path, german: str) -> None:
    write(tmp_path / "alpaca_eval.json", ENGLISH)
    write(tmp_path / german, GERMAN)
    loaded = load_task(ALPACA_EVAL, tmp_path, ("en", "de", "sw"), None)
    for lang in ("en", "de"):
        assert [item.item_id for item in loaded.items[lang]] == ["alpaca_eval-000", "alpaca_eval-001"]
    assert loaded.items["de"][1].question == "Schreibe ein Haiku.\nÜber Regen."
    assert [item.groups for item in loaded.items["en"]] == [{"dataset": "helpful_base"}, {"dataset": "koala"}]
    assert loaded.skipped == {"sw": "alpaca_eval has no sw"}


def test_the_instruction_is_asked_as_it_is(tmp_path: Path) -> None:
    write(tmp_path / "alpaca_eval.json", ENGLISH)
    item = load_task(ALPACA_EVAL, tmp_path, ("en",), None).items["en"][1]
    options = TaskOptions(named=()).for_task(ALPACA_EVAL)
    plain = ALPACA_EVAL.request(item, "en", options, ())
    chat = ALPACA_EVAL.request(item, "en", TaskOptions(chat=True, scaffold="english"), ())
    assert isinstance(plain, GenerateRequest)
    assert isinstance(chat, GenerateRequest)
    assert (plain.prompt, plain.stop, plain.sampling.max_tokens) == ("Write a haiku.\nAbout rain.\n\n", (), 2048)
    assert chat.prompt == (Message(role="user", content="Write a haiku.\nAbout rain."),)


def test_answers_wait_for_a_judge(tmp_path: Path) -> None:
    write(tmp_path / "alpaca_eval.json", ENGLISH)
    item = load_task(ALPACA_EVAL, tmp_path, ("en",), None).items["en"][0]
    request = ALPACA_EVAL.request(item, "en", TaskOptions(), ())
    assert isinstance(request, GenerateRequest)
    outcome = Completion(key=request.key, text="A pear.", finish_reason="stop", n_tokens=3)
    sample = scored_sample(ALPACA_EVAL, item, "en", request, outcome)
    assert (sample.correct, sample.completion) == (None, "A pear.")
    assert "judge" in str(sample.unscored_reason)


def test_broken_files_are_one_error_that_names_them(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"holds no alpaca_eval in en: needed is alpaca_eval\.json"):
        load_task(ALPACA_EVAL, tmp_path, ("en",), None)
    write(tmp_path / "alpaca_eval.json", ENGLISH)
    write(tmp_path / "de.json", GERMAN[:1])
    with pytest.raises(DataError, match="de has 1 instructions, en has 2; they are joined by position"):
        load_task(ALPACA_EVAL, tmp_path, ("en", "de"), None)
    write(tmp_path / "de.json", [GERMAN[0], {"prompt": "x"}])
    with pytest.raises(DataError, match=r"de\.json, row 2: no column instruction; found: prompt"):
        load_task(ALPACA_EVAL, tmp_path, ("en", "de"), None)
    (tmp_path / "de.json").write_bytes(b'[{"instruction": "\xfc"}]')
    with pytest.raises(DataError, match=r"de\.json.*is not UTF-8"):
        load_task(ALPACA_EVAL, tmp_path, ("en", "de"), None)
