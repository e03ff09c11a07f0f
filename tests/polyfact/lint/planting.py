"""What every plant uses: the clean set it takes from, and the ways to change a row."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from random import Random

from tests.polyfact.lint.plant_texts import IN_SENTENCE
from xleval.data.languages import get_language
from xleval.polyfact.lint.records import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The clean set: what a plant may take from other rows and languages."""

    rows: Mapping[str, Sequence[Row]]
    donors: Mapping[str, Sequence[Row]]  # rows that nothing is planted in
    by_id: Mapping[str, Mapping[str, Row]]


#: Row, running number of the plant, random numbers, world; returns the row with the defect, or None where it does not fit.
Plant = Callable[[Row, int, Random, World], Row | None]


def set_option(row: Row, place: int, text: str, qid: str | None = None) -> Row:
    options = tuple(text if index == place else old for index, old in enumerate(row.options))
    ids = tuple(qid if index == place and qid else old for index, old in enumerate(row.option_ids))
    answer = text if place == row.gold else row.answer_text
    return replace(row, options=options, option_ids=ids, answer_text=answer)


def wrong_place(row: Row, rng: Random) -> int:
    return rng.choice([place for place in range(len(row.options)) if place != row.gold])


def rename(row: Row, name: str) -> Row:
    return replace(row, question=row.question.replace(row.subject, name), subject=name)


def put_in(row: Row, name: str, n: int) -> Row:
    """Put a name into a question: variants of the language, upper case, full width, an inflected ending in Russian."""
    frames = IN_SENTENCE[row.lang]
    frame = frames[n % len(frames)]
    if n % 7 == 5 and get_language(row.lang).scripts == ("Latn",):
        name = name.upper()
    if row.lang == "ru" and n % 3 == 1 and name[-1] in "аяьй":
        name = name[:-1] + {"а": "ы", "я": "и", "ь": "и", "й": "я"}[name[-1]]
    if row.lang == "bn" and "{g}ের" in frame and name[-1] not in "কখগঘচছজঝটঠডঢণতথদধনপফবভমযরলশষসহড়ঢ়য়":
        frame = frame.replace("{g}ের", "{g}র")
    return replace(row, question=frame.format(g=name, q=row.question))


def is_word(name: str, row: Row) -> bool:
    return len(name) > 2 and name.isalpha() and name not in row.options


@cache
def converter(name: str) -> Callable[[str], str]:
    from opencc import OpenCC

    convert: Callable[[str], str] = OpenCC(name).convert
    return convert
