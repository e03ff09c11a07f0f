"""Pairs of open models of the part `observe`: a model, what it was trained from, and in which languages."""

from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from xleval.data.languages import get_language
from xleval.errors import DataError, first_line

_KEYS = ("name", "base", "trained", "langs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One pair.

    Attributes:
        base: checkpoint folder or hub id of the model before the training.
        trained: of the model after it.
        langs: languages of the training.
        name: what tables call it; empty for `trained`.
        arm: of this study that `trained` is the checkpoint of; empty for an open model.
    """

    base: str
    trained: str
    langs: tuple[str, ...]
    name: str = ""
    arm: str = ""


def read_pairs(path: Path | None = None) -> tuple[Pair, ...]:
    """Return the pairs of a YAML file, a list under the key `pairs`; without a file those of the package.

    Raises:
        DataError: the file cannot be read, an entry lacks a key or has an unknown one.
    """
    import yaml

    place = str(path) if path else "pairs.yaml of the package"
    try:
        home = resources.files("xleval.training.studies") / "data" / "pairs.yaml"
        text = path.read_text(encoding="utf-8") if path else home.read_text(encoding="utf-8")
        read = yaml.safe_load(text)
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:  # ValueError: a date that is none
        raise DataError(
            f"{place} cannot be read as YAML: {first_line(error)}. It needs a list under the key pairs"
        ) from error
    entries = read.get("pairs") if isinstance(read, dict) else None
    if not isinstance(entries, list) or not entries:
        raise DataError(f"{place} has no list under the key pairs; each entry needs base, trained and langs")
    return tuple(_pair(entry, f"{place}, pair {number}") for number, entry in enumerate(entries, start=1))


def _pair(entry: object, place: str) -> Pair:
    if not isinstance(entry, dict) or set(entry) - set(_KEYS) or not {"base", "trained", "langs"} <= set(entry):
        found = ", ".join(map(str, entry)) if isinstance(entry, dict) else repr(entry)
        raise DataError(f"{place} has {found}; it needs base, trained and langs, and may have name")
    langs = entry["langs"]
    if not isinstance(langs, list) or not langs or not all(isinstance(lang, str) for lang in langs):
        raise DataError(
            f"{place}, key langs: {langs!r} is no list of language codes; quote no, which YAML reads as false"
        )
    return Pair(
        base=str(entry["base"]), trained=str(entry["trained"]), name=str(entry.get("name") or ""),
        langs=tuple(get_language(lang).code for lang in langs),
    )  # fmt: skip
