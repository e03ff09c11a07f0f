"""The package as a whole: what imports what, what importing costs, what the README points at."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "xleval"

#: Who may import whom (design section 2); `data` is below everything, `cli` and `demo` above.
ALLOWED = {
    "errors": set(),
    "text_console": set(),
    "termination": set(),
    "data": {"errors", "text_console"},
    "polyfact": {"errors", "data", "text_console"},
    "evalkit": {"errors", "data", "text_console"},
    "tasks": {"errors", "data", "polyfact", "evalkit"},
    "training": {
        "errors",
        "data",
        "polyfact",
        "evalkit",
        "tasks",
        "small_model",
        "installation",
        "termination",
        "text_console",
    },
    "probing": {"errors", "data", "polyfact", "evalkit", "tasks", "text_console"},
    "small_model": {"errors", "data", "evalkit"},
    "demo": {"errors", "data", "polyfact", "evalkit", "tasks", "training", "probing", "small_model"},
    "hardware": {"installation"},
    "installation": set(),
    "doctor": {"errors", "data", "evalkit", "tasks", "small_model", "hardware", "installation"},
    "console": {"errors", "polyfact", "evalkit", "text_console"},
    "commands": {
        "errors",
        "data",
        "polyfact",
        "evalkit",
        "tasks",
        "training",
        "probing",
        "demo",
        "doctor",
        "console",
        "small_model",
    },
    "cli": {"errors", "data", "commands", "console", "termination"},
    "__main__": {"cli"},
    "rewards": {"errors", "tasks", "training"},
}


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_parts(path: Path) -> set[str]:
    parts = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        modules = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            modules = [f"{node.module}.{alias.name}" for alias in node.names]
        parts |= {module.split(".")[1] for module in modules if module.startswith("xleval.")}
    return parts


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_flow_one_way(path: Path) -> None:
    part = part_of(path)
    if part == "__init__":
        return
    parts = {name for name in imported_parts(path) if name != part and not name.startswith("__")}
    assert parts <= ALLOWED[part], f"{part} imports {parts - ALLOWED[part]}"


HEAVY = (
    "torch",
    "transformers",
    "datasets",
    "pandas",
    "pyarrow",
    "numpy",
    "lingua",
    "babel",
    "pyoxigraph",
    "rich",
    "jinja2",
    "matplotlib",
    "yaml",
)


def modules_after(command: str) -> set[str]:
    code = f"import sys; {command}; print(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(result.stdout.splitlines()[-1].split())


def test_importing_the_package_and_the_command_line_loads_nothing_heavy() -> None:
    assert modules_after("import xleval").isdisjoint(HEAVY)
    assert modules_after("import xleval.cli").isdisjoint(HEAVY)


def test_help_and_tasks_do_not_load_torch() -> None:
    run = "from click.testing import CliRunner; from xleval.cli import main; r = CliRunner().invoke(main, {}); assert r.exit_code == 0, r.output"
    assert modules_after(run.format(["--help"])).isdisjoint(HEAVY)
    assert modules_after(run.format(["tasks"])).isdisjoint({"torch", "transformers", "datasets", "pandas", "lingua"})


def tracked(folder: str) -> set[str]:
    result = subprocess.run(["git", "ls-files", folder], capture_output=True, text=True, cwd=ROOT, check=False)
    if result.returncode != 0 or not result.stdout:
        pytest.skip("needs a git checkout")
    return set(result.stdout.splitlines())


def test_every_path_that_the_readme_names_exists() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    paths = set(re.findall(r"`((?:xleval|tests|benchmarks|scripts|docs)/[\w./-]*)`", text))
    assert len(paths) > 10
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []


def test_nothing_of_this_machine_is_in_a_tracked_file() -> None:
    for name in sorted(tracked(".")):
        text = (ROOT / name).read_bytes().decode("utf-8", errors="replace")
        assert str(ROOT) not in text, name
