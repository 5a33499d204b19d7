"""An explanation as lines for people and as plain data for programs."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from fleetopt.report.costs import MEANING
from fleetopt.report.text import share, usd, whole_usd
from fleetopt.solve.binding import Binding
from fleetopt.solve.marginal import Price
from fleetopt.solve.resolve import Difference, Resolved
from fleetopt.solve.why_not import Forced, Reason, WhyNot

LP_LABEL = "LP price with the plan's whole numbers held"
RESOLVED_LABEL = "Re-solved with one more"


def binding_lines(found: Sequence[Binding]) -> list[str]:
    """What binds, by equation."""
    if not found:
        return ["nothing binds: every limit has room for one more unit"]
    lines, last = ["What binds"], ("", True)
    for b in found:
        if (b.equation, b.full) != last:
            lines.append(f"  {b.equation}  {b.says if b.full else 'less is left than one more unit takes'}")
            last = (b.equation, b.full)
        when = f" in {_runs(b.periods)}" if b.periods else ""
        lines.append(f"      {', '.join(b.index) or 'all'}{when}")
    return lines


def _runs(periods: Sequence[str]) -> str:
    return ", ".join(periods) if len(periods) <= 3 else f"{periods[0]} and {len(periods) - 1} more to {periods[-1]}"


def binding_data(b: Binding) -> dict[str, Any]:
    """One binding limit."""
    state = "full" if b.full else "no room for one more"
    return {"equation": b.equation, "says": b.says, "index": list(b.index), "periods": list(b.periods), "state": state}


def price_lines(found: Sequence[Price]) -> list[str]:
    """LP prices by equation, the dearest first."""
    lines = [f"{LP_LABEL}, at the rate of a small step"]
    if not found:
        return [*lines, "  none: with everything bought as planned, one more of anything changes nothing"]
    groups: dict[str, list[Price]] = defaultdict(list)
    for price in found:
        groups[price.resource.equation].append(price)
    return lines + [f"  {id_}  {_sentence(p)}" for id_, group in groups.items() for p in group]


def _sentence(price: Price) -> str:
    words = price.resource.words
    if price.usd is None:
        return f"{words} cannot be had: what is bought does not carry it"
    return f"{words} {_worth(price.usd)}"


def _worth(change: float) -> str:
    """`is worth $1.90 M` for a saving, `costs $12` else."""
    return f"is worth {cents(-change)}" if change < 0 else f"costs {cents(change)}"


def cents(value: float) -> str:
    """Money with cents where it is below 100 USD, in millions only from one on."""
    if abs(value) < 100:
        return f"{'-' if value < 0 else ''}${abs(value):,.2f}"
    return whole_usd(value) if abs(value) < 1e6 else usd(value)


def price_data(price: Price) -> dict[str, Any]:
    """One LP price."""
    return {
        "equation": price.resource.equation,
        "index": list(price.resource.index),
        "one_more": price.resource.words,
        "cost_change_usd": price.usd,
        "dual_usd": price.dual_usd,
    }


def resolved_lines(found: Sequence[Resolved], times: float = 1.0) -> list[str]:
    """The headline figures, with the band that the gaps leave."""
    much = "" if times == 1 else f" ({times:,.6g} times what each line says)"
    lines = [f"{RESOLVED_LABEL}{much}, everything decided anew"]
    if not found:
        return [*lines, "  nothing to re-solve: even with nothing held whole, one more of anything is worth nothing"]
    lines += [f"  {r.resource.equation}  {r.resource.words} {_difference(r.difference)}" for r in found]
    cheaper = max(r.difference.cheaper_usd for r in found)
    return lines + ([_not_optimal(cheaper)] if cheaper >= 0.5 else [])


def _not_optimal(cheaper: float) -> str:
    return f"  a search on the way found a plan {usd(cheaper)} cheaper than this one: solve again with a smaller --gap"


def _difference(d: Difference) -> str:
    if d.usd is None:
        if d.stop_reason == "infeasible":
            return "cannot be had: there is no such plan"
        return f"is not known: the search ended without a plan ({d.stop_reason})"
    said = _worth(d.usd) if abs(d.usd) >= WORTH_USD else "changes nothing"
    if d.low_usd is None or d.high_usd is None:
        return f"{said} in the plan found; nothing is proven ({d.stop_reason})"
    if d.high_usd - d.low_usd <= max(0.01, 1e-6 * abs(d.usd)):
        return f"{said} (proven)"
    low, high = sorted((abs(d.low_usd), abs(d.high_usd)))
    verb = "a saving of" if d.usd < 0 or d.low_usd < 0 else "a cost of"
    ended = "" if d.stop_reason == "gap reached" else f", {d.stop_reason}"
    return f"{said} in the plan found (proven: {verb} {cents(low)} to {cents(high)}{ended})"


WORTH_USD = 0.005


def resolved_data(r: Resolved) -> dict[str, Any]:
    """One headline figure."""
    return {
        "equation": r.resource.equation,
        "index": list(r.resource.index),
        "one_more": r.resource.words,
        **difference_data(r.difference),
    }


def difference_data(d: Difference) -> dict[str, Any]:
    """A change in cost with its band."""
    return {
        "cost_change_usd": d.usd,
        "least_usd": d.low_usd,
        "most_usd": d.high_usd,
        "stop_reason": d.stop_reason,
        "plan_beaten_by_usd": d.cheaper_usd,
    }


def why_not_lines(found: WhyNot) -> list[str]:
    """Why a system is not bought, or not more of it."""
    lines = [_headline(found)]
    if found.reasons:
        lines.append("  what was rejected of it")
        lines += [f"    {_reason(r)}" for r in found.reasons if r.rule != "systems"]
        closed = [r.workload for r in found.reasons if r.rule == "systems"]
        lines += [f"    {', '.join(closed)}: not among the systems these workloads allow"] if closed else []
    if found.columns:
        ways = ", ".join(f"{workload} {count}" for workload, count in found.columns.items())
        lines.append(f"  ways that pass every screen, best layouts only: {ways}")
        lines.append("    (only the same system can dominate them: prices, supply, power and lead times decide)")
    if not found.serves:
        lines.append("  it has no chip: it serves nothing itself, and gives cores and memory to what does")
    if found.forced is None:
        lines.append("  it cannot be forced in: nowhere can a unit be bought or rented within the horizon")
    else:
        lines += _forced(found.system, found.forced, found.serves)
    return lines


def _headline(found: WhyNot) -> str:
    if found.units:
        return f"{found.system}: in the plan, {found.units:,.6g} bought or rented; why not one more?"
    stay = f"; up to {found.owned:,.6g} owned are in place" if found.owned else ""
    return f"{found.system}: none is bought or rented{stay}"


def _reason(r: Reason) -> str:
    workload = "any workload" if r.workload == "*" else r.workload
    if not r.count:
        return f"{workload}: {r.says} ({r.nearest})"
    off = f", off by {share(r.shortfall)}" if 0 < r.shortfall < 1e6 else ""
    at = "" if r.site == "*" else f" at {r.site}"
    return f"{workload}: {r.says} ({r.rule}), {_configurations(r.count)}; nearest{at}{off}: {r.nearest}"


def _configurations(number: int) -> str:
    return f"{number:,} configuration{'' if number == 1 else 's'}"


def _forced(system: str, forced: Forced, has_chip: bool) -> list[str]:
    lines = [f"  with {forced.units:,.6g} of it forced in, at the best sites and periods: {_cost(forced.difference)}"]
    if forced.plan is None:
        return lines
    lines += [
        f"    {p.units:,.6g} x {p.system} ({p.acquisition}) for {p.site} in {p.period}"
        for p in forced.plan.purchases
        if p.system == system
    ]
    serves = sorted({d.workload for d in forced.plan.deployments if d.system == system})
    serves += sorted({r.workload for r in forced.plan.training_runs if r.system == system})
    if has_chip:
        lines.append(
            f"    it works for {', '.join(serves)}" if serves else "    it would stand idle: nothing runs on it"
        )
    width = max((len(name) for name in forced.lines), default=0)
    for name, change in forced.lines.items():
        lines.append(f"    {name:<{width}}  {'+' if change > 0 else ''}{cents(change)}  {MEANING.get(name, name)}")
    loser = next(((name, change) for name, change in forced.lines.items() if change > 0), None)
    if loser is not None:
        lines.append(f"    what loses: {MEANING.get(loser[0], loser[0])}")
    if forced.difference.cheaper_usd >= 0.5:
        lines.append(_not_optimal(forced.difference.cheaper_usd))
    return lines


def _cost(d: Difference) -> str:
    said = _difference(d)
    return "no plan has so many" if d.usd is None and d.stop_reason == "infeasible" else said


def why_not_data(found: WhyNot) -> dict[str, Any]:
    """Everything about one system."""
    forced = found.forced
    return {
        "system": found.system,
        "units_in_plan": found.units,
        "owned_in_place": found.owned,
        "on_offer": found.on_offer,
        "candidates": dict(found.columns),
        "rejections": [
            {
                "workload": r.workload,
                "rule": r.rule,
                "reason": r.says,
                "count": r.count,
                "nearest": r.nearest,
                "nearest_site": r.site,
                "nearest_shortfall": r.shortfall if abs(r.shortfall) < 1e300 else None,
            }
            for r in found.reasons
        ],
        "forced": None
        if forced is None
        else {
            "units": forced.units,
            **difference_data(forced.difference),
            "cost_lines_change_usd": dict(forced.lines),
            "purchases": []
            if forced.plan is None
            else [
                {"period": p.period, "site": p.site, "acquisition": p.acquisition, "units": p.units}
                for p in forced.plan.purchases
                if p.system == found.system
            ],
        },
    }
