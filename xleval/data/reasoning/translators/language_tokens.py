"""How translation checkpoints are told the languages: the tokens of M2M100, NLLB, mBART-50, MADLAD and Marian.

Tokens are looked for in the tokenizer's vocabulary, so that a fine-tuned or renamed checkpoint is known by what it has.
Codes: M2M100 (arXiv 2010.11125), FLORES-200 for NLLB (its README), mBART-50 (arXiv 2008.00401), MADLAD-400 (arXiv 2309.04662),
ISO 639-3 for Marian (OPUS-MT).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from xleval.data.languages import LANGUAGES

_FLORES = {
    "en": "eng_Latn", "de": "deu_Latn", "id": "ind_Latn", "pt": "por_Latn", "ar": "arb_Arab", "bn": "ben_Beng",
    "sw": "swh_Latn", "es": "spa_Latn", "ru": "rus_Cyrl", "fr": "fra_Latn", "ja": "jpn_Jpan", "zh": "zho_Hans",
    "ko": "kor_Hang", "uk": "ukr_Cyrl", "th": "tha_Thai", "te": "tel_Telu", "vi": "vie_Latn", "it": "ita_Latn",
    "ms": "zsm_Latn", "yo": "yor_Latn", "hi": "hin_Deva",
}  # fmt: skip
_MBART = {
    "en": "en_XX", "de": "de_DE", "id": "id_ID", "pt": "pt_XX", "ar": "ar_AR", "bn": "bn_IN", "sw": "sw_KE", "es": "es_XX",
    "ru": "ru_RU", "fr": "fr_XX", "ja": "ja_XX", "zh": "zh_CN", "ko": "ko_KR", "uk": "uk_UA", "th": "th_TH", "te": "te_IN",
    "vi": "vi_VN", "it": "it_IT", "hi": "hi_IN",
}  # fmt: skip
_MARIAN = {
    "ar": ("ara", "arb"),
    "zh": ("cmn_Hans", "zho", "cmn"),
    "sw": ("swh", "swa"),
    "ms": ("zsm_Latn", "msa"),
    "id": ("ind",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageTokens:
    """The tokens with which one checkpoint is told the languages.

    Attributes:
        style: `m2m100`, `nllb`, `mbart50`, `madlad`, `marian`, or `none` for a checkpoint of one pair of languages.
        tokens: of each language of the table that the checkpoint has.
        sources: what a tokenizer's `src_lang` is called, by language; empty where the input does not name its language.
    """

    style: str
    tokens: Mapping[str, str]
    sources: Mapping[str, str]

    @property
    def in_decoder(self) -> bool:
        """Whether the target's token begins the output; else it begins the input."""
        return self.style in ("m2m100", "nllb", "mbart50")


def language_tokens(vocabulary: Collection[str]) -> LanguageTokens:
    """Return the language tokens that a vocabulary has.

    Args:
        vocabulary: all tokens, special ones included.
    """
    for style, tokens in _candidates().items():
        there = {lang: next((each for each in names if each in vocabulary), None) for lang, names in tokens.items()}
        found = {lang: token for lang, token in there.items() if token is not None}
        if found:
            return LanguageTokens(style=style, tokens=found, sources=_sources(style, found))
    return LanguageTokens(style="none", tokens={}, sources={})


def _candidates() -> dict[str, dict[str, tuple[str, ...]]]:
    return {
        "m2m100": {lang: (f"__{lang}__",) for lang in LANGUAGES},
        "nllb": {lang: (code,) for lang, code in _FLORES.items()},
        "mbart50": {lang: (code,) for lang, code in _MBART.items()},
        "madlad": {lang: (f"<2{lang}>",) for lang in LANGUAGES},
        "marian": {
            lang: tuple(f">>{code}<<" for code in (*_MARIAN.get(lang, ()), _FLORES.get(lang, lang).split("_")[0]))
            for lang in LANGUAGES
        },
    }


def _sources(style: str, tokens: Mapping[str, str]) -> dict[str, str]:
    if style == "m2m100":
        return {lang: lang for lang in tokens}
    return dict(tokens) if style in ("nllb", "mbart50") else {}
