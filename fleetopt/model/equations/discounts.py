"""B: the more of a vendor's systems is delivered, the more comes off their price (as a cost line of its own)."""

from typing import Any

from pulp import lpSum

from fleetopt.model.accounts import Account, Step
from fleetopt.model.context import USD_PER_MUSD, Context
from fleetopt.model.deliveries import order_sites
from fleetopt.model.equation import Rows, equation


@equation("B4", "discount, system, period")
def spend_falls_in_steps(m: Context) -> Rows:
    """What is delivered of a system in a period falls in the steps of a discount, at list price with network.

    The list price counts in full whatever is charged inside the horizon; what a step takes off is charged like the
    purchase itself, in the cost line `discounts`. Budgets, duties and resale know list prices only.

    $$\\sum_l spend_{d,c,t,l} = price_{c,t} \\sum_s buy_{c,s,t}$$
    """
    parts: dict[tuple[str, str, int], list[Any]] = {}
    for (d, c, t, _), spend in m.var.spend.items():
        parts.setdefault((d, c, t), []).append(spend)
    for (d, c, t), spends in parts.items():
        price = m.prices.unit_price(m.sets.systems[c], t) / USD_PER_MUSD
        bought = lpSum(m.var.buy[c, s, t] for s in order_sites(m.sets, c, t))
        yield (d, c, m.sets.periods[t]), lpSum(spends) - price * bought == 0


@equation("B4.one", "discount, period")
def one_step_holds_for_all_units(m: Context) -> Rows:
    """Of a discount on all units one step holds, for all of the window that ends in the period.

    $$\\sum_l level_{d,t,l} = 1$$
    """
    for a in _of_kind(m, "all_units"):
        yield (a.discount.id, m.sets.periods[a.at]), lpSum(_level(m, a, step) for step in a.chosen) == 1


@equation("B4.from", "discount, period, step")
def steps_take_their_spend(m: Context) -> Rows:
    """A step on all units holds only from its spend on.

    $$from_l\\,level_{d,t,l} \\le \\sum_{c,\\,\\tau \\in window(t)} spend_{d,c,\\tau,l}$$
    """
    for a in _of_kind(m, "all_units"):
        for step in a.chosen:
            if step.from_musd > 0:
                yield _index(m, a, step), step.from_musd * _level(m, a, step) - _spent(m, a, step) <= 0


@equation("B4.full", "discount, period, step")
def steps_fill_one_after_the_other(m: Context) -> Rows:
    """An incremental step is reached only once the one below it is full, counting from the start of the window.

    $$(from_l - from_{l-1})\\,level_{d,t,l} \\le \\sum_{c,\\,\\tau \\in window(t),\\,\\tau \\le t} spend_{d,c,\\tau,l-1}$$
    """
    for a in _of_kind(m, "incremental"):
        for below, step in zip(a.steps, a.chosen, strict=False):
            width = step.from_musd - below.from_musd
            yield _index(m, a, step), width * _level(m, a, step) - _spent(m, a, below) <= 0


@equation("B4.to", "discount, period, step")
def steps_end_where_the_next_begins(m: Context) -> Rows:
    """What falls in a step is less than the next begins with; for the last, less than can be delivered at all.

    A step on all units holds the whole spend and is as wide as where it ends; an incremental one holds the part above its
    beginning. The lowest of those needs no level: it is always reached.

    $$\\sum_{c,\\,\\tau \\in window(t)} spend_{d,c,\\tau,l} \\le width_l\\,level_{d,t,l}, \\quad width_l = to_l \\; (incremental: to_l - from_l)$$
    """
    for a in m.accounts:
        for step in a.steps:
            start = step.from_musd if a.discount.kind == "incremental" else 0.0
            level = _level(m, a, step) if step in a.chosen else 1
            yield _index(m, a, step), _spent(m, a, step) - (step.to_musd - start) * level <= 0


def _of_kind(m: Context, kind: str) -> list[Account]:
    return [a for a in m.accounts if a.discount.kind == kind]


def _index(m: Context, a: Account, step: Step) -> tuple[str, str, str]:
    return a.discount.id, m.sets.periods[a.at], str(step.number)


def _level(m: Context, a: Account, step: Step) -> Any:
    return m.var.level[a.discount.id, a.at, step.number]


def _spent(m: Context, a: Account, step: Step) -> Any:
    """What an account holds in a step, in M$; a step out of reach when something was delivered has no column then."""
    keys = ((a.discount.id, c, t, step.number) for c, t in a.deliveries)
    return lpSum(m.var.spend[key] for key in keys if key in m.var.spend)
