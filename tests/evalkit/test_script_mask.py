"""Script masks: whatever is drawn from the allowed tokens, decoded by the real tokenizer, has no foreign letter."""

import itertools
import random
import unicodedata
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

transformers = pytest.importorskip("transformers")
tokenizers = pytest.importorskip("tokenizers")

from xleval.data.languages import LANGUAGES  # noqa: E402
from xleval.errors import ConfigError  # noqa: E402
from xleval.evalkit.backends.script_mask import allowed_token_ids  # noqa: E402
from xleval.evalkit.prompts import PROMPT_WORDS  # noqa: E402

# Words of the Unicode names of the letters of a script: what a letter is does not rest on xleval's own table here.
SCRIPT_NAMES = {
    "Latn": {"LATIN", "FEMININE", "MASCULINE", "MICRO"},
    "Arab": {"ARABIC"},
    "Beng": {"BENGALI"},
    "Cyrl": {"CYRILLIC"},
    "Hira": {"HIRAGANA"},
    "Kana": {"KATAKANA", "KATAKANA-HIRAGANA"},
    "Hani": {"CJK", "IDEOGRAPHIC"},
    "Hang": {"HANGUL"},
    "Thai": {"THAI"},
    "Telu": {"TELUGU"},
}
ALL = pytest.mark.parametrize("lang", LANGUAGES)


def foreign_letters(text: str, lang: str) -> set[str]:
    names = set().union(*(SCRIPT_NAMES[script] for script in LANGUAGES[lang].scripts))
    return {
        char
        for char in set(text)
        if char.isalpha()
        # modifiers, and superscripts and letter-like symbols, have no script
        and not "\u02b0" <= char <= "\u036f"
        and not "\u2070" <= char <= "\u218f"
        and not set(unicodedata.name(char).replace("-", " ").split()) & names
    }


def words_of_all_languages() -> list[str]:
    return [
        text
        for row in PROMPT_WORDS.values()
        for text in (row.cot_instruction, row.direct_instruction, row.reasoning_opening)
    ]


def wrap(tokenizer: Any) -> Any:
    wrapped = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<bos>", eos_token="<eos>", pad_token="<pad>"
    )
    wrapped.add_tokens(["<think>", "</think>", "</s>", "\n\n\n"])
    wrapped.add_special_tokens({"additional_special_tokens": ["<|im_end|>", "<|image|>"]})
    return wrapped


@pytest.fixture(scope="module")
def byte_level() -> Any:
    """A byte-level tokenizer with merges across words, so that many tokens begin or end inside a character."""
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE())
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = tokenizers.decoders.ByteLevel()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=3000,
        min_frequency=1,
        special_tokens=["<pad>", "<bos>", "<eos>"],
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    texts = words_of_all_languages()
    # letters by themselves as often as real texts have them, else Korean syllables are cut after their first byte
    letters = sorted({*"".join(texts), *"😀😁😂𠀀𠀁𠀂"})
    tokenizer.train_from_iterator([*texts, *letters * 20], trainer)
    return wrap(tokenizer)


@pytest.fixture(scope="module")
def byte_fallback() -> Any:
    """A tokenizer as SentencePiece makes them: the characters and words of the texts, and a token for every byte."""
    texts = words_of_all_languages()
    pieces = {piece for text in texts for word in text.split() for piece in (*word, f"▁{word}")}
    names = ["<pad>", "<bos>", "<eos>", *(f"<0x{byte:02X}>" for byte in range(256)), "▁", *sorted(pieces)]
    vocabulary = {name: place for place, name in enumerate(names)}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE(vocabulary, [], byte_fallback=True))
    tokenizer.normalizer = tokenizers.normalizers.Replace(" ", "▁")
    decoders = tokenizers.decoders
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    return wrap(tokenizer)


@pytest.fixture(scope="module")
def bytes_only(tiny_checkpoint: Callable[[str], Path]) -> Any:
    return transformers.AutoTokenizer.from_pretrained(tiny_checkpoint("llama"))


def ids_of(tokenizer: Any, text: str) -> list[int]:
    return list(tokenizer(text, add_special_tokens=False)["input_ids"])


def drawn(tokenizer: Any, ids: Iterable[int]) -> Iterable[str]:
    """Yield texts of random tokens; every second one of pieces of characters, which meet too rarely else."""
    every = [token for token in ids if tokenizer.decode([token]) not in {"<think>", "</think>"}]
    pieces = [token for token in every if "\ufffd" in tokenizer.decode([token])]
    assert pieces
    chance = random.Random(0)
    for number in range(200):
        yield tokenizer.decode(chance.choices(pieces if number % 2 else every, k=200), skip_special_tokens=True)


@pytest.mark.parametrize("kind", ["byte_level", "byte_fallback"])
@ALL
def test_random_sequences_have_no_foreign_letter(kind, lang, request):
    tokenizer = request.getfixturevalue(kind)
    texts = list(drawn(tokenizer, allowed_token_ids(tokenizer, lang)))
    assert not foreign_letters("".join(texts), lang)
    assert any(char.isalpha() for char in "".join(texts))


def test_the_check_of_these_tests_finds_foreign_letters(byte_level):
    texts = drawn(byte_level, range(3, 3000))
    assert len(foreign_letters("".join(texts), "en")) > 100


@pytest.mark.parametrize("kind", ["byte_level", "byte_fallback"])
@ALL
def test_the_language_itself_can_be_written(kind, lang, request):
    tokenizer = request.getfixturevalue(kind)
    allowed = set(allowed_token_ids(tokenizer, lang))
    row = PROMPT_WORDS[lang]
    # N stands for a number in the instruction, which is the only Latin letter there
    for text in (
        row.cot_instruction.replace("N", "12"),
        row.direct_instruction,
        row.reasoning_opening,
        "3 + 4 = 7, 12 %\n\n",
    ):
        assert set(ids_of(tokenizer, text)) <= allowed


@ALL
def test_words_of_other_scripts_are_refused(byte_fallback, lang):
    allowed = set(allowed_token_ids(byte_fallback, lang))
    for other, row in PROMPT_WORDS.items():
        if not set(LANGUAGES[other].scripts) & set(LANGUAGES[lang].scripts):
            words = [word for word in row.reasoning_opening.split() if word[0].isalpha()]
            assert words
            assert not {byte_fallback.convert_tokens_to_ids(f"▁{word}") for word in words} & allowed


def test_characters_of_four_bytes_may_be_drawn_byte_by_byte_where_all_of_them_are_of_the_script(byte_level):
    # 😀😁😂 are F0 9F 98 80-82, smileys and no letters; 𠀀𠀁𠀂 are F0 A0 80 80-82, Han
    characters = {ord(char): byte for byte, char in byte_characters().items()}
    token_of = {
        bytes(characters[ord(char)] for char in token): token_id
        for token, token_id in byte_level.get_vocab().items()
        if {ord(char) for char in token} <= characters.keys()
    }
    smiley, han = token_of[b"\xf0\x9f\x98"], token_of[b"\xf0\xa0\x80"]
    for lang in LANGUAGES:
        allowed = set(allowed_token_ids(byte_level, lang))
        assert smiley in allowed
        assert (han in allowed) is (lang in {"ja", "zh"})


def byte_characters() -> dict[int, str]:
    """Return the character of each byte, as transformers has it."""
    from transformers.convert_slow_tokenizer import bytes_to_unicode

    return dict(bytes_to_unicode())


def test_a_mask_is_of_scripts_not_of_languages(byte_level):
    english, swahili, russian, ukrainian, chinese, japanese = (
        set(allowed_token_ids(byte_level, lang)) for lang in ("en", "sw", "ru", "uk", "zh", "ja")
    )
    assert english == swahili
    assert russian == ukrainian
    assert chinese < japanese  # kana come on top
    assert byte_level.convert_tokens_to_ids("a") not in chinese | russian  # no single letters either


# Worked by hand from the blocks of Unicode: C2-CC begin U+0080-U+033F, Latin and what has no script (C2 has ª, µ and º);
# CB and CC begin modifiers and accents; D0-D3 U+0400-U+04FF, Cyrillic, but D4 Armenian, too; D8-DB U+0600-U+06FF,
# Arabic; EE only private use. What E0-E3 begin is of many scripts; F0-F4 begin what no mask allows whole.
@pytest.mark.parametrize(
    ("lang", "leads"),
    [
        ("en", [*range(0xC2, 0xCD), 0xEE]),
        ("ru", [0xCB, 0xCC, 0xD0, 0xD1, 0xD2, 0xD3, 0xEE]),
        ("ar", [0xCB, 0xCC, 0xD8, 0xD9, 0xDA, 0xDB, 0xEE]),
    ],
)
def test_first_bytes_are_allowed_where_all_that_begins_with_them_is(bytes_only, lang, leads):
    alphabet = {char: token for token, char in enumerate(bytes_only.convert_ids_to_tokens(range(300)))}
    # tokens of the vocabulary are characters that stand for bytes; é (U+00E9) is C3 A9, byte 0xE9 is the token "é"
    token_of = {byte: alphabet[chr(byte)] for byte in range(0xC2, 0x100)}
    allowed = set(allowed_token_ids(bytes_only, lang))
    assert [byte for byte, token in token_of.items() if token in allowed] == leads
    for lead in leads:
        rest = [bytes(tail) for tail in itertools.product(range(0x80, 0xC0), repeat=1 if lead < 0xE0 else 2)]
        text = "".join((bytes([lead]) + tail).decode("utf-8", "ignore") for tail in rest)
        assert len(text) == len(rest)
        assert not foreign_letters(text.replace("\ue000", ""), lang)


@pytest.mark.parametrize("lang", ["bn", "ja", "ko", "te", "th", "vi", "yo", "zh"])
def test_a_tokenizer_of_bytes_alone_cannot_write_every_language(bytes_only, lang):
    name = LANGUAGES[lang].english_name
    with pytest.raises(ConfigError, match=f"script mask {lang}: the tokenizer cannot write {name} without"):
        allowed_token_ids(bytes_only, lang)


@pytest.mark.parametrize("kind", ["byte_level", "byte_fallback"])
def test_ends_and_tags_stay_and_other_special_tokens_go(kind, request):
    tokenizer = request.getfixturevalue(kind)
    allowed = set(allowed_token_ids(tokenizer, "zh"))
    found = {name: tokenizer.convert_tokens_to_ids(name) in allowed for name in tokenizer.get_added_vocab()}
    assert found == {
        "<pad>": False,
        "<bos>": False,
        "<eos>": True,
        "<think>": True,
        "</think>": True,
        "</s>": False,  # not special here: it would be written out
        "\n\n\n": True,
        "<|im_end|>": True,
        "<|image|>": False,
    }
    image = tokenizer.convert_tokens_to_ids("<|image|>")
    assert set(allowed_token_ids(tokenizer, "zh", end_ids=[image])) == allowed | {image}


def test_ids_ascend_and_are_the_same_every_time(byte_level):
    ids = allowed_token_ids(byte_level, "th")
    assert list(ids) == sorted(set(ids))
    assert ids == allowed_token_ids(byte_level, "TH")


def test_tokenizer_of_whole_characters():
    vocabulary = {
        name: place
        for place, name in enumerate(["[UNK]", "the", "##ing", "中文", "##文", "的", "x", "12", "，", "<eos>"])
    }
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.decoder = tokenizers.decoders.WordPiece()
    wrapped = transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="[UNK]", eos_token="<eos>")
    with pytest.raises(ConfigError, match="cannot write Chinese"):  # the vocabulary is too small for a sentence
        allowed_token_ids(wrapped, "zh")
    wrapped.add_tokens(sorted(set(PROMPT_WORDS["zh"].reasoning_opening) - {"的"}))
    ids = allowed_token_ids(wrapped, "zh")
    assert {"中文", "##文", "的", "12", "，", "<eos>"} <= set(wrapped.convert_ids_to_tokens(ids))
    assert not {"[UNK]", "the", "##ing", "x"} & set(wrapped.convert_ids_to_tokens(ids))


def test_unknown_language(byte_level):
    with pytest.raises(ConfigError, match=r"unknown language 'jp'\. Did you mean ja"):
        allowed_token_ids(byte_level, "jp")
