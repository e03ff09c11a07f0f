r"""MATH500: 500 competition problems with an expression as answer, in English or translated.

* Source: Lightman et al. 2023, arXiv 2305.20050, a sample of MATH (Hendrycks et al. 2021, arXiv 2103.03874);
  github.com/openai/prm800k, `test.jsonl` {problem, solution, answer, subject, level, unique_id}. A translated set is one
  that `xleval build-reasoning --from math500` made, `LANG/test.parquet`.
* Prompt: native chain of thought; a conversation asks for the final answer in `\boxed{}`, as PolyMath and the seed papers
  do, a text to continue has labels only.
* Score: equal in mathematics, by math-verify behind our own extraction. 4,096 tokens.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from xleval.data.rows import Row, read_rows
from xleval.evalkit.hub import HubSet
from xleval.evalkit.requests import Sampling
from xleval.evalkit.task import Task, TaskItem
from xleval.tasks.asking import no_exemplars, solution_request
from xleval.tasks.language_files import language_files, need_folder, nothing_in
from xleval.tasks.verdicts import need_math, score_expression

_LAYOUT = "test.jsonl (English, as published), or LANG/test.parquet of xleval build-reasoning"


def load(folder: Path | None, languages: Sequence[str]) -> dict[str, list[TaskItem]]:
    """Return the problems by language; `item_id` counts the published file from 1, or is that of a built set.

    Raises:
        DataError: no folder, no file, or a row without problem or answer.
    """
    root = need_folder(folder, "math500", _LAYOUT)
    found = {}
    for lang in languages:
        files = language_files(root, lang) or ([root / "test.jsonl"] if lang == "en" else [])
        rows = [row for path in files if path.is_file() for row in read_rows(path)]
        if rows:
            found[lang] = [_item(row, number) for number, row in enumerate(rows, start=1)]
    if not found:
        raise nothing_in(root, "math500", _LAYOUT, languages)
    return found


def _item(row: Row, number: int) -> TaskItem:
    return TaskItem(
        item_id=str(row.values.get("item_id") or f"math500-test-{number}"),
        question=row.text("problem", "question"),
        gold=row.text("answer"),
        groups={key: str(row.values[key]) for key in ("subject", "level") if row.values.get(key) is not None},
    )


MATH500 = Task(
    name="math500",
    version=1,
    kind="generation",
    summary="500 competition problems, answers compared as mathematics",
    reference="arXiv 2305.20050, arXiv 2103.03874",
    load=load,
    request=partial(solution_request, task="math500", ask="boxed"),
    score=score_expression,
    need=need_math,
    exemplars=no_exemplars,
    group="maths",
    sampling=Sampling(max_tokens=4096),
    derived_from=("math",),
    hub=HubSet(
        repo="HuggingFaceH4/MATH-500", files=("test.jsonl",), revision="6e4ed1a2a79af7d8630a6b768ec859cb5af4d3be"
    ),
    verified="openai/prm800k test.jsonl; sets built by xleval",
)
