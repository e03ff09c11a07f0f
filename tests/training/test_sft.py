"""Supervised fine-tuning for real on a tiny model: what is learnt, what is left behind, and that it can be resumed."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trl")
pytest.importorskip("peft")

import torch

from tests.training.preference.tiny import config, folder, tokenizer
from xleval.errors import ConfigError, DataError
from xleval.training import sft
from xleval.training.answers import learnt_answers, letter_prompts
from xleval.training.config.schema import DataConfig, LoraConfig, LossConfig, MonitorConfig, PromptConfig, TrainConfig
from xleval.training.outcome import TrainJob, TrainOutcome
from xleval.training.preference.held_out import held_apart
from xleval.training.sets.asking import asker
from xleval.training.sets.records import AnswerRow

LANGS = ("en", "es")


def write_facts(path: Path, n: int) -> Path:
    """Questions whose answer repeats their number, in two languages; a set that `answer_rows` reads."""
    rows = [
        {"item_id": f"q{place}", "language": lang, "question": f"{say} {place}?", "answer": str(place)}
        for place in range(n)
        for lang, say in (("en", "what"), ("es", "qué"))
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Threads that wait for one another cost a tiny model more than they give."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def settings(tmp_path: Path) -> TrainConfig:
    made = config("sft", folder(tmp_path / "tiny"), trainer={"max_steps": 12, "max_length": 200})
    data = DataConfig(source=str(write_facts(tmp_path / "set.jsonl", 24)), langs=LANGS)
    return replace(made, data=data, monitor=MonitorConfig(limit=2))


def run(settings: TrainConfig, out: Path, **job: Any) -> TrainOutcome:
    out.mkdir(exist_ok=True)
    return sft.run_sft(settings, TrainJob(out=out, quiet=True, **job))


def weights(folder: Path) -> dict[str, torch.Tensor]:
    from safetensors.torch import load_file

    (path,) = folder.glob("*.safetensors")
    return load_file(path)


def test_loss_and_held_out_nll_fall_in_every_language(settings: TrainConfig, tmp_path: Path) -> None:
    done = run(settings, tmp_path / "out")
    figures = done.figures
    assert done.steps == 12
    assert figures["loss"] < figures["loss/first"]
    for lang in LANGS:
        assert figures[f"held_out/after/nll/{lang}"] < figures[f"held_out/before/nll/{lang}"]
    # 24 items, of which the last 2 (a tenth, rounded down) are held out
    assert (done.n_items, done.n_rows, figures["rows/held_out"]) == (22, 44, 4)
    assert done.n_tokens == 1444  # of 24 rows, by TRL's own count ("num_tokens" of its log)


def test_a_resumed_training_ends_with_the_same_weights(settings: TrainConfig, tmp_path: Path) -> None:
    settings = replace(
        settings,
        lora=LoraConfig(r=4, dropout=0.1),
        trainer={**settings.trainer, "max_steps": 6, "save_steps": 3, "save_strategy": "steps"},
    )
    whole = run(settings, tmp_path / "whole")
    told = tmp_path / "whole" / "checkpoint-3" / "xleval_training.json"
    content = json.loads(told.read_text())
    assert 0 < content["amounts"]["train_s"] < whole.train_s
    content["amounts"]["train_s"] = 1000.0
    told.write_text(json.dumps(content))
    resumed = run(settings, tmp_path / "resumed", resume_from=tmp_path / "whole" / "checkpoint-3")
    one, other = weights(tmp_path / "whole/model"), weights(tmp_path / "resumed/model")
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert (resumed.steps, resumed.n_tokens) == (whole.steps, whole.n_tokens)
    assert 1000 < resumed.train_s < 1000 + whole.train_s + 60  # the sessions before it count
    assert resumed.figures["held_out/after/nll/en"] == whole.figures["held_out/after/nll/en"]


def test_what_is_saved_is_a_model_that_a_run_takes(settings: TrainConfig, tmp_path: Path) -> None:
    from xleval.evalkit.backends.hf import HfBackend

    settings = replace(
        settings, trainer={**settings.trainer, "max_steps": 2, "save_steps": 1, "save_strategy": "steps"}
    )
    for name, trained in (("full", settings), ("lora", replace(settings, lora=LoraConfig(r=2)))):
        run(trained, tmp_path / name)
        for place in ("model", "checkpoint-1"):
            path = tmp_path / name / place
            backend = HfBackend(str(path), dtype="float32", device="cpu")
            assert backend.checkpoint.name.endswith("-s42" if place == "model" else "-s42-step1")
            content = json.loads((path / "xleval_training.json").read_text())
            assert content["step"] == (2 if place == "model" else 1)
            assert content["is_final"] is (place == "model")
            assert "xleval train sft" in (path / "README.md").read_text()
    assert not (tmp_path / "full" / "README.md").exists()  # TRL's own card


def row(item_id: str = "q", lang: str = "en", answer: str = " 7", **more: Any) -> AnswerRow:
    return AnswerRow(item_id=item_id, lang=lang, prompt="what 7?", answer=answer, **more)


def test_the_answer_and_what_ends_it_are_learnt_and_the_prompt_is_not() -> None:
    found = learnt_answers([row()], tokenizer(), max_length=None)
    (tokens,) = found.in_order
    made = tokenizer()
    assert made.decode(tokens.ids) == "<s>what 7? 7<eos>"
    assert made.decode(tokens.ids[-tokens.n_answer :]) == " 7<eos>"
    (columns,) = sft.columns_of(found)
    assert columns["labels"] == [-100] * (len(tokens.ids) - 3) + list(tokens.ids[-3:])


def test_answers_that_are_too_long_are_left_out_whole_and_counted() -> None:
    rows = [row("short"), row("long", answer=" " + "7" * 50)]
    found = learnt_answers(rows, tokenizer(), max_length=20)
    assert (len(found.in_order), found.n_items, found.n_too_long) == (1, 1, 1)
    with pytest.raises(DataError, match=r"all 1 are longer than trainer.max_length = 20 .*nothing is cut"):
        learnt_answers(rows[1:], tokenizer(), max_length=20)


def test_items_are_held_out_in_all_languages() -> None:
    rows = [row(f"q{place}", lang) for place in range(30) for lang in LANGS]
    train, held = held_apart(rows, limit=2)
    assert [each.item_id for each in held] == ["q28", "q28", "q29", "q29"]
    assert len(train) == 56
    assert held_apart(rows[:18], limit=5) == (rows[:18], [])  # nine items: a tenth is none


def letter_row(item_id: str, lang: str, place: int, ids: tuple[str, ...]) -> AnswerRow:
    return AnswerRow(
        item_id=item_id, lang=lang, prompt=f"{item_id}?\nAnswer:", answer=f" {'ABCD'[place]}",
        choices=("w", "x", "y", "z"), choice_ids=ids, gold_index=place,
    )  # fmt: skip


def test_letters_stand_in_an_order_of_options_that_languages_share() -> None:
    # the right option is Q2: first in English, third in Spanish
    rows = [letter_row("f", "en", 0, ("Q2", "Q1", "Q4", "Q3")), letter_row("f", "es", 2, ("Q1", "Q3", "Q2", "Q4"))]
    found = letter_prompts(
        rows, letter_tokenizer(), asker(PromptConfig(option_space="always"), has_chat_template=False)
    )
    made = letter_tokenizer()
    assert [made.convert_ids_to_tokens(list(each.letters)) for each in found] == [
        ["ĠB", "ĠA", "ĠD", "ĠC"],
        ["ĠA", "ĠC", "ĠB", "ĠD"],
    ]
    assert [each.gold for each in found] == [1, 1]


def test_letters_of_several_tokens_are_refused() -> None:
    asking = asker(PromptConfig(option_space="always"), has_chat_template=False)
    with pytest.raises(ConfigError, match="is 2 tokens for this model's tokenizer"):
        letter_prompts([letter_row("f", "en", 0, ("a", "b", "c", "d"))], tokenizer(), asking)


def letter_tokenizer() -> Any:
    """Bytes, and a token for each letter with the space before it."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    joint = [f"Ġ{letter}" for letter in "ABCD"]
    vocabulary = ["<pad>", "<s>", "<eos>", *letters, *joint]
    made = Tokenizer(
        models.BPE(
            vocab={token: place for place, token in enumerate(vocabulary)}, merges=[("Ġ", letter) for letter in "ABCD"]
        )
    )
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(tokenizer_object=made, bos_token="<s>", eos_token="<eos>", pad_token="<pad>")


def test_letters_are_learnt_and_agreement_is_of_whole_facts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    LlamaForCausalLM(LlamaConfig(
        vocab_size=263, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
        bos_token_id=1, eos_token_id=2, pad_token_id=0, initializer_range=0.2,
    )).save_pretrained(tmp_path / "tiny")  # fmt: skip
    letter_tokenizer().save_pretrained(tmp_path / "tiny")
    ids = ("a", "b", "c", "d")
    rows = [letter_row(f"f{place}", lang, place % 2, ids) for place in range(20) for lang in LANGS]
    monkeypatch.setattr(sft, "answer_rows", lambda data, **_: rows if data.split == "train" else [])
    settings = config("sft", tmp_path / "tiny", trainer={"max_steps": 8, "per_device_train_batch_size": 3})
    settings = replace(
        settings, prompt=PromptConfig(option_space="always"), loss=LossConfig(sft="letter", consistency_weight=0.5)
    )
    done = run(settings, tmp_path / "out")
    # 18 of 20 facts are trained on, in batches of 3 facts x 2 languages
    assert (done.steps, done.n_items, done.n_rows, done.figures["rows/held_out"]) == (8, 18, 36, 4)
    assert done.figures["loss"] < done.figures["loss/first"]
    assert done.figures["letters/disagreement"] >= 0
    assert done.figures["held_out/after/nll/en"] < done.figures["held_out/before/nll/en"]
    assert done.figures["loss"] == pytest.approx(
        done.figures["letters/cross_entropy"] + 0.5 * done.figures["letters/disagreement"], abs=1e-4
    )


def test_agreement_needs_options_that_can_be_matched(settings: TrainConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [replace(letter_row("f", lang, 0, ()), choice_ids=()) for lang in LANGS]
    monkeypatch.setattr(sft, "answer_rows", lambda data, **_: rows)
    with pytest.raises(ConfigError, match=r"consistency_weight 0.5: .*no ids of their options"):
        run(
            replace(settings, loss=LossConfig(sft="letter", consistency_weight=0.5)),
            Path(settings.model).parent / "out",
        )
