"""What a guesser without a model scores: each shortcut must stay at chance (E13), or the build says so loudly."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xleval.polyfact import names
from xleval.polyfact.distractors import N_OPTIONS

#: A baseline may be so far above chance, over all splits of at least 600 items (E13).
TOLERANCE = 0.05
CHANCE = 1 / N_OPTIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An item as a guesser sees it in one language.

    Attributes:
        relation_pid: property.
        question: text.
        options: four texts in the order shown.
        option_qids: their items.
        gold_index: place of the gold, 0 to 3.
    """

    relation_pid: str
    question: str
    options: tuple[str, ...]
    option_qids: tuple[str, ...]
    gold_index: int


def baselines(items: Sequence[Shown], counted: Sequence[Shown] | None = None) -> dict[str, float]:
    """Return the accuracy of each model-free guesser, in [0, 1]; ties count their expectation.

    `most_frequent` and `least_frequent` guess the option that is most (least) often gold in its relation, counted over
    `counted`; `longest` and `shortest` go by characters; `overlap` takes the option with the largest share of its
    letter pairs in the question; `position` always takes the place that is best over all items.

    Args:
        items: what is guessed.
        counted: where a guesser learnt which answers are frequent: the train split for the test split; default `items`.

    Raises:
        ValueError: no items.
    """
    if not items:
        raise ValueError("no items")
    counts = Counter(
        (item.relation_pid, item.option_qids[item.gold_index]) for item in (items if counted is None else counted)
    )
    pairs = _LetterPairs()
    right = dict.fromkeys(("most_frequent", "least_frequent", "longest", "shortest", "overlap"), 0.0)
    for item in items:
        gold, pid = item.gold_index, item.relation_pid
        frequencies: list[float] = [counts.get((pid, qid), 0) for qid in item.option_qids]
        lengths: list[float] = [len(option) for option in item.options]
        question = names.fold(item.question)
        overlaps = [pairs.share(option, question) for option in item.options]
        for guesser, values, best in (
            ("most_frequent", frequencies, max(frequencies)),
            ("least_frequent", frequencies, min(frequencies)),
            ("longest", lengths, max(lengths)),
            ("shortest", lengths, min(lengths)),
            ("overlap", overlaps, max(overlaps)),
        ):
            if values[gold] == best:
                right[guesser] += 1 / values.count(best)
    scores = {guesser: total / len(items) for guesser, total in right.items()}
    places = Counter(item.gold_index for item in items)
    scores["position"] = max(places.values()) / len(items)
    return scores


class _LetterPairs(dict[str, tuple[str, ...]]):
    """The pairs of letters of each option; options come up again and again."""

    def __missing__(self, option: str) -> tuple[str, ...]:
        folded = names.fold(option)
        self[option] = found = tuple(folded[start : start + 2] for start in range(len(folded) - 1)) or (folded,)
        return found

    def share(self, option: str, folded_question: str) -> float:
        """Return the share of an option's letter pairs that are in a question."""
        found = self[option]
        return sum([pair in folded_question for pair in found]) / len(found)


def above_tolerance(scores: Mapping[str, Mapping[str, float]]) -> list[str]:
    """Return `lang baseline value` for each baseline more than `TOLERANCE` above chance; one-sided.

    Args:
        scores: language to baseline to accuracy.
    """
    return [
        f"{lang} {name} {value:.3f}"
        for lang, row in scores.items()
        for name, value in row.items()
        if value > CHANCE + TOLERANCE
    ]
