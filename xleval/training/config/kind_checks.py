"""What the trainers of each kind ask of a configuration: their own checks, before anything is loaded."""

from xleval.training.config.schema import TrainConfig


def check_kind(config: TrainConfig) -> None:
    """Return nothing where the trainer of this kind takes the configuration: batches, roll-outs, options of rewards.

    Raises:
        ConfigError: with the keys, their values, the reason and the way out.
        MissingExtra: a package of the extra `train` is not installed.
    """
    if config.kind == "grpo":
        _check_grpo(config)
    elif config.kind in ("clo", "dco", "cm-align"):
        from xleval.training.preference.settings import refuse_unused_settings

        refuse_unused_settings(config)


def _check_grpo(config: TrainConfig) -> None:
    from xleval.training.grpo.batches import fill_batches
    from xleval.training.rewards.build import build_rewards

    fill_batches(config)
    build_rewards(config)
    if config.trainer:  # torch is loaded for this one; without settings nothing can be warped
        from xleval.training.grpo.warping import check_warping

        check_warping(config)
