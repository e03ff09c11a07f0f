"""Completions that are drawn once: the same again, whatever was kept of them, and whole ones only."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("trl")

import torch

from tests.training.preference import tiny
from xleval.errors import DataError
from xleval.training.preference.sampling import FILE, Drawing, _whole_text, sample_completions
from xleval.training.sets.records import PromptRow

DRAWING = Drawing(samples=32, temperature=0.9, top_p=0.95, repetition_penalty=1.0, max_new_tokens=24, seed=3)


def rows() -> list[PromptRow]:
    """Two prompts a batch of 64 sequences, so three batches; each letter in a hundred or so ends a completion."""
    return [
        PromptRow(
            item_id=f"f{n}", lang=lang, prompt=f"{lang}{n}?", question="", gold="", task="polyfact", stop=("e", "\n")
        )
        for n in range(3)
        for lang in ("en", "es")
    ]


def draw(out: Path, drawing: Drawing = DRAWING) -> dict[tuple[str, str], tuple[str, ...]]:
    out.mkdir(exist_ok=True)
    return sample_completions(tiny.model(), tiny.tokenizer(), rows(), drawing, out)


def test_drawn_again_they_are_the_same_and_another_seed_gives_others(tmp_path: Path) -> None:
    first = draw(tmp_path / "a")
    assert draw(tmp_path / "b") == first
    assert set(first) == {(row.item_id, row.lang) for row in rows()}
    assert sum(map(len, first.values())) > 10
    assert draw(tmp_path / "c", replace(DRAWING, seed=4)) != first


def test_drawing_leaves_the_random_numbers_of_the_training_as_they_were(tmp_path: Path) -> None:
    """Else a training that goes on, and draws nothing, would shuffle its data otherwise."""
    model = tiny.model()
    before = torch.random.get_rng_state()
    sample_completions(model, tiny.tokenizer(), rows(), DRAWING, tmp_path)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_a_file_that_was_cut_short_is_completed_with_the_same(tmp_path: Path) -> None:
    """Cut within the third line: the first batch of two prompts is kept, the half line is drawn again."""
    whole = draw(tmp_path / "a")
    content = (tmp_path / "a" / FILE).read_bytes()
    lines = content.splitlines(keepends=True)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / FILE).write_bytes(b"".join(lines[:2]) + lines[2][:9])
    assert draw(tmp_path / "b") == whole
    assert (tmp_path / "b" / FILE).read_bytes() == content


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(json.dumps({"item_id": "f0", "lang": "en"}) + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"completions.jsonl:1: not a line of completions"):
        draw(tmp_path)


def test_a_completion_ends_at_its_end_or_its_first_stop_text() -> None:
    spell = tiny.tokenizer()
    ids = spell("Paris\nor Rome", add_special_tokens=False)["input_ids"]
    assert _whole_text(spell, ids, {2}, ["\n", " R"]) == "Paris"
    assert _whole_text(spell, [*ids[:5], 2, 0, 0], {2}, []) == "Paris"
    assert _whole_text(spell, ids, {2}, ["!"]) is None
