"""Tiny checkpoints of the published shapes, made on the spot: M2M100 with SentencePiece, and MADLAD's T5.

They are trained for seconds until they know the sentences below by heart, so that a test can say which translation is
right: it depends on the language token as well as on the sentence.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import torch
from transformers import (
    M2M100Config,
    M2M100ForConditionalGeneration,
    M2M100Tokenizer,
    T5Config,
    T5ForConditionalGeneration,
)

#: English to the translations that the checkpoints learn
KNOWN = {
    "There are 3 red apples.": {"es": "Hay 3 manzanas rojas.", "de": "Es gibt 3 rote Äpfel."},
    "She buys 12 more.": {"es": "Ella compra 12 más.", "de": "Sie kauft 12 weitere."},
    "How many apples does Ana have now?": {
        "es": "¿Cuántas manzanas tiene Ana ahora?",
        "de": "Wie viele Äpfel hat Ana jetzt?",
    },
    "Each box holds XQ1Z pears.": {"es": "Cada caja contiene XQ1Z peras.", "de": "Jede Kiste fasst XQ1Z Birnen."},
    "The bus leaves at noon.": {"es": "El autobús sale al mediodía.", "de": "Der Bus fährt mittags ab."},
}


def make_m2m100(folder: Path, *, steps: int = 250) -> Path:
    """Return a folder with a checkpoint in M2M100's layout: config.json, model.safetensors, vocab.json, SentencePiece.

    Args:
        folder: is made.
        steps: of training; 0 leaves the weights random, so that no translation ends.
    """
    folder.mkdir(parents=True)
    texts = [text for english, others in KNOWN.items() for text in (english, *others.values())]
    spm = folder / "trained.model"
    _train_sentencepiece(texts, spm)
    tokenizer = M2M100Tokenizer(vocab_file=str(_vocabulary(spm, folder)), spm_file=str(spm))
    torch.manual_seed(1)
    config = M2M100Config(
        vocab_size=tokenizer.encoder_size + len(tokenizer.lang_code_to_id) + 8, d_model=64, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=128, decoder_ffn_dim=128, max_position_embeddings=64, dropout=0.0,
        attention_dropout=0.0, activation_dropout=0.0, encoder_layerdrop=0.0, decoder_layerdrop=0.0,
    )  # fmt: skip
    model = M2M100ForConditionalGeneration(config)
    pairs = []
    for english, others in KNOWN.items():
        for lang, text in others.items():
            tokenizer.src_lang = "en"
            source = tokenizer(english)["input_ids"]
            tokenizer.src_lang = lang  # the same shape holds for targets: language, text, end
            pairs.append((source, tokenizer(text)["input_ids"]))
    _learn(model, pairs, steps, pad=1)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _learn(model: torch.nn.Module, pairs: Sequence[tuple[list[int], list[int]]], steps: int, *, pad: int) -> None:
    source = _padded([ids for ids, _ in pairs], pad)
    labels = _padded([ids for _, ids in pairs], -100)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.0)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # matrices this small are slower on several threads
    model.train()
    for _ in range(steps):
        loss = model(input_ids=source, attention_mask=(source != pad).long(), labels=labels).loss
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    model.eval()
    torch.set_num_threads(threads)


def _padded(rows: Sequence[list[int]], pad: int) -> torch.Tensor:
    width = max(map(len, rows))
    return torch.tensor([row + [pad] * (width - len(row)) for row in rows])


def _train_sentencepiece(texts: Sequence[str], path: Path) -> None:
    import sentencepiece

    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts * 4), model_prefix=str(path.with_suffix("")), vocab_size=140, character_coverage=1.0,
        hard_vocab_limit=False, minloglevel=2,
    )  # fmt: skip


def _vocabulary(spm: Path, folder: Path) -> Path:
    """Write M2M100's vocab.json: four marks, then the pieces of the model."""
    import sentencepiece

    model = sentencepiece.SentencePieceProcessor(model_file=str(spm))
    pieces = [model.id_to_piece(place) for place in range(model.get_piece_size())]
    tokens = dict.fromkeys(["<s>", "<pad>", "</s>", "<unk>", *pieces])
    path = folder / "trained_vocab.json"
    path.write_text(json.dumps({token: place for place, token in enumerate(tokens)}), encoding="utf-8")
    return path


def make_madlad(folder: Path, *, steps: int = 150) -> Path:
    """Return a folder with a checkpoint in MADLAD's layout: T5 with the target's token `<2es>` before the text."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    folder.mkdir(parents=True)
    texts = [text for english, others in KNOWN.items() for text in (english, *others.values())]
    marks = ["<unk>", "<s>", "</s>", "<2es>", "<2de>"]
    words = sorted({f"▁{word}" for text in texts for word in text.split()})  # whole words: less to learn than pieces
    raw = Tokenizer(models.WordLevel({token: place for place, token in enumerate([*marks, *words])}, unk_token="<unk>"))
    raw.add_special_tokens(marks)
    raw.pre_tokenizer = pre_tokenizers.Metaspace()
    raw.decoder = decoders.Metaspace()
    raw.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 2)])
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=raw, eos_token="</s>", unk_token="<unk>", pad_token="<s>", model_max_length=1000000000000000
    )
    torch.manual_seed(1)
    model = T5ForConditionalGeneration(
        T5Config(
            vocab_size=len(tokenizer), d_model=64, d_kv=32, d_ff=128, num_layers=1, num_heads=2, dropout_rate=0.0,
            pad_token_id=1, eos_token_id=2, decoder_start_token_id=0, feed_forward_proj="gated-gelu",
        )
    )  # fmt: skip
    pairs = [
        (tokenizer(f"<2{lang}> {english}")["input_ids"], tokenizer(text)["input_ids"])
        for english, others in KNOWN.items()
        for lang, text in others.items()
    ]
    _learn(model, pairs, steps, pad=1)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
