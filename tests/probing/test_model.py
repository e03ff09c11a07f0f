"""Models that no probe can read are refused when they are loaded, in words that say why."""

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from tests.probing.head_cases import N_WORDS, tiny  # noqa: E402
from xleval.errors import ConfigError, DataError  # noqa: E402
from xleval.probing.model import loaded  # noqa: E402


def test_an_encoder_is_refused_as_what_it_is(tmp_path: Path) -> None:
    """transformers gives BERT a head that predicts words, but it reads in both directions, and its MLPs look plain."""
    from transformers import BertConfig, BertForMaskedLM

    tiny("llama", tmp_path / "llama")
    sizes = BertConfig(
        vocab_size=N_WORDS + 3, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
        initializer_range=0.3,
    )  # fmt: skip
    torch.manual_seed(0)
    BertForMaskedLM(sizes).save_pretrained(tmp_path / "bert")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (tmp_path / "bert" / name).write_bytes((tmp_path / "llama" / name).read_bytes())
    with pytest.raises(ConfigError, match=r"model bert .*as an encoder does; probes need a decoder"):
        with loaded(str(tmp_path / "bert"), device="cpu"):
            pass


def test_weights_that_are_not_numbers_are_refused_before_anything_is_measured(tmp_path: Path) -> None:
    """One such weight and every count behind it would be 0, or no number that JSON has."""
    model = tiny("llama", tmp_path / "llama", double=False).model
    model.model.layers[1].mlp.down_proj.weight[0, 0] = float("nan")
    model.save_pretrained(tmp_path / "llama")
    with pytest.raises(DataError, match=r"model llama: its outputs are not numbers in float32"):
        with loaded(str(tmp_path / "llama"), device="cpu"):
            pass
