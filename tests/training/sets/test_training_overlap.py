"""Test items among training items: refused, left out, or trained on (D21)."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from xleval.errors import ConfigError
from xleval.training.config.schema import DataConfig, OnOverlap, PromptConfig
from xleval.training.sets.instruction_pairs import read_instructions
from xleval.training.sets.overlap import check_overlap
from xleval.training.sets.prompt_rows import prompt_rows
from xleval.training.sets.text_rows import text_rows

TEST = [
    ("t1", "Rosa picks 14 apples and 23 pears, and gives 9 of them to her uncle. How much fruit does she keep?", "28"),
    ("t2", "A bus with 45 seats makes 6 trips and is full on each of them. How many people does it carry?", "270"),
]
OWN = [
    ("a1", "Four friends share 64 marbles in equal parts. How many marbles does each of them get?", "16"),
    ("a2", "A bus with 52 seats makes 9 trips and is full on each of them. How many people does it carry?", "468"),
]


@pytest.fixture(autouse=True)
def no_data_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare with what a test names alone."""
    monkeypatch.delenv("XLEVAL_DATA", raising=False)


def _file(path: Path, rows: list[tuple[str, str, str]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps({"item_id": name, "question": text, "answer": answer}) for name, text, answer in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _data(tmp_path: Path, rows: list[tuple[str, str, str]], on_overlap: OnOverlap = "refuse") -> DataConfig:
    source = _file(tmp_path / "train.jsonl", rows)
    test = _file(tmp_path / "test.jsonl", TEST)
    return DataConfig(source=str(source), langs=("en",), evaluation=(str(test),), on_overlap=on_overlap)


def test_a_copied_test_item_is_refused_with_the_ways_out(tmp_path: Path) -> None:
    copied = ("a3", TEST[0][1].upper(), TEST[0][2])
    with pytest.raises(ConfigError) as caught:
        check_overlap(_data(tmp_path, [*OWN, copied]))
    said = str(caught.value)
    assert "1 of 3 training items are test items: 1 of 2 items of" in said
    assert "a3 (exact: t1)" in said
    for way in ("--set data.on_overlap=drop", "--allow-overlap", "other data"):
        assert way in said


def test_a_renumbered_problem_is_counted_and_trained_on(tmp_path: Path) -> None:
    note = check_overlap(_data(tmp_path, OWN))
    (found,) = note.sets
    # a2 is t2 with other numbers and another answer.
    assert (found.n_items, found.n_shared, found.n_renumbered) == (2, 0, 1)
    assert "1 of 2 items of" in note.sentence
    assert "other numbers" in note.sentence


def test_dropped_items_are_not_among_the_rows(tmp_path: Path) -> None:
    data = _data(tmp_path, [*OWN, ("a3", *TEST[0][1:])], "drop")
    assert check_overlap(data).dropped == ("a3",)
    rows = prompt_rows(data, PromptConfig(), has_chat_template=False, seed=1)
    assert {row.item_id for row in rows} == {"a1", "a2"}


def test_dropped_texts_are_not_among_those_of_a_corpus(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    lines = [
        "A sentence of the corpus that no test has.",
        TEST[0][1],
        "Another sentence that no test has either.",
        TEST[0][1],
    ]
    (folder / "en.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    test = _file(tmp_path / "test.jsonl", TEST)
    data = DataConfig(source=str(folder), langs=("en",), evaluation=(str(test),), on_overlap="drop")
    assert len(check_overlap(data).dropped) == 2, "every copy"
    assert sorted(row.text for row in text_rows(data, seed=1)) == sorted([lines[0], lines[2]])
    one = replace(data, limit=2)
    assert len(list(text_rows(one, seed=1))) == 2, "a dropped text does not count against the limit"


def test_dropped_instructions_are_not_among_the_pairs(tmp_path: Path) -> None:
    source = tmp_path / "pairs.jsonl"
    asked = ["Write a short poem about the sea and its many ships.", TEST[0][1]]
    rows = [
        {
            "item_id": f"p{i}",
            "language": lang,
            "prompt": f"{text}{'' if lang == 'en' else ' (es)'}",
            "response": f"{lang} answer {i}",
        }
        for i, text in enumerate(asked)
        for lang in ("en", "es")
    ]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    test = _file(tmp_path / "test.jsonl", TEST)
    data = DataConfig(source=str(source), langs=("en", "es"), evaluation=(str(test),), on_overlap="drop")
    assert check_overlap(data).dropped == ("p1",)
    assert {lang: list(items) for lang, items in read_instructions(data, data.langs).items()} == {
        "en": ["p0"],
        "es": ["p0"],
    }


def test_allowed_items_are_said_and_stay(tmp_path: Path) -> None:
    data = _data(tmp_path, [*OWN, ("a3", *TEST[0][1:])], "allow")
    note = check_overlap(data)
    assert note.dropped == ()
    assert "They are trained on" in note.sentence
    assert len(prompt_rows(data, PromptConfig(), has_chat_template=False, seed=1)) == 3


def test_a_sets_own_test_split_is_compared(tmp_path: Path) -> None:
    _file(tmp_path / "set" / "en" / "train.jsonl", [*OWN, ("a3", *TEST[0][1:])])
    _file(tmp_path / "set" / "en" / "test.jsonl", TEST)
    data = DataConfig(source=str(tmp_path / "set"), langs=("en",), evaluation=())
    with pytest.raises(ConfigError, match=r"items of set \(split test\), such as a3"):
        check_overlap(data)


def test_tasks_at_hand_are_compared_and_unreadable_ones_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = _file(tmp_path / "train.jsonl", [*OWN, ("a3", *TEST[0][1:])])
    _file(tmp_path / "data" / "gsm8k" / "test.jsonl", TEST)
    (tmp_path / "data" / "msvamp").mkdir()
    monkeypatch.setenv("XLEVAL_DATA", str(tmp_path / "data"))
    with pytest.raises(ConfigError, match=r"1 of 2 items of gsm8k"):
        check_overlap(DataConfig(source=str(source), langs=("en",)))
    note = check_overlap(DataConfig(source=str(source), langs=("en",), on_overlap="allow"))
    assert {each.name for each in note.sets} == {"gsm8k", "sample"}
    assert len(note.notes) == 1
    assert note.notes[0].startswith("msvamp: not compared")


def test_the_embedded_sample_is_a_test_set() -> None:
    with pytest.raises(ConfigError, match=r"25 of 25 training items are test items: 25 of 25 items of sample"):
        check_overlap(DataConfig(source="sample", langs=("en", "ko")))


def test_facts_are_told_by_their_ids(embedded_set: Path) -> None:
    data = DataConfig(source=str(embedded_set), langs=("en",), evaluation=())
    note = check_overlap(data)
    assert (note.sentence, note.sets[0].n_shared) == ("", 0)
    assert note.sets[0].n_items > 100
    with pytest.raises(ConfigError, match=r"test items: .* of set \(its test and validation splits\), such as Q"):
        check_overlap(DataConfig(source=str(embedded_set), langs=("en",), split="test", evaluation=()))


def test_instructions_and_corpora_are_compared_too(tmp_path: Path) -> None:
    test = str(_file(tmp_path / "test.jsonl", TEST))
    pairs = tmp_path / "pairs.jsonl"
    rows = [{"id": "i1", "language": "en", "instruction": TEST[1][1], "response": "It carries 270 people in all."}]
    pairs.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"i1 \(exact: t2\)"):
        check_overlap(DataConfig(source=str(pairs), langs=("en",), evaluation=(test,)))
    for lang, lines in {"en": ["One.", TEST[0][1]], "de": ["Eins.", "Rosa pflückt Obst."]}.items():
        (tmp_path / f"{lang}.txt").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "corpus").mkdir()
    for lang in ("en", "de"):
        (tmp_path / f"{lang}.txt").rename(tmp_path / "corpus" / f"{lang}.txt")
    with pytest.raises(ConfigError, match=r"1 of 2 training items .* all/2 \(exact: t1\)"):
        check_overlap(DataConfig(source=str(tmp_path / "corpus"), langs=("en", "de"), evaluation=(test,)))


def test_a_group_of_tasks_stands_for_each_of_them() -> None:
    # No data of the three is at hand, so the first of them is what the error names.
    with pytest.raises(ConfigError, match=r"the data of xreasoning_\w+ is not at hand"):
        check_overlap(DataConfig(source="sample", langs=("en",), evaluation=("xreasoning",)))


def test_an_unknown_test_set_is_named() -> None:
    with pytest.raises(ConfigError, match=r"unknown set or task in data.evaluation 'gsm9k'.*gsm8k"):
        check_overlap(DataConfig(source="sample", langs=("en",), evaluation=("gsm9k",)))


def test_simplerl_shares_items_with_math500(shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLEVAL_DATA", str(shared_data))
    data = DataConfig(source="simplerl", langs=("en",), evaluation=("math500",), on_overlap="drop")
    note = check_overlap(data)
    # Seen with xleval overlap on SimpleRL-Zoo's train.parquet and MATH500, 2026-11-21: 48 of 500 items near, 6 of them
    # with the same answer.
    assert (note.sets[0].n_shared, note.sets[0].n_renumbered) == (6, 42)
    assert len(note.dropped) == 6
