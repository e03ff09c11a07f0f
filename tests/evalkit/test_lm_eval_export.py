import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from xleval.errors import ConfigError, DataError
from xleval.evalkit.lm_eval_export import export_lm_eval, score_row
from xleval.evalkit.requests import ChoiceRequest, GenerateRequest, Sampling
from xleval.evalkit.samples import read_samples
from xleval.evalkit.task import LoadedTask, TaskItem, TaskOptions, load_task
from xleval.tasks import TASKS

LANGS = ("en", "sw", "zh")
N = 20
#: lm-eval's own evaluator; its 13,986 task files are left out, which take half a minute to index
DRIVER = """
import json, sys
import lm_eval
from lm_eval.tasks import TaskManager

arguments = json.loads(sys.argv[1])
found = lm_eval.simple_evaluate(
    model="hf",
    model_args={"pretrained": arguments["model"], "dtype": "float32"},
    device="cpu",
    batch_size=arguments["batch_size"],
    tasks=arguments["tasks"],
    task_manager=TaskManager(include_path=arguments["folder"], include_defaults=False),
    log_samples=True,
    bootstrap_iters=0,
)
kept = {"results": found["results"], "groups": found.get("groups"), "samples": found["samples"]}
with open(arguments["out"], "w", encoding="utf-8") as file:
    json.dump(kept, file, default=str)
"""


def lm_eval_run(folder: Path, tasks: list[str], model: Path, scratch: Path) -> dict[str, Any]:
    """Return what lm-eval finds, in a process and a folder of its own; nothing of a datasets cache is read."""
    pytest.importorskip("lm_eval")
    out = scratch / "lm_eval.json"
    arguments = {"model": str(model), "tasks": tasks, "folder": str(folder), "out": str(out), "batch_size": 4}
    hidden = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_CACHE": str(scratch / "datasets"), "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, json.dumps(arguments)],
        cwd=scratch, env=os.environ | hidden, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return found


def polyfact(folder: Path, limit: int = N) -> LoadedTask:
    return load_task(TASKS["polyfact"], folder, LANGS, limit)


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]


def by_lang(results: Mapping[str, Any], task: str) -> dict[str, Any]:
    return {row["lang"]: row for row in results["tasks"][task]["rows"]}


def test_lm_eval_gives_the_accuracies_of_a_run(
    embedded_set: Path, tiny_checkpoint: Callable[[str], Path], tmp_path: Path
) -> None:
    # lm_eval 0.4.13, model hf, float32, against HfBackend and the runner on the same checkpoint
    from xleval.evalkit.backends import load_backend
    from xleval.evalkit.runner import RunConfig, run

    model, options = tiny_checkpoint("llama"), TaskOptions(sampling=Sampling(max_tokens=12))
    choice, generation = polyfact(embedded_set), load_task(TASKS["sample"], None, LANGS, 3, shots=0)
    names = export_lm_eval([choice, generation], options, tmp_path / "made")
    (tmp_path / "made").rename(tmp_path / "moved")  # the folder can be moved
    theirs = lm_eval_run(tmp_path / "moved", ["xleval_polyfact", "xleval_sample"], model, tmp_path)

    config = RunConfig(languages=LANGS, options=options, chat=False, ties="published")
    backend = load_backend("hf", str(model), dtype="float32", device="cpu")
    ours = run(backend, [choice, generation], config, tmp_path / "run")

    assert names[-1] == "xleval_sample"
    rows = by_lang(ours, "polyfact")
    for lang in LANGS:
        found = theirs["results"][f"xleval_polyfact_{lang}"]
        assert found["acc_bytes,none"] == pytest.approx(rows[lang]["accuracy"]["value"], abs=1e-12)
        assert found["acc,none"] == pytest.approx(rows[lang]["by_normalisation"]["sum"], abs=1e-12)
        assert found["acc_norm,none"] == pytest.approx(rows[lang]["by_normalisation"]["char"], abs=1e-12)
    accuracies = [rows[lang]["accuracy"]["value"] for lang in LANGS]
    assert len(set(accuracies)) > 1, "a model that answers alike everywhere would hide languages that are mixed up"
    assert theirs["groups"]["xleval_polyfact"]["acc_bytes,none"] == pytest.approx(sum(accuracies) / len(LANGS))
    # lm-eval does not know which completions were cut, and the last number of a cut one is no answer of ours.
    finished = [replace(each, finish_reason="stop") for each in read_samples(tmp_path / "run" / "samples.parquet")]
    for lang in LANGS:
        found = theirs["results"][f"xleval_sample_{lang}"]
        scored = [TASKS["sample"].score(each) for each in finished if (each.task, each.lang) == ("sample", lang)]
        assert found["acc,none"] == pytest.approx(sum(each.correct is True for each in scored) / len(scored), abs=1e-12)
        unparsed = sum(each.prediction is None for each in scored) / len(scored)
        assert found["unparsed,none"] == pytest.approx(unparsed, abs=1e-12)
    _check_requests(theirs["samples"], [choice, generation], options)
    _check_answers(theirs["samples"], tmp_path / "run")


def _check_requests(samples: Mapping[str, Any], tasks: list[LoadedTask], options: TaskOptions) -> None:
    """Compare the very texts that lm-eval asked with the requests of the tasks."""
    for loaded in tasks:
        for lang in LANGS:
            logged = sorted(samples[f"xleval_{loaded.task.name}_{lang}"], key=lambda row: row["doc_id"])
            assert len(logged) == len(loaded.items[lang])
            for item, row in zip(loaded.items[lang], logged, strict=True):
                request = loaded.task.request(item, lang, options, loaded.shots[lang])
                if isinstance(request, ChoiceRequest):
                    wanted = [[request.context, text] for text in request.continuations]
                    assert [list(pair) for pair in row["arguments"]] == wanted
                else:
                    text, settings = row["arguments"][0]
                    assert text == request.prompt
                    assert settings["until"] == list(request.stop)
                    assert settings["max_gen_toks"] == 12


def _check_answers(samples: Mapping[str, Any], folder: Path) -> None:
    """Compare log-probabilities and completions one by one; 1e-3 is far above rounding and far below a wrong token."""
    n_completions = 0
    for sample in read_samples(folder / "samples.parquet"):
        logged = samples[f"xleval_{sample.task}_{sample.lang}"]
        row = next(each for each in logged if each["doc"]["item_id"] == sample.item_id)
        if sample.kind == "choice":
            # lm-eval logs a pair as text in some places and as a list in others
            scores = [float(str(pair[0][0] if isinstance(pair[0], list) else pair[0])) for pair in row["resps"]]
            assert scores == pytest.approx(sample.sum_logprobs, abs=1e-3)
        else:
            assert row["resps"] == [[sample.completion]]
            n_completions += bool(sample.completion)
    assert n_completions > 0


def test_the_space_before_options_is_a_delimiter_where_the_language_has_one(embedded_set: Path, tmp_path: Path) -> None:
    export_lm_eval([polyfact(embedded_set)], TaskOptions(), tmp_path)
    for lang, delimiter in (("en", '" "'), ("zh", '""')):
        assert f"\ntarget_delimiter: {delimiter}\n" in (tmp_path / f"xleval_polyfact_{lang}.yaml").read_text()
        assert not any(
            choice.startswith(" ")
            for row in rows_of(tmp_path / f"xleval_polyfact_{lang}.jsonl")
            for choice in row["choices"]
        )


def test_scaffold_option_space_and_examples_reach_the_rows(embedded_set: Path, tmp_path: Path) -> None:
    options = TaskOptions(scaffold="english", option_space="always")
    loaded = load_task(TASKS["polyfact"], embedded_set, ["zh"], 4, shots=1)
    export_lm_eval([loaded], options, tmp_path)
    assert '\ntarget_delimiter: " "\n' in (tmp_path / "xleval_polyfact_zh.yaml").read_text()
    for row in rows_of(tmp_path / "xleval_polyfact_zh.jsonl"):
        assert row["prompt"].count("Question: ") == 2
        assert row["prompt"].endswith("\nAnswer:")
    readme = (tmp_path / "README.md").read_text()
    assert "--scaffold english --option-space always" in readme
    assert "add_bos_token=True" in readme
    assert f"| polyfact | {loaded.task.version} | choice | acc_bytes | 4 | 1 | {loaded.fingerprint} |" in readme
    group = (tmp_path / "xleval_polyfact.yaml").read_text()
    assert 'aggregate_metric_list: [{"metric": "acc_bytes", "aggregation": "mean", "weight_by_size": false}' in group


def test_a_prefill_ends_the_prompt_and_is_scored_with_the_completion(tmp_path: Path) -> None:
    loaded = load_task(TASKS["sample"], None, ["sw"], 2)
    options = TaskOptions(reason_prefix="native")
    request = loaded.task.request(loaded.items["sw"][0], "sw", options, loaded.shots["sw"])
    assert isinstance(request, GenerateRequest)
    assert request.prefill
    export_lm_eval([loaded], options, tmp_path)
    row = rows_of(tmp_path / "xleval_sample_sw.jsonl")[0]
    assert row["prompt"] == f"{request.prompt}{request.prefill}"
    gold = int(row["gold"])
    # Swahili: "Jibu ni" is how the solutions of the sample end
    assert score_row(loaded.task, row, f" Jibu ni {gold}.") == {"acc": 1.0, "unparsed": 0.0}
    assert score_row(loaded.task, row, f" Jibu ni {gold + 1}.") == {"acc": 0.0, "unparsed": 0.0}
    assert score_row(loaded.task, row, " sijui") == {"acc": 0.0, "unparsed": 1.0}


def test_rows_of_another_version_of_the_task_are_not_scored(tmp_path: Path) -> None:
    loaded = load_task(TASKS["sample"], None, ["en"], 1)
    export_lm_eval([loaded], TaskOptions(), tmp_path)
    row = rows_of(tmp_path / "xleval_sample_en.jsonl")[0]
    with pytest.raises(DataError, match="Export the task again"):
        score_row(replace(loaded.task, version=loaded.task.version + 1), row, "12")


def test_sampling_is_said_in_lm_evals_words(tmp_path: Path) -> None:
    yaml = pytest.importorskip("yaml")
    loaded = load_task(TASKS["sample"], None, ["en"], 1)
    options = TaskOptions(sampling=Sampling(max_tokens=99, temperature=0.6, top_p=0.95, top_k=20))
    export_lm_eval([loaded], options, tmp_path)
    text = (tmp_path / "xleval_sample_en.yaml").read_text(encoding="utf-8").replace("!function ", "")
    assert yaml.safe_load(text)["generation_kwargs"] == {
        "until": ["\n\nQuestion:", "\nQuestion:"], "max_gen_toks": 99, "do_sample": True, "repetition_penalty": 1.0,
        "temperature": 0.6, "top_p": 0.95, "top_k": 20, "min_p": 0.0,
    }  # fmt: skip


def test_letters_are_compared_by_their_sum_alone(embedded_set: Path, tmp_path: Path) -> None:
    def letters(item: TaskItem, lang: str, options: TaskOptions, shots: object) -> ChoiceRequest:
        return ChoiceRequest(key=item.item_id, context=item.question, continuations=(" A", " B", " C", " D"))

    loaded = polyfact(embedded_set, 2)
    shown = replace(loaded, task=replace(loaded.task, primary="letter", request=letters))
    export_lm_eval([shown], TaskOptions(), tmp_path)
    settings = (tmp_path / "xleval_polyfact_sw.yaml").read_text()
    assert '"acc"' in settings
    assert "acc_bytes" not in settings
    assert rows_of(tmp_path / "xleval_polyfact_sw.jsonl")[0]["choices"] == ["A", "B", "C", "D"]


def test_what_lm_eval_cannot_ask_is_refused(embedded_set: Path, tmp_path: Path) -> None:
    sample = load_task(TASKS["sample"], None, ["en"], 2)
    with pytest.raises(ConfigError, match=r"conversation.*--no-chat"):
        export_lm_eval([sample], TaskOptions(chat=True), tmp_path / "chat")
    with pytest.raises(ConfigError, match="no script mask"):
        export_lm_eval([sample], TaskOptions(script_mask="native"), tmp_path / "mask")
    none = load_task(TASKS["sample"], None, ["th"], None)
    with pytest.raises(ConfigError, match="nothing to export"):
        export_lm_eval([none], TaskOptions(), tmp_path / "none")
    assert not list(tmp_path.iterdir())
    (tmp_path / "full").mkdir()
    (tmp_path / "full/notes.txt").touch()
    with pytest.raises(ConfigError, match="not empty"):
        export_lm_eval([sample], TaskOptions(), tmp_path / "full")

    def other_texts(item: TaskItem, lang: str, options: TaskOptions, shots: object) -> ChoiceRequest:
        return ChoiceRequest(key="k", context="c", continuations=(" one", " two", " three", " four"))

    loaded = polyfact(embedded_set, 2)
    renamed = replace(loaded, task=replace(loaded.task, request=other_texts))
    with pytest.raises(DataError, match="length of what is asked"):
        export_lm_eval([renamed], TaskOptions(), tmp_path / "other")
