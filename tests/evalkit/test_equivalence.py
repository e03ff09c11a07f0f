import json
import re
import threading
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from xleval.errors import MissingExtra
from xleval.evalkit import equivalence, math_worker
from xleval.evalkit.equivalence import Answer, are_equivalent, extract_answer
from xleval.evalkit.math_worker import MathWorker

# Compared without the package: text and numbers.
SIMPLE = [
    ("1/2", "\\frac{1}{2}", "en"), ("0.5", "\\frac12", "en"), ("0,5", "\\frac{1}{2}", "de"), ("1,8", "1\\frac{4}{5}", "ru"),
    ("270/7^\\circ", "\\frac{270}7\\text{ degrees}", "en"), ("137.5", "137 \\frac{1}{2}", "en"), ("−1/2", "-\\frac{1}{2}", "en"),
    ("evelyn", "\\text{Evelyn}", "en"), ("(C)", "\\text{C}", "en"), ("90度", "90^\\circ", "zh"), ("90°", "90", "en"),
    ("15 cm²", "15\\mbox{ cm}^2", "en"), ("15 \\text{ cm}^2", "15", "en"), ("5 m/s", "5", "en"), ("18.9 dollars", "18.90", "en"),
    ("18,90 €", "18.90", "de"), ("11.111.111.100", "11,\\! 111,\\! 111,\\! 100", "de"), ("70 000", "70000", "fr"),
    ("7万", "70000", "zh"), ("１８", "18", "ja"), ("١٨", "18", "ar"), ("১,২৩,৪৫৬", "123456", "bn"), ("3分の2", "\\frac23", "ja"),
    ("50%", "50", "en"), ("50", "50\\%", "en"), ("0.5", "50\\%", "en"), ("$2\\pi$", "2\\pi", "zh"),
    ("3e4", "30000", "en"), ("\\emptyset", "\\varnothing", "en"), ("4分之3", "\\frac{3}{4}", "zh"), ("৩/৪", "\\frac{3}{4}", "bn"),
    ("1.234", "1234", "de"), ("18 ดอลลาร์", "18", "th"), ("\\text{No solution}", "no solution", "en"), ("1 1/2", "1.5", "en"),
]  # fmt: skip

ALGEBRA = [
    ("-q+p", "p - q", "en"), ("(x+1)^2", "x^2+2x+1", "en"), ("2π", "2\\pi", "zh"), ("\\frac{1}{\\sqrt{3}}", "\\frac{\\sqrt{3}}{3}", "en"),
    ("\\frac{3}{2}\\pi", "\\frac{3\\pi}{2}", "en"), ("(3, \\pi/2)", "\\left( 3, \\frac{\\pi}{2} \\right)", "en"), ("2, 1", "1, 2", "en"),
    ("1,2", "2,1", "en"), ("\\{-2, 1-\\sqrt{5}, 1+\\sqrt{5}\\}", "\\{1\\pm\\sqrt{5},-2\\}", "en"), ("10!", "3628800", "en"),
    ("(3,\\infty)\\cup(-\\infty,2)", "(-\\infty, 2) \\cup (3, \\infty)", "en"), ("x \\in [-2,7]", "[-2,7]", "en"),
    ("2x+3=y", "y = 2x + 3", "en"), ("x=5", "5", "en"), ("\\begin{pmatrix}-7\\\\16\\end{pmatrix}", "\\begin{pmatrix} -7 \\\\ 16 \\end{pmatrix}", "en"),
]  # fmt: skip

DIFFERENT = [
    ("2x", "2", "en"), ("2", "2x", "en"), ("0.5", "50", "en"), ("50", "0.5", "en"), ("2\\pi", "2", "en"), ("(2,1)", "(1,2)", "en"),
    ("4.67", "\\frac{14}{3}", "en"), ("[1,2)", "[1,2]", "en"), ("1,8", "18", "de"), ("1.8", "18", "en"), ("-5", "5", "en"),
    ("Evelyn", "\\text{Angela}", "en"), ("B", "C", "en"), ("pi", "3", "en"), ("\\sqrt{2}", "1.41", "en"), ("1,2,3", "1,2", "en"),
    ("x^2+1", "x^2-1", "en"), ("y=2x", "y=2x+1", "en"), ("(x", "5", "en"), ("", "18", "en"), ("1.2", "1,2", "en"),
    ("3.14", "\\pi", "en"), ("0.333", "\\frac{1}{3}", "en"), ("11_2", "3", "en"), ("90°", "\\frac{\\pi}{2}", "en"), ("2e", "2", "en"),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "gold", "lang"), SIMPLE)
def test_text_and_numbers_are_compared_without_the_package(
    answer: str, gold: str, lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: str) -> bool:
        raise MissingExtra("math", "this")

    monkeypatch.setattr(equivalence, "_verified", refuse)
    assert are_equivalent(answer, gold, lang)


@pytest.fixture
def math_verify() -> None:
    pytest.importorskip("math_verify")


@pytest.mark.usefixtures("math_verify")
@pytest.mark.parametrize(("answer", "gold", "lang"), ALGEBRA)
def test_equal_expressions(answer: str, gold: str, lang: str) -> None:
    assert are_equivalent(answer, gold, lang)


@pytest.mark.usefixtures("math_verify")
@pytest.mark.parametrize(("answer", "gold", "lang"), DIFFERENT)
def test_different_expressions(answer: str, gold: str, lang: str) -> None:
    assert not are_equivalent(answer, gold, lang)


@pytest.mark.usefixtures("math_verify")
def test_an_endless_comparison_is_ended_and_the_next_one_answered() -> None:
    worker = MathWorker(timeout=1)
    assert not worker.compare("9^{9^{9^9}}", "5")
    worker.close()
    patient = MathWorker()
    verdicts = []
    threads = [threading.Thread(target=lambda: verdicts.append(patient.compare("x+1", "1+x"))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    patient.close()
    assert verdicts == [True, True, True]


@pytest.mark.usefixtures("math_verify")
def test_a_worker_process_compares_too() -> None:
    assert are_equivalent("a+b", "b+a", "en")  # the parent's child runs, and is not the forked one's
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        assert pool.submit(are_equivalent, "c+d", "d+c", "en").result()


def test_missing_package_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(math_worker.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(MissingExtra, match=r"xleval\[math\]"):
        equivalence.require()
    with pytest.raises(MissingExtra):
        MathWorker().compare("x", "y")


def test_overlong_expressions_are_compared_as_text() -> None:
    long = "x+" * 2000
    assert are_equivalent(long, long, "en")
    assert not are_equivalent(long, "5", "en")


@pytest.mark.parametrize(
    ("lang", "completion", "text", "path"),
    [
        ("en", "So \\boxed{\\frac{1}{2}} at first, then $\\boxed{\\left(3, \\frac{\\pi}{2}\\right)}$.", "\\left(3, \\frac{\\pi}{2}\\right)", "boxed"),
        ("en", "\\boxed{\\text{Evelyn}}\n\nQuestion: 5 and \\boxed{7}", "\\boxed{\\text{Evelyn}}"[7:-1], "boxed"),
        ("zh", "因此，答案是 $x^2 + 1$。", "x^2 + 1", "answer_prefix"),
        ("es", "La respuesta es \\(2\\sqrt{3}\\), porque 12 = 4 · 3.", "2\\sqrt{3}", "answer_prefix"),
        ("en", "The answer is $1$ or $2$.", "$1$ or $2$", "answer_prefix"),
        ("en", "The answer is 18 because 9 * 2 = 18.", "18", "answer_prefix"),
        ("en", "The answer is p - q.", "p - q", "answer_prefix"),
        ("en", "The answer is Evelyn.", "Evelyn", "answer_prefix"),
        ("en", "so\n#### x + 1\n", "x + 1", "hash"),
        ("sw", "Kwa hivyo anapata dola 18.", "18", "last_number"),
        ("en", "I do not know.", None, "none"),
        ("en", "<think>\\boxed{5}", None, "none"),
    ],
)  # fmt: skip
def test_answers_that_may_be_expressions(lang: str, completion: str, text: str | None, path: str) -> None:
    found = extract_answer(completion, lang)
    assert (found.text, found.path) == (text, path)
    assert (found.span is None) == (text is None)
    assert found.span is None or completion[slice(*found.span)] == text
    assert isinstance(found, Answer)


def _math500(shared_data: Path) -> list[dict[str, str]]:
    lines = (shared_data / "math500" / "test.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.usefixtures("math_verify")
def test_references_of_math500_equal_the_boxed_answers_of_their_solutions(shared_data: Path) -> None:
    items = _math500(shared_data)
    found = [extract_answer(item["solution"], "en") for item in items]
    assert {answer.path for answer in found} == {"boxed"}
    failed = [
        (answer.text, item["answer"])
        for answer, item in zip(found, items, strict=True)
        if not are_equivalent(answer.text or "", item["answer"], "en")
    ]
    assert (len(items), failed) == (500, [])


@pytest.mark.usefixtures("math_verify")
def test_changed_references_of_math500_are_not_equivalent(shared_data: Path) -> None:
    # Each changed answer has one digit of the reference raised by one, so it is another number, point or interval.
    golds = [gold for item in _math500(shared_data) if re.search(r"[0-8]", gold := item["answer"]) and len(gold) > 3][
        :60
    ]
    changed = [re.sub(r"[0-8]", lambda digit: str(int(digit.group()) + 1), gold, count=1) for gold in golds]
    accepted = [pair for pair in zip(changed, golds, strict=True) if are_equivalent(*pair, "en")]
    assert (len(golds), accepted) == (60, [])


SENTENCES = {
    "en": "Therefore, the final answer is {}.",
    "zh": "因此，最终答案是 {}。",
    "sw": "Kwa hivyo, jibu la mwisho ni {}.",
}


@pytest.mark.usefixtures("math_verify")
@pytest.mark.parametrize("lang", sorted(SENTENCES))
def test_references_of_polymath_are_read_from_a_sentence(shared_data: Path, lang: str) -> None:
    golds = [
        str(json.loads(line)["answer"])
        for path in sorted((shared_data / "polymath" / lang).glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    failed = []
    for gold in golds:
        boxed = extract_answer(SENTENCES[lang].format(f"$\\boxed{{{gold}}}$"), lang)
        if boxed.path != "boxed" or not are_equivalent(boxed.text or "", gold, lang):
            failed.append((gold, boxed))
    assert (len(golds), failed) == (500, [])
