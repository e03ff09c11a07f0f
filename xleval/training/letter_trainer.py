"""A trainer over the letters of options: PolyFact's SFT, with the agreement of a fact's languages as an option."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import Trainer

from xleval.training.answers import LetterPrompt
from xleval.training.losses.letters import LetterLoss, letter_loss
from xleval.training.preference.model_facts import keeps_logits

#: An example of the training: a prompt alone, or a fact in its languages.
LetterGroup = tuple[LetterPrompt, ...]


def letter_groups(prompts: Sequence[LetterPrompt], *, whole_facts: bool) -> list[LetterGroup]:
    """Return the examples of a training: every prompt alone, or a fact's languages together where they are compared.

    A batch of `per_device_train_batch_size` examples is that many prompts in the first case, facts in the second.
    """
    if not whole_facts:
        return [(prompt,) for prompt in prompts]
    facts: dict[str, list[LetterPrompt]] = defaultdict(list)
    for prompt in prompts:
        facts[prompt.item_id].append(prompt)
    return [tuple(each) for each in facts.values()]


def collate_letters(groups: Sequence[LetterGroup], pad_id: int) -> dict[str, Tensor]:
    """Return a batch, padded left: `input_ids`, `attention_mask`, `position_ids`, `letters`, `gold`, `facts`."""
    prompts = [prompt for group in groups for prompt in group]
    width = max(len(prompt.ids) for prompt in prompts)
    gaps = [width - len(prompt.ids) for prompt in prompts]
    mask = torch.tensor([[0] * gap + [1] * (width - gap) for gap in gaps])
    return {
        "input_ids": torch.tensor([[pad_id] * gap + list(each.ids) for gap, each in zip(gaps, prompts, strict=True)]),
        "attention_mask": mask,
        "position_ids": (mask.cumsum(-1) - 1).clamp(min=0),
        "letters": torch.tensor([prompt.letters for prompt in prompts]),
        "gold": torch.tensor([prompt.gold for prompt in prompts]),
        "facts": torch.tensor([place for place, group in enumerate(groups) for _ in group]),
    }


def letter_logits(model: Any, batch: Mapping[str, Tensor], *, last_only: bool) -> Tensor:
    """Return the logits of the options' letters after each prompt, (prompts, options)."""
    asked = {"logits_to_keep": 1} if last_only else {}
    names = ("input_ids", "attention_mask", "position_ids")
    logits: Tensor = model(**{name: batch[name] for name in names}, use_cache=False, **asked).logits[:, -1]
    return logits.gather(-1, batch["letters"]).float()


class LetterTrainer(Trainer):
    """Trains on `loss.letter_loss` of the letters after each prompt.

    Args:
        consistency_weight: of the disagreement of a fact's languages; 0 for none.
        rest: as `transformers.Trainer`; its data set is a list of `LetterGroup`.
    """

    def __init__(self, *, consistency_weight: float, **rest: Any) -> None:
        pad_id = rest["processing_class"].pad_token_id
        super().__init__(data_collator=lambda groups: collate_letters(groups, pad_id), **rest)
        self.model_accepts_loss_kwargs = False  # the loss is a mean over the batch: steps of accumulation are averaged
        self._weight = consistency_weight
        self._last_only = keeps_logits(self.model)
        self._parts: dict[str, list[float]] = defaultdict(list)

    def compute_loss(
        self, model: Any, inputs: Mapping[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        """Return the loss of a batch; its parts are logged."""
        logits = letter_logits(model, inputs, last_only=self._last_only)
        found: LetterLoss = letter_loss(logits, inputs["gold"], inputs["facts"], consistency_weight=self._weight)
        self._parts["letters/cross_entropy"].append(float(found.cross_entropy.detach()))
        self._parts["letters/disagreement"].append(float(found.disagreement.detach()))
        self._parts["letters/right"].append(float((logits.argmax(-1) == inputs["gold"]).float().mean()))
        return (found.total, {"logits": logits}) if return_outputs else found.total

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Log what transformers logs, and the parts of the loss as means since the last time."""
        logs.update({name: sum(values) / len(values) for name, values in self._parts.items()})
        self._parts.clear()
        super().log(logs, start_time)


def held_out_letters(model: Any, prompts: Sequence[LetterPrompt], pad_id: int) -> dict[str, float]:
    """Return by language `nll/LANG`, the mean -log p(right letter | letters) in nats, and `right/LANG`, a share."""
    was_training = model.training
    model.eval()
    last_only, device = keeps_logits(model), next(model.parameters()).device
    sums: dict[str, list[float]] = defaultdict(list)
    with torch.no_grad():
        for start in range(0, len(prompts), 8):
            some = prompts[start : start + 8]
            batch = {name: each.to(device) for name, each in collate_letters([(one,) for one in some], pad_id).items()}
            log_p = letter_logits(model, batch, last_only=last_only).log_softmax(-1)
            for row, prompt in zip(log_p, some, strict=True):
                sums[f"nll/{prompt.lang}"].append(-float(row[prompt.gold]))
                sums[f"right/{prompt.lang}"].append(float(int(row.argmax()) == prompt.gold))
    model.train(was_training)
    return {name: sum(values) / len(values) for name, values in sums.items()}
