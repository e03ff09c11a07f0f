"""The items that have statements of a property; a list that takes too long is asked in parts."""

from collections.abc import Iterator

from xleval.polyfact.sources import sparql_queries
from xleval.polyfact.sources.batches import Asker, count_in
from xleval.polyfact.sources.patience import Misconfigured, QueryTimeout

#: An ending is at most this long: ten thousand parts.
LONGEST_ENDING = 4
#: Statements in one slice of Blazegraph's index, and how few are still tried.
WINDOW, SMALLEST_WINDOW = 200_000, 1000


def list_subjects(asker: Asker, pid: str, dialect: str, min_sitelinks: int) -> list[str]:
    """Return the Q-ids of a property's subjects, by number.

    Args:
        asker: runs queries.
        pid: P-id.
        dialect: `standard` and `qlever` cut a long list by the last digits of the ids, `wdqs` into slices of its index.
        min_sitelinks: items with fewer pages in Wikimedia projects are left out.

    Raises:
        EndpointFault: the graph does not answer, or the smallest part takes too long.
    """
    query = sparql_queries.subjects(pid, dialect, min_sitelinks)
    try:
        values = {row["s"] for row in asker.whole(query, can_be_cut=True)}
    except QueryTimeout as fault:
        parts = (
            _slices(asker, pid, min_sitelinks) if dialect == "wdqs" else _endings(asker, pid, dialect, min_sitelinks)
        )
        try:
            values = set(parts)
        except QueryTimeout as smallest:
            with asker.cache.telling_what_is_kept():
                raise QueryTimeout(f"the subjects of {pid} cannot be listed, not even in parts: {smallest}") from fault
    qids = (sparql_queries.qid_of(value) for value in values)
    return sorted((qid for qid in qids if qid), key=lambda qid: int(qid[1:]))


def _endings(asker: Asker, pid: str, dialect: str, min_sitelinks: int, ending: str = "") -> Iterator[str]:
    """Yield the subjects whose id has an ending, asked for each character before it: a digit, or the Q of a short id."""
    for character in "0123456789Q":
        longer = character + ending
        if longer == "Q":
            continue
        can_be_cut = len(longer) < LONGEST_ENDING and character != "Q"
        try:
            rows = asker.whole(sparql_queries.subjects(pid, dialect, min_sitelinks, longer), can_be_cut=can_be_cut)
        except QueryTimeout:
            if not can_be_cut:
                raise
            yield from _endings(asker, pid, dialect, min_sitelinks, longer)
        else:
            yield from (row["s"] for row in rows)


def _slices(asker: Asker, pid: str, min_sitelinks: int) -> Iterator[str]:
    """Yield the subjects of all statements, slice by slice."""
    counted = asker.whole(sparql_queries.n_statements(pid))
    if not counted:
        raise Misconfigured(
            f"the endpoint does not count the statements of {pid}: a count has one row, and this has none"
        )
    total = count_in(counted[0], "n")
    position, size = 0, WINDOW
    while position < total:
        query = sparql_queries.subjects(pid, "wdqs", min_sitelinks, window=(position, size))
        can_be_cut = size > SMALLEST_WINDOW
        try:
            rows = asker.whole(query, can_be_cut=can_be_cut)
        except QueryTimeout:
            if not can_be_cut:
                raise
            size //= 2
            continue
        yield from (row["s"] for row in rows)
        position += size
