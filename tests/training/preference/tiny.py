"""A tiny random checkpoint as a folder, and pairs whose languages are told apart by their letters."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast, set_seed

from xleval.training.config.schema import DataConfig, LossConfig, MonitorConfig, TrainConfig
from xleval.training.sets.records import FactPairRow, PairRow

#: A template like ChatML: the end of a turn is the token <end>.
TEMPLATE = (
    "<s>{% for m in messages %}{{ m['role'] }}:{{ m['content'] }}<end>\n{% endfor %}"
    "{% if add_generation_prompt %}assistant:{% endif %}"
)
_SPECIAL = ("<pad>", "<s>", "<eos>", "<end>")


def tokenizer(*, chat: bool = False) -> PreTrainedTokenizerFast:
    """Bytes as tokens, with a BOS in front of every text."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    made = Tokenizer(models.BPE(vocab={t: i for i, t in enumerate([*_SPECIAL, *letters])}, merges=[]))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens(list(_SPECIAL))
    made.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    return PreTrainedTokenizerFast(
        tokenizer_object=made, bos_token="<s>", eos_token="<eos>", pad_token="<pad>",
        chat_template=TEMPLATE if chat else None,
    )  # fmt: skip


def model(seed: int = 0) -> LlamaForCausalLM:
    """Two layers of random weights, large enough that its distributions are not flat."""
    set_seed(seed)
    return LlamaForCausalLM(LlamaConfig(
        vocab_size=260, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
        bos_token_id=1, eos_token_id=2, pad_token_id=0, initializer_range=0.2, max_position_embeddings=256,
    ))  # fmt: skip


def folder(out: Path, *, chat: bool = False) -> Path:
    """Save model and tokenizer as a checkpoint."""
    model().save_pretrained(out)
    tokenizer(chat=chat).save_pretrained(out)
    return out


def pair_rows(n: int = 8, langs: Sequence[str] = ("xx",), split: str = "train") -> list[PairRow]:
    """English is written in small letters, the target in capitals: what a preference for a language is seen by."""
    return [
        PairRow(
            item_id=f"{split}{place}", lang=lang, english_prompt=f"ask {place}:", english_answer=f" it is {place} so",
            target_prompt=f"ASK {place}:", target_answer=f" {lang.upper()} {place}",
        )
        for place in range(n) for lang in langs
    ]  # fmt: skip


def fact_pair_rows(n: int = 8) -> list[FactPairRow]:
    """Facts in two languages, with two options of different lengths."""
    return [
        FactPairRow(
            item_id=f"f{place}", langs=("en", "es"), prompts=(f"capital {place}?", f"CAPITAL {place}?"),
            chosen=(f" one{place}", f" UNO {place}"), rejected=(f" other{place}", f" OTRO{place}"),
        )
        for place in range(n)
    ]  # fmt: skip


def config(kind: Any, model_folder: Path, **changes: Any) -> TrainConfig:
    """A training of a few steps; `trainer` and `loss` in `changes` are added to it."""
    trainer = {
        "learning_rate": 1e-2, "per_device_train_batch_size": 2, "num_train_epochs": 1, "save_strategy": "no",
        "gradient_checkpointing": False, "lr_scheduler_type": "constant", **changes.pop("trainer", {}),
    }  # fmt: skip
    return TrainConfig(
        kind=kind, name="tiny", model=str(model_folder), data=DataConfig(source="here", langs=("en", "xx")),
        loss=changes.pop("loss", LossConfig()), monitor=MonitorConfig(limit=2), trainer=trainer, **changes,
    )  # fmt: skip
