"""The dataset card of a published run: what was asked, what came out, what it does not say."""

from collections.abc import Mapping
from typing import Any

import yaml

from xleval.evalkit.claims import refused_claims
from xleval.evalkit.figures.of_tables import overview_table
from xleval.evalkit.figures.table import Table, shown
from xleval.evalkit.report.command import command_of
from xleval.evalkit.results_schema import Results


def render_run_card(results: Results, licence: str) -> str:
    """Return `README.md` of a run: metadata by which `load_dataset` reads its samples, then figures and refused claims.

    Args:
        results: of the run.
        licence: code of the licence of the questions, which the samples hold; `other` where there are several.
    """
    model = _text(results["model"])
    parts = [
        f"---\n{yaml.safe_dump(_metadata(results, licence), sort_keys=False, allow_unicode=True)}---",
        f"# {model}: {', '.join(map(_text, results['tasks']))}",
        "One row of `samples.parquet` is one answer, or one choice among options; `results.json` has every figure, "
        "`run.json` what is needed to repeat them, `report.html` shows both. Made by xleval:",
        f"```console\n$ {command_of(results).replace('`', '')}\n```",
        "## Figures",
        _markdown(overview_table([(results["model"], results)])),
        "## What these figures do not say",
        "\n".join(f"* {_text(refusal.claim)}: {_text(refusal.reason)}." for refusal in refused_claims([results])),
    ]
    return "\n\n".join(parts) + "\n"


def _metadata(results: Results, licence: str) -> Mapping[str, Any]:
    languages = dict.fromkeys(lang for task in results["tasks"].values() for lang in task["languages"])
    return {
        "pretty_name": f"{results['model']} on {', '.join(results['tasks'])} (xleval run)",
        "license": licence,
        "language": list(languages),
        "tags": ["evaluation", "xleval"],
        "configs": [
            {"config_name": "samples", "default": True, "data_files": [{"split": "test", "path": "samples.parquet"}]}
        ],
    }


def _markdown(table: Table) -> str:
    rows = [[column.name for column in table.columns], ["---"] * len(table.columns)]
    rows += [
        [_text(shown(cell, column.unit)) for cell, column in zip(row, table.columns, strict=True)] for row in table.rows
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _text(text: str) -> str:
    """Return a text that is only text in Markdown: names of models and tasks come from outside."""
    escaped = "".join(f"\\{letter}" if letter in "\\`*_[]<>|#" else letter for letter in text)
    return " ".join(escaped.split())
