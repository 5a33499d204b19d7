"""Time, peak memory, size and gap of an instance, each solve in a fresh process; prints a table.

python benchmarks/reference.py [--instance FILE] [--seeds 5] [--gap 0.001]
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REFERENCE = Path(__file__).parents[1] / "instances" / "reference" / "three_segments.yaml"
COLUMNS = ("seed", "exit", "seconds", "peak MB", "columns", "rows", "integers", "cost M$", "gap %")


def main() -> int:
    """Run the seeds one after the other and print a row each, then medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--instance", type=Path, default=REFERENCE)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--gap", type=float, default=0.001)
    options = parser.parse_args()
    print(" | ".join(COLUMNS), flush=True)
    runs = []
    for seed in range(options.seeds):
        runs.append(measure(options.instance, seed, options.gap))
        print(" | ".join(str(value) for value in runs[-1]), flush=True)
    seconds = statistics.median(float(run[2]) for run in runs)
    print(f"median of {len(runs)}: {seconds:.1f} s, gap {statistics.median(float(run[8]) for run in runs):.3f} %")
    return max(int(run[1]) for run in runs)


def measure(instance: Path, seed: int, gap: float) -> tuple[str, ...]:
    """One solve: its row of the table."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run"
        command = [sys.executable, "-m", "fleetopt", "solve", str(instance), "--out", str(out)]
        start = time.monotonic()
        done = subprocess.run(
            [*command, "--seed", str(seed), "--gap", str(gap)], stdout=subprocess.DEVNULL, check=False
        )
        seconds = time.monotonic() - start
        if not (out / "manifest.json").is_file():
            sys.exit(f"seed {seed}: exit code {done.returncode} and no run folder")
        manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
        plan = json.loads((out / "plan.json").read_text(encoding="utf-8"))
    peak_mb = max(phase.get("peak_memory_mb") or 0.0 for phase in manifest["phases"])
    size = manifest["size"]
    figures = (str(size["columns"]), str(size["rows"]), str(size["integers"]))
    cost = (f"{plan['objective_usd'] / 1e6:,.2f}", f"{plan['gap'] * 100:.3f}")
    return (str(seed), str(done.returncode), f"{seconds:.1f}", f"{peak_mb:,.0f}", *figures, *cost)


if __name__ == "__main__":
    sys.exit(main())
