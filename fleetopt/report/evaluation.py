"""evaluation.md and evaluation.json: a planner's own plan beside the optimum, line by line."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from fleetopt.report.changes import changes, orders
from fleetopt.report.side_by_side import change_section, cost_comparison, cost_rows, signed_usd, spend_comparison
from fleetopt.report.text import count, memory, plain, power, share, table, usd, whole_usd

OWN, OPTIMUM = "your plan", "the optimum"
ALL_KINDS = ("systems", "memory", "power", "sites", "retirements")
Plan = Mapping[str, Any]
"""plan.json."""


def evaluation_markdown(title: str, own: Plan, optimum: Plan, kinds: Iterable[str]) -> str:
    """The whole page; `optimum` is empty where none was found, `kinds` is what the planner's files speak of."""
    lines = [f"# {plain(title)}: your plan", "", *_head(own, optimum), "", *_held(kinds), "", *_unserved(own)]
    if not optimum:
        lines += cost_comparison({OWN: own})
        return "\n".join(lines).rstrip() + "\n"
    plans = {OWN: own, OPTIMUM: optimum}
    lines += cost_comparison(plans)
    lines += _orders_section(plans)
    lines += spend_comparison(plans)
    lines += change_section("What the optimum does differently", own, optimum)
    return "\n".join(lines).rstrip() + "\n"


def evaluation_data(own: Plan, optimum: Plan, kinds: Iterable[str]) -> dict[str, Any]:
    """The same as plain data."""
    plans = {"own": own, "optimum": optimum} if optimum else {"own": own}
    figures = ("status", "objective_usd", "bound_usd", "gap")
    data: dict[str, Any] = {
        "held": [kind for kind in ALL_KINDS if kind in set(kinds)],
        "plans": {name: {key: plan[key] for key in figures} for name, plan in plans.items()},
        "unserved": list(own["unserved"]),
        "cost_lines": cost_rows(plans),
        "orders": order_rows(plans),
    }
    if optimum:
        more = own["objective_usd"] - optimum["objective_usd"]
        data["difference_usd"] = float(f"{more:.12g}") + 0.0
        data["changes"] = [asdict(change) for change in changes(own, optimum)]
    return data


def headline(own: Plan, optimum: Plan) -> str:
    """`your plan costs $12.00 M, the optimum $10.00 M: +$2.00 M (20.0 %)`."""
    text = f"your plan costs {usd(own['objective_usd'])}"
    if not optimum:
        return f"{text}; no plan of this instance costs less than {usd(own['bound_usd'])}"
    best = optimum["objective_usd"]
    more = own["objective_usd"] - best
    return f"{text}, the optimum {usd(best)}: {signed_usd(more)} ({share(more / best) if best else '–'})"


def _head(own: Plan, optimum: Plan) -> list[str]:
    said = headline(own, optimum)
    lines = [f"**{said[0].upper()}{said[1:]}.**", ""]
    lines += [f"No plan of this instance costs less than {usd(own['bound_usd'])}."]
    if optimum and own["objective_usd"] < optimum["objective_usd"]:
        lines += ["", "Your plan costs less than the optimum as found: the two lie within the gap that was asked for."]
    if not optimum:
        lines += ["", "No optimum was found in the time given, so there is no second plan to compare with."]
    return lines


def _held(kinds: Iterable[str]) -> list[str]:
    """What was held as given, and what was optimised around it."""
    held = [kind for kind in ALL_KINDS if kind in set(kinds)]
    free = [kind for kind in ALL_KINDS if kind not in held]
    said = f"Held as your files say: {', '.join(held)}."
    return [f"{said} Optimised: {', '.join([*free, 'operation'])} (and memory rented by the month)."]


def _unserved(own: Plan) -> list[str]:
    """Demand the plan leaves unserved, first of all things."""
    if not own["unserved"]:
        return []
    totals: dict[tuple[str, str, str], list[float]] = {}
    for u in own["unserved"]:
        total = totals.setdefault((u["workload"], u["region"], u["period"]), [0.0, 0.0, 0.0])
        total[0], total[1], total[2] = (
            max(total[0], u["rate_per_s"]),
            total[1] + u["requests"],
            total[2] + u["cost_usd"],
        )
    rows = [
        [plain(w), plain(region), period, f"{rate:,.4g}/s", f"{requests:,.0f}", usd(cost)]
        for (w, region, period), (rate, requests, cost) in totals.items()
    ]
    header = ["workload", "region", "period", "at most", "requests", "at their price"]
    return ["## Demand your plan does not serve", "", *table(header, rows)]


def order_rows(plans: Mapping[str, Plan]) -> list[dict[str, Any]]:
    """What each plan orders, by thing, site and period."""
    found: dict[tuple[str, ...], dict[str, float]] = {}
    for name, plan in plans.items():
        for item, sites in orders(plan).items():
            for site, periods in sites.items():
                for period, (amount, _) in periods.items():
                    key = (item.what, item.how, item.item, item.vendor, item.unit, item.rental, site, period)
                    found.setdefault(key, dict.fromkeys(plans, 0.0))[name] += amount
    names = ("what", "how", "item", "vendor", "unit", "rental", "site", "period")
    return [{**dict(zip(names, key, strict=True)), "amount": found[key]} for key in sorted(found)]


def _orders_section(plans: Mapping[str, Plan]) -> list[str]:
    rows = [
        [
            f"{plain(row['item'])} ({', '.join(plain(row[word]) for word in ('how', 'rental') if row[word])})",
            plain(row["site"]),
            row["period"],
            *(_amount(value, row["unit"]) for value in row["amount"].values()),
        ]
        for row in order_rows(plans)
    ]
    return ["## What they order", "", *table(["what", "site", "period", *plans], rows)] if rows else []


def _amount(value: float, unit: str) -> str:
    if not value:
        return "–"
    shown = {"units": count, "GB": memory, "kW": power}.get(unit)
    return shown(value) if shown else "yes"


def summary(own: Plan, optimum: Plan) -> list[str]:
    """A few plain lines for the terminal."""
    lines = [headline(own, optimum)]
    if own["unserved"]:
        requests = sum(u["requests"] for u in own["unserved"])
        workloads = ", ".join(sorted({u["workload"] for u in own["unserved"]}))
        lines.append(f"unserved: {requests:,.0f} requests of {workloads}")
    rows = cost_rows({OWN: own, OPTIMUM: optimum}) if optimum else []
    for row in rows[:-1]:
        if round(row["difference_usd"][OPTIMUM]):
            paid = row["usd"]
            said = f"{whole_usd(paid[OWN])}, optimum {whole_usd(paid[OPTIMUM])}"
            lines.append(f"  {row['line']}: {said} ({signed_usd(paid[OWN] - paid[OPTIMUM])})")
    return lines
