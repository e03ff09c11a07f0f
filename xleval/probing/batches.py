"""Sentences as padded batches of token ids."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch

from xleval.evalkit.backends.hf_encode import Encoder


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence as token ids.

    Attributes:
        row: its number in the text, the same in every language.
        ids: token ids, special ones in front included.
        n_special: how many of them are special: a BOS, which is the same in every language and is not counted.
        is_cut: whether it was longer than the limit.
    """

    row: int
    ids: tuple[int, ...]
    n_special: int
    is_cut: bool

    @property
    def n_tokens(self) -> int:
        """Tokens of the text itself."""
        return len(self.ids) - self.n_special


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Sentences of one language, padded at the right.

    Attributes:
        rows: number of each sentence in the text.
        ids: token ids, shape (B, T).
        mask: 1 at tokens, 0 at padding, shape (B, T).
        counted: True at the tokens of the text itself, neither padding nor special, shape (B, T).
    """

    rows: tuple[int, ...]
    ids: torch.Tensor
    mask: torch.Tensor
    counted: torch.Tensor


#: Sentences differ in length: of 20 in FLORES, batches of 1,024 are a third padding, of 256 a tenth.
_TOKENS_ON_CPU, _TOKENS_ON_GPU = 256, 16_384


def size_of_batch(asked: int | None, device: torch.device) -> int:
    """Return the most tokens of a batch, padding included: what was asked for, else what suits the device."""
    return asked or (_TOKENS_ON_CPU if device.type == "cpu" else _TOKENS_ON_GPU)


def encode(encoder: Encoder, texts: Sequence[str], *, max_tokens: int) -> list[Sentence]:
    """Return each text as token ids, the special ones of the end left out; row i is text i.

    Args:
        encoder: of the model.
        texts: any.
        max_tokens: a text is read up to here, special tokens in front included, or as far as the model can.
    """
    tokenizer = encoder.tokenizer
    # An unknown token is text, though transformers lists it among the special ones.
    ends = (tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.cls_token_id, tokenizer.sep_token_id)
    special = {token for token in (*ends, tokenizer.pad_token_id) if token is not None}
    max_tokens = min(max_tokens, encoder.max_positions or max_tokens)
    sentences = []
    for row, ids in enumerate(encoder.text_ids(texts)):
        n_special = next((i for i, token in enumerate(ids) if token not in special), len(ids))
        end = next((i for i in range(len(ids), n_special, -1) if ids[i - 1] not in special), n_special)
        kept = ids[: min(end, max_tokens)]
        sentences.append(Sentence(row=row, ids=kept, n_special=min(n_special, len(kept)), is_cut=end > max_tokens))
    return sentences


def batches(sentences: Sequence[Sentence], *, tokens: int, device: torch.device, pad: int = 0) -> Iterator[Batch]:
    """Yield the sentences, the longest first, in batches of at most so many tokens, padding included.

    Args:
        sentences: any; those without a token of their own are left out.
        tokens: of a batch; a longer sentence is a batch alone.
        device: where the tensors go.
        pad: any token id; nothing reads it.
    """
    left = sorted((each for each in sentences if each.n_tokens), key=lambda each: (-len(each.ids), each.row))
    while left:
        width = len(left[0].ids)
        size = max(1, tokens // width)
        yield _padded(left[:size], width, device, pad)
        left = left[size:]


def _padded(sentences: Sequence[Sentence], width: int, device: torch.device, pad: int) -> Batch:
    ids = torch.full((len(sentences), width), pad, dtype=torch.long)
    mask = torch.zeros((len(sentences), width), dtype=torch.long)
    counted = torch.zeros((len(sentences), width), dtype=torch.bool)
    for i, each in enumerate(sentences):
        ids[i, : len(each.ids)] = torch.tensor(each.ids)
        mask[i, : len(each.ids)] = 1
        counted[i, each.n_special : len(each.ids)] = True
    return Batch(
        rows=tuple(each.row for each in sentences), ids=ids.to(device), mask=mask.to(device), counted=counted.to(device)
    )
