"""`--decode-grid`: the same tasks under every combination of decoding settings, one run each, one engine for all (D9)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from xleval.data.storage import sha256_of
from xleval.evalkit.backends.base import Backend
from xleval.evalkit.results_schema import Results
from xleval.evalkit.run_folder import default_folder
from xleval.evalkit.runner import RunConfig, RunPlan, plan_run
from xleval.evalkit.settings import parse_grid
from xleval.evalkit.task import LoadedTask

#: label of a combination, such as `temperature=0.6,top_p=0.9` -> its configuration and what it asks
Cells = Mapping[str, tuple[RunConfig, RunPlan]]


def grid_cells(
    backend: Backend, tasks: Sequence[LoadedTask], config: RunConfig, grid: str, *, samples: int | None = 1
) -> Cells:
    """Return a configuration and a plan for each combination, in the order of the grid.

    Raises:
        ConfigError: the grid names a setting that does not exist, a value out of range, or temperature 0 for several
            samples.
    """
    cells: dict[str, tuple[RunConfig, RunPlan]] = {}
    for label, sampling in parse_grid(grid, config.options.sampling):
        named = config.options.named
        if named is not None:
            named = tuple(dict.fromkeys([*named, *(part.partition("=")[0] for part in label.split(","))]))
        cell = replace(config, samples=samples, options=replace(config.options, sampling=sampling, named=named))
        cells[label] = (cell, plan_run(backend, tasks, cell))
    return cells


def grid_folder(cells: Cells, model: str) -> Path:
    """Return the folder of a grid without `--out`; each combination has its own under it."""
    signatures = [sha256_of(dict(plan.signature)) for _, plan in cells.values()]
    return default_folder({"grid": signatures}, model)


def render_grid(found: Mapping[str, Results]) -> str:
    """Return a table for people: accuracy and share of words in the language asked for, by combination and language."""
    from xleval.evalkit.tables import percent, render_grid_table

    rows = []
    for label, results in found.items():
        for task, result in results["tasks"].items():
            cells = []
            for row in result["rows"]:
                written = row["language_consistency"]
                share = percent(written["headline"]["value"] if written and written["headline"] else None)
                accuracy = percent(row["accuracy"]["value"] if row["accuracy"] else None)
                cells.append((row["lang"], f"{accuracy} / {share}"))
            rows.append((label, task, cells))
    return render_grid_table(rows)
