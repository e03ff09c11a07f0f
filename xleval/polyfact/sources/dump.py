"""A Wikidata JSON dump as a source: its tables are extracted once, and then everything is answered from them."""

import re
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from xleval.data.storage import read_json
from xleval.polyfact.records import Statement, WikidataEntity
from xleval.polyfact.sources import SourceOptions
from xleval.polyfact.sources import dump_tables as tables
from xleval.polyfact.sources.dump_counts import Counts
from xleval.polyfact.sources.dump_extract import MANIFEST, extract
from xleval.polyfact.sources.dump_stage import CLASS_PID
from xleval.polyfact.sources.wikibase_json import ItemReader

#: Items that are looked up in one reading of the tables; their JSON is held, some 300 bytes each.
_AT_ONCE = 500_000
_DATED = re.compile(r"(?<!\d)(20[0-4]\d)-?(0[1-9]|1[0-2])(?:-?(?:0[1-9]|[12]\d|3[01]))?(?!\d)")


class DumpSource:
    """Answers from the tables of an extracted dump; see `Source`.

    Args:
        folder: what `dump_extract.extract` returned.
        options: as it was called with.
        as_of: month of the dump, `YYYY-MM`.
    """

    def __init__(self, folder: Path, options: SourceOptions, as_of: str) -> None:
        manifest = read_json(folder / MANIFEST)
        first, second = (Counts.from_json(counts) for counts in manifest["passes"])
        self._folder = folder
        self._reader = ItemReader(options.languages, options.relations)
        self._uncovered = dict(sorted(first.uncovered.items()))
        self._classes: tables.Edges | None = None
        self._edges: tables.Edges | None = None
        self.description: Mapping[str, str] = {
            "name": "dump",
            "file": manifest["config"]["file"],
            "as_of": as_of,
            "bytes": manifest["config"]["bytes"],
            "sha256_of_ends": manifest["config"]["sha256_of_ends"],
            "lines": str(first.lines),
            "items": str(first.items),
            "broken_lines": str(first.broken),
            "redirects": str(first.redirects),
            "properties_and_lexemes": str(first.others),
            "subjects": str(first.kept),
            "subjects_with_few_labels": str(first.bystanders),
            "subjects_with_few_sitelinks": str(first.few_sitelinks),
            "further_objects": str(second.objects),
        }

    def close(self) -> None:
        """Do nothing: files are open while they are read."""

    def statements(self, relation_pid: str) -> list[Statement]:
        """Return all statements of a property that are not deprecated, sorted by subject and object."""
        return tables.statements(self._folder, relation_pid)

    def uncovered(self) -> Mapping[str, int]:
        """Return how many statements have a subject with too few labels, by P-id."""
        return self._uncovered

    def entities(self, qids: Iterable[str]) -> Iterator[WikidataEntity]:
        """Yield the items that the tables have, in the order of `qids`, each once."""
        wanted = list(dict.fromkeys(qids))
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            bodies = tables.bodies_of(self._folder, some)
            for qid in some:
                if qid in bodies and (raw := self._reader.read(bodies.pop(qid))) is not None:
                    yield self._reader.entity(raw)

    def bystanders(self) -> Iterator[WikidataEntity]:
        """Yield the subjects that were left out for lack of labels, by Q-number."""
        for body in tables.in_order(self._folder, "bystanders"):
            if (raw := self._reader.read(body)) is not None:
                yield self._reader.entity(raw)

    def superclasses(self, qids: Iterable[str]) -> dict[str, frozenset[str]]:
        """Return the items and, for each, itself and all its superclasses."""
        if self._classes is None:
            self._classes = tables.Edges.load(self._folder, int(CLASS_PID[1:]))
        above = self._classes.above(qids)
        return {qid: found | {qid} for qid, found in above.items()}

    def ancestors(self, qids: Iterable[str]) -> dict[str, frozenset[str]]:
        """Return, for each item, all that it is in, part of or a kind of; the item left out."""
        if self._edges is None:
            self._edges = tables.Edges.load(self._folder)
        return self._edges.above(qids)


def open_dump(path: Path, options: SourceOptions) -> DumpSource:
    """Return a dump as a source; its tables are made in `options.work` if they are not there.

    Raises:
        ConfigError: the dump cannot be read, or there is no such executor.
        DataError: it is cut or damaged, or holds no items.
    """
    return DumpSource(extract(path, options), options, options.as_of or month_of(path))


def month_of(path: Path) -> str:
    """Return the month that a dump's name states (`20261116` in it, or `2026-11`), or else that of the file."""
    if found := _DATED.search(path.name):
        return f"{found[1]}-{found[2]}"
    return time.strftime("%Y-%m", time.gmtime(path.stat().st_mtime))
