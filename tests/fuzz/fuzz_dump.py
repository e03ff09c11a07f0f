"""Wikidata dumps: what a pass extracts equals a plain reading of the same lines by `json`, however they are packed.

An input decides which items a dump has, what is done to them and to the bytes, how they are packed, and where the archive is
cut. A line that no plain reading takes for an entity may count as broken or as nothing; it never ends the pass.
"""

import bz2
import gzip
import json
import re
import shutil
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import zstandard

from tests.fuzz.harness import Choices, Finding, damaged, damaged_bytes, folder, json_text, main, outcome, to_bytes
from tests.polyfact.sources.wikidata_items import ITEMS, LANGUAGES, RELATIONS
from xleval.data.storage import make_folder
from xleval.polyfact.records import UNKNOWN_YEAR
from xleval.polyfact.sources import dump_tables
from xleval.polyfact.sources.dump_counts import Counts, Pass
from xleval.polyfact.sources.dump_reader import SUFFIXES, LineBlocks
from xleval.polyfact.sources.dump_stage import Stage
from xleval.polyfact.sources.wikibase_json import ItemReader

BLOCK = 1 << 15  # bytes, so that a dump of some items has several
_QID = re.compile(r"Q[1-9][0-9]{0,17}")
_ODD = (
    b'{"type":"lexeme","id":"L1"}', b'{"type":"property","id":"P36","claims":{}}', b'{"entities":{"Q1":{"redirect":"Q2"}}}',
    b'{"type":"item","id":"Q9","redirect":"Q8"}', b"null", b"[]", b'"a"', b"{}", b'{"type":"item","id":"Q1"', b"[" * 90_000,
    b'{"type":"mediainfo","id":"M1"}', b'{"type":"item","id":"P5"}', b'{"type":"item","id":7}', b"\x00" * 70_000, b"", b",",
    b'{"type":"item","id":"Q1","claims":' + b"[" * 5000 + b"]" * 5000 + b"}", b'{"type":"item","id":"Q0"}', b"\xff\xfe",
    b'{"type":"item","id":"Q77","labels":{"en":{"value":"' + b"x" * BLOCK + b'"}}}',
)  # fmt: skip


def seeds() -> list[bytes]:
    """Return inputs for every packing, every kind of damage and every odd line."""
    packed = [bytes([pack, cut, 3, 0, 0, 1, 0, 2, 0]) for pack in range(4) for cut in (0, 90)]
    changed = [bytes([0, 0, 2, 1, n % 14, n, kind, n, 0, 3]) for n in range(0, 200, 9) for kind in (0, 4, 7)]
    return packed + changed + [bytes([0, 0, 2, 2, n, 0, 3]) for n in range(len(_ODD))] + [b"\x01\x00\xff" + b"[\n{}"]


def one_input(data: bytes) -> None:
    """Extract a dump made from the bytes in one pass, and compare its statements and items with a plain reading."""
    choices = Choices(data)
    suffix, cut = choices.pick(SUFFIXES), choices.below(256)
    content, is_whole = _content(choices)
    packed = _packed(content, suffix)
    if cut > 200:
        packed = damaged_bytes(packed, choices)
    elif cut > 80:
        packed = packed[: len(packed) * (cut - 80) // 121]
    path = folder() / f"dump{suffix}"
    path.write_bytes(packed)
    work = Pass(
        number=1, languages=LANGUAGES, relations=RELATIONS, min_langs=1, min_sitelinks=0, folder=_empty(folder() / "pass1")
    )  # fmt: skip
    stage = Stage(work, "0")
    _, error = outcome(_read, path, stage)
    counts = stage.finish()
    Counts.from_json(json.loads(json.dumps(counts.to_json())))
    if cut <= 80:
        if error is not None:
            raise Finding(f"a whole archive was refused: {error}")
        _compare(content, work.folder.parent, counts, is_whole=is_whole)


def _read(path: Path, stage: Stage) -> None:
    buffer = memoryview(bytearray(BLOCK))
    with LineBlocks(path) as blocks:
        while size := blocks.read_into(buffer):
            stage.block(bytes(buffer[:size]), blocks.offset - size)


def _empty(made: Path) -> Path:
    shutil.rmtree(made, ignore_errors=True)
    return make_folder(made)


def _content(choices: Choices) -> tuple[bytes, bool]:
    """Return the JSON of a dump, and whether its bytes are as they were written.

    Each item has a Q-id of its own, some are changed, and odd lines are between them.
    """
    n = choices.below(256)
    if n == 255:
        return choices.rest(), False
    items, lines = list(ITEMS.values()), [b"["]
    for place in range(n % 12):
        kind = choices.below(4)
        item = {**choices.pick(items), "id": f"Q{1000 + place}"}
        if kind == 1:
            item = damaged(item, choices)
        text = json_text(item, choices) if kind == 3 else _compact(item)
        line = choices.pick(_ODD) if kind == 2 else to_bytes(text.replace("\n", " "))
        lines.append(line + (b"," if place % 5 else b""))
    content = b"\n".join([*lines, b"]\n"])
    return (damaged_bytes(content, choices), False) if n > 240 else (content, True)


def _compact(item: Any) -> str:
    """Return JSON without spaces, as Wikidata's own; what only `json_text` can write keeps its spaces."""
    text = json_text(item)
    try:
        if json.loads(text) == item:
            return json.dumps(item, ensure_ascii=False, separators=(",", ":"))
    except (ValueError, RecursionError):
        pass
    return text


@cache
def _reader() -> ItemReader:
    return ItemReader(LANGUAGES, RELATIONS)


def _packed(content: bytes, suffix: str) -> bytes:
    if suffix == ".zst":
        return zstandard.ZstdCompressor(level=1).compress(content)
    return {".gz": lambda: gzip.compress(content, 1), ".bz2": lambda: bz2.compress(content, 1)}.get(
        suffix, lambda: content
    )()


# --- the plain reading ------------------------------------------------------------------------------------------------


def _compare(content: bytes, tables: Path, counts: Counts, *, is_whole: bool) -> None:
    """Where bytes were changed, claims may stand there as no dump has them, and are not found; none may be invented."""
    lines = [line for line in content.split(b"\n") if len(line) < BLOCK]
    stated: Counter[Any] = Counter()
    for line in lines:
        inner = line.strip(b" \t\r\n,[]")
        item = _item(inner)
        _, error = outcome(_reader().read, inner)
        if item is not None and error is None:
            stated.update(_statements(item))
    found = [each for pid in RELATIONS for each in dump_tables.statements(tables, pid)]
    rows = Counter(
        (each.subject_qid, each.relation_pid, each.object_qid, each.rank, each.start, each.end, each.point)
        for each in found
    )
    bystanders = sum(counts.uncovered.values())
    n_missing = sum(stated.values()) - sum(rows.values()) - bystanders
    if rows - stated or n_missing < 0 or (is_whole and n_missing):
        raise Finding(f"extracted {rows - stated}, missing {stated - rows} with {bystanders} of subjects without names")
    if counts.items + counts.others + counts.redirects + counts.broken > counts.lines:
        raise Finding(f"more counted than there are lines: {counts}")


def _item(line: bytes) -> dict[str, Any] | None:
    """Return a line as an item, None where it is none; of a key that stands there twice the last one holds."""
    try:
        found = json.loads(line.decode(), parse_int=_whole)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or found.get("type") != "item" or not _QID.fullmatch(str(found.get("id"))):
        return None
    return None if any(found.get(key) is not None for key in ("missing", "redirect", "redirects")) else found


def _whole(text: str) -> int:
    return (
        int(text) if len(text) < 40 else 10**40
    )  # Python refuses more than 4,300 digits, also where nobody reads them


def _statements(item: dict[str, Any]) -> list[Any]:
    claims = item.get("claims")
    found = []
    for pid in RELATIONS if isinstance(claims, dict) else ():
        for claim in claims.get(pid) or ():
            snak = claim["mainsnak"]
            value = (snak.get("datavalue") or {}).get("value")
            qid = _qid_of(value) if snak["snaktype"] == "value" and isinstance(value, dict) else ""
            rank = claim.get("rank", "normal")
            if rank != "deprecated" and (qid or snak["snaktype"] == "somevalue"):
                found.append((item["id"], pid, qid, rank, *_years_of(claim.get("qualifiers"))))
    return found


def _qid_of(value: dict[str, Any]) -> str:
    number = value.get("numeric-id")
    if not value.get("id") and value.get("entity-type") == "item":
        return f"Q{number}" if number and 0 < number < 10**18 else ""
    return value.get("id", "") if _QID.fullmatch(value.get("id", "")) else ""


def _years_of(qualifiers: Any) -> tuple[int | None, int | None, int | None]:
    years: dict[str, list[int]] = {"P580": [], "P582": [], "P585": []}
    for pid, found in years.items() if isinstance(qualifiers, dict) else ():
        for snak in qualifiers.get(pid, ()):
            value = (snak.get("datavalue") or {}).get("value")
            match = re.match(r"[+-]?[0-9]{1,16}(?=-)", value.get("time", "")) if isinstance(value, dict) else None
            if match:
                found.append(int(match[0]))
            if pid == "P582" and snak["snaktype"] == "somevalue":
                found.append(UNKNOWN_YEAR)
    return min(years["P580"], default=None), max(years["P582"], default=None), max(years["P585"], default=None)


if __name__ == "__main__":
    main(one_input, seeds())
