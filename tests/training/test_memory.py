"""What a training needs: parts by hand, weights counted from headers against those loaded, and the refusal."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("trl")
pytest.importorskip("peft")

from tests.training.preference.tiny import config, folder
from xleval.errors import DataError
from xleval.evalkit.checkpoints import inspect_checkpoint
from xleval.training import memory
from xleval.training.config.schema import Kind, LoraConfig, TrainConfig
from xleval.training.free_memory import free_machine_gb
from xleval.training.memory import check_memory, memory_need, planned_memory
from xleval.training.model import load_for_training
from xleval.training.model_size import ModelSize, model_size, size_at_hand

GB = 2**30
#: A model of a billion weights, with one layer of 1000 x 2000 that an adapter can go on.
BILLION = ModelSize(
    n_parameters=GB, n_attention=GB // 4, linear={"model.layers.0.self_attn.q_proj": (1000, 2000)}, vocabulary=1000,
    layers=2, hidden=100, intermediate=400, q_width=100, kv_width=50,
)  # fmt: skip


@pytest.fixture
def settings(tmp_path: Path) -> TrainConfig:
    return config("sft", folder(tmp_path / "tiny"))


def test_weights_are_counted_as_loading_finds_them(settings: TrainConfig) -> None:
    size = model_size(inspect_checkpoint(settings.model))
    for changed in (
        settings,
        replace(settings, modules="attention"),
        replace(settings, lora=LoraConfig(r=4)),
        replace(settings, lora=LoraConfig(r=4), modules="attention"),
        replace(settings, lora=LoraConfig(r=4, targets=("down_proj",))),
    ):
        need, loaded = memory_need(changed, size, device="cpu"), load_for_training(changed)
        assert (need.n_trainable, need.n_parameters) == (loaded.n_trainable, loaded.n_parameters)


def test_full_training_in_float32_is_weights_gradients_and_two_states(settings: TrainConfig) -> None:
    need = memory_need(settings, BILLION, device="cpu")
    assert (need.parts["weights"], need.parts["gradients"], need.parts["optimizer"]) == (4, 4, 8)
    assert need.parts["reference"] == need.parts["generation"] == 0
    assert need.counted_gb == 16


@pytest.mark.parametrize(
    ("changes", "device", "weights", "gradients", "optimizer"),
    [
        ({"modules": "attention"}, "cpu", 4, 1, 2),
        ({"trainer": {"optim": "adamw_8bit"}}, "cpu", 4, 4, 2),
        ({"trainer": {"optim": "adafactor"}}, "cpu", 4, 4, 0),
        ({}, "cuda", 6, 4, 8),  # in bfloat16 once more under autocast
        ({"trainer": {"model_init_kwargs": {"dtype": "bfloat16"}}}, "cuda", 2, 2, 4),
    ],
)
def test_what_each_setting_changes(
    settings: TrainConfig, changes: dict[str, object], device: str, weights: float, gradients: float, optimizer: float
) -> None:
    parts = memory_need(replace(settings, **changes), BILLION, device=device).parts  # type: ignore[arg-type]
    assert (parts["weights"], parts["gradients"], parts["optimizer"]) == (weights, gradients, optimizer)


def test_an_adapter_has_states_of_its_own_and_frozen_weights_none(settings: TrainConfig) -> None:
    need = memory_need(replace(settings, lora=LoraConfig(r=8)), BILLION, device="cuda")
    n_adapter = 8 * (1000 + 2000)
    assert need.n_trainable == n_adapter
    assert need.parts["weights"] == pytest.approx(2 + 4 * n_adapter / GB)
    assert need.parts["gradients"] + need.parts["optimizer"] == pytest.approx(12 * n_adapter / GB)


def test_a_reference_model_is_kept_by_grpo_with_a_kl_term_in_full_training(settings: TrainConfig) -> None:
    grpo = replace(settings, kind="grpo", trainer={"beta": 0.04})
    assert memory_need(grpo, BILLION, device="cpu").parts["reference"] == 4
    assert memory_need(replace(grpo, trainer={}), BILLION, device="cpu").parts["reference"] == 0
    assert memory_need(replace(grpo, lora=LoraConfig()), BILLION, device="cpu").parts["reference"] == 0


def test_generation_keeps_keys_and_values_of_all_prompts_that_are_answered_at_once(settings: TrainConfig) -> None:
    trainer = {"per_device_train_batch_size": 4, "steps_per_generation": 3, "max_completion_length": 88}
    need = memory_need(replace(settings, kind="grpo", trainer=trainer), BILLION, device="cpu")
    # 12 rows of 256 assumed + 88 tokens, keys and values of 50 numbers in 2 layers, and 3 copies of the last logits
    assert need.parts["generation"] * GB == pytest.approx(12 * (344 * 2 * 2 * 50 * 4 + 3 * 4 * 1000))
    assert need.notes == ("the length of prompts is taken as 256 tokens",)
    larger = max(need.parts["generation"], need.parts["activations"])
    assert need.total_gb == pytest.approx(need.counted_gb + need.parts["overhead"] + larger)


@pytest.mark.parametrize(
    ("kind", "device", "expected"),
    [
        # A block has 6 x 100 + 8 x 100 + 2 x 50 + 4 x 400 = 3100 numbers a token; 2 pairs or texts of 10 tokens.
        # 20 tokens x 2 layers in bfloat16, and one block with its gradients, which is more than the output layer's part
        ("sft", "cuda", 20 * 2 * 3100 * 2 + 20 * 2 * 3100 * 2),
        # in float32; the output layer reads 100 numbers and their gradients, and holds 8 copies of its tile of logits
        ("sft", "cpu", 20 * 2 * 3100 * 4 + 20 * 100 * 8 + 8 * 20 * 1000 * 4),
        # 4 answers of a pair; 4 numbers of 4 bytes for each logit
        ("clo", "cuda", 80 * 2 * 3100 * 2 + 80 * 100 * 8 + 80 * 1000 * 16),
    ],
)
def test_activations_by_hand(settings: TrainConfig, kind: Kind, device: str, expected: int) -> None:
    made = replace(settings, kind=kind, trainer={**settings.trainer, "max_length": 10})
    assert memory_need(made, BILLION, device=device).parts["activations"] * GB == pytest.approx(expected)


def test_checkpointing_saves_less_on_the_cpu_whose_heap_keeps_what_was_freed(settings: TrainConfig) -> None:
    made = replace(settings, trainer={"per_device_train_batch_size": 2, "max_length": 10})
    with_them, without = (
        {device: memory_need(each, BILLION, device=device).parts["activations"] * GB for device in ("cpu", "cuda")}
        for each in (made, replace(made, trainer={**made.trainer, "gradient_checkpointing": False}))
    )
    # the input of a block is kept, and on the CPU half of what it computes beside it
    assert without["cuda"] - with_them["cuda"] == pytest.approx(20 * 2 * (3100 - 100) * 2)
    assert without["cpu"] - with_them["cpu"] == pytest.approx(20 * 2 * (3100 - 100 - 1550) * 4)


def test_the_longest_that_is_taken_is_no_length_of_facts(settings: TrainConfig) -> None:
    made = replace(settings, kind="dco", data=replace(settings.data, source="embedded"), trainer={"max_length": 1024})
    need = memory_need(made, BILLION, device="cuda")
    assert need.notes == ("the length of prompts is taken as 128 tokens, of answers as 32",)
    short = memory_need(replace(made, trainer={"max_length": 160}), BILLION, device="cuda")
    assert need.parts == short.parts


def test_a_model_that_does_not_fit_says_how_much_is_missing_and_what_would(
    settings: TrainConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "model_size", lambda _: BILLION)
    monkeypatch.setattr(memory, "free_machine_gb", lambda: 10.0)
    monkeypatch.setattr(memory, "free_gpu_gb", lambda: None)
    checkpoint = inspect_checkpoint(settings.model)
    with pytest.raises(
        DataError,
        match=r"needs about 17\.\d GB \(weights 4.0, gradients 4.0, optimizer 8.0, .*10.0 GB are free on the cpu: 7\.\d GB are "
        r"missing. LoRA \(--set lora.r=16\) needs about 5\.\d GB",
    ):
        check_memory(settings, checkpoint)
    assert check_memory(replace(settings, lora=LoraConfig(r=16)), checkpoint).free_gb == 10.0
    monkeypatch.setenv("ACCELERATE_USE_FSDP", "true")  # the weights are split over processes
    assert check_memory(settings, checkpoint).counted_gb == 16


def test_a_dry_run_fetches_nothing(settings: TrainConfig, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    assert planned_memory(replace(settings, model="nobody/nothing-7b")) is None
    planned = planned_memory(settings)
    assert planned is not None
    assert planned.n_parameters == load_for_training(settings).n_parameters


def test_an_adapter_has_the_size_of_its_base(settings: TrainConfig, tmp_path: Path) -> None:
    load_for_training(replace(settings, lora=LoraConfig(r=2))).model.save_pretrained(tmp_path / "adapter")
    assert size_at_hand(str(tmp_path / "adapter")) == size_at_hand(settings.model)


def test_shape_and_lengths_come_from_the_configuration(settings: TrainConfig) -> None:
    path = Path(settings.model) / "config.json"
    found = json.loads(path.read_text())
    path.write_text(json.dumps({**found, "num_key_value_heads": 1, "head_dim": 16}))
    size = model_size(inspect_checkpoint(settings.model))
    assert (size.vocabulary, size.layers, size.hidden, size.intermediate) == (260, 2, 32, 64)
    assert (size.q_width, size.kv_width) == (32, 16)


def test_free_memory_is_shared_by_the_processes_of_a_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    one = free_machine_gb()
    if one is None:
        pytest.skip("the system does not say")
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "4")
    four = free_machine_gb()
    assert four is not None
    assert 0 < four < one
