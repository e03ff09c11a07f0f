"""Conversations, prefills and special tokens as token ids; splitting of options is in test_hf_choices."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from xleval.errors import BackendError, ConfigError  # noqa: E402
from xleval.evalkit.backends.hf_encode import Encoder, load_encoder  # noqa: E402
from xleval.evalkit.checkpoints import inspect_checkpoint  # noqa: E402
from xleval.evalkit.requests import (  # noqa: E402
    ChoiceRequest,
    EncodedChoice,
    EncodedPrompt,
    GenerateRequest,
    Message,
    Prompt,
    Sampling,
)

Make = Callable[[str], Path]
#: writes a BOS of its own, as those of Gemma and Llama do, and ends in a line break
TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system prompt here') }}"
    "{% endif %}<{{ m.role }}>{{ m.content }}\n{% endfor %}{% if add_generation_prompt %}<answer>\n{% endif %}"
)
ASKED = (Message(role="user", content="What is the capital?"),)
BOS = 1


def _encoder(tiny_checkpoint: Make, *, template: str | None = TEMPLATE, add_bos: bool = False) -> Encoder:
    tokenizer = transformers.AutoTokenizer.from_pretrained(tiny_checkpoint("llama"))
    tokenizer.chat_template = template
    return Encoder(tokenizer, max_positions=256, add_bos=add_bos)


def _prompt(encoder: Encoder, prompt: Prompt, **settings: Any) -> EncodedPrompt:
    sampling = Sampling(max_tokens=8)
    [encoded] = encoder.encode([GenerateRequest(key="task/en/1", prompt=prompt, sampling=sampling, **settings)])
    assert isinstance(encoded, EncodedPrompt)
    return encoded


@pytest.mark.parametrize("add_bos", [False, True])
def test_a_conversation_has_the_ids_of_the_template_and_one_bos(tiny_checkpoint: Make, add_bos: bool) -> None:
    encoder = _encoder(tiny_checkpoint, add_bos=add_bos)
    encoded = _prompt(encoder, ASKED)
    turns = [{"role": "user", "content": "What is the capital?"}]
    theirs = encoder.tokenizer.apply_chat_template(turns, add_generation_prompt=True, return_dict=True)["input_ids"]
    assert list(encoded.prompt_ids) == theirs
    assert encoded.prompt == "<bos><user>What is the capital?\n<answer>\n"
    assert encoded.prompt_ids.count(BOS) == 1


def test_the_same_text_given_plainly_is_text(tiny_checkpoint: Make) -> None:
    encoder = _encoder(tiny_checkpoint, template="{{ messages[0].content }}", add_bos=True)
    requests = [
        GenerateRequest(key="t", prompt="the"),
        GenerateRequest(key="c", prompt=(Message(role="user", content="the"),)),
    ]
    encoder = Encoder(encoder.tokenizer, max_positions=None, add_bos=True)
    plain, chat = encoder.encode(requests)
    assert isinstance(plain, EncodedPrompt)
    assert isinstance(chat, EncodedPrompt)
    assert plain.prompt_ids == (BOS, *chat.prompt_ids)  # a template that writes no BOS means none


def test_a_prefill_begins_the_answer(tiny_checkpoint: Make) -> None:
    encoder = _encoder(tiny_checkpoint)
    assert _prompt(encoder, ASKED, prefill="Jibu: ").prompt.endswith("<answer>\nJibu: ")
    assert _prompt(encoder, "Swali", prefill=" the") == _prompt(encoder, "Swali the")


def test_what_a_request_says_is_handed_on(tiny_checkpoint: Make) -> None:
    encoded = _prompt(_encoder(tiny_checkpoint), "a", stop=("\n",), script_mask="sw", seed=12)
    assert (encoded.key, encoded.stop, encoded.script_mask, encoded.seed) == ("task/en/1", ("\n",), "sw", 12)
    assert encoded.sampling == Sampling(max_tokens=8)


def test_an_option_follows_the_whole_template(tiny_checkpoint: Make) -> None:
    encoder = _encoder(tiny_checkpoint)
    [encoded] = encoder.encode([ChoiceRequest(key="c", context=ASKED, continuations=("Nairobi", "New York"))])
    assert isinstance(encoded, EncodedChoice)
    assert encoded.context_ids == _prompt(encoder, ASKED).prompt_ids  # its line break at the end stays
    texts = [encoder.tokenizer.decode(ids) for ids in encoded.continuation_ids]
    assert texts == ["Nairobi", "New York"]


def test_a_conversation_without_a_template(tiny_checkpoint: Make) -> None:
    encoder = _encoder(tiny_checkpoint, template=None)
    assert not encoder.has_chat_template
    with pytest.raises(
        ConfigError, match="task/en/1: a conversation, but the model has no chat template; use --no-chat"
    ):
        _prompt(encoder, ASKED)


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        (TEMPLATE, "no system prompt here"),
        ("{{ messages[0].content + 1 }}", "str"),
        ("{% if %}", "Expected an expression"),
    ],
)
def test_a_template_that_refuses_is_one_line(tiny_checkpoint: Make, template: str, reason: str) -> None:
    conversation = (Message(role="system", content="Be brief."), *ASKED)
    with pytest.raises(ConfigError, match=f"chat template refuses the conversation.*{reason}.*--no-chat") as caught:
        _prompt(_encoder(tiny_checkpoint, template=template), conversation)
    assert "\n" not in str(caught.value)


def test_tokens_are_counted_without_special_ones(tiny_checkpoint: Make) -> None:
    tokenizer = transformers.AutoTokenizer.from_pretrained(tiny_checkpoint("gemma3"), add_bos_token=True)
    encoder = Encoder(tokenizer, max_positions=None, add_bos=True)
    assert encoder.count_tokens(["x", "", "xyz"]) == [1, 0, 3]  # no merges in them: a token a byte
    assert encoder.count_tokens([]) == []


def test_an_engine_may_have_a_limit_of_its_own(tiny_checkpoint: Make) -> None:
    checkpoint = inspect_checkpoint(str(tiny_checkpoint("llama")))
    assert load_encoder(checkpoint).max_positions == 256  # of the configuration
    encoder = load_encoder(checkpoint, max_positions=20)
    assert len(_prompt(encoder, "x" * 12).prompt_ids) == 12
    with pytest.raises(ConfigError, match="with max_tokens=8 has 21 tokens; the model takes 20"):
        _prompt(encoder, "x" * 13)


@pytest.mark.parametrize("name", ["tokenizer.json", "config.json"])
def test_files_that_do_not_load_are_one_line(tiny_checkpoint: Make, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    for path in tiny_checkpoint("llama").iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    content = {"model_type": "lama9"} if name == "config.json" else {"model": 1}
    (folder / name).write_text(json.dumps(content))
    with pytest.raises(BackendError, match=r"model odd \(.*\): transformers .* cannot load it") as caught:
        load_encoder(inspect_checkpoint(str(folder)))
    assert "\n" not in str(caught.value)
