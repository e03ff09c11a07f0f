"""The chat translator with an engine that is played by a function: what it is asked and what is made of its replies."""

from collections.abc import Iterator, Sequence

import pytest

from xleval.data.reasoning.translators import load_translator
from xleval.data.reasoning.translators.chat import ChatPrompt, ChatReply, translation_in
from xleval.data.reasoning.translators.protocol import Translated, TranslationRequest
from xleval.errors import BackendError, ConfigError

REQUESTS = [
    TranslationRequest(key="a", text="Find XQ1Z {now}.", source_lang="en", target_lang="ko"),
    TranslationRequest(key="b", text="She has 3.", source_lang="en", target_lang="sw"),
    TranslationRequest(key="c", text="She has 3.", source_lang="en", target_lang="sw", attempt=1),
]


def echo(prompts: Sequence[ChatPrompt]) -> Iterator[ChatReply]:
    for prompt in reversed(prompts):
        yield ChatReply(key=prompt.key, text=prompt.text.rpartition("Text:\n")[2])


def test_all_requests_go_out_in_one_call_and_results_come_in_any_order() -> None:
    calls: list[list[ChatPrompt]] = []

    def generate(prompts: Sequence[ChatPrompt]) -> Iterator[ChatReply]:
        calls.append(list(prompts))
        return echo(prompts)

    translator = load_translator("vllm:some/model", generate=generate)
    results = list(translator.translate(REQUESTS))
    assert [(one.key, one.text) for one in results] == [
        ("c", "She has 3."),
        ("b", "She has 3."),
        ("a", "Find XQ1Z {now}."),
    ]
    (prompts,) = calls
    assert "from English into Korean" in prompts[0].text
    assert "한국어" in prompts[0].text
    assert "into Swahili" in prompts[1].text
    assert [prompt.temperature for prompt in prompts] == [0.0, 0.0, 0.7]
    assert prompts[1].text == prompts[2].text
    assert prompts[1].seed != prompts[2].seed
    assert prompts == translator_prompts(), "the same requests give the same prompts and seeds"


def translator_prompts() -> list[ChatPrompt]:
    kept: list[ChatPrompt] = []

    def generate(prompts: Sequence[ChatPrompt]) -> Iterator[ChatReply]:
        kept.extend(prompts)
        return iter(())

    list(load_translator("vllm:some/model", generate=generate).translate(REQUESTS))
    return kept


def test_cut_empty_failed_and_missing_replies_are_failures() -> None:
    def generate(prompts: Sequence[ChatPrompt]) -> Iterator[ChatReply]:
        yield ChatReply(key="a", text="Half a trans", cut=True)
        yield ChatReply(key="b", text="<think>It says")

    results = list(load_translator("openai:m,max_new=64", generate=generate).translate(REQUESTS))
    assert results == [
        Translated(key="a", text="", failure="cut at 64 tokens"),
        Translated(key="b", text="", failure="empty reply"),
        Translated(key="c", text="", failure="no reply"),
    ]

    def refuse(prompts: Sequence[ChatPrompt]) -> Iterator[ChatReply]:
        yield from (ChatReply(key=prompt.key, text="", failure="HTTP 400") for prompt in prompts)

    results = list(load_translator("openai:m", generate=refuse).translate(REQUESTS))
    assert {one.failure for one in results} == {"HTTP 400"}


def test_a_reply_that_was_not_asked_stops_the_call() -> None:
    def generate(prompts: Sequence[ChatPrompt]) -> Iterator[ChatReply]:
        yield from (ChatReply(key="a", text="x"), ChatReply(key="a", text="y"))

    with pytest.raises(BackendError, match="reply with the key 'a'"):
        list(load_translator("vllm:m", generate=generate).translate(REQUESTS))


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        ("Ella tiene 3.", "Ella tiene 3."),
        ("<think>\n3 is three.\n</think>\n\nElla tiene 3.\n", "Ella tiene 3."),
        ("three ...</think>Ella tiene 3.", "Ella tiene 3."),  # templates that open the thought in the prompt
        ("```text\nElla tiene 3.\n```", "Ella tiene 3."),
        ("```\nElla dice ```a```.\n```", "Ella dice ```a```."),
        ('"Ella tiene 3."', "Ella tiene 3."),
        ("「3個あります。」", "3個あります。"),
        ('"Sí", dice ella, "tengo 3".', '"Sí", dice ella, "tengo 3".'),
        ('"Sí" y "no"', '"Sí" y "no"'),
        ("Here is the translation: Ella tiene 3.", "Here is the translation: Ella tiene 3."),  # for the gate to see
        ("", ""),
    ],
)
def test_the_translation_in_a_reply(reply: str, text: str) -> None:
    assert translation_in(reply) == text


def test_settings_are_in_the_fingerprint_and_wrong_ones_are_refused() -> None:
    first = load_translator("vllm:m", generate=echo)
    assert first.candidates == 4
    assert first.placeholders
    assert first.fingerprint() != load_translator("vllm:m,max_new=9", generate=echo).fingerprint()
    with pytest.raises(ConfigError, match="needs a backend that generates"):
        load_translator("vllm:m")
    with pytest.raises(ConfigError, match="unknown option of the translator 'temperature'"):
        load_translator("vllm:m,temperature=1", generate=echo)
    with pytest.raises(ConfigError, match="unknown language 'xx'"):
        first.check_languages("en", ["xx"])


def test_specifications() -> None:
    with pytest.raises(ConfigError, match=r"unknown translator 'tabel'\. Did you mean table"):
        load_translator("tabel:x")
    with pytest.raises(ConfigError, match="names no model: hf:NAME is needed"):
        load_translator("hf:")
    with pytest.raises(ConfigError, match="each option is key=value, and is given once"):
        load_translator("vllm:m,max_new", generate=echo)
