"""How often the subject's name gives the answer away: a classifier of letter sequences, without any model (D3).

Multinomial naive Bayes over the runs of 2 to 4 characters of a name, per relation and language, learnt from the subjects
of the train split and their answers, and asked for the best of an item's four options. It cannot be at chance: names
carry the language they are from. What it gets right in several languages can be answered without knowing the fact.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zlib import crc32

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Lengths of the letter sequences (D3).
LENGTHS = (2, 3, 4)
#: An item is guessable when the classifier is right in so many languages (D3).
RIGHT_IN = 3
#: Items of the train split are judged by a classifier that has not seen their part of the subjects.
FOLDS = 5
#: Added to each count.
SMOOTHING = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedItem:
    """An item as the classifier sees it.

    Attributes:
        fact_id: `S|P|O`; the subject decides the fold.
        relation_pid: property.
        split: `train` is learnt from, whatever else there is.
        gold_qid: the answer.
        option_qids: the options, the gold one among them, in any order.
        labels: language code to the subject's name; a language that the item does not have is absent.
    """

    fact_id: str
    relation_pid: str
    split: str
    gold_qid: str
    option_qids: tuple[str, ...]
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class NameScore:
    """How often the classifier is right in one relation and language, in [0, 1]; None where there is no item.

    Ties count their expectation. `shuffled` is the same with the answers of the train items dealt out anew among them.

    Attributes:
        n: items of the other splits.
        accuracy: of these, learnt from the train split.
        shuffled: of these.
        n_train: items of the train split.
        accuracy_train: of these, by cross-validation.
        shuffled_train: of these.
    """

    relation_pid: str
    lang: str
    n: int
    accuracy: float | None
    shuffled: float | None
    n_train: int
    accuracy_train: float | None
    shuffled_train: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NameNgrams:
    """What the classifier did.

    Attributes:
        scores: by relation and language.
        guessable: `fact_id` of what it gets right in `RIGHT_IN` languages or more.
        guessable_shuffled: how many facts the control gets right in as many: what luck alone flags. With four options
            and twelve languages that is a lot, and only the difference is due to names.
    """

    scores: tuple[NameScore, ...]
    guessable: frozenset[str]
    guessable_shuffled: int


def name_ngram(items: Sequence[NamedItem], languages: Sequence[str], *, seed: int = 0) -> NameNgrams:
    """Return what can be told from the letters of the subjects' names.

    Every item gets a verdict: of the train split by cross-validation over subjects, of the others from the whole train
    split. Right means that the gold option is likelier than each other one. An answer that is gold in no train item
    has its smoothed prior only, and letters that are as likely as any.

    Args:
        items: of all relations and splits.
        languages: codes, in the order of the scores.
        seed: deals out the answers of the control.
    """
    import numpy as np

    groups: dict[str, list[NamedItem]] = defaultdict(list)
    for item in sorted(items, key=lambda item: item.fact_id):  # the control must not depend on the order
        groups[item.relation_pid].append(item)
    scores: list[NameScore] = []
    right, right_shuffled = Counter[str](), Counter[str]()
    for pid, group in sorted(groups.items()):
        answers = _Answers(group, np.random.default_rng([seed, crc32(pid.encode())]))
        for lang in languages:
            here = np.array([index for index, item in enumerate(group) if item.labels.get(lang)], dtype=np.int64)
            if not len(here):
                continue
            letters = _letters([group[index].labels[lang] for index in here])
            found = _expected(_score(letters, answers, answers.gold, here), answers.place[here])
            control = _expected(_score(letters, answers, answers.dealt, here), answers.place[here])
            scores.append(_summary(pid, lang, answers.train[here], found, control))
            right.update(group[index].fact_id for index in here[found == 1.0].tolist())
            right_shuffled.update(group[index].fact_id for index in here[control == 1.0].tolist())
    return NameNgrams(
        scores=tuple(scores),
        guessable=frozenset(fact_id for fact_id, n in right.items() if n >= RIGHT_IN),
        guessable_shuffled=sum(n >= RIGHT_IN for n in right_shuffled.values()),
    )


class _Answers:
    """The options of one relation's items as numbers, one row an item."""

    def __init__(self, group: Sequence[NamedItem], generator: "np.random.Generator") -> None:
        import numpy as np

        number: dict[str, int] = {}
        for item in group:
            for qid in item.option_qids:
                number.setdefault(qid, len(number))
        self.n = len(number)
        self.options = np.array([[number[qid] for qid in item.option_qids] for item in group], dtype=np.int64)
        self.gold = np.array([number[item.gold_qid] for item in group], dtype=np.int64)
        self.place = np.argmax(self.options == self.gold[:, None], axis=1)
        self.train = np.array([item.split == "train" for item in group])
        folds = [crc32(item.fact_id.partition("|")[0].encode()) % FOLDS for item in group]
        # Other splits are a part that is learnt from never.
        self.fold = np.where(self.train, folds, FOLDS)
        self.dealt = self.gold.copy()
        self.dealt[self.train] = generator.permutation(self.gold[self.train])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Letters:
    """The letter sequences of a list of names: `row` is the name's place, `key` a hash of the sequence."""

    row: "NDArray[np.int64]"
    key: "NDArray[np.uint64]"
    n: "NDArray[np.int64]"  # sequences by name


def _letters(labels: Sequence[str]) -> _Letters:
    import numpy as np

    text = "\n".join(f" {label.casefold()} " for label in labels)
    points = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    ends = points == ord("\n")
    row = np.cumsum(ends)
    rows, keys = [], []
    for length in LENGTHS:
        key = np.full(max(len(points) - length + 1, 0), length, dtype=np.uint64)
        inside = np.ones(len(key), dtype=bool)
        for place in range(length):
            part = slice(place, place + len(key))
            key = _mixed(key ^ points[part])
            inside &= ~ends[part]
        rows.append(row[: len(key)][inside])
        keys.append(key[inside])
    found = np.concatenate(rows)
    return _Letters(row=found, key=np.concatenate(keys), n=np.bincount(found, minlength=len(labels)))


def _mixed(values: "NDArray[np.uint64]") -> "NDArray[np.uint64]":
    """Return 64-bit hashes: the finaliser of SplitMix64."""
    import numpy as np

    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _score(
    letters: _Letters, answers: _Answers, gold: "NDArray[np.int64]", here: "NDArray[np.int64]"
) -> "NDArray[np.float64]":
    """Return the log-probability of each item's options, up to a constant of the item: (items, options).

    Log p(option) + sum of log (count + s) / (total + s V), with the counts of the item's own fold taken out; V is the
    number of different sequences in the train split.
    """
    import numpy as np

    options, gold, fold, train = answers.options[here], gold[here], answers.fold[here], answers.train[here]
    cell = fold * answers.n  # an item's row in tables by fold and answer
    n_cells = (FOLDS + 1) * answers.n
    items = np.bincount((cell + gold)[train], minlength=n_cells).reshape(-1, answers.n)
    totals = np.bincount((cell + gold)[train], weights=letters.n[train], minlength=n_cells).reshape(-1, answers.n)
    learnt = train[letters.row]
    vocabulary = max(len(np.unique(letters.key[learnt])), 1)
    seen_items, seen = items.sum(axis=0) - items, totals.sum(axis=0) - totals  # by fold, without it
    prior = np.log((seen_items + 1) / (seen_items.sum(axis=1, keepdims=True) + answers.n))
    unseen = np.log(SMOOTHING / (seen + SMOOTHING * vocabulary))
    rows = fold[:, None]
    scores: NDArray[np.float64] = prior[rows, options] + letters.n[:, None] * unseen[rows, options]

    row, key = letters.row[learnt], letters.key[learnt]
    whole = _Counts(_mixed(key + gold[row].astype(np.uint64)))
    parts = _Counts(_mixed(key + (cell + gold + answers.n)[row].astype(np.uint64)))
    for place in range(options.shape[1]):
        option = options[letters.row, place].astype(np.uint64)
        at, count = whole.find(_mixed(letters.key + option))
        own = np.flatnonzero(train[letters.row[at]])
        cells = (cell[letters.row[at[own]]] + answers.n).astype(np.uint64)
        inside, taken = parts.find(_mixed(letters.key[at[own]] + option[at[own]] + cells))
        count[own[inside]] -= taken
        scores[:, place] += np.bincount(letters.row[at], weights=np.log1p(count / SMOOTHING), minlength=len(here))
    return scores


class _Counts:
    """How often each key occurs: a hash table with the key's place in its slot, or -1 for none, -2 for several."""

    def __init__(self, keys: "NDArray[np.uint64]") -> None:
        import numpy as np

        self._keys, self._counts = np.unique(keys, return_counts=True)
        places = np.arange(len(self._keys), dtype=np.int32)
        self._mask = np.uint64((1 << (4 + len(places).bit_length())) - 1)
        slots = self._keys & self._mask
        self._place = np.full(int(self._mask) + 1, -1, dtype=np.int32)
        self._place[slots] = places
        self._place[slots[self._place[slots] != places]] = -2

    def find(self, keys: "NDArray[np.uint64]") -> "tuple[NDArray[np.int64], NDArray[np.int64]]":
        """Return the places of the keys that occur, and how often each does."""
        import numpy as np

        place = self._place[keys & self._mask]
        wanted = np.flatnonzero(place != -1)
        place, keys = place[wanted], keys[wanted]
        shared = np.flatnonzero(place == -2)
        place[shared] = np.minimum(np.searchsorted(self._keys, keys[shared]), len(self._keys) - 1)
        true = self._keys[place] == keys
        return wanted[true], self._counts[place[true]]


def _expected(scores: "NDArray[np.float64]", place: "NDArray[np.int64]") -> "NDArray[np.float64]":
    """Return how right each item is: 1, or its share of a tie, or 0."""
    import numpy as np

    best = scores >= scores.max(axis=1, keepdims=True) - 1e-9
    return np.where(best[np.arange(len(place)), place], 1 / best.sum(axis=1), 0.0)


def _summary(
    pid: str, lang: str, train: "NDArray[np.bool_]", found: "NDArray[np.float64]", control: "NDArray[np.float64]"
) -> NameScore:
    def mean(values: "NDArray[np.float64]") -> float | None:
        return float(values.mean()) if len(values) else None

    return NameScore(
        relation_pid=pid,
        lang=lang,
        n=int((~train).sum()),
        accuracy=mean(found[~train]),
        shuffled=mean(control[~train]),
        n_train=int(train.sum()),
        accuracy_train=mean(found[train]),
        shuffled_train=mean(control[train]),
    )
