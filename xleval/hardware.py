"""The machine that this process runs on: cores, memory, and the GPUs that torch can use."""

import os
import platform
import shutil
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from xleval.installation import Problem, installed_version


@dataclass(frozen=True, slots=True, kw_only=True)
class Gpu:
    """A GPU that torch can use: memory in GB, and whether it computes in bfloat16."""

    name: str
    memory_gb: float
    has_bfloat16: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The machine: CPU cores this process may use, memory in GB (the container's where it has a limit), GPUs."""

    platform: str
    python: str
    cores: int
    memory_gb: float | None
    gpus: tuple[Gpu, ...]


def inspect_hardware() -> tuple[Machine, list[Problem]]:
    """Return the machine, and what is wrong with torch on it."""
    gpus, problems = _gpus()
    machine = Machine(
        platform=platform.platform(),
        python=platform.python_version(),
        cores=_cores(),
        memory_gb=_memory_gb(),
        gpus=tuple(gpus),
    )
    return machine, problems


def is_importable(module: str) -> bool:
    """Return whether a module would be found; a finder that refuses it counts as absent."""
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def _gpus() -> tuple[list[Gpu], list[Problem]]:
    """Return the GPUs that torch can use, and what is wrong with torch."""
    if not is_importable("torch"):
        return [], []
    try:
        torch = import_module("torch")
        if not torch.cuda.is_available():
            return [], _idle_gpu(str(torch.__version__))
        gpus = [torch.cuda.get_device_properties(index) for index in range(torch.cuda.device_count())]
        bfloat16 = bool(torch.cuda.is_bf16_supported())
    except Exception as error:  # a broken build or driver raises anything
        text = f"torch {installed_version('torch')} does not work: {type(error).__name__}: {error}"
        return [], [Problem(text=text, remedy="pip install --force-reinstall torch", stops=("hf", "vllm"))]
    return [Gpu(name=gpu.name, memory_gb=gpu.total_memory / 2**30, has_bfloat16=bfloat16) for gpu in gpus], []


def _idle_gpu(version: str) -> list[Problem]:
    if shutil.which("nvidia-smi") is None and not Path("/proc/driver/nvidia/version").exists():
        return []
    text = f"there is an NVIDIA driver, but torch {version} sees no GPU: a CPU build, or one for another CUDA version"
    return [Problem(text=text, remedy="install the CUDA build of torch that fits the driver (see nvidia-smi)")]


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _memory_gb() -> float | None:
    try:
        total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii").strip()
    except OSError:
        limit = "max"
    return min(total, int(limit) if limit.isdecimal() else total) / 2**30
