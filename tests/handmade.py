"""A plan for the tiny instance small enough to work out by hand, with figures to change one at a time.

15 requests/s by day and 5 by night on gpu8 in Virginia, one replica of one chip each; the rate of a replica and its
latencies come from the prediction, everything else from these: units 300,000 USD, 10 kW, 20 quarters of life.
"""

from dataclasses import asdict, replace
from typing import Any

from builders import tiny_instance

from fleetopt.candidates.candidate import OperatingPoint
from fleetopt.candidates.evaluate import recompute
from fleetopt.instance.schema import Instance
from fleetopt.plan import Deployment, Energy, Flow, Installed, Placement, Plan, Purchase
from fleetopt.prediction.bands import origins
from fleetopt.verify.ledger import Ledger
from fleetopt.verify.witness import Witness

NAME = "chat.virginia.gpu8.agg.bf16.tp1"


def point(instance: Instance, batch: int = 64) -> OperatingPoint:
    """What prediction says of one chip at that batch."""
    found = recompute(instance, "chat", "virginia", "gpu8", "aggregated", "none", "bf16", 1, 1, 1, "b1", batch)
    assert isinstance(found, OperatingPoint)
    return found


def deployment(instance: Instance, **fields: Any) -> Deployment:
    found = point(instance)
    figures = {name: float(value) for name, value in asdict(found).items() if name != "bucket"}
    base: dict[str, Any] = {
        "id": NAME, "workload": "chat", "site": "virginia", "system": "gpu8", "stage": "aggregated", "reuse": "none",
        "precision": "bf16", "kv_precision": "bf16", "tensor": 1, "pipeline": 1, "expert": 1,
        "units_per_replica": 1 / 8, "whole": False, "weights_gb": 16.059990016, "power_kw": 10 / 8,
        "points": {"b1": figures}, "bands": origins("aggregated", "acme", instance.prediction),
    }  # fmt: skip
    return Deployment(**{**base, **fields})


def purchase(**fields: Any) -> Purchase:
    """Five servers delivered in the first quarter."""
    base: dict[str, Any] = {
        "period": "2027q1", "site": "virginia", "system": "gpu8", "vendor": "acme", "acquisition": "buy", "units": 5.0,
        "chips": 40.0, "unit_price_usd": 300_000.0, "duty_usd": 0.0, "licence": "", "cost_usd": 1_500_000.0,
        "order_period": "2027q1", "in_service_period": "2027q1", "last_period": "2027q2",
    }  # fmt: skip
    return Purchase(**{**base, **fields})


def plan(instance: Instance | None = None, **fields: Any) -> Plan:
    """Five servers that serve all demand; the fields a test changes by name."""
    instance = instance or tiny_instance()
    rates, rate = {"day": 15.0, "night": 5.0}, point(instance).rate_per_s
    times = [(t, h) for t in ("2027q1", "2027q2") for h in rates]
    found = point(instance)
    busy = {h: rates[h] / rate / 8 for h in rates}
    base: dict[str, Any] = {
        "instance": "tiny", "status": "optimal", "objective_usd": 0.0, "bound_usd": 0.0, "gap": 0.0,
        "gap_target": 0.001, "cost_lines": {}, "periods": ("2027q1", "2027q2"),
        "purchases": (purchase(),),
        "deployments": (deployment(instance),),
        "placements": tuple(
            Placement(NAME, t, h, rates[h] / rate, {"b1": rates[h]}, 1.0, found.ttft_s, found.tpot_s, True)
            for t, h in times
        ),
        "flows": tuple(Flow("chat", "b1", "east", "virginia", t, h, rates[h]) for t, h in times),
        "energy": tuple(Energy("virginia", "grid", t, h, 1.2 * 10 * (0.3 * 5 + 0.7 * busy[h])) for t, h in times),
        "installed": tuple(
            Installed("gpu8", "virginia", t, 5.0, 0.0, 5.0, max(busy.values())) for t in ("2027q1", "2027q2")
        ),
    }  # fmt: skip
    return Plan(**{**base, **fields})


def failures(check: Any, plan_: Plan, instance: Instance | None = None, *args: Any) -> list[str]:
    """What one family's check says of a plan."""
    witness = Witness()
    check(Ledger(instance or tiny_instance(), plan_), *args, witness)
    return witness.failures


def ids(found: list[str]) -> set[str]:
    """Equations that failed."""
    return {failure.split(" ")[0] for failure in found}


def vary(entries: tuple[Any, ...], number: int = 0, **fields: Any) -> tuple[Any, ...]:
    """Entries with one of them changed."""
    return tuple(replace(e, **fields) if n == number else e for n, e in enumerate(entries))
