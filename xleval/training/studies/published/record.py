"""What a published figure is, and where it was read."""

from dataclasses import dataclass
from typing import Literal

from xleval.training.studies.records import StudyName

#: Where a figure was read: [P] paper or its code, [C] published code, [V] recomputed from published outputs, [R] reviews or
#: the authors' notes, [S] a secondary note, [D] our inference (docs/recipes.md).
Tag = Literal["P", "C", "V", "R", "S", "D"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One published figure.

    Attributes:
        study: that it belongs to.
        arm: the published arm; ours of the same name stands beside it where there is one.
        model: that it was measured on, a hub id where it is known.
        task: of ours, or words where there is none.
        langs: codes, or words such as `mean of 12`.
        measure: such as `accuracy`, `right in all languages`, `in language`; a measure of ours has its name.
        value: as printed.
        unit: of the value, such as `%`, `points`.
        tag: where it was read.
        source: reference.
        comparable: whether a run of ours on the same model has the same items asked and scored in the same way.
    """

    study: StudyName
    arm: str
    model: str
    task: str
    langs: str
    measure: str
    value: str
    unit: str
    tag: Tag
    source: str
    comparable: bool = False
