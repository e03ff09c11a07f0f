"""Configurations of trainings: a recipe of the package or a YAML file, with values of the command line over it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from os.path import isdir, isfile  # unlike Path's they take a name of any length
from pathlib import Path

from xleval.data.languages import parse_languages
from xleval.errors import ConfigError, unknown_name
from xleval.training.config.contradictions import check_contradictions
from xleval.training.config.fields import build
from xleval.training.config.kind_checks import check_kind
from xleval.training.config.overrides import sources_of, with_overrides
from xleval.training.config.recipes import read_recipe, read_with_extends, recipe_names
from xleval.training.config.schema import KINDS, Kind, TrainConfig
from xleval.training.config.trainer_settings import check_trainer
from xleval.training.config.variants import variant, variant_names
from xleval.training.config.yaml_tree import Leaf, Section, leaves

_ENDINGS = (".yaml", ".yml")


def read_config(name_or_path: str, kind: Kind, overrides: Sequence[str] = ()) -> TrainConfig:
    """Return the configuration of a training; nothing is loaded.

    Args:
        name_or_path: name of a recipe (`polyfact/qwen2.5-7b-grpo-paper`), or a YAML file; of a file with `vary`,
            FILE:NAME.
        kind: what the command trains.
        overrides: `KEY=VALUE`, as `--set` takes them.

    Raises:
        ConfigError: no such recipe or file, an unknown key, a value of another type, or settings that contradict
            each other.
        MissingExtra: TRL is not installed, and settings of it have to be checked.
    """
    tree, name = _found(name_or_path)
    stated = tree.children.get("kind")
    if isinstance(stated, Leaf):
        _same_kind(stated, kind, name_or_path)
    tree = with_overrides(tree, overrides, kind)
    if (given := tree.children.get("kind")) is not stated and isinstance(given, Leaf):
        _kind_given(given, kind)
    settings = {key: child for key, child in tree.children.items() if key != "kind"}
    if "study" not in settings and name in recipe_names():
        settings["study"] = Leaf(value=_study(name), text=_study(name), place=tree.place, source="folder of the recipe")
    tree = Section(children=settings, place=tree.place)
    places = {key: leaf.place for key, leaf in leaves(tree)}
    config = build(TrainConfig, tree, kind=kind, name=name, sources=sources_of(tree))
    langs = _languages(config.data.langs, "data.langs", places)
    beside = _languages(config.data.parallel_with, "data.parallel_with", places)
    config = replace(config, data=replace(config.data, langs=langs, parallel_with=beside))
    check_contradictions(config, places)
    check_trainer(config, places)
    check_kind(config)
    return config


def _study(name: str) -> str:
    return name.partition("/")[0]


def _languages(langs: tuple[str, ...], key: str, given: Mapping[str, str]) -> tuple[str, ...]:
    """Return codes; `all` and `polyfact` are the groups of `--langs`."""
    try:
        return parse_languages(",".join(langs)) if langs else ()
    except ConfigError as error:
        raise ConfigError(f"{given.get(key, key)}: the key {key}: {error}") from None


def _found(name_or_path: str) -> tuple[Section, str]:
    """Return the tree of a recipe or a file, and its name."""
    path = Path(name_or_path)
    if isfile(path):
        tree = read_with_extends(path)
        several = variant_names(tree)
        if several:
            raise ConfigError(
                f"{path} describes {len(several)} trainings; name one, such as {path}:{several[0]}. "
                f"They are: {', '.join(several[:20])}{' ...' if len(several) > 20 else ''}"
            )
        return tree, path.stem
    file, colon, name = name_or_path.rpartition(":")
    if colon and isfile(file):
        return _variant_of(Path(file), name), f"{Path(file).stem}-{name}"
    if isdir(path) and name_or_path not in recipe_names():
        inside = sorted(each.name for each in path.iterdir() if each.suffix in _ENDINGS)
        raise ConfigError(
            f"{name_or_path or path} is a folder{', with ' + ', '.join(inside[:3]) if inside else ''}; needed is a YAML file "
            "or the name of a recipe (xleval train KIND --list)"
        )
    if path.suffix in _ENDINGS:
        raise ConfigError(
            f"{path}: no such file; needed is a YAML file or the name of a recipe (xleval train KIND --list)"
        )
    return read_recipe(name_or_path), name_or_path


def _variant_of(file: Path, name: str) -> Section:
    """Return one of the trainings of a file.

    Raises:
        ConfigError: the file describes one training alone, or none of that name.
    """
    tree = read_with_extends(file)
    if not variant_names(tree):
        raise ConfigError(f"{file}:{name}: {file} describes one training, without the key vary; give {file} alone")
    return variant(tree, name)


def _kind_given(given: Leaf, kind: Kind) -> None:
    if given.value not in KINDS:
        raise ConfigError(f"{given.place}: {unknown_name('kind', str(given.value), KINDS)}")
    if given.value != kind:
        raise ConfigError(
            f"{given.place}: the command trains {kind}, and no setting changes that: use xleval train {given.value} with "
            f"a recipe of that kind (xleval train {given.value} --list)"
        )


def _same_kind(stated: Leaf, kind: Kind, called: str) -> None:
    if stated.value not in KINDS:
        raise ConfigError(f"{stated.place}: {unknown_name('kind', str(stated.value), KINDS)}")
    if stated.value != kind:
        raise ConfigError(
            f"{stated.place}: the key kind is {stated.value} and the command trains {kind}: their settings differ. "
            f"Use: xleval train {stated.value} {called}"
        )
