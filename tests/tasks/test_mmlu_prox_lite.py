"""MMLU-ProX-Lite in its published layout, with questions written for this test."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from xleval.errors import ConfigError, DataError
from xleval.evalkit.requests import ChoiceRequest, Completion, GenerateRequest
from xleval.evalkit.scoring import scored_sample
from xleval.evalkit.task import TaskOptions, load_task
from xleval.tasks.mmlu_prox_lite import CHOICE, MMLU_PROX_LITE, load, load_options


def row(question: str, options: list[str], answer: str, number: int = 70, **more: Any) -> dict[str, Any]:
    texts: dict[str, Any] = {f"option_{place}": None for place in range(10)}
    texts |= {f"option_{place}": option for place, option in enumerate(options)}
    return {
        "question_id": number, "question": question, **texts, "answer": answer, "answer_index": ord(answer) - ord("A"),
        "cot_content": "", "category": "math", "src": "own", "question_id_src": number, **more,
    }  # fmt: skip


TEN = [str(number) for number in range(10)]
ENGLISH = row("What is 4 + 5?", TEN, "J")
SWAHILI = row("4 + 5 ni ngapi?", TEN, "J")
SHORT = row("Is 7 prime?", ["yes", "no", "unknown"], "A", 71)
EN_WORKED = "A: Let's think step by step. 1 + 1 is 2. The answer is (C)."
SW_WORKED = "A: Hebu tufikirie. 1 + 1 ni 2. Jibu ni (C)."


def write(root: Path, lang: str, rows: list[dict[str, Any]], split: str = "test") -> Path:
    (root / lang).mkdir(exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), root / lang / f"{split}-00000-of-00001.parquet")
    return root


def with_examples(root: Path) -> Path:
    for lang, asked, question, worked in (
        ("en", ENGLISH, "What is 1 + 1?", EN_WORKED),
        ("sw", SWAHILI, "1 + 1 ni ngapi?", SW_WORKED),
    ):
        examples = [row(question, TEN, "C", number, cot_content=worked) for number in range(5)]
        write(write(root, lang, [asked, SHORT]), lang, examples, "validation")
    return root


def test_items_have_as_many_options_as_they_have(tmp_path: Path) -> None:
    loaded = load_task(CHOICE, write(tmp_path, "en", [ENGLISH, SHORT]), ("en", "it"), None, shots=0)
    ten, three = loaded.items["en"]
    assert (ten.item_id, ten.gold, len(ten.choices)) == ("mmlu-prox-test-70", "9", 10)
    assert (three.choices, three.gold, three.groups) == (("yes", "no", "unknown"), "yes", {"subject": "math"})
    assert loaded.skipped == {"it": "mmlu_prox_lite_choice has no it"}
    asked = CHOICE.request(three, "en", TaskOptions(), ())
    assert isinstance(asked, ChoiceRequest)
    assert asked.context == "Question: Is 7 prime?\nA. yes\nB. no\nC. unknown\nAnswer:"
    assert asked.continuations == (" A", " B", " C")


def test_five_worked_examples_in_the_language_come_first(tmp_path: Path) -> None:
    loaded = load_task(MMLU_PROX_LITE, with_examples(tmp_path), ("en", "sw"), None)
    options = "\n".join(f"{letter}. {number}" for number, letter in enumerate("ABCDEFGHIJ"))
    asked = MMLU_PROX_LITE.request(loaded.items["sw"][0], "sw", TaskOptions(), loaded.shots["sw"])
    assert isinstance(asked, GenerateRequest)
    assert isinstance(asked.prompt, str)
    assert asked.prompt.startswith(
        f"Swali: 1 + 1 ni ngapi?\n{options}\nJibu la hatua kwa hatua: Hebu tufikirie. 1 + 1 ni"
    )
    assert asked.prompt.endswith(f"Swali: 4 + 5 ni ngapi?\n{options}\nJibu la hatua kwa hatua:")
    assert asked.prompt.count("Jibu ni (C).") == 5
    english = MMLU_PROX_LITE.request(loaded.items["sw"][0], "sw", TaskOptions(cot="english"), loaded.shots["sw"])
    assert isinstance(english, GenerateRequest)
    assert str(english.prompt).count("The answer is (C).") == 5
    direct = MMLU_PROX_LITE.request(loaded.items["en"][0], "en", TaskOptions(cot="direct"), loaded.shots["en"])
    assert isinstance(direct, GenerateRequest)
    assert str(direct.prompt).count("\nAnswer: C\n\n") == 5
    with pytest.raises(ConfigError, match="--shots 6: mmlu_prox_lite has 5 worked examples of math"):
        load_task(MMLU_PROX_LITE, tmp_path, ("en",), None, shots=6)


@pytest.mark.parametrize(
    ("text", "prediction", "correct"),
    [
        ("4 + 5 is 9. The answer is (J).", "J", True),
        ("The answer is (I).", "I", False),
        ("It is hard to say.", None, False),
    ],
)
def test_the_tenth_letter_is_an_answer(tmp_path: Path, text: str, prediction: str | None, correct: bool) -> None:
    item = load(write(tmp_path, "en", [ENGLISH]), ("en",))["en"][0]
    assert item.gold == "J"
    asked = MMLU_PROX_LITE.request(item, "en", TaskOptions(), ())
    outcome = Completion(key=asked.key, text=text, finish_reason="stop", n_tokens=9)
    sample = scored_sample(MMLU_PROX_LITE, item, "en", asked, outcome)
    assert (sample.prediction, sample.correct) == (prediction, correct)


def test_languages_with_different_keys_are_refused(tmp_path: Path) -> None:
    write(write(tmp_path, "en", [ENGLISH]), "sw", [row("4 + 5 ni ngapi?", TEN, "I")])
    with pytest.raises(
        DataError, match=r"sw/test.*row 1 has answer I of 10.*en/test.*row 1 has answer J of 10 options"
    ):
        load(tmp_path, ("en", "sw"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"answer_index": 8}, r"en/test-00000-of-00001\.parquet, row 2: answer is J, answer_index is 8"),
        ({"option_4": None}, "row 2: option_0 to option_9 hold 9 texts; at least two, without a gap"),
        ({"option_9": None}, "row 2, column answer: found 'J'; 0 to 8"),
        ({"category": None}, "row 2: no column category"),
    ],
)
def test_broken_rows_are_named(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        load_options(write(tmp_path, "en", [SHORT, ENGLISH | change]), ("en",))


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"holds no mmlu_prox_lite in en: needed is LANG/test-\*\.parquet"):
        load(tmp_path, ("en",))
    with pytest.raises(DataError, match=r"needed is LANG/validation-\*\.parquet"):
        load_task(MMLU_PROX_LITE, write(tmp_path, "en", [ENGLISH]), ("en",), None)


def test_the_label_of_arabic_solutions_is_left_out_too(tmp_path: Path) -> None:
    """Arabic solutions begin with an alef where others have an A (lm-eval 0.4.13, mmlu_prox/lang_libs.py)."""
    examples = [row("كم 1 + 1؟", TEN, "C", 1, cot_content="أ: دعنا نفكر. 1 + 1 يساوي 2. الإجابة هي (C).")]
    root = write(write(tmp_path, "ar", [row("كم 4 + 5؟", TEN, "J")]), "ar", examples, "validation")
    [shot] = load_task(MMLU_PROX_LITE, root, ("ar",), None, shots=1).shots["ar"]
    assert shot.solution == "دعنا نفكر. 1 + 1 يساوي 2. الإجابة هي (C)."
