"""MSVAMP: 1,000 arithmetic problems of SVAMP in ten languages, translated by machine and checked by people.

* Source: Chen et al. 2023 (MathOctopus), arXiv 2310.20246; github.com/microsoft/MathOctopus 4d385db,
  `test_LANGUAGE.json`, JSON lines {query, m_query, equation, response}. MIT.
* The same line is the same problem in every language: `query`, the English original, must agree.
* Prompt and score as in `mgsm`; the published set has no worked examples.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from xleval.data.languages import get_language
from xleval.data.rows import Row, read_rows
from xleval.errors import DataError
from xleval.evalkit.hub import HubSet
from xleval.evalkit.requests import Sampling
from xleval.evalkit.task import Task, TaskItem
from xleval.tasks.asking import no_exemplars, solution_request
from xleval.tasks.language_files import need_folder, nothing_in
from xleval.tasks.verdicts import score_number

LANGUAGES = ("en", "bn", "de", "es", "fr", "ja", "ru", "sw", "th", "zh")
_LAYOUT = "test_LANGUAGE.json, such as test_Swahili.json"


def load(folder: Path | None, languages: Sequence[str]) -> dict[str, list[TaskItem]]:
    """Return the problems by language, in the order of the files.

    Raises:
        DataError: no folder or file, a row without its columns, or a line that is another problem than in English.
    """
    root = need_folder(folder, "msvamp", _LAYOUT)
    found: dict[str, list[TaskItem]] = {}
    originals: dict[int, tuple[str, str]] = {}
    for lang in languages:
        path = root / f"test_{get_language(lang).english_name}.json"
        if path.is_file():
            rows = read_rows(path)
            for number, row in enumerate(rows, start=1):
                original = row.text("query", "m_query")  # the English file has no query of its own
                first, place = originals.setdefault(number, (original, row.place))
                if original != first:
                    raise DataError(f"{row.place} is another problem than {place}; lines must agree across languages")
            found[lang] = [_item(row, number) for number, row in enumerate(rows, start=1)]
    if not found:
        raise nothing_in(root, "msvamp", _LAYOUT, languages)
    return found


def _item(row: Row, number: int) -> TaskItem:
    gold = row.text("response")
    return TaskItem(item_id=f"msvamp-{number:04d}", question=row.text("m_query"), gold=gold.removesuffix(".0"))


MSVAMP = Task(
    name="msvamp",
    version=1,
    kind="generation",
    summary="1,000 arithmetic problems in ten languages",
    reference="arXiv 2310.20246",
    load=load,
    request=partial(solution_request, task="msvamp", ask="number"),
    score=score_number,
    exemplars=no_exemplars,
    languages=LANGUAGES,
    group="maths",
    sampling=Sampling(max_tokens=1024),
    derived_from=("svamp",),
    hub=HubSet(repo="Mathoctopus/MSVAMP", files=("*.json",), revision="301e2b3b168be70058c89c21c2fbdc9262102add"),
    verified="microsoft/MathOctopus 4d385db",
)
