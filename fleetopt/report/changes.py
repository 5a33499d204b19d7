"""The change list between two plans: what is ordered more, less, earlier, later, elsewhere, anew, or no longer.

Works on two `plan.json` as plain data, so that plans of different instances can be compared. For each item the periods
are matched first: less in one period and more in another is the same order moved in time. What is left over at one
site and missing at another has moved there. Only what remains is more or less.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["new", "dropped", "more", "less", "earlier", "later", "moved"]
SHOWN = 1e-6
"""Amounts below this share of the larger one are rounding."""
LEASE = "lease"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference of the second plan from the first."""

    kind: Kind
    what: str
    """`system`, `memory`, `power`, `site` or `retirement`."""
    how: str
    """`buy`, `rent`, `build`, `lease`, `open` or `retire`."""
    item: str
    """System, tier, source or site."""
    vendor: str
    """Vendor of a system, empty else."""
    amount: float
    unit: str
    site: str
    period: str
    to_site: str
    """Where it stands in the second plan."""
    to_period: str
    """When it is delivered in the second plan."""
    cost_usd: float
    """What the second plan orders more of it, undiscounted; 0 for what only moves."""
    rental: str = ""
    """Rental class (reserved, spot), empty else."""


@dataclass(frozen=True, slots=True)
class _Item:
    """What is ordered, wherever and whenever."""

    what: str
    how: str
    item: str
    vendor: str
    unit: str
    rental: str = ""


Orders = Mapping[_Item, Mapping[str, Mapping[str, tuple[float, float]]]]
"""(amount, undiscounted USD) by item, site and period."""
_Spot = tuple[str, str]
"""(site, period)."""


def changes(first: Mapping[str, Any], second: Mapping[str, Any]) -> tuple[Change, ...]:
    """What the second plan (plan.json) does differently, in the order of items, sites and periods."""
    one, two = orders(first), orders(second)
    found: list[Change] = []
    for item in sorted(one.keys() | two.keys(), key=lambda i: (_WHATS.index(i.what), i.how, i.item, i.rental)):
        found += _of_item(item, one.get(item, {}), two.get(item, {}))
    return tuple(found)


_WHATS = ("system", "memory", "power", "site", "retirement")


def orders(plan: Mapping[str, Any]) -> Orders:
    """Everything a plan orders, by item, site and period of delivery."""
    found: dict[_Item, dict[str, dict[str, tuple[float, float]]]] = defaultdict(lambda: defaultdict(dict))
    for item, site, period, amount, usd in _lines(plan):
        had, paid = found[item][site].get(period, (0.0, 0.0))
        found[item][site][period] = (had + amount, paid + usd)
    return found


def _lines(plan: Mapping[str, Any]) -> Iterator[tuple[_Item, str, str, float, float]]:
    for p in plan.get("purchases", ()):
        item = _Item("system", p["acquisition"], p["system"], p["vendor"], "units", p.get("rental", ""))
        yield item, p["site"], p["period"], p["units"], p["cost_usd"] + p.get("duty_usd", 0.0)
    for m in plan.get("memory_purchases", ()):
        yield _Item("memory", m["acquisition"], m["tier"], "", "GB"), m["site"], m["period"], m["gb"], m["cost_usd"]
    for b in plan.get("power_builds", ()):
        how = "lease" if b["source"] == LEASE else "build"
        yield _Item("power", how, b["source"], "", "kW"), b["site"], b["period"], b["power_kw"], b["cost_usd"]
    for s in plan.get("sites_opened", ()):
        yield _Item("site", "open", s["site"], "", ""), s["site"], s["period"], 1.0, s["cost_usd"]
    for r in plan.get("retirements", ()):
        yield _Item("retirement", "retire", r["system"], "", "units"), r["site"], r["period"], r["units"], 0.0


def _of_item(
    item: _Item,
    one: Mapping[str, Mapping[str, tuple[float, float]]],
    two: Mapping[str, Mapping[str, tuple[float, float]]],
) -> list[Change]:
    """Changes of one item: moves in time, then between sites, then what is left."""
    found: list[Change] = []
    left: dict[_Spot, float] = {}
    for site in sorted(one.keys() | two.keys()):
        was, now = one.get(site, {}), two.get(site, {})
        deltas = {(site, p): _difference(was, now, p) for p in sorted(was.keys() | now.keys())}
        found += [_move(item, spots) for spots in _matched(deltas)]
        left |= deltas
    found += [_move(item, spots) for spots in _matched(left)]
    for (site, period), delta in sorted(left.items()):
        if delta:
            kind: Kind = ("more" if one else "new") if delta > 0 else ("less" if two else "dropped")
            usd = _price(two if delta > 0 else one, site, period) * delta
            found.append(_change(kind, item, abs(delta), (site, period), (site, period), usd))
    return found


def _difference(was: Mapping[str, tuple[float, float]], now: Mapping[str, tuple[float, float]], period: str) -> float:
    before, after = was.get(period, (0.0, 0.0))[0], now.get(period, (0.0, 0.0))[0]
    return after - before if abs(after - before) > SHOWN * max(before, after) else 0.0


def _matched(deltas: dict[_Spot, float]) -> Iterator[tuple[float, _Spot, _Spot]]:
    """(amount, from, to) of what is less at one spot and more at another, in order; `deltas` keeps the rest."""
    less = [spot for spot in sorted(deltas, key=lambda s: (s[1], s[0])) if deltas[spot] < 0]
    more = [spot for spot in sorted(deltas, key=lambda s: (s[1], s[0])) if deltas[spot] > 0]
    while less and more:
        gone, come = less[0], more[0]
        amount = min(-deltas[gone], deltas[come])
        yield amount, gone, come
        deltas[gone] = _rest(deltas[gone] + amount, amount)
        deltas[come] = _rest(deltas[come] - amount, amount)
        less, more = less[not deltas[gone] :], more[not deltas[come] :]


def _rest(value: float, amount: float) -> float:
    return value if abs(value) > SHOWN * amount else 0.0


def _move(item: _Item, spots: tuple[float, _Spot, _Spot]) -> Change:
    amount, gone, come = spots
    kind: Kind = "moved" if gone[0] != come[0] else "earlier" if come[1] < gone[1] else "later"
    return _change(kind, item, amount, gone, come, 0.0)


def _change(kind: Kind, item: _Item, amount: float, gone: _Spot, come: _Spot, usd: float) -> Change:
    amount, usd = float(f"{amount:.12g}"), float(f"{usd:.12g}") + 0.0
    where = (gone[0], gone[1], come[0], come[1])
    return Change(kind, item.what, item.how, item.item, item.vendor, amount, item.unit, *where, usd, item.rental)


def _price(orders_: Mapping[str, Mapping[str, tuple[float, float]]], site: str, period: str) -> float:
    amount, usd = orders_[site][period]
    return usd / amount if amount else 0.0


def spend(plan: Mapping[str, Any], by: Literal["vendor", "site", "what"]) -> dict[str, float]:
    """Undiscounted cost of everything ordered, by vendor (systems only), site, or kind of thing."""
    totals: dict[str, float] = defaultdict(float)
    for item, site, _, _, usd in _lines(plan):
        key = {"vendor": item.vendor, "site": site, "what": item.what}[by]
        if key:
            totals[key] += usd
    return dict(sorted(totals.items()))
