"""The keyword arguments of TRL's config class: what stands under `trainer`, and what xleval decides."""

from collections.abc import Mapping

from xleval.errors import ConfigError, first_line, unknown_name
from xleval.training.config.schema import TrainConfig
from xleval.training.config.trainer_fields import config_class, field_names, fits, needed_for, supported
from xleval.training.outcome import TrainJob

#: Settings of TRL that follow from something else: what says them instead.
_FOLLOWING: Mapping[str, str] = {
    "output_dir": "--out",
    "seed": "the key seed",
    "data_seed": "the key seed",
    "report_to": "--log-to",
    "resume_from_checkpoint": "--resume",
    "disable_tqdm": "standard error, which has bars on a terminal",
    "reward_weights": "rewards.NAME.weight",
    "shuffle_dataset": "data.order: rows of one item have to stay together",
    "remove_unused_columns": "the kind of the training: rewards need the columns",
    "trust_remote_code": "xleval: code of a checkpoint is never run",
    "hub_token": "the environment (HF_TOKEN): a token in a file is soon published",
}


def check_trainer(config: TrainConfig, given: Mapping[str, str]) -> None:
    """Return nothing where TRL has every setting under `trainer` and takes values of its type.

    Args:
        config: the training.
        given: dotted key -> `FILE:LINE`.

    Raises:
        ConfigError: an unknown setting, one that follows from another key, or a value of another type.
        MissingExtra: TRL is not installed.
    """
    if not config.trainer:
        return
    known = field_names(config.kind)
    for name, value in config.trainer.items():
        key = f"trainer.{name}"
        place = next((f"{where}: " for each, where in given.items() if each == key or each.startswith(f"{key}.")), "")
        if name not in known:
            spelt = name.lower().replace("-", "_")
            also = {name.lower(): spelt} if spelt in known else None
            raise ConfigError(f"{place}{unknown_name(f'setting of TRL for {config.kind}', name, known, also)}")
        if name in _FOLLOWING:
            raise ConfigError(
                f"{place}the key {key} is {value!r}, and {_FOLLOWING[name]} decides it. Remove it under trainer"
            )
        if not fits(config.kind, name, value):
            raise ConfigError(
                f"{place}the key {key} has the value {value!r:.80}; needed is {needed_for(config.kind, name)}"
            )
        names = supported(config.kind, name)
        if names and isinstance(value, str) and value not in names:
            raise ConfigError(f"{place}{unknown_name(key, value, names)}")


def trainer_settings(config: TrainConfig, job: TrainJob) -> dict[str, object]:
    """Return all keyword arguments for TRL's config class of this kind of training.

    Where nothing is said: a log at every step, checkpoints of the last two borders, and on a machine without a GPU float32
    on the CPU.

    Args:
        config: the training.
        job: where it reads and writes.

    Raises:
        ConfigError: TRL refuses the settings; its reason is named.
        MissingExtra: TRL is not installed.
    """
    import torch

    check_trainer(config, {})
    settings: dict[str, object] = {"logging_steps": 1, "save_strategy": "steps"}
    if not torch.cuda.is_available():
        settings.update(use_cpu=True, bf16=False, fp16=False)
    if config.kind == "grpo":
        from xleval.training.grpo.batches import fill_batches

        settings.update(fill_batches(config))
        settings.update(shuffle_dataset=False, remove_unused_columns=False)
        settings.setdefault("log_completions", True)  # into files, for people and `xleval watch`
        settings.setdefault("num_completions_to_print", 0)
    else:
        settings.update(config.trainer)
    settings.update(
        output_dir=str(job.out),
        seed=config.seed,
        data_seed=config.seed,
        report_to=list(job.log_to) or "none",
        disable_tqdm=job.quiet,
    )
    _try(config, settings)
    return settings


def _try(config: TrainConfig, settings: Mapping[str, object]) -> None:
    """Let TRL's class check what its types do not say."""
    try:
        config_class(config.kind)(**settings)
    except (ValueError, TypeError, ImportError) as error:
        told = first_line(error)
        named = [key for key in config.trainer if key in str(error)]
        keys = ", ".join(f"trainer.{key} {config.trainer[key]!r}" for key in named) or "the settings under trainer"
        raise ConfigError(f"TRL refuses {keys}: {told}") from error
