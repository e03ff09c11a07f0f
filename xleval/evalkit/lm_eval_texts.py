"""The two texts of a folder of exported lm-eval tasks: the Python file that reads and scores its rows, and its README."""

from collections.abc import Mapping, Sequence

import xleval
from xleval.evalkit.task import LoadedTask, TaskOptions

#: version of lm-eval that the export was checked against
LM_EVAL = "0.4.13"
#: what lm-eval calls the accuracy under our normalisations
METRICS: Mapping[str, str] = {"byte": "acc_bytes", "char": "acc_norm", "sum": "acc", "letter": "acc"}
#: the Python file that every exported task names; lm-eval finds it beside the task, so that the folder can be moved
MODULE = "xleval_rows"
MODULE_TEXT = '''"""Rows and scores of the lm-eval tasks beside this file."""

import json
from pathlib import Path


def load(*, xleval_rows, **_):
    """Return the rows of one task. They are read anew each time: a cache could hold those of an older export."""
    import datasets

    with Path(__file__).with_name(xleval_rows).open(encoding="utf-8", newline="\\n") as lines:
        return {"test": datasets.Dataset.from_list([json.loads(line) for line in lines])}


def score(doc, results):
    """Return the verdict on a completion; needs xleval in this environment."""
    from xleval.evalkit.lm_eval_export import score_row
    from xleval.tasks import get_tasks

    return score_row(get_tasks([doc["task"]])[0], doc, results[0])
'''
_README = """# {title} for lm-eval

Task files of lm-eval {lm_eval}, written by xleval {version}: a task for each language, `xleval_TASK_LANG`, and a group
`xleval_TASK` with the mean over languages, each with the same weight. This folder can be moved.

    pip install 'lm_eval[hf]=={lm_eval}'
    lm_eval run --model hf --model_args pretrained=MODEL,dtype=float32 --include_path . --tasks {groups}

The same with xleval, and with the `--limit` and `--shots` of the export where it had them:

    xleval run --model MODEL --backend hf --dtype float32 --tasks {tasks} --langs {langs} \\
        {options}

| task | version | kind | headline | items | worked examples | hash of the items |
|---|---|---|---|---|---|---|
{rows}
Read before comparing:

* **BOS.** Models of the Gemma family need `add_bos_token=True` in `--model_args` with lm-eval {lm_eval}: not every Gemma
  tokenizer file adds it. xleval adds it by itself.
* **Prompts** are whole: worked examples are part of them. Leave `--num_fewshot` and `--apply_chat_template` alone.
* **Length.** xleval refuses a prompt that does not fit the model; lm-eval cuts it on the left and warns.
{choice}{generation}"""
_CHOICE = """* **Headline of a choice.** `acc_bytes` is log-probability per UTF-8 byte of the option (xleval: byte), `acc_norm` per
  character (char), `acc` the sum (sum). Where options are shown and a letter is asked, it is `acc`.
* **Ties.** lm-eval takes the first of tied options, which is `--ties published`. By default xleval shares the verdict among
  the tied, and leaves an item unscored when all options are tied (counted apart, and not in the accuracy).
"""
_GENERATION = """* **Completions** are scored by xleval, which must be installed beside lm-eval, in a version that has the same version
  of the task. `acc` is the accuracy, `unparsed` the share without an answer found. lm-eval does not say which completions
  were cut at the limit, so there the last number of a cut solution counts as its answer; in xleval it does not.
"""


def readme(tasks: Sequence[LoadedTask], options: TaskOptions) -> str:
    """Return the README of an exported folder: the two commands that give the same numbers, and what to know before."""
    kinds = {loaded.task.kind for loaded in tasks}
    names = [loaded.task.name for loaded in tasks]
    languages = dict.fromkeys(lang for loaded in tasks for lang in loaded.items)
    said = [f"--data {loaded.task.name}=DIR" for loaded in tasks if loaded.folder is not None]
    said += [f"--scaffold {options.scaffold}"]
    if "choice" in kinds:
        said += [f"--option-space {options.option_space}", "--ties published"]
    if "generation" in kinds:
        said += [f"--gen max_tokens={options.sampling.max_tokens}", "--no-chat"]
    rows = [
        f"| {loaded.task.name} | {loaded.task.version} | {loaded.task.kind} | {_headline(loaded)} | "
        f"{max(map(len, loaded.items.values()))} | {loaded.n_shots} | "
        f"{loaded.fingerprint} |\n"
        for loaded in tasks
    ]
    return _README.format(
        title=", ".join(names), lm_eval=LM_EVAL, version=xleval.__version__, tasks=",".join(names),
        groups=",".join(f"xleval_{name}" for name in names), langs=",".join(languages), options=" ".join(said),
        rows="".join(rows), choice=_CHOICE if "choice" in kinds else "",
        generation=_GENERATION if "generation" in kinds else "",
    )  # fmt: skip


def _headline(loaded: LoadedTask) -> str:
    return METRICS.get(loaded.task.primary, "none") if loaded.task.kind == "choice" else "acc"
