"""Parallel text from folders in the layouts that such sets are published in, and what is said of those that are wrong."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from xleval.data.language_names import language_code
from xleval.data.languages import POLYFACT_LANGUAGES
from xleval.errors import ConfigError, DataError
from xleval.probing.text_files import choose_files
from xleval.probing.texts import read_parallel_text

Folder = Callable[[Mapping[str, str]], str]
LINES = {"devtest/eng_Latn.devtest": "One.\nTwo.\nThree.\n", "devtest/deu_Latn.devtest": "Eins.\nZwei.\nDrei.\n"}


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    def make(files: Mapping[str, str]) -> str:
        for name, content in files.items():
            path = tmp_path / "set" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8", newline="")
        return str(tmp_path / "set")

    return make


def test_flores_as_it_is_in_the_twelve_languages(shared_data: Path) -> None:
    # 1,012 lines a file (wc -l, 2026-11-22); first words read off the files.
    text = read_parallel_text(str(shared_data / "flores200_devtest"), POLYFACT_LANGUAGES)
    assert text.source.endswith("flores200_devtest, devtest")
    assert (text.langs, len(text), text.notes) == (POLYFACT_LANGUAGES, 1012, ())
    starts = {"en": '"We now have', "sw": '"Sasa tuna panya', "zh": "他补充道：“我们现在有", "ar": "أضاف قائلاً"}
    for lang, start in starts.items():
        assert text.sentences[lang][0].startswith(start)
    # The folder holds traditional Chinese beside it, which is another file: 鼠 is 鼠 in both, 们 is 們 there.
    assert "们" in text.sentences["zh"][0]


@pytest.mark.parametrize(
    "names",
    [
        ("devtest/eng_Latn.devtest", "devtest/deu_Latn.devtest"),
        ("eng_Latn.devtest", "deu_Latn.devtest"),
        ("en.txt", "de.txt"),
        ("eng_Latn", "deu_Latn"),
        ("eng.devtest", "deu.devtest"),
        ("train.en", "train.de"),
        ("en/part.txt", "de/part.txt"),
    ],
)
def test_a_file_for_each_language(folder: Folder, names: tuple[str, str]) -> None:
    english, german = LINES.values()
    source = folder({names[0]: english, names[1]: german, "README": "read me", "metadata_devtest.tsv": "URL\tdomain\n"})
    text = read_parallel_text(source, ["de", "en"], limit=2)
    assert text.sentences == {"de": ("Eins.", "Zwei."), "en": ("One.", "Two.")}


def test_a_folder_named_without_its_script_has_simplified_chinese_and_standard_arabic() -> None:
    # Names of FLORES-101, FLORES-200 and FLORES+; Traditional and romanised texts are no `zh` and no `ar`.
    for name in ("zho_simpl", "zho_Hans", "cmn_Hans"):
        assert language_code(name) == "zh"
    for name in ("zho_trad", "zho_Hant", "cmn_Hant", "arb_Latn", "ary_Arab", "yue_Hant"):
        assert language_code(name) == ""
    names = {"arb_Arab": "ar", "swh_Latn": "sw", "zsm_Latn": "ms", "kor_Hang": "ko", "kor_Kore": "ko", "jpn_Jpan": "ja"}
    assert {name: language_code(name) for name in names} == names


def test_flores_plus_parquet_is_joined_on_its_ids(tmp_path: Path) -> None:
    # dev/LANG.parquet and devtest/LANG.parquet with the columns of openlanguagedata/flores_plus.
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    rows = {"eng_Latn": [(3, "Three."), (1, "One."), (2, "Two.")], "cmn_Hans": [(1, "一。"), (2, "二。"), (3, "三。")]}
    for split in ("dev", "devtest"):
        (tmp_path / split).mkdir()
        for name, cells in rows.items():
            iso, script = name.split("_")
            columns = {
                "id": [number for number, _ in cells], "iso_639_3": [iso] * 3, "iso_15924": [script] * 3,
                "text": [f"{split} {text}" for _, text in cells],
            }  # fmt: skip
            parquet.write_table(pyarrow.table(columns), tmp_path / split / f"{name}.parquet")
    text = read_parallel_text(str(tmp_path), ["en", "zh"])
    assert text.sentences == {
        "en": ("devtest Three.", "devtest One.", "devtest Two."),
        "zh": ("devtest 三。", "devtest 一。", "devtest 二。"),
    }
    assert read_parallel_text(str(tmp_path), ["zh"], split="dev").sentences["zh"][0] == "dev 一。"


def test_one_table_with_rows_in_all_languages(folder: Folder) -> None:
    rows = [
        {"id": i, "iso_639_3": iso, "iso_15924": script, "text": f"{iso} {i}"}
        for iso, script in (("deu", "Latn"), ("zho", "Hant"), ("zho", "Hans"))
        for i in (0, 1)
    ]
    text = read_parallel_text(
        folder({"devtest.jsonl": "\n".join(map(json.dumps, rows))}) + "/devtest.jsonl", ["zh", "de"]
    )
    assert text.sentences == {"zh": ("zho 0", "zho 1"), "de": ("deu 0", "deu 1")}


def test_one_table_with_a_column_for_each_language(folder: Folder) -> None:
    # `id` is a number here and Indonesian below.
    wide = "id,sentence_eng_Latn,sentence_deu_Latn\n7,One.,Eins.\n9,Two.,Zwei.\n"
    assert read_parallel_text(folder({"a.csv": wide}), ["de", "en"]).sentences["de"] == ("Eins.", "Zwei.")
    named = "id,en\nSatu ekor tikus,One mouse\nDua ekor tikus,Two mice\n"
    text = read_parallel_text(folder({"a.csv": named}), ["id", "en"])
    assert text.sentences["id"] == ("Satu ekor tikus", "Dua ekor tikus")


def test_only_line_feeds_end_a_line(folder: Folder) -> None:
    english, german = "One\u2028and a half.\r\nTwo.\r\n", "Eins\x0cund halb.\nZwei."
    text = read_parallel_text(folder({"en.txt": "\ufeff" + english, "de.txt": german}), ["en", "de"])
    assert text.sentences == {"en": ("One\u2028and a half.", "Two."), "de": ("Eins\x0cund halb.", "Zwei.")}


def test_a_sentence_that_a_language_lacks_is_left_out_in_all_and_counted(folder: Folder) -> None:
    source = folder({"en.txt": "One.\n\nThree.\nFour.\nFive.\n", "de.txt": "Eins.\nZwei.\nDrei.\n  \nFuenf.\n"})
    text = read_parallel_text(source, ["en", "de"], limit=2)
    assert text.sentences == {"en": ("One.", "Three."), "de": ("Eins.", "Drei.")}
    (note,) = text.notes
    assert "2 of 5 sentences" in note
    assert note.endswith("en 1, de 1.")


def test_a_limit_above_what_there_is_reads_all_and_says_how_many(folder: Folder) -> None:
    text = read_parallel_text(folder(LINES), ["en", "de"], limit=10)
    assert len(text) == 3
    (note,) = text.notes
    assert "10 sentences were asked for" in note
    assert "has 3 in all languages" in note


def test_the_hash_is_of_languages_and_sentences_not_of_the_place(folder: Folder, tmp_path: Path) -> None:
    here = read_parallel_text(folder(LINES), ["en", "de"])
    for name, content in zip(("en.txt", "de.txt"), LINES.values(), strict=True):
        (tmp_path / name).write_text(content, encoding="utf-8")
    (tmp_path / "set").rename(tmp_path / ".hidden")  # not read
    there = read_parallel_text(str(tmp_path), ["en", "de"])
    assert there.sha256 == here.sha256
    assert there.source != here.source
    assert len({here.sha256, read_parallel_text(str(tmp_path), ["en", "de"], limit=2).sha256}) == 2
    assert read_parallel_text(str(tmp_path), ["de", "en"]).sha256 != here.sha256


@pytest.mark.parametrize(
    ("files", "langs", "said"),
    [
        (LINES, ["en", "sw", "ja"], ("lacks the languages sw, ja", "it has de, en", "beside devtest/deu_Latn.devtest")),
        ({"README": "x"}, ["en", "de"], ("no parallel text", "found: README", "en.txt")),
        ({"flores.py": "x"}, ["en"], ("a script of its own, which is never run", "openlanguagedata/flores_plus")),
        (LINES | {"devtest/eng.devtest": "x"}, ["en"], ("2 files in en", "eng.devtest")),
        ({"a.csv": "url,domain\nx,y\n"}, ["en"], ("no column text", "it has url, domain")),
        ({"a.csv": "text\nx\ny\n"}, ["en"], ("no column language or lang",)),
        ({"a.csv": "lang,text\nen,x\nen,y\nxx,z\n"}, ["en", "de"], ("no sentences in de; it has en",)),
    ],
)
def test_what_a_folder_lacks_is_named(
    folder: Folder, files: Mapping[str, str], langs: list[str], said: tuple[str, ...]
) -> None:
    with pytest.raises(ConfigError) as caught:
        read_parallel_text(folder(files), langs)
    assert "\n" not in str(caught.value)
    for part in said:
        assert part in str(caught.value)


def test_different_numbers_of_lines_are_no_parallel_text(folder: Folder) -> None:
    with pytest.raises(DataError, match=r"en\.txt has 3 lines, .*de\.txt has 2; line i"):
        read_parallel_text(folder({"en.txt": "a\nb\nc\n", "de.txt": "a\nb\n"}), ["en", "de"])
    with pytest.raises(DataError, match=r"en\.txt has 3 lines, .*de\.txt has 0; line i"):
        read_parallel_text(folder({"de.txt": ""}), ["en", "de"])


def test_an_id_that_is_there_twice_is_refused(folder: Folder) -> None:
    rows = "id,text\n1,a\n2,b\n1,c\n"
    with pytest.raises(DataError, match=r"row 3, column 'id': '1' is there twice in en"):
        read_parallel_text(folder({"en.csv": rows, "de.csv": "id,text\n1,a\n2,b\n"}), ["en", "de"])


def test_bytes_that_are_no_utf8_are_named(folder: Folder) -> None:
    source = folder({"en.txt": "a\nb\n", "de.txt": "a\nb\n"})
    (Path(source) / "de.txt").write_bytes(b"a\n\xff\xfeb\n")
    with pytest.raises(DataError, match=r"de\.txt, line 2: not UTF-8"):
        read_parallel_text(source, ["en", "de"])


def test_too_little_to_compare_is_refused(folder: Folder) -> None:
    source = folder({"en.txt": "a\n\nc\n", "de.txt": "\nb\nc\n"})
    with pytest.raises(DataError, match="sentences in all of en, de: 1; at least 2"):
        read_parallel_text(source, ["en", "de"])
    with pytest.raises(ConfigError, match="a limit of 1 sentences"):
        read_parallel_text(source, ["en", "de"], limit=1)


def test_wrong_names_are_said_in_one_line(folder: Folder) -> None:
    with pytest.raises(ConfigError, match="unknown language 'german'"):
        read_parallel_text(folder(LINES), ["en", "german"])
    with pytest.raises(ConfigError, match="has no split 'dev'; it has devtest"):
        read_parallel_text(folder(LINES), ["en"], split="dev")
    with pytest.raises(ConfigError, match=r"\./nowhere does not exist; give a folder"):
        read_parallel_text("./nowhere", ["en"])


def test_the_first_split_with_all_languages_is_read() -> None:
    names = ["dev/eng_Latn.dev", "dev/swh_Latn.dev", "devtest/eng_Latn.devtest", "sw/test.parquet"]
    assert choose_files(names, "set", ["en"], None).by_lang == {"en": ["devtest/eng_Latn.devtest"]}
    assert choose_files(names, "set", ["en", "sw"], None).split == "dev"
    parts = ["sw/test-00001-of-00002.parquet", "sw/test-00000-of-00002.parquet"]
    assert choose_files(parts, "set", ["sw"], None).by_lang == {"sw": sorted(parts)}


def test_the_hub_cache_is_read_where_there_is_no_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # The layout of huggingface_hub's own cache (1.x): refs/main names the commit, snapshots/COMMIT has the files.
    constants = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(DataError, match=r"some/set could not be read from the hub .* Give a folder of it"):
        read_parallel_text("some/set", ["en", "de"])
    commit = "0123456789abcdef0123456789abcdef01234567"
    root = tmp_path / "datasets--some--set"
    for name, content in LINES.items():
        path = root / "snapshots" / commit / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    (root / "refs").mkdir()
    (root / "refs/main").write_text(commit)
    for source in ("some/set", f"some/set@{commit}"):
        text = read_parallel_text(source, ["de", "en"])
        assert text.source == f"some/set@{commit}, devtest"
        assert text.sentences["de"] == ("Eins.", "Zwei.", "Drei.")
