"""Importance of heads: gradients against finite differences and transformers' own losses, planted heads, what is kept."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from tests.probing.head_cases import OPTIONS, TEXT, head_columns, nothing, own_loss, tiny  # noqa: E402
from xleval.errors import DataError  # noqa: E402
from xleval.probing import losses  # noqa: E402
from xleval.probing.batches import batches, encode  # noqa: E402
from xleval.probing.head_gradients import fixed_mask, trained_mask  # noqa: E402
from xleval.probing.heads import (  # noqa: E402
    head_figures,
    head_sets,
    head_table,
    heads_json,
    measure_heads,
)
from xleval.probing.losses import SentenceLosses  # noqa: E402
from xleval.probing.model import ProbedModel  # noqa: E402
from xleval.probing.structure import structure_of  # noqa: E402

ENGLISH = TEXT.sentences["en"]
Tiny = Callable[..., ProbedModel]


@pytest.fixture
def make(tmp_path: Path) -> Tiny:
    return lambda name, **how: tiny(name, tmp_path / name, **how)


def _sentences(probed: ProbedModel, texts: tuple[str, ...] = ENGLISH) -> list[Any]:
    return encode(probed.encoder, texts, max_tokens=64)


def _slope(loss: Callable[[float], Any]) -> Any:
    """Return the derivative at 0 by four points (error of the order of the step to the fourth)."""
    step = 0.02
    return (loss(-2 * step) - 8 * loss(-step) + 8 * loss(step) - loss(2 * step)) / (12 * step)


# RMSNorm of transformers computes in float32 in a float64 model, too: 1e-7 of a loss of 5 is 3e-5 of a slope.
@pytest.mark.parametrize(("name", "near"), [("llama", 1e-4), ("gpt2", 1e-6), ("gemma3", 1e-4)])
def test_gradients_are_finite_differences_of_the_models_own_loss(make: Tiny, name: str, near: float) -> None:
    # A head whose mask is 1 + e is one whose columns of the projection are (1 + e) times what they were.
    probed = make(name)
    sentences = _sentences(probed)
    found = fixed_mask(probed, sentences, tokens=24, count=nothing)
    assert found.importance.shape == (4, 2, 4)
    for layer in range(2):
        for head in range(4):
            columns = head_columns(probed, layer, head)
            values = columns.clone()

            def loss(change: float, columns: Any = columns, values: Any = values) -> np.ndarray:
                columns.copy_(values * (1 + change))
                return np.array([own_loss(probed.model, each.ids) for each in sentences])

            gradients = _slope(loss)
            columns.copy_(values)
            np.testing.assert_allclose(found.importance[:, layer, head], np.abs(gradients), rtol=near, atol=near)
            assert (found.negative[:, layer, head] == (gradients < 0)).all()


@pytest.mark.parametrize("name", ["llama", "gpt2", "gemma3"])
def test_neither_batches_nor_padding_nor_order_matter(make: Tiny, name: str) -> None:
    probed = make(name, double=False)
    sentences = _sentences(probed)
    one_by_one = fixed_mask(probed, sentences, tokens=1, count=nothing)
    together = fixed_mask(probed, sentences, tokens=1000, count=nothing)
    turned = fixed_mask(probed, sentences[::-1], tokens=12, count=nothing)
    for other in (together, turned):
        np.testing.assert_allclose(other.importance, one_by_one.importance, rtol=1e-3, atol=1e-6)
        np.testing.assert_array_equal(other.negative, one_by_one.negative)


@pytest.mark.parametrize(("bos", "n"), [(True, 4), (False, 3)])
def test_every_token_of_the_text_counts_that_something_stands_before(make: Tiny, bos: bool, n: int) -> None:
    probed = make("llama", bos=bos)
    (sentence,) = _sentences(probed, ("w1 w2 w3 w4",))
    (batch,) = batches([sentence], tokens=8, device=probed.device)
    assert losses.n_scored(sentence) == n
    with torch.no_grad():
        total = float(SentenceLosses(probed).sums(batch))
    assert total == pytest.approx(own_loss(probed.model, sentence.ids) * n, rel=1e-10)


@pytest.mark.parametrize("name", ["llama", "gemma2", "cohere", "granite", "phi"])
def test_losses_and_gradients_in_slices_are_those_of_whole_logits(
    make: Tiny, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # gemma2 caps its logits, cohere multiplies them, granite divides them, phi adds a bias.
    monkeypatch.setattr(losses, "_SLICES", {"cpu": (3, 5), "cuda": (3, 5)})
    probed = make(name)
    sums = SentenceLosses(probed)
    assert sums._output is not None
    hidden = torch.randn((8, 32), dtype=torch.float64, requires_grad=True)
    targets = torch.randint(0, 43, (8,))
    ours = losses.token_losses(hidden, targets, sums._output)
    # the model's own way from hidden states to logits, in the words of its configuration
    config = probed.model.config
    logits = probed.model.get_output_embeddings()(hidden)
    logits = logits * (getattr(config, "logit_scale", None) or 1) / (getattr(config, "logits_scaling", None) or 1)
    if name == "gemma2":
        logits = 3.0 * torch.tanh(logits / 3.0)
    whole = torch.nn.functional.cross_entropy(logits, targets, reduction="none")
    np.testing.assert_allclose(ours.detach(), whole.detach(), rtol=1e-10)
    weights = torch.rand(8, dtype=torch.float64)
    mine, theirs = (torch.autograd.grad((each * weights).sum(), [hidden])[0] for each in (ours, whole))
    np.testing.assert_allclose(mine, theirs, rtol=1e-8, atol=1e-12)
    for sentence in _sentences(probed):  # and those of the model, from its own logits
        (batch,) = batches([sentence], tokens=8, device=probed.device)
        found = float(sums.sums(batch)) / losses.n_scored(sentence)
        assert found == pytest.approx(own_loss(probed.model, sentence.ids), rel=1e-10)


def test_a_model_that_does_more_to_its_logits_is_read_by_its_own(make: Tiny) -> None:
    probed = make("llama")
    probed.model.lm_head.register_forward_hook(lambda _module, _into, out: out.sin() * 5)
    reader = SentenceLosses(probed)
    sentences = _sentences(probed)
    (batch,) = batches(sentences, tokens=1000, device=probed.device)
    found = dict(zip(batch.rows, reader.sums(batch).tolist(), strict=True))
    for each in sentences:
        expected = own_loss(probed.model, each.ids) * losses.n_scored(each)
        assert found[each.row] == pytest.approx(expected, rel=1e-9)


def test_half_precision_is_near_float32(make: Tiny) -> None:
    probed = make("llama", double=False)
    sentences = _sentences(probed)
    exact = fixed_mask(probed, sentences, tokens=1000, count=nothing).importance
    probed.model.bfloat16()
    half = fixed_mask(replace(probed, dtype="bfloat16"), sentences, tokens=1000, count=nothing).importance
    assert np.corrcoef(exact.ravel(), half.ravel())[0, 1] > 0.99


def test_a_trained_mask_takes_the_steps_of_adamw(make: Tiny) -> None:
    # AdamW as its paper has it (arXiv 1711.05101, algorithm 2; b1 = 0.9, b2 = 0.999, decay 0.01), written out; the
    # gradients are finite differences of a model whose columns are multiplied by the mask.
    probed = make("gpt2")
    sentences = _sentences(probed)
    found = trained_mask(probed, sentences, count=nothing)
    places = [(layer, head) for layer in range(2) for head in range(4)]
    whole = {place: head_columns(probed, *place).clone() for place in places}
    mask, first, second = np.ones((2, 4)), np.zeros((2, 4)), np.zeros((2, 4))
    for step, sentence in enumerate(sentences, start=1):
        for place in places:
            head_columns(probed, *place).copy_(whole[place] * mask[place])
        gradient = np.zeros((2, 4))
        for place in places:

            def loss(change: float, place: Any = place, ids: Any = sentence.ids, mask: Any = mask) -> float:
                head_columns(probed, *place).copy_(whole[place] * (mask[place] + change))
                return own_loss(probed.model, ids)

            gradient[place] = _slope(loss)
            head_columns(probed, *place).copy_(whole[place] * mask[place])
        np.testing.assert_allclose(found.importance[sentence.row], np.abs(gradient) * mask, rtol=1e-4, atol=1e-6)
        np.testing.assert_array_equal(found.negative[sentence.row], gradient * mask < 0)
        first, second = 0.9 * first + 0.1 * gradient, 0.999 * second + 0.001 * gradient**2
        mask *= 1 - 0.01 * 0.01
        mask -= 0.01 * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    assert np.abs(mask - 1).min() > 0.001


def test_the_trained_mask_is_another_measure_than_the_fixed_one(make: Tiny) -> None:
    probed = make("llama")
    fixed, trained = (
        fixed_mask(probed, _sentences(probed), tokens=1, count=nothing),
        trained_mask(probed, _sentences(probed), count=nothing),
    )
    np.testing.assert_allclose(trained.importance[0], fixed.importance[0], rtol=1e-6)  # before the first step
    assert np.abs(trained.importance[3] / fixed.importance[3] - 1).max() > 1e-3


def _plant(probed: ProbedModel, layer: int, head: int) -> None:
    """Leave one head: the columns of all others are zero."""
    for other in [(at, number) for at in range(2) for number in range(4) if (at, number) != (layer, head)]:
        head_columns(probed, *other).zero_()


@pytest.mark.parametrize(("name", "head"), [("llama", 2), ("gpt2", 3)])
def test_a_planted_head_is_the_only_one_that_matters(make: Tiny, tmp_path: Path, name: str, head: int) -> None:
    probed = make(name)
    _plant(probed, 1, head)
    scores = measure_heads(probed, TEXT, OPTIONS, tmp_path / "measured", nothing)
    alone = np.zeros((2, 4), dtype=bool)
    alone[1, head] = True
    for lang in TEXT.langs:
        assert (scores.importance[lang][:, alone] > 1e-4).all()
        assert (scores.importance[lang][:, ~alone] == 0).all()
    options = replace(OPTIONS, top_heads=0.125)
    found = heads_json("tiny", scores, options)
    assert head_sets(scores, options) == {"en": [(1, head)], "sw": [(1, head)]}
    assert found["shared"] == [[1, head]]
    assert [each["layers"] for each in found["languages"]] == [[0.0, 1.0], [0.0, 1.0]]
    assert (found["n_top"], found["mean_overlap"], found["chance_overlap"]) == (1, 1.0, 0.125)


def test_a_head_that_helps_no_sentence_has_a_score_of_zero(make: Tiny, tmp_path: Path) -> None:
    # By the formula of LAHIS, whatever its gradient: head (1, 2), left alone in this model, hurts all of Swahili.
    probed = make("gpt2")
    _plant(probed, 1, 2)
    scores = measure_heads(probed, TEXT, OPTIONS, tmp_path / "measured", nothing)
    assert not scores.negative["sw"][:, 1, 2].any()
    assert scores.score()[1, 1, 2] == 0


def test_what_is_measured_is_kept_and_read_again(make: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    probed = make("llama")
    counts: list[int] = []
    first = measure_heads(probed, TEXT, OPTIONS, tmp_path / "measured", counts.append)
    assert sum(counts) == 8
    written = {path.name: path.read_bytes() for path in (tmp_path / "measured").iterdir()}
    assert sorted(written) == ["en.npz", "sw.npz"]
    (tmp_path / "measured" / "sw.npz").unlink()
    read = []
    sums = SentenceLosses.sums
    monkeypatch.setattr(SentenceLosses, "sums", lambda self, batch: read.append(batch.rows) or sums(self, batch))
    counts.clear()
    again = measure_heads(probed, TEXT, OPTIONS, tmp_path / "measured", counts.append)
    assert (sum(map(len, read)), sum(counts)) == (4, 8)  # Swahili alone is measured
    assert {path.name: path.read_bytes() for path in (tmp_path / "measured").iterdir()} == written
    assert heads_json("tiny", again, OPTIONS) == heads_json("tiny", first, OPTIONS)


def test_a_sentence_of_one_token_is_left_out_and_counted(make: Tiny, tmp_path: Path) -> None:
    probed = make("llama", bos=False)
    text = replace(TEXT, sentences={"en": ("w1 w2 w3", "w4", "w5 w6"), "sw": ("w1 w2", "w3 w4", "w5 w6")})
    counts: list[int] = []
    scores = measure_heads(probed, text, OPTIONS, tmp_path / "some", counts.append)
    assert sum(counts) == 6
    assert scores.without_loss == {"en": 1}
    assert np.isnan(scores.importance["en"]).all(axis=(1, 2)).tolist() == [False, True, False]
    assert (scores.n_units, scores.units) == (3, "3 sentences")
    kept_out = replace(text, sentences={"en": ("w1 w2 w3", "w5 w6"), "sw": text.sentences["sw"][::2]})
    without = measure_heads(probed, kept_out, OPTIONS, tmp_path / "others", nothing)
    np.testing.assert_allclose(scores.score()[0], without.score()[0], rtol=1e-6)
    text = replace(TEXT, sentences={"en": ("w1 w2",), "sw": ("w3",)})
    with pytest.raises(DataError, match="no sentence in sw has two tokens"):
        measure_heads(probed, text, OPTIONS, tmp_path / "none", nothing)


def test_numbers_that_are_none_are_refused(make: Tiny, tmp_path: Path) -> None:
    probed = make("llama")
    head_columns(probed, 1, 0).fill_(float("inf"))
    with pytest.raises(DataError, match="4 sentences in en have a loss or gradient that is not a number"):
        measure_heads(probed, TEXT, OPTIONS, tmp_path / "measured", nothing)
    assert not (tmp_path / "measured").exists()


def test_json_figures_and_table_tell_the_same(make: Tiny, tmp_path: Path) -> None:
    scores = measure_heads(make("llama"), TEXT, OPTIONS, tmp_path / "measured", nothing)
    found = heads_json("tiny", scores, OPTIONS)
    json.dumps(found, allow_nan=False)
    (figures,) = head_figures([scores], np.ones((1, 4)), OPTIONS)
    assert figures["overlap"][0] == pytest.approx(found["mean_overlap"])
    rows = head_table("tiny", scores, OPTIONS).to_pylist()
    assert len(rows) == 2 * 2 * 4
    for row in rows:
        assert row["score"] == pytest.approx(row["importance"] * row["negative"], rel=1e-6)
        assert row["score"] == found["scores"][row["lang"]][row["layer"]][row["head"]]
    for each in found["languages"]:
        top = [row for row in rows if row["lang"] == each["lang"] and row["is_top"]]
        in_order = sorted(top, key=lambda row: row["rank"])
        assert [(row["layer"], row["head"]) for row in in_order] == [(h["layer"], h["head"]) for h in each["heads"]]
        assert len(top) == found["n_top"] == 2
        assert sum(each["layers"]) == pytest.approx(1)


def test_probing_leaves_the_model_as_it_was(make: Tiny, tmp_path: Path) -> None:
    probed = make("llama")
    before = {name: value.clone() for name, value in probed.model.state_dict().items()}
    measure_heads(probed, TEXT, replace(OPTIONS, head_mask="trained"), tmp_path / "measured", nothing)
    assert all(torch.equal(value, before[name]) for name, value in probed.model.state_dict().items())
    assert all(not layer.heads._forward_pre_hooks for layer in structure_of(probed.model).layers)
    assert all(weight.grad is None for weight in probed.model.parameters())
