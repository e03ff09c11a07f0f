"""What the package never does: run a shell, evaluate text, unpickle, load YAML with tags, or run code of a checkpoint."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import xleval

PACKAGE = Path(xleval.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))

#: Calls that are refused, by their last two names.
REFUSED = {
    "os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput", "pickle.load", "pickle.loads",
    "marshal.loads", "shelve.open", "yaml.load", "yaml.unsafe_load", "yaml.full_load", "joblib.load", "dill.load",
    "tempfile.mktemp",
}  # fmt: skip
#: Keyword arguments that are refused with the value True.
REFUSED_TRUE = {"shell", "allow_pickle", "trust_remote_code"}


def calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node, ".".join(ast.unparse(node.func).split(".")[-2:])


def found_in(source: str) -> list[str]:
    found = []
    for node, name in calls(ast.parse(source)):
        given = {each.arg: each.value for each in node.keywords}
        if name in REFUSED or name in ("eval", "exec", "compile", "__import__"):
            found.append(f"line {node.lineno}: {name}")
        if name == "torch.load" and not _is(given.get("weights_only"), True):
            found.append(f"line {node.lineno}: torch.load without weights_only=True")
        found += [f"line {node.lineno}: {key}" for key in REFUSED_TRUE if key in given and not _is(given[key], False)]
    return found


def _is(value: ast.expr | None, wanted: bool) -> bool:
    return isinstance(value, ast.Constant) and value.value is wanted


@pytest.mark.parametrize(
    "source",
    ["import os\nos.system('ls')", "subprocess.run(x, shell=True)", "eval(text)", "torch.load(path)", "yaml.load(text)",
     "np.load(path, allow_pickle=True)", "load(path, trust_remote_code=given)", "pickle.load(file)"],
)  # fmt: skip
def test_the_search_finds_what_it_looks_for(source: str) -> None:
    assert found_in(source)


@pytest.mark.parametrize("source", ["model.eval()", "re.compile('a')", "yaml.safe_load(text)",
                                    "torch.load(path, weights_only=True)", "run(x, shell=False)"])  # fmt: skip
def test_the_search_leaves_the_harmless_alone(source: str) -> None:
    assert not found_in(source)


def test_no_module_does_any_of_it() -> None:
    found = {str(path.relative_to(PACKAGE)): lines for path in MODULES if (lines := found_in(path.read_text("utf-8")))}
    assert len(MODULES) > 300
    assert found == {}
