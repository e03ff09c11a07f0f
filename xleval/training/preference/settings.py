"""Settings of TRL's DPOConfig that `clo`, `dco` and `cm-align` take from elsewhere, or do not have."""

from collections.abc import Mapping

from xleval.errors import ConfigError
from xleval.training.config.schema import TrainConfig

#: Setting of DPOConfig -> what to do instead. What they would change is decided by `loss`, or never done here.
_ELSEWHERE: Mapping[str, str] = {
    "beta": "set loss.beta",
    "loss_type": "set loss.preference",
    "loss_weights": "set loss.sft_weight, or loss.gamma for cm-align",
    "truncation_mode": "drop it: no input is cut; pairs longer than trainer.max_length are left out and counted",
    "precompute_ref_log_probs": "drop it: the reference is always computed before the training",
    "padding_free": "drop it: answers are padded",
    "pad_token": "drop it: the tokenizer's is used",
    "pad_to_multiple_of": "drop it: answers are padded to the longest of a batch",
    "dataset_num_proc": "drop it: pairs are tokenised in one process",
    **dict.fromkeys(("sync_ref_model", "ref_model_mixup_alpha", "ref_model_sync_steps"),
                    "drop it: the reference is the model that the training begins with"),
    **dict.fromkeys(("label_smoothing", "ld_alpha", "f_divergence_type", "f_alpha_divergence_coef", "discopop_tau",
                     "use_weighting", "router_aux_loss_coef", "activation_offloading"),
                    "drop it: the losses of this kind do not have it"),
}  # fmt: skip


def refuse_unused_settings(config: TrainConfig) -> None:
    """Refuse settings of TRL that would have no effect, before anything is loaded.

    Raises:
        ConfigError: such a setting, its value and what to do instead.
    """
    for name, value in config.trainer.items():
        if name in _ELSEWHERE:
            raise ConfigError(f"trainer.{name} = {value!r}: {config.kind} does not use it; {_ELSEWHERE[name]}")
    loss = config.loss
    if loss.beta <= 0:
        raise ConfigError(f"loss.beta = {loss.beta}: it has to be above 0, as 0.1")
    if not 0 <= loss.sft_weight <= 1:
        raise ConfigError(f"loss.sft_weight = {loss.sft_weight}: lambda is a share, from 0 to 1")
    if config.kind == "clo" and loss.nll_on == "none" and loss.sft_weight == 1:
        raise ConfigError("loss.nll_on = none and loss.sft_weight = 1 leave no loss; lower loss.sft_weight")
