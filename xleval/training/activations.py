"""Memory of what is kept between forward and backward pass, and of the cache of generation: estimates.

Counted as in arXiv:2205.05198, section 4.1, by what each operation saves, for a block with a gated MLP, in numbers of a
token: six of the model's width (residual sums, inputs of the norms and of the projections), eight of the queries' width
(queries, keys and values before and after their rotation and repetition, the attention's result and its copy), keys and
values once more, and four of the MLP's width. With gradient checkpointing only the input of every block is kept, and one
block is computed again at a time.

On the CPU the heap of the C library seldom takes a freed piece of memory again for one of the same size, so that about half
of what a block computes stays although nothing needs it; only pieces of 32 MB and more go back to the system at once
(mallopt(3), M_MMAP_THRESHOLD). Seen with Gemma-3-270M, 4 x 276 tokens, LoRA, checkpointing, 2026-11-22: 1.0 to 1.6 GB more
than with `MALLOC_MMAP_THRESHOLD_=262144`, with which the figures are those of the first paragraph.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from xleval.training.config.schema import DataConfig, Kind, TrainConfig
from xleval.training.model_size import ModelSize

ASSUMED_TOKENS = 512
#: Prompts whose length nobody knows yet: facts are short questions, also with their options.
_PROMPT, _FACT = 256, 128
_OPTION = 32  # tokens of the longest name of an option
_BATCH = 8  # per device, of transformers
_COMPLETION = 256  # max_completion_length of TRL 1.16
_AT_ONCE = 64  # sequences that CM-Align draws together
#: Sequences that a row of a batch makes.
_SEQUENCES: Mapping[Kind, int] = {"grpo": 1, "sft": 1, "cpt": 1, "clo": 4, "dco": 4, "cm-align": 2}
#: Kinds whose trainer never holds all logits of a batch: TRL 1.16 projects them in tiles of tokens x vocabulary.
_TILED = ("grpo", "sft", "cpt")
_TILE = (4096, 32768)
#: Copies of a tile that the backward pass holds, in float32 without Triton; with it, one of the type computed with.
_TILE_COPIES = 8
_GIVEN_BACK = 2**25  # bytes of a piece that the C library gives back to the system at once
#: Logits of answers, those picked out of them, and two gradients, at 4 bytes.
_LOGITS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """Bytes of a number that is computed with, and of a weight (keys and values are kept in its type); where."""

    computed: int
    stored: int
    on_cpu: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """Memory that passes: bytes of activations and of generation, which take turns, and what was assumed."""

    activations: float
    generation: float
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lengths:
    """Tokens of a prompt, and of a prompt with its answer, and those whose logits a preference loss needs."""

    prompt: int
    whole: int
    answer: int
    notes: tuple[str, ...]


def passing_memory(config: TrainConfig, size: ModelSize, numbers: Numbers) -> Passing:
    """Return the memory of a step beside weights, gradients and optimiser.

    Args:
        config: the training.
        size: of its model.
        numbers: their bytes.
    """
    batch, lengths = whole_number(config, "per_device_train_batch_size", _BATCH), _lengths(config)
    sequences = batch * _SEQUENCES[config.kind]
    tokens = sequences * lengths.whole
    parts = ((6, size.hidden), (8, size.q_width), (2, size.kv_width), (4, size.intermediate))
    block = sum(n * width for n, width in parts)
    kept = block
    if config.trainer.get("gradient_checkpointing", True):
        in_heap = [n * width for n, width in parts if tokens * width * numbers.computed < _GIVEN_BACK]
        kept = size.hidden + (sum(in_heap) // 2 if numbers.on_cpu else 0)
    held = tokens * size.layers * kept * numbers.computed
    again = tokens * 2 * block * numbers.computed  # a block and its gradients
    activations = held + max(again, _head(config, size, numbers, tokens, sequences * lengths.answer))
    return Passing(
        activations=activations,
        generation=_generation(config, size, batch, lengths, numbers.stored),
        notes=lengths.notes,
    )


def _head(config: TrainConfig, size: ModelSize, numbers: Numbers, tokens: int, answers: int) -> float:
    """Return the bytes of the output layer's backward pass: what it reads, its gradient, and logits."""
    read = tokens * size.hidden * 4 * 2
    if config.kind not in _TILED:
        return read + answers * size.vocabulary * 4 * _LOGITS
    tile = min(tokens, _TILE[0]) * min(size.vocabulary, _TILE[1])
    return read + tile * (4 * _TILE_COPIES if numbers.on_cpu else numbers.computed)


def _lengths(config: TrainConfig) -> _Lengths:
    """Return the tokens of a sequence, and what was assumed about them."""
    prompt = _FACT if _asks_facts(config.data) else _PROMPT
    if config.kind == "grpo":
        answer = whole_number(config, "max_completion_length", _COMPLETION)
        note = f"the length of prompts is taken as {prompt} tokens"
        return _Lengths(prompt=prompt, whole=prompt + answer, answer=answer, notes=(note,))
    given = config.trainer.get("max_length")
    most = given if isinstance(given, int) else ASSUMED_TOKENS
    answers = {"dco": _OPTION, "cm-align": config.loss.max_new_tokens}
    if config.kind in answers:  # `max_length` leaves out what is longer; most are far shorter
        answer = answers[config.kind]
        note = f"the length of prompts is taken as {prompt} tokens, of answers as {answer}"
        return _Lengths(prompt=prompt, whole=min(most, prompt + answer), answer=min(most, answer), notes=(note,))
    notes = () if isinstance(given, int) else (f"lengths that are not set are taken as {ASSUMED_TOKENS} tokens",)
    return _Lengths(prompt=prompt, whole=most, answer=most, notes=notes)


def _asks_facts(data: DataConfig) -> bool:
    from xleval.training.sets.item_set import EMBEDDED, is_facts

    path = Path(data.source)
    return is_facts(path) if path.is_dir() else data.source == EMBEDDED


def _generation(config: TrainConfig, size: ModelSize, batch: int, lengths: _Lengths, weight_bytes: int) -> float:
    """Return the bytes of keys and values of the prompts that are answered at once, and of their last logits."""
    if config.kind == "grpo" and not config.trainer.get("use_vllm"):
        steps = whole_number(config, "steps_per_generation", whole_number(config, "gradient_accumulation_steps", 1))
        n_rows, tokens = batch * steps, lengths.whole
    elif config.kind == "cm-align":
        n_rows = max(1, _AT_ONCE // config.loss.samples) * config.loss.samples
        tokens = lengths.prompt + config.loss.max_new_tokens
    else:
        return 0.0
    cache = 2 * size.layers * size.kv_width * weight_bytes
    return n_rows * (tokens * cache + 3 * 4 * size.vocabulary)


def whole_number(config: TrainConfig, name: str, default: int) -> int:
    """Return a setting under `trainer`, or the default where it is absent or not a whole number."""
    value = config.trainer.get(name)
    return value if isinstance(value, int) else default
