"""`--set KEY=VALUE`: one value over those of the file."""

from collections.abc import Sequence

from xleval.errors import ConfigError, unknown_name
from xleval.training.config.fields import FOLLOWING, known_keys
from xleval.training.config.schema import Kind
from xleval.training.config.trainer_fields import field_names
from xleval.training.config.yaml_reader import parse_yaml
from xleval.training.config.yaml_tree import Entries, Leaf, Section, Tree, entry_names, leaves

GIVEN = "given on the command line"
_TRAINER = "trainer"
#: Keys under which names are open: TRL's settings, columns of a set, entries of the list of rewards.
_OPEN = ("trainer", "data.columns", "rewards")


def with_overrides(tree: Section, overrides: Sequence[str], kind: Kind) -> Section:
    """Return a tree with values of the command line over it.

    Args:
        tree: of the file.
        overrides: each `KEY=VALUE`; the key dotted, the value a YAML scalar or list. A key that no record has and TRL's
            config class of this kind has means `trainer.KEY`.
        kind: of the training.

    Raises:
        ConfigError: not KEY=VALUE, the value is not YAML, or the key is unknown.
    """
    for text in overrides:
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            raise ConfigError(f"--set {text}: needed is KEY=VALUE, such as --set trainer.learning_rate=1e-5")
        place = f"--set {text}"
        path = _known(key.strip(), place, kind).split(".")
        tree = _put(tree, path, _marked(parse_yaml(value, place), place), place)
    return tree


def _known(key: str, place: str, kind: Kind) -> str:
    """Return a key as it stands in a file."""
    known = known_keys()
    spelt = key.replace("-", "_")
    for name in (key, spelt):
        if name in known or any(name.startswith(f"{prefix}.") for prefix in _OPEN):
            return name
    trainer = [name for name in field_names(kind) if name not in FOLLOWING]
    if spelt in trainer:
        return f"{_TRAINER}.{spelt}"
    names = [*known, *(f"{_TRAINER}.{name}" for name in trainer)]
    other = {name.rpartition(".")[2]: name for name in reversed(names)} | {name: name for name in names}
    section = key.rpartition(".")[0]
    near = [name for name in known if name.startswith(f"{section}.")] or [name for name in known if "." not in name]
    raise ConfigError(f"{place}: {unknown_name('key', key, near, other)}")


def _marked(tree: Tree, place: str) -> Tree:
    """Return a value with the command line as its source."""
    if isinstance(tree, Leaf):
        return Leaf(value=tree.value, text=tree.text, place=place, source=GIVEN)
    if isinstance(tree, Entries):
        return Entries(children=[_marked(child, place) for child in tree.children], place=place)
    if not tree.children:  # nothing after the equals sign is an empty text, and {} an empty mapping
        empty = place.endswith("=")
        return (
            Leaf(value=None, text="", place=place, source=GIVEN)
            if empty
            else Section(children={}, place=place, source=GIVEN)
        )
    return Section(children={key: _marked(child, place) for key, child in tree.children.items()}, place=place)


def _put(tree: Tree | None, path: Sequence[str], value: Tree, place: str) -> Section:
    """Return a mapping with a value at a path; what is on the way is made."""
    children = dict(tree.children) if isinstance(tree, Section) else {}
    name, rest = path[0], path[1:]
    if not rest:
        children[name] = value
    elif isinstance(children.get(name), Entries):
        children[name] = _put_entry(children[name], rest, value, place)
    else:
        children[name] = _put(children.get(name), rest, value, place)
    where = tree.place if isinstance(tree, Section) else place
    return Section(children=children, place=where)


def _put_entry(tree: Tree, path: Sequence[str], value: Tree, place: str) -> Tree:
    """Return a list with a value in the entry that a path names."""
    if not isinstance(tree, Entries):
        raise TypeError(tree)
    names = entry_names(tree)
    if path[0] not in names or len(path) < 2:
        raise ConfigError(f"{place}: {unknown_name('entry', path[0], [f'{name}.KEY' for name in names])}")
    children = [
        _put(child, path[1:], value, place) if name == path[0] else child
        for name, child in zip(names, tree.children, strict=True)
    ]
    return Entries(children=children, place=tree.place)


def sources_of(tree: Section) -> dict[str, str]:
    """Return dotted key -> where its value comes from: the comment of its line, else the line itself."""
    return {key: leaf.source or leaf.place for key, leaf in leaves(tree)}
