"""The question templates: complete, well formed in every language, refused when broken."""

import re
import unicodedata

import pytest

from xleval.data.languages import LANGUAGES, POLYFACT_LANGUAGES
from xleval.errors import ConfigError, DataError
from xleval.polyfact.relations import RELATIONS
from xleval.polyfact.wording import (
    COLUMNS,
    SLOT,
    Template,
    load_templates,
    missing_templates,
    parse_templates,
    render_question,
    type_word,
)

WRITTEN_LANGUAGES = (*POLYFACT_LANGUAGES, "ko", "uk", "th", "te")

SCRIPT_NAMES = {
    "Latn": "LATIN", "Arab": "ARABIC", "Beng": "BENGALI", "Cyrl": "CYRILLIC", "Hira": "HIRAGANA", "Kana": "KATAKANA",
    "Hani": "CJK UNIFIED", "Hang": "HANGUL", "Thai": "THAI", "Telu": "TELUGU",
}  # fmt: skip

TEMPLATES = [template for rows in load_templates().values() for template in rows]


def template_of(template_id: str, lang: str) -> Template:
    (found,) = [row for row in TEMPLATES if row.template_id == template_id and row.lang == lang]
    return found


@pytest.mark.parametrize("lang", WRITTEN_LANGUAGES)
def test_every_relation_and_subject_type_has_three_wordings(lang: str) -> None:
    templates = load_templates()
    for relation in RELATIONS.values():
        for kind in relation.subject_types:
            ids = [row.template_id for row in templates[relation.pid, kind, lang]]
            assert ids == [f"{relation.pid}.{kind}.{letter}" for letter in "abc"]


def test_ids_are_unique_by_language_and_nobody_is_said_to_have_reviewed() -> None:
    pairs = [(row.template_id, row.lang) for row in TEMPLATES]
    assert len(pairs) == len(set(pairs)) == 48 * sum(len(row.subject_types) for row in RELATIONS.values())
    assert {row.written_by for row in TEMPLATES} == {"claude (language model)"}
    assert {row.reviewed_by for row in TEMPLATES} == {""}
    assert all(row.note for row in TEMPLATES)


@pytest.mark.parametrize("lang", WRITTEN_LANGUAGES)
def test_slot_script_and_punctuation(lang: str) -> None:
    for template in TEMPLATES:
        if template.lang == lang:
            assert_well_formed(template)


def assert_well_formed(template: Template) -> None:
    assert template.question.count(SLOT) == 1
    words = template.question.replace(SLOT, "")
    allowed = tuple(SCRIPT_NAMES[script] for script in LANGUAGES[template.lang].scripts)
    for char in words:
        category = unicodedata.category(char)
        if category[0] in "LM":
            assert unicodedata.name(char).startswith(allowed), (char, unicodedata.name(char))
        else:
            assert category in {"Po", "Pd", "Zs"}, (char, category)  # no digits, brackets, quotes or invisible marks
            assert category != "Zs" or char == " "
    assert_question_mark(template.question.replace(SLOT, "X"), template.lang)


def assert_question_mark(question: str, lang: str) -> None:
    marks = {"ar": "؟", "ja": "？", "zh": "？", "th": ""}
    mark = marks.get(lang, "?")
    assert re.sub(r"[^?？؟]", "", question) == mark
    assert question.endswith(mark)
    assert question.count("¿") == (1 if lang == "es" else 0)
    assert question.endswith(" ?") == (lang == "fr")
    if lang in {"ja", "zh"}:
        assert not set(question) & set(" :?.,")


def test_a_question_calls_no_territory_a_country() -> None:
    country_words = {
        "en": "country", "de": "land", "id": "negara", "pt": "país", "ar": "دولة", "bn": "(?<!মহা)দেশ", "sw": "nchi", "es": "país",
        "ru": "государств|стран", "fr": "pays", "ja": "国", "zh": "国家|首都", "ko": "나라|국가", "uk": "держав|країн",
        "th": "ประเทศ", "te": "దేశ",
    }  # fmt: skip
    assert set(country_words) == set(WRITTEN_LANGUAGES)
    for row in TEMPLATES:
        if row.subject_type == "territory":
            assert not re.search(country_words[row.lang], row.question.lower()), row


# Zones of the capitals and cities whose CLDR names stand for the options of P36.
CITY_ZONES = ("Europe/Athens", "Africa/Cairo", "Africa/Nairobi", "Asia/Seoul", "America/Mexico_City", "Europe/Rome")


def options(pid: str, lang: str) -> set[str]:
    """Return names that CLDR gives to possible answers of a relation."""
    babel = pytest.importorskip("babel")
    locale = babel.Locale.parse(LANGUAGES[lang].cldr)
    territories = {code: name for code, name in locale.territories.items() if code.isalpha() and code != "ZZ"}
    if pid in {"P17", "P1376"}:
        return set(territories.values())
    if pid == "P30":
        return {locale.territories[code] for code in ("002", "003", "005", "009", "019", "142", "150", "AQ")}
    if pid == "P37":
        return {name for code, name in locale.languages.items() if len(code) == 2}
    if pid == "P38":
        metals = {"XAG", "XAU", "XPD", "XPT"}  # "silver" is in the Thai word for currency
        return {name for code, name in locale.currencies.items() if code not in metals}
    zones = locale.time_zones
    return {zones[zone]["city"] for zone in CITY_ZONES if "city" in zones.get(zone, {})}


@pytest.mark.parametrize("lang", WRITTEN_LANGUAGES)
def test_no_wording_contains_an_option(lang: str) -> None:
    for row in TEMPLATES:
        if row.lang != lang:
            continue
        words = row.question.replace(SLOT, " ").lower()
        for option in options(row.relation_pid, lang):
            name = re.escape(option.lower())
            pattern = rf"(?<!\w){name}(?!\w)" if LANGUAGES[lang].spaced else name
            assert not re.search(pattern, words), (row.template_id, option)


@pytest.mark.parametrize(
    ("template_id", "lang", "label", "expected"),
    [
        ("P36.country.a", "en", "Netherlands", "Netherlands: what is the capital of this country?"),
        ("P17.city.a", "en", "Port Moresby", "In which country is Port Moresby located?"),
        ("P36.country.a", "de", "Vereinigte Staaten", "Vereinigte Staaten: Wie heißt die Hauptstadt dieses Landes?"),
        ("P30.territory.b", "de", "Grönland", "Auf welchem Kontinent liegt das folgende Gebiet: Grönland?"),
        ("P36.country.a", "id", "Amerika Serikat", "Apa ibu kota Amerika Serikat?"),
        ("P1376.city.b", "pt", "Cairo", "Cairo é a capital de que país?"),
        ("P30.country.a", "ar", "الأردن", "ما القارة التي تضم الأردن؟"),
        ("P38.country.a", "bn", "কেনিয়া", "কেনিয়া দেশটির মুদ্রার নাম কী?"),
        ("P17.city.a", "sw", "Jiji la Mexico", "Jiji la Mexico ni mji ulio katika nchi gani?"),
        (
            "P37.country.a", "es", "República Democrática del Congo",
            "República Democrática del Congo: ¿cuál es el idioma oficial de este país?",
        ),
        ("P1376.city.a", "ru", "Афины", "Как называется страна, столицей которой является город Афины?"),
        ("P38.territory.a", "ru", "Бермудские о-ва", "Бермудские о-ва: как называется валюта этой территории?"),
        ("P1376.city.a", "fr", "Le Caire", "Quel pays a pour capitale Le Caire ?"),
        ("P36.country.a", "ja", "アメリカ合衆国", "アメリカ合衆国の首都はどこですか？"),
        ("P36.territory.a", "zh", "格陵兰", "格陵兰的首府是哪里？"),
        ("P1376.city.a", "ko", "포트모르즈비", "수도가 포트모르즈비인 나라는 어디입니까?"),
        ("P37.country.a", "uk", "Кенія", "Яка мова є офіційною в державі Кенія?"),
        ("P36.country.a", "th", "เคนยา", "เมืองหลวงของเคนยาคือเมืองใด"),
        ("P36.country.a", "te", "కెన్యా", "కెన్యా అనే దేశానికి రాజధాని ఏది?"),
        ("P36.country.c", "en", "Bahamas", "Country: Bahamas – what is its capital?"),
    ],
)  # fmt: skip
def test_rendered_questions(template_id: str, lang: str, label: str, expected: str) -> None:
    assert render_question(template_of(template_id, lang), label) == expected


@pytest.mark.parametrize("label", ["", " Kenya", "Kenya ", "Ken\nya", "Ken\u2028ya"])
def test_a_label_that_is_no_name_is_refused(label: str) -> None:
    with pytest.raises(DataError, match=r"subject label .* for P36\.country\.a \(en\): .* is required"):
        render_question(template_of("P36.country.a", "en"), label)


def test_a_label_with_braces_is_only_inserted() -> None:
    template = template_of("P36.country.a", "en")
    assert render_question(template, "{subject} {0}") == "{subject} {0}: what is the capital of this country?"


def test_every_kind_has_one_type_word_in_every_language() -> None:
    assert type_word("city", "ja") == "都市"
    assert type_word("country", "fr") == "Pays"
    kinds = {kind for relation in RELATIONS.values() for kind in relation.subject_types}
    for lang in WRITTEN_LANGUAGES:
        for kind in kinds:
            words = {row.question.partition(SLOT)[0].strip(" :：") for row in TEMPLATES
                     if (row.subject_type, row.lang, row.letter) == (kind, lang, "c")}  # fmt: skip
            assert words == {type_word(kind, lang)}
    with pytest.raises(DataError, match="no wording of the form"):
        type_word("continent", "en")


def test_missing_templates_names_the_language() -> None:
    assert missing_templates(WRITTEN_LANGUAGES, RELATIONS) == []
    assert missing_templates(["en", "yo"], ["P1376", "P85"]) == ["Yoruba (yo): P1376 city, P85 country"]
    with pytest.raises(ConfigError, match="unknown language"):
        missing_templates(["xx"], RELATIONS)


GOOD = {
    "template_id": "P36.country.a",
    "relation_pid": "P36",
    "subject_type": "country",
    "lang": "en",
    "question": "{subject}: what is the capital?",
    "written_by": "someone",
    "reviewed_by": "",
    "note": "",
}


def table(*rows: dict[str, str], header: tuple[str, ...] = COLUMNS) -> list[str]:
    return ["\t".join(header) + "\n", *("\t".join(row.values()) + "\n" for row in rows)]


def test_a_good_table_is_read_in_the_order_of_the_letters() -> None:
    later = {**GOOD, "template_id": "P36.country.b", "question": "Capital of {subject}?"}
    (rows,) = parse_templates(table(later, GOOD), "t.tsv").values()
    assert [row.template_id for row in rows] == ["P36.country.a", "P36.country.b"]
    assert rows[0].question == GOOD["question"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"relation_pid": "P47"}, "unknown relation 'P47'"),
        ({"lang": "xx"}, "unknown language 'xx'"),
        ({"subject_type": "city"}, "subject type 'city' of P36; required: one of country, territory"),
        ({"template_id": "P36.territory.a"}, "template id 'P36.territory.a'; required: .* as in P36.country.a"),
        ({"question": "What is the capital?"}, "exactly once"),
        ({"question": "{subject} {subject}?"}, "exactly once"),
        ({"question": "{subject} {object}?"}, "no other braces"),
        ({"question": " {subject}?"}, "single spaces"),
        ({"question": "Wa\u0308hrung {subject}?"}, "must be NFC"),
        ({"written_by": " "}, "written_by is empty"),
    ],
)
def test_a_broken_row_is_named_with_file_and_row(change: dict[str, str], message: str) -> None:
    fine = {**GOOD, "lang": "de"}
    with pytest.raises(DataError, match=rf"^t\.tsv, row 3: .*{message}"):
        parse_templates(table(fine, {**GOOD, **change}), "t.tsv")


def test_duplicates_are_refused() -> None:
    with pytest.raises(DataError, match=r"t\.tsv, row 3: template P36\.country\.a occurs twice for en"):
        parse_templates(table(GOOD, {**GOOD, "question": "Capital of {subject}?"}), "t.tsv")
    with pytest.raises(DataError, match=r"t\.tsv, row 3: question .* occurs twice for en"):
        parse_templates(table(GOOD, {**GOOD, "template_id": "P36.country.b"}), "t.tsv")


def test_columns_and_fields() -> None:
    with pytest.raises(DataError, match=r"t\.tsv, row 1: unknown columns: extra; missing columns: none"):
        parse_templates(table({**GOOD, "extra": "x"}, header=(*COLUMNS, "extra")), "t.tsv")
    with pytest.raises(DataError, match=r"t\.tsv, row 1: unknown columns: none; missing columns: note"):
        parse_templates(table(header=COLUMNS[:-1]), "t.tsv")
    with pytest.raises(DataError, match=r"t\.tsv, row 2: 9 fields found, 8 required"):
        parse_templates(table({**GOOD, "more": "x"}), "t.tsv")
    with pytest.raises(DataError, match=r"t\.tsv: no templates found"):
        parse_templates(table(), "t.tsv")
