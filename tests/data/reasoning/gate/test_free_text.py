"""The gate of instructions and responses: what passes that word problems' gate rejects, and what does not."""

import pytest

from tests.data.reasoning.pair_texts import PAIRS
from xleval.data.reasoning.gate.free_text import FreeTextGate
from xleval.data.reasoning.gate.gate import Gate, GateConfig
from xleval.data.reasoning.records import Pair

CONFIG = GateConfig(use_language=False)
CODE = "```python\n" + "\n".join(f"print('this is line {number} of the program here')" for number in range(9)) + "\n```"


def found(source: str, target: str, lang: str = "es", config: GateConfig = CONFIG) -> set[str]:
    pair = Pair(item_id="i", lang=lang, source=source, target=target)
    return {finding.check for finding in FreeTextGate(config).check([pair])[0]}


@pytest.mark.parametrize("place", range(len(PAIRS)))
def test_human_translations_pass(place: int) -> None:
    english, response, spanish, translated = PAIRS[place]
    assert found(english, spanish) == set()
    assert found(response, translated) == set()


def test_code_is_no_english_and_has_no_length() -> None:
    # Most of this text is code: 500 characters stand in both, 60 and 14 are language. zh: 0.38 of the English length.
    source, target = (
        f"Run this program now, please, and look at it:\n\n{CODE}",
        f"请现在运行这个程序，然后看看：\n\n{CODE}",
    )
    spanish = f"Ejecuta ahora este programa, por favor, y míralo:\n\n{CODE}"
    pairs = [
        Pair(item_id="i", lang=lang, source=source, target=text) for lang, text in (("zh", target), ("es", spanish))
    ]
    plain = [{finding.check for finding in each} for each in Gate(CONFIG).check(pairs)]
    assert plain == [{"length", "copy"}, {"copy"}]  # what the gate of word problems says
    assert found(source, target, "zh") == found(source, spanish) == set()


def test_changed_code_and_lost_formulas_are_found() -> None:
    source = f"Run it:\n\n{CODE}\n\nIt prints $2x + 1$."
    good = f"Ejecútalo:\n\n{CODE}\n\nEscribe $2x + 1$."
    assert found(source, good) == set()
    assert "placeholders" in found(source, good.replace("print", "imprime", 1))
    assert "placeholders" in found(source, good.replace("$2x + 1$", "dos equis más uno"))


def test_a_text_that_is_all_code_passes_as_it_is() -> None:
    assert found(CODE, CODE) == set()


def test_one_converted_number_passes_in_prose_and_three_do_not() -> None:
    source = "It was 5 miles to the sea, 7 miles to the hill and 9 miles to the next town on the old map."
    one = "Había 8 kilómetros hasta el mar, 7 millas hasta la colina y 9 millas hasta el pueblo en el viejo mapa."
    three = "Había 8 kilómetros hasta el mar, 11 hasta la colina y 14 hasta el pueblo siguiente en el viejo mapa."
    assert found(source, one) == set()
    assert found(source, three) == {"numbers"}
    strict = GateConfig(use_language=False, limits={"numbers": 0.9})
    assert found(source, one, config=strict) == {"numbers"}


def test_lines_of_a_list_are_counted_by_what_they_begin_with() -> None:
    _, response, _, translated = PAIRS[0]
    shorter = "\n".join(line for line in translated.split("\n") if not line.startswith("2."))
    assert found(response, shorter) >= {"layout"}
    (finding, *_) = FreeTextGate(CONFIG).check([Pair(item_id="i", lang="es", source=response, target=shorter)])[0]
    assert (finding.check, finding.score, finding.detail) == ("layout", 1.0, "missing 1 numbered lines")
    assert found("- one\n- two", "- uno\n* dos") == set()  # another bullet is a bullet
    assert found("One.\n\nTwo.", "Uno.\nDos.") == set()  # blank lines do not count
    assert found("One. Two.", "Uno.\nDos.") == {"layout"}


def test_the_fingerprint_tells_it_from_the_gate_of_word_problems() -> None:
    assert FreeTextGate(CONFIG).fingerprint() != Gate(CONFIG).fingerprint()
    assert "numbers=2" in FreeTextGate(CONFIG).fingerprint()["limits"]
    assert "numbers:ko" not in FreeTextGate(CONFIG).fingerprint()["limits"]
