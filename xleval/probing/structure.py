"""Where heads and neurons are in a decoder, found by its structure and checked by running it, not by its name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from transformers.activations import ACT2FN
from transformers.pytorch_utils import Conv1D

from xleval.errors import ConfigError
from xleval.evalkit.backends.hf_load import input_device


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """The parts of one block that probes read and change.

    Attributes:
        heads: projection out of attention; its input is the outputs of the query heads, side by side.
        neurons: projection out of the MLP; its input has a column for each neuron.
        gate: projection whose output goes through the activation function; a neuron fires where it is positive.
        gate_first: of a fused projection of gate and value, whether the gate is its first half; None of one of its own.
    """

    heads: torch.nn.Module
    neurons: torch.nn.Module
    gate: torch.nn.Module
    gate_first: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """Layers of a decoder, the first first, and their sizes, the same in every layer."""

    layers: tuple[Layer, ...]
    n_heads: int
    n_neurons: int


@dataclass(frozen=True, slots=True)
class _Seen:
    """What went into a module and came out of it, (tokens, columns) each; nothing where it was not called."""

    into: torch.Tensor | None
    out: torch.Tensor | None


_Trace = Mapping[int, _Seen]
#: Relative difference of equal outputs that were rounded to half precision on their way.
_ROUNDING = 0.02


def structure_of(model: Any) -> Structure:
    """Return the heads and neurons of a decoder with a gated or plain MLP in every block.

    The model runs once over four tokens: which projection is the gate, and which leaves attention, is read off what they
    compute.

    Raises:
        ConfigError: the blocks are of another form: experts, attention without heads, layers that differ in size.
    """
    config = model.config.get_text_config()
    blocks = _blocks(model, int(config.num_hidden_layers))
    trace = _run(model, [module for block in blocks for _, module in block.named_modules()])
    with torch.inference_mode():
        layers = tuple(_layer(block, trace, config, number) for number, block in enumerate(blocks))
    widths = {_sizes(layer.neurons)[0] for layer in layers}
    if len(widths) != 1:
        raise ConfigError(
            f"model of type {config.model_type}: layers of {sorted(widths)} neurons; probes need equal ones"
        )
    return Structure(layers=layers, n_heads=int(config.num_attention_heads), n_neurons=widths.pop())


def _blocks(model: Any, n_layers: int) -> list[Any]:
    for module in model.modules():
        if isinstance(module, torch.nn.ModuleList) and len(module) == n_layers and _linears(module[0]):
            return list(module)
    raise ConfigError(f"model of type {model.config.model_type}: no list of {n_layers} blocks; probes need a decoder")


def _layer(block: Any, trace: _Trace, config: Any, number: int) -> Layer:
    where = f"model of type {config.model_type}, layer {number}"
    groups: dict[str, list[Any]] = {}
    for name, linear in _linears(block).items():
        groups.setdefault(name.rpartition(".")[0], []).append(linear)
    activation = _activation(config, block)
    mlps = {name: found for name, group in groups.items() if (found := _mlp(group, trace, activation)) is not None}
    if len(mlps) != 1 or _has_experts(block):
        raise ConfigError(
            f"{where}: no gated or plain MLP with one projection in and one out (a mixture of experts has several); "
            "probes need one"
        )
    attention = [
        found
        for name, group in groups.items()
        if name not in mlps
        if (found := _attention_output(block.get_submodule(name), group, trace, config, number)) is not None
    ]
    if len(attention) != 1:
        n_heads = int(config.num_attention_heads)
        raise ConfigError(f"{where}: no attention whose {n_heads} heads are projected out together; probes need one")
    ((neurons, gate, gate_first),) = mlps.values()
    return Layer(heads=attention[0], neurons=neurons, gate=gate, gate_first=gate_first)


def _has_experts(block: Any) -> bool:
    """Return whether a block has experts beside an MLP that all tokens share: their weights are stacked."""
    owners = (module for module in block.modules() if not isinstance(module, torch.nn.Conv1d))
    return any(weight.dim() > 2 for module in owners for weight in module.parameters(recurse=False))


def _attention_output(home: Any, group: list[Any], trace: _Trace, config: Any, number: int) -> Any:
    """Return the projection whose output is the module's, beside the projections of query, key and value; or None."""
    n_heads = int(config.num_attention_heads)
    n_kv = _kv_heads(config, number)
    result = trace[id(home)].out
    found = []
    for linear in group:
        width, rest = divmod(_sizes(linear)[0], n_heads)
        into = sum(_sizes(other)[1] for other in group if other is not linear)
        # Falcon and BLOOM have keys and values of all heads, or of one, whatever the configuration says.
        if not rest and into in {(n_heads + 2 * each) * width for each in (n_kv, n_heads, 1)}:
            found.append(linear)
        # Gemma 4 and others let a layer use the keys and values of an earlier one.
        elif not rest and into == n_heads * width and result is not None and _equals(trace[id(linear)].out, result):
            found.append(linear)
    if len(found) < 2:
        return found[0] if found else None
    # Without grouped queries all four have one shape: the last one is that whose output is attention's.
    return next((each for each in found if result is not None and _equals(trace[id(each)].out, result)), None)


def _kv_heads(config: Any, number: int) -> int:
    """Return the number of key and value heads of a layer, as the configuration has it."""
    of_layers = getattr(config, "per_layer_config", None)  # of models whose layers differ
    own = of_layers[number] if of_layers else config
    for name in ("num_key_value_heads", "num_kv_heads"):
        if isinstance(value := getattr(own, name, None), int):
            return value
    return int(config.num_attention_heads)


def _mlp(
    group: list[Any], trace: _Trace, activation: Callable[[torch.Tensor], torch.Tensor]
) -> tuple[Any, Any, bool | None] | None:
    """Return the projection out of an MLP, that of the gate, and where it stands in a fused one; or None."""
    for out in group:
        neurons = trace[id(out)].into
        into = [other for other in group if other is not out]
        if neurons is None or not into or any(trace[id(other)].out is None for other in into):
            continue
        width = neurons.shape[1]
        outputs = [seen for other in into if (seen := trace[id(other)].out) is not None]
        if len(into) == 1 and outputs[0].shape[1] == width and _equals(activation(outputs[0]), neurons):
            return out, into[0], None
        if len(into) == 1 and outputs[0].shape[1] == 2 * width:
            first, second = outputs[0][:, :width], outputs[0][:, width:]
            if (is_first := _gate_is_first(first, second, neurons, activation)) is not None:
                return out, into[0], is_first
        if len(into) == 2 and all(each.shape[1] == width for each in outputs):
            if (is_first := _gate_is_first(outputs[0], outputs[1], neurons, activation)) is not None:
                return out, into[0 if is_first else 1], None
    return None


def _gate_is_first(
    one: torch.Tensor, other: torch.Tensor, neurons: torch.Tensor, activation: Callable[[torch.Tensor], torch.Tensor]
) -> bool | None:
    """Return whether the first, or the second, goes through the activation before they are multiplied; None if neither.

    Near 0 an activation is almost a straight line and both are near: the nearer one is meant.
    """
    as_first, as_second = (
        _distance(product, neurons) for product in (activation(one) * other, activation(other) * one)
    )
    return as_first <= as_second if min(as_first, as_second) < _ROUNDING else None


def _activation(config: Any, block: Any) -> Callable[[torch.Tensor], torch.Tensor]:
    """Return the activation function that a configuration names; the block's own module where that can be trained."""
    for name in ("hidden_activation", "hidden_act", "activation_function"):
        value = getattr(config, name, None)
        if isinstance(value, str):
            named = ACT2FN[value]
            found: Callable[[torch.Tensor], torch.Tensor] = next(
                (module for module in block.modules() if type(module) is type(named)), named
            )
            return found
    # BLOOM and Falcon do not say it: their activation is the exact GELU.
    return torch.nn.functional.gelu


def _equals(one: torch.Tensor | None, other: torch.Tensor) -> bool:
    """Return whether two outputs are equal but for rounding in half precision."""
    return one is not None and one.shape == other.shape and _distance(one, other) < _ROUNDING


def _distance(one: torch.Tensor, other: torch.Tensor) -> float:
    """Return the greatest difference, relative to the greatest value."""
    return float((one - other).abs().max() / other.abs().max().clamp(min=1e-30))


def _run(model: Any, modules: list[Any]) -> _Trace:
    """Return what each module reads and writes when the model reads four tokens."""
    trace = {id(module): _Seen(None, None) for module in modules}

    def keep(module: Any, args: tuple[Any, ...], output: Any) -> None:
        into = args[0] if args and isinstance(args[0], torch.Tensor) else None
        out = output[0] if isinstance(output, tuple) else output
        trace[id(module)] = _Seen(_flat(into), _flat(out))

    handles = [module.register_forward_hook(keep) for module in modules]
    try:
        with torch.inference_mode():
            model(input_ids=torch.arange(4, device=input_device(model))[None], use_cache=False)
    finally:
        for handle in handles:
            handle.remove()
    return trace


def _flat(value: Any) -> torch.Tensor | None:
    return value.detach().float().reshape(-1, value.shape[-1]) if isinstance(value, torch.Tensor) else None


def _linears(module: Any) -> dict[str, Any]:
    return {name: each for name, each in module.named_modules() if isinstance(each, (torch.nn.Linear, Conv1D))}


def _sizes(linear: Any) -> tuple[int, int]:
    """Return columns in and out of a linear layer."""
    if isinstance(linear, Conv1D):  # GPT-2's linear layer, with its weight the other way round
        return int(linear.weight.shape[0]), int(linear.weight.shape[1])
    return int(linear.in_features), int(linear.out_features)
