"""Decoding items: hand-written JSON, and the 49 first items of a real dump where they are there."""

import json
from pathlib import Path

import pytest

pytest.importorskip("msgspec")

from xleval.errors import DataError
from xleval.polyfact.labels import coverage
from xleval.polyfact.links import LINK_PIDS
from xleval.polyfact.records import UNKNOWN_YEAR, Statement
from xleval.polyfact.sources.wikibase_claims import year_of
from xleval.polyfact.sources.wikibase_json import ItemReader, ParsedItem

LANGUAGES = ("en", "pt", "zh", "pt-br")


def value(qid: str, pid: str = "P36", **more: object) -> dict[str, object]:
    """Return a claim as Wikibase writes it, with an id and without `numeric-id`."""
    held = {"value": {"entity-type": "item", "id": qid}, "type": "wikibase-entityid"}
    snak = {"snaktype": "value", "property": pid, "hash": "1f", "datavalue": held, "datatype": "wikibase-item"}
    return {"mainsnak": snak, "type": "statement", "id": "q1$A", "rank": "normal", "references": [], **more}


def snak(kind: str) -> dict[str, object]:
    return {"mainsnak": {"snaktype": kind, "property": "P36", "datatype": "wikibase-item"}, "rank": "normal"}


def times(*found: str) -> list[dict[str, object]]:
    return [
        {"snaktype": "somevalue", "property": "P582"}
        if time == "?"
        else {"snaktype": "novalue", "property": "P582"}
        if time == "-"
        else {"snaktype": "value", "datavalue": {"value": {"time": time, "precision": 9}, "type": "time"}}
        for time in found
    ]


def item(**parts: object) -> bytes:
    return json.dumps({"type": "item", "id": "Q1", **parts}).encode()


def parsed(reader: ItemReader, line: bytes) -> ParsedItem:
    found = reader.decode(line)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def reader() -> ItemReader:
    return ItemReader(LANGUAGES, ("P36", "P17"))


def test_labels_aliases_and_sitelinks_of_the_languages(reader: ItemReader) -> None:
    term = {code: {"language": code, "value": f"l {code}"} for code in ("en", "en-gb", "de", "zh-hant", "mul", "pt-br")}
    also = {
        "en": [{"language": "en", "value": "b"}, {"language": "en", "value": "a"}],
        "de": [{"language": "de", "value": "x"}],
    }
    sites = {
        site: {"site": site, "title": f"t {site}"}
        for site in ("enwiki", "zhwiki", "pt_brwiki", "dewiki", "enwikiquote")
    }
    entity = parsed(reader, item(labels=term, aliases=also, sitelinks=sites)).entity
    assert entity.labels == {code: f"l {code}" for code in ("en", "en-gb", "zh-hant", "mul", "pt-br")}
    assert entity.aliases == {"en": ("a", "b")}
    assert entity.sitelinks == {"en": "t enwiki", "zh": "t zhwiki", "pt-br": "t pt_brwiki"}
    assert entity.n_sitelinks == 5


def test_ranks_and_values_of_statements(reader: ItemReader) -> None:
    claims = {
        "P36": [
            value("Q10", rank="preferred"),
            value("Q11", rank="deprecated"),
            snak("somevalue"),
            snak("novalue"),
            {"mainsnak": {"snaktype": "value", "datavalue": {"value": "text", "type": "string"}}, "rank": "normal"},
            {"mainsnak": {"snaktype": "value", "datavalue": {"value": {"entity-type": "item", "numeric-id": 12}}}},
            {"mainsnak": {"snaktype": "value", "datavalue": {"value": {"entity-type": "property", "numeric-id": 3}}}},
            value("L5"),
            value("Q0"),
        ],
        "P38": [value("Q99", "P38")],
    }
    found = parsed(reader, item(claims=claims)).statements
    assert [(each.relation_pid, each.object_qid, each.rank) for each in found] == [
        ("P36", "Q10", "preferred"),
        ("P36", "", "normal"),
        ("P36", "Q12", "normal"),
    ]


@pytest.mark.parametrize(
    ("qualifiers", "years"),
    [
        ({}, (None, None, None)),
        ([], (None, None, None)),
        ({"P580": times("+1949-05-23T00:00:00Z"), "P582": times("+1990-10-03T00:00:00Z")}, (1949, 1990, None)),
        ({"P580": times("-0509-00-00T00:00:00Z"), "P585": times("+00000002013-01-01T00:00:00Z")}, (-509, None, 2013)),
        ({"P582": times("?")}, (None, UNKNOWN_YEAR, None)),
        ({"P582": times("-")}, (None, None, None)),
        ({"P580": times("?")}, (None, None, None)),
        ({"P580": times("+1900-00-00T00:00:00Z", "+1800-00-00T00:00:00Z"), "P582": times("?", "+1950-00-00T00:00:00Z")}, (1800, 1950, None)),
        ({"P580": times("-13798000000-00-00T00:00:00Z")}, (-13798000000, None, None)),
        ({"P642": [{"snaktype": "value", "datavalue": {"value": "x"}}]}, (None, None, None)),
    ],
)  # fmt: skip
def test_years(reader: ItemReader, qualifiers: object, years: tuple[int | None, ...]) -> None:
    [found] = parsed(reader, item(claims={"P36": [value("Q10", qualifiers=qualifiers)]})).statements
    assert (found.start, found.end, found.point) == years


def test_year_of_what_is_no_time() -> None:
    assert year_of("") is None
    assert year_of("soon") is None
    assert year_of("2001-01-01") == 2001


def test_types_links_and_gender(reader: ItemReader) -> None:
    claims = {
        "P31": [value("Q6"), value("Q5"), value("Q6"), value("Q7", rank="deprecated")],
        "P21": [value("Q1"), value("Q2", rank="preferred")],
        "P131": [value("Q9"), value("Q8")],
        "P1889": [value("Q3"), snak("somevalue")],
    }
    entity = parsed(reader, item(claims=claims)).entity
    assert entity.types == ("Q5", "Q6")
    assert entity.links == ("P131 Q8", "P131 Q9", "P1889 Q3")
    assert entity.gender == "Q2"
    assert parsed(reader, item(claims={"P21": [value("Q1"), value("Q2")]})).entity.gender == ""


def test_a_link_that_is_a_relation_too_is_both() -> None:
    reader = ItemReader(("en",), ("P131", "P31"))
    found = parsed(reader, item(claims={"P131": [value("Q9")], "P31": [value("Q5")]}))
    assert found.entity.links == ("P131 Q9",)
    assert found.entity.types == ("Q5",)
    assert {each.object_qid for each in found.statements} == {"Q9", "Q5"}


def test_empty_maps_are_lists(reader: ItemReader) -> None:
    found = parsed(reader, item(labels=[], descriptions=[], aliases=[], claims=[], sitelinks=[]))
    assert found == parsed(reader, item())
    assert (found.entity.labels, found.entity.n_sitelinks, found.statements) == ({}, 0, ())
    assert parsed(reader, item(aliases={"en": []}, claims={"P36": []})).entity.aliases == {}


@pytest.mark.parametrize(
    "line",
    [
        b'{"type":"property","id":"P1","datatype":"x","labels":{},"claims":{}}',
        b'{"type":"lexeme","id":"L1","lemmas":{}}',
        b'{"id":"Q1","missing":""}',
        b'{"entity":"Q1","redirect":"Q2"}',
        b'{"type":"item","id":"Q2","redirects":{"from":"Q1","to":"Q2"},"labels":{}}',
    ],
)
def test_what_is_no_item(reader: ItemReader, line: bytes) -> None:
    assert reader.decode(line) is None


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b'{"type":"item","id":"Q1","labels":{"en":', "truncated"),
        (b"", "truncated"),
        (b"[]", "Expected `object`"),
        (b"{}", "'type' or 'id' is not there"),
        (b'{"type":"item","id":"Q1","labels":{"en":{"value":"\xff"}}}', "utf-8"),
        (b'{"type":"item","id":"Q1","labels":{"en":{"value":5}}}', r"Expected `str`, got `int`.*labels"),
        (b'{"type":"item","id":"1"}', "its id is '1'"),
        (b"[" * 100_000, "Expected `object`"),
        (b'{"type":"item","id":"Q1","x":' + b"[" * 100_000, "recursion"),
    ],
)
def test_what_is_broken(reader: ItemReader, line: bytes, says: str) -> None:
    with pytest.raises(DataError, match=says):
        reader.decode(line)


def test_slim_json_gives_the_same_item(reader: ItemReader) -> None:
    sites = {site: {"site": site, "title": "t"} for site in ("enwiki", "dewiki", "frwiki")}
    line = item(
        labels={"en": {"language": "en", "value": 'é " \\'}},
        sitelinks=sites,
        claims={"P36": [value("Q10")], "P31": [value("Q5")]},
    )
    raw = reader.read(line)
    assert raw is not None
    slim = reader.slim(raw)
    assert parsed(reader, slim).entity == parsed(reader, line).entity
    assert b"Q10" not in slim


@pytest.fixture(scope="module")
def real(shared_data: Path) -> dict[str, bytes]:
    lines = (shared_data / "wikidata_raw/dump_first49/entities").read_bytes().splitlines()
    return {json.loads(line.rstrip(b","))["id"]: line.rstrip(b",") for line in lines if len(line) > 2}


def test_items_of_a_real_dump(real: dict[str, bytes]) -> None:
    """Expected values were read from the JSON by hand (France, George Washington, Berlin; 2026-11-21)."""
    reader = ItemReader(("en", "zh"), ("P36", "P17", "P27", "P38"))
    france = parsed(reader, real["Q142"])
    assert france.entity.n_sitelinks == 339
    assert (france.entity.labels["en"], france.entity.labels["zh-hans"], france.entity.sitelinks["zh"]) == (
        "France",
        "法国",
        "法国",
    )
    assert france.entity.types == ("Q160016", "Q185441", "Q3624078", "Q6256", "Q6505795", "Q6688521")
    assert france.statements[0] == Statement(subject_qid="Q142", relation_pid="P36", object_qid="Q90", start=508)
    francs = [each for each in france.statements if each.relation_pid == "P38"]
    assert [(each.object_qid, each.rank, each.start, each.end) for each in francs] == [
        ("Q4916", "preferred", 1999, None),
        ("Q214393", "normal", None, None),
        ("Q184172", "normal", 1795, 2002),
        ("Q2670039", "normal", None, 1795),
    ]
    washington = parsed(reader, real["Q23"])
    assert washington.entity.gender == "Q6581097"
    assert washington.entity.links == ("P361 Q186539", "P460 Q202809")
    assert washington.entity.aliases["en"] == ("Father of the United States", "President Washington", "Washington")
    assert [each.object_qid for each in washington.statements] == ["Q30", "Q258532"]
    berlin = parsed(reader, real["Q64"]).statements
    assert [each.object_qid for each in berlin if not each.ended(2026)] == ["Q183"]
    assert len(berlin) == 10


def test_agrees_with_plain_json_on_a_real_dump(real: dict[str, bytes]) -> None:
    """Every label, sitelink, link and statement, by `json` and the simplest reading of it."""
    relations = ("P17", "P30", "P36", "P37", "P38")
    reader = ItemReader(("en", "zh"), relations)
    for qid, line in real.items():
        found, plain = parsed(reader, line), json.loads(line)
        kept = {
            pid: [
                (each["mainsnak"]["datavalue"]["value"]["numeric-id"], each["rank"])
                for each in claims
                if each["rank"] != "deprecated"
            ]
            for pid, claims in plain["claims"].items()
            if pid in (*relations, *LINK_PIDS, "P31")
        }
        assert found.entity.qid == qid
        assert (
            dict(found.entity.labels).items() <= {code: held["value"] for code, held in plain["labels"].items()}.items()
        )
        assert {code for code in plain["labels"] if code.split("-")[0] in ("en", "zh") and len(code) < 8} - {
            "zh-mul"
        } >= set(found.entity.labels)
        assert found.entity.n_sitelinks == len(plain["sitelinks"])
        assert found.entity.sitelinks == {
            lang: plain["sitelinks"][f"{lang}wiki"]["title"]
            for lang in ("en", "zh")
            if f"{lang}wiki" in plain["sitelinks"]
        }
        assert set(found.entity.links) == {f"{pid} Q{number}" for pid in LINK_PIDS for number, _ in kept.get(pid, [])}
        assert sorted((each.relation_pid, each.object_qid, each.rank) for each in found.statements) == sorted(
            (pid, f"Q{number}", rank) for pid in relations for number, rank in kept.get(pid, [])
        )


@pytest.mark.parametrize("least", [1, 2, 3])
def test_covers_is_coverage(real: dict[str, bytes], least: int) -> None:
    """The dump's shortcut decides as `labels.coverage` does, with `mul`, aliases and articles."""
    languages = ("sw", "zh", "bn")
    reader = ItemReader(languages, ("P36",))
    by_hand = [
        item(labels={"mul": {"value": "x"}}),
        item(aliases={"mul": [{"value": "x"}]}),
        item(aliases={"zh-tw": [{"value": "x"}]}, sitelinks={"swwiki": {"title": "x"}}),
        item(sitelinks={"bnwiki": {"title": "x"}, "enwiki": {"title": "x"}}),
        item(),
    ]
    verdicts = []
    for line in (*by_hand, *real.values()):
        raw = reader.read(line)
        assert raw is not None
        verdicts.append(reader.covers(raw, least))
        assert verdicts[-1] == (coverage(reader.entity(raw), languages) >= least)
    assert len(set(verdicts)) == 2
