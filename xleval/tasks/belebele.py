"""Belebele: 900 questions about 488 passages of FLORES-200 in 122 language variants, four shown options.

* Source: Bandarkar et al. 2023, arXiv 2308.16884; github.com/facebookresearch/belebele 08633e8 (README: fields, languages) and
  hub facebook/belebele, `data/CODE.jsonl` with CODE of FLORES-200 such as kor_Hang: link, question_number, flores_passage,
  question, mc_answer1 to mc_answer4, correct_answer_num (from 1). CC BY-SA 4.0. An archive of the same files is unpacked as is.
* Items are joined by link and question_number. The README adds the split of FLORES to them, which the files of the hub do not
  have; an item twice in a language is refused, as is a right answer that is not the same in every language.
* Prompt: passage and question with labels in the language, `A. option` a line; the paper and lm-eval write `P:`, `Q:` and
  `A:`, which stands for the first option there.
* Examples: none; there is no dev split, the paper's five come from an English training set made of other sets.
* Score: the letter with the highest log-probability (README: "the answer within [A, B, C, D] that has the highest
  probability"). The whole passage is shown, never a part.
* The passages are FLORES-200's, on which translation models are trained and tested: they are widely known to models.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from xleval.data.rows import Row, read_rows
from xleval.errors import DataError
from xleval.evalkit.hub import HubSet
from xleval.evalkit.task import Task, TaskItem
from xleval.tasks.asking import no_exemplars, shown_choice
from xleval.tasks.exam_rows import Placed, placed_item, with_one_key
from xleval.tasks.language_files import language_files, need_folder, nothing_in
from xleval.tasks.verdicts import score_by_letter

#: FLORES-200 codes; Arabic is Modern Standard in Arabic script, Chinese simplified
FLORES_CODES = {
    "en": "eng_Latn", "de": "deu_Latn", "id": "ind_Latn", "pt": "por_Latn", "ar": "arb_Arab", "bn": "ben_Beng",
    "sw": "swh_Latn", "es": "spa_Latn", "ru": "rus_Cyrl", "fr": "fra_Latn", "ja": "jpn_Jpan", "zh": "zho_Hans",
    "ko": "kor_Hang", "uk": "ukr_Cyrl", "th": "tha_Thai", "te": "tel_Telu", "yo": "yor_Latn", "vi": "vie_Latn",
    "it": "ita_Latn", "ms": "zsm_Latn",
}  # fmt: skip
_LAYOUT = "data/CODE.jsonl or CODE/test-*.parquet, CODE such as kor_Hang"


def load(folder: Path | None, languages: Sequence[str]) -> dict[str, list[TaskItem]]:
    """Return the questions by language, in the order of the files.

    Raises:
        DataError: no folder, no file, a row without its columns, or languages whose rows are not the same items.
    """
    root = need_folder(folder, "belebele", _LAYOUT)
    found = {
        lang: [_placed(row) for path in files for row in read_rows(path)]
        for lang in languages
        if (files := _files(root, lang))
    }
    if not found:
        raise nothing_in(root, "belebele", _LAYOUT, languages)
    return with_one_key(found, "belebele")


def _files(root: Path, lang: str) -> list[Path]:
    code = FLORES_CODES.get(lang)
    return language_files(root / "data", code) or language_files(root, code) if code else []


def _placed(row: Row) -> Placed:
    number = row.text("correct_answer_num")
    if number not in ("1", "2", "3", "4"):
        raise DataError(f"{row.place}, column correct_answer_num: found {number!r}; 1, 2, 3 or 4 is needed")
    return placed_item(
        row,
        item_id=f"{row.text('link')}#{row.text('question_number')}",
        passage="flores_passage",
        options=[row.text(f"mc_answer{place}") for place in range(1, 5)],
        gold_index=int(number) - 1,
    )


BELEBELE = Task(
    name="belebele",
    version=1,
    kind="choice",
    summary="900 questions about passages of FLORES-200, the same in every language, four shown options",
    reference="arXiv 2308.16884; github.com/facebookresearch/belebele 08633e8; lm-eval 0.4.13 belebele",
    load=load,
    request=partial(shown_choice, task="belebele"),
    score=score_by_letter,
    exemplars=no_exemplars,
    primary="letter",
    languages=tuple(FLORES_CODES),
    group="reading",
    derived_from=("flores200",),
    hub=HubSet(repo="facebook/belebele", files=("data/*.jsonl",), revision="7899cdfa4e1e0d733fd77c848e2c273cb1d32be2"),
)
