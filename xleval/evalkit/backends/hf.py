"""The `hf` backend: transformers on CPU or GPU, for choice scoring and generation."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from xleval.errors import BackendError, ConfigError, MissingExtra
from xleval.evalkit.backends.prefix_tree import plan_forests
from xleval.evalkit.checkpoints import Checkpoint, inspect_checkpoint
from xleval.evalkit.requests import Encoded, EncodedChoice, EncodedPrompt, Outcome, Request

try:
    import torch
    import transformers

    from xleval.evalkit.backends.hf_choices import MAX_NODES, ChoiceScorer
    from xleval.evalkit.backends.hf_encode import Encoder
    from xleval.evalkit.backends.hf_generate import MAX_ROWS, Generator, plan_rows
except ModuleNotFoundError as error:
    raise MissingExtra("hf", "the hf backend") from error

DTYPES = ("float32", "bfloat16", "float16")
DEVICES = ("auto", "cpu", "cuda", "mps")
#: model types that are trained with a BOS in front and give poor scores without it
_TRAINED_WITH_BOS = "gemma"
_POSITION_LIMITS = ("n_positions", "max_position_embeddings", "n_ctx")


class HfBackend:
    """A checkpoint in transformers; implements `Backend`.

    Args:
        model: checkpoint folder or hub id.
        dtype: numbers the model computes in: float32, bfloat16 or float16.
        device: auto (a GPU where there is one), cpu, cuda, cuda:N or mps.
        batch_size: requests a batch at most; auto sizes choice batches by tokens and takes 16 prompts a batch on CPU,
            128 on a GPU.
        seed: of sampled generation.

    Raises:
        ConfigError: an option or the checkpoint folder is not usable.
        BackendError: transformers cannot load the model.
    """

    def __init__(
        self, model: str, *, dtype: str = "float32", device: str = "auto", batch_size: int | str = "auto", seed: int = 0
    ) -> None:
        self._batch_size = _read_batch_size(batch_size)
        self._device = _choose_device(device)
        if dtype not in DTYPES:
            raise ConfigError(f"dtype {dtype!r}: known are {', '.join(DTYPES)}")
        self.checkpoint = inspect_checkpoint(model)
        self.tokenizer, self.model = _load(self.checkpoint, dtype, self._device)
        add_bos = self.checkpoint.model_type.startswith(_TRAINED_WITH_BOS)
        max_positions = _max_positions(self.model, self.tokenizer)
        self._encoder = Encoder(self.tokenizer, max_positions=max_positions, add_bos=add_bos)
        self._scorer = ChoiceScorer(self.model)
        self._generator = Generator(self.model, self.tokenizer, seed=seed)
        self.fingerprint: Mapping[str, str] = MappingProxyType(
            {
                "backend": "hf",
                "model": self.checkpoint.name,
                "revision": self.checkpoint.revision or "",
                "weights_sha256": self.checkpoint.sha256,
                "dtype": dtype,
                "device": self._device.type,
                "batch_size": str(batch_size),
                "seed": str(seed),
                "torch": torch.__version__,
                "transformers": transformers.__version__,
            }
        )

    def encode(self, requests: Sequence[Request]) -> list[Encoded]:
        """Return the token ids of each request, in order; see `Encoder.encode` for the errors."""
        return self._encoder.encode(requests)

    def plan(self, encoded: Sequence[Encoded]) -> list[list[int]]:
        """Return the batches: choices by common beginnings, then prompts by length; a pure function of the list."""
        choices = {index: request for index, request in enumerate(encoded) if isinstance(request, EncodedChoice)}
        prompts = {index: request for index, request in enumerate(encoded) if isinstance(request, EncodedPrompt)}
        kind = self._device.type
        return [
            *plan_forests(choices, max_nodes=MAX_NODES.get(kind, 1024), max_requests=self._batch_size),
            *plan_rows(prompts, max_rows=self._batch_size or MAX_ROWS.get(kind, 32)),
        ]

    def run(self, batches: Iterable[Sequence[Encoded]]) -> Iterator[list[Outcome]]:
        """Yield the outcomes of each batch, in the order of its requests.

        Raises:
            BackendError: the device ran out of memory.
        """
        for batch in batches:
            choices = [request for request in batch if isinstance(request, EncodedChoice)]
            prompts = [request for request in batch if isinstance(request, EncodedPrompt)]
            try:
                outcomes: list[Outcome] = [
                    *(self._scorer.score(choices) if choices else []),
                    *(self._generator.generate(prompts) if prompts else []),
                ]
            except torch.OutOfMemoryError as error:
                raise BackendError(
                    f"{self.checkpoint.name}: out of memory on {self._device} in a batch of {len(batch)} requests that "
                    f"begins with {batch[0].key}; give a smaller batch size"
                ) from error
            by_key = {outcome.key: outcome for outcome in outcomes}
            yield [by_key[request.key] for request in batch]


def _load(checkpoint: Checkpoint, dtype: str, device: "torch.device") -> tuple[Any, Any]:
    """Return tokenizer and model; code from the checkpoint is never run and pickles are never read."""
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(checkpoint.path, trust_remote_code=False)
        model: Any = transformers.AutoModelForCausalLM.from_pretrained(
            checkpoint.path, dtype=getattr(torch, dtype), trust_remote_code=False, use_safetensors=True
        )
    except (OSError, ValueError, KeyError, ImportError, RuntimeError, AttributeError, TypeError) as error:
        lines = str(error).strip().splitlines()
        reason = lines[0] if lines else type(error).__name__
        raise BackendError(
            f"model {checkpoint.name} ({checkpoint.model_type}): transformers {transformers.__version__} cannot load it "
            f"({reason})"
        ) from error
    model.eval()
    model.to(device)
    return tokenizer, model


def _choose_device(name: str) -> "torch.device":
    """Return the torch device of a name."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError:
        raise ConfigError(f"device {name!r}: known are {', '.join(DEVICES)} and cuda:N") from None
    if device.type == "cuda" and not torch.cuda.is_available():
        raise ConfigError(f"device {name!r}: torch {torch.__version__} sees no GPU here; use device=cpu")
    return device


def _read_batch_size(value: int | str) -> int | None:
    """Return the number of requests a batch at most; None for auto."""
    if value == "auto":
        return None
    try:
        size = int(value)
    except ValueError:
        size = 0
    if size < 1:
        raise ConfigError(f"batch_size {value!r}: needed is auto or a whole number from 1")
    return size


def _max_positions(model: Any, tokenizer: Any) -> int | None:
    """Return the longest sequence of the model, in tokens, from its configuration, else from its tokenizer."""
    config = model.config.get_text_config()
    for name in _POSITION_LIMITS:
        value = getattr(config, name, None)
        if isinstance(value, int) and value > 0:
            return value
    limit = getattr(tokenizer, "model_max_length", None)
    return int(limit) if limit is not None and limit < 1 << 40 else None
