from xleval.polyfact import filters
from xleval.polyfact.records import UNKNOWN_YEAR, Entity, Fact, Name, Statement
from xleval.polyfact.relations import get_relation


def statement(subject: str, value: str, **more: object) -> Statement:
    return Statement(subject_qid=subject, relation_pid="P36", object_qid=value, **more)  # type: ignore[arg-type]


def entity(qid: str, kind: str = "city", aliases: dict[str, tuple[str, ...]] | None = None, **labels: str) -> Entity:
    names = {lang: Name(text=text, source="cldr", tier="B") for lang, text in labels.items()}
    return Entity(qid=qid, kind=kind, labels=names, aliases=aliases or {})


def fact(subject: str, value: str, pid: str = "P36") -> Fact:
    return Fact(subject_qid=subject, relation_pid=pid, object_qid=value)


def test_a_preferred_value_does_not_hide_a_normal_one() -> None:
    facts, rejects = filters.single_valued([statement("Q1", "Q10", rank="preferred"), statement("Q1", "Q11")], 2026)
    assert facts == []
    assert [(reject.fact_id, reject.reason) for reject in rejects] == [
        ("Q1|P36|Q10", "multi_valued"),
        ("Q1|P36|Q11", "multi_valued"),
    ]


def test_an_ended_value_is_no_second_value_and_no_distractor() -> None:
    statements = [statement("Q1", "Q10", start=1991), statement("Q1", "Q11", end=1991)]
    facts, rejects = filters.single_valued(statements, 2026)
    assert facts == [fact("Q1", "Q10")]
    assert [(reject.fact_id, reject.reason, reject.detail) for reject in rejects] == [
        ("Q1|P36|Q11", "ended", "until 1991")
    ]
    assert filters.true_values(statements)["Q1", "P36"] == {"Q10", "Q11"}


def test_an_end_that_is_to_come_or_without_a_date() -> None:
    facts, _ = filters.single_valued([statement("Q1", "Q10", end=2030)], 2026)
    assert facts == [fact("Q1", "Q10")]
    facts, rejects = filters.single_valued([statement("Q1", "Q10", end=UNKNOWN_YEAR)], 2026)
    assert facts == []
    assert [(reject.reason, reject.detail) for reject in rejects] == [("ended", "until an unknown year")]


def test_a_value_that_ended_and_came_back_is_true_now() -> None:
    facts, rejects = filters.single_valued([statement("Q1", "Q10", end=1940), statement("Q1", "Q10", start=1991)], 2026)
    assert facts == [fact("Q1", "Q10")]
    assert rejects == []


def test_one_doubtful_value_takes_the_whole_subject() -> None:
    facts, rejects = filters.single_valued([statement("Q1", "Q10"), statement("Q1", "Q11", left_out="disputed")], 2026)
    assert facts == []
    assert {(reject.reason, reject.detail) for reject in rejects} == {("left_out", "disputed")}


def test_a_value_nobody_knows_and_one_of_a_day_take_the_subject_too() -> None:
    _, rejects = filters.single_valued([statement("Q1", "Q10"), statement("Q1", "")], 2026)
    assert {(reject.fact_id, reject.reason) for reject in rejects} == {
        ("Q1|P36|", "unknown_value"),
        ("Q1|P36|Q10", "unknown_value"),
    }
    _, rejects = filters.single_valued([statement("Q1", "Q10", point=1900)], 2026)
    assert [(reject.reason, reject.detail) for reject in rejects] == [("temporal", "in 1900")]


def test_what_changed_since_2018_is_known_from_either_end() -> None:
    statements = [
        statement("Q1", "Q10", start=2019),
        statement("Q2", "Q10", start=2017),
        statement("Q3", "Q10", end=2018),
        statement("Q4", "Q10", end=UNKNOWN_YEAR),
    ]
    assert filters.changed_recently(statements) == {("Q1", "P36"), ("Q3", "P36")}


def test_single_value_share_looks_at_the_values_of_now() -> None:
    statements = [
        statement("Q1", "Q10"), statement("Q1", "Q11", end=1900),  # one value now
        statement("Q2", "Q10"), statement("Q2", "Q11"),  # two
        statement("Q3", "Q10", end=1900),  # none
    ]  # fmt: skip
    assert filters.single_value_share(statements, 2026) == 0.5
    assert filters.single_value_share([], 2026) is None


def test_duplicate_statements_are_one_fact() -> None:
    facts, rejects = filters.single_valued([statement("Q1", "Q10"), statement("Q1", "Q10", rank="preferred")], 2026)
    assert facts == [fact("Q1", "Q10")]
    assert rejects == []


def test_a_thing_is_not_its_own_answer() -> None:
    _, rejects = filters.single_valued([statement("Q1", "Q1")], 2026)
    assert [reject.reason for reject in rejects] == ["reflexive"]


def check(min_langs: int = 2, shared: dict[str, frozenset[str]] | None = None, **changed: Entity) -> object:
    country = entity("Q1", "country", en="Kenya", ru="Кения")
    known = {"Q1": country, "Q10": entity("Q10", en="Nairobi", ru="Найроби"), **changed}
    languages = ("en", "ru")
    found = filters.check_entities(fact("Q1", "Q10"), get_relation("P36"), known, shared or {}, languages, min_langs)
    return found if isinstance(found, tuple) else (found.reason, found.detail)


def test_entities_are_checked_in_the_order_of_what_is_wrong() -> None:
    assert check() == ("en", "ru")
    assert check(Q1=entity("Q1", "city", en="Kenya", ru="Кения")) == ("subject_type", "city")
    assert check(Q1=entity("Q1", "", en="Kenya", ru="Кения")) == ("no_type", "subject Q1")
    assert check(Q10=entity("Q10", "country", en="Nairobi", ru="Найроби")) == ("object_type", "country")
    assert check(Q10=entity("Q10", en="Nairobi")) == ("no_label", "ru answer Q10; usable in 1")
    assert check(Q10=entity("Q10", en="Nairobi", ru="Nairobi")) == ("script", "ru answer Q10 'Nairobi'; usable in 1")
    shared = {"Q1": frozenset({"en"})}
    assert check(shared=shared) == ("ambiguous_subject", "en subject Q1 'Kenya'; usable in 1")
    shared = {"Q10": frozenset({"ru"})}
    assert check(shared=shared) == ("ambiguous_answer", "ru answer Q10 'Найроби'; usable in 1")


def test_a_language_may_be_missing_where_fewer_are_asked_for() -> None:
    assert check(1, Q10=entity("Q10", en="Nairobi")) == ("en",)
    assert check(1, shared={"Q1": frozenset({"en"})}) == ("ru",)
    assert check(1, shared={"Q1": frozenset({"en"}), "Q10": frozenset({"ru"})})[0] == "ambiguous_subject"  # type: ignore[index]


def test_an_item_that_the_source_lacks() -> None:
    found = filters.check_entities(fact("Q1", "Q10"), get_relation("P36"), {}, {}, ("en",), 1)
    assert not isinstance(found, tuple)
    assert (found.reason, found.detail) == ("no_entity", "subject Q1")


def test_a_name_shared_by_two_of_a_kind_is_ambiguous_in_its_language() -> None:
    entities = {
        "Q1": entity("Q1", "country", zh="刚果", en="Congo - Brazzaville"),
        "Q2": entity("Q2", "country", zh="刚果", en="Congo - Kinshasa"),
        "Q3": entity("Q3", "city", zh="刚果", en="Congo"),  # another kind: the question says which
        "Q4": entity("Q4", "city", zh="卢本巴希", en="Lubumbashi"),
    }
    assert filters.shared_names(entities, [], ("en", "zh")) == {"Q1": {"zh"}, "Q2": {"zh"}}
    bystanders = [entity("Q5", "city", en="LUBUMBASHI"), entity("Q6", "country", en="Congo")]
    assert filters.shared_names(entities, bystanders, ("en", "zh")) == {"Q1": {"zh"}, "Q2": {"zh"}, "Q4": {"en"}}
