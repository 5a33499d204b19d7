"""Where a plan says it comes from: its instance, the package, the gap asked for, and what was rejected on the way."""

import hashlib
from collections.abc import Iterable
from typing import Any

from fleetopt import __version__
from fleetopt.candidates.candidate import Rejection
from fleetopt.candidates.rules import WORDS
from fleetopt.instance.dump import dump_resolved
from fleetopt.instance.schema import Instance
from fleetopt.plan import Plan
from fleetopt.verify.witness import DERIVED, Witness


def check_origins(instance: Instance, plan: Plan, rejections: Iterable[Rejection], witness: Witness) -> None:
    """Name, periods, provenance and rejections."""
    witness.same("structure", ("instance",), plan.instance, instance.name)
    witness.same("structure", ("periods",), plan.periods, instance.time.period_ids)
    _check_data(("provenance",), plan.provenance, expected_provenance(instance, plan.gap_target), witness)
    _check_data(("rejections",), [dict(r) for r in plan.rejections], grouped(rejections), witness)


def expected_provenance(instance: Instance, gap_target: float) -> dict[str, Any]:
    """What a plan made here and now from this instance would say of its origin."""
    return {
        "fleetopt": __version__,
        "format": instance.format,
        "instance_sha256": hashlib.sha256(dump_resolved(instance).encode()).hexdigest(),
        "gap_target": gap_target,
        "prediction": instance.prediction.model_dump(mode="json"),
    }


def grouped(rejections: Iterable[Rejection]) -> list[dict[str, Any]]:
    """Rejections by workload, system and rule: how many, and the first of the nearest."""
    groups: dict[tuple[str, str, str], list[Rejection]] = {}
    for r in rejections:
        groups.setdefault((r.workload, r.system, r.rule), []).append(r)
    found = []
    for (workload, system, rule), group in sorted(groups.items()):
        nearest = min(group, key=lambda r: r.shortfall)
        found.append(
            {
                "workload": workload,
                "system": system,
                "rule": rule,
                "reason": WORDS.get(rule, rule),
                "count": sum(r.count for r in group),
                "nearest": nearest.detail,
                "nearest_site": nearest.site,
                "nearest_stage": nearest.stage,
                "nearest_shortfall": nearest.shortfall if abs(nearest.shortfall) < 1e300 else None,
            }
        )
    return found


def _check_data(index: tuple[str, ...], found: Any, expected: Any, witness: Witness) -> None:
    """Plain data agrees leaf by leaf: numbers to their written digits, all else exactly."""
    if isinstance(expected, dict) and isinstance(found, dict):
        witness.same("structure", (*index, "fields"), sorted(map(str, found)), sorted(expected))
        for key in expected.keys() & found.keys():
            _check_data((*index, key), found[key], expected[key], witness)
    elif isinstance(expected, list) and isinstance(found, list):
        witness.same("structure", (*index, "length"), len(found), len(expected))
        for number, (one, other) in enumerate(zip(found, expected, strict=False)):
            _check_data((*index, str(number)), one, other, witness)
    elif isinstance(expected, float) and isinstance(found, float):
        witness.equal("structure", index, found, expected, DERIVED)
    else:
        witness.same("structure", index, found, expected)
