"""The first screen: what it costs, how sure that is, and what to order first."""

import math
from dataclasses import dataclass

from fleetopt.instance.arrivals import total_arrivals
from fleetopt.plan import Deployment
from fleetopt.report.page.cells import brief, cents, day, period
from fleetopt.report.page.subject import Subject
from fleetopt.report.page.view import View, listed
from fleetopt.report.rows import Column
from fleetopt.report.rows.orders import OrderLine, order_lines
from fleetopt.report.text import KW_PER_MW, count

FIRST = 8
"""Lines of the first order date that are shown at once."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure with what it means."""

    name: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class Headline:
    """Everything above the fold."""

    cost: str
    exact: str
    sure: str
    seal: str
    """`verified`, `failed`, or `unchecked`."""
    sealed: str
    facts: tuple[Fact, ...]
    first: View | None
    first_said: str
    warnings: tuple[str, ...]


def headline(subject: Subject) -> Headline:
    """The head of a plan's page."""
    seal, sealed = _seal(subject)
    first, said = _first(subject)
    plan = subject.plan
    return Headline(
        brief(plan.objective_usd),
        cents(plan.objective_usd),
        _sure(subject),
        seal,
        sealed,
        _facts(subject),
        first,
        said,
        _warnings(subject),
    )


def _sure(subject: Subject) -> str:
    """The bound and the gap, as a sentence."""
    plan = subject.plan
    saving = plan.objective_usd - plan.bound_usd
    if saving <= 0.005:
        return "It is proven that no plan can cost less."
    said = f"It is proven that no plan can cost less than {brief(plan.bound_usd)}: at most {brief(saving)}"
    said += f" ({100 * plan.gap:.2g} %) could still be saved"
    if plan.status == "optimal":
        return f"{said}, within the {100 * plan.gap_target:.2g} % that was asked for."
    return f"{said}, more than the {100 * plan.gap_target:.2g} % that was asked for."


def _seal(subject: Subject) -> tuple[str, str]:
    found = subject.plan.verification
    if found is None:
        return "unchecked", "Not checked: this plan carries no verification"
    if found.passed:
        return "verified", f"Verified: {found.checks:,} checks by separate arithmetic, none failed"
    return "failed", f"NOT VERIFIED: {len(found.failures):,} of {found.checks:,} checks failed. Do not order from this"


def _warnings(subject: Subject) -> tuple[str, ...]:
    plan, found = subject.plan, []
    if plan.unserved:
        requests, cost = math.fsum(u.requests for u in plan.unserved), math.fsum(u.cost_usd for u in plan.unserved)
        who = "; ".join(sorted({subject.book.names.workload(u.workload) for u in plan.unserved}))
        asked = math.fsum(
            total_arrivals(subject.instance, w) for w in subject.instance.workloads if w.enabled and w.buckets
        )
        share = f" ({100 * requests / asked:.2g} % of all requests)" if asked else ""
        found.append(f"{requests:,.0f} requests{share} are left unserved, of {who}: {brief(cost)} at their price.")
    licences = sorted({p.licence for p in plan.purchases if p.licence})
    if licences:
        found.append(f"Some orders need a licence first: {', '.join(licences)}. Without it they cannot be delivered.")
    if subject.instance.prediction.percentile == "p50" and any(d.bands for d in plan.deployments):
        missed = {d.workload for d in plan.deployments if _at_risk(subject, d)}
        if missed:
            names = "; ".join(subject.book.names.workload(w) for w in subject.book.workloads if w in missed)
            found.append(
                f"At the pessimistic end of the error bands latency targets are missed for: {names}. See Latency."
            )
    return tuple(found)


def _at_risk(subject: Subject, deployment: Deployment) -> bool:
    """Whether some latency of a deployment misses its target at p90."""
    workload = subject.book.workloads[deployment.workload]
    for bucket in workload.buckets:
        point, slo = deployment.points.get(bucket.id, {}), workload.targets(bucket)
        for name in ("ttft_s", "tpot_s", "completion_s"):
            target = getattr(slo, name)
            if target is not None and point.get(f"{name}_p90", 0.0) > target * (1 + 1e-9):
                return True
    return False


def _facts(subject: Subject) -> tuple[Fact, ...]:
    tables = subject.tables
    cash = tables["cash"].total("cash_usd")
    orders = order_lines(subject.book)
    bought = [o for o in orders if o.how in ("buy", "build", "open")]
    last = subject.plan.periods[-1]
    owned = [e for e in subject.plan.installed if e.period == last]
    chips = sum((e.owned_units + e.rented_units) * subject.book.systems[e.system].chips for e in owned)
    site_columns = (tables["sites_power"].values(c) for c in ("period", "reserved_kw", "owned_units"))
    sites = list(zip(*site_columns, strict=True))
    reserved = [float(kw) for p, kw, _ in sites if p == last and isinstance(kw, int | float)]
    used = sum(1 for p, _, units in sites if p == last and isinstance(units, int | float) and units > 0)
    return (
        Fact("Cash paid in the plan", brief(cash), "undiscounted"),
        Fact(
            "Ordered",
            brief(math.fsum(o.total_usd for o in bought)),
            f"{len(bought):,} lines bought, built or opened, with duty",
        ),
        Fact("Chips in place at the end", count(round(chips)), f"at {used} site{'s' if used != 1 else ''}"),
        Fact("Power reserved at the end", f"{sum(reserved) / KW_PER_MW:,.1f} MW", "on the ground, for what is owned"),
    )


def _first(subject: Subject) -> tuple[View | None, str]:
    """What to order in the first period in which there is anything, the dearest first."""
    lines = order_lines(subject.book)
    if not lines:
        return None, "Nothing is to be ordered: what is there already is enough."
    when = min(o.order_period for o in lines)
    now = sorted((o for o in lines if o.order_period == when), key=lambda o: (-o.total_usd, o.site_id, o.item_id))
    columns = (
        Column("Order by", "date", id="order_by"),
        Column("Item", id="item"),
        Column("For", id="site"),
        Column("Quantity", id="quantity"),
        Column("In service", "date", id="delivery"),
        Column("Total", "money", id="total_usd"),
    )
    rows = [(o.order_by, _item(o), o.site, _quantity(o), o.delivery, o.total_usd) for o in now[:FIRST]]
    total, more = math.fsum(o.total_usd for o in now), len(now) - FIRST
    said = f"{len(now)} line{'s' if len(now) > 1 else ''} to commit to in {period(when)}, {brief(total)} in all"
    said += f", by {day(now[0].order_by)}" if len({o.order_by for o in now}) == 1 else ""
    said += f". The {FIRST} dearest; the other {more} are in the order schedule." if more > 0 else "."
    return View(listed("first", "What to order first", said, columns, rows)), said


def _item(o: OrderLine) -> str:
    return f"{o.item} ({o.how}{', ' + o.vendor if o.vendor else ''})"


def _quantity(o: OrderLine) -> str:
    if o.unit == "kW":
        return f"{o.quantity / KW_PER_MW:,.2f} MW"
    return f"{count(round(o.quantity, 2))} {o.unit if o.quantity != 1 else o.unit.rstrip('s')}"
