"""Languages in the names of tasks: names as lm-eval 0.4.13, lighteval 0.13 and MMMLU write them."""

import pytest

from xleval.evalkit.imports.task_language import language_code, split_language


@pytest.mark.parametrize(
    ("name", "task", "lang"),
    [
        ("mgsm_native_cot_sw", "mgsm_native_cot", "sw"),
        ("polyfact_sw", "polyfact", "sw"),
        ("global_mmlu_full_bn", "global_mmlu_full", "bn"),
        ("belebele_swh_Latn", "belebele", "sw"),
        ("belebele_zho_Hans", "belebele", "zh"),
        ("afrimgsm_direct_swa_prompt_1", "afrimgsm_direct_prompt_1", "sw"),
        ("mgsm_swa|0", "mgsm|0", "sw"),
        ("lighteval|mgsm:sw|0", "lighteval|mgsm|0", "sw"),
        ("belebele_ben_Beng_mcf|5", "belebele_mcf|5", "bn"),
        ("global_mmlu_all_zho_mcf:anatomy", "global_mmlu_all_mcf:anatomy", "zh"),
        ("mmmlu_PT_BR", "mmmlu", "pt"),
        ("mmmlu_DE_DE", "mmmlu", "de"),
        ("mmmlu_ZH_CN", "mmmlu", "zh"),
        ("xquad_es_to_sw", "xquad_es_to", "sw"),
        ("mgsm-swahili", "mgsm", "sw"),
    ],
)
def test_the_language_is_taken_off(name: str, task: str, lang: str) -> None:
    assert split_language(name) == (task, lang)


@pytest.mark.parametrize("name", ["gsm8k_cot", "sw", "mgsm_sw_old", "belebele_amh_Ethi", "answers", "mgsm_swx", "_sw"])
def test_names_without_a_known_language_stay(name: str) -> None:
    assert split_language(name) == (name, None)


@pytest.mark.parametrize(
    ("text", "code"),
    [("sw", "sw"), ("SW", "sw"), ("pt-BR", "pt"), ("zho_Hans", "zh"), ("swh", "sw"), ("Kiswahili", "sw"), ("中文", "zh"),
     ("Yoruba", "yo"), ("am", None), ("", None), ("english text", None)],
)  # fmt: skip
def test_language_codes(text: str, code: str | None) -> None:
    assert language_code(text) == code
