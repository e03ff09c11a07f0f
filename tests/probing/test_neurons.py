"""Neurons are counted in real models, made on the spot; what is planted is found again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from xleval.errors import DataError  # noqa: E402
from xleval.probing.model import ProbedModel, loaded  # noqa: E402
from xleval.probing.neuron_counts import NeuronCounts, blocks_of  # noqa: E402
from xleval.probing.neurons import measure_neurons, neuron_sets, neurons_json  # noqa: E402
from xleval.probing.options import ProbeOptions  # noqa: E402
from xleval.probing.texts import ParallelText  # noqa: E402

N_LAYERS, N_NEURONS, WORDS = 2, 48, 40
#: (layer, neuron) that fire at every word of one language, and one that fires at a single rare word of the other.
OF_A, OF_B, RARE = ((0, 3), (0, 17), (1, 40)), ((0, 5), (1, 0)), (1, 7)


def text_of(n: int = 24) -> ParallelText:
    """Return parallel sentences of unlike length: word i of one language stands for word i of the other."""
    rng = np.random.default_rng(3)
    rows = [rng.integers(0, WORDS, rng.integers(2, 12)) for _ in range(n)]
    rows[0] = np.array([0, 1, 2])  # the rare word is there
    sentences = {lang: tuple(" ".join(f"{lang}{word}" for word in row) for row in rows) for lang in "ab"}
    return ParallelText(source="made", sentences=sentences, sha256="0" * 64)


def save_tokenizer(folder: Path) -> None:
    """Write a tokenizer of whole words, which begins a text with a BOS."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    words = ["<pad>", "<s>", "<unk>", *(f"{lang}{i}" for lang in "ab" for i in range(WORDS))]
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", pad_token="<pad>", unk_token="<unk>"
    ).save_pretrained(folder)


@contextmanager
def probed(
    folder: Path, change: Callable[[Any], None] = lambda model: None, name: str = "Llama"
) -> Iterator[ProbedModel]:
    """Give a small decoder with random weights, saved and loaded as any checkpoint is."""
    torch.manual_seed(0)
    sizes = {
        "vocab_size": 3 + 2 * WORDS, "hidden_size": 32, "intermediate_size": N_NEURONS, "num_hidden_layers": N_LAYERS,
        "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 64, "pad_token_id": 0,
        "bos_token_id": 1, "eos_token_id": 1, "initializer_range": 0.3,
    }  # fmt: skip
    if name == "GPT2":
        sizes |= {"n_inner": N_NEURONS}
    model = transformers.AutoModelForCausalLM.from_config(getattr(transformers, f"{name}Config")(**sizes))
    with torch.no_grad():
        change(model)
    model.save_pretrained(folder)
    save_tokenizer(folder)
    with loaded(str(folder), dtype="float32", device="cpu") as found:
        yield found


def plant(model: Any) -> None:
    """Make every gate read the word alone: its language (columns 0 and 1), its number (2), whether it is b0 (3)."""
    table = model.model.embed_tokens.weight
    table.zero_()
    for offset, column in ((3, 0), (3 + WORDS, 1)):
        table[offset : offset + WORDS, column] = 1
        table[offset : offset + WORDS, 2] = torch.tensor([1.0, -1.0]).repeat(WORDS // 2)
    table[3 + WORDS, 3] = 1
    table[1, :4] = torch.tensor([1.0, 1.0, -1.0, 1.0])  # BOS would make all planted neurons fire
    for number, layer in enumerate(model.model.layers):
        layer.self_attn.o_proj.weight.zero_()
        layer.mlp.down_proj.weight.zero_()
        gate = layer.mlp.gate_proj.weight
        gate.zero_()
        gate[:, 2] = 1  # all others fire at words of even number, in both languages
        for sign, planted in ((1.0, OF_A), (-1.0, OF_B)):
            for neuron in (neuron for place, neuron in planted if place == number):
                gate[neuron] = torch.tensor([sign, -sign] + 30 * [0.0])
        if number == RARE[0]:
            gate[RARE[1]] = torch.tensor([0.0, 0.0, 0.0, 1.0] + 28 * [0.0])


def nothing(n: int) -> None:
    """Count nothing."""


def test_planted_neurons_are_recovered_by_the_original(tmp_path: Path) -> None:
    options = ProbeOptions(variant="original", top_neurons=6 / 96)
    with probed(tmp_path / "model", plant) as model:
        counts = measure_neurons(model, text_of(), options, tmp_path / "out", nothing)
    sets = neuron_sets(counts, options)
    assert {lang: set(found) for lang, found in sets.items()} == {"a": set(OF_A), "b": set(OF_B)}
    found = neurons_json("m", counts, options)
    # Six were asked for: the rare neuron does not pass the filter, and the others fire no more often than the bar.
    assert (found["n_selected"], found["n_silent"], found["entropy"]) == (5, 0, 0.0)
    assert [each["layers"] for each in found["languages"]] == [[2, 1], [1, 1]]
    assert found["overlap"] == [[1.0, 0.0], [0.0, 1.0]]
    words = [int(word[1:]) for row in text_of().sentences["a"] for word in row.split()]
    assert found["activation_bar"] == sum(word % 2 == 0 for word in words) / len(words)
    # Of 48 neurons three (layer 0) and three (layer 1) have entropy 0; all others ln 2, which is 1 of log K.
    assert found["entropy_by_layer"] == pytest.approx([45 / 48, 45 / 48], abs=1e-12)


def test_planted_neurons_are_recovered_by_the_published_variant(tmp_path: Path) -> None:
    options = ProbeOptions(variant="published", top_neurons=6 / 96)
    with probed(tmp_path / "model", plant) as model:
        counts = measure_neurons(model, text_of(), options, tmp_path / "out", nothing)
    sets = neuron_sets(counts, options)
    assert {lang: set(found) for lang, found in sets.items()} == {"a": set(OF_A), "b": {*OF_B, RARE}}
    found = neurons_json("m", counts, options)
    assert found["activation_bar"] is None
    assert sum(each["n"] for each in found["languages"]) == found["n_selected"] == 6


def test_only_the_tokens_of_the_text_are_counted(tmp_path: Path) -> None:
    with probed(tmp_path / "model", plant) as model:
        counts = measure_neurons(model, text_of(), ProbeOptions(), tmp_path / "out", nothing)
    n_words = sum(len(row.split()) for row in text_of().sentences["a"])
    assert counts.n_tokens == {"a": n_words, "b": n_words}
    assert [int(counts.fired[lang][:, 0, 3].sum()) for lang in "ab"] == [n_words, 0]
    assert [int(counts.fired[lang][:, 0, 5].sum()) for lang in "ab"] == [0, n_words]


@pytest.mark.parametrize(("name", "module"), [("Llama", "act_fn"), ("Phi3", "activation_fn"), ("GPT2", "act")])
def test_counts_are_what_the_activation_function_lets_through(tmp_path: Path, name: str, module: str) -> None:
    """SiLU and GELU are positive exactly where their input is: read off their module, a sentence at a time."""
    text, positive = text_of(), {}
    with probed(tmp_path / "model", name=name) as model:
        counts = measure_neurons(model, text, ProbeOptions(blocks=24), tmp_path / "out", nothing)
        found = [each for path, each in model.model.named_modules() if path.endswith(f"mlp.{module}")]
        seen: list[Any] = []
        handles = [each.register_forward_hook(lambda _, __, out: seen.append(out[0, 1:] > 0)) for each in found]
        for lang, row in ((lang, row) for lang in "ab" for row in range(len(text))):
            seen.clear()
            with torch.inference_mode():
                model.model(torch.tensor([model.encoder.text_ids([text.sentences[lang][row]])[0]]))
            positive[lang, row] = torch.stack([each.sum(dim=0) for each in seen]).numpy()
    assert len(handles) == N_LAYERS
    for (lang, row), expected in positive.items():
        assert counts.fired[lang][row].tolist() == expected.tolist()


def test_batches_padding_and_order_change_nothing(tmp_path: Path) -> None:
    text = text_of()
    order = np.random.default_rng(0).permutation(len(text))
    shuffled = replace(text, sentences={lang: tuple(rows[i] for i in order) for lang, rows in text.sentences.items()})
    options = ProbeOptions(blocks=len(text))
    with probed(tmp_path / "model") as model:
        whole = measure_neurons(model, text, options, tmp_path / "whole", nothing)
        alone = measure_neurons(model, text, replace(options, batch_tokens=1), tmp_path / "alone", nothing)
        other = measure_neurons(model, shuffled, replace(options, batch_tokens=40), tmp_path / "other", nothing)
    for lang in "ab":
        assert whole.fired[lang].any()
        assert whole.fired[lang].tolist() == alone.fired[lang].tolist()
        assert whole.fired[lang][order].tolist() == other.fired[lang].tolist()
        assert whole.tokens[lang][order].tolist() == other.tokens[lang].tolist()


def test_a_stopped_measurement_goes_on_with_the_same_bytes(tmp_path: Path) -> None:
    text, options, out = text_of(), ProbeOptions(blocks=6), tmp_path / "out"
    done: list[int] = []
    with probed(tmp_path / "model") as model:
        whole = measure_neurons(model, text, options, out, done.append)
        assert sum(done) == 2 * len(text)
        first, second = (out / "a.npz").read_bytes(), (out / "b.npz").read_bytes()
        (out / "b.npz").unlink()

        class Stopped(Exception):
            pass

        def stop(n: int) -> None:
            if sum(done) > len(text):
                raise Stopped
            done.append(n)

        done.clear()
        with pytest.raises(Stopped):
            measure_neurons(model, text, replace(options, batch_tokens=30), out, stop)
        assert sorted(path.name for path in out.iterdir()) == ["a.npz"]
        assert not [module for module in model.model.modules() if module._forward_hooks]

        done.clear()
        again = measure_neurons(model, text, options, out, done.append)
    assert sum(done) == 2 * len(text)
    assert ((out / "a.npz").read_bytes(), (out / "b.npz").read_bytes()) == (first, second)
    assert again.fired["b"].tolist() == whole.fired["b"].tolist()


def test_what_is_there_is_read_not_measured(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with probed(tmp_path / "model") as model:
        measure_neurons(model, text_of(), ProbeOptions(blocks=6), out, nothing)
        with np.load(out / "a.npz") as file:
            arrays = dict(file)
        np.savez_compressed(out / "a.npz", **{**arrays, "tokens": arrays["tokens"] + 1})
        again = measure_neurons(model, text_of(), ProbeOptions(blocks=6), out, nothing)
    assert again.tokens["a"].tolist() == (arrays["tokens"] + 1).tolist()


def test_a_sentence_is_read_up_to_the_limit(tmp_path: Path) -> None:
    text = ParallelText(source="made", sentences={"a": ("a1 a2 a3", "a4", ""), "b": ("b1", "b2", "b3")}, sha256="")
    with probed(tmp_path / "model") as model:
        counts = measure_neurons(model, text, ProbeOptions(max_tokens=3), tmp_path / "out", nothing)
    assert counts.n_tokens == {"a": 3, "b": 3}  # the limit holds the BOS, too; an empty sentence has no token
    assert counts.tokens["a"].tolist() == [2, 1, 0]


def test_a_language_without_tokens_is_an_error(tmp_path: Path) -> None:
    text = ParallelText(source="made", sentences={"a": ("a1",), "b": ("",)}, sha256="")
    with probed(tmp_path / "model") as model, pytest.raises(DataError, match=r"made: no sentence in b has a token"):
        measure_neurons(model, text, ProbeOptions(), tmp_path / "out", nothing)


def test_weights_that_are_no_numbers_are_an_error(tmp_path: Path) -> None:
    def spoil(model: Any) -> None:
        model.model.layers[1].mlp.gate_proj.weight.zero_()

    with probed(tmp_path / "model", spoil) as model, pytest.raises(DataError, match=r"in layers \[1\] no neuron fires"):
        measure_neurons(model, text_of(), ProbeOptions(), tmp_path / "out", nothing)


@pytest.mark.parametrize(
    ("sentences", "blocks", "words"),
    [
        (1000, 50, "50 blocks of 20 consecutive sentences"),
        (992, 50, "50 blocks of 19 or 20 consecutive sentences"),
        (30, 50, "30 sentences"),
        (75, 50, "50 blocks of 1 or 2 consecutive sentences"),
    ],
)
def test_units_in_words(sentences: int, blocks: int, words: str) -> None:
    of_sentence = blocks_of(sentences, blocks)
    n_units = int(of_sentence.max()) + 1
    assert np.diff(of_sentence).min(initial=1) >= 0  # consecutive
    counts = NeuronCounts(fired={"a": np.zeros((n_units, 1, 1), dtype=np.uint16)}, tokens={}, n_sentences=sentences)
    assert counts.units == words
