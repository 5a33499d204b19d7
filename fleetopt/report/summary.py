"""What a plan comes to, in a few plain lines: for the terminal, and for the head of a report."""

from collections.abc import Iterator

from fleetopt.plan import Plan
from fleetopt.report.text import power, usd


def headline(plan: Plan) -> list[str]:
    """Cost, bound, gap and status; anything not served; what to order first."""
    if plan.status in ("infeasible", "no_plan"):
        return [f"{plan.status}: there is no plan"]
    lines = [
        f"{plan.status}: {usd(plan.objective_usd)}, bound {usd(plan.bound_usd)}, "
        f"gap {plan.gap:.4%} (target {plan.gap_target:.4%})"
    ]
    lines += unserved_line(plan)
    if plan.verification is not None and not plan.verification.passed:
        lines.append(f"NOT VERIFIED: {len(plan.verification.failures)} of {plan.verification.checks} checks failed")
    return lines + first_orders(plan)


def unserved_line(plan: Plan) -> list[str]:
    """How much demand is left unserved, where any is."""
    if not plan.unserved:
        return []
    requests, cost = sum(u.requests for u in plan.unserved), sum(u.cost_usd for u in plan.unserved)
    workloads = ", ".join(sorted({u.workload for u in plan.unserved}))
    return [f"unserved: {requests:,.0f} requests of {workloads}, {usd(cost)} at their price, undiscounted"]


def _orders(plan: Plan) -> Iterator[tuple[str, float, str]]:
    """(period of order, undiscounted cost, what) of everything bought, rented, built or opened."""
    for p in plan.purchases:
        yield p.order_period, p.cost_usd, f"{p.units:,.6g} x {p.system} for {p.site} ({p.acquisition})"
    for m in plan.memory_purchases:
        yield m.order_period, m.cost_usd, f"{m.units:,.6g} x {m.tier} for {m.site} ({m.acquisition})"
    for b in plan.power_builds:
        yield b.order_period, b.cost_usd, f"{power(b.power_kw)} of {b.source} at {b.site}"
    for s in plan.sites_opened:
        yield s.order_period, s.cost_usd, f"open {s.site}"


def first_orders(plan: Plan, most: int = 5) -> list[str]:
    """The dearest orders of the first period in which anything is ordered."""
    orders = list(_orders(plan))
    if not orders:
        return ["nothing to order"]
    first = min(period for period, _, _ in orders)
    now = sorted((-cost, what) for period, cost, what in orders if period == first)
    total = -sum(cost for cost, _ in now)
    lines = [f"to order in {first}: {len(now)} lines, {usd(total)}"]
    lines += [f"  {what}: {usd(-cost)}" for cost, what in now[:most]]
    return lines + ([f"  and {len(now) - most} more"] if len(now) > most else [])
