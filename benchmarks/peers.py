"""Seconds from a peer's file to a verified plan, gap 0: `python benchmarks/peers.py FOLDER` with the published cases.

FOLDER holds `melange_cases.json` and `inferno_small/`. Prints one line a case, for docs/peers.md.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

from fleetopt.imports.inferno import inferno_text
from fleetopt.imports.melange import melange_text
from fleetopt.instance.load import load_text
from fleetopt.pipeline.options import SolveOptions
from fleetopt.pipeline.story import solve


def timed(name: str, text: str, *overrides: str) -> None:
    """Solve one case and print its line."""
    began = time.perf_counter()
    found = solve(load_text(text, overrides=overrides).instance, SolveOptions(gap=0.0))
    seconds = time.perf_counter() - began
    print(f"| {name} | {found.plan.objective_usd:.6g} $/h | {found.plan.status} | {seconds:.1f} s |", flush=True)


def main(folder: Path) -> None:
    """All cases of a folder."""
    with tempfile.TemporaryDirectory() as place:
        for number, case in enumerate(json.loads((folder / "melange_cases.json").read_text(encoding="utf-8")), start=1):
            path = Path(place) / f"case{number}.json"
            path.write_text(json.dumps(case["config"]), encoding="utf-8")
            timed(f"Mélange {number}", melange_text(path))
    text, _ = inferno_text(folder / "inferno_small")
    timed("Inferno small, stock", text)
    timed("Inferno small, unlimited", text, "policy.limits.*.enabled=false")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
