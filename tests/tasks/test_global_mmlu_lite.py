"""Global-MMLU-Lite in its published layout, with questions written for this test, and the study's published outputs."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from xleval.errors import ConfigError, DataError
from xleval.evalkit.requests import ChoiceRequest, Completion, GenerateRequest
from xleval.evalkit.samples import Sample
from xleval.evalkit.scoring import scored_sample
from xleval.evalkit.task import TaskOptions, load_task
from xleval.tasks.global_mmlu_lite import GENERATIVE, GLOBAL_MMLU_LITE, LANGUAGES, load

ENGLISH = {
    "sample_id": "geometry/test/7", "subject": "geometry", "subject_category": "STEM",
    "question": "How many sides has a square?", "option_a": "2", "option_b": "3", "option_c": "4", "option_d": "5",
    "answer": "C", "required_knowledge": "['none']", "cultural_sensitivity_label": "CA", "is_annotated": True,
}  # fmt: skip
CHINESE = ENGLISH | {
    "question": "正方形有几条边？",
    "option_a": "二",
    "option_b": "三",
    "option_c": "四",
    "option_d": "五",
}
HISTORY = {"sample_id": "history/test/1", "subject": "history", "cultural_sensitivity_label": "CS"}


def dev(row: dict[str, Any], n: int = 5) -> list[dict[str, Any]]:
    return [row | {"sample_id": f"geometry/dev/{number}", "answer": "A"} for number in range(n)]


def write(root: Path, lang: str, rows: list[dict[str, Any]], split: str = "test") -> Path:
    (root / lang).mkdir(exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), root / lang / f"{split}-00000-of-00001.parquet")
    return root


def test_items_are_joined_on_sample_id(tmp_path: Path) -> None:
    write(tmp_path, "en", [ENGLISH, ENGLISH | HISTORY])
    write(tmp_path, "zh", [CHINESE | HISTORY, CHINESE])
    loaded = load_task(GLOBAL_MMLU_LITE, tmp_path, ("en", "ru", "ko", "zh"), 1)
    assert [loaded.items[lang][0].item_id for lang in ("en", "zh")] == ["geometry/test/7"] * 2
    assert loaded.items["zh"][0].gold == "四"
    assert loaded.items["en"][0].groups == {
        "subject": "geometry", "subject_category": "STEM", "cultural_sensitivity_label": "CA", "answer_key": "same",
    }  # fmt: skip
    assert loaded.skipped == {lang: f"global_mmlu_lite has no {lang}" for lang in ("ru", "ko")}


def test_an_item_whose_key_differs_is_kept_and_marked(tmp_path: Path) -> None:
    write(tmp_path, "en", [ENGLISH])
    write(tmp_path, "zh", [CHINESE | {"answer": "D"}])
    items = load(tmp_path, ("en", "zh"))
    assert [items[lang][0].groups["answer_key"] for lang in ("en", "zh")] == ["differs"] * 2
    assert items["zh"][0].gold == "五"
    assert load(tmp_path, ("zh",))["zh"][0].groups["answer_key"] == "same"


def test_prompts_in_two_languages(tmp_path: Path) -> None:
    items = load(write(write(tmp_path, "en", [ENGLISH]), "zh", [CHINESE]), ("en", "zh"))
    for lang, context in (
        ("en", "Question: How many sides has a square?\nA. 2\nB. 3\nC. 4\nD. 5\nAnswer:"),
        ("zh", "问题：正方形有几条边？\nA. 二\nB. 三\nC. 四\nD. 五\n答案："),
    ):
        asked = GLOBAL_MMLU_LITE.request(items[lang][0], lang, TaskOptions(), ())
        assert isinstance(asked, ChoiceRequest)
        assert (asked.key, asked.context) == (f"global_mmlu_lite/{lang}/geometry/test/7", context)
    published = GLOBAL_MMLU_LITE.request(
        items["zh"][0], "zh", TaskOptions(scaffold="english", option_space="always"), ()
    )
    assert isinstance(published, ChoiceRequest)
    assert published.context == "Question: 正方形有几条边？\nA. 二\nB. 三\nC. 四\nD. 五\nAnswer:"
    assert published.continuations == (" A", " B", " C", " D")


def test_examples_are_of_the_dev_split(tmp_path: Path) -> None:
    write(write(tmp_path, "en", [ENGLISH]), "en", dev(ENGLISH), "dev")
    assert load_task(GLOBAL_MMLU_LITE, tmp_path, ("en",), None).shots == {"en": ()}
    loaded = load_task(GLOBAL_MMLU_LITE, tmp_path, ("en",), None, shots=2)
    assert [shot.item_id for shot in loaded.shots["en"]] == ["geometry/dev/0", "geometry/dev/1"]
    asked = GLOBAL_MMLU_LITE.request(loaded.items["en"][0], "en", TaskOptions(), loaded.shots["en"])
    assert isinstance(asked, ChoiceRequest)
    assert str(asked.context).count("\nAnswer: A\n\n") == 2


def test_the_generative_form_asks_for_a_letter(tmp_path: Path) -> None:
    write(write(tmp_path, "en", [ENGLISH]), "en", dev(ENGLISH), "dev")
    loaded = load_task(GENERATIVE, tmp_path, ("en",), None, shots=1)
    [item], shots = loaded.items["en"], loaded.shots["en"]
    assert (item.gold, shots[0].gold) == ("C", "A")
    asked = GENERATIVE.request(item, "en", TaskOptions(cot="direct"), shots)
    assert isinstance(asked, GenerateRequest)
    block = "Question: How many sides has a square?\nA. 2\nB. 3\nC. 4\nD. 5\nAnswer:"
    assert asked.prompt == f"{block} A\n\n{block}"
    with pytest.raises(ConfigError, match="global_mmlu_lite_generative: its worked examples have no solution"):
        GENERATIVE.request(item, "en", TaskOptions(), shots)
    native = GENERATIVE.request(item, "en", TaskOptions(), ())
    assert isinstance(native, GenerateRequest)
    assert native.key == "global_mmlu_lite_generative/en/geometry/test/7"


def verdict(tmp_path: Path, lang: str, text: str) -> Sample:
    write(write(tmp_path, "en", [ENGLISH]), "zh", [CHINESE])
    [item] = GENERATIVE.load(tmp_path, (lang,))[lang]
    asked = GENERATIVE.request(item, lang, TaskOptions(), ())
    outcome = Completion(key=asked.key, text=text, finish_reason="stop", n_tokens=9)
    return scored_sample(GENERATIVE, item, lang, asked, outcome)


@pytest.mark.parametrize(
    ("lang", "text", "prediction", "correct"),
    [
        ("en", "A square has four sides. The answer is C.", "C", True),
        ("en", "The answer is B.", "B", False),
        ("en", "Squares are nice shapes and I like them.", None, False),
        ("zh", "正方形有四条边。答案是C。", "C", True),
    ],
)
def test_the_letter_of_a_completion(
    tmp_path: Path, lang: str, text: str, prediction: str | None, correct: bool
) -> None:
    sample = verdict(tmp_path, lang, text)
    assert (sample.prediction, sample.correct, sample.gold) == (prediction, correct, "C")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"answer": "E"}, r"en/test-00000-of-00001\.parquet, row 2, column answer: found 'E'"),
        ({"option_d": None}, "row 2: no column option_d"),
        ({"sample_id": ""}, "row 2, column sample_id: it is empty"),
    ],
)
def test_broken_rows_are_named(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        load(write(tmp_path, "en", [ENGLISH, ENGLISH | HISTORY | change]), ("en",))


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"holds no global_mmlu_lite in en: needed is LANG/test-\*\.parquet"):
        load(tmp_path, ("en",))
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "test-00000-of-00001.parquet").write_bytes(b"PAR1")
    with pytest.raises(DataError, match=r"test-00000-of-00001\.parquet is not readable as Parquet"):
        load(tmp_path, ("en",))


def test_the_published_outputs_have_items_whose_key_differs(shared_data: Path) -> None:
    # the reason why such items are kept: in the outputs of two models, a language's right option is another one in zh
    right: dict[str, dict[int, set[str]]] = {}
    for path in sorted((shared_data / "outputs" / "global_mmlu_lite").glob("*_consistency.json")):
        for item_id, by_language in json.loads(path.read_text(encoding="utf-8"))["predictions"].items():
            assert set(by_language) <= set(LANGUAGES)
            for lang, answer in by_language.items():
                if answer["correct"]:
                    right.setdefault(item_id, {}).setdefault(answer["pred_idx"], set()).add(lang)
    differing = {item_id: keys for item_id, keys in right.items() if len(keys) > 1}
    assert sorted(differing) == [f"high_school_world_history/test/{number}" for number in (145, 187, 33, 58, 93)]
    assert all({"zh"} in keys.values() for keys in differing.values())
