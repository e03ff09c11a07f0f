"""Roll-outs as TRL and verl write them, a row each, with the facts that collapse curves need.

TRL 1.16 writes `completions/completions_STEP.parquet` (`log_completions=True`): `step`, `prompt`, `completion`, a column
per reward function, what reward functions log by `log_extra`, `advantage`. verl 0.9.1 writes `STEP.jsonl`
(`trainer.rollout_data_dir`): `input`, `output`, `gts`, `score`, `step`, what the reward function returns beside `score`.
"""

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from xleval.errors import ConfigError, DataError, unknown_name
from xleval.evalkit.imports.fields import GROUP, FieldMap, Row, parse_map
from xleval.evalkit.imports.task_language import language_code
from xleval.evalkit.imports.values import (
    BadRow,
    as_count,
    as_finish_reason,
    as_text,
    as_verdict,
    conversation_text,
    is_number,
)

SourceName = Literal["trl", "verl"]
#: What `--map` takes here.
KEYS = (
    "lang", "step", "prompt", "completion", "gold", "correct", "reward", "advantage", "entropy", "finish_reason",
    "truncated", "n_completion_tokens",
)  # fmt: skip
_LANGUAGE = ("lang", "language")
_N_TOKENS = ("n_completion_tokens", "completion_length", "response_length")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """How a trainer writes roll-outs.

    Attributes:
        name: of the trainer.
        file: pattern of a file's name; its group is the step.
        file_names: the same for people.
        prompt, completion: columns of the texts.
        gold, correct: columns that may hold the right answer and a verdict; our own accuracy of weight 0 is a curve.
    """

    name: SourceName
    file: re.Pattern[str]
    file_names: str
    prompt: str
    completion: str
    gold: tuple[str, ...]
    correct: tuple[str, ...]


SOURCES: Mapping[str, Source] = {
    "trl": Source(
        name="trl", file=re.compile(r"completions_(\d+)\.(?:parquet|jsonl)"),
        file_names="completions_STEP.parquet or completions_STEP.jsonl", prompt="prompt", completion="completion",
        gold=("answer", "solution", "gold"), correct=("accuracy_reward", "accuracy_curve"),
    ),
    "verl": Source(
        name="verl", file=re.compile(r"(\d+)\.jsonl"), file_names="STEP.jsonl", prompt="input",
        completion="output", gold=("gts",), correct=("acc", "score"),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class RollOut:
    """One completion that a trainer sampled.

    Attributes:
        step: of the training.
        lang: code of the prompt's language, which the completion should be in.
        prompt, completion: texts; a conversation is written out.
        gold: the right answer; None where the trainer does not say.
        given_correct: the trainer's own verdict; None without one.
        reward: sum of the reward columns; None without any.
        advantage: None where the trainer does not log it.
        entropy: as logged; None without.
        truncated: whether it was cut at the length limit; None where not known.
        n_tokens: tokens written; None where not known.
    """

    step: int
    lang: str
    prompt: str
    completion: str
    gold: str | None = None
    given_correct: bool | None = None
    reward: float | None = None
    advantage: float | None = None
    entropy: float | None = None
    truncated: bool | None = None
    n_tokens: int | None = None


def source_named(name: str) -> Source:
    """Return a trainer's way of writing.

    Raises:
        ConfigError: there is none of this name.
    """
    if name not in SOURCES:
        raise unknown_name("--from", name, (*SOURCES, "auto"))
    return SOURCES[name]


def watch_map(texts: Sequence[str], lang_column: str | None = None) -> FieldMap:
    """Return where the facts stand, from `--map KEY=COLUMN` and `--lang-column`.

    Raises:
        ConfigError: as in `parse_map`; an unknown key; the language is named twice.
    """
    keys = [text.partition("=")[0].strip() for text in texts]
    for key in keys:
        if key not in KEYS:
            raise unknown_name("key of --map", key, KEYS)
    if lang_column is not None and "lang" in keys:
        raise ConfigError("--lang-column and --map lang=… both name the language; give one of them")
    every = [*texts, *([f"lang={lang_column}"] if lang_column is not None else [])]
    try:
        found = parse_map([f"{GROUP}{text.strip()}" for text in every])  # so that keys pass that imports do not know
    except ConfigError as error:
        raise ConfigError(str(error).replace(GROUP, "", 1)) from None
    return FieldMap(
        columns={key.removeprefix(GROUP): column for key, column in found.columns.items()},
        constants={key.removeprefix(GROUP): text for key, text in found.constants.items()},
    )


def read_rollout(row: Row, fields: FieldMap, source: Source, step: int, rewards: Collection[str] = ()) -> RollOut:
    """Return the roll-out of a row.

    Args:
        row: of a trainer's file.
        fields: may map any of `KEYS`.
        source: where the trainer writes what is not mapped.
        step: of the file, for rows without one.
        rewards: columns of rewards in other rows of the file.

    Raises:
        BadRow: no prompt or completion, or a value that is not what it must be; other rows may be in order.
        DataError: the language, or a mapped column, is missing or unknown: so it will be in every row.
    """
    prompt = fields.read(row, "prompt", source.prompt)
    completion = fields.read(row, "completion", source.completion)
    if prompt is None or completion is None:
        raise BadRow(f"no {source.completion if completion is None else source.prompt}")
    gold = fields.read(row, "gold", *source.gold)
    in_row = as_count(fields.read(row, "step", "step"), "step")
    return RollOut(
        step=step if in_row is None else in_row,
        lang=_language(row, fields, source),
        prompt=conversation_text(prompt, "prompt"),
        completion=conversation_text(completion, "completion"),
        gold=None if gold is None else as_text(gold, "gold"),
        given_correct=as_verdict(fields.read(row, "correct", *source.correct)),
        reward=_reward(row, fields, source, rewards),
        advantage=_number(fields.read(row, "advantage", "advantage")),
        entropy=_number(fields.read(row, "entropy", "entropy")),
        truncated=_truncated(row, fields),
        n_tokens=as_count(fields.read(row, "n_completion_tokens", *_N_TOKENS), "n_completion_tokens"),
    )


def reward_columns(row: Row, fields: FieldMap, source: Source) -> tuple[str, ...]:
    """Return the columns whose sum is the reward: those mapped, else `reward`, verl's `score`, every `…reward…` of TRL."""
    if fields.names("reward"):
        return tuple(part.strip() for part in fields.columns.get("reward", "").split(",") if part.strip())
    if source.name == "verl":
        return ("score",) if "score" in row.values else ()
    if "reward" in row.values:
        return ("reward",)
    return tuple(name for name, value in row.values.items() if "reward" in name and _is_reward(value))


_LOG_IT: Mapping[SourceName, str] = {
    "trl": 'log it in a reward function, log_extra("lang", list(lang))',
    "verl": 'return it from the reward function beside the score, "lang": extra_info["lang"]',
}


def _language(row: Row, fields: FieldMap, source: Source) -> str:
    try:
        value = fields.read(row, "lang", *_LANGUAGE)
    except DataError as error:  # a mapped column that is not there
        raise DataError(
            f"{error}. Where no column holds the language: {_LOG_IT[source.name]} (docs/watch.md)"
        ) from None
    if value is None:
        raise DataError(
            f"{row.where} has no language. Name its column with --lang-column NAME, or give --map lang=@CODE where all "
            f"prompts have one; else {_LOG_IT[source.name]} (docs/watch.md)"
        )
    # what follows in brackets is a script or a region: Portuguese (Brazil)
    code = language_code(value.partition("(")[0]) if isinstance(value, str) else None
    if code is None:
        raise DataError(
            f"{row.where}: {value!r:.60} is no language of xleval's table; needed is a code, a tag or a name such as "
            "sw, swh_Latn, pt-BR or Swahili. Is --lang-column the right one?"
        )
    return code


def _reward(row: Row, fields: FieldMap, source: Source, rewards: Collection[str]) -> float | None:
    """Return the sum of those that apply: one of several reward functions of TRL gives None or NaN where it does not.

    Raises:
        BadRow: one is text, infinite, or NaN where there is no other.
    """
    columns = reward_columns(row, fields, source)
    columns += tuple(name for name in rewards if name in row.values and name not in columns)
    found = []
    for column in columns:
        value = FieldMap(columns={"reward": column}).read(row, "reward")
        if value is None or (isinstance(value, float) and math.isnan(value) and len(columns) > 1):
            continue
        number = _number(value)
        if number is None:
            raise BadRow(f"reward {column} is {value!r:.60}; a finite number is needed")
        found.append(number)
    return math.fsum(found) if found else None


def _is_reward(value: object) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and is_number(value) and math.isfinite(value) else None


def _truncated(row: Row, fields: FieldMap) -> bool | None:
    given = as_verdict(fields.read(row, "truncated", "truncated", "is_truncated"))
    if given is not None:
        return given
    reason = as_finish_reason(fields.read(row, "finish_reason", "finish_reason"))
    return None if reason is None else reason == "length"


def step_of_name(file: Path, source: Source) -> int | None:
    """Return the step in the name of a trainer's file; None for any other file."""
    found = source.file.fullmatch(file.name)
    return int(found[1]) if found else None
