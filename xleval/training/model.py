"""The model that a training starts from: weights, tokenizer, and which weights are trained."""

import random
from dataclasses import dataclass, field
from typing import Any

from xleval.errors import ConfigError
from xleval.evalkit.checkpoints import Checkpoint, inspect_checkpoint
from xleval.training.config.schema import TrainConfig
from xleval.training.installed import import_trl
from xleval.training.trained_modules import attention_modules, freeze_all_but, linear_modules, lora_targets

#: Model types that are trained with a BOS in front, as in `evalkit.backends.hf_encode`.
_TRAINED_WITH_BOS = "gemma"
_DTYPES = ("float32", "bfloat16", "float16")


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A model ready for a trainer.

    Attributes:
        model: of transformers, or of peft with a LoRA adapter; on the CPU, where the trainer takes it from.
        tokenizer: with a padding token; it puts a BOS in front of a text where the model needs one.
        checkpoint: what it was loaded from.
        n_trainable, n_parameters: weights that are trained, and all, the adapter's included.
        notes: what was decided on the way, a sentence each.
    """

    model: Any
    tokenizer: Any
    checkpoint: Checkpoint
    n_trainable: int
    n_parameters: int
    notes: tuple[str, ...] = field(default=())


def inspect_for_training(config: TrainConfig) -> Checkpoint:
    """Return the checkpoint that a training starts from, checked before anything heavy is loaded.

    Raises:
        ConfigError: a file is missing, the weights are pickled or GGUF, or a new adapter would stand on an adapter.
        DataError: a file is damaged.
        BackendError: the hub does not have the model or does not answer.
    """
    checkpoint = inspect_checkpoint(config.model)
    if checkpoint.gguf_file:
        raise ConfigError(
            f"model {config.model}: GGUF weights ({checkpoint.gguf_file}) are quantised and can be run, not trained. Give "
            "the checkpoint in safetensors that it was made from"
        )
    if checkpoint.adapter is not None and config.lora is not None:
        raise ConfigError(
            f"model {config.model}: a LoRA adapter, and lora is set: an adapter on an adapter is nothing that other tools "
            "can load. Merge the first into its base (peft: merge_and_unload, then save_pretrained for model and "
            "tokenizer) and give that folder, or train all weights: --set lora=null"
        )
    return checkpoint


def load_for_training(config: TrainConfig) -> Loaded:
    """Return model and tokenizer as a trainer takes them; the same config gives the same weights.

    Weights are float32 on a CPU. On a GPU a model trained in full stays in float32 and computes in bfloat16 where
    `trainer.bf16` says so: steps of a learning rate of 1e-6 are below what bfloat16 can add to a weight. Under LoRA the
    frozen weights are bfloat16 and the adapter float32. `trainer.model_init_kwargs.dtype` decides otherwise. A model
    that is a LoRA adapter is merged into its base.

    Raises:
        ConfigError: see `inspect_for_training`; also an unknown module or setting.
        DataError: a file of the checkpoint is damaged.
        BackendError: transformers cannot load it, or it does not fit into memory.
        MissingExtra: a package of the extra `train` is not installed.
    """
    checkpoint = inspect_for_training(config)
    options = init_options(config)
    import_trl()
    import torch

    from xleval.evalkit.backends.hf_encode import load_encoder
    from xleval.evalkit.backends.hf_load import load_model

    dtype = str(options["dtype"]) if "dtype" in options else default_dtype(config, has_gpu=torch.cuda.is_available())
    tokenizer: Any = load_encoder(checkpoint).tokenizer
    _seed(config.seed)
    model: Any = load_model(checkpoint, dtype=dtype, device=torch.device("cpu"))
    if "attn_implementation" in options:
        _set_attention(model, str(options["attn_implementation"]))
    notes = [f"weights loaded in {dtype}", *_prepare_tokenizer(tokenizer, model, checkpoint)]
    if checkpoint.adapter is not None:
        notes.append("the LoRA adapter of the model was merged into its base")
    model = _choose_weights(model, config, checkpoint)
    model.train()
    sizes = [(weight.numel(), weight.requires_grad) for weight in model.parameters()]
    n_trainable = sum(size for size, trained in sizes if trained)
    n_parameters = sum(size for size, _ in sizes)
    notes.append(f"{n_trainable:,} of {n_parameters:,} weights are trained")
    return Loaded(
        model=model,
        tokenizer=tokenizer,
        checkpoint=checkpoint,
        n_trainable=n_trainable,
        n_parameters=n_parameters,
        notes=tuple(notes),
    )


def default_dtype(config: TrainConfig, *, has_gpu: bool) -> str:
    """Return what weights are loaded in where the config does not say: bfloat16 only where they are frozen on a GPU."""
    if not has_gpu or config.lora is None:
        return "float32"
    return "bfloat16" if config.trainer.get("bf16") is not False else "float32"


def init_options(config: TrainConfig) -> dict[str, object]:
    """Return the settings of loading that a config has under `trainer.model_init_kwargs`."""
    given = config.trainer.get("model_init_kwargs") or {}
    if not isinstance(given, dict) or set(given) - {"dtype", "attn_implementation"}:
        found = ", ".join(map(str, given)) if isinstance(given, dict) else repr(given)
        raise ConfigError(
            f"trainer.model_init_kwargs: {found}; known are dtype and attn_implementation. Code of a checkpoint is never "
            "run and pickles are never read"
        )
    if "dtype" in given and given["dtype"] not in _DTYPES:
        raise ConfigError(f"trainer.model_init_kwargs.dtype {given['dtype']!r}: known are {', '.join(_DTYPES)}")
    return dict(given)


def _seed(seed: int) -> None:
    """Seed what draws the weights of an adapter and dropout."""
    import numpy
    import torch

    random.seed(seed)
    numpy.random.seed(seed % 2**32)
    torch.manual_seed(seed)


def _set_attention(model: Any, name: str) -> None:
    try:
        model.set_attn_implementation(name)
    except (ValueError, ImportError) as error:
        raise ConfigError(f"trainer.model_init_kwargs.attn_implementation {name!r}: {error}") from error


def _prepare_tokenizer(tokenizer: Any, model: Any, checkpoint: Checkpoint) -> list[str]:
    """Give the tokenizer what training needs, without a new token; return what was changed."""
    notes = []
    n_rows = model.get_input_embeddings().weight.shape[0]
    pad = tokenizer.pad_token_id
    if tokenizer.eos_token_id is None:
        raise ConfigError(
            f"model {checkpoint.name}: its tokenizer has no end-of-text token, so a model could not learn where an answer "
            "ends; set eos_token in its tokenizer_config.json"
        )
    if pad is None or pad >= n_rows:
        tokenizer.pad_token = tokenizer.eos_token
        notes.append(f"no padding token in the vocabulary: {tokenizer.eos_token} pads; padding is masked by place")
    model.config.get_text_config().pad_token_id = tokenizer.pad_token_id
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    if checkpoint.model_type.startswith(_TRAINED_WITH_BOS) and _lacks_bos(tokenizer):
        # as xleval run does for these models; TRL tokenises prompts of GRPO itself
        tokenizer.add_bos_token = True
        tokenizer.update_post_processor()
        notes.append(f"{tokenizer.bos_token} is put before every text: the tokenizer's file had lost it")
    return notes


def _lacks_bos(tokenizer: Any) -> bool:
    bos = tokenizer.bos_token_id
    return bos is not None and tokenizer("a", verbose=False)["input_ids"][:1] != [bos]


def _choose_weights(model: Any, config: TrainConfig, checkpoint: Checkpoint) -> Any:
    """Return the model with the weights that are trained unfrozen: all, those of attention, or an adapter's."""
    if config.lora is not None:
        return _with_lora(model, config, checkpoint)
    model.requires_grad_(True)  # merging an adapter leaves its base frozen
    if config.modules == "attention":
        freeze_all_but(model, attention_modules(model, checkpoint.model_type))
    return model


def _with_lora(model: Any, config: TrainConfig, checkpoint: Checkpoint) -> Any:
    from peft import LoraConfig, get_peft_model

    lora = config.lora
    if lora is None:
        return model
    if config.modules == "attention" and not lora.targets:
        names = attention_modules(model, checkpoint.model_type)
    else:
        names = lora_targets(linear_modules(model), lora.targets, checkpoint.name)
    # a hub id with its revision, or the folder: what `xleval run --model ADAPTER` looks up
    base = str(checkpoint.path.resolve()) if checkpoint.is_local else checkpoint.name
    adapted: Any = get_peft_model(
        model,
        LoraConfig(
            r=lora.r,
            lora_alpha=lora.alpha,
            lora_dropout=lora.dropout,
            target_modules=names,
            task_type="CAUSAL_LM",
        ),
    )
    for settings in adapted.peft_config.values():
        settings.base_model_name_or_path, settings.revision = base, checkpoint.revision
    if config.trainer.get("gradient_checkpointing", True):
        adapted.enable_input_require_grads()  # else no gradient reaches a checkpointed block of frozen inputs
    return adapted
