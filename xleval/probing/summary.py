"""What a probe found as text for a terminal: figures, changes, languages, the knock-out check, and what may be said."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from xleval.evalkit.figures.of_probe_words import TITLES, figure_words, interval_words, model_words, text_words
from xleval.evalkit.probe_schema import ChangeJson, KnockOutJson, LanguageHeadsJson, LanguageNeuronsJson, ProbeJson
from xleval.evalkit.sentences import in_hundredths
from xleval.text_console import print_whole, printed, text_console

if TYPE_CHECKING:
    from rich.console import Console

_PLAIN_WIDTH = 110
_NOTHING = 1e-9  # what rounding leaves of a difference of 0


def render_probe(probe: ProbeJson, *, width: int | None = None, colour: bool | None = None) -> str:
    """Return a probe as text that ends with a newline: figures times 100, changes in points.

    Args:
        probe: of `xleval.probing.run.probe`.
        width: in columns; by default that of the terminal, or 110 without one.
        colour: whether to use terminal styles; by default only where standard output is a terminal.
    """
    console = text_console(plain_width=_PLAIN_WIDTH, width=width, colour=colour)
    console.print(TITLES[probe["kind"]], style="bold")
    for line in (model_words(probe), text_words(probe)):
        console.print(line)
    console.print()
    _print_figures(console, probe)
    _print_changes(console, probe)
    _print_languages(console, probe)
    for check in probe.get("knock_out", []):
        _print_check(console, check)
    for line in change_sentences(probe):
        console.print(line)
    for note in probe["notes"]:
        console.print(note)
    for refusal in probe["refused"]:
        console.print(f"! not said: {refusal['claim']} ({refusal['reason']})", style="yellow")
    return printed(console)


def change_sentences(probe: ProbeJson) -> list[str]:
    """Return what the changes say: one sentence for each whose interval is clear of 0, one for the others, and of what.

    Without training seeds in both arms the sentences are about these checkpoints.
    """
    changes = probe["changes"]
    if not changes:
        return []
    clear = [each for each in changes if _is_clear(each)]
    lines = [f"{_words(probe, each)}: {_change_words(each)} {_subject(probe, each)}." for each in clear]
    unclear = len(changes) - len(clear)
    if unclear:
        those = "The change" if len(changes) == 1 else f"Of {len(changes)} changes, {unclear}"
        lines.append(f"{those} cannot be told from 0.")
    lines.append(interval_words(probe))
    if len(changes) > 1:
        lines.append(f"{len(changes)} figures are set side by side; the intervals are not widened for their number.")
    return lines


def _subject(probe: ProbeJson, change: ChangeJson) -> str:
    """Return what a change is said of: arms over their seeds, or the checkpoints that were looked into."""
    if change["over_seeds"]:
        return "in the second arm than in the first, over training seeds"
    few = "these two checkpoints" if len(probe["models"]) == 2 else "these checkpoints"
    return f"in the second of {few}; interval over {probe['units']}, not over training seeds"


def _words(probe: ProbeJson, change: ChangeJson) -> str:
    return figure_words(probe["kind"], change["name"])


def _is_clear(change: ChangeJson) -> bool:
    low, high = change["low"], change["high"]
    return low is not None and high is not None and (low > _NOTHING or high < -_NOTHING)


def _change_words(change: ChangeJson) -> str:
    way = "higher" if change["difference"] > 0 else "lower"
    return f"{in_hundredths(abs(change['difference']), 2)} points {way} {_interval(change['low'], change['high'], sign=True)}"


def _print_figures(console: "Console", probe: ProbeJson) -> None:
    models = [model["name"] for model in probe["models"]]
    cells = {(each["model"], each["name"]): each for each in probe["figures"]}
    rows = []
    for name in dict.fromkeys(each["name"] for each in probe["figures"]):
        found = [cells.get((model, name)) for model in models]
        shown = [
            f"{in_hundredths(each['value'], 2)} {_interval(each['low'], each['high'])}" if each else "–"
            for each in found
        ]
        rows.append([figure_words(probe["kind"], name), *shown])
    _print_table(console, ["figure, times 100 [95 %]", *models], rows)


def _print_changes(console: "Console", probe: ProbeJson) -> None:
    rows = [
        [
            _words(probe, each), in_hundredths(each["first"], 2), in_hundredths(each["second"], 2),
            f"{in_hundredths(each['difference'], 2, sign=True)} {_interval(each['low'], each['high'], sign=True)}",
        ]
        for each in probe["changes"]
    ]  # fmt: skip
    if rows:
        _print_table(console, ["change, times 100", "first", "second", "second - first [95 %]"], rows)


def _print_languages(console: "Console", probe: ProbeJson) -> None:
    """Print a row for each language, with columns for each model."""
    for neurons in probe.get("neurons", []):
        columns = {
            f"neurons ({neurons['model']})": {each["lang"]: str(each["n"]) for each in neurons["languages"]},
            "most in layers (how many)": {each["lang"]: _busiest(each) for each in neurons["languages"]},
        }
        _print_columns(console, probe, columns)
    for heads in probe.get("heads", []):
        columns = {
            f"top heads ({heads['model']}), layer.head": {each["lang"]: _top_heads(each) for each in heads["languages"]}
        }
        _print_columns(console, probe, columns)
    for alignment in probe.get("alignment", []):
        columns = {}
        for centred, word in ((False, "raw"), (True, "centred")):
            rows = [each for each in alignment["languages"] if each["centred"] == centred]
            columns[f"{word}, mean"] = {each["lang"]: in_hundredths(each["mean"]) for each in rows}
            columns[f"{word}, best layer"] = {each["lang"]: in_hundredths(each["max"]) for each in rows}
        _print_columns(console, probe, columns, f"MEXA with {alignment['pivot']} ({alignment['model']}), times 100")


def _print_columns(
    console: "Console", probe: ProbeJson, columns: dict[str, dict[str, str]], title: str | None = None
) -> None:
    langs = [lang for lang in probe["langs"] if any(lang in cells for cells in columns.values())]
    rows = [[lang, *(cells.get(lang, "–") for cells in columns.values())] for lang in langs]
    _print_table(console, ["lang", *columns], rows, title)


def _busiest(language: LanguageNeuronsJson) -> str:
    """Return the three layers with the most neurons of a language, the fullest first, with their numbers."""
    order = sorted(range(len(language["layers"])), key=lambda layer: (-language["layers"][layer], layer))
    return (
        ", ".join(f"{layer} ({language['layers'][layer]})" for layer in order[:3] if language["layers"][layer]) or "–"
    )


def _top_heads(language: LanguageHeadsJson) -> str:
    shown = [f"{each['layer']}.{each['head']}" for each in language["heads"][:6]]
    more = len(language["heads"]) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _print_check(console: "Console", check: KnockOutJson) -> None:
    rows = []
    for each in check["languages"]:
        random = sum(each["random_own"]) / len(each["random_own"]) if each["random_own"] else None
        rows.append(
            [
                each["lang"], str(each["size"]), _nats(each["own"]), _nats(each["others"]), _nats(random),
                _triple(each["specific"]), _triple(each.get("over_other_sets", [None] * 3)), _triple(each["over_random"]),
            ]
        )  # fmt: skip
    title = (
        f"knock-out check ({check['model']}): rise of nats per token on {check['n_sentences']} held-out sentences when a "
        "language's set is zeroed"
    )
    columns = [
        "lang",
        "size",
        "own text",
        "other texts",
        "random set",
        "own - other texts [95 %]",
        "own - other sets [95 %]",
    ]
    columns.append("own - random set [95 %]")
    _print_table(console, columns, rows, title)


def _nats(value: float | None) -> str:
    return "–" if value is None else f"{value:+.3f}"


def _triple(values: Sequence[float | None]) -> str:
    value, low, high = values
    return f"{_nats(value)} [{_nats(low)}, {_nats(high)}]" if low is not None else _nats(value)


def _interval(low: float | None, high: float | None, *, sign: bool = False) -> str:
    if low is None or high is None:
        return "[no interval]"
    return f"[{in_hundredths(low, 2, sign=sign)}, {in_hundredths(high, 2, sign=sign)}]"


def _print_table(
    console: "Console", columns: Sequence[str], rows: Sequence[Sequence[str]], title: str | None = None
) -> None:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, collapse_padding=True)
    for number, name in enumerate(columns):
        table.add_column(name, justify="left" if number == 0 else "right")
    for row in rows:
        table.add_row(*row)
    if title:
        console.print(title)
    print_whole(console, table)
    console.print()
