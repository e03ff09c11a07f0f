"""`xleval train sft`: answers to prompts, or the letters of options; recovery on traces is the same with other data."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from xleval.errors import ConfigError
from xleval.training.answers import LearntAnswers, learnt_answers, letter_prompts
from xleval.training.config.schema import TrainConfig
from xleval.training.installed import import_trl
from xleval.training.model import Loaded, load_for_training
from xleval.training.outcome import TrainJob, TrainOutcome
from xleval.training.preference.held_out import held_apart
from xleval.training.sets.answer_rows import answer_rows
from xleval.training.sets.asking import asker
from xleval.training.sets.records import AnswerRow

HELD_OUT_SPLIT = "validation"


def run_sft(config: TrainConfig, job: TrainJob) -> TrainOutcome:
    """Train on answers and return what was done; the weights are in `job.out/model`.

    `loss.sft = answer` learns the tokens of the answers and what ends them, not those of the prompts. `letter` learns the
    letter of the right option against the others, as PolyFact's SFT, with `loss.consistency_weight` for the agreement of
    a fact's languages; a batch is then of whole facts.

    Held-out answers are those of the validation split, or of `monitor.source`; where the set has none, the last items, a
    tenth and `monitor.limit` at most, are not trained on.

    Raises:
        ConfigError: settings or data that do not fit.
        DataError: the data cannot be read, or all of it is too long.
        BackendError: the model cannot be loaded.
        MissingExtra: a package of the extra `train` is not installed.
    """
    import_trl()
    from xleval.training.checkpoint import save_model

    loaded = load_for_training(config)
    rows, held = _split(config, has_chat_template=bool(loaded.tokenizer.chat_template))
    train = _train_letters if config.loss.sft == "letter" else _train_answers
    outcome = train(config, job, loaded, rows, held)
    save_model(loaded.model, loaded.tokenizer, config, job, outcome, loaded.checkpoint)
    return outcome


def _split(config: TrainConfig, *, has_chat_template: bool) -> tuple[list[AnswerRow], list[AnswerRow]]:
    """Return the rows to train on and those held out."""
    letters = config.loss.sft == "letter"
    read = partial(
        answer_rows, prompt=config.prompt, has_chat_template=has_chat_template, seed=config.seed, letters=letters
    )
    rows = read(config.data)
    if not config.monitor.limit:
        return rows, []
    watched = replace(
        config.data,
        source=config.monitor.source or config.data.source,
        split=HELD_OUT_SPLIT,
        limit=config.monitor.limit,
        regime="grow",
        order="shuffled",
    )
    try:
        held = read(watched)
    except ConfigError:
        if config.monitor.source:
            raise
        return held_apart(rows, config.monitor.limit)
    trained = {row.item_id for row in rows}
    kept = [row for row in held if row.item_id not in trained]
    return (rows, kept) if kept else held_apart(rows, config.monitor.limit)


def _train_answers(
    config: TrainConfig, job: TrainJob, loaded: Loaded, rows: Sequence[AnswerRow], held: Sequence[AnswerRow]
) -> TrainOutcome:
    from datasets import Dataset

    from xleval.training.held_out_nll import mean_nll
    from xleval.training.token_trainer import Amounts, fit, settings_for, token_trainer

    settings = settings_for(config, job)
    max_length = settings.get("max_length")
    learnt = learnt_answers(rows, loaded.tokenizer, max_length=max_length)
    held_out = learnt_answers(held, loaded.tokenizer, max_length=max_length) if held else None
    if not settings.get("packing"):
        settings["max_length"] = None  # longer ones are left out: TRL would cut them
    trainer = token_trainer(config, loaded, Dataset.from_list(columns_of(learnt)), settings, job)
    pad_id = loaded.tokenizer.pad_token_id

    def measure(model: Any) -> Mapping[str, float]:
        found = mean_nll(model, held_out.by_lang, pad_id) if held_out is not None else {}
        return {f"nll/{lang}": value for lang, value in found.items()}

    n_held = len(held_out.in_order) if held_out is not None else 0
    counts = {"rows/too_long": float(learnt.n_too_long), "rows/held_out": float(n_held)}
    amounts = Amounts(n_items=learnt.n_items, n_rows=len(learnt.in_order), figures=counts)
    return fit(trainer, config, job, amounts, measure)


def columns_of(learnt: LearntAnswers) -> list[dict[str, list[int]]]:
    """Return rows as TRL's trainer takes them: tokens, and labels that leave the prompt out."""
    return [
        {
            "input_ids": list(each.ids),
            "labels": [-100] * (len(each.ids) - each.n_answer) + list(each.ids[-each.n_answer :]),
        }
        for each in learnt.in_order
    ]


def _train_letters(
    config: TrainConfig, job: TrainJob, loaded: Loaded, rows: Sequence[AnswerRow], held: Sequence[AnswerRow]
) -> TrainOutcome:
    from trl.trainer.sft_config import SFTConfig

    from xleval.training.checkpoint import CheckpointCallback
    from xleval.training.letter_trainer import LetterTrainer, held_out_letters, letter_groups
    from xleval.training.token_trainer import Amounts, fit, settings_for

    weight = config.loss.consistency_weight
    if weight and not all(row.choice_ids for row in rows):
        raise ConfigError(
            f"loss.consistency_weight {weight}: the facts of {config.data.source} have no ids of their options, so that the "
            "options of two languages cannot be matched. Set it to 0, or take a set of build-polyfact"
        )
    settings = settings_for(config, job) | {"remove_unused_columns": False}
    asking = asker(config.prompt, has_chat_template=bool(loaded.tokenizer.chat_template))
    prompts = letter_prompts(rows, loaded.tokenizer, asking)
    held_out = letter_prompts(held, loaded.tokenizer, asking)
    trainer = LetterTrainer(
        consistency_weight=weight,
        model=loaded.model,
        args=SFTConfig(**settings),
        train_dataset=letter_groups(prompts, whole_facts=weight > 0),
        processing_class=loaded.tokenizer,
        callbacks=[CheckpointCallback(config, loaded, job.resume_from)],
    )
    pad_id = loaded.tokenizer.pad_token_id
    amounts = Amounts(
        n_items=len({prompt.item_id for prompt in prompts}),
        n_rows=len(prompts),
        figures={"rows/held_out": float(len(held_out))},
    )
    return fit(trainer, config, job, amounts, lambda model: held_out_letters(model, held_out, pad_id))
