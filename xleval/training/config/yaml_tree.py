"""A YAML file as a tree that knows where each value stands, and what its comment says about where it comes from."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Scalar: TypeAlias = str | int | float | bool | None
#: A value as Python has it.
Value: TypeAlias = "Scalar | list[Value] | dict[str, Value]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One value: a scalar, or a list of scalars.

    Attributes:
        value: as Python has it.
        text: as written, for a scalar; "" for a list.
        place: `FILE:LINE`, or the option of the command line.
        source: the comment at the end of its line; "" without one.
    """

    value: Scalar | list[Scalar]
    text: str
    place: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A mapping; `source` is the comment of an empty one."""

    children: "Mapping[str, Tree]"
    place: str
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """A list that holds mappings or lists."""

    children: "Sequence[Tree]"
    place: str


Tree: TypeAlias = Leaf | Section | Entries


def plain(tree: Tree) -> Value:
    """Return a tree as Python's own values."""
    if isinstance(tree, Leaf):
        return list(tree.value) if isinstance(tree.value, list) else tree.value
    if isinstance(tree, Section):
        return {key: plain(child) for key, child in tree.children.items()}
    return [plain(child) for child in tree.children]


def leaves(tree: Tree, key: str = "") -> Iterator[tuple[str, Leaf | Section]]:
    """Yield every value with its dotted key; a list's entries are called by their `name`, or by their number."""
    if isinstance(tree, Leaf) or (isinstance(tree, Section) and not tree.children):
        yield key, tree
    elif isinstance(tree, Section):
        for name, child in tree.children.items():
            yield from leaves(child, f"{key}.{name}" if key else name)
    else:
        for name, child in zip(entry_names(tree), tree.children, strict=True):
            yield from leaves(child, f"{key}.{name}")


def entry_names(entries: Entries) -> list[str]:
    """Return what the entries of a list are called in dotted keys: their `name`, where they have one, else the number."""
    called = []
    for number, child in enumerate(entries.children):
        name = child.children.get("name") if isinstance(child, Section) else None
        called.append(str(name.value) if isinstance(name, Leaf) else str(number))
    return called
