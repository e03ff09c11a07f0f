"""Speed and memory of reading a Wikidata dump: MB of JSON a second in each pass, beside the bare decompressor.

    python benchmarks/dump.py --data ../shared/data [--gb 2] [--workers 2] [--runs 3] [--folder FOLDER]

The dumps are made of real items, once, in FOLDER:

- `slice`: the assembled slice of 40,450 items (1.75 KB each, three fifths of the bytes are of items with a relation), over
  and over; in every copy all Q-ids get a number of their own (`Q42` is `Q1000142` in copy 1). Between the items stand cut
  lines, properties, lexemes, redirects and items with empty maps, one line in 200.
- `mix`: the slice and, between its copies, the 49 first items of a real dump (75 KB each), renumbered in the same way; the
  claims of the relations, and of P131, P279 and P361, in these 49 are moved to properties that are not read, so that 20 %
  of the bytes are of items with a relation. No byte is lost by it.

Every `.gz` is made by zlib at level 6, and `.bz2` (an eighth of the size) by bzip2 at level 9. Rates are of uncompressed
JSON by the wall clock, medians of the runs; `cpu_s_both` is what all processes used in both passes; memory is the sum of
all processes' proportional set sizes, looked at ten times a second. Exit code 1: a bar is missed (300 MB/s a pass on the
mix, 150 on the slice, 1.5 GB, 80 % of bare bzip2).
"""

import argparse
import bz2
import gzip
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from xleval.polyfact.links import UP_PIDS
from xleval.polyfact.relations import RELATIONS as TABLE
from xleval.polyfact.sources import SourceOptions
from xleval.polyfact.sources.dump_extract import MANIFEST, extract
from xleval.polyfact.sources.dump_reader import BLOCK_BYTES, LineBlocks

LANGUAGES = ("en", "de", "id", "pt", "ar", "bn", "sw", "es", "ru", "fr", "ja", "zh")
RELATIONS = tuple(TABLE)
BARS = {"mix": 300.0, "slice": 150.0}
MEMORY_MB = 1500.0
BZ2_SHARE = 0.8
FAULTS = (
    b'{"type":"item","id":"Q5","labels":{"en":{"language":"en","value":"cut',
    b'{"type":"property","datatype":"wikibase-item","id":"P36","labels":{},"claims":{}}',
    b'{"type":"lexeme","id":"L1","lemmas":{"en":{"language":"en","value":"run"}},"claims":{}}',
    b'{"entity":"Q1","redirect":"Q2"}',
    b'{"type":"item","id":"Q4","labels":[],"descriptions":[],"aliases":[],"claims":[],"sitelinks":[]}',
)
REAL_COPIES = 41  # of the 49 items to one of the slice: 20 % of the bytes are hits then


def lines_of(data: bytes) -> list[bytes]:
    return [line.strip().rstrip(b",") for line in data.splitlines() if len(line) > 3]


def renumbered(block: bytes, copy: int) -> bytes:
    """Return JSON with a prefix of five digits before every Q-number: no two copies share an id."""
    prefix = b"%d" % (10_000 + copy)
    return re.sub(rb'("Q|"numeric-id": ?)(?=\d)', rb"\g<1>" + prefix, block)


def stripped(block: bytes) -> bytes:
    """Return JSON whose claims of the relations and of P279 are of properties that are not read."""
    pids = sorted({*RELATIONS, *UP_PIDS}, key=len, reverse=True)
    found = re.compile(rb'"P(' + "|".join(pid[1:] for pid in pids).encode() + rb')(":\[\{"mainsnak")')
    return found.sub(lambda match: b'"P' + b"9" * len(match[1]) + match[2], block)


def blocks_of(data: Path, kind: str) -> Iterator[bytes]:
    """Yield blocks of lines without end."""
    assembled = lines_of(gzip.decompress((data / "wikidata_slice_assembled/entities.json.gz").read_bytes()))
    for index in range(len(assembled) // 200):
        assembled.insert(index * 200, FAULTS[index % len(FAULTS)])
    real = b",\n".join(lines_of(stripped((data / "wikidata_raw/dump_first49/entities").read_bytes()))) + b",\n"
    step = -(-len(assembled) // REAL_COPIES)
    for copy in range(300):
        for again in range(REAL_COPIES):
            some = b",\n".join(assembled[again * step : (again + 1) * step]) + b",\n"
            yield renumbered(some, copy)
            if kind == "mix":
                yield renumbered(real, (copy + 1) * REAL_COPIES + again)


def make(data: Path, folder: Path, kind: str, megabytes: int, suffix: str) -> Path:
    path = folder / f"{kind}-{megabytes}.json{suffix}"
    if path.exists():
        return path
    part = folder / f"part-{path.name}"
    tool = {".gz": ["gzip", "-6"], ".bz2": ["bzip2", "-9"]}[suffix]
    with part.open("wb") as out, subprocess.Popen(tool, stdin=subprocess.PIPE, stdout=out) as process:
        if process.stdin is None:
            raise RuntimeError("no pipe to the compressor")
        process.stdin.write(b"[\n")
        left = megabytes * 10**6
        for block in blocks_of(data, kind):
            used = block if len(block) <= left else block[: block.rfind(b"\n", 0, left) + 1]
            process.stdin.write(used)
            left -= len(block)
            if left <= 0:
                break
        process.stdin.write(b"]\n")
    part.rename(path)
    return path


def bare_rate(path: Path) -> float:
    """Return MB/s of the decompressor that the reader uses, its output thrown away."""
    if path.suffix == ".gz":
        from isal import igzip

        stream = igzip.open(path)
    else:
        stream = bz2.open(path)
    buffer, size, started = bytearray(BLOCK_BYTES), 0, time.perf_counter()
    with stream:
        while read := stream.readinto(buffer):
            size += read
    return size / 1e6 / (time.perf_counter() - started)


def reader_rate(path: Path) -> float:
    """Return MB/s of reading blocks of whole lines and nothing else."""
    buffer, started = memoryview(bytearray(BLOCK_BYTES)), time.perf_counter()
    with LineBlocks(path) as blocks:
        while blocks.read_into(buffer):
            pass
        return blocks.offset / 1e6 / (time.perf_counter() - started)


def family(pid: int) -> list[int]:
    """Return a process and all below it."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(each for child in children for each in family(int(child)))]


def memory_mb(pid: int) -> float:
    total = 0
    for each in family(pid):
        try:
            rollup = Path(f"/proc/{each}/smaps_rollup").read_text()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return total / 1000


def measure(path: Path, workers: int) -> dict[str, float]:
    """Return MB/s of both passes, share of hits and peak memory of an extraction in a process of its own."""
    with tempfile.TemporaryDirectory(dir=path.parent) as work:
        command = [sys.executable, __file__, "--extract", str(path), "--folder", work, "--workers", str(workers)]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        process = subprocess.Popen(command)
        peaks = [0.0]
        watch = threading.Thread(target=lambda: _watch(process, peaks))
        watch.start()
        if process.wait():
            raise RuntimeError("the extraction failed")
        watch.join()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        found = json.loads(next(Path(work).glob(f"*/{MANIFEST}")).read_text())
    counts, seconds = found["passes"], found["seconds"]
    megabytes = counts[0]["json_bytes"] / 1e6
    return {
        "json_mb": round(megabytes),
        "hit_share": round(counts[0]["hit_bytes"] / counts[0]["json_bytes"], 3),
        "broken": counts[0]["broken"],
        "objects": counts[1]["objects"],
        "pass1_mb_s": round(megabytes / seconds[0], 1),
        "pass2_mb_s": round(megabytes / seconds[1], 1),
        "cpu_s_both": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1),
        "peak_mb": round(peaks[0]),
    }


def _watch(process: "subprocess.Popen[bytes]", peaks: list[float]) -> None:
    while process.poll() is None:
        peaks[0] = max(peaks[0], memory_mb(process.pid))
        time.sleep(0.1)


def median_of(runs: list[dict[str, float]]) -> dict[str, float]:
    return {
        name: max(run[name] for run in runs) if name == "peak_mb" else statistics.median(run[name] for run in runs)
        for name in runs[0]
    }


def extract_only(path: Path, folder: Path, workers: int) -> None:
    options = SourceOptions(languages=LANGUAGES, relations=RELATIONS, work=folder, min_langs=5, workers=workers)
    extract(path, options)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "xleval-dumps")
    parser.add_argument("--gb", type=float, default=2.0)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--extract", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.extract:
        extract_only(args.extract, args.folder, args.workers)
        return 0
    args.folder.mkdir(parents=True, exist_ok=True)
    megabytes, missed = round(args.gb * 1000), []
    for kind, size, suffix in (
        ("mix", megabytes // 2, ".gz"),
        ("mix", megabytes, ".gz"),
        ("slice", megabytes, ".gz"),
        ("mix", megabytes // 8, ".bz2"),
    ):
        path = make(args.data, args.folder, kind, size, suffix)
        runs = 1 if suffix == ".bz2" else args.runs
        bare = statistics.median(bare_rate(path) for _ in range(runs))
        result = median_of([measure(path, args.workers) for _ in range(runs)])
        slowest = min(result["pass1_mb_s"], result["pass2_mb_s"])
        print(
            json.dumps({"dump": path.name, "load": os.getloadavg()[0], "bare_mb_s": round(bare, 1), **result}),
            flush=True,
        )
        if slowest < (BZ2_SHARE * bare if suffix == ".bz2" else BARS[kind]) or result["peak_mb"] > MEMORY_MB:
            missed.append(path.name)
    print(json.dumps({"missed": missed}))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
