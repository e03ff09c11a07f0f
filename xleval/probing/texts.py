"""Parallel text to probe with: sentence i is the same in every language."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from xleval.data.languages import LANGUAGES
from xleval.data.storage import sha256_of
from xleval.errors import ConfigError, DataError, unknown_name
from xleval.probing.text_files import choose_files
from xleval.probing.text_hub import HubText, hub_text
from xleval.probing.text_rows import Column, lines_of, table_of

_HUB = re.compile(r"(?P<repo>[\w.-]+/[\w.-]+)(@(?P<revision>[\w.-]+))?")
#: Alignment needs another sentence to be told apart from.
_LEAST = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ParallelText:
    """Sentences in several languages; row i of one is the translation of row i of the others.

    Attributes:
        source: folder or hub id, with the split.
        sentences: by language, in the order of the languages asked for; all of one length.
        sha256: of languages and sentences.
        notes: what was left out, a sentence each.
    """

    source: str
    sentences: Mapping[str, tuple[str, ...]]
    sha256: str
    notes: tuple[str, ...] = ()

    @property
    def langs(self) -> tuple[str, ...]:
        """Languages, in the order asked for."""
        return tuple(self.sentences)

    def __len__(self) -> int:
        return len(next(iter(self.sentences.values())))


def read_parallel_text(
    source: str, langs: Sequence[str], *, limit: int | None = None, split: str | None = None
) -> ParallelText:
    """Return the first sentences of a parallel text, those that every language has.

    Args:
        source: folder of FLORES or with a file for each language, a table, or a hub id, `OWNER/NAME` or
            `OWNER/NAME@COMMIT`. Lines are joined on their number, rows on their `id`, or without one on their number.
        langs: codes of the language table.
        limit: sentences at most; None for all.
        split: part of the text: `dev`, `devtest`; None for the first there is, devtest before dev.

    Raises:
        ConfigError: no such source, split or language, or a limit below 2.
        DataError: a file cannot be read, languages have different numbers of lines, or fewer than two sentences are in all.
        MissingExtra: huggingface_hub is not installed, and the source is on the hub.
    """
    for lang in langs:
        if lang not in LANGUAGES:
            raise unknown_name("language", lang, LANGUAGES)
    if limit is not None and limit < _LEAST:
        raise ConfigError(f"a limit of {limit} sentences; at least {_LEAST} are needed")
    place, files = _found(source, langs, split)
    columns = _read(files, langs)
    keys, notes = _common(columns, place)
    if len(keys) < _LEAST:
        raise DataError(f"{place}: sentences in all of {', '.join(langs)}: {len(keys)}; at least {_LEAST} are needed")
    if limit is not None and limit > len(keys):
        notes.append(f"{limit} sentences were asked for; {place} has {len(keys)} in all languages, and all were read.")
    sentences = {lang: tuple(columns[lang].texts[key] for key in keys[:limit]) for lang in langs}
    return ParallelText(
        source=place,
        sentences=sentences,
        sha256=sha256_of([[lang, list(texts)] for lang, texts in sentences.items()]),
        notes=tuple(notes),
    )


def _found(source: str, langs: Sequence[str], split: str | None) -> tuple[str, dict[str, list[Path]]]:
    """Return what the text is called, and its files by language, or under "" tables that say it themselves."""
    if not source.strip():  # as of a variable that is not set; as a path it would be the folder we are in
        raise ConfigError(
            "the text has no name; give --text a folder with a file for each language, a table, or a hub id"
        )
    path = Path(source).expanduser()
    if path.is_file():
        return source, {"": [path]}
    hub: HubText | None = None
    if path.is_dir():
        names = [each.relative_to(path).as_posix() for each in sorted(path.rglob("*")) if each.is_file()]
    else:
        match = _HUB.fullmatch(source)
        if match is None or source.startswith("."):
            raise ConfigError(
                f"{source} does not exist; give a folder of FLORES or with a file for each language, or a hub id OWNER/NAME"
            )
        hub = hub_text(match["repo"], match["revision"])
        source, names = hub.source, list(hub.names)
    chosen = choose_files(names, source, langs, split)
    files = {lang: [hub.file(name) if hub else path / name for name in there] for lang, there in chosen.by_lang.items()}
    return f"{source}, {chosen.split}" if chosen.split else source, files


def _read(files: Mapping[str, Sequence[Path]], langs: Sequence[str]) -> dict[str, Column]:
    if "" in files:
        return table_of(files[""], langs)
    return {lang: lines_of(paths, lang) for lang, paths in files.items()}


def _common(columns: Mapping[str, Column], place: str) -> tuple[list[str], list[str]]:
    """Return the keys of the sentences that every language has, in the order of the first, and what was left out."""
    if not all(each.has_ids for each in columns.values()):
        sizes = {lang: len(each.texts) for lang, each in columns.items()}
        first = next(iter(sizes))
        for lang, size in sizes.items():
            if size != sizes[first]:
                raise DataError(
                    f"{columns[first].place} has {sizes[first]} lines, {columns[lang].place} has {size}; line i of one must "
                    "be the translation of line i of the other"
                )
    keys = dict.fromkeys(key for column in columns.values() for key in column.texts)
    lacking = {lang: n for lang, column in columns.items() if (n := sum(not column.texts.get(key, "") for key in keys))}
    common = [key for key in keys if all(column.texts.get(key, "") for column in columns.values())]
    if not lacking:
        return common, []
    counts = ", ".join(f"{lang} {n}" for lang, n in lacking.items())
    left_out = len(keys) - len(common)
    return common, [
        f"{left_out} of {len(keys)} sentences of {place} were left out in all languages: empty or missing in {counts}."
    ]
