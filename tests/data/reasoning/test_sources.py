"""Sources in their published layouts, and the one line that says what is wrong with a file."""

import json
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from xleval.data.reasoning.source_items import final_answer
from xleval.data.reasoning.sources import read_source
from xleval.data.rows import read_rows
from xleval.errors import ConfigError, DataError


def write_jsonl(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def test_gsm8k_is_numbered_as_mgsm(shared_data: Path) -> None:
    source = read_source("gsm8k", folder=shared_data / "gsm8k")
    assert (source.name, len(source.items), source.licence, source.origin) == ("gsm8k", 1319, "MIT", "test.jsonl")
    mgsm = read_rows(shared_data / "mgsm" / "mgsm_en.tsv")
    for item, row in zip(source.items, mgsm, strict=False):
        assert item.item_id == f"gsm8k-test-{row.number}"
        assert item.question.replace("\u2019", "'").split() == str(row.values["1"]).replace("\u2019", "'").split()
        assert item.answer.replace(",", "") == str(row.values["2"]).replace(",", "")
    first = source.items[0]
    assert first.answer == "18"
    assert first.solution.endswith("#### 18")
    assert "<<16-3-4=9>>" in first.solution


def test_the_training_set_is_found_by_its_split(shared_data: Path) -> None:
    source = read_source("gsm8k", folder=shared_data / "gsm8k", split="train", limit=20)
    assert [item.item_id for item in source.items][-1] == "gsm8k-train-20"
    assert source.items[0].groups == {"split": "train"}


def test_gsm8k_in_the_layout_of_the_hub(shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [json.loads(line) for line in (shared_data / "gsm8k" / "test.jsonl").read_text("utf-8").splitlines()]
    for config in ("main", "socratic"):
        (tmp_path / "gsm8k" / config).mkdir(parents=True)
        parquet.write_table(
            pa.Table.from_pylist(rows[:9] if config == "main" else rows[:2]),
            tmp_path / "gsm8k" / config / "test-00000-of-00001.parquet",
        )
    monkeypatch.setenv("XLEVAL_DATA", str(tmp_path))
    source = read_source("gsm8k")
    assert source.origin == "main/test-00000-of-00001.parquet"
    assert source.items == read_source("gsm8k", folder=shared_data / "gsm8k", limit=9).items


def test_simplerl_has_maths_own_levels(shared_data: Path) -> None:
    """Figures: counted with pyarrow 26.0.1 on the published file, 2026-11-21. Two rows of level 5 have no answer, one repeats another."""
    source = read_source("simplerl", folder=shared_data / "simplerl_zoo")
    assert len(source.items) == 8523 - len(source.left_out) == 8520
    levels = [item.groups["level"] for item in source.items]
    assert {level: levels.count(level) for level in set(levels)} == {"3": 2514, "4": 2648, "5": 3361 - 3}
    reasons = {each.item_id: each.reason for each in source.left_out}
    assert reasons["simplerl-train-5055"] == "row 5055, column 'reward_model.ground_truth': empty, or not a text"
    assert reasons["simplerl-train-4008"] == "question and answer of simplerl-train-1770"
    assert source.items[0].item_id == "simplerl-train-1"
    assert (source.items[0].answer, source.items[0].groups["subject"]) == ("118", "Intermediate Algebra")


def test_verl_rows_without_a_question_column(shared_data: Path) -> None:
    source = read_source("simplerl", folder=shared_data / "simplerl_zoo", split="test")
    assert len(source.items) == 500
    assert source.items[0].answer == "-2 + 7i"
    assert source.items[0].question.startswith(r"A $90^\circ$ rotation around the origin")
    assert source.items[0].solution.endswith(r"= \boxed{-2 + 7i}.$")


def test_math500(shared_data: Path) -> None:
    source = read_source("math500", folder=shared_data / "math500")
    assert len(source.items) == 500
    assert source.items[0].answer == r"\left( 3, \frac{\pi}{2} \right)"
    assert source.items[0].groups == {
        "level": "2", "subject": "Precalculus", "split": "test", "source_id": "test/precalculus/807.json",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("so 3 * <<3*4=12>>12\n#### 12", "12"),
        ("#### 70,000", "70,000"),
        (r"first \boxed{1}, then $\boxed{\frac{1}{2}}$.", r"\frac{1}{2}"),
        (r"$\boxed 7$", "7"),
        (r"\boxed{\{1, 2\}}", r"\{1, 2\}"),
        ("18.0", "18.0"),
        ("nothing follows ####  ", None),
        (r"open \boxed{1", None),
    ],
)
def test_final_answers(text: str, answer: str | None) -> None:
    assert final_answer(text) == answer


def test_layouts_of_local_files_give_the_same_items(tmp_path: Path) -> None:
    rows = [{"query": 'Ana, "the\n3rd", has 2?', "response": "8.0"}, {"query": "Tab\there?", "response": "70,000"}]
    written = {
        "jsonl": write_jsonl(tmp_path / "a.jsonl", *rows),
        "json": tmp_path / "b.json",
        "csv": tmp_path / "c.csv",
    }
    written["json"].write_text('{"data": [{"query": "Ana, \\"the\\n3rd\\", has 2?", "response": 8.0}, '
                               '{"query": "Tab\\there?", "response": "70,000"}]}', encoding="utf-8")  # fmt: skip
    written["csv"].write_bytes(
        b'\xef\xbb\xbfquery,response\r\n"Ana, ""the\n3rd"", has 2?",8.0\r\nTab\there?,"70,000"\r\n'
    )
    written["parquet"] = tmp_path / "d.parquet"
    parquet.write_table(pa.Table.from_pylist(rows), written["parquet"])
    for ending, path in written.items():
        items = read_source(str(path)).items
        assert [(item.question, item.answer) for item in items] == [tuple(row.values()) for row in rows], ending
        assert [item.item_id for item in items] == [f"{path.stem}-1", f"{path.stem}-2"]


def test_named_columns_and_identifiers(tmp_path: Path) -> None:
    path = write_jsonl(
        tmp_path / "My set.jsonl", {"meta": {"q": "Two and 2?", "key": "k7"}, "a": 4, "why": "2 + 2 = 4"}
    )
    source = read_source(
        str(path), question_column="meta.q", answer_column="a", id_column="meta.key", solution_column="why"
    )
    assert source.name == "my-set"
    (item,) = source.items
    assert (item.item_id, item.question, item.answer, item.solution) == ("k7", "Two and 2?", "4", "2 + 2 = 4")


def test_one_line_says_file_row_and_column(tmp_path: Path) -> None:
    good = {"question": "One?", "answer": "1"}
    cases: list[tuple[Path, type[Exception], str]] = [
        (write_jsonl(tmp_path / "empty.jsonl", good, {"question": " ", "answer": "2"}), DataError,
         r"empty\.jsonl, row 2, column 'question': empty"),
        (write_jsonl(tmp_path / "null.jsonl", good, {"question": "Two?", "answer": None}), DataError,
         r"null\.jsonl, row 2, column 'answer': empty"),
        (write_jsonl(tmp_path / "columns.jsonl", {"frage": "Eins?", "answer": "1"}), ConfigError,
         r"columns\.jsonl has none of the usual columns for the question; it has frage, answer"),
        (write_jsonl(tmp_path / "twice.jsonl", {**good, "item_id": "a"}, {"question": "2?", "answer": "2", "item_id": "a"}),
         DataError, r"twice\.jsonl, row 2, column 'item_id': 'a' is the identifier of row 1"),
        (write_jsonl(tmp_path / "clash.jsonl", good, {**good, "answer": "2"}), DataError,
         r"clash\.jsonl, row 2, column 'question': the question of row 1, but the answer '2' instead of '1'"),
        (write_jsonl(tmp_path / "list.jsonl", good, ["x"]), DataError, r"list\.jsonl, line 2: a JSON list"),
        (write_jsonl(tmp_path / "none.jsonl"), DataError, r"none\.jsonl has no rows"),
        (tmp_path / "absent.jsonl", DataError, r"absent\.jsonl does not exist"),
    ]  # fmt: skip
    for name, content, message in (
        ("latin.jsonl", b'{"question": "a?", "answer": "1"}\n{"question": "caf\xe9?", "answer": "1"}\n', "latin.jsonl, line 2: byte 18 is not UTF-8"),
        ("broken.jsonl", b'{"question": "a?", "answer": "1"}\n{"question": \n', "broken.jsonl, line 2: not JSON"),
        ("fields.csv", b"question,answer\na?,1\nb?,1,2\n", "fields.csv, row 2: 3 fields; 2 are needed"),
        ("fake.parquet", b"PAR1 no", "fake.parquet is not readable as Parquet"),
    ):  # fmt: skip
        (tmp_path / name).write_bytes(content)
        cases.append((tmp_path / name, DataError, message))
    for path, error, message in cases:
        with pytest.raises(error, match=message) as caught:
            read_source(str(path))
        assert "\n" not in str(caught.value)


def test_wrong_usage_names_what_there_is(shared_data: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"unknown source 'gsm8'\. Did you mean gsm8k"):
        read_source("gsm8")
    with pytest.raises(ConfigError, match="at least 1 is needed"):
        read_source("gsm8k", folder=shared_data / "gsm8k", limit=0)
    with pytest.raises(DataError, match=r"no file of the split test or train .*found: .*mgsm_en\.tsv"):
        read_source(str(shared_data / "mgsm"))
    path = write_jsonl(tmp_path / "set.jsonl", {"question": "One?", "answer": "1"})
    with pytest.raises(ConfigError, match=r"has no column 'antwort' .answer.; it has question, answer"):
        read_source(str(path), answer_column="antwort")


def test_a_repetition_is_left_out_and_named(tmp_path: Path) -> None:
    row = {"question": "One?", "answer": "1"}
    source = read_source(str(write_jsonl(tmp_path / "set.jsonl", row, {"question": "Two?", "answer": "2"}, row)))
    assert [item.item_id for item in source.items] == ["set-1", "set-2"]
    assert [(each.item_id, each.reason) for each in source.left_out] == [("set-3", "question and answer of set-1")]


def test_fingerprint_follows_the_bytes(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "set.jsonl", {"question": "One?", "answer": "1"})
    before = read_source(str(path)).fingerprint
    assert read_source(str(path)).fingerprint == before
    path.write_text(path.read_text("utf-8") + "\n", encoding="utf-8")
    assert read_source(str(path)).fingerprint != before


def test_a_set_of_the_hub_is_read_at_the_commit_that_is_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hub's client is replaced: it cannot be reached here. What is tested is what we ask it and what we keep."""
    hub = pytest.importorskip("huggingface_hub")
    write_jsonl(tmp_path / "train.jsonl", {"problem": "One?", "final_answer": "1"})
    asked: dict[str, object] = {}

    class Api:
        def dataset_info(self, repo: str, revision: str | None) -> object:
            asked["info"] = (repo, revision)
            return type("Info", (), {"sha": "c0ffee"})()

    def download(repo: str, **options: object) -> str:
        asked["download"] = (repo, options["revision"], options["repo_type"])
        return str(tmp_path)

    monkeypatch.setattr(hub, "HfApi", Api)
    monkeypatch.setattr(hub, "snapshot_download", download)
    source = read_source("someone/word-problems@v1")
    assert asked == {
        "info": ("someone/word-problems", "v1"), "download": ("someone/word-problems", "c0ffee", "dataset"),
    }  # fmt: skip
    assert source.origin == "hub:someone/word-problems@c0ffee: train.jsonl"
    assert [(item.item_id, item.answer) for item in source.items] == [("word-problems-train-1", "1")]
