"""The parts of the strict checks by themselves: word list, alignment, sounds, names, questions, wording."""

import math

import pytest

from xleval.data.reasoning.gate.alignment import align, clauses
from xleval.data.reasoning.gate.evidence import Evidence, evidence
from xleval.data.reasoning.gate.lexicon import Lexicon, english_stem, fold_text, lexicon, read_lexicons
from xleval.data.reasoning.gate.names import form_of, name_pairs, names
from xleval.data.reasoning.gate.questions import asked_for, last_question
from xleval.data.reasoning.gate.repetition import repeated_words
from xleval.data.reasoning.gate.sounds import distance, skeleton
from xleval.data.reasoning.records import Pair


@pytest.mark.parametrize(
    "forms",
    [
        ("apple", "apples", "Apple's"),
        ("buy", "buys"),
        ("story", "stories"),
        ("box", "boxes"),
        ("sell", "sells", "selling"),
        ("stop", "stopped"),
    ],
)
def test_forms_of_a_word_meet_under_one_stem(forms: tuple[str, ...]) -> None:
    assert len({english_stem(form) for form in forms}) == 1


def test_the_word_list_is_read_with_spaces_and_length_weights() -> None:
    table = "# remark\nde\tappl\t0.9\t0.01\t1.5\t_apf|äpf\nde\t#constant\t\t\t3\t\nde\tof\t\t\t-0.5\t\n"
    made = dict(read_lexicons(table))
    assert made["de"].entries["appl"].pieces == (" apf", "äpf")
    assert set(made["de"].entries) == {"appl"}
    # 3 (constant) + 6 apples at 1.5 - 2 of at 0.5 = 11
    assert made["de"].expected_length("apple apple apple apple apple apples of of") == 11.0


def test_a_language_without_a_list_expects_nothing() -> None:
    assert lexicon("yo").entries == {}
    assert Lexicon().expected_length("many words") == 8.0


def test_the_shipped_list_knows_plain_words() -> None:
    for lang, word, text in (
        ("de", "week", "drei Wochen"),
        ("zh", "hour", "两个小时"),
        ("ru", "because", "потому что"),
    ):
        assert any(piece in fold_text(text) for piece in lexicon(lang).entries[english_stem(word)].pieces)


def test_clauses_are_cut_at_commas_where_both_sides_are_long() -> None:
    text = "Yes, she went home early today. When the rain had stopped, they all walked to the old market."
    assert [text[a:b].strip() for a, b in clauses(text, "en")] == [
        "Yes, she went home early today.", "When the rain had stopped,", "they all walked to the old market.",
    ]  # fmt: skip


def seen(*present: bool) -> Evidence:
    return Evidence(start=0, expected=0.9, background=0.1, present=present, kind="word")


def test_the_score_of_evidence_is_a_log_odds() -> None:
    # Half of the text: 1 - 0.9 ** 0.5 + 0.01 = 0.0613 by chance.
    chance = 1 - math.sqrt(0.9) + 0.01
    assert seen(True, False).score(0, 1, 0.5) == pytest.approx(math.log(0.9 / chance))
    assert seen(True, False).score(1, 2, 0.5) == pytest.approx(math.log(0.1 / (1 - chance)))
    # 0.1 + 0.35 * 0.8 = 0.38 is the chance to find the word elsewhere although its clause is gone.
    assert seen(False, False).absence == pytest.approx(math.log(0.62 / 0.1))


def test_a_clause_that_nothing_stands_for_is_left_out_by_the_alignment() -> None:
    source = [(0, 30), (30, 60), (60, 90)]
    each = [[seen(*(place == clause for place in range(3)))] * 3 for clause in range(3)]
    whole = align(source, source, each, 1.0)
    assert whole.beads == (((0, 1), (0, 1)), ((1, 2), (1, 2)), ((2, 3), (2, 3)))
    assert whole.dropped < 0
    assert whole.added < 0
    cut = align(
        source, [(0, 30), (30, 60)], [[seen(True, False)] * 3, [seen(False, False)] * 3, [seen(False, True)] * 3], 1.0
    )
    assert cut.dropped > 3
    more = align([(0, 30), (30, 60)], source, [[seen(True, False, False)] * 3, [seen(False, False, True)] * 3], 1.0)
    assert more.added > 1


def test_evidence_reads_numbers_and_number_words_in_either_form() -> None:
    pair = Pair(
        item_id="t",
        lang="de",
        source="Three boys have 12 balls at 2:00 pm.",
        target="3 Jungen haben zwölf Bälle um 14 Uhr.",
    )
    row = evidence(pair, [(0, len(pair.source))], [(0, len(pair.target))])[0]
    numbers = {pair.source[one.start :].split()[0]: any(one.present) for one in row if one.kind == "number"}
    assert numbers == {"12": True, "2:00": True}
    assert any(one.start == 0 and any(one.present) for one in row)


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("Melanie", "Мелани"), ("Brian", "ブライアン"), ("Carlos", "카를로스"), ("Gretchen", "గ్రెచెన్"), ("Russell", "রাসেল"), ("Jamal", "Джамаля"),
        ("Peter", "ピーター"), ("Brian", "布莱恩"), ("Solo", "โซโล"),
    ],
)  # fmt: skip
def test_a_name_sounds_alike_in_every_script(name: str, form: str) -> None:
    assert distance(skeleton(name), skeleton(form)[: len(skeleton(name))]) <= 1


def test_names_are_capitals_that_are_no_common_words() -> None:
    text = "Every Monday Janet sells eggs. Toula and Marco pay. She buys bread from Janet."
    assert names(text) == ("Janet", "Toula", "Marco", "Janet")
    assert names("john has 3 apples") == ()


def test_names_are_found_in_the_translation() -> None:
    pair = Pair(item_id="t", lang="ru", source="Today Brian and Emily walk.", target="Сегодня Брайан и Эмили гуляют.")
    assert name_pairs(pair) == [("Brian", "Брайан"), ("Emily", "Эмили")]
    assert form_of("Oscar", pair.target, "ru") is None


@pytest.mark.parametrize(
    ("text", "lang", "kinds"),
    [
        ("How many apples are left?", "en", {"number"}), ("Why does he leave?", "en", {"why"}), ("Wie viele sind es?", "de", {"number", "what"}),
        ("¿Dónde está?", "es", {"where"}), ("一共有多少个？", "zh", {"number"}), ("谁先到？", "zh", {"who"}), ("Когда он придёт?", "ru", {"when"}),
        ("いくら払いますか？", "ja", {"number"}), ("Ni nani huyu?", "sw", {"who"}),
    ],
)  # fmt: skip
def test_question_words_tell_what_is_asked_for(text: str, lang: str, kinds: set[str]) -> None:
    assert asked_for(text, lang) >= kinds
    assert not {"who", "when", "where", "why"} & (asked_for(text, lang) - kinds)


def test_the_last_question_is_the_last_sentence_with_a_question_mark() -> None:
    assert last_question("He has 3. How many now? Answer in words.", "en") == "How many now?"


def test_the_longest_repeated_run_is_counted_in_words() -> None:
    assert repeated_words("Er kauft drei Eier, dann geht er. Er kauft drei Eier, dann geht er. Ende.", "de")[0] == 7
    assert repeated_words("Er kauft 3.5 Liter. Er kauft 3.5 Liter mehr.", "de") == (0, "")
    assert repeated_words("她买了三个苹果，她买了三个苹果。", "zh")[0] >= 3
