"""F1 and G2: capital within budget, the installed fleet within the planner's limits."""

from collections import defaultdict

from fleetopt.instance.finance import Limit
from fleetopt.verify.ledger import Ledger
from fleetopt.verify.references import LEASE
from fleetopt.verify.witness import Witness


def check_budget(ledger: Ledger, witness: Witness) -> None:
    """F1: everything ordered in a period, at its full price with network, duty and launch."""
    budget = ledger.instance.finance.capital_budget_usd
    if not budget:
        return
    spent: dict[str, float] = defaultdict(float)
    for p in ledger.plan.purchases:
        if p.acquisition == "buy":
            launch = ledger.worth.launch_usd(ledger.systems[p.system], ledger.sites[p.site]) * p.units
            spent[p.order_period] += p.cost_usd + p.duty_usd + launch
    for m in ledger.plan.memory_purchases:
        spent[m.order_period] += m.cost_usd if m.acquisition == "buy" else 0.0
    for b in ledger.plan.power_builds:
        spent[b.order_period] += b.cost_usd if b.source != LEASE else 0.0
    for o in ledger.plan.sites_opened:
        spent[o.order_period] += o.cost_usd
    for t, period in enumerate(ledger.period_ids):
        witness.at_most("F1", (period,), spent[period], budget[min(t, len(budget) - 1)])


def check_limits(ledger: Ledger, witness: Witness) -> None:
    """G2: least and most counts or shares."""
    for limit in (limit for limit in ledger.instance.policy.limits if limit.enabled):
        for t, period in enumerate(ledger.period_ids):
            if limit.periods and period not in limit.periods:
                continue
            counted = _measure(ledger, limit, t, every=False)
            whole = _measure(ledger, limit, t, every=True) if limit.share else 1.0
            if limit.at_least is not None:
                witness.at_least("G2", (limit.id, "at_least", period), counted, limit.at_least * whole)
            if limit.at_most is not None:
                witness.at_most("G2", (limit.id, "at_most", period), counted, limit.at_most * whole)


def _measure(ledger: Ledger, limit: Limit, t: int, *, every: bool) -> float:
    """Units, chips or kW of the fleet in a period: of those the limit counts, or of all."""
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
            total += size * ledger.fleet(c, s, t)
    return total
