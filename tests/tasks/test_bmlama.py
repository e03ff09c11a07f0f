"""BMLAMA in its published layout, with sentences written for this test, and on the published files where they are."""

from dataclasses import replace
from pathlib import Path

import pytest

from xleval.errors import DataError
from xleval.evalkit.requests import ChoiceRequest, ChoiceScores, Message
from xleval.evalkit.scoring import scored_sample
from xleval.evalkit.task import TaskOptions, load_task
from xleval.tasks.bmlama import BMLAMA17, BMLAMA53

HEADER = "Prompt\tAns\tCandidate Ans\tSubject"
ENGLISH = [
    "Besk lies in <mask>.\tOtland\tCora, Dell, Otland\tBesk",
    "Ebro is a kind of <mask> animal.\tsmall\tlarge, small\tEbro",
]
CHINESE = ["贝斯位于<mask>。\t奥特\t科拉, 德尔, 奥特\t贝斯", "<mask>的动物：埃布\t小型\t大型, 小型\t埃布"]


def write(root: Path, lang: str, lines: list[str], header: str = HEADER) -> Path:
    root.mkdir(parents=True, exist_ok=True)
    (root / f"{lang}.tsv").write_bytes("\r\n".join([header, *lines, ""]).encode())
    return root


def ask(folder: Path, lang: str, number: int = 0, options: TaskOptions | None = None) -> ChoiceRequest:
    item = load_task(BMLAMA17, folder, (lang,), None).items[lang][number]
    found = BMLAMA17.request(item, lang, options or TaskOptions(), ())
    assert isinstance(found, ChoiceRequest)
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, "en", ENGLISH)
    return write(tmp_path, "zh", CHINESE, header=HEADER.replace("Candidate Ans", "Candidate\tAns"))  # as zh.tsv has it


def test_rows_join_the_languages(folder: Path) -> None:
    loaded = load_task(BMLAMA17, folder, ("en", "ko", "zh"), None)
    for lang in ("en", "zh"):
        assert [item.item_id for item in loaded.items[lang]] == ["bmlama17-0000", "bmlama17-0001"]
    assert loaded.skipped == {"ko": "bmlama17 has no ko"}
    item = loaded.items["en"][0]
    assert (item.gold, item.gold_index, item.choices) == ("Otland.", 2, ("Cora.", "Dell.", "Otland."))
    assert loaded.items["en"][1].choices == ("large animal.", "small animal.")


def test_what_follows_the_gap_is_scored_with_the_option(folder: Path) -> None:
    asked = ask(folder, "en", 1)
    assert (asked.context, asked.continuations) == ("Ebro is a kind of", (" large animal.", " small animal."))
    asked = ask(folder, "zh")
    assert (asked.context, asked.continuations) == ("贝斯位于", ("科拉。", "德尔。", "奥特。"))
    assert ask(folder, "zh", 0, TaskOptions(option_space="always")).continuations[0] == " 科拉。"


def test_a_sentence_that_begins_with_its_gap_is_asked_after_the_answer_label(folder: Path) -> None:
    asked = ask(folder, "zh", 1)
    assert (asked.context, asked.continuations) == ("答案：", ("大型的动物：埃布", "小型的动物：埃布"))
    item = load_task(BMLAMA17, folder, ("en",), None).items["en"][0]
    cue = BMLAMA17.request(replace(item, question=""), "en", TaskOptions(), ())
    assert isinstance(cue, ChoiceRequest)
    assert (cue.context, cue.continuations[0]) == ("Answer:", " Cora.")


def test_in_a_conversation_the_option_begins_the_answer(folder: Path) -> None:
    asked = ask(folder, "en", 0, TaskOptions(chat=True, system_prompt="Be brief."))
    assert asked.context == (Message(role="system", content="Be brief."), Message(role="user", content="Besk lies in"))
    assert asked.continuations[0] == "Cora."


def test_the_score_is_per_byte_of_what_was_scored(folder: Path) -> None:
    item = load_task(BMLAMA17, folder, ("en",), None).items["en"][1]
    request = ask(folder, "en", 1)
    # "large animal." and "small animal." have 13 bytes each: the higher sum wins
    outcome = ChoiceScores(key=request.key, sum_logprobs=(-13.0, -6.5), n_tokens=(3, 3))
    sample = scored_sample(BMLAMA17, item, "en", request, outcome)
    assert (sample.correct, sample.prediction) == (True, "small animal.")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "Besk lies in <mask>.\tZed\tCora, Dell, Otland\tBesk",
            r"zh\.tsv, line 2, column Candidate Ans: .* Zed among them",
        ),
        ("Besk lies.\tOtland\tCora, Otland\tBesk", r"zh\.tsv, line 2, column Prompt: .*<mask> is needed once"),
        ("Besk lies in <mask>.\tOtland", r"zh\.tsv, line 2: 2 fields, 4 are needed"),
        (
            "Besk lies in <mask>.\tOtland\tDell, Otland\tBesk",
            r"zh\.tsv, line 2 has 2 candidates.*en\.tsv, line 2 has 3",
        ),
        (
            "Besk lies in <mask>.\tOtland\tOtland, Dell, Cora\tBesk",
            r"right one at place 0; .*en\.tsv, line 2 has 3 and 2",
        ),
    ],
)
def test_a_broken_row_is_one_error_that_names_it(tmp_path: Path, line: str, message: str) -> None:
    write(tmp_path, "en", ENGLISH)
    write(tmp_path, "zh", [line, CHINESE[1]])
    with pytest.raises(DataError, match=message):
        load_task(BMLAMA17, tmp_path, ("en", "zh"), None)


def test_languages_with_other_numbers_of_rows_and_other_bytes_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "en", ENGLISH)
    write(tmp_path, "zh", CHINESE[:1])
    with pytest.raises(DataError, match=r"zh\.tsv has 1 rows, .*en\.tsv, line 3 has 2"):
        load_task(BMLAMA17, tmp_path, ("en", "zh"), None)
    (tmp_path / "en.tsv").write_bytes(b"Prompt\n\xff")
    with pytest.raises(DataError, match=r"en\.tsv.*is not UTF-8"):
        load_task(BMLAMA17, tmp_path, ("en",), None)
    with pytest.raises(DataError, match=r"holds no bmlama17 in de"):
        BMLAMA17.load(tmp_path, ("de",))


def test_the_folder_of_the_published_repository_is_found(tmp_path: Path) -> None:
    write(tmp_path / "1_easyrun" / "BMLAMA53", "de", ["Besk liegt in <mask>.\tOtland\tCora, Otland\tBesk"])
    item = load_task(BMLAMA53, tmp_path, ("de",), None).items["de"][0]
    assert (item.item_id, item.question, item.choices) == ("bmlama53-0000", "Besk liegt in ", ("Cora.", "Otland."))


def test_the_published_files_load(shared_data: Path) -> None:
    """Row counts and sizes as counted in the files, 2026-11-21; 6,792 is the paper's number."""
    languages = ("en", "ar", "es", "ja", "ru", "zh")
    loaded = load_task(BMLAMA17, shared_data / "bmlama17", (*languages, "de"), None)
    assert {lang: len(items) for lang, items in loaded.items.items()} == dict.fromkeys(languages, 6792)
    sizes = [len(item.choices) for item in loaded.items["ja"]]
    assert {size: sizes.count(size) for size in sorted(set(sizes))} == {
        2: 23, 3: 47, 5: 11, 6: 258, 8: 150, 9: 85, 10: 6218,
    }  # fmt: skip
    item = next(item for item in loaded.items["ja"] if item.item_id == "bmlama17-0000")
    asked = BMLAMA17.request(item, "ja", TaskOptions(), ())
    assert isinstance(asked, ChoiceRequest)
    assert (asked.context, asked.continuations[-1]) == ("カルロス2世は", "マドリードに生まれました。")
    # The file begins with 947 births; the first items are of many relations.
    first = loaded.items["en"][:40]
    assert sum("was born in" in item.question for item in first) < 10
    assert [item.item_id for item in loaded.items["zh"][:40]] == [item.item_id for item in first]
