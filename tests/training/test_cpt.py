"""Continued pre-training: how texts are joined, counted and held out, and a real training of a tiny model."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("trl")

import torch

from tests.training.preference.tiny import config, folder, tokenizer
from xleval.errors import ConfigError, DataError
from xleval.training.config.schema import DataConfig, MonitorConfig, TrainConfig
from xleval.training.cpt import HeldApart, chunk_length, held_sequences, run_cpt
from xleval.training.outcome import TrainJob
from xleval.training.packing import Packed, lines_by_language, pack, tokens_by_language
from xleval.training.sets.records import TextRow

TEXTS = {"en": "the cat sat on the mat, number {} of many", "es": "el gato se sentó, número {} de muchos"}


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def rows(*texts: str, lang: str = "en") -> list[TextRow]:
    return [TextRow(item_id=str(place), lang=lang, text=text) for place, text in enumerate(texts)]


def packed(texts: list[TextRow], *, length: int, max_tokens: int | None = None) -> tuple[list[str], Packed]:
    made, counts = tokenizer(), Packed()
    chunks = pack(texts, made, length=length, langs=("en", "es"), max_tokens=max_tokens, packed=counts)
    return [made.decode(chunk) for chunk in chunks], counts


def test_texts_run_on_across_chunks_and_nothing_is_lost() -> None:
    # bytes are tokens here: 3 + 1 and 5 + 1 of them, in chunks of 4 with one for the BOS
    chunks, counts = packed(rows("abc", "defgh"), length=4)
    assert chunks == ["<s>abc", "<s><eos>de", "<s>fgh", "<s><eos>"]
    assert (counts.n_texts, counts.n_tokens, counts.by_lang) == (2, 10, {"en": 10})


def test_the_budget_is_never_gone_beyond() -> None:
    texts = rows("abc", "defgh", "i")
    for max_tokens, n_texts, n_tokens in ((10, 2, 10), (9, 1, 4), (4, 1, 4), (3, 0, 0), (100, 3, 12)):
        _, counts = packed(texts, length=8, max_tokens=max_tokens)
        assert (counts.n_texts, counts.n_tokens) == (n_texts, n_tokens)


def test_a_tokenizer_without_a_bos_gives_chunks_without_one() -> None:
    made = tokenizer()
    made.backend_tokenizer.post_processor = None
    chunks = list(pack(rows("abc"), made, length=4, langs=(), max_tokens=None, packed=Packed()))
    assert [made.decode(chunk) for chunk in chunks] == ["abc<eos>"]


def test_items_are_held_out_whole_by_their_ids() -> None:
    texts = [TextRow(item_id=str(place), lang=lang, text=lang) for place in range(1000) for lang in ("en", "es")]
    apart = HeldApart(5, ("en", "es"))
    kept = {row.item_id for row in apart.others(iter(texts))}
    n_items = 1000 - len(kept)
    assert 5 < n_items < 45  # one of 50: 20 are expected
    assert apart.n_held == 2 * n_items
    assert {lang: len(each) for lang, each in apart.held.items()} == {"en": 5, "es": 5}
    assert len(list(HeldApart(0, ("en",)).others(iter(texts)))) == 2000


def test_lines_of_parallel_text_are_told_apart() -> None:
    both = TextRow(item_id="1", lang="es", text="es: el gato\nen: the cat")
    assert lines_by_language(both, {"en", "es"}) == [("es", "es: el gato"), ("en", "en: the cat")]
    prose = TextRow(item_id="1", lang="es", text="nota: uno\nen: two")
    assert lines_by_language(prose, {"en", "es"}) == [("es", "nota: uno\nen: two")]


def test_tokens_count_in_the_language_of_their_line() -> None:
    # bytes are tokens: 11 + the line break in Spanish, 7 + the end of the text in English
    row = TextRow(item_id="1", lang="es", text="es: el gato\nen: cat")
    assert tokens_by_language(row, tokenizer(), ("en", "es")) == {"es": 12, "en": 8}


def test_long_held_out_texts_are_split_and_none_is_left_out() -> None:
    (found,) = held_sequences({"en": ["abcdef"]}, tokenizer(), length=5).values()
    assert [tokenizer().decode(each.ids) for each in found] == ["<s>abcd", "<s>ef<eos>"]
    assert [each.n_answer for each in found] == [4, 3]


def test_a_chunk_has_two_tokens_at_least(tmp_path: Path) -> None:
    made = config("cpt", tmp_path)
    assert chunk_length(made) == 512
    with pytest.raises(ConfigError, match="max_length 1: for cpt the tokens of a chunk"):
        chunk_length(replace(made, trainer={"max_length": 1}))


@pytest.fixture
def settings(tmp_path: Path) -> TrainConfig:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for lang, text in TEXTS.items():
        (corpus / f"{lang}.txt").write_text("".join(text.format(place) + "\n" for place in range(200)))
    made = config("cpt", folder(tmp_path / "tiny"), trainer={"max_steps": 8, "max_length": 32, "save_steps": 4})
    trainer = {**made.trainer, "save_strategy": "steps"}
    data = DataConfig(source=str(corpus), langs=("en", "es"), max_tokens=4000)
    return replace(made, data=data, trainer=trainer, monitor=MonitorConfig(limit=5))


def test_perplexity_of_held_out_texts_falls_in_every_language(settings: TrainConfig, tmp_path: Path) -> None:
    done = run_cpt(settings, TrainJob(out=tmp_path / "out", quiet=True))
    figures = done.figures
    for lang in ("en", "es"):
        assert figures[f"held_out/after/nll/{lang}"] < figures[f"held_out/before/nll/{lang}"]
    assert 3900 < figures["tokens"] <= 4000
    assert figures["tokens"] == figures["tokens/en"] + figures["tokens/es"]
    assert done.n_rows == -(-int(figures["tokens"]) // 31)  # chunks of 32, one token of each the BOS
    assert done.n_tokens == 8 * 2 * 32
    content = json.loads((tmp_path / "out/checkpoint-4/xleval_training.json").read_text())
    assert (content["kind"], content["step"], content["is_final"]) == ("cpt", 4, False)
    resumed = run_cpt(settings, TrainJob(out=tmp_path / "again", resume_from=tmp_path / "out/checkpoint-4", quiet=True))
    assert resumed.figures["held_out/after/nll/en"] == figures["held_out/after/nll/en"]


def test_a_budget_below_the_first_text_is_an_error(settings: TrainConfig, tmp_path: Path) -> None:
    small = replace(settings, data=replace(settings.data, max_tokens=5))
    with pytest.raises(DataError, match="no text to train on"):
        run_cpt(small, TrainJob(out=tmp_path / "out", quiet=True))
