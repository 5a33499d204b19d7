"""Memory bought apart answers to prices, dates and deadlines, and more of an option never costs more.

Base of test_idle_gaps.py: 10 requests/s, each with 1 GB that lies idle for the gap; 5 servers where it is parked, 1.25
more where it is recomputed, 37,500 USD in two quarters.
"""

from typing import Any

import pytest
from builders import CPU_RACK
from cases import SOLVERS, candidate, case, model, offer, point, solve
from hypothesis import given, settings
from hypothesis import strategies as st

from fleetopt.catalog import load as catalog
from fleetopt.model.build import Model

STEADY = {"regions": [{"region": "east", "rate_per_s": 10.0}]}


def _case(gap_s: float, memory: list[dict[str, Any]], start: str = "2027q1", **work: Any) -> Model:
    """Parked at 2/s a server, or recomputed at 1.6/s."""
    idle = {"mean_gap_s": gap_s, "tiers": [tier["id"] for tier in memory]}
    slices = [{"id": "day", "start_hour": 0, "hours": 12}, {"id": "night", "start_hour": 12, "hours": 12}]
    instance = case(
        time={"start": start, "periods": 2, "slices": slices},
        memory=memory,
        systems={"gpu8": {"usable_dram_gb": 0.0, "max_added_dram_gb": 1e6}},
        workloads={"chat": {"idle_kv": idle, "demand": STEADY, **work}},
    )
    parked = candidate("parked", reuse="parked", points={"b1": point(parked_gb_s=gap_s)})
    return model(instance, (parked, candidate("again", reuse="recomputed", points={"b1": point(rate=1.6)})))


def _bought(built: Model) -> dict[str, float]:
    """GB bought by tier."""
    found: dict[str, float] = {}
    for (tier, _, _), column in built.context.var.mem.items():
        gb = built.context.instance.tier(tier).unit_gb * (column.value() or 0.0)
        found[tier] = found.get(tier, 0.0) + gb
    return found


def _dated(id_: str, entry: str, **fields: Any) -> dict[str, Any]:
    """A tier at the catalogue's contract prices by quarter, without lead."""
    points = catalog.series("memory", entry)["price.usd_per_gb"]
    dated = [{"since": p["since"], "usd_per_gb": p["value"]} for p in points]
    kind = catalog.entry("memory", entry)["kind"]
    return {"id": id_, "kind": kind, "unit_gb": 1.0, "price": {"usd_per_gb": 0.1, "by_date": dated}, **fields}


@pytest.mark.parametrize(("start", "parked"), [("2025q3", True), ("2026q4", False)])
def test_the_answer_changes_with_the_quarter(start: str, parked: bool) -> None:
    """DRAM rose from 5.10 to 24.80 USD/GB: KV idle for 3,000 s was parked in 2025q3, and is recomputed in 2026q4.

    30,000 GB over 20 quarters: 30,000 x 5.1 / 20 x 2 = 15,300 USD against 37,500 for servers; at 24.8 it is 74,400.
    """
    built = _case(3000.0, [_dated("dram", "dram")], start)
    cost = solve(built, "highs", relaxed=True)
    assert (_bought(built)["dram"] > 0) is parked
    assert cost == pytest.approx(150_000 + (15_300 if parked else 37_500))


@pytest.mark.parametrize(("start", "tier"), [("2025q3", "flash"), ("2026q4", "dram")])
def test_the_tier_changes_with_the_quarter(start: str, tier: str) -> None:
    """KV idle for 2,400 s: at one write a day flash beats DRAM beyond 86,400 s x the ratio of their prices.

    0.102 / 5.1 in 2025q3: beyond 1,728 s, so flash. 0.89 / 24.8 in 2026q4: beyond 3,101 s, so DRAM.
    """
    built = _case(2400.0, [_dated("dram", "dram"), _dated("flash", "nvme-tlc", drive_writes_per_day=1.0)], start)
    for (k, *_), column in built.context.var.serve.items():
        if k == "again":
            column.upBound = 0
    solve(built, "highs", relaxed=True)
    bought = _bought(built)
    assert max(bought, key=lambda t: bought[t]) == tier


@settings(max_examples=25, deadline=None)
@given(price=st.floats(1.0, 60.0), dearer=st.floats(1.01, 5.0), gap_s=st.floats(10.0, 8000.0))
def test_dearer_dram_is_never_bought_more(price: float, dearer: float, gap_s: float) -> None:
    """At equal service the DRAM bought falls, or stays, as its price rises, and the cost never falls."""

    def answer(usd_per_gb: float) -> tuple[float, float]:
        dram = {"id": "dram", "kind": "dram", "unit_gb": 1.0, "price": {"usd_per_gb": usd_per_gb}}
        flash = {
            "id": "flash",
            "kind": "nvme",
            "unit_gb": 1.0,
            "price": {"usd_per_gb": 1.0},
            "drive_writes_per_day": 1.0,
        }
        built = _case(gap_s, [dram, flash])
        cost = solve(built, "highs", relaxed=True)
        return _bought(built)["dram"], cost

    (much, cheap), (less, dear) = answer(price), answer(price * dearer)
    assert less <= much * (1 + 1e-6) + 1.0
    assert dear >= cheap * (1 - 1e-6)


@settings(max_examples=20, deadline=None)
@given(delay_h=st.floats(0.0, 20.0), longer_h=st.floats(0.0, 4.0))
def test_a_longer_deadline_never_costs_more(delay_h: float, longer_h: float) -> None:
    """15/s by day and 5 by night: the longer work may wait, the nearer the fleet comes to the mean."""

    def cost(hours: float) -> float:
        return solve(model(case(workloads={"chat": {"max_delay_h": hours}})), "highs", relaxed=True)

    assert cost(delay_h + longer_h) <= cost(delay_h) * (1 + 1e-9)


@settings(max_examples=20, deadline=None)
@given(first=st.floats(0.05, 0.3), more=st.floats(0.0, 0.3), parked=st.floats(0.0, 0.5))
def test_more_reuse_never_costs_more(first: float, more: float, parked: float) -> None:
    """Of a request that finds more, prefill takes less of a server: 1 / rate falls with the hits at the same memory."""

    def cost(hits: float) -> float:
        dram = {"id": "dram", "kind": "dram", "unit_gb": 1.0, "price": {"usd_per_gb": 10.0}}
        curve = {"points": [{"held_s": 100.0, "hit_share": hits}], "tiers": ["dram"]}
        instance = case(
            memory=[dram],
            systems={"gpu8": {"usable_dram_gb": 0.0, "max_added_dram_gb": 1e6}},
            workloads={"chat": {"reuse_curve": curve, "demand": STEADY}},
        )
        found = candidate("found", reuse="prefix-1", points={"b1": point(rate=2.0 / (1 - hits), parked_gb_s=parked)})
        return solve(model(instance, (candidate(), found)), "highs", relaxed=True)

    assert cost(first + more) <= cost(first) * (1 + 1e-9)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("core_s", "racks"), [(34.0, 0), (60.0, 1)])
def test_processors_are_bought_apart_where_tools_need_them(solver: str, core_s: float, racks: int) -> None:
    """C3. Slack: 15/s x 34 core-s = 510 of the 512 cores of 8 servers. Binding: 900 need 388 more, a rack of 2,000.

    A rack without accelerators is 40,000 USD in two quarters; two more servers would give 128 cores for 60,000.
    """
    agent = {"turns_per_task": 10.0, "tool_s": 1.0, "tool_core_s": core_s}
    instance = case(systems={"cpu": CPU_RACK}, workloads={"chat": {"agent": agent}})
    built = model(instance, (candidate(),), (offer(), offer("cpu")))
    assert solve(built, solver) == pytest.approx(240_000 + 40_000 * racks)
