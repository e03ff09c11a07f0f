"""Requests through a vLLM engine as they finish, and the `vllm` backend's generation."""

import json
import os
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xleval.errors import BackendError, first_line
from xleval.evalkit.backends.end_tokens import end_ids
from xleval.evalkit.checkpoints import Checkpoint
from xleval.evalkit.requests import Completion, EncodedPrompt, Outcome, Unscored

#: what vLLM for CPU installs as CUDA builds, which do not load there
_BROKEN_BUILDS = ("torchvision", "torchaudio", "torchcodec")
#: of the environment, where the user has not set them: nothing on stdout; and threads that wait for each other spin for
#: microseconds only (OpenMP's default spins so long that another process on the same cores halves the speed)
_BEFORE_IMPORT = {
    "VLLM_LOGGING_LEVEL": "ERROR", "VLLM_LOGGING_STREAM": "ext://sys.stderr", "VLLM_NO_USAGE_STATS": "1",
    "GOMP_SPINCOUNT": "10000",
}  # fmt: skip
#: gigabytes of cache; and the engine in this process, where it starts in a third of the time and uses all cores
_ON_CPU = {"VLLM_CPU_KVCACHE_SPACE": "2", "VLLM_ENABLE_V1_MULTIPROCESSING": "0"}


def import_vllm() -> bool:
    """Import vLLM, quietly; return whether it works on the CPU.

    Raises:
        BackendError: it cannot be imported.
    """
    for name, value in _BEFORE_IMPORT.items():
        os.environ.setdefault(name, value)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import vllm  # noqa: F401
            from vllm.platforms import current_platform
    except (ImportError, RuntimeError, OSError, AttributeError) as error:
        hint = "install it anew, in the version that this machine's torch needs"
        if any(name in str(error) for name in _BROKEN_BUILDS):
            hint = f"a build for another device is in the way: pip uninstall -y {' '.join(_BROKEN_BUILDS)}"
        raise BackendError(f"vLLM cannot be imported ({first_line(error)}); {hint}") from error
    on_cpu = bool(current_platform.is_cpu())
    for name, value in (_ON_CPU if on_cpu else {}).items():
        os.environ.setdefault(name, value)
    return on_cpu


def load_llm(checkpoint: Checkpoint, settings: Mapping[str, Any]) -> Any:
    """Return a loaded `vllm.LLM`; `settings` are its arguments.

    Raises:
        BackendError: vLLM cannot load the model.
    """
    import torch
    import vllm

    set_threads = torch.set_num_threads
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return vllm.LLM(model=str(checkpoint.path), **settings)
    except Exception as error:  # from any layer below: a model's code, a kernel, another process
        raise BackendError(
            f"model {checkpoint.name} ({checkpoint.model_type}): vLLM {vllm.__version__} cannot load it "
            f"({type(error).__name__}: {first_line(error)})"
        ) from error
    finally:
        torch.set_num_threads = set_threads  # an engine in this process puts a function there that does nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One sequence for the engine, with vLLM's parameters for it; `name` is unique while the job is open."""

    name: str
    token_ids: Sequence[int]
    params: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What came of a job: vLLM's output, or None and the reason where the engine refused it or gave it up."""

    name: str
    output: Any = None
    reason: str = ""


class Engine:
    """A loaded vLLM that is kept busy and gives back jobs as they finish, not all at the end.

    Args:
        llm: a `vllm.LLM`.
        lora: vLLM's `LoRARequest` for every job; None without an adapter.
    """

    def __init__(self, llm: Any, *, lora: Any = None) -> None:
        self.core, self._lora = llm.llm_engine, lora
        # twice what runs at once: the scheduler always has a next one, and 100,000 requests are not held twice
        self._look_ahead = 2 * int(self.core.vllm_config.scheduler_config.max_num_seqs)

    def stream(self, jobs: Iterable[Job]) -> Iterator[list[Done]]:
        """Yield jobs as they finish, in groups of one engine step; jobs are taken as there is room.

        Raises:
            BackendError: the engine fails as a whole.
        """
        source = iter(jobs)
        open_jobs: set[str] = set()
        try:
            more = True
            while more or open_jobs:
                refused: list[Done] = []
                while more and len(open_jobs) < self._look_ahead:
                    job = next(source, None)
                    more = job is not None
                    if job is not None:
                        refused += self._add(job, open_jobs)
                done = refused + (self._step(open_jobs) if open_jobs else [])
                if done:
                    yield done
        finally:  # whoever stops listening leaves nothing running
            if open_jobs:
                self.core.abort_request(sorted(open_jobs))

    def _add(self, job: Job, open_jobs: set[str]) -> list[Done]:
        """Hand a job to the engine; return it where the engine refuses it."""
        prompt = {"prompt_token_ids": list(job.token_ids)}
        try:
            self.core.add_request(job.name, prompt, job.params, lora_request=self._lora)
        except Exception as error:
            # what is wrong with one request: a ValueError, or in newer versions an error of vLLM's by this name
            if not isinstance(error, ValueError) and type(error).__name__ != "VLLMValidationError":
                raise _failure(error) from error
            return [Done(name=job.name, reason=f"vLLM refuses it: {first_line(error)}")]
        open_jobs.add(job.name)
        return []

    def _step(self, open_jobs: set[str]) -> list[Done]:
        try:
            outputs = self.core.step()
        except Exception as error:  # whatever a model or another process raises, the engine is lost
            open_jobs.clear()
            raise _failure(error) from error
        done = []
        for output in outputs:
            if output.finished and output.request_id in open_jobs:
                open_jobs.remove(output.request_id)
                done.append(_judge(output))
        return done


def _judge(output: Any) -> Done:
    """Return what came of a finished job: an abort or internal error is no answer."""
    reasons = [each.finish_reason for each in output.outputs] if isinstance(output.outputs, list) else []
    failed = [reason for reason in reasons if reason not in ("stop", "length")]
    if failed:
        return Done(name=output.request_id, reason=f"vLLM gave it up: {failed[0]}")
    return Done(name=output.request_id, output=output)


def _failure(error: Exception) -> BackendError:
    return BackendError(
        f"the vLLM engine failed ({type(error).__name__}: {first_line(error)}). Finished requests are kept: run the same "
        "command again; if it was memory, lower gpu_memory_utilization, max_num_seqs or max_model_len"
    )


class Generator:
    """Continues encoded prompts with a vLLM engine of the tokenizer's model; `end_ids` end a completion."""

    def __init__(self, engine: Engine, tokenizer: Any, *, end_ids: Sequence[int]) -> None:
        self._engine, self._tokenizer, self._end_ids = engine, tokenizer, list(end_ids)
        self._masks: dict[str, list[int]] = {}

    def generate(self, prompts: Sequence[EncodedPrompt]) -> Iterator[list[Outcome]]:
        """Yield completions as they finish; every prompt once."""
        keys = {str(place): prompt.key for place, prompt in enumerate(prompts)}
        jobs = (
            Job(name=str(place), token_ids=prompt.prompt_ids, params=self.sampling_params(prompt))
            for place, prompt in enumerate(prompts)
        )
        for group in self._engine.stream(jobs):
            yield [_outcome(keys[done.name], done) for done in group]

    def sampling_params(self, prompt: EncodedPrompt) -> Any:
        """Return vLLM's `SamplingParams` of a prompt."""
        from vllm import SamplingParams
        from vllm.sampling_params import RequestOutputKind

        sampling = prompt.sampling
        return SamplingParams(
            max_tokens=sampling.max_tokens,
            temperature=sampling.temperature,
            top_p=sampling.top_p,
            top_k=sampling.top_k,
            min_p=sampling.min_p,
            repetition_penalty=sampling.repetition_penalty,
            ignore_eos=sampling.ignore_eos,
            # vLLM ends at these even where it is told to go on after the end of sequence
            stop_token_ids=None if sampling.ignore_eos else self._end_ids,
            stop=list(prompt.stop) or None,
            seed=prompt.seed if sampling.temperature > 0 else None,
            allowed_token_ids=self._mask(prompt.script_mask),
            output_kind=RequestOutputKind.FINAL_ONLY,
            skip_special_tokens=True,
        )

    def _mask(self, lang: str) -> list[int] | None:
        if not lang:
            return None
        if lang not in self._masks:
            from xleval.evalkit.backends.script_mask import allowed_token_ids

            self._masks[lang] = list(allowed_token_ids(self._tokenizer, lang, end_ids=self._end_ids))
        return self._masks[lang]


def _outcome(key: str, done: Done) -> Outcome:
    if done.output is None:
        return Unscored(key=key, reason=done.reason)
    (answer,) = done.output.outputs
    return Completion(key=key, text=answer.text, finish_reason=answer.finish_reason, n_tokens=len(answer.token_ids))


def find_end_ids(checkpoint: Checkpoint, tokenizer: Any) -> list[int]:
    """Return `end_ids` in ascending order, read from the checkpoint's files."""
    path = checkpoint.path / "generation_config.json"
    if not path.is_file():
        path = checkpoint.path / "config.json"
    configured = json.loads(path.read_text(encoding="utf-8")).get("eos_token_id")
    return sorted(end_ids(configured, tokenizer))


def plan_prompts(encoded: Mapping[int, EncodedPrompt]) -> list[list[int]]:
    """Return batches of one index each, a pure function of the prompts: the longest limit first, then by their tokens.

    Neighbours with a common beginning find it in the engine's prefix cache.
    """
    order = sorted(encoded, key=lambda index: (-encoded[index].sampling.max_tokens, encoded[index].prompt_ids, index))
    return [[index] for index in order]
