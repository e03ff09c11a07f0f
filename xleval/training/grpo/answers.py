"""TRL's GRPO trainer where an answer ends at a stop text.

Loss and reward see an answer up to the token that completes a stop text, and it does not count as cut there. Generation by
transformers ends at stop texts; vLLM gets them as its own (`run.py`).
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import torch

from xleval.training.grpo.observed import as_text
from xleval.training.grpo.stop_generation import stopping_at
from xleval.training.grpo.stopping import has_stop, n_tokens_to_stop, text_before_stop

if TYPE_CHECKING:
    GRPOTrainer = Any  # TRL's own types are too wide: every attribute may be None
else:
    from trl import GRPOTrainer


class AnswerTrainer(GRPOTrainer):  # type: ignore[misc]
    """TRL's trainer over rows with `stop`, the texts that end an answer."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._rows: Sequence[Mapping[str, Any]] = ()
        self._truncated: list[bool] = []
        self._lengths: list[int] = []
        super().__init__(*args, **kwargs)
        # TRL takes an answer that a stop text ended for one that was cut: what is cut is decided here.
        self._mask_truncated: bool = self.args.mask_truncated_completions
        self.mask_truncated_completions = False

    def _generate_and_score_completions(self, inputs: list[dict[str, Any]]) -> dict[str, Any]:
        self._rows = inputs
        output: dict[str, Any] = super()._generate_and_score_completions(inputs)
        if self._mask_truncated:
            self._leave_out_truncated(output)
        return output

    def _decode(self, token_ids: Sequence[int]) -> str:
        return str(self.processing_class.decode(token_ids, skip_special_tokens=True))

    def _generate_single_turn(self, prompt_ids: Any, *args: Any, **kwargs: Any) -> Any:
        """Sample; an answer ends with the token that completes a stop text."""
        stops = [row["stop"] for row in self._rows]
        with stopping_at(self.accelerator.unwrap_model(self.model), stops, self._decode):
            completion_ids, logprobs = super()._generate_single_turn(prompt_ids, *args, **kwargs)
        if not any(stops):
            return completion_ids, logprobs
        ends = [n_tokens_to_stop(ids, stop, self._decode) for ids, stop in zip(completion_ids, stops, strict=True)]
        completion_ids = [ids[:end] for ids, end in zip(completion_ids, ends, strict=True)]
        if logprobs is not None:
            logprobs = [each[:end] for each, end in zip(logprobs, ends, strict=True)]
        return completion_ids, logprobs

    def _generate(self, prompts: list[Any]) -> Any:
        """Generate; rewards see the text before the stop text, as `xleval run` scores it."""
        prompt_ids, completion_ids, tool_mask, completions, *rest = super()._generate(prompts)
        stops = [row["stop"] for row in self._rows]
        ends = {*self.eos_token_ids, self._tokenizer.pad_token_id}
        texts = [as_text(completion) for completion in completions]
        self._truncated = [
            ids[-1] not in ends and not has_stop(text, stop)
            for ids, text, stop in zip(completion_ids, texts, stops, strict=True)
        ]
        self._lengths = [len(ids) for ids in completion_ids]
        if any(stops):
            completions = [
                text_before_stop(each, stop) if isinstance(each, str) else each
                for each, stop in zip(completions, stops, strict=True)
            ]
            self._log_lengths()
        return prompt_ids, completion_ids, tool_mask, completions, *rest

    def _log_lengths(self) -> None:
        """Put TRL's metrics of cut answers right: those that a stop text ended were not cut."""
        device = self.accelerator.device
        cut = self.accelerator.gather(torch.tensor(self._truncated, device=device))
        lengths = self.accelerator.gather(torch.tensor(self._lengths, device=device)).float()
        ended = lengths[~cut] if (~cut).any() else torch.zeros(1, device=device)
        figures = {
            "clipped_ratio": cut.float().mean(), "mean_terminated_length": ended.mean(),
            "min_terminated_length": ended.min(), "max_terminated_length": ended.max(),
        }  # fmt: skip
        for name, value in figures.items():
            self._metrics["train" if self.model.training else "eval"][f"completions/{name}"][-1] = value.item()

    def _leave_out_truncated(self, output: dict[str, Any]) -> None:
        """Leave answers that were cut out of the loss, as TRL's `mask_truncated_completions`."""
        kept = ~torch.tensor(self._truncated, device=self.accelerator.device)
        output["completion_mask"] = output["completion_mask"] * kept.unsqueeze(1).long()
        output["num_items_in_batch"] = self.accelerator.gather(output["completion_mask"].sum()).sum()
