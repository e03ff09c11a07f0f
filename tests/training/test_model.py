"""The model that a training starts from: what is trained, what is refused, and that it is the same each time."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("trl")
pytest.importorskip("peft")

import torch

from tests.training.preference.tiny import config, folder
from xleval.errors import ConfigError
from xleval.training.config.schema import LoraConfig, TrainConfig
from xleval.training.model import default_dtype, load_for_training
from xleval.training.trained_modules import is_projection

# By hand: hidden 32, MLP 64, 2 layers; q, k, v, o are 32 x 32 each, gate, up, down 32 x 64; 260 tokens, output untied;
# a norm of 32 before attention and MLP of each layer and one at the end.
ATTENTION = 2 * 4 * 32 * 32
MLP = 2 * 3 * 32 * 64
ALL = ATTENTION + MLP + 2 * 260 * 32 + (2 * 2 + 1) * 32


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return folder(tmp_path_factory.mktemp("model") / "tiny")


@pytest.fixture
def settings(checkpoint: Path) -> TrainConfig:
    return config("sft", checkpoint)


def trained(model: torch.nn.Module) -> set[str]:
    return {name for name, weight in model.named_parameters() if weight.requires_grad}


def test_all_weights_are_trained_in_float32_without_an_adapter(settings: TrainConfig) -> None:
    loaded = load_for_training(settings)
    assert (loaded.n_trainable, loaded.n_parameters) == (ALL, ALL)
    assert {weight.dtype for weight in loaded.model.parameters()} == {torch.float32}
    assert loaded.model.training


def test_attention_alone_is_its_four_projections_in_every_layer(settings: TrainConfig) -> None:
    loaded = load_for_training(replace(settings, modules="attention"))
    assert (loaded.n_trainable, loaded.n_parameters) == (ATTENTION, ALL)
    assert trained(loaded.model) == {
        f"model.layers.{layer}.self_attn.{name}_proj.weight" for layer in (0, 1) for name in "qkvo"
    }


@pytest.mark.parametrize(
    ("lora", "modules", "n_trainable"),
    [
        # r (inputs + outputs) of each layer: attention 64, MLP 96
        (LoraConfig(r=4), "all", 4 * 2 * (4 * 64 + 3 * 96)),
        (LoraConfig(r=4), "attention", 4 * 2 * 4 * 64),
        (LoraConfig(r=4, targets=("q_proj", "down_proj")), "all", 4 * 2 * (64 + 96)),
    ],
)
def test_an_adapter_goes_on_the_layers_that_are_named(
    settings: TrainConfig, lora: LoraConfig, modules: str, n_trainable: int
) -> None:
    loaded = load_for_training(replace(settings, lora=lora, modules=modules))
    assert (loaded.n_trainable, loaded.n_parameters) == (n_trainable, ALL + n_trainable)
    assert all("lora_" in name for name in trained(loaded.model))
    assert not any("lm_head" in name for name in trained(loaded.model))


def test_the_same_seed_draws_the_same_adapter(settings: TrainConfig) -> None:
    one, same, other = (
        load_for_training(replace(settings, lora=LoraConfig(r=2), seed=seed)).model.state_dict() for seed in (1, 1, 2)
    )
    drawn = [name for name in one if "lora_A" in name]
    assert drawn
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not any(torch.equal(one[name], other[name]) for name in drawn)


def test_an_unknown_layer_names_those_that_there_are(settings: TrainConfig) -> None:
    with pytest.raises(ConfigError, match=r"'q_porj'.*Did you mean q_proj.*o_proj, gate_proj, up_proj, down_proj"):
        load_for_training(replace(settings, lora=LoraConfig(targets=("q_porj",))))


def test_a_family_whose_attention_is_not_known_is_refused(tmp_path: Path, settings: TrainConfig) -> None:
    from transformers import MambaConfig, MambaForCausalLM

    from tests.training.preference.tiny import tokenizer

    MambaForCausalLM(MambaConfig(vocab_size=260, hidden_size=16, num_hidden_layers=1, state_size=4)).save_pretrained(
        tmp_path
    )
    tokenizer().save_pretrained(tmp_path)
    with pytest.raises(ConfigError, match=r"mamba model; its linear layers are .*in_proj"):
        load_for_training(replace(settings, model=str(tmp_path), modules="attention"))


@pytest.mark.parametrize(
    ("name", "expected"),
    [  # as transformers 5.19 names them: GPT-2, GPT-NeoX, Phi-3, MPT, Falcon, Llama
        ("transformer.h.0.attn.c_attn", True),
        ("transformer.h.0.attn.c_proj", True),
        ("transformer.h.0.mlp.c_proj", False),
        ("gpt_neox.layers.0.attention.query_key_value", True),
        ("gpt_neox.layers.0.attention.dense", True),
        ("gpt_neox.layers.0.mlp.dense_h_to_4h", False),
        ("model.layers.0.self_attn.qkv_proj", True),
        ("transformer.blocks.0.attn.Wqkv", True),
        ("transformer.h.0.self_attention.dense", True),
        ("model.layers.0.mlp.down_proj", False),
        ("model.layers.0.post_attention_layernorm", False),
    ],
)
def test_projections_of_attention_are_known_by_name_over_families(name: str, expected: bool) -> None:
    assert is_projection(name) is expected


def test_no_token_is_added_for_padding(tmp_path: Path, settings: TrainConfig) -> None:
    from tests.training.preference.tiny import model, tokenizer

    model().save_pretrained(tmp_path)
    made = tokenizer()
    made.pad_token = None
    made.save_pretrained(tmp_path)
    loaded = load_for_training(replace(settings, model=str(tmp_path)))
    assert loaded.tokenizer.pad_token == "<eos>"
    assert len(loaded.tokenizer) == 260
    assert loaded.model.get_input_embeddings().weight.shape[0] == 260
    assert any("<eos> pads" in note for note in loaded.notes)


def test_a_gemma_tokenizer_that_lost_its_bos_gets_it_back_in_front_of_texts(
    tmp_path: Path, settings: TrainConfig
) -> None:
    from transformers import Gemma3ForCausalLM, Gemma3TextConfig

    from tests.training.preference.tiny import tokenizer

    made = tokenizer()
    made.backend_tokenizer.post_processor = None
    made.save_pretrained(tmp_path)
    small = Gemma3TextConfig(
        vocab_size=260, hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2, head_dim=8,
        num_key_value_heads=1, bos_token_id=1, eos_token_id=2, pad_token_id=0,
    )  # fmt: skip
    Gemma3ForCausalLM(small).save_pretrained(tmp_path)
    loaded = load_for_training(replace(settings, model=str(tmp_path)))
    assert loaded.tokenizer("a")["input_ids"][0] == 1
    assert len(loaded.tokenizer("a", add_special_tokens=False)["input_ids"]) == 1
    loaded.tokenizer.save_pretrained(tmp_path / "saved")  # and keeps it: other tools see what was trained
    from transformers import AutoTokenizer

    assert AutoTokenizer.from_pretrained(tmp_path / "saved")("a")["input_ids"][0] == 1


def test_gguf_is_refused_before_anything_is_loaded(tmp_path: Path, settings: TrainConfig) -> None:
    (tmp_path / "small.gguf").write_bytes(
        b"GGUF" + b"\0" * 20 + b"general.architecture" + b"\x08\0\0\0\x05" + b"\0" * 7 + b"llama"
    )
    with pytest.raises(ConfigError, match=r"GGUF weights \(small.gguf\).*not trained"):
        load_for_training(replace(settings, model=str(tmp_path)))


def test_an_adapter_is_merged_for_full_training_and_refused_under_another(
    tmp_path: Path, checkpoint: Path, settings: TrainConfig
) -> None:
    with_adapter = load_for_training(replace(settings, lora=LoraConfig(r=2)))
    with torch.no_grad():
        for name, weight in with_adapter.model.named_parameters():
            if "lora_B" in name:
                weight.fill_(0.1)
    ids = torch.tensor([[1, 20, 30, 40]])
    expected = with_adapter.model.eval()(input_ids=ids).logits
    with_adapter.model.save_pretrained(tmp_path)
    # the adapter names its base by a folder that can be found again
    assert json.loads((tmp_path / "adapter_config.json").read_text())["base_model_name_or_path"] == str(checkpoint)
    merged = load_for_training(replace(settings, model=str(tmp_path)))
    assert (merged.n_trainable, merged.n_parameters) == (ALL, ALL)
    torch.testing.assert_close(merged.model.eval()(input_ids=ids).logits, expected, atol=1e-5, rtol=1e-4)
    with pytest.raises(ConfigError, match="an adapter on an adapter"):
        load_for_training(replace(settings, model=str(tmp_path), lora=LoraConfig(r=2)))


def test_loading_takes_no_settings_that_could_run_code(settings: TrainConfig) -> None:
    trainer = {**settings.trainer, "model_init_kwargs": {"trust_remote_code": True}}
    with pytest.raises(ConfigError, match=r"trust_remote_code; known are dtype and attn_implementation"):
        load_for_training(replace(settings, trainer=trainer))


def test_frozen_weights_alone_are_bfloat16_on_a_gpu(settings: TrainConfig) -> None:
    lora = replace(settings, lora=LoraConfig())
    assert default_dtype(settings, has_gpu=True) == "float32"
    assert default_dtype(lora, has_gpu=True) == "bfloat16"
    assert default_dtype(replace(lora, trainer={"bf16": False}), has_gpu=True) == "float32"
    assert default_dtype(lora, has_gpu=False) == "float32"


def test_a_named_dtype_is_what_weights_are_loaded_in(settings: TrainConfig) -> None:
    trainer = {**settings.trainer, "model_init_kwargs": {"dtype": "bfloat16"}}
    loaded = load_for_training(replace(settings, trainer=trainer))
    assert {weight.dtype for weight in loaded.model.parameters()} == {torch.bfloat16}
    with pytest.raises(ConfigError, match="'int4': known are float32"):
        load_for_training(replace(settings, trainer={"model_init_kwargs": {"dtype": "int4"}}))
