"""Tree scoring against the plainest way there is: one sequence at a time through the whole model."""

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from xleval.errors import BackendError, ConfigError  # noqa: E402
from xleval.evalkit.backends import load_backend  # noqa: E402
from xleval.evalkit.backends.hf import HfBackend  # noqa: E402
from xleval.evalkit.backends.prefix_tree import ancestor_mask, build_forest, plan_forests  # noqa: E402
from xleval.evalkit.requests import ChoiceRequest, ChoiceScores, EncodedChoice, GenerateRequest, Sampling  # noqa: E402

Make = Callable[[str], Path]
TREES = ("llama", "qwen2", "gemma3", "gemma2", "mistral", "gpt2")


def _load(folder: Path, **options: Any) -> HfBackend:
    backend = load_backend("hf", str(folder), device="cpu", **options)
    assert isinstance(backend, HfBackend)
    return backend


def _naive(model: Any, request: EncodedChoice) -> list[float]:
    """Return the sums by one forward pass an option, without mask, positions or batch."""
    sums = []
    for option in request.continuation_ids:
        ids = torch.tensor([[*request.context_ids, *option]])
        with torch.no_grad():
            logprobs = torch.log_softmax(model(ids).logits[0].double(), dim=-1)
        start = len(request.context_ids) - 1
        sums.append(sum(logprobs[start + place, token].item() for place, token in enumerate(option)))
    return sums


def _make_encoded(n_requests: int, *, longest: int, seed: int) -> list[EncodedChoice]:
    """Return requests with shared beginnings, options that begin one another, equal ones and one-token ones."""
    source = random.Random(seed)
    stem = tuple(source.randrange(3, 300) for _ in range(4))
    encoded = []
    for index in range(n_requests):
        tail = tuple(source.randrange(3, 300) for _ in range(source.randrange(0, longest)))
        word = tuple(source.randrange(3, 300) for _ in range(5))
        options = (word[:1], word[:3], word, word[:3], (word[0], 7), (9,), tuple(reversed(word)))
        encoded.append(
            EncodedChoice(key=f"r{index}", context_ids=stem[: source.randrange(1, 5)] + tail, continuation_ids=options)
        )
    return encoded


def _run(backend: HfBackend, encoded: Sequence[EncodedChoice]) -> list[ChoiceScores]:
    plan = backend.plan(encoded)
    found: dict[int, ChoiceScores] = {}
    for indices, outcomes in zip(plan, backend.run([[encoded[i] for i in batch] for batch in plan]), strict=True):
        for index, outcome in zip(indices, outcomes, strict=True):
            assert isinstance(outcome, ChoiceScores)
            found[index] = outcome
    return [found[index] for index in range(len(encoded))]


@pytest.mark.parametrize("name", [*TREES, "bloom"])
def test_scores_equal_one_sequence_at_a_time(tiny_checkpoint: Make, name: str) -> None:
    backend = _load(tiny_checkpoint(name))
    encoded = _make_encoded(20, longest=30, seed=1)  # up to 38 tokens: well beyond the window of 8
    scores = _run(backend, encoded)
    for request, score in zip(encoded, scores, strict=True):
        assert score.key == request.key
        assert score.n_tokens == (1, 3, 5, 3, 2, 1, 5)
        assert score.sum_logprobs[1] == score.sum_logprobs[3]
        np.testing.assert_allclose(score.sum_logprobs, _naive(backend.engine.model, request), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", TREES)
def test_usual_models_take_the_tree(tiny_checkpoint: Make, name: str) -> None:
    scorer = _load(tiny_checkpoint(name)).engine.scorer
    assert scorer.takes_tree(5)
    assert scorer.takes_tree(40)


def test_models_without_custom_masks_are_scored_by_rows(tiny_checkpoint: Make) -> None:
    assert not _load(tiny_checkpoint("bloom")).engine.scorer.takes_tree(5)


def test_both_paths_agree(tiny_checkpoint: Make) -> None:
    scorer = _load(tiny_checkpoint("gemma3")).engine.scorer
    encoded = _make_encoded(6, longest=20, seed=2)
    with torch.inference_mode():
        np.testing.assert_allclose(
            np.array(scorer._score_tree(encoded)), np.array(scorer._score_plain(encoded)), rtol=1e-5, atol=1e-5
        )


def test_eager_attention_takes_an_additive_mask(tiny_checkpoint: Make) -> None:
    backend = _load(tiny_checkpoint("gemma3"))
    encoded = _make_encoded(4, longest=20, seed=3)
    expected = _run(backend, encoded)
    backend.engine.model.set_attn_implementation("eager")
    backend.engine.scorer._takes_tree.clear()
    for left, right in zip(_run(backend, encoded), expected, strict=True):
        np.testing.assert_allclose(left.sum_logprobs, right.sum_logprobs, rtol=1e-5, atol=1e-5)
    assert backend.engine.scorer.takes_tree(40)


def test_repeated_runs_and_plans_are_equal_to_the_last_bit(tiny_checkpoint: Make) -> None:
    encoded = _make_encoded(30, longest=12, seed=4)
    backend = _load(tiny_checkpoint("llama"))
    assert backend.plan(encoded) == backend.plan(list(encoded))
    assert _run(backend, encoded) == _run(backend, encoded)


def test_batch_size_limits_the_requests_of_a_batch(tiny_checkpoint: Make) -> None:
    encoded = _make_encoded(10, longest=5, seed=5)
    assert max(map(len, _load(tiny_checkpoint("llama"), batch_size=3).plan(encoded))) == 3


def test_forest_by_hand() -> None:
    # contexts 1 2 and 1 2 3; options of the first 3 4 | 3 | 3 4 5, of the second 9
    first = EncodedChoice(key="a", context_ids=(1, 2), continuation_ids=((3, 4), (3,), (3, 4, 5)))
    second = EncodedChoice(key="b", context_ids=(1, 2, 3), continuation_ids=((9,), (4,)))
    forest = build_forest([first, second])
    assert forest.token_ids.tolist() == [1, 2, 3, 4]  # neither 5 nor 9 is computed; 1 2 3 is computed once
    assert forest.parents.tolist() == [-1, 0, 1, 2]
    assert forest.depths.tolist() == [0, 1, 2, 3]
    assert forest.read_nodes.tolist() == [1, 2, 3]
    # (after 1 2: 3), (after 1 2 3: 4), (after 1 2 3 4: 5), (after 1 2 3: 9)
    assert list(zip(forest.pair_rows.tolist(), forest.pair_tokens.tolist(), strict=True)) == [
        (0, 3),
        (1, 4),
        (2, 5),
        (1, 9),
    ]
    assert forest.option_pairs == (((0, 1), (0,), (0, 1, 2)), ((3,), (1,)))


def test_mask_by_hand() -> None:
    # 1 - 2 - 3 and the branch 1 - 2 - 5: the branch does not see 3
    request = EncodedChoice(key="a", context_ids=(1, 2), continuation_ids=((3, 4), (5, 6)))
    forest = build_forest([request])
    assert ancestor_mask(forest).astype(int).tolist() == [[1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0], [1, 1, 0, 1]]
    # two positions: the branch 5 stands third in its path, wherever it stands in the batch
    assert ancestor_mask(forest, 2).astype(int).tolist() == [[1, 0, 0, 0], [1, 1, 0, 0], [0, 1, 1, 0], [0, 1, 0, 1]]


def test_plan_has_every_request_once_and_keeps_common_beginnings_together() -> None:
    def request(*context: int) -> EncodedChoice:
        return EncodedChoice(key=str(context), context_ids=context, continuation_ids=((1,), (2,)))

    encoded = dict(enumerate([request(5, 6, 1), request(8, 8, 8), request(5, 6, 2), request(8, 8, 9)]))
    plan = plan_forests(encoded, max_nodes=4)
    assert plan == [[0, 2], [1, 3]]  # 3 + 1 nodes each
    # a beginning that alone is longer than a batch is still shared
    shared = tuple(range(10, 30))
    plan = plan_forests({i: request(*shared, i) for i in range(5)}, max_nodes=4)
    assert plan == [[0, 1, 2, 3, 4]]


class TestEncoding:
    def test_trailing_spaces_of_the_context_go_to_the_options(self, tiny_checkpoint: Make) -> None:
        backend = _load(tiny_checkpoint("llama"))
        spaced = ChoiceRequest(key="a", context="Answer: ", continuations=("Nairobi", "New York"))
        plain = ChoiceRequest(key="a", context="Answer:", continuations=(" Nairobi", " New York"))
        [first], [second] = backend.encode([spaced]), backend.encode([plain])
        assert isinstance(first, EncodedChoice)
        assert isinstance(second, EncodedChoice)
        assert (first.context_ids, first.continuation_ids) == (second.context_ids, second.continuation_ids)

    def test_gemma_gets_one_bos_whether_or_not_the_text_has_one(self, tiny_checkpoint: Make) -> None:
        backend = _load(tiny_checkpoint("gemma3"))
        for context in ("Answer:", "<bos>Answer:"):
            [encoded] = backend.encode([ChoiceRequest(key="a", context=context, continuations=(" A", " B"))])
            assert isinstance(encoded, EncodedChoice)
            assert encoded.context_ids.count(1) == 1
            assert encoded.context_ids[0] == 1

    def test_other_models_have_what_the_tokenizer_adds(self, tiny_checkpoint: Make) -> None:
        backend = _load(tiny_checkpoint("llama"))
        [encoded] = backend.encode([ChoiceRequest(key="a", context="Answer:", continuations=(" A", " B"))])
        assert isinstance(encoded, EncodedChoice)
        assert 1 not in encoded.context_ids

    @pytest.mark.parametrize(
        ("context", "options", "text"),
        [
            ("  ", ("a", "b"), "the context has no token"),
            ("x", ("a", ""), r"continuation 1 \(''\) adds no token"),
            ("x" * 300, ("a", "b"), "never cut"),
        ],
    )
    def test_requests_that_cannot_be_scored(
        self, tiny_checkpoint: Make, context: str, options: tuple[str, ...], text: str
    ) -> None:
        backend = _load(tiny_checkpoint("llama"))
        with pytest.raises(ConfigError, match=f"task/en/7.*{text}"):
            backend.encode([ChoiceRequest(key="task/en/7", context=context, continuations=options)])

    def test_a_prompt_that_fits_only_without_its_completion_is_refused(self, tiny_checkpoint: Make) -> None:
        backend = _load(tiny_checkpoint("llama"))
        with pytest.raises(ConfigError, match=r"p: the prompt with max_tokens=256 has 257 tokens; the model takes 256"):
            backend.encode([GenerateRequest(key="p", prompt="x", sampling=Sampling(max_tokens=256))])


class TestLoading:
    @pytest.mark.parametrize(
        ("options", "text"),
        [({"dtype": "int8"}, "float32, bfloat16"), ({"device": "tpu9"}, "device"), ({"batch_size": 0}, "whole number")],
    )
    def test_bad_options(self, tiny_checkpoint: Make, options: dict[str, Any], text: str) -> None:
        with pytest.raises(ConfigError, match=text):
            HfBackend(str(tiny_checkpoint("llama")), **options)

    def test_unknown_option_and_backend(self, tiny_checkpoint: Make) -> None:
        with pytest.raises(ConfigError, match="Did you mean dtype"):
            load_backend("hf", str(tiny_checkpoint("llama")), dtpye="float32")
        with pytest.raises(ConfigError, match="Did you mean mock"):
            load_backend("mok", "x")

    def test_unknown_architecture_is_one_line(self, tmp_path: Path, tiny_checkpoint: Make) -> None:
        folder = tmp_path / "odd"
        folder.mkdir()
        for path in tiny_checkpoint("llama").iterdir():
            text = path.read_bytes()
            (folder / path.name).write_bytes(
                text.replace(b'"llama"', b'"lama9"') if path.name == "config.json" else text
            )
        with pytest.raises(BackendError, match=r"odd \(lama9\)") as caught:
            HfBackend(str(folder), device="cpu")
        assert "\n" not in str(caught.value)

    def test_fingerprint_names_what_changes_outputs(self, tiny_checkpoint: Make) -> None:
        fingerprint = _load(tiny_checkpoint("llama")).fingerprint
        assert fingerprint["backend"] == "hf"
        assert fingerprint["dtype"] == "float32"
        assert fingerprint["device"] == "cpu"
        assert len(fingerprint["weights_sha256"]) == 64
        assert {"model", "torch", "transformers"} <= set(fingerprint)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["llama", "gemma3"])
def test_lm_eval_gives_the_same_tokens_and_scores(tiny_checkpoint: Make, name: str) -> None:
    pytest.importorskip("lm_eval")
    from lm_eval.api.instance import Instance
    from lm_eval.models.huggingface import HFLM

    folder = tiny_checkpoint(name)
    contexts = ["Question: What is the capital of Kenya?\nAnswer:", "Answer: ", "عاصمة كينيا؟", "首都は?\n"]
    options = (" Nairobi", " New York", " N", "ナイロビ")
    lm = HFLM(
        pretrained=str(folder),
        dtype="float32",
        device="cpu",
        batch_size=3,
        add_bos_token=True if name == "gemma3" else None,
    )
    theirs = lm.loglikelihood(
        [Instance("loglikelihood", {}, (context, option), 0) for context in contexts for option in options],
        disable_tqdm=True,
    )
    backend = _load(folder)
    requests = [ChoiceRequest(key=str(i), context=context, continuations=options) for i, context in enumerate(contexts)]
    encoded = [request for request in backend.encode(requests) if isinstance(request, EncodedChoice)]
    for request, choice in zip(encoded, requests, strict=True):
        for option, text in zip(request.continuation_ids, choice.continuations, strict=True):
            context_ids, option_ids = lm._encode_pair(choice.context, text)
            assert (tuple(context_ids), tuple(option_ids)) == (request.context_ids, option)
    ours = [value for score in _run(backend, encoded) for value in score.sum_logprobs]
    np.testing.assert_allclose(ours, [score for score, _ in theirs], rtol=1e-5, atol=1e-4)
