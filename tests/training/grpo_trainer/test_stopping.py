"""Texts that end an answer."""

import pytest

pytest.importorskip("torch")
pytest.importorskip("trl")

import torch

from tests.training.grpo_trainer import tiny
from xleval.training.grpo.stop_generation import stopping_at
from xleval.training.grpo.stopping import n_tokens_to_stop, text_before_stop

TOKENIZER = tiny.tokenizer()


def decode(ids: object) -> str:
    return str(TOKENIZER.decode(ids, skip_special_tokens=True))


@pytest.mark.parametrize(
    ("text", "stops", "n_tokens", "kept"),
    [
        ("Bern\nQ: next", ["\n"], 5, "Bern"),
        ("Bern\nQ: next", ["\nQ:"], 7, "Bern"),  # the third character of the stop text is the seventh token
        ("\nBern", ["\n"], 1, ""),
        ("Bern", ["\n"], None, "Bern"),
        ("Bern. A: B\n", ["\n", " A:"], 8, "Bern."),  # the first in the text
        ("Bern\n", [], None, "Bern\n"),
    ],
)
def test_an_answer_ends_with_the_token_that_completes_a_stop_text(
    text: str, stops: list[str], n_tokens: int | None, kept: str
) -> None:
    ids = TOKENIZER(text)["input_ids"]
    assert n_tokens_to_stop(ids, stops, decode) == n_tokens
    assert text_before_stop(text, stops) == kept


def test_generation_ends_row_by_row() -> None:
    """Greedy texts are known; the second row is stopped at its sixth character, the first at none of its own."""
    model = tiny.model()
    prompts = TOKENIZER(["one", "a long prompt"], padding=True, return_tensors="pt")
    options = {"max_new_tokens": 12, "do_sample": False, "pad_token_id": 0, "eos_token_id": 1}
    free = model.generate(**prompts, **options)[:, prompts["input_ids"].shape[1] :]
    mark = decode(free[1, 4:6].tolist())
    with stopping_at(model, [["no such text"], [mark]], decode):
        stopped = model.generate(**prompts, **options)[:, prompts["input_ids"].shape[1] :]
    assert torch.equal(stopped[0], free[0])
    n_tokens = n_tokens_to_stop(free[1].tolist(), [mark], decode)
    assert n_tokens is not None
    assert n_tokens <= 6
    assert torch.equal(stopped[1, :n_tokens], free[1, :n_tokens])
    assert (stopped[1, n_tokens:] == 0).all()  # padding
    assert "generate" not in vars(model)  # the method is the class's again
