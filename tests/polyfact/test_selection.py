from xleval.polyfact import selection
from xleval.polyfact.records import Fact


def fact(subject: str, value: str, pid: str = "P36") -> Fact:
    return Fact(subject_qid=subject, relation_pid=pid, object_qid=value)


def test_no_answer_is_gold_more_often_than_its_share() -> None:
    facts = [fact(f"Q{100 + i}", "Q1", "P30") for i in range(40)]
    facts += [fact(f"Q{200 + i}", f"Q{2 + i % 5}", "P30") for i in range(30)]
    kept, rejects = selection.cap_answers(facts, 0.25, seed=0)
    # 30 others, so at most 10 of Q1: 10 is 1/4 of 40 and 11 would be more than 1/4 of 41.
    assert sum(each.object_qid == "Q1" for each in kept) == 10
    assert len(kept) + len(rejects) == 70
    assert {reject.reason for reject in rejects} == {"answer_cap"}
    assert selection.cap_answers(list(reversed(facts)), 0.25, seed=0)[0] == kept  # the order of the source is nothing
    assert selection.cap_answers(facts, 0.25, seed=1)[0] != kept


def test_answers_that_are_gold_once_are_never_cut() -> None:
    facts = [fact(f"Q{i}", f"Q{100 + i}") for i in range(3)]
    assert selection.cap_answers(facts, 0.25, seed=0) == (facts, [])


def test_a_sample_is_spread_over_relations_and_popularity() -> None:
    facts = [fact(f"Q{i}", f"Q{1000 + i}", "P36") for i in range(10)]
    facts += [fact(f"Q{100 + i}", f"Q{2000 + i}", "P30") for i in range(90)]
    popularity = {f"Q{100 + i}": 1 if i < 60 else 40 for i in range(90)}
    kept, rejects = selection.sample(facts, 40, popularity, seed=0)
    # P36 has but 10, so 30 of P30; two thirds of its subjects are little known, and so are 20 of the 30.
    assert [sum(each.relation_pid == pid for each in kept) for pid in ("P36", "P30")] == [10, 30]
    assert sum(popularity.get(each.subject_qid) == 1 for each in kept) == 20
    assert len(rejects) == 60
    assert {reject.reason for reject in rejects} == {"size"}
    assert selection.sample(list(reversed(facts)), 40, popularity, seed=0)[0] == kept
    assert selection.sample(facts, 40, popularity, seed=1)[0] != kept
    assert selection.sample(facts, 100, popularity, seed=0) == (facts, [])
