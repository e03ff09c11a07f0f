"""The strict setting of the gate: errors of meaning, found from lengths, clauses, numbers, names and word lists.

No model is run. Each check returns a finding from well below its limit on, so that `Gate.measure` gives whole curves.
`docs/translation-gate.md` has what each finds and how often it is wrong.
"""

from collections.abc import Mapping
from types import MappingProxyType

from xleval.data.reasoning.gate.asked import changed_question
from xleval.data.reasoning.gate.entities import changed_entity
from xleval.data.reasoning.gate.omission import dropped_clause
from xleval.data.reasoning.gate.repetition import doubled_clause
from xleval.data.reasoning.gate.wording import changed_negation, exchanged_opposite, exchanged_unit
from xleval.data.reasoning.records import Check

#: Check and limit by name: a pair is rejected where the finding's score reaches the limit.
STRICT_CHECKS: Mapping[str, tuple[Check, float]] = MappingProxyType(
    {
        "dropped": (dropped_clause, 0.5),
        "doubled": (doubled_clause, 3.0),
        "unit": (exchanged_unit, 1.0),
        "negation": (changed_negation, 1.0),
        "comparison": (exchanged_opposite, 1.0),
        "entity": (changed_entity, 1.0),
        "question": (changed_question, 0.5),
    }
)
