"""The recipes of the package: one name for each training, `STUDY/NAME`, and the files they stand in.

Files whose names begin with `_` are what others extend; they are no recipes themselves.
"""

import functools
from dataclasses import dataclass
from os.path import isfile  # unlike Path's it takes a name of any length
from pathlib import Path

from xleval.errors import ConfigError, unknown_name
from xleval.training.config.schema import KINDS, Kind
from xleval.training.config.variants import merge, name_pattern, variant, variant_names
from xleval.training.config.yaml_reader import read_yaml
from xleval.training.config.yaml_tree import Leaf, Section

RECIPES = Path(__file__).resolve().parent.parent / "recipes"
_EXTENDS = "extends"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeFile:
    """A file of recipes.

    Attributes:
        path: of the file.
        study: the folder that it stands in.
        kind: of its trainings.
        tree: its keys and values, over those of the files it extends.
        names: of its trainings, with the study.
    """

    path: Path
    study: str
    kind: Kind
    tree: Section
    names: tuple[str, ...]


@functools.cache
def recipe_files() -> tuple[RecipeFile, ...]:
    """Return the package's files of recipes, by study and name."""
    paths = sorted(path for path in RECIPES.glob("*/*.yaml") if not path.name.startswith("_"))
    return tuple(_recipe_file(path) for path in paths)


def _recipe_file(path: Path) -> RecipeFile:
    tree, study = read_with_extends(path), path.parent.name
    kind = tree.children.get("kind")
    value = kind.value if isinstance(kind, Leaf) else None
    if value not in KINDS:
        raise ConfigError(f"{tree.place}: {unknown_name('kind', str(value), KINDS)}")
    names = tuple(f"{study}/{name}" for name in variant_names(tree) or [path.stem])
    return RecipeFile(path=path, study=study, kind=value, tree=tree, names=names)


def recipe_names(kind: Kind | None = None) -> list[str]:
    """Return the names of the package's recipes, of one kind or of all, in the order of their files."""
    return [name for file in recipe_files() if kind in (None, file.kind) for name in file.names]


def read_recipe(name: str) -> Section:
    """Return the settings of a recipe.

    Raises:
        ConfigError: there is none of that name.
    """
    for file in recipe_files():
        if name in file.names:
            return variant(file.tree, name.partition("/")[2]) if variant_names(file.tree) else file.tree
    studies = list(dict.fromkeys(file.study for file in recipe_files()))
    if "/" in name and name.partition("/")[0] not in studies:
        raise unknown_name("study of recipes", name.partition("/")[0], studies)
    patterns = [f"{file.study}/{name_pattern(file.tree) or file.path.stem}" for file in recipe_files()]
    raise unknown_name("recipe", name, patterns, {each.lower(): each for each in recipe_names()})


def read_with_extends(path: Path, inside: tuple[Path, ...] = ()) -> Section:
    """Return the tree of a file over those that it extends: a file beside it, or a recipe.

    Raises:
        ConfigError: a file is not readable or not YAML, is missing, or extends itself.
    """
    here = path.resolve()
    called = str(here.relative_to(RECIPES)) if here.is_relative_to(RECIPES) else str(path)
    if here in inside:
        raise ConfigError(f"{called}: extends itself by way of {inside[-1].name}; remove one 'extends'")
    tree = read_yaml(path, called)
    base = tree.children.get(_EXTENDS)
    if base is None:
        return tree
    if not isinstance(base, Leaf) or not isinstance(base.value, str):
        raise ConfigError(f"{base.place}: the key extends needs one file or one recipe")
    rest = Section(children={key: child for key, child in tree.children.items() if key != _EXTENDS}, place=tree.place)
    beside = [here.parent / base.value, here.parent / f"{base.value}.yaml"]
    found = next((each for each in beside if isfile(each)), None)
    if found is None and base.value not in recipe_names():
        raise ConfigError(
            f"{base.place}: extends {base.value!r}, which is neither a file in {here.parent} nor a recipe; "
            "xleval train KIND --list names the recipes"
        )
    below = read_with_extends(found, (*inside, here)) if found else read_recipe(base.value)
    return _section(merge(below, rest))


def _section(tree: object) -> Section:
    if not isinstance(tree, Section):
        raise TypeError(tree)
    return tree
