"""One file for many trainings: `vary` names axes, and a training is one option of each.

    vary:
      name: "{lang}-{reward}"
      axes:
        lang: [zh, ko]
        reward:
          accuracy: {rewards: [{name: accuracy}]}
          language: {rewards: [{name: accuracy}, {name: language}]}
      skip: ["zh-language"]
    data: {langs: ["{lang}"]}

An option's settings go over the file's. `{axis}` in a text is the option's name; where it is the whole text, the option
itself, so that numbers stay numbers.
"""

import fnmatch
import itertools
import math
from collections.abc import Mapping, Sequence

from xleval.errors import ConfigError, unknown_name
from xleval.training.config.yaml_tree import Entries, Leaf, Scalar, Section, Tree

VARY = "vary"
_KEYS = ("name", "axes", "skip")
_EMPTY = Section(children={}, place="")
_MOST = 100_000  # trainings of one file


def merge(below: Tree, above: Tree) -> Tree:
    """Return a tree with another's values over it: keys are merged, everything else is replaced."""
    if not isinstance(below, Section) or not isinstance(above, Section):
        return above
    children = dict(below.children)
    for key, child in above.children.items():
        children[key] = merge(children[key], child) if key in children else child
    return Section(children=children, place=above.place or below.place, source=above.source)


def variant_names(tree: Section) -> list[str]:
    """Return the names of a file's trainings, in the order of its axes; none where it has no `vary`.

    Raises:
        ConfigError: `vary` is not as described above.
    """
    return list(_combinations(tree))


def variant(tree: Section, name: str) -> Section:
    """Return the settings of one of a file's trainings.

    Raises:
        ConfigError: the file has no training of that name, or its `vary` is not as described above.
    """
    combinations = _combinations(tree)
    if name not in combinations:
        raise unknown_name(f"training of {tree.place.rpartition(':')[0]}", name, combinations)
    axes = axes_of(tree)
    result: Tree = Section(
        children={key: child for key, child in tree.children.items() if key != VARY}, place=tree.place
    )
    chosen: dict[str, Scalar] = {}
    for axis, option in combinations[name].items():
        value, settings = axes[axis][option]
        chosen[axis] = value
        result = merge(result, settings)
    filled = _filled(result, chosen)
    if not isinstance(filled, Section):
        raise ConfigError(f"{tree.place}: {name} has no settings")
    return filled


def axes_of(tree: Section) -> dict[str, dict[str, tuple[Scalar, Section]]]:
    """Return axis -> name of an option -> the option itself and its settings; empty without `vary`.

    Raises:
        ConfigError: as `variant_names`.
    """
    vary = tree.children.get(VARY, _EMPTY)
    if not isinstance(vary, Section):
        raise ConfigError(f"{tree.place}: the key vary needs the keys name and axes")
    for key, child in vary.children.items():
        if key not in _KEYS:
            raise ConfigError(
                f"{child.place}: {unknown_name('key', f'vary.{key}', [f'vary.{each}' for each in _KEYS])}"
            )
    axes = vary.children.get("axes", _EMPTY)
    if not isinstance(axes, Section) or (vary.children and not axes.children):
        raise ConfigError(f"{vary.place}: vary.axes needs axes with their options, such as 'lang: [zh, ko]'")
    return {axis: _options(axis, child) for axis, child in axes.children.items()}


def _options(axis: str, tree: Tree) -> dict[str, tuple[Scalar, Section]]:
    if isinstance(tree, Leaf) and isinstance(tree.value, list) and tree.value:
        return {str(option): (option, _EMPTY) for option in tree.value}
    if isinstance(tree, Section) and tree.children:
        found: dict[str, tuple[Scalar, Section]] = {}
        for option, settings in tree.children.items():
            if not isinstance(settings, Section):
                raise ConfigError(f"{settings.place}: vary.axes.{axis}.{option} needs the settings of this option")
            found[option] = (option, settings)
        return found
    raise ConfigError(f"{tree.place}: vary.axes.{axis} needs a list of options, or options with their settings")


def _combinations(tree: Section) -> dict[str, dict[str, str]]:
    """Return name -> axis -> name of its option."""
    axes = axes_of(tree)
    if not axes:
        return {}
    if (n := math.prod(map(len, axes.values()))) > _MOST:
        raise ConfigError(f"{tree.place}: vary.axes describe {n:,} trainings; a file may have {_MOST:,}")
    pattern, skip = name_pattern(tree), _texts(tree, "skip")
    found: dict[str, dict[str, str]] = {}
    for options in itertools.product(*axes.values()):
        chosen = dict(zip(axes, options, strict=True))
        name = _replaced(pattern, chosen)
        if any(fnmatch.fnmatchcase(name, each) for each in skip):
            continue
        if name in found:
            raise ConfigError(
                f"{tree.place}: vary.name {pattern!r} gives two trainings the name {name}: name every axis"
            )
        found[name] = chosen
    return found


def name_pattern(tree: Section) -> str:
    """Return how the names of a file's trainings are made, such as `{model}-{lang}`; "" where it has one training."""
    stated = _texts(tree, "name") if VARY in tree.children else []
    return stated[0] if stated else "-".join(f"{{{axis}}}" for axis in axes_of(tree))


def _texts(tree: Section, key: str) -> Sequence[str]:
    vary = tree.children[VARY]
    leaf = vary.children.get(key) if isinstance(vary, Section) else None
    if leaf is None:
        return []
    if not isinstance(leaf, Leaf):
        raise ConfigError(f"{leaf.place}: vary.{key} needs a text, or a list of texts")
    return [str(text) for text in leaf.value] if isinstance(leaf.value, list) else [str(leaf.value)]


def _filled(tree: Tree, chosen: Mapping[str, Scalar]) -> Tree:
    """Return a tree with `{axis}` in its texts replaced."""
    if isinstance(tree, Section):
        children = {key: _filled(child, chosen) for key, child in tree.children.items()}
        return Section(children=children, place=tree.place, source=tree.source)
    if isinstance(tree, Entries):
        return Entries(children=[_filled(child, chosen) for child in tree.children], place=tree.place)
    if isinstance(tree.value, list):
        value: Scalar | list[Scalar] = [_put(item, chosen) for item in tree.value]
        return Leaf(value=value, text="", place=tree.place, source=tree.source)
    put = _put(tree.value, chosen)
    return Leaf(value=put, text=tree.text if put == tree.value else str(put), place=tree.place, source=tree.source)


def _put(value: Scalar, chosen: Mapping[str, Scalar]) -> Scalar:
    if not isinstance(value, str):
        return value
    whole = {f"{{{axis}}}": option for axis, option in chosen.items()}
    return whole[value] if value in whole else _replaced(value, chosen)


def _replaced(text: str, chosen: Mapping[str, Scalar]) -> str:
    for axis, option in chosen.items():
        text = text.replace(f"{{{axis}}}", str(option))
    return text
