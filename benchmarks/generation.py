"""Generation: a whole run with the `vllm` backend against bare `LLM.generate` on the same token ids and engine.

    python benchmarks/generation.py --data SET [--model DIR] [--prompts 408] [--tokens 64] [--pairs 10]

SET is a folder that `xleval build-polyfact` made; its questions in twelve languages are the prompts. One engine in one
process; the two sides take turns (ours first, then theirs first, and so on); `ignore_eos`, so that both write the same
number of tokens; the prefix cache is emptied before each. Ours is the whole of `run`: requests, token ids, journal,
scoring, language identification, bootstrap, samples, results, report. Start-up is timed apart. Printed are the median of
the pairs' ratios with its interval (binomial, 95 %), and the CPU seconds that a run takes outside the engine's own work.
Exit code 1: more than 3 % slower; 2: the interval is wider than 3 points, so not resolved.
"""

import argparse
import json
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from xleval.data.languages import POLYFACT_LANGUAGES
from xleval.evalkit.backends.vllm import VllmBackend
from xleval.evalkit.extraction import extract_number, is_correct
from xleval.evalkit.prompts import fact_prompt
from xleval.evalkit.requests import GenerateRequest, Request, Sampling
from xleval.evalkit.runner import RunConfig, plan_run, run
from xleval.evalkit.samples import Sample
from xleval.evalkit.task import LoadedTask, Task, TaskItem, TaskOptions, load_task
from xleval.small_model import small_model
from xleval.tasks import TASKS

SLOWER_BAR, WIDTH_BAR = 0.03, 0.03


def _request(item: TaskItem, lang: str, options: TaskOptions, shots: Sequence[TaskItem]) -> Request:
    prompt = fact_prompt(item.question, lang, options.scaffold)
    return GenerateRequest(key=f"open_facts/{lang}/{item.item_id}", prompt=prompt, sampling=options.sampling)


def _score(sample: Sample) -> Sample:
    """Do what a reasoning task does: look for a number in the completion."""
    found = extract_number(sample.completion or "", sample.lang)
    prediction = None if found.value is None else str(found.value)
    return replace(sample, prediction=prediction, correct=is_correct(found, "7"), unscored_reason=None)


def open_facts(data: Path, n_prompts: int) -> LoadedTask:
    """Return the questions of a PolyFact set as a task that generates, `n_prompts` in all languages together."""
    per_language = -(-n_prompts // len(POLYFACT_LANGUAGES))
    loaded = load_task(TASKS["polyfact"], data, POLYFACT_LANGUAGES, per_language)
    task = Task(
        name="open_facts", version=1, kind="generation", summary="", reference="", load=loaded.task.load,
        request=_request, score=_score, exemplars=lambda folder, languages, n: {},
    )  # fmt: skip
    items = {
        lang: [replace(item, choices=(), choice_ids=(), gold_index=None) for item in found]
        for lang, found in loaded.items.items()
    }
    return replace(loaded, task=task, items=items)


def main() -> int:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model")
    parser.add_argument("--prompts", type=int, default=408)
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--pairs", type=int, default=10)
    parser.add_argument("--dtype", default="auto")
    args = parser.parse_args()

    started = time.perf_counter()
    backend = VllmBackend(args.model or str(small_model()), dtype=args.dtype, max_model_len=1024)
    llm = backend.llm
    start_s = time.perf_counter() - started
    task = open_facts(args.data, args.prompts)
    sampling = Sampling(max_tokens=args.tokens, ignore_eos=True)
    config = RunConfig(languages=POLYFACT_LANGUAGES, options=TaskOptions(sampling=sampling))
    plan = plan_run(backend, [task], config)
    encoded = backend.encode([each.request for each in plan.asked])
    ids = [encoded[index].prompt_ids for [index] in backend.plan(encoded)]  # type: ignore[union-attr]

    def ours() -> tuple[float, float]:
        llm.reset_prefix_cache()
        with tempfile.TemporaryDirectory() as folder:
            wall, cpu = time.perf_counter(), time.process_time()
            run(backend, [task], config, Path(folder) / "run")
            return time.perf_counter() - wall, time.process_time() - cpu

    def theirs() -> tuple[float, float]:
        llm.reset_prefix_cache()
        params = _bare_params(args.tokens)
        wall, cpu = time.perf_counter(), time.process_time()
        outputs = llm.generate([{"prompt_token_ids": list(each)} for each in ids], params, use_tqdm=False)
        taken = time.perf_counter() - wall, time.process_time() - cpu
        written = sum(len(output.outputs[0].token_ids) for output in outputs)
        if written != len(ids) * args.tokens:
            sys.exit(f"bare vLLM wrote {written} tokens, {len(ids) * args.tokens} are needed")
        return taken

    ours(), theirs()  # whoever comes first pays for imports, language models and cold memory
    pairs = []
    for number in range(args.pairs):
        one, two = (ours(), theirs()) if number % 2 == 0 else tuple(reversed((theirs(), ours())))
        pairs.append((one, two))
        print(f"pair {number + 1}: {one[0]:.1f} s against {two[0]:.1f} s, {one[0] / two[0] - 1:+.1%}", flush=True)
    backend.close()
    return _report(pairs, len(ids) * args.tokens, start_s, backend.fingerprint["vllm"])


def _bare_params(n_tokens: int) -> Any:
    from vllm import SamplingParams

    return SamplingParams(max_tokens=n_tokens, temperature=0.0, ignore_eos=True)


def _report(
    pairs: Sequence[tuple[tuple[float, float], tuple[float, float]]], n_tokens: int, start_s: float, vllm: str
) -> int:
    slower = sorted(one[0] / two[0] - 1 for one, two in pairs)
    low, high = _median_interval(slower)
    median = statistics.median(slower)
    resolved = high - low <= WIDTH_BAR
    result = {
        "tokens": n_tokens,
        "tokens_per_s_ours": round(n_tokens / statistics.median(one[0] for one, _ in pairs)),
        "tokens_per_s_bare": round(n_tokens / statistics.median(two[0] for _, two in pairs)),
        "slower_median": round(median, 4),
        "slower_interval_95": [round(low, 4), round(high, 4)],
        "pairs": len(pairs),
        "resolved": resolved,
        "more_cpu_seconds_of_wall": round(statistics.median((one[1] - two[1]) / one[0] for one, two in pairs), 4),
        "start_up_s": round(start_s, 1),
        "process_peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "vllm": vllm,
    }
    print(json.dumps(result, indent=1))
    return 1 if median > SLOWER_BAR else 0 if resolved else 2


def _median_interval(values: Sequence[float]) -> tuple[float, float]:
    """Return the order statistics between which the median lies with 95 % (binomial); of few values, all of them."""
    from math import comb

    n, tail, rank = len(values), 0.0, 0
    while rank < n // 2 and tail + comb(n, rank) / 2**n <= 0.025:
        tail += comb(n, rank) / 2**n
        rank += 1
    rank = max(rank - 1, 0)
    return values[rank], values[n - 1 - rank]


if __name__ == "__main__":
    sys.exit(main())
