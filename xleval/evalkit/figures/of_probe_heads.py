"""Charts and tables of attention heads: where each language's top heads sit, and which are shared."""

from xleval.data.plurals import counted
from xleval.evalkit.figures.chart import Chart
from xleval.evalkit.figures.of_probe_layers import LayerWords, layer_chart, pair_map
from xleval.evalkit.figures.table import Cell, Table, columns_of
from xleval.evalkit.probe_schema import HeadsJson, ProbeJson
from xleval.evalkit.sentences import percent

_LAYERS = LayerWords(
    name="probe-heads-layers", title="Top heads of each language, by layer",
    caption="Share of a language's top heads in each layer. With few top heads a single one is a peak.",
    y_label="per cent", unit="points",
)  # fmt: skip
_IMPORTANCE = LayerWords(
    name="probe-heads-importance", title="Importance of all heads, by layer",
    caption="Sum of the importance of a layer's heads, in per cent of that of all heads: every head counts, not the top "
    "ones only.",
    y_label="per cent", unit="points",
)  # fmt: skip


def head_charts(probe: ProbeJson) -> list[Chart]:
    """Return top heads and importance by layer, and for each model which languages share top heads."""
    found = {each["model"]: each for each in probe.get("heads", [])}
    charts: list[Chart] = []
    charts += layer_chart(probe, _LAYERS, lambda model, lang: _layers(found.get(model), lang), probe["langs"])
    charts += layer_chart(probe, _IMPORTANCE, lambda model, lang: _importance(found.get(model), lang), probe["langs"])
    for number, each in enumerate(found.values(), start=1):
        mean = f"Mean over pairs {percent(each['mean_overlap'])}; " if each["mean_overlap"] is not None else ""
        charts.append(
            pair_map(
                f"probe-heads-overlap-{number}", f"{each['model']}: top heads that languages share",
                f"Shared top heads of two languages, in per cent of {counted(each['n_top'], 'head')}. {mean}"
                f"heads drawn at random would share {percent(each['chance_overlap'])}.",
                probe["langs"], each["overlap"],
            )
        )  # fmt: skip
    return charts


def _layers(each: HeadsJson | None, lang: str) -> list[float | None] | None:
    row = next((row for row in each["languages"] if row["lang"] == lang), None) if each else None
    return list(row["layers"]) if row else None


def _importance(each: HeadsJson | None, lang: str) -> list[float | None] | None:
    layers = [sum(heads) for heads in each["scores"].get(lang, [])] if each else []
    return [layer / sum(layers) for layer in layers] if sum(layers) > 0 else None


def head_tables(probe: ProbeJson) -> list[Table]:
    """Return the top heads of each language and the heads that are among the top of every language."""
    found = probe.get("heads", [])
    if not found:
        return []
    rows: list[tuple[Cell, ...]] = [
        (row["lang"], each["model"], ", ".join(f"{head['layer']}.{head['head']}" for head in row["heads"]))
        for each in found
        for row in each["languages"]
    ]
    shared: list[tuple[Cell, ...]] = [
        (
            each["model"], each["n_top"], each["mean_overlap"], each["chance_overlap"],
            ", ".join(f"{layer}.{head}" for layer, head in each["shared"]) or "none",
        )
        for each in found
    ]  # fmt: skip
    return [
        Table(
            name="probe-heads-shared", caption="Top heads, and those that are among the top of every language (layer.head).",
            columns=columns_of(
                Model="text", Top_heads="count", Mean_overlap="percent", By_chance="percent", Top_in_every_language="text"
            ), rows=tuple(shared),
        ),
        Table(
            name="probe-heads-top", caption="Top heads of each language, the most important first (layer.head).",
            columns=columns_of(Language="text", Model="text", Heads="text"), rows=tuple(rows),
        ),
    ]  # fmt: skip
