"""OpenAssistant's messages and trees, in the shape of the published files (fields of OpenAssistant/oasst1's README)."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.data.reasoning.pair_texts import write_rows
from xleval.data.reasoning.instructions import read_instructions


def message(message_id: str, parent: str | None, text: str, **more: Any) -> dict[str, Any]:
    """Return a message with the fields of the published table."""
    return {
        "message_id": message_id, "parent_id": parent, "user_id": "u", "created_date": "2023-02-05T14:23:50", "text": text,
        "role": "assistant" if parent else "prompter", "lang": "en", "review_count": 3, "review_result": True,
        "deleted": False, "rank": None, "synthetic": False, "model_name": None, "message_tree_id": "t",
        "tree_state": "ready_for_export", **more,
    }  # fmt: skip


def labels(quality: float) -> dict[str, list[Any]]:
    """Return labels as the Parquet files have them: lists side by side."""
    return {"name": ["spam", "quality"], "value": [0.0, quality], "count": [3, 3]}


MESSAGES = [
    message("a", None, "Why is the sky blue?"),
    message("a1", "a", "Because of dust.", rank=1, labels=labels(0.9)),
    message("a0", "a", "Blue light is scattered more.", rank=0, labels=labels(0.5)),
    message("a00", "a0", "Thanks!", role="prompter"),  # a second turn
    message("b", None, "What is a prime number?"),
    message("b0", "b", "It has two divisors.", rank=0, labels=labels(0.75)),
    message("c", None, "¿Qué hora es?", lang="es"),
    message("c0", "c", "Las tres.", lang="es", rank=0, labels=labels(1.0)),
    message("d", None, "Tell me a joke."),
    message("d0", "d", "No.", rank=0, deleted=True, labels=labels(1.0)),
    message("e", None, "Name a fruit."),
    message("e0", "e", "Apple.", labels=labels(0.6)),  # alone, so never ranked
]
EXPECTED = [
    ("oasst-b", "What is a prime number?", "It has two divisors."),  # quality 0.75
    ("oasst-e", "Name a fruit.", "Apple."),  # 0.6
    ("oasst-a", "Why is the sky blue?", "Blue light is scattered more."),  # 0.5, of rank 0
]


def test_first_messages_with_their_preferred_replies_come_best_first(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "messages.jsonl", MESSAGES)
    found = read_instructions(str(path))
    assert [(item.item_id, item.question, item.solution) for item in found.items] == EXPECTED
    assert [(each.item_id, each.reason) for each in found.left_out] == [("oasst-d", "no English reply of rank 0")]
    best = read_instructions(str(path), limit=1)
    assert [item.item_id for item in best.items] == ["oasst-b"]


def test_trees_and_the_table_of_the_hub_give_the_same_items(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    import pyarrow as pa

    trees = []
    for root in (each for each in MESSAGES if each["parent_id"] is None):
        replies = [{**each, "replies": []} for each in MESSAGES if each["parent_id"] == root["message_id"]]
        for each in replies:  # labels of the JSON files are objects
            value = dict(zip(each["labels"]["name"], each["labels"]["value"], strict=True)) if "labels" in each else {}
            each["labels"] = {name: {"value": number, "count": 3} for name, number in value.items()}
        trees.append({"message_tree_id": root["message_id"], "tree_state": "x", "prompt": {**root, "replies": replies}})
    flat = [{"labels": labels(0.0), **each} for each in MESSAGES]
    table = tmp_path / "oasst1" / "data" / "train-00000-of-00001-b42a775f407cee45.parquet"
    table.parent.mkdir(parents=True)
    parquet.write_table(pa.Table.from_pylist(flat), table)

    from_trees = read_instructions(str(write_rows(tmp_path / "trees.jsonl", json.loads(json.dumps(trees)))))
    from_table = read_instructions("oasst1", folder=tmp_path / "oasst1")
    for found in (from_trees, from_table):
        assert [(item.item_id, item.question, item.solution) for item in found.items] == EXPECTED
    assert from_table.licence == "Apache-2.0"
