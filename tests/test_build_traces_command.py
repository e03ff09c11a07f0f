"""`xleval build-traces` with a teacher behind a server on the loopback whose every completion is planned."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

pytest.importorskip("httpx")
pytest.importorskip("tenacity")
pytest.importorskip("lingua")

from tests.data.reasoning.list_translator import PROBLEMS
from tests.data.reasoning.pair_texts import write_rows
from tests.evalkit.test_openai import KEY, FaultServer, Handler, models
from tests.test_cli import fails, xleval
from xleval.evalkit.backends import openai_http
from xleval.evalkit.requests import request_seed

CHAT = "/v1/chat/completions"
ES = "Primero contamos todo con calma y después hacemos la cuenta paso a paso. La respuesta es {}."
AR = "نحسب أولاً كل شيء بهدوء ثم نجري العملية خطوة بخطوة حتى نصل إلى الناتج. الجواب هو {}."
EN = "First we count everything calmly and then we work the sum out step by step. The answer is {}."
RIGHT, WRONG, LOST = [row[3] for row in PROBLEMS], "7777", "500"
#: What the teacher writes: by language and problem (from 1) the completions in the order of drawing.
PLAN = {
    ("es", 1): (ES.format(WRONG), ES.format(RIGHT[0])),
    ("es", 2): (EN.format(RIGHT[1]), ES.format(RIGHT[1]) + " cut"),  # cut at the limit: see `_reply`
    ("es", 3): (ES.format(RIGHT[2]), ES.format(RIGHT[2]).replace("Primero", "Al principio")),
    ("es", 4): (LOST, ES.format(WRONG)),
    ("ar", 1): (AR.format(WRONG), AR.format(WRONG)),
    ("ar", 2): (AR.format(RIGHT[1]), AR.format(RIGHT[1])),
    ("ar", 3): (EN.format(RIGHT[2]), AR.format(RIGHT[2])),
    ("ar", 4): (AR.format(RIGHT[3]), AR.format(RIGHT[3])),
}
COLUMN = {"es": 1, "ar": 2}


class Teacher(FaultServer):
    """Gives out `PLAN`; `healed`: what was lost is answered; `asked`: keys of the requests, in the order of arrival."""

    def __init__(self) -> None:
        super().__init__()
        self.healed = False
        self.asked: list[tuple[str, int, int]] = []
        self.replies["/v1/models"] = [models("tiny")]
        self.replies[CHAT] = [self._reply]

    def _reply(self, handler: Handler, body: dict[str, Any]) -> None:
        text = body["messages"][-1]["content"]
        lang, place = next(
            (lang, place)
            for lang, column in COLUMN.items()
            for place, row in enumerate(PROBLEMS, start=1)
            if row[column] in text
        )
        seeds = [request_seed(0, f"gsm8k/{lang}/p{place}/{index}") for index in (0, 1)]
        index = seeds.index(body["seed"])
        self.asked.append((lang, place, index))
        planned = PLAN[lang, place][index]
        if planned == LOST and not self.healed:
            return handler.send(500, {"error": {"message": "out of memory"}})
        said = ES.format(RIGHT[place - 1]) if planned == LOST else planned
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": said},
            "finish_reason": "length" if said.endswith("cut") else "stop",
        }
        handler.send(200, {"choices": [choice], "usage": {"completion_tokens": 20}})


@pytest.fixture
def teacher(monkeypatch: pytest.MonkeyPatch) -> Iterator[Teacher]:
    monkeypatch.setattr(openai_http, "FIRST_WAIT_S", 0.001)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.delenv("XLEVAL_DATA", raising=False)
    server = Teacher()
    yield server
    server.close()


@pytest.fixture
def problems(tmp_path: Path) -> Path:
    for lang, column in COLUMN.items():
        rows = [
            {"item_id": f"p{place}", "question": row[column], "answer": row[3]}
            for place, row in enumerate(PROBLEMS[:4], start=1)
        ]
        write_rows(tmp_path / "problems" / lang / "train.jsonl", rows)
    return tmp_path / "problems"


def build(teacher: Teacher, problems: Path, out: Path, *more: object) -> Result:
    return xleval("build-traces", "--teacher", "openai:tiny", "--from", problems, "--langs", "es,ar", "--out", out,
                  "--samples", 2, "--model-args", f"base_url={teacher.url},retries=1", *more)  # fmt: skip


def rows_of(out: Path, lang: str) -> list[dict[str, Any]]:
    from pyarrow import parquet

    found: list[dict[str, Any]] = parquet.ParquetFile(out / lang / "train.parquet").read().to_pylist()
    return found


def rejects_of(out: Path, lang: str) -> list[tuple[str, int, str]]:
    rows = [json.loads(line) for line in (out / "rejects" / f"{lang}.jsonl").read_text("utf-8").splitlines()]
    return [(row["item_id"], row["sample_index"], row["reason"]) for row in rows]


def test_right_finished_traces_in_the_language_are_kept(teacher: Teacher, problems: Path, tmp_path: Path) -> None:
    out = tmp_path / "traces"
    result = build(teacher, problems, out)
    assert result.exit_code == 3, result.output
    assert "1 completion is unscored: counted apart" in result.stderr
    assert [(row["item_id"], row["sample_index"], row["n_correct"], row["n_samples"]) for row in rows_of(out, "es")] == [
        ("p1", 1, 1, 2), ("p3", 0, 2, 2),
    ]  # fmt: skip
    assert [row["trace"] for row in rows_of(out, "es")] == [PLAN["es", 1][1], PLAN["es", 3][0]]
    assert rejects_of(out, "es") == [
        ("p1", 0, "wrong"), ("p2", 0, "language"), ("p2", 1, "truncated"), ("p4", 0, "unscored"), ("p4", 1, "wrong"),
    ]  # fmt: skip
    assert [row["item_id"] for row in rows_of(out, "ar")] == ["p2", "p3", "p4"]
    first = rows_of(out, "ar")[0]
    assert (first["question"], first["answer"], first["task"], first["language"]) == (
        PROBLEMS[1][2],
        "31",
        "gsm8k",
        "ar",
    )
    assert first["target_share"] == 1
    assert "es 50.0%, ar 75.0%" in (out / "README.md").read_text("utf-8")


def test_what_was_lost_is_asked_again_alone(teacher: Teacher, problems: Path, tmp_path: Path) -> None:
    out = tmp_path / "traces"
    build(teacher, problems, out)
    teacher.healed = True
    teacher.asked.clear()
    result = build(teacher, problems, out, "--resume", "--json")
    assert result.exit_code == 0, result.output
    assert teacher.asked == [("es", 4, 0)]
    assert json.loads(result.stdout)["funnel"]["es"]["kept"] == 3
    assert [row["item_id"] for row in rows_of(out, "es")] == ["p1", "p3", "p4"]
    teacher.asked.clear()
    assert build(teacher, problems, out, "--resume").exit_code == 0
    assert teacher.asked == []


def test_a_killed_build_goes_on_to_the_same_bytes(teacher: Teacher, problems: Path, tmp_path: Path) -> None:
    teacher.healed = True
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    assert build(teacher, problems, whole).exit_code == 0
    journal = sorted((whole / "teacher" / "journal.jsonl").read_bytes().splitlines(keepends=True))
    for name in ("build.json", "teacher/run.json"):
        manifest = json.loads((whole / name).read_text("utf-8"))
        (broken / name).parent.mkdir(parents=True, exist_ok=True)
        (broken / name).write_text(json.dumps({**manifest, "finished": False}), "utf-8")
    (broken / "teacher" / "journal.jsonl").write_bytes(b"".join(journal[:3]) + journal[4][:30])
    teacher.asked.clear()
    result = build(teacher, problems, broken, "--resume")
    assert result.exit_code == 0, result.output
    assert len(teacher.asked) == 16 - 3  # 4 problems, 2 languages, 2 samples; three were in the journal
    names = ["es/train.parquet", "ar/train.parquet", "rejects/es.jsonl", "rejects/ar.jsonl", "README.md", "build.json"]
    for name in names:
        assert (broken / name).read_bytes() == (whole / name).read_bytes(), name


def test_parallel_keeps_what_has_a_trace_in_every_language(teacher: Teacher, problems: Path, tmp_path: Path) -> None:
    result = build(teacher, problems, tmp_path / "traces", "--parallel")
    assert result.exit_code == 3, result.output
    assert [row["item_id"] for row in rows_of(tmp_path / "traces", "es")] == ["p3"]
    assert [row["item_id"] for row in rows_of(tmp_path / "traces", "ar")] == ["p3"]


def test_sft_and_datasets_read_the_traces(teacher: Teacher, problems: Path, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    from xleval.training.config.schema import DataConfig, PromptConfig
    from xleval.training.sets.answer_rows import answer_rows

    out = tmp_path / "traces"
    build(teacher, problems, out)
    loaded = datasets.load_dataset(str(out), "ar", cache_dir=str(tmp_path / "cache"))
    assert loaded["train"]["item_id"][:] == ["p2", "p3", "p4"]
    data = DataConfig(source=str(out), langs=("ar",), order="as-is")
    rows = answer_rows(data, PromptConfig(), has_chat_template=True, seed=0)
    assert [(row.item_id, row.answer) for row in rows] == [
        (f"p{place}", AR.format(RIGHT[place - 1])) for place in (2, 3, 4)
    ]
    assert PROBLEMS[1][2] in str(rows[0].prompt)


def test_problems_of_test_sets_are_refused_or_left_out(teacher: Teacher, tmp_path: Path) -> None:
    arguments = (
        "build-traces",
        "--teacher",
        "mock:tiny",
        "--from",
        "sample",
        "--langs",
        "es",
        "--out",
        tmp_path / "out",
    )
    fails(2, "25 problems are test items (25 of sample), such as s01, s02, s03", *arguments)
    fails(2, "nothing to run", *arguments, "--drop-overlap")
    fails(2, "give one of the two", *arguments, "--drop-overlap", "--allow-overlap")
    result = xleval(*arguments, "--allow-overlap", "--limit", 2, "--samples", 1)
    assert result.exit_code == 1  # the mock model solves nothing
    assert re.search(r"no trace is kept of 2 completions \(.*\)\. See .*rejects, and give", result.stderr)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--cot", "direct"), "traces are solutions"),
        (("--min-share", 0), "--min-share is 0"),
        (("--limit", 0), "--limit is 0"),
        (("--columns", "question"), "is not NAME=COLUMN"),
        (("--columns", "quesion=text"), "unknown column in --columns 'quesion'. Did you mean question"),
        (("--seed", -1), "-1 is not in the range x>=0"),
        (("--gen", "temperature=0"), "the same completion 2 times"),
    ],
)
def test_wrong_usage_is_one_line(
    teacher: Teacher, problems: Path, tmp_path: Path, more: tuple[object, ...], said: str
) -> None:
    result = build(teacher, problems, tmp_path / "out", *more)
    assert result.exit_code == 2, result.output
    assert said in result.stderr.strip().splitlines()[-1]
    assert teacher.asked == []


def test_facts_have_no_traces(embedded_set: Path, tmp_path: Path) -> None:
    fails(
        2, "which wants a short answer and no solution", "build-traces", "--teacher", "mock:tiny", "--from", embedded_set,
        "--langs", "es", "--out", tmp_path / "out", "--allow-overlap",
    )  # fmt: skip
