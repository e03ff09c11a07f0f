"""The texts of continued pre-training, in several languages at once, from corpora of any size."""

import random
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from xleval.errors import ConfigError
from xleval.evalkit.prompts import continuation
from xleval.training.config.schema import DataConfig
from xleval.training.sets.corpora import KNOWN_CORPORA, Stream
from xleval.training.sets.item_set import EMBEDDED, is_facts, read_items
from xleval.training.sets.records import TextRow
from xleval.training.sets.text_files import CorpusItem, corpus_files, is_table, read_corpus_file

#: Items that are held to be drawn from: a corpus that is not larger is shuffled as a whole.
BUFFER = 50_000
#: What stands for the language of a text whose lines are in several.
SEVERAL = "several"


def text_rows(data: DataConfig, *, seed: int) -> Iterator[TextRow]:
    """Yield the texts of a corpus.

    Each item is drawn by chance from the next 50,000 of its stream (`data.order` shuffled). Streams, one for each language or
    part of the corpus, take turns: the one that has given least comes next, so that every language has the same share of
    `data.max_tokens`, as far as it lasts. An item of several languages, a row of parallel text
    or the same line of files that have one language and one length each, is one text with a line
    `lang: sentence` for each, in an order drawn for it, as PolyFact's continued pre-training has them
    (github.com/jvonrad/Lost-in-Mistranslation f78d76d); languages that are not trained on have no line.

    Args:
        data: `source` is a file, a folder, `ted2025`, `finetranslations`, or a set of facts (`embedded`), whose texts are
            questions with their answers; `limit` counts items.
        seed: of draws and orders.

    Raises:
        ConfigError: no such source, a language without a text, a regime or filter that texts do not know.
        DataError: the data cannot be read.
    """
    from xleval.training.sets.overlap import shared_ids

    _check(data)
    dropped = frozenset(shared_ids(data)) if data.on_overlap == "drop" else frozenset()
    draw = random.Random(seed)
    streams = _streams(data)
    if data.order == "shuffled":
        streams = [
            Stream(name=each.name, items=_shuffled(each.items, random.Random(f"{seed}:{each.name}")))
            for each in streams
        ]
    given: dict[str, int] = {}
    usable = ((name, item) for name, item in _in_turns(streams) if f"{name}/{item.item_id}" not in dropped)
    for name, item in islice(usable, data.limit):
        kept = {lang: text for lang, text in item.texts.items() if lang in data.langs}
        for lang in kept:
            given[lang] = given.get(lang, 0) + 1
        yield _row(f"{name}/{item.item_id}", kept, draw)
    if lacking := [lang for lang in data.langs if lang not in given and data.limit is None]:
        raise ConfigError(
            f"data.langs: {data.source} has no text in {', '.join(lacking)}; it has {', '.join(given) or 'none'}"
        )


def _check(data: DataConfig) -> None:
    """Refuse settings that texts do not know, with both values."""
    if not data.langs:
        raise ConfigError("data.langs is empty; at least one language is needed, such as --set data.langs=[en,ko]")
    if data.regime != "grow":
        raise ConfigError(f"data.regime is {data.regime}: texts have no copies and no items to deal out; use grow")
    if data.order == "curriculum":
        raise ConfigError("data.order is curriculum: texts have no level; use shuffled or as-is")


def _streams(data: DataConfig) -> list[Stream]:
    """Return the streams of a corpus, each with items that have a text in the languages of the training."""
    path = Path(data.source)
    if data.source in KNOWN_CORPORA and not path.exists():
        found = KNOWN_CORPORA[data.source](data)
    elif (data.source == EMBEDDED and not path.exists()) or (path.is_dir() and is_facts(path)):
        found = [Stream(name="facts", items=_facts(data))]
    else:
        found = _local(data)
    return [Stream(name=each.name, items=_usable(each.items, data.langs)) for each in found]


def _usable(items: Iterable[CorpusItem], langs: tuple[str, ...]) -> Iterator[CorpusItem]:
    return (item for item in items if any(lang in item.texts for lang in langs))


def _facts(data: DataConfig) -> Iterator[CorpusItem]:
    """Yield the facts of `data.split`, each as its question with the answer in the languages of the training.

    Raises:
        ConfigError: columns are named, or a language that the set lacks.
    """
    if data.columns:
        named = ", ".join(f"data.columns.{ours} is {theirs}" for ours, theirs in data.columns.items())
        raise ConfigError(
            f"{named} and data.source is {data.source}, a set of facts: their text is the question with the right answer, "
            "whatever columns are named. Leave data.columns out, or give a corpus of your own"
        )
    items = read_items(data).items
    for item_id in dict.fromkeys(item_id for found in items.values() for item_id in found):
        texts = {
            lang: found[item_id].question + continuation(found[item_id].gold, lang, "auto")
            for lang, found in items.items()
            if item_id in found
        }
        yield CorpusItem(item_id=item_id, texts=texts, weight=sum(map(len, texts.values())))


def _local(data: DataConfig) -> list[Stream]:
    """Return one stream for each language of the file names, and one for the files that name none."""
    files = corpus_files(Path(data.source))
    parts: dict[str, list[tuple[Path, str]]] = {}
    for path, lang in files:
        if not lang or lang in data.langs:
            parts.setdefault(lang, []).append((path, lang))
    if "" not in parts and (lacking := [lang for lang in data.langs if lang not in parts]):
        there = sorted({lang for _, lang in files})
        raise ConfigError(f"data.langs: {data.source} has no text in {', '.join(lacking)}; it has {', '.join(there)}")
    if aligned := _aligned([each for each in files if each[1] in data.langs]):
        return [Stream(name="all", items=_side_by_side(aligned))]
    return [Stream(name=lang or "all", items=_read(part, data)) for lang, part in parts.items()]


def _aligned(files: list[tuple[Path, str]]) -> list[tuple[Path, str]]:
    """Return files of lines whose lines are the same sentences: one for each language, all of one length; else none."""
    several = len({lang for _, lang in files}) == len(files) > 1 and not any(is_table(path) for path, _ in files)
    return files if several and len({_n_lines(path) for path, _ in files}) == 1 else []


def _n_lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in file)


def _side_by_side(files: list[tuple[Path, str]]) -> Iterator[CorpusItem]:
    """Yield an item for each line; a language whose line is empty has no text of it."""
    readers = {lang: read_corpus_file(path, lang, {}) for path, lang in files}
    waiting = {lang: next(reader, None) for lang, reader in readers.items()}
    while found := [item for item in waiting.values() if item is not None]:
        number = min(int(item.item_id) for item in found)
        same = [item for item in found if int(item.item_id) == number]
        texts = {lang: text for item in same for lang, text in item.texts.items()}
        yield CorpusItem(item_id=str(number), texts=texts, weight=sum(item.weight for item in same))
        for lang in texts:
            waiting[lang] = next(readers[lang], None)


def _read(files: list[tuple[Path, str]], data: DataConfig) -> Iterator[CorpusItem]:
    for path, lang in files:
        prefix = f"{path.name}/" if len(files) > 1 else ""
        for item in read_corpus_file(path, lang, data.columns):
            yield CorpusItem(item_id=f"{prefix}{item.item_id}", texts=item.texts, weight=item.weight)


def _shuffled(items: Iterable[CorpusItem], draw: random.Random) -> Iterator[CorpusItem]:
    """Yield items in an order drawn from the next `BUFFER` of them."""
    held: list[CorpusItem] = []
    for item in items:
        if len(held) < BUFFER:
            held.append(item)
            continue
        place = draw.randrange(BUFFER)
        held[place], item = item, held[place]
        yield item
    draw.shuffle(held)
    yield from held


def _in_turns(streams: list[Stream]) -> Iterator[tuple[str, CorpusItem]]:
    """Yield the items of several streams, next the one that has given least so far; of two alike, the first."""
    left = {each.name: iter(each.items) for each in streams}
    given = dict.fromkeys(left, 0)
    while left:
        name = min(left, key=lambda each: given[each])
        item = next(left[name], None)
        if item is None:
            del left[name]
            continue
        given[name] += item.weight
        yield name, item


def _row(item_id: str, texts: dict[str, str], draw: random.Random) -> TextRow:
    if len(texts) == 1:
        lang, text = next(iter(texts.items()))
        return TextRow(item_id=item_id, lang=lang, text=text)
    lines = [f"{lang}: {' '.join(text.split())}" for lang, text in texts.items()]
    draw.shuffle(lines)
    others = [lang for lang in texts if lang != "en"]
    return TextRow(item_id=item_id, lang=others[0] if len(others) == 1 else SEVERAL, text="\n".join(lines))
