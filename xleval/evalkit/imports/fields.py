"""`--map`: where the facts of an item stand in another tool's rows.

`KEY=COLUMN` names a column, with dots into nested objects and lists (`doc.answer`, `resps.0`); `KEY=@TEXT` gives the
same text to every row (`lang=@sw`). For `choices` and `sum_logprobs` several columns may be listed with commas, and
`group.NAME=COLUMN` adds a fact to group by. What is not mapped is looked for where the tool itself writes it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from xleval.errors import ConfigError, DataError, unknown_name

#: What can be mapped; `filter` is the name of an lm-eval filter, all others name columns.
KEYS = (
    "task", "lang", "item_id", "sample_index", "prompt", "completion", "reasoning", "gold", "choices", "gold_index",
    "sum_logprobs", "prediction", "correct", "finish_reason", "n_completion_tokens", "unscored_reason", "filter",
)  # fmt: skip
#: Begins the keys that add a fact to group by.
GROUP = "group."
_LISTS = ("choices", "sum_logprobs")
_MOST_COLUMNS_SHOWN = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a foreign file.

    Attributes:
        values: by column.
        file: where it stands.
        number: of the row in the file, from 1.
    """

    values: Mapping[str, object]
    file: Path
    number: int

    @property
    def where(self) -> str:
        """File and row, for messages."""
        return f"{self.file}, row {self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldMap:
    """What `--map` says.

    Attributes:
        columns: key to column.
        constants: key to the text that every row has.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)

    def read(self, row: Row, key: str, *defaults: str) -> object | None:
        """Return a fact of a row: the constant, else the mapped column, else the first default column that holds one.

        Raises:
            DataError: the mapped column is not in the row; file, row and its columns are named.
        """
        if key in self.constants:
            return self.constants[key]
        if key in self.columns:
            return _mapped(row, key, self.columns[key])
        for default in defaults:
            for value in _values_at(row.values, default):
                if value is not None:
                    return value
        return None

    def names(self, key: str) -> bool:
        """Return whether a key is mapped."""
        return key in self.columns or key in self.constants

    def groups(self, row: Row) -> dict[str, object]:
        """Return the facts that `group.NAME=…` maps, by name."""
        keys = sorted(key for key in (*self.columns, *self.constants) if key.startswith(GROUP))
        return {key.removeprefix(GROUP): self.read(row, key) for key in keys}

    def as_json(self) -> dict[str, str]:
        """Return the map as it was written: key to column, or to `@` and the constant."""
        return dict(self.columns) | {key: f"@{text}" for key, text in self.constants.items()}


def parse_map(texts: Sequence[str]) -> FieldMap:
    """Return the fields that some `--map` values give.

    Raises:
        ConfigError: no `=`, an empty side, an unknown key, or a key twice.
    """
    columns: dict[str, str] = {}
    constants: dict[str, str] = {}
    for text in texts:
        key, equals, value = (part.strip() for part in text.partition("="))
        if not (key and equals and value) or value == "@":
            raise ConfigError(f"--map {text!r}: KEY=COLUMN or KEY=@TEXT is needed, such as lang=language or lang=@sw")
        if key not in KEYS and not (key.startswith(GROUP) and len(key) > len(GROUP)):
            raise unknown_name("key of --map", key, (*KEYS, f"{GROUP}NAME"))
        if key in columns or key in constants:
            raise ConfigError(f"--map {key}=… is given twice; name each key once")
        if value.startswith("@") or key == "filter":
            constants[key] = value.removeprefix("@")
        else:
            columns[key] = value
    return FieldMap(columns=columns, constants=constants)


def _mapped(row: Row, key: str, column: str) -> object | None:
    for value in _values_at(row.values, column):
        return value
    if key in _LISTS and "," in column:
        return [_mapped(row, "", part.strip()) for part in column.split(",")]
    found = list(_columns(row.values))
    shown = ", ".join(found[:_MOST_COLUMNS_SHOWN]) + (", …" if len(found) > _MOST_COLUMNS_SHOWN else "")
    raise DataError(f"{row.where} has no column {column!r}, which --map names. Found: {shown}")


def _values_at(value: object, path: str) -> Iterator[object]:
    """Yield what stands at a dotted path, once or not at all; a name may itself hold dots."""
    if isinstance(value, Mapping):
        if path in value:
            yield value[path]
            return
        for place in (number for number, letter in enumerate(path) if letter == "."):
            if path[:place] in value:
                yield from _values_at(value[path[:place]], path[place + 1 :])
                return
    elif isinstance(value, list | tuple):
        head, _, rest = path.partition(".")
        if head.isdecimal() and int(head) < len(value):
            inner = value[int(head)]
            yield from _values_at(inner, rest) if rest else (inner,)


def _columns(values: Mapping[str, object]) -> Iterator[str]:
    """Yield the columns of a row, nested ones one level deep."""
    for name, value in values.items():
        yield name
        if isinstance(value, Mapping):
            yield from (f"{name}.{inner}" for inner in value)
