"""The relation table: every published property has a verdict, kinds fit, unknown ones are refused with a reason."""

import pytest

from xleval.errors import ConfigError
from xleval.polyfact.kinds import KINDS, kind_of
from xleval.polyfact.relations import EXCLUDED, RELATIONS, default_relations, get_relation

# The allow-list of the published set's builder.
PUBLISHED = (
    "P36 P17 P30 P37 P38 P47 P27 P19 P20 P69 P108 P50 P57 P170 P178 P136 P495 P407 P400 P176 P35 P6 P85 P122 P84 P61"
).split()


def test_every_published_property_is_built_or_left_out_with_a_reason() -> None:
    assert len(set(PUBLISHED)) == 26
    assert set(PUBLISHED) <= set(RELATIONS) | set(EXCLUDED)
    assert not set(RELATIONS) & set(EXCLUDED)
    assert all(reason.strip() for reason in EXCLUDED.values())


def test_there_are_thirty_relations_or_more_and_all_kinds_are_known() -> None:
    assert len(RELATIONS) >= 30
    for relation in RELATIONS.values():
        assert {*relation.subject_types, relation.object_type} <= KINDS.keys(), relation.pid
    assert set(default_relations("embedded")) == {"P36", "P1376", "P17", "P30", "P37", "P38"}
    assert default_relations("wdqs") == tuple(RELATIONS)


def test_inverse_relations_name_each_other_and_swap_the_kinds() -> None:
    pairs = {row.pid: row.inverse for row in RELATIONS.values() if row.inverse}
    assert pairs == {"P36": "P1376", "P1376": "P36"}
    for pid, inverse in pairs.items():
        assert RELATIONS[pid].object_type in RELATIONS[inverse].subject_types


def test_get_relation() -> None:
    assert get_relation("p36").name == "capital"
    with pytest.raises(ConfigError, match=r"P47 is not built: shares border with: many-valued.*Known: P36, P1376"):
        get_relation("P47")
    with pytest.raises(ConfigError, match=r"unknown relation 'P99999'.*Known: P36, P1376"):
        get_relation("P99999")


def test_the_kind_is_the_first_that_fits() -> None:
    assert kind_of({"Q515"}) == "city"
    assert kind_of({"Q133442", "Q515"}) == "country"  # a city state
    assert kind_of({"Q48349", "Q3624078"}) == "former_country"  # an empire is a sovereign state too
    assert kind_of({"Q35120"}) == ""
    assert kind_of(set()) == ""
    assert kind_of({"Q4167410", "Q515"}) == ""  # a disambiguation page


def test_no_class_stands_for_two_kinds() -> None:
    classes = [qid for found in KINDS.values() for qid in found]
    assert len(classes) == len(set(classes))
