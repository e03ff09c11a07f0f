"""Each set-only class is seen where it was planted, and not where nothing was: at least 50 plants for each language.

The clean set is our own, from the embedded graph: countries and cities, names of CLDR. On names of films, people and
firms the figures will be worse; docs/lint.md says what was found in the published samples.
"""

import pytest

from tests.polyfact.lint.measure import languages_of, measure
from tests.polyfact.lint.planting import World
from tests.polyfact.lint.plants import PLANTS
from xleval.data.languages import POLYFACT_LANGUAGES
from xleval.polyfact.lint.audit import CHECKS
from xleval.polyfact.lint.classes import CLASSES

#: The bars of engineering decision E5.
RECALL, FALSE_ALARMS, AT_LEAST = 0.95, 0.02, 50

#: Checked in other ways: whole languages and relations (test_audit.py), absent rows, names that are often right.
NO_PLANT = {5, 38, 39}


def test_every_set_only_check_has_a_plant():
    assert set(CHECKS) == set(PLANTS) | NO_PLANT
    assert {number for number, row in CLASSES.items() if row.kind == "set-only"} == set(CHECKS) | {4, 27, 35, 40}


@pytest.mark.parametrize("number", sorted(PLANTS))
def test_planted_defects_are_seen(number: int, world: World):
    langs = languages_of(number, world)
    assert langs == (["zh"] if number == 19 else list(POLYFACT_LANGUAGES))
    for lang in langs:
        measured = measure(number, lang, world)
        assert measured.planted >= AT_LEAST, (lang, measured.planted)
        assert measured.recall >= RECALL, (lang, measured.recall, measured.missed[:3])
        assert measured.false_alarms <= FALSE_ALARMS, (lang, measured.alarms)
