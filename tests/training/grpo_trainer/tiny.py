"""A tiny random checkpoint and prompts in three languages for trainings that take a second."""

from typing import Any

from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast, set_seed

from xleval.training.installed import import_trl

import_trl()  # quietly, before a test imports from it
LANGS = ("en", "de", "sw")


def tokenizer() -> PreTrainedTokenizerFast:
    """Bytes as tokens, so that any sampled ids are a text."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    made = Tokenizer(models.BPE(vocab={t: i for i, t in enumerate(["<pad>", "<eos>", *letters])}, merges=[]))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(tokenizer_object=made, eos_token="<eos>", pad_token="<pad>", padding_side="left")


def model(seed: int = 0, dropout: float = 0.0) -> LlamaForCausalLM:
    """Two layers of random weights, large enough that its distributions are not flat."""
    set_seed(seed)
    return LlamaForCausalLM(LlamaConfig(
        vocab_size=258, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
        eos_token_id=1, pad_token_id=0, initializer_range=0.2, attention_dropout=dropout,
    ))  # fmt: skip


def rows(n_items: int = 6, langs: tuple[str, ...] = LANGS, stop: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """Prompts of different lengths, so that batches have padding on the left."""
    return [
        {
            "prompt": f"{lang}: {'what is ' * ((place + number) % 3)}{place} + {number}?", "item_id": f"q{place}", "lang": lang,
            "gold": str(place + number), "copy": 0, "stop": list(stop),
        }
        for place in range(n_items) for number, lang in enumerate(langs)
    ]  # fmt: skip


def dataset(**options: Any) -> Any:
    from datasets import Dataset

    return Dataset.from_list(rows(**options))


def byte_share(completions: list[str], **_: Any) -> list[float]:
    """Share of characters below "m": differs between roll-outs and can be learnt."""
    return [sum(c < "m" for c in text) / max(1, len(text)) for text in completions]


def train(
    out: Any, rules: Any = None, *, functions: Any = (byte_share,), data: Any = None, made: Any = None, **more: Any
) -> Any:
    """Return a trainer that has trained: ours with rules, TRL's own without."""
    from trl import GRPOConfig, GRPOTrainer

    from xleval.training.grpo.trainer import CrossLingualGRPOTrainer

    trainer_class: Any = GRPOTrainer if rules is None else CrossLingualGRPOTrainer
    trainer = trainer_class(
        model=made or model(), reward_funcs=list(functions), args=GRPOConfig(**settings(out, **more)),
        train_dataset=dataset() if data is None else data, processing_class=tokenizer(),
        **({} if rules is None else {"rules": rules}),
    )  # fmt: skip
    trainer.train()
    return trainer


def plan(**more: int) -> Any:
    """Return the sizes that `settings` has."""
    from xleval.training.grpo.batches import BatchPlan

    sizes = {
        "rows_per_item": 3, "n_generations": 2, "per_device": 6, "accumulate": 1, "per_generation": 1, "n_iterations": 1,
        "n_processes": 1,
    }  # fmt: skip
    return BatchPlan(**{**sizes, **more})


def losses(trainer: Any) -> list[float]:
    return [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]


def settings(out: Any, **more: Any) -> dict[str, Any]:
    """Arguments of GRPOConfig: 3 languages x 2 roll-outs a step."""
    return {
        "output_dir": str(out), "use_cpu": True, "bf16": False, "max_steps": 4, "per_device_train_batch_size": 6,
        "num_generations": 2, "steps_per_generation": 1, "gradient_accumulation_steps": 1,
        "max_completion_length": 8, "logging_steps": 1, "report_to": [], "save_strategy": "no", "disable_tqdm": True,
        "seed": 1, "learning_rate": 1e-2, "shuffle_dataset": False, **more,
    }  # fmt: skip
