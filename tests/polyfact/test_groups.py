from collections import Counter

from xleval.polyfact.baselines import Shown, baselines
from xleval.polyfact.distractors import OptionPool
from xleval.polyfact.groups import MIN_FACTS, assign_languages, choose_language_sets
from xleval.polyfact.records import Fact

ALL = ("en", "de", "sw", "bn")


def test_one_group_where_every_fact_is_asked_everywhere() -> None:
    assert choose_language_sets({ALL: 100}, 4) == [ALL]
    assert choose_language_sets({ALL: 3}, 4) == [ALL]  # a small set is a set


def test_a_set_is_worth_a_group_when_it_gains_languages_for_enough_facts() -> None:
    counts = {ALL: 100, ("en", "de", "sw"): 50, ("en", "de", "bn"): MIN_FACTS - 1, ("en", "de"): 2}
    # The few without Swahili gain Bengali only, and are asked in what they share with others or in nothing.
    assert choose_language_sets(counts, 3) == [ALL, ("en", "de", "sw")]
    assert choose_language_sets(counts, 2) == [ALL, ("en", "de", "sw"), ("en", "de")]


def test_sets_below_the_minimum_are_no_groups() -> None:
    assert choose_language_sets({("en",): 500}, 2) == []


def test_what_the_cap_leaves_out_is_offered_to_a_smaller_group() -> None:
    facts = [Fact(subject_qid=f"Q{i}", relation_pid="P27", object_qid="Q30") for i in range(40)]
    facts += [Fact(subject_qid=f"Q{100 + i}", relation_pid="P27", object_qid=f"Q{i % 5}") for i in range(30)]
    facts += [Fact(subject_qid=f"Q{200 + i}", relation_pid="P27", object_qid=f"Q{i % 5}") for i in range(60)]
    langs = {fact.fact_id: ALL for fact in facts[:70]} | {fact.fact_id: ("en", "de", "sw") for fact in facts[70:]}
    asked, rejects = assign_languages(facts, langs, 3, 0.25, seed=0)
    groups = Counter((asked[fact.fact_id], fact.object_qid == "Q30") for fact in facts if fact.fact_id in asked)
    # 30 others allow 10 of Q30 in the first group, and 60 allow 20 of the 30 that are left in the second.
    assert groups == {
        (ALL, True): 10, (ALL, False): 30, (("en", "de", "sw"), True): 20, (("en", "de", "sw"), False): 60,
    }  # fmt: skip
    assert Counter(reject.reason for reject in rejects) == {"answer_cap": 10}
    assert len(asked) + len(rejects) == len(facts)


def test_groups_keep_the_frequency_guesser_at_chance_where_one_pool_does_not() -> None:
    # People of Q1 are known in Swahili twice as often as others; Q1 is a tenth of the golds.
    golds = ["Q1"] * 200 + [f"Q{2 + i % 15}" for i in range(1800)]
    in_swahili = [i % 2 == 0 if gold == "Q1" else i % 4 == 0 for i, gold in enumerate(golds)]

    def guess(pool_of: dict[bool, OptionPool]) -> float:
        shown = []
        for number, (gold, swahili) in enumerate(zip(golds, in_swahili, strict=True)):
            drawn = pool_of[swahili].draw(gold, f"seed {number}")
            if swahili and drawn:
                options = (gold, *drawn)
                shown.append(
                    Shown(relation_pid="P27", question="?", options=options, option_qids=options, gold_index=0)
                )
        return baselines(shown)["most_frequent"]

    everything = OptionPool(Counter(golds))
    swahili = Counter(gold for gold, known in zip(golds, in_swahili, strict=True) if known)
    assert guess({True: everything, False: everything}) > 0.30
    # Within the group every option is as likely as the others: chance, and two standard errors of 550 guesses.
    assert abs(guess({True: OptionPool(swahili), False: everything}) - 0.25) < 2 * (0.25 * 0.75 / 550) ** 0.5
