"""BMLAMA: facts as sentences with a gap and 2 to 10 candidates, aligned across languages, for RankC.

* Source: Qi et al. 2023, arXiv 2310.10378; github.com/Betswish/Cross-Lingual-Consistency 13c9d46, `1_easyrun/BMLAMA17/LANG.tsv`
  (6,792 rows, 17 languages) and `BMLAMA53` (3,070 rows, 53 languages): Prompt, Ans, Candidate Ans, Subject. Apache 2.0; the
  facts are mLAMA's (CC BY-NC 4.0). In one header a tab stands within "Candidate Ans": headers are passed over unread.
* Items: the row, from 0, joins the languages; so do the candidates by position, and the right one is the last everywhere.
  The files hold one relation after the other and do not name it: items are asked in the order of a hash of their ids.
  In BMLAMA-17 at least four wrong candidates are other ones than in English in 147 rows of ar and 119 of ja (es 2, ru 9,
  zh 19), judged by the usual name of each; that lowers agreement on those rows.
* Prompt: the sentence up to the gap; scored is what follows, candidate and rest of the sentence, as in the study's evaluation
  (github.com/jvonrad/Lost-in-Mistranslation 3ca0eea). The option that is shown in results is therefore the candidate with
  that rest. A space before the gap becomes the option's own (`--option-space auto`); the study adds one more, in Chinese and
  Japanese too. There are no labels and no examples, whatever the scaffold. In a conversation the beginning of the sentence is
  the user's turn. A sentence that begins with its gap is asked after the answer label of its language.
* Score: log-probability per byte of what was scored, as the study does. The authors' code takes the mean over the tokens of
  the whole sentence, which depends on the tokeniser; `token` among the other normalisations in the results is the nearest.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from xleval.errors import DataError
from xleval.evalkit.prompts import continuation, fact_conversation, prompt_words
from xleval.evalkit.requests import ChoiceRequest, Prompt
from xleval.evalkit.task import Task, TaskItem, TaskOptions
from xleval.tasks.asking import no_exemplars
from xleval.tasks.item_order import mixed
from xleval.tasks.language_files import need_folder, nothing_in
from xleval.tasks.verdicts import score_by_byte

_GAP = "<mask>"
_COLUMNS = ("Prompt", "Ans", "Candidate Ans", "Subject")
_LAYOUT = "LANG.tsv (Prompt, Ans, Candidate Ans and Subject, tab-separated)"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placed:
    item: TaskItem
    place: str


def load(folder: Path | None, languages: Sequence[str], name: str) -> dict[str, list[TaskItem]]:
    """Return the facts by language, in one order that mixes the relations, which the files do not name.

    Args:
        folder: holds `LANG.tsv`, itself or in the folder of the published repository.
        languages: codes; one without a file is absent from the result.
        name: `bmlama17` or `bmlama53`.

    Raises:
        DataError: no folder, no file, a broken row, or languages whose rows do not match; files and rows are named.
    """
    root = need_folder(folder, name, _LAYOUT)
    published = name.upper()
    places = [root, root / published, root / "1_easyrun" / published]
    found: dict[str, list[_Placed]] = {}
    for lang in languages:
        path = next((path for place in places if (path := place / f"{lang}.tsv").is_file()), None)
        if path is not None:
            found[lang] = [_placed(*row, f"{name}-{number:04d}") for number, row in enumerate(_rows(path))]
            _check_same(path, found[lang], next(iter(found.values())))
    if not found:
        raise nothing_in(root, name, _LAYOUT, languages)
    return mixed({lang: [placed.item for placed in facts] for lang, facts in found.items()})


def _rows(path: Path) -> list[tuple[str, list[str]]]:
    """Return place and fields of every row of a file."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path}: byte {error.start + 1} is not UTF-8 ({error.reason}). Convert the file to UTF-8"
        ) from error
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from error
    rows = []
    for number, line in enumerate(text.split("\n"), start=1):
        fields = [field.strip() for field in line.split("\t")]
        if fields[0] == _COLUMNS[0] or not line.strip():
            continue
        if len(fields) != len(_COLUMNS):
            raise DataError(
                f"{path}, line {number}: {len(fields)} fields, {len(_COLUMNS)} are needed: {', '.join(_COLUMNS)}"
            )
        rows.append((f"{path}, line {number}", fields))
    if not rows:
        raise DataError(f"{path} has no rows")
    return rows


def _placed(place: str, fields: Sequence[str], item_id: str) -> _Placed:
    prompt, gold, listed, _ = fields
    before, gap, rest = prompt.partition(_GAP)
    if not gap or _GAP in rest:
        raise DataError(f"{place}, column Prompt: found {prompt!r}; {_GAP} is needed once")
    candidates = [name.strip() for name in listed.split(", ")]
    if not gold or gold not in candidates or len(set(candidates)) != len(candidates) or len(candidates) < 2:
        raise DataError(
            f"{place}, column Candidate Ans: found {', '.join(candidates)}; two or more different names are needed, "
            f"{gold or 'the answer'} among them"
        )
    item = TaskItem(
        item_id=item_id,
        question=before,
        gold=f"{gold}{rest}",
        choices=tuple(f"{candidate}{rest}" for candidate in candidates),
        gold_index=candidates.index(gold),
        groups={"candidates": str(len(candidates))},
    )
    return _Placed(item=item, place=place)


def _check_same(path: Path, facts: Sequence[_Placed], first: Sequence[_Placed]) -> None:
    """Refuse languages that are not aligned: their rows and candidates are joined by position."""
    for fact, other in zip(facts, first, strict=False):
        if len(fact.item.choices) != len(other.item.choices) or fact.item.gold_index != other.item.gold_index:
            raise DataError(
                f"{fact.place} has {len(fact.item.choices)} candidates, the right one at place {fact.item.gold_index}; "
                f"{other.place} has {len(other.item.choices)} and {other.item.gold_index}: they are joined by position and "
                "must be the same"
            )
    if len(facts) != len(first):
        raise DataError(
            f"{path} has {len(facts)} rows, the file of {first[-1].place} has {len(first)}: as many are needed"
        )


def ask(item: TaskItem, lang: str, options: TaskOptions, shots: Sequence[TaskItem], *, task: str) -> ChoiceRequest:
    """Return the scoring request of an item: the sentence up to the gap, and each option with the rest of the sentence."""
    text = item.question.rstrip()
    space = options.option_space
    if options.chat:
        context: Prompt = fact_conversation(text or _label(lang), lang, "none", (), options.system_prompt)
        space = "never" if space == "auto" else space
    else:
        context = text or _label(lang)
        if space == "auto" and text:
            space = "never" if text == item.question else "always"
    return ChoiceRequest(
        key=f"{task}/{lang}/{item.item_id}",
        context=context,
        continuations=tuple(continuation(choice, lang, space) for choice in item.choices),
    )


def _label(lang: str) -> str:
    return prompt_words(lang).answer_label


_LANGUAGES_17 = ("en", "ar", "es", "ru", "fr", "ja", "zh", "ko", "uk", "vi")
_LANGUAGES_53 = ("en", "de", "id", "pt", "ar", "bn", "es", "ru", "fr", "ja", "zh", "ko", "uk", "th", "vi", "it", "ms")

BMLAMA17 = Task(
    name="bmlama17",
    version=1,
    kind="choice",
    summary="6,792 facts as sentences with a gap, 2 to 10 hidden options; for RankC",
    reference="arXiv 2310.10378; github.com/Betswish/Cross-Lingual-Consistency 13c9d46",
    load=partial(load, name="bmlama17"),
    request=partial(ask, task="bmlama17"),
    score=score_by_byte,
    exemplars=no_exemplars,
    languages=_LANGUAGES_17,
    group="facts",
    derived_from=("mlama",),
    data_names=("BMLAMA17",),
    verified="Betswish/Cross-Lingual-Consistency 13c9d46, 1_easyrun/BMLAMA17 (en, ar, es, ja, ru, zh)",
)

BMLAMA53 = replace(
    BMLAMA17,
    name="bmlama53",
    summary="3,070 facts in more languages, asked in the same way",
    load=partial(load, name="bmlama53"),
    request=partial(ask, task="bmlama53"),
    languages=_LANGUAGES_53,
    data_names=("BMLAMA53",),
    verified="Betswish/Cross-Lingual-Consistency 1d8e60a, rows of BMLAMA53/de.tsv; 943355a, rows of bn.tsv and fr.tsv",
)
