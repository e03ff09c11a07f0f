"""The most memory that a training has held."""

import resource
import sys


def peak_memory_gb() -> float:
    """Return GB of 2**30 bytes held at the most so far: of this process's GPU where it has one, else of the process."""
    import torch

    if torch.cuda.is_available():
        return float(torch.cuda.max_memory_allocated() / 2**30)
    unit = 1 if sys.platform == "darwin" else 1024  # kilobytes on Linux
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**30
