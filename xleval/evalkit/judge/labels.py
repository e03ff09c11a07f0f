"""Labelled pairs to validate a judge on: answers of which people, or the way they were made, say the better one.

Read are files as MM-Eval and RewardBench publish them: `prompt`, `chosen`, `rejected`, and `language` where a file holds
several. MM-Eval: Son et al. 2024, arXiv 2410.17578; hub prometheus-eval/MM-Eval, `data/test-*.parquet` with prompt, chosen,
rejected, language (a code such as `ko`), subset, chosen_model, rejected_model and id (its card, seen 2026-11-22).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from xleval.data.language_names import language_code, language_in
from xleval.data.plurals import counted
from xleval.data.rows import ENDINGS, Row, read_rows
from xleval.data.storage import sha256_of, sha256_of_file
from xleval.errors import ConfigError, DataError
from xleval.evalkit.judge.pairs import Pair

_LANGUAGE = ("language", "lang")
_NEEDED = "prompt, chosen and rejected, and language where a file's name does not end in one"


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """A labelled set.

    Attributes:
        pairs: in the languages asked for; the first answer is the better one of every second pair, so that a judge that
            always names the first run's is right in half of them.
        sha256: of its files.
        notes: what was left out.
    """

    pairs: tuple[Pair, ...]
    sha256: str
    notes: tuple[str, ...]


def read_labels(path: Path, languages: Sequence[str]) -> Labels:
    """Return the labelled pairs of a file, or of all files of a folder, in some languages.

    Args:
        path: file or folder.
        languages: codes; rows in others are left out.

    Raises:
        ConfigError: there is no such file, or none that can be read.
        DataError: a row lacks a column, or no row is in the languages.
    """
    files = _files(path)
    pairs: list[Pair] = []
    unknown: Counter[str] = Counter()
    alike = 0
    there: dict[str, None] = {}
    for file in files:
        for row in read_rows(file):
            named = _language(row, file)
            code = language_code(named)
            there[code or named] = None
            if not code:
                unknown[named] += 1
            elif code in languages:
                pair = _pair(row, code, len(pairs))
                if pair.answers[0] == pair.answers[1]:
                    alike += 1  # no judge can be right or wrong here: it would only be drawn towards 50 %
                else:
                    pairs.append(pair)
    if not pairs:
        found = ", ".join(list(there)[:20])
        raise DataError(
            f"{path} has no pairs in {', '.join(languages)}; it has {found}. Give labels in these languages"
        )
    notes = []
    if unknown:
        named = ", ".join(list(unknown)[:8])
        notes.append(
            f"labels: {counted(sum(unknown.values()), 'pair')} in languages that xleval does not know: {named}"
        )
    if alike:
        notes.append(f"labels: left out {counted(alike, 'pair')} of two answers that are the same text")
    return Labels(
        pairs=tuple(pairs),
        sha256=sha256_of([sha256_of_file(file) for file in files]),
        notes=tuple(notes),
    )


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise ConfigError(f"--labels {path}: there is no such file or folder")
    found = sorted(each for each in path.rglob("*") if each.is_file() and each.suffix in ENDINGS)
    if not found:
        raise ConfigError(f"--labels {path}: it has no file that ends in {', '.join(ENDINGS)}")
    return found


def _language(row: Row, file: Path) -> str:
    stated = next((row.values[name] for name in _LANGUAGE if row.values.get(name)), None)
    named = str(stated) if stated is not None else language_in(file.stem) or language_in(file.parent.name)
    if not named:
        raise DataError(f"{row.place}: its language is not stated; a labelled set has {_NEEDED}")
    return named


def _pair(row: Row, lang: str, number: int) -> Pair:
    missing = [name for name in ("prompt", "chosen", "rejected") if not row.values.get(name)]
    if missing:
        found = ", ".join(map(str, row.values))
        raise DataError(f"{row.place}: no {missing[0]}; found are {found}. A labelled set has {_NEEDED}")
    answers = _said(row, "chosen"), _said(row, "rejected")
    winner = number % 2
    return Pair(
        task="labels", lang=lang, item_id=str(number), question=_said(row, "prompt"), target=lang, winner=winner,
        answers=answers if winner == 0 else (answers[1], answers[0]),
    )  # fmt: skip


def _said(row: Row, column: str) -> str:
    """Return a text; of a conversation, what its last turn says.

    Raises:
        DataError: it is no text, or blank.
    """
    value = row.values[column]
    if isinstance(value, list) and value and isinstance(value[-1], dict) and isinstance(value[-1].get("content"), str):
        value = value[-1]["content"]
    if not isinstance(value, str):
        raise DataError(f"{row.place}, column {column}: a text is needed, found {type(value).__name__}")
    if not value.strip():
        raise DataError(f"{row.place}, column {column}: it is blank; a labelled pair needs a text there")
    return value
