"""Time of the bootstrap: 10,000 resamples over 2,500 items x 12 languages, with all 66 pairs of RankC.

Bar: at most 10 s on two cores. `python benchmarks/bootstrap.py [--items 2500] [--languages 12] [--candidates 4]`
prints one JSON object: seconds for per-item statistics, for the bootstrap, and for `summarise` on as many samples.
"""

import argparse
import json
import time

import numpy as np

from xleval.data.languages import LANGUAGES
from xleval.evalkit.metrics.consistency import rankc_items, total_consistency_items
from xleval.evalkit.results import summarise
from xleval.evalkit.samples import Sample
from xleval.evalkit.statistics import bootstrap_means, percentile_interval

BAR_S = 10.0


def make_samples(scores: np.ndarray, languages: list[str]) -> list[Sample]:
    names = tuple(f"option {k}" for k in range(scores.shape[2]))
    return [
        Sample(
            task="t", task_version=1, lang=lang, item_id=f"{i:06d}", kind="choice", prompt="p", gold=names[0],
            prediction=names[int(cell.argmax())], correct=bool(cell.argmax() == 0), choices=names, gold_index=0,
            sum_logprobs=tuple(cell.tolist()), n_tokens=(2,) * len(names),
        )
        for i, row in enumerate(scores)
        for lang, cell in zip(languages, row, strict=True)
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=2500)
    parser.add_argument("--languages", type=int, default=12)
    parser.add_argument("--candidates", type=int, default=4)
    parser.add_argument("--resamples", type=int, default=10_000)
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    shape = (options.items, options.languages, options.candidates)
    scores = -np.abs(rng.normal(size=(shape[0], 1, shape[2])) + rng.normal(size=shape)) - 0.1
    start = time.perf_counter()
    correct = (scores.argmax(axis=2) == 0).astype(float)
    rankc = rankc_items(scores, np.ones(shape[:2], bool))
    columns = np.hstack([correct, total_consistency_items(correct)[:, None], rankc])
    items_s = time.perf_counter() - start
    draws = bootstrap_means(columns, np.random.default_rng(0), resamples=options.resamples)
    intervals = [percentile_interval(column) for column in draws.T]
    bootstrap_s = time.perf_counter() - start - items_s
    samples = make_samples(scores, list(LANGUAGES)[: options.languages])
    start = time.perf_counter()
    summarise(samples, signature={}, model="m", seed=0, resamples=options.resamples)
    summarise_s = time.perf_counter() - start
    report = {
        "shape": shape, "pairs": rankc.shape[1], "intervals": len(intervals), "per_item_s": round(items_s, 3),
        "bootstrap_s": round(bootstrap_s, 3), "summarise_s": round(summarise_s, 3),
        "bar_s": BAR_S, "passed": items_s + bootstrap_s <= BAR_S,
    }  # fmt: skip
    print(json.dumps(report))


if __name__ == "__main__":
    main()
