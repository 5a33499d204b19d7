"""The memory hierarchy in plan.md and as a picture: room, what is held, bandwidth, dollars, and how KV is had again.

Two sessions' kinds of gaps are parked, one is recomputed; figures are set by hand in a plan for the tiny instance.
"""

from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest
from builders import tiny_instance
from everything import rich_instance, rich_plan
from handmade import plan

from fleetopt.instance.schema import Instance
from fleetopt.plan import MemoryPurchase, Parked, Plan
from fleetopt.report.hierarchy import FAST, found_again, idle_kv, tier_uses
from fleetopt.report.markdown import plan_markdown
from fleetopt.report.memory import memory_section
from fleetopt.report.memory_picture import memory_picture
from fleetopt.report.page import plan_page
from fleetopt.report.page.memory import FAST_NAME
from fleetopt.verify.reading import read_plan
from fleetopt.verify.witness import Witness

MEMORY = [
    {"id": "flash", "kind": "nvme", "unit_gb": 100.0, "price": {"usd_per_gb": 1.0}, "read_gb_s_per_tb": 10.0},
    {"id": "ram", "kind": "dram", "unit_gb": 100.0, "price": {"usd_per_gb": 10.0}},
]
BUCKETS = [
    {"id": "b1", "share": 0.5, "input_tokens": 1000.0, "cached_tokens": 800.0, "output_tokens": 200.0, "gap": "tool"},
    {"id": "b2", "share": 0.5, "input_tokens": 1000.0, "cached_tokens": 600.0, "output_tokens": 200.0, "gap": "human"},
]
IDLE = {
    "mean_gap_s": 1.0,
    "gaps": [{"id": "tool", "held_s": 50.0}, {"id": "human", "held_s": 500.0}],
    "tiers": ["ram", "flash"],
}


def instance() -> Instance:
    return tiny_instance(memory=MEMORY, workloads={"chat": {"buckets": BUCKETS, "idle_kv": IDLE}})


def made() -> Plan:
    """By day 10/s of b1 are parked and 5/s of b2 recomputed, by night 5/s of b1; 150 GB in flash, 50 in memory."""
    base = plan()
    parked_id, again_id = "chat.parked", "chat.again"
    points = dict.fromkeys(("b1", "b2"), base.deployments[0].points["b1"])
    deployments = (
        replace(base.deployments[0], id=parked_id, reuse="parked", points=points),
        replace(base.deployments[0], id=again_id, reuse="recomputed", points=points),
    )
    served = {("day", parked_id): {"b1": 10.0}, ("day", again_id): {"b2": 5.0}, ("night", parked_id): {"b1": 5.0}}
    placements = tuple(
        replace(p, deployment=id_, served_per_s=rates)
        for p in base.placements
        for (h, id_), rates in served.items()
        if h == p.slice
    )
    parked = tuple(
        Parked("chat", "kv:tool", "virginia", tier, p.period, p.slice, gb)
        for p in base.placements
        for tier, gb in (("flash", 150.0 if p.slice == "day" else 20.0), ("ram", 50.0))
    )
    bought = MemoryPurchase("2027q2", "virginia", "flash", "buy", 2.0, 200.0, 100.0, 200.0, "2027q2")
    return plan(deployments=deployments, placements=placements, parked=parked, memory_purchases=(bought,))


def test_room_is_what_was_bought_and_what_servers_bring() -> None:
    """Flash: 200 GB from the second quarter. Memory: five servers bring 500 GB each. HBM: 40 chips of 80 GB."""
    uses = tier_uses(made(), instance())
    assert list(uses) == [FAST, "ram", "flash"], "fastest first"
    assert [u.room_gb for u in uses["flash"]] == [0.0, 200.0]
    assert [u.room_gb for u in uses["ram"]] == [2500.0, 2500.0]
    assert [u.room_gb for u in uses[FAST]] == [3200.0, 3200.0]


def test_use_is_that_of_the_fullest_slice() -> None:
    """150 GB by day, read once in 50 s: 3 GB/s, of 10 GB/s a TB of 0.2 TB; 200 USD in the quarter of delivery."""
    _, second = tier_uses(made(), instance())["flash"]
    assert (second.held_gb, second.read_gb_s, second.read_limit_gb_s) == (150.0, pytest.approx(3.0), pytest.approx(2.0))
    assert [u.spent_usd for u in tier_uses(made(), instance())["flash"]] == [0.0, 200.0]


def test_how_kv_is_had_again_by_kind_of_gap() -> None:
    """Of 12 h x (10 + 5) + 12 h x 5 requests three quarters come after tools, all parked, 170 of 270 GB in flash."""
    tool, human = idle_kv(made(), instance())
    assert (tool.gap, tool.share, tool.parked, tool.recomputed) == ("tool", pytest.approx(0.75), 1.0, 0.0)
    assert tool.tiers == (("flash", pytest.approx(170 / 270)), ("ram", pytest.approx(100 / 270)))
    assert (human.gap, human.share, human.parked, human.recomputed) == ("human", pytest.approx(0.25), 0.0, 1.0)


def test_the_share_of_input_found_again() -> None:
    """Three quarters find 800 of 1,000 tokens: 60 %; were the rest kept too, 600 more of a quarter: 75 %."""
    assert found_again(made(), instance()) == {"chat": (pytest.approx(0.6), pytest.approx(0.75))}


def test_a_stay_in_fast_memory_is_told() -> None:
    """Replicas that keep KV themselves park nothing, and what they find counts."""
    stays = replace(made(), parked=(), deployments=tuple(replace(d, reuse="resident") for d in made().deployments))
    assert {(a.gap, a.resident) for a in idle_kv(stays, instance())} == {("tool", 1.0), ("human", 1.0)}
    assert found_again(stays, instance())["chat"] == (pytest.approx(0.75), pytest.approx(0.75))


def test_the_section_says_all_of_it() -> None:
    """A row for each tier and quarter, one for each kind of gap, one line of what is found."""
    lines = memory_section(made(), instance())
    assert "| flash | 2027q2 | 200.0 GB | 150.0 GB | 2 GB/s | 3.0 GB/s | $200 |" in lines
    assert "| chat | tool | 75.0 % | 50.00 s | 100.0 % | 63% flash, 37% ram | 0.0 % | 0.0 % |" in lines
    assert any(line.startswith("- chat: 60.0 % of the input is found again") for line in lines)
    assert "## Memory hierarchy" in plan_markdown(made(), instance())


def test_a_plan_that_keeps_nothing_has_no_section() -> None:
    """Chat without idle KV has nothing to say about memory tiers."""
    assert memory_section(plan(), tiny_instance()) == []


def _read(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def test_the_picture_is_svg_with_a_row_a_tier() -> None:
    """Well-formed, the names and largest figures of every tier in it, the same bytes twice."""
    svg = memory_picture(made(), instance())
    texts = [e.text for e in _read(svg).iter("{http://www.w3.org/2000/svg}text")]
    assert {"flash", "ram", "Fast memory of all chips", "200.0 GB", "$200 in all", "2027q1", "2027q2"} <= set(texts)
    assert svg == memory_picture(made(), instance())


def test_bars_are_as_high_as_their_figures() -> None:
    """Flash: nothing at first, then the full height of a cell, three quarters of it used (150 of 200 GB)."""
    groups = _read(memory_picture(made(), instance())).iter("{http://www.w3.org/2000/svg}g")
    heights: dict[str, Any] = {}
    for group in groups:
        title, *bars = list(group)
        heights[str(title.text)] = [float(bar.get("height", "0")) for bar in bars]
    assert heights["2027q1: 0.0 GB, 150.0 GB held at most"][0] == 0.0
    there, used = heights["2027q2: 200.0 GB, 150.0 GB held at most"]
    assert used == pytest.approx(0.75 * there)


def test_names_are_escaped() -> None:
    """A tier called like markup stays text."""
    named = tiny_instance(
        memory=[{**MEMORY[0], "name": "<b>&"}, MEMORY[1]], workloads={"chat": {"buckets": BUCKETS, "idle_kv": IDLE}}
    )
    svg = memory_picture(made(), named)
    assert "<b>" not in svg and "&lt;b&gt;&amp;" in svg


def test_a_solved_plan_shows_its_tiers() -> None:
    """Of the instance with something of everything: each tier that holds something is there, never above its room."""
    found = read_plan(rich_plan(), Witness())
    assert found is not None
    uses = tier_uses(found, rich_instance())
    assert {p.tier for p in found.parked} <= set(uses)
    for tier, rows in uses.items():
        for row in rows:
            assert tier == FAST or (row.held_gb or 0.0) <= row.room_gb * (1 + 1e-6) + 1e-6, row


def test_the_page_draws_room_reading_and_dollars_of_each_tier() -> None:
    """Flash has room, what is read against what is possible, and dollars; the chips' own comes first, unpriced."""
    page = plan_page(made(), instance())
    for title in ("flash: room", "flash: read bandwidth", "flash: dollars", f"{FAST_NAME}: room"):
        assert title in page
    assert f"{FAST_NAME}: dollars" not in page
    assert page.index(FAST_NAME) < page.index("flash: room")
