"""Which files of a folder hold which language of a parallel text, told by their names alone; on disk or on the hub.

FLORES: `devtest/deu_Latn.devtest`. FLORES+: `devtest/deu_Latn.parquet`. Others: `de.txt`, `train.de`, `de/test.parquet`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from xleval.data.language_names import language_code, language_in
from xleval.data.rows import ENDINGS
from xleval.errors import ConfigError

#: What parts of a text are called; where none is asked for, the first that has all languages is read.
SPLITS = ("devtest", "test", "dev", "validation", "valid", "train")
#: `test-00001-of-00004.parquet`
_PART = re.compile(r"-\d{5}-of-\d{5}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFiles:
    """The files of one split.

    Attributes:
        split: empty where the names say none.
        by_lang: names by language, in order; under "" tables whose rows or columns say the language.
    """

    split: str
    by_lang: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    """What a file's name says; empty for what it does not."""

    name: str
    lang: str
    split: str


def choose_files(names: Iterable[str], source: str, langs: Sequence[str], split: str | None) -> TextFiles:
    """Return the files to read, out of all names under a folder.

    Args:
        names: relative to the folder, with `/`.
        source: the folder, for messages.
        langs: codes that are needed.
        split: the part to read; None for the first of `SPLITS` that has all languages, then files that name none.

    Raises:
        ConfigError: there is no text, split or file of a language, or a language has two files.
    """
    listed = list(names)
    found = [named for name in listed if (named := _named(name, split)) is not None]
    tables_only = not any(each.lang for each in found)
    groups: dict[str, dict[str, list[str]]] = {}
    for each in found:
        if each.lang or tables_only:
            groups.setdefault(each.split, {}).setdefault(each.lang, []).append(each.name)
    if not groups:
        raise ConfigError(_no_text(source, listed, langs))
    if split is not None and split not in groups:
        there = ", ".join(sorted(each for each in groups if each)) or "no file that names one"
        raise ConfigError(f"{source} has no split {split!r}; it has {there}. Give another, or none")
    order = [split] if split is not None else [each for each in (*SPLITS, "") if each in groups]
    chosen = next((each for each in order if _lacking(groups[each], langs) == []), None)
    if chosen is None:
        nearest = min(order, key=lambda each: len(_lacking(groups[each], langs)))
        raise ConfigError(_no_language(source, nearest, groups[nearest], langs))
    wanted = ("",) if tables_only else langs
    return TextFiles(split=chosen, by_lang={lang: _parts(source, lang, groups[chosen][lang]) for lang in wanted})


def _named(name: str, split: str | None) -> _Named | None:
    """Return what a name says; nothing of a file that is not text: hidden, a licence, a build's record."""
    path = PurePosixPath(name)
    is_table = path.suffix in ENDINGS
    if any(part.startswith(".") for part in path.parts) or path.name == "build.json":
        return None
    stem = path.stem if is_table or path.suffix == ".txt" else path.name
    lang = language_code(stem.partition(".")[0]) or language_in(stem)
    if not lang and path.suffix in (*ENDINGS, ".txt"):
        lang = next((code for part in reversed(path.parts[:-1]) if (code := language_code(part))), "")
    if not lang and not is_table:
        return None
    words = [*re.split(r"[._-]", stem), stem, *reversed(path.parts[:-1])]
    known = SPLITS if split is None else (split, *SPLITS)
    return _Named(name=name, lang=lang, split=next((word for word in words if word in known), ""))


def _lacking(group: Mapping[str, Sequence[str]], langs: Sequence[str]) -> list[str]:
    return [] if "" in group else [lang for lang in langs if lang not in group]


def _parts(source: str, lang: str, names: Sequence[str]) -> list[str]:
    """Return the files of a language: one, or the numbered parts of one."""
    names = sorted(names)
    whole = {_PART.sub("", str(PurePosixPath(name).with_suffix(""))) for name in names}
    if len(whole) > 1:
        what = f"{len(names)} files in {lang}" if lang else f"{len(names)} tables"
        raise ConfigError(f"{source} has {what}: {', '.join(names[:4])}; keep one, or name its split")
    return names


def _no_text(source: str, names: Sequence[str], langs: Sequence[str]) -> str:
    if any(name.endswith(".py") for name in names):
        return (
            f"{source} is read by a script of its own, which is never run; give openlanguagedata/flores_plus, or a folder "
            "with a file for each language"
        )
    lang = langs[0]
    listed = ", ".join(sorted(names)[:6]) or "nothing"
    return (
        f"{source} has no parallel text; found: {listed}. Needed is a file for each language with a sentence a line "
        f"(devtest/deu_Latn.devtest, {lang}.txt), or a table ({', '.join(ENDINGS)})"
    )


def _no_language(source: str, split: str, group: Mapping[str, Sequence[str]], langs: Sequence[str]) -> str:
    lacking = _lacking(group, langs)
    name = next(iter(group.values()))[0]
    where = f" in the split {split}" if split else ""
    return (
        f"{source} lacks the languages {', '.join(lacking)}{where}; it has {', '.join(group)}. Needed is a file beside {name}, "
        "called by the code of the language (de, deu_Latn); or leave them out"
    )
