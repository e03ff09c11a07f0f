"""Heads and neurons are found in decoders of every form, in models made on the spot (transformers 5.19, 2026-11-22)."""

from typing import Any

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from xleval.errors import ConfigError  # noqa: E402
from xleval.probing.structure import structure_of  # noqa: E402

SIZES = {
    "vocab_size": 64, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4,
    "num_key_value_heads": 2, "max_position_embeddings": 64, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2,
}  # fmt: skip
GPT = {"vocab_size": 64, "n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 64, "n_inner": 48}
GATED = ("self_attn.o_proj", "mlp.down_proj", "mlp.gate_proj", None)
NEOX = ("attention.dense", "mlp.dense_4h_to_h", "mlp.dense_h_to_4h", None)


def make(name: str, **settings: Any) -> Any:
    """Return a small decoder of a family with random weights."""
    torch.manual_seed(0)
    config = getattr(transformers, f"{name}Config")(**(settings or SIZES))
    return transformers.AutoModelForCausalLM.from_config(config).eval()


def names_of(model: Any) -> list[tuple[str, str, str, bool | None]]:
    """Return the names of the parts of every layer, behind that of the layer."""
    names = {id(module): name for name, module in model.named_modules()}
    found = []
    for number, layer in enumerate(structure_of(model).layers):
        parts = [names[id(each)] for each in (layer.heads, layer.neurons, layer.gate)]
        assert all(f".{number}." in part for part in parts)
        heads, neurons, gate = (part.split(f".{number}.", 1)[1] for part in parts)
        found.append((heads, neurons, gate, layer.gate_first))
    return found


@pytest.mark.parametrize(
    ("name", "settings", "parts"),
    [
        ("Llama", {}, GATED),
        ("Qwen2", {}, GATED),
        ("Qwen3", {**SIZES, "head_dim": 16}, GATED),
        ("Gemma", {**SIZES, "head_dim": 16}, GATED),
        ("Gemma2", {**SIZES, "head_dim": 16}, GATED),
        ("Gemma3Text", {**SIZES, "head_dim": 16}, GATED),
        ("Olmo", {}, GATED),
        ("Olmo2", {}, GATED),
        ("Mistral", {**SIZES, "head_dim": 16}, GATED),
        # Multi-head attention: query, key, value and output have one shape.
        ("Llama", {**SIZES, "num_key_value_heads": 4}, GATED),
        # As many neurons as columns of the heads, in half as many key heads: sizes alone cannot tell them apart.
        ("Llama", {**SIZES, "intermediate_size": 32}, GATED),
        # Gate and value in one projection.
        ("Phi3", {}, ("self_attn.o_proj", "mlp.down_proj", "mlp.gate_up_proj", True)),
        # Plain MLPs; query, key and value in one projection; linear layers of the other orientation.
        ("GPT2", GPT, ("attn.c_proj", "mlp.c_proj", "mlp.c_fc", None)),
        ("GPTNeoX", {}, NEOX),
        ("Starcoder2", {}, ("self_attn.o_proj", "mlp.c_proj", "mlp.c_fc", None)),
        ("Nemotron", {}, ("self_attn.o_proj", "mlp.down_proj", "mlp.up_proj", None)),
        # MLP without a module of its own.
        (
            "OPT",
            {
                "vocab_size": 64, "hidden_size": 32, "word_embed_proj_dim": 32, "ffn_dim": 48, "num_hidden_layers": 2,
                "num_attention_heads": 4, "max_position_embeddings": 64,
            },
            ("self_attn.out_proj", "fc2", "fc1", None),
        ),
        # An activation that the configuration does not name; attention that adds the residual itself.
        (
            "Bloom",
            {"vocab_size": 64, "hidden_size": 32, "n_layer": 2, "n_head": 4},
            ("self_attention.dense", *NEOX[1:]),
        ),
        # Grouped queries in one projection.
        (
            "Falcon",
            {
                "vocab_size": 64, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4,
                "new_decoder_architecture": True, "num_kv_heads": 2,
            },
            ("self_attention.dense", *NEOX[1:]),
        ),
        # An activation with weights of its own.
        ("Apertus", {}, ("self_attn.o_proj", "mlp.down_proj", "mlp.up_proj", None)),
    ],
)  # fmt: skip
def test_parts_of_a_family(name: str, settings: dict[str, Any], parts: tuple[str, str, str, bool | None]) -> None:
    model = make(name, **settings)
    assert names_of(model) == [parts, parts]
    found = structure_of(model)
    assert found.n_heads == 4
    assert found.n_neurons == (settings.get("intermediate_size", 48) if name not in ("Bloom", "Falcon") else 128)


def test_layers_may_have_heads_of_different_width() -> None:
    """Gemma 4: every sixth layer has wider heads, and further projections beside the MLP."""
    model = make("Gemma4Text", **{**SIZES, "head_dim": 16, "num_hidden_layers": 6, "vocab_size_per_layer_input": 64})
    widths = [layer.heads.in_features for layer in structure_of(model).layers]
    assert widths[:5] == [64] * 5
    assert widths[5] > 64
    assert names_of(model) == [GATED] * 6


@pytest.mark.parametrize("fused", [False, True])
def test_the_gate_is_what_goes_through_the_activation(fused: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the roles exchanged the other projection is the gate, whatever it is called and wherever it stands."""
    model = make("Phi3" if fused else "Llama")

    def exchanged(self: Any, x: Any) -> Any:
        if fused:
            value, gate = self.gate_up_proj(x).chunk(2, dim=-1)
            return self.down_proj(value * self.activation_fn(gate))
        return self.down_proj(self.gate_proj(x) * self.act_fn(self.up_proj(x)))

    monkeypatch.setattr(type(model.model.layers[0].mlp), "forward", exchanged)
    expected = ("mlp.gate_up_proj", False) if fused else ("mlp.up_proj", None)
    assert [(gate, first) for _, _, gate, first in names_of(model)] == [expected] * 2


def test_half_precision_is_recognised() -> None:
    model = make("Gemma3Text", **{**SIZES, "head_dim": 16}).to(torch.bfloat16)
    assert names_of(model) == [GATED, GATED]


def test_hooks_are_taken_away() -> None:
    model = make("Llama")
    structure_of(model)
    assert not [module for module in model.modules() if module._forward_hooks]


@pytest.mark.parametrize("name", ["Mixtral", "Qwen3Moe", "Llama4Text"])
def test_experts_are_refused(name: str) -> None:
    """Llama 4 has an MLP that all tokens share beside its experts: that alone is not the model's MLP."""
    with pytest.raises(ConfigError, match=r"layer 0: no gated or plain MLP .* mixture of experts"):
        structure_of(make(name))


def test_attention_without_heads_is_refused() -> None:
    with pytest.raises(ConfigError, match="probes need one"):
        structure_of(make("Mamba", vocab_size=64, hidden_size=32, num_hidden_layers=2, num_attention_heads=4))


def test_layers_of_unlike_size_are_refused() -> None:
    model = make("Llama")
    mlp = model.model.layers[1].mlp
    for name, (columns, rows) in {"gate_proj": (32, 40), "up_proj": (32, 40), "down_proj": (40, 32)}.items():
        setattr(mlp, name, torch.nn.Linear(columns, rows, bias=False))
    with pytest.raises(ConfigError, match=r"layers of \[40, 48\] neurons; probes need equal ones"):
        structure_of(model)
