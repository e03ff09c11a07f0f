"""The tables that a build prints for people."""

from collections.abc import Mapping
from typing import Any

from rich.table import Table

from xleval.data.plurals import counted
from xleval.polyfact.baselines import CHANCE, TOLERANCE
from xleval.text_console import print_whole, printed, text_console

_BESIDE = ("transfer", "attested-A", "leaky", "recent")
_PLAIN_WIDTH = 110  # columns without a terminal


def render_build(manifest: Mapping[str, Any], width: int | None = None) -> str:
    """Return facts by relation and the model-free baselines by language as text.

    Args:
        manifest: as in `build.json`.
        width: columns; default the terminal's.
    """
    facts = manifest["facts"]
    relations = Table(
        title=f"PolyFact: {counted(facts['all'], 'fact')} x {counted(len(manifest['languages']), 'language')} "
        f"({', '.join(f'{split} {n}' for split, n in facts.items() if n and split != 'all')})"
    )
    for column in ("relation", "candidates", "facts", "test", "answers", "top answer", "leaks"):
        relations.add_column(column, justify="left" if column == "relation" else "right")
    for pid, row in manifest["relations"].items():
        if not row["candidates"]:
            continue
        top = row["top_answer_share"]
        relations.add_row(
            f"{pid} {row['name']}",
            str(row["candidates"]),
            str(row["facts"]["all"]),
            str(row["facts"]["test"]),
            str(row["answers"]),
            "" if top is None else f"{top:.0%}",
            f"{row['leak_loss']:.0%}",
        )
    baselines = Table(
        title=f"guessers without a model, accuracy over all splits (chance {CHANCE}, limit {CHANCE + TOLERANCE:.2f})"
    )
    baselines.add_column("language")
    for name in next(iter(manifest["baselines"].values())):
        baselines.add_column(name.replace("_", " "), justify="right")
    for lang, scores in manifest["baselines"].items():
        baselines.add_row(lang, *(f"{value:.3f}" for value in scores.values()))
    console = text_console(plain_width=_PLAIN_WIDTH, width=width)
    print_whole(console, relations)
    print_whole(console, baselines)
    dropped = ", ".join(f"{reason} {count}" for reason, count in manifest["rejected"].items() if count)
    console.print(f"dropped, each with its reason in rejects.jsonl: {dropped or 'none'}")
    beside = {name: sum(splits.values()) for name, splits in manifest["configs"].items()}
    chosen = ", ".join(f"{name} {beside[name]}" for name in _BESIDE if name in beside)
    console.print(f"beside the main set: {chosen or 'nothing'}; guessable {manifest['name_baseline']['guessable']}")
    return printed(console)
