"""What a model makes of held-out answers and texts: the mean negative log-probability of a token, by language."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from xleval.training.preference.collate import model_log_probs, pad_answers
from xleval.training.preference.model_facts import keeps_logits
from xleval.training.preference.tokens import AnswerTokens

_LOGITS = 1 << 27  # numbers of a batch's logits at most: 0.5 GB in float32


def mean_nll(model: Any, by_lang: Mapping[str, Sequence[AnswerTokens]], pad_id: int) -> dict[str, float]:
    """Return for each language -(sum of log p(token | before)) / number of tokens, over all its answers, in nats.

    exp of it is the perplexity of a token; languages are split into unlike numbers of tokens, so that one is not
    harder than another by these figures.

    Args:
        model: causal; on its device. It is left in the mode it was in.
        by_lang: language to answers; only their tokens count, not those of the prompts.
        pad_id: pads, masked by place.
    """
    was_training = model.training
    model.eval()
    last_only = keeps_logits(model)
    with torch.no_grad():
        found = {lang: _of_language(model, answers, pad_id, last_only=last_only) for lang, answers in by_lang.items()}
    model.train(was_training)
    return found


def _of_language(model: Any, answers: Sequence[AnswerTokens], pad_id: int, *, last_only: bool) -> float:
    longest_first = sorted(answers, key=lambda each: -len(each.ids))
    width = max(each.n_answer if last_only else len(each.ids) for each in answers) + 1
    size = max(1, _LOGITS // (width * int(model.config.get_text_config().vocab_size)))
    device = next(model.parameters()).device
    total, n_tokens = 0.0, 0.0
    for start in range(0, len(longest_first), size):
        batch = {
            name: value.to(device) for name, value in pad_answers(longest_first[start : start + size], pad_id).items()
        }
        scored = model_log_probs(model, batch, keeps_logits=last_only)
        total += float(scored.sums.double().sum())
        n_tokens += float(scored.n_tokens.sum())
    return -total / n_tokens
