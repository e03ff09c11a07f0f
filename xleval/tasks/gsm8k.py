"""GSM8K: 1,319 grade-school test problems in English, and any translation of them; integer answers.

* Source: Cobbe et al. 2021, arXiv 2110.14168; github.com/openai/grade-school-math 3101c7d, `test.jsonl` with question and
  an answer that ends in `#### N`. MIT. Korean: github.com/xfactlab/kt-ai-challenge 60c2403,
  `kor-gsm8k/kor-gsm8k-test.jsonl` with kor_question beside question (Apache-2.0). Any other language: a set that
  `xleval build-reasoning --from gsm8k` made, `LANG/test.parquet`, or `LANG/test.jsonl` with item_id, question, answer.
* Prompt and score as in `mgsm`; the examples of a prompt are the first problems of `train` where the set has one.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from xleval.data.rows import Row, read_rows
from xleval.errors import DataError
from xleval.evalkit.hub import HubSet
from xleval.evalkit.requests import Sampling
from xleval.evalkit.task import Task, TaskItem
from xleval.tasks.asking import solution_request
from xleval.tasks.language_files import language_files, need_folder, nothing_in
from xleval.tasks.verdicts import score_number

_LAYOUT = (
    "test.jsonl (English, as published), kor-gsm8k/kor-gsm8k-test.jsonl, or LANG/test.parquet of xleval build-reasoning"
)
_KOREAN = "kor-gsm8k/kor-gsm8k-test.jsonl"


def load(folder: Path | None, languages: Sequence[str], split: str = "test") -> dict[str, list[TaskItem]]:
    """Return the problems by language; `item_id` counts the published test from 1, or is that of a built set.

    Raises:
        DataError: no folder, no file, or a row without question or number.
    """
    root = need_folder(folder, "gsm8k", _LAYOUT)
    found = {}
    for lang in languages:
        files = language_files(root, lang, split) or _published(root, lang, split)
        if files:
            rows = [row for path in files for row in read_rows(path)]
            found[lang] = [_item(row, number, lang, split) for number, row in enumerate(rows, start=1)]
    if not found and split == "test":
        raise nothing_in(root, "gsm8k", _LAYOUT, languages)
    return found


def _published(root: Path, lang: str, split: str) -> list[Path]:
    korean = root / _KOREAN
    if lang in ("en", "ko") and split == "test" and korean.is_file():
        return [korean]
    if lang != "en":
        return []
    places = (f"{split}.jsonl", f"main/{split}.parquet", f"main/{split}-*.parquet", f"{split}.parquet")
    return next((files for place in places if (files := sorted(root.glob(place)))), [])


def _item(row: Row, number: int, lang: str, split: str) -> TaskItem:
    question = row.text("kor_question") if lang == "ko" and "kor_question" in row.values else row.text("question")
    # In the Korean file the answer is beside an English solution that ends in it, too.
    worked = row.text("answer")
    gold = worked.rpartition("####")[2].strip().replace(",", "")
    if not gold:
        raise DataError(f"{row.place}, column answer: nothing after ####; a number is needed")
    solution = str(row.values.get("solution") or "") or (worked if "####" in worked and lang == "en" else "")
    return TaskItem(
        item_id=str(row.values.get("item_id") or f"gsm8k-{split}-{number}"),
        question=question,
        gold=gold,
        solution=solution,
        groups={key: str(row.values[key]) for key in ("level",) if row.values.get(key)},
    )


def exemplars(folder: Path | None, languages: Sequence[str], n: int) -> dict[str, list[TaskItem]]:
    """Return the first `n` problems of the train split that have a worked solution, by language."""
    found = load(folder, languages, split="train") if folder else {}
    return {lang: [item for item in items if item.solution][:n] for lang, items in found.items()}


GSM8K = Task(
    name="gsm8k",
    version=1,
    kind="generation",
    summary="1,319 grade-school problems in English, and any translated set of them",
    reference="arXiv 2110.14168",
    load=load,
    request=partial(solution_request, task="gsm8k", ask="number"),
    score=score_number,
    exemplars=exemplars,
    group="maths",
    sampling=Sampling(max_tokens=1024),
    data_names=("gsm8k_ko",),
    hub=HubSet(repo="openai/gsm8k", files=("main/*.parquet",), revision="740312add88f781978c0658806c59bc2815b9866"),
    verified="openai/grade-school-math 3101c7d; xfactlab/kt-ai-challenge 60c2403; sets built by xleval",
)
