"""Training items that test sets have: looked for before every training (D21).

An item is a test item where id or text are the same, or where the texts are near or say the same in two languages and the
answers agree. A near text with another answer is a renumbered problem: it is counted and trained on (SimpleRL-Zoo has such
problems for a tenth of MATH500, GSM8K's own train split for two of its test). Facts are told by their ids.
"""

import os
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from xleval.data.overlap import OverlapItem, SharedPair, find_overlap
from xleval.data.overlap_text import normalise
from xleval.data.plurals import counted
from xleval.data.storage import canonical_json
from xleval.errors import ConfigError
from xleval.training.config.schema import DataConfig
from xleval.training.sets.evaluation_sets import EvaluationSet, evaluation_sets
from xleval.training.sets.train_texts import train_texts

_EXAMPLES = 3
#: Comparisons of this process, by what decides them.
_COMPARED: dict[str, tuple[list["SetOverlap"], list[str], int]] = {}
_PREFIX = re.compile(r"^[a-z]{2}: ")


@dataclass(frozen=True, slots=True, kw_only=True)
class SetOverlap:
    """What a training shares with one test set.

    Attributes:
        name: of the test set.
        n_items: items of it, all languages of an item counted once.
        n_shared: test items that are trained on, or would be.
        n_renumbered: further ones that a training problem is like, with other numbers and another answer.
        train_ids: the training's items that are test items.
        examples: some of them, for people.
    """

    name: str
    n_items: int
    n_shared: int = 0
    n_renumbered: int = 0
    train_ids: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlapNote:
    """What was found before a training.

    Attributes:
        sentence: for people; empty where nothing is shared and all sets could be compared.
        n_train: items of the training that were compared.
        sets: one for each test set.
        dropped: training items that are left out.
        notes: sets that could not be compared, a sentence each.
    """

    sentence: str = ""
    n_train: int = 0
    sets: tuple[SetOverlap, ...] = ()
    dropped: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def check_overlap(data: DataConfig) -> OverlapNote:
    """Return what a training shares with test sets; the items are left out, or trained on, as `data.on_overlap` says.

    Raises:
        ConfigError: test items are among the training's and `data.on_overlap` is `refuse`; or a set that is named in
            `data.evaluation` does not exist.
        DataError: the data cannot be read.
    """
    found, notes, n_train = _compared(data)
    shared = sorted({item_id for each in found for item_id in each.train_ids})
    if shared and data.on_overlap == "refuse":
        raise ConfigError(_refusal(data, n_train, found, shared))
    sentence = " ".join([*(_said(each) for each in found if each.n_shared or each.n_renumbered), *notes])
    dropped = tuple(shared) if data.on_overlap == "drop" else ()
    if dropped:
        sentence += f" {counted(len(dropped), 'item is', 'items are')} left out (data.on_overlap: drop)."
    elif shared:
        sentence += (
            " They are trained on (data.on_overlap: allow): results on these sets are not those of unseen items."
        )
    return OverlapNote(sentence=sentence, n_train=n_train, sets=tuple(found), dropped=dropped, notes=tuple(notes))


def shared_ids(data: DataConfig) -> tuple[str, ...]:
    """Return the items of a training that test sets have.

    Raises:
        ConfigError, DataError: as `check_overlap`.
    """
    found, _, _ = _compared(data)
    return tuple(sorted({item_id for each in found for item_id in each.train_ids}))


def _compared(data: DataConfig) -> tuple[list[SetOverlap], list[str], int]:
    """Return what is shared, notes, and how many items were compared; a source is compared once in a process."""
    decides = asdict(replace(data, limit=None, order="as-is", regime="grow", on_overlap="refuse"))
    key = canonical_json([decides, os.environ.get("XLEVAL_DATA")])
    if key not in _COMPARED:
        _COMPARED[key] = _compare(data)
    return _COMPARED[key]


def _compare(data: DataConfig) -> tuple[list[SetOverlap], list[str], int]:
    texts = train_texts(data)
    sets, unread = evaluation_sets(data, texts.folder, data.langs, facts=texts.is_facts)
    notes = [*texts.notes, *unread]
    if texts.is_facts:
        return [_by_fact(each, texts.ids) for each in sets], notes, len(texts.ids)
    sets = [each for each in sets if each.texts]
    if texts.is_running:
        return [_by_copy(each, texts.texts) for each in sets], notes, len(texts.ids)
    # One search for all sets with a language of the training: most of the time goes into the training's own texts. What is
    # needed of a pair in two languages depends on the sets, so a set without a common language is searched on its own.
    near = [each for each in sets if {text.lang for text in each.texts} & set(data.langs)]
    found = {
        each.name: each
        for part in (near, *([each] for each in sets if each not in near))
        for each in _by_text(part, texts.texts)
    }
    return [found[each.name] for each in sets], notes, len(texts.ids)


def _by_fact(test: EvaluationSet, ids: Sequence[str]) -> SetOverlap:
    shared = tuple(item_id for item_id in ids if item_id in test.fact_ids)
    return SetOverlap(
        name=test.name, n_items=len(test.fact_ids), n_shared=len(shared), train_ids=shared, examples=shared[:_EXAMPLES]
    )


def _by_text(sets: Sequence[EvaluationSet], texts: Sequence[OverlapItem]) -> list[SetOverlap]:
    """Return what a training shares with each of some test sets, found in one search."""
    if not sets:
        return []
    pooled = [
        replace(text, item_id=f"{number}/{text.item_id}") for number, each in enumerate(sets) for text in each.texts
    ]
    pairs: list[list[SharedPair]] = [[] for _ in sets]
    for pair in find_overlap(texts, pooled).pairs:
        number, _, item_id = pair.evaluation_id.partition("/")
        pairs[int(number)].append(replace(pair, evaluation_id=item_id))
    return [_of_pairs(each, found) for each, found in zip(sets, pairs, strict=True)]


def _of_pairs(test: EvaluationSet, pairs: Sequence[SharedPair]) -> SetOverlap:
    same = [pair for pair in pairs if is_test_item(pair)]
    tested = {pair.evaluation_id for pair in same}
    return SetOverlap(
        name=test.name,
        n_items=len({text.item_id for text in test.texts}),
        n_shared=len(tested),
        n_renumbered=len({pair.evaluation_id for pair in pairs} - tested),
        train_ids=tuple(sorted({pair.train_id for pair in same})),
        examples=tuple(f"{pair.train_id} ({pair.rule}: {pair.evaluation_id})" for pair in same[:_EXAMPLES]),
    )


def _by_copy(test: EvaluationSet, texts: Sequence[OverlapItem]) -> SetOverlap:
    """Return the test items that a corpus holds word for word, in a line of their own."""
    rows: dict[str, list[str]] = {}
    for text in texts:
        # A line of several languages begins with its language: `de: ...`.
        rows.setdefault(normalise(_PREFIX.sub("", text.text)), []).append(text.item_id.rpartition("/")[0])
    found = {item.item_id: rows[key] for item in test.texts if (key := normalise(item.text)) in rows}
    return SetOverlap(
        name=test.name,
        n_items=len({item.item_id for item in test.texts}),
        n_shared=len(found),
        train_ids=tuple(sorted({train_id for several in found.values() for train_id in several})),
        examples=tuple(f"{several[0]} (exact: {test_id})" for test_id, several in found.items())[:_EXAMPLES],
    )


def is_test_item(pair: SharedPair) -> bool:
    """Return whether a pair is one item, not two problems that differ in their numbers."""
    return pair.rule in ("id", "exact") or pair.same_answer is not False


def _refusal(data: DataConfig, n_train: int, found: Sequence[SetOverlap], shared: Sequence[str]) -> str:
    sets = "; ".join(
        f"{each.n_shared} of {each.n_items} items of {each.name}, such as {', '.join(each.examples)}"
        for each in found
        if each.n_shared
    )
    return (
        f"data.source {data.source}: {len(shared)} of {n_train} training items are test items: {sets}. "
        "Leave them out with --set data.on_overlap=drop, train on them all the same with --allow-overlap, or give other data"
    )


def _said(each: SetOverlap) -> str:
    parts = []
    if each.n_shared:
        parts.append(f"{each.n_shared} of {each.n_items} items of {each.name} are among the training items")
    if each.n_renumbered:
        parts.append(
            f"{each.n_renumbered} of {each.n_items} items of {each.name} have a training problem like them, with other numbers"
        )
    return "; ".join(parts) + "."
