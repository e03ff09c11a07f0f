"""What can be read: our folder, plain multiple choice in three formats, and one clear error for what cannot."""

import json
import shutil
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from xleval.errors import DataError
from xleval.polyfact.lint import lint
from xleval.polyfact.lint.reader import LintSet

PLAIN = {"id": "a1", "question": "What is two and two?", "choices": ["three", "four", "five"], "answer": 1}


def write(path: Path, *records: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
    return path


def test_our_folder_is_read_from_parallel_or_from_the_languages(embedded_set: Path, tmp_path: Path):
    whole = LintSet(embedded_set)
    flat = tmp_path / "flat"
    for lang in whole.languages:
        shutil.copytree(embedded_set / lang, flat / lang)
    by_language = LintSet(flat)
    assert set(by_language.languages) == set(whole.languages)
    for lang in ("en", "zh"):
        one, other = whole.rows(lang), by_language.rows(lang)
        assert [(r.item_id, r.question, r.options, r.option_ids, r.gold, r.subject, r.split) for r in one] == [
            (r.item_id, r.question, r.options, r.option_ids, r.gold, r.subject, r.split) for r in other
        ]
    sizes = {path.stem: parquet.read_metadata(path).num_rows for path in (embedded_set / "parallel").iterdir()}
    assert Counter(row.split for row in whole.rows("sw")) == sizes
    assert sizes.keys() > {"train", "validation", "test", "test_unseen_object"}


def test_configs_beside_the_main_one_are_read_when_they_are_named(tmp_path: Path):
    for config, name in (("", "en"), ("leaky", "en"), ("attested-A", "en")):
        write(tmp_path / config / f"{name}.jsonl", {**PLAIN, "id": config or "main"})
    assert [row.item_id for row in LintSet(tmp_path).rows("en")] == ["main"]
    assert [row.item_id for row in LintSet(tmp_path, config="leaky").rows("en")] == ["leaky"]
    with pytest.raises(DataError, match=r"no config 'recent'; it has attested-A, leaky"):
        LintSet(tmp_path, config="recent")
    assert lint(tmp_path, config="leaky").target == str(tmp_path / "leaky")


@pytest.mark.parametrize(
    ("fields", "gold"),
    [
        ({"answer": 1}, 1), ({"answer": "B"}, 1), ({"answer": "(c)"}, 2), ({"answer": "four"}, 1), ({"gold": "2"}, 2),
        ({"label": 0}, 0), ({"answer": 3}, -1), ({"answer": -1}, -1), ({"answer": 99}, -1), ({"target": 1.0}, 1),
        ({"choices": {"text": ["three", "four"], "label": ["1", "2"]}, "answerKey": "2"}, 1),
        ({"options": {"A": "three", "B": "four"}, "answer": "B"}, 1),
        ({"option_a": "1", "option_b": "2", "option_c": "3", "option_d": "4", "answer": "D"}, 3),
    ],
)  # fmt: skip
def test_answers_are_read_as_sets_write_them(tmp_path: Path, fields: dict[str, object], gold: int):
    record = {
        key: value for key, value in PLAIN.items() if key != "answer" and not (key == "choices" and "options" in fields)
    }
    [row] = LintSet(write(tmp_path / "en.jsonl", {**record, **fields})).rows("en")
    assert row.gold == gold


def test_languages_come_from_columns_folders_and_file_names(tmp_path: Path):
    write(tmp_path / "a" / "sw" / "test.jsonl", PLAIN)
    write(tmp_path / "a" / "test_zh-CN.jsonl", PLAIN)
    write(tmp_path / "a" / "mixed.jsonl", {**PLAIN, "language": "de"}, {**PLAIN, "language": "pt-br"})
    (tmp_path / "a" / "ru").mkdir()
    parquet.write_table(pa.Table.from_pylist([PLAIN]), tmp_path / "a" / "ru" / "x.parquet")
    (tmp_path / "a" / "all.json").write_text(json.dumps({"items": [{**PLAIN, "lang": "fr"}]}), encoding="utf-8")
    opened = LintSet(tmp_path / "a")
    assert set(opened.languages) == {"sw", "zh", "de", "pt", "ru", "fr"}
    assert all(len(opened.rows(lang)) == 1 for lang in opened.languages)
    assert opened.rows("sw")[0].split == "test"
    some = LintSet(tmp_path / "a", ("sw", "ru"))
    assert some.languages == ("sw", "ru")
    assert "language de: not asked for" in some.skipped


def test_plain_multiple_choice_is_audited(tmp_path: Path):
    good = [
        {
            **PLAIN,
            "id": f"a{i}",
            "question": f"What is {i} and {i}?",
            "choices": [f"{2 * i - 1}x", f"{2 * i}x", f"{2 * i + 1}x"],
        }
        for i in range(30, 40)
    ]
    bad = {
        **PLAIN,
        "id": "b",
        "question": "Is four what two and two is?",
        "choices": ["three", "four", "four"],
        "answer": 7,
    }
    report = lint(write(tmp_path / "en.jsonl", *good, bad))
    assert report.counts[31]["en"].found == 1
    assert report.counts[32]["en"].found == 1
    assert "Q-ids" in report.not_checked[20]


BROKEN = [
    ([{"question": "?", "answer": 0}], ["en.jsonl row 1", "'choices'"]),
    ([PLAIN, {"choices": ["a", "b"], "answer": 0}], ["en.jsonl row 2", "'question'"]),
    ([PLAIN, {"question": "?", "choices": ["a", "b"]}], ["en.jsonl row 2", "'answer'"]),
    ([PLAIN, {**PLAIN, "answer": "maybe"}], ["en.jsonl row 2", "column answer", "'maybe'"]),
    ([PLAIN, {**PLAIN, "answer": None}], ["en.jsonl row 2", "column answer", "None"]),
    ([{**PLAIN, "choices": ["a", 7]}], ["en.jsonl row 1", "column choices", "7"]),
    ([{**PLAIN, "question": 5}], ["en.jsonl row 1", "column question"]),
    ([{**PLAIN, "language": "tlh"}], ["en.jsonl row 1", "tlh", "--langs"]),
    ([[1, 2]], ["en.jsonl row 1", "list"]),
]


@pytest.mark.parametrize(("records", "named"), BROKEN)
def test_a_record_that_cannot_be_read_is_one_error_with_file_row_and_column(
    tmp_path: Path, records: list[object], named: list[str]
):
    with pytest.raises(DataError) as error:
        lint(write(tmp_path / "en.jsonl", *records))
    assert all(part in str(error.value) for part in named), str(error.value)
    assert "\n" not in str(error.value)


def test_files_that_cannot_be_read_are_named(tmp_path: Path):
    (tmp_path / "en.jsonl").write_bytes(json.dumps(PLAIN).encode() + b'\n{"question": "\xff"}\n')
    with pytest.raises(DataError, match=r"en\.jsonl row 2: byte 15 is not UTF-8"):
        lint(tmp_path)
    (tmp_path / "en.jsonl").unlink()
    (tmp_path / "en.parquet").write_bytes(b"PAR1 no")
    with pytest.raises(DataError, match=r"en\.parquet is not readable as Parquet"):
        lint(tmp_path)
    with pytest.raises(DataError, match="holds no"):
        lint(write(tmp_path / "empty" / "notes.txt").parent)
    with pytest.raises(DataError, match="does not say its language"):
        lint(write(tmp_path / "x" / "set.jsonl", PLAIN))


def test_bad_utf8_in_parquet_is_found_by_row_and_column(tmp_path: Path):
    bad = pa.Array.from_buffers(
        pa.string(),
        2,
        [None, pa.py_buffer(b"\x00\x00\x00\x00\x02\x00\x00\x00\x04\x00\x00\x00"), pa.py_buffer(b"ok\xff\xfe")],
    )
    table = pa.table({"question": bad, "choices": pa.array([["a", "b"]] * 2), "answer": [0, 1]})
    parquet.write_table(table, tmp_path / "en.parquet")
    with pytest.raises(DataError, match=r"en\.parquet row 2 column question is not UTF-8"):
        lint(tmp_path)


def test_a_language_that_is_not_there_is_an_error(embedded_set: Path):
    with pytest.raises(DataError, match="has no ko"):
        lint(embedded_set, languages=("en", "ko"))
