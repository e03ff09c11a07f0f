r"""XReasoning: AIME 2024, AIME 2025 and GPQA-Diamond in eleven languages, for reasoning models.

* Source: Qi et al. 2025, arXiv 2505.22888; github.com/Betswish/mCoT-XReasoning 55c0fdb loads `aime_2024_multilingual`,
  `aime_2025_multilingual` and `gpqa_diamond_mc_multilingual` with a split for each language and the columns problem,
  answer and, for GPQA, options within the problem and a boxed letter. On the hub: shanchen/… , `data/LANG-*.parquet`.
* Prompt: native, in a conversation with the final answer in `\boxed{}`. Its "prompt hacking", a first sentence of the
  trace in the language that is wanted, is `--reason-prefix native`.
* Drawing: 16 completions at temperature 0.6 and top-p 0.95 for the 30 problems of a year (D7), mean@16; one for GPQA.
  The repository draws one, greedily for most models. 8,192 tokens; its default is 4,096 with the prompt.
* Score: equal in mathematics; of GPQA the letter. Chance on GPQA is 25 %, and base models are near it.
"""

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from xleval.data.rows import Row, read_rows
from xleval.errors import DataError
from xleval.evalkit.hub import HubSet
from xleval.evalkit.requests import Sampling
from xleval.evalkit.task import Task, TaskItem
from xleval.tasks.asking import no_exemplars, solution_request
from xleval.tasks.language_files import language_files, need_folder, nothing_in
from xleval.tasks.verdicts import need_math, score_expression

LANGUAGES = ("en", "fr", "de", "zh", "ja", "ru", "es", "sw", "bn", "te", "th")
_LAYOUT = "data/LANG-00000-of-00001.parquet or LANG.jsonl, with problem and answer"
_BOX = re.compile(r"\\boxed\{([^{}]+)\}")


def load(folder: Path | None, languages: Sequence[str], name: str) -> dict[str, list[TaskItem]]:
    """Return the problems of one of the three sets by language; a line is the same problem in every language.

    Raises:
        DataError: no folder, no file, a row without its columns, or an answer that differs between languages.
    """
    root = need_folder(folder, f"xreasoning_{name}", _LAYOUT)
    found: dict[str, list[TaskItem]] = {}
    golds: dict[int, tuple[str, str]] = {}
    for lang in languages:
        files = sorted(root.glob(f"data/{lang}-*.parquet")) or language_files(root, lang)
        rows = [row for path in files for row in read_rows(path)]
        for number, row in enumerate(rows, start=1):
            gold, first = golds.setdefault(number, (_gold(row), row.place))
            if gold != _gold(row):
                raise DataError(f"{row.place} has the answer {_gold(row)!r}, but {gold!r} in {first}: lines must agree")
        if rows:
            found[lang] = [
                TaskItem(item_id=f"{name}-{number:03d}", question=row.text("problem", "question"), gold=_gold(row))
                for number, row in enumerate(rows, start=1)
            ]
    if not found:
        raise nothing_in(root, f"xreasoning_{name}", _LAYOUT, languages)
    return found


def _gold(row: Row) -> str:
    text = row.text("answer", "solution")
    boxed = _BOX.search(text)
    return boxed[1].strip() if boxed else text


def _task(name: str, repo: str, summary: str, samples: int) -> Task:
    drawn = Sampling(max_tokens=8192, temperature=0.6, top_p=0.95) if samples > 1 else Sampling(max_tokens=8192)
    return Task(
        name=f"xreasoning_{name}",
        version=1,
        kind="generation",
        summary=summary,
        reference="arXiv 2505.22888",
        load=partial(load, name=name),
        request=partial(solution_request, task=f"xreasoning_{name}", ask="boxed"),
        score=score_expression,
        need=need_math,
        exemplars=no_exemplars,
        languages=LANGUAGES,
        group="maths",
        sampling=drawn,
        samples=samples,
        derived_from=(name,),
        data_names=(repo.partition("/")[2],),
        hub=HubSet(repo=repo, files=("data/*.parquet",)),
    )


#: The three sets; `xreasoning` names them together.
TASKS = (
    _task("aime24", "shanchen/aime_2024_multilingual", "the 30 problems of AIME 2024 in eleven languages", 16),
    _task("aime25", "shanchen/aime_2025_multilingual", "the 30 problems of AIME 2025 in eleven languages", 16),
    _task("gpqa", "shanchen/gpqa_diamond_mc_multilingual", "198 graduate science questions in eleven languages", 1),
)
