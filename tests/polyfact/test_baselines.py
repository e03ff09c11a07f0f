from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xleval.polyfact import names
from xleval.polyfact.baselines import Shown, above_tolerance, baselines


def shown(options: str, gold: int, question: str = "Where?") -> Shown:
    texts = tuple(options.split())
    return Shown(relation_pid="P1", question=question, options=texts, option_qids=texts, gold_index=gold)


def test_each_guesser_by_hand() -> None:
    items = [
        shown("Rome Oslo Paris Lima", 2),  # golds: Paris twice, Lima once, Rome once
        shown("Paris Oslo Rome Lima", 0),
        shown("Oslo Lima Paris Rome", 1),
        shown("Oslo Rome Cairo Lima", 1),
    ]
    scores = baselines(items)
    # counts Paris 2, Lima 1, Rome 1, Oslo 0, Cairo 0. Item 1 and 2: Paris is most frequent and gold: 1. Item 3: Paris is
    # most frequent, gold is Lima: 0. Item 4: Rome and Lima tie, gold is Rome: 1/2. (1 + 1 + 0 + 1/2) / 4
    assert scores["most_frequent"] == pytest.approx(2.5 / 4)
    assert scores["least_frequent"] == 0.0  # Oslo or Cairo, never gold
    # Longest: Paris in 1, 2 (right), 3 (wrong), Cairo in 4 (wrong)
    assert scores["longest"] == pytest.approx(2 / 4)
    # Shortest: four letters, Rome Oslo Lima tie in 1 and 2 (wrong), 3 (1/3 right), 4 (1/3 right)
    assert scores["shortest"] == pytest.approx((1 / 3 + 1 / 3) / 4)
    assert scores["position"] == pytest.approx(2 / 4)  # place 1 twice


def test_overlap_sees_letters_of_the_question() -> None:
    assert baselines([shown("Parisian Oslo Rome Lima", 0, "Where is Paris?")])["overlap"] == 1.0
    assert baselines([shown("Oslo Rome Lima Bonn", 0, "12?")])["overlap"] == 0.25  # all tie at nothing


def test_no_items() -> None:
    with pytest.raises(ValueError, match="no items"):
        baselines([])


def test_only_what_is_above_chance_is_named() -> None:
    assert above_tolerance({"en": {"longest": 0.31, "shortest": 0.1, "overlap": 0.30}}) == ["en longest 0.310"]


def test_frequencies_can_be_learnt_elsewhere() -> None:
    train = [shown("Rome Oslo Paris Lima", 0)] * 3
    test = [shown("Oslo Lima Paris Rome", 0)]
    assert baselines(test, counted=train)["most_frequent"] == 0.0  # Rome was gold in train
    assert baselines(test, counted=train)["least_frequent"] == pytest.approx(1 / 3)  # three were never


_TEXTS = st.sampled_from(["Rome", "Roma", "Oslo", "Paris", "Lima", "Å", "日本", "東京", "a", "Peru’s"])
_ITEMS = st.builds(
    lambda pid, question, options, gold: Shown(
        relation_pid=pid, question=question, options=tuple(options), option_qids=tuple(options), gold_index=gold
    ),
    st.sampled_from(["P1", "P2"]),
    st.lists(_TEXTS, max_size=4).map(" ".join),
    st.lists(_TEXTS, min_size=4, max_size=4, unique=True),
    st.integers(0, 3),
)


@given(st.lists(_ITEMS, min_size=1, max_size=30), st.lists(_ITEMS, max_size=10) | st.none())
def test_guessers_agree_with_their_definitions(items: list[Shown], counted: list[Shown] | None) -> None:
    """Each guesser as the docstring defines it, option by option: the form of the first release."""
    learnt = Counter(
        (item.relation_pid, item.option_qids[item.gold_index]) for item in (items if counted is None else counted)
    )

    def overlap(item: Shown, place: int) -> float:
        option, question = names.fold(item.options[place]), names.fold(item.question)
        pairs = [option[start : start + 2] for start in range(len(option) - 1)] or [option]
        return sum(pair in question for pair in pairs) / len(pairs)

    guessers: dict[str, Callable[[Shown, int], float]] = {
        "most_frequent": lambda item, place: learnt[item.relation_pid, item.option_qids[place]],
        "least_frequent": lambda item, place: -learnt[item.relation_pid, item.option_qids[place]],
        "longest": lambda item, place: len(item.options[place]),
        "shortest": lambda item, place: -len(item.options[place]),
        "overlap": overlap,
    }
    scores = baselines(items, counted)
    for name, guess in guessers.items():
        expected = 0.0
        for item in items:
            values = [guess(item, place) for place in range(4)]
            best = [place for place, value in enumerate(values) if value == max(values)]
            expected += 1 / len(best) if item.gold_index in best else 0.0
        assert scores[name] == expected / len(items)
