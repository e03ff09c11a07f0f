"""A batch of answers of different lengths says of each what the model says of it alone."""

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

import torch

from tests.training.preference import tiny
from xleval.training.preference.collate import ReferencedPairs, collate, model_log_probs, pad_answers
from xleval.training.preference.pairs import pairs_of_answers
from xleval.training.preference.tokens import AnswerTokens, tokenise

#: Lengths 3 to 9, answers of 1 to 6 tokens.
ANSWERS = [
    AnswerTokens(ids=tuple(range(4, 4 + length)), n_answer=n)
    for length, n in [(3, 1), (9, 6), (5, 4), (7, 2)]
]  # fmt: skip


def test_left_padding_is_masked_and_positions_count_from_the_first_token() -> None:
    batch = pad_answers([AnswerTokens(ids=(7, 8, 9), n_answer=2), AnswerTokens(ids=(5, 6), n_answer=1)], pad_id=0)
    assert batch["input_ids"].tolist() == [[7, 8, 9], [0, 5, 6]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1], [0, 1, 1]]
    assert batch["position_ids"].tolist() == [[0, 1, 2], [0, 0, 1]]
    assert batch["labels"].tolist() == [[-100, 8, 9], [-100, -100, 6]]


def test_a_padding_token_within_a_text_is_read() -> None:
    """Many models pad with their end of text, which also ends an answer: masked is a place, not a token."""
    batch = pad_answers([AnswerTokens(ids=(7, 0), n_answer=1), AnswerTokens(ids=(5, 6, 8), n_answer=1)], pad_id=0)
    assert batch["attention_mask"].tolist() == [[0, 1, 1], [1, 1, 1]]
    assert batch["labels"].tolist() == [[-100, -100, 0], [-100, -100, 8]]


@pytest.mark.parametrize("keeps_logits", [True, False])
def test_in_a_batch_as_alone(keeps_logits: bool) -> None:
    """To 1e-5: the sums of float32 go in another order."""
    model = tiny.model().eval()
    with torch.no_grad():
        together = model_log_probs(model, pad_answers(ANSWERS, 0), keeps_logits=keeps_logits)
        alone = [model_log_probs(model, pad_answers([each], 0), keeps_logits=False) for each in ANSWERS]
        by_hand = []
        for each in ANSWERS:
            log_p = model(input_ids=torch.tensor([each.ids])).logits[0].log_softmax(-1)
            start = len(each.ids) - each.n_answer
            by_hand.append(sum(log_p[place - 1, each.ids[place]].item() for place in range(start, len(each.ids))))
    torch.testing.assert_close(together.sums, torch.tensor(by_hand), atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(together.sums, torch.cat([each.sums for each in alone]), atol=1e-5, rtol=1e-5)
    assert together.n_tokens.tolist() == [1, 6, 4, 2]


def test_pairs_stand_one_after_the_other() -> None:
    rows = tokenise([pairs_of_answers(row) for row in tiny.pair_rows(2)], tiny.tokenizer(), max_length=None).rows
    batch = collate(
        [ReferencedPairs(pairs=row, reference=(-1.0, -2.0, -3.0, -4.0 - n)) for n, row in enumerate(rows)], 0
    )
    assert batch["input_ids"].shape[0] == 8
    assert batch["reference"].tolist() == [[-1, -2, -3, -4], [-1, -2, -3, -5]]
    assert batch["directions"] == [("xx/en", "xx/xx")] * 2
    fourth = [token for token, seen in zip(batch["input_ids"][4], batch["attention_mask"][4], strict=True) if seen]
    assert tuple(map(int, fourth)) == rows[1].answers[0].ids
