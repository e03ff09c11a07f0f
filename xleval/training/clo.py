"""`xleval train clo`: cross-lingual optimisation on translated instruction pairs."""

from xleval.training.config.schema import DataConfig, TrainConfig
from xleval.training.model import load_for_training
from xleval.training.outcome import TrainJob, TrainOutcome
from xleval.training.preference.held_out import train_and_held_out
from xleval.training.preference.objectives import clo_objective
from xleval.training.preference.pairs import TextPairs, pairs_of_answers
from xleval.training.preference.run import Material, train_preferences
from xleval.training.preference.settings import refuse_unused_settings
from xleval.training.sets.instruction_pairs import pair_rows


def run_clo(config: TrainConfig, job: TrainJob) -> TrainOutcome:
    """Train a model to answer in the language of the question and return what was done.

    A row is a pair with its four sequences: the English and the target prompt, each with the answer in its language and
    with the other one. Several target languages are trained at once, their pairs shuffled together. A batch of 8 is 8
    pairs, 16 preferences; the paper's "batch 8" may also be read as 8 preferences (4 pairs).

    Raises:
        ConfigError, DataError, BackendError, MissingExtra: see `load_for_training`, `pair_rows`, `train_preferences`.
    """
    refuse_unused_settings(config)
    loaded = load_for_training(config)
    has_template = bool(loaded.tokenizer.chat_template)

    def read(data: DataConfig) -> list[TextPairs]:
        rows = pair_rows(data, config.prompt, has_chat_template=has_template, seed=config.seed)
        return [pairs_of_answers(row) for row in rows]

    train, held_out = train_and_held_out(config, read)
    material = Material(train=train, held_out=held_out, unrelated=config.loss.preference == "kto")
    return train_preferences(config, job, loaded, material, clo_objective(config.loss))
