"""Human translations from English that the gate is fitted on and measured on, read from the development data."""

import json
from collections.abc import Mapping
from pathlib import Path

from xleval.data.reasoning.records import Pair

MGSM = ("bn", "de", "es", "fr", "ja", "ru", "sw", "te", "th", "zh")
MSVAMP = {
    "bn": "Bengali", "de": "German", "es": "Spanish", "fr": "French", "ja": "Japanese", "ru": "Russian", "sw": "Swahili",
    "th": "Thai", "zh": "Chinese",
}  # fmt: skip
FLORES = {
    "bn": "ben_Beng", "de": "deu_Latn", "es": "spa_Latn", "fr": "fra_Latn", "ja": "jpn_Jpan", "ru": "rus_Cyrl", "sw": "swh_Latn",
    "te": "tel_Telu", "th": "tha_Thai", "zh": "zho_Hans", "ko": "kor_Hang",
}  # fmt: skip
#: Languages that the strict gate is measured in.
LANGUAGES = (*MGSM, "ko")
DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def mgsm(data: Path, lang: str) -> list[Pair]:
    """Return the 250 MGSM questions of a language; `item_id` is `mgsm-1` to `mgsm-250`."""
    texts = {
        code: [line.rsplit("\t", 1)[0] for line in (data / "mgsm" / f"mgsm_{code}.tsv").read_text("utf-8").splitlines()]
        for code in ("en", lang)
    }
    return _pairs("mgsm", lang, texts["en"], texts[lang])


def msvamp(data: Path, lang: str) -> list[Pair]:
    """Return the 1,000 MSVAMP problems of a language, less those that its file has no translation of."""
    text = (data / "msvamp" / f"test_{MSVAMP[lang]}.json").read_text("utf-8")
    rows = (
        json.loads(text)
        if text.lstrip().startswith("[")
        else [json.loads(line) for line in text.splitlines() if line.strip()]
    )
    return _pairs("msvamp", lang, [row["query"] for row in rows], [row["m_query"] for row in rows])


def gsm8k_ko(data: Path) -> list[Pair]:
    """Return the 1,319 GSM8K test problems in Korean."""
    path = data / "gsm8k_ko" / "kor-gsm8k" / "kor-gsm8k-test.jsonl"
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return _pairs("gsm8k", "ko", [row["question"] for row in rows], [row["kor_question"] for row in rows])


def flores(data: Path, lang: str) -> list[Pair]:
    """Return the 1,012 sentences of FLORES-200 devtest."""
    folder = data / "flores200_devtest" / "devtest"
    texts = [(folder / f"{code}.devtest").read_text("utf-8").splitlines() for code in ("eng_Latn", FLORES[lang])]
    return _pairs("flores", lang, texts[0], texts[1])


def word_problems(data: Path, lang: str) -> list[Pair]:
    """Return every human pair of word problems of a language."""
    if lang == "ko":
        return gsm8k_ko(data)
    return mgsm(data, lang) + (msvamp(data, lang) if lang in MSVAMP else [])


def corrected(data: Path) -> Mapping[str, frozenset[str]]:
    """Return the item ids by language that MGSM-Rev2 corrected; those of `en` are in every language's list."""
    lists = json.loads((data / "mgsm_rev2" / "replaced_questions.json").read_text("utf-8"))
    return {lang: frozenset(f"mgsm-{number}" for number in numbers) for lang, numbers in lists.items()}


def is_odd(pair: Pair) -> bool:
    """Return whether a pair belongs to the half that constants are fitted on: odd item numbers."""
    return int(pair.item_id.rsplit("-", 1)[1]) % 2 == 1


def _pairs(name: str, lang: str, sources: list[str], targets: list[str]) -> list[Pair]:
    return [
        Pair(item_id=f"{name}-{number}", lang=lang, source=source, target=target)
        for number, (source, target) in enumerate(zip(sources, targets, strict=True), 1)
        if target.strip()
    ]
