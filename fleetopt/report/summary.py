"""What a plan comes to, in a few plain lines: for the terminal, and for the head of a report."""

from collections.abc import Iterator
from dataclasses import dataclass

from fleetopt.plan import Plan
from fleetopt.report.fleet import LEASE
from fleetopt.report.text import count, power, usd, whole_usd


@dataclass(frozen=True, slots=True)
class Order:
    """Something to order, rent, lease or decide on, with the period by which."""

    period: str
    cost_usd: float
    """Undiscounted."""
    amount: str
    item: str
    """Id of the system, tier or source; empty where a site is opened."""
    site: str
    how: str
    """`buy`, `rent` and the class, `build`, `lease` or `open`."""


def orders(plan: Plan) -> list[Order]:
    """Everything to be ordered, by period and falling cost."""
    return sorted(_orders(plan), key=lambda o: (o.period, -o.cost_usd, o.site, o.item))


def _orders(plan: Plan) -> Iterator[Order]:
    for p in plan.purchases:
        how = f"{p.acquisition}, {p.rental}" if p.rental else p.acquisition
        yield Order(p.order_period, p.cost_usd, f"{count(p.units)} x", p.system, p.site, how)
    for m in plan.memory_purchases:
        yield Order(m.order_period, m.cost_usd, f"{count(m.units)} x", m.tier, m.site, m.acquisition)
    for b in plan.power_builds:
        how = "lease" if b.source == LEASE else "build"
        yield Order(b.order_period, b.cost_usd, f"{power(b.power_kw)} of", b.source, b.site, how)
    for s in plan.sites_opened:
        yield Order(s.order_period, s.cost_usd, "open", "", s.site, "open")


def first(plan: Plan) -> list[Order]:
    """The orders of the first period in which there are any, the dearest first."""
    found = orders(plan)
    return [order for order in found if order.period == found[0].period]


def headline(plan: Plan, most: int = 5) -> list[str]:
    """Cost, bound, gap and status; anything not served; what to order first."""
    if plan.status in ("infeasible", "no_plan"):
        return [f"{plan.status}: there is no plan"]
    lines = [
        f"{plan.status}: {usd(plan.objective_usd)} ({whole_usd(plan.objective_usd)}), bound {usd(plan.bound_usd)}, "
        f"gap {plan.gap:.4%} (target {plan.gap_target:.4%})"
    ]
    lines += _unserved(plan)
    if plan.verification is not None and not plan.verification.passed:
        lines.append(f"NOT VERIFIED: {len(plan.verification.failures)} of {plan.verification.checks} checks failed")
    return lines + _first_lines(plan, most)


def _unserved(plan: Plan) -> list[str]:
    """How much demand is left unserved, where any is."""
    if not plan.unserved:
        return []
    requests, cost = sum(u.requests for u in plan.unserved), sum(u.cost_usd for u in plan.unserved)
    workloads = ", ".join(sorted({u.workload for u in plan.unserved}))
    return [f"unserved: {requests:,.0f} requests of {workloads}, {usd(cost)} at their price, undiscounted"]


def _first_lines(plan: Plan, most: int) -> list[str]:
    now = first(plan)
    if not now:
        return ["nothing to order"]
    lines = [f"to order in {now[0].period}: {len(now)} lines, {usd(sum(o.cost_usd for o in now))}"]
    for o in now[:most]:
        at = "at" if o.how in ("build", "lease") else "for"
        what = f"open {o.site}" if o.how == "open" else f"{o.amount} {o.item} {at} {o.site} ({o.how})"
        lines.append(f"  {what}: {usd(o.cost_usd)}")
    return lines + ([f"  and {len(now) - most} more"] if len(now) > most else [])
