"""Whether the metadata of a card is what the Hub takes: checked before anything is sent."""

import re
import reprlib
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from xleval.data.publish.contents import CARD, Contents
from xleval.errors import DataError

_FRONT = re.compile(r"\A---\s*\n(.*?)\n---\s*(?:\n|\Z)", re.DOTALL)
#: huggingface.co/docs/hub/datasets-cards and its `datasetcard.md`, read 2026-11-22.
_SIZES = (
    "n<1K", "1K<n<10K", "10K<n<100K", "100K<n<1M", "1M<n<10M", "10M<n<100M", "100M<n<1B", "1B<n<10B", "10B<n<100B",
    "100B<n<1T", "n>1T",
)  # fmt: skip
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z]{2,8})*|multilingual|code")
_CONFIG = re.compile(r"[^<>:/\\|?*\"]+")
_LICENCE = re.compile(r"[a-z0-9][a-z0-9.+-]*")
#: A few lines of YAML with references can stand for more text than memory holds: of a value only its beginning is shown.
_BRIEF = reprlib.Repr()
_BRIEF.maxlevel, _BRIEF.maxlist, _BRIEF.maxdict, _BRIEF.maxstring, _BRIEF.maxother = 2, 4, 4, 80, 80


def metadata_of(card: str) -> dict[str, Any]:
    """Return the YAML metadata at the top of a card.

    Raises:
        DataError: there is none, it is not YAML, or not keys with values.
    """
    front = _FRONT.match(card.replace("\r\n", "\n"))
    if front is None:
        raise DataError(f"{CARD} does not begin with metadata between two lines of ---")
    try:
        found = yaml.safe_load(front[1])
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date or a number that cannot be
        raise DataError(f"{CARD}: the metadata is not YAML: {' '.join(str(error).split())}") from error
    except RecursionError as error:
        raise DataError(f"{CARD}: the metadata is nested too deeply; a card needs three or four levels") from error
    if not isinstance(found, dict) or not all(isinstance(key, str) for key in found):
        raise DataError(f"{CARD}: the metadata is not a list of keys with values")
    return found


def card_problems(contents: Contents) -> list[str]:
    """Return what the Hub, or `datasets`, would not take of a card; a sentence each, none for a good card.

    Raises:
        DataError: the metadata cannot be read at all.
    """
    card = contents.card
    if card is None:
        return [f"there is no {CARD}"]
    found = metadata_of(card)
    problems = [
        *_language_problems(found.get("language")),
        *_licence_problems(found.get("license")),
        *(
            f"size_categories: {_BRIEF.repr(each)} is none of {', '.join(_SIZES)}"
            for each in _listed(found.get("size_categories"))
            if each not in _SIZES
        ),
    ]
    if contents.repo_type == "dataset":
        problems += _config_problems(found.get("configs"), [file.path for file in contents.files])
    return problems


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else [] if value is None else [value]


def _language_problems(value: object) -> list[str]:
    # YAML reads a bare `no` (Norwegian) as false.
    return [
        f"language: {_BRIEF.repr(each)} is no language code; write it in quotes where YAML takes it for something else"
        for each in _listed(value)
        if not isinstance(each, str) or _LANGUAGE.fullmatch(each) is None
    ]


def _licence_problems(value: object) -> list[str]:
    found = _listed(value)
    if not found:
        return ["license: none is named; write the code of one, or other"]
    return [f"license: {_BRIEF.repr(each)} is no code of a licence, such as cc-by-sa-4.0, or other" for each in found
            if not isinstance(each, str) or _LICENCE.fullmatch(each) is None]  # fmt: skip


def _config_problems(value: object, paths: Sequence[str]) -> list[str]:
    """Return what is wrong with the configs of a dataset: names, files that are not there, tables in no config."""
    problems: list[str] = []
    if not isinstance(value, list) or not value:
        return ["configs: none are listed, and load_dataset would guess; list config_name and data_files"]
    named: set[str] = set()
    seen: set[str] = set()
    for number, config in enumerate(value, start=1):
        if not isinstance(config, Mapping) or not isinstance(config.get("config_name"), str):
            problems.append(f"configs: entry {number} has no config_name")
            continue
        name = config["config_name"]
        if name in seen or _CONFIG.fullmatch(name) is None:
            problems.append(f"configs: the name {name!r} stands there twice or has a character that datasets refuses")
        seen.add(name)
        parts = _listed(config.get("data_files"))
        files = _data_files(parts)
        if not files or any(isinstance(part, Mapping) and not part.get("path") for part in parts):
            problems.append(f"configs: {name} has no data_files, or an entry of them has no path")
        problems += [f"configs: {name} names {each}, which is not in the folder" for each in files if each not in paths]
        named.update(files)
    defaults = [config for config in value if isinstance(config, Mapping) and config.get("default")]
    if len(defaults) > 1:
        problems.append(f"configs: {len(defaults)} are the default; one can be")
    return problems


def _data_files(value: object) -> list[str]:
    """Return the paths that a config's `data_files` name."""
    found: list[str] = []
    for each in _listed(value):
        path = each.get("path") if isinstance(each, Mapping) else each
        found += [one if isinstance(one, str) else _BRIEF.repr(one) for one in _listed(path)]
    return found
