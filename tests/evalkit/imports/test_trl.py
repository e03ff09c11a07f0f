"""Roll-outs of a real GRPO training (TRL as installed, 1.16 on 2026-11-21) of a tiny random checkpoint."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from xleval.evalkit.imports import import_samples
from xleval.evalkit.imports.fields import parse_map

# Four prompts, two roll-outs each, made at steps 1 and 3; steps 2 and 4 train on them a second time.
TRAINING = """
import sys
from datasets import Dataset
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import GRPOConfig, GRPOTrainer

checkpoint, out = sys.argv[1:]
rows = [
    {"prompt": f"{lang}: 2 + {n}?\\n", "answer": str(2 + n), "lang": lang, "item_id": f"q{n}"}
    for n in range(2) for lang in ("sw", "en")
]

def length_reward(completions, answer, lang, item_id, log_extra, **_):
    for name, values in (("answer", answer), ("lang", lang), ("item_id", item_id)):
        log_extra(name, list(values))
    return [float(len(text)) for text in completions]

config = GRPOConfig(
    output_dir=out, use_cpu=True, bf16=False, max_steps=4, per_device_train_batch_size=4, num_generations=2,
    steps_per_generation=2, gradient_accumulation_steps=1, max_completion_length=8, log_completions=True,
    logging_steps=1, report_to=[], save_strategy="no", disable_tqdm=True, seed=1,
)
GRPOTrainer(
    model=AutoModelForCausalLM.from_pretrained(checkpoint), processing_class=AutoTokenizer.from_pretrained(checkpoint),
    args=config, reward_funcs=[length_reward], train_dataset=Dataset.from_list(rows),
).train()
"""


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, tiny_checkpoint: Callable[[str], Path]) -> Path:
    pytest.importorskip("trl")
    pytest.importorskip("datasets")
    out = tmp_path_factory.mktemp("trl") / "run"
    # in a process of its own: TRL warns at import of the vLLM versions it was not tested with
    command = [sys.executable, "-c", TRAINING, str(tiny_checkpoint("llama")), str(out)]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=out.parent, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return out


def rows_of(trained: Path, step: int) -> list[dict[str, object]]:
    from pyarrow import parquet

    found: list[dict[str, object]] = parquet.read_table(
        trained / f"completions/completions_{step:05d}.parquet"
    ).to_pylist()
    return found


def test_every_rollout_is_read_once(trained: Path) -> None:
    samples, report = import_samples("trl", trained)
    # what is asserted below is that TRL repeats them: without that the rule would be tested on nothing
    assert [row["completion"] for row in rows_of(trained, 1)] == [row["completion"] for row in rows_of(trained, 2)]
    assert report.left_out == {"the same roll-outs as at the step before": 16}
    assert report.n_samples == {"run": {"en": 8, "sw": 8}}
    assert [file.name for file in report.files] == [f"completions/completions_{step:05d}.parquet" for step in (1, 3)]
    rows = [*rows_of(trained, 1), *rows_of(trained, 3)]
    assert [sample.completion for sample in samples] == [row["completion"] for row in rows]
    for sample, row in zip(samples, rows, strict=True):
        assert (sample.lang, sample.item_id, sample.gold, sample.prompt) == (
            row["lang"], row["item_id"], row["answer"], row["prompt"],
        )  # fmt: skip
        assert sample.grouping() == {name: row[name] for name in ("step", "length_reward", "advantage")}


def test_rollouts_of_an_item_are_numbered_over_the_steps(trained: Path) -> None:
    samples, _ = import_samples("trl", trained)
    of_q1 = [sample for sample in samples if (sample.lang, sample.item_id) == ("sw", "q1")]
    assert [sample.sample_index for sample in of_q1] == [0, 1, 2, 3]
    assert [sample.grouping()["step"] for sample in of_q1] == [1, 1, 3, 3]


def test_one_file_and_a_reward_as_verdict(trained: Path) -> None:
    file = trained / "completions/completions_00003.parquet"
    samples, report = import_samples("trl", file, fields=parse_map(["lang=@sw", "task=@sums", "correct=length_reward"]))
    assert report.n_samples == {"sums": {"sw": 8}}
    # a reward of 1 or 0 is a verdict; these rewards are lengths, and are none
    assert all(("tool_correct" in s.grouping()) == (s.grouping()["length_reward"] in (0.0, 1.0)) for s in samples)


def test_conversations(tmp_path: Path) -> None:
    """A table of the documented shape: with conversational data prompts and completions are lists of messages."""
    import pyarrow
    from pyarrow import parquet

    row = {
        "step": 1,
        "prompt": [{"role": "system", "content": "Kiswahili!"}, {"role": "user", "content": "2 + 2?"}],
        "completion": [{"role": "assistant", "content": "Jibu ni 4."}],
        "accuracy_reward": 1.0, "format_reward": float("nan"), "solution": "$4$", "advantage": 0.5,
    }  # fmt: skip
    folder = tmp_path / "grpo_sw" / "completions"
    folder.mkdir(parents=True)
    parquet.write_table(pyarrow.Table.from_pylist([row]), folder / "completions_00001.parquet")
    (sample,), report = import_samples("trl", tmp_path / "grpo_sw")
    assert (sample.task, sample.lang) == ("grpo", "sw")
    assert sample.prompt == "system: Kiswahili!\n\nuser: 2 + 2?"
    assert (sample.completion, sample.prediction, sample.correct) == ("Jibu ni 4.", "4", True)
    assert sample.grouping() == {"step": 1, "accuracy_reward": 1.0, "advantage": 0.5, "tool_correct": "yes"}
    assert len(sample.item_id) == 16  # of the prompt, for want of an id
    assert report.agreement["grpo"].both_right == 1
