"""Pairs of instructions (CLO) and of facts (DCO)."""

import json
from collections import Counter
from pathlib import Path

import pytest

from xleval.errors import ConfigError, DataError
from xleval.training.config.schema import DataConfig, PromptConfig
from xleval.training.sets.fact_pairs import fact_pair_rows
from xleval.training.sets.instruction_pairs import pair_rows
from xleval.training.sets.records import FactPairRow, PairRow


def _pairs(data: DataConfig, *, chat: bool = True) -> list[PairRow]:
    return pair_rows(data, PromptConfig(), has_chat_template=chat, seed=1)


def _file(path: Path, rows: list[dict[str, object]]) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def _side(lang: str, name: str, **more: str) -> dict[str, object]:
    return {
        "item_id": name,
        "language": lang,
        "instruction": f"{lang} do {name}",
        "response": f"{lang} done {name}",
        **more,
    }


def test_every_target_language_is_paired_with_english(tmp_path: Path) -> None:
    rows = [_side(lang, name) for lang in ("en", "es", "sw") for name in ("i1", "i2") if (lang, name) != ("sw", "i2")]
    source = _file(tmp_path / "pairs.jsonl", rows)
    found = _pairs(DataConfig(source=source, langs=("es", "sw"), order="as-is"))
    # i2 is not there in Swahili: both languages are trained on the same items.
    assert [(row.item_id, row.lang) for row in found] == [("i1", "es"), ("i1", "sw")]
    assert found[1] == PairRow(
        item_id="i1",
        lang="sw",
        english_prompt=[{"role": "user", "content": "en do i1"}],
        english_answer="en done i1",
        target_prompt=[{"role": "user", "content": "sw do i1"}],
        target_answer="sw done i1",
    )
    assert len(_pairs(DataConfig(source=source, langs=("en", "es")))) == 2


def test_a_file_whose_rows_hold_both_languages(tmp_path: Path) -> None:
    row: dict[str, object] = {"q_en": "Say one.", "a_en": "One.", "q_xx": "Sema moja.", "a_xx": "Moja.", "lang": "sw"}
    names = {"english_prompt": "q_en", "english_answer": "a_en", "target_prompt": "q_xx", "target_answer": "a_xx"}
    source = _file(tmp_path / "wide.jsonl", [row, row | {"lang": "es"}])
    (found,) = _pairs(DataConfig(source=source, langs=("en", "sw"), columns=names | {"language": "lang"}), chat=False)
    assert (found.english_prompt, found.target_answer) == ("Say one.\n\n", "Moja.")


def test_an_input_stands_below_its_instruction(tmp_path: Path) -> None:
    rows = [_side(lang, "i1", input=f"{lang} text") for lang in ("en", "es")]
    (found,) = _pairs(DataConfig(source=_file(tmp_path / "pairs.jsonl", rows), langs=("es",)))
    assert found.target_prompt == [{"role": "user", "content": "es do i1\n\nes text"}]


def test_what_pairs_lack_is_said(tmp_path: Path) -> None:
    source = _file(tmp_path / "pairs.jsonl", [_side("en", "i1"), _side("es", "i2")])
    with pytest.raises(ConfigError, match=r"pairs need a language beside English"):
        _pairs(DataConfig(source=source, langs=("en",)))
    with pytest.raises(ConfigError, match=r"no item is there in every language \(items: en 1, es 1\)"):
        _pairs(DataConfig(source=source, langs=("es",)))
    with pytest.raises(ConfigError, match=r"has no rows in ko; it has en, es"):
        _pairs(DataConfig(source=source, langs=("ko",)))
    empty = _file(tmp_path / "empty.jsonl", [_side("en", "i1"), _side("es", "i1", response=" ")])
    with pytest.raises(DataError, match=r"row 2, column 'response': no answer"):
        _pairs(DataConfig(source=empty, langs=("es",)))


def _facts(source: Path, seed: int = 1) -> list[FactPairRow]:
    data = DataConfig(source=str(source), langs=("en", "de", "zh"))
    return fact_pair_rows(data, PromptConfig(), has_chat_template=False, seed=seed)


def test_a_fact_is_paired_in_two_languages_with_the_same_two_options(embedded_set: Path) -> None:
    from xleval.tasks import polyfact

    rows = _facts(embedded_set)
    items = polyfact.load(embedded_set, ("en", "de", "zh"), split="train")
    by_id = {lang: {item.item_id: item for item in found} for lang, found in items.items()}
    right = 0
    for row in rows:
        ids = [
            tuple(
                by_id[lang][row.item_id].choice_ids[by_id[lang][row.item_id].choices.index(text.strip())]
                for text in (row.chosen[side], row.rejected[side])
            )
            for side, lang in enumerate(row.langs)
        ]
        assert ids[0] == ids[1]
        assert len(set(ids[0])) == 2
        gold = by_id["en"][row.item_id]
        right += ids[0][0] == gold.choice_ids[gold.gold_index or 0]
    # Chosen is any of the four options: right in about a quarter of the facts (515 of them: 3 standard errors are 0.06).
    assert abs(right / len(rows) - 0.25) < 0.06
    assert set(Counter(frozenset(row.langs) for row in rows)) == {
        frozenset(("en", "de")), frozenset(("en", "zh")), frozenset(("de", "zh")),
    }  # fmt: skip
    assert _facts(embedded_set) == rows
    assert _facts(embedded_set, seed=2) != rows


def test_dco_needs_two_languages_and_facts(embedded_set: Path, tmp_path: Path) -> None:
    def rows(source: str, langs: tuple[str, ...]) -> None:
        fact_pair_rows(DataConfig(source=source, langs=langs), PromptConfig(), has_chat_template=False, seed=1)

    with pytest.raises(ConfigError, match=r"dco compares two languages"):
        rows(str(embedded_set), ("en",))
    sums = [{"language": lang, "item_id": "q", "question": "1 + 1?", "answer": "2"} for lang in ("en", "de")]
    with pytest.raises(ConfigError, match=r"has no facts with options"):
        rows(_file(tmp_path / "sums.jsonl", [dict(each) for each in sums]), ("en", "de"))
