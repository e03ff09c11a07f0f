"""What tasks with shown options share: items from rows, keys that agree between languages, examples of the own subject."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from xleval.data.rows import Row
from xleval.errors import ConfigError, DataError
from xleval.evalkit.prompts import LETTERS
from xleval.evalkit.requests import ChoiceRequest, GenerateRequest
from xleval.evalkit.task import TaskItem, TaskOptions

Asked = TypeVar("Asked", ChoiceRequest, GenerateRequest)

#: group that says whether the files of all languages that were loaded have the same right option for an item
KEY_GROUP, SAME, DIFFERS = "answer_key", "same", "differs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """An item with where it was read.

    Attributes:
        place: file and row, for messages.
        item: the item.
    """

    place: str
    item: TaskItem


def placed_item(
    row: Row,
    *,
    item_id: str,
    options: Sequence[str],
    gold_index: int,
    question: str = "question",
    passage: str = "",
    groups: Mapping[str, str] | None = None,
) -> Placed:
    """Return the item of a row, the right option as its gold answer.

    Args:
        row: of the file.
        item_id: of the item, the same in every language.
        options: their texts in the order of their letters.
        gold_index: of the right option.
        question: column of the question.
        passage: column of the text that the question is about; empty without one.
        groups: facts to group by.

    Raises:
        DataError: question or passage are missing or empty; file, row and column are named.
    """
    item = TaskItem(
        item_id=item_id,
        question=row.text(question),
        passage=row.text(passage) if passage else "",
        gold=options[gold_index],
        choices=tuple(options),
        gold_index=gold_index,
        groups=groups or {},
    )
    return Placed(place=row.place, item=item)


def four_options(row: Row, columns: Sequence[str]) -> list[str]:
    """Return the four options of a row: the list in its column `choices`, else the texts of four columns.

    Raises:
        DataError: not four texts; file, row and column are named.
    """
    if "choices" not in row.values:
        return [row.text(name) for name in columns]
    options = row.get("choices")
    if not isinstance(options, list) or len(options) != 4 or not all(str(option).strip() for option in options):
        raise DataError(f"{row.place}, column choices: found {options!r}; a list of four texts is needed")
    return [str(option).strip() for option in options]


def optional_groups(row: Row, columns: Sequence[str]) -> dict[str, str]:
    """Return those of some columns that a row has, by name: facts to group by, which a release may lack."""
    found = {name: row.values.get(name) for name in columns}
    return {name: str(value).strip() for name, value in found.items() if value is not None and str(value).strip()}


def with_one_key(found: Mapping[str, Sequence[Placed]], task: str) -> dict[str, list[TaskItem]]:
    """Return the items by language, each with the same right option, number of options and subject in every language.

    Raises:
        DataError: two languages differ in one of them, so their rows are not the same items; both rows are named.
    """
    first: dict[str, Placed] = {}
    for items in found.values():
        for placed in items:
            other = first.setdefault(placed.item.item_id, placed)
            if _key(placed.item) != _key(other.item):
                raise DataError(
                    f"{task}: item {placed.item.item_id} is not the same in two languages: {placed.place} has "
                    f"{_shown_key(placed.item)}, {other.place} has {_shown_key(other.item)}; files of one release, whole "
                    "and in their published order, are needed"
                )
    return {lang: [placed.item for placed in items] for lang, items in found.items()}


def with_key_group(found: Mapping[str, Sequence[Placed]]) -> dict[str, list[TaskItem]]:
    """Return the items by language, with the group `answer_key`: whether all these languages have the same right option.

    For sets whose published files are known to differ in some items: these stay, and can be told apart in results.
    """
    keys: dict[str, set[int | None]] = {}
    for items in found.values():
        for placed in items:
            keys.setdefault(placed.item.item_id, set()).add(placed.item.gold_index)
    return {
        lang: [
            replace(item, groups={**item.groups, KEY_GROUP: SAME if len(keys[item.item_id]) == 1 else DIFFERS})
            for item in (placed.item for placed in items)
        ]
        for lang, items in found.items()
    }


def _key(item: TaskItem) -> tuple[int | None, int, str | None]:
    return item.gold_index, len(item.choices), item.groups.get("subject")


def _shown_key(item: TaskItem) -> str:
    subject = f", subject {item.groups['subject']}" if "subject" in item.groups else ""
    return f"answer {LETTERS[item.gold_index or 0]} of {len(item.choices)} options{subject}"


def answered_by_letter(found: Mapping[str, Sequence[TaskItem]]) -> dict[str, list[TaskItem]]:
    """Return items with the letter of the right option as gold answer, for completions that name it."""
    return {
        lang: [replace(item, gold=LETTERS[item.gold_index or 0]) for item in items] for lang, items in found.items()
    }


def first_of_each(items: Sequence[TaskItem], n: int, *, task: str, group: str = "subject") -> list[TaskItem]:
    """Return the first `n` examples of every subject, in their order.

    Raises:
        ConfigError: a subject has fewer.
    """
    by_subject: dict[str, list[TaskItem]] = {}
    for item in items:
        by_subject.setdefault(item.groups.get(group, ""), []).append(item)
    for subject, found in by_subject.items():
        if len(found) < n:
            raise ConfigError(f"--shots {n}: {task} has {len(found)} worked examples of {subject or 'no subject'}")
    return [item for found in by_subject.values() for item in found[:n]]


def ask_after_own_subject(
    item: TaskItem,
    lang: str,
    options: TaskOptions,
    shots: Sequence[TaskItem],
    *,
    ask: Callable[[TaskItem, str, TaskOptions, Sequence[TaskItem]], Asked],
    task: str,
    group: str = "subject",
) -> Asked:
    """Return the request of an item after the examples of its own subject, as the MMLU family is asked.

    Args:
        item: the item.
        lang: code of its language.
        options: how it is asked.
        shots: examples of all subjects, see `first_of_each`.
        ask: makes the request from the examples that are left.
        task: name of the task, for messages.
        group: which of the groups is the subject.

    Raises:
        ConfigError: there are examples, but none of this subject.
    """
    subject = item.groups.get(group, "")
    own = [shot for shot in shots if shot.groups.get(group, "") == subject]
    if shots and not own:
        raise ConfigError(f"{task}: there are no worked examples of {subject} in {lang}; give --shots 0")
    return ask(item, lang, options, own)
