"""Translators behind one protocol: seq2seq checkpoints, chat models, Apertium, tables of human translations."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from xleval.data.reasoning.translators.protocol import Translator
from xleval.errors import ConfigError, unknown_name

if TYPE_CHECKING:
    from xleval.data.reasoning.records import SourceItem
    from xleval.data.reasoning.translators.chat import ChatPrompt, ChatReply

__all__ = ["KINDS", "Translator", "load_translator"]

#: what a specification may begin with
KINDS = ("hf", "vllm", "openai", "apertium", "table")


def load_translator(
    spec: str,
    *,
    generate: "Callable[[Sequence[ChatPrompt]], Iterator[ChatReply]] | None" = None,
    model: Mapping[str, str] | None = None,
    items: "Sequence[SourceItem]" = (),
) -> Translator:
    """Return the translator of a specification; a checkpoint is loaded when it first translates.

    Args:
        spec: `hf:MODEL[,key=value..]` (a seq2seq checkpoint), `vllm:MODEL[,..]` or `openai:MODEL[,..]` (a chat model),
            `apertium` or `apertium:eng-spa` or `apertium:eng-spa+es-pt` (a way through pairs), `table:FILE` or `table:FOLDER`.
        generate: sends prompts to the chat model and yields its replies in any order; a chat model needs it.
        model: what else of the chat model changes its replies: weights, engine, versions.
        items: of the source, for tables that have identifiers instead of English texts.

    Raises:
        ConfigError: unknown kind or option, or a chat model without `generate`.
        DataError: a table that cannot be read.
        BackendError: a checkpoint that is not there, or Apertium is not installed.
        MissingExtra: packages that the kind needs.
    """
    kind, _, rest = spec.partition(":")
    if kind not in KINDS:
        raise unknown_name("translator", kind, KINDS)
    if kind == "apertium":
        from xleval.data.reasoning.translators.apertium import Apertium

        return Apertium(rest)
    if not rest:
        raise ConfigError(
            f"the translator {spec!r} names no {'file' if kind == 'table' else 'model'}: {kind}:NAME is needed"
        )
    if kind == "table":
        from xleval.data.reasoning.translators.table import Table

        return Table(rest, items=items)
    name, options = split_options(rest)
    if kind == "hf":
        from xleval.data.reasoning.translators.seq2seq import Seq2Seq

        return Seq2Seq(name, options)
    from xleval.data.reasoning.translators.chat import ChatTranslator

    if generate is None:
        raise ConfigError(f"the chat model {spec!r} needs a backend that generates; the command line opens one")
    return ChatTranslator(spec, generate, options, model or {})


def split_options(text: str) -> tuple[str, dict[str, str]]:
    """Return the name and the options of `NAME,key=value,key=value`.

    Raises:
        ConfigError: an option without `=`, or one twice.
    """
    name, *parts = text.split(",")
    options: dict[str, str] = {}
    for part in parts:
        key, equals, value = part.partition("=")
        if not equals or not key.strip() or key.strip() in options:
            raise ConfigError(f"the option {part!r} of {name!r}: each option is key=value, and is given once")
        options[key.strip()] = value.strip()
    return name, options


def without_folder(spec: str) -> str:
    """Return a specification as a set may show it: a model's folder by its name, not by its place on this machine."""
    kind, colon, rest = spec.partition(":")
    name, comma, options = rest.partition(",")
    return f"{kind}{colon}{Path(name).resolve().name}{comma}{options}" if name and Path(name).is_dir() else spec


def positive_option(options: dict[str, str], key: str, default: int) -> int:
    """Take an option that is a whole number of at least 1 out of the options and return it.

    Raises:
        ConfigError: it is no such number.
    """
    text = options.pop(key, str(default))
    if not text.isdecimal() or int(text) < 1:
        raise ConfigError(f"the option {key}={text}: a whole number of at least 1 is needed")
    return int(text)


def refuse_unknown_options(options: dict[str, str], known: Sequence[str]) -> None:
    """Refuse what is left when all known options are taken out.

    Raises:
        ConfigError: the first that is left; the known ones are named.
    """
    for key in options:
        raise unknown_name("option of the translator", key, known)
