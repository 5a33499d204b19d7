"""How long `fleetopt --help` and the whole catalogue take in a fresh process, against their bars.

`python benchmarks/startup.py --runs 9`: the best of so many runs counts, since other work on the machine only adds to
it. `python -X importtime -m fleetopt --help` says where the time goes.
"""

import argparse
import statistics
import subprocess
import sys
import time

CATALOGUE = "from fleetopt.catalog.load import KINDS, entry, ids; [entry(k, i) for k in KINDS for i in ids(k)]"
BARS: dict[str, tuple[list[str], float]] = {
    "fleetopt --help": (["-m", "fleetopt", "--help"], 0.4),
    "the whole catalogue": (["-c", CATALOGUE], 0.5),
}
"""Arguments of Python, and the most seconds it may take."""


def main() -> int:
    """Print a row for each bar; 1 where one is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=9)
    runs = parser.parse_args().runs
    missed = 0
    print("what | best s | median s | bar s")
    for what, (arguments, bar_s) in BARS.items():
        seconds = [measure(arguments) for _ in range(runs)]
        print(f"{what} | {min(seconds):.2f} | {statistics.median(seconds):.2f} | {bar_s:.1f}", flush=True)
        missed += min(seconds) > bar_s
    return min(missed, 1)


def measure(arguments: list[str]) -> float:
    """Seconds from the start of Python to its end."""
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
