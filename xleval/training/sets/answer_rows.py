"""The rows of SFT: prompts with the answers that are learnt, from facts, solutions, traces and instructions."""

import re
from collections.abc import Sequence

from xleval.errors import ConfigError, DataError
from xleval.evalkit.prompts import closing_sentence
from xleval.evalkit.task import Task, TaskItem
from xleval.training.config.schema import DataConfig, PromptConfig
from xleval.training.sets.asking import Asker, asker
from xleval.training.sets.instruction_pairs import ask_instruction, chosen_ids, read_instructions
from xleval.training.sets.item_set import ItemSet
from xleval.training.sets.kinds import source_kind
from xleval.training.sets.prompt_rows import choose_items
from xleval.training.sets.records import AnswerRow

#: Marks of GSM8K's calculator, and its last line.
_CALCULATOR = re.compile(r"<<[^<>]*>>")
_LAST_LINE = re.compile(r"\n?####\s*(?P<answer>\S.*?)\s*$")


def answer_rows(
    data: DataConfig, prompt: PromptConfig, *, has_chat_template: bool, seed: int, letters: bool = False
) -> list[AnswerRow]:
    """Return prompts with their answers: item by item, each in the languages in their order.

    The answer is: of a fact, the text of the right option, or its letter; of a row with a `trace` (`xleval build-traces`),
    the trace; of a problem, its worked solution in the language, else the answer alone; of an instruction, its response.
    A problem without a solution in one language is left out in that language where others have one.

    Args:
        data: source, languages and choice of items. English and a target language both, or one of them, are the arms of
            supervised fine-tuning on pairs.
        prompt: how items are asked.
        has_chat_template: whether the model's tokenizer has one.
        seed: of the choice and order of items.
        letters: show the options of facts and answer with the letter of the right one.

    Raises:
        ConfigError: something of the configuration does not fit the source.
        DataError: the data cannot be read.
    """
    if prompt.reason_prefix != "none":
        raise ConfigError(
            f"prompt.reason_prefix is {prompt.reason_prefix}: answers are learnt whole, with their beginning; leave it out"
        )
    asking = asker(prompt, has_chat_template=has_chat_template)
    if source_kind(data) == "instructions" and not letters:
        return _instruction_rows(data, asking, seed=seed)
    chosen = choose_items(data, seed=seed)
    items = chosen.items
    if letters and not items.is_facts:
        raise ConfigError(
            f"loss.sft is letter and data.source is {data.source}, which has no options; use --set loss.sft=answer"
        )
    found = [
        row
        for place in chosen.places
        if (row := _row(items, items.items[place.lang][place.item_id], place.lang, asking, letters=letters))
    ]
    return found or _answers_alone(items, chosen.chosen.ids, asking)


def _instruction_rows(data: DataConfig, asking: Asker, *, seed: int) -> list[AnswerRow]:
    texts = read_instructions(data, data.langs)
    return [
        AnswerRow(item_id=item_id, lang=lang, prompt=ask_instruction(asking, each), answer=each.answer)
        for item_id in chosen_ids(texts, data, seed=seed)
        for lang in data.langs
        for each in [texts[lang][item_id]]
    ]


def _row(items: ItemSet, item: TaskItem, lang: str, asking: Asker, *, letters: bool) -> AnswerRow | None:
    """Return the row of an item; None for a problem without a solution in the language."""
    if items.is_facts:
        return fact_row(items.task, item, lang, asking, letters=letters)
    if not item.solution:
        return None
    prompt = asking.ask(items.task, item, lang).prompt
    answer = asking.worked(prompt, learnt_solution(item.solution, lang))
    return AnswerRow(item_id=item.item_id, lang=lang, prompt=prompt, answer=answer)


def fact_row(task: Task, item: TaskItem, lang: str, asking: Asker, *, letters: bool) -> AnswerRow:
    """Return a fact with its answer as it follows the prompt: the right option, or its letter where options are shown.

    Raises:
        DataError: a letter is asked for and the fact does not say which option is right.
    """
    if letters:
        if item.gold_index is None:
            raise DataError(f"fact {item.item_id} ({lang}) does not say which option is right; give it an answer_index")
        prompt = asking.ask_with_options(item, lang, ask="letter").prompt
        answer = asking.letters(len(item.choices), lang)[item.gold_index]
    else:
        prompt, answer = asking.ask(task, item, lang).prompt, asking.answer(item.gold, lang)
    return AnswerRow(
        item_id=item.item_id, lang=lang, prompt=prompt, answer=answer, choices=item.choices, choice_ids=item.choice_ids,
        gold_index=item.gold_index,
    )  # fmt: skip


def _answers_alone(items: ItemSet, ids: Sequence[str], asking: Asker) -> list[AnswerRow]:
    """Return the problems of a set without any solution, with the closing sentence as their answers."""
    rows = []
    for item_id in ids:
        for lang, found in items.items.items():
            item = found[item_id]
            boxed = items.task.name == "math500"
            answer = f"\\boxed{{{item.gold}}}" if boxed else closing_sentence(lang, item.gold)
            prompt = asking.ask(items.task, item, lang).prompt
            rows.append(AnswerRow(item_id=item_id, lang=lang, prompt=prompt, answer=asking.worked(prompt, answer)))
    return rows


def learnt_solution(solution: str, lang: str) -> str:
    """Return a worked solution as it is learnt: GSM8K's calculator marks are taken out, its `#### 18` is said in words."""
    text = _CALCULATOR.sub("", solution)
    last = _LAST_LINE.search(text)
    if last is None:
        return text.strip()
    return f"{text[: last.start()].strip()}\n{closing_sentence(lang, last['answer'])}"
