"""Instructions with their answers in several languages: sets of `xleval build-reasoning --pairs`, and files of the user's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from xleval.data.cells import cell
from xleval.data.language_names import language_code
from xleval.data.rows import Row, read_rows, text_of
from xleval.errors import ConfigError, DataError
from xleval.evalkit.task import TaskItem
from xleval.tasks.asking import ask_openly
from xleval.training.config.schema import DataConfig, PromptConfig
from xleval.training.sets.asking import Asker, as_turns, asker
from xleval.training.sets.item_set import EMBEDDED
from xleval.training.sets.layout import SetRow, lacks_column, rows_by_language
from xleval.training.sets.records import PairRow, Prompt
from xleval.training.sets.regimes import rank

_INSTRUCTIONS = ("instruction", "prompt", "question", "query")
_INPUTS = ("input", "context")
_RESPONSES = ("response", "output", "answer", "completion")
#: Columns of a file whose rows hold both languages, by our names.
_WIDE = ("english_prompt", "english_answer", "target_prompt", "target_answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """An instruction and its answer in one language."""

    item_id: str
    lang: str
    text: str
    answer: str


Instructions = Mapping[str, Mapping[str, Instruction]]


def pair_rows(data: DataConfig, prompt: PromptConfig, *, has_chat_template: bool, seed: int) -> list[PairRow]:
    """Return translated pairs: item by item, each in every language of the training but English.

    Args:
        data: a set with instructions and answers by language, English among them, or a file whose rows hold both
            languages (columns `english_prompt`, `english_answer`, `target_prompt`, `target_answer`, `language`; other names
            through `data.columns`). Items that lack a language are left out.
        prompt: how instructions are asked: as they are, in a conversation where the model has a chat template.
        has_chat_template: whether it has one.
        seed: of the draw of `limit` items and of their order.

    Raises:
        ConfigError: no language beside English, a language or column that the set lacks, or nothing that all have.
        DataError: the data cannot be read, or a text is empty.
    """
    targets = [lang for lang in data.langs if lang != "en"]
    if not targets:
        raise ConfigError(
            f"data.langs is {', '.join(data.langs)}: pairs need a language beside English, such as [en,ko]"
        )
    found = read_instructions(data, ("en", *targets))
    asking = asker(prompt, has_chat_template=has_chat_template)
    return [
        PairRow(
            item_id=item_id,
            lang=lang,
            english_prompt=ask_instruction(asking, found["en"][item_id]),
            english_answer=found["en"][item_id].answer,
            target_prompt=ask_instruction(asking, found[lang][item_id]),
            target_answer=found[lang][item_id].answer,
        )
        for item_id in chosen_ids(found, data, seed=seed)
        for lang in targets
    ]


def chosen_ids(found: Instructions, data: DataConfig, *, seed: int) -> list[str]:
    """Return the items that are there in every language, at most `data.limit`, drawn by seed and id alone.

    Raises:
        ConfigError: there is none; the languages and how many items each has are named.
    """
    first = next(iter(found.values()))
    common = [item_id for item_id in first if all(item_id in items for items in found.values())]
    if not common:
        counts = ", ".join(f"{lang} {len(items)}" for lang, items in found.items())
        raise ConfigError(f"data.source {data.source}: no item is there in every language (items: {counts})")
    drawn = sorted(common, key=lambda item_id: rank(seed, "item", item_id))[: data.limit]
    return [item_id for item_id in common if item_id in set(drawn)] if data.order == "as-is" else drawn


def read_instructions(data: DataConfig, langs: Sequence[str]) -> Instructions:
    """Return instructions with their answers by language and item id, without those that `data.on_overlap` drops.

    Raises:
        ConfigError: a language, split or column that the set lacks.
        DataError: a cell without a text.
    """
    from xleval.training.sets.overlap import shared_ids

    dropped = frozenset(shared_ids(data)) if data.on_overlap == "drop" else frozenset()
    return {
        lang: {item_id: each for item_id, each in items.items() if item_id not in dropped}
        for lang, items in _every_instruction(data, langs).items()
    }


def _every_instruction(data: DataConfig, langs: Sequence[str]) -> Instructions:
    path = _folder(data.source)
    if path.is_file() and (wide := _wide_columns(read_rows(path)[0], data.columns)):
        return _from_wide(read_rows(path), path, wide, langs, data.columns)
    rows = rows_by_language(path, data.split, langs, data.columns)
    return {
        lang: {each.item_id: _instruction(each, path, data.columns) for each in found} for lang, found in rows.items()
    }


def _folder(source: str) -> Path:
    """Return where a set is: PolyFact built here for `embedded`, its questions as instructions, else the path given."""
    if source != EMBEDDED:
        return Path(source)
    from xleval.training.sets.embedded import embedded_folder

    return embedded_folder()


def is_instructions(row: Row, columns: Mapping[str, str]) -> bool:
    """Return whether a row is an instruction with its answer and not a problem with a short one."""
    return any(name in row.values for name in ("response", "output")) or bool(_wide_columns(row, columns))


def _instruction(each: SetRow, path: Path, columns: Mapping[str, str]) -> Instruction:
    prompt = columns.get("prompt") or columns.get("instruction") or columns.get("question", "")
    answer = columns.get("answer") or columns.get("response", "")
    text = _text(each.row, path, "instruction", prompt, _INSTRUCTIONS)
    further = next(
        (text_of(cell(each.row.values, name)) for name in _INPUTS if text_of(cell(each.row.values, name))), None
    )
    return Instruction(
        item_id=each.item_id,
        lang=each.lang,
        text=f"{text}\n\n{further}" if further else text,
        answer=_text(each.row, path, "answer", answer, _RESPONSES),
    )


def _text(row: Row, path: Path, what: str, named: str, usual: Sequence[str]) -> str:
    column = named or next((name for name in usual if name in row.values), "")
    if not column or (cell(row.values, column) is None and column not in row.values):
        raise lacks_column(path, f"for the {what}" if not named else repr(named), row)
    text = text_of(cell(row.values, column))
    if text is None:
        raise DataError(f"{row.place}, column {column!r}: no {what}; every row needs one")
    return text.strip()


def _wide_columns(row: Row, columns: Mapping[str, str]) -> dict[str, str]:
    """Return the columns of both languages where a row has all four, else none."""
    names = {what: columns.get(what, what) for what in _WIDE}
    return names if all(cell(row.values, name) is not None for name in names.values()) else {}


def _from_wide(
    rows: Sequence[Row], path: Path, names: Mapping[str, str], langs: Sequence[str], columns: Mapping[str, str]
) -> Instructions:
    """Return the instructions of rows that hold English and another language."""
    found: dict[str, dict[str, Instruction]] = {lang: {} for lang in langs}
    targets = [lang for lang in langs if lang != "en"]
    stated_in = columns.get("language", "language")
    for row in rows:
        stated = text_of(cell(row.values, stated_in))
        lang = language_code(stated) if stated else targets[0] if len(targets) == 1 else ""
        if not lang:
            raise DataError(
                f"{row.place}, column {stated_in!r}: {stated!r} is no language; data.langs is {', '.join(langs)}"
            )
        if lang not in found:
            continue
        item_id = (
            text_of(cell(row.values, columns.get("id", "item_id")))
            or text_of(cell(row.values, "id"))
            or str(row.number)
        )
        for code, side in (("en", "english"), (lang, "target")):
            found[code][item_id] = Instruction(
                item_id=item_id,
                lang=code,
                text=_text(row, path, "instruction", names[f"{side}_prompt"], ()),
                answer=_text(row, path, "answer", names[f"{side}_answer"], ()),
            )
    if lacking := [lang for lang in targets if not found[lang]]:
        raise ConfigError(
            f"data.langs: {path} has no rows in {', '.join(lacking)}; column {stated_in!r} names the language"
        )
    return found


def ask_instruction(asking: Asker, instruction: Instruction) -> Prompt:
    """Return an instruction as `xleval run` asks open ones: as it is, with no label and no further words."""
    item = TaskItem(item_id=instruction.item_id, question=instruction.text, gold="")
    asked = ask_openly(item, instruction.lang, asking.options(), (), task="instruction").prompt
    return asked if isinstance(asked, str) else as_turns(asked)
