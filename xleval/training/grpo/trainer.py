"""TRL's GRPO trainer with the languages of an item kept together; everything that is not said here is TRL's.

What it adds: items are reshuffled whole; a batch that splits an item is an error; advantages by population deviation on
demand (E11); answers end at stop texts; warped roll-outs are corrected; metrics by language; roll-outs for the monitor.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from accelerate.utils import gather_object, is_peft_model

from xleval.training.config.schema import AdvantageConfig
from xleval.training.grpo.advantages import (
    TRL_ADVANTAGE,
    even_groups,
    group_advantages,
    means_by_language,
    weighted_rewards,
)
from xleval.training.grpo.answers import AnswerTrainer
from xleval.training.grpo.batches import BatchPlan, check_whole_items
from xleval.training.grpo.observed import Judge, Observer, Pending, as_rollout, with_entropy
from xleval.training.grpo.sampler import ItemSampler, item_blocks
from xleval.training.grpo.scored_positions import score_labels_only
from xleval.training.grpo.warping import sampling_processors, token_log_ratios
from xleval.training.rollouts import RollOut

#: Logits of one forward pass of the correction, for memory: 2**26 are 256 MB in float32.
_MAX_LOGITS = 2**26


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRules:
    """What this trainer does beyond TRL's.

    Attributes:
        plan: sizes of the batches.
        pooled: whether rewards are pooled over the languages of an item, so that an item must be whole.
        shuffle: whether items are reshuffled in every epoch.
        advantage: how rewards become advantages.
        correct_warping: weight each token by policy / sampling probability; with vLLM TRL does so itself.
        observer: is given the roll-outs of each generation batch.
        answers_only: on a CPU, score the answers and not the prompts; off, weights equal TRL's to the last bit.
        judge: tells it which of them are right; None: the reward `accuracy` does, where there is one.
    """

    plan: BatchPlan
    pooled: bool = False
    shuffle: bool = True
    advantage: AdvantageConfig = TRL_ADVANTAGE
    correct_warping: bool = False
    observer: Observer | None = None
    judge: Judge | None = None
    answers_only: bool = True


class CrossLingualGRPOTrainer(AnswerTrainer):
    """TRL's trainer over rows with `prompt`, `item_id`, `lang`, `copy`, `stop` and `gold`."""

    def __init__(self, *args: Any, rules: GroupRules, **kwargs: Any) -> None:
        self._rules = rules
        self._judged: Sequence[bool] = ()
        self._rewards: torch.Tensor | None = None
        self._pending: Pending | None = None
        self._seen_entropies: torch.Tensor | None = None
        super().__init__(*args, **kwargs)
        if rules.answers_only and self.accelerator.device.type == "cpu":
            for model in filter(None, (self.model, self.ref_model)):
                score_labels_only(model.get_base_model() if is_peft_model(model) else model)

    def _get_train_sampler(self, dataset: Any = None) -> ItemSampler:
        rows = self.train_dataset if dataset is None else dataset
        return ItemSampler(
            item_blocks(rows["item_id"]), n_rows=self.args.generation_batch_size // self.num_generations,
            n_generations=self.num_generations, n_repeats=self.num_iterations * self.args.steps_per_generation,
            shuffle=self._rules.shuffle, seed=self.args.seed, epoch=lambda: int((self.state.epoch or 0.0) + 1e-6),
        )  # fmt: skip

    def _calculate_rewards(
        self, inputs: list[dict[str, Any]], prompts: list[Any], completions: list[Any], *args: Any
    ) -> torch.Tensor:
        """Return TRL's rewards of all processes, and keep them."""
        self._rewards = super()._calculate_rewards(inputs, prompts, completions, *args)
        if self._rules.judge is not None and self._rules.observer is not None:
            self._judged = self._rules.judge(prompts, completions, inputs)
        return self._rewards

    def _generate_and_score_completions(self, inputs: list[dict[str, Any]]) -> dict[str, Any]:
        training = self.model.training
        if training and self._rules.pooled:
            check_whole_items(inputs, self._rules.plan)
        output: dict[str, Any] = super()._generate_and_score_completions(inputs)
        if not training:
            return output
        langs: list[str] = gather_object([row["lang"] for row in inputs])
        advantages = self._advantages(output)
        rewards = weighted_rewards(self._all_rewards(), self.reward_weights)
        self._log_by_language("reward", rewards, langs)
        self._log_by_language("advantage_size", advantages.abs(), langs)
        self._log_by_language("frac_reward_zero_std", even_groups(rewards, self.num_generations), langs)
        lengths = self.accelerator.gather(torch.tensor(self._lengths, device=self.accelerator.device))
        self._log_by_language("completions/mean_length", lengths, langs)
        self._weigh_tokens(output, langs)
        output["place"] = torch.arange(len(inputs), device=self.accelerator.device)
        self._pending = Pending(
            step=self.state.global_step + 1, langs=langs,
            rollouts=self._rollouts(langs, rewards, advantages),
            entropies=torch.full((len(inputs),), torch.nan, device=self.accelerator.device),
        )  # fmt: skip
        return output

    def _all_rewards(self) -> torch.Tensor:
        if self._rewards is None:
            raise RuntimeError("no rewards were computed")
        return self._rewards

    def _advantages(self, output: dict[str, Any]) -> torch.Tensor:
        """Return the advantages of all processes; put them in place of TRL's where they differ by definition."""
        if self._rules.advantage == TRL_ADVANTAGE:
            return torch.tensor(list(self._logs["advantages"])[-len(self._all_rewards()) :])
        rewards = weighted_rewards(self._all_rewards(), self.reward_weights)
        advantages = group_advantages(rewards, self.num_generations, self._rules.advantage)
        n_local = len(output["advantages"])
        start = self.accelerator.process_index * n_local
        output["advantages"] = advantages[start : start + n_local]
        self._logs["advantages"].extend(advantages.tolist())  # holds one batch: these take the place of TRL's
        return advantages

    def _weigh_tokens(self, output: dict[str, Any], langs: Sequence[str]) -> None:
        """Fold policy / sampling probability into the advantages, or only log what TRL folds in with vLLM."""
        mask = output["completion_mask"].float()
        ratio = output.get("importance_sampling_ratio")
        if ratio is None and not self._rules.correct_warping:
            return
        if ratio is None:
            ratio = self._warping_ratio(output)
            output["advantages"] = output["advantages"].unsqueeze(1) * ratio
        means = (ratio.expand_as(mask) * mask).sum(1) / mask.sum(1)
        self._log_by_language("sampling/importance_ratio", self.accelerator.gather(means), langs)

    def _warping_ratio(self, output: dict[str, Any]) -> torch.Tensor:
        model = self.accelerator.unwrap_model(self.model)
        prompt_ids, completion_ids = output["prompt_ids"], output["completion_ids"]
        vocabulary = model.get_output_embeddings().weight.shape[0]
        with self._dist.summon_full_params(self.model_wrapped, recurse=False), self.accelerator.autocast():
            ratios = token_log_ratios(
                model, prompt_ids, output["prompt_mask"], completion_ids, output["completion_mask"],
                processors=sampling_processors(model, self.generation_config, prompt_ids), temperature=self.temperature,
                rows=max(1, _MAX_LOGITS // (vocabulary * (completion_ids.shape[1] + 1))),
            ).exp()  # fmt: skip
        return ratios.clamp(min=self.vllm_importance_sampling_clip_min, max=self.vllm_importance_sampling_clip_max)

    def _log_by_language(self, name: str, values: torch.Tensor, langs: Sequence[str]) -> None:
        for lang, mean in means_by_language(values, langs).items():
            self._metrics["train"][f"{name}/{lang}"].append(mean)

    def _rollouts(self, langs: Sequence[str], rewards: torch.Tensor, advantages: torch.Tensor) -> list[RollOut]:
        """Return the roll-outs of all processes, for the observer of the main one."""
        if self._rules.observer is None:
            return []
        golds: list[str] = gather_object([row["gold"] for row in self._rows])
        lengths: list[int] = gather_object(self._lengths)
        truncated: list[bool] = gather_object(self._truncated)
        judged: list[bool | None] = gather_object(list(self._judged))
        if not self.accelerator.is_main_process:
            return []
        prompts, completions = (list(self._logs[name])[-len(langs) :] for name in ("prompt", "completion"))
        columns = zip(
            langs, prompts, completions, golds, judged or self._verdicts(), rewards.tolist(), advantages.tolist(),
            truncated, lengths, strict=True,
        )  # fmt: skip
        return [as_rollout(self.state.global_step + 1, *row) for row in columns]

    def _verdicts(self) -> list[bool | None]:
        """Return the verdicts of the accuracy reward; None without one."""
        per_function = self._all_rewards()
        places = [place for place, name in enumerate(self.reward_func_names) if name.startswith("accuracy")]
        if not places:
            return [None] * len(per_function)
        column = per_function[:, places[0]].tolist()
        return [None if value != value else value >= 1 for value in column]

    def _get_per_token_logps_and_entropies(self, *args: Any, **kwargs: Any) -> Any:
        found = super()._get_per_token_logps_and_entropies(*args, **kwargs)
        self._seen_entropies = found[1]
        return found

    def _compute_loss(self, model: Any, inputs: dict[str, Any]) -> Any:
        loss = super()._compute_loss(model, inputs)
        if self._pending is not None and self._seen_entropies is not None and "place" in inputs:
            mask = inputs["completion_mask"]
            means = (self._seen_entropies.detach() * mask).sum(1) / mask.sum(1)
            self._pending.entropies[inputs["place"]] = means.float()
        self._seen_entropies = None
        return loss

    def training_step(self, *args: Any, **kwargs: Any) -> Any:
        """Train on a part of the batch; hand the roll-outs over when the step, or the batch, is done."""
        loss = super().training_step(*args, **kwargs)
        # The monitor takes roll-outs before their step is over; of a batch of several steps it then has part of the entropies.
        over = self._step % self.args.steps_per_generation == 0 or self.accelerator.sync_gradients
        if self._pending is not None and over:
            pending, self._pending = self._pending, None
            entropies = self.accelerator.gather(pending.entropies)
            self._log_by_language("entropy", entropies, pending.langs)
            if self._rules.observer is not None and self.accelerator.is_main_process:
                self._rules.observer(pending.step, with_entropy(pending.rollouts, entropies.tolist()))
        return loss
