"""plan.md, memory: the hierarchy by tier and period, how idle KV is had again, the share of input found again."""

from fleetopt.instance.schema import Instance
from fleetopt.plan import Plan
from fleetopt.report.hierarchy import FAST, TierUse, found_again, idle_kv, tier_uses
from fleetopt.report.names import Names
from fleetopt.report.text import memory, plain, seconds, share, table, usd

FAST_NAME = "Fast memory of all chips"


def memory_section(plan: Plan, instance: Instance) -> list[str]:
    """Nothing for a plan that keeps nothing apart from its requests."""
    if not plan.parked and not idle_kv(plan, instance):
        return []
    return ["## Memory hierarchy", "", *_tiers(plan, instance), *_again(plan, instance), *_found(plan, instance)]


def tier_name(names: Names, tier: str) -> str:
    """A tier, or the fast memory of all chips."""
    return FAST_NAME if tier == FAST else names.tier(tier)


def _tiers(plan: Plan, instance: Instance) -> list[str]:
    names, rows = Names(instance), list[list[str]]()
    for tier, uses in tier_uses(plan, instance).items():
        rows += [[tier_name(names, tier), use.period, *_cells(use)] for use in uses]
    said = (
        "All sites together, in the slice that holds or reads the most; dollars undiscounted, of what is delivered or "
        "rented in the period. Room of host memory includes what systems bring along."
    )
    header = ["tier", "period", "room", "held at most", "read bandwidth", "read at most", "spent"]
    return [said, "", *table(header, rows)]


def _cells(use: TierUse) -> list[str]:
    held = "–" if use.held_gb is None else memory(use.held_gb)
    limit = "no limit" if use.read_limit_gb_s is None else f"{use.read_limit_gb_s:,.0f} GB/s"
    read = "–" if use.read_gb_s is None else f"{use.read_gb_s:,.1f} GB/s"
    return [memory(use.room_gb), held, limit, read, usd(use.spent_usd) if use.spent_usd else "–"]


def _again(plan: Plan, instance: Instance) -> list[str]:
    names, rows = Names(instance), list[list[str]]()
    for a in idle_kv(plan, instance):
        where = ", ".join(f"{part:.0%} {names.tier(tier)}" for tier, part in a.tiers if part >= 0.005)
        ways = [share(a.parked), where or "–", share(a.resident), share(a.recomputed)]
        rows.append([names.workload(a.workload), plain(a.gap) or "any", share(a.share), seconds(a.held_s), *ways])
    if not rows:
        return []
    said = "KV that lies idle between turns, by kind of gap: parked in a tier, left in fast memory, or prefilled again."
    header = ["workload", "gap", "of requests", "held a restore", "parked", "where", "stays", "recomputed"]
    return [said, "", *table(header, rows)]


def _found(plan: Plan, instance: Instance) -> list[str]:
    names, found = Names(instance), found_again(plan, instance)
    lines = [
        f"- {names.workload(w)}: {share(got)} of the input is found again, without prefill, of {share(most)} at most."
        for w, (got, most) in found.items()
    ]
    return [*lines, ""] if lines else []
