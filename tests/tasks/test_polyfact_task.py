from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from xleval.errors import ConfigError, DataError
from xleval.evalkit.requests import ChoiceRequest, ChoiceScores, Outcome, Unscored
from xleval.evalkit.samples import Sample
from xleval.evalkit.scoring import scored_sample
from xleval.evalkit.task import TaskOptions, data_folder, load_task
from xleval.tasks import TASKS, get_tasks
from xleval.tasks.polyfact import POLYFACT, load

ROW = {
    "fact_id": "Q114|P36|Q3870",
    "question": "Kenya: what is the capital of this country?",
    "option_a": "Oslo",
    "option_b": "Nairobi",
    "option_c": "Lima",
    "option_d": "Rome",
    "answer_index": 1,
    "option_ids": ["Q585", "Q3870", "Q2868", "Q220"],
}


def write(folder: Path, lang: str, rows: list[dict[str, Any]]) -> Path:
    (folder / lang).mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), folder / lang / "test.parquet")
    return folder


def test_a_set_of_the_published_columns_loads(tmp_path: Path) -> None:
    items = load(write(tmp_path, "en", [ROW]), ("en", "sw"))
    assert list(items) == ["en"]
    [item] = items["en"]
    assert (item.gold, item.gold_index, item.choices[0]) == ("Nairobi", 1, "Oslo")
    loaded = load_task(POLYFACT, tmp_path, ("en", "sw"), None)
    assert loaded.skipped == {"sw": "polyfact has no sw"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"answer_index": 4}, r"test\.parquet, row 0: answer_index is 4; 0 to 3 is needed"),
        ({"answer_index": -1}, "answer_index is -1"),
        ({"answer_index": None}, "answer_index is None"),
        ({"option_ids": ["Q1", "Q1", "Q2", "Q3"]}, "four different ids are needed"),
        ({"option_c": ""}, "must not be empty"),
        ({"question": None}, "must not be empty"),
        ({"option_a": 7}, "must be texts"),
        ({"answer_index": True}, "answer_index is True"),
        ({"option_ids": "Q123"}, "option_ids is 'Q123'; a list of texts is needed"),  # four letters, no four ids
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        load(write(tmp_path, "en", [{**ROW, **change}]), ("en",))


def test_translations_that_are_no_object_are_named(tmp_path: Path) -> None:
    (tmp_path / "leaky").mkdir()
    for translations in ("en", {"en": "a question"}):
        pq.write_table(pa.Table.from_pylist([{**ROW, "translations": translations}]), tmp_path / "leaky/test.parquet")
        with pytest.raises(DataError, match="row 0, column translations: a field for each language is needed"):
            load_task(TASKS["polyfact_leaky"], tmp_path, ("en",), None)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    row = {key: value for key, value in ROW.items() if key != "option_d"}
    with pytest.raises(DataError, match=r"test\.parquet has no column option_d; found: fact_id"):
        load(write(tmp_path, "en", [row]), ("en",))


def test_a_file_that_is_no_parquet(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en/test.parquet").write_bytes(b"PAR1 not really")
    with pytest.raises(DataError, match="not readable as Parquet"):
        load(tmp_path, ("en",))


def test_no_data_says_how_to_make_some(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="xleval build-polyfact --source embedded"):
        load(None, ("en",))
    with pytest.raises(DataError, match=r"holds no LANG/test\.parquet"):
        load(tmp_path, ("en",))


def test_an_item_twice_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"'Q114\|P36\|Q3870' is in the en data more than once"):
        load_task(POLYFACT, write(tmp_path, "en", [ROW, ROW]), ("en",), None)


def test_requests_are_the_published_prompt_when_asked(tmp_path: Path) -> None:
    [item] = load(write(tmp_path, "zh", [ROW]), ("zh",))["zh"]
    published = POLYFACT.request(item, "zh", TaskOptions(scaffold="english", option_space="always"), ())
    assert isinstance(published, ChoiceRequest)
    assert published.context == "Question: Kenya: what is the capital of this country?\nAnswer:"
    assert published.continuations == (" Oslo", " Nairobi", " Lima", " Rome")
    native = POLYFACT.request(item, "zh", TaskOptions(), ())
    assert isinstance(native, ChoiceRequest)
    assert native.context.startswith("问题：Kenya")
    assert native.continuations[1] == "Nairobi"  # no space in Chinese


def score_of(tmp_path: Path, sums: tuple[float, ...]) -> Any:
    return sample_of(tmp_path, lambda key: ChoiceScores(key=key, sum_logprobs=sums, n_tokens=(1, 2, 1, 1)))


def sample_of(tmp_path: Path, outcome: Callable[[str], Outcome]) -> Sample:
    [item] = load(write(tmp_path, "en", [ROW]), ("en",))["en"]
    asked = POLYFACT.request(item, "en", TaskOptions(), ())
    return scored_sample(POLYFACT, item, "en", asked, outcome(asked.key))


def test_the_best_log_probability_per_byte_wins(tmp_path: Path) -> None:
    # Oslo -4/4 = -1, Nairobi -6.3/7 = -0.9, Lima -8/4 = -2, Rome -8/4 = -2: Nairobi, though Oslo has the larger sum
    sample = score_of(tmp_path, (-4.0, -6.3, -8.0, -8.0))
    assert (sample.prediction, sample.correct) == ("Nairobi", True)
    assert score_of(tmp_path, (-3.0, -6.3, -8.0, -8.0)).prediction == "Oslo"  # -0.75


def test_four_equal_scores_are_no_choice(tmp_path: Path) -> None:
    sample = score_of(tmp_path, (-5.0,) * 4)
    assert (sample.correct, sample.unscored_reason) == (None, "tie")


def test_a_failed_request_is_unscored(tmp_path: Path) -> None:
    sample = sample_of(tmp_path, lambda key: Unscored(key=key, reason="time-out"))
    assert (sample.correct, sample.unscored_reason) == (None, "time-out")


def test_examples_are_the_same_facts_in_every_language_and_not_asked(embedded_set: Path) -> None:
    loaded = load_task(POLYFACT, embedded_set, ("en", "zh"), None, shots=3)
    ids = [[shot.item_id for shot in loaded.shots[lang]] for lang in ("en", "zh")]
    assert ids[0] == ids[1]
    assert len(ids[0]) == 3
    assert not set(ids[0]) & {item.item_id for item in loaded.items["en"]}
    asked = POLYFACT.request(loaded.items["en"][0], "en", TaskOptions(scaffold="english"), loaded.shots["en"])
    assert isinstance(asked, ChoiceRequest)
    assert isinstance(asked.context, str)
    first = loaded.shots["en"][0]
    assert asked.context.startswith(f"Question: {first.question}\nAnswer: {first.gold}\n\nQuestion: ")
    assert asked.context.count("Question: ") == 4
    assert asked.context.endswith("\nAnswer:")
    with pytest.raises(ConfigError, match=r"--shots 9999: polyfact has 0 worked examples in en"):
        load_task(POLYFACT, embedded_set, ("en",), None, shots=9999)


def test_a_conversation_ends_with_the_question_and_options_begin_the_answer(embedded_set: Path) -> None:
    loaded = load_task(POLYFACT, embedded_set, ("en",), 1, shots=1)
    options = TaskOptions(chat=True, system_prompt="Be brief.")
    asked = POLYFACT.request(loaded.items["en"][0], "en", options, loaded.shots["en"])
    assert isinstance(asked, ChoiceRequest)
    assert not isinstance(asked.context, str)
    assert [turn.role for turn in asked.context] == ["system", "user", "assistant", "user"]
    assert asked.context[0].content == "Be brief."
    assert not any(option.startswith(" ") for option in asked.continuations)


def test_where_data_are_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XLEVAL_DATA", raising=False)
    assert data_folder(POLYFACT, {}) is None
    (tmp_path / "polyfact").mkdir()
    monkeypatch.setenv("XLEVAL_DATA", str(tmp_path))
    assert data_folder(POLYFACT, {}) == tmp_path / "polyfact"
    assert data_folder(POLYFACT, {"polyfact": tmp_path}) == tmp_path
    with pytest.raises(ConfigError, match="there is no such folder"):
        data_folder(POLYFACT, {"polyfact": tmp_path / "nowhere"})


def test_names_of_tasks() -> None:
    assert [task.name for task in get_tasks(["sample", "polyfact", "sample"])] == ["sample", "polyfact"]
    with pytest.raises(ConfigError, match=r"unknown task 'polyfac'\. Did you mean polyfact"):
        get_tasks(["polyfac"])
    assert all(task.name == name for name, task in TASKS.items())


def test_every_part_of_a_set_is_a_task_on_its_folder(embedded_set: Path) -> None:
    folders = {"polyfact": embedded_set}
    for name, config, split in (
        ("polyfact_unseen_object", "sw", "test_unseen_object"),
        ("polyfact_held_out_template", "sw", "test_held_out_template"),
        ("polyfact_leaky", "leaky", "test"),
    ):
        task = TASKS[name]
        assert data_folder(task, folders) == embedded_set
        items = task.load(embedded_set, ("en", "sw"))
        with pq.ParquetFile(embedded_set / config / f"{split}.parquet") as file:
            ids = file.read(["fact_id"]).column(0).to_pylist()
        assert {lang: [item.item_id for item in found] for lang, found in items.items()} == {"en": ids, "sw": ids}
        assert all(item.choices[item.gold_index or 0] == item.gold for item in items["sw"])
        assert items["sw"][0].question != items["en"][0].question


def test_the_test_split_is_not_the_tests_beside_it(embedded_set: Path) -> None:
    with pq.ParquetFile(embedded_set / "en" / "test.parquet") as file:
        assert len(load(embedded_set, ("en",))["en"]) == file.metadata.num_rows


def test_parts_that_a_hub_made_are_one_split(tmp_path: Path) -> None:
    for number, row in enumerate((ROW, {**ROW, "fact_id": "Q1|P36|Q3870"})):
        (tmp_path / "en").mkdir(exist_ok=True)
        pq.write_table(pa.Table.from_pylist([row]), tmp_path / "en" / f"test-0000{number}-of-00002.parquet")
    assert [item.item_id for item in load(tmp_path, ("en",))["en"]] == ["Q114|P36|Q3870", "Q1|P36|Q3870"]


def test_a_part_that_the_set_lacks_is_said(embedded_set: Path) -> None:
    with pytest.raises(DataError, match=r"holds no recent/test\.parquet: the set has no facts of that config"):
        TASKS["polyfact_recent"].load(embedded_set, ("en",))


def test_masked_questions_name_no_subject(embedded_set: Path, tmp_path: Path) -> None:
    whole = load(embedded_set, ("en", "ja"))
    masked = TASKS["polyfact_masked"].load(embedded_set, ("en", "ja"))
    assert [item.item_id for item in masked["ja"]] == [item.item_id for item in whole["ja"]]
    assert [item.choices for item in masked["ja"]] == [item.choices for item in whole["ja"]]
    capital = next(item for item in masked["en"] if item.item_id.split("|")[1] == "P36")
    assert "ountry" in capital.question
    subjects = {
        row["fact_id"]: row["subject_label"] for row in pq.read_table(embedded_set / "en/test.parquet").to_pylist()
    }
    assert not any(subjects[item.item_id] in item.question for item in masked["en"])
    with pytest.raises(DataError, match="has no column subject_label, subject_type, so subjects cannot be masked"):
        TASKS["polyfact_masked"].load(write(tmp_path, "en", [ROW]), ("en",))
    odd = {**ROW, "subject_label": ["Kenya"], "subject_type": "country"}
    with pytest.raises(DataError, match="subject_label and subject_type must be texts"):
        TASKS["polyfact_masked"].load(write(tmp_path, "en", [odd]), ("en",))
