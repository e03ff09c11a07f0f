"""One content behind every source: the same Parquet and reject files, also when the way there was bad or cut short (E20)."""

import bz2
import functools
import gzip
import itertools
import json
import random
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("SPARQLWrapper")
pytest.importorskip("httpx")
pytest.importorskip("msgspec")
pytest.importorskip("opencc")
pytest.importorskip("zstandard")

import msgspec
import zstandard

from tests.polyfact.list_source import ListSource
from tests.polyfact.sources.fault_proxy import ANSWERS, Schedule, fault_proxy, wikibase_api
from tests.polyfact.sources.oxigraph_server import serve
from tests.polyfact.sources.test_sparql_client import Clock
from tests.polyfact.sources.wikidata_items import claim, item
from tests.polyfact.sources.wikidata_rdf import n_triples
from xleval.data.storage import read_json
from xleval.errors import XlevalError
from xleval.polyfact import build as builder
from xleval.polyfact.build import Access, BuildConfig, build
from xleval.polyfact.links import LINK_PIDS
from xleval.polyfact.sources import Source, SourceOptions, endpoint, open_source, query_cache
from xleval.polyfact.sources.batches import AdaptiveBatches
from xleval.polyfact.sources.endpoint import EndpointSource, open_endpoint

Json = dict[str, Any]
LIST = "http://list.example/"


def invented_items() -> dict[str, Json]:
    """Return some 120 items with names in en, de, ru and zh, and one of each thing that Wikidata can say about them."""
    made = _World()
    for number in range(24):
        made.country(number)
    for number in range(30):
        made.city(number)
    for number in range(40):
        made.person(number)
    made.classes_and_regions()
    made.oddities()
    return made.items


class _World:
    """Countries Q1000…, their capitals Q2000…, cities Q2100…, people Q3000…; names of three syllables."""

    def __init__(self) -> None:
        self.items: dict[str, Json] = {}
        syllables = list(itertools.permutations(range(12), 3))
        random.Random(20).shuffle(syllables)
        self._names = iter(syllables)

    def add(
        self, qid: str, *, n_sites: int = 3, langs: Sequence[str] = ("en", "de", "ru", "zh"), **claims: Any
    ) -> Json:
        name = next(self._names)
        latin = "".join(("ba", "ke", "lo", "mi", "nu", "pa", "ri", "so", "tu", "ve", "za", "do")[part] for part in name)
        words = {
            "en": latin.capitalize(),
            "de": f"{latin.capitalize()}en",
            "ru": "".join(
                ("ба", "ке", "ло", "ми", "ну", "па", "ри", "со", "ту", "ве", "за", "до")[part] for part in name
            ),
            "zh": "".join("巴克洛米努帕里索图维扎多"[part] for part in name),
        }
        words["ru"] = words["ru"].capitalize()
        made = item(qid, {lang: words[lang] for lang in langs}, n_sites, **claims)
        made["aliases"] = {
            lang: [{"language": lang, "value": f"{words[lang]} {mark}"} for mark in marks]
            for lang, marks in {"en": ("Two", "One"), "ru": ("Я", "А", "Б")}.items()
            if lang in langs
        }
        if n_sites:
            made["sitelinks"]["enwiki"]["title"] = f"{words['en']}_(place)"
            made["sitelinks"] |= {
                site: {"site": site, "title": f"{qid}"} for site in ("ruwikiquote", "commonswiki")[: n_sites - 1]
            }
        self.items[qid] = made
        return made

    def country(self, number: int) -> None:
        qid, capital = f"Q{1000 + number}", f"Q{2000 + number}"
        state = [claim("Q6256"), claim("Q3624078", "preferred")] if number % 2 else [claim("Q900001")]
        self.add(qid, P31=state, P36=[claim(capital)], P30=[claim(f"Q{46 + number % 4}")], P150=[claim(capital)])
        self.add(capital, P31=[claim("Q515")], P1376=[claim(qid)], P17=[claim(qid)])

    def city(self, number: int) -> None:
        """Add a city; it is in a district that states no relation, and only that says that it is near a capital."""
        kinds = ("Q515", "Q900002", "Q900003", "Q1549591")
        self.add(
            f"Q{2100 + number}", P31=[claim(kinds[number % 4])], P17=[claim(f"Q{1000 + number % 24}")],
            P131=[claim(f"Q{4000 + number % 10}")],
        )  # fmt: skip

    def person(self, number: int) -> None:
        born = f"Q{2100 + number * 7 % 30}" if number % 3 else f"Q{2000 + number % 24}"
        self.add(
            f"Q{3000 + number}", P31=[claim("Q5")], P21=[claim("Q6581072" if number % 2 else "Q6581097")],
            P19=[claim(born)], P27=[claim(f"Q{1000 + number * 5 % 24}")], n_sites=1 + number % 3,
        )  # fmt: skip

    def classes_and_regions(self) -> None:
        for number in range(4):
            self.add(f"Q{46 + number}", P31=[claim("Q5107")])
        self.add("Q900001", langs=("en",), P279=[claim("Q6256")])
        self.add("Q900002", langs=(), n_sites=0, P279=[claim("Q900004"), claim("Q5", "deprecated")])
        self.add("Q900004", langs=("zh",), P279=[claim("Q515"), claim("Q900002")])
        # Q900003, the class of every fourth city, has no line; Q1549591 and Q515 have none either, and are known
        for number in range(10):
            self.add(f"Q{4000 + number}", langs=("en",), n_sites=0, P131=[claim(f"Q{4100 + number}")])
            self.add(f"Q{4100 + number}", langs=(), n_sites=0, P361=[claim(f"Q{2000 + number}"), claim("?")])

    def oddities(self) -> None:
        """Make items unlike the others."""
        of = self.items
        capital = {number: of[f"Q{1000 + number}"]["claims"]["P36"] for number in range(24)}
        capital[0][:] = [
            claim("Q2100", P580=["+1950-00-00T00:00:00Z"], P582=["+2019-05-00T00:00:00Z"]),
            claim("Q2000", "preferred", P580=["+2019-05-02T00:00:00Z"]),
        ]
        capital[1].append(claim("Q2101", P580=["?"], P582=["-"]))
        capital[2].insert(0, claim("Q2102", "deprecated"))
        capital[3][:] = [claim("?"), claim("?", P585=["+1990-00-00T00:00:00Z"])]
        capital[4][:] = [
            claim("Q2004", P582=["?"]),
            claim("Q2104", P582=["+1970-00-00T00:00:00Z", "+1960-00-00T00:00:00Z"]),
        ]
        capital[5][0]["qualifiers"] = claim("?", P585=["+2001-00-00T00:00:00Z", "+2000-00-00T00:00:00Z"])["qualifiers"]
        capital[6][:] = [
            claim("Q2006", P582=["+1990-00-00T00:00:00Z"]), claim("Q2006", "preferred"), claim("Q2006"),
            claim("Q2106", P582=["+1900-00-00T00:00:00Z"]), claim("Q2106", P582=["-0044-00-00T00:00:00Z"]),
        ]  # fmt: skip
        capital[7].append(claim("Q2107", P585=["+1990-00-00T00:00:00Z"]))
        capital[8][:] = [claim("Q1008")]  # itself
        capital[9][:] = [claim("Q98")]  # there is none
        capital[10][:] = [claim("P17"), claim("a string"), claim("-")]
        of["Q2011"]["labels"]["en"]["value"] = f"{of['Q1011']['labels']['en']['value']} City"  # shows in the question
        twin = self.add("Q5000", langs=("en",), P31=[claim("Q6256")], P36=[claim("Q2100"), claim("?")])
        twin["labels"]["en"]["value"] = of["Q1012"]["labels"]["en"]["value"].upper()
        twin["sitelinks"] |= {f"x{n}wiki": {"site": f"x{n}wiki", "title": "x"} for n in range(40)}
        silent = self.add("Q5001", langs=("en",), P31=[claim("Q6256")], P36=[claim("Q2100", "deprecated")])
        silent["labels"]["en"]["value"] = of["Q1013"]["labels"]["en"]["value"]  # states nothing: Q1013 stays
        small = self.add("Q5002", langs=("de", "ru"), n_sites=0, P31=[claim("Q6256")], P36=[claim("Q2100")])
        small["labels"] = {lang: dict(of["Q1014"]["labels"][lang]) for lang in ("de", "ru")}
        for lang in ("ru", "zh"):  # both ends of facts, and with too few names to be asked about
            del of["Q2005"]["labels"][lang]
        del of["Q2005"]["aliases"]["ru"]
        del of["Q1015"]["labels"]["ru"]  # an alias stands for it
        of["Q1016"]["labels"]["zh-tw"] = {"language": "zh-tw", "value": "紐西蘭"}
        del of["Q1016"]["labels"]["zh"]
        of["Q3000"]["labels"] = {"mul": {"language": "mul", "value": "Zoltan Quux"}}
        of["Q3001"]["claims"]["P21"] = [claim("-", "preferred"), claim("Q6581072")]
        of["Q3002"]["claims"]["P21"] = [claim("?", "preferred"), claim("Q6581072")]
        of["Q3003"]["claims"]["P19"] = [claim("Q99")]  # leads on to another item
        of["Q3004"]["sitelinks"] = []
        of["Q3005"]["labels"]["de"]["value"] = '"Anführung" \\ mit\tTab  und é'
        of["Q3006"]["aliases"]["en"] = [
            {"language": "en", "value": text} for text in ("b", "a", "B", "É", "a (x)", "ａ")
        ]


def real_items(shared_data: Path, relations: Sequence[str], languages: Sequence[str], n_each: int) -> dict[str, Json]:
    """Return real items: some subjects of each relation, their objects and classes, and what these are in or a kind of.

    Every tenth has lost names: the slice has only items with six of twelve labels, and no subject would be left out.
    """
    with gzip.open(shared_data / "wikidata_slice_assembled" / "entities.json.gz", "rt", encoding="utf-8") as file:
        found = [msgspec.json.decode(line.rstrip(",\n")) for line in file if line.startswith("{")]
    slice_ = {each["id"]: each for each in found}
    kept = (*relations, *LINK_PIDS, "P31", "P21", "P106")
    chosen: set[str] = set()
    for pid in relations:
        able = [
            qid for qid, found in slice_.items() if pid in found["claims"] and found["labels"].keys() >= set(languages)
        ]
        chosen |= set(able[:: -(-len(able) // n_each)])
    frontier = chosen
    while frontier:
        frontier = {
            target
            for qid in frontier
            for pid in (*(relations if qid in chosen else ()), "P31", "P279", "P131", "P361")
            for each in slice_[qid]["claims"].get(pid, ())
            if (target := each["mainsnak"].get("datavalue", {}).get("value", {}).get("id", "")) in slice_
        } - chosen
        chosen |= frontier
    items = {qid: found for qid, found in slice_.items() if qid in chosen}
    for number, found in enumerate(items.values()):
        found["claims"] = {pid: found["claims"][pid] for pid in kept if pid in found["claims"]}
        if number % 10 == 0:
            for lang in languages[1:]:
                for part in ("labels", "aliases"):
                    found[part].pop(lang, None)
            found["labels"].pop("mul", None)
    return items


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Items, how they are written, and the set that is asked of them."""

    items: Mapping[str, Json]
    config: BuildConfig

    def lines(self) -> list[str]:
        return [json.dumps(each, ensure_ascii=False, separators=(",", ":")) for each in self.items.values()]

    def dump(self, folder: Path, ending: str = ".json.gz") -> Path:
        """Write a dump, packed as its name says, by other programs than the one that reads it."""
        packed: dict[str, Callable[[bytes], bytes]] = {
            ".json": bytes, ".json.gz": gzip.compress, ".json.bz2": bz2.compress,
            ".json.zst": zstandard.ZstdCompressor().compress,
        }  # fmt: skip
        path = folder / f"content{ending}"
        path.write_bytes(packed[ending](("[\n" + ",\n".join(self.lines()) + "\n]\n").encode()))
        return path


class Near:
    """How endpoints are opened: nobody waits, and a small content makes several batches.

    Attributes:
        timeout_s: seconds for one answer.
        opened: what must be closed, which nobody waits for where a process ends.
    """

    def __init__(self) -> None:
        self.timeout_s = 20.0
        self.opened: list[EndpointSource] = []

    def open(self, spec: str, options: SourceOptions) -> Source:
        if not spec.startswith("http"):
            return open_source(spec, options)
        clock = Clock()
        self.opened.append(open_endpoint(spec, options, timeout_s=self.timeout_s, sleep=clock.sleep, clock=clock))
        return self.opened[-1]


@pytest.fixture(autouse=True)
def near(monkeypatch: pytest.MonkeyPatch) -> Iterator[Near]:
    found = Near()
    monkeypatch.setattr(query_cache, "SYNCHRONOUS", "OFF")
    monkeypatch.setattr(endpoint, "AdaptiveBatches", functools.partial(AdaptiveBatches, start=60, largest=90))
    monkeypatch.setattr(builder, "open_source", found.open)
    yield found
    for source in found.opened:
        source.close()


def listed(content: Content, out: Path) -> Path:
    """Build from the list of the items."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(builder, "open_source", lambda _, options: ListSource(content.lines(), options))
        build(content.config, out)
    return out


def built(content: Content, source: str, out: Path, *, resume: bool = False, **access: Any) -> Path:
    """Build from a source."""
    build(replace(content.config, source=source), out, access=Access(**access), resume=resume)
    return out


def files_of(out: Path) -> dict[str, bytes]:
    """Return path to bytes of everything that no source may change."""
    found = {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if (path.suffix == ".parquet" or path.name == "rejects.jsonl") and ".work" not in path.parts
    }
    manifest = read_json(out / "build.json")
    assert manifest["finished"] is True
    told = {key: held for key, held in manifest.items() if key not in ("config", "source", "files")}
    return {**found, "build.json": json.dumps(told, indent=1).encode()}


SMALL = Content(
    items=invented_items(),
    config=BuildConfig(
        source=LIST, languages=("en", "de", "ru", "zh"), relations=("P36", "P1376", "P17", "P30", "P19", "P27"),
        as_of="2026-11", min_langs=3, min_sitelinks=1,
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    """Return the files of the small content."""
    return files_of(listed(SMALL, tmp_path_factory.mktemp("listed") / "set"))


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the URL of a real server with the small content in the shape of Wikidata's dumps."""
    with serve(n_triples(SMALL.items.values()), tmp_path_factory.mktemp("graph")) as url:
        yield url


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the URL of one with it in the shape of the Query Service."""
    with serve(n_triples(SMALL.items.values(), "service"), tmp_path_factory.mktemp("service")) as url:
        yield url


@pytest.fixture
def api() -> Iterator[tuple[str, Schedule]]:
    """Return the URL of an Action API over the small content, and what it is asked."""
    schedule = Schedule()
    with fault_proxy(wikibase_api(SMALL.items, {}), schedule, "/w/api.php") as url:
        yield url, schedule


def test_what_can_differ_is_in_the_content(expected: Mapping[str, bytes], tmp_path: Path) -> None:
    told = json.loads(expected["build.json"])
    assert told["facts"]["all"] > 120
    assert told["uncovered"] == {"P36": 2, "P1376": 1, "P17": 1, "P30": 0, "P19": 0, "P27": 0}  # of Q5000, Q2005
    for reason in ("ended", "temporal", "unknown_value", "multi_valued", "reflexive", "no_entity", "no_type", "recent"):
        assert told["rejected"][reason] > 0, reason
    rejects = {each["fact_id"]: each for each in map(json.loads, expected["rejects.jsonl"].splitlines())}
    # Q5000, left out for lack of names, bears that of Q1012; of those that bear the names of Q1013 and Q1014 one
    # states nothing and one has no page
    assert rejects["Q1012|P36|Q2012"] == {"fact_id": "Q1012|P36|Q2012", "reason": "small_group", "detail": "de ru zh"}
    assert not {"Q1013|P36|Q2013", "Q1014|P36|Q2014"} & rejects.keys()
    assert "en 'zakelo city'" in rejects["Q1011|P36|Q2011"]["detail"]
    assert rejects["Q1006|P36|Q2106"]["detail"] == "until 1900"  # the last of two of the same value
    other = replace(SMALL, config=replace(SMALL.config, seed=1))
    assert files_of(listed(other, tmp_path / "other"))["en/train.parquet"] != expected["en/train.parquet"]


@pytest.mark.parametrize("ending", [".json", ".json.gz", ".json.bz2", ".json.zst"])
def test_a_dump_gives_the_same_set(ending: str, expected: Mapping[str, bytes], tmp_path: Path) -> None:
    assert files_of(built(SMALL, f"dump:{SMALL.dump(tmp_path, ending)}", tmp_path / "set")) == expected


def test_ray_gives_the_same_set(expected: Mapping[str, bytes], tmp_path: Path) -> None:
    pytest.importorskip("ray")
    assert (
        files_of(built(SMALL, f"dump:{SMALL.dump(tmp_path)}", tmp_path / "set", executor="ray", workers=1)) == expected
    )


def test_a_graph_gives_the_same_set(
    graph: str, service: str, api: tuple[str, Schedule], expected: Mapping[str, bytes], tmp_path: Path
) -> None:
    assert files_of(built(SMALL, graph, tmp_path / "dump")) == expected
    assert files_of(built(SMALL, service, tmp_path / "service")) == expected
    assert files_of(built(SMALL, graph, tmp_path / "api", api=api[0])) == expected
    assert len(api[1].good) >= 3


def test_real_items_give_the_same_set(shared_data: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(endpoint, "AdaptiveBatches", AdaptiveBatches)
    languages, relations = (
        ("en", "de", "es", "fr", "ru", "zh"),
        ("P36", "P1376", "P17", "P30", "P37", "P19", "P20", "P27", "P103"),
    )
    items = real_items(shared_data, relations, languages, 80)
    config = replace(SMALL.config, languages=languages, relations=relations, min_langs=5, min_sitelinks=0)
    real = Content(items=items, config=config)
    assert len(items) > 1500
    expected = files_of(listed(real, tmp_path / "list"))
    told = json.loads(expected["build.json"])
    assert told["facts"]["all"] > 500
    assert all(told["uncovered"].values())
    assert told["rejected"]["ambiguous_answer"] > 0
    assert files_of(built(real, f"dump:{real.dump(tmp_path)}", tmp_path / "dump")) == expected
    with (
        serve(n_triples(items.values()), tmp_path) as url,
        fault_proxy(wikibase_api(items, {}), Schedule(), "/w/api.php") as api,
    ):
        assert files_of(built(real, url, tmp_path / "sparql")) == expected
        assert files_of(built(real, url, tmp_path / "api", api=api)) == expected


SLOW = ("silence", "slow-drip")
#: Faults that are gone at the next request, at the latest when less is asked; after the others a person must look.
PASSING = (
    "429", "429-without-time", "500", "502", "503", "blazegraph-500", "504", "qlever-429",
    "closed", "cut", "cut-connection", "blazegraph-cut", "oxigraph-cut",
)  # fmt: skip
STAYING = ("wrong-json", "html", "400", "401", "403", "404")
#: Errors of an API: it says that they pass; from a graph they are no answer.
OF_API = ("maxlag", "api-error")


def test_every_fault_is_tried() -> None:
    assert {*PASSING, *STAYING, *OF_API} >= ANSWERS.keys()


def resumed(source: str, out: Path, **access: Any) -> list[str]:
    """Build, and go on as often as it ends; return what it said each time that it did."""
    said: list[str] = []
    while len(said) < 10:
        try:
            built(SMALL, source, out, resume=bool(said), **access)
        except XlevalError as error:
            said.append(str(error))
        else:
            return said
    raise AssertionError(said)


def nothing_twice(schedule: Schedule) -> bool:
    """Whether there were faults, and what was answered was not asked again."""
    asked = schedule.asked()
    return len(asked) == len(set(asked)) > 0 and len(schedule.bodies) > len(schedule.good)


@pytest.mark.parametrize("name", [*PASSING, *STAYING, *OF_API, *SLOW])
def test_faults_of_a_graph(name: str, service: str, near: Near, expected: Mapping[str, bytes], tmp_path: Path) -> None:
    """Faults come and go: the set is finished, or the build ends with one clear error each time and goes on from there."""
    near.timeout_s = 0.5 if name in SLOW else 20.0
    schedule = Schedule(faults=dict.fromkeys((0, 4, 30), name))
    with fault_proxy(service, schedule) as url:
        said = resumed(url, tmp_path / "set")
    assert len(said) == (3 if name in STAYING + OF_API else 0)
    assert all(each.startswith(url) and "\n" not in each for each in said)
    assert all(each.endswith("answers so far are kept: go on with --resume") for each in said[1:])
    assert nothing_twice(schedule)
    assert files_of(tmp_path / "set") == expected


@pytest.mark.parametrize("name", PASSING)
def test_a_graph_that_stays_broken(name: str, graph: str, expected: Mapping[str, bytes], tmp_path: Path) -> None:
    schedule = Schedule(faults=dict.fromkeys(range(20, 5000), name))
    with fault_proxy(graph, schedule) as url:
        with pytest.raises(XlevalError, match=r"answers so far are kept: go on with --resume$") as caught:
            built(SMALL, url, tmp_path / "set")
        assert str(caught.value).startswith(url)
        assert "\n" not in str(caught.value)
        assert not (tmp_path / "set" / "rejects.jsonl").exists()
        schedule.faults = {}
        built(SMALL, url, tmp_path / "set", resume=True)
    assert nothing_twice(schedule)
    assert files_of(tmp_path / "set") == expected


@pytest.mark.parametrize("name", [*PASSING, *STAYING[:3], *OF_API, SLOW[0]])
def test_faults_of_an_api(
    name: str, graph: str, api: tuple[str, Schedule], near: Near, expected: Mapping[str, bytes], tmp_path: Path
) -> None:
    near.timeout_s = 0.5 if name in SLOW else 20.0
    url, schedule = api
    schedule.faults = dict.fromkeys((0, 2), name)
    said = resumed(graph, tmp_path / "set", api=url)
    assert len(said) == (2 if name in STAYING else 0)
    assert all(each.startswith(url) and "\n" not in each for each in said)
    asked = [qid for body in schedule.good for qid in re.findall(r"Q\d+", body)]
    assert len(asked) == len(set(asked)) > 100
    assert files_of(tmp_path / "set") == expected


def command(source: str, out: Path, *more: str) -> list[str]:
    """Return the arguments of `xleval` that make the small set."""
    config = SMALL.config
    asked = {
        "langs": ",".join(config.languages), "relations": ",".join(config.relations), "as-of": config.as_of,
        "min-langs": config.min_langs, "min-sitelinks": config.min_sitelinks, "source": source, "out": out,
    }  # fmt: skip
    return ["build-polyfact", *(f"--{name}={held}" for name, held in asked.items()), *more]


CLI = (sys.executable, "-c", "from xleval.cli import main; main()")


def test_kills_while_a_graph_is_asked(graph: str, expected: Mapping[str, bytes], tmp_path: Path) -> None:
    """SIGKILL at three random requests; nothing that was answered before is asked again."""
    schedule, process = Schedule(), None
    at = sorted(random.Random(20).sample(range(1, 30), 3))

    def kill(_: str) -> str | None:
        if len(schedule.bodies) not in at:
            return None
        process.kill()  # type: ignore[union-attr]
        return "closed"

    schedule.fault_of = kill
    with fault_proxy(graph, schedule) as url:
        for attempt in range(4):
            arguments = command(url, tmp_path / "set", *(["--resume"] if attempt else []))
            with subprocess.Popen([*CLI, *arguments], stderr=subprocess.PIPE, text=True) as process:
                _, errors = process.communicate(timeout=100)
            assert process.returncode == (-signal.SIGKILL if attempt < 3 else 0), errors
    asked = schedule.asked()
    assert len(asked) == len(set(asked)) > 500
    assert len(schedule.bodies) == len(schedule.good) + 3
    assert files_of(tmp_path / "set") == expected


#: Runs `xleval` and kills itself where a file of that name is about to be written, or half of it is.
DYING = """
import os, signal, sys
from pathlib import Path
import pyarrow.parquet
from xleval.cli import main
from xleval.data import parquet_files
from xleval.polyfact import build
from xleval.polyfact.sources import dump_extract

def dying(write, place):
    def called(*given, **named):
        path = Path(str(given[place]))
        if path.match(sys.argv[1]):
            if write is parquet:
                write(*given, **named)
                os.truncate(path, path.stat().st_size // 2)
            os.kill(os.getpid(), signal.SIGKILL)
        return write(*given, **named)
    return called

parquet = pyarrow.parquet.write_table
pyarrow.parquet.write_table = dying(parquet, 1)
killing = dying(build.write_atomically, 0)
for module in (build, parquet_files):
    assert module.write_atomically
    module.write_atomically = killing
dump_extract.write_json = dying(dump_extract.write_json, 0)
main(sys.argv[2:])
"""


def test_kills_while_a_dump_is_read_and_after(expected: Mapping[str, bytes], tmp_path: Path) -> None:
    """SIGKILL in each pass, after it, with the tables made and with half of the set written."""
    source = f"dump:{SMALL.dump(tmp_path)}"
    places = (
        "pass1/statements-*.parquet", "pass1.json", "pass2/objects-*.parquet", "pass2.json", "extraction.json",
        "en/train.parquet", "rejects.jsonl",
    )  # fmt: skip
    for attempt, place in enumerate((*places, "nowhere")):
        arguments = command(source, tmp_path / "set", "--workers=1", *(["--resume"] if attempt else []))
        died = subprocess.run(
            [sys.executable, "-c", DYING, place, *arguments], capture_output=True, text=True, timeout=100
        )
        assert died.returncode == (0 if place == "nowhere" else -signal.SIGKILL), died.stderr
    assert files_of(tmp_path / "set") == expected
