"""m-ArenaHard: the 500 prompts of Arena-Hard in 23 languages, answered openly; two runs are compared by a judge.

* Source: Dang et al. 2024, arXiv 2412.04261; hub CohereLabs/m-ArenaHard (CohereForAI before), `LANG/test-*.parquet` with
  question_id, cluster, category and prompt; translated by Google Translate from lmarena-ai/arena-hard-auto v0.1.
  m-ArenaHard v2.0 (498 prompts, subcategory in place of cluster) has the same file names and loads too.
* Items: `question_id` joins the languages. Groups: `category` and, where there is one, `subcategory`; a cluster has two
  prompts, too few to group by.
* Prompt: as it is; to a base model with a blank line after it.
* Sampling: greedy and 4,096 tokens, as Arena-Hard's own `config/gen_answer_config.yaml` (github.com/lmarena/arena-hard-auto
  7f1b7f5).
* Score: none of its own, `xleval judge` compares two runs.
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
from xleval.tasks.language_files import language_files, need_folder, nothing_in
from xleval.tasks.verdicts import leave_to_judge

LANGUAGES = ("en", "de", "id", "pt", "ar", "es", "ru", "fr", "ja", "zh", "ko", "uk", "vi", "it")
_LAYOUT = "LANG/test-*.parquet (question_id, category and prompt)"


def load(folder: Path | None, languages: Sequence[str]) -> dict[str, list[TaskItem]]:
    """Return the prompts by language, in the order of the files.

    Args:
        folder: of the data.
        languages: codes; one without a file is absent from the result.

    Raises:
        DataError: no folder, no file, a row without its columns, or none of a language's ids in another one.
    """
    root = need_folder(folder, "m_arena_hard", _LAYOUT)
    found = {
        lang: [_item(row) for path in files for row in read_rows(path)]
        for lang in languages
        if (files := language_files(root, lang))
    }
    if not found:
        raise nothing_in(root, "m_arena_hard", _LAYOUT, languages)
    first = next(iter(found))
    known = {item.item_id for item in found[first]}
    for lang, items in found.items():
        if known.isdisjoint(item.item_id for item in items):
            raise DataError(f"{root}: {lang} and {first} have no question_id in common; use files of one version")
    return found


def _item(row: Row) -> TaskItem:
    names = ("category", "subcategory")
    return TaskItem(
        item_id=row.text("question_id"),
        question=row.text("prompt"),
        gold="",
        groups={name: str(row.values[name]) for name in names if row.values.get(name)},
    )


M_ARENA_HARD = Task(
    name="m_arena_hard",
    version=1,
    kind="generation",
    follows_cot=False,
    summary="500 hard user prompts in 23 languages, answered openly; xleval judge compares two runs",
    reference="arXiv 2412.04261; arena-hard-auto 7f1b7f5 for sampling",
    load=load,
    request=partial(ask_openly, task="m_arena_hard"),
    score=leave_to_judge,
    exemplars=no_exemplars,
    languages=LANGUAGES,
    group="open",
    sampling=Sampling(max_tokens=4096),
    judged=True,
    derived_from=("arena_hard",),
    hub=HubSet(
        repo="CohereLabs/m-ArenaHard",
        files=("*/test-*.parquet",),
        revision="ab393a96cd0b134a1acfa96e080af31e5e73a393",
    ),
)
