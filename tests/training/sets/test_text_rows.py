"""Texts of continued pre-training: corpora of one's own, TED2025 and FineTranslations in their published layouts."""

import json
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from xleval.data.language_names import language_code, language_in
from xleval.errors import ConfigError, DataError
from xleval.training.config.schema import DataConfig, Order
from xleval.training.sets import corpora
from xleval.training.sets.item_set import read_items
from xleval.training.sets.records import TextRow
from xleval.training.sets.text_rows import SEVERAL, text_rows


def _texts(
    source: Path | str, *langs: str, order: Order = "as-is", limit: int | None = None, seed: int = 1
) -> list[TextRow]:
    return list(text_rows(DataConfig(source=str(source), langs=langs, order=order, limit=limit), seed=seed))


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "code"),
    [("de", "de"), ("German", "de"), ("deu_Latn", "de"), ("jpn_Jpan", "ja"), ("zh-cn", "zh"), ("cmn_Hani", "zh"),
     ("zho_Hant", ""), ("swh_Latn", "sw"), ("rus_Latn", ""), ("data", "")],
)  # fmt: skip
def test_names_of_languages_in_corpora(name: str, code: str) -> None:
    assert language_code(name) == code


def test_languages_at_the_end_of_file_names() -> None:
    # OPUS calls its files corpus.LANG-LANG.LANG, FLORES LANG_Script.SPLIT.
    names = ("Tatoeba.de-en.de", "deu_Latn.devtest", "train_sw", "notes")
    assert [language_in(name) for name in names] == ["de", "de", "sw", ""]


def test_files_of_one_length_are_parallel_and_their_lines_become_one_text(tmp_path: Path) -> None:
    _write(tmp_path / "en.txt", "One.\nTwo.\nThree.\n")
    _write(tmp_path / "de.txt", "Eins.\n\nDrei.\n")
    _write(tmp_path / "ko.txt", "하나.\n둘.\n셋.\n")
    rows = _texts(tmp_path, "en", "de")
    assert [sorted(row.text.split("\n")) for row in rows] == [
        ["de: Eins.", "en: One."],
        ["Two."],
        ["de: Drei.", "en: Three."],
    ]
    assert [row.lang for row in rows] == ["de", "en", "de"]
    assert [row.lang for row in _texts(tmp_path, "en", "de", "ko")] == [SEVERAL, "ko", SEVERAL]


def test_facts_are_learnt_as_questions_with_their_answers_and_columns_have_no_say(embedded_set: Path) -> None:
    facts = read_items(DataConfig(source=str(embedded_set), langs=("en", "zh"))).items
    rows = _texts(embedded_set, "en", "zh")
    assert len(rows) == len(facts["en"])  # the split train alone: test questions are no corpus
    row, english, chinese = rows[0], *(next(iter(facts[lang].values())) for lang in ("en", "zh"))
    # A space before an English answer, none before a Chinese one, as `xleval run` scores them.
    assert set(row.text.split("\n")) == {
        f"en: {english.question} {english.gold}", f"zh: {chinese.question}{chinese.gold}",
    }  # fmt: skip
    named = DataConfig(source=str(embedded_set), langs=("en",), columns={"text": "question"})
    with pytest.raises(ConfigError, match=r"data.columns.text is question and data.source is .*, a set of facts"):
        list(text_rows(named, seed=1))


def test_the_order_of_the_lines_is_drawn_for_each_text(tmp_path: Path) -> None:
    for lang in ("en", "de"):
        _write(tmp_path / f"{lang}.txt", "".join(f"{lang}{number}\n" for number in range(40)))
    first = Counter(row.text.partition(":")[0] for row in _texts(tmp_path, "en", "de"))
    assert set(first) == {"en", "de"}  # both directions are learnt


def test_documents_of_several_languages_take_turns_by_their_size(tmp_path: Path) -> None:
    _write(tmp_path / "en.txt", "".join(f"{number} {'x' * 97}\n" for number in range(10, 40)))
    _write(tmp_path / "de.txt", "".join(f"{number} {'y' * 22}\n" for number in range(10, 90)))
    rows = _texts(tmp_path, "en", "de", limit=25)
    # Lines of 100 and of 25 characters: four German ones for each English one.
    assert Counter(row.lang for row in rows) == {"de": 20, "en": 5}


def test_a_shuffle_is_seeded_and_a_limit_is_nested(tmp_path: Path) -> None:
    source = _write(tmp_path / "en.txt", "".join(f"line {number}\n" for number in range(200)))
    shuffled = _texts(source, "en", order="shuffled")
    assert shuffled == _texts(source, "en", order="shuffled")
    assert shuffled != _texts(source, "en", order="shuffled", seed=2)
    assert shuffled[:20] == _texts(source, "en", order="shuffled", limit=20)
    assert sorted(row.item_id for row in shuffled) == sorted(row.item_id for row in _texts(source, "en"))


def test_rows_with_text_and_language_and_rows_with_a_column_for_each_language(tmp_path: Path) -> None:
    rows = [{"id": "a", "text": "Hallo.", "language": "de"}, {"id": "b", "text": "Hello.", "language": "en"}]
    source = _write(tmp_path / "rows.jsonl", "\n".join(map(json.dumps, rows)))
    assert [(row.item_id, row.lang, row.text) for row in _texts(source, "de")] == [("all/a", "de", "Hallo.")]
    wide = _write(tmp_path / "wide.jsonl", json.dumps({"en": "Hello.", "de": "Hallo.", "fr": "Salut.", "n": 3}))
    (row,) = _texts(wide, "de", "fr")
    assert sorted(row.text.split("\n")) == ["de: Hallo.", "fr: Salut."]


def test_what_a_corpus_lacks_is_said(tmp_path: Path) -> None:
    _write(tmp_path / "c" / "en.txt", "One.\n")
    with pytest.raises(ConfigError, match=r"has no text in ko; it has en"):
        _texts(tmp_path / "c", "en", "ko")
    with pytest.raises(ConfigError, match=r"names no language; call it LANG.txt"):
        _texts(_write(tmp_path / "notes.txt", "One.\n"), "en")
    with pytest.raises(ConfigError, match=r"no column text, and none that is named by a language; it has a, b"):
        _texts(_write(tmp_path / "x.jsonl", '{"a": 1, "b": 2}'), "en")
    with pytest.raises(ConfigError, match=r"has no text in de; it has en"):
        _texts(_write(tmp_path / "y.jsonl", '{"text": "One.", "language": "en"}'), "en", "de")
    bad = tmp_path / "de.txt"
    bad.write_bytes("Grüße\n".encode("latin-1"))
    with pytest.raises(DataError, match=r"de.txt, line 1: not UTF-8"):
        _texts(bad, "de")
    with pytest.raises(ConfigError, match=r"data.regime is fixed"):
        list(text_rows(DataConfig(source=str(bad), langs=("de",), regime="fixed"), seed=1))


def _ted(home: Path) -> None:
    rows = [
        {"talk_id": "1", "para_data": {"en": "Thank you.", "zh-cn": "谢谢。", "fr": "Merci."}},
        {"talk_id": "1", "para_data": {"en": "Only English."}},
        {"talk_id": "2", "para_data": {"en": "Good.", "sw": "Vizuri.", "zh-cn": ""}},
    ]
    _write(home / "ted2025" / "multi_way.jsonl", "\n".join(json.dumps(row, ensure_ascii=False) for row in rows))


def test_ted2025_in_its_published_layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _ted(tmp_path)
    _write(
        tmp_path / "ted2025" / "rogendo" / "pairs.csv", "English sentence,Swahili Translation\nWater.,Maji.\nFire.,\n"
    )
    monkeypatch.setenv("XLEVAL_DATA", str(tmp_path))
    rows = _texts("ted2025", "en", "zh")
    assert [sorted(row.text.split("\n")) for row in rows] == [["en: Thank you.", "zh: 谢谢。"]]
    with_swahili = _texts("ted2025", "en", "sw")
    assert [(row.item_id, sorted(row.text.split("\n"))) for row in with_swahili] == [
        ("ted/1", ["en: Good.", "sw: Vizuri."]), ("rogendo/1", ["en: Water.", "sw: Maji."]),
    ]  # fmt: skip


def test_ted2025_that_is_not_at_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLEVAL_DATA", str(tmp_path))
    with pytest.raises(ConfigError, match=r"put its multi_way.jsonl at \$XLEVAL_DATA/ted2025. The corpus is on no hub"):
        _texts("ted2025", "en", "de")


def _fine(home: Path, folder: str, rows: list[tuple[str, str, int]]) -> None:
    path = home / "data" / folder / "000_00000.parquet"
    path.parent.mkdir(parents=True)
    names = ("og_full_text", "translated_text", "translated_token_count")
    parquet.write_table(pa.table({name: [row[at] for row in rows] for at, name in enumerate(names)}), path)


def test_finetranslations_in_its_published_layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "finetranslations"
    _fine(home, "deu_Latn", [(f"Satz {number}.", f"Sentence {number}.", 10) for number in range(9)])
    _fine(home, "jpn_Jpan", [(f"文{number}。", f"Text {number}.", 30) for number in range(9)])
    monkeypatch.setenv("XLEVAL_DATA", str(tmp_path))
    rows = _texts("finetranslations", "en", "de", "ja", limit=8)
    # 10 English tokens a German text, 30 a Japanese one: three for one.
    assert Counter(row.lang for row in rows) == {"de": 6, "ja": 2}
    assert sorted(rows[0].text.split("\n")) == ["de: Satz 0.", "en: Sentence 0."]
    with pytest.raises(ConfigError, match=r"finetranslations has no ko; it has de, ja"):
        _texts("finetranslations", "en", "ko")


def test_finetranslations_of_the_hub_is_fetched_file_by_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "hub"
    _fine(home, "deu_Latn", [("Ein Satz.", "A sentence.", 3)])
    fetched: list[str] = []

    def fetch(repo: str, name: str) -> Path:
        fetched.append(name)
        return home / "data/deu_Latn/000_00000.parquet"

    names = [
        "README.md",
        "data/deu_Latn/000_00000.parquet",
        "data/deu_Latn/000_00001.parquet",
        "data/kor_Hang/0.parquet",
    ]
    monkeypatch.delenv("XLEVAL_DATA", raising=False)
    monkeypatch.setattr(corpora, "hub_names", lambda repo: names)
    monkeypatch.setattr(corpora, "fetch", fetch)
    assert len(_texts("finetranslations", "en", "de", limit=1)) == 1
    assert fetched == names[1:2]  # what is not needed is not downloaded
