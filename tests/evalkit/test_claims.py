"""Claims are refused without their grounds, and made possible by them: one case on each side of every rule."""

import re
from pathlib import Path

import pytest

from xleval.evalkit import claims
from xleval.evalkit.results import summarise
from xleval.evalkit.results_schema import Results
from xleval.evalkit.samples import Sample

PAGE = Path(__file__).parents[2] / "docs" / "claims.md"


def test_the_page_lists_every_claim_in_the_words_of_the_code() -> None:
    rows = dict(re.findall(r"^\| ([a-z]) \| ([^|]+?) \|", PAGE.read_text(encoding="utf-8"), re.M))
    assert rows == dict(claims.CLAIMS)


def results_of(task: str, *, right: int, n: int = 40, completion: str | None = None, **signature: object) -> Results:
    """Results of `n` items in two languages of which the first `right` are right."""
    choice = {"kind": "choice", "choices": ("a", "b"), "gold_index": 0, "n_tokens": (1, 1)}
    samples = [
        Sample(
            task=task, task_version=1, lang=lang, item_id=f"{k:03d}", prompt="p", gold="a",
            prediction="a" if k < right else "b", correct=k < right, finish_reason="stop" if completion else None,
            **({"kind": "generation", "completion": completion} if completion else choice
               | {"sum_logprobs": (-1.0, -2.0) if k < right else (-2.0, -1.0)}),
        )
        for k in range(n) for lang in ("en", "sw")
    ]  # fmt: skip
    return summarise(samples, signature=signature, model="m", seed=0, resamples=50)


def letters(*runs: Results) -> str:
    return "".join(sorted(refusal.letter for refusal in claims.refused_claims(runs)))


def test_what_a_choice_task_does_not_say() -> None:
    # b: one seed; e: options; g: public; h: no reviewer.
    assert letters(results_of("facts", right=35)) == "begh"
    assert letters(results_of("facts", right=35, reviewed_by={"facts": ["A. Person"]})) == "beg"
    # 20 of 40 with two options: the interval covers 1/2, so no rank of languages (j), and consistency says nothing (f).
    assert letters(results_of("facts", right=20)) == "befghj"


def test_the_reasoning_of_a_server_that_keeps_it_back_is_in_no_language() -> None:
    hidden = results_of("sums", right=30, completion="It is a", model={"backend": "openai"})
    shown = results_of("sums", right=30, completion="It is a", model={"backend": "hf"})
    assert ("k" in letters(hidden), "k" in letters(shown)) == (True, False)


@pytest.mark.parametrize(("edition", "refused"), [("original", True), ("rev2", False), ("", False)])
def test_gaps_on_uncorrected_translations(edition: str, refused: bool) -> None:
    found = results_of("mgsm", right=30, completion="a", tasks={"mgsm": {"edition": edition}})
    assert ("m" in letters(found)) is refused


def test_runs_that_were_not_asked_the_same_are_not_ranked() -> None:
    first, same = (results_of("facts", right=35, options={"scaffold": "native"}) for _ in range(2))
    other = results_of("facts", right=35, options={"scaffold": "english"})
    fewer = results_of("facts", right=35, n=38, options={"scaffold": "native"})
    assert claims.ranking(first, same) == []
    [refusal] = claims.ranking(first, other)
    assert (refusal.letter, "scaffold" in refusal.reason) == ("j", True)
    assert letters(first, other).count("j") == 1
    # which files outputs were imported from, and with which seed resamples were drawn, are no settings
    imported = [results_of("facts", right=35, **{"import": {"from": "jsonl", "files": {name: name}}}) for name in "ab"]
    assert claims.ranking(*imported) == []
    [refusal] = claims.ranking(first, fewer)
    assert "items (40 → 38; xleval compare pairs those that both have)" in refusal.reason


def test_a_reproduction_needs_stated_settings_a_full_budget_and_a_figure_at_its_source() -> None:
    assert claims.reproduction(unstated=(), budget="full", second_hand=False) is None
    refusal = claims.reproduction(unstated=("beta", "lr"), budget="smoke", second_hand=True)
    assert refusal is not None
    assert refusal.reason == (
        "the paper does not state beta, lr; the budget was smoke; the published figure is second-hand"
    )


def test_a_method_needs_seeds_in_every_arm() -> None:
    assert claims.method({"grpo": 3, "sft": 2}) is None
    assert "sft" in (claims.method({"grpo": 3, "sft": 1}) or pytest.fail("a claim from one seed")).reason
    assert claims.method({"grpo": 3}) is not None


def test_irreversible_needs_both_controls() -> None:
    assert claims.irreversible(claims.RECOVERY_CONTROLS) is None
    refusal = claims.irreversible(claims.RECOVERY_CONTROLS[:1])
    assert refusal is not None
    assert claims.RECOVERY_CONTROLS[1] in refusal.reason


@pytest.mark.parametrize(
    ("delta", "values", "said"),
    [(4.1, 5, True), (4.0, 5, False), (9.0, 4, False), (None, 6, False)],  # more than 4, over at least 5 (D8)
)
def test_a_law_needs_a_lead_over_enough_values(delta: float | None, values: int, said: bool) -> None:
    assert (claims.law(delta_aicc=delta, n_values=values) is None) is said


def test_win_rates_need_a_validated_judge_and_causes_a_knock_out() -> None:
    assert claims.win_rate("sw", 0.7, 30) is None
    assert [claims.win_rate("sw", accuracy, 30) is None for accuracy in (None, 0.69)] == [False, False]
    few = claims.win_rate("sw", 1.0, 29)
    assert few
    assert few.reason == "judge not validated in sw: 29 labelled items, 30 are needed"
    assert claims.mechanism(knocked_out=True, n_seeds=2) is None
    assert claims.mechanism(knocked_out=True, n_seeds=1) is not None
    assert claims.mechanism(knocked_out=False, n_seeds=3) is not None
