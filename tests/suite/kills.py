"""`kill -9` on a suite at random moments, and what it loses by it: nothing.

`python tests/suite/kills.py --kills 20` kills so many times, in turn the suite's process alone and its whole process
group, and starts it again each time. What was finished before a kill must be the same files afterwards, and at the end
everything must be the same bytes as of a suite that was left alone. The tests do the same with fewer kills.
"""

import argparse
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import fleetopt

BASE = Path(__file__).parents[2] / "instances" / "tutorial" / "one_system.yaml"
OF_THE_CLOCK = ("manifest.json", "solve.log")
"""Files that hold times."""


def write_suite(folder: Path, scenarios: int) -> Path:
    """A suite of tiny scenarios, the last two of them equal and the first without a plan."""
    demands = [*(1 + 0.1 * i for i in range(scenarios - 2)), 9.0, 9.0]
    overrides = {f"d{i}": {"workloads.chat.demand.scale": scale} for i, scale in enumerate(demands)}
    overrides["d0"] = {"workloads.chat.slo.tpot_s": 1e-6}
    said = {"base": str(BASE), "overrides": overrides, "scenarios": {name: [name] for name in overrides}}
    path = folder / "suite.yaml"
    path.write_text(json.dumps(said), encoding="utf-8")
    return path


def begin(suite: Path, out: Path) -> "subprocess.Popen[bytes]":
    """The suite in a process group of its own."""
    environment = os.environ | {"PYTHONPATH": str(Path(fleetopt.__file__).parents[1])}
    command = [sys.executable, "-m", "fleetopt", "suite", str(suite), "--out", str(out), "--workers", "2", "--json"]
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, start_new_session=True)


def run_to_its_end(suite: Path, out: Path) -> None:
    """Run the suite."""
    if code := begin(suite, out).wait():
        raise AssertionError(f"the suite ended with {code}")


def run_and_kill(suite: Path, out: Path, runs: int, seconds: float, group: bool) -> bool:
    """Begin the suite and kill it so long after it has finished so many runs; False where it had ended by then."""
    process, runs = begin(suite, out), runs + count(out)
    while process.poll() is None and count(out) < runs:
        time.sleep(0.01)
    try:
        process.wait(seconds)
        return False
    except subprocess.TimeoutExpired:
        (os.killpg if group else os.kill)(process.pid, signal.SIGKILL)
        process.wait()
        return True


def count(out: Path) -> int:
    """Finished runs."""
    return len(list(out.glob("[!.]*/manifest.json")))


def finished(out: Path) -> dict[str, str]:
    """What finished runs left: the hash of each file of each folder that has a manifest."""
    manifests = sorted(out.glob("[!.]*/manifest.json"))
    return {k: v for m in manifests for k, v in hashes(m.parent, whole=True).items()}


def hashes(folder: Path, whole: bool = False) -> dict[str, str]:
    """Hash of every file by path; `whole`: of those too that hold times."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != ".suite.lock"]
    kept = [path for path in files if whole or path.name not in OF_THE_CLOCK]
    return {str(path.relative_to(folder.parent)): hashlib.sha256(path.read_bytes()).hexdigest() for path in kept}


def kill_often(folder: Path, kills: int, scenarios: int, seed: int = 0) -> list[str]:
    """Kill a suite so often, and let it end; what went wrong."""
    suite, draw = write_suite(folder, scenarios), random.Random(seed)
    alone, out = folder / "alone" / "out", folder / "killed" / "out"
    run_to_its_end(suite, alone)
    wrong: list[str] = []
    before: dict[str, str] = {}
    for number in range(kills):
        runs, seconds = draw.randint(0, max(1, 3 * scenarios // (2 * kills))), draw.uniform(0.0, 0.3)
        killed = run_and_kill(suite, out, runs, seconds, group=bool(number % 2))
        wrong += [f"kill {number}: {name} was changed or lost" for name in lost(before, out)]
        before = finished(out)
        sys.stdout.write(f"{'killed' if killed else 'ended before'}: {count(out)} runs finished\n")
    run_to_its_end(suite, out)
    wrong += [f"in the end: {name} was changed or lost" for name in lost(before, out)]
    expected, found = hashes(alone), hashes(out)
    wrong += [f"{name} differs" for name in sorted({*expected, *found}) if expected.get(name) != found.get(name)]
    return wrong + [f"{path} was left" for path in out.rglob(".*") if path.is_dir()]


def lost(before: dict[str, str], out: Path) -> list[str]:
    """Files of finished runs that are no more what they were."""
    now = finished(out)
    return [name for name, text in before.items() if now.get(name) != text]


def main() -> int:
    """Print how it went; 1 where something was lost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--scenarios", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        wrong = kill_often(Path(folder), asked.kills, asked.scenarios, asked.seed)
    good = f"{asked.kills} kills: nothing lost, nothing duplicated, the same bytes in the end"
    sys.stdout.write(("\n".join(wrong) or good) + "\n")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
