"""Short limits on reference instances: each must end with a plan, a bound, a gap and exit code 5 (0 within the gap).

python benchmarks/short_limits.py [--seconds 1 6] [FILE ...]
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

REFERENCE = Path(__file__).parents[1] / "instances" / "reference"
COLUMNS = ("instance", "limit s", "exit", "processor s", "cost M$", "bound M$", "gap %", "stop reason")


def main() -> int:
    """Solve each instance under each limit, print a row each; 1 where one ended without a verified plan."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, nargs="+", default=[1.0, 6.0])
    parser.add_argument("files", type=Path, nargs="*", default=sorted(REFERENCE.glob("*.yaml")))
    options = parser.parse_args()
    print(" | ".join(COLUMNS), flush=True)
    codes = [stopped(file, seconds) for file in options.files for seconds in options.seconds]
    return int(any(code not in (0, 5) for code in codes))


def stopped(file: Path, seconds: float) -> int:
    """One solve in a fresh process: prints its row, returns its exit code."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "fleetopt", "solve", str(file), "--time-limit", str(seconds), "--json"]
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run"
        code = subprocess.run([*command, "--out", str(out)], capture_output=True, check=False).returncode
        plan, manifest = (
            json.loads((out / name).read_text(encoding="utf-8")) for name in ("plan.json", "manifest.json")
        )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    figures = (plan["objective_usd"] / 1e6, plan["bound_usd"] / 1e6, 100 * plan["gap"])
    row = (file.stem, f"{seconds:g}", str(code), f"{cpu_s:.1f}", *(f"{x:,.3f}" for x in figures))
    print(" | ".join((*row, manifest["stop_reason"])), flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
