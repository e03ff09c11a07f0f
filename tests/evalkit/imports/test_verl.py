"""Roll-outs of verl: files made after `_write_generations` of verl 0.9.1 (verl/trainer/ppo/ray_trainer.py).

That function writes `STEP.jsonl` with input, output, gts, score, step and every list that the reward function returned.
"""

import json
from pathlib import Path

import pytest

from xleval.errors import DataError
from xleval.evalkit.imports import import_samples
from xleval.evalkit.imports.fields import parse_map

SW = "user\nMayai 16 - 3 ni ngapi?\nassistant\n"
EN = "user\nHow many are 16 - 3 eggs?\nassistant\n"


def row(prompt: str, output: str, score: float, step: int, **extra: object) -> dict[str, object]:
    return {"input": prompt, "output": output, "gts": "13", "score": score, "step": step, **extra}


def write(folder: Path, name: str, *rows: dict[str, object]) -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text("".join(json.dumps(each, ensure_ascii=False) + "\n" for each in rows), encoding="utf-8")
    return file


def test_steps_samples_and_reward_extras(tmp_path: Path) -> None:
    folder = tmp_path / "rollouts"
    for step in (10, 2):  # written in this order; read as 2, 10
        write(
            folder,
            f"{step}.jsonl",
            row(SW, "Jibu ni 13.", 1.1, step, acc=True, lang="sw", item_id="eggs", pred="13", fmt=0.1),
            row(SW, "Jibu ni 12.", 0.1, step, acc=False, lang="sw", item_id="eggs", pred="12", fmt=0.1),
            row(
                EN,
                "<think>16 - 3</think>The answer is 13.",
                1.0,
                step,
                acc=True,
                lang="en",
                item_id="eggs",
                pred="13",
                fmt=0.0,
            ),
        )
    samples, report = import_samples("verl", folder)
    assert report.n_samples == {"rollouts": {"sw": 4, "en": 2}}
    assert [(s.lang, s.item_id, s.sample_index, s.grouping()["step"]) for s in samples] == [
        ("sw", "eggs", 0, 2), ("sw", "eggs", 1, 2), ("en", "eggs", 0, 2),
        ("sw", "eggs", 2, 10), ("sw", "eggs", 3, 10), ("en", "eggs", 1, 10),
    ]  # fmt: skip
    assert [s.correct for s in samples[:3]] == [True, False, True]
    assert samples[2].reasoning == "16 - 3"
    assert samples[1].grouping() == {"step": 2, "score": 0.1, "acc": False, "fmt": 0.1, "tool_correct": "no"}
    assert (report.agreement["rollouts"].both_right, report.agreement["rollouts"].both_wrong) == (4, 2)


@pytest.mark.parametrize(("score", "verdict"), [(1.0, "yes"), (0.0, "no"), (-1.0, "no"), (0.7, None)])
def test_a_score_is_a_verdict_where_it_is_all_or_nothing(tmp_path: Path, score: float, verdict: str | None) -> None:
    write(tmp_path / "grpo_sw", "1.jsonl", row(SW, "Jibu ni 13.", score, 1))
    (sample,), _ = import_samples("verl", tmp_path / "grpo_sw")
    assert sample.grouping().get("tool_correct") == verdict
    assert sample.correct is True  # by xleval, whatever the score


def test_given_verdicts_and_answers_in_words(tmp_path: Path) -> None:
    """An answer in words cannot be scored as a number: it keeps the tool's verdict, or is unscored without one."""
    rows = [row(SW, "kumi na tatu", score, 1) | {"gts": "kumi na tatu"} for score in (1.0, 0.5)]
    write(tmp_path / "grpo_sw", "1.jsonl", *rows)
    samples, report = import_samples("verl", tmp_path / "grpo_sw")
    assert [s.correct for s in samples] == [True, None]
    assert samples[1].unscored_reason == "the answer is no number, and the tool gives no verdict"
    assert report.scored_by == {"nothing": 1, "tool": 1}
    assert report.agreement == {}


def test_without_a_language_the_way_out_is_named(tmp_path: Path) -> None:
    file = write(tmp_path / "rollouts", "1.jsonl", row(SW, "Jibu ni 13.", 1.0, 1))
    with pytest.raises(DataError, match=r"no language: 'rollouts' does not end in one\. Add --map lang=COLUMN"):
        import_samples("verl", file)
    samples, _ = import_samples("verl", file, fields=parse_map(["lang=@sw", "item_id=gts"]))
    assert [(s.task, s.lang, s.item_id) for s in samples] == [("rollouts", "sw", "13")]


def test_a_step_that_is_still_being_written(tmp_path: Path) -> None:
    file = write(tmp_path / "grpo_sw", "1.jsonl", row(SW, "Jibu ni 13.", 1.0, 1))
    with file.open("a", encoding="utf-8") as opened:
        opened.write('{"input": "user\\nMa')
    samples, report = import_samples("verl", tmp_path / "grpo_sw")
    assert len(samples) == 1
    assert [each.where for each in report.rejected] == ["1.jsonl, row 2"]
    assert report.rejected[0].reason.startswith("no JSON")
