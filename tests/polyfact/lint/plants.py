"""One function for each defect class that plants it in a row; several variants each, the same ones in every run."""

import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from random import Random

from tests.polyfact.lint.plant_texts import (
    DESIGNATIONS,
    GARBAGE,
    HEADS,
    NEGATED,
    OTHER_SCRIPT,
    PRONOUNS,
)
from tests.polyfact.lint.planting import Plant, World, converter, is_word, put_in, rename, set_option, wrong_place
from xleval.data.languages import get_language
from xleval.polyfact.lint.checks_set import side_of
from xleval.polyfact.lint.records import Row


def gold_in_question(row: Row, n: int, rng: Random, world: World) -> Row | None:
    if n % 5 == 4:  # the subject is named after the gold, as Turkmenistan and Turkmen are
        stem = row.gold_text.split()[0]
        if not get_language(row.lang).spaced:  # two ideographs, or four kana
            two = len(stem) > 1 and all("\u3400" <= letter <= "\u9fff" for letter in stem[:2])
            stem = stem[:2] if two else stem[:4]
            return rename(row, stem + row.subject[-2:]) if two or (len(stem) == 4 and "ー" not in stem) else None
        if len(stem) < 6 or row.distractors[0].split()[0] == stem:
            return None
        return rename(row, stem[: max(5, len(stem) - 1)] + row.subject[-2:].strip())
    if n % 5 == 3 and (aliases := [name for name in row.answer_aliases if is_word(name, row)]):
        return replace(row, question=f"({aliases[0]}) {row.question}")
    return put_in(row, row.gold_text, n) if len(row.gold_text) > 2 or row.lang in ("ja", "zh") else None


def distractor_in_question(row: Row, n: int, rng: Random, world: World) -> Row | None:
    place = wrong_place(row, rng)
    if n % 5 == 3:
        return set_option(row, place, row.subject)
    if n % 5 == 4:
        return set_option(row, place, row.options[place], row.subject_id)
    text = row.options[place]
    return put_in(row, text, n) if len(text) > 2 or row.lang in ("ja", "zh") else None


def several_golds(row: Row, n: int, rng: Random, world: World) -> Row | None:
    others = [
        r
        for r in world.donors[row.lang]
        if (r.relation, r.kind) == (row.relation, row.kind) and r.object_id != row.object_id
    ]
    if not others:
        return None
    other = rng.choice(others)
    if n % 3 == 0:
        return replace(row, question=other.question, subject=other.subject)
    if n % 3 == 1:
        return replace(row, question=other.question.upper() if row.lang != "de" else other.question, subject="")
    return rename(row, other.subject)


def never_gold(row: Row, n: int, rng: Random, world: World) -> Row | None:
    golds = {r.object_id for r in world.rows[row.lang] if r.relation == row.relation}
    pool = sorted({(r.subject_id, r.subject) for r in world.rows[row.lang] if r.subject_id not in golds})
    qid, text = rng.choice(pool)
    return set_option(row, wrong_place(row, rng), text, qid)


def negated(row: Row, n: int, rng: Random, world: World) -> Row | None:
    frames = NEGATED[row.lang]
    return replace(row, question=frames[n % len(frames)].format(s=row.subject))


def invented_number(row: Row, n: int, rng: Random, world: World) -> Row | None:
    number = str(rng.randrange(1100, 2020)) if n % 3 else str(rng.randrange(11, 99))
    native = get_language(row.lang).digits
    if native and n % 2:
        number = "".join(native[int(digit)] for digit in number)
    frames = ("{s} ({n})", "{n} {s}", "{s}, {n}")
    return replace(row, question=row.question.replace(row.subject, frames[n % 3].format(s=row.subject, n=number)))


def subject_never_named(row: Row, n: int, rng: Random, world: World) -> Row | None:
    if row.subject not in row.question:
        return None
    words: tuple[str, ...] = PRONOUNS[row.lang]
    if n % 4 == 3:  # another subject's name
        other = rng.choice([r.subject for r in world.rows[row.lang] if r.subject[:2] != row.subject[:2]])
        return replace(row, question=row.question.replace(row.subject, other))
    return replace(row, question=row.question.replace(row.subject, words[n % 4]))


def mixed_scripts(row: Row, n: int, rng: Random, world: World) -> Row | None:
    script = get_language(row.lang).scripts[-1]
    ends = OTHER_SCRIPT[script]
    end = ends[n % len(ends)]
    place = wrong_place(row, rng)
    text = row.options[place] if n % 2 else row.subject
    cut = max(1, len(text) * 2 // 3)
    if script == "Latn" and n % 3 == 0 and "a" in text:
        severed = text.replace("a", "а", 1)  # a Cyrillic letter that looks the same
        if severed[0] == "а" and len(text) > 1 and not text[1].isalpha():
            return None
    else:
        while cut > 1 and not text[cut - 1].isalpha():
            cut -= 1
        severed = text[:cut] + end
    return set_option(row, place, severed) if n % 2 else rename(row, severed)


def unattested(row: Row, n: int, rng: Random, world: World) -> Row | None:
    if n % 2:
        return replace(row, label_sources=(), n_verified=rng.randrange(12))
    sources = list(row.label_sources)
    sources[rng.randrange(len(sources))] = ("llm", "translated", "", "gemma-3-27b-it")[n % 4]
    return replace(row, label_sources=tuple(sources))


def garbage(row: Row, n: int, rng: Random, world: World) -> Row | None:
    text = GARBAGE[n % len(GARBAGE)]
    if n % 3 == 0:
        return rename(row, text)
    return set_option(row, wrong_place(row, rng), text)


def traditional(row: Row, n: int, rng: Random, world: World) -> Row | None:
    convert = converter(("s2t", "s2tw", "s2hk")[n % 3])
    if n % 2:
        place = rng.randrange(len(row.options))
        changed = set_option(row, place, convert(row.options[place]))
    else:
        changed = replace(row, question=convert(row.question))
    return changed if changed != row else None


def two_names(row: Row, n: int, rng: Random, world: World) -> Row | None:
    place = wrong_place(row, rng)
    text, qid = row.options[place], row.option_ids[place]
    if sum(qid in other.option_ids for other in world.rows[row.lang]) < 4:
        return None
    if n % 2:  # another option of the relation gives its name away
        others = [r for r in world.rows[row.lang] if r.relation == row.relation and r.object_id not in row.option_ids]
        return set_option(row, place, rng.choice(others).gold_text) if others else None
    variants = (text[:-1], text + text[-1], HEADS[row.lang][1].format(g=text), text.swapcase() + text[:1])
    return set_option(row, place, variants[n // 2 % 4])


def option_sets(row: Row, n: int, rng: Random, world: World) -> Row | None:
    place = wrong_place(row, rng)
    if n % 3 == 2:  # the same options, another one called right
        return replace(row, gold=place, answer_text=row.options[place])
    others = [r for r in world.rows[row.lang] if r.relation == row.relation and r.object_id not in row.option_ids]
    other = rng.choice(others) if others else None
    return set_option(row, place, other.gold_text, other.object_id) if other else None


def foreign_script(row: Row, n: int, rng: Random, world: World) -> Row | None:
    place = rng.randrange(len(row.options))
    latin = "Latn" in get_language(row.lang).scripts
    donors = ("ru", "ar", "bn", "ja", "zh") if latin else ("en", "fr", "de", "ru" if row.lang != "ru" else "bn")
    donor = world.by_id[donors[n % len(donors)]][row.item_id]
    text = donor.options[donor.option_ids.index(row.option_ids[place])]
    return set_option(row, place, "한국어" if n % 11 == 10 else text)


def other_language(row: Row, n: int, rng: Random, world: World) -> Row | None:
    english = world.by_id["en"][row.item_id]
    others = [lang for lang in world.rows if lang != row.lang]
    donor = english if n % 3 and row.lang != "en" else world.by_id[others[n % len(others)]][row.item_id]
    question = donor.question
    return replace(row, question=question.replace(donor.subject, row.subject) if n % 3 == 2 else question)


def designation(row: Row, n: int, rng: Random, world: World) -> Row | None:
    text = DESIGNATIONS[n % len(DESIGNATIONS)]
    native = get_language(row.lang).digits
    if native and n % 4 == 0:
        text = "".join(native[int(char)] if char.isdigit() else char for char in text)
    return rename(row, text) if n % 3 else set_option(row, wrong_place(row, rng), text)


def duplicate(row: Row, n: int, rng: Random, world: World) -> Row | None:
    other = rng.choice(world.donors[row.lang])
    if n % 4 == 3:  # a subject of another side
        other = rng.choice([r for r in world.donors[row.lang] if side_of(r.split) != side_of(row.split)])
        fact = f"{other.subject_id}|P9999|{row.object_id}"
        return replace(row, item_id=fact, subject_id=other.subject_id, relation="P9999")
    if n % 3 == 0:
        return replace(other, split=row.split, place=row.place)
    if n % 3 == 1:  # the same item under another id
        return replace(other, item_id=row.item_id, subject_id="Q1", object_id="Q2", place=row.place)
    other = rng.choice([r for r in world.donors[row.lang] if side_of(r.split) != side_of(row.split)])
    inverse = f"{other.object_id}|P9999|{other.subject_id}"
    return replace(row, item_id=inverse, subject_id=other.object_id, relation="P9999", object_id=other.subject_id)


def head_word(row: Row, n: int, rng: Random, world: World) -> Row | None:
    place = wrong_place(row, rng)
    base = row.gold_text if n % 2 else next(t for i, t in enumerate(row.options) if i not in (place, row.gold))
    return set_option(row, place, HEADS[row.lang][n % 3].format(g=base))


def equal_options(row: Row, n: int, rng: Random, world: World) -> Row | None:
    text = row.options[rng.choice([p for p in range(4)])]
    place = rng.choice([p for p in range(4) if row.options[p] != text])
    accented = unicodedata.normalize("NFD", text)
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" < c < "~" else c for c in text)
    return set_option(row, place, (text, text.upper(), f" {text} ", accented, wide, f"{text}.")[n % 6])


def out_of_range(row: Row, n: int, rng: Random, world: World) -> Row | None:
    return replace(row, gold=-1)  # what the reader makes of -1, 4, 99: tests/polyfact/lint/test_reader.py


def mismatch(row: Row, n: int, rng: Random, world: World) -> Row | None:
    place = wrong_place(row, rng)
    variants = (
        replace(row, gold=place),
        replace(row, answer_text=row.options[place]),
        replace(row, answer_text=row.gold_text + "x"),
        replace(row, object_id=row.option_ids[place]),
        replace(row, option_ids=tuple(reversed(row.option_ids))),
    )
    return variants[n % 5]


def empty_field(row: Row, n: int, rng: Random, world: World) -> Row | None:
    nothing = ("", " ", "\u200b", "\u00a0\u200f", "\t\n")[n % 5]
    if n % 3 == 0:
        return replace(row, question=nothing)
    return set_option(row, wrong_place(row, rng), nothing) if n % 3 == 1 else replace(row, subject=nothing)


def cut_off(row: Row, n: int, rng: Random, world: World) -> Row | None:
    text = row.question
    if n % 4 == 3:
        return replace(
            row, question=text.replace(row.subject, f"{'（' if row.lang in ('ja', 'zh') else '('}{row.subject}")
        )
    cut = text[: rng.randrange(len(text) // 2, len(text) - 1)].rstrip(" ?？؟:：.。–—")
    return replace(row, question=cut)


#: One function for each class; those that need whole languages, files or a source are planted in test_audit.py.
PLANTS: Mapping[int, Plant] = {
    1: gold_in_question, 2: distractor_in_question, 3: several_golds, 6: never_gold, 8: negated, 13: invented_number,
    14: subject_never_named, 15: mixed_scripts, 17: unattested, 18: garbage, 19: traditional, 20: two_names,
    21: option_sets, 22: foreign_script, 23: other_language, 24: designation, 25: duplicate, 30: head_word,
    31: equal_options, 32: out_of_range, 33: mismatch, 34: empty_field, 36: cut_off,
}  # fmt: skip
