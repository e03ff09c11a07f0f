"""Corpora by name: TED2025 with the additions of PolyFact's continued pre-training, and FineTranslations.

Read in the layouts that they are published in; no file of them was at hand (E9: unverified).

* `ted2025`: `multi_way.jsonl` with `talk_id` and `para_data` {language: sentence}, as the corpus' own
  `align_transcripts.py` and PolyFact's loader have it (github.com/yl-shen/multi-way-llm, arXiv 2505.14045; its publishers
  give it to researchers on request, it is on no hub). Chinese is `zh-cn`. Beside it, where they are trained on, Bengali of
  Samanantar (`ai4bharat/samanantar`, columns `src` in English and `tgt`) and Swahili of
  `Rogendo/English-Swahili-Sentence-Pairs` (`English sentence`, `Swahili Translation`), at most a million pairs of each.
* `finetranslations`: `HuggingFaceFW/finetranslations`, `data/LANG_Script/*.parquet` with `og_full_text` in the language,
  `translated_text` in English and its `translated_token_count`, by which languages are balanced.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import MappingProxyType

from xleval.data.column_names import listed
from xleval.data.language_names import language_code
from xleval.data.rows import Row, text_of
from xleval.errors import ConfigError, DataError, MissingExtra
from xleval.training.config.schema import DataConfig
from xleval.training.sets.text_files import CorpusItem, read_corpus_file, rows_of

#: Pairs of each addition to TED2025 (`--hf_max_examples_per_source`).
_PAIRS = 1_000_000
SAMANANTAR, ROGENDO = "ai4bharat/samanantar", "Rogendo/English-Swahili-Sentence-Pairs"
FINETRANSLATIONS = "HuggingFaceFW/finetranslations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """A part of a corpus that takes its turn with others; its items are read once, in their order."""

    name: str
    items: Iterable[CorpusItem]


def _ted(data: DataConfig) -> list[Stream]:
    home = _home("ted2025")
    if home is None:
        raise ConfigError(
            "data.source: ted2025 is not at hand; put its multi_way.jsonl at $XLEVAL_DATA/ted2025. The corpus is on no hub: "
            "its publishers give it to researchers (github.com/yl-shen/multi-way-llm)"
        )
    file = home / "multi_way.jsonl"
    if not file.is_file():
        raise DataError(f"{home} has no multi_way.jsonl, in which TED2025 has a row for each sentence")
    # A sentence in one language alone is no parallel text: the published loader leaves such rows out.
    rows = (item for item in read_corpus_file(file, "", {}) if sum(lang in item.texts for lang in data.langs) > 1)
    streams = [Stream(name="ted", items=(_numbered(rows)))]
    additions = (
        ("bn", SAMANANTAR, "samanantar", "bn/*.parquet", "src", "tgt"),
        ("sw", ROGENDO, "rogendo", "*.csv", "English sentence", "Swahili Translation"),
    )
    for lang, repo, folder, pattern, english, target in additions:
        if lang in data.langs:
            files = _files(home / folder, repo, pattern)
            streams.append(Stream(name=folder, items=islice(_pairs(files, lang, english, target), _PAIRS)))
    return streams


def _numbered(items: Iterable[CorpusItem]) -> Iterator[CorpusItem]:
    for number, item in enumerate(items, start=1):
        yield CorpusItem(item_id=str(number), texts=item.texts, weight=item.weight)


def _fine(data: DataConfig) -> list[Stream]:
    home = _home("finetranslations")
    targets = [lang for lang in data.langs if lang != "en"]
    if not targets:
        raise ConfigError("data.langs: finetranslations has English beside another language; name at least one")
    folders = _folders(home) if home else _hub_folders(FINETRANSLATIONS)
    if lacking := [lang for lang in targets if lang not in folders]:
        raise ConfigError(
            f"data.langs: finetranslations has no {', '.join(lacking)}; it has {', '.join(sorted(folders)) or 'nothing'}"
        )
    return [
        Stream(
            name=lang,
            items=_pairs(
                _files(home / folders[lang] if home else None, FINETRANSLATIONS, f"{folders[lang]}/*.parquet"),
                lang, "translated_text", "og_full_text",
            ),
        )
        for lang in targets
    ]  # fmt: skip


#: Corpora by name, each as streams.
KNOWN_CORPORA: Mapping[str, Callable[[DataConfig], list[Stream]]] = MappingProxyType(
    {"ted2025": _ted, "finetranslations": _fine}
)


def _home(name: str) -> Path | None:
    """Return the folder of a corpus under $XLEVAL_DATA, where there is one."""
    root = os.environ.get("XLEVAL_DATA")
    return home if root and (home := Path(root, name)).is_dir() else None


def _folders(home: Path) -> dict[str, str]:
    """Return the folder of each language, `data/deu_Latn` or `deu_Latn`."""
    found = sorted(path for path in (*home.glob("data/*"), *home.glob("*")) if path.is_dir())
    return {code: path.relative_to(home).as_posix() for path in found if (code := language_code(path.name))}


def _files(folder: Path | None, repo: str, pattern: str) -> Iterator[Path]:
    """Yield the files of a part, those at hand, else downloaded one after another as they are needed."""
    if folder is not None and folder.is_dir():
        found = sorted(path for path in folder.rglob(pattern.rpartition("/")[2]))
        if not found:
            raise DataError(f"{folder} has no {pattern.rpartition('/')[2]}")
        yield from found
        return
    from fnmatch import fnmatch

    names = [name for name in hub_names(repo) if fnmatch(name, pattern)]
    if not names:
        raise DataError(f"{repo} has no {pattern} on the hub; put its files under $XLEVAL_DATA")
    for name in names:
        yield fetch(repo, name)


def _hub_folders(repo: str) -> dict[str, str]:
    folders = {name.rpartition("/")[0] for name in hub_names(repo) if name.endswith(".parquet")}
    return {code: folder for folder in sorted(folders) if (code := language_code(folder.rpartition("/")[2]))}


def hub_names(repo: str) -> list[str]:
    """Return the names of a set's files on the hub, sorted.

    Raises:
        DataError: the hub cannot be reached.
        MissingExtra: huggingface_hub is not installed.
    """
    try:
        from huggingface_hub import HfApi
    except ImportError as error:
        raise MissingExtra("hf", f"downloading {repo} from the hub") from error
    try:
        return sorted(HfApi().list_repo_files(repo, repo_type="dataset"))
    except Exception as error:  # network, login, missing set: its errors have no common base
        raise _unreachable(repo, error) from error


def fetch(repo: str, name: str) -> Path:
    """Return a file of a set, downloaded where the cache lacks it.

    Raises:
        DataError: the hub cannot be reached.
    """
    from huggingface_hub import hf_hub_download

    try:
        return Path(hf_hub_download(repo, name, repo_type="dataset"))
    except Exception as error:  # as above
        raise _unreachable(repo, error) from error


def _unreachable(repo: str, error: Exception) -> DataError:
    reason = " ".join(str(error).split())[:200] or type(error).__name__
    return DataError(f"{repo} could not be read from the hub ({reason}). Put its files under $XLEVAL_DATA")


def _pairs(files: Iterable[Path], lang: str, english: str, target: str) -> Iterator[CorpusItem]:
    """Yield pairs of English and another language; a row that lacks one of the texts is no pair and is left out."""
    number = 0
    for path in files:
        for row in rows_of(path):
            number += 1
            texts = {"en": _text(row, english), lang: _text(row, target)}
            if not all(texts.values()):
                continue
            stated = row.values.get("translated_token_count")
            weight = stated if isinstance(stated, int) else len(texts["en"])
            yield CorpusItem(item_id=str(number), texts=texts, weight=weight)


def _text(row: Row, column: str) -> str:
    if column not in row.values:
        raise DataError(f"{row.place}: no column {column!r}; found: {listed(row.values)}")
    return (text_of(row.values[column]) or "").strip()
