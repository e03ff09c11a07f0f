"""The tail of a run: seconds from the last token to `results.json`, with 5,000 completions.

    python benchmarks/tail.py [--completions 5000] [--per-second 200] [--runs 3]

A replaying backend hands out real sentences at a steady rate, as an engine does; the run scores them, detects their
language and writes the journal meanwhile. Measured is the time from the last completion to the end of `run`, which holds
the last scoring, the bootstrap, Parquet, tables and the report. Exit code 1: the bar of 2 s is missed.
"""

import argparse
import itertools
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from xleval.evalkit.backends.mock import MockModel
from xleval.evalkit.requests import Completion, Encoded, Outcome
from xleval.evalkit.runner import RunConfig, run
from xleval.evalkit.task import LoadedTask, load_task
from xleval.tasks import TASKS
from xleval.tasks.sample import LANGUAGES, read_problems

BAR_S = 2.0


class Replay(MockModel):
    """Answers each request with the worked solution of an exemplar in its language, at a steady rate."""

    def __init__(self, per_second: float) -> None:
        super().__init__("replay")
        self.last_at = 0.0
        self._per_second = per_second
        self._texts = {
            lang: [f"{row.solutions[lang]}" for row in read_problems("sample_exemplars.jsonl")] for lang in LANGUAGES
        }

    def plan(self, encoded: Sequence[Encoded]) -> list[list[int]]:
        """Return batches of one request, as an engine with batches of its own has."""
        return [[index] for index in range(len(encoded))]

    def run(self, batches: Iterable[Sequence[Encoded]]) -> Iterator[list[Outcome]]:
        """Yield a completion at a time."""
        started = time.perf_counter()
        for number, [request] in enumerate(batches):
            time.sleep(max(0.0, started + number / self._per_second - time.perf_counter()))
            texts = self._texts[request.key.split("/")[1]]
            text = " " + " ".join(itertools.islice(itertools.cycle(texts), number % 3 + 1))
            self.last_at = time.perf_counter()
            yield [Completion(key=request.key, text=text, finish_reason="stop", n_tokens=64)]


def many_items(n: int) -> LoadedTask:
    """Return the reasoning sample with its items repeated under new ids, `n` in all languages together."""
    loaded = load_task(TASKS["sample"], None, LANGUAGES, None)
    each = -(-n // len(LANGUAGES))
    items = {
        lang: [replace(found[k % len(found)], item_id=f"{k:05d}") for k in range(each)]
        for lang, found in loaded.items.items()
    }
    return replace(loaded, items=MappingProxyType(items))


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--completions", type=int, default=5000)
    parser.add_argument("--per-second", type=float, default=200.0)
    parser.add_argument("--runs", type=int, default=3)
    args = parser.parse_args()
    task, tails = many_items(args.completions), []
    n_requests = sum(map(len, task.items.values()))
    for _ in range(args.runs):
        backend = Replay(args.per_second)
        with tempfile.TemporaryDirectory() as folder:
            run(backend, [task], RunConfig(languages=LANGUAGES), Path(folder) / "run")
        tails.append(time.perf_counter() - backend.last_at)
    result = {
        "completions": n_requests,
        "per_second": args.per_second,
        "tail_s": [round(tail, 2) for tail in tails],
        "tail_median_s": round(statistics.median(tails), 2),
    }
    print(json.dumps(result, indent=1))
    return 0 if statistics.median(tails) < BAR_S else 1


if __name__ == "__main__":
    sys.exit(main())
