"""Memory that is free now, on the GPU that a process trains on or in the machine."""

import os
import re
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")


def free_gpu_gb() -> float | None:
    """Return GB of 2**30 bytes free on the GPU of this process; None without one."""
    import torch

    if not torch.cuda.is_available():
        return None
    place = int(os.environ.get("LOCAL_RANK", "0")) % torch.cuda.device_count()
    free, _ = torch.cuda.mem_get_info(place)
    return float(free / 2**30)


def free_machine_gb() -> float | None:
    """Return GB of 2**30 bytes that this process may still use; None where the system does not say.

    That is what Linux calls available, or what is left under the container's limit, the smaller, divided by the number of
    processes that `accelerate launch` started here.
    """
    try:
        found = re.search(r"^MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text(encoding="ascii"), re.M)
    except OSError:
        return None
    if found is None:
        return None
    free = int(found[1]) / 2**20
    left = _left_in_container()
    n_processes = max(int(os.environ.get("LOCAL_WORLD_SIZE", "1")), 1)
    return (free if left is None else min(free, left)) / n_processes


def _left_in_container() -> float | None:
    """Return what is left under the limit of a control group; files in its cache can be given back and are free."""
    try:
        limit = (_CGROUP / "memory.max").read_text(encoding="ascii").strip()
        used = int((_CGROUP / "memory.current").read_text(encoding="ascii"))
        cache = re.search(r"^inactive_file (\d+)$", (_CGROUP / "memory.stat").read_text(encoding="ascii"), re.M)
    except (OSError, ValueError):
        return None
    if not limit.isdecimal():
        return None
    return (int(limit) - used + (int(cache[1]) if cache else 0)) / 2**30
