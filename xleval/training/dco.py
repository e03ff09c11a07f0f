"""`xleval train dco`: direct consistency optimisation on facts in two languages."""

from xleval.training.config.schema import DataConfig, TrainConfig
from xleval.training.model import load_for_training
from xleval.training.outcome import TrainJob, TrainOutcome
from xleval.training.preference.held_out import train_and_held_out
from xleval.training.preference.objectives import dco_objective
from xleval.training.preference.pairs import TextPairs, pairs_of_options
from xleval.training.preference.run import Material, train_preferences
from xleval.training.preference.settings import refuse_unused_settings
from xleval.training.sets.fact_pairs import fact_pair_rows


def run_dco(config: TrainConfig, job: TrainJob) -> TrainOutcome:
    """Train a model to prefer the same options in two languages and return what was done.

    A row is a fact in two languages with the same two options, drawn without regard to which is right. Options are
    scored as evaluation scores them: the sum over their tokens, without an end.

    Raises:
        ConfigError, DataError, BackendError, MissingExtra: see `load_for_training`, `fact_pair_rows`,
            `train_preferences`.
    """
    refuse_unused_settings(config)
    loaded = load_for_training(config)
    has_template = bool(loaded.tokenizer.chat_template)

    def read(data: DataConfig) -> list[TextPairs]:
        rows = fact_pair_rows(data, config.prompt, has_chat_template=has_template, seed=config.seed)
        return [pairs_of_options(row) for row in rows]

    train, held_out = train_and_held_out(config, read)
    material = Material(train=train, held_out=held_out)
    return train_preferences(config, job, loaded, material, dco_objective(config.loss))
