"""Finished runs from disk: labels that tell them apart, and samples without their texts."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from xleval.cli import main
from xleval.data.storage import read_json, write_json
from xleval.errors import ConfigError, DataError
from xleval.evalkit.metrics.accuracy import cut_without_answer
from xleval.evalkit.saved_run import labels_of, load_run, load_runs


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("saved") / "seed1" / "run"
    asked = ["run", "--model", "m", "--backend", "mock", "--tasks", "sample", "--langs", "en,sw", "--limit", "5"]
    result = CliRunner().invoke(main, [*asked, "--out", str(folder)])
    assert result.exit_code in (0, 3), result.output
    return folder


def test_samples_without_texts_say_the_same_of_verdicts(run_folder: Path) -> None:
    run = load_run(run_folder)
    whole, light = run.samples(), run.samples(texts=False)
    assert any(sample.completion for sample in whole)
    assert {sample.completion for sample in light} <= {"", None}
    assert {sample.prompt for sample in light} == {""}
    assert [cut_without_answer(sample) for sample in light] == [cut_without_answer(sample) for sample in whole]
    assert [(s.item_id, s.correct, s.prediction) for s in light] == [
        (s.item_id, s.correct, s.prediction) for s in whole
    ]


def test_labels_are_the_shortest_ends_that_tell_runs_apart() -> None:
    assert labels_of([("a", "base"), ("a", "grpo")]) == ["base", "grpo"]
    assert labels_of([("a", "seed1", "run"), ("a", "seed2", "run")]) == ["seed1/run", "seed2/run"]
    assert labels_of([("x", "run"), ("y", "z", "run")]) == ["x/run", "z/run"]


def test_a_run_named_twice_a_folder_without_one_and_old_results(run_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="named twice"):
        load_runs([run_folder, run_folder / ".." / "run"])
    with pytest.raises(ConfigError, match="is not a run"):
        load_run(tmp_path)
    old = tmp_path / "old"
    old.mkdir()
    (old / "run.json").write_bytes((run_folder / "run.json").read_bytes())
    write_json(old / "results.json", {**read_json(run_folder / "results.json"), "schema": "xleval.results/0"})
    with pytest.raises(DataError, match="xleval rescore"):
        load_run(old)


@pytest.mark.parametrize(
    ("place", "value"),
    [(("tasks", "sample"), None), (("tasks",), []), (("options", "named"), 3), (("scoring",), "x"), (("seed",), "0"),
     (("languages",), "en"), (("model",), ["m"])],
)  # fmt: skip
def test_a_signature_of_another_shape_is_refused(
    run_folder: Path, tmp_path: Path, place: tuple[str, ...], value: object
) -> None:
    for name, key in (("run.json", "config"), ("results.json", "signature")):
        copy = tmp_path / name
        shutil.copytree(run_folder, copy)
        found = read_json(copy / name)
        holder = found[key]
        for step in place[:-1]:
            holder = holder[step]
        holder[place[-1]] = value
        write_json(copy / name, found)
        with pytest.raises(DataError, match=rf"{name}: .*{place[0]}"):
            load_run(copy)


@pytest.mark.parametrize("cut", [lambda matrix: matrix[:-1], lambda matrix: [row[:-1] for row in matrix]])
def test_figures_of_pairs_that_do_not_fit_their_languages_are_refused(
    run_folder: Path, tmp_path: Path, cut: Callable[[list[list[float]]], list[list[float]]]
) -> None:
    shutil.copytree(run_folder, tmp_path / "run")
    path = tmp_path / "run/results.json"
    results = read_json(path)
    [(name, task)] = results["tasks"].items()
    block = task["consistency"]["agreement"]
    block["right_matrix"] = cut(block["right_matrix"])
    write_json(path, results)
    n = len(task["consistency"]["languages"])
    with pytest.raises(DataError, match=rf"tasks\.{name}\.consistency\.agreement\.right_matrix has not {n} rows"):
        load_run(tmp_path / "run")


def test_an_interval_with_one_end_is_refused(run_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(run_folder, tmp_path / "run")
    path = tmp_path / "run/results.json"
    results = read_json(path)
    next(iter(results["tasks"].values()))["rows"][0]["bounds"] = [0.5]
    write_json(path, results)
    with pytest.raises(DataError, match=r"rows\[0\]\.bounds has not two ends"):
        load_run(tmp_path / "run")
