"""`--from trl`: the roll-outs that TRL's trainers write with `log_completions=True`.

Read as TRL 1.16 writes them: `completions/completions_STEP.parquet` in the output folder, with `step`, `prompt`,
`completion`, a column per reward function, what reward functions logged by `log_extra`, and `advantage`. Language, item
and gold are not among them unless a reward function logs them: `log_extra("lang", lang)`, `log_extra("item_id", …)`,
`log_extra("answer", …)` are found without a mapping. Items without an id are told apart by their prompt.

TRL writes the same roll-outs again at every step that trains on them (`steps_per_generation`, `num_iterations`): a file
that repeats the one before is left out.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from xleval.evalkit.imports.fields import FieldMap
from xleval.evalkit.imports.files import find_files, table_rows
from xleval.evalkit.imports.foreign import LeftOut, Read, Rejected, read_rows
from xleval.evalkit.imports.rollouts import Columns, rollouts

_COLUMNS = Columns(
    prompt="prompt",
    completion="completion",
    gold=("answer", "solution", "gold"),
    correct=("accuracy_reward", "accuracy_curve"),
)


def read(path: Path, fields: FieldMap) -> Iterator[Read]:
    """Yield the roll-outs of a file, or of all files of a folder in the order of the steps.

    Raises:
        DataError: nothing to read, or a mapped column is missing.
    """
    before: list[dict[str, str]] = []
    for file in find_files(path, "completions_*.parquet", "completions_*.jsonl"):
        rows = list(table_rows(file))
        values = [_without_step(row.values) for row in rows if not isinstance(row, Rejected)]
        if values and values == before:
            yield from (LeftOut(reason="the same roll-outs as at the step before") for _ in values)
            continue
        before = values
        name = file.parent.parent.name if file.parent.name == "completions" else file.parent.name
        yield from read_rows(rows, partial(rollouts, fields=fields, name=name, columns=_COLUMNS))


def _without_step(values: Mapping[str, object]) -> dict[str, str]:
    """Return a row as text without its step: two NaN rewards are then the same."""
    return {name: repr(value) for name, value in values.items() if name != "step"}
