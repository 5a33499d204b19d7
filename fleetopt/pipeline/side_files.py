"""Files beside a plan: read with care, for they may have been edited; what is not as we write it is not there."""

import json
from pathlib import Path
from typing import Any

BINDING = "binding.json"
"""What binds, as `solve` leaves it beside the plan."""
MOST_BYTES = 50_000_000
"""A larger file is not read."""


def binding(folder: Path) -> list[dict[str, Any]] | None:
    """What binds, where the folder says so in the shape that `solve` writes."""
    found = _side_file(folder / BINDING)
    texts = ("equation", "says", "state")
    if isinstance(found, list) and all(
        isinstance(b, dict)
        and all(isinstance(b.get(key), str) for key in texts)
        and all(isinstance(b.get(key), list) for key in ("index", "periods"))
        and all(isinstance(part, str) for part in (*b["index"], *b["periods"]))
        for b in found
    ):
        return found
    return None


def _side_file(path: Path) -> Any:
    """JSON beside a plan; None where it is not there, too large, or no JSON."""
    try:
        if path.stat().st_size > MOST_BYTES:
            return None
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None


def diagnosis(folder: Path) -> dict[str, Any] | None:
    """diagnosis.json of a run that ended without a plan."""
    plan, found = _side_file(folder / "plan.json"), _side_file(folder / "diagnosis.json")
    ended = isinstance(plan, dict) and plan.get("status") in ("infeasible", "no_plan")
    return found if ended and isinstance(found, dict) else None
