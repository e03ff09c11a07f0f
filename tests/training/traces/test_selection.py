"""Completions to traces: each reason for leaving one out, and which of several right ones is kept."""

from dataclasses import replace

import pytest

from xleval.errors import ConfigError
from xleval.evalkit.language_columns import with_language_shares
from xleval.evalkit.samples import Sample
from xleval.training.traces.selection import TraceRules, funnel, judge, kept_traces

pytest.importorskip("lingua")

QUESTION = "Rosa tiene 14 bolígrafos y le da 5 a su hermano. ¿Cuántos bolígrafos le quedan?"
GOOD = "Al principio había catorce y después de regalar cinco quedan menos: 14 - 5 = 9. La respuesta es 9."
ENGLISH = (
    "At the beginning there were fourteen, and after she gave five away fewer are left: 14 - 5 = 9. The answer is 9."
)
RULES = TraceRules()


def sample(completion: str | None, **more: object) -> Sample:
    """Return a right, finished completion as `xleval run` scores it, with its language statistics; or a changed one."""
    row: dict[str, object] = {
        "task": "gsm8k", "task_version": 1, "lang": "es", "item_id": "p1", "kind": "generation", "prompt": QUESTION,
        "gold": "9", "prediction": "9", "correct": True, "completion": completion, "finish_reason": "stop",
        "n_completion_tokens": 30, "extraction_path": "stated",
    }  # fmt: skip
    made = Sample(**{**row, **more})  # type: ignore[arg-type]
    return with_language_shares(made) if completion is not None else made


UNANSWERED = sample(
    None, prediction=None, correct=None, finish_reason=None, n_completion_tokens=None, extraction_path=None,
    unscored_reason="the server answered 500",
)  # fmt: skip


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (sample(GOOD), None),
        (UNANSWERED, "unscored"),
        (sample(GOOD, finish_reason="length"), "truncated"),
        (sample(GOOD, correct=False, prediction=None, extraction_path=None), "no answer"),
        (sample(GOOD, correct=False, prediction="19"), "wrong"),
        (sample(GOOD, extraction_path="last_number"), "not stated"),
        (sample("14 - 5 = 9. Son 9."), "short"),  # one word
        (sample(ENGLISH), "language"),
        (sample(f"{GOOD} {ENGLISH}"), "language"),  # about half
        (sample(f"{QUESTION} {QUESTION} Son 9. La respuesta es 9."), "copied"),
    ],
)
def test_each_completion_counts_under_its_first_reason(found: Sample, reason: str | None) -> None:
    assert judge(found, QUESTION, RULES).reason == reason


def test_reasoning_in_english_is_seen_behind_an_answer_in_the_language() -> None:
    answer = " ".join([GOOD] * 12)  # the whole is about nine tenths Spanish, the reasoning is not
    text = f"<think>\n{ENGLISH}\n</think>\n\n{answer}"
    found = sample(text, reasoning=ENGLISH)
    judged = judge(found, QUESTION, TraceRules(min_share=0.8))
    assert (found.target_of_determined or 0) > 0.8
    assert judged.reason == "language"
    assert judged.share == 0
    both = judge(sample(f"<think>\n{GOOD}\n</think>\n\n{GOOD}", reasoning=GOOD), QUESTION, RULES)
    assert both.reason is None


def test_the_share_that_is_asked_for_decides() -> None:
    mixed = sample(f"{GOOD} {GOOD} {GOOD} {ENGLISH}")
    share = judge(mixed, QUESTION, RULES).share
    assert share is not None
    assert 0.6 < share < 0.8  # three Spanish texts of 17 words, an English one of 18
    assert judge(mixed, QUESTION, TraceRules(min_share=0.6)).reason is None
    for wrong in (0.0, 1.1):
        with pytest.raises(ConfigError, match="--min-share"):
            TraceRules(min_share=wrong)


def test_the_opening_that_the_teacher_was_given_is_part_of_the_trace() -> None:
    assert judge(sample(f" {GOOD}\n", prefill="Pensemos."), QUESTION, RULES).text == f"Pensemos. {GOOD}"


def test_the_first_right_one_is_kept_and_parallel_items_need_every_language() -> None:
    longer = sample(f"{GOOD} {GOOD}", sample_index=1)
    shorter = sample(GOOD, sample_index=2)
    wrong = sample(GOOD, correct=False, prediction="8", sample_index=0)
    german = with_language_shares(
        replace(sample(GOOD), lang="de", item_id="p2", completion="Zuerst waren es vierzehn Stifte, jetzt sind es nur "
                "noch neun Stifte. Die Antwort ist 9.")
    )  # fmt: skip
    judged = [judge(each, "", RULES) for each in (wrong, longer, shorter, german)]
    kept = kept_traces(judged, ["es", "de"], RULES)
    assert [each.sample.sample_index for each in kept["es"]] == [1]  # the first, not the shortest
    assert [each.sample.item_id for each in kept["de"]] == ["p2"]
    parallel = kept_traces(judged, ["es", "de"], TraceRules(parallel=True))
    assert parallel == {"es": [], "de": []}
    figures = funnel(judged, parallel)
    assert figures["es"] == {
        "items": 1, "completions": 3, "unscored": 0, "truncated": 0, "no answer": 0, "wrong": 1, "not stated": 0,
        "short": 0, "language": 0, "copied": 0, "passed": 2, "with a trace": 1, "kept": 0,
    }  # fmt: skip
