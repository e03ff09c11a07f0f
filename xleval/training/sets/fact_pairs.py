"""Pairs of languages of a fact with the same two options: what DCO compares (PolyFact, section on DCO)."""

import random
from collections.abc import Sequence

from xleval.errors import ConfigError
from xleval.evalkit.task import TaskItem
from xleval.training.config.schema import DataConfig, PromptConfig
from xleval.training.sets.asking import Asker, asker
from xleval.training.sets.item_set import ItemSet
from xleval.training.sets.prompt_rows import choose_items
from xleval.training.sets.records import FactPairRow


def fact_pair_rows(data: DataConfig, prompt: PromptConfig, *, has_chat_template: bool, seed: int) -> list[FactPairRow]:
    """Return one pair for each fact: two languages and two options, drawn by seed and fact.

    The option that is called chosen is any of the fact's, not the right one: the method asks only that both languages
    prefer the same entity (github.com/jvonrad/Lost-in-Mistranslation). Options are the same entities in both languages.

    Raises:
        ConfigError: fewer than two languages, or a source without facts.
        DataError: the data cannot be read.
    """
    if len(data.langs) < 2:
        raise ConfigError(
            f"data.langs is {', '.join(data.langs)}: dco compares two languages of a fact; name at least two"
        )
    found = choose_items(data, seed=seed)
    if not found.items.is_facts:
        raise ConfigError(
            f"data.source is {data.source}, which has no facts with options; dco needs a set of xleval build-polyfact, "
            "or `embedded`"
        )
    asking = asker(prompt, has_chat_template=has_chat_template)
    return [
        _pair(found.items, item_id, data.langs, asking, random.Random(f"{seed}:{item_id}"))
        for item_id in found.chosen.ids
    ]


def _pair(items: ItemSet, item_id: str, langs: Sequence[str], asking: Asker, draw: random.Random) -> FactPairRow:
    first, second = draw.sample(langs, 2)
    here, there = items.items[first][item_id], items.items[second][item_id]
    chosen, rejected = draw.sample(sorted(here.choice_ids), 2)

    def option(item: TaskItem, lang: str, option_id: str) -> str:
        return asking.answer(item.choices[item.choice_ids.index(option_id)], lang)

    return FactPairRow(
        item_id=item_id,
        langs=(first, second),
        prompts=(asking.ask(items.task, here, first).prompt, asking.ask(items.task, there, second).prompt),
        chosen=(option(here, first, chosen), option(there, second, chosen)),
        rejected=(option(here, first, rejected), option(there, second, rejected)),
    )
