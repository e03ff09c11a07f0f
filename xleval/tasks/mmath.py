r"""MMATH: 374 hard problems (AIME 2024 and 2025, CNMO, MATH500) in ten languages.

* Source: Luo et al. 2025, arXiv 2505.19126; github.com/RUCAIBox/MMATH e04a8ba, `mmath/LANG.json`, a list of {question,
  answer, data_source, data_source_id, lang, gid}; `gid` joins the languages. It is not on the hub.
* Known error: of gid 80 the Arabic file has another problem (x^3 - 2x + 1 where x^2 - x - 1 = 0, which is 2) with the
  answer of the published one, -125. It is asked as it is.
* Prompt: native, in a conversation with the final answer in `\boxed{}`. Drawing as published: 4 completions, temperature
  0.6, top-p 0.95; 8,192 tokens where the paper gives reasoning models 32,768 (`--gen max_tokens=32768`).
* Score: equal in mathematics, by math-verify behind our own extraction. Language consistency is ours, not its LCR by
  fastText over text with formulas.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from xleval.data.rows import Row, read_rows
from xleval.errors import DataError
from xleval.evalkit.requests import Sampling
from xleval.evalkit.task import Task, TaskItem
from xleval.tasks.asking import no_exemplars, solution_request
from xleval.tasks.item_order import in_turn
from xleval.tasks.language_files import language_files, need_folder, nothing_in
from xleval.tasks.verdicts import need_math, score_expression

LANGUAGES = ("en", "zh", "ar", "es", "fr", "ja", "ko", "pt", "th", "vi")
_LAYOUT = "mmath/LANG.json or LANG.json"


def load(folder: Path | None, languages: Sequence[str]) -> dict[str, list[TaskItem]]:
    """Return the problems by language, the first of every source, then the second of every source, and so on.

    Raises:
        DataError: no folder, no file, a row without its columns, or an answer that differs between languages.
    """
    root = need_folder(folder, "mmath", _LAYOUT)
    place = root / "mmath" if (root / "mmath").is_dir() else root
    found: dict[str, list[TaskItem]] = {}
    golds: dict[str, tuple[str, str]] = {}
    for lang in languages:
        items = []
        for row in (row for path in language_files(place, lang) for row in read_rows(path)):
            item = _item(row)
            gold, first = golds.setdefault(item.item_id, (item.gold, row.place))
            if gold != item.gold:
                raise DataError(
                    f"{row.place}: gid {row.get('gid')} has the answer {item.gold!r}, but {gold!r} in {first}"
                )
            items.append(item)
        if items:
            found[lang] = sorted(items, key=lambda item: item.item_id)
    if not found:
        raise nothing_in(root, "mmath", _LAYOUT, languages)
    return in_turn(found, "data_source")


def _item(row: Row) -> TaskItem:
    number = row.text("gid")
    if not number.isdecimal():
        raise DataError(f"{row.place}, column gid: found {number!r}, a whole number is needed")
    return TaskItem(
        item_id=f"mmath-{int(number):03d}",
        question=row.text("question"),
        gold=row.text("answer"),
        groups={"data_source": row.text("data_source")},
    )


MMATH = Task(
    name="mmath",
    version=1,
    kind="generation",
    summary="374 competition problems in ten languages",
    reference="arXiv 2505.19126",
    load=load,
    request=partial(solution_request, task="mmath", ask="boxed"),
    score=score_expression,
    need=need_math,
    exemplars=no_exemplars,
    languages=LANGUAGES,
    group="maths",
    sampling=Sampling(max_tokens=8192, temperature=0.6, top_p=0.95),
    samples=4,
    derived_from=("aime24", "aime25", "math"),
    verified="RUCAIBox/MMATH e04a8ba: rows of mmath/ar.json, ko.json and zh.json",
)
