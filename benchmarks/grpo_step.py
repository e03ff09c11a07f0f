"""Time of a GRPO step of `CrossLingualGRPOTrainer`, monitor included, against TRL's GRPOTrainer with the same settings.

Bar: at most 5 % slower. Both train in one process, in the order ABBA (E15), on the same prompts with the same sizes; every
roll-out has the same number of tokens, so both do the same work.
`python benchmarks/grpo_step.py [--model FOLDER] [--pairs 12] [--steps 4] [--languages 3] [--roll-outs 4] [--tokens 24]`
prints one JSON object: the median ratio of the pairs with its 95 % interval (order statistics), in wall time and in CPU time
of the process, the second for a machine that others use too; the same against TRL on a GPU's footing, with the whole prompt
scored (`--score-prompts`). A tiny random checkpoint is made where no folder is named; --lora 8 trains an adapter.
"""

import argparse
import gc
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from xleval.training.installed import import_trl

import_trl()

import torch  # noqa: E402
from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback  # noqa: E402
from transformers.utils import logging  # noqa: E402

from xleval.training.config.schema import DataConfig, PoolingConfig, RewardConfig, TrainConfig  # noqa: E402
from xleval.training.grpo.batches import fill_batches, plan_batches  # noqa: E402
from xleval.training.grpo.trainer import CrossLingualGRPOTrainer, GroupRules  # noqa: E402
from xleval.training.monitor.monitor import Monitor  # noqa: E402
from xleval.training.outcome import TrainJob  # noqa: E402

BAR = 1.05
LANGS = ("en", "de", "fr", "es", "pt", "ru", "zh", "ja", "ko", "th", "sw", "bn")


class Clock(TrainerCallback):
    """Times every optimiser step, sampling and reward included; the first is left out."""

    def __init__(self) -> None:
        self.wall: list[float] = []
        self.cpu: list[float] = []

    def on_step_begin(self, *_: Any, **__: Any) -> None:
        """Start the clocks."""
        self._began = time.perf_counter(), time.process_time()

    def on_step_end(self, *_: Any, **__: Any) -> None:
        """Stop them."""
        self.wall.append(time.perf_counter() - self._began[0])
        self.cpu.append(time.process_time() - self._began[1])


def vowel_share(completions: list[str], **_: Any) -> list[float]:
    return [sum(c in "aeiou" for c in text) / max(1, len(text)) for text in completions]


def rows(langs: tuple[str, ...], n_items: int) -> list[dict[str, Any]]:
    return [
        {
            "prompt": f"{lang}: " + "which city is the capital of this country? " * 8 + f"{place}",
            "item_id": f"q{place}", "lang": lang, "gold": "x", "copy": 0, "stop": [],
        }
        for place in range(n_items) for lang in langs
    ]  # fmt: skip


def run(arm: str, folder: str, args: argparse.Namespace) -> Clock:
    """Train one arm and return the times of its steps."""
    from datasets import Dataset
    from trl import GRPOConfig, GRPOTrainer

    torch.manual_seed(0)
    langs = LANGS[: args.languages]
    config = TrainConfig(
        kind="grpo", name="benchmark", model=folder, data=DataConfig(source="-", langs=langs), pooling=PoolingConfig(),
        rewards=(RewardConfig(name="random"),), trainer={"num_generations": args.roll_outs},
    )  # fmt: skip
    clock = Clock()
    with tempfile.TemporaryDirectory() as out:
        sizes: dict[str, Any] = {**fill_batches(config), "save_strategy": "no"}
        settings = GRPOConfig(
            output_dir=out, use_cpu=not torch.cuda.is_available(), bf16=False, max_steps=args.steps + 1, report_to="none",
            max_completion_length=args.tokens, shuffle_dataset=False, disable_tqdm=True, logging_steps=1,
            generation_kwargs={"min_new_tokens": args.tokens}, **sizes,
        )  # fmt: skip
        common: dict[str, Any] = {
            "model": AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32), "reward_funcs": [vowel_share],
            "args": settings, "train_dataset": Dataset.from_list(rows(langs, args.steps + 2)),
            "processing_class": AutoTokenizer.from_pretrained(folder, padding_side="left"), "callbacks": [clock],
        }  # fmt: skip
        if args.lora:
            from peft import LoraConfig

            common["peft_config"] = LoraConfig(r=args.lora, target_modules="all-linear")
        if arm == "trl":
            trainer: Any = GRPOTrainer(**common)
        else:
            monitor = Monitor(config, TrainJob(out=Path(out)))
            rules = GroupRules(
                plan=plan_batches(config), pooled=True, shuffle=False, observer=monitor.record,
                answers_only=not args.score_prompts,
            )  # fmt: skip
            trainer = CrossLingualGRPOTrainer(rules=rules, **common)
            monitor.attach(trainer)
        trainer.log = lambda *_, **__: None  # nothing is printed; both arms alike
        trainer.train()
    trainer = None
    common.clear()
    gc.collect()  # the next arm makes a model of its own
    return clock


def interval(ratios: list[float]) -> list[float]:
    """Return the 95 % interval of the median by order statistics (binomial, at least that coverage)."""
    from scipy.stats import binom

    ordered, n = sorted(ratios), len(ratios)
    low = int(binom.ppf(0.025, n, 0.5)) - 1
    return [ordered[max(0, low)], ordered[min(n - 1, n - 1 - low)]]


def compare(folder: str, args: argparse.Namespace) -> dict[str, Any]:
    """Return the ratios of pairs in the order ABBA."""
    ratios: dict[str, list[float]] = {"wall": [], "cpu": []}
    seconds: list[float] = []
    for pair in range(args.pairs):
        order = ("trl", "xleval") if pair % 2 == 0 else ("xleval", "trl")
        clocks = {arm: run(arm, folder, args) for arm in order}
        seconds.append(sum(clocks["trl"].cpu[1:]) / args.steps)
        for name, found in ratios.items():
            ours, theirs = (sum(getattr(clocks[arm], name)[1:]) for arm in ("xleval", "trl"))
            found.append(ours / theirs)
    figures: dict[str, Any] = {"pairs": args.pairs, "trl_cpu_s_per_step": round(statistics.median(seconds), 4)}
    for name, found in ratios.items():
        low, high = interval(found)
        verdict = "not resolved" if high - low > 0.03 or args.pairs < 10 else "met" if high <= BAR else "missed"
        figures[name] = {
            "ratio": round(statistics.median(found), 4), "interval": [round(low, 4), round(high, 4)], "bar": verdict,
        }  # fmt: skip
    return figures


def tiny_checkpoint(folder: str) -> str:
    """Write a random checkpoint of four layers whose tokens are bytes."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    made = Tokenizer(models.BPE(vocab={t: i for i, t in enumerate(["<pad>", "<eos>", *letters])}, merges=[]))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    PreTrainedTokenizerFast(tokenizer_object=made, eos_token="<eos>", pad_token="<pad>").save_pretrained(folder)
    LlamaForCausalLM(LlamaConfig(
        vocab_size=258, hidden_size=128, intermediate_size=256, num_hidden_layers=4, num_attention_heads=4,
        eos_token_id=1, pad_token_id=0,
    )).save_pretrained(folder)  # fmt: skip
    return folder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model")
    parser.add_argument("--lora", type=int, default=0)
    parser.add_argument("--score-prompts", action="store_true")
    for name, default in (("pairs", 12), ("steps", 4), ("languages", 3), ("roll-outs", 4), ("tokens", 24)):
        parser.add_argument(f"--{name}", type=int, default=default)
    args = parser.parse_args()
    logging.disable_progress_bar()
    with tempfile.TemporaryDirectory() as folder:
        figures = compare(args.model or tiny_checkpoint(folder), args)
    model = Path(args.model).name if args.model else "tiny"
    print(json.dumps({"model": model, "threads": torch.get_num_threads(), **figures}))


if __name__ == "__main__":
    main()
