"""F1 and G2: capital within budget; what is bought and in place within the planner's limits and decisions."""

from collections import defaultdict

from fleetopt.instance.finance import Limit
from fleetopt.verify.ledger import Ledger
from fleetopt.verify.references import LEASE
from fleetopt.verify.witness import Witness


def check_budget(ledger: Ledger, witness: Witness) -> None:
    """F1: everything ordered in a period, at its full price with network, duty and the way to orbit."""
    budget = ledger.instance.finance.capital_budget_usd
    if not budget:
        return
    spent: dict[str, float] = defaultdict(float)
    for p in ledger.plan.purchases:
        if p.acquisition == "buy":
            each = ledger.worth.way_up_usd(ledger.systems[p.system], ledger.sites[p.site], ledger.index[p.period])
            spent[p.order_period] += p.cost_usd + p.duty_usd + each * p.units
    for m in ledger.plan.memory_purchases:
        spent[m.order_period] += m.cost_usd if m.acquisition == "buy" else 0.0
    for b in ledger.plan.power_builds:
        spent[b.order_period] += b.cost_usd if b.source != LEASE else 0.0
    for o in ledger.plan.sites_opened:
        spent[o.order_period] += o.cost_usd
    for t, period in enumerate(ledger.period_ids):
        witness.at_most("F1", (period,), spent[period], budget[min(t, len(budget) - 1)])


def check_limits(ledger: Ledger, witness: Witness) -> None:
    """G2: least, most and exact counts or shares, and what is decided for the frozen periods."""
    for limit in (limit for limit in ledger.instance.policy.limits if limit.enabled):
        held = [t for t, period in enumerate(ledger.period_ids) if not limit.periods or period in limit.periods]
        groups = {"together": held} if limit.together else {ledger.period_ids[t]: [t] for t in held}
        for said, periods in groups.items():
            counted = sum(_measure(ledger, limit, t, every=False) for t in periods)
            whole = sum(_measure(ledger, limit, t, every=True) for t in periods) if limit.share else 1.0
            if limit.at_least is not None:
                witness.at_least("G2", (limit.id, "at_least", said), counted, limit.at_least * whole)
            if limit.at_most is not None:
                witness.at_most("G2", (limit.id, "at_most", said), counted, limit.at_most * whole)
            if limit.exactly is not None:
                witness.at_least("G2", (limit.id, "exactly", said), counted, limit.exactly * whole)
                witness.at_most("G2", (limit.id, "exactly", said), counted, limit.exactly * whole)
    _check_frozen(ledger, witness)


def _measure(ledger: Ledger, limit: Limit, t: int, *, every: bool) -> float:
    """Units, chips or kW in place, rented, delivered or ordered in a period: of those the limit counts, or of all."""
    total = 0.0
    for c, s in ledger.places:
        system = ledger.systems[c]
        named = (
            (not limit.systems or c in limit.systems)
            and (not limit.vendors or system.vendor in limit.vendors)
            and (not limit.sites or s in limit.sites)
        )
        if every or named:
            size = {"units": 1.0, "chips": float(system.chips), "power_kw": system.power_kw}[limit.measure]
            total += size * _units(ledger, limit.of, (c, s), t)
    return total


def _units(ledger: Ledger, of: str, place: tuple[str, str], t: int) -> float:
    if of == "owned":
        return ledger.owned.get((*place, t), 0.0)
    if of == "rented":
        return ledger.rented.get((*place, t), 0.0)
    if of == "installed":
        return ledger.fleet(*place, t)
    buys = (p for p in ledger.plan.purchases if p.acquisition == "buy" and (p.system, p.site) == place)
    dated = "period" if of == "bought" else "order_period"
    return sum(p.units for p in buys if getattr(p, dated) == ledger.period_ids[t])


def _check_frozen(ledger: Ledger, witness: Witness) -> None:
    """G2.frozen: what is ordered up to the last frozen period is what was decided."""
    policy, plan, index = ledger.instance.policy, ledger.plan, ledger.index
    if policy.frozen_until is None:
        return
    frozen = ledger.period_ids[: index[policy.frozen_until] + 1]
    decided: dict[tuple[str, ...], float] = {}
    for d in policy.purchases:
        if d.units:
            item = d.system or d.tier or d.source or d.site
            item += f".{d.rental}" if d.rental else ""
            kind = d.acquisition if d.system else "tier" if d.tier else "source" if d.source else "site"
            decided[kind, item, d.site, d.period] = d.units
    ordered: dict[tuple[str, ...], float] = {}
    for p in plan.purchases:
        if p.order_period in frozen:
            item = p.system + (f".{p.rental}" if p.rental else "")
            ordered[p.acquisition, item, p.site, p.period] = p.units
    for m in plan.memory_purchases:
        if m.order_period in frozen and m.acquisition == "buy":
            ordered["tier", m.tier, m.site, m.period] = m.units
    for b in plan.power_builds:
        if b.order_period in frozen and b.source != LEASE:
            ordered["source", b.source, b.site, b.period] = b.blocks
    for o in plan.sites_opened:
        if o.order_period in frozen:
            ordered["site", o.site, o.site, o.period] = 1.0
    for key in sorted(decided.keys() | ordered.keys()):
        found, expected = ordered.get(key, 0.0), decided.get(key, 0.0)
        witness.balance("G2.frozen", key, [found], [expected])
