"""A small Inferno case, in parts that tests change."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

CASE: dict[str, Any] = {
    "accelerator": {
        "accelerators": [
            {"name": "Big", "type": "B", "multiplicity": 2, "power": {"full": 700}, "cost": 100.0},
            {"name": "Small", "type": "S", "cost": 30.0},
        ]
    },
    "model": {
        "models": [
            {
                "name": "m",
                "acc": acc,
                "accCount": 1,
                "maxBatchSize": 16,
                "atTokens": 100,
                "perfParms": {"alpha": alpha, "beta": 0.1, "gamma": 0.001},
            }
            for acc, alpha in (("Big", 5.0), ("Small", 20.0))
        ]
    },
    "serviceclass": {
        "serviceClasses": [
            {"name": "Gold", "priority": 1, "modelTargets": [{"model": "m", "slo-itl": 30, "slo-ttft": 500}]}
        ]
    },
    "server": {
        "servers": [
            {
                "name": "gold m",
                "class": "Gold",
                "model": "m",
                "currentAlloc": {"load": {"ArrivalRate": 600, "avgintokens": 100, "AvgOutTokens": 100}},
            }
        ]
    },
    "capacity": {"count": [{"type": "B", "count": 100}, {"type": "S", "count": 100}]},
    "optimizer": {"optimizer": {"unlimited": False}},
}


def case() -> dict[str, Any]:
    """A copy to change."""
    return deepcopy(CASE)


def written(folder: Path, parts: dict[str, Any]) -> Path:
    """The folder with a file for each part."""
    folder.mkdir(exist_ok=True)
    for name, part in parts.items():
        (folder / f"{name}-data.json").write_text(json.dumps(part, indent=1), encoding="utf-8")
    return folder
