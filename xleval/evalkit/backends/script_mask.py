"""Which tokens a model may draw when its text is to stay in the scripts of one language (`--script-mask`).

The choice does not depend on what was drawn before, so a mask is one list of token ids per tokenizer and language.

A mask is about scripts: English and Swahili have the same one. No sequence of allowed tokens holds a letter of another
script, in the sense of `script_of`. What that leaves in: digits, punctuation, symbols, superscripts, modifiers and
letter-like symbols (ℝ, ⓐ), which have no script; words of other languages in the same script; and U+FFFD, where bytes
are drawn that make no character. What it keeps out: variables, units and commands in Latin letters in a language of
another script, because a model that may write single letters spells whole English words with them; Greek letters in
almost all languages; and characters that a tokenizer spells in bytes of which the first alone is a token, where that
byte also begins letters of other scripts (the first byte of Bengali is that of a dozen others).
"""

import codecs
from collections.abc import Callable, Collection, Mapping
from functools import cache
from typing import Any

from xleval.data.languages import get_language
from xleval.data.scripts import script_of
from xleval.errors import ConfigError
from xleval.evalkit.prompt_words import prompt_words
from xleval.evalkit.reasoning import TAGS

#: Special tokens that end a turn or a text in the models of today, beside the tokenizer's own end of sequence.
END_TOKENS = frozenset(
    {
        "</s>", "<eos>", "<|endoftext|>", "<|im_end|>", "<end_of_turn>", "<|eot_id|>", "<|eom_id|>", "<|end_of_text|>",
        "<|end|>", "<|return|>", "<|END_OF_TURN_TOKEN|>", "<｜end▁of▁sentence｜>",
    }
)  # fmt: skip
_CONTINUATIONS = bytes(range(0x80, 0xC0))
_SAMPLE = "中"


def allowed_token_ids(tokenizer: Any, lang: str, *, end_ids: Collection[int] = ()) -> tuple[int, ...]:
    """Return the ids of the tokens that keep a text in the scripts of a language, in ascending order.

    Allowed are tokens whose letters all belong to these scripts, the tokens that end a sequence, and tags around
    reasoning that are one token. A token that ends inside a character is allowed if every character that begins like
    that is allowed; after it, or alone, bytes from the middle of a character can do no harm.

    Takes about a second for 262,144 tokens; keep the result.

    Args:
        tokenizer: of transformers; byte-level, with byte fallback, or of whole characters.
        lang: code of the language table.
        end_ids: ids that end a sequence by the model's generation configuration, where the tokenizer does not say so.

    Raises:
        ConfigError: an unknown language, or one of which the tokenizer cannot write a sentence with the tokens left.
    """
    language = get_language(lang)
    scripts = frozenset(language.scripts)
    tokens = _token_bytes(tokenizer)
    whole, partial = _decoded(tokens)
    foreign = {char for char in set().union(*whole.values()) if script_of(char) not in {None, *scripts}}
    allowed = {token for token, text in whole.items() if foreign.isdisjoint(text)}
    allowed |= {token for token, data in partial.items() if _is_harmless(data, scripts)}
    sentence = prompt_words(lang).reasoning_opening.replace(" ", "")  # spaces are written in several ways
    if not _can_spell(sentence.encode(), {tokens[token] for token in allowed}):
        raise ConfigError(
            f"script mask {language.code}: the tokenizer cannot write {language.english_name} without bytes that also "
            "begin letters of other scripts; use a model with a vocabulary for it, or drop the mask"
        )
    return tuple(sorted(allowed | _always_allowed(tokenizer) | set(end_ids)))


def _always_allowed(tokenizer: Any) -> set[int]:
    """Return the tokens that end a sequence or a piece of reasoning, which no mask may keep a model from."""
    named = {
        token_id
        for token_id, entry in tokenizer.added_tokens_decoder.items()
        # </s> that is not special strikes text out in HTML
        if entry.content in TAGS or (entry.special and entry.content in END_TOKENS)
    }
    return named if tokenizer.eos_token_id is None else named | {tokenizer.eos_token_id}


def _token_bytes(tokenizer: Any) -> dict[int, bytes]:
    """Return what each token adds to a text, in UTF-8; special tokens, which add nothing, are left out."""
    added = tokenizer.added_tokens_decoder
    special = {*tokenizer.all_special_ids, *(token_id for token_id, entry in added.items() if entry.special)}
    spell = _speller(tokenizer)
    return {
        token_id: token.encode() if token_id in added else spell(token)
        for token, token_id in tokenizer.get_vocab().items()
        if token_id not in special
    }


def _speller(tokenizer: Any) -> Callable[[str], bytes]:
    """Return the function from a token of the vocabulary to its bytes.

    Tokenizers write bytes as characters (byte-level), as tokens such as <0xE4> (byte fallback), or not at all. Which of
    these holds is seen by having one decode a character of three bytes.
    """
    character_of = _byte_characters()
    if tokenizer.convert_tokens_to_string([chr(character_of[byte]) for byte in _SAMPLE.encode()]) == _SAMPLE:
        byte_of = {char: byte for byte, char in character_of.items()}

        def spell(token: str) -> bytes:
            if byte_of.keys() >= set(map(ord, token)):
                return token.translate(byte_of).encode("latin-1")
            return token.encode()

        return spell
    names = [f"<0x{byte:02X}>" for byte in range(256)]
    if tokenizer.convert_tokens_to_string([names[byte] for byte in _SAMPLE.encode()]) == _SAMPLE:
        fallback = {name: bytes([byte]) for byte, name in enumerate(names)}
        return lambda token: fallback.get(token) or token.encode()
    return str.encode


def _byte_characters() -> dict[int, int]:
    """Return the code point that byte-level tokenizers since GPT-2 write for each byte: its own where it is visible."""
    visible = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in visible]
    return {**{byte: byte for byte in visible}, **{byte: 0x100 + place for place, byte in enumerate(others)}}


def _decoded(tokens: Mapping[int, bytes]) -> tuple[dict[int, str], dict[int, bytes]]:
    """Return the tokens that are whole characters as text, and the bytes of all others."""
    whole: dict[int, str] = {}
    partial: dict[int, bytes] = {}
    for token_id, data in tokens.items():
        try:
            whole[token_id] = data.decode()
        except UnicodeDecodeError:
            partial[token_id] = data
    return whole, partial


def _is_harmless(data: bytes, scripts: frozenset[str]) -> bool:
    """Return whether a token with parts of characters can only lead to characters of the scripts, or of none."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        text = decoder.decode(data.lstrip(_CONTINUATIONS))
    except UnicodeDecodeError:  # bytes that no text has
        return False
    begun = decoder.getstate()[0]
    return all(script_of(char) in {None, *scripts} for char in text) and (not begun or _begins_only(begun, scripts))


@cache
def _begins_only(begun: bytes, scripts: frozenset[str]) -> bool:
    """Return whether all characters that begin with these bytes belong to the scripts, or to none."""
    length = 2 if begun[0] < 0xE0 else 3 if begun[0] < 0xF0 else 4
    missing = length - len(begun)
    if missing == 3:  # more than 65,000 characters: of many scripts, or of none that is in use
        return False
    prefix = begun[0] & (0x7F >> length)
    for byte in begun[1:]:
        prefix = prefix << 6 | byte & 0x3F
    # Longer spellings of characters that have a shorter one are no UTF-8.
    first = max(prefix << 6 * missing, {2: 0x80, 3: 0x800, 4: 0x10000}[length])
    last = min((prefix + 1 << 6 * missing) - 1, 0x10FFFF)
    return all(script_of(chr(code_point)) in {None, *scripts} for code_point in range(first, last + 1))


def _can_spell(text: bytes, pieces: Collection[bytes]) -> bool:
    """Return whether a text can be put together of the pieces, each used as often as needed."""
    reached = {0}
    for end in range(1, len(text) + 1):
        if any(text[start:end] in pieces for start in reached):
            reached.add(end)
    return len(text) in reached
