"""Sets of any usual layout as texts to compare: published layouts under shared data, and small files."""

import json
from pathlib import Path

import pytest

from xleval.data.set_reader import SetColumns, read_set
from xleval.errors import ConfigError, DataError


def write(path: Path, *rows: dict[str, object]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


# Rows and languages as the README of the data says; first id and answer read from the files.
@pytest.mark.parametrize(
    ("path", "n_items", "languages", "first"),
    [
        ("mgsm", 2750, 11, ("mgsm-1", "18")),
        ("polymath", 9000, 18, ("high/high-0", "70")),
        ("msvamp", 10000, 10, ("test-1", "8.0")),
        ("gsm8k/test.jsonl", 1319, 1, ("test-1", "18")),
        ("math500", 500, 1, ("test/precalculus/807.json", "\\left( 3, \\frac{\\pi}{2} \\right)")),
        ("simplerl_zoo/train.parquet", 8523, 1, ("train-1", "118")),
        ("simplerl_zoo/test.parquet", 500, 1, ("test/precalculus/779.json", "-2 + 7i")),
        ("gsm8k_ko/kor-gsm8k", 1319, 1, ("kor-gsm8k-test-1", "18")),
    ],
)
def test_published_layouts(shared_data: Path, path: str, n_items: int, languages: int, first: tuple[str, str]) -> None:
    items = read_set(shared_data / path).items
    assert len(items) == n_items
    assert len({item.lang for item in items}) == languages
    assert (items[0].item_id, items[0].answer) == first


def test_the_chat_prompt_of_a_row_is_not_its_question(shared_data: Path) -> None:
    assert not any("<|im_start|>" in item.text for item in read_set(shared_data / "simplerl_zoo").items)


def test_worked_examples_beside_language_files_are_left_out_and_said(shared_data: Path) -> None:
    assert read_set(shared_data / "mgsm").notes == ("exemplars.json: left out, its path names no language",)


def test_languages_are_joined_on_ids_without_the_language(tmp_path: Path) -> None:
    write(tmp_path / "en/low.jsonl", {"id": "low-en-0", "question": "One?", "answer": "1"})
    write(tmp_path / "sw/low.jsonl", {"id": "low-sw-0", "question": "Moja?", "answer": "1"})
    items = read_set(tmp_path).items
    assert [(item.item_id, item.lang, item.text) for item in items] == [
        ("low-0", "en", "One?"),
        ("low-0", "sw", "Moja?"),
    ]


def test_rows_without_ids_are_joined_only_where_files_have_equal_lengths(tmp_path: Path) -> None:
    write(tmp_path / "a_en.jsonl", {"question": "One?"}, {"question": "Two?"})
    write(tmp_path / "a_sw.jsonl", {"question": "Moja?"}, {"question": "Mbili?"})
    assert [item.item_id for item in read_set(tmp_path).items] == ["a-1", "a-2", "a-1", "a-2"]
    write(tmp_path / "a_sw.jsonl", {"question": "Moja?"})
    uneven = read_set(tmp_path)
    assert [item.item_id for item in uneven.items] == ["a-en-1", "a-en-2", "a-sw-1"]
    assert len(uneven.notes) == 2


def test_a_language_column_goes_before_the_path(tmp_path: Path) -> None:
    path = write(
        tmp_path / "en.jsonl",
        {"id": "1", "language": "Swahili", "question": "Moja?"},
        {"id": "1", "language": "de", "question": "Eins?"},
    )
    assert [(item.item_id, item.lang) for item in read_set(path).items] == [("1", "sw"), ("1", "de")]


def test_columns_and_language_can_be_named(tmp_path: Path) -> None:
    path = write(tmp_path / "set.jsonl", {"question": "English", "meta": {"ko": "한국어"}, "key": "#### 7"})
    [item] = read_set(path, SetColumns(question="meta.ko", answer="key", lang="ko")).items
    assert (item.text, item.answer, item.lang) == ("한국어", "7", "ko")


def test_the_question_of_a_conversation_is_what_the_user_says_last(tmp_path: Path) -> None:
    turns = [
        {"role": "system", "content": "S"},
        {"role": "user", "content": "Q"},
        {"role": "assistant", "content": "A"},
    ]
    assert read_set(write(tmp_path / "chat.jsonl", {"messages": turns})).items[0].text == "Q"


@pytest.mark.parametrize(
    ("row", "error", "message"),
    [
        ({"id": "1", "question": " "}, DataError, r"row 2, column 'question': empty"),
        ({"id": "0", "question": "Q?"}, DataError, r"row 2, column 'id': '0' is there twice in en"),
        ({"id": "1", "question": "Q?", "lang": "xx"}, DataError, r"row 2, column 'lang': 'xx' is no language"),
    ],
)
def test_an_error_names_file_row_and_column(
    tmp_path: Path, row: dict[str, object], error: type[Exception], message: str
) -> None:
    path = write(tmp_path / "bad.jsonl", {"id": "0", "question": "Q?", "lang": "en"}, row)
    with pytest.raises(error, match=rf"bad\.jsonl, {message}"):
        read_set(path)


def test_what_cannot_be_a_set_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file or folder"):
        read_set(tmp_path / "absent")
    with pytest.raises(ConfigError, match="has no file that can be read"):
        read_set(tmp_path)
    path = write(tmp_path / "odd.jsonl", {"left": "1"})
    with pytest.raises(ConfigError, match=r"none of the usual columns for the question; it has left"):
        read_set(path)
    with pytest.raises(ConfigError, match=r"has no column 'q' \(question\)"):
        read_set(path, SetColumns(question="q"))
    path.write_text("")
    with pytest.raises(DataError, match="has no rows"):
        read_set(path)


def test_a_set_of_ours_is_its_languages(tmp_path: Path) -> None:
    """Rejects are no items of a set, and `parallel` holds the same items again."""
    rows = [{"item_id": "a-1", "question": "How many hens are there?", "answer": "3"}]
    for name in ("en/test.jsonl", "sw/test.jsonl", "level-1/test.jsonl", "parallel/test.jsonl"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    (tmp_path / "rejects").mkdir()
    (tmp_path / "rejects" / "sw.jsonl").write_text('{"attempts": []}', encoding="utf-8")
    (tmp_path / "build.json").write_text("{}", encoding="utf-8")
    found = read_set(tmp_path)
    assert [(item.item_id, item.lang) for item in found.items] == [("a-1", "en"), ("a-1", "sw")]
