"""AlpacaEval: 805 instructions that users gave, answered openly; two runs are compared by a judge.

* Source: Li et al. 2023, github.com/tatsu-lab/alpaca_eval; hub tatsu-lab/alpaca_eval, `alpaca_eval.json`: a list of objects
  with instruction, output (of a reference model, not used here), generator and dataset. CC BY-NC 4.0. English.
* Other languages: translations of the same shape, `LANG.json`, `alpaca_eval_LANG.json` or `LANG/test.parquet`, in the order of
  the English list; each file must have as many rows.
* Prompt: the instruction as it is; to a base model with a blank line after it.
* Sampling: greedy and 2,048 tokens. The published models are drawn at their makers' settings, often with 2,048 or 4,096
  tokens (its `models_configs`); answers that are cut lose before a judge, so that the rate of cut ones belongs to a result.
* Score: none of its own, `xleval judge` compares two runs. Group: `dataset`, which of five sources the instruction is from.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from xleval.data.rows import Row, read_rows
from xleval.errors import DataError
from xleval.evalkit.hub import HubSet
from xleval.evalkit.requests import Sampling
from xleval.evalkit.task import Task, TaskItem
from xleval.tasks.asking import ask_openly, no_exemplars
from xleval.tasks.item_order import in_turn
from xleval.tasks.language_files import language_files, need_folder, nothing_in
from xleval.tasks.verdicts import leave_to_judge

_LAYOUT = "alpaca_eval.json (a list with instruction and dataset), LANG.json or LANG/test.parquet for other languages"


def load(folder: Path | None, languages: Sequence[str]) -> dict[str, list[TaskItem]]:
    """Return the instructions by language, the first of every source, then the second of every source, and so on.

    Args:
        folder: of the data.
        languages: codes; one without a file is absent from the result.

    Raises:
        DataError: no folder, no file, a row without an instruction, or a language with another number of rows.
    """
    root = need_folder(folder, "alpaca_eval", _LAYOUT)
    found = {
        lang: [row for path in files for row in read_rows(path)] for lang in languages if (files := _files(root, lang))
    }
    if not found:
        raise nothing_in(root, "alpaca_eval", _LAYOUT, languages)
    first = next(iter(found))
    for lang, rows in found.items():
        if len(rows) != len(found[first]):
            raise DataError(
                f"{root}: {lang} has {len(rows)} instructions, {first} has {len(found[first])}; they are joined by position, "
                "so as many are needed"
            )
    items = {lang: [_item(row, number) for number, row in enumerate(rows)] for lang, rows in found.items()}
    return in_turn(items, "dataset")


def _files(root: Path, lang: str) -> list[Path]:
    named = [root / f"alpaca_eval_{lang}.json", *([root / "alpaca_eval.json"] if lang == "en" else [])]
    return [path for path in named if path.is_file()][:1] or language_files(root, lang)


def _item(row: Row, number: int) -> TaskItem:
    source = row.values.get("dataset")
    return TaskItem(
        item_id=f"alpaca_eval-{number:03d}",
        question=row.text("instruction"),
        gold="",
        groups={"dataset": str(source)} if source else {},
    )


ALPACA_EVAL = Task(
    name="alpaca_eval",
    version=1,
    kind="generation",
    follows_cot=False,
    summary="805 instructions, answered openly; xleval judge compares two runs",
    reference="github.com/tatsu-lab/alpaca_eval",
    load=load,
    request=partial(ask_openly, task="alpaca_eval"),
    score=leave_to_judge,
    exemplars=no_exemplars,
    group="open",
    sampling=Sampling(max_tokens=2048),
    judged=True,
    hub=HubSet(repo="tatsu-lab/alpaca_eval", files=("alpaca_eval.json",)),
    verified="first rows of example/outputs.json, tatsu-lab/alpaca_eval 0099f05, which has the same columns",
)
