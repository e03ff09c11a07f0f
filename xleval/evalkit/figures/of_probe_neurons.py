"""Charts and tables of language-specific neurons: where they sit, how many each language has, which are shared."""

from xleval.evalkit.figures.chart import Bar, BarChart, Chart
from xleval.evalkit.figures.of_probe_layers import LayerWords, layer_chart, pair_map
from xleval.evalkit.figures.table import Cell, Column, Table, columns_of
from xleval.evalkit.probe_schema import LanguageNeuronsJson, NeuronsJson, ProbeJson

_LAYERS = LayerWords(
    name="probe-neurons-layers", title="Neurons of each language, by layer",
    caption="How many of the selected neurons sit in each layer. The number of selected neurons is fixed by construction: "
    "only their places and languages can differ between models.",
    y_label="neurons", unit="number",
)  # fmt: skip
_ENTROPY = LayerWords(
    name="probe-neurons-entropy", title="Entropy over languages, by layer",
    caption="Mean over all neurons of a layer that ever fire, in per cent of the largest possible: 100 is a neuron that "
    "fires equally often in all languages. The axis does not begin at 0.",
    y_label="per cent", unit="points",
)  # fmt: skip


def neuron_charts(probe: ProbeJson) -> list[Chart]:
    """Return neurons by layer and by language, entropy by layer, and for each model which languages share neurons."""
    found = {each["model"]: each for each in probe.get("neurons", [])}
    charts: list[Chart] = []
    charts += layer_chart(probe, _LAYERS, lambda model, lang: _layers(found, model, lang), probe["langs"])
    if found:
        charts.append(_counts(probe, found))
    charts += layer_chart(
        probe, _ENTROPY, lambda model, _: found[model]["entropy_by_layer"] if model in found else None, ("",)
    )
    # one language for each neuron: a map of zeros would look like a finding
    if probe["settings"].get("variant") != "published":
        charts += [
            pair_map(
                f"probe-neurons-overlap-{number}", f"{each['model']}: neurons that languages share",
                "Shared neurons of two languages, in per cent of those of the language that has fewer. Languages of one "
                "script share tokens, too.", probe["langs"], each["overlap"],
            )
            for number, each in enumerate(found.values(), start=1)
            if any(value is not None for i, row in enumerate(each["overlap"]) for j, value in enumerate(row) if i != j)
        ]  # fmt: skip
    return charts


def _language(each: NeuronsJson, lang: str) -> LanguageNeuronsJson | None:
    return next((row for row in each["languages"] if row["lang"] == lang), None)


def _layers(found: dict[str, NeuronsJson], model: str, lang: str) -> list[float | None] | None:
    row = _language(found[model], lang) if model in found else None
    return list(row["layers"]) if row else None


def _counts(probe: ProbeJson, found: dict[str, NeuronsJson]) -> BarChart:
    models = tuple(found)
    bars = tuple(
        tuple(Bar(value=row["n"] if (row := _language(found[model], lang)) else None) for model in models)
        for lang in probe["langs"]
    )
    several = probe["settings"].get("variant") != "published"
    return BarChart(
        name="probe-neurons-counts", title="Neurons of each language",
        caption="Of the neurons that were selected. "
        + ("A neuron can belong to several languages. " if several else "Every neuron belongs to one language. ")
        + "A language with more is not better known: how often neurons fire depends on its script and tokens, too.",
        labels=tuple(probe["langs"]), series=models, bars=bars, unit="number", x_label="neurons",
    )  # fmt: skip


def neuron_tables(probe: ProbeJson) -> list[Table]:
    """Return how many neurons each language has in each model, and what was selected."""
    found = probe.get("neurons", [])
    if not found:
        return []
    rows: list[tuple[Cell, ...]] = [
        (lang, *(row["n"] if (row := _language(each, lang)) else None for each in found)) for lang in probe["langs"]
    ]
    columns = (Column(name="Language"), *(Column(name=each["model"], unit="count") for each in found))
    chosen: list[tuple[Cell, ...]] = [
        (each["model"], each["n_selected"], each.get("n_silent"), each["activation_bar"], each["entropy"])
        for each in found
    ]
    return [
        Table(name="probe-neurons-counts", caption="Neurons of each language.", columns=columns, rows=tuple(rows)),
        Table(
            name="probe-neurons-selected", caption="What was selected: the bar is the probability of firing from which a "
            "neuron is a language's; the entropy is the greatest among the selected, in nats.",
            columns=columns_of(
                Model="text", Selected="count", Never_fired="count", Bar="fine percent", Entropy="number"
            ), rows=tuple(chosen),
        ),
    ]  # fmt: skip
