"""Shown options in every rotation, and hidden options less what they score after the bare label (D22)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import pytest

from xleval.errors import ConfigError
from xleval.evalkit.backends.mock import MockModel
from xleval.evalkit.requests import ChoiceRequest, ChoiceScores, Encoded, Outcome
from xleval.evalkit.rotations import in_item_order, rotated
from xleval.evalkit.runner import RunConfig, run
from xleval.evalkit.samples import read_samples
from xleval.evalkit.task import LoadedTask, Task, TaskItem, load_task
from xleval.tasks.asking import hidden_choice, shown_choice
from xleval.tasks.verdicts import score_by_byte, score_by_letter

ITEM = TaskItem(
    item_id="1", question="Which is red?", gold="blood", choices=("blood", "milk", "ink", "grass"),
    choice_ids=("Q1", "Q2", "Q3", "Q4"), gold_index=0,
)  # fmt: skip


class Reader(MockModel):
    """Knows `blood` a little (0.5) and likes the first place more (1.0); knows the length of a word after a bare label."""

    def encode(self, requests: Sequence[Encoded]) -> list[Encoded]:  # type: ignore[override]
        return list(requests)

    def run(self, batches: Iterable[Sequence[Encoded]]) -> Iterator[list[Outcome]]:
        for batch in batches:
            yield [self._scores(request) for request in batch]

    def _scores(self, request: Encoded) -> ChoiceScores:
        assert isinstance(request, ChoiceRequest)
        assert isinstance(request.context, str)
        lines = request.context.splitlines()
        shown = [line[3:] for line in lines if line[1:3] == ". "]
        if shown:
            sums = [-5.0 + (place == 0) + 0.5 * (option == "blood") for place, option in enumerate(shown)]
        elif "red" in request.context:
            sums = [-9.0 if "blood" in option else -8.0 for option in request.continuations]
        else:
            sums = [-11.0 if "blood" in option else -8.0 for option in request.continuations]
        return ChoiceScores(key=request.key, sum_logprobs=tuple(sums), n_tokens=(1,) * len(sums))


def one_task(shown: bool) -> LoadedTask:
    def load(folder: Path | None, languages: Sequence[str]) -> Mapping[str, Sequence[TaskItem]]:
        return {lang: [ITEM] for lang in languages}

    ask = shown_choice if shown else hidden_choice
    task = Task(
        name="colours", version=1, kind="choice", summary="", reference="", load=load, request=partial(ask, task="colours"),
        score=score_by_letter if shown else score_by_byte, exemplars=lambda folder, languages, n: {},
        primary="letter" if shown else "byte",
    )  # fmt: skip
    return load_task(task, None, ["en"], None)


def test_a_rotation_and_back() -> None:
    turned = rotated(ITEM, 1)
    assert turned.choices == ("milk", "ink", "grass", "blood")
    assert turned.choice_ids == ("Q2", "Q3", "Q4", "Q1")
    assert turned.gold_index == 3
    assert in_item_order(turned.choices, 1) == ITEM.choices
    assert all(in_item_order(rotated(ITEM, place).choices, place) == ITEM.choices for place in range(4))


def test_the_liking_for_a_place_is_averaged_out_and_reported(tmp_path: Path) -> None:
    results = run(Reader(), [one_task(shown=True)], RunConfig(languages=("en",)), tmp_path / "run")
    [row] = results["tasks"]["colours"]["rows"]
    # By hand. Place 0 wins in every rotation: 1.0 against 0.5. Mean scores: blood -5 + 1/4 + 0.5, the others -5 + 1/4.
    assert row["accuracy"] is not None
    assert row["accuracy"]["value"] == 1.0
    assert row["positions"] == {
        "chosen": [1.0, 0.0, 0.0, 0.0],
        "accuracy": [1.0, 0.0, 0.0, 0.0],
        "changed": 1.0,
        "n": 1,
    }
    assert (row["n"], row["n_draws"], row["n_unscored"]) == (1, 4, 0)
    samples = read_samples(tmp_path / "run" / "samples.parquet")
    assert [sample.sum_logprobs for sample in samples] == [
        (-3.5, -5.0, -5.0, -5.0), (-4.5, -4.0, -5.0, -5.0), (-4.5, -5.0, -4.0, -5.0), (-4.5, -5.0, -5.0, -4.0),
    ]  # fmt: skip


def test_one_rotation_is_the_published_order(tmp_path: Path) -> None:
    results = run(Reader(), [one_task(shown=True)], RunConfig(languages=("en",), rotations=1), tmp_path / "run")
    [row] = results["tasks"]["colours"]["rows"]
    assert (row["n_draws"], row["positions"]) == (1, None)
    with pytest.raises(ConfigError, match="--rotations is 0"):
        RunConfig(languages=("en",), rotations=0)


def test_pmi_is_the_score_less_that_after_the_bare_label(tmp_path: Path) -> None:
    results = run(Reader(), [one_task(shown=False)], RunConfig(languages=("en",), pmi=True), tmp_path / "run")
    [row] = results["tasks"]["colours"]["rows"]
    # By hand: sums -9 and -8, so the plain sum is wrong; -9 - -11 = 2 against -8 - -8 = 0, so pmi is right.
    assert (row["by_normalisation"]["sum"], row["by_normalisation"]["pmi"]) == (0.0, 1.0)
    [sample] = read_samples(tmp_path / "run" / "samples.parquet")
    assert sample.cue_logprobs == (-11.0, -8.0, -8.0, -8.0)
    without = run(Reader(), [one_task(shown=False)], RunConfig(languages=("en",)), tmp_path / "without")
    assert "pmi" not in without["tasks"]["colours"]["rows"][0]["by_normalisation"]
    with pytest.raises(ConfigError, match="a conversation has none: --no-chat"):
        run(Reader(), [one_task(shown=False)], RunConfig(languages=("en",), pmi=True, chat=True), tmp_path / "chat")
