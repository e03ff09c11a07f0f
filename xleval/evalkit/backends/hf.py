"""The `hf` backend: transformers on CPU or GPU, for choice scoring and generation."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from types import MappingProxyType
from typing import Any

from xleval.errors import MissingExtra
from xleval.evalkit.backends.hf_encode import load_encoder
from xleval.evalkit.backends.prefix_tree import plan_forests
from xleval.evalkit.checkpoints import inspect_checkpoint
from xleval.evalkit.requests import Encoded, EncodedChoice, EncodedPrompt, Outcome, Request

try:
    import torch
    import transformers

    from xleval.evalkit.backends.hf_choices import MAX_NODES, ChoiceScorer
    from xleval.evalkit.backends.hf_generate import MAX_ROWS, Generator, plan_rows
    from xleval.evalkit.backends.hf_load import (
        check_packages,
        choose_device,
        choose_dtype,
        input_device,
        load_model,
        read_batch_size,
    )
    from xleval.evalkit.backends.hf_memory import FittedBatches, free_memory
except ModuleNotFoundError as error:
    raise MissingExtra("hf", "the hf backend") from error


class HfBackend:
    """A checkpoint in transformers; implements `Backend`.

    Args:
        model: checkpoint folder, hub id, GGUF file or LoRA adapter folder.
        dtype: numbers the model computes in: float32, bfloat16 or float16; auto is float32 on a CPU, the checkpoint's
            own on a GPU.
        device: auto (a GPU where there is one), cpu, cuda, cuda:N or mps.
        batch_size: requests a batch at most; auto sizes choice batches by tokens and takes 32 prompts a batch on CPU,
            128 on a GPU. Either way a batch that does not fit into memory is halved.
        lora: folder of a LoRA adapter on top of the model.
        device_map: spreads the model over several GPUs: auto, balanced, balanced_low_0 or sequential.

    Raises:
        ConfigError: an option or the checkpoint folder is not usable.
        BackendError: tokenizer or configuration cannot be read.
        MissingExtra: a GGUF file, an adapter or a device map needs a package that is not installed.
    """

    def __init__(
        self,
        model: str,
        *,
        dtype: str = "auto",
        device: str = "auto",
        batch_size: int | str = "auto",
        lora: str | None = None,
        device_map: str | None = None,
    ) -> None:
        self._batch_size = read_batch_size(batch_size)
        self._device_map = device_map
        self._device = choose_device(device, device_map=device_map)
        self.checkpoint = inspect_checkpoint(model, lora=lora)
        check_packages(self.checkpoint, device_map=device_map)
        self._dtype = choose_dtype(dtype, self._device, self.checkpoint)
        self._encoder = load_encoder(self.checkpoint)
        self.tokenizer = self._encoder.tokenizer
        self._engine: _Engine | None = None
        self.has_chat_template: bool | None = self._encoder.has_chat_template
        adapter = self.checkpoint.adapter
        self.fingerprint: Mapping[str, str] = MappingProxyType(
            {
                "backend": "hf",
                "model": self.checkpoint.name,
                "revision": self.checkpoint.revision or "",
                "weights_sha256": self.checkpoint.sha256,
                "dtype": self._dtype,
                "device": self._device.type,
                "device_map": device_map or "",
                "batch_size": str(batch_size),
                "torch": torch.__version__,
                "transformers": transformers.__version__,
                "peft": version("peft") if adapter is not None else "",
            }
        )

    @property
    def engine(self) -> "_Engine":
        """The loaded model and what works with it; loaded when first asked for."""
        if self._engine is None:
            model = load_model(self.checkpoint, dtype=self._dtype, device=self._device, device_map=self._device_map)
            self._engine = _Engine(model, self.tokenizer)
        return self._engine

    def encode(self, requests: Sequence[Request]) -> list[Encoded]:
        """Return the token ids of each request, in order; see `Encoder.encode` for the errors."""
        return self._encoder.encode(requests)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text, without special ones."""
        return self._encoder.count_tokens(texts)

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
            BackendError: the model cannot be loaded, or single requests do not fit into memory again and again.
        """
        for batch in batches:
            choices = [request for request in batch if isinstance(request, EncodedChoice)]
            prompts = [request for request in batch if isinstance(request, EncodedPrompt)]
            outcomes = [*self.engine.choices.run(choices), *self.engine.prompts.run(prompts)]
            by_key = {outcome.key: outcome for outcome in outcomes}
            yield [by_key[request.key] for request in batch]

    def close(self) -> None:
        """Give the model's memory back; a later `run` loads it again."""
        self._engine = None
        free_memory()


class _Engine:
    """One loaded model with its scorer and its generator."""

    def __init__(self, model: Any, tokenizer: Any) -> None:
        self.model = model
        self.scorer = ChoiceScorer(model)
        self.generator = Generator(model, tokenizer)
        where = str(input_device(model))
        self.choices: FittedBatches[EncodedChoice] = FittedBatches(lambda batch: self.scorer.score(batch), where)
        self.prompts: FittedBatches[EncodedPrompt] = FittedBatches(lambda batch: self.generator.generate(batch), where)
