"""100,000 facts x 12 languages from extracted candidates: seconds and memory of `xleval build-polyfact` (bar: 300 s, 4 GB).

The candidates are grown from a real slice of Wikidata (`../shared/data/wikidata_slice_assembled`, items with labels in all
twelve languages): each copy of an item has its own Q-id, and its name gets an ending of its own in each script, so that
names stay as different as they are. Classes are not copied. The extraction is done before and is not timed
(`benchmarks/dump.py` times it). A real set of this size would have other names, not other sizes.

    python benchmarks/polyfact_build.py [--copies 130] [--keep FOLDER]
"""

import argparse
import gzip
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xleval.data.languages import POLYFACT_LANGUAGES
from xleval.polyfact.kinds import KINDS
from xleval.polyfact.relations import RELATIONS

SLICE = Path(__file__).parents[2] / "shared" / "data" / "wikidata_slice_assembled" / "entities.json.gz"
#: Letters that endings are made of, by script; an ending of two is one of at least 256.
LETTERS = {
    "Latn": [c + v for c in "bdfgklmnprstvz" for v in "aeiou"],
    "Cyrl": [c + v for c in "бвгдклмнпрст" for v in "аеиоу"],
    "Arab": [c + v for c in "بتدرسفكلمن" for v in "اوي"],
    "Beng": [c + v for c in "কখগচজটডতদনপবমরলশ" for v in "ািীু"],
}
SCRIPT = {"ru": "Cyrl", "ar": "Arab", "bn": "Beng"}
OFFSET = 1_000_000_000  # far above every Q-id there is


def read_items() -> dict[str, dict[str, Any]]:
    """Return the items of the slice with labels in all twelve languages, and every class."""
    items = {}
    with gzip.open(SLICE, "rt", encoding="utf-8") as file:
        for line in file:
            text = line.strip().rstrip(",")
            if text not in ("[", "]", ""):
                item = json.loads(text)
                items[item["id"]] = item
    return items


def ending(lang: str, number: int) -> str:
    """Return an ending in the script of a language; different numbers below 256 give different ones."""
    if lang in ("ja", "zh") or lang.startswith("zh"):
        return chr(0x6C40 + number) if lang != "ja" else chr(0x30A1 + number % 84) + chr(0x30A1 + number // 84)
    syllables = LETTERS[SCRIPT.get(lang, "Latn")]
    return syllables[number % len(syllables)] + syllables[number // len(syllables)]


def grown(items: dict[str, dict[str, Any]], copies: int) -> Iterator[str]:
    """Yield dump lines: classes as they are, and copies of every other covered item, its statements renumbered."""
    classes = {qid for found in KINDS.values() for qid in found}
    classes |= {target for item in items.values() for target in targets(item, "P31") + targets(item, "P279")}
    covered = {
        qid: item
        for qid, item in items.items()
        if qid not in classes
        and all(any(code in item["labels"] for code in (lang, f"{lang}-hans")) for lang in POLYFACT_LANGUAGES)
    }
    for qid in sorted(classes & items.keys()):
        yield json.dumps({**items[qid], "labels": {}, "aliases": {}}, ensure_ascii=False)
    wanted = RELATIONS.keys() | {"P31", "P279", "P131", "P361", "P527", "P150", "P155", "P156", "P1365", "P1366", "P21"}
    for copy in range(copies):
        for qid, item in covered.items():
            labels = {
                lang: {"language": lang, "value": entry["value"] + ending(lang, (copy + int(qid[1:])) % 256)}
                for lang, entry in item["labels"].items()
                if lang in POLYFACT_LANGUAGES or lang == "zh-hans"
            }
            claims = {
                pid: [renumbered(claim, copy, covered) for claim in found]
                for pid, found in item["claims"].items()
                if pid in wanted
            }
            yield json.dumps(
                {"type": "item", "id": moved(qid, copy), "labels": labels, "aliases": {}, "claims": claims},
                ensure_ascii=False,
            )


def targets(item: dict[str, Any], pid: str) -> list[str]:
    values = [claim["mainsnak"]["datavalue"]["value"] for claim in item["claims"].get(pid, [])]
    return [value["id"] for value in values if isinstance(value, dict) and "id" in value]


def moved(qid: str, copy: int) -> str:
    return f"Q{int(qid[1:]) + OFFSET * (copy + 1)}"


def renumbered(claim: dict[str, Any], copy: int, covered: dict[str, dict[str, Any]]) -> dict[str, Any]:
    value = claim["mainsnak"].get("datavalue", {}).get("value")
    if not isinstance(value, dict) or value.get("id") not in covered:
        return claim
    number = moved(value["id"], copy)
    fresh = {"entity-type": "item", "numeric-id": int(number[1:]), "id": number}
    snak = {**claim["mainsnak"], "datavalue": {"value": fresh, "type": "wikibase-entityid"}}
    return {**claim, "mainsnak": snak}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--copies", type=int, default=130)
    parser.add_argument("--keep", type=Path, help="folder for dump, extraction and sets")
    options = parser.parse_args()
    if not SLICE.is_file():
        sys.exit("needs ../shared/data/wikidata_slice_assembled")
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        dump = folder / f"grown-{options.copies}-20211001.json.gz"
        if not dump.exists():
            with gzip.open(dump, "wt", encoding="utf-8", compresslevel=1) as file:
                file.write("[\n")
                file.writelines(line + ",\n" for line in grown(read_items(), options.copies))
                file.write("]\n")
        common = [
            sys.executable,
            "-c",
            "from xleval.cli import main; main()",
            "build-polyfact",
            "--source",
            f"dump:{dump}",
            "--work",
            str(folder / "work"),
        ]
        print(f"dump of {dump.stat().st_size / 1e6:.0f} MB; extracting", flush=True)
        # A first build of a few facts extracts; the second finds the tables and is timed.
        subprocess.run([*common, "--size", "2000", "--out", str(folder / f"first-{time.time_ns()}")], check=False)
        out = folder / f"set-{time.time_ns()}"
        start = time.monotonic()
        subprocess.run([*common, "--out", str(out)], check=False)
        seconds = time.monotonic() - start
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
        manifest = json.loads((out / "build.json").read_text(encoding="utf-8"))
        print(
            f"{manifest['facts']['all']} facts x {len(manifest['languages'])} languages of {manifest['candidates']} "
            f"candidates: {seconds:.0f} s (bar 300), peak memory of one process {peak:.2f} GB (bar 4)"
        )


if __name__ == "__main__":
    main()
