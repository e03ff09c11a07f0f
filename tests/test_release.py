"""What is released: the same bytes from the same commit, holding what git tracks and nothing else, with one version in all places."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
import yaml

import xleval
from tests.test_package import ROOT, tracked


def built(files: set[str], folder: Path, *, umask: int, mtime: int) -> dict[str, Path]:
    """Return suffix -> file of the wheel and the sdist built from a copy of `files`, as another person's clone would have them."""
    clone = folder / "clone"
    for name in files:
        copy = clone / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, copy)
        os.utime(copy, (mtime, mtime))
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder / "dist"), str(clone)]
    subprocess.run(command, check=True, capture_output=True, umask=umask)
    return {path.suffix: path for path in (folder / "dist").iterdir()}


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Path], dict[str, Path]]:
    files = tracked(".")
    folders = [tmp_path_factory.mktemp("first"), tmp_path_factory.mktemp("second")]
    return (
        built(files, folders[0], umask=0o022, mtime=1_600_000_000),
        built(files, folders[1], umask=0o077, mtime=1_700_000_000),
    )


def test_two_builds_of_one_commit_are_the_same_bytes(twice: tuple[dict[str, Path], dict[str, Path]]) -> None:
    first, second = twice
    assert set(first) == {".whl", ".gz"}
    for suffix, path in first.items():
        assert path.name == second[suffix].name
        assert path.read_bytes() == second[suffix].read_bytes(), suffix


def test_the_wheel_holds_the_tracked_package_and_its_licences(twice: tuple[dict[str, Path], dict[str, Path]]) -> None:
    with zipfile.ZipFile(twice[0][".whl"]) as wheel:
        names = set(wheel.namelist())
    records = {name for name in names if name.split("/")[0].endswith(".dist-info")}
    assert names - records == tracked("xleval")
    assert {"xleval/py.typed", "xleval/polyfact/templates/countries.tsv", "xleval/tasks/sample_problems.jsonl"} <= names
    inside = {name.split("/", 1)[1] for name in records}
    assert inside == {"METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE", "licenses/NOTICE"}


def test_the_sdist_holds_what_git_tracks_but_for_the_repository_itself(
    twice: tuple[dict[str, Path], dict[str, Path]],
) -> None:
    with tarfile.open(twice[0][".gz"]) as sdist:
        names = {name.split("/", 1)[1] for name in sdist.getnames()}
    expected = {name for name in tracked(".") if not name.startswith((".ci/", ".github/"))}
    # hatchling takes .gitignore along, so that a build from the sdist leaves out what a build from the clone does
    assert names - {"PKG-INFO"} == expected


def test_one_version_everywhere() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+((a|b|rc)\d+)?", xleval.__version__), "semantic, in Python's spelling"
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == xleval.__version__
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert headings[0] == "Unreleased"


@pytest.mark.parametrize("path", sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml")), ids=lambda path: path.stem)
def test_issue_forms_are_what_the_forms_schema_asks(path: Path) -> None:
    """Keys after GitHub's documentation of issue forms (2026-11): name, description, body; each element a type, all but markdown an id."""
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    if path.stem == "config":
        assert set(form) <= {"blank_issues_enabled", "contact_links"}
        return
    assert {"name", "description", "body"} <= set(form)
    ids = [element["id"] for element in form["body"]]
    assert len(ids) == len(set(ids))
    for element in form["body"]:
        assert element["type"] in {"input", "textarea", "dropdown", "checkboxes"}
        assert element["attributes"]["label"]
        assert element["type"] != "dropdown" or element["attributes"]["options"]
