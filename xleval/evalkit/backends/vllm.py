"""The `vllm` backend: vLLM in process, for choice scoring and generation on GPU or CPU."""

import gc
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from importlib.util import find_spec
from types import MappingProxyType
from typing import Any

from xleval.errors import ConfigError, MissingExtra, unknown_name
from xleval.evalkit.backends.hf_encode import load_encoder
from xleval.evalkit.backends.vllm_choices import HiddenStateScorer, TokenScorer
from xleval.evalkit.backends.vllm_generate import (
    Engine,
    Generator,
    find_end_ids,
    import_vllm,
    load_llm,
    plan_prompts,
)
from xleval.evalkit.checkpoints import Checkpoint, inspect_checkpoint
from xleval.evalkit.requests import (
    ChoiceRequest,
    Encoded,
    EncodedChoice,
    EncodedPrompt,
    Outcome,
    Request,
)
from xleval.evalkit.weights import read_adapter_config

if find_spec("vllm") is None:
    raise MissingExtra("vllm", "the vllm backend")

#: what xleval sets itself, and why it cannot be given
_OWN_ARGUMENTS: Mapping[str, str] = MappingProxyType(
    {
        "model": "give it as --model",
        "tokenizer": "it is the model's",
        "revision": "the model's is found by its name",
        "trust_remote_code": "code from a checkpoint is never run",
        "runner": "it follows from what is asked",
        "convert": "it follows from what is asked",
        "pooler_config": "it follows from what is asked",
        "skip_tokenizer_init": "stop strings need the tokenizer",
        "logprobs_mode": "scores are of the model's own distribution",
        "enable_lora": "give the adapter as --lora",
    }
)
#: formats of weights that are, or fall back to, pickles
_PICKLED_FORMATS = ("auto", "hf", "pt", "npcache")
#: vLLM takes adapters of these ranks at most
_RANKS = (8, 16, 32, 64, 128, 256, 320, 512)
_CPU_SCORER = "pooling engine, own projection"


class VllmBackend:
    """A checkpoint in vLLM; implements `Backend`. Batches are of one request: the engine fills its own.

    On a GPU one engine scores and generates. On a CPU choices are scored from the hidden states of a pooling engine,
    which is shut down before the generating one is loaded: each is loaded once at most, where choices come first.

    Args:
        model: checkpoint folder or hub id.
        dtype: numbers the model computes in: auto (vLLM's choice by checkpoint and device), float32, bfloat16, float16.
        lora: folder of a LoRA adapter on top of the model.
        engine_args: arguments of vLLM's engine, such as `max_model_len` or `gpu_memory_utilization`.

    Raises:
        ConfigError: an engine argument or the checkpoint folder is not usable.
        BackendError: vLLM cannot be imported, or tokenizer or configuration cannot be read.
    """

    def __init__(
        self, model: str, *, dtype: str = "auto", lora: str | None = None, **engine_args: str | int | float | bool
    ) -> None:
        self.checkpoint = inspect_checkpoint(model, lora=lora)
        if self.checkpoint.gguf_file:
            raise ConfigError(f"model {self.checkpoint.name}: a GGUF file; the vllm backend needs safetensors. Use hf")
        self._on_cpu = import_vllm()
        _check_arguments(engine_args)
        self._arguments = {"dtype": dtype, **engine_args}
        limit = engine_args.get("max_model_len")
        self._encoder = load_encoder(
            self.checkpoint, max_positions=limit if isinstance(limit, int) and limit > 0 else None
        )
        self.has_chat_template: bool | None = self._encoder.has_chat_template
        self._llm: Any = None
        self._kind = ""
        self.fingerprint: Mapping[str, str] = MappingProxyType(self._describe(engine_args))

    def _describe(self, engine_args: Mapping[str, object]) -> dict[str, str]:
        import torch
        import transformers
        import vllm

        return {
            "backend": "vllm",
            "model": self.checkpoint.name,
            "revision": self.checkpoint.revision or "",
            "weights_sha256": self.checkpoint.sha256,
            "dtype": str(self._arguments["dtype"]),
            "engine_args": json.dumps(dict(engine_args), sort_keys=True),
            "device": "cpu" if self._on_cpu else "cuda",
            "choice_scorer": _CPU_SCORER if self._on_cpu else "token log-probabilities",
            "vllm": vllm.__version__,
            "torch": torch.__version__,
            "transformers": transformers.__version__,
        }

    def encode(self, requests: Sequence[Request]) -> list[Encoded]:
        """Return the token ids of each request, in order; see `Encoder.encode` for more errors.

        Raises:
            ConfigError: choices on a CPU, but the adapter changes the output matrix.
        """
        if self._on_cpu and any(isinstance(request, ChoiceRequest) for request in requests):
            _check_adapter(self.checkpoint)
        return self._encoder.encode(requests)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text, without special ones."""
        return self._encoder.count_tokens(texts)

    def plan(self, encoded: Sequence[Encoded]) -> list[list[int]]:
        """Return one request a batch: choices, then prompts, common beginnings together; pure in the list."""
        choices = {index: request for index, request in enumerate(encoded) if isinstance(request, EncodedChoice)}
        prompts = {index: request for index, request in enumerate(encoded) if isinstance(request, EncodedPrompt)}
        order = sorted(choices, key=lambda index: (choices[index].context_ids, choices[index].continuation_ids, index))
        return [*([index] for index in order), *plan_prompts(prompts)]

    def run(self, batches: Iterable[Sequence[Encoded]]) -> Iterator[list[Outcome]]:
        """Yield outcomes as the engine finishes them: all choices, then all completions.

        Raises:
            BackendError: vLLM cannot load the model, or fails as a whole.
        """
        requests = [request for batch in batches for request in batch]
        choices = [request for request in requests if isinstance(request, EncodedChoice)]
        prompts = [request for request in requests if isinstance(request, EncodedPrompt)]
        if choices:
            yield from self._scorer().score(choices)
        if prompts:
            yield from self._generator().generate(prompts)

    @property
    def llm(self) -> Any:
        """The `vllm.LLM` that generates; loaded when first asked for."""
        self._engine("generate")
        return self._llm

    def close(self) -> None:
        """Shut the engine down and give back its memory; a second call does nothing."""
        if self._llm is None:
            return
        engine = self._llm.llm_engine
        # an engine in this process leaves its process groups behind, which the next one would trip over
        in_process = type(engine.engine_core).__name__ == "InprocClient"
        engine.engine_core.shutdown()
        self._llm, self._kind = None, ""
        del engine
        if in_process:
            from vllm.distributed.parallel_state import cleanup_dist_env_and_memory

            cleanup_dist_env_and_memory()
        gc.collect()

    def _scorer(self) -> HiddenStateScorer | TokenScorer:
        if not self._on_cpu:
            return TokenScorer(self._engine("generate"))
        from xleval.evalkit.backends.projection import load_projection

        engine = self._engine("pooling")
        dtype = engine.core.vllm_config.model_config.dtype
        return HiddenStateScorer(engine, load_projection(self.checkpoint, dtype=dtype))

    def _generator(self) -> Generator:
        end_ids = find_end_ids(self.checkpoint, self._encoder.tokenizer)
        return Generator(self._engine("generate"), self._encoder.tokenizer, end_ids=end_ids)

    def _engine(self, kind: str) -> Engine:
        """Return the engine of a kind, `pooling` or `generate`; another one is shut down first."""
        if self._kind != kind:
            self.close()
            self._llm, self._kind = load_llm(self.checkpoint, self._settings(kind)), kind
        lora = None
        if self.checkpoint.adapter is not None:
            from vllm.lora.request import LoRARequest

            lora = LoRARequest("adapter", 1, str(self.checkpoint.adapter))
        return Engine(self._llm, lora=lora)

    def _settings(self, kind: str) -> dict[str, Any]:
        """Return the engine's arguments: ours where the user gives none, and those that follow from the work."""
        # what a request reads at once; the engine's own limit of 20 is for servers
        settings: dict[str, Any] = {"disable_log_stats": True, "use_tqdm_on_load": False, "max_logprobs": 128}
        settings["load_format"] = "safetensors"
        if self._on_cpu:
            # compiling takes minutes and gains little; as long a context as the cache has room for
            settings |= {"enforce_eager": True, "max_model_len": -1}
        if self.checkpoint.adapter is not None:
            rank = read_adapter_config(self.checkpoint.adapter).get("r")
            settings |= {"enable_lora": True, "max_loras": 1, "max_lora_rank": _rank_limit(rank)}
        settings |= self._arguments
        return settings | ({"runner": "pooling", "convert": "embed"} if kind == "pooling" else {"runner": "generate"})


def _check_arguments(engine_args: Mapping[str, object]) -> None:
    """Refuse engine arguments that vLLM does not have or that xleval sets."""
    if not engine_args:
        return  # spares the import
    from vllm.engine.arg_utils import EngineArgs

    known = [field.name for field in fields(EngineArgs) if field.name not in _OWN_ARGUMENTS]
    for name, value in engine_args.items():
        if name in _OWN_ARGUMENTS:
            raise ConfigError(f"engine argument {name}={value}: set by xleval, {_OWN_ARGUMENTS[name]}; leave it out")
        if name not in known:
            raise unknown_name("engine argument of vllm", name, known)
    if engine_args.get("load_format") in _PICKLED_FORMATS:
        raise ConfigError(f"engine argument load_format={engine_args['load_format']}: may read pickles; leave it out")


def _check_adapter(checkpoint: Checkpoint) -> None:
    """Refuse to score choices from hidden states where an adapter changes what stands behind them."""
    if checkpoint.adapter is None:
        return
    config = read_adapter_config(checkpoint.adapter)
    named = [config.get(name) or () for name in ("target_modules", "modules_to_save")]
    changed = {str(part).rpartition(".")[2] for parts in named if isinstance(parts, list) for part in parts}
    behind = sorted(changed & {"lm_head", "embed_tokens"})
    if behind:
        raise ConfigError(
            f"adapter {checkpoint.adapter}: changes {', '.join(behind)}; on a CPU the vllm backend scores choices with the "
            "model's own output matrix. Use --backend hf, or merge the adapter into the model"
        )


def _rank_limit(rank: object) -> int:
    """Return the least limit of vLLM's that an adapter of a rank fits under."""
    return next((limit for limit in _RANKS if isinstance(rank, int) and rank <= limit), _RANKS[-1])
