"""What a guesser without a model scores: each shortcut must stay at chance (E13), or the build says so loudly."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
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

    def frequency(item: Shown, place: int) -> float:
        return counts[item.relation_pid, item.option_qids[place]]

    guessers: Mapping[str, Callable[[Shown, int], float]] = {
        "most_frequent": frequency,
        "least_frequent": lambda item, place: -frequency(item, place),
        "longest": lambda item, place: len(item.options[place]),
        "shortest": lambda item, place: -len(item.options[place]),
        "overlap": lambda item, place: _overlap(item.options[place], item.question),
    }
    scores = {name: sum(_expected(item, guess) for item in items) / len(items) for name, guess in guessers.items()}
    places = Counter(item.gold_index for item in items)
    scores["position"] = max(places.values()) / len(items)
    return scores


def _expected(item: Shown, guess: Callable[[Shown, int], float]) -> float:
    values = [guess(item, place) for place in range(len(item.options))]
    best = [place for place, value in enumerate(values) if value == max(values)]
    return 1 / len(best) if item.gold_index in best else 0.0


def _overlap(option: str, question: str) -> float:
    option, question = names.fold(option), names.fold(question)
    pairs = [option[start : start + 2] for start in range(len(option) - 1)] or [option]
    return sum(pair in question for pair in pairs) / len(pairs)


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
