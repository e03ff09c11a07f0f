"""The default gate and its checks, and their calibration on human translations."""

import itertools
import pickle

import pytest

from xleval.data.parallel import in_parallel
from xleval.data.reasoning.gate.chatter import check_chatter
from xleval.data.reasoning.gate.copy import check_copy
from xleval.data.reasoning.gate.gate import CHECKS, LIMITS, Gate, GateConfig
from xleval.data.reasoning.gate.length import check_empty, check_length
from xleval.data.reasoning.gate.placeholders import PLACEHOLDER_LETTERS, check_placeholders
from xleval.data.reasoning.gate.runaway import check_runaway
from xleval.data.reasoning.protection import leftover_placeholders
from xleval.data.reasoning.records import Check, Pair
from xleval.errors import ConfigError

SOURCE = (
    "Janet's ducks lay 16 eggs per day. She eats three for breakfast every morning and sells the rest at the market."
)
SPANISH = "Los patos de Janet ponen 16 huevos al día. Ella come tres en el desayuno todas las mañanas y vende el resto en el mercado."
CATALAN = "Els ànecs de Janet ponen 16 ous al dia. Ella en menja tres per esmorzar cada matí i ven la resta al mercat del poble."


def pair(lang: str, target: str, source: str = SOURCE) -> Pair:
    return Pair(item_id="1", lang=lang, source=source, target=target)


def score(check: Check, lang: str, target: str, source: str = SOURCE) -> float:
    found = check(pair(lang, target, source))
    return found.score if found else 0.0


def test_a_good_translation_has_no_finding() -> None:
    assert Gate(GateConfig(use_language=False)).measure([pair("es", SPANISH)]) == [()]


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        (r"Let $x_1 = \frac{a}{b}$ be.", r"Sea $x_1=\frac{a}{b}$.", 0),
        (r"Let $x_1 = \frac{a}{b}$ be.", r"Sea $x_1=\frac{b}{a}$.", 2),
        (r"Let $x_1 = \frac{a}{b}$ be.", "Sea.", 1),
        (r"$5\text{ apples} + y$", r"$5\text{ manzanas} + y$", 0),
        ("She sold 48/2 = <<48/2=24>>24 clips.", "Vendió 48/2 = 24 clips.", 1),
        ("See https://example.org/a for `code`.", "Véase https://example.org/a y `code`.", 0),
        ("See https://example.org/a for `code`.", "Véase https://example.org/a y `código`.", 2),
        ("It costs $5 and then $10 more.", "Cuesta 5 $ y luego 10 $ más.", 0),
        ("It costs $5 and then $10 more.", "Cuesta $5 y luego $10 más.", 0),
        ("Say $a$ each and $b$ more.", "Di a cada uno y b más.", 2),
        ("It costs $5.", "Cuesta XQ1Z.", 1),
        ("It costs $5.", "Cuesta х q 1 z.", 1),
        ("It costs five.", r"Cuesta \(5\).", 1),
    ],
)
def test_placeholders(source: str, target: str, expected: float) -> None:
    assert score(check_placeholders, "es", target, source) == expected


def test_every_spelling_of_a_placeholder_has_the_letters_that_are_looked_for() -> None:
    pieces = itertools.product(*(PLACEHOLDER_LETTERS[row] for row in (0, 1, 2)))
    for first, second, last in pieces:
        assert score(check_placeholders, "es", f"Cuesta {first}{second}1{last}.", "It costs $5.") == 1
    found = {char for char in map(chr, range(0x10000)) for word in (f"{char}Q1Z", f"X{char}1Z", f"XQ1{char}")
             if leftover_placeholders(word)}  # fmt: skip
    assert found == set("".join(PLACEHOLDER_LETTERS))


@pytest.mark.parametrize(
    ("lang", "target", "expected"),
    [
        ("es", SOURCE, 20),
        ("es", SPANISH, 0),
        # the second sentence was left
        ("es", "Los patos ponen 16 huevos. She eats three for breakfast every morning and sells the rest.", 11),
        ("ko", "제넷의 오리는 하루에 16개의 알을 낳습니다. The number of eggs left is 13.", 6),
        ("ko", "Widgeteer 3000과 WidgetMaster 9000", 0),
        ("ru", "Джанет поехала в New York City.", 0),
    ],
)
def test_text_left_in_english(lang: str, target: str, expected: float) -> None:
    assert score(check_copy, lang, target) == expected


def test_a_short_source_repeated_word_for_word() -> None:
    assert score(check_copy, "es", "How many are left?", "How many are left?") == LIMITS["copy"]
    assert score(check_copy, "es", "$x + 2$", "$x + 2$") == 0


@pytest.mark.parametrize(
    ("lang", "target", "expected"),
    [
        ("es", f"Here is the translation: {SPANISH}", 1),
        ("es", f"Sure, {SPANISH}", 1),
        ("de", "Hier ist die Übersetzung:\nJanets Enten", 1),
        ("zh", "以下是翻译：珍妮特的鸭子", 1),
        ("ko", "제넷의 오리\n\n답: 18", 1),
        ("es", f'"{SPANISH}"', 1),
        ("es", f"{SPANISH}\n\nNote: I kept the number.", 1),
        ("es", f"{SPANISH}</s>", 1),
        ("es", 'Ella dijo "hola" y él dijo "adiós".', 0),
    ],
)
def test_chatter(lang: str, target: str, expected: float) -> None:
    assert score(check_chatter, lang, target) == expected
    # What the source has, too, is its own.
    assert score(check_chatter, lang, target, source=target) == 0


def test_length_is_measured_in_spreads_of_human_translations() -> None:
    source = "x" * 110
    # es: e^0.124 = 1.132 is usual, the spread 0.140: 110 e^(0.124 + 3.5 * 0.140) = 203.3 characters are 3.5 away
    assert score(check_length, "es", "x" * 202, source) < 3.5 < score(check_length, "es", "x" * 204, source)
    assert score(check_length, "es", "x" * 125, source) == 0
    # four times shorter: the spread grows by the root of 1/2 + 1/2 * 110/27.5 = 2.5
    short = score(check_length, "es", "x" * 51, "x" * 27)
    assert short == pytest.approx(score(check_length, "es", "x" * 208, source) / 2.5**0.5, rel=0.05)


def test_empty() -> None:
    assert score(check_empty, "es", " 16! ") == 1
    assert score(check_empty, "es", "16", "16") == 0


def test_runaway_text() -> None:
    assert score(check_runaway, "bn", "জেসিকা " + "ভেসে " * 60) > LIMITS["runaway"]
    assert score(check_runaway, "es", SPANISH + " Ella vende el resto." * 12) > LIMITS["runaway"]
    assert score(check_runaway, "es", SPANISH) == 0
    repeated = "the number of apples and " * 8
    assert score(check_runaway, "es", "el número de manzanas y " * 8, repeated) < LIMITS["runaway"]


@pytest.mark.parametrize(
    ("lang", "target", "rejected"),
    [
        ("es", SPANISH, False),
        ("es", CATALAN, True),
        ("es", SOURCE, True),
        ("pt", SPANISH, True),
        ("te", SPANISH, True),
        ("te", "জেনেটের হাঁস প্রতিদিন 16টি ডিম পাড়ে। তিনি প্রতিদিন তিনটি খান।", True),
        ("sw", "Bebek Janet bertelur 16 butir setiap hari. Ia makan tiga butir untuk sarapan setiap pagi.", True),
        ("ms", "Itik Janet bertelur 16 biji setiap hari dan dia makan tiga biji pada waktu pagi.", False),
        ("ms", "Bebek itu bertelur karena dia bisa; uang siswa di toko sepeda.", True),
        ("es", "Janet 16", False),
        ("es", "$x_1 = \\frac{a}{b}$", False),
        ("es", "Los patos \ud800 de Janet ponen huevos al día y ella come tres en el desayuno.", False),
    ],
)
def test_language(lang: str, target: str, rejected: bool) -> None:
    pytest.importorskip("lingua")
    [found] = Gate(GateConfig(checks=("language",))).check([pair(lang, target)])
    assert bool(found) is rejected


def test_limits_decide_what_rejects() -> None:
    lost = pair(
        "es", "Los patos de Janet ponen huevos cada día. Ella come tres y vende el resto de los huevos en el mercado."
    )
    gate = Gate(GateConfig(use_language=False))
    assert [one.check for one in gate.check([lost])[0]] == ["numbers"]
    assert Gate(GateConfig(use_language=False, limits={"numbers": 1.0})).check([lost]) == [()]
    assert Gate(GateConfig(use_language=False, limits={"numbers:es": 1.0})).check([lost]) == [()]
    assert (
        Gate(GateConfig(use_language=False, limits={"numbers:es": 1.0})).limit("numbers", "bn") == LIMITS["numbers:bn"]
    )
    # A limit for a check holds in every language, also where the default has an exception.
    assert Gate(GateConfig(limits={"numbers": 0.9})).limit("numbers", "bn") == 0.9
    # What is below its limit is measured all the same.
    [measured] = Gate(GateConfig(use_language=False, limits={"numbers": 1.0})).measure([lost])
    assert {one.check: one.score for one in measured}["numbers"] == 0.9


def test_names_and_fingerprint_say_what_was_checked() -> None:
    gate = Gate(GateConfig(checks=("numbers", "length"), limits={"length": 5}))
    assert gate.names == ("length", "numbers")
    printed = gate.fingerprint()
    assert printed["checks"] == "length numbers"
    assert "length=5" in printed["limits"].split()
    assert "copy" not in printed["limits"]
    assert "lingua" not in printed
    assert "lingua" in Gate().fingerprint()
    assert Gate().names == tuple(CHECKS)
    assert "language" not in Gate(GateConfig(use_language=False)).names


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (GateConfig(checks=("number",)), "numbers"),
        (GateConfig(checks=("numbers",), limits={"length": 3}), "makes only numbers"),
        (GateConfig(limits={"numbers": 0}), "above 0"),
        (GateConfig(limits={"numbers:xx": 1}), "xx"),
    ],
)
def test_wrong_configurations_are_refused(config: GateConfig, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Gate(config)


def test_the_gate_works_in_forked_processes_and_can_be_pickled() -> None:
    pairs = [pair("es", SPANISH), pair("es", SPANISH.replace("16", "17")), pair("es", SOURCE)]
    gate = pickle.loads(pickle.dumps(Gate(GateConfig(use_language=False))))
    alone = [gate.check([one]) for one in pairs]
    parallel = list(in_parallel(lambda index: gate.check([pairs[index]]), range(3), size=3, worth=1))
    assert parallel == alone == [[one] for one in gate.check(pairs)]
    assert [sorted(one.check for one in found) for [found] in alone] == [[], ["numbers"], ["copy"]]
