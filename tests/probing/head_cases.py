"""Tiny random decoders to look into: two layers of four heads, a tokenizer of forty words."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from xleval.probing.model import ProbedModel, loaded
from xleval.probing.options import ProbeOptions
from xleval.probing.texts import ParallelText

N_WORDS = 40
TEXT = ParallelText(
    source="made here",
    sentences={
        "en": ("w1 w2 w3 w4 w5", "w6 w7 w8", "w9 w3 w2 w1 w7 w8 w4 w5", "w1 w1 w2"),
        "sw": ("w20 w21 w22", "w23 w24 w25 w26 w27 w20", "w28 w20 w30", "w31 w32 w33 w34"),
    },
    sha256="0" * 64,
)
OPTIONS = ProbeOptions(top_heads=0.25, resamples=50)


def nothing(_: int) -> None:
    """Take a count and do nothing with it."""


def config_of(name: str) -> Any:
    """Return the configuration of an architecture; large weights, so that what is wrong differs by more than rounding."""
    import transformers

    common: dict[str, Any] = {
        "vocab_size": N_WORDS + 3, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2,
        "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 64, "bos_token_id": 1,
        "eos_token_id": 2, "pad_token_id": 0, "initializer_range": 0.3,
    }  # fmt: skip
    gemma: dict[str, Any] = {
        "head_dim": 8, "sliding_window": 4, "query_pre_attn_scalar": 8,
        "layer_types": ["sliding_attention", "full_attention"],
    }  # fmt: skip
    if name == "gpt2":
        return transformers.GPT2Config(
            vocab_size=N_WORDS + 3, n_embd=32, n_layer=2, n_head=4, n_positions=64, initializer_range=0.3,
            bos_token_id=1, eos_token_id=2,
        )  # fmt: skip
    if name == "gemma2":
        return transformers.Gemma2Config(**common, **gemma, final_logit_softcapping=3.0)
    if name == "gemma3":
        return transformers.Gemma3TextConfig(**common, **gemma)
    if name == "cohere":
        return transformers.CohereConfig(**common, logit_scale=0.25)
    if name == "granite":
        return transformers.GraniteConfig(**common, logits_scaling=4.0)
    if name == "phi":  # its output matrix has a bias
        return transformers.PhiConfig(**common)
    return transformers.LlamaConfig(**common)


def tiny(name: str, folder: Path, *, bos: bool = True, double: bool = True) -> ProbedModel:
    """Return a random model of an architecture, saved and loaded as any checkpoint is; float64 unless told."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

    words = {"<pad>": 0, "<bos>": 1, "<eos>": 2, **{f"w{i}": i + 3 for i in range(N_WORDS)}}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="<pad>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    if bos:
        tokenizer.post_processor = processors.TemplateProcessing(single="<bos> $A", special_tokens=[("<bos>", 1)])
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_config(config_of(name))
    for weight in model.parameters():  # biases, which start at zero, too
        torch.nn.init.normal_(weight, std=0.3)
    model.save_pretrained(folder)
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<bos>", eos_token="<eos>", pad_token="<pad>"
    ).save_pretrained(folder)
    with loaded(str(folder), device="cpu") as probed:
        return replace(probed, model=probed.model.double()) if double else probed


def own_loss(model: Any, ids: tuple[int, ...]) -> float:
    """Return the mean negative log-probability of token ids as transformers itself computes it."""
    import torch

    with torch.no_grad():
        rows = model(input_ids=torch.tensor([ids])).logits[0, :-1].log_softmax(-1)
    return float(-rows[torch.arange(len(ids) - 1), list(ids[1:])].mean())


def head_columns(probed: ProbedModel, layer: int, head: int) -> Any:
    """Return the weights that a head goes through on its way out of attention, as a view to be changed in place."""
    from transformers.pytorch_utils import Conv1D

    module: Any = probed.structure.layers[layer].heads
    weight = module.weight.data.T if isinstance(module, Conv1D) else module.weight.data
    width = weight.shape[1] // probed.structure.n_heads
    return weight[:, head * width : (head + 1) * width]
