"""Choice scoring: xleval's `hf` backend against `lm_eval --model hf`, same model, items, dtype and machine.

    python benchmarks/choice_scoring.py --data SET [--langs en,sw,ar,zh] [--model DIR] [--pairs 3] [--threads 2]
    python benchmarks/choice_scoring.py --items FILE.jsonl ...

SET is a folder that `xleval build-polyfact` made; its test split is asked as the task `polyfact` asks it. FILE has one JSON
object a line: {"lang": "en", "context": "Question: ...", "choices": [" A", " B", ...]}. Without --model it is the small
model of `xleval demo`.
lm-eval runs through its own HFLM class and loglikelihood call, at the best of the batch sizes given, which is found first
on up to 120 items. That is what this command does:

    lm_eval --model hf --model_args pretrained=DIR,dtype=float32,add_bos_token=True --device cpu --batch_size B

Then the two run in turn, each run in a process of its own, so that peak memory is of one side. Times are of scoring,
tokenising included, model loading excluded. Every pair alternates which side goes first. Exit code 1: a bar is missed.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from xleval.data.languages import parse_languages
from xleval.evalkit.requests import ChoiceRequest
from xleval.evalkit.task import TaskOptions, load_task
from xleval.small_model import small_model
from xleval.tasks import TASKS

RATIO_BAR = 4.0
SCORE_BAR = 2e-3
TRIAL_ITEMS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One run of one side: seconds of wall clock and of CPU, peak memory in MB, and every option's log-probability."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    scores: list[float]
    versions: dict[str, str]


def read_items(path: Path, limit: int | None) -> list[dict[str, Any]]:
    """Return the items of a JSONL file."""
    with path.open(encoding="utf-8") as stream:
        items = [json.loads(line) for line in stream if line.strip()]
    return items[:limit]


def main() -> int:
    """Run the comparison and print it."""
    args = _parse()
    if args.side:
        _run_side(args)
        return 0
    args.model = args.model or str(small_model())
    with tempfile.TemporaryDirectory() as folder:
        if args.data:
            args.items = Path(folder) / "items.jsonl"
            args.items.write_text(_items_of(args.data, parse_languages(args.langs)), encoding="utf-8")
        return _compare(args)


def _items_of(data: Path, languages: Sequence[str]) -> str:
    """Return the requests of the task `polyfact` as JSON lines, item by item through the languages."""
    loaded = load_task(TASKS["polyfact"], data, languages, None)
    lines = []
    for row in zip(*loaded.items.values(), strict=True):
        for lang, item in zip(loaded.items, row, strict=True):
            request = loaded.task.request(item, lang, TaskOptions())
            if isinstance(request, ChoiceRequest):
                lines.append({"lang": lang, "context": request.context, "choices": list(request.continuations)})
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def _compare(args: argparse.Namespace) -> int:
    items = read_items(args.items, args.limit)
    n_requests = sum(len(item["choices"]) for item in items)
    print(f"{len(items)} items, {n_requests} requests, {args.dtype}, {args.threads} threads, model {args.model}")
    sizes = [int(size) for size in args.batch_sizes.split(",")]
    few = argparse.Namespace(**{**vars(args), "limit": min(len(items), TRIAL_ITEMS)})
    trials = {size: _spawn(few, "lm-eval", size) for size in sizes} if len(sizes) > 1 else {}
    for size, trial in trials.items():
        print(f"lm-eval batch {size:3d}: {len(trial.scores) / trial.wall_s:6.1f} requests/s")
    best = min(trials, key=lambda size: trials[size].wall_s) if trials else sizes[0]
    ours, theirs = [], []
    for pair in range(args.pairs):
        for name in ("lm-eval", "xleval") if pair % 2 == 0 else ("xleval", "lm-eval"):
            (ours if name == "xleval" else theirs).append(_spawn(args, name, best))
        print(
            f"pair {pair + 1}: xleval {n_requests / ours[-1].wall_s:6.1f} requests/s, "
            f"lm-eval (batch {best}) {n_requests / theirs[-1].wall_s:6.1f}, "
            f"ratio {theirs[-1].wall_s / ours[-1].wall_s:.2f}"
        )
    return _report(ours, theirs, n_requests, best)


def _report(ours: Sequence[Side], theirs: Sequence[Side], n_requests: int, best: int) -> int:
    ratios = sorted(their.wall_s / our.wall_s for our, their in zip(ours, theirs, strict=True))
    cpu = statistics.median(their.cpu_s / our.cpu_s for our, their in zip(ours, theirs, strict=True))
    difference = max(abs(a - b) for a, b in zip(ours[0].scores, theirs[0].scores, strict=True))
    repeated = all(run.scores == ours[0].scores for run in ours)
    ratio = statistics.median(ratios)
    result = {
        "xleval_requests_per_s": round(n_requests / statistics.median(run.wall_s for run in ours), 1),
        "lm_eval_requests_per_s": round(n_requests / statistics.median(run.wall_s for run in theirs), 1),
        "lm_eval_batch_size": best,
        "ratio_median": round(ratio, 2),
        "ratio_min_max": [round(ratios[0], 2), round(ratios[-1], 2)],
        "cpu_time_ratio_median": round(cpu, 2),
        "pairs": len(ratios),
        "max_score_difference": difference,
        "xleval_runs_equal_to_the_last_bit": repeated,
        "xleval_peak_mb": round(max(run.peak_mb for run in ours)),
        "lm_eval_peak_mb": round(max(run.peak_mb for run in theirs)),
        "versions": ours[0].versions | theirs[0].versions,
    }
    print(json.dumps(result, indent=2))
    return 0 if ratio >= RATIO_BAR and difference <= SCORE_BAR else 1


def _spawn(args: argparse.Namespace, side: str, batch_size: int) -> Side:
    """Run one side in its own process and return what it measured."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "side.json"
        command = [sys.executable, __file__, "--side", side, "--out", str(out), "--batch-sizes", str(batch_size)]
        command += ["--model", args.model, "--items", str(args.items), "--dtype", args.dtype]
        command += ["--threads", str(args.threads)]
        command += ["--limit", str(args.limit)] if args.limit else []
        threads = {"OMP_NUM_THREADS": str(args.threads), "TOKENIZERS_PARALLELISM": "true"}
        done = subprocess.run(command, env=os.environ | threads, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"{side} failed:\n{done.stderr[-2000:]}")
        return Side(**json.loads(out.read_text(encoding="utf-8")))


def _run_side(args: argparse.Namespace) -> None:
    import torch

    torch.set_num_threads(args.threads)
    items = read_items(args.items, args.limit)
    score, versions = (_prepare_ours if args.side == "xleval" else _prepare_theirs)(args, items)
    wall, cpu = time.perf_counter(), time.process_time()
    scores = score()
    side = Side(
        wall_s=time.perf_counter() - wall,
        cpu_s=time.process_time() - cpu,
        peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        scores=scores,
        versions=versions | {"torch": torch.__version__},
    )
    args.out.write_text(json.dumps(asdict(side)), encoding="utf-8")


def _prepare_ours(
    args: argparse.Namespace, items: Sequence[dict[str, Any]]
) -> tuple[Callable[[], list[float]], dict[str, str]]:
    from xleval.evalkit.backends import load_backend
    from xleval.evalkit.requests import ChoiceRequest, ChoiceScores, Outcome

    backend = load_backend("hf", args.model, dtype=args.dtype, device="cpu")
    requests = [
        ChoiceRequest(key=str(index), context=item["context"], continuations=tuple(item["choices"]))
        for index, item in enumerate(items)
    ]

    def score() -> list[float]:
        encoded = backend.encode(requests)
        plan = backend.plan(encoded)
        found: dict[int, Outcome] = {}
        for indices, outcomes in zip(plan, backend.run([encoded[i] for i in batch] for batch in plan), strict=True):
            found.update(zip(indices, outcomes, strict=True))
        ordered = (found[index] for index in range(len(requests)))
        return [value for outcome in ordered if isinstance(outcome, ChoiceScores) for value in outcome.sum_logprobs]

    return score, {"transformers": backend.fingerprint["transformers"]}


def _prepare_theirs(
    args: argparse.Namespace, items: Sequence[dict[str, Any]]
) -> tuple[Callable[[], list[float]], dict[str, str]]:
    from importlib.metadata import version

    from lm_eval.api.instance import Instance
    from lm_eval.models.huggingface import HFLM

    # the BOS is asked for because not every Gemma tokenizer file adds it; xleval sees to it itself
    bos = True if "gemma" in json.loads((Path(args.model) / "config.json").read_text())["model_type"] else None
    model = HFLM(
        pretrained=args.model, dtype=args.dtype, device="cpu", batch_size=int(args.batch_sizes), add_bos_token=bos
    )
    requests = [
        Instance("loglikelihood", {}, (item["context"], choice), index)
        for index, item in enumerate(items)
        for choice in item["choices"]
    ]

    def score() -> list[float]:
        return [value for value, _ in model.loglikelihood(requests, disable_tqdm=True)]

    return score, {"lm_eval": version("lm_eval")}


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="local checkpoint folder")
    asked = parser.add_mutually_exclusive_group(required=True)
    asked.add_argument("--data", type=Path, help="folder that `xleval build-polyfact` made")
    asked.add_argument("--items", type=Path, help="JSONL file of items")
    parser.add_argument("--langs", default="en,sw,ar,zh,ru,bn", help="languages of --data")
    parser.add_argument("--limit", type=int, help="only the first items")
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--batch-sizes", default="1,8,16,32", help="of lm-eval; the best is used")
    parser.add_argument("--side", choices=["xleval", "lm-eval"], help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
