import json
from pathlib import Path

import pytest

from xleval.evalkit.names_match import is_named, matches_name


@pytest.mark.parametrize(
    ("completion", "name", "expected"),
    [
        ("Francia.\nItalia", "Francia", True),
        ("la «Francia» hoy", "francia", True),
        ("Francesa", "Fran", True),  # a name may begin a longer word
        ("de la Nueva York", "Nueva York", False),  # a name of two words only at the beginning
        ("Nueva York, EE. UU.", "Nueva York", True),
        ("\nFrancia", "Francia", False),  # first line only
        ("", "Francia", False),
        ("Francia", "?", False),
        ("e\u0301cole", "\u00e9cole", True),
    ],
)
def test_published_rule_of_klar(completion: str, name: str, expected: bool) -> None:
    assert is_named(completion, [name]) is expected


def test_one_of_several_names_is_enough() -> None:
    assert is_named("Paris", ["London", "Paris"])
    assert not is_named("Paris", [])


def test_published_verdicts_of_klar(shared_data: Path) -> None:
    """The verdicts stored beside 15,714 generations of Qwen2.5-7B, and the counts per language of the same file."""
    path = shared_data / "outputs" / "klar" / "Qwen-2.5-7B_klar.json"
    stored = json.loads(path.read_text(encoding="utf-8"))
    records = stored["records"]
    verdicts = [is_named(record["pred"], [record["target"]]) for record in records]
    assert len(records) == 15_714
    assert [r for r, verdict in zip(records, verdicts, strict=True) if verdict != r["correct"]] == []
    for lang, (correct, total) in stored["per_lang"].items():
        own = [verdict for record, verdict in zip(records, verdicts, strict=True) if record["language"] == lang]
        assert (sum(own), len(own)) == (correct, total)


@pytest.mark.parametrize(
    ("completion", "name", "expected"),
    [
        ("Paris", "Paris", True),
        ("It is in Paris, France.", "paris", True),
        ("Parisian", "Paris", False),
        ("in New-York City", "New York", True),
        ("New Yorkers", "New York", False),
        ("法国的首都是巴黎。", "巴黎", True),
        ("中国", "中", False),
        ("中", "中", True),
        ("เมืองหลวงคือปารีส", "ปารีส", True),
        ("수도는 파리입니다", "파리", True),
        ("파리지앵이다요", "파리", False),
        ("والقاهرة", "القاهرة", True),
        ("باريسيون", "باريس", False),
        ("ঢাকা।", "ঢাকা", True),
        ("ঢাকার", "ঢাকা", False),
        ("\nParis", "Paris", True),
        ("Lyon\nParis", "Paris", False),
        ("", "Paris", False),
        ("Paris", "!", False),
        ("Ｐａｒｉｓ", "Paris", True),
    ],
)
def test_own_rule_keeps_word_boundaries(completion: str, name: str, expected: bool) -> None:
    assert matches_name(completion, [name]) is expected
