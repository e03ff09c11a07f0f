"""Loaders of the mathematics tasks on the published files beside the project, and on rows of our own."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from xleval.errors import ConfigError, DataError
from xleval.evalkit.requests import GenerateRequest, Sampling
from xleval.evalkit.samples import Sample
from xleval.evalkit.task import TaskItem, TaskOptions, load_task
from xleval.tasks import TASKS, gsm8k, math500, mgsm, mmath, msvamp, polymath, xreasoning


def test_mgsm_as_published(shared_data: Path) -> None:
    items = mgsm.load(shared_data / "mgsm", ["sw", "zh", "ko"])
    assert {lang: len(found) for lang, found in items.items()} == {"sw": 250, "zh": 250}
    # The first answer, read in mgsm_en.tsv.
    assert items["sw"][0].gold == items["zh"][0].gold == "18"
    assert [item.item_id for item in items["sw"]] == [item.item_id for item in items["zh"]]
    assert all(a.gold == b.gold for a, b in zip(items["sw"], items["zh"], strict=True))


def test_mgsm_takes_the_corrected_files_where_they_are(tmp_path: Path) -> None:
    (tmp_path / "mgsm_en.tsv").write_text("old question\t3\n", encoding="utf-8")
    assert mgsm.edition(tmp_path) == "original"
    with pytest.raises(
        DataError, match=r"holds no MGSM-Rev2: needed are mgsm_LANG\.tsv beside replaced_questions\.json"
    ):
        mgsm.load(tmp_path, ["en"], version="rev2")
    corrected = tmp_path / "MGSM-Rev2"
    corrected.mkdir()
    (corrected / "replaced_questions.json").write_text("{}")
    (corrected / "mgsm_en.tsv").write_text("new question\t3\n", encoding="utf-8")
    assert mgsm.edition(tmp_path) == "rev2"
    for name, question in (("mgsm", "new question"), ("mgsm_rev2", "new question"), ("mgsm_original", "old question")):
        loaded = load_task(TASKS[name], tmp_path, ["en"], None)
        assert loaded.items["en"][0].question == question
        assert loaded.edition == ("original" if question.startswith("old") else "rev2")


def test_mgsm_examples_fit_the_mode(shared_data: Path) -> None:
    loaded = load_task(TASKS["mgsm"], shared_data / "mgsm", ["fr"], 1, shots=1)
    [item], shots = loaded.items["fr"], loaded.shots["fr"]

    def prompt(cot: str) -> str:
        request = TASKS["mgsm"].request(item, "fr", TaskOptions(cot=cot), shots)
        assert isinstance(request, GenerateRequest)
        assert isinstance(request.prompt, str)
        return request.prompt

    native, english, direct = prompt("native"), prompt("english"), prompt("direct")
    assert native.startswith("Question : Roger a 5 balles de tennis.")
    assert "La réponse est 11." in native
    assert "Step-by-step answer: Roger started with 5 balls." in english
    assert english.endswith("Step-by-step answer:")
    assert "\nRéponse : 11\n\n" in direct
    assert direct.endswith("Réponse :")


def test_the_language_of_the_solution_is_asked_for(tmp_path: Path) -> None:
    """The conversation names the language, and the language that was asked for is what shares are counted against."""
    item = TaskItem(item_id="1", question="몇 개입니까?", gold="3")
    for cot, words, lang in (
        ("native", "한국어로", "ko"),
        ("english", "step by step in English", "en"),
        ("direct", "숫자", "ko"),
    ):
        options = TaskOptions(cot=cot, chat=True)
        request = TASKS["mgsm"].request(item, "ko", options, ())
        assert isinstance(request, GenerateRequest)
        assert words in request.prompt[-1].content  # type: ignore[union-attr]
        assert options.requested_language("ko") == lang
    with pytest.raises(ConfigError, match=r"unknown chain-of-thought mode 'englsh'\. Did you mean english"):
        TaskOptions(cot="englsh")


def test_gsm8k_as_published_and_in_korean(shared_data: Path) -> None:
    english = gsm8k.load(shared_data / "gsm8k", ["en", "ko"])
    assert list(english) == ["en"]
    assert len(english["en"]) == 1319
    both = gsm8k.load(shared_data / "gsm8k_ko", ["en", "ko"])
    assert [(a.item_id, a.gold, a.question) for a in both["en"]] == [
        (a.item_id, a.gold, a.question) for a in english["en"]
    ]
    assert [item.gold for item in both["ko"]] == [item.gold for item in english["en"]]
    assert not any(set("abcdefghijklmnopqrstuvwxyz") <= set(item.question) for item in both["ko"])
    # MGSM's English problems are the first 250 of this test (data/README.md).
    questions = [item.gold for item in mgsm.load(shared_data / "mgsm", ["en"])["en"]]
    assert questions == [item.gold for item in english["en"][:250]]


def test_msvamp_lines_agree_across_languages(shared_data: Path, tmp_path: Path) -> None:
    items = msvamp.load(shared_data / "msvamp", ["en", "sw", "th", "ko"])
    assert {lang: len(found) for lang, found in items.items()} == {"en": 1000, "sw": 1000, "th": 1000}
    assert items["sw"][0].gold == "8"  # 18 - 10
    rows = [
        {"query": "one", "m_query": "moja", "response": "1.0"},
        {"query": "two", "m_query": "mbili", "response": "2.0"},
    ]
    for name, order in (("Swahili", rows), ("German", rows[::-1])):
        (tmp_path / f"test_{name}.json").write_text("\n".join(map(json.dumps, order)), encoding="utf-8")
    with pytest.raises(DataError, match=r"German\.json, row 1 is another problem than .*Swahili\.json, row 1"):
        msvamp.load(tmp_path, ["sw", "de"])


def test_polymath_levels_alternate(shared_data: Path) -> None:
    items = polymath.load(shared_data / "polymath", ["en", "sw", "ko", "uk"])
    assert {lang: len(found) for lang, found in items.items()} == {"en": 500, "sw": 500, "ko": 500}
    assert [item.groups["level"] for item in items["sw"][:5]] == ["low", "medium", "high", "top", "low"]
    assert [item.item_id for item in items["sw"]] == [item.item_id for item in items["ko"]]
    low = [item.gold for item in items["en"] if item.groups["level"] == "low"]
    assert low == [item.gold for item in mgsm.load(shared_data / "mgsm", ["en"])["en"][:125]]


def test_polymath_needs_every_level(tmp_path: Path) -> None:
    (tmp_path / "ko").mkdir()
    (tmp_path / "ko" / "low.jsonl").write_text('{"id": "low-ko-0", "question": "q", "answer": "1"}\n', encoding="utf-8")
    with pytest.raises(DataError, match="lacks medium, high, top"):
        polymath.load(tmp_path, ["ko"])


def test_math500_as_published(shared_data: Path) -> None:
    [items] = math500.load(shared_data / "math500", ["en", "fr"]).values()
    assert len(items) == 500
    assert {item.groups["level"] for item in items} == {"1", "2", "3", "4", "5"}
    assert items[0].gold == r"\left( 3, \frac{\pi}{2} \right)"


def test_mmath_joins_languages_on_gid(tmp_path: Path) -> None:
    (tmp_path / "mmath").mkdir()

    def write(lang: str, answers: list[str]) -> None:
        rows = [
            {"question": f"{lang} {gid}", "answer": answer, "data_source": "aime2024", "data_source_id": gid, "lang": lang, "gid": gid}
            for gid, answer in enumerate(answers)
        ]  # fmt: skip
        (tmp_path / "mmath" / f"{lang}.json").write_text(json.dumps(rows[::-1]), encoding="utf-8")

    write("ko", ["204", "113"])
    write("fr", ["204", "113"])
    items = mmath.load(tmp_path, ["ko", "fr", "sw"])
    assert {lang: [(item.item_id, item.gold) for item in found] for lang, found in items.items()} == {
        lang: [("mmath-000", "204"), ("mmath-001", "113")] for lang in ("ko", "fr")
    }
    write("fr", ["204", "114"])
    with pytest.raises(DataError, match=r"fr\.json, row 1: gid 1 has the answer '114', but '113' in .*ko\.json, row 1"):
        mmath.load(tmp_path, ["ko", "fr"])


def test_xreasoning_reads_a_split_for_each_language(tmp_path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    (tmp_path / "data").mkdir()
    for lang in ("sw", "th"):
        rows = [{"problem": f"{lang}?", "answer": "\\boxed{C}"}]
        parquet.write_table(pa.Table.from_pylist(rows), tmp_path / "data" / f"{lang}-00000-of-00001.parquet")
    items = xreasoning.load(tmp_path, ["sw", "th", "en"], name="gpqa")
    assert {lang: [(item.item_id, item.question, item.gold) for item in found] for lang, found in items.items()} == {
        "sw": [("gpqa-001", "sw?", "C")], "th": [("gpqa-001", "th?", "C")],
    }  # fmt: skip
    assert TASKS["xreasoning_aime25"].samples == 16  # D7: mean@16 for sets under 100 items


def test_a_task_without_its_data_says_what_it_needs(tmp_path: Path) -> None:
    for name in ("mgsm", "gsm8k", "msvamp", "math500", "polymath", "mmath", "xreasoning_aime24"):
        with pytest.raises(DataError, match=f"{name} has no data here: --data {name}=DIR"):
            TASKS[name].load(None, ["en"])
        with pytest.raises(DataError, match=f"holds no {name} in en: needed is"):
            TASKS[name].load(tmp_path, ["en"])


def test_settings_that_the_user_does_not_name_are_the_tasks_own() -> None:
    user = TaskOptions(sampling=Sampling(temperature=0.3), named=("temperature",))
    found = user.for_task(TASKS["polymath"]).sampling
    assert (found.temperature, found.max_tokens) == (0.3, TASKS["polymath"].sampling.max_tokens)
    assert TaskOptions(sampling=Sampling(max_tokens=7)).for_task(TASKS["polymath"]).sampling.max_tokens == 7


def test_mgsm_of_the_hub_has_its_examples_in_the_train_split(tmp_path: Path) -> None:
    """Columns of juletxara/mgsm; labels as in its train split, rows written for this test."""
    for lang, label, solved, question, solution in (
        ("en", "Question: ", "Step-by-Step Answer: ", "What is 1 + 1?", "1 + 1 is 2. The answer is 2."),
        ("zh", "问题：", "逐步解答：", "一加一是几？", "1 + 1 = 2。答案是 2。"),
    ):
        (tmp_path / lang).mkdir()
        more = {"answer_number": 2, "equation_solution": "1 + 1 = 2."}
        worked = {"question": label + question, "answer": solved + solution, **more}
        test = {"question": question, "answer": None, **more}
        for split, row in (("train", worked), ("test", test)):
            table = pa.Table.from_pylist([row], schema=_MGSM_COLUMNS)
            pq.write_table(table, tmp_path / lang / f"{split}-00000-of-00001.parquet")
    loaded = load_task(TASKS["mgsm"], tmp_path, ["zh"], None, shots=1)
    assert loaded.items["zh"][0].gold == "2"
    [example] = loaded.shots["zh"]
    assert (example.question, example.gold) == ("一加一是几？", "2")
    assert (example.solution, example.english_solution) == ("1 + 1 = 2。答案是 2。", "1 + 1 is 2. The answer is 2.")


_MGSM_COLUMNS = pa.schema(
    {"question": pa.string(), "answer": pa.string(), "answer_number": pa.int32(), "equation_solution": pa.string()}
)


@pytest.mark.parametrize(("finish", "text", "prediction"), [
    ("stop", "5 + 6 = 11, 그리고 12", "12"), ("length", "5 + 6 = 11, 그리고 12", None), ("length", "답은 12입니다. 왜냐하면 5", "12"),
    ("length", "\\boxed{12} 그리고", "12"),
])  # fmt: skip
@pytest.mark.parametrize("name", ["mgsm", "polymath"])
def test_a_cut_completion_needs_a_stated_answer(name: str, finish: str, text: str, prediction: str | None) -> None:
    """D1: the last number of a solution that was cut is a step on the way, right only by luck."""
    pytest.importorskip("math_verify")
    sample = Sample(
        task=name, task_version=1, lang="ko", item_id="1", kind="generation", prompt="p", gold="12", completion=text,
        finish_reason=finish, unscored_reason="not scored yet",
    )  # fmt: skip
    scored = TASKS[name].score(sample)
    assert (scored.prediction, scored.correct) == (prediction, prediction == "12")
    assert scored.extraction_path == ("none" if prediction is None else scored.extraction_path)
