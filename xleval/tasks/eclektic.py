r"""ECLeKTic: 384 questions whose answer stands in the Wikipedia of one language only, asked in twelve, without the article.

* Source: Goldman et al. 2025, arXiv 2502.21228; one file `eclektic_main.jsonl`, a row for each question with q_id,
  original_lang, title, url, content, question, answer and, for every language, `LANG_q`, `LANG_a` and `LANG_c` (the article's
  text, not shown). Ten of the twelve languages are in xleval's table (not he and hi). The hub copy and its commit are those
  that the benchmark suite of ura-hcmut reads.
* Prompt: the question alone, closed-book; to a base model `Question: …\nAnswer:` with labels in the language of the question,
  up to the end of the line; to a chat model with the request for a short answer in that language.
* Score: **not the published one.** There a judge model reads answer, reference and article. Here an answer is right where the
  whole words of the reference stand in it (`matches_name`): references of several words are often put otherwise, so that
  figures are lower than published ones; compare models and languages by them, not papers.
* Groups: `original_lang`, and `asked_in`: `source` where the question is asked in that language, else `transfer`. The paper's
  transfer score is accuracy in the other languages of questions that are right in their own: from these and the item id.
* 64 tokens: references are names, dates and short phrases. No examples: the set has none to spare.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from xleval.data.column_names import listed
from xleval.data.rows import Row, read_rows
from xleval.errors import DataError
from xleval.evalkit.hub import HubSet
from xleval.evalkit.requests import Sampling
from xleval.evalkit.task import Task, TaskItem
from xleval.tasks.asking import ask_name, no_exemplars
from xleval.tasks.item_order import in_turn
from xleval.tasks.language_files import need_folder
from xleval.tasks.verdicts import score_name

LANGUAGES = ("en", "de", "id", "pt", "es", "fr", "ja", "zh", "ko", "it")
_LAYOUT = "eclektic_main.jsonl (q_id, original_lang, LANG_q and LANG_a)"


def load(folder: Path | None, languages: Sequence[str]) -> dict[str, list[TaskItem]]:
    """Return the questions by language, the first from every Wikipedia, then the second from each, and so on.

    Args:
        folder: holds `eclektic_main.jsonl`, or Parquet files with the same columns.
        languages: codes; one without columns is absent from the result.

    Raises:
        DataError: no folder, no file, none of the languages, or a broken row; file and row are named.
    """
    root = need_folder(folder, "eclektic", _LAYOUT)
    named = root / "eclektic_main.jsonl"
    files = [named] if named.is_file() else sorted({*root.glob("*.parquet"), *root.glob("data/*.parquet")})
    rows = [row for path in files for row in read_rows(path)]
    if not rows:
        raise DataError(f"{root} holds no eclektic: needed is {_LAYOUT}")
    there = [lang for lang in languages if any(f"{lang}_q" in row.values for row in rows)]
    if not there:
        raise DataError(f"{files[0]} has no column LANG_q for {', '.join(languages)}; found: {listed(rows[0].values)}")
    return in_turn({lang: [_item(row, lang) for row in rows] for lang in there}, "original_lang")


def _item(row: Row, lang: str) -> TaskItem:
    source, answer = row.text("original_lang"), row.text(f"{lang}_a")
    return TaskItem(
        item_id=row.text("q_id"),
        question=row.text(f"{lang}_q"),
        gold=answer,
        choices=(answer,),
        choice_ids=("answer",),
        gold_index=0,
        groups={"original_lang": source, "asked_in": "source" if source == lang else "transfer"},
    )


ECLEKTIC = Task(
    name="eclektic",
    version=1,
    kind="generation",
    follows_cot=False,
    summary="questions from articles that one Wikipedia alone has: does knowledge transfer; lenient match in place of a judge",
    reference="arXiv 2502.21228",
    load=load,
    request=partial(ask_name, task="eclektic"),
    score=score_name,
    exemplars=no_exemplars,
    languages=LANGUAGES,
    group="facts",
    sampling=Sampling(max_tokens=64),
    hub=HubSet(
        repo="ura-hcmut/ECLeKTic",
        files=("eclektic_main.jsonl",),
        revision="86650a00986420df9939b5f29d256aebad04c767",
    ),
    verified="first row of eclektic_main.jsonl as copied in github.com/aw814/MLLM-interpretability 0efe5d6",
)
