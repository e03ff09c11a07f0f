"""Tables of human translations as they are published, and invented ones."""

from pathlib import Path

import pytest

from xleval.data.reasoning.records import SourceItem
from xleval.data.reasoning.sources import read_source
from xleval.data.reasoning.translators import load_translator
from xleval.data.reasoning.translators.protocol import Translated, TranslationRequest
from xleval.errors import ConfigError, DataError


def ask(texts: list[str], lang: str) -> list[TranslationRequest]:
    return [
        TranslationRequest(key=str(place), text=text, source_lang="en", target_lang=lang)
        for place, text in enumerate(texts)
    ]


@pytest.mark.parametrize(
    ("table", "source", "languages", "found"),
    [
        ("mgsm", "gsm8k", "bn de es fr ja ru sw te th zh", 250),
        ("msvamp", "msvamp/test_English.json", "bn de es fr ja ru sw th zh", 1000),
        ("gsm8k_ko/kor-gsm8k/kor-gsm8k-test.jsonl", "gsm8k", "ko", 1319),
        ("gsm8k_ko/kor-gsm8k", "gsm8k", "ko", 1319),
        ("polymath", "gsm8k", "ar bn de es fr it ja ko ms pt ru sw te th vi zh", 125),
    ],
)
def test_published_sets_are_tables_of_their_source(
    table: str, source: str, languages: str, found: int, shared_data: Path
) -> None:
    folder = shared_data / "gsm8k"
    items = (read_source("gsm8k", folder=folder) if source == "gsm8k" else read_source(str(shared_data / source))).items
    translator = load_translator(f"table:{shared_data / table}")
    translator.check_languages("en", languages.split())
    with pytest.raises(ConfigError, match=rf"from en it has {', '.join(languages.split())}"):
        translator.check_languages("en", ["uk"])
    for lang in languages.split():
        results = list(translator.translate(ask([item.question for item in items], lang)))
        assert sum(not one.failure for one in results) == found
        assert {one.failure for one in results} <= {"", "not in the table"}


def test_the_translation_of_an_item_is_its_own(shared_data: Path) -> None:
    items = read_source("gsm8k", folder=shared_data / "gsm8k").items
    mgsm = load_translator(f"table:{shared_data / 'mgsm'}")
    lines = (shared_data / "mgsm" / "mgsm_sw.tsv").read_text("utf-8").splitlines()
    results = list(mgsm.translate(ask([item.question for item in items[:250]], "sw")))
    assert [one.text for one in results] == [line.split("\t")[0] for line in lines]


def test_worked_solutions_of_the_korean_set(shared_data: Path) -> None:
    items = read_source("gsm8k", folder=shared_data / "gsm8k").items
    korean = load_translator(f"table:{shared_data / 'gsm8k_ko' / 'kor-gsm8k'}")
    results = list(korean.translate(ask([item.solution for item in items], "ko")))
    assert not any(one.failure for one in results)
    assert results[0].text.startswith("제넷은 하루에 16 - 3 - 4 = 9개의 오리 알을")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.tsv", "en\tes\tzh\nTwo apples?\t¿Dos manzanas?\t两个苹果？\nOne?\t¿Uno?\t\n"),
        ("t.csv", 'question,question_es,question_zh\n"Two apples?","¿Dos manzanas?",两个苹果？\nOne?,¿Uno?,\n'),
        ("t.jsonl", '{"English": "Two apples?", "Spanish": "¿Dos manzanas?", "Chinese": "两个苹果？"}\n'
                    '{"English": "One?", "Spanish": "¿Uno?", "Chinese": null}\n'),
    ],
)  # fmt: skip
def test_columns_named_by_languages(name: str, content: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    translator = load_translator(f"table:{tmp_path / name}")
    assert list(translator.translate(ask(["Two  apples?", "One?", "Three?"], "es"))) == [
        Translated(key="0", text="¿Dos manzanas?"),
        Translated(key="1", text="¿Uno?"),
        Translated(key="2", text="", failure="not in the table"),
    ]
    assert [one.text for one in translator.translate(ask(["Two apples?", "One?"], "zh"))] == ["两个苹果？", ""]


def test_identifiers_in_place_of_english_texts(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text('{"item_id": "g-2", "es": "¿Dos?"}\n', encoding="utf-8")
    items = [
        SourceItem(item_id="g-1", question="One?", answer="1"),
        SourceItem(item_id="g-2", question="Two?", answer="2"),
    ]
    translator = load_translator(f"table:{tmp_path / 't.jsonl'}", items=items)
    results = translator.translate(ask([item.question for item in items], "es"))
    assert [(one.text, one.failure) for one in results] == [("", "not in the table"), ("¿Dos?", "")]
    with pytest.raises(DataError, match="beside English texts or item identifiers are needed"):
        load_translator(f"table:{tmp_path / 't.jsonl'}")


def test_columns_of_identifiers_and_answers_are_no_translations(tmp_path: Path) -> None:
    (tmp_path / "t.tsv").write_text("unique_id\tquestion\tanswer\tes\nu1\tOne?\t1\t¿Uno?\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"from en it has es$"):
        load_translator(f"table:{tmp_path / 't.tsv'}").check_languages("en", ["id"])


def test_tables_that_cannot_be_right_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not exist"):
        load_translator(f"table:{tmp_path / 'none.tsv'}")
    for lang, lines in (
        ("en", "One apple and a pear in a box?\t1\nTwo?\t2\n"),
        ("es", "¿Una manzana y una pera en una caja?\t1\n"),
    ):
        (tmp_path / f"mgsm_{lang}.tsv").write_text(lines, encoding="utf-8")
    with pytest.raises(DataError, match=r"mgsm_es\.tsv has 1 rows and mgsm_en\.tsv 2: they cannot be aligned"):
        load_translator(f"table:{tmp_path}")
    (tmp_path / "two.tsv").write_text("en\tes\nOne?\t¿Uno?\nOne?\t¿Una?\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"has two translations of 'One[?]' into es"):
        load_translator(f"table:{tmp_path / 'two.tsv'}")


def test_fingerprint_follows_the_bytes_that_are_used(tmp_path: Path) -> None:
    path = tmp_path / "t.tsv"
    path.write_text("en\tes\nOne?\t¿Uno?\n", encoding="utf-8")
    before = load_translator(f"table:{path}").fingerprint()
    assert before["spec"] == "table:t.tsv"
    path.write_text("en\tes\nOne?\t¿Una?\n", encoding="utf-8")
    assert load_translator(f"table:{path}").fingerprint() != before
