"""Where facts come from, behind one protocol: a SPARQL endpoint, a Wikidata dump, or the embedded graph.

All give the same statements and entities for the same content; what differs is only how they are asked. Names, kinds and
verdicts are made from them elsewhere (`labels`, `kinds`, `filters`), so no source can decide anything.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from xleval.errors import ConfigError, MissingExtra, unknown_name
from xleval.polyfact.records import Statement, WikidataEntity

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceOptions:
    """What a source needs to know beside its name.

    Attributes:
        languages: codes of the set; labels, aliases and sitelinks of others are not read.
        relations: P-ids of the set.
        min_langs: a subject with labels in fewer of the languages is no candidate (`Source.uncovered` counts it).
        min_sitelinks: a subject with fewer pages in Wikimedia projects is no candidate and is not counted.
        work: folder for caches and extracted tables; it survives a kill and is used again on `--resume`.
        contact: e-mail address or URL for the User-Agent of endpoints.
        api: URL of the Action API (`wbgetentities`) that hydrates, or empty for SPARQL alone.
        dialect: `standard`, or `wdqs` for an endpoint with Blazegraph's extensions.
        as_of: month of the content, `YYYY-MM`, or empty for what the source says itself.
        executor: `local` or `ray`, for dumps.
        workers: processes for dumps, or None for all cores.
        progress: is told what happens.
    """

    languages: tuple[str, ...]
    relations: tuple[str, ...]
    work: Path
    min_langs: int = 1
    min_sitelinks: int = 0
    contact: str = ""
    api: str = ""
    dialect: str = "standard"
    as_of: str = ""
    executor: str = "local"
    workers: int | None = None
    progress: Progress = field(default=lambda _: None)


class Source(Protocol):
    """Statements and items, from whatever access to Wikidata there is."""

    #: What goes into the manifest: `name`, `as_of` (`YYYY-MM`), versions, hashes of files or queries.
    description: Mapping[str, str]

    def statements(self, relation_pid: str) -> list[Statement]:
        """Return all statements of a property that are not deprecated, truthy or not.

        They are sorted by subject, object, rank and years: there is one order. Subjects below `min_langs` or `min_sitelinks` are left out.
        """
        ...

    def close(self) -> None:
        """Let go of connections and files; nothing is asked afterwards."""
        ...

    def uncovered(self) -> Mapping[str, int]:
        """Return how many statements were left out because their subject has too few labels, by P-id."""
        ...

    def entities(self, qids: Iterable[str]) -> Iterator[WikidataEntity]:
        """Yield the items that the source has, in the order of `qids`; redirects and unknown ids are left out."""
        ...

    def bystanders(self) -> Iterator[WikidataEntity]:
        """Yield the subjects that were left out, with labels and types: another item of that name makes one ambiguous."""
        ...

    def superclasses(self, qids: Iterable[str]) -> dict[str, frozenset[str]]:
        """Return the items and, for each, itself and all its superclasses (P279, any number of steps)."""
        ...

    def ancestors(self, qids: Iterable[str]) -> dict[str, frozenset[str]]:
        """Return, for each item, all that it is in, part of or a kind of (P131, P361, P279, any number of steps)."""
        ...


def walk_up(
    starts: Iterable[str], parents: Callable[[Sequence[str]], Mapping[str, Iterable[str]]]
) -> dict[str, frozenset[str]]:
    """Return everything reachable from each start, the start left out; cycles end.

    Args:
        starts: Q-ids.
        parents: gives the direct parents of items, asked once for each item, level by level.
    """
    wanted = sorted(set(starts))
    known: dict[str, frozenset[str]] = {}
    frontier = wanted
    while frontier:
        found = parents(frontier)
        known.update({qid: frozenset(found.get(qid, ())) for qid in frontier})
        frontier = sorted({parent for qid in frontier for parent in known[qid]} - known.keys())
    reached: dict[str, frozenset[str]] = {}
    for start in wanted:
        seen: set[str] = set()
        stack = list(known[start])
        while stack:
            qid = stack.pop()
            if qid not in seen:
                seen.add(qid)
                stack += known[qid]
        reached[start] = frozenset(seen - {start})
    return reached


#: Names of `--source` beside an URL and `dump:FILE`.
NAMED = ("embedded", "wdqs", "qlever")
_DUMP = "dump:"


def check_source(spec: str) -> None:
    """Refuse a value of `--source` that no source has.

    Raises:
        ConfigError: it is no name, URL or `dump:FILE`, or the file does not exist.
    """
    if spec.startswith(_DUMP):
        if not Path(spec.removeprefix(_DUMP)).is_file():
            raise ConfigError(f"--source {spec}: there is no file {spec.removeprefix(_DUMP)}")
    elif spec not in NAMED and not spec.startswith(("http://", "https://")):
        raise unknown_name("source", spec, (*NAMED, "dump:FILE", "https://…"))


def open_source(spec: str, options: SourceOptions) -> Source:
    """Return the source that `--source` names.

    Args:
        spec: `embedded`, `wdqs`, `qlever`, the URL of a SPARQL endpoint, or `dump:FILE`.
        options: what it needs to know.

    Raises:
        ConfigError: there is no such source.
        MissingExtra: it needs packages that are not installed.
        DataError: it cannot be read.
    """
    check_source(spec)
    if spec == "embedded":
        from xleval.polyfact.sources.embedded import open_embedded

        return open_embedded(options)
    if spec.startswith(_DUMP):
        if find_spec("msgspec") is None:
            raise MissingExtra("wikidata", "reading a dump")
        from xleval.polyfact.sources.dump import open_dump

        return open_dump(Path(spec.removeprefix(_DUMP)), options)
    from xleval.polyfact.sources.endpoint import open_endpoint

    return open_endpoint(spec, options)
