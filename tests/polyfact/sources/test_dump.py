"""A dump as a source: hand-written dumps whose answers are worked out here, and dumps of real items."""

import gzip
import json
import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

pytest.importorskip("msgspec")

from xleval.errors import BackendError, ConfigError, DataError
from xleval.polyfact.labels import coverage
from xleval.polyfact.records import Statement, WikidataEntity
from xleval.polyfact.sources import SourceOptions, dump_local, dump_tables
from xleval.polyfact.sources.dump import DumpSource, month_of, open_dump
from xleval.polyfact.sources.dump_counts import Pass
from xleval.polyfact.sources.dump_reader import BLOCK_BYTES
from xleval.polyfact.sources.dump_stage import claim_pattern
from xleval.polyfact.sources.wikibase_json import ItemReader

RELATIONS = ("P17", "P30", "P36")


def claims(**held: str) -> dict[str, list[dict[str, object]]]:
    """Return claims: `P36="Q1 Q2"`; a `!` before an item makes it deprecated, a `?` alone is some value."""
    return {
        pid: [
            {"mainsnak": {"snaktype": "somevalue", "property": pid}, "type": "statement", "rank": "normal"}
            if qid == "?"
            else {
                "mainsnak": {
                    "snaktype": "value",
                    "property": pid,
                    "datavalue": {"value": {"entity-type": "item", "id": qid.strip("!")}, "type": "wikibase-entityid"},
                },
                "type": "statement",
                "qualifiers": {"P30": [{"snaktype": "novalue", "property": "P30"}]},
                "rank": "deprecated" if qid.startswith("!") else "normal",
            }
            for qid in qids.split()
        ]
        for pid, qids in held.items()
    }


def item(qid: str, langs: str, n_sites: int = 0, **held: str) -> str:
    return json.dumps(
        {
            "type": "item",
            "id": qid,
            "labels": {lang: {"language": lang, "value": f"{qid} {lang}"} for lang in langs.split()} or [],
            "aliases": [],
            "claims": claims(**held) or [],
            "sitelinks": {f"x{index}wiki": {"site": f"x{index}wiki", "title": qid} for index in range(n_sites)} or [],
        },
        separators=(",", ":"),
    )


#: Q1 and Q2 are kept (two languages), Q3 has one label, Q4 too few pages where two are needed, Q5 only classes.
ITEMS = (
    item("Q1", "en sw", 2, P36="Q10 !Q19", P17="Q1", P31="Q5"),
    item("Q2", "en sw de", 3, P36="Q11 ?", P30="Q3", P131="Q20"),
    item("Q3", "en", 2, P36="Q12 Q13", P30="Q14", P31="Q5", P361="Q20"),
    item("Q4", "en sw", 1, P36="Q15"),
    item("Q5", "en", 9, P279="Q6"),
    item("Q6", "", 9, P279="Q7 !Q8"),
    item("Q7", "en sw", 9, P279="Q5"),
    item("Q10", "en sw", 0, P131="Q2", P1366="Q11"),
    item("Q11", "sw", 0),
    item("Q12", "en sw", 0),
    item("Q19", "en sw", 0),
    item("Q20", "en sw", 0, P17="?", P131="Q21"),
)
ODD = (
    '{"type":"item","id":"Q90","labels":{"en":{"language":"en","value":"cut',
    '{"type":"property","datatype":"wikibase-item","id":"P36","labels":{},"claims":{}}',
    '{"type":"lexeme","id":"L1","lemmas":{"en":{"language":"en","value":"run"}}}',
    '{"entity":"Q91","redirect":"Q1"}',
    '{"type":"item","id":"Q92","redirects":{"from":"Q92","to":"Q1"},"claims":{"P36":[{"mainsnak":{"snaktype":"novalue"}}]}}',
    "not json at all",
    '{"type":"item","id":"Q93","labels":{"en":5},"claims":{"P36":[{"mainsnak":{"snaktype":"novalue"}}]}}',
)


def write(folder: Path, lines: Sequence[str], name: str = "wikidata-20261116-all.json.gz", newline: str = "\n") -> Path:
    path = folder / name
    data = newline.join(["[", *(line + "," for line in lines[:-1]), lines[-1], "]", ""]).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def options(folder: Path, **changed: object) -> SourceOptions:
    settings: dict[str, object] = {
        "languages": ("en", "sw"),
        "relations": RELATIONS,
        "min_langs": 2,
        "min_sitelinks": 0,
        "workers": 1,
    }
    return SourceOptions(**{**settings, "work": folder / "work", **changed})  # type: ignore[arg-type]


def everything(source: DumpSource, qids: Sequence[str]) -> tuple[object, ...]:
    """Return all that a source says."""
    return (
        [source.statements(pid) for pid in RELATIONS],
        list(source.entities(qids)),
        list(source.bystanders()),
        source.uncovered(),
        source.superclasses(qids),
        source.ancestors(qids),
        dict(source.description),
    )


def test_statements_of_subjects_with_enough_labels(tmp_path: Path) -> None:
    source = open_dump(write(tmp_path, ITEMS), options(tmp_path))
    assert [(each.subject_qid, each.object_qid) for each in source.statements("P36")] == [
        ("Q1", "Q10"),
        ("Q2", ""),
        ("Q2", "Q11"),
        ("Q4", "Q15"),
    ]
    assert source.statements("P30") == [Statement(subject_qid="Q2", relation_pid="P30", object_qid="Q3")]
    assert source.uncovered() == {"P30": 1, "P36": 2}
    assert [entity.qid for entity in source.bystanders()] == ["Q3"]


def test_few_sitelinks(tmp_path: Path) -> None:
    source = open_dump(write(tmp_path, ITEMS), options(tmp_path, min_sitelinks=2))
    assert [each.subject_qid for each in source.statements("P36")] == ["Q1", "Q2", "Q2"]
    assert [each.subject_qid for each in source.statements("P17")] == ["Q1"]
    assert source.description["subjects_with_few_sitelinks"] == "2"  # Q4 and Q20


def test_entities_are_subjects_bystanders_and_objects(tmp_path: Path) -> None:
    source = open_dump(write(tmp_path, ITEMS), options(tmp_path))
    asked = ["Q11", "Q404", "Q3", "Q1", "Q10", "Q12", "Q19", "Q11", "x"]
    found = list(source.entities(asked))
    assert [entity.qid for entity in found] == ["Q11", "Q3", "Q1", "Q10"]  # nothing kept states Q12 or Q19
    assert found[3] == WikidataEntity(
        qid="Q10", labels={"en": "Q10 en", "sw": "Q10 sw"}, links=("P131 Q2", "P1366 Q11")
    )
    assert (found[2].types, found[2].n_sitelinks) == (("Q5",), 2)
    assert source.description["further_objects"] == "2"


def test_above_an_item(tmp_path: Path) -> None:
    source = open_dump(write(tmp_path, ITEMS), options(tmp_path))
    assert source.superclasses(["Q5", "Q10"]) == {"Q5": frozenset({"Q5", "Q6", "Q7"}), "Q10": frozenset({"Q10"})}
    # Q10 was read in pass 2 only; Q20 has a relation and leads on
    assert source.ancestors(["Q10", "Q3"]) == {"Q10": frozenset({"Q2", "Q20", "Q21"}), "Q3": frozenset({"Q20", "Q21"})}
    assert source.superclasses([]) == {}


def test_odd_lines_are_counted(tmp_path: Path) -> None:
    lines = [line for pair in zip(ITEMS, [*ODD, *ODD[:5]], strict=True) for line in pair]
    told: list[str] = []
    source = open_dump(write(tmp_path, lines), options(tmp_path, progress=told.append))
    whole = open_dump(write(tmp_path, ITEMS, "whole.json"), options(tmp_path))
    assert everything(source, ["Q1", "Q10"])[:6] == everything(whole, ["Q1", "Q10"])[:6]
    assert {
        name: source.description[name]
        for name in ("lines", "items", "broken_lines", "redirects", "properties_and_lexemes")
    } == {"lines": "26", "items": "12", "broken_lines": "4", "redirects": "4", "properties_and_lexemes": "4"}
    first = len("[\n" + ITEMS[0] + ",\n")
    assert f"4 broken lines were left out, the first at byte {first}: not an entity as Wikibase writes it" in told[-1]


@pytest.mark.parametrize("suffix", [".json", ".json.gz", ".json.bz2", ".json.zst"])
def test_every_packing_says_the_same(tmp_path: Path, suffix: str) -> None:
    plain = write(tmp_path, [*ITEMS, *ODD], "a.json")
    path = tmp_path / f"b{suffix}"
    if tool := {".json.gz": "gzip", ".json.bz2": "bzip2"}.get(suffix):
        path.write_bytes(subprocess.run([tool, "-kc", str(plain)], stdout=subprocess.PIPE, check=True).stdout)
    elif suffix == ".json.zst":
        path.write_bytes(pytest.importorskip("zstandard").ZstdCompressor().compress(plain.read_bytes()))
    else:
        path.write_bytes(plain.read_bytes())
    found = everything(open_dump(path, options(tmp_path)), ["Q1", "Q10"])[:6]
    assert found == everything(open_dump(plain, options(tmp_path)), ["Q1", "Q10"])[:6]


@pytest.mark.parametrize(
    "form", ["crlf", "no newline at the end", "no brackets", "all in brackets", "spaces", "id first"]
)
def test_forms_of_a_dump(tmp_path: Path, form: str) -> None:
    expected = everything(open_dump(write(tmp_path, ITEMS), options(tmp_path)), ["Q1", "Q10", "Q20"])[:6]
    path = tmp_path / "other.json"
    if form == "crlf":
        write(tmp_path, ITEMS, path.name, "\r\n")
    else:
        text = {
            "no newline at the end": "[\n" + ",\n".join(ITEMS),
            "no brackets": "\n".join(ITEMS) + "\n",
            "all in brackets": "[" + ",\n".join(ITEMS) + "]",
            "spaces": "[\n" + ",\n".join(json.dumps(json.loads(line)) for line in ITEMS) + "\n]\n",
            "id first": "[\n" + ",\n".join(json.dumps(json.loads(line), sort_keys=True) for line in ITEMS) + "\n]\n",
        }[form]
        path.write_text(text, newline="")
    assert everything(open_dump(path, options(tmp_path)), ["Q1", "Q10", "Q20"])[:6] == expected


def test_claims_are_found_in_lines_of_any_spacing(tmp_path: Path) -> None:
    """Wikidata writes none; the bytes that claims are looked for by are not in such a line."""
    expected = everything(open_dump(write(tmp_path, ITEMS), options(tmp_path)), ["Q1", "Q10", "Q20"])[:6]
    spaced = [json.dumps(json.loads(line), indent=1).replace("\n", " ") for line in ITEMS]
    found = everything(open_dump(write(tmp_path, spaced, "spaced.json"), options(tmp_path)), ["Q1", "Q10", "Q20"])[:6]
    assert found == expected


def test_an_unknown_rank_makes_a_broken_line(tmp_path: Path) -> None:
    odd = ITEMS[0].replace("Q1", "Q77").replace('"rank":"normal"', '"rank":"best"')
    source = open_dump(write(tmp_path, [*ITEMS, odd]), options(tmp_path))
    assert source.description["broken_lines"] == "1"
    assert "Q77" not in {statement.subject_qid for statement in source.statements("P36")}


def test_a_line_longer_than_any_item_is_counted_as_broken(tmp_path: Path) -> None:
    long = item("Q77", "en sw", P36="Q10")[:-1] + ',"x":"' + "x" * BLOCK_BYTES + '"}'
    source = open_dump(write(tmp_path, [*ITEMS[:3], long, *ITEMS[3:]]), options(tmp_path))
    assert (source.description["broken_lines"], source.description["items"]) == ("1", "12")


def test_cut_dump_says_how_much_was_read(tmp_path: Path) -> None:
    lines = [item(f"Q{number}", "en sw", P36=f"Q{number + 1}") for number in range(1, 20_000)]
    random.Random(1).shuffle(lines)
    path = write(tmp_path, lines)
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(DataError, match=r"is cut off: wikidata-20261116-all.json.gz .*\(\d+ items were read\)"):
        open_dump(path, options(tmp_path))


def test_no_items(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no item of Wikidata in 3 lines"):
        open_dump(write(tmp_path, ["hello"]), options(tmp_path))
    with pytest.raises(ConfigError, match="unknown executor 'spark'"):
        open_dump(write(tmp_path, ITEMS), options(tmp_path, executor="spark"))


def test_workers_give_equal_results(tmp_path: Path, shared_data: Path) -> None:
    """Real items: every 20th of the slice and the 49 of a real dump; 1, 2 and 3 processes."""
    path, qids = real_dump(tmp_path, shared_data)
    found = [
        everything(
            open_dump(path, options(tmp_path, languages=("en", "ko", "te"), workers=n, work=tmp_path / f"w{n}")), qids
        )
        for n in (1, 2, 3)
    ]
    assert found[0] == found[1] == found[2]
    _, entities, bystanders, *_ = found[0]
    assert isinstance(entities, list)
    assert isinstance(bystanders, list)
    assert len(entities) > 150
    assert len(bystanders) > 5


def real_dump(folder: Path, shared_data: Path) -> tuple[Path, list[str]]:
    """Write a dump of some 2,000 real items; return it and their Q-ids."""
    assembled = gzip.decompress((shared_data / "wikidata_slice_assembled/entities.json.gz").read_bytes()).splitlines()
    real = (shared_data / "wikidata_raw/dump_first49/entities").read_bytes().splitlines()
    lines = [line.decode().strip().rstrip(",") for line in [*real[1:], *assembled[1:-1:20]] if len(line) > 3]
    by_id: dict[str, str] = {}
    for line in lines:
        by_id.setdefault(json.loads(line)["id"], line)  # some items are in both
    return write(folder, list(by_id.values())), list(by_id)


def test_a_dump_of_real_items_against_every_line_decoded(tmp_path: Path, shared_data: Path) -> None:
    """No prefilter, no passes: all items decoded one by one, and the rules of the protocol applied to them."""
    path, qids = real_dump(tmp_path, shared_data)
    source = open_dump(path, options(tmp_path))
    reader = ItemReader(("en", "sw"), RELATIONS)
    lines = [line.rstrip(b",") for line in gzip.decompress(path.read_bytes()).splitlines() if len(line) > 3]
    items = {found.entity.qid: found for line in lines if (found := reader.decode(line)) is not None}
    kept = {qid for qid, found in items.items() if found.statements and _labelled(found.entity)}
    expected = [each for qid in kept for each in items[qid].statements]
    stated = [each for pid in RELATIONS for each in source.statements(pid)]
    assert sorted(map(repr, stated)) == sorted(map(repr, expected))
    assert len(stated) > 100
    objects = {each.object_qid for each in expected} & items.keys()
    found = {entity.qid: entity for entity in source.entities(qids)}
    assert kept | objects <= found.keys()
    assert all(found[qid] == items[qid].entity for qid in found)
    left = {qid for qid, item in items.items() if item.statements} - kept
    assert {entity.qid for entity in source.bystanders()} == left


def _labelled(entity: WikidataEntity) -> bool:
    return coverage(entity, ("en", "sw")) >= 2


def test_extraction_is_used_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, opts = write(tmp_path, ITEMS), options(tmp_path)
    first = everything(open_dump(path, opts), ["Q1"])
    monkeypatch.setattr(dump_local, "run_pass", lambda *_, **__: pytest.fail("the dump was read again"))
    assert everything(open_dump(path, opts), ["Q1"]) == first


@pytest.mark.parametrize("killed", [1, 2])
def test_killed_extraction_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed: int) -> None:
    """A pass that ended early is done again from its beginning, one that was finished is not."""
    path, opts, done = write(tmp_path, ITEMS), options(tmp_path), []
    run = dump_local.run_pass

    def dying(dump: Path, work: object, **more: object) -> object:
        done.append(work.number)  # type: ignore[attr-defined]
        counts = run(dump, work, **more)  # type: ignore[arg-type]
        if len(done) == killed:
            raise KeyboardInterrupt
        return counts

    monkeypatch.setattr(dump_local, "run_pass", dying)
    with pytest.raises(KeyboardInterrupt):
        open_dump(path, opts)
    found = everything(open_dump(path, opts), ["Q1", "Q10"])
    assert done == {1: [1, 1, 2], 2: [1, 2, 2]}[killed]
    monkeypatch.undo()
    assert found == everything(open_dump(path, options(tmp_path, work=tmp_path / "fresh")), ["Q1", "Q10"])


def test_other_settings_have_a_folder_of_their_own(tmp_path: Path) -> None:
    path = write(tmp_path, ITEMS)
    for changed in ({}, {"min_langs": 1}, {"relations": ("P36",)}, {"languages": ("en",)}, {"min_sitelinks": 1}):
        open_dump(path, options(tmp_path, **changed))
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()) + b"\n"))
    open_dump(path, options(tmp_path))
    assert len(list((tmp_path / "work").glob("extracted-*"))) == 6


def test_a_process_that_fails_is_named(tmp_path: Path) -> None:
    """The folder for the parts is not there, so that no process can write its rows."""
    path = write(tmp_path, ITEMS)
    folder = tmp_path / "absent"
    work = Pass(number=1, languages=("en", "sw"), relations=RELATIONS, min_langs=2, min_sitelinks=0, folder=folder)
    with pytest.raises(BackendError, match="a process that reads the dump failed: FileNotFoundError"):
        dump_local.run_pass(path, work, workers=2, progress=lambda _: None)


@pytest.mark.parametrize(
    ("name", "month"),
    [
        ("wikidata-20261116-all.json.gz", "2026-11"),
        ("20160104.json.bz2", "2016-01"),
        ("latest-2025-07.json", "2025-07"),
        ("dump-2025-07-31.json", "2025-07"),
        ("latest-all.json.gz", "2001-09"),
        ("q120261116.json", "2001-09"),
    ],
)
def test_month(tmp_path: Path, name: str, month: str) -> None:
    import os

    path = write(tmp_path, ITEMS, name)
    os.utime(path, (1_000_000_000, 1_000_000_000))  # 2001-09-09T01:46:40Z
    assert month_of(path) == month


def test_description(tmp_path: Path) -> None:
    path = write(tmp_path, ITEMS)
    held = open_dump(path, options(tmp_path)).description
    assert (held["name"], held["file"], held["as_of"], held["lines"]) == ("dump", path.name, "2026-11", "14")
    assert open_dump(path, options(tmp_path, as_of="2020-01")).description["as_of"] == "2020-01"


@pytest.mark.parametrize(
    ("line", "hit"),
    [
        (b'{"claims":{"P36":[{"mainsnak":{"snaktype":"value"', True),
        (b'{"claims": {"P36": [{"mainsnak": {"snaktype": "value"', True),
        (b'{"claims":{"P1376":[{"id":"q1$","mainsnak":{', True),
        (b'{"claims":{"P17":[{"type":"statement","mainsnak"', True),
        (b'{"claims":{"P17":[{"rank":"normal","mainsnak"', True),
        (b'{"claims":{"P136":[{"mainsnak"', False),
        (b'{"claims":{"P361":[{"mainsnak"', False),
        (b'"qualifiers":{"P36":[{"snaktype":"value"', False),
        (b'"qualifiers":{"P36":[{"hash":"12"', False),
        (b'"snaks":{"P36":[{"property":"P36"', False),
        (b'"qualifiers-order":["P36"]', False),
        (b'{"aliases":{"P36":[{"language"', False),
    ],
)
def test_what_makes_a_line_worth_parsing(line: bytes, hit: bool) -> None:
    assert bool(claim_pattern(("P36", "P17", "P1376")).search(line)) is hit


def test_importing_the_source_does_not_load_arrow() -> None:
    code = "import sys, xleval.polyfact.sources.dump; print([name for name in ('pyarrow', 'numpy', 'ray') if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_edges_of_a_large_graph(tmp_path: Path) -> None:
    """A chain of 50,000 classes in parts that are in no order: everything above its foot."""
    from xleval.polyfact.sources.dump_parts import PartWriter

    (tmp_path / "pass1").mkdir()
    writers = [PartWriter(tmp_path / "pass1", name) for name in ("0", "1")]
    numbers = list(range(1, 50_000))
    random.Random(7).shuffle(numbers)
    for number in numbers:
        writers[number % 2].row("edges", (number, 279, number + 1))
    for writer in writers:
        writer.close()
    edges = dump_tables.Edges.load(tmp_path, 279)
    assert edges.above(["Q49990"])["Q49990"] == {f"Q{number}" for number in range(49_991, 50_001)}
    assert dump_tables.Edges.load(tmp_path, 131).above(["Q49990"]) == {"Q49990": frozenset()}
