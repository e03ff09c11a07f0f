"""Roll-outs from another distribution than the one that is trained: which settings make them so, and the correction.

Repetition penalty, top-p, top-k and min-p change the distribution that tokens are drawn from; the loss of GRPO uses the
policy's own. PolyFact's published trainer samples with repetition penalty 1.3 and top-p 0.95 and does not correct for it
(D4). The temperature is no such setting: TRL divides the logits by it in the loss as well.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from xleval.errors import ConfigError
from xleval.training.config.schema import TrainConfig

#: Settings of GRPOConfig and their values that change nothing.
_NEUTRAL: Mapping[str, tuple[object, ...]] = {
    "repetition_penalty": (None, 1, 1.0), "top_p": (None, 1, 1.0), "top_k": (None, 0, -1), "min_p": (None, 0, 0.0),
}  # fmt: skip
#: Keys of `generation_kwargs` (transformers' GenerationConfig, vLLM's SamplingParams) that leave the distribution alone.
_HARMLESS = (
    "use_cache", "cache_implementation", "cache_config", "stop", "stop_strings", "stop_token_ids", "detokenize",
    "include_stop_str_in_output", "skip_special_tokens", "spaces_between_special_tokens", "compile_config",
    "disable_compile", "pad_token_id", "bos_token_id", "eos_token_id", "logprobs", "output_kind", "truncate_prompt_tokens",
    "max_new_tokens", "max_tokens",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Warp:
    """A setting that changes the distribution, and the value that would not."""

    key: str
    value: object
    neutral: str


def warps(trainer: Mapping[str, object]) -> list[Warp]:
    """Return the settings that change the distribution of roll-outs."""
    found = [
        Warp(key=f"trainer.{key}", value=trainer[key], neutral=f"{next(v for v in same if v is not None)}")
        for key, same in _NEUTRAL.items()
        if key in trainer and trainer[key] not in same
    ]
    more = trainer.get("generation_kwargs") or {}
    if not isinstance(more, Mapping):
        raise ConfigError(f"trainer.generation_kwargs is {more!r}; names with values are needed")
    for key, value in more.items():
        if key not in _HARMLESS and value not in _NEUTRAL.get(str(key), (None,)):
            found.append(Warp(key=f"trainer.generation_kwargs.{key}", value=value, neutral="left out"))
    return found


def check_warping(config: TrainConfig) -> str:
    """Return what is said of warped roll-outs before the training; empty where there are none.

    Raises:
        ConfigError: they are warped although `warping` is off, or cannot be corrected with these settings.
    """
    found = warps(config.trainer)
    if not found:
        return ""
    named = ", ".join(f"{warp.key} {warp.value}" for warp in found)
    if config.warping == "off":
        fixes = " ".join(f"--set {warp.key}={warp.neutral}" for warp in found if warp.neutral != "left out")
        out = ", ".join(warp.key for warp in found if warp.neutral == "left out")
        fix = " and ".join(filter(None, [fixes, f"leave out {out}" if out else ""]))
        raise ConfigError(
            f"warping is off, but {named} draws roll-outs from another distribution than the one the loss uses: "
            f"{fix}, or set warping=correct (weights each token by policy / sampling probability), or "
            "warping=as-published to leave it as the paper did"
        )
    if config.warping == "as-published":
        return f"roll-outs are drawn with {named} and not corrected for it, as published"
    if config.trainer.get("use_vllm") and config.trainer.get("vllm_importance_sampling_correction") is False:
        raise ConfigError(
            "warping is correct and trainer.vllm_importance_sampling_correction False: with vLLM that correction is "
            "what weights the tokens. Leave it out, or set warping=as-published"
        )
    if config.trainer.get("use_transformers_continuous_batching"):
        raise ConfigError(
            "warping is correct and trainer.use_transformers_continuous_batching True: its sampling probabilities are "
            "not known. Leave one of them out"
        )
    if config.trainer.get("loss_type") == "vespo" and not config.trainer.get("use_vllm"):
        raise ConfigError(
            "warping is correct and trainer.loss_type vespo: that loss weighs whole answers, the correction tokens. Set "
            "another loss_type, or draw roll-outs unwarped"
        )
    return f"roll-outs are drawn with {named}; each token is weighted by policy / sampling probability"


def token_log_ratios(
    model: torch.nn.Module, prompt_ids: torch.Tensor, prompt_mask: torch.Tensor, completion_ids: torch.Tensor,
    completion_mask: torch.Tensor, *, processors: Sequence[object], temperature: float, rows: int,
) -> torch.Tensor:  # fmt: skip
    """Return log policy - log sampling probability of each token of the completions (B, T); 0 where the mask is 0.

    The policy is the softmax of logits / temperature, as in TRL's loss. The sampling distribution is what `generate`
    draws from: its processors applied in its order to the logits, over the same left-padded prefix. One forward pass
    without gradients and without dropout.

    Args:
        model: with the weights that sampled.
        prompt_ids, prompt_mask: (B, P), padded on the left as at sampling.
        completion_ids, completion_mask: (B, T), padded on the right.
        processors: callables (ids, scores) -> scores, temperature among them.
        temperature: of the policy in the loss.
        rows: completions of one forward pass, for memory.
    """
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad():
            tensors = (prompt_ids, prompt_mask, completion_ids, completion_mask)
            parts = [
                _log_ratios(
                    model, *(each[start : start + rows] for each in tensors),
                    processors=processors, temperature=temperature,
                )
                for start in range(0, len(prompt_ids), rows)
            ]  # fmt: skip
    finally:
        model.train(was_training)
    return torch.cat(parts)


def _log_ratios(
    model: torch.nn.Module, prompt_ids: torch.Tensor, prompt_mask: torch.Tensor, completion_ids: torch.Tensor,
    completion_mask: torch.Tensor, *, processors: Sequence[object], temperature: float,
) -> torch.Tensor:  # fmt: skip
    ids = torch.cat([prompt_ids, completion_ids], dim=1)
    n_prompt, n_new = prompt_ids.shape[1], completion_ids.shape[1]
    attention = torch.cat([prompt_mask, completion_mask], dim=1)
    logits = model(input_ids=ids, attention_mask=attention, logits_to_keep=n_new + 1).logits[:, -n_new - 1 : -1]
    columns = []
    for place in range(n_new):
        scores = logits[:, place].float()
        policy = torch.log_softmax(scores / temperature, dim=-1)
        for process in processors:
            scores = process(ids[:, : n_prompt + place], scores)  # type: ignore[operator]
        sampled = torch.log_softmax(scores, dim=-1)
        chosen = completion_ids[:, place : place + 1]
        columns.append((policy.gather(1, chosen) - sampled.gather(1, chosen)).squeeze(1))
    # A token that the processors forbid was not drawn by them (padding after the end): its ratio means nothing.
    return torch.stack(columns, dim=1).masked_fill(completion_mask == 0, 0.0).nan_to_num(posinf=0.0)


def sampling_processors(model: Any, generation_config: Any, prompt_ids: torch.Tensor) -> list[Any]:
    """Return the functions that `generate` applies to the logits, in its order, for these prompts (B, P).

    It builds them from the given configuration and, where that says nothing, the model's own; the same two methods of
    transformers (5.19) are called here.
    """
    prepared, _ = model._prepare_generation_config(generation_config)
    model._prepare_special_tokens(prepared, True, device=prompt_ids.device)
    n_prompt = prompt_ids.shape[1]
    if prepared.max_new_tokens is not None:
        prepared.max_length = prepared.max_new_tokens + n_prompt
    built = model._get_logits_processor(
        generation_config=prepared, input_ids_seq_length=n_prompt, encoder_input_ids=prompt_ids,
        device=prompt_ids.device, model_kwargs={},
    )  # fmt: skip
    return list(built)
