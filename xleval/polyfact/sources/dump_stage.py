"""What is done with a block of a dump: lines that matter are found by their bytes, and only those are parsed."""

import re
from collections.abc import Sequence
from typing import Any

from xleval.errors import DataError
from xleval.polyfact.links import UP_PIDS
from xleval.polyfact.sources.dump_counts import Counts, Pass
from xleval.polyfact.sources.dump_parts import NO_YEAR, RANKS, PartWriter, among
from xleval.polyfact.sources.dump_reader import TOO_LONG
from xleval.polyfact.sources.wikibase_claims import Claim, items, values
from xleval.polyfact.sources.wikibase_json import ItemReader, RawItem

CLASS_PID = "P279"
_ITEM = (b'{"type":"item"', b'{"type": "item"')
_ID = re.compile(rb'\{"type": ?"item", ?"id": ?"Q([1-9]\d{0,17})"')
_OTHER = re.compile(rb'\{"type": ?"(?!item")\w+".*\}', re.DOTALL)


def claim_pattern(pids: Sequence[str]) -> re.Pattern[bytes]:
    """Return a pattern that is found in the JSON of an item with a claim of one of the properties.

    It begins with the list's bracket, which is rare, and looks back for the property: twice as fast as looking for
    `"P36":[`. Keys of a claim begin with m, t, q, i or r, those of a qualifier or reference (snaks) do not.
    """
    back = [
        rb'(?<="(?:' + b"|".join(pid.encode() for pid in pids if len(pid) == length) + rb')":' + space + rb'\[\{")'
        for length in sorted(set(map(len, pids)))
        for space in (b"", b" ")
    ]
    return re.compile(rb'\[\{"(?=[mtqir])(?:' + b"|".join(back) + rb")")


class Stage:
    """Takes the blocks of a pass, in any order, and writes the rows that they give.

    Args:
        work: the pass.
        name: of this stage, different for every one that works on the pass.
    """

    def __init__(self, work: Pass, name: str) -> None:
        self.counts = Counts()
        self._work = work
        self._reader = ItemReader(work.languages, work.relations)
        self._relations = {pid: int(pid[1:]) for pid in work.relations}
        # what leads up leads through items that state nothing else: a district is in a region
        self._find_claim = claim_pattern(sorted({*work.relations, *UP_PIDS})).search
        self._parts = PartWriter(work.folder, name)
        self._wanted: Any = None
        if work.wanted is not None:
            import numpy as np

            self._wanted = np.load(work.wanted, mmap_mode="r")

    def block(self, data: bytes, offset: int) -> None:
        """Take whole lines that begin `offset` bytes into the JSON of the dump."""
        self.counts.json_bytes += len(data)
        spans = self._items(data, offset)
        if self._work.number == 1:
            search, startswith = self._find_claim, data.startswith
            # in a line that begins otherwise than Wikidata's, claims may stand otherwise than the pattern has them, too
            hits = [span for span in spans if search(data, *span) or not startswith(_ITEM, span[0])]
        else:
            hits = self._asked_for(data, spans)
        for start, stop in hits:
            self._hit(data[start:stop], offset + start)

    def finish(self) -> Counts:
        """Write what is left of the rows and return what was seen."""
        self._parts.close()
        return self.counts

    def _items(self, data: bytes, offset: int) -> list[tuple[int, int]]:
        """Return where items begin and end; count the other lines."""
        spans = []
        position, size = 0, len(data)
        find, startswith = data.find, data.startswith
        while position < size:
            end = find(b"\n", position)
            if end < 0:
                end = size
            stop = end - 1 if data[end - 1] == 44 else end  # the comma after an item
            if startswith(_ITEM, position) and data[stop - 1] == 125:
                spans.append((position, stop))
            elif span := self._odd(data, position, end, offset):
                spans.append(span)
            self.counts.lines += 1
            position = end + 1
        self.counts.items += len(spans)
        return spans

    def _odd(self, data: bytes, start: int, end: int, offset: int) -> tuple[int, int] | None:
        """Return where an item is on a line that is not in the usual form, or count what it is."""
        line = data[start:end]
        inner = line.strip(b" \t\r\n,[]")
        begin = start + line.find(inner)
        if not inner or (inner.startswith(_ITEM) and inner.endswith(b"}")):
            return (begin, begin + len(inner)) if inner else None
        if _OTHER.fullmatch(inner):
            self.counts.others += 1
            return None
        if line == TOO_LONG:
            self.counts.note_broken(offset + start, "the line is longer than any item")
            return None
        try:
            found = self._reader.read(inner)
        except DataError as error:
            self.counts.note_broken(offset + start, str(error))
            return None
        if found is None:
            self._not_an_item(inner)
            return None
        return begin, begin + len(inner)

    def _not_an_item(self, line: bytes) -> None:
        if b'"redirect' in line:
            self.counts.redirects += 1
        else:
            self.counts.others += 1

    def _asked_for(self, data: bytes, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
        """Return the items whose number is asked for; an item that begins otherwise is parsed for it."""
        import numpy as np

        found = [(span, match) for span in spans if (match := _ID.match(data, span[0]))]
        numbers = np.array([int(match[1]) for _, match in found], dtype=np.int64)
        is_wanted = among(numbers, self._wanted)
        odd = [span for span in spans if not _ID.match(data, span[0])] if len(found) < len(spans) else []
        return [found[index][0] for index in np.flatnonzero(is_wanted)] + odd

    def _hit(self, line: bytes, offset: int) -> None:
        try:
            raw = self._reader.read(line)
        except DataError as error:
            self.counts.items -= 1
            self.counts.note_broken(offset, str(error))
            return
        if raw is None:
            self.counts.items -= 1
            self._not_an_item(line)
            return
        self.counts.hits += 1
        self.counts.hit_bytes += len(line)
        if self._work.number == 1:
            self._subject(raw)
        else:
            self._object(raw)

    def _subject(self, raw: RawItem) -> None:
        number = int(raw.id[1:])
        claims = self._reader.claims(raw)
        self._edges(number, claims)
        stated = [(pid, value) for pid, found in claims if pid in self._relations for value in values(found)]
        if not stated:
            return
        if raw.n_sitelinks < self._work.min_sitelinks:
            self.counts.few_sitelinks += 1
        elif not self._reader.covers(raw, self._work.min_langs):
            self.counts.bystanders += 1
            self.counts.uncovered.update(pid for pid, _ in stated)
            self._parts.item("bystanders", number, self._reader.slim(raw))
        else:
            self.counts.kept += 1
            self.counts.statements += len(stated)
            for pid, (target, rank, start, end, point) in stated:
                row = (
                    self._relations[pid],
                    number,
                    int(target[1:] or 0),
                    RANKS.index(rank),
                    NO_YEAR if start is None else start,
                    NO_YEAR if end is None else end,
                    NO_YEAR if point is None else point,
                )
                self._parts.row("statements", row)
            self._parts.item("kept", number, self._reader.slim(raw))

    def _object(self, raw: RawItem) -> None:
        import numpy as np

        number = int(raw.id[1:])
        if among(np.array([number]), self._wanted)[0]:
            self.counts.objects += 1
            self._edges(number, self._reader.claims(raw))
            self._parts.item("objects", number, self._reader.slim(raw))

    def _edges(self, number: int, claims: Sequence[tuple[str, Sequence[Claim]]]) -> None:
        for pid, found in claims:
            if pid in UP_PIDS:
                for qid in items(found):
                    self._parts.row("edges", (number, int(pid[1:]), int(qid[1:])))
