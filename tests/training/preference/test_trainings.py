"""Trainings of a tiny checkpoint from files to saved weights: what falls and rises, what is kept, that they go on."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("trl")
pytest.importorskip("peft")

import torch
from safetensors.torch import load_file

from tests.training.preference import tiny
from xleval.errors import ConfigError
from xleval.training.clo import run_clo
from xleval.training.cm_align import run_cm_align
from xleval.training.config.schema import DataConfig, LoraConfig, LossConfig, MonitorConfig, TrainConfig
from xleval.training.dco import run_dco
from xleval.training.outcome import TrainJob, TrainOutcome


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Tiny matrices are faster on one thread, and equal in every run."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.folder(tmp_path_factory.mktemp("tiny") / "model")


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of pairs in two target languages."""
    path = tmp_path_factory.mktemp("pairs") / "pairs.jsonl"
    lines = [
        json.dumps({
            "id": row.item_id, "language": row.lang, "english_prompt": row.english_prompt,
            "english_answer": row.english_answer.strip(), "target_prompt": row.target_prompt,
            "target_answer": row.target_answer.strip(),
        })
        for row in tiny.pair_rows(20, ("es", "sw"))
    ]  # fmt: skip
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def run(runner: Any, config: TrainConfig, out: Path, **job: Any) -> TrainOutcome:
    out.mkdir(exist_ok=True)
    outcome: TrainOutcome = runner(config, TrainJob(out=out, quiet=True, **job))
    return outcome


def clo_config(model: Path, pairs: Path, **changes: Any) -> TrainConfig:
    data = DataConfig(source=str(pairs), langs=("en", "es", "sw"))
    return replace(tiny.config("clo", model, **changes), data=data)


def weights(folder: Path) -> dict[str, torch.Tensor]:
    (file,) = folder.glob("*.safetensors")
    return load_file(file)


def losses(out: Path) -> list[float]:
    history = json.loads((out / "trainer_state.json").read_text(encoding="utf-8"))["log_history"]
    return [point["loss"] for point in history if "loss" in point]


@pytest.mark.parametrize("preference", ["dpo", "ipo", "kto", "orpo"])
def test_clo_learns_both_directions_in_two_languages(model: Path, pairs: Path, tmp_path: Path, preference: Any) -> None:
    """20 items in 2 languages: 2 items are held out; 18 steps of 2 pairs. The NLL is on both answers."""
    config = clo_config(model, pairs, loss=LossConfig(preference=preference, nll_on="both"))
    outcome = run(run_clo, config, tmp_path / "out")
    figures = outcome.figures
    assert (outcome.n_items, outcome.n_rows, outcome.steps) == (18, 36, 18)
    assert figures["pairs/held_out"] == 4
    assert sum(losses(tmp_path / "out")[-4:]) < 0.8 * sum(losses(tmp_path / "out")[:4])
    for lang in ("es", "sw"):
        for direction in (f"{lang}/en", f"{lang}/{lang}"):
            assert figures[f"held_out/after/nll/{direction}"] < figures[f"held_out/before/nll/{direction}"]
            assert f"reward_margin/{direction}" in figures
    saved = weights(tmp_path / "out/model")
    assert {name: value.shape for name, value in saved.items()} == {
        name: value.shape for name, value in weights(model).items()
    }


def test_clo_of_attention_leaves_the_rest_as_it_was(model: Path, pairs: Path, tmp_path: Path) -> None:
    run(
        run_clo,
        clo_config(model, pairs, modules="attention", trainer={"max_steps": 2, "gradient_checkpointing": True}),
        tmp_path / "out",
    )
    before, after = weights(model), weights(tmp_path / "out/model")
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed == {name for name in before if "self_attn" in name}


def test_preference_alone_prefers_the_language_of_the_prompt(model: Path, pairs: Path, tmp_path: Path) -> None:
    """Without NLL, held-out pairs: the reward of the right language is above that of the other one in all directions."""
    config = clo_config(
        model,
        pairs,
        loss=LossConfig(sft_weight=0, nll_on="none"),
        trainer={"num_train_epochs": 2, "learning_rate": 3e-3},
    )
    figures = run(run_clo, config, tmp_path / "out").figures
    for direction in ("es/en", "es/es", "sw/en", "sw/sw"):
        assert figures[f"held_out/after/reward_margin/{direction}"] > 0
        assert figures[f"held_out/after/reward_accuracy/{direction}"] == 1


@pytest.mark.parametrize("lora", [None, LoraConfig(r=4, alpha=8, dropout=0.0)])
def test_a_resumed_training_has_the_weights_of_an_unbroken_one(
    model: Path, pairs: Path, tmp_path: Path, lora: Any
) -> None:
    trainer = {"max_steps": 4, "save_strategy": "steps", "save_steps": 2}
    config = clo_config(model, pairs, trainer=trainer, lora=lora)
    whole = run(run_clo, config, tmp_path / "whole")
    resumed = run(run_clo, config, tmp_path / "resumed", resume_from=tmp_path / "whole/checkpoint-2")
    one, other = weights(tmp_path / "whole/model"), weights(tmp_path / "resumed/model")
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert (resumed.steps, resumed.n_tokens) == (whole.steps, whole.n_tokens)
    assert losses(tmp_path / "resumed") == losses(tmp_path / "whole")
    assert not all(torch.equal(one[name], value) for name, value in weights(tmp_path / "whole/checkpoint-2").items())


def test_accumulated_batches_make_the_step_of_one_batch(model: Path, pairs: Path, tmp_path: Path) -> None:
    """The preference loss is a mean over pairs: 2 batches of 2 are a batch of 4. One step of plain gradient descent."""
    found = []
    for name, size, batches in (("one", 4, 1), ("two", 2, 2)):
        trainer = {
            "per_device_train_batch_size": size, "gradient_accumulation_steps": batches, "max_steps": 1, "optim": "sgd",
            "learning_rate": 1.0, "max_grad_norm": 0.0,
        }  # fmt: skip
        config = clo_config(model, pairs, loss=LossConfig(sft_weight=0, nll_on="none"), trainer=trainer)
        run(run_clo, config, tmp_path / name)
        found.append(weights(tmp_path / name / "model"))
    start = weights(model)
    for name, value in found[0].items():
        torch.testing.assert_close(found[1][name], value, atol=2e-6, rtol=1e-4)
    assert any((found[0][name] - start[name]).abs().max() > 1e-4 for name in start)


def facts(config: TrainConfig, limit: int = 12) -> TrainConfig:
    return replace(
        config, data=DataConfig(source="embedded", langs=("en", "es", "de"), relations=("P30",), limit=limit)
    )


def test_dco_brings_the_languages_of_a_fact_together(model: Path, tmp_path: Path) -> None:
    """The distance is DCO's loss, 0 at its minimum; held out are facts of the validation split."""
    config = facts(
        tiny.config("dco", model, loss=LossConfig(beta=1.0), trainer={"learning_rate": 1e-3, "max_steps": 30})
    )
    outcome = run(run_dco, config, tmp_path / "out")
    assert sum(losses(tmp_path / "out")[-5:]) < 0.8 * sum(losses(tmp_path / "out")[:5])
    assert outcome.figures["held_out/after/distance"] < outcome.figures["held_out/before/distance"]
    assert 0 <= outcome.figures["held_out/after/agreement"] <= 1


def test_cm_align_draws_once_and_goes_on_without_drawing(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Completions of a random model: those that it ends, or that meet a stop text, are candidates."""
    config = facts(
        tiny.config(
            "cm-align", model, trainer={"max_steps": 4, "save_strategy": "steps", "save_steps": 2},
            loss=LossConfig(samples=6, encoder="mean-pooled", max_new_tokens=96),
        )
    )  # fmt: skip
    config = replace(config, monitor=MonitorConfig(limit=0))
    whole = run(run_cm_align, config, tmp_path / "whole")
    drawn = (tmp_path / "whole/completions.jsonl").read_bytes()
    lines = [json.loads(line) for line in drawn.splitlines()]
    assert {(line["item_id"], line["lang"]) for line in lines} >= {(lines[0]["item_id"], each) for each in ("en", "es")}
    assert whole.n_rollouts == 6 * len(lines)

    (tmp_path / "resumed").mkdir()
    (tmp_path / "resumed/completions.jsonl").write_bytes(drawn)
    monkeypatch.setattr("xleval.training.preference.sampling._draw", lambda *_: pytest.fail("drawn again"))
    run(run_cm_align, config, tmp_path / "resumed", resume_from=tmp_path / "whole/checkpoint-2")
    one, other = weights(tmp_path / "whole/model"), weights(tmp_path / "resumed/model")
    assert all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"trainer": {"label_smoothing": 0.1}}, r"trainer.label_smoothing = 0.1: clo does not use it"),
        ({"loss": LossConfig(beta=0.0)}, r"loss.beta = 0.0: it has to be above 0"),
        ({"loss": LossConfig(sft_weight=1.5)}, r"loss.sft_weight = 1.5: lambda is a share"),
        ({"loss": LossConfig(sft_weight=1, nll_on="none")}, r"leave no loss"),
    ],
)
def test_settings_without_effect_are_refused(model: Path, tmp_path: Path, changes: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        run(run_clo, tiny.config("clo", model, **changes), tmp_path / "out")
