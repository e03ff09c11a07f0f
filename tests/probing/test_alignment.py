"""Alignment measured on real models: pooling by hand, transformers' own states, planted layers, draws, and a small real model."""

import json
from dataclasses import replace
from math import comb
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from tests.probing.head_cases import N_WORDS, nothing, tiny  # noqa: E402
from xleval.data.languages import POLYFACT_LANGUAGES  # noqa: E402
from xleval.errors import BackendError, DataError, MissingExtra  # noqa: E402
from xleval.probing.alignment import (  # noqa: E402
    Alignments,
    alignment_figures,
    alignment_json,
    alignment_table,
    measure_alignment,
    pooling_weights,
)
from xleval.probing.batches import Batch  # noqa: E402
from xleval.probing.model import ProbedModel, loaded  # noqa: E402
from xleval.probing.options import Pooling, ProbeOptions  # noqa: E402
from xleval.probing.texts import ParallelText, read_parallel_text  # noqa: E402
from xleval.small_model import small_model  # noqa: E402

OPTIONS = ProbeOptions()
#: Languages write the same sentence with other words and lengths.
TEXT = ParallelText(
    source="made here",
    sentences={
        "en": ("w1 w2 w3 w4", "w5 w6", "w7 w8 w9 w1 w2 w3", "w4 w4 w5", "w9"),
        "de": ("w11 w12 w13", "w15 w16 w17", "w17 w18", "w14 w14 w15 w16 w11", "w19 w19"),
        "sw": ("w21 w22 w23 w24", "w25", "w27 w28 w29 w21", "w24 w25", "w29 w22"),
    },
    sha256="0" * 64,
)


@pytest.fixture
def llama(tmp_path: Path) -> ProbedModel:
    return tiny("llama", tmp_path / "llama")


def _hits(*rows: tuple[int, ...], n_layers: int = 1) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return hits of pairs (rows) by sentence, the same in every layer, raw; nothing is found centred."""
    raw = np.repeat(np.array(rows, dtype=np.bool_)[:, None], n_layers, axis=1)
    return np.stack([raw, np.zeros_like(raw)])


def _made(langs: tuple[str, ...], forward: Any, back: Any) -> Alignments:
    return Alignments(
        langs=langs, forward=forward, back=back, similarity=np.zeros(forward.shape, dtype=np.float32),
        dissimilarity=np.zeros(forward.shape[:-1]),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("pooling", "long", "short"),
    [
        # A BOS and three words, and a BOS and one word: the paper's weights are t / (1 + 2 + 3 + 4) and t / (1 + 2).
        ("weighted", [0.1, 0.2, 0.3, 0.4], [1 / 3, 2 / 3, 0, 0]),
        ("last", [0, 0, 0, 1], [0, 1, 0, 0]),
        ("mean", [0, 1 / 3, 1 / 3, 1 / 3], [0, 1, 0, 0]),
    ],
)
def test_weights_of_tokens_by_hand(pooling: Pooling, long: list[float], short: list[float]) -> None:
    mask = torch.tensor([[1, 1, 1, 1], [1, 1, 0, 0]])
    counted = torch.tensor([[False, True, True, True], [False, True, False, False]])
    weights = pooling_weights(Batch(rows=(0, 1), ids=mask, mask=mask, counted=counted), pooling)
    torch.testing.assert_close(weights, torch.tensor([long, short], dtype=torch.float32))


@pytest.mark.parametrize("name", ["llama", "gpt2", "gemma3"])
def test_vectors_are_those_of_transformers_hidden_states(name: str, tmp_path: Path) -> None:
    # One sentence at a time, the whole model with its head, as the paper's code runs it: embeddings first, the last
    # layer behind the final norm.
    probed = tiny(name, tmp_path / name, double=False)
    measure_alignment(probed, TEXT, OPTIONS, tmp_path / "kept", nothing)
    with np.load(tmp_path / "kept/de.npz") as file:
        vectors = file["vectors"]
    assert vectors.shape == (5, 3, 32)
    for sentence, vector in zip(TEXT.sentences["de"], vectors, strict=True):
        (ids,) = probed.encoder.text_ids([sentence])
        with torch.no_grad():
            states = probed.model(input_ids=torch.tensor([ids]), output_hidden_states=True).hidden_states
        weights = torch.arange(1, len(ids) + 1) / sum(range(1, len(ids) + 1))
        expected = torch.stack([(weights[:, None] * layer[0]).sum(dim=0) for layer in states])
        np.testing.assert_allclose(vector, expected.numpy(), atol=2e-5)


@pytest.mark.parametrize("pooling", ["weighted", "last", "mean"])
def test_batches_and_padding_change_nothing(llama: ProbedModel, pooling: Pooling, tmp_path: Path) -> None:
    one, many = (
        measure_alignment(llama, TEXT, ProbeOptions(pooling=pooling, batch_tokens=size), tmp_path / str(size), nothing)
        for size in (1, 1000)
    )
    np.testing.assert_allclose(one.similarity, many.similarity, atol=1e-5)
    np.testing.assert_allclose(one.dissimilarity, many.dissimilarity, atol=1e-5)
    assert (one.forward == many.forward).all()
    assert (one.back == many.back).all()


def test_an_alignment_planted_at_one_layer_is_found_there(llama: ProbedModel, tmp_path: Path) -> None:
    # What is kept is read: at layer 1 the German vectors are the English ones at other lengths, elsewhere random.
    rng = np.random.default_rng(2)
    english, german = rng.normal(size=(2, 5, 3, 32)).astype(np.float32)
    german[:, 1] = english[:, 1] * np.array([[0.5], [2], [1], [7], [3]])
    for lang, vectors in (("en", english), ("de", german)):
        np.savez(tmp_path / f"{lang}.npz", vectors=vectors)
    text = replace(TEXT, sentences={lang: TEXT.sentences[lang] for lang in ("en", "de")})
    found = measure_alignment(llama, text, OPTIONS, tmp_path, nothing)
    raw = alignment_json("m", found, OPTIONS)["pairs"][0]
    assert raw["mexa"][1] == raw["retrieval"][1] == raw["retrieval_back"][1] == 1
    assert raw["similarity"][1] == pytest.approx(1, abs=1e-6)
    assert max(raw["mexa"][0], raw["mexa"][2]) < 1
    assert found.middle == 1


def test_words_that_are_the_same_to_the_model_are_aligned_in_every_layer(llama: ProbedModel, tmp_path: Path) -> None:
    # German words have the embeddings of the English ones (w11 those of w1), Swahili words their own.
    table = llama.model.get_input_embeddings().weight.data
    table[3 + 11 : 3 + 20] = table[3 + 1 : 3 + 10]
    english = TEXT.sentences["en"]
    german = tuple(" ".join(f"w1{word[1:]}" for word in sentence.split()) for sentence in english)
    text = replace(TEXT, sentences={"en": english, "de": german, "sw": TEXT.sentences["sw"]})
    found = measure_alignment(llama, text, OPTIONS, tmp_path / "kept", nothing)
    pairs = alignment_json("m", found, OPTIONS)["pairs"]
    by_pair = {(pair["first"], pair["second"], pair["centred"]): pair for pair in pairs}
    planted = by_pair["en", "de", False]
    assert planted["mexa"] == planted["retrieval"] == planted["retrieval_back"] == [1.0, 1.0, 1.0]
    assert planted["similarity"] == pytest.approx([1.0, 1.0, 1.0], abs=1e-6)
    assert max(by_pair["en", "sw", False]["mexa"]) < 1
    assert by_pair["en", "sw", False]["similarity"] != pytest.approx([1.0, 1.0, 1.0], abs=1e-2)


def test_a_language_that_is_moved_as_a_whole_is_aligned_only_centred(llama: ProbedModel, tmp_path: Path) -> None:
    # German words are English ones moved by one long vector: in the embeddings, the BOS apart, so are the sentences.
    table = llama.model.get_input_embeddings().weight.data
    table[3 + 11 : 3 + 20] = table[3 + 1 : 3 + 10] + 5.0 * torch.randn(32, generator=torch.Generator().manual_seed(1))
    english = TEXT.sentences["en"]
    german = tuple(" ".join(f"w1{word[1:]}" for word in sentence.split()) for sentence in english)
    text = replace(TEXT, sentences={"en": english, "de": german})
    found = measure_alignment(llama, text, ProbeOptions(pooling="mean"), tmp_path / "kept", nothing)
    assert found.mexa[0, 0, 0].mean() < 1
    assert found.mexa[1, 0, 0].all()
    np.testing.assert_allclose(found.similarity[1, 0, 0], 1.0, atol=1e-5)


def test_what_is_kept_is_read_and_not_measured_again(llama: ProbedModel, tmp_path: Path) -> None:
    done: list[int] = []
    first = measure_alignment(llama, TEXT, OPTIONS, tmp_path / "kept", done.append)
    assert sum(done) == 15
    (tmp_path / "kept/sw.npz").unlink()
    before = (tmp_path / "kept/en.npz").stat().st_mtime_ns
    again = measure_alignment(llama, TEXT, OPTIONS, tmp_path / "kept", done.append)
    assert sum(done) == 30
    assert (tmp_path / "kept/en.npz").stat().st_mtime_ns == before
    assert (again.forward == first.forward).all()
    assert (again.similarity == first.similarity).all()


def test_text_that_cannot_be_compared_is_refused(llama: ProbedModel, tmp_path: Path) -> None:
    alone = replace(TEXT, sentences={lang: rows[:1] for lang, rows in TEXT.sentences.items()})
    with pytest.raises(DataError, match="1 sentences; alignment needs two"):
        measure_alignment(llama, alone, OPTIONS, tmp_path / "a", nothing)
    empty = replace(TEXT, sentences={"en": ("w1", " "), "de": ("w2", "w3")})
    with pytest.raises(DataError, match="sentence 2 in en has no token"):
        measure_alignment(llama, empty, OPTIONS, tmp_path / "b", nothing)
    assert not (tmp_path / "b/en.npz").exists()


def test_figures_by_hand() -> None:
    # Two layers; pairs en-de, en-sw, de-sw over four sentences. MEXA: both ways.
    forward = _hits((1, 1, 0, 0), (1, 0, 0, 0), (1, 1, 1, 0), n_layers=2)
    back = _hits((1, 1, 1, 0), (1, 1, 0, 0), (0, 0, 1, 0), n_layers=2)
    forward[0, 0, 1] = True  # en-de is found at the upper layer by all four one way, by three both ways
    made = _made(("en", "de", "sw"), forward, back)
    weights = np.array([[1, 1, 1, 1], [4, 0, 0, 0], [0, 0, 0, 2]], dtype=np.float64)
    (figures,) = alignment_figures([made], weights, OPTIONS)
    # en-de 2/4 and 3/4 by layer, en-sw 1/4 and 1/4: mean 7/16, mean of the best 1/2.
    assert figures["mexa_pivot"].tolist() == [7 / 16, 1, 0]
    assert figures["mexa_pivot_max"].tolist() == [1 / 2, 1, 0]
    # One block, so its middle is layer 0: (2/4 + 3/4 + 1/4 + 2/4) / 4, and (3/4 + 1/4) / 2. Only the first sentence drawn:
    # all four ways, and one of the two. Only the last one: none.
    assert figures["retrieval_en_x"].tolist() == [1 / 2, 1, 0]
    assert figures["retrieval_x_y"].tolist() == [1 / 2, 1 / 2, 0]
    assert figures["mexa_pivot_centred"].tolist() == [0, 0, 0]
    assert len(figures) == 8


def test_best_layers_are_chosen_in_every_draw() -> None:
    # Layer 0 finds the first sentence, layer 1 the second one: whichever is drawn alone, a layer finds it.
    hits = _hits((1, 0), n_layers=2)
    hits[0, 0, 1] = [False, True]
    (figures,) = alignment_figures([_made(("en", "de"), hits, hits)], np.array([[1.0, 1], [2, 0], [0, 2]]), OPTIONS)
    assert figures["mexa_pivot_max"].tolist() == [0.5, 1, 1]
    assert figures["mexa_pivot"].tolist() == [0.5, 0.5, 0.5]


def test_figures_without_a_pair_are_left_out() -> None:
    hits = _hits((1, 0))
    weights = np.ones((1, 2))
    (two,) = alignment_figures([_made(("en", "de"), hits, hits)], weights, OPTIONS)
    assert "retrieval_x_y" not in two
    assert two["retrieval_en_x"].tolist() == [0.5]
    (other,) = alignment_figures([_made(("sw", "de"), hits, hits)], weights, OPTIONS)
    assert sorted(other) == ["retrieval_x_y", "retrieval_x_y_centred"]
    (german,) = alignment_figures([_made(("sw", "de"), hits, hits)], weights, ProbeOptions(pivot="de"))
    assert german["retrieval_de_x"].tolist() == [0.5]


def test_retrieval_is_read_at_half_of_the_blocks() -> None:
    # Gemma-3-270M: 18 blocks, so the output of the 9th; its states are 19 with the embeddings'.
    hits = np.zeros((2, 1, 19, 3), dtype=np.bool_)
    hits[0, 0, 9] = True
    (figures,) = alignment_figures([_made(("en", "de"), hits, hits)], np.ones((1, 3)), OPTIONS)
    assert figures["retrieval_en_x"].tolist() == [1.0]
    assert figures["mexa_pivot"].tolist() == [pytest.approx(1 / 19)]


def test_json_and_table_hold_every_pair_of_twelve_languages(llama: ProbedModel, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    text = replace(
        TEXT,
        sentences={
            lang: tuple(" ".join(f"w{i}" for i in rng.integers(N_WORDS, size=4)) for _ in range(3))
            for lang in POLYFACT_LANGUAGES
        },
    )
    found = measure_alignment(llama, text, OPTIONS, tmp_path / "kept", nothing)
    assert (found.n_units, found.units) == (3, "3 sentences")
    written = json.loads(json.dumps(alignment_json("m", found, OPTIONS)))
    assert len(written["pairs"]) == 2 * comb(12, 2) == 132
    assert [each["lang"] for each in written["languages"]] == 2 * list(POLYFACT_LANGUAGES[1:])
    table = alignment_table("m", found, OPTIONS)
    assert table.num_rows == 132 * 3
    rows = table.to_pylist()
    pair = next(p for p in written["pairs"] if (p["first"], p["second"], p["centred"]) == ("ar", "zh", True))
    of_pair = [row for row in rows if (row["first"], row["second"], row["centred"]) == ("ar", "zh", True)]
    assert [row["layer"] for row in of_pair] == [0, 1, 2]
    for column in ("mexa", "retrieval", "retrieval_back", "similarity", "dissimilarity"):
        assert [row[column] for row in of_pair] == pair[column]
    english = next(each for each in written["languages"] if each["lang"] == "sw" and not each["centred"])
    values = next(p["mexa"] for p in written["pairs"] if (p["first"], p["second"]) == ("en", "sw"))
    assert (english["mean"], english["max"]) == (pytest.approx(np.mean(values)), max(values))


def test_the_whole_text_drawn_once_gives_the_figures_of_the_json(llama: ProbedModel, tmp_path: Path) -> None:
    found = measure_alignment(llama, TEXT, OPTIONS, tmp_path / "kept", nothing)
    (figures,) = alignment_figures([found], np.ones((1, 5)), OPTIONS)
    languages = alignment_json("m", found, OPTIONS)["languages"]
    for name, key in (("mexa_pivot", "mean"), ("mexa_pivot_max", "max")):
        for ending, centred in (("", False), ("_centred", True)):
            expected = np.mean([each[key] for each in languages if each["centred"] is centred])  # type: ignore[literal-required]
            assert figures[name + ending][0] == pytest.approx(expected)


def test_a_small_real_model_aligns_german_in_its_middle(shared_data: Path, tmp_path: Path) -> None:
    # Gemma-3-270M (Q4_K_M, dequantised) and 40 sentences of FLORES, measured 2026-11-22: MEXA of en-de is 0.18 at the
    # embeddings and 1.00 at layers 11 and 12 of 18.
    try:
        folder = small_model()
    except MissingExtra as error:
        pytest.skip(str(error))
    text = read_parallel_text(str(shared_data / "flores200_devtest"), ["en", "de"], limit=40)
    with loaded(str(folder), device="cpu") as probed:
        found = measure_alignment(probed, text, OPTIONS, tmp_path / "kept", nothing)
    mexa = found.mexa[0, 0].mean(axis=-1)
    assert len(mexa) == 19
    assert mexa[0] < 0.4
    assert mexa[11:13].min() > 0.9
    centred = found.mexa[1, 0].mean(axis=-1)
    assert centred[found.middle] >= mexa[found.middle]


def test_states_that_are_not_numbers_are_refused_and_not_kept(llama: ProbedModel, tmp_path: Path) -> None:
    """As where float16 overflows in one sentence: here the embedding of w22, which Swahili alone has."""
    llama.model.model.embed_tokens.weight[25, 0] = float("inf")
    with pytest.raises(BackendError, match=r"states of sentences in sw are not numbers in float32"):
        measure_alignment(llama, TEXT, OPTIONS, tmp_path, nothing)
    assert sorted(path.name for path in tmp_path.glob("*.npz")) == ["de.npz", "en.npz"]


def test_a_file_of_another_measurement_is_named(llama: ProbedModel, tmp_path: Path) -> None:
    for arrays in ({"other": np.zeros(3)}, {"vectors": np.zeros((7, 3, 32))}):
        np.savez(tmp_path / "en.npz", **arrays)  # type: ignore[arg-type]
        with pytest.raises(DataError, match=r"en\.npz holds no vectors of 5 sentences; delete it"):
            measure_alignment(llama, TEXT, OPTIONS, tmp_path, nothing)
