"""F: capital is committed within the budget (annuities are a price, F2)."""

from collections import defaultdict
from typing import Any

from pulp import lpSum

from fleetopt.model.context import USD_PER_MUSD, Context
from fleetopt.model.equation import Rows, equation


@equation("F1", "period")
def capital_stays_in_budget(m: Context) -> Rows:
    """Orders placed in a period, at full list price with network, duty and the way to orbit, stay within its budget.

    $$\\sum price_c\\,buy_{c,s,t+lead} + \\sum price_m\\,mem + \\sum capex_e\\,build + \\sum cost_s\\,(open_{s,t} - open_{s,t-1}) \\le budget_t$$
    """
    budget = m.instance.finance.capital_budget_usd
    if not budget:
        return
    spent = _commitments(m)
    for t, period in enumerate(m.sets.periods):
        if spent[t]:
            yield (period,), lpSum(spent[t]) <= budget[min(t, len(budget) - 1)] / USD_PER_MUSD


def _commitments(m: Context) -> dict[int, list[Any]]:
    """Terms of the capital committed, in M$, by period of order."""
    time, prices = m.instance.time, m.prices
    spent: dict[int, list[Any]] = defaultdict(list)
    for (c, s, t), column in m.var.buy.items():
        system, offer = m.sets.systems[c], m.sets.offers[c, s]
        lifted = prices.way_up(system, m.sets.sites[s], offer, t)
        price = prices.unit_price(system, t) + offer.duty_rate.get(t, 0.0) * prices.list_price(system, t) + lifted
        spent[t - offer.lead_periods].append(price / USD_PER_MUSD * column)
    for (tier, _, t), column in m.var.mem.items():
        memory = m.instance.tier(tier)
        ordered = t - time.periods_of_months(memory.lead_months)
        spent[ordered].append(prices.memory_unit(memory, t) / USD_PER_MUSD * column)
    sources = {(e.id, s.id): e for s in m.sets.sites.values() for e in s.power.sources}
    for (e, s, t), column in m.var.build.items():
        source = sources[e, s]
        cost = source.capex_usd_per_kw * source.block_kw / USD_PER_MUSD
        spent[t - time.periods_of_months(source.lead_months)].append(cost * column)
    for (s, t), column in m.var.open.items():
        opening = m.sets.sites[s].opening
        assert opening is not None, "only sites to be opened have the column"
        new = column - m.var.open[s, t - 1] if (s, t - 1) in m.var.open else column
        spent[t - time.periods_of_months(opening.lead_months)].append(opening.cost_usd / USD_PER_MUSD * new)
    return spent
