"""`xleval export-lm-eval`: loaded tasks as task files of lm-eval (`lm_eval --include_path`), a task for each language.

The rows hold the very texts that a run asks, so lm-eval joins nothing: a prompt, and the options without the space before
them, which is `target_delimiter`. lm-eval's own `acc_bytes` divides by the bytes of such an option, as our headline does.
Completions are scored by the task itself: `score_row`, which lm-eval calls from the exported folder.

Reference:
    lm-eval 0.4.13: `api/task.py` (`custom_dataset`, `process_results`), `config/group.py`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import xleval
from xleval.data.storage import canonical_json, jsonl, make_folder, write_atomically
from xleval.errors import ConfigError, DataError
from xleval.evalkit.lm_eval_texts import METRICS, MODULE, MODULE_TEXT, readme
from xleval.evalkit.requests import ChoiceRequest, GenerateRequest, Sampling
from xleval.evalkit.samples import Sample
from xleval.evalkit.scoring import score_again
from xleval.evalkit.task import LoadedTask, Task, TaskItem, TaskOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One task in one language as lm-eval is given it.

    Attributes:
        name: of the lm-eval task.
        rows: one for each item.
        settings: of its YAML file; a value that starts with `!` is a YAML tag.
        metrics: names, the headline first.
    """

    name: str
    rows: Sequence[Mapping[str, object]]
    settings: Mapping[str, object]
    metrics: tuple[str, ...]


def export_lm_eval(tasks: Sequence[LoadedTask], options: TaskOptions, out: Path) -> list[str]:
    """Write lm-eval task files and return the names of tasks and groups: `xleval_polyfact_sw`, …, `xleval_polyfact`.

    Args:
        tasks: with their items; a language without items is not written.
        options: how items are asked, as in a run.
        out: a new or empty folder; it can be moved afterwards.

    Raises:
        ConfigError: the folder is not empty, there are no items, or lm-eval cannot ask like this (conversations, script
            masks, settings that differ between the items of a language).
        DataError: the folder cannot be written, or options are normalised by other texts than those asked.
    """
    exports = {
        loaded.task.name: [_export(loaded, lang, options) for lang in loaded.items if loaded.items[lang]]
        for loaded in tasks
    }
    if not any(exports.values()):
        raise ConfigError("nothing to export: no task has items in these languages")
    make_folder(out)
    if any(out.iterdir()):
        raise ConfigError(f"{out} is not empty. Choose a new folder with --out")
    names: list[str] = []
    for loaded in tasks:
        written = exports[loaded.task.name]
        for export in written:
            write_atomically(out / f"{export.name}.jsonl", jsonl(export.rows))
            write_atomically(out / f"{export.name}.yaml", _yaml(export.settings))
            names.append(export.name)
        if written:
            names.append(f"xleval_{loaded.task.name}")
            write_atomically(out / f"{names[-1]}.yaml", _yaml(_group(names[-1], loaded.task, written)))
    write_atomically(out / f"{MODULE}.py", MODULE_TEXT)
    write_atomically(out / "README.md", readme([loaded for loaded in tasks if exports[loaded.task.name]], options))
    return names


def score_row(task: Task, row: Mapping[str, object], completion: str) -> dict[str, float]:
    """Return `acc` (1 right, 0 wrong) and `unparsed` (1 without an answer found) of a completion that lm-eval got.

    Args:
        task: the task that the row names.
        row: as exported.
        completion: what the model wrote, without the stop string.

    Raises:
        DataError: this xleval scores another version of the task.
    """
    if row["task_version"] != task.version:
        raise DataError(
            f"the exported rows are of {task.name} version {row['task_version']}, xleval {xleval.__version__} scores "
            f"version {task.version}. Export the task again"
        )
    sample = Sample(
        task=task.name,
        task_version=task.version,
        lang=str(row["lang"]),
        item_id=str(row["item_id"]),
        kind="generation",
        prompt=str(row["prompt"]),
        gold=str(row["gold"]),
        groups=str(row["groups"]),
        completion=completion,
        unscored_reason="not scored yet",
    )
    scored = score_again(task, sample)
    return {"acc": float(bool(scored.correct)), "unparsed": float(scored.prediction is None)}


def _export(loaded: LoadedTask, lang: str, options: TaskOptions) -> Export:
    task, items = loaded.task, loaded.items[lang]
    requests = [task.request(item, lang, options, loaded.shots.get(lang, ())) for item in items]
    choices = [each for each in requests if isinstance(each, ChoiceRequest)]
    generations = [each for each in requests if isinstance(each, GenerateRequest)]
    if choices and generations:
        raise ConfigError(f"{task.name}: choices and completions in one task; lm-eval asks one of the two")
    name = f"xleval_{task.name}_{lang}"
    common: dict[str, object] = {
        "task": name,
        "custom_dataset": f"!function {MODULE}.load",
        "dataset_kwargs": {MODULE: f"{name}.jsonl"},
        "test_split": "test",
        "num_fewshot": 0,
        "doc_to_text": "prompt",
        "metadata": {"version": task.version},
    }
    if choices:
        return _choice_export(task, name, items, choices, common)
    return _generation_export(task, name, lang, items, generations, common)


def _choice_export(
    task: Task, name: str, items: Sequence[TaskItem], requests: Sequence[ChoiceRequest], common: Mapping[str, object]
) -> Export:
    if task.primary not in METRICS:
        raise ConfigError(f"{task.name}: lm-eval has no accuracy normalised by {task.primary}")
    texts = [text for request in requests for text in request.continuations]
    delimiter = " " if all(text.startswith(" ") for text in texts) else ""
    rows = []
    for item, request in zip(items, requests, strict=True):
        shown = [text.removeprefix(delimiter) for text in request.continuations]
        if task.primary != "letter" and shown != list(item.choices):
            raise DataError(
                f"{request.key}: the options asked are {shown}, their lengths would be those of {list(item.choices)}; "
                "lm-eval divides by the length of what is asked"
            )
        rows.append(
            {
                "item_id": item.item_id,
                "prompt": _plain(request.key, request.context),
                "choices": shown,
                "gold_index": item.gold_index,
            }
        )
    metrics = tuple(dict.fromkeys((METRICS[task.primary], "acc_bytes", "acc", "acc_norm")))
    shown_only = ("acc",) if task.primary == "letter" else metrics  # a letter's length says nothing
    settings = {
        **common,
        "output_type": "multiple_choice",
        "doc_to_choice": "choices",
        "doc_to_target": "gold_index",
        "target_delimiter": delimiter,
        "metric_list": [_metric(metric) for metric in shown_only],
    }
    return Export(name=name, rows=rows, settings=settings, metrics=shown_only)


def _generation_export(
    task: Task,
    name: str,
    lang: str,
    items: Sequence[TaskItem],
    requests: Sequence[GenerateRequest],
    common: Mapping[str, object],
) -> Export:
    if len({(each.stop, each.sampling) for each in requests}) > 1:
        raise ConfigError(f"{name}: stop strings or sampling differ between items; lm-eval has one setting for a task")
    masked = next((each.key for each in requests if each.script_mask), None)
    if masked or requests[0].sampling.ignore_eos:
        raise ConfigError(f"{masked or name}: lm-eval has no script mask and no ignore_eos; export without")
    rows = [
        {
            "item_id": item.item_id,
            # lm-eval goes on after a text: what an answer is begun with is the end of it
            "prompt": _plain(request.key, request.prompt) + request.prefill,
            "gold": item.gold,
            "task": task.name,
            "task_version": task.version,
            "lang": lang,
            "groups": canonical_json(dict(item.groups)),
        }
        for item, request in zip(items, requests, strict=True)
    ]
    settings = {
        **common,
        "output_type": "generate_until",
        "doc_to_target": "gold",
        "generation_kwargs": _generation_settings(requests[0].sampling, requests[0].stop),
        "process_results": f"!function {MODULE}.score",
        "metric_list": [_metric("acc"), _metric("unparsed", higher_is_better=False)],
    }
    return Export(name=name, rows=rows, settings=settings, metrics=("acc", "unparsed"))


def _generation_settings(sampling: Sampling, stop: Sequence[str]) -> dict[str, object]:
    """Return `generation_kwargs`: everything is said, or a checkpoint's own generation settings would take its place."""
    settings: dict[str, object] = {
        "until": list(stop),
        "max_gen_toks": sampling.max_tokens,
        "do_sample": sampling.temperature > 0,
        "repetition_penalty": sampling.repetition_penalty,
    }
    if sampling.temperature:
        settings |= {"temperature": sampling.temperature, "top_p": sampling.top_p, "top_k": sampling.top_k}
        settings["min_p"] = sampling.min_p
    return settings


def _plain(key: str, prompt: object) -> str:
    if not isinstance(prompt, str):
        raise ConfigError(f"{key} is a conversation; lm-eval task files hold plain text. Export with --no-chat")
    return prompt


def _metric(name: str, *, higher_is_better: bool = True) -> dict[str, object]:
    return {"metric": name, "aggregation": "mean", "higher_is_better": higher_is_better}


def _group(name: str, task: Task, exports: Sequence[Export]) -> dict[str, object]:
    """Return the settings of the group: the mean over languages, each with the same weight."""
    return {
        "group": name,
        "task": [export.name for export in exports],
        "aggregate_metric_list": [
            {"metric": metric, "aggregation": "mean", "weight_by_size": False} for metric in exports[0].metrics
        ],
        "metadata": {"version": task.version},
    }


def _yaml(settings: Mapping[str, object]) -> str:
    """Return settings as YAML: JSON values, which YAML reads, and tags as they are."""
    return "".join(
        f"{key}: {value if isinstance(value, str) and value.startswith('!') else json.dumps(value, ensure_ascii=False)}\n"
        for key, value in settings.items()
    )
