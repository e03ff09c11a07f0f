"""Charts and tables of alignment: MEXA over layers, and which languages find each other's sentences."""

from collections.abc import Mapping, Sequence

from xleval.evalkit.figures.chart import Bar, BarChart, Chart, CurveChart, Line, Panel
from xleval.evalkit.figures.of_probe_layers import LayerWords, layer_chart, layer_points, pair_map
from xleval.evalkit.figures.table import Cell, Column, Table
from xleval.evalkit.probe_schema import (
    AlignmentJson,
    LanguageAlignmentJson,
    Matrix,
    PairAlignmentJson,
    ProbeJson,
)

_MEXA = "share of sentences that are nearer to their translation than to every other sentence, both ways"
_CENTRED: Mapping[bool, str] = {False: "raw", True: "centred"}


def alignment_charts(probe: ProbeJson) -> list[Chart]:
    """Return MEXA with the pivot by layer and pooled, cosines by layer, and retrieval over pairs at the middle layer."""
    found = probe.get("alignment", [])
    charts: list[Chart] = []
    for centred in (False, True):
        charts += _mexa_layers(probe, found, centred)
    charts += _pooled(probe, found)
    for number, each in enumerate(found, start=1):
        charts += _cosines(probe, each, number)
    for centred in (False, True):
        for number, each in enumerate(found, start=1):
            charts += _retrieval(probe, each, number, centred)
    return charts


def _pair(each: AlignmentJson, lang: str, centred: bool) -> PairAlignmentJson | None:
    """Return the pair of a language and the pivot."""
    wanted = {lang, each["pivot"]}
    return next((p for p in each["pairs"] if p["centred"] is centred and {p["first"], p["second"]} == wanted), None)


def _others(probe: ProbeJson, found: Sequence[AlignmentJson]) -> list[str]:
    return [lang for lang in probe["langs"] if any(lang != each["pivot"] for each in found)]


def _mexa_layers(probe: ProbeJson, found: Sequence[AlignmentJson], centred: bool) -> list[CurveChart]:
    if not found:
        return []
    by_model = {each["model"]: each for each in found}
    said = _CENTRED[centred]
    pivot, n = found[0]["pivot"], probe["text"]["n_sentences"]
    note = "Each language's mean state of the layer is taken off first. " if centred else ""
    words = LayerWords(
        name=f"probe-alignment-mexa-{said}", title=f"MEXA with {pivot}, by layer, {said}",
        caption=f"MEXA: {_MEXA}. {note}Among {n} sentences, 1 in {n} is right by chance one way. Layer 0 is the output of "
        "the embeddings.", y_label="per cent", unit="percent",
    )  # fmt: skip

    def values(model: str, lang: str) -> list[float | None] | None:
        pair = _pair(by_model[model], lang, centred) if model in by_model else None
        return list(pair["mexa"]) if pair else None

    return layer_chart(probe, words, values, _others(probe, found))


def _language(each: AlignmentJson, lang: str, centred: bool) -> LanguageAlignmentJson | None:
    return next((row for row in each["languages"] if row["lang"] == lang and row["centred"] is centred), None)


def _pooled(probe: ProbeJson, found: Sequence[AlignmentJson]) -> list[BarChart]:
    if not found:
        return []
    langs = _others(probe, found)
    bars = tuple(
        tuple(Bar(value=row["mean"] if (row := _language(each, lang, False)) else None) for each in found)
        for lang in langs
    )
    return [
        BarChart(
            name="probe-alignment-pooled", title=f"MEXA with {found[0]['pivot']}, mean over layers, raw",
            caption=f"MEXA: {_MEXA}.", labels=tuple(langs), series=tuple(each["model"] for each in found), bars=bars,
            x_label="per cent of sentences",
        )
    ]  # fmt: skip


def _cosines(probe: ProbeJson, each: AlignmentJson, number: int) -> list[CurveChart]:
    """Return the cosines of translations and of other sentences: only what lies between them is alignment."""
    panels = []
    for lang in _others(probe, [each]):
        pair = _pair(each, lang, False)
        near, far = (layer_points(pair[key] if pair else None) for key in ("similarity", "dissimilarity"))
        if near and far:
            lines = (
                Line(label="translations", role="target", points=near),
                Line(label="other sentences", role="other", points=far),
            )
            panels.append(Panel(title=lang, lines=lines, unit="number"))
    if not panels:
        return []
    return [
        CurveChart(
            name=f"probe-alignment-cosine-{number}", title=f"{each['model']}: cosine with {each['pivot']}, by layer, raw",
            caption="Mean cosine of sentences with their translations, and with other sentences. Both are often near 1 in "
            "raw states; only the distance between the lines says that translations are nearer.",
            x_label="layer", y_label="cosine", panels=tuple(panels),
        )
    ]  # fmt: skip


def _retrieval(probe: ProbeJson, each: AlignmentJson, number: int, centred: bool) -> list[Chart]:
    """Return the map of who finds whose sentences at the middle layer."""
    middle = next(model["n_layers"] for model in probe["models"] if model["name"] == each["model"]) // 2
    place = {lang: k for k, lang in enumerate(probe["langs"])}
    matrix: Matrix = [[None] * len(place) for _ in place]
    for pair in each["pairs"]:
        if pair["centred"] is centred:
            first, second = place[pair["first"]], place[pair["second"]]
            matrix[first][second], matrix[second][first] = pair["retrieval"][middle], pair["retrieval_back"][middle]
    said = _CENTRED[centred]
    if not any(value is not None for row in matrix for value in row):
        return []
    chart = pair_map(
        f"probe-alignment-retrieval-{said}-{number}", f"{each['model']}: retrieval at layer {middle}, {said}",
        f"Per cent of the sentences of a row's language whose nearest sentence in a column's language is their translation, "
        f"at the middle layer. By chance: 1 in {probe['text']['n_sentences']}.", probe["langs"], matrix,
        sides=("from", "to"),
    )  # fmt: skip
    return [chart]


def alignment_tables(probe: ProbeJson) -> list[Table]:
    """Return MEXA of each language with the pivot, pooled over layers by mean and maximum, raw and centred."""
    found = probe.get("alignment", [])
    if not found:
        return []
    langs = _others(probe, found)
    tables = []
    for centred in (False, True):
        rows: list[tuple[Cell, ...]] = []
        for lang in langs:
            cells: list[Cell] = []
            for each in found:
                row = _language(each, lang, centred)
                cells += [row["mean"], row["max"]] if row else [None, None]
            rows.append((lang, *cells))
        columns = [Column(name="Language")]
        for each in found:
            columns += [
                Column(name=f"{each['model']}, {how} over layers", unit="percent") for how in ("mean", "maximum")
            ]
        said = _CENTRED[centred]
        tables.append(
            Table(
                name=f"probe-alignment-languages-{said}", caption=f"MEXA with {found[0]['pivot']}, {said}.",
                columns=tuple(columns), rows=tuple(rows),
            )
        )  # fmt: skip
    return tables
