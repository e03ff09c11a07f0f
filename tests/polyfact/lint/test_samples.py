"""The labelled samples of the published set, as they are: 7 languages, 100 items each (2026-08-17, commit 3ca0eea)."""

import json
from collections import Counter
from pathlib import Path

import pytest

from xleval.polyfact.lint import lint
from xleval.polyfact.lint.records import Finding


@pytest.fixture
def samples(shared_data: Path, tmp_path: Path) -> Path:
    for path in (shared_data / "outputs" / "polyfact_samples").glob("polyfact_eval_*.json"):
        (tmp_path / path.name).symlink_to(path)
    return tmp_path


def test_leaks_and_good_labels_contradict_each_other(samples: Path):
    """The study notes count 9 items with an option in the question, all 9 judged A, good (E5).

    The tenth is French, where the notes' search did not look behind an apostrophe: Bibliothèque nationale d'Inde, Inde.
    """
    findings: list[Finding] = []
    report = lint(samples, on_finding=findings.append)
    assert dict(report.rows) == dict.fromkeys(("ar", "de", "en", "es", "fr", "ru", "zh"), 100)
    labels = {
        (lang, item["fact_id"]): item["llm_eval"]["label"]
        for lang in report.rows
        for item in json.loads((samples / f"polyfact_eval_{lang}.json").read_text(encoding="utf-8"))["items"]
    }
    leaks = [(f.lang, f.item_id) for f in findings if f.number in (1, 2)]
    assert Counter(labels[key] for key in leaks) == {"A": 10}
    assert ("fr", "Q619913|P17|Q668") in leaks


def test_asteroids_are_found_in_every_language_that_names_them(samples: Path):
    report = lint(samples)
    assert {lang: count.found for lang, count in report.counts[24].items()} == {
        "ar": 6, "de": 6, "en": 6, "es": 6, "fr": 6, "ru": 6, "zh": 1,
    }  # fmt: skip
