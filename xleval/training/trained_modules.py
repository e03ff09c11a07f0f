"""The linear layers of a model by name: which of them are attention's, and which an adapter goes on."""

import re
from collections.abc import Sequence
from typing import Any

from xleval.errors import ConfigError, unknown_name

#: A part of a layer's name that says attention: `self_attn`, `attn`, `attention`, `SelfAttention`.
_ATTENTION = re.compile(r"(^|_)attn$|attention$", re.IGNORECASE)
#: Names of query, key, value and output projections over the families that transformers has, joint ones included.
_PROJECTIONS = frozenset(
    "q_proj k_proj v_proj o_proj out_proj qkv_proj q k v o query key value query_key_value dense Wqkv W_pack wqkv wo "
    "c_attn c_proj q_a_proj q_b_proj kv_a_proj_with_mqa kv_b_proj".split()
)
_LINEAR = ("Linear", "Conv1D")  # Conv1D is GPT-2's name for a linear layer


def linear_modules(model: Any) -> list[str]:
    """Return the names of the linear layers of a model but its output layer, in the model's order."""
    output = model.get_output_embeddings()
    return [
        name
        for name, module in model.named_modules()
        if type(module).__name__ in _LINEAR and module is not output and name
    ]


def attention_modules(model: Any, family: str) -> list[str]:
    """Return the names of the query, key, value and output projections of a model.

    Args:
        model: of transformers.
        family: its `model_type`, for the message.

    Raises:
        ConfigError: none is known by name.
    """
    names = linear_modules(model)
    found = [name for name in names if is_projection(name)]
    if not found:
        leaves = ", ".join(dict.fromkeys(name.rpartition(".")[2] for name in names))
        raise ConfigError(
            f"modules: attention: no query, key, value or output projection is known by name in a {family} model; its "
            f"linear layers are {leaves or 'none'}. Train all weights (modules: all), or name layers in lora.targets"
        )
    return found


def is_projection(name: str) -> bool:
    """Return whether a layer of this name is a query, key, value or output projection of attention."""
    *parents, leaf = name.split(".")
    return leaf in _PROJECTIONS and any(_ATTENTION.search(part) for part in parents)


def lora_targets(names: Sequence[str], targets: Sequence[str], model: str) -> list[str]:
    """Return the names of the layers that an adapter goes on: all, or those whose last part is a target.

    Args:
        names: of the linear layers.
        targets: last parts of names, as `q_proj`, or whole names; empty or `all-linear` for all.
        model: its name, for the message.

    Raises:
        ConfigError: a target is the name of no layer.
    """
    if not targets or list(targets) == ["all-linear"]:
        return list(names)
    leaves = list(dict.fromkeys(name.rpartition(".")[2] for name in names))
    for target in targets:
        if target not in leaves and target not in names:
            raise unknown_name(f"lora target (linear layer of {model})", target, leaves)
    return [name for name in names if name in targets or name.rpartition(".")[2] in targets]


def freeze_all_but(model: Any, names: Sequence[str]) -> None:
    """Freeze every weight of a model but those of the named layers, biases included."""
    for weight in model.parameters():
        weight.requires_grad_(False)
    for name in names:
        for weight in model.get_submodule(name).parameters():
            weight.requires_grad_(True)
