"""MMLU in both published layouts, with questions written for this test."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from xleval.errors import ConfigError, DataError
from xleval.evalkit.requests import ChoiceRequest, ChoiceScores
from xleval.evalkit.scoring import scored_sample
from xleval.evalkit.task import TaskOptions, load_task
from xleval.tasks.mmlu import MMLU, load
from xleval.tasks.mmlu_subjects import CATEGORIES

TEST = (
    'Which sea is salty?,"The Dead Sea, in Asia",Lake Baikal,Lake Geneva,Lake Victoria,A\n"What is\n2 + 2?",3,4,5,6,B\n'
)
DEV = "".join(f"What is {n} + 1?,{n},{n + 1},{n + 2},{n + 3},B\n" for n in range(5))


def csv_folder(root: Path, place: str = "data") -> Path:
    for split, text in (("test", TEST), ("dev", DEV)):
        (root / place / split).mkdir(parents=True)
        for subject in ("global_facts", "astronomy"):
            (root / place / split / f"{subject}_{split}.csv").write_text(text, encoding="utf-8")
    return root


@pytest.mark.parametrize("place", ["data", ""])
def test_the_files_of_the_repository(tmp_path: Path, place: str) -> None:
    items = load(csv_folder(tmp_path, place), ("en",))["en"]
    assert [item.item_id for item in items] == [
        "astronomy/test/0", "global_facts/test/0", "astronomy/test/1", "global_facts/test/1",
    ]  # fmt: skip
    assert items[0].gold == "The Dead Sea, in Asia"
    assert items[2].question == "What is\n2 + 2?"
    assert items[1].groups == {"subject": "global_facts", "category": "other"}


def parquet_folder(root: Path, **change: Any) -> Path:
    row = {
        "question": "Which is a sea?",
        "subject": "astronomy",
        "choices": ["Baikal", "Baltic", "x", "y"],
        "answer": 1,
    }
    (root / "all").mkdir()
    table = pa.Table.from_pylist([row, {**row, "subject": "anatomy"}, {**row, **change}])
    pq.write_table(table, root / "all" / "test-00000-of-00001.parquet")
    return root


def test_the_files_of_the_hub(tmp_path: Path) -> None:
    items = load(parquet_folder(tmp_path), ("en",))["en"]
    assert [item.item_id for item in items] == ["astronomy/test/0", "anatomy/test/0", "astronomy/test/1"]
    assert items[0].gold == "Baltic"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"answer": 4}, r"parquet, row 3, column answer: found 4; 0 to 3 or one of A, B, C, D is needed"),
        ({"choices": ["a", "b"]}, "row 3, column choices: .*a list of four texts is needed"),
        ({"question": ""}, "row 3, column question: it is empty"),
        ({"subject": None}, "row 3: no column subject"),
    ],
)
def test_a_broken_row_is_named(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        load(parquet_folder(tmp_path, **change), ("en",))


def test_broken_files_are_named(tmp_path: Path) -> None:
    path = csv_folder(tmp_path) / "data" / "test" / "astronomy_test.csv"
    path.write_text("only,three,fields\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"astronomy_test\.csv, row 1: 3 fields; 6 are needed"):
        load(tmp_path, ("en",))
    path.write_bytes(b"Caf\xe9?,1,2,3,4,A\n")
    with pytest.raises(DataError, match=r"astronomy_test\.csv, line 1: byte 4 is not UTF-8"):
        load(tmp_path, ("en",))


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"mmlu has no data here: --data mmlu=DIR .*data/test/SUBJECT_test\.csv"):
        load(None, ("en",))
    with pytest.raises(DataError, match=r"holds no mmlu in en: needed is data/test/SUBJECT_test\.csv"):
        load(tmp_path, ("en",))
    with pytest.raises(DataError, match=r"needed is data/dev/SUBJECT_dev\.csv"):
        load_task(MMLU, parquet_folder(tmp_path), ("en",), None)  # five examples are the default


def test_it_is_english_only(tmp_path: Path) -> None:
    loaded = load_task(MMLU, csv_folder(tmp_path), ("ko", "en"), None)
    assert list(loaded.items) == ["en"]
    assert loaded.skipped == {"ko": "mmlu has no ko"}


def test_a_question_follows_the_five_examples_of_its_subject(tmp_path: Path) -> None:
    loaded = load_task(MMLU, csv_folder(tmp_path), ("en",), None)
    asked = MMLU.request(loaded.items["en"][0], "en", TaskOptions(scaffold="english"), loaded.shots["en"])
    examples = "".join(
        f"Question: What is {n} + 1?\nA. {n}\nB. {n + 1}\nC. {n + 2}\nD. {n + 3}\nAnswer: B\n\n" for n in range(5)
    )
    assert isinstance(asked, ChoiceRequest)
    assert asked.context == (
        f"{examples}Question: Which sea is salty?\nA. The Dead Sea, in Asia\nB. Lake Baikal\nC. Lake Geneva\n"
        "D. Lake Victoria\nAnswer:"
    )
    assert asked.continuations == (" A", " B", " C", " D")
    with pytest.raises(ConfigError, match="--shots 6: mmlu has 5 worked examples of astronomy"):
        load_task(MMLU, tmp_path, ("en",), None, shots=6)


def test_the_letter_with_the_highest_log_probability_is_the_answer(tmp_path: Path) -> None:
    item = load(csv_folder(tmp_path), ("en",))["en"][0]
    asked = MMLU.request(item, "en", TaskOptions(), ())
    # the first option is by far the longest text: a normalisation by length would choose it in both cases
    for sums, chosen in (((-0.5, -0.7, -3.0, -3.0), 0), ((-0.7, -0.5, -3.0, -3.0), 1)):
        outcome = ChoiceScores(key=asked.key, sum_logprobs=sums, n_tokens=(1, 1, 1, 1))
        sample = scored_sample(MMLU, item, "en", asked, outcome)
        assert (sample.prediction, sample.correct) == (item.choices[chosen], chosen == 0)


def test_there_are_57_subjects() -> None:
    # counted in lm-eval 0.4.13, tasks/mmlu/_generate_configs.py, whose four lists are the same (2026-11-21)
    counts = {name: list(CATEGORIES.values()).count(name) for name in dict.fromkeys(CATEGORIES.values())}
    assert counts == {"STEM": 19, "humanities": 13, "social sciences": 12, "other": 13}
