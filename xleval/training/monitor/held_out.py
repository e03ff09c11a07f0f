"""Prompts that are not trained on, asked of the model while it is trained: accuracy and word ratio by language.

Facts with options are a choice by log-probability, as `polyfact` scores it; everything else is one greedy completion,
scored as its task does. Imports torch.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from xleval.errors import ConfigError
from xleval.evalkit.backends.hf_encode import Encoder
from xleval.evalkit.curves_schema import AccuracyJson, HeldOutJson
from xleval.evalkit.prompts import continuation
from xleval.evalkit.requests import ChoiceRequest, Encoded, GenerateRequest, Message, Outcome, Request, Sampling
from xleval.evalkit.samples import Kind, Sample
from xleval.evalkit.scoring import scored_sample, shown_prompt
from xleval.evalkit.task import Task, TaskItem
from xleval.tasks import get_tasks
from xleval.tasks.verdicts import score_by_byte
from xleval.training.collapse import word_ratio
from xleval.training.config.schema import TrainConfig
from xleval.training.measure import Detector, Measured, measure
from xleval.training.monitor.live_model import LiveModel
from xleval.training.rollouts import RollOut
from xleval.training.sets.prompt_rows import held_out_rows
from xleval.training.sets.records import PromptRow


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """One held-out prompt: the row, the task that scores it, and what the model is given."""

    row: PromptRow
    task: Task
    encoded: Encoded


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answered:
    """One held-out prompt with its verdict; what its completion shows is None for a choice."""

    row: PromptRow
    kind: Kind
    sample: Sample
    measured: Measured | None


def held_out_prompts(config: TrainConfig, tokenizer: Any, detector: Detector) -> "HeldOutPrompts":
    """Return the held-out prompts of a training.

    Raises:
        ConfigError: there are none, or they are longer than the model takes.
        DataError: the data cannot be read.
    """
    has_template = bool(getattr(tokenizer, "chat_template", None))
    rows = held_out_rows(config.data, config.prompt, config.monitor, has_chat_template=has_template, seed=config.seed)
    if not rows:
        raise ConfigError(
            f"monitor.every is {config.monitor.every}, and there is no held-out prompt in {', '.join(config.data.langs)}; "
            "name a set with --set monitor.source=SET, or leave it with --set monitor.every=0"
        )
    most = config.trainer.get("max_completion_length")
    return HeldOutPrompts(
        rows, tokenizer, detector, option_space=config.prompt.option_space,
        max_tokens=most if isinstance(most, int) else None,
    )  # fmt: skip


class HeldOutPrompts:
    """Held-out prompts, tokenised once.

    Args:
        rows: of any tasks and languages.
        tokenizer: of the model in training.
        detector: what tells the language.
        option_space: whether a space stands before an option, as in `TaskOptions`.
        max_tokens: a completion is cut after so many; None for the task's own number.
    """

    def __init__(
        self, rows: Sequence[PromptRow], tokenizer: Any, detector: Detector, *, option_space: str = "auto",
        max_tokens: int | None = None,
    ) -> None:  # fmt: skip
        self._tokenizer, self._detector = tokenizer, detector
        tasks = {name: get_tasks([name])[0] for name in {row.task for row in rows}}
        requests = [_request(row, tasks[row.task], option_space, max_tokens) for row in rows]
        encoded = Encoder(tokenizer, max_positions=None, add_bos=False).encode(requests)
        self._asked = [
            _Asked(row=row, task=_as_asked(tasks[row.task], request), encoded=each)
            for row, request, each in zip(rows, requests, encoded, strict=True)
        ]
        self._live: LiveModel | None = None

    def ask(self, model: Any, step: int) -> list[HeldOutJson]:
        """Return what a model makes of the prompts, by task and language; its training is not disturbed.

        Raises:
            BackendError: prompts do not fit into memory even alone.
        """
        if self._live is None:
            self._live = LiveModel(model, self._tokenizer)
        outcomes = self._live.answers([each.encoded for each in self._asked])
        answered = [self._answered(each, outcome) for each, outcome in zip(self._asked, outcomes, strict=True)]
        groups: Mapping[tuple[str, str], list[_Answered]] = defaultdict(list)
        for one in answered:
            groups[one.row.task, one.row.lang].append(one)
        return [_row(step, groups[key]) for key in sorted(groups)]

    def _answered(self, asked: _Asked, outcome: Outcome) -> _Answered:
        row, task = asked.row, asked.task
        item = TaskItem(
            item_id=row.item_id, question=row.question, gold=row.gold, choices=row.choices, choice_ids=row.choice_ids,
            gold_index=row.gold_index, groups=row.groups,
        )  # fmt: skip
        if task.kind == "choice":
            item = _with_options(item)
        sample = scored_sample(task, item, row.lang, asked.encoded, outcome, detectors=None)
        measured = None
        if sample.completion is not None:
            measured = measure(
                RollOut(
                    step=0, lang=row.lang, prompt=shown_prompt(asked.encoded), completion=sample.completion,
                    truncated=sample.finish_reason == "length", n_tokens=sample.n_completion_tokens,
                ),
                self._detector,
            )  # fmt: skip
        return _Answered(row=row, kind=task.kind, sample=sample, measured=measured)


def _request(row: PromptRow, task: Task, option_space: str, max_tokens: int | None) -> Request:
    key = f"{row.task}/{row.lang}/{row.item_id}"
    chat = not isinstance(row.prompt, str)
    prompt = (
        row.prompt
        if isinstance(row.prompt, str)
        else tuple(Message(role=turn["role"], content=turn["content"]) for turn in row.prompt)
    )
    if row.gold_index is not None:
        space = "never" if chat and option_space == "auto" else option_space
        options = [row.choices[place] for place in _options(row.choice_ids, len(row.choices))]
        return ChoiceRequest(
            key=key, context=prompt, continuations=tuple(continuation(option, row.lang, space) for option in options)
        )
    sampling = Sampling(max_tokens=max_tokens or task.sampling.max_tokens)
    return GenerateRequest(key=key, prompt=prompt, sampling=sampling, stop=row.stop)


def _options(ids: Sequence[str], n: int) -> list[int]:
    """Return the places of the options: of names with one id, such as a label and its aliases, the first."""
    return [place for place in range(n) if not ids or ids.index(ids[place]) == place]


def _with_options(item: TaskItem) -> TaskItem:
    """Return an item whose choices are its options, without other names of them."""
    places = _options(item.choice_ids, len(item.choices))
    return replace(
        item,
        choices=tuple(item.choices[place] for place in places),
        choice_ids=tuple(item.choice_ids[place] for place in places) if item.choice_ids else (),
        gold_index=places.index(item.gold_index) if item.gold_index in places else None,
    )


def _as_asked(task: Task, request: Request) -> Task:
    """Return a task that scores what is asked: a choice of options where that is one."""
    return replace(task, kind="choice", score=score_by_byte) if isinstance(request, ChoiceRequest) else task


def _row(step: int, answered: Sequence[_Answered]) -> HeldOutJson:
    first = answered[0]
    verdicts = [one.sample.correct for one in answered if one.sample.correct is not None]
    measured = [one.measured for one in answered if one.measured is not None]
    return HeldOutJson(
        step=step,
        lang=first.row.lang,
        task=first.row.task,
        kind=first.kind,
        accuracy=AccuracyJson(
            value=sum(verdicts) / len(verdicts) if verdicts else None, n=len(verdicts),
            n_unscored=len(answered) - len(verdicts),
        ),
        word_ratio=word_ratio(measured) if measured else None,
        n_chars=sum(one.n_chars for one in measured) / len(measured) if measured else None,
        truncated_rate=sum(one.truncated is True for one in measured) / len(measured) if measured else None,
    )  # fmt: skip
