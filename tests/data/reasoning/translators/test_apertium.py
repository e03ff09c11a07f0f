"""Apertium as Debian 12 installs it (apertium 3.8.3, apertium-eng-spa 0.8.1, apertium-es-pt 1.1.6), 2026-11-21."""

import shutil
from collections import Counter
from pathlib import Path

import pytest

from xleval.data.reasoning.protection import protect, restore
from xleval.data.reasoning.translators import apertium, load_translator
from xleval.data.reasoning.translators.protocol import Translated, TranslationRequest
from xleval.data.rows import read_rows
from xleval.errors import BackendError, ConfigError

needs_pairs = pytest.mark.skipif(
    shutil.which("apertium") is None or not {"eng-spa", "es-pt"} <= apertium.installed_modes(),
    reason="needs apt install apertium apertium-eng-spa apertium-es-pt",
)


def ask(texts: list[str], lang: str = "es") -> list[TranslationRequest]:
    return [
        TranslationRequest(key=str(place), text=text, source_lang="en", target_lang=lang)
        for place, text in enumerate(texts)
    ]


def texts_of(results: list[Translated]) -> list[str]:
    return [one.text for one in sorted(results, key=lambda one: int(one.key))]


@needs_pairs
def test_marks_lines_and_spaces_survive() -> None:
    text = '  Two lines:\n\n\tXQ1Z is [here] \\ $5 ^2 <b> {3} @ / "c" .  \r\nThe dog eats.'
    (result,) = load_translator("apertium:eng-spa").translate(ask([text]))
    assert result.text == '  Dos líneas:\n\n\tXQ1Z Es [aquí] \\ $5 ^2 <b> {3} @ / "c" .  \r\nEl perro come.'
    assert result.failure == ""


@needs_pairs
def test_a_text_does_not_depend_on_its_neighbours(monkeypatch: pytest.MonkeyPatch, shared_data: Path) -> None:
    questions = [str(row.values["1"]) for row in read_rows(shared_data / "mgsm" / "mgsm_en.tsv")][:24]
    translator = load_translator("apertium")
    together = texts_of(list(translator.translate(ask(questions))))
    monkeypatch.setattr(apertium, "_BLOCK", 1)
    assert texts_of(list(translator.translate(ask(questions)))) == together
    assert all(together)


@needs_pairs
def test_digits_and_placeholders_of_real_texts_are_kept(shared_data: Path) -> None:
    """All of MGSM's digits come through, as the calibration in the reference says (100 %)."""
    questions = [str(row.values["1"]) for row in read_rows(shared_data / "mgsm" / "mgsm_en.tsv")]
    for text, translated in zip(
        questions, texts_of(list(load_translator("apertium").translate(ask(questions)))), strict=True
    ):
        digits = [
            Counter("".join(char if char.isdigit() else " " for char in each).split()) for each in (text, translated)
        ]
        assert digits[0] == digits[1], text
    problems = [str(row.values["problem"]) for row in read_rows(shared_data / "math500" / "test.jsonl")][:100]
    protected = [protect(text, numbers=False) for text in problems]
    results = texts_of(list(load_translator("apertium").translate(ask([each.text for each in protected]))))
    restored = [restore(text, each) for text, each in zip(results, protected, strict=True)]
    assert [(each.lost, each.repeated) for each in restored] == [((), ())] * 100


@needs_pairs
def test_a_language_without_a_pair_is_reached_by_way_of_another() -> None:
    sentence = ["The white house is big and has 3 doors."]
    translator = load_translator("apertium")
    translator.check_languages("en", ["es", "pt"])
    # en to pt is eng-spa, then es-pt: the command line `apertium -u eng-spa | apertium -u es-pt` says the same.
    assert texts_of(list(translator.translate(ask(sentence, "pt")))) == ["A casa branca é grande e tem 3 portas."]
    assert texts_of(list(load_translator("apertium:eng-spa+es-pt").translate(ask(sentence, "pt")))) == [
        "A casa branca é grande e tem 3 portas."
    ]
    with pytest.raises(ConfigError, match="translates en to pt, not en to es"):
        load_translator("apertium:eng-spa+es-pt").check_languages("en", ["es"])


@needs_pairs
def test_a_line_that_ends_the_program_fails_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A stand-in for the program hands on to the real one and dies where a line says so."""
    real = shutil.which("apertium")
    fake = tmp_path / "apertium"
    fake.write_text(
        "#!/usr/bin/env python3\nimport subprocess, sys\n"
        f"real = {real!r}\n"
        "if sys.argv[1] in ('-l', '-V'):\n    sys.exit(subprocess.call([real, *sys.argv[1:]]))\n"
        "sent = sys.stdin.buffer.read()\nbefore, poison, _ = sent.partition(b'POISON')\n"
        "kept = before.rpartition(b'\\0')[0] + b'\\0' if poison and b'\\0' in before else (b'' if poison else sent)\n"
        "sys.stdout.buffer.write(subprocess.run([real, *sys.argv[1:]], input=kept, capture_output=True).stdout)\n"
        "sys.exit(139 if poison else 0)\n"
    )
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    texts = ["The dog eats.", "The cat is here.\nPOISON for the program.", "The house is white.", "The dog eats."]
    found = {one.key: one for one in load_translator("apertium:eng-spa").translate(ask(texts))}
    assert {key: one.text for key, one in found.items()} == {
        "0": "El perro come.", "1": "", "2": "La casa es blanca.", "3": "El perro come.",
    }  # fmt: skip
    assert found["1"].failure == "Apertium ended on this text"


@needs_pairs
def test_versions_are_in_the_fingerprint() -> None:
    fingerprint = load_translator("apertium").fingerprint()
    assert fingerprint["apertium"]
    assert "eng-spa" in fingerprint["pairs"]
    if shutil.which("dpkg-query"):
        assert fingerprint["apertium-eng-spa"].split(".")[0].isdigit()


def test_what_is_missing_names_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apertium.shutil, "which", lambda name: None)
    with pytest.raises(BackendError, match="apt install apertium apertium-eng-spa"):
        load_translator("apertium")
    monkeypatch.setattr(apertium.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(apertium, "installed_modes", lambda: frozenset({"eng-spa"}))
    with pytest.raises(BackendError, match=r"no pair 'es-pt' here. Install it: apt install apertium-es-pt"):
        load_translator("apertium:es-pt")
    with pytest.raises(
        ConfigError, match=r"no way from en to fr here. Install it: apt install apertium-eng-spa apertium-fr-es"
    ):
        load_translator("apertium").check_languages("en", ["fr"])
    with pytest.raises(ConfigError, match=r"from en to ko here. Debian has none either; pairs here: eng-spa"):
        load_translator("apertium").check_languages("en", ["ko"])
