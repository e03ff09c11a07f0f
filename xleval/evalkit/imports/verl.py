"""`--from verl`: the roll-outs that verl writes to `trainer.rollout_data_dir` or `trainer.validation_data_dir`.

Read as verl 0.9.1 writes them: a file `STEP.jsonl` per step with `input`, `output`, `gts` (the right answer), `score`,
`step`, and what the reward function returned beside its score. Language and item are there if the reward function
returns them (`{"score": …, "lang": …, "item_id": …}`) or by `--map`. Items without an id are told apart by their prompt.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from xleval.evalkit.imports.fields import FieldMap
from xleval.evalkit.imports.files import find_files, table_rows
from xleval.evalkit.imports.foreign import Read, read_rows
from xleval.evalkit.imports.rollouts import Columns, rollouts

_COLUMNS = Columns(prompt="input", completion="output", gold=("gts",), correct=("acc", "score"))


def read(path: Path, fields: FieldMap) -> Iterator[Read]:
    """Yield the roll-outs of a file, or of all files of a folder in the order of the steps.

    Raises:
        DataError: nothing to read, or a mapped column is missing.
    """
    for file in find_files(path, "*.jsonl"):
        name = file.parent.name
        yield from read_rows(table_rows(file), partial(rollouts, fields=fields, name=name, columns=_COLUMNS))
