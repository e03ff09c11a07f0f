"""Measures whether our seq2seq translator keeps the engine busy: its sentences/s against bare `model.generate`.

    python benchmarks/translation_batches.py [--sentences N] [--rounds R]

The checkpoint is a small, randomly initialised M2M100 with a SentencePiece tokenizer made on the spot (M2M100 itself is not
needed: what is measured is how batches are formed and what stands around the model). Sentences are items x languages of
mixed lengths. The bare side gets the same sentences, already tokenized, sorted by length, in the best of several fixed batch
sizes, one target language per call as `forced_bos_token_id` has it, and decodes its output. Random weights never end a
sentence, so both sides write the same number of tokens for each. Both sides run in turn; the ratio is of the medians.
"""

import argparse
import json
import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import torch
from transformers import M2M100Config, M2M100ForConditionalGeneration, M2M100Tokenizer, logging

from xleval.data.reasoning.translators.sentence_pieces import Sentence
from xleval.data.reasoning.translators.seq2seq import Seq2SeqOptions
from xleval.data.reasoning.translators.seq2seq_engine import load

WORDS = "Ana buys sells red green apples pears boxes and then gives half of them to her brother who has twice as many".split()
LANGUAGES = ("es", "de", "sw", "ko")
SIZES = (32, 64, 128)
NEW_TOKENS = 12


def make_checkpoint(folder: Path) -> Path:
    """Return a folder with a small random M2M100 and its tokenizer."""
    import sentencepiece

    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([" ".join(WORDS)] * 50), model_prefix=str(folder / "trained"), vocab_size=60,
        hard_vocab_limit=False, minloglevel=2,
    )  # fmt: skip
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(folder / "trained.model"))
    tokens = dict.fromkeys(["<s>", "<pad>", "</s>", "<unk>", *(pieces.id_to_piece(i) for i in range(len(pieces)))])
    (folder / "trained.json").write_text(json.dumps({token: place for place, token in enumerate(tokens)}))
    tokenizer = M2M100Tokenizer(vocab_file=str(folder / "trained.json"), spm_file=str(folder / "trained.model"))
    torch.manual_seed(0)
    model = M2M100ForConditionalGeneration(
        M2M100Config(
            vocab_size=tokenizer.encoder_size + 108, d_model=128, encoder_layers=2, decoder_layers=2, encoder_ffn_dim=512,
            decoder_ffn_dim=512, encoder_attention_heads=4, decoder_attention_heads=4, max_position_embeddings=256,
        )
    )  # fmt: skip
    model.save_pretrained(folder / "checkpoint")
    tokenizer.save_pretrained(folder / "checkpoint")
    return folder / "checkpoint"


def sentences(count: int) -> list[Sentence]:
    """Return items x languages: lengths of 4 to 24 words, an item in all languages side by side."""
    draw = random.Random(0)
    items = [" ".join(draw.choices(WORDS, k=draw.randint(4, 24))) + "." for _ in range(count // len(LANGUAGES))]
    return [Sentence(text=text, source="en", target=lang, beam=0) for text in items for lang in LANGUAGES]


def bare(model: Any, tokenizer: Any, asked: list[Sentence], size: int, beams: int) -> float:
    """Return the seconds that a plain loop over `generate` takes."""
    tokenizer.src_lang = "en"
    prepared = []
    for lang in LANGUAGES:
        texts = sorted(
            (each.text for each in asked if each.target == lang), key=lambda text: -len(tokenizer.tokenize(text))
        )
        for start in range(0, len(texts), size):
            prepared.append((lang, tokenizer(texts[start : start + size], return_tensors="pt", padding=True)))
    begin = time.perf_counter()
    for lang, batch in prepared:
        with torch.inference_mode():
            output = model.generate(
                **batch, forced_bos_token_id=tokenizer.get_lang_id(lang), num_beams=beams, do_sample=False,
                max_new_tokens=NEW_TOKENS + 1, max_length=None,
            )  # fmt: skip
        tokenizer.batch_decode(output, skip_special_tokens=True)
    return time.perf_counter() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sentences", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--beams", type=int, default=5)
    arguments = parser.parse_args()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    with tempfile.TemporaryDirectory() as folder:
        path = make_checkpoint(Path(folder))
        engine = load(Seq2SeqOptions(model=str(path), beams=arguments.beams, max_new=NEW_TOKENS))
        model = M2M100ForConditionalGeneration.from_pretrained(path).eval()
        tokenizer = M2M100Tokenizer.from_pretrained(path)
    asked = sentences(arguments.sentences)
    ours: list[float] = []
    theirs: dict[int, list[float]] = {size: [] for size in SIZES}
    for _ in range(arguments.rounds):
        begin = time.perf_counter()
        results = list(engine.translate(asked))
        ours.append(time.perf_counter() - begin)
        for size, seconds in theirs.items():
            seconds.append(bare(model, tokenizer, asked, size, arguments.beams))
    best = min(SIZES, key=lambda size: statistics.median(theirs[size]))
    assert len(results) == len(asked)
    rates = [len(asked) / statistics.median(each) for each in (ours, theirs[best])]
    print(
        f"{len(asked)} sentences in {len(LANGUAGES)} languages, {arguments.beams} beams, {torch.get_num_threads()} threads"
    )
    print(f"ours: {engine.count.batches} batches, fill {engine.count.fill:.3f}, {rates[0]:.1f} sentences/s")
    print(f"bare generate, best fixed batch {best} of {SIZES}: {rates[1]:.1f} sentences/s")
    print(f"ratio {rates[0] / rates[1]:.2f} (wanted: at least 0.90)")


if __name__ == "__main__":
    main()
