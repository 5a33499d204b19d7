"""A plan of ten thousand purchases, for what must stay quick and small: ten sites, fifty systems, twenty quarters."""

from dataclasses import replace
from functools import cache

from builders import GPU, tiny_instance

from fleetopt.instance.schema import Instance
from fleetopt.plan import Installed, Plan, Purchase
from fleetopt.report.rows import report_tables

SITES, SYSTEMS, PERIODS = 10, 50, 20
ROWS = SITES * SYSTEMS * PERIODS


@cache
def big() -> tuple[Instance, Plan]:
    """The instance and its plan; its cost lines are what its payments come to."""
    grid = {"sources": [{"id": "grid", "existing_kw": 50_000.0, "energy_usd_per_mwh": 50.0}]}
    instance = tiny_instance(
        time={"periods": PERIODS},
        systems=[{**GPU, "id": f"gpu{n:02}", "name": f"Server of make {n}"} for n in range(SYSTEMS)],
        sites=[{"id": f"site{n}", "jurisdiction": "us", "power": grid} for n in range(SITES)],
        network={
            "regions": [{"id": "east", "jurisdiction": "us"}],
            "links": [{"a": "east", "b": f"site{n}", "rtt_ms": 20.0} for n in range(SITES)],
        },
    )
    plan = Plan(
        instance=instance.name,
        status="optimal",
        objective_usd=0.0,
        bound_usd=0.0,
        gap=0.0,
        gap_target=0.001,
        cost_lines={"systems": 0.0, "maintenance_staff": 0.0},
        periods=instance.time.period_ids,
        purchases=tuple(_purchases(instance)),
        installed=tuple(_installed(instance)),
    )
    found = report_tables(plan, instance)["objective"]
    usd = dict(zip(found.values("line"), found.values("difference_usd"), strict=True))
    lines = {str(line): float(str(value)) for line, value in usd.items()}
    return instance, replace(plan, cost_lines=lines, objective_usd=sum(lines.values()), bound_usd=sum(lines.values()))


def _purchases(instance: Instance) -> list[Purchase]:
    last = instance.time.period_ids[-1]
    return [
        Purchase(
            period=period,
            site=site.id,
            system=system.id,
            vendor="acme",
            acquisition="buy",
            units=float(1 + (n * 7 + t) % 9),
            chips=8.0 * (1 + (n * 7 + t) % 9),
            unit_price_usd=300_000.0,
            duty_usd=0.0,
            licence="",
            cost_usd=300_000.0 * (1 + (n * 7 + t) % 9),
            order_period=period,
            in_service_period=period,
            last_period=last,
        )
        for t, period in enumerate(instance.time.period_ids)
        for site in instance.sites
        for n, system in enumerate(instance.systems)
    ]


def _installed(instance: Instance) -> list[Installed]:
    """As many units as have been bought by then."""
    found, units = [], dict[tuple[str, str], float]()
    for p in _purchases(instance):
        units[p.system, p.site] = units.get((p.system, p.site), 0.0) + p.units
        now = units[p.system, p.site]
        found.append(Installed(p.system, p.site, p.period, now, 0.0, now, now))
    return found
