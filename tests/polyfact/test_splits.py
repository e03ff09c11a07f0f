from xleval.polyfact.records import Fact
from xleval.polyfact.splits import assign_splits, components

THIRDS = {"train": 0.8, "validation": 0.1, "test": 0.1}


def fact(text: str) -> Fact:
    subject, pid, value = text.split("|")
    return Fact(subject_qid=subject, relation_pid=pid, object_qid=value)


def test_inverse_facts_are_one_component() -> None:
    facts = [fact("Q142|P36|Q90"), fact("Q90|P1376|Q142"), fact("Q142|P30|Q46"), fact("Q183|P36|Q64")]
    unit = components(facts)
    assert unit["Q142|P36|Q90"] == unit["Q90|P1376|Q142"] == unit["Q142|P30|Q46"]
    assert unit["Q183|P36|Q64"] != unit["Q142|P36|Q90"]


def test_a_shared_answer_does_not_join() -> None:
    unit = components([fact("Q142|P30|Q46"), fact("Q183|P30|Q46")])
    assert len(set(unit.values())) == 2


def test_the_same_pair_in_another_relation_joins() -> None:
    # Paris P17 France says what Paris P1376 France says
    unit = components([fact("Q90|P17|Q142"), fact("Q142|P36|Q90")])
    assert len(set(unit.values())) == 1


def test_splits_keep_components_and_shares() -> None:
    facts = [fact(f"Q{i}|P36|Q{1000 + i}") for i in range(1, 101)]
    facts += [fact(f"Q{1000 + i}|P1376|Q{i}") for i in range(1, 101)]
    facts += [fact(f"Q{2000 + i}|P17|Q{i % 7}") for i in range(100)]
    split = assign_splits(facts, THIRDS, seed=0)
    unit = components(facts)
    assert len({(unit[each], split[each]) for each in split}) == len(set(unit.values()))
    for pid in ("P36", "P1376", "P17"):
        sizes = [sum(split[f.fact_id] == name for f in facts if f.relation_pid == pid) for name in THIRDS]
        assert sizes == [80, 10, 10]
    assert split == assign_splits(list(reversed(facts)), THIRDS, seed=0)
    assert split != assign_splits(facts, THIRDS, seed=1)


def test_an_empty_split_gets_nothing() -> None:
    facts = [fact(f"Q{i}|P17|Q1") for i in range(2, 30)]
    split = assign_splits(facts, {"train": 1.0, "validation": 0.0, "test": 0.0}, seed=0)
    assert set(split.values()) == {"train"}
