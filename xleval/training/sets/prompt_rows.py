"""The rows of GRPO: prompts in every language, with what rewards need to judge the answers."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace

from xleval.data.plurals import counted
from xleval.errors import ConfigError
from xleval.evalkit.task import TaskItem
from xleval.polyfact.wording import HELD_OUT, SLOT, load_templates
from xleval.training.config.schema import DataConfig, MonitorConfig, PromptConfig
from xleval.training.sets.asking import Asker, asker
from xleval.training.sets.facts import with_aliases
from xleval.training.sets.item_set import ItemSet, read_items
from xleval.training.sets.kinds import source_kind
from xleval.training.sets.records import PromptRow
from xleval.training.sets.regimes import Place, place_items
from xleval.training.sets.selection import Chosen, choose

#: The split that held-out prompts are taken from.
HELD_OUT_SPLIT = "validation"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenSet:
    """The items of a training and their places.

    Attributes:
        items: the source.
        chosen: items in order.
        places: rows.
        notes: what was dropped or could not be done, one sentence each.
    """

    items: ItemSet
    chosen: Chosen
    places: tuple[Place, ...]
    notes: tuple[str, ...] = field(default=())


def choose_items(data: DataConfig, *, seed: int) -> ChosenSet:
    """Return the items that a training uses, and where each stands.

    Raises:
        ConfigError, DataError: as `read_items`, `choose` and `place_items`.
    """
    from xleval.training.sets.overlap import shared_ids

    items = read_items(data)
    further = tuple(lang for lang in data.parallel_with if lang not in data.langs)
    beside = read_items(data, further) if further else None
    leave_out = shared_ids(data) if data.on_overlap == "drop" else ()
    chosen = choose(items, data, seed=seed, parallel_with=beside, leave_out=leave_out)
    places = place_items(chosen.ids, data.langs, data.regime, seed=seed)
    notes = [f"{counted(count, 'item is', 'items are')} left out: {reason}" for reason, count in chosen.dropped.items()]
    if data.limit is not None and len(chosen.ids) < data.limit:
        notes.append(f"data.limit is {data.limit}, and {counted(len(chosen.ids), 'item is', 'items are')} there")
    if data.regime == "english-repeat" and not items.is_facts:
        notes.append("the copies of an item in English are the same text: the set has one wording of each problem")
    return ChosenSet(items=items, chosen=chosen, places=tuple(places), notes=tuple(notes))


def prompt_rows(data: DataConfig, prompt: PromptConfig, *, has_chat_template: bool, seed: int) -> list[PromptRow]:
    """Return the prompts of a training: item by item, each in the languages in their order.

    Args:
        data: source, languages and choice of items.
        prompt: how they are asked; `chat` None is by the template.
        has_chat_template: whether the model's tokenizer has one.
        seed: of the choice and order of items.

    Raises:
        ConfigError: something of the configuration does not fit the source; both are named.
        DataError: the data cannot be read.
    """
    found = choose_items(data, seed=seed)
    return _rows(found.items, found.places, asker(prompt, has_chat_template=has_chat_template))


def held_out_rows(
    data: DataConfig, prompt: PromptConfig, monitor: MonitorConfig, *, has_chat_template: bool, seed: int
) -> list[PromptRow]:
    """Return the prompts that a training is watched with: the same items in every language, none of the training's.

    They are those of `held_out_items`.

    Raises:
        ConfigError: as `held_out_items`.
        DataError: the data cannot be read.
    """
    items, kept = held_out_items(data, monitor, seed=seed)
    places = place_items(kept, data.langs, "grow", seed=seed)
    return _rows(items, places, asker(prompt, has_chat_template=has_chat_template))


def held_out_items(data: DataConfig, monitor: MonitorConfig, *, seed: int) -> tuple[ItemSet, list[str]]:
    """Return the set that a training is watched with, and the ids of at most `monitor.limit` items that it does not train on.

    The set is `monitor.source`, else the validation split of the training's source; where that has none, what
    `data.limit` leaves of the split that is trained on.

    Raises:
        ConfigError: there is no such split or set, it lacks a language, or it holds only items of the training.
        DataError: the data cannot be read.
    """
    watched = replace(
        data,
        source=monitor.source or data.source,
        split=HELD_OUT_SPLIT,
        task=data.task if not monitor.source else "",
        limit=None,
        regime="grow",
        order="shuffled",
        mixture="",
        levels=(),
        on_overlap="allow",
        relations=data.relations if not monitor.source else (),
        columns=data.columns if not monitor.source else {},
    )
    # Instructions and texts have ids of their own, which no item to be asked has.
    trained = set(choose_items(data, seed=seed).chosen.ids) if source_kind(data) == "items" else set()
    try:
        found = choose_items(watched, seed=seed)
    except ConfigError as error:
        rest = None if monitor.source else _left_over(replace(watched, split=data.split), trained, seed)
        if rest is None:
            raise ConfigError(
                f"the monitor's held-out prompts: {error}. Name a set with --set monitor.source=SET (a folder, a file, or a "
                "task such as sample), or evaluate nothing with --set monitor.every=0"
            ) from error
        found = rest
    kept = [item_id for item_id in found.chosen.ids if item_id not in trained][: monitor.limit]
    if not kept:
        raise ConfigError(
            f"the monitor's held-out prompts: all items of {watched.source} are trained on; name another set"
        )
    return found.items, kept


def _left_over(data: DataConfig, trained: Container[str], seed: int) -> ChosenSet | None:
    """Return the items of the split that is trained on, where some are not trained on; None where all are."""
    try:
        found = choose_items(data, seed=seed)
    except ConfigError:
        return None
    return found if any(item_id not in trained for item_id in found.chosen.ids) else None


def _rows(items: ItemSet, places: Sequence[Place], asking: Asker) -> list[PromptRow]:
    aliases = with_aliases(items) if not asking.prompt.show_options else (lambda item, lang: item)
    rows = []
    for place in places:
        item = aliases(items.items[place.lang][place.item_id], place.lang)
        item = replace(item, question=reworded(item, place.lang, place.copy))
        asked = asking.ask(items.task, item, place.lang, items.shots.get(place.lang, ()))
        rows.append(
            PromptRow(
                item_id=place.item_id,
                lang=place.lang,
                prompt=asked.prompt,
                question=item.question,
                gold=item.gold,
                task=items.task.name,
                choices=item.choices,
                choice_ids=item.choice_ids,
                gold_index=item.gold_index,
                stop=asked.stop,
                reference_words=_words(item.solution, place.lang),
                copy=place.copy,
                groups=_groups(item.groups),
            )
        )
    return rows


def reworded(item: TaskItem, lang: str, copy: int) -> str:
    """Return the question of a copy of a fact: its wording and the others that training may see, in turn (D7, D15).

    The first copy, items without a wording of the table, and those of its held-out one keep their question.
    """
    pid, kind, own = (item.groups.get(name, "") for name in ("property_id", "subject_type", "template_id"))
    known = [each for each in load_templates().get((pid, kind, lang), ()) if each.letter != HELD_OUT] if copy else []
    at = next((place for place, each in enumerate(known) if each.template_id == own), None)
    if at is None:
        return item.question
    before, _, after = known[at].question.partition(SLOT)
    if not (item.question.startswith(before) and item.question.endswith(after)):
        return item.question
    subject = item.question[len(before) : len(item.question) - len(after)]
    return known[(at + copy) % len(known)].question.replace(SLOT, subject)


def _words(text: str, lang: str) -> int | None:
    """Return how many words a text has, as the detectors of languages count them; None without a text."""
    from xleval.data.segmentation import words

    return len(words(text, lang)) if text else None


def _groups(groups: Mapping[str, str]) -> dict[str, str]:
    return {name: groups[name] for name in ("property_id", "template_id", "level", "subject") if groups.get(name)}
