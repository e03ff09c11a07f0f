"""Published layouts of instruction sets to instructions and responses."""

from pathlib import Path

import pytest

from tests.data.reasoning.pair_texts import PAIRS, write_rows
from xleval.data.reasoning.instructions import read_instructions
from xleval.data.reasoning.source_items import Columns
from xleval.errors import ConfigError, DataError

ASKED, ANSWERED = PAIRS[0][0], PAIRS[0][1]


def texts(path: Path, **options: object) -> list[tuple[str, str]]:
    return [(item.question, item.solution) for item in read_instructions(str(path), **options).items]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "row",
    [
        {"instruction": ASKED, "output": ANSWERED, "input": ""},
        {"prompt": ASKED, "response": ANSWERED},
        {"question": ASKED, "answer": ANSWERED},
        {"messages": [{"role": "user", "content": ASKED}, {"role": "assistant", "content": ANSWERED}]},
        {"conversations": [{"from": "human", "value": ASKED}, {"from": "gpt", "value": ANSWERED}]},
        {"prompt": [{"role": "user", "content": ASKED}], "completion": [{"role": "assistant", "content": ANSWERED}]},
    ],
)
def test_the_usual_layouts_give_the_same_pair(tmp_path: Path, row: dict[str, object]) -> None:
    assert texts(write_rows(tmp_path / "set.jsonl", [row])) == [(ASKED, ANSWERED)]


def test_the_input_of_an_alpaca_row_stands_below_its_instruction(tmp_path: Path) -> None:
    row = {"instruction": "Sort these numbers.", "input": "3, 1, 2", "output": "1, 2, 3"}
    assert texts(write_rows(tmp_path / "set.jsonl", [row])) == [("Sort these numbers.\n\n3, 1, 2", "1, 2, 3")]


def test_the_first_turn_of_a_conversation_is_taken_with_its_system_turn(tmp_path: Path) -> None:
    turns = ("system", "Be brief."), ("user", "Hello?"), ("assistant", "Hello."), ("user", "Bye"), ("assistant", "Bye.")
    row = {"messages": [{"role": role, "content": text} for role, text in turns]}
    assert texts(write_rows(tmp_path / "set.jsonl", [row])) == [("Be brief.\n\nHello?", "Hello.")]


def test_rows_without_a_text_and_repeated_instructions_are_left_out_with_a_reason(tmp_path: Path) -> None:
    rows = [
        {"instruction": "One?", "response": "First."},
        {"instruction": "One?", "response": "Another."},
        {"instruction": "Two?", "response": " "},
        {"instruction": "", "response": "To what?"},
    ]
    found = read_instructions(str(write_rows(tmp_path / "set.jsonl", rows)))
    assert [item.item_id for item in found.items] == ["set-1"]
    assert [(each.item_id, each.reason) for each in found.left_out] == [
        ("set-2", "instruction of set-1"), ("set-3", "no response"), ("set-4", "no instruction"),
    ]  # fmt: skip


def test_validation_items_are_a_share_that_does_not_depend_on_the_order(tmp_path: Path) -> None:
    rows = [{"id": f"i{number}", "instruction": f"Say {number}.", "response": "Yes."} for number in range(40)]
    columns = Columns(item_id="id")

    def held_out(name: str, order: list[dict[str, str]]) -> set[str]:
        found = read_instructions(str(write_rows(tmp_path / name, order)), columns=columns, validation=0.1, seed=3)
        return {item.item_id for item in found.items if item.groups["split"] == "validation"}

    first = held_out("a.jsonl", rows)
    assert len(first) == 4  # a tenth of 40
    assert held_out("b.jsonl", rows[::-1]) == first


def test_a_set_without_such_columns_names_those_it_has(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "set.jsonl", [{"instruction": "Say it.", "text": "It."}])
    with pytest.raises(ConfigError, match=r"for the response; it has instruction, text.*--answer-column"):
        read_instructions(str(path))
    assert texts(path, columns=Columns(answer="text")) == [("Say it.", "It.")]
    with pytest.raises(ConfigError, match="no column 'nosuch'"):
        read_instructions(str(path), columns=Columns(question="nosuch"))


def test_a_set_without_a_single_pair_is_refused_with_the_reason(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "set.jsonl", [{"instruction": "Say it.", "response": ""}])
    with pytest.raises(ConfigError, match="response"):
        read_instructions(str(write_rows(tmp_path / "none.jsonl", [{"instruction": "Say it.", "response": None}])))
    with pytest.raises(DataError, match="no response"):
        read_instructions(str(path))
