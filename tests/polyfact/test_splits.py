from xleval.polyfact.records import Fact
from xleval.polyfact.splits import MIN_RELATIONS, Shares, assign_splits, components

PLAIN = Shares(validation=0.1, test=0.1, unseen=0)


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
    split = assign_splits(facts, PLAIN, seed=0)
    unit = components(facts)
    assert len({(unit[each], split[each]) for each in split}) == len(set(unit.values()))
    for pid in ("P36", "P1376", "P17"):
        sizes = [
            sum(split[f.fact_id] == name for f in facts if f.relation_pid == pid)
            for name in ("train", "validation", "test")
        ]
        assert sizes == [80, 10, 10]
    assert split == assign_splits(list(reversed(facts)), PLAIN, seed=0)
    assert split != assign_splits(facts, PLAIN, seed=1)


def test_an_empty_split_gets_nothing() -> None:
    facts = [fact(f"Q{i}|P17|Q1") for i in range(2, 30)]
    split = assign_splits(facts, Shares(validation=0, test=0, unseen=0), seed=0)
    assert set(split.values()) == {"train"}


def test_unseen_objects_are_gold_nowhere_else_and_their_subjects_are_not_trained_on() -> None:
    facts = [fact(f"Q{i}|P17|Q{5000 + i % 40}") for i in range(1, 801)]
    facts += [fact(f"Q{i}|P30|Q{6000 + i % 5}") for i in range(1, 801)]
    split = assign_splits(facts, Shares(validation=0.1, test=0.1, unseen=0.05), seed=0)
    unseen = [each for each in facts if split[each.fact_id] == "test_unseen_object"]
    assert {each.relation_pid for each in unseen} == {"P17"}  # an answer of P30 is gold in a fifth of it: too much
    assert len(unseen) == 40  # two answers of 20 facts are 5 % of 800
    trained = {each.object_qid for each in facts if split[each.fact_id] in ("train", "validation")}
    assert not trained & {each.object_qid for each in unseen}
    subjects = {each.subject_qid for each in facts if split[each.fact_id] in ("train", "validation")}
    assert not subjects & {each.subject_qid for each in unseen}
    assert {split[f"{each.subject_qid}|P30|Q{6000 + int(each.subject_qid[1:]) % 5}"] for each in unseen} == {"test"}


def test_a_whole_relation_is_held_out_where_there_are_enough_of_them() -> None:
    pids = ("P17", "P30", "P37", "P19", "P20", "P27", "P103", "P140", "P57", "P50", "P84", "P176", "P178")
    assert len(pids) > MIN_RELATIONS
    facts = [fact(f"Q{1000 * n + i}|{pid}|Q{7}{n}{i % 20}") for n, pid in enumerate(pids) for i in range(1, 101)]
    split = assign_splits(facts, Shares(validation=0.1, test=0.1, unseen=0.08), seed=0)
    held_out = {each.relation_pid for each in facts if split[each.fact_id] == "test_unseen_relation"}
    assert len(held_out) == 1
    assert all(split[each.fact_id] == "test_unseen_relation" for each in facts if each.relation_pid in held_out)
    few = [each for each in facts if each.relation_pid in pids[:5]]
    assert "test_unseen_relation" not in assign_splits(few, PLAIN, seed=0).values()


def test_the_held_out_wording_has_a_test_of_its_own() -> None:
    facts = [fact(f"Q{i}|P36|Q{1000 + i}") for i in range(1, 201)]
    split = assign_splits(facts, Shares(validation=0.1, test=0.1, unseen=0.05), seed=0)
    assert sum(name == "test_held_out_template" for name in split.values()) == 10
