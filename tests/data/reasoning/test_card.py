"""What the card of a set says about engines, licences, the gate and what nobody has looked at."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.data.reasoning.list_translator import ITEMS, ListTranslator
from tests.data.reasoning.test_build import BOTH, SOURCE, make
from xleval.data.reasoning.card import render
from xleval.data.reasoning.manifest import NOT_STATED, engine_licence

yaml = pytest.importorskip("yaml")


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> str:
    out = tmp_path_factory.mktemp("card") / "set"
    make(out)
    return (out / "README.md").read_text(encoding="utf-8")


def test_the_metadata_is_yaml_with_every_config(card: str) -> None:
    found = yaml.safe_load(card.split("---\n")[1])
    assert found["license"] == ["cc-by-4.0", "mit"]  # the source's, then the translator's
    assert found["language"] == ["en", "es", "ar"]
    assert found["source_datasets"] == ["extended|word-problems"]
    assert [each["config_name"] for each in found["configs"] if each.get("default")] == ["parallel"]
    spanish = next(each for each in found["configs"] if each["config_name"] == "es")
    assert spanish["data_files"] == [{"split": "test", "path": "es/test.parquet"}]


def test_rates_of_the_gate_stand_by_language_and_check(card: str) -> None:
    assert "| es | 12 | 10 | 1 | 0 | 1 | 0 |" in card
    assert "| es | 15 | 26.7% |" in card  # 4 of 15 judged had a finding of the check numbers
    assert "| ar | 12 | 16.7% |" in card


def test_the_card_says_who_translated_and_that_nobody_looked(card: str) -> None:
    assert "Translated by `list:problems`, not reviewed by a person." in card
    assert "Reviewed by: nobody." in card
    assert "| es | 0 |  | unreviewed |  |" in card
    assert "| es | `list:problems` | MIT | version 1 |" in card
    assert "verified" not in card


def test_kept_against_rejected_is_a_table_for_each_trait(card: str) -> None:
    assert "| 3 | 3 | 100.0% | 66.7% |" in card  # level 3: word-7 has no Arabic


def test_texts_of_others_stay_in_their_cells_and_strings(tmp_path: Path) -> None:
    strange = 'a "b" | <script>alert(1)</script>\nconfigs: []'
    manifest = make(
        tmp_path / "set",
        source=replace(SOURCE, name=strange, licence="", origin=strange),
    )
    card = render(manifest)
    found = yaml.safe_load(card.split("---\n")[1])
    assert [each["config_name"] for each in found["configs"]] == list(manifest["configs"])
    assert found["license"] == ["other", "mit"]
    assert '| origin | a "b" \\| &lt;script>alert(1)&lt;/script> configs: [] |' in card
    assert f"| licence of the source | {NOT_STATED} |" in card


def test_a_translator_for_non_commercial_use_is_named(tmp_path: Path) -> None:
    class Licensed(ListTranslator):
        def fingerprint(self) -> dict[str, str]:
            return {"version": "1"}

    translator = Licensed(planted={})
    translator.spec = "hf:facebook/nllb-200-distilled-600M"
    other = Licensed(planted={})
    manifest = make(
        tmp_path / "set", replace(BOTH, languages=("es", "ar")), translators={"es": translator, "ar": other},
        source=replace(SOURCE, items=ITEMS[:3]),
    )  # fmt: skip
    card = render(manifest)
    assert "The translator of es is licensed for non-commercial use." in card
    assert "The licence of the translator of ar is not stated" in card
    assert yaml.safe_load(card.split("---\n")[1])["license"] == ["cc-by-4.0", "cc-by-nc-4.0", "other"]


@pytest.mark.parametrize(
    ("spec", "fingerprint", "licence"),
    [
        ("hf:facebook/m2m100_1.2B", {}, "MIT"),
        ("hf:google/madlad400-3b-mt", {}, "Apache-2.0"),
        ("hf:facebook/m2m100_1.2B", {"licence": "mine"}, "mine"),
        ("table:nllb_checked.tsv", {}, NOT_STATED),
        ("vllm:some/model", {}, NOT_STATED),
    ],
)
def test_licences_of_engines(spec: str, fingerprint: dict[str, str], licence: str) -> None:
    assert engine_licence(spec, fingerprint) == licence
