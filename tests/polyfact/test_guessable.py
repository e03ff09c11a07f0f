"""The classifier of letter sequences against naive Bayes written out, and what it must and must not find."""

import math
import random
from collections import Counter
from zlib import crc32

import pytest

from xleval.polyfact.guessable import flag_guessable
from xleval.polyfact.name_classifier import FOLDS, RIGHT_IN, SMOOTHING, NamedItem, NameScore, name_ngram
from xleval.polyfact.records import Entity, Fact, Item, Name


def sequences(label: str) -> Counter[str]:
    text = f" {label.casefold()} "
    return Counter(text[start : start + n] for n in (2, 3, 4) for start in range(len(text) - n + 1))


def fold_of(item: NamedItem) -> int:
    return crc32(item.fact_id.split("|")[0].encode()) % FOLDS


def by_definition(items: list[NamedItem], lang: str) -> list[float]:
    """Return how right naive Bayes is on each item of one relation: Counters, logarithms, no hashing."""
    here = [item for item in items if lang in item.labels]
    answers = {qid for item in items for qid in item.option_qids}
    vocabulary = {found for item in here if item.split == "train" for found in sequences(item.labels[lang])}
    right = []
    for item in here:
        learnt = [
            other
            for other in here
            if other.split == "train" and (item.split != "train" or fold_of(other) != fold_of(item))
        ]
        scores = {}
        for option in item.option_qids:
            own = [other for other in learnt if other.gold_qid == option]
            counts = sum((sequences(other.labels[lang]) for other in own), Counter[str]())
            scores[option] = math.log((len(own) + 1) / (len(learnt) + len(answers)))
            for found, n in sequences(item.labels[lang]).items():
                total = counts.total() + SMOOTHING * max(len(vocabulary), 1)
                scores[option] += n * math.log((counts[found] + SMOOTHING) / total)
        best = [option for option, score in scores.items() if score > max(scores.values()) - 1e-9]
        right.append(1 / len(best) if item.gold_qid in best else 0.0)
    return right


ENDINGS = {"Q101": "ov", "Q102": "ini", "Q103": "sen", "Q104": "oglu", "Q105": "escu"}


def some_items(n: int, seed: int, langs: tuple[str, ...] = ("en", "de", "ru"), telling: bool = True) -> list[NamedItem]:
    """Return items whose subjects' names end as the answer says, or as chance says."""
    generator = random.Random(seed)
    items = []
    for index in range(n):
        gold = generator.choice(sorted(ENDINGS)) if index else "Q106"  # an answer that is gold once, outside train
        wrong = generator.sample(sorted(set(ENDINGS) - {gold}), 3)
        stem = "".join(generator.choice("bdgklmnprst") + generator.choice("aeiou") for _ in range(2))
        told = ENDINGS.get(gold if telling else generator.choice(sorted(ENDINGS)), "x")
        items.append(
            NamedItem(
                fact_id=f"Q{index}|P27|{gold}",
                relation_pid="P27",
                split="test" if index % 5 == 0 else "train",
                gold_qid=gold,
                option_qids=(*wrong[:2], gold, *wrong[2:]),
                labels={lang: f"{stem}{told}" for lang in langs if lang != "ru" or index % 3},
            )
        )
    return items


@pytest.mark.parametrize("seed", range(4))
def test_naive_bayes_as_written_out(seed: int) -> None:
    items = some_items(60, seed, telling=seed % 2 == 0)
    for score in name_ngram(items, ["en", "ru"], seed=seed).scores:
        right = by_definition(items, score.lang)
        trained = [item.split == "train" for item in items if score.lang in item.labels]
        tested = [value for value, train in zip(right, trained, strict=True) if not train]
        validated = [value for value, train in zip(right, trained, strict=True) if train]
        assert (score.n, score.n_train) == (len(tested), len(validated))
        assert score.accuracy == pytest.approx(sum(tested) / len(tested), abs=1e-12)
        assert score.accuracy_train == pytest.approx(sum(validated) / len(validated), abs=1e-12)


def test_endings_give_answers_away_and_the_control_is_at_chance() -> None:
    score = name_ngram(some_items(1500, 1), ["en"]).scores[0]
    assert score.accuracy is not None
    assert score.shuffled is not None
    assert score.accuracy_train is not None
    assert score.shuffled_train is not None
    assert min(score.accuracy, score.accuracy_train) > 0.95
    # Binomial with n = 300 and p = 0.25: sd 0.025; four of them.
    assert abs(score.shuffled - 0.25) < 0.1
    assert abs(score.shuffled_train - 0.25) < 0.1


def test_names_that_say_nothing() -> None:
    score = name_ngram(some_items(1500, 2, telling=False), ["en"]).scores[0]
    assert score.accuracy_train is not None
    assert abs(score.accuracy_train - 0.25) < 0.05  # n = 1200: sd 0.0125


def test_right_in_three_languages_is_guessable() -> None:
    items = some_items(400, 3, langs=("en", "de", "ru"))
    found = name_ngram(items, ["en", "de", "ru"])
    assert RIGHT_IN == 3
    assert found.guessable
    # Items 0, 3, 6 … have no Russian name: two languages at most.
    assert all(int(fact_id.split("|")[0][1:]) % 3 for fact_id in found.guessable)
    with_russian = [item.fact_id for item in items if "ru" in item.labels]
    assert len(found.guessable) > 0.9 * len(with_russian)
    assert found.guessable_shuffled < 0.4 * len(with_russian)
    assert name_ngram(items, ["en", "de"]).guessable == frozenset()


def test_the_same_every_time_and_in_any_order() -> None:
    items = some_items(200, 4)
    found = name_ngram(items, ["en", "ru"], seed=5)
    assert name_ngram(items, ["en", "ru"], seed=5) == found
    assert name_ngram(items[::-1], ["en", "ru"], seed=5) == found


def test_nothing_to_learn_from_is_a_tie() -> None:
    items = [item for item in some_items(50, 5) if item.split == "test"]
    (score,) = name_ngram(items, ["en"]).scores
    assert score == NameScore(
        relation_pid="P27",
        lang="en",
        n=10,
        accuracy=0.25,
        shuffled=0.25,
        n_train=0,
        accuracy_train=None,
        shuffled_train=None,
    )


def test_no_items_or_no_names() -> None:
    assert name_ngram([], ["en"]).scores == ()
    assert name_ngram(some_items(5, 0), ["ja"]).scores == ()


def test_items_are_flagged() -> None:
    named = some_items(300, 6)
    entities = {
        item.fact_id.split("|")[0]: Entity(
            qid=item.fact_id.split("|")[0],
            kind="person",
            labels={lang: Name(text=text, source="label", tier="B") for lang, text in item.labels.items()},
        )
        for item in named
    }
    items = [
        Item(
            fact=Fact(subject_qid=item.fact_id.split("|")[0], relation_pid="P27", object_qid=item.gold_qid),
            subject_kind="person",
            option_qids=item.option_qids,
            langs=tuple(item.labels),
            split=item.split,
        )
        for item in named
    ]
    flagged, baseline = flag_guessable(items, entities, ["en", "de", "ru"], seed=1)
    expected = name_ngram(named, ["en", "de", "ru"], seed=1)
    assert {item.fact.fact_id for item in flagged if item.guessable} == expected.guessable
    assert [item.fact for item in flagged] == [item.fact for item in items]
    assert baseline["guessable"] == len(expected.guessable)
    assert baseline["by_luck"] == expected.guessable_shuffled
    cell, score = baseline["scores"]["P27"]["en"], expected.scores[0]
    assert cell["n"] == score.n == 60
    assert cell["accuracy"] == pytest.approx(score.accuracy, abs=5e-5)
    assert sorted(cell) == ["accuracy", "accuracy_train", "n", "n_train", "shuffled", "shuffled_train"]
