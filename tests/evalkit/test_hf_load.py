"""What becomes a model: adapters merged, GGUF files, several devices, dtypes; and when its weights are read."""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from xleval.errors import BackendError, ConfigError, MissingExtra  # noqa: E402
from xleval.evalkit.backends import hf_load  # noqa: E402
from xleval.evalkit.backends.hf import HfBackend  # noqa: E402
from xleval.evalkit.requests import (  # noqa: E402
    ChoiceRequest,
    ChoiceScores,
    Completion,
    GenerateRequest,
    Outcome,
    Request,
    Sampling,
)

Make = Callable[[str], Path]
REQUESTS: tuple[Request, ...] = (
    ChoiceRequest(key="c", context="Question: What is the capital of Kenya?", continuations=(" Nairobi", " New York")),
    ChoiceRequest(key="d", context="首都は", continuations=("ナイロビ", " the river")),
    GenerateRequest(key="g", prompt="The river", sampling=Sampling(max_tokens=12)),
)


def _run(backend: HfBackend) -> list[Outcome]:
    encoded = backend.encode(REQUESTS)
    groups = backend.run([[encoded[i] for i in batch] for batch in backend.plan(encoded)])
    return sorted((outcome for group in groups for outcome in group), key=lambda outcome: outcome.key)


def _assert_same(found: Sequence[Outcome], expected: Sequence[Outcome], *, abs_: float = 1e-5) -> None:
    assert [outcome.key for outcome in found] == [outcome.key for outcome in expected] == ["c", "d", "g"]
    for outcome, other in zip(found, expected, strict=True):
        if isinstance(other, ChoiceScores):
            assert isinstance(outcome, ChoiceScores)
            assert outcome.sum_logprobs == pytest.approx(other.sum_logprobs, abs=abs_)
        else:
            assert outcome == other


class TestLazyWeights:
    def test_making_a_backend_reads_no_weights(self, tiny_checkpoint: Make, monkeypatch: pytest.MonkeyPatch) -> None:
        loads: list[Path] = []
        real = transformers.AutoModelForCausalLM.from_pretrained

        def counted(path: Path, **settings: Any) -> Any:
            loads.append(path)
            return real(path, **settings)

        monkeypatch.setattr(transformers.AutoModelForCausalLM, "from_pretrained", counted)
        backend = HfBackend(str(tiny_checkpoint("llama")), device="cpu")
        before = dict(backend.fingerprint)
        assert backend.has_chat_template is False
        assert backend.count_tokens(["Nairobi", ""]) == [len(backend.tokenizer("Nairobi")["input_ids"]), 0]
        encoded = backend.encode(REQUESTS)
        groups = backend.run([[encoded[0]], [encoded[2]]])
        assert loads == []
        assert len(list(groups)) == 2
        assert loads == [tiny_checkpoint("llama")]
        assert dict(backend.fingerprint) == before

    def test_close_gives_the_model_back(self, tiny_checkpoint: Make) -> None:
        backend = HfBackend(str(tiny_checkpoint("llama")), device="cpu")
        first = _run(backend)
        backend.close()
        backend.close()
        assert backend._engine is None
        assert _run(backend) == first

    def test_weights_that_do_not_load_are_one_line(self, tiny_checkpoint: Make, tmp_path: Path) -> None:
        folder = tmp_path / "wide"
        folder.mkdir()
        for path in tiny_checkpoint("llama").iterdir():
            (folder / path.name).write_bytes(path.read_bytes())
        config = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps({**config, "hidden_size": 64}))
        backend = HfBackend(str(folder), device="cpu")
        with pytest.raises(BackendError, match=r"model wide \(llama\): transformers .* cannot load it") as caught:
            _run(backend)
        assert "\n" not in str(caught.value)

    def test_a_missing_tensor_is_refused_not_made_up(self, tiny_checkpoint: Make, tmp_path: Path) -> None:
        from safetensors.torch import load_file, save_file

        folder = tmp_path / "holed"
        folder.mkdir()
        for path in tiny_checkpoint("llama").iterdir():
            (folder / path.name).write_bytes(path.read_bytes())
        weights = load_file(folder / "model.safetensors")
        (lost,) = [name for name in weights if name.endswith("0.mlp.down_proj.weight")]
        save_file(
            {name: each for name, each in weights.items() if name != lost},
            folder / "model.safetensors",
            {"format": "pt"},
        )
        with pytest.raises(BackendError, match=rf"model holed: its files have no weights for {lost}, which LlamaFor"):
            _run(HfBackend(str(folder), device="cpu"))


class TestDtype:
    @pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
    def test_named_ones_work_on_a_cpu(self, tiny_checkpoint: Make, dtype: str) -> None:
        backend = HfBackend(str(tiny_checkpoint("llama")), device="cpu", dtype=dtype)
        assert backend.fingerprint["dtype"] == dtype
        assert backend.engine.model.dtype == getattr(torch, dtype)
        scores = [outcome for outcome in _run(backend) if isinstance(outcome, ChoiceScores)]
        exact = [o for o in _run(HfBackend(str(tiny_checkpoint("llama")), device="cpu")) if isinstance(o, ChoiceScores)]
        for score, other in zip(scores, exact, strict=True):
            assert score.sum_logprobs == pytest.approx(other.sum_logprobs, rel=0.05)

    def test_auto(self, tiny_checkpoint: Make, tmp_path: Path) -> None:
        folder = tiny_checkpoint("llama")
        checkpoint = HfBackend(str(folder), device="cpu").checkpoint
        assert HfBackend(str(folder), device="cpu").fingerprint["dtype"] == "float32"
        # a GPU is not needed to see what would be chosen there
        gpu = torch.device("cuda")
        assert hf_load.choose_dtype("auto", gpu, checkpoint) == "float32"  # what save_pretrained wrote
        model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float16)
        model.save_pretrained(tmp_path / "half")
        transformers.AutoTokenizer.from_pretrained(folder).save_pretrained(tmp_path / "half")
        half = HfBackend(str(tmp_path / "half"), device="cpu").checkpoint
        assert hf_load.choose_dtype("auto", gpu, half) == "float16"
        assert hf_load.choose_dtype("bfloat16", gpu, half) == "bfloat16"


class TestDeviceMap:
    @pytest.mark.parametrize("device_map", ["auto", "cpu"])
    def test_scores_are_those_of_one_device(self, tiny_checkpoint: Make, device_map: str) -> None:
        pytest.importorskip("accelerate")
        if torch.cuda.is_available():
            pytest.skip("compares with a CPU")
        folder = str(tiny_checkpoint("gemma3"))
        backend = HfBackend(folder, device_map=device_map)
        _assert_same(_run(backend), _run(HfBackend(folder, device="cpu")))
        assert backend.fingerprint["device_map"] == device_map

    def test_bad_ones(self, tiny_checkpoint: Make) -> None:
        folder = str(tiny_checkpoint("llama"))
        with pytest.raises(ConfigError, match="device=cpu and device_map=auto: give one of the two"):
            HfBackend(folder, device="cpu", device_map="auto")
        with pytest.raises(ConfigError, match="device_map 'all': known are auto, balanced"):
            HfBackend(folder, device_map="all")


@pytest.fixture(scope="module")
def adapter(tiny_checkpoint: Make, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a LoRA adapter with random weights on the tiny llama; `merged` beside it has them added."""
    peft = pytest.importorskip("peft")
    root = tmp_path_factory.mktemp("lora")
    base = transformers.AutoModelForCausalLM.from_pretrained(tiny_checkpoint("llama"))
    torch.manual_seed(1)
    config = peft.LoraConfig(
        r=4,
        lora_alpha=8,
        target_modules=["q_proj", "v_proj", "down_proj"],
        init_lora_weights=False,
        task_type="CAUSAL_LM",
    )
    model = peft.get_peft_model(base, config)
    model.save_pretrained(root / "my-lora")
    model.merge_and_unload().save_pretrained(root / "merged")
    transformers.AutoTokenizer.from_pretrained(tiny_checkpoint("llama")).save_pretrained(root / "merged")
    return root / "my-lora"


class TestAdapter:
    def test_scores_are_those_of_the_merged_model(self, tiny_checkpoint: Make, adapter: Path) -> None:
        base = tiny_checkpoint("llama")
        merged = _run(HfBackend(str(adapter.parent / "merged"), device="cpu"))
        on_top = HfBackend(str(base), device="cpu", lora=str(adapter))
        by_itself = HfBackend(str(adapter), device="cpu")
        assert _run(on_top) == merged
        assert _run(by_itself) == merged
        plain = _run(HfBackend(str(base), device="cpu"))
        assert isinstance(plain[0], ChoiceScores)
        assert isinstance(merged[0], ChoiceScores)
        assert abs(plain[0].sum_logprobs[0] - merged[0].sum_logprobs[0]) > 0.5
        assert type(on_top.engine.model).__name__ == "LlamaForCausalLM"  # nothing of peft is left in it
        assert on_top.engine.scorer.takes_tree(10)

    def test_fingerprint_is_of_both(self, tiny_checkpoint: Make, adapter: Path) -> None:
        pytest.importorskip("peft")
        plain = HfBackend(str(tiny_checkpoint("llama")), device="cpu").fingerprint
        on_top = HfBackend(str(tiny_checkpoint("llama")), device="cpu", lora=str(adapter)).fingerprint
        by_itself = HfBackend(str(adapter), device="cpu").fingerprint
        assert (plain["model"], on_top["model"], by_itself["model"]) == ("llama", "llama+my-lora", "my-lora")
        assert plain["weights_sha256"] != on_top["weights_sha256"] == by_itself["weights_sha256"]
        assert plain["peft"] == ""
        assert on_top["peft"]

    def test_a_tokenizer_saved_with_the_adapter_is_used(
        self, tiny_checkpoint: Make, adapter: Path, tmp_path: Path
    ) -> None:
        folder = tmp_path / "chatty"
        folder.mkdir()
        for path in adapter.iterdir():
            (folder / path.name).write_bytes(path.read_bytes())
        tokenizer = transformers.AutoTokenizer.from_pretrained(tiny_checkpoint("llama"))
        tokenizer.chat_template = "{{ messages[0]['content'] }}"
        tokenizer.save_pretrained(folder)
        assert HfBackend(str(folder), device="cpu").has_chat_template
        assert not HfBackend(str(adapter), device="cpu").has_chat_template

    def test_an_adapter_of_another_model_is_one_line(self, tiny_checkpoint: Make, adapter: Path) -> None:
        backend = HfBackend(str(tiny_checkpoint("gpt2")), device="cpu", lora=str(adapter))
        with pytest.raises(BackendError, match=r"gpt2\+my-lora .* cannot load") as caught:
            _run(backend)
        assert "\n" not in str(caught.value)

    def test_peft_is_not_installed(self, tiny_checkpoint: Make, adapter: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "peft", None)
        with pytest.raises(MissingExtra, match=r"the LoRA adapter my-lora needs packages .* 'xleval\[hf\]'"):
            HfBackend(str(tiny_checkpoint("llama")), device="cpu", lora=str(adapter))


def _write_gguf(folder: Path, target: Path) -> None:
    """Write a qwen2 checkpoint as GGUF in float32, with its tokenizer, by the format's own writer (gguf 0.19)."""
    gguf = pytest.importorskip("gguf")
    model = transformers.AutoModelForCausalLM.from_pretrained(folder)
    config, tokenizer = model.config, json.loads((folder / "tokenizer.json").read_text())
    tokens = [f"<unused{place}>" for place in range(config.vocab_size)]
    types = [1] * config.vocab_size
    for token, place in tokenizer["model"]["vocab"].items():
        tokens[place] = token
    for added in tokenizer["added_tokens"]:
        types[added["id"]] = 3  # a control token
    writer = gguf.GGUFWriter(target, "qwen2")
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(10_000.0)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges([" ".join(pair) for pair in tokenizer["model"]["merges"]])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_pad_token_id(0)
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.QWEN2, config.num_hidden_layers)
    for name, tensor in model.state_dict().items():
        if name != "lm_head.weight":  # tied to the embeddings
            writer.add_tensor(names.get_name(name, try_suffixes=(".weight", ".bias")), tensor.numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


@pytest.fixture(scope="module")
def gguf_file(tiny_checkpoint: Make, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gguf") / "tiny-qwen2.gguf"
    _write_gguf(tiny_checkpoint("qwen2"), path)
    return path


class TestGguf:
    @pytest.mark.parametrize("by", ["file", "folder"])
    def test_answers_are_those_of_the_safetensors(self, tiny_checkpoint: Make, gguf_file: Path, by: str) -> None:
        backend = HfBackend(str(gguf_file if by == "file" else gguf_file.parent), device="cpu")
        assert (backend.checkpoint.name, backend.checkpoint.model_type) == ("tiny-qwen2", "qwen2")
        same = HfBackend(str(tiny_checkpoint("qwen2")), device="cpu")
        for request, other in zip(backend.encode(REQUESTS), same.encode(REQUESTS), strict=True):
            assert request == other
        _assert_same(_run(backend), _run(same), abs_=1e-4)
        assert hf_load.choose_dtype("auto", torch.device("cuda"), backend.checkpoint) == "bfloat16"

    def test_gguf_is_not_installed(self, gguf_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "gguf", None)
        with pytest.raises(MissingExtra, match=r"the GGUF file tiny-qwen2\.gguf needs"):
            HfBackend(str(gguf_file), device="cpu")


def test_a_completion_in_bfloat16_ends_as_asked(tiny_checkpoint: Make) -> None:
    outcomes = _run(HfBackend(str(tiny_checkpoint("llama")), device="cpu", dtype="bfloat16"))
    assert isinstance(outcomes[2], Completion)
    assert outcomes[2].n_tokens == 12
