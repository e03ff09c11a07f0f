"""Tiny random checkpoints, made on the spot: real transformers models that run in milliseconds."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

VOCABULARY_SIZE = 300
SLIDING_WINDOW = 8


def _build_tokenizer() -> Any:
    """Return a byte-level tokenizer: 256 bytes, a few merges so that words have fewer tokens than bytes, and BOS, EOS, PAD."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY_SIZE - 4,
        special_tokens=["<pad>", "<bos>", "<eos>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    text = [
        "Question: What is the capital of Kenya?\nAnswer: Nairobi",
        "Answer: New York",
        "the the the of of is is",
    ] * 3
    tokenizer.train_from_iterator(text, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<bos>", eos_token="<eos>", pad_token="<pad>")


def _build_model(name: str) -> Any:
    import torch
    import transformers

    common: dict[str, Any] = {
        "vocab_size": VOCABULARY_SIZE, "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2,
        "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 256,
        "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0,
        # large weights, so that a wrong mask changes the scores by far more than rounding does
        "initializer_range": 0.3,
    }  # fmt: skip
    gemma: dict[str, Any] = {
        "head_dim": 8, "sliding_window": SLIDING_WINDOW, "query_pre_attn_scalar": 8,
        "layer_types": ["sliding_attention", "full_attention"],
    }  # fmt: skip
    configs: dict[str, Callable[[], Any]] = {
        "llama": lambda: transformers.LlamaConfig(**common),
        "qwen2": lambda: transformers.Qwen2Config(**common, tie_word_embeddings=True),
        "gemma3": lambda: transformers.Gemma3TextConfig(**common, **gemma),
        "gemma2": lambda: transformers.Gemma2Config(**common, **gemma, final_logit_softcapping=3.0),
        "mistral": lambda: transformers.MistralConfig(**common, sliding_window=SLIDING_WINDOW),
        "gpt2": lambda: transformers.GPT2Config(
            vocab_size=VOCABULARY_SIZE, n_embd=32, n_layer=2, n_head=4, n_positions=256, initializer_range=0.3,
            bos_token_id=1, eos_token_id=2,
        ),
        # linear biases by place in the row, not by position: takes no tree
        "bloom": lambda: transformers.BloomConfig(
            vocab_size=VOCABULARY_SIZE, hidden_size=32, n_layer=2, n_head=4, initializer_range=0.3, bos_token_id=1,
            eos_token_id=2, pad_token_id=0,
        ),
    }  # fmt: skip
    torch.manual_seed(0)
    return transformers.AutoModelForCausalLM.from_config(configs[name]())


@pytest.fixture(scope="session")
def tiny_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return a function from an architecture's name to the folder of a tiny random model of it."""
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    root = tmp_path_factory.mktemp("checkpoints")

    def make(name: str) -> Path:
        folder = root / name
        if not folder.exists():
            _build_model(name).save_pretrained(folder)
            _build_tokenizer().save_pretrained(folder)
        return folder

    return make
