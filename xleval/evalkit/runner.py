"""`xleval run`: tasks and options to requests, requests to a model, outcomes to samples, samples to results."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from xleval.data.storage import canonical_json, claim_folder, read_json
from xleval.errors import ConfigError
from xleval.evalkit.answering import Progress, answer, has_unscored
from xleval.evalkit.backends.base import Backend
from xleval.evalkit.detectors import detectors_for, detectors_of, signed_scoring
from xleval.evalkit.hub import revision_of
from xleval.evalkit.language_columns import LanguageScoring, each_with_language_shares, n_texts_of
from xleval.evalkit.length_budget import check_budget, scaled_limits
from xleval.evalkit.metrics.accuracy import as_ties
from xleval.evalkit.requests import ChoiceScores, GenerateRequest, Outcome, Request, request_seed
from xleval.evalkit.results_schema import Results
from xleval.evalkit.results_subsets import check_cutoff
from xleval.evalkit.rotations import rotated, shows_options
from xleval.evalkit.run_folder import JOURNAL, MANIFEST, RESULTS, write_manifest, write_results
from xleval.evalkit.samples import Sample
from xleval.evalkit.scoring import scored_sample
from xleval.evalkit.settings import Shard
from xleval.evalkit.task import LoadedTask, Task, TaskItem, TaskOptions
from xleval.evalkit.textless import with_texts, without_texts

#: Is told the name of a step.
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunConfig:
    """What a run asks, apart from the model.

    Attributes:
        languages: codes, in the order of the tables.
        limit: items of each task, or None for all.
        seed: of everything that is drawn: completions, bootstrap.
        ties: how tied options count: `expected`, or `published` to reproduce stable sorting (D13).
        samples: completions of each prompt; None for as many as each task asks by itself.
        chat: ask in conversations; None decides by the model, for tasks that generate.
        rotations: orders in which shown options are asked, each option first in another one; None for all.
        pmi: also score options after the bare answer label, for the normalisation `pmi` of hidden options (D22).
        length_budget: what is the same in every language: `tokens`, `chars` or `fertility` (D1).
        shard: the part of the items that this run asks; None for all.
        seen_languages: languages that the model was trained on, for means over seen and unseen ones; empty when not known.
        cutoff: the model's knowledge cut-off, `YYYY` or `YYYY-MM`; empty when not known (D18).
        second_detector: also ask the second detector for the language of completions. Of a model that was trained with
            a language reward it is always asked.
        options: how items are asked.
    """

    languages: tuple[str, ...]
    limit: int | None = None
    seed: int = 0
    ties: str = "expected"
    samples: int | None = 1
    chat: bool | None = None
    rotations: int | None = None
    pmi: bool = False
    length_budget: str = "tokens"
    shard: Shard | None = None
    seen_languages: tuple[str, ...] = ()
    cutoff: str = ""
    second_detector: bool = False
    options: TaskOptions = field(default_factory=TaskOptions)

    def __post_init__(self) -> None:
        """Refuse numbers below 1, unknown names, and several samples that cannot differ."""
        as_ties(self.ties)
        check_budget(self.length_budget)
        if self.cutoff:
            check_cutoff(self.cutoff)
        if self.limit is not None and self.limit < 1:
            raise ConfigError(f"--limit is {self.limit}; at least 1 item is needed")
        if self.rotations is not None and self.rotations < 1:
            raise ConfigError(f"--rotations is {self.rotations}; at least 1 is needed, or all")
        if self.samples is not None and self.samples < 1:
            raise ConfigError(f"--samples is {self.samples}; at least 1 is needed")
        if self.samples is not None and self.samples > 1 and not self.options.sampling.temperature and self._fixed():
            raise ConfigError(
                f"--samples {self.samples} at temperature 0 gives the same completion {self.samples} times; "
                "add --gen temperature=0.6,top_p=0.95 or the like"
            )

    def _fixed(self) -> bool:
        """Return whether the temperature is the user's, not each task's own."""
        return self.options.named is None or "temperature" in self.options.named

    def samples_of(self, task: Task, temperature: float) -> int:
        """Return how many completions of each prompt a task is asked for."""
        return (task.samples if temperature else 1) if self.samples is None else self.samples


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request with what is needed to score its outcome; of a choice the index counts rotations of its options."""

    loaded: LoadedTask
    lang: str
    item: TaskItem
    sample_index: int
    request: Request
    asked_lang: str = ""
    is_cue: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan:
    """All requests of a run, and the signature that decides their outcomes."""

    asked: tuple[Asked, ...]
    signature: Mapping[str, Any]


def plan_run(backend: Backend, tasks: Sequence[LoadedTask], config: RunConfig) -> RunPlan:
    """Return what a run asks; no weights are loaded.

    Raises:
        ConfigError: nothing to run, or the model cannot be asked like this.
    """
    check_work(tasks, config)
    asked: list[Asked] = []
    signed_tasks: dict[str, Any] = {}
    for loaded in tasks:
        options = config.options.for_task(loaded.task)
        options = replace(options, chat=asks_in_conversations(loaded.task, backend, config.chat))
        n_samples = _n_samples(loaded.task, options, config)
        limits = _limits(backend, loaded, options, config)
        for lang, items in loaded.items.items():
            sampling = replace(options.sampling, max_tokens=limits[lang])
            asked += _requests(loaded, lang, items, replace(options, sampling=sampling), config, n_samples)
        if config.pmi:
            asked += _cues(loaded, options, config)
        signed_tasks[loaded.task.name] = {
            "version": loaded.task.version,
            "items": loaded.fingerprint,
            "languages": list(loaded.items),
            "shots": loaded.n_shots,
            "chat": options.chat,
            "max_tokens": limits if loaded.task.kind == "generation" else None,
            "samples": n_samples,
            "sampling": asdict(options.sampling),
            "revision": revision_of(loaded.folder),
            "edition": loaded.edition,
            # only where it is set: the signatures of runs without it stay what they were
            **({"trained_facts": loaded.task.trained_facts} if loaded.task.trained_facts else {}),
        }
    if not asked:
        raise ConfigError(f"--shard {config.shard} holds none of the items; use fewer shards")
    detectors = detectors_for(backend, second=config.second_detector)
    return RunPlan(asked=tuple(asked), signature=_signature(backend.fingerprint, signed_tasks, config, detectors))


def run(
    backend: Backend,
    tasks: Sequence[LoadedTask],
    config: RunConfig,
    out: Path,
    *,
    resume: bool = False,
    progress: Progress = lambda done, total: None,
    plan: RunPlan | None = None,
    processes: int | None = 1,
) -> Results:
    """Ask a model all items of some tasks and return the results, which are in `out/results.json` too.

    What is finished is in `out/journal.jsonl` at once; `resume` goes on from there and asks again what failed.

    Args:
        backend: the model.
        tasks: with their items; at least one must have some.
        config: how they are asked.
        out: a new folder, or with `resume` one that holds the same signature.
        resume: go on, also with requests that failed; a finished run is returned as it is.
        progress: is told how many requests are answered.
        plan: of `plan_run` with the same arguments, where it is at hand already.
        processes: that tell the languages of the completions at the end; see `rescore`.

    Raises:
        ConfigError: nothing to run, a prompt that does not fit, or the folder holds another run.
        DataError: the folder cannot be written, or the journal is damaged.
        BackendError: the model fails as a whole; single failures are counted as unscored.
    """
    plan = plan or plan_run(backend, tasks, config)
    signed = dict(plan.signature)
    if claim_folder(out, manifest=MANIFEST, config=signed, resume=resume) and not has_unscored(out / JOURNAL):
        return cast(Results, read_json(out / RESULTS))
    encoded = backend.encode([each.request for each in plan.asked])  # a prompt that does not fit ends the run here
    notes = {"skipped": {loaded.task.name: dict(loaded.skipped) for loaded in tasks if loaded.skipped}}
    write_manifest(out, signed, notes, finished=False)
    samples: dict[int, Sample] = {}
    cues: dict[tuple[str, str, tuple[str, ...]], tuple[float, ...]] = {}

    def take(index: int, outcome: Outcome) -> None:
        each = plan.asked[index]
        prefill = each.request.prefill if isinstance(each.request, GenerateRequest) else ""
        if each.is_cue:
            if isinstance(outcome, ChoiceScores):
                cues[each.loaded.task.name, each.lang, each.item.choices] = outcome.sum_logprobs
            return
        scored = scored_sample(
            each.loaded.task, each.item, each.lang, encoded[index], outcome,
            sample_index=each.sample_index, prefill=prefill, asked_lang=each.asked_lang, detectors=None,
        )  # fmt: skip
        samples[index] = without_texts(scored)  # the text of a long run is in the journal, not in memory

    def whole(index: int) -> Sample:
        bare = samples.pop(index)  # of a choice nothing is missing but the prompt
        outcome = None if bare.completion is None else outcome_of(index)
        sample = with_texts(bare, encoded[index], outcome)
        return replace(sample, cue_logprobs=cues.get((sample.task, sample.lang, sample.choices), ()))

    outcome_of = answer(backend, encoded, signed["model"], out / JOURNAL, take, progress)
    detectors = detectors_of(signed["scoring"])
    n_texts = sum(n_texts_of(each, detectors) for each in samples.values())
    ordered = each_with_language_shares(map(whole, sorted(samples)), n_texts, detectors, processes=processes)
    results = write_results(out, ordered, signed, {loaded.task.name: loaded.task for loaded in tasks})
    write_manifest(out, signed, notes, finished=True)
    return results


def check_work(tasks: Sequence[LoadedTask], config: RunConfig) -> None:
    """Refuse a run without a single item, before a model is looked at.

    Raises:
        ConfigError: no task has items in the languages.
    """
    if not any(items for loaded in tasks for items in loaded.items.values()):
        raise ConfigError(f"nothing to run: no task has items in {', '.join(config.languages)}")


def asks_in_conversations(task: Task, backend: Backend, chat: bool | None) -> bool:
    """Return whether a task is asked in conversations: as the user says, else where a model has a template for them.

    Hidden options are continuations of a text (as published), so by themselves they are never asked in conversations.
    A server that does not say what it has is taken for one that answers conversations.
    """
    if chat is not None:
        return chat
    return task.kind == "generation" and backend.has_chat_template is not False


def _n_samples(task: Task, options: TaskOptions, config: RunConfig) -> int:
    """Return how many completions of each prompt are drawn; a choice is scored once."""
    if task.kind == "choice":
        return 1
    n_samples = config.samples_of(task, options.sampling.temperature)
    if n_samples > 1 and not options.sampling.temperature:
        raise ConfigError(
            f"--samples {n_samples} at temperature 0, that of {task.name}, gives the same completion {n_samples} times; "
            "add --gen temperature=0.6,top_p=0.95 or the like"
        )
    return n_samples


def _limits(backend: Backend, loaded: LoadedTask, options: TaskOptions, config: RunConfig) -> dict[str, int]:
    """Return the token limit of each language under the length budget."""
    limit = options.sampling.max_tokens
    if config.length_budget == "tokens" or loaded.task.kind == "choice":
        return dict.fromkeys(loaded.items, limit)
    english = loaded.items.get("en") or loaded.task.load(loaded.folder, ["en"]).get("en", ())
    texts = {lang: {item.item_id: item.question for item in items} for lang, items in loaded.items.items()}
    in_english = {item.item_id: item.question for item in english}
    common = set(in_english).intersection(*texts.values())
    if not common:
        raise ConfigError(
            f"--length-budget {config.length_budget}: {loaded.task.name} has no items in English to compare with"
        )
    order = sorted(common)
    return scaled_limits(
        limit,
        config.length_budget,
        {lang: [found[item_id] for item_id in order] for lang, found in texts.items()},
        [in_english[item_id] for item_id in order],
        backend.count_tokens,
    )


def _requests(
    loaded: LoadedTask, lang: str, items: Sequence[TaskItem], options: TaskOptions, config: RunConfig, n_samples: int
) -> list[Asked]:
    """Return the requests of one language; a choice is scored once, a completion is drawn as often as asked."""
    follows = loaded.task.kind == "generation" and loaded.task.follows_cot
    asked_lang = options.requested_language(lang) if follows else ""
    found = []
    for number, item in enumerate(items):
        if config.shard is not None and not config.shard.holds(number):
            continue
        shots = loaded.shots.get(lang, ())
        if shows_options(loaded.task):
            n_rotations = min(config.rotations or len(item.choices), len(item.choices))
            requests = [loaded.task.request(rotated(item, place), lang, options, shots) for place in range(n_rotations)]
            requests = [
                replace(each, key=f"{each.key}/{place}" if place else each.key) for place, each in enumerate(requests)
            ]
        else:
            request = loaded.task.request(item, lang, options, shots)
            requests = [_drawn(request, index, n_samples, config.seed) for index in range(n_samples)]
        found += [
            Asked(loaded=loaded, lang=lang, item=item, sample_index=index, request=each, asked_lang=asked_lang)
            for index, each in enumerate(requests)
        ]
    return found


def _cues(loaded: LoadedTask, options: TaskOptions, config: RunConfig) -> list[Asked]:
    """Return the requests that score each set of hidden options after the bare answer label, once a language."""
    if loaded.task.kind != "choice" or shows_options(loaded.task):
        return []
    if options.chat:
        raise ConfigError(
            "--pmi scores options after the bare answer label of a text; a conversation has none: --no-chat"
        )
    found: dict[tuple[str, tuple[str, ...]], Asked] = {}
    for lang, items in loaded.items.items():
        for number, item in enumerate(items):
            if (config.shard is None or config.shard.holds(number)) and (lang, item.choices) not in found:
                request = loaded.task.request(replace(item, question="", passage=""), lang, options, ())
                found[lang, item.choices] = Asked(
                    loaded=loaded, lang=lang, item=item, sample_index=0, is_cue=True,
                    request=replace(request, key=f"{request.key}/cue"),
                )  # fmt: skip
    return list(found.values())


def _drawn(request: Request, index: int, n_samples: int, seed: int) -> Request:
    """Return a request with a key and a seed of its own among the samples of an item."""
    if not isinstance(request, GenerateRequest) or not request.sampling.temperature:
        return request
    key = request.key if n_samples == 1 else f"{request.key}/{index}"
    return replace(request, key=key, seed=request_seed(seed, f"{request.key}/{index}"))


def _signature(
    model: Mapping[str, str], tasks: Mapping[str, Any], config: RunConfig, detectors: LanguageScoring
) -> dict[str, Any]:
    """Return everything that decides a run's outputs, as JSON values."""
    settings = asdict(config)
    del settings["second_detector"]  # what became of it is in `scoring`
    signed = {
        "model": dict(model),
        "tasks": tasks,
        "scoring": signed_scoring(detectors),
        **settings,
        "shard": str(config.shard) if config.shard else None,
    }
    values: dict[str, Any] = json.loads(canonical_json(signed))  # as it will be read back: lists for tuples
    return values
