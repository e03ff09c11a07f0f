"""Choice scoring with vLLM: hidden states and our own projection on CPU, scored token ids on a GPU.

Every way works on the same plan of a request (`plan_reads`): its longest distinct paths, the prefixes after which the
model's distribution is read, and which tokens are read there.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from xleval.errors import BackendError
from xleval.evalkit.backends.projection import ChoiceReads, assemble, plan_reads
from xleval.evalkit.backends.vllm_generate import Done, Engine, Job
from xleval.evalkit.requests import EncodedChoice, Outcome, Unscored

if TYPE_CHECKING:
    from xleval.evalkit.backends.projection import Projection

#: hidden states that are projected together: with fewer, reading the output matrix takes longer than multiplying
_ROWS = 256


#: jobs of a request as (token ids, vLLM's parameters), and the pairs' log-probabilities from their outputs
JobsOf = Callable[[ChoiceReads], Sequence[tuple[Sequence[int], Any]]]
ReadsOf = Callable[[ChoiceReads, Sequence[Any]], list[float]]


class HiddenStateScorer:
    """Scores by the hidden states of a pooling engine and a projection in this process; for CPU.

    Args:
        engine: of the checkpoint, loaded with `runner="pooling", convert="embed"`.
        projection: the checkpoint's output matrix.
    """

    def __init__(self, engine: Engine, projection: "Projection") -> None:
        self._engine, self._projection = engine, projection

    def score(self, requests: Sequence[EncodedChoice]) -> Iterator[list[Outcome]]:
        """Yield the scores of requests, in groups of about 256 rows; every request once."""
        import torch

        waiting: list[tuple[EncodedChoice, ChoiceReads, Any]] = []
        for request, reads, outputs in _complete(self._engine, requests, self._jobs):
            if isinstance(outputs, str):
                yield [Unscored(key=request.key, reason=outputs)]
                continue
            # only the rows that are read are kept, shape (rows, D)
            states = torch.stack([outputs[path].outputs.data[place] for path, place in reads.rows])
            waiting.append((request, reads, states))
            if sum(len(states) for *_, states in waiting) >= _ROWS:
                yield self._project(waiting)
                waiting = []
        if waiting:
            yield self._project(waiting)

    def _jobs(self, reads: ChoiceReads) -> Sequence[tuple[Sequence[int], Any]]:
        from vllm import PoolingParams

        # without activation: embeddings would be scaled to length 1
        return [(path, PoolingParams(task="token_embed", use_activation=False)) for path in reads.paths]

    def _project(self, waiting: Sequence[tuple[EncodedChoice, ChoiceReads, Any]]) -> list[Outcome]:
        import torch

        rows: list[int] = []
        tokens: list[int] = []
        n_rows = 0
        for _, reads, states in waiting:
            rows += [n_rows + row for row, _ in reads.pairs]
            tokens += [token for _, token in reads.pairs]
            n_rows += len(states)
        with torch.inference_mode():
            logprobs = self._projection.logprobs(torch.cat([states for *_, states in waiting]), rows, tokens)
        outcomes, start = [], 0
        for request, reads, _ in waiting:
            outcomes.append(assemble(request, reads, logprobs[start : start + len(reads.pairs)]))
            start += len(reads.pairs)
        return outcomes


class TokenScorer:
    """Scores by log-probabilities of given tokens from a generation engine; for GPUs.

    Args:
        engine: of the checkpoint.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._jobs, self._read = choose_reading(engine)

    def score(self, requests: Sequence[EncodedChoice]) -> Iterator[list[Outcome]]:
        """Yield the scores of requests as they finish; every request once."""
        for request, reads, outputs in _complete(self._engine, requests, self._jobs):
            if isinstance(outputs, str):
                yield [Unscored(key=request.key, reason=outputs)]
            else:
                yield [assemble(request, reads, self._read(reads, outputs))]


def choose_reading(engine: Engine) -> tuple[JobsOf, ReadsOf]:
    """Return how an engine is asked for log-probabilities of given tokens: the cheapest way that it has.

    Raises:
        BackendError: it has none.
    """
    from vllm import SamplingParams

    # the first only in the engine's second model runner, which needs Triton
    if hasattr(SamplingParams, "prompt_logprob_token_ids") and engine.core.vllm_config.use_v2_model_runner:
        return jobs_by_prompt_ids, read_prompt_ids
    if hasattr(SamplingParams, "logprob_token_ids"):
        return jobs_by_next_ids, read_next_ids
    raise BackendError("this vLLM gives no log-probabilities of given tokens; needed is vllm 0.22 or later")


def _params(**settings: Any) -> Any:
    """Return `SamplingParams` that write one token, which nobody reads."""
    from vllm import SamplingParams
    from vllm.sampling_params import RequestOutputKind

    return SamplingParams(
        max_tokens=1, temperature=0.0, detokenize=False, output_kind=RequestOutputKind.FINAL_ONLY, **settings
    )


def _path_rows(reads: ChoiceReads, path: int) -> dict[int, int]:
    """Return position -> row of what is read in a path."""
    return {place: row for row, (holder, place) in enumerate(reads.rows) if holder == path}


def _row_tokens(reads: ChoiceReads) -> list[list[int]]:
    """Return the tokens that are read in each row."""
    tokens: list[list[int]] = [[] for _ in reads.rows]
    for row, token in reads.pairs:
        tokens[row].append(token)
    return tokens


def jobs_by_prompt_ids(reads: ChoiceReads) -> list[tuple[Sequence[int], Any]]:
    """Return a job a path: row `start + i` of the prompt scores the ids that it is given.

    The engine has no such row for a prompt's last token, so that one token is put behind; -1 fills up a row.
    """
    tokens = _row_tokens(reads)
    jobs: list[tuple[Sequence[int], Any]] = []
    for index, path in enumerate(reads.paths):
        rows = _path_rows(reads, index)
        start = min(rows)
        wanted = [tokens[rows[place]] if place in rows else [] for place in range(start, len(path))]
        width = max(map(len, wanted))
        padded = [[*ids, *[-1] * (width - len(ids))] for ids in wanted]
        params = _params(prompt_logprob_token_ids=padded, prompt_logprob_start=start)
        jobs.append(((*path, path[-1]), params))
    return jobs


def read_prompt_ids(reads: ChoiceReads, outputs: Sequence[Any]) -> list[float]:
    """Return the pairs' log-probabilities from `prompt_token_id_logprobs`, an array (rows, ids) a path."""
    tokens = _row_tokens(reads)
    starts = [min(_path_rows(reads, index)) for index in range(len(reads.paths))]
    found = []
    for row, token in reads.pairs:
        path, place = reads.rows[row]
        table = outputs[path].prompt_token_id_logprobs
        found.append(float(table[place - starts[path]][tokens[row].index(token)]))
    return found


def jobs_by_next_ids(reads: ChoiceReads) -> list[tuple[Sequence[int], Any]]:
    """Return a job a row: the prefix is the prompt, and the next token's distribution is read at the given ids."""
    tokens = _row_tokens(reads)
    return [
        (reads.paths[path][: place + 1], _params(logprob_token_ids=tokens[row]))
        for row, (path, place) in enumerate(reads.rows)
    ]


def read_next_ids(reads: ChoiceReads, outputs: Sequence[Any]) -> list[float]:
    """Return the pairs' log-probabilities from what each row's job says of its first token."""
    return [float(outputs[row].outputs[0].logprobs[0][token].logprob) for row, token in reads.pairs]


def _complete(
    engine: Engine, requests: Sequence[EncodedChoice], jobs_of: JobsOf
) -> Iterator[tuple[EncodedChoice, ChoiceReads, list[Any] | str]]:
    """Yield each request once all its jobs are done, with their outputs in order, or with why there are none."""
    open_requests: dict[int, tuple[ChoiceReads, list[Done | None]]] = {}

    def jobs() -> Iterator[Job]:
        for number, request in enumerate(requests):
            reads = plan_reads(request)
            made = jobs_of(reads)
            open_requests[number] = (reads, [None] * len(made))
            for place, (token_ids, params) in enumerate(made):
                yield Job(name=f"{number}.{place}", token_ids=token_ids, params=params)

    for group in engine.stream(jobs()):
        for done in group:
            number, _, place = done.name.partition(".")
            reads, results = open_requests[int(number)]
            results[int(place)] = done
            finished = [each for each in results if each is not None]
            if len(finished) == len(results):
                del open_requests[int(number)]
                failed = next((each.reason for each in finished if each.output is None), "")
                yield requests[int(number)], reads, failed or [each.output for each in finished]
