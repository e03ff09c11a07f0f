"""What is protected in real and invented texts, and that placeholders come back."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from xleval.data.reasoning.protection import (
    Restored,
    leftover_placeholders,
    protect,
    protected_spans,
    restore,
    without_placeholders,
)


def parts(text: str) -> list[tuple[str, str]]:
    return [(span.kind, text[span.start : span.end]) for span in protected_spans(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Each costs $5 and $10.", [("number", "$5"), ("number", "$10")]),
        ("from $5-$10 or $1,234.50", [("number", "$5"), ("number", "$10"), ("number", "$1,234.50")]),
        ("so 5*7=$35 in all", [("number", "5"), ("number", "7"), ("number", "$35")]),
        ("$7 each, so 5*7=$<<5*7=35>>35",
         [("number", "$7"), ("number", "5"), ("number", "7"), ("calculator", "<<5*7=35>>"), ("number", "35")]),
        ("If $x+1$ and $ y $ are 3,", [("formula", "$x+1$"), ("formula", "$ y $"), ("number", "3")]),
        ("Let $x,$$y,$ and $5$", [("formula", "$x,$"), ("formula", "$y,$"), ("formula", "$5$")]),
        (r"costs \$5 for $\$5x$", [("number", r"\$5"), ("formula", r"$\$5x$")]),
        (r"\(a\), \[b = 2\], $$c$$", [("formula", r"\(a\)"), ("formula", r"\[b = 2\]"), ("formula", "$$c$$")]),
        (r"\begin{align*}x&=1\\y&=2\end{align*} end", [("formula", r"\begin{align*}x&=1\\y&=2\end{align*}")]),
        (r"the value \frac{1}{\sqrt{2}} alone", [("formula", r"\frac{1}{\sqrt{2}}")]),
        ("run `f(3)` or ```\nx = 1\n```", [("code", "`f(3)`"), ("code", "```\nx = 1\n```")]),
        ("[asy]\ndraw((0,0));\n[/asy]", [("code", "[asy]\ndraw((0,0));\n[/asy]")]),
        ("see https://example.org/a_b?c=1.", [("url", "https://example.org/a_b?c=1")]),
        ("20% of 3.5 at 7:30, 1/2 or 12,000", [
            ("number", "20%"), ("number", "3.5"), ("number", "7:30"), ("number", "1/2"), ("number", "12,000")]),
        ("the 5th of H2O, x5", []),
        ("每天下 16 颗蛋，共16颗", [("number", "16"), ("number", "16")]),
        ("", []),
    ],
)  # fmt: skip
def test_what_is_protected(text: str, expected: list[tuple[str, str]]) -> None:
    assert parts(text) == expected


def test_numbers_stay_in_the_text_unless_asked_for() -> None:
    text = "Ana pays $5 for $n$ pears <<5*2=10>>."
    assert protect(text, numbers=False).text == "Ana pays $5 for XQ1Z pears XQ2Z."
    assert protect(text, numbers=True).text == "Ana pays XQ1Z for XQ2Z pears XQ3Z."


@pytest.mark.parametrize(
    "translated",
    ["Suma XQ1Z y XQ2Z.", "Suma xq1z y Xq2Z.", "Suma XQ 1 Z y XQ2 Z.", "Suma ＸＱ１Ｚ y XQ２Z.", "Suma ХQ1Z y XQ٢Z."],
)  # fmt: skip
def test_placeholders_are_known_again_as_translators_spell_them(translated: str) -> None:
    protected = protect("Add $a$ and $b$.", numbers=False)
    assert restore(translated, protected) == Restored(text="Suma $a$ y $b$.", lost=(), repeated=())


def test_lost_repeated_and_unknown_placeholders_are_told() -> None:
    protected = protect("Add $a$, $b$ and $c$.", numbers=False)
    restored = restore("Suma XQ3Z, XQ3Z y XQ9Z.", protected)
    assert restored == Restored(text="Suma $c$, $c$ y XQ9Z.", lost=("$a$", "$b$"), repeated=("$c$",))
    assert leftover_placeholders(restored.text) == ["XQ9Z"]
    assert without_placeholders("XQ1Z = XQ2Z.").split() == ["=", "."]


def test_a_text_with_words_like_placeholders_gets_others() -> None:
    text = "The code XQ1Z times $x$."
    protected = protect(text, numbers=False)
    assert protected.text == "The code XQ1Z times QX1Z."
    assert restore(protected.text, protected).text == text


def test_restoring_puts_nothing_from_the_formula_through_a_pattern() -> None:
    text = r"Take $\1 \g<0>$ and $XQ1Z$."
    protected = protect(text, numbers=True)
    assert restore(protected.text, protected).text == text


def real_texts(shared_data: Path) -> Iterator[tuple[str, str]]:
    from pyarrow import parquet

    for name, columns in (("gsm8k/train", ("question", "answer")), ("gsm8k/test", ("question", "answer")),
                          ("math500/test", ("problem", "solution"))):  # fmt: skip
        for line in (shared_data / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            yield from ((name.split("/")[0], row[column]) for column in columns)
    for row in parquet.read_table(shared_data / "simplerl_zoo" / "train.parquet", columns=["question"]).to_pylist():
        yield "simplerl", row["question"]


def test_round_trip_of_every_real_text(shared_data: Path) -> None:
    checked = 0
    for name, text in real_texts(shared_data):
        protected = protect(text, numbers=True)
        assert restore(protected.text, protected) == Restored(text=text, lost=(), repeated=()), name
        checked += 1
    assert checked == 2 * (7473 + 1319) + 2 * 500 + 8523


def test_dollar_signs_of_real_texts(shared_data: Path) -> None:
    """GSM8K's are all money. Those of MATH limit formulas, but for at most eight texts (such as unbalanced ones)."""
    formulas_in_gsm8k = 0
    left_in_maths: list[str] = []
    for name, text in real_texts(shared_data):
        kinds = {span.kind for span in protected_spans(text, numbers=False)}
        if name == "gsm8k":
            formulas_in_gsm8k += "formula" in kinds
        elif "$" in protect(text, numbers=True).text.replace(r"\$", ""):
            left_in_maths.append(text)
    assert formulas_in_gsm8k == 0
    assert len(left_in_maths) <= 8
