"""The studies by name: each is a module with `plan(options)` and `sections(found)`, imported when it is asked for."""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from xleval.errors import unknown_name
from xleval.training.studies.records import Plan, StudyName, StudyOptions

if TYPE_CHECKING:
    from xleval.evalkit.report.section import Section
    from xleval.training.studies.found import Found

STUDY_MODULES: Mapping[StudyName, str] = {
    "polyfact": "xleval.training.studies.polyfact",
    "collapse": "xleval.training.studies.collapse",
    "parallel-scaling": "xleval.training.studies.parallel_scaling",
    "clo": "xleval.training.studies.clo",
}


class Study(Protocol):
    """What the module of a study has."""

    def plan(self, options: StudyOptions) -> Plan:
        """Return the arms and steps."""
        ...

    def sections(self, found: "Found") -> "tuple[Section, ...]":
        """Return the study's own figures and tables, in the order of its paper."""
        ...


def study_name(name: str) -> StudyName:
    """Return a name that a study has.

    Raises:
        ConfigError: no study is called so.
    """
    if name not in STUDY_MODULES:
        raise unknown_name("study", name, STUDY_MODULES)
    return cast(StudyName, name)


def study_module(name: str) -> Study:
    """Return the module of a study.

    Raises:
        ConfigError: no study is called so.
    """
    return cast(Study, import_module(STUDY_MODULES[study_name(name)]))
