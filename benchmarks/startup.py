"""Start-up time of the command line, beside lm-eval's: `python benchmarks/startup.py [--pairs N]`.

Both sides run in turn as whole processes, after one round that warms the disk cache; the figures are medians with their
range, and the ratio is lm-eval's median over ours. Bars (design section 12): `xleval --help` 0.25 s, `xleval tasks` 0.6 s.
"""

import argparse
import shutil
import statistics
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path

BARS_S = {"--help": 0.25, "tasks": 0.6}


def seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


def show(name: str, times: list[float]) -> str:
    return f"{name:<24} {statistics.median(times):6.2f} s  [{min(times):.2f}, {max(times):.2f}]"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=5, help="rounds of both sides (default 5)")
    parser.add_argument("--without-lm-eval", action="store_true", help="our side only")
    arguments = parser.parse_args()
    bin_folder = Path(sys.executable).parent
    xleval = str(bin_folder / "xleval")
    lm_eval = shutil.which("lm_eval", path=str(bin_folder))
    theirs = {"--help": ["--help"], "tasks": ["ls", "tasks"]} if lm_eval and not arguments.without_lm_eval else {}
    missed = False
    for ours, bar_s in BARS_S.items():
        times: dict[str, list[float]] = {"xleval": [], "lm_eval": []}
        seconds([xleval, ours])
        pairs = (
            arguments.pairs if ours == "--help" or not theirs else min(arguments.pairs, 2)
        )  # lm-eval takes half a minute
        for _ in range(pairs):
            times["xleval"].append(seconds([xleval, ours]))
            if theirs:
                times["lm_eval"].append(seconds([str(lm_eval), *theirs[ours]]))
        print(show(f"xleval {ours}", times["xleval"]), f" bar {bar_s} s")
        missed |= statistics.median(times["xleval"]) > bar_s
        if theirs:
            ratio = statistics.median(times["lm_eval"]) / statistics.median(times["xleval"])
            print(show(f"lm_eval {' '.join(theirs[ours])}", times["lm_eval"]), f" ratio {ratio:.1f}x")
    if theirs:
        print(f"lm_eval {metadata.version('lm_eval')}, Python {sys.version.split()[0]}")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
