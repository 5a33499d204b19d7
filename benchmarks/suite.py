"""What a scenario of a suite costs besides its solve, and how much faster two workers are than one, against the bars.

`python benchmarks/suite.py --scenarios 200` from the root of the repository. The solve is everything between an
instance and a verified plan (candidates, model, search, reading, verification; diagnosis where there is no plan). The
overhead is all the rest: reading and checking the suite, the process, loading the instance, every report of the run
folder, and the comparison. It is told by the clock, and in processor seconds, since other work on the machine makes the
clock say more.
"""

import argparse
import json
import resource
import sys
import tempfile
import time
from pathlib import Path

from fleetopt import load, solve
from fleetopt.suite import SuiteOptions, SuiteResult, run_suite

ROOT = Path(__file__).parents[1]
TINY = ROOT / "instances" / "tutorial" / "one_system.yaml"
LARGER = ROOT / "instances" / "reference" / "export_constrained.yaml"
OVERHEAD_BAR_S, SPEED_UP_BAR = 0.3, 1.7
SOLVE = ("candidates", "check", "build", "search", "diagnose", "read", "verify")
"""Phases of a manifest that are the solve; those of the search stand beside them."""


def main() -> int:
    """Print what was measured; 1 where a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenarios", type=int, default=200, help="tiny scenarios of the overhead; 0 leaves it out")
    parser.add_argument("--equal", type=int, default=8, help="equal scenarios of the speed-up; 0 leaves it out")
    asked = parser.parse_args()
    missed = 0
    if asked.scenarios:
        missed += overhead(asked.scenarios) > OVERHEAD_BAR_S
    if asked.equal:
        missed += speed_up(asked.equal) < SPEED_UP_BAR
    return min(missed, 1)


def overhead(scenarios: int) -> float:
    """Seconds a scenario beyond its solve; the better of clock and processor, which differ by what else runs."""
    instance = load(TINY).instance
    began = processor_s()
    for _ in range(20):
        solve(instance)
    solve_s = (processor_s() - began) / 20
    with tempfile.TemporaryDirectory() as folder:
        began, clock = processor_s(), time.perf_counter()
        result = run(TINY, Path(folder), scenarios, workers=1, step=0.01)
        processor, clock = processor_s() - began, time.perf_counter() - clock
        solves = sum(solve_seconds(scenario.folder) for scenario in result.scenarios)
    by_clock, by_processor = (clock - solves) / scenarios, processor / scenarios - solve_s
    print(f"{scenarios} tiny scenarios, one worker: {clock:.1f} s by the clock, {processor:.1f} s of the processor")
    print("a scenario | by the clock, ms | of the processor, ms | bar, ms")
    print(f"its solve | {1e3 * solves / scenarios:.0f} | {1e3 * solve_s:.0f} |")
    print(f"all else | {1e3 * by_clock:.0f} | {1e3 * by_processor:.0f} | {1e3 * OVERHEAD_BAR_S:.0f}", flush=True)
    return min(by_clock, by_processor)


def speed_up(equal: int) -> float:
    """Seconds of equal scenarios with one worker over those with two."""
    seconds = []
    for workers in (1, 2):
        with tempfile.TemporaryDirectory() as folder:
            clock = time.perf_counter()
            run(LARGER, Path(folder), equal, workers, step=1e-6)
            seconds.append(time.perf_counter() - clock)
    times = seconds[0] / seconds[1]
    print("equal scenarios | one worker, s | two workers, s | times as fast | bar")
    print(f"{equal} | {seconds[0]:.1f} | {seconds[1]:.1f} | {times:.2f} | {SPEED_UP_BAR}")
    return times


def run(base: Path, folder: Path, scenarios: int, workers: int, step: float) -> SuiteResult:
    """A suite of so many scenarios whose demand differs by a step, so that none is another's."""
    overrides = {f"d{i}": {"workloads.*.demand.scale": 1 + step * i} for i in range(scenarios)}
    text = json.dumps({"base": str(base), "overrides": overrides, "scenarios": {name: [name] for name in overrides}})
    (folder / "suite.yaml").write_text(text, encoding="utf-8")
    result = run_suite(folder / "suite.yaml", folder / "out", SuiteOptions(gap=0.01, workers=workers))
    assert all(scenario.answered for scenario in result.scenarios)
    return result


def solve_seconds(folder: Path) -> float:
    """Seconds of a run's solve."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return float(sum(phase["seconds"] for phase in manifest["phases"] if phase["phase"] in SOLVE))


def processor_s() -> float:
    """Seconds of the processor so far, those of processes that have ended among them."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


if __name__ == "__main__":
    sys.exit(main())
