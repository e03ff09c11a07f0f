from xleval.polyfact import filters
from xleval.polyfact.records import Entity, Fact, Name, Statement
from xleval.polyfact.relations import get_relation


def statement(subject: str, value: str, **more: object) -> Statement:
    return Statement(subject_qid=subject, relation_pid="P36", object_qid=value, **more)  # type: ignore[arg-type]


def entity(qid: str, kind: str = "city", aliases: dict[str, tuple[str, ...]] | None = None, **labels: str) -> Entity:
    names = {lang: Name(text=text, source="cldr", tier="B") for lang, text in labels.items()}
    return Entity(qid=qid, kind=kind, labels=names, aliases=aliases or {})


def fact(subject: str, value: str, pid: str = "P36") -> Fact:
    return Fact(subject_qid=subject, relation_pid=pid, object_qid=value)


def test_a_preferred_value_does_not_hide_a_normal_one() -> None:
    facts, rejects = filters.single_valued([statement("Q1", "Q10", rank="preferred"), statement("Q1", "Q11")])
    assert facts == []
    assert [(reject.fact_id, reject.reason) for reject in rejects] == [
        ("Q1|P36|Q10", "multi_valued"),
        ("Q1|P36|Q11", "multi_valued"),
    ]


def test_an_ended_value_is_no_second_value_and_no_distractor() -> None:
    statements = [statement("Q1", "Q10"), statement("Q1", "Q11", ended=True, left_out="former: until 1991")]
    facts, rejects = filters.single_valued(statements)
    assert facts == [fact("Q1", "Q10")]
    assert [reject.reason for reject in rejects] == ["ended"]
    assert filters.true_values(statements)["Q1", "P36"] == {"Q10", "Q11"}


def test_one_doubtful_value_takes_the_whole_subject() -> None:
    facts, rejects = filters.single_valued([statement("Q1", "Q10"), statement("Q1", "Q11", left_out="disputed")])
    assert facts == []
    assert {(reject.reason, reject.detail) for reject in rejects} == {("left_out", "disputed")}


def test_duplicate_statements_are_one_fact() -> None:
    facts, rejects = filters.single_valued([statement("Q1", "Q10"), statement("Q1", "Q10", rank="preferred")])
    assert facts == [fact("Q1", "Q10")]
    assert rejects == []


def test_a_thing_is_not_its_own_answer() -> None:
    _, rejects = filters.single_valued([statement("Q1", "Q1")])
    assert [reject.reason for reject in rejects] == ["reflexive"]


def test_entities_are_checked_in_the_order_of_what_is_wrong() -> None:
    relation = get_relation("P36")
    country = entity("Q1", "country", en="Kenya", ru="Кения")
    known = {"Q1": country, "Q10": entity("Q10", en="Nairobi", ru="Найроби")}

    def check(**changed: Entity) -> tuple[str, str] | None:
        reject = filters.check_entities(fact("Q1", "Q10"), relation, {**known, **changed}, ("en", "ru"))
        return (reject.reason, reject.detail) if reject else None

    assert check() is None
    assert check(Q1=entity("Q1", "city", en="Kenya", ru="Кения")) == ("subject_type", "city")
    assert check(Q10=entity("Q10", "country", en="Nairobi", ru="Найроби")) == ("object_type", "country")
    assert check(Q10=entity("Q10", en="Nairobi")) == ("no_label", "ru answer Q10")
    reason, detail = check(Q10=entity("Q10", en="Nairobi", ru="Nairobi")) or ("", "")
    assert reason == "script"
    assert "ru answer" in detail
    missing = filters.check_entities(fact("Q1", "Q10"), relation, {"Q1": country}, ("en",))
    assert missing is not None
    assert missing.reason == "no_type"


def test_a_name_shared_by_two_of_a_kind_is_ambiguous_in_either_place() -> None:
    entities = {
        "Q1": entity("Q1", "country", zh="刚果", en="Congo - Brazzaville"),
        "Q2": entity("Q2", "country", zh="刚果", en="Congo - Kinshasa"),
        "Q3": entity("Q3", "city", zh="刚果", en="Congo"),  # another kind: the question says which
        "Q4": entity("Q4", "city", zh="卢本巴希", en="Lubumbashi"),
    }
    shared = filters.shared_names(entities, ("en", "zh"))
    assert shared == {"Q1": "zh '刚果'", "Q2": "zh '刚果'"}
    as_subject = filters.check_ambiguity(fact("Q1", "Q3"), shared)
    as_answer = filters.check_ambiguity(fact("Q4", "Q2", "P17"), shared)
    assert as_subject is not None
    assert as_answer is not None
    assert (as_subject.reason, as_answer.reason) == ("ambiguous_subject", "ambiguous_answer")
    assert filters.check_ambiguity(fact("Q4", "Q9"), shared) is None


def test_no_answer_is_gold_more_often_than_its_share() -> None:
    facts = [fact(f"Q{100 + i}", "Q1", "P30") for i in range(40)]
    facts += [fact(f"Q{200 + i}", f"Q{2 + i % 5}", "P30") for i in range(30)]
    kept, rejects = filters.cap_answers(facts, 0.25, seed=0)
    # 30 others, so at most 10 of Q1: 10 is 1/4 of 40 and 11 would be more than 1/4 of 41.
    assert sum(each.object_qid == "Q1" for each in kept) == 10
    assert len(kept) + len(rejects) == 70
    assert {reject.reason for reject in rejects} == {"answer_cap"}
    assert filters.cap_answers(list(reversed(facts)), 0.25, seed=0)[0] == kept  # the order of the source is nothing
    assert filters.cap_answers(facts, 0.25, seed=1)[0] != kept


def test_answers_that_are_gold_once_are_never_cut() -> None:
    facts = [fact(f"Q{i}", f"Q{100 + i}") for i in range(3)]
    assert filters.cap_answers(facts, 0.25, seed=0) == (facts, [])
