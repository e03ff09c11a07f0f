"""Charts and tables of the knock-out check: what zeroing a language's heads or neurons does to every language's text."""

from collections.abc import Sequence
from dataclasses import dataclass

from xleval.evalkit.figures.chart import Bar, BarChart, Chart, Difference, DifferenceChart, HeatMap
from xleval.evalkit.figures.of_probe_words import estimate, leaves_out_zero
from xleval.evalkit.figures.table import Cell, Table, columns_of
from xleval.evalkit.knock_out_schema import KnockOutJson, KnockOutLanguageJson
from xleval.evalkit.probe_schema import ProbeJson

_UNIT = "rise of the loss per token, nats"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Differences:
    """What a chart of differences is called and says, and which figure of a language it shows."""

    name: str
    title: str
    caption: str
    sides: tuple[str, str]


_SPECIFIC = _Differences(
    name="specific", title="own text less the other languages'",
    caption="Above 0: knocking out a language's set hurts its own text more than the mean of the others. Some texts suffer "
    "from whatever is zeroed: see also what the other languages' sets do to them.",
    sides=("other languages", "own language"),
)  # fmt: skip
_OVER_OTHER_SETS = _Differences(
    name="over-other-sets", title="own set less the other languages' sets",
    caption="Above 0: a language's text suffers more from its own set than from those of the other languages (mean).",
    sides=("other sets", "own set"),
)  # fmt: skip
_OVER_RANDOM = _Differences(
    name="over-random", title="own set less random sets of its size",
    caption="Above 0: knocking out a language's set hurts its text more than the mean of as many from the same layers, drawn at random.",
    sides=("random sets", "own set"),
)  # fmt: skip


def knock_out_charts(probe: ProbeJson) -> list[Chart]:
    """Return for each model what every set does to every text, what random sets do beside, and both differences."""
    found = probe.get("knock_out", [])
    ends = [cell["increase"] for each in found for cell in each["cells"]]
    if not ends:
        return []
    span = (min([0.0, *ends]), max([0.0, *ends]))
    charts: list[Chart] = []
    for number, each in enumerate(found, start=1):
        charts.append(_matrix(probe, each, number, span))
        charts.append(_own(probe, each, number))
        charts += _differences(probe, each, number)
    return charts


def _matrix(probe: ProbeJson, each: KnockOutJson, number: int, span: tuple[float, float]) -> HeatMap:
    langs = probe["langs"]
    known = {(cell["of"], cell["text"]): cell["increase"] for cell in each["cells"] if cell["random"] == 0}
    end = max(-span[0], span[1]) or 1.0
    return HeatMap(
        name=f"probe-{probe['kind']}-knock-out-{number}", title=f"{each['model']}: knocking out {probe['kind']}",
        caption=f"Rise of the loss per token, in nats, when a row's set of {probe['kind']} is zeroed and a column's text is "
        f"read; framed: a language's own. Over {each['n_sentences']} sentences that the sets were not chosen by. One scale "
        "for all models.",
        labels=tuple(langs), matrix=tuple(tuple(known.get((of, text)) for text in langs) for of in langs),
        span=(-end, end), diagonal=True, unit="number", sides=("set of", "text in"),
    )  # fmt: skip


def _own(probe: ProbeJson, each: KnockOutJson, number: int) -> BarChart:
    """Return, for each language, its own set on its own text, on the others', and random sets on its own text."""
    rows = []
    for row in each["languages"]:
        random = row["random_own"]
        low, high = (min(random), max(random)) if len(random) > 1 else (None, None)
        mean = sum(random) / len(random) if random else None
        # of an empty set nothing is zeroed: its 0 is no finding
        own, others = (row["own"], row["others"]) if row["size"] else (None, None)
        rows.append((Bar(value=own), Bar(value=others), Bar(value=mean, low=low, high=high)))
    sets = max((len(row["random_own"]) for row in each["languages"]), default=0)
    return BarChart(
        name=f"probe-{probe['kind']}-knock-out-own-{number}", title=f"{each['model']}: a language's {probe['kind']}, beside random ones",
        caption=f"Each language's set on its own text, on the other languages' texts (mean), and random sets of the same "
        f"size in every layer on its own text ({sets or 'no'} of them; the mean, with a line from the least to the greatest).",
        labels=tuple(f"{row['lang']} ({row['size']})" for row in each["languages"]),
        series=("own set, own text", "own set, other texts", "random sets, own text"), bars=tuple(rows), unit="number",
        x_label=_UNIT,
    )  # fmt: skip


def _differences(probe: ProbeJson, each: KnockOutJson, number: int) -> list[Chart]:
    rows_of = each["languages"]
    charts: list[Chart] = []
    for words, rows in (
        (_SPECIFIC, [(row, row["specific"]) for row in rows_of]),
        (_OVER_OTHER_SETS, [(row, row.get("over_other_sets", [])) for row in rows_of]),
        (_OVER_RANDOM, [(row, row["over_random"]) for row in rows_of]),
    ):
        shown = tuple(found for row, triple in rows if (found := _difference(row, triple)) is not None)
        if shown:
            charts.append(
                DifferenceChart(
                    name=f"probe-{probe['kind']}-knock-out-{words.name}-{number}", title=f"{each['model']}, {probe['kind']}: {words.title}",
                    caption=f"{words.caption} Filled: the 95 % interval over sentences leaves out 0 (not adjusted for the "
                    "number of languages).",
                    differences=shown, sides=words.sides, unit="number", digits=3, x_label="difference, nats per token",
                )
            )  # fmt: skip
    return charts


def _difference(row: KnockOutLanguageJson, triple: Sequence[float | None]) -> Difference | None:
    value, low, high = (*triple, None, None, None)[:3]
    if value is None:
        return None
    return Difference(label=row["lang"], value=value, low=low, high=high, decided=leaves_out_zero(low, high))


def knock_out_tables(probe: ProbeJson) -> list[Table]:
    """Return the check of every language, in nats per token, a table for each model."""
    tables = []
    for number, each in enumerate(probe.get("knock_out", []), start=1):
        rows: list[tuple[Cell, ...]] = []
        for row in each["languages"]:
            specific, over_others, over_random = (
                estimate(found.value, found.low, found.high, probe) if (found := _difference(row, triple)) else None
                for triple in (row["specific"], row.get("over_other_sets", []), row["over_random"])
            )
            random = row["random_own"]
            rows.append(
                (
                    row["lang"], row["size"], each["perplexity"].get(row["lang"]), row["own"], row["others"],
                    sum(random) / len(random) if random else None, specific, over_others, over_random,
                )
            )  # fmt: skip
        columns = columns_of(
            Language="text", Zeroed="count", Perplexity_whole="number", Own_text="fine number", Other_texts="fine number",
            Random_sets="fine number", Own_less_other_texts="fine number", Own_less_other_sets="fine number",
            Own_less_random="fine number",
        )  # fmt: skip
        caption = f"{each['model']}: rise of the loss per token, in nats, when a language's {probe['kind']} are zeroed."
        tables.append(
            Table(name=f"probe-{probe['kind']}-knock-out-{number}", caption=caption, columns=columns, rows=tuple(rows))
        )
    return tables
