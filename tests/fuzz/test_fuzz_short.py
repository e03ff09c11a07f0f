"""Every fuzz target, for its seeds and some inputs made from them: the same ones in every run of the gate."""

import importlib
import itertools
from pathlib import Path

import pytest

from tests.fuzz.fuzz_report import _plain_page, check_page
from tests.fuzz.harness import Choices, Finding, checked, damaged, folder, inputs, outcome

TARGETS = sorted(path.stem for path in Path(__file__).parent.glob("fuzz_*.py"))
#: inputs of a target; what takes tenths of a second has fewer, and `python tests/fuzz/fuzz_NAME.py --seconds 600` the rest
RUNS = {"fuzz_configs": 120, "fuzz_imports": 80, "fuzz_report": 12, "fuzz_run_folder": 24}


@pytest.mark.parametrize("name", TARGETS)
def test_no_finding(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    target = importlib.import_module(f"tests.fuzz.{name}")
    seeds, n = target.seeds(), RUNS.get(name, 300)
    chosen = seeds[:: max(1, 2 * len(seeds) // n)]
    for data in itertools.islice(inputs(chosen), n):
        checked(target.one_input, data)


@pytest.mark.parametrize(
    "planted",
    ["<b><zap></b>", "<p onclick=x>", "<p style=x>", "</p>", "<!-- x -->", "<a href=http://x>x</a>", "<script>x</script>", "<p>"],
)  # fmt: skip
def test_a_planted_element_or_attribute_is_found(planted: str, tmp_path: Path) -> None:
    _plain_page()
    whole = (folder() / "plain.html").read_text(encoding="utf-8")
    page = tmp_path / "page.html"
    page.write_text(whole, encoding="utf-8")
    check_page(page)
    page.write_text(whole.replace("</main>", f"{planted}</main>"), encoding="utf-8")
    with pytest.raises(Finding):
        check_page(page)


def test_what_is_no_error_of_xleval_is_a_finding() -> None:
    with pytest.raises(RecursionError):
        checked(lambda data: outcome(_overflows), b"")
    with pytest.raises(KeyError):
        checked(lambda data: outcome({}.__getitem__, "absent"), b"")


def test_damage_changes_one_place_and_depends_on_the_bytes_alone() -> None:
    value = {"a": [1, {"b": "x"}], "c": None}
    found = [damaged(value, Choices(bytes([place, 0, 2]))) for place in range(5)]
    # the places in order: a, a[0], a[1], a[1].b, c; the third of the values is false
    assert found == [
        {"a": False, "c": None}, {"a": [False, {"b": "x"}], "c": None}, {"a": [1, False], "c": None},
        {"a": [1, {"b": False}], "c": None}, {"a": [1, {"b": "x"}], "c": False},
    ]  # fmt: skip
    assert value == {"a": [1, {"b": "x"}], "c": None}


def _overflows() -> None:
    _overflows()
