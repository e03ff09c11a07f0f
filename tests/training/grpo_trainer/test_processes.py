"""Two processes against one: the same pooled rewards, the same figures by language, the same schedule."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("trl")

SCRIPT = """
import json, os, sys
from pathlib import Path
from tests.training.grpo_trainer import tiny
from xleval.training.grpo.trainer import CrossLingualGRPOTrainer, GroupRules

def greedy(settings):  # the same answers in any process: sampling draws other numbers in each
    return {**settings, "generation_kwargs": {"do_sample": False, "top_p": None, "temperature": None}}

def pooled(prompts, completions, item_id, lang, log_metric, **_):
    values = [float(len(set(text)) + place % 2) for place, text in enumerate(completions)]  # of roll-outs 0 and 1
    sums = {(i, p % 2): 0.0 for p, i in enumerate(item_id)}
    for place, value in enumerate(values):
        sums[item_id[place], place % 2] += value
    for each, value in zip(lang, values):
        log_metric(f"own/{each}", value)
    return [sums[each, place % 2] for place, each in enumerate(item_id)]

n = int(os.environ.get("WORLD_SIZE", "1"))
plan = tiny.plan(per_device=12 // n, n_processes=n)
seen = []
rules = GroupRules(plan=plan, pooled=True, observer=lambda step, each: seen.append([(r.step, r.lang, r.prompt, r.reward,
    r.advantage, r.n_tokens, round(r.entropy, 4)) for r in each]))
settings = greedy({"per_device_train_batch_size": 12 // n, "max_steps": 3, "learning_rate": 1e-3})
trainer = tiny.train(sys.argv[1], rules, functions=[pooled], **settings)
if trainer.accelerator.is_main_process:
    Path(sys.argv[1], "seen.json").write_text(json.dumps({"seen": seen, "log": trainer.state.log_history}))
"""


def trained(folder: Path, n_processes: int) -> dict[str, Any]:
    folder.mkdir()
    script = folder / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    launch = [sys.executable, "-m", "accelerate.commands.launch", "--cpu", "--num_processes", str(n_processes)]
    launch += ["--num_machines", "1", "--mixed_precision", "no", "--dynamo_backend", "no", "--main_process_port", "0"]
    command = [*launch, str(script)] if n_processes > 1 else [sys.executable, str(script)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path(__file__).parents[3])}
    done = subprocess.run([*command, str(folder)], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads((folder / "seen.json").read_text())
    return found


@pytest.mark.slow
def test_two_processes_agree_with_one(tmp_path: Path) -> None:
    """Twelve roll-outs of two items a step: one process holds both items, two hold one each (gloo, 2026-11-21)."""
    one, two = (trained(tmp_path / str(n), n) for n in (1, 2))
    assert two["seen"] == one["seen"]
    assert len(one["seen"]) == 3
    for alone, together in zip(one["log"], two["log"], strict=True):
        names = [
            name for name in alone
            if name.startswith(("reward", "own/", "advantage", "frac", "completions/mean_length", "entropy/", "learning"))
        ]  # fmt: skip
        assert {name: together.get(name) for name in names} == pytest.approx(
            {name: alone[name] for name in names}, abs=1e-4
        )
        assert len(names) > 15 or "train_runtime" in alone
    norms = [[entry["grad_norm"] for entry in found["log"] if "grad_norm" in entry] for found in (one, two)]
    assert norms[1] == pytest.approx(norms[0], rel=1e-3)
