"""Sentences as batches of token ids: what is counted, what is left out, and how they are put together."""

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from tests.probing.head_cases import tiny  # noqa: E402
from xleval.evalkit.backends.hf_encode import Encoder  # noqa: E402
from xleval.probing.batches import Sentence, batches, encode, size_of_batch  # noqa: E402

CPU = torch.device("cpu")


def _encoder(template: str, **special: str) -> Encoder:
    """Return an encoder whose tokenizer knows `a`, `b`, `c` and puts special tokens where the template says."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    words = {"<unk>": 0, "<s>": 1, "</s>": 2, "a": 3, "b": 4, "c": 5}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(single=template, special_tokens=[("<s>", 1), ("</s>", 2)])
    make: Any = PreTrainedTokenizerFast
    fast = make(tokenizer_object=tokenizer, unk_token="<unk>", **special)
    return Encoder(fast, max_positions=6, add_bos=False)


def _sentence(row: int, n: int) -> Sentence:
    return Sentence(row=row, ids=(1, *range(10, 10 + n)), n_special=1, is_cut=False)


def test_a_bos_is_read_but_not_counted_and_an_eos_is_dropped() -> None:
    (one, two) = encode(_encoder("<s> $A </s>", bos_token="<s>", eos_token="</s>"), ["a b c", "b"], max_tokens=6)
    assert (one.ids, one.n_special, one.n_tokens, one.is_cut) == ((1, 3, 4, 5), 1, 3, False)
    assert (two.ids, two.n_tokens) == ((1, 4), 1)
    (batch,) = batches([one, two], tokens=100, device=CPU)
    assert batch.mask.tolist() == [[1, 1, 1, 1], [1, 1, 0, 0]]
    assert batch.counted.tolist() == [[False, True, True, True], [False, True, False, False]]


def test_without_a_bos_every_token_counts() -> None:
    (one,) = encode(_encoder("$A"), ["a b"], max_tokens=6)
    assert (one.ids, one.n_special, one.n_tokens) == ((3, 4), 0, 2)


def test_an_unknown_token_is_text() -> None:
    # transformers lists <unk> among the special tokens; a rare letter at either end of a sentence is still of it.
    (one,) = encode(_encoder("<s> $A", bos_token="<s>"), ["xyz a xyz"], max_tokens=6)
    assert (one.ids, one.n_tokens) == ((1, 0, 3, 0), 3)


@pytest.mark.parametrize(("max_tokens", "ids"), [(3, (1, 3, 4)), (100, (1, 3, 4, 5, 3, 4))])
def test_a_long_sentence_is_cut_and_said_to_be(max_tokens: int, ids: tuple[int, ...]) -> None:
    # The model itself takes 6 positions: a higher limit does not run over them.
    cut, whole = encode(
        _encoder("<s> $A </s>", bos_token="<s>", eos_token="</s>"), ["a b c a b c", "a"], max_tokens=max_tokens
    )
    assert (cut.ids, cut.is_cut) == (ids, True)
    assert not whole.is_cut


def test_what_fits_exactly_is_not_cut() -> None:
    # Five words and the BOS are six tokens; the EOS that is dropped needs no room.
    (one,) = encode(_encoder("<s> $A </s>", bos_token="<s>", eos_token="</s>"), ["a b c a b"], max_tokens=6)
    assert (one.n_tokens, one.is_cut) == (5, False)


def test_batches_hold_every_sentence_once_within_the_limit() -> None:
    sentences = [_sentence(row, 1 + (row * 7) % 11) for row in range(40)]
    made = list(batches(sentences, tokens=30, device=CPU))
    assert sorted(row for batch in made for row in batch.rows) == list(range(40))
    assert all(batch.ids.numel() <= 30 for batch in made)
    assert [batch.ids.shape[1] for batch in made] == sorted((b.ids.shape[1] for b in made), reverse=True)
    for batch in made:
        for row, ids, mask in zip(batch.rows, batch.ids, batch.mask, strict=True):
            assert tuple(ids[mask.bool()].tolist()) == sentences[row].ids


def test_a_sentence_longer_than_a_batch_is_one_alone_and_an_empty_one_in_none() -> None:
    made = list(batches([_sentence(0, 2), _sentence(1, 50), _sentence(2, 0), _sentence(3, 3)], tokens=8, device=CPU))
    assert [batch.rows for batch in made] == [(1,), (3, 0)]


def test_the_size_asked_for_is_taken_and_a_gpu_gets_more() -> None:
    assert size_of_batch(7, CPU) == 7
    assert size_of_batch(None, CPU) < size_of_batch(None, torch.device("cuda"))


@pytest.mark.parametrize("name", ["llama", "gpt2", "gemma3"])
def test_padding_changes_no_state_of_a_model(name: str, tmp_path: Path) -> None:
    probed = tiny(name, tmp_path / name)
    sentences = encode(probed.encoder, ["w1 w2 w3 w4 w5 w6 w7", "w8 w9", "w10 w11 w12 w13"], max_tokens=64)
    alone: dict[int, Any] = {}
    together: dict[int, Any] = {}
    for size, states in ((1, alone), (1000, together)):
        for batch in batches(sentences, tokens=size, device=CPU, pad=5):
            with torch.inference_mode():
                output = probed.model.base_model(input_ids=batch.ids, attention_mask=batch.mask).last_hidden_state
            for i, row in enumerate(batch.rows):
                states[row] = output[i][batch.counted[i]]
    assert alone.keys() == together.keys() == {0, 1, 2}
    for row, values in alone.items():
        assert values.shape[0] == sentences[row].n_tokens
        torch.testing.assert_close(values, together[row], atol=1e-6, rtol=1e-5)
