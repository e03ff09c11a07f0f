"""Seq2seq translators on real tiny checkpoints of M2M100's and MADLAD's shapes that know five sentences by heart."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from xleval.data.reasoning.translators import load_translator
from xleval.data.reasoning.translators.protocol import Translated, TranslationRequest
from xleval.errors import BackendError, ConfigError

pytest.importorskip("sentencepiece")
pytest.importorskip("transformers")

from tests.data.reasoning.translators.tiny_checkpoints import KNOWN, make_m2m100, make_madlad


@pytest.fixture(scope="module")
def m2m100(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_m2m100(tmp_path_factory.mktemp("m2m100") / "checkpoint")


@pytest.fixture(scope="module")
def madlad(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_madlad(tmp_path_factory.mktemp("madlad") / "checkpoint")


def requests(
    texts: Sequence[str], *, langs: Sequence[str] = ("es", "de"), attempt: int = 0
) -> list[TranslationRequest]:
    return [
        TranslationRequest(key=f"{lang}|{text}", text=text, source_lang="en", target_lang=lang, attempt=attempt)
        for text in texts
        for lang in langs
    ]


def by_key(results: Sequence[Translated]) -> dict[str, Translated]:
    found = {one.key: one for one in results}
    assert len(found) == len(results), "each request has one result"
    return found


@pytest.mark.parametrize("checkpoint", ["m2m100", "madlad"])
@pytest.mark.parametrize("beams", [1, 5])
def test_each_language_is_translated_into(checkpoint: str, beams: int, request: pytest.FixtureRequest) -> None:
    folder = request.getfixturevalue(checkpoint)
    translator = load_translator(f"hf:{folder},beams={beams},max_new=48")
    found = by_key(list(translator.translate(requests(list(KNOWN)))))
    assert {key: one.text for key, one in found.items()} == {
        f"{lang}|{text}": others[lang] for text, others in KNOWN.items() for lang in ("es", "de")
    }


def test_a_text_is_translated_by_sentence_and_joined_with_its_own_spaces(m2m100: Path) -> None:
    translator = load_translator(f"hf:{m2m100},beams=1,max_new=48")
    text = "There are 3 red apples. She buys 12 more.\n\nThe bus leaves at noon.\nXQ7Z = 12."
    (one,) = translator.translate(requests([text], langs=["es"]))
    # The last line has no word: it is no sentence for the model and stays.
    assert one.text == "Hay 3 manzanas rojas. Ella compra 12 más.\n\nEl autobús sale al mediodía.\nXQ7Z = 12."


@pytest.mark.parametrize("checkpoint", ["m2m100", "madlad"])
def test_batches_of_items_and_languages_give_the_texts_of_one_by_one(
    checkpoint: str, request: pytest.FixtureRequest
) -> None:
    folder = request.getfixturevalue(checkpoint)
    # Unknown sentences of all lengths, some of which do not end: what a batch does to them must be what they get alone.
    texts = [*KNOWN, "She has 3 pears.", "Ana buys XQ1Z apples now?", "more", "Each bus holds 12 red apples at noon."]
    together = load_translator(f"hf:{folder},beams=1,max_new=48,rows=7")
    alone = load_translator(f"hf:{folder},beams=1,max_new=48,rows=1")
    assert by_key(list(together.translate(requests(texts)))) == by_key(list(alone.translate(requests(texts))))


def test_attempts_are_the_beams_in_order(m2m100: Path) -> None:
    translator = load_translator(f"hf:{m2m100},beams=3,max_new=48")
    assert translator.candidates == 3
    texts = ["The bus leaves at noon."]
    each = [next(iter(translator.translate(requests(texts, langs=["es"], attempt=turn)))) for turn in range(3)]
    assert each[0].text == "El autobús sale al mediodía."
    assert len({one.text or one.failure for one in each}) == 3
    with pytest.raises(ConfigError, match="has 3 candidates; attempt 3 was asked"):
        next(iter(translator.translate(requests(texts, attempt=3))))


def test_what_does_not_end_or_fit_is_a_failure_and_is_never_cut(m2m100: Path) -> None:
    translator = load_translator(f"hf:{m2m100},beams=1,max_new=5")
    long = "apples and " * 40
    found = by_key(list(translator.translate(requests(["The bus leaves at noon.", long], langs=["es"]))))
    assert found["es|The bus leaves at noon."] == Translated(
        key="es|The bus leaves at noon.", text="", failure="cut at 5 tokens"
    )
    assert found[f"es|{long}"].text == ""
    assert "the model takes 64" in found[f"es|{long}"].failure


def test_languages_are_those_of_the_tokenizer(m2m100: Path, madlad: Path) -> None:
    load_translator(f"hf:{m2m100}").check_languages("en", ["es", "sw", "ko"])
    with pytest.raises(ConfigError, match=r"does not have the language te; it has ar, bn, de, .*zh"):
        load_translator(f"hf:{m2m100}").check_languages("en", ["te"])  # M2M100's 100 languages lack Telugu
    with pytest.raises(ConfigError, match=r"does not have the language ko; it has de, es$"):
        load_translator(f"hf:{madlad}").check_languages("en", ["ko"])


def test_fingerprint_follows_weights_and_decoding(m2m100: Path, tmp_path: Path) -> None:
    first = load_translator(f"hf:{m2m100}").fingerprint()
    assert first == load_translator(f"hf:{m2m100}").fingerprint()
    assert (first["languages"], first["dtype"], first["beams"]) == ("m2m100", "float32", "5")
    other = load_translator(f"hf:{make_m2m100(tmp_path / 'checkpoint', steps=1)}").fingerprint()
    assert other["checkpoint"] != first["checkpoint"]
    assert load_translator(f"hf:{m2m100},beams=2").fingerprint() != first


def test_weights_that_are_pickles_are_refused(m2m100: Path, tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file

    folder = tmp_path / "pickled"
    folder.mkdir()
    for path in m2m100.iterdir():
        if path.suffix == ".safetensors":
            torch.save(load_file(path), folder / "pytorch_model.bin")
        else:
            (folder / path.name).write_bytes(path.read_bytes())
    with pytest.raises(BackendError, match="safetensors"):
        load_translator(f"hf:{folder}").check_languages("en", ["es"])


def test_wrong_options_are_one_line(m2m100: Path) -> None:
    with pytest.raises(ConfigError, match=r"unknown option of the translator .beam.\. Did you mean beams"):
        load_translator(f"hf:{m2m100},beam=4")
    with pytest.raises(ConfigError, match="beams=0: a whole number of at least 1"):
        load_translator(f"hf:{m2m100},beams=0")
    with pytest.raises(BackendError, match="cannot be loaded"):
        load_translator("hf:/nowhere/at-all").fingerprint()
