"""The default gate on human translations: at least 97 % of every set and language pass (bar of the design)."""

import json
import random
import re
from pathlib import Path

import pytest

from xleval.data.reasoning.gate.gate import Gate, GateConfig
from xleval.data.reasoning.records import Pair

pytest.importorskip("lingua")

MGSM = ("bn", "de", "es", "fr", "ja", "ru", "sw", "te", "th", "zh")
MSVAMP = {
    "bn": "Bengali", "zh": "Chinese", "fr": "French", "de": "German", "ja": "Japanese", "ru": "Russian",
    "es": "Spanish", "sw": "Swahili", "th": "Thai",
}  # fmt: skip


def mgsm(folder: Path, lang: str) -> list[Pair]:
    columns = []
    for code in ("en", lang):
        lines = (folder / "mgsm" / f"mgsm_{code}.tsv").read_text(encoding="utf-8").splitlines()
        columns.append([line.split("\t")[0] for line in lines])
    return pairs(list(zip(*columns, strict=True)), lang)


def pairs(texts: list[tuple[str, str]], lang: str) -> list[Pair]:
    return [
        Pair(item_id=str(index), lang=lang, source=source, target=target)
        for index, (source, target) in enumerate(texts, start=1)
    ]


def passing(items: list[Pair]) -> float:
    return sum(not found for found in Gate().check(items)) / len(items)


@pytest.mark.parametrize("lang", MGSM)
def test_mgsm_passes(shared_data: Path, lang: str) -> None:
    items = mgsm(shared_data, lang)
    assert len(items) == 250
    assert passing(items) >= 0.97


@pytest.mark.parametrize("lang", MSVAMP)
def test_msvamp_passes(shared_data: Path, lang: str) -> None:
    text = (shared_data / "msvamp" / f"test_{MSVAMP[lang]}.json").read_text(encoding="utf-8")
    rows = json.loads(text) if text.startswith("[") else [json.loads(line) for line in text.splitlines()]
    items = pairs([(row["query"], row["m_query"]) for row in rows], lang)
    assert len(items) == 1000
    assert passing(items) >= 0.97


def test_korean_gsm8k_passes(shared_data: Path) -> None:
    text = (shared_data / "gsm8k_ko" / "kor-gsm8k" / "kor-gsm8k-test.jsonl").read_text(encoding="utf-8")
    rows = [json.loads(line) for line in text.splitlines()]
    items = pairs([(row["question"], row["kor_question"]) for row in rows], "ko")
    assert len(items) == 1319
    assert passing(items) >= 0.97


@pytest.mark.parametrize("lang", MGSM)
def test_changed_digits_are_found(shared_data: Path, lang: str) -> None:
    rng = random.Random(5)
    changed = []
    for item in mgsm(shared_data, lang):
        for _ in range(3):
            places = list(re.finditer(r"\d+", item.target))
            if not places:
                continue
            at = rng.choice(places).start()
            zero = ord(item.target[at]) - int(item.target[at])
            digit = rng.choice([value for value in range(1, 10) if value != int(item.target[at])])
            target = item.target[:at] + chr(zero + digit) + item.target[at + 1 :]
            changed.append(Pair(item_id=item.item_id, lang=lang, source=item.source, target=target))
    found = Gate(GateConfig(checks=("numbers",))).check(changed)
    assert len(changed) > 700
    assert sum(map(bool, found)) / len(found) >= 0.9
