"""Published cases of peers: small ones written out here, the larger ones beside the repository."""

import json
from pathlib import Path
from typing import Any

import pytest

from fleetopt.imports.inferno import inferno_text
from fleetopt.imports.melange import melange_text
from fleetopt.instance.load import load_text
from fleetopt.pipeline.options import SolveOptions
from fleetopt.pipeline.story import Result, solve

DATA = Path(__file__).parents[3] / "shared" / "data" / "peers"
README_EXAMPLE: dict[str, Any] = {
    "gpu_info": {
        "A10G": {"cost": 1.01, "tputs": [[2, 1], [5, 2]]},
        "A100-80GB": {"cost": 3.67, "tputs": [[20, 20], [40, 20]]},
    },
    "workload_distribution": [[0.2, 0.1], [0.5, 0.2]],
    "total_request_rate": 30.0,
    "slice_factor": 1,
}
"""The example of the Mélange repository: 3 A10G and 1 A100 for 6.70 USD an hour."""


def shared_data(name: str) -> Path:
    """A file or folder beside the repository; skips visibly where it is absent."""
    for base in (DATA, Path(__file__).parents[4] / "shared" / "data" / "peers"):
        if (base / name).exists():
            return base / name
    pytest.skip(f"no {name} beside this checkout")


def melange_cases() -> list[dict[str, Any]]:
    """The ten configurations with their proven optima."""
    found: list[dict[str, Any]] = json.loads(shared_data("melange_cases.json").read_text(encoding="utf-8"))
    return found


def solved(text: str, *overrides: str) -> Result:
    """An imported instance, solved to a gap of 0."""
    return solve(load_text(text, overrides=overrides).instance, SolveOptions(gap=0.0))


def melange(folder: Path, config: Any, *overrides: str) -> Result:
    """A Mélange configuration, imported and solved."""
    path = folder / "config.json"
    path.write_text(json.dumps(config), encoding="utf-8")
    return solved(melange_text(path), *overrides)


def inferno(*overrides: str) -> Result:
    """The small Inferno case, imported and solved."""
    return solved(inferno_text(shared_data("inferno_small"))[0], *overrides)
