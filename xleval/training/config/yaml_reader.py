"""YAML read into trees: safe types only, anchors followed, a key that stands twice refused, comments kept."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from xleval.errors import ConfigError, first_line
from xleval.training.config.yaml_core import core_loader, scalar_of
from xleval.training.config.yaml_tree import Entries, Leaf, Scalar, Section, Tree, plain

#: Values that a file may have with its anchors written out: ten lines of anchors can stand for billions.
_MOST_VALUES = 100_000
_COLLECTIONS = ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")
#: What PyYAML says -> what to do.
_PROBLEMS = {
    "found character '\\t' that cannot start any token": "a tab at the front of a line; indent with spaces",
    "but found another document": "a second document begins here with ---; one file is one document",
}
#: What may stand between the last value of a line and its comment.
_COMMENT = re.compile(r"[\s,\]})]*(?:^|(?<=[\s,\]}]))#\s*(.*?)\s*$")


def read_yaml(path: Path, called: str = "") -> Section:
    """Return the tree of a YAML file whose top is a mapping.

    Args:
        path: the file.
        called: name of the file in places; by default its path.

    Raises:
        ConfigError: not readable, not YAML, no mapping, a key that is no text, or one that stands twice.
    """
    name = called or str(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{name}: {error.strerror}; needed is a YAML file, or the name of a recipe") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{name}: not UTF-8 at byte {error.start}; save it as UTF-8") from error
    tree = parse_yaml(text, name)
    if not isinstance(tree, Section):
        raise ConfigError(f"{name}: needed are keys and values, such as 'model: ...'; found is {plain(tree)!r:.60}")
    return tree


def parse_yaml(text: str, name: str) -> Tree:
    """Return the tree of a YAML text; an empty one is an empty mapping.

    Raises:
        ConfigError: as `read_yaml`.
    """
    import yaml

    try:
        root = yaml.compose(text, Loader=core_loader())
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{name}:{mark.line + 1}" if mark else name
        problem = str(getattr(error, "problem", None) or first_line(error))
        raise ConfigError(f"{where}: not YAML: {_PROBLEMS.get(problem, problem)}") from error
    except (ValueError, OverflowError) as error:  # of an escape such as \\UFFFFFFFF, which is no character
        raise ConfigError(f"{name}: not YAML: the number of an escape or a directive is out of range") from error
    except RecursionError as error:
        raise ConfigError(f"{name}: lists and mappings are nested too deeply to be read") from error
    if root is None:
        return Section(children={}, place=f"{name}:1")
    try:
        return _Reader(text, name, root).tree(root)
    except RecursionError as error:
        raise ConfigError(f"{name}: lists and mappings are nested too deeply to be read") from error


class _Reader:
    """Turns the nodes that PyYAML composed into a tree; nothing but texts, numbers, truth values and null is made."""

    def __init__(self, text: str, name: str, root: Any) -> None:
        self._name = name
        self._open: set[int] = set()
        self._n_values = 0
        self._comments = _comments(text.splitlines(), root)

    def tree(self, node: Any) -> Tree:
        place = f"{self._name}:{node.start_mark.line + 1}"
        self._n_values += 1
        if self._n_values > _MOST_VALUES:
            raise ConfigError(
                f"{place}: more than {_MOST_VALUES:,} values, with anchors written out; use fewer of them"
            )
        if node.id == "scalar":
            return self._leaf(node, self._scalar(node, place), place, node.value)
        if id(node) in self._open:
            raise ConfigError(f"{place}: an anchor that contains itself; write the value out")
        if node.tag not in _COLLECTIONS:
            raise self._tagged(node, place)
        self._open.add(id(node))
        found = self._mapping(node, place) if node.id == "mapping" else self._sequence(node, place)
        self._open.discard(id(node))
        return found

    def _leaf(self, node: Any, value: Scalar | list[Scalar], place: str, text: str = "") -> Leaf:
        return Leaf(value=value, text=text, place=place, source=self._comments.get(_last_line(node), ""))

    def _scalar(self, node: Any, place: str) -> Scalar:
        try:
            return scalar_of(node.tag, node.value)
        except KeyError:
            raise self._tagged(node, place) from None
        except ValueError:
            tag, text = node.tag.rpartition(":")[2], node.value
            raise ConfigError(
                f"{place}: {text!r:.40} is no {tag} that can be read, of {len(text)} characters"
            ) from None

    def _tagged(self, node: Any, place: str) -> ConfigError:
        return ConfigError(
            f"{place}: a value has the tag {node.tag}; needed are texts, numbers, true, false, null, lists and mappings"
        )

    def _sequence(self, node: Any, place: str) -> Tree:
        if all(child.id == "scalar" for child in node.value):
            return self._leaf(node, [self._scalar(child, place) for child in node.value], place)
        return Entries(children=[self.tree(child) for child in node.value], place=place)

    def _mapping(self, node: Any, place: str) -> Section:
        children: dict[str, Tree] = {}
        first: dict[str, int] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if key.id != "scalar" or not key.value:
                raise ConfigError(f"{self._name}:{line}: a key that is no text; needed is KEY: VALUE")
            self._scalar(key, f"{self._name}:{line}")  # a key has no tags of its own either
            if key.value in children:
                raise ConfigError(
                    f"{self._name}:{line}: the key {key.value!r} stands there twice, first in line {first[key.value]}; "
                    "YAML would take the later one alone: remove one"
                )
            first[key.value] = line
            children[key.value] = self.tree(value)
        source = "" if children else self._comments.get(_last_line(node), "")
        return Section(children=children, place=place, source=source)


def _last_line(node: Any) -> int:
    """Return the line of a value's end; a list in block style ends, for YAML, where the next key begins."""
    if node.id != "scalar" and node.value and not node.flow_style:
        last = node.value[-1]
        return _last_line(last[1] if isinstance(last, tuple) else last)
    line: int = node.end_mark.line
    return line if node.end_mark.column or line == node.start_mark.line else line - 1


def _comments(lines: Sequence[str], root: Any) -> dict[int, str]:
    """Return line -> its comment, for lines on which a value ends; lines of comment right under one continue it."""
    ends: dict[int, int] = {}
    waiting, seen = [root], set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        mark = node.end_mark
        if node.id == "scalar" or node.flow_style or not node.value:
            ends[mark.line] = max(ends.get(mark.line, 0), mark.column)
        if node.id != "scalar":
            waiting += [part for child in node.value for part in (child if isinstance(child, tuple) else (child,))]
    found = {}
    for line, column in ends.items():
        match = _COMMENT.match(lines[line], column) if line < len(lines) else None
        if match:
            found[line] = _continued(lines, line, lines[line].index("#", column), match[1])
    return found


def _continued(lines: Sequence[str], line: int, column: int, comment: str) -> str:
    """Return a comment with the lines under it whose `#` stands under its own."""
    for below in lines[line + 1 :]:
        if below[:column].strip() or below[column : column + 1] != "#":
            break
        comment = f"{comment} {below[column + 1 :].strip()}"
    return comment
