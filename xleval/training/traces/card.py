"""The card of a set of traces, and the table that a build prints: how many completions were lost where."""

from collections.abc import Mapping
from typing import Any

from xleval.data.card_markdown import language_name, listed, markdown_table, percent
from xleval.text_console import print_whole, printed, text_console
from xleval.training.traces.selection import REASONS

_PLAIN_WIDTH = 120  # columns without a terminal


def render_card(manifest: Mapping[str, Any]) -> str:
    """Return `README.md` of a set: YAML metadata that `datasets.load_dataset` reads, then the card.

    Args:
        manifest: as in `build.json`.
    """
    rules, asked = manifest["config"]["rules"], manifest["config"]["teacher"]
    task = asked["tasks"][manifest["task"]]
    names = ", ".join(language_name(lang) for lang in manifest["languages"])
    parallel = "\nItems without a trace in every language are left out.\n" if rules["parallel"] else ""
    return f"""{_metadata(manifest)}

# Traces of {manifest["teacher"]["model"]} on {manifest["config"]["source"]["name"]}, built by xleval

Solutions in {names}, written by a model and kept where the final answer is right, stated and finished, and at
least {rules["min_share"]:.0%} of the determined words are in the language asked for. One for each item and language: the first of
{task["samples"]} that passed. Nobody has read them: a right answer may follow from wrong steps.
{parallel}
Columns: `item_id`, `language`, `question`, `prompt` (what the teacher was shown), `trace`, `answer`, `task` (asks and scores it),
`n_correct` of `n_samples` (how often the teacher was right), `sample_index`, `n_tokens`, `target_share`.

## What became of the completions

{markdown_table(_HEAD, _rows(manifest))}
Yield: {_yield(manifest)}. What is kept is easier than the set: items that the teacher solves in a language. Completions that are
no traces are in `rejects/LANG.jsonl` with the reason; unscored ones were not answered and count as nothing.

## How it was made

| | |
|---|---|
| source | {manifest["config"]["source"]["name"]}, split {manifest["config"]["source"]["split"]} |
| derived from | {", ".join(manifest["derived_from"])} |
| teacher | {listed(manifest["teacher"])} |
| drawn with | {listed(task["sampling"])}, seed {asked["seed"]} |
| versions | {listed(manifest["versions"])} |

Do not test on the source's items a model that learnt from these (`xleval overlap`). The teacher's licence may limit what its
texts can be used for: find out before you share the set.
"""


_HEAD = ("language", "items", "completions", *REASONS, "passed", "with a trace", "kept")


def _rows(manifest: Mapping[str, Any]) -> list[list[object]]:
    return [[lang, *(row[name] for name in _HEAD[1:])] for lang, row in manifest["funnel"].items()]


def _yield(manifest: Mapping[str, Any]) -> str:
    return ", ".join(f"{lang} {percent(row['kept'], row['items'])}" for lang, row in manifest["funnel"].items())


def _metadata(manifest: Mapping[str, Any]) -> str:
    lines = ["---", "language:", *(f'- "{lang}"' for lang in manifest["languages"])]
    lines += ["tags:", "- reasoning", "- synthetic", "configs:"]
    for name, splits in manifest["configs"].items():
        lines += [f'- config_name: "{name}"', "  data_files:"]
        lines += [line for split in splits for line in (f"  - split: {split}", f'    path: "{name}/{split}.parquet"')]
    return "\n".join([*lines, "---"])


def render_funnel(manifest: Mapping[str, Any], width: int | None = None) -> str:
    """Return the table that a build prints for people.

    Args:
        manifest: as in `build.json`.
        width: columns; default the terminal's.
    """
    from rich.table import Table

    shown = [name for name in REASONS if any(row[name] for row in manifest["funnel"].values())]
    head = ("items", "completions", *shown, "passed", "kept")
    table = Table(title=f"traces of {manifest['teacher']['model']} on {manifest['config']['source']['name']}")
    table.add_column("language")
    for name in (*head, "yield"):
        table.add_column(name, justify="right")
    for lang, row in manifest["funnel"].items():
        table.add_row(lang, *(str(row[name]) for name in head), percent(row["kept"], row["items"]))
    console = text_console(plain_width=_PLAIN_WIDTH, width=width)
    print_whole(console, table)
    console.print("kept: items; everything else: completions, each under the first reason")
    return printed(console)
