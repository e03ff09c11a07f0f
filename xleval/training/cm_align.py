"""`xleval train cm-align`: the model's own completions, aligned to its English answer."""

from xleval.training.config.schema import DataConfig, LossConfig, TrainConfig
from xleval.training.model import Loaded, load_for_training
from xleval.training.outcome import TrainJob, TrainOutcome
from xleval.training.preference.consistency import Embed, MadePairs, consistency_pairs
from xleval.training.preference.embedding import embedder, named_encoder
from xleval.training.preference.held_out import train_and_held_out
from xleval.training.preference.objectives import cm_align_objective
from xleval.training.preference.run import Material, train_preferences
from xleval.training.preference.sampling import Drawing, sample_completions
from xleval.training.preference.settings import refuse_unused_settings
from xleval.training.sets.prompt_rows import prompt_rows
from xleval.training.sets.records import PromptRow


def run_cm_align(config: TrainConfig, job: TrainJob) -> TrainOutcome:
    """Train a model to prefer what agrees with its own English answers and return what was done.

    For each prompt completions are drawn from the model as it is before the training and kept in `completions.jsonl`;
    see `consistency_pairs` for the pairs and `cm_align_objective` for the loss.

    Raises:
        ConfigError, DataError, BackendError, MissingExtra: see `load_for_training`, `prompt_rows`,
            `sample_completions`, `named_encoder`, `train_preferences`.
    """
    refuse_unused_settings(config)
    encoder = named_encoder(config.loss.encoder)  # first of all: drawing completions takes hours
    loaded = load_for_training(config)
    has_template = bool(loaded.tokenizer.chat_template)

    def read(data: DataConfig) -> list[PromptRow]:
        return prompt_rows(data, config.prompt, has_chat_template=has_template, seed=config.seed)

    train_rows, held_rows = train_and_held_out(config, read)
    embed = embedder(encoder, loaded.model, loaded.tokenizer)
    train = _pairs(config, job, loaded, train_rows, embed)
    held_out = _pairs(config, job, loaded, held_rows, embed).texts if held_rows else ()
    if encoder is not None:
        encoder.close()  # the training needs its memory
    material = Material(
        train=train.texts,
        held_out=held_out,
        n_rollouts=len(train_rows) * config.loss.samples,
        figures={f"prompts/without_pair/{reason}": count for reason, count in sorted(train.without.items())},
    )
    return train_preferences(config, job, loaded, material, cm_align_objective(config.loss))


def _pairs(config: TrainConfig, job: TrainJob, loaded: Loaded, rows: list[PromptRow], embed: Embed) -> MadePairs:
    from accelerate import PartialState

    loaded.model.to(PartialState().device)
    completions = sample_completions(
        loaded.model, loaded.tokenizer, rows, drawing_of(config.loss, config.seed), job.out
    )
    return consistency_pairs(rows, completions, embed)


def drawing_of(loss: LossConfig, seed: int) -> Drawing:
    """Return how completions are drawn."""
    return Drawing(
        samples=loss.samples,
        temperature=loss.temperature,
        top_p=loss.top_p,
        repetition_penalty=loss.repetition_penalty,
        max_new_tokens=loss.max_new_tokens,
        seed=seed,
    )
