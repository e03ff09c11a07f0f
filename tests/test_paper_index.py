"""docs/paper_index.md: what it links and names exists, recipes have its values and tags, and nothing is left out."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import pytest
import yaml

from xleval.training.config.recipes import RECIPES, read_recipe, read_with_extends, recipe_files
from xleval.training.config.yaml_core import core_loader
from xleval.training.config.yaml_reader import read_yaml
from xleval.training.config.yaml_tree import Leaf, Section, leaves
from xleval.training.studies.registry import STUDY_MODULES

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/paper_index.md"
LINK = re.compile(r"\[`(xleval/[^`]+)`\]\((\.\./[^)]+)\)([^\[]*)")
TAG = re.compile(r"\[([PCVRSDK])\]")
#: Packages in which everything public is an equation of some source, or is named in `NO_EQUATION`.
PACKAGES = (
    "xleval/evalkit/metrics",
    "xleval/evalkit/statistics",
    "xleval/training/losses",
    "xleval/training/rewards",
)
MODULES = (
    "xleval/evalkit/judge/agreement.py",
    "xleval/evalkit/judge/length_control.py",
    "xleval/evalkit/transfer/fits.py",
    "xleval/evalkit/transfer/index.py",
    "xleval/probing/lahis.py",
    "xleval/probing/lape.py",
    "xleval/probing/mexa.py",
    "xleval/training/grpo/advantages.py",
)
#: Records, readers, names and array handling: they implement no equation of a source.
NO_EQUATION = {
    "evalkit/metrics/accuracy.py": (
        "as_normalisation as_ties all_tied Choices first_of_tied completion_verdict GenerationRates generation_rates"
    ),
    "evalkit/metrics/answers.py": "answer_of answers_are_stored answer_shares",
    "evalkit/metrics/consistency.py": "language_pairs pair_indices column_means pair_matrix",
    "evalkit/metrics/grid.py": "TaskGrid build_grid",
    "evalkit/metrics/language_consistency.py": (
        "LanguageConsistency Text count_text count_texts usual_processes shares_of_completions"
    ),
    "evalkit/metrics/language_passes.py": "our_detector tokens is_latin",
    "evalkit/metrics/repeated.py": "sizes verdict_table",
    "evalkit/statistics/intervals.py": "Estimate",
    "evalkit/statistics/paired.py": "PairedEstimate",
    "evalkit/transfer/fits.py": "Form Fitted enough_points line_at",
    "evalkit/transfer/index.py": "tasks_of",
    "probing/lahis.py": "ranks",
    "probing/lape.py": "mean_overlap layers_of",
    "probing/mexa.py": "Found",
    "training/grpo/advantages.py": "means_by_language",
    "training/losses/clo.py": "Direction CloLoss",
    "training/losses/letters.py": "LetterLoss",
    "training/losses/log_probs.py": "AnswerLogProbs",
    "training/rewards/attempts.py": "Attempt Sampled read_attempts",
    "training/rewards/build.py": "BuiltReward Setting build_rewards sampled_as build_function",
    "training/rewards/disguises.py": "undisguised hidden_english",
    "training/rewards/function.py": "RewardFunction Each",
    "training/rewards/options.py": (
        "AccuracyOptions LanguageOptions FormatOptions LengthOptions RandomOptions NoOptions read_options"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of a table: the three cells behind its name, and for each link in the last one the names beside it."""

    line: int
    paper: str
    here: str
    links: tuple[tuple[str, str, tuple[str, ...]], ...]


def _rows() -> Iterator[Row]:
    for number, line in enumerate(PAGE.read_text(encoding="utf-8").split("\n"), 1):
        if not line.startswith("| ") or line.startswith(("| What |", "| tag |")) or re.match(r"\| \[[A-Z]\] \|", line):
            continue
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        assert len(cells) == 4, f"line {number} has {len(cells)} cells; write \\lvert or \\mid for | in a formula"
        links = tuple((text, url, tuple(re.findall(r"`([^`]+)`", rest))) for text, url, rest in LINK.findall(cells[3]))
        yield Row(line=number, paper=cells[1], here=cells[2], links=links)


ROWS = tuple(_rows())
INDEXED = {(text, name) for row in ROWS for text, _, names in row.links for name in names}
RECIPE_ROWS = [
    (row, text.removeprefix("xleval/training/recipes/"), name)
    for row in ROWS
    for text, _, names in row.links
    if text.endswith(".yaml")
    for name in names
]


@cache
def _defined(module: str) -> frozenset[str]:
    """Return what a module defines at its top level, and the fields and methods of its classes as `Class.name`."""
    found: list[str] = []
    for node in ast.parse((ROOT / module).read_text(encoding="utf-8")).body:
        found += _names(node)
        if isinstance(node, ast.ClassDef):
            found += [f"{node.name}.{name}" for inner in node.body for name in _names(inner)]
    return frozenset(found)


def _names(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)]


def test_the_page_has_rows_and_every_row_a_place() -> None:
    assert len(ROWS) > 300
    nowhere = [row.line for row in ROWS if not row.links]
    lines = PAGE.read_text(encoding="utf-8").split("\n")
    assert [lines[number - 1].split(" | ")[0] for number in nowhere] == ["| `coverage`, `valid_option`"]


def test_every_link_is_of_the_file_it_names() -> None:
    for row in ROWS:
        for text, url, _ in row.links:
            assert url == f"../{text}", f"line {row.line}"
            assert (ROOT / text).is_file(), f"line {row.line}: {text}"


def test_every_symbol_is_defined_in_its_module() -> None:
    missing = [
        f"line {row.line}: {name} in {text}"
        for row in ROWS
        for text, _, names in row.links
        if text.endswith(".py")
        for name in names
        if name not in _defined(text)
    ]
    assert missing == []


def _leaves_of(file: str, pattern: str) -> list[tuple[str, dict[str, Leaf]]]:
    """Return the values of the recipes of a file that a pattern matches; of a file of no recipes, its own."""
    if Path(file).name.startswith("_"):
        assert pattern == "*", f"{file} has no recipes, only keys"
        return [(file, _only_leaves(read_with_extends(RECIPES / file)))]
    names = next(each.names for each in recipe_files() if each.path == RECIPES / file)
    matching = [name for name in names if fnmatchcase(name.partition("/")[2], pattern)]
    assert matching, f"no recipe of {file} is called {pattern}"
    return [(name, _only_leaves(read_recipe(name))) for name in matching]


def _only_leaves(tree: Section) -> dict[str, Leaf]:
    return {key: leaf for key, leaf in leaves(tree) if isinstance(leaf, Leaf)}


@pytest.mark.parametrize(("row", "file", "name"), RECIPE_ROWS, ids=[f"{file}-{name}" for _, file, name in RECIPE_ROWS])
def test_recipes_have_the_value_and_the_evidence_of_their_row(row: Row, file: str, name: str) -> None:
    pattern, _, key = name.rpartition(": ")
    stated = re.search(r"`([^`]+)`", row.here)
    assert stated, f"line {row.line} has no value"
    wanted = yaml.load(stated[1], core_loader())  # the recipes' own rules: 1e-5 is a number, no is a text
    for recipe, found in _leaves_of(file, pattern or "*"):
        assert key in found, f"{recipe} has no {key}"
        leaf = found[key]
        assert (type(leaf.value), leaf.value) == (type(wanted), wanted), recipe
        if tag := TAG.match(leaf.source):
            assert tag[1] in TAG.findall(row.paper), f"line {row.line}: {recipe} says {leaf.source}"
        elif leaf.source.startswith("not stated"):
            assert "not stated" in row.paper, f"line {row.line}: {recipe} says {leaf.source}"


def _keys_with_evidence(study: str) -> set[str]:
    """Return the keys of a study's files whose value is taken from the paper, or is our choice as it states none."""
    found = set()
    for path in (RECIPES / study).glob("*.yaml"):
        for tree in _settings_of(read_yaml(path)):
            found |= {key for key, leaf in leaves(tree) if re.match(r"\[[A-Z]\]|not stated", leaf.source)}
    return {key for key in found if not re.fullmatch(r"rewards\..+\.name", key)}


def _settings_of(tree: Section) -> Iterator[Section]:
    """Yield the settings of a file and those of each option of its axes; lists of options only name arms."""
    yield Section(children={key: child for key, child in tree.children.items() if key != "vary"}, place=tree.place)
    if isinstance(vary := tree.children.get("vary"), Section) and isinstance(axes := vary.children["axes"], Section):
        for axis in axes.children.values():
            options = axis.children.values() if isinstance(axis, Section) else ()
            yield from (option for option in options if isinstance(option, Section))


@pytest.mark.parametrize("study", sorted(STUDY_MODULES))
def test_every_setting_of_a_study_is_in_the_index(study: str) -> None:
    indexed = {name.rpartition(": ")[2] for _, file, name in RECIPE_ROWS if file.startswith(f"{study}/")}
    wanted = _keys_with_evidence(study)
    assert len(wanted) > 10
    assert sorted(wanted - indexed) == []


def test_every_file_of_recipes_is_linked() -> None:
    linked = {text for row in ROWS for text, _, _ in row.links}
    files = {str(each.path.relative_to(ROOT)) for each in recipe_files()}
    assert sorted(files - linked) == []


def _public() -> set[tuple[str, str]]:
    paths = [path for package in PACKAGES for path in sorted((ROOT / package).glob("*.py"))]
    modules = [str(path.relative_to(ROOT)) for path in paths] + list(MODULES)
    found = set()
    for module in modules:
        for node in ast.parse((ROOT / module).read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                found.add((module, node.name))
    return found


def test_every_metric_loss_reward_and_statistic_is_indexed_or_said_to_be_no_equation() -> None:
    excused = {(f"xleval/{module}", name) for module, names in NO_EQUATION.items() for name in names.split()}
    public = _public()
    assert sorted(public - INDEXED - excused) == []
    assert sorted(excused - public) == []
    assert sorted(excused & INDEXED) == []


def test_every_paper_that_the_code_cites_is_in_the_index() -> None:
    cited = re.compile(r"(?:arXiv[:\s]+|arxiv\.org/abs/)(\d{4}\.\d{5})")
    page = set(re.findall(r"\b\d{4}\.\d{5}\b", PAGE.read_text(encoding="utf-8")))
    papers = {
        number: str(path.relative_to(ROOT))
        for path in sorted((ROOT / "xleval").rglob("*.py"))
        for number in cited.findall(path.read_text(encoding="utf-8"))
    }
    assert len(papers) > 40
    assert {number: path for number, path in papers.items() if number not in page} == {}
