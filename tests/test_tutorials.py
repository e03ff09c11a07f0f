"""Every page of docs/tutorials does what it says: its blocks are run, and what it shows is what is printed."""

import os
import sys
from pathlib import Path

import pytest

from tests.tutorial_pages import blocks, is_shown, missing_extras, run_page, stable
from xleval.data.cache import cache_folder
from xleval.small_model import small_model

PAGES = Path(__file__).parents[1] / "docs/tutorials"
NAMES = ("build-a-set", "evaluate", "before-and-after", "import", "study", "add-a-task", "add-a-backend")


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a cache that holds the demo's model where a page needs it: the user's own if it is there, else a new one."""
    own = cache_folder()
    return own if (own / "gemma-3-270m-q4_k_m").is_dir() else tmp_path_factory.mktemp("cache")


@pytest.mark.parametrize("name", NAMES)
def test_the_page_can_be_followed(name: str, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    if missing := missing_extras(page):
        pytest.skip(f"needs the extras {', '.join(missing)}: pip install 'xleval[{','.join(missing)}]'")
    if "--model demo" in page:
        small_model(cache)  # converted before, so that no page shows it
    monkeypatch.chdir(tmp_path)
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("XLEVAL_", "HF_", "COLUMNS", "FORCE_COLOR"))
    }
    run_page(page, tmp_path, kept | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "XLEVAL_CACHE": str(cache), "HF_HUB_OFFLINE": "1", "NO_COLOR": "1", "PYTHONUNBUFFERED": "1", "LC_ALL": "C.UTF-8",
        "TOKENIZERS_PARALLELISM": "false",
    })  # fmt: skip


def test_every_page_is_tested_and_linked() -> None:
    index = (PAGES / "index.md").read_text(encoding="utf-8")
    assert {path.stem for path in PAGES.glob("*.md")} == {*NAMES, "index"}
    assert [name for name in NAMES if f"]({name}.md)" not in index] == []
    for name in NAMES:
        page = (PAGES / f"{name}.md").read_text(encoding="utf-8")
        assert len(page.splitlines()) <= 160, name
        assert any(block.runs and block.kind == "console" for block in blocks(page)), name


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("a\nb", "a\nb", True),
        ("a\nb", "a\nb\nc", False),  # more was printed
        ("a\n...", "a\nb\nc", True),
        ("...\nb\n...\nd", "a\nb\nc\nd", True),
        ("...\nd\n...\nb", "a\nb\nc\nd", False),  # another order
        ("...\nc", "a\nb\nc\nd", False),  # the end differs
        ("b\n...", "a\nb", False),  # the beginning differs
        ("a ... c", "a very long c", True),
        ("", "a", False),
        ("3 items, 0.25", "3 items, 0.26", False),
        ("done in 1.2 s, xleval:0.1.0", "done in 45.0 s, xleval:1.0.0", True),
    ],
)
def test_what_a_page_shows_is_compared(shown: str, printed: str, same: bool) -> None:
    assert is_shown(stable(shown), stable(printed)) is same


def test_figures_may_differ_only_where_the_page_says_so() -> None:
    assert stable("en  87.5 [52.9, 97.8]  8", varies=True) == stable("en 100.0 [67.6, 100.0] 8", varies=True)
    assert stable("en  87.5", varies=False) != stable("en  87.6", varies=False)


def test_a_block_that_fails_or_prints_something_else_is_found(tmp_path: Path) -> None:
    env = {"PATH": os.environ["PATH"]}
    for page, said in (
        ("```console\n$ echo one\ntwo\n```\n", "line 1 of the page shows other lines"),
        ("\n```console\n$ false\n```\n", "line 2: exit code 1"),
        ("```python\nprint(1)\n```\n```text\n2\n```\n", "line 4 of the page"),
    ):
        with pytest.raises(AssertionError, match=said):
            run_page(page, tmp_path, env)
    run_page(
        "```console\n$ export A=1\n$ echo $A\n1\n```\n<!-- not run: no -->\n```console\n$ false\n```\n", tmp_path, env
    )
