"""MGSM: 250 problems of the GSM8K test, translated by people into ten languages; integer answers.

* Source: Shi et al. 2022, arXiv 2210.03057; github.com/google-research/url-nlp 452a21a, `mgsm/mgsm_LANG.tsv` with question
  and answer and no header, `exemplars.json` with eight worked examples a language. CC-BY 4.0. On the hub `LANG/test-*.parquet`
  and the examples as `LANG/train-*.parquet`.
* Versions (D21): `rev2` is MGSM-Rev2 (github.com/thomasZen/MGSM-Rev2 5f091ed, arXiv 2511.05162, CC BY-SA 4.0), in which
  wrong translations and source errors are corrected; `original` is the first release. `mgsm` is rev2 where its files are
  found, else the original; which one is said and is part of a run's signature. Language gaps on the original are partly
  errors of its translations.
* Prompt: Native-CoT, EN-CoT (`--cot english`) and direct (`--cot direct`) of the paper, section 3; a chat model is asked in
  a conversation whose instruction names the language of the solution.
* Examples: none by default; `--shots 8` puts the paper's own before every problem, which base models need.
* Score: the number by `evalkit.extraction`, compared as a Decimal. 1,024 tokens: 256, the default of lm-eval, cuts
  languages with many tokens a word.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from xleval.data.rows import read_rows
from xleval.data.storage import read_json
from xleval.errors import DataError
from xleval.evalkit.hub import HubSet
from xleval.evalkit.requests import Sampling
from xleval.evalkit.task import Task, TaskItem
from xleval.tasks.asking import solution_request
from xleval.tasks.language_files import language_files, need_folder, nothing_in
from xleval.tasks.verdicts import score_number

LANGUAGES = ("en", "bn", "de", "es", "fr", "ja", "ru", "sw", "te", "th", "zh")
_LAYOUT = "mgsm_LANG.tsv (question and answer, tab-separated), or LANG/test.parquet"
#: stands beside the corrected files in their repository, and not beside the original ones
_REV2_MARK = "replaced_questions.json"


def rev2_folder(folder: Path) -> Path | None:
    """Return where the files of MGSM-Rev2 are, seen from the folder of MGSM's data; None where they are not."""
    places = (folder / "MGSM-Rev2", folder, folder.parent / "mgsm_rev2", folder.parent / "mgsm_rev2" / "MGSM-Rev2")
    for place in places:
        if (place / _REV2_MARK).is_file() and any(place.glob("mgsm_*.tsv")):
            return place
    return None


def edition(folder: Path | None) -> str:
    """Return which version `mgsm` is with this folder: `rev2` or `original`."""
    return "rev2" if folder is not None and rev2_folder(folder) else "original"


def load(folder: Path | None, languages: Sequence[str], version: str | None = None) -> dict[str, list[TaskItem]]:
    """Return the problems by language, in the order of the files, which is that of the GSM8K test.

    Args:
        folder: of the data.
        languages: codes; one without a file is absent from the result.
        version: `rev2`, `original`, or None for rev2 where it is found.

    Raises:
        DataError: no folder, no file, or a row without question or whole number.
    """
    root = need_folder(folder, "mgsm", _LAYOUT)
    version = version or edition(root)
    place = rev2_folder(root) if version == "rev2" else root
    if place is None:
        raise DataError(f"{root} holds no MGSM-Rev2: needed are mgsm_LANG.tsv beside {_REV2_MARK}")
    found = {}
    for lang in languages:
        tsv = place / f"mgsm_{lang}.tsv"
        files = [tsv] if tsv.is_file() else language_files(place, lang)
        if files:
            found[lang] = [item for path in files for item in _items(path)]
    if not found:
        raise nothing_in(place, "mgsm", _LAYOUT, languages)
    return found


def _items(path: Path) -> list[TaskItem]:
    rows = read_rows(path, columns=("question", "answer") if path.suffix == ".tsv" else ())
    return [
        TaskItem(
            item_id=f"mgsm-{number:03d}",
            question=row.text("question"),
            gold=row.text("answer_number", "answer").replace(",", ""),
        )
        for number, row in enumerate(rows, start=1)
    ]


def exemplars(folder: Path | None, languages: Sequence[str], n: int) -> dict[str, list[TaskItem]]:
    """Return the first `n` worked examples by language, of `exemplars.json` or the hub's train split; English ones beside native.

    Raises:
        DataError: the file is not what MGSM publishes.
    """
    path = folder / "exemplars.json" if folder else None
    if path is None or not path.is_file():
        return _train_split(folder, languages, n) if folder else {}
    try:
        content = read_json(path)
        worked, numbers = content["MGSM_EXEMPLARS"], content["EXEMPLAR_NUMBER_ANSWERS"]
        return {
            lang: [
                TaskItem(
                    item_id=f"mgsm-example-{number}",
                    question=_after_label(worked[lang][str(number)]["q"]),
                    gold=str(numbers[number - 1]),
                    solution=_after_label(worked[lang][str(number)]["a"]),
                    english_solution=_after_label(worked["en"][str(number)]["a"]),
                )
                for number in range(1, min(n, len(worked[lang])) + 1)
            ]
            for lang in languages
            if lang in worked
        }
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        raise DataError(f"{path}: {error!r} is missing; needed is MGSM's exemplars.json as published") from error


def _train_split(folder: Path, languages: Sequence[str], n: int) -> dict[str, list[TaskItem]]:
    """Return the first `n` examples of the hub's layout, the same texts as in `exemplars.json`."""
    found = {
        lang: [row for path in files for row in read_rows(path)][:n]
        for lang in dict.fromkeys([*languages, "en"])
        if (files := language_files(folder, lang, "train"))
    }
    english = [_after_label(row.text("answer")) for row in found.get("en", ())]
    return {
        lang: [
            TaskItem(
                item_id=f"mgsm-example-{number}",
                question=_after_label(row.text("question")),
                gold=row.text("answer_number"),
                solution=_after_label(row.text("answer")),
                english_solution=english[number - 1] if number <= len(english) else "",
            )
            for number, row in enumerate(found[lang], start=1)
        ]
        for lang in languages
        if lang in found
    }


def _after_label(text: str) -> str:
    """Return a question or solution without the label that MGSM's examples begin with, such as `Frage: `."""
    ends = [place for place in (text.find(":"), text.find("：")) if 0 <= place <= 40]
    return text[min(ends) + 1 :].strip() if ends else text.strip()


MGSM = Task(
    name="mgsm",
    version=1,
    kind="generation",
    summary="250 grade-school problems translated by people into ten languages (rev2 where its files are at hand)",
    reference="arXiv 2210.03057; MGSM-Rev2: arXiv 2511.05162",
    load=load,
    request=partial(solution_request, task="mgsm", ask="number"),
    score=score_number,
    exemplars=exemplars,
    default_shots=0,
    languages=LANGUAGES,
    group="maths",
    sampling=Sampling(max_tokens=1024),
    derived_from=("gsm8k",),
    edition=edition,
    hub=HubSet(
        repo="juletxara/mgsm",
        files=("*/*.parquet",),
        revision="b2f13d426afe3be8d69a7e739b36724db8b66bbc",
    ),
    verified="google-research/url-nlp 452a21a (rev2, 5f091ed, has files of the same names)",
)


def _fixed(version: str) -> Task:
    name = f"mgsm_{version}"
    return replace(
        MGSM,
        name=name,
        summary=f"MGSM, always the {version} version",
        load=partial(load, version=version),
        request=partial(solution_request, task=name, ask="number"),
        edition=lambda folder: version,
        data_of="mgsm",
    )


#: The versions by name, `--version rev2|original` or `mgsm[original]`.
PARTS = (_fixed("rev2"), _fixed("original"))
