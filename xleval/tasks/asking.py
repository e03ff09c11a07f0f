"""How tasks ask: worked solutions, names, open answers, hidden and shown options, each built in one place for all tasks.

A change here changes what models are asked: raise the `version` of the tasks that use it.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from xleval.errors import ConfigError
from xleval.evalkit.prompts import (
    LETTERS,
    chat_conversation,
    continuation,
    cot_prompt,
    fact_conversation,
    fact_prompt,
    letter_continuations,
    letter_prompt,
    prompt_words,
    stop_strings,
    with_options,
    with_passage,
)
from xleval.evalkit.requests import ChoiceRequest, GenerateRequest, Prompt
from xleval.evalkit.task import TaskItem, TaskOptions


def solution_request(
    item: TaskItem, lang: str, options: TaskOptions, shots: Sequence[TaskItem], *, task: str, ask: str
) -> GenerateRequest:
    """Return the request of a completion: a text to continue, or a conversation with an instruction.

    Args:
        item: the item; its options, where it has some, are shown under its question.
        lang: code of its language.
        options: how it is asked; `cot` decides between a solution in its language, one in English, and none.
        shots: worked examples.
        task: name of the task, first part of the request's key.
        ask: what the answer is, see `chat_conversation`: `number`, `boxed`, `letter`, `name` or `none`.

    Raises:
        ConfigError: the examples have no solution of the mode.
    """
    mode = options.mode()
    worked = [(_shown(shot, lang, options), _solution(shot, mode, task)) for shot in shots]
    asked = _shown(item, lang, options)
    prefix = options.language_of(options.reason_prefix, lang)
    opening = prompt_words(prefix).reasoning_opening if prefix else ""
    if options.chat:
        prompt: Prompt = chat_conversation(asked, lang, worked, mode, options.system_prompt, ask=ask)
    else:
        prompt = cot_prompt(asked, lang, worked, mode, options.scaffold, has_label=bool(item.passage))
        if opening and options.scaffold != "none":
            opening = f" {opening}"  # after a label; without labels it begins a line
    return GenerateRequest(
        key=f"{task}/{lang}/{item.item_id}",
        prompt=prompt,
        sampling=options.sampling,
        stop=() if options.chat else stop_strings(lang, options.scaffold),
        prefill=opening,
        script_mask=options.language_of(options.script_mask, lang),
    )


def ask_name(
    item: TaskItem, lang: str, options: TaskOptions, shots: Sequence[TaskItem], *, task: str
) -> GenerateRequest:
    """Return the request of a short answer: a labelled question to continue to the end of the line, or a conversation."""
    worked = [(shot.question, shot.gold) for shot in shots]
    if options.chat:
        prompt: Prompt = chat_conversation(item.question, lang, worked, "direct", options.system_prompt, ask="name")
    else:
        prompt = fact_prompt(item.question, lang, options.scaffold, worked, options.option_space)
    return GenerateRequest(
        key=f"{task}/{lang}/{item.item_id}",
        prompt=prompt,
        sampling=options.sampling,
        stop=() if options.chat else ("\n",),
        script_mask=options.language_of(options.script_mask, lang),
    )


def ask_openly(
    item: TaskItem, lang: str, options: TaskOptions, shots: Sequence[TaskItem], *, task: str
) -> GenerateRequest:
    """Return the request of an open answer: the instruction as it is, with no label and nothing that ends the answer."""
    request = solution_request(item, lang, replace(options, scaffold="none"), shots, task=task, ask="none")
    return replace(request, stop=())


def hidden_choice(
    item: TaskItem, lang: str, options: TaskOptions, shots: Sequence[TaskItem], *, task: str
) -> ChoiceRequest:
    """Return the scoring request of an item whose options are not shown; in a conversation the option begins the answer."""
    worked = [(shot.question, shot.gold) for shot in shots]
    space = options.option_space
    if options.chat:
        context: Prompt = fact_conversation(item.question, lang, options.scaffold, worked, options.system_prompt)
        space = "never" if space == "auto" else space
    else:
        context = fact_prompt(item.question, lang, options.scaffold, worked, space)
    return ChoiceRequest(
        key=f"{task}/{lang}/{item.item_id}",
        context=context,
        continuations=tuple(continuation(choice, lang, space) for choice in item.choices),
    )


def shown_choice(
    item: TaskItem, lang: str, options: TaskOptions, shots: Sequence[TaskItem], *, task: str
) -> ChoiceRequest:
    """Return the scoring request of an item whose options are shown with letters: the letters are scored."""
    space = options.option_space
    if options.chat:
        worked = [(_shown(shot, lang, options), _letter(shot)) for shot in shots]
        asked = _shown(item, lang, options)
        context: Prompt = chat_conversation(asked, lang, worked, "direct", options.system_prompt, ask="letter")
        letters = letter_continuations(len(item.choices), lang, "never" if space == "auto" else space)
    else:
        worked = [(_shown(shot, lang, options), _letter(shot)) for shot in shots]
        context = letter_prompt(
            _with_passage(item, lang, options), item.choices, lang, worked, options.scaffold, space,
            has_label=bool(item.passage),
        )  # fmt: skip
        letters = letter_continuations(len(item.choices), lang, space, options.scaffold)
    return ChoiceRequest(key=f"{task}/{lang}/{item.item_id}", context=context, continuations=letters)


def no_exemplars(folder: Path | None, languages: Sequence[str], n: int) -> dict[str, list[TaskItem]]:
    """Return no examples: the set has none, or none to spare."""
    return {}


def _with_passage(item: TaskItem, lang: str, options: TaskOptions) -> str:
    return with_passage(item.passage, item.question, lang, options.scaffold) if item.passage else item.question


def _shown(item: TaskItem, lang: str, options: TaskOptions) -> str:
    asked = _with_passage(item, lang, options)
    return with_options(asked, item.choices) if item.choices else asked


def _letter(item: TaskItem) -> str:
    return LETTERS[item.gold_index or 0]


def _solution(shot: TaskItem, mode: str, task: str) -> str:
    found = {"native": shot.solution, "english": shot.english_solution, "direct": shot.gold}[mode]
    if not found:
        raise ConfigError(f"{task}: its worked examples have no solution for --cot {mode}; give --shots 0")
    return found
