"""Configurations: YAML files, values of `--set`, options of the command line; what is read is what the text says.

An input decides a file (pieces of YAML, or a recipe of the package with one place changed) and overrides, or a text for one of
the options that have a small language of their own. Oracle: PyYAML's safe loader, where it takes the text at all.
"""

import math
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import yaml

from tests.fuzz.harness import Choices, Finding, damaged, damaged_bytes, folder, main, outcome, to_bytes
from xleval.data.languages import parse_languages
from xleval.evalkit.imports.fields import parse_map
from xleval.evalkit.settings import parse_grid, parse_model_args, parse_sampling, parse_shard
from xleval.polyfact.lint.limits import parse_limits
from xleval.tasks import select_tasks
from xleval.training.config.read import read_config
from xleval.training.config.recipes import read_with_extends, recipe_names
from xleval.training.config.schema import KINDS
from xleval.training.config.variants import variant, variant_names
from xleval.training.config.yaml_reader import parse_yaml
from xleval.training.config.yaml_tree import Section, plain
from xleval.training.warning_options import parse_warning_options

_PIECES = (
    "model: Qwen/Qwen2.5-0.5B\n", "kind: sft\n", "kind: grpo\n", "data:\n", "  source: embedded\n", "  langs: [en, de]\n", "vary:\n",
    "  name: '{lang}-{reward}'\n", "  axes:\n", "    lang: [zh, ko]\n", "    a: [1, 2, 3, 4, 5, 6, 7, 8, 9]\n", "  skip: ['*']\n",
    "trainer:\n", "  learning_rate: 1e-6\n", "rewards: [{name: accuracy, weight: 1.0}]\n", "seed: 1\n", "extends: a\n", "extends: base\n",
    "<<: *a\n", "&a ", "*a", "!!python/object/apply:os.system [id]", "!!python/name:os.system", "!!binary aGk=", "!!set {a}", "!!int '7'",
    "!!timestamp 2001-01-01", "!<tag:yaml.org,2002:str> x", "!x y", "%YAML 1.1\n---\n", "---\n", "...\n", "? [a, b]\n: c\n", "? a\n", ": b\n",
    "- ", "-\n", "  ", "    ", "\t", "\n", "a: ", "b: ", "{", "}", "[", "]", ",", ":", "#", " # from the paper\n", "|\n", ">-\n", "'", '"', "\\",
    "no", "yes", "on", "null", "~", "true", "0o17", "017", "0x1F", "1_000", "1:30", "2001-01-01", ".inf", "-.inf", ".nan", "1e400", "-0",
    "1e-6", "9" * 5000, "9" * 400, "\x00", "\x07", "\ufeff", "\u2028", "\ud800", "\U0001f600", "{a}", "{lang}", "[[[[[[[[", "x" * 3000,
    "k: [*a, *a]\n", "{a: b, a: c}", "[1, 2]", "name: ", "weight: ", "\r\n", "@", "`", "%", "!", "&", "*",
)  # fmt: skip
_SETTINGS = (
    "trainer.learning_rate=1e-5", "learning-rate=1e-6", "data.langs=en,de", "data.langs=[sw]", "seed=1", "seed=01", "seed=1e3", "seed=",
    "model=a", "rewards.accuracy.weight=2", "rewards.0.weight=.nan", "rewards=[]", "data.columns.text=x", "trainer.a.b.c=1", "kind=sft",
    "trainer.max_steps=" + "9" * 5000, "trainer.beta=.inf", "data={}", "data=[", "=1", "a", "model", "loss.sft=letter", "x..y=1", ".=1",
    "trainer.=1", "data.source={a: &x 1, b: *x}", "seed=!!python/name:os", "prompt=null", "lora.r=16", "seed=" + "[" * 2000, "name=x",
)  # fmt: skip
_NAMES = (
    "polyfact/qwen2.5-7b-grpo-paper",
    "polyfact",
    "../../etc/passwd",
    "base.yaml:x",
    ":",
    "",
    "x" * 5000,
    "\x00",
    "/dev/null",
    "a:b:c",
)


def seeds() -> list[bytes]:
    """Return inputs for every reading: pieces of YAML one by one and repeated, and changed files."""
    _loaded()
    found = [bytes([kind, n, *range(n, n + 12)]) for kind in range(len(_READINGS)) for n in range(0, 100, 9)]
    bomb = b"a: &a [x, x, x, x, x, x, x, x, x]\n" + b"".join(
        b"%c: &%c [*%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c]\n" % ((each + 1,) * 2 + (each,) * 9)
        for each in range(97, 108)
    )
    axes = b"vary:\n axes:\n" + b"".join(b"  %c: [1, 2, 3, 4, 5, 6, 7, 8, 9]\n" % each for each in range(97, 108))
    deep = b"a: " + b"[" * 3000 + b"]" * 3000
    return [
        *found,
        *(bytes([0, 255]) + text for text in (bomb, axes, deep, b"a: " + b"{b: " * 900, b"- " * 2000, b"a: 1\na: 2")),
    ]


def one_input(data: bytes) -> None:
    """Read a configuration or an option made from the bytes."""
    _loaded()
    choices = Choices(data)
    _READINGS[choices.below(len(_READINGS))](choices)


@cache
def _loaded() -> object:
    """Import what checks the settings of a trainer: seconds that are not the reader's."""
    return [outcome(read_config, name, kind)[0] for kind in KINDS[:3] for name in recipe_names(kind)[:1]]


def _text(choices: Choices) -> str:
    n = choices.below(256)
    if n == 255:
        return choices.rest().decode("utf-8", "replace")
    if n > 240:
        return "".join(choices.pick(_PIECES) for _ in range(3)) * 60
    return "".join(choices.pick(_PIECES) for _ in range(n % 40))


def _yaml(choices: Choices) -> None:
    """One text: equal to what PyYAML makes of it, apart from the values that YAML 1.2 reads otherwise."""
    text = _text(choices)
    tree, error = outcome(parse_yaml, text, "fuzz")
    if error is not None:
        if "\n" in str(error).strip():
            raise Finding(f"a message of several lines: {str(error)!r:.400}")
        return
    try:
        expected = yaml.load(text, Loader=_Texts)
    except (yaml.YAMLError, RecursionError, ValueError, TypeError) as problem:
        raise Finding(f"PyYAML refuses what was read: {problem!r:.300}") from problem
    if _as_texts(plain(tree)) != _as_texts({} if expected is None else expected):
        raise Finding(f"{plain(tree)!r:.300} was read, PyYAML has {expected!r:.300}")


class _Texts(yaml.SafeLoader):
    """PyYAML's reading with every scalar a text, and `<<` an ordinary key."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}


def _as_texts(value: Any) -> Any:
    """Return a value with its scalars as texts that do not depend on the YAML version."""
    if isinstance(value, Mapping):
        return {str(key): _as_texts(child) for key, child in value.items()}
    if isinstance(value, list):
        return [_as_texts(child) for child in value]
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: ""}[value]
    if isinstance(value, int | float):
        return float(value) if abs(value) < 1e300 or math.isinf(value) else repr(value)
    return _number_or_text(str(value))


def _number_or_text(text: str) -> Any:
    low = text.lower()
    if low in ("~", "null", "", "true", "false"):
        return {"~": "", "null": ""}.get(low, low)
    if re.fullmatch(r"[-+]?\.(inf|nan)|[-+]?[0-9]{1,290}|[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?", low):
        return _as_texts(float(re.sub(r"\.(?=inf|nan)", "", low)))
    return text


def _config(choices: Choices) -> None:
    """A file, or a recipe by its name, with overrides."""
    root = folder() / "configs"
    root.mkdir(exist_ok=True)
    path = root / "base.yaml"
    content = to_bytes(_file(choices))
    path.write_bytes(damaged_bytes(content, choices) if choices.below(6) == 5 else content)
    given = [choices.pick(_SETTINGS) for _ in range(choices.below(4))]
    name = str(path) if choices.below(4) else choices.pick(_NAMES)
    config, error = outcome(read_config, name, choices.pick(KINDS), given)
    if error is None and (not isinstance(config.seed, int) or not isinstance(config.model, str)):
        raise Finding(f"a setting of another type: {config}")
    _variants(path)


def _variants(path: Path) -> None:
    tree, error = outcome(read_with_extends, path)
    names, error = outcome(variant_names, tree) if error is None else (None, error)
    for name in (names or ())[:3]:
        found, error = outcome(variant, tree, name)
        if error is None and not isinstance(found, Section):
            raise Finding(f"{name} has no settings")


_FILES = (
    {"kind": "sft", "model": "m", "data": {"source": "embedded", "langs": ["en", "de"]}, "trainer": {"learning_rate": 1e-5, "max_steps": 5}},
    {"kind": "grpo", "model": "m", "data": {"source": "polyfact"}, "rewards": [{"name": "accuracy", "weight": 1.0}, {"name": "language"}]},
    {"kind": "cpt", "model": "m", "data": {"source": "a.txt", "max_tokens": 100}, "vary": {"name": "{a}", "axes": {"a": [1, 2]}, "skip": ["2"]}},
    {"kind": "sft", "extends": "base", "vary": {"axes": {"l": {"x": {"seed": 1}, "y": {"seed": 2}}}}, "lora": {"r": 8}, "loss": {"sft": "letter"}},
)  # fmt: skip


def _file(choices: Choices) -> str:
    if choices.below(4) == 3:
        return _text(choices)
    value = choices.pick(_FILES)
    for _ in range(choices.below(3)):
        value = damaged(value, choices)
    return yaml.safe_dump(value, allow_unicode=bool(choices.below(2)), default_flow_style=bool(choices.below(2)))


def _options(choices: Choices) -> None:
    """The small languages of the command line: `--langs`, `--tasks`, and the options that commands parse."""
    text = (
        choices.rest().decode("utf-8", "replace")
        if choices.below(2)
        else "".join(choices.pick(_OPTION_PIECES) for _ in range(12))
    )
    for parse in _PARSERS:
        outcome(parse, text)


_OPTION_PIECES = (
    "mgsm", "polyfact", "[", "]", ",", "ko", "zh", "en", "all", "polyfact[leaky]", "=", ":", "1", "-1", "1e9", "nan", ".", "/", "..", "*", "?",
    " ", "\n", "\x00", "é", "max_model_len", "dtype", "true", "{", "}", "temperature", "top_p", "max_tokens", "window", "drop", "22", "none", "group.", "lang", '"', "'", "9" * 5000, "0x1", "<", ">", "@", "%", "&", "language",
)  # fmt: skip


def _parsers() -> tuple[Callable[[str], object], ...]:
    """Return what parses the texts of options."""
    return (
        lambda text: parse_languages(text), lambda text: select_tasks(text, ("en", "ko", "zh")), lambda text: parse_map([text]),
        parse_grid, parse_sampling, parse_model_args, parse_shard, parse_warning_options, lambda text: parse_limits((text,)),
    )  # fmt: skip


_PARSERS = _parsers()
_READINGS: tuple[Callable[[Choices], None], ...] = (_yaml, _config, _yaml, _options)

if __name__ == "__main__":
    main(one_input, seeds())
