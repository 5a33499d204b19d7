"""Made-up fleets of any size, the same bytes for the same shape: real systems and sites, drawn demand."""

from dataclasses import asdict
from random import Random
from typing import Any

import yaml

from fleetopt.instance.load import load_text
from fleetopt.instance.schema import Instance
from fleets import demand, hardware, places
from fleets.shape import Shape

Raw = dict[str, Any]
SUPPLY = {"NVIDIA": 0.5, "AMD": 0.25}
"""Units that a vendor delivers in the first quarter, as a share of `servers`; others deliver a tenth of them."""
MORE_SUPPLY = 1.15
"""Growth of supply a quarter."""


def fleet(shape: Shape) -> Instance:
    """The instance of a shape, checked as any file would be."""
    return load_text(fleet_text(shape), name_of(shape) + ".yaml").instance


def fleet_text(shape: Shape) -> str:
    """The instance file of a shape, with references to the catalogue."""
    said = ", ".join(f"{name} {value}" for name, value in asdict(shape).items())
    head = f"# Made up by benchmarks/bench/fleets, for measuring only.\n# {said}\n"
    return head + yaml.safe_dump(_raw(shape), sort_keys=False, allow_unicode=True, width=120, default_flow_style=None)


def name_of(shape: Shape) -> str:
    """`fleet-60x16x10x8x6-s0`."""
    sizes = "x".join(str(n) for n in (shape.workloads, shape.systems, shape.sites, shape.periods, shape.slices))
    return f"fleet-{sizes}-s{shape.seed}"


def _raw(shape: Shape) -> Raw:
    part = {name: Random(f"{shape.seed} {name}") for name in ("hardware", "demand", "places", "points", "training")}
    systems = hardware.systems(shape.systems, shape.periods, shape.rent, shape.whole_rent, part["hardware"])
    regions = places.regions(shape)
    served = demand.workloads(shape, regions, part["demand"])
    trained = demand.trainings(shape, part["training"])
    sites, owned = places.sites(shape, part["places"])
    found: Raw = {
        "format": 1,
        "name": name_of(shape),
        "title": f"Made-up fleet of {shape.workloads} workloads, {shape.systems} systems and {shape.sites} sites",
        "time": {"start": "2027q1", "periods": shape.periods, "slices": _slices(shape)},
        "finance": {"wacc": 0.09},
        "jurisdictions": places.jurisdictions(shape),
        "network": places.network(shape),
    }
    measured = shape.performance == "measured"
    table = demand.points(shape, served, hardware.SYSTEMS[: shape.systems], part["points"]) if measured else []
    models = [w["model"] for w in (*served, *trained) if "model" in w]
    if models:
        found["models"] = list(dict.fromkeys(models))
    for workload in served:
        del workload["roofline_model"]
    found |= {"workloads": [*served, *trained], "systems": systems}
    if any("idle_kv" in w for w in served):
        found["memory"] = ["dram", "nvme"]
    elif any("agent" in w for w in served):
        found["memory"] = ["dram"]
    found |= {"sites": sites, "fleet": owned, "supply": {"limits": _supply(shape)}}
    if table:
        found["measured"] = {"points": table}
    return found


def _slices(shape: Shape) -> list[Raw]:
    hours = 24 / shape.slices
    whole = int(hours) if hours == int(hours) else hours
    return [
        {"id": demand.slice_id(n, shape.slices), "start_hour": n * whole, "hours": whole} for n in range(shape.slices)
    ]


def _supply(shape: Shape) -> list[Raw]:
    """One limit a vendor, growing; systems of racks count by the unit like servers."""
    found = []
    for vendor in hardware.vendors(shape.systems):
        first = SUPPLY.get(vendor, 0.1) * shape.servers
        units = [max(1, round(first * MORE_SUPPLY**t)) for t in range(shape.periods)]
        found.append({"id": vendor.lower().replace(" ", "-"), "vendor": vendor, "units_per_period": units})
    return found
