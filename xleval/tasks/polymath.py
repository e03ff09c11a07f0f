r"""PolyMath: 125 problems at each of four levels of difficulty in 18 languages, and DW-ACC.

* Source: Wang et al. 2025, arXiv 2504.18428; github.com/QwenLM/PolyMath fab12d6, `LANG/{low,medium,high,top}.jsonl`
  {id, question, answer}; on the hub the same as Parquet. Apache 2.0 (README badge). `low` are MGSM's items 1 to 125.
* DW-ACC = (a_low + 2 a_medium + 4 a_high + 8 a_top)/15; it needs all four levels, so items of the levels alternate: the
  first `--limit` items hold as many of each.
* Prompt: native, in a conversation with the final answer in `\boxed{}`; PolyMath's own instruction is its notebook's wording of the same.
* Score: equal in mathematics, by math-verify behind our own extraction; PolyMath grades the first box, we the last one,
  which is the one a model ends with. Language consistency is ours (`docs/results.md`), not its rule by langdetect.
* 8,192 tokens; PolyMath gives reasoning models 32,768 (`--gen max_tokens=32768`).
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from xleval.data.rows import Row, read_rows
from xleval.errors import DataError
from xleval.evalkit.hub import HubSet
from xleval.evalkit.metrics.weighted import Weighting
from xleval.evalkit.requests import Sampling
from xleval.evalkit.task import Task, TaskItem
from xleval.tasks.asking import no_exemplars, solution_request
from xleval.tasks.language_files import language_files, need_folder, nothing_in
from xleval.tasks.verdicts import need_math, score_expression

LANGUAGES = ("en", "zh", "ar", "bn", "de", "es", "fr", "id", "it", "ja", "ko", "ms", "pt", "ru", "sw", "te", "th", "vi")
LEVELS = ("low", "medium", "high", "top")
_LAYOUT = "LANG/low.jsonl, medium.jsonl, high.jsonl and top.jsonl"


def load(folder: Path | None, languages: Sequence[str]) -> dict[str, list[TaskItem]]:
    """Return the problems by language: the first of every level, the second of every level, and so on.

    Raises:
        DataError: no folder, a language without one of its levels, or a row without its columns.
    """
    root = need_folder(folder, "polymath", _LAYOUT)
    found = {}
    for lang in languages:
        levels = {level: files for level in LEVELS if (files := language_files(root, lang, level))}
        if not levels:
            continue
        if missing := [level for level in LEVELS if level not in levels]:
            raise DataError(f"{root / lang} lacks {', '.join(missing)}; needed are {_LAYOUT}")
        items = [
            (number, place, _item(row, level, number))
            for place, level in enumerate(LEVELS)
            for number, row in enumerate(row for path in levels[level] for row in read_rows(path))
        ]
        found[lang] = [item for _, _, item in sorted(items, key=lambda entry: entry[:2])]
    if not found:
        raise nothing_in(root, "polymath", _LAYOUT, languages)
    return found


def _item(row: Row, level: str, number: int) -> TaskItem:
    parts = row.text("id").split("-")  # level, language, number
    if parts[0] != level or parts[-1] != str(number):
        raise DataError(f"{row.place}, column id: found {row.text('id')!r}; {level}-LANG-{number} is needed there")
    # A number is the rank of its problem in every language.
    item_id = f"{level}-{number:03d}"
    return TaskItem(item_id=item_id, question=row.text("question"), gold=row.text("answer"), groups={"level": level})


POLYMATH = Task(
    name="polymath",
    version=1,
    kind="generation",
    summary="500 problems from grade school to olympiad in 18 languages; difficulty-weighted accuracy (DW-ACC)",
    reference="arXiv 2504.18428",
    load=load,
    request=partial(solution_request, task="polymath", ask="boxed"),
    score=score_expression,
    need=need_math,
    exemplars=no_exemplars,
    languages=LANGUAGES,
    group="maths",
    sampling=Sampling(max_tokens=8192),
    weighting=Weighting(name="DW-ACC", key="level", weights={"low": 1, "medium": 2, "high": 4, "top": 8}),
    derived_from=("mgsm", "gsm8k"),
    hub=HubSet(repo="Qwen/PolyMath", files=("*/*.parquet",), revision="71e0db902e0ece05e208dfd8b1695bd3d95cf130"),
    verified="QwenLM/PolyMath fab12d6",
)
