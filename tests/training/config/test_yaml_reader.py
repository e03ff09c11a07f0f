"""YAML files as trees: the core schema, places, comments, and what is refused."""

import math
from pathlib import Path

import pytest

from xleval.errors import ConfigError
from xleval.training.config.yaml_reader import parse_yaml, read_yaml
from xleval.training.config.yaml_tree import Leaf, Section, leaves, plain

#: A billion of texts in ten lines, each of which names the one before ten times.
_BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)
)


def _leaves(text: str) -> dict[str, Leaf]:
    return {key: leaf for key, leaf in leaves(parse_yaml(text, "f.yaml")) if isinstance(leaf, Leaf)}


def test_scalars_follow_yaml_1_2_core_schema() -> None:
    # https://yaml.org/spec/1.2.2/#103-core-schema; PyYAML's own rules (YAML 1.1) would give False, '1e-6', 685230, a date
    found = plain(
        parse_yaml("a: no\nb: 1e-6\nc: 190:20:30\nd: 2026-11-21\ne: on\nf: ~\ng: TRUE\nh: -7\ni: .5\nj: 010", "f")
    )
    assert found == {
        "a": "no", "b": 1e-6, "c": "190:20:30", "d": "2026-11-21", "e": "on", "f": None, "g": True, "h": -7, "i": 0.5,
        "j": 10,
    }  # fmt: skip
    special = plain(parse_yaml("[.inf, -.Inf, .NaN]", "f"))
    assert isinstance(special, list)
    assert special[:2] == [math.inf, -math.inf]
    assert isinstance(special[2], float)
    assert math.isnan(special[2])


def test_each_value_knows_its_line_and_the_comment_behind_it() -> None:
    found = _leaves(
        'model: m  # [P] abstract\n'
        'langs: [no, "on # x"]  # [R] two\n'
        'box: {x: 1, y: 2}   # both\n'
        '                    # and more\n'
        'text: "text # no"\n'
        'rewards:\n'
        '  - name: accuracy  # the first\n'
        '    weight: 1  # its weight\n'
        '  - {name: language, weight: 2}  # the second\n'
        'targets:\n'
        '  - q_proj\n'
        '  - k_proj  # both of them\n'
    )  # fmt: skip
    assert {key: (leaf.place, leaf.source) for key, leaf in found.items()} == {
        "model": ("f.yaml:1", "[P] abstract"),
        "langs": ("f.yaml:2", "[R] two"),
        "box.x": ("f.yaml:3", "both and more"),
        "box.y": ("f.yaml:3", "both and more"),
        "text": ("f.yaml:5", ""),
        "rewards.accuracy.name": ("f.yaml:7", "the first"),
        "rewards.accuracy.weight": ("f.yaml:8", "its weight"),
        "rewards.language.name": ("f.yaml:9", "the second"),
        "rewards.language.weight": ("f.yaml:9", "the second"),
        "targets": ("f.yaml:11", "both of them"),
    }


def test_an_anchor_is_followed_and_an_empty_mapping_has_a_comment() -> None:
    tree = parse_yaml("a: &x {r: 1}\nb: *x\nlora: {}  # all defaults\n", "f")
    assert plain(tree) == {"a": {"r": 1}, "b": {"r": 1}, "lora": {}}
    assert isinstance(tree, Section)
    lora = tree.children["lora"]
    assert isinstance(lora, Section)
    assert lora.source == "all defaults"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("seed: 1\nmodel: a\nseed: 2\n", "f:3: the key 'seed' stands there twice, first in line 1"),
        ("data: {limit: 1, limit: 2}\n", "the key 'limit' stands there twice"),
        ("a: [1\n", "f:2: not YAML"),
        ("a: 1\n\tb: 2\n", "f:2: not YAML: a tab at the front of a line; indent with spaces"),
        ("a: 1\n---\na: 2\n", "f:2: not YAML: a second document begins here with ---"),
        ("a: !!python/object/apply:os.system [ls]\n", "has the tag tag:yaml.org,2002:python/object/apply:os.system"),
        ("a: !!python/name:os.system x\n", "has the tag tag:yaml.org,2002:python/name:os.system"),
        ("a: &x [*x]\n", "an anchor that contains itself"),
        ("? [a, b]\n: 1\n", "a key that is no text"),
        ("!x a: 1\n", "f:1: a value has the tag !x"),
        ('a: "\\UFFFFFFFF"\n', "f: not YAML: the number of an escape or a directive is out of range"),
        ("a: \x00\n", "f: not YAML: unacceptable character #x0000"),
        (f"seed: {'9' * 5000}\n", "is no int that can be read, of 5000 characters"),
        ("a: " + "[" * 5000 + "]" * 5000, "f: lists and mappings are nested too deeply"),
        (_BOMB, "more than 100,000 values, with anchors written out"),
    ],
)
def test_what_yaml_would_take_silently_or_dangerously_is_refused(text: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_yaml(text, "f")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_mapping_or_not_utf_8_is_named(tmp_path: Path) -> None:
    path = tmp_path / "list.yaml"
    path.write_text("- a\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"list\.yaml: needed are keys and values"):
        read_yaml(path)
    path.write_bytes(b"model: \xff\n")
    with pytest.raises(ConfigError, match="not UTF-8 at byte 7"):
        read_yaml(path)
    with pytest.raises(ConfigError, match=r"none\.yaml: No such file"):
        read_yaml(tmp_path / "none.yaml")
    path.write_bytes(b"\xef\xbb\xbfmodel: m\n")  # as editors on Windows write it
    assert plain(read_yaml(path)) == {"model": "m"}
