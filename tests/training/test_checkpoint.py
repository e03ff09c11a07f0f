"""What stands beside trained weights: a file that later runs read, and a card for people."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip("trl")
pytest.importorskip("peft")

from tests.training.preference.tiny import config, folder
from xleval.errors import DataError
from xleval.evalkit.checkpoints import Checkpoint, inspect_checkpoint
from xleval.evalkit.detectors import detectors_for
from xleval.training.card import render_card
from xleval.training.checkpoint import save_model
from xleval.training.config.schema import DataConfig, LoraConfig, RewardConfig, TrainConfig
from xleval.training.model import load_for_training
from xleval.training.outcome import TrainJob, TrainOutcome
from xleval.training.training_file import Made, training_file, without_paths

DONE = TrainOutcome(
    steps=7,
    n_rollouts=56,
    n_tokens=1234,
    n_items=3,
    n_rows=6,
    train_s=2.5,
    peak_memory_gb=0.5,
    figures={"reward": 0.25},
)


@pytest.fixture
def settings(tmp_path: Path) -> TrainConfig:
    made = config("grpo", folder(tmp_path / "tiny"))
    data = DataConfig(source=str(tmp_path / "facts"), langs=("en", "sw"), limit=9)
    return replace(
        made, data=data, name="a|recipe", rewards=(RewardConfig(name="accuracy"), RewardConfig(name="language")),
        sources={"data.limit": "paper: section 3", "seed": "not stated: our choice because it is usual"},
    )  # fmt: skip


def saved(settings: TrainConfig, out: Path, outcome: TrainOutcome = DONE) -> tuple[Path, dict[str, Any]]:
    loaded = load_for_training(settings)
    made = save_model(loaded.model, loaded.tokenizer, settings, TrainJob(out=out), outcome)
    return made, json.loads((made / "xleval_training.json").read_text())


def test_the_file_says_what_the_weights_were_made_from(settings: TrainConfig, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    note = {"sentence": "2 of 9 items are left out", "sets": [str(tmp_path / "sets" / "mgsm")]}
    (out / "train.json").write_text(json.dumps({"config": {}, "overlap": note, "finished": False}))
    _, content = saved(settings, out)
    base = inspect_checkpoint(settings.model)
    assert content["base"] == {"model": "tiny", "revision": None, "sha256": base.sha256, "trained_by": None}
    assert (content["kind"], content["seed"], content["step"], content["langs"]) == ("grpo", 42, 7, ["en", "sw"])
    assert content["amounts"]["n_rollouts"] == 56
    assert content["overlap"] == {"sentence": "2 of 9 items are left out", "sets": ["mgsm"]}
    assert content["packages"]["trl"]
    assert str(tmp_path) not in json.dumps(content)


def test_later_runs_take_their_headline_from_the_detector_that_no_reward_has_seen(
    settings: TrainConfig, tmp_path: Path
) -> None:
    pytest.importorskip("py3langid")
    made, content = saved(settings, tmp_path / "out")
    assert content["language_reward"] is True

    class Backend:
        checkpoint = inspect_checkpoint(str(made))

    assert detectors_for(Backend()).headline == "second"  # type: ignore[arg-type]
    # an SFT on these weights has no reward, and is no better judged by the first detector
    sft = replace(settings, kind="sft", model=str(made), rewards=())
    _, after = saved(sft, tmp_path / "sft")
    assert after["language_reward"] is True
    assert after["base"]["trained_by"]["kind"] == "grpo"
    assert "settings" not in after["base"]["trained_by"]
    _, other = saved(replace(settings, rewards=(RewardConfig(name="accuracy"),)), tmp_path / "accuracy")
    assert other["language_reward"] is False


def test_an_adapter_trained_with_a_language_reward_is_known_too(settings: TrainConfig, tmp_path: Path) -> None:
    made, _ = saved(replace(settings, lora=LoraConfig(r=2)), tmp_path / "out")
    _, after = saved(replace(settings, kind="sft", model=str(made), rewards=()), tmp_path / "sft")
    assert after["language_reward"] is True


def test_a_damaged_file_of_the_base_is_an_error(settings: TrainConfig, tmp_path: Path) -> None:
    (Path(settings.model) / "xleval_training.json").write_text('{"language_reward": "yes"}')
    with pytest.raises(DataError, match="language_reward is 'yes'; true or false is needed"):
        saved(settings, tmp_path / "out")


def test_the_card_is_metadata_of_the_hub_and_tables(settings: TrainConfig, tmp_path: Path) -> None:
    made, _ = saved(settings, tmp_path / "out")
    text = (made / "README.md").read_text()
    _, head, body = text.split("---\n", 2)
    assert yaml.safe_load(head) == {
        "library_name": "transformers", "language": ["en", "sw"], "tags": ["xleval", "grpo"],
    }  # fmt: skip
    assert "# a\\|recipe" in body
    assert "| data.limit | 9 | paper: section 3 |" in body
    assert "| seed | 42 | not stated: our choice because it is usual |" in body
    assert "| data.source | facts | given |" in body
    assert "| rewards.0.name | accuracy | given |" in body
    assert "prompt.scaffold" not in body  # a default without a source
    assert "| roll-outs | 56 |" in body
    assert "takes its headline from a second one" in body
    assert "about this checkpoint, not about the method" in body
    assert str(tmp_path) not in text


def hub_checkpoint(tmp_path: Path) -> Checkpoint:
    return Checkpoint(
        path=tmp_path, name="Qwen/Qwen2.5-0.5B", is_local=False, revision="abc", model_type="qwen2", sha256="0" * 64
    )


def test_the_base_of_a_card_is_named_where_the_hub_has_it(settings: TrainConfig, tmp_path: Path) -> None:
    adapter = replace(settings, lora=LoraConfig(), data=replace(settings.data, source="someone/facts"))
    content = training_file(adapter, tmp_path, hub_checkpoint(tmp_path), Made(step=3, is_final=False))
    text = render_card(content, hub_checkpoint(tmp_path), tmp_path)
    head = yaml.safe_load(text.split("---\n", 2)[1])
    assert (head["base_model"], head["library_name"], head["datasets"]) == (
        "Qwen/Qwen2.5-0.5B", "peft", ["someone/facts"],
    )  # fmt: skip
    assert "A LoRA adapter on Qwen/Qwen2.5-0.5B, revision abc" in text
    assert "the training may have gone on" in text


def test_markup_in_a_name_is_shown_and_not_followed(settings: TrainConfig, tmp_path: Path) -> None:
    evil = replace(settings, name="<script>x</script>\n# [a](b)")
    content = training_file(evil, tmp_path, hub_checkpoint(tmp_path), Made(step=1, is_final=True))
    text = render_card(content, hub_checkpoint(tmp_path), tmp_path)
    assert "<script>" not in text
    assert "# &lt;script&gt;x&lt;/script&gt; # \\[a\\](b)" in text


def test_figures_that_are_no_numbers_are_left_out(settings: TrainConfig, tmp_path: Path) -> None:
    _, content = saved(settings, tmp_path / "out", replace(DONE, figures={"loss": float("nan"), "reward": 1.0}))
    assert content["figures"] == {"reward": 1.0}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("/home/me/sets/facts", "facts"),
        ("~/facts.jsonl", "facts.jsonl"),
        ("../facts", "facts"),
        ("Qwen/Qwen2.5-7B", "Qwen/Qwen2.5-7B"),
        ("https://example.org/a/b", "https://example.org/a/b"),
        ("a sentence on 1/2 and more", "a sentence on 1/2 and more"),
        ({"a": ("/x/y", 1)}, {"a": ["y", 1]}),
        (Path("/x/y"), "y"),
    ],
)
def test_folders_of_this_machine_appear_by_their_last_name(value: object, expected: object) -> None:
    assert without_paths(value) == expected


def test_the_card_sums_up_the_curves_and_their_warnings(settings: TrainConfig, tmp_path: Path) -> None:
    from tests.training.monitor.rollouts import collapsing, monitor_in, of_step

    monitor = monitor_in(tmp_path)
    monitor.begin(0)
    for step in range(1, 21):
        monitor.record(step, of_step(step, collapsing(step)))
    monitor.close_step()
    monitor.write()
    content = training_file(settings, tmp_path, hub_checkpoint(tmp_path), Made(step=20, is_final=True))
    text = render_card(content, hub_checkpoint(tmp_path), tmp_path)
    # the share of Swahili that `collapsing` plants: all of it at step 1, 5 % at step 20
    row = next(line for line in text.splitlines() if line.startswith("| sw | 1 → "))
    first, last = (float(share) for share in row.split("|")[4].split("→"))
    assert first > 95
    assert last < 15
    assert "* sw, step" in text
