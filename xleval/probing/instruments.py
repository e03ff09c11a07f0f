"""What each kind of probe measures with: the functions that `xleval.probing.run` calls in turn."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from xleval.evalkit.probe_schema import Kind
from xleval.evalkit.statistics import Floats
from xleval.probing.model import ProbedModel
from xleval.probing.options import ProbeOptions
from xleval.probing.texts import ParallelText

if TYPE_CHECKING:
    import pyarrow

#: Heads or neurons of each language, as (layer, number).
Sets = Mapping[str, Sequence[tuple[int, int]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """The functions of one kind of probe; `sets` and `knocked` None where there is nothing to knock out."""

    measure: Callable[[ProbedModel, ParallelText, ProbeOptions, Path, Callable[[int], None]], Any]
    figures: Callable[[Sequence[Any], Floats, ProbeOptions], list[dict[str, Floats]]]
    as_json: Callable[[str, Any, ProbeOptions], Mapping[str, Any]]
    table: Callable[[str, Any, ProbeOptions], "pyarrow.Table"]
    sets: Callable[[Any, ProbeOptions], Sets] | None = None
    knocked: Literal["heads", "neurons"] | None = None


def instrument_of(kind: Kind) -> Instrument:
    """Return the functions of a kind of probe."""
    if kind == "neurons":
        from xleval.probing import neurons

        return Instrument(
            measure=neurons.measure_neurons, figures=neurons.neuron_figures, as_json=neurons.neurons_json,
            table=neurons.neuron_table, sets=neurons.neuron_sets, knocked="neurons",
        )  # fmt: skip
    if kind == "heads":
        from xleval.probing import heads

        return Instrument(
            measure=heads.measure_heads, figures=heads.head_figures, as_json=heads.heads_json, table=heads.head_table,
            sets=heads.head_sets, knocked="heads",
        )  # fmt: skip
    from xleval.probing import alignment

    return Instrument(
        measure=alignment.measure_alignment, figures=alignment.alignment_figures, as_json=alignment.alignment_json,
        table=alignment.alignment_table,
    )  # fmt: skip
