"""The pages of docs build without a warning, are all in the navigation, and every link in them leads somewhere."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
_FENCE = re.compile(r"^(`{3,}).*?^\1$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[[^\]]*\]\(<?([^)\s>]+)>?\)")


def prose(page: Path) -> str:
    """Return a page without fences and code, in which brackets are no links."""
    return re.sub(r"``[^`].*?``|`[^`\n]*`", "`code`", _FENCE.sub("", page.read_text(encoding="utf-8")))


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings by GitHub's rule, which is also MyST's."""
    found: list[str] = []
    for title in re.findall(r"^#{1,6} (.+)$", _FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title).replace("`", "").replace("*", "")
        slug = re.sub(r"[^\w\- ]", "", plain.strip().lower()).replace(" ", "-")
        n_before = sum(each == slug or re.fullmatch(rf"{re.escape(slug)}-\d+", each) is not None for each in found)
        found.append(f"{slug}-{n_before}" if n_before else slug)
    return set(found)


def in_toctrees() -> list[str]:
    """Return the pages that some toctree names, as paths under docs without the suffix."""
    found = []
    for page in PAGES:
        for tree in re.findall(
            r"^```\{toctree\}\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
        ):
            names = [line for line in tree.split("\n") if line and not line.startswith(":")]
            found += [(page.parent / name).relative_to(DOCS).as_posix() for name in names]
    return found


def built(pages: Path, out: Path, *options: str) -> tuple[int, str]:
    """Return the exit code and the messages of a build in which a warning is an error."""
    for package in ("sphinx", "myst_parser", "furo"):
        pytest.importorskip(package)
    words = [sys.executable, "-m", "sphinx", "-qW", *options, "-b", "html", "-d", out.with_name("trees"), pages, out]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def test_every_page_is_in_one_toctree() -> None:
    pages = {page.relative_to(DOCS).with_suffix("").as_posix() for page in PAGES} - {"index"}
    named = in_toctrees()
    assert sorted(named) == sorted(pages)


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page: Path) -> None:
    """Within the repository: files, folders and headings. Addresses of the web are not asked."""
    broken = []
    for target in _LINK.findall(prose(page)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        there = (page.parent / name).resolve() if name else page
        if not there.is_relative_to(ROOT) or not there.exists() or (anchor and anchor not in anchors(there)):
            broken.append(target)
    assert not broken


def test_the_first_look_shows_what_the_readme_shows() -> None:
    """README has the output of the demo; quickstart.md shows lines of it and no others."""
    (block,) = re.findall(
        r"^```text\n(.*?)^```$", (DOCS / "quickstart.md").read_text(encoding="utf-8"), re.M | re.DOTALL
    )
    lines = [line for line in block.split("\n") if line and line != "…"]
    assert len(lines) > 15
    readme = (ROOT / "README.md").read_text(encoding="utf-8").split("\n")
    assert [line for line in lines if line not in readme] == []


def test_the_site_builds_without_a_warning_and_needs_no_network(tmp_path: Path) -> None:
    code, said = built(DOCS, tmp_path / "html", "--keep-going")
    assert code == 0, said
    for page in PAGES:
        made = tmp_path / "html" / page.relative_to(DOCS).with_suffix(".html")
        loaded = re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="(https?:[^"]+)"', made.read_text(encoding="utf-8"))
        assert loaded == [], made


def test_a_formula_becomes_mathml_and_a_wrong_one_fails_the_build(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "conf.py").write_text((DOCS / "conf.py").read_text(encoding="utf-8"), encoding="utf-8")

    def build(formula: str) -> tuple[int, str]:
        (pages / "index.md").write_text(f"# Formulas\n\nA share $k/n$.\n\n$${formula}$$\n", encoding="utf-8")
        return built(pages, tmp_path / "html", "-E")

    assert build(r"\frac{1}{n} \sum_{i=1}^{n} x_i") == (0, "")
    html = (tmp_path / "html/index.html").read_text(encoding="utf-8")
    assert html.count("<math ") == 2
    assert "<mfrac>" in html
    code, said = build(r"\nonsense{1}")
    assert code != 0
    assert "nonsense" in said
