"""Back-translation with a table of translations; Apertium's figures are in benchmarks/dear_gates.py."""

from collections.abc import Iterator, Mapping, Sequence

import pytest

from xleval.data.reasoning.records import Pair
from xleval.data.reasoning.translators.protocol import Translated, TranslationRequest
from xleval.errors import BackendError, ConfigError

pytest.importorskip("sacrebleu")

from xleval.data.reasoning.gate.back_translation import BackTranslation, source_numbers

DUCKS = "Janet's ducks lay 16 eggs per day. She eats three and sells 13."


class TableBack:
    """Translates into English by a table, in reverse order, as an engine that sorts by length may; counts requests."""

    spec = "table-back"
    candidates = 1

    def __init__(
        self, table: Mapping[str, str], *, placeholders: bool = False, langs: Sequence[str] = ("es", "de")
    ) -> None:
        self.table = table
        self.placeholders = placeholders
        self.langs = langs
        self.asked: list[TranslationRequest] = []
        self.closed = False

    def fingerprint(self) -> Mapping[str, str]:
        return {"table": str(len(self.table))}

    def check_languages(self, source_lang: str, target_langs: Sequence[str]) -> None:
        if source_lang not in self.langs:
            raise ConfigError(f"no {source_lang}; there are {', '.join(self.langs)}")

    def translate(self, requests: Sequence[TranslationRequest]) -> Iterator[Translated]:
        self.asked += requests
        for request in reversed(requests):
            text = self.table.get(request.text)
            yield Translated(key=request.key, text=text or "", failure="" if text is not None else "not in the table")

    def close(self) -> None:
        self.closed = True


def pair(source: str, target: str, lang: str = "es") -> Pair:
    return Pair(item_id="item-1", lang=lang, source=source, target=target)


def test_the_back_translation_is_the_hypothesis_and_the_source_the_reference() -> None:
    # chrF2 by hand, "ab" against "abc": precisions 1, 1; recalls 2/3, 1/2 (mean 7/12); 5 P R / (4 P + R) = 7/11.
    # The other way round it would be 5 * (7/12) / (4 * 7/12 + 1) = 7/8.
    (result,) = BackTranslation(TableBack({"xy": "ab"})).measure([pair("abc", "xy")])
    assert result.chrf == pytest.approx(100 * 7 / 11)


def test_a_good_translation_passes_and_one_of_another_item_is_found() -> None:
    back = {
        "bien": "The ducks of Janet put 16 eggs a day. She eats 3 and sells 13.",
        "otro": "A robe takes 16 bolts of blue fibre, 13 of white.",
    }
    good, other = BackTranslation(TableBack(back), least=35).check([pair(DUCKS, "bien"), pair(DUCKS, "otro")])
    assert good is None
    assert other is not None
    assert other.check == "back-translation"
    assert 0 < other.score < 1
    assert "at least 35 expected" in other.detail


def test_a_number_that_does_not_come_back_is_found_whatever_the_chrf() -> None:
    translator = TableBack({"x": DUCKS.replace("16", "60")})
    (found,) = BackTranslation(translator).check([pair(DUCKS, "x")])
    assert found is not None
    assert found.score == pytest.approx(1 / 2)  # 16 of 16 and 13; "three" is not in digits
    assert found.detail == "numbers that did not come back: 16"
    assert BackTranslation(translator, numbers=False).check([pair(DUCKS, "x")]) == [None]


@pytest.mark.parametrize(
    ("source", "back"),
    [
        ("He has 3 cats.", "He has three cats."),
        ("It costs $1,200.50 in all.", "It costs 1200.5 dollars in all."),
        ("She walks 12 km.", "She walks a dozen km."),
        ("She had 2 and got 2 more.", "She had two and got 2 more."),
        ("The city has 23,786 people.", "The city has 23 786 people."),  # Apertium leaves digits as Spanish groups them
        ("It weighs 2,345 kg.", "It weighs 2.345 kg."),
    ],
)
def test_numbers_may_come_back_in_another_spelling(source: str, back: str) -> None:
    (result,) = BackTranslation(TableBack({"x": back})).measure([pair(source, "x")])
    assert result.lost == ()
    assert result.n_numbers == 1


def test_numbers_of_the_source_keep_their_spelling() -> None:
    assert list(source_numbers("From 1,000 to 0.5, and 1000 again.").values()) == ["1,000", "0.5"]


def test_what_could_not_be_translated_back_is_counted_and_not_rejected() -> None:
    check = BackTranslation(TableBack({"here": DUCKS, "blank": "  "}))
    pairs = [pair(DUCKS, text) for text in ("here", "missing", "", "blank")]
    assert check.check(pairs) == [None] * 4
    assert check.unchecked == {"not in the table": 1, "empty translation": 1, "nothing came back": 1}


def test_results_keep_the_order_of_the_pairs_and_equal_texts_are_asked_once() -> None:
    translator = TableBack({"a": "one cat", "b": "two dogs", "c": "three birds"})
    check = BackTranslation(translator)
    results = check.measure([pair("s", "a"), pair("s", "b"), pair("t", "a"), pair("s", "c"), pair("s", "a", "de")])
    assert [result.text for result in results] == ["one cat", "two dogs", "one cat", "three birds", "one cat"]
    assert [(request.text, request.source_lang) for request in translator.asked] == [
        ("a", "es"), ("b", "es"), ("c", "es"), ("a", "de"),
    ]  # fmt: skip
    assert {request.target_lang for request in translator.asked} == {"en"}


def test_formulas_go_through_as_placeholders_where_the_translator_wants_them() -> None:
    class Shouting(TableBack):
        def translate(self, requests: Sequence[TranslationRequest]) -> Iterator[Translated]:
            self.asked += requests
            yield from (Translated(key=request.key, text=request.text.upper()) for request in requests)

    translator = Shouting({}, placeholders=True)
    (result,) = BackTranslation(translator).measure([pair(r"SOLVE $\frac{x}{2}=3$ NOW", r"solve $\frac{x}{2}=3$ now")])
    assert "frac" not in translator.asked[0].text
    assert result.text == r"SOLVE $\frac{x}{2}=3$ NOW"
    assert result.chrf == pytest.approx(100)


def test_a_language_without_engine_is_refused_before_any_work() -> None:
    translator = TableBack({"x": "y"})
    with pytest.raises(ConfigError, match="no th"):
        BackTranslation(translator).check([pair("y", "x"), pair("y", "x", "th")])
    assert translator.asked == []


def test_a_translator_that_leaves_requests_out_is_an_error() -> None:
    class Lazy(TableBack):
        def translate(self, requests: Sequence[TranslationRequest]) -> Iterator[Translated]:
            yield Translated(key=requests[0].key, text="y")

    with pytest.raises(BackendError, match="answered 1 of 2"):
        BackTranslation(Lazy({})).check([pair("y", "x"), pair("y", "z")])


def test_the_fingerprint_names_translator_and_limits_and_does_not_change_by_use() -> None:
    check = BackTranslation(TableBack({"x": "y"}), least=30)
    before = dict(check.fingerprint())
    check.check([pair("y", "x")])
    assert dict(check.fingerprint()) == before
    assert before["translator.table"] == "1"
    assert before["least"] == "30"
    assert "chrF" in before["chrf"]


def test_closing_closes_the_translator() -> None:
    translator = TableBack({})
    BackTranslation(translator).close()
    assert translator.closed


def test_a_limit_outside_chrf_is_refused() -> None:
    with pytest.raises(ConfigError, match="in \\[0, 100\\]"):
        BackTranslation(TableBack({}), least=0.25e3)
