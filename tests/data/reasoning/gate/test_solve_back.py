"""Solve-back with solvers that follow a script: how often each of them gets each text right."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal

import pytest

from xleval.data.numbers import find_numbers
from xleval.data.reasoning.gate.solve_back import SolveBack, Solved, Solver, SolveReply, SolveRequest, Verdict, verdict
from xleval.data.reasoning.records import Pair
from xleval.errors import BackendError, ConfigError, DataError

ANSWERS = {"item-1": "18", "item-2": "7"}


def last_number(reply: str, answer: str, lang: str) -> bool | None:
    """Grade by the last number of a reply, read as the language writes it."""
    numbers = find_numbers(reply, lang)
    return numbers[-1].value == Decimal(answer) if numbers else None


class Script:
    """Answers sample k of a text with the k-th reply of its script, last request first; keeps what it was asked."""

    def __init__(self, replies: Mapping[str, Sequence[str]]) -> None:
        self.replies = replies
        self.calls: list[list[SolveRequest]] = []

    def __call__(self, requests: Sequence[SolveRequest]) -> Iterator[SolveReply]:
        self.calls.append(list(requests))
        for request in reversed(requests):
            text = self.replies[request.text][request.sample]
            if text.startswith("!"):
                yield SolveReply(key=request.key, text="", failure=text[1:])
            else:
                yield SolveReply(key=request.key, text=text)

    @property
    def asked(self) -> list[tuple[str, str, int]]:
        return sorted((one.text, one.lang, one.sample) for call in self.calls for one in call)


def pair(target: str, number: int = 1, lang: str = "es") -> Pair:
    return Pair(item_id=f"item-{number}", lang=lang, source=f"source {number}", target=target)


def solve_back(first: Script, second: Script, grade: Callable[[str, str, str], bool | None] = last_number) -> SolveBack:
    solvers = [Solver(spec="vllm:a", family="qwen", solve=first), Solver(spec="vllm:b", family="gemma", solve=second)]
    return SolveBack(solvers, ANSWERS, grade)


RIGHT, WRONG, SILENT, FAILED = "It is 18.", "It is 9.", "I do not know.", "!cut at 1024 tokens"


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        (Solved(correct=4), Solved(wrong=4), Verdict.LOST),
        (Solved(correct=3, wrong=1), Solved(wrong=3, unanswered=1), Verdict.LOST),
        (Solved(correct=3, unanswered=1), Solved(correct=1, wrong=3), Verdict.KEPT),
        (Solved(correct=2, wrong=2), Solved(wrong=4), Verdict.UNSOLVED_SOURCE),
        (Solved(correct=4), Solved(wrong=2, unanswered=2), Verdict.UNANSWERED),
        (Solved(correct=4), Solved(wrong=3, failed=1), Verdict.FAILED),
        (Solved(correct=3, failed=1), Solved(wrong=4), Verdict.FAILED),
        (Solved(correct=6, wrong=2), Solved(wrong=8), Verdict.LOST),
    ],
)
def test_one_solver_says(source: Solved, target: Solved, expected: Verdict) -> None:
    assert verdict(source, target) is expected


def test_without_samples_there_is_no_verdict() -> None:
    with pytest.raises(DataError, match="0 samples of the source"):
        verdict(Solved(), Solved(wrong=4))


def test_a_pair_is_found_where_both_solvers_lose_it() -> None:
    first = Script({"source 1": [RIGHT] * 4, "mal": [WRONG] * 4, "bien": [WRONG] * 4})
    second = Script({"source 1": [RIGHT] * 3 + [WRONG], "mal": [WRONG] * 3 + [SILENT], "bien": [WRONG] * 3 + [RIGHT]})
    check = solve_back(first, second)
    lost, kept = check.check([pair("mal"), pair("bien")])
    assert kept is None
    assert lost is not None
    assert lost.check == "solve-back"
    assert lost.score == pytest.approx(7 / 8)  # 4 of 4 and 3 of 4 samples of the source
    assert lost.detail == (
        "vllm:a solves the source 4/4, the translation 0/4 and vllm:b solves the source 3/4, the translation 0/4"
    )
    assert not check.unchecked
    assert check.unanswered["vllm:b es"] == 1


def test_only_what_can_still_be_lost_is_asked() -> None:
    first = Script({"source 1": [RIGHT] * 4, "source 2": [WRONG] * 4, "bien": [RIGHT] + [WRONG] * 3})
    second = Script({})
    assert solve_back(first, second).check([pair("bien"), pair("otro", 2)]) == [None, None]
    # All samples of all texts in one call: sources first, then the translation of the item that was solved.
    assert [len(call) for call in first.calls] == [8, 4]
    assert second.calls == []


def test_a_source_is_solved_once_for_all_languages() -> None:
    first = Script({"source 1": [RIGHT] * 4, "es": [RIGHT] * 4, "de": [RIGHT] * 4, "sw": [RIGHT] * 4})
    check = solve_back(first, Script({}))
    check.check([pair("es"), pair("de", lang="de")])
    check.check([pair("sw", lang="sw")])
    assert first.asked == sorted(
        [("source 1", "en", n) for n in range(4)] + [(lang, lang, n) for lang in ("es", "de", "sw") for n in range(4)]
    )


def test_unanswered_and_failed_samples_are_counted_and_reject_nothing() -> None:
    first = Script({"source 1": [RIGHT] * 4, "mudo": [SILENT] * 4, "corto": [WRONG] * 3 + [FAILED]})
    check = solve_back(first, Script({}))
    assert check.check([pair("mudo"), pair("corto")]) == [None, None]
    assert check.unchecked == {"vllm:a: too few answers to the translation": 1, "vllm:a: the solver failed": 1}
    assert check.unanswered["vllm:a es"] == 4


def test_a_source_whose_samples_failed_is_asked_again() -> None:
    script: dict[str, Sequence[str]] = {"source 1": [RIGHT] * 3 + [FAILED], "mal": [WRONG] * 4}
    first = Script(script)
    check = solve_back(first, Script({"source 1": [RIGHT] * 4, "mal": [WRONG] * 4}))
    assert check.check([pair("mal")]) == [None]
    assert check.unchecked == {"vllm:a: the solver failed": 1}
    script["source 1"] = [RIGHT] * 4
    assert check.check([pair("mal")])[0] is not None


def test_replies_are_read_in_the_language_of_their_text() -> None:
    seen: list[str] = []

    def grade(reply: str, answer: str, lang: str) -> bool | None:
        seen.append(lang)
        return last_number(reply, answer, lang)

    first = Script({"source 1": ["18"] * 4, "bn": ["উত্তর ১৮"] * 4})
    assert solve_back(first, Script({}), grade).check([pair("bn", lang="bn")]) == [None]
    assert seen == ["en"] * 4 + ["bn"] * 4


def test_solvers_must_be_two_of_different_families_and_no_translators() -> None:
    qwen = Solver(spec="vllm:a", family="qwen", solve=Script({}))
    other = Solver(spec="vllm:c", family="qwen", solve=Script({}))
    gemma = Solver(spec="vllm:b", family="gemma", solve=Script({}))
    with pytest.raises(ConfigError, match="two of different families"):
        SolveBack([qwen, other], ANSWERS, last_number)
    with pytest.raises(ConfigError, match="solvers none"):
        SolveBack([], ANSWERS, last_number)
    with pytest.raises(ConfigError, match="vllm:b translates or is evaluated"):
        SolveBack([qwen, gemma], ANSWERS, last_number, not_solvers=["vllm:b"])
    with pytest.raises(ConfigError, match="at least one sample"):
        SolveBack([qwen, gemma], ANSWERS, last_number, n=0)


def test_items_without_answer_and_missing_or_doubled_replies_are_errors() -> None:
    with pytest.raises(DataError, match="no answer for item item-9"):
        solve_back(Script({}), Script({})).check([pair("x", 9)])
    with pytest.raises(BackendError, match="left 4 of 4 requests"):
        solve_back(lambda requests: iter(()), Script({})).check([pair("x")])  # type: ignore[arg-type]

    def twice(requests: Sequence[SolveRequest]) -> Iterator[SolveReply]:
        yield from [SolveReply(key=requests[0].key, text=RIGHT)] * 2

    with pytest.raises(BackendError, match="twice or unasked"):
        solve_back(twice, Script({})).check([pair("x")])  # type: ignore[arg-type]


def test_the_fingerprint_names_both_solvers() -> None:
    solvers = [
        Solver(spec="vllm:a", family="qwen", solve=Script({}), settings={"temperature": "0.7"}),
        Solver(spec="vllm:b", family="gemma", solve=Script({})),
    ]
    facts = SolveBack(solvers, ANSWERS, last_number).fingerprint()
    assert facts["solver1.temperature"] == "0.7"
    assert facts["solver2.family"] == "gemma"
    assert facts["n"] == "4"
