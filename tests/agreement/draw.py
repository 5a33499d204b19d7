"""Small random instances, an instance a seed: few whole numbers to decide, and many rules that may bind.

One or two quarters of two slices, a server or two, a site or two, and each of the features below by chance. Every
vendor has a supply limit and memory a limit of space, so that the whole numbers have bounds and can all be tried.
"""

from random import Random
from typing import Any

from builders import CPU_RACK, GPU, GPU_CHIP, Raw, merge, tiny_raw, with_orbit

FEATURES: dict[str, float] = {
    "two_systems": 0.4, "two_sites": 0.35, "opening": 0.5, "held": 0.3, "resale": 0.2, "rent": 0.5,
    "whole": 0.15, "blocks": 0.4, "lease": 0.35, "shortfall": 0.6, "agents": 0.35, "kv": 0.2, "store": 0.2,
    "training": 0.2, "budget": 0.3, "limit": 0.3, "licence": 0.2, "duty": 0.2, "orbit": 0.15, "failures": 0.3,
    "lead": 0.25, "space": 0.25, "carbon": 0.2, "traffic": 0.2, "maintenance": 0.3, "interest": 0.7,
}  # fmt: skip
"""Chance of each feature."""
TERMS: dict[str, float] = {"lots": 0.15, "least_order": 0.2, "discount": 0.35, "reserved": 0.3}
"""Chance of each term of sale, drawn apart: what else an instance has does not depend on it."""


def drawn(seed: int) -> tuple[Raw, list[str]]:
    """An instance as plain data, and the features it has."""
    draw = Random(seed)
    has = [name for name, chance in FEATURES.items() if draw.random() < chance]
    changes: Raw = {"name": f"seed-{seed}", "time": {"periods": draw.choice((1, 2, 2))}, "finance": {"wacc": 0.0}}
    if draw.random() < 0.5:
        changes["time"]["slices"] = [
            {"id": "day", "start_hour": 0, "hours": 8},
            {"id": "night", "start_hour": 8, "hours": 16},
        ]
    for part in (_fleet, _sites, _demand, _money):
        changes = merge(changes, part(draw, set(has)))
    if "training" in has and changes["time"]["periods"] == 1:
        changes["workloads"]["pretrain"]["training"]["deadline"] = "2027q1"
    raw = tiny_raw(**(with_orbit(**changes) if "orbit" in has else changes))
    has += _terms(Random(f"terms of {seed}"), raw)
    raw["network"]["links"] = _links(draw, set(has), [site["id"] for site in raw["sites"]])
    return raw, has


def _fleet(draw: Random, has: set[str]) -> Raw:
    """Systems, what is held, and how many can be had."""
    first: Raw = {"price": {"buy_usd": draw.choice((2e5, 3e5, 4e5))}, "idle_share": draw.choice((0.3, 0.6))}
    first["usable_dram_gb"] = draw.choice((100.0, 400.0))
    if "rent" in has:
        term, units = draw.choice((0.0, 3.0, 6.0)), draw.randint(1, 2)
        first["rent"] = {"usd_per_h": draw.choice((6.0, 9.0, 14.0)), "max_units": units, "min_term_months": term}
    if "failures" in has:
        first |= {"failures_per_year": 0.3, "repair_days": draw.choice((30.0, 90.0))}
    if "maintenance" in has:
        first["maintenance_share_per_year"] = 0.08
    if "lead" in has:
        first["lead_months"] = 3.0
    if "resale" in has:
        first["resale"] = {"first_share": draw.choice((0.5, 0.9))}
    systems: Raw = {"gpu8": first}
    limits = [{"id": "acme", "vendor": "acme", "units_per_period": [float(draw.randint(1, 4)) for _ in range(2)]}]
    if "two_systems" in has:
        chip = {**GPU_CHIP, "id": "big", "memory_gb_s": draw.choice((1500.0, 6000.0)), "memory_gb": 140.0}
        price = {"buy_usd": draw.choice((2e5, 5e5)), "network_share": 0.1}
        systems["big4"] = {**GPU, "vendor": "bigco", "chip": chip, "chips": 4, "price": price, "life_years": 4.0}
        limits.append({"id": "bigco", "vendor": "bigco", "units_per_period": [float(draw.randint(1, 2))]})
    if "agents" in has and draw.random() < 0.5:
        systems["cpu"] = {**CPU_RACK, "vendor": "racks", "usable_cpu_cores": 400.0}
        limits.append({"id": "racks", "vendor": "racks", "units_per_period": [1.0]})
    fleet = []
    if "held" in has:
        ends = draw.choice(("2027q1", "2029q4"))
        old = {"failures_per_year": 0.1, "maintenance_share_per_year": draw.choice((0.05, 0.4))}
        systems["old8"] = {**GPU, **old, "id": "old8", "buyable": False, "resale": {"first_share": 0.6}}
        held = {"system": "old8", "site": "virginia", "units": draw.randint(1, 2)}
        fleet = [{"id": "old", **held, "in_service": "2024q1", "end_of_life": ends}]
    if "orbit" in has:
        systems["sat"] = {"failures_per_year": 0.2, "price": {"buy_usd": draw.choice((1e5, 4e5))}}
        limits.append({"id": "orbitco", "vendor": "orbitco", "units_per_period": [float(draw.randint(1, 2))]})
    return {"systems": systems, "fleet": fleet, "supply": {"limits": limits}}


def _sites(draw: Random, has: set[str]) -> Raw:
    """Power, space, a second site at home or abroad, memory."""
    grid: Raw = {
        "existing_kw": draw.choice((12.5, 25.0, 37.5, 60.0, 200.0)),
        "energy_usd_per_mwh": draw.choice((0.0, 60.0)),
    }
    if "blocks" in has:
        block = draw.choice((10.0, 15.0))
        grid |= {"block_kw": block, "max_new_kw": 2 * block, "capex_usd_per_kw": 1500.0, "fixed_usd_per_kw_year": 30.0}
        grid["firm_share"] = draw.choice((1.0, 0.8))
    if "carbon" in has:
        grid["carbon_g_per_kwh"] = 400.0
    power: Raw = {"sources": {"grid": grid}, "diversity": draw.choice((1.0, 0.9))}
    if "lease" in has:
        power["lease"] = {
            "usd_per_kw_month": draw.choice((50.0, 200.0)),
            "max_kw": draw.choice((10.0, 25.0)),
            "energy_usd_per_mwh": 80.0,
        }
    virginia: Raw = {"power": power, "fixed_usd_per_year": 1e5}
    if "space" in has or "kv" in has:
        virginia["space"] = {"slots": float(draw.randint(1, 3))}
    sites: Raw = {"virginia": virginia}
    found: Raw = {"sites": sites}
    if "two_sites" in has or "licence" in has:
        second: Raw = {
            "jurisdiction": "us",
            "power": {"sources": [{"id": "grid", "existing_kw": 40.0, "energy_usd_per_mwh": 30.0}]},
        }
        if "opening" in has:
            months = draw.choice((0.0, 3.0)) if "lead" in has else 0.0
            second["opening"] = {"cost_usd": draw.choice((1e5, 1e6)), "lead_months": months}
            second["fixed_usd_per_year"] = 5e4
        if "licence" in has:
            second["jurisdiction"] = "china"
            share = draw.choice((0.0, 0.25))
            licence = {
                "id": "deal",
                "systems": ["gpu8"],
                "jurisdiction": "china",
                "max_units": draw.choice((1.0, 2.0)),
                "revenue_share": share,
            }
            found["jurisdictions"] = {"china": {"country": "CN"}}
            rule = {"id": "rule", "destinations": ["CN"], "tpp_at_least": 4800.0}
            found["trade"] = {"rules": [rule], "licences": [licence] if draw.random() < 0.8 else []}
        if "kv" in has:
            second["space"] = {"slots": 2.0}
        sites["second"] = second
    if "duty" in has:
        duty = {"id": "duty", "jurisdictions": ["us"], "rate": 0.1}
        found["trade"] = {**found.get("trade", {}), "duties": [duty]}
    if "orbit" in has:
        orbit = {
            "launch_usd_per_kg": draw.choice((200.0, 1500.0)),
            "launch_kg_per_period": draw.choice((900.0, 3000.0)),
        }
        sites["leo"] = {"orbit": orbit}
        if "opening" in has:
            sites["leo"]["opening"] = {"cost_usd": 5e5}
    found["memory"] = [{"id": "dram", "kind": "dram", "unit_gb": 500.0, "price": {"usd_per_gb": 10.0}}]
    if "agents" in has and draw.random() < 0.4:
        found["systems"] = {"gpu8": {"max_added_dram_gb": 500.0}}
    if "kv" in has:
        flash = {"id": "flash", "kind": "nvme", "unit_gb": 4000.0, "price": {"usd_per_gb": 1.0}, "slots_per_unit": 1.0}
        found["memory"].append({**flash, "power_w_per_gb": 0.1, "maintenance_share_per_year": 0.05, "read_gb_s": 20.0})
    if "store" in has or "training" in has:
        found["memory"].append({"id": "object", "kind": "object", "price": {"usd_per_gb_month": 0.05}})
    return found


def _demand(draw: Random, has: set[str]) -> Raw:
    """One workload that answers, and maybe agents that may wait and a training run."""
    rate = draw.choice((40.0, 90.0, 130.0, 200.0))
    factors = draw.choice(({"day": 1.5, "night": 0.5}, {"day": 1.2, "night": 0.0}, {}))
    demand: Raw = {"regions": [{"region": "east", "rate_per_s": rate, "slice_factors": factors}]}
    demand["growth_per_period"] = draw.choice((-0.4, 0.0, 0.5))
    chat: Raw = {"demand": demand}
    if "shortfall" in has:
        chat["shortfall_usd_per_request"] = draw.choice((1e-5, 1e-4))
    if "whole" in has:
        chat |= {"whole_replicas": True, "systems": ["gpu8"]}
    if "kv" in has:
        bucket = {"id": "b1", "share": 1.0, "input_tokens": 4000.0, "cached_tokens": 3000.0, "output_tokens": 200.0}
        idle = {
            "mean_gap_s": draw.choice((20.0, 120.0)),
            "tiers": ["dram", "flash"],
            "may_recompute": draw.random() < 0.7,
        }
        chat |= {"buckets": [bucket], "idle_kv": idle, "slo": {"ttft_s": 3.0, "tpot_s": 0.05}}
    if "store" in has:
        hours = draw.choice((6.0, 100.0))
        chat["stores"] = [{"id": "logs", "tiers": ["object"], "gb_per_request": 0.001, "retention_h": hours}]
    workloads: Raw = {"chat": chat}
    if "agents" in has:
        slices = draw.choice(({"day": 1.6, "night": 0.4}, {}))
        priced = {"shortfall_usd_per_request": 1e-4} if "shortfall" in has else {}
        cores = draw.choice((0.0, 1.0, 4.0))
        agent = {"turns_per_task": 5.0, "tool_s": 5.0, "tool_core_s": cores, "sandbox_gb": 1.0, "sandbox_s": 5.0}
        demand = {"regions": [{"region": "east", "rate_per_s": draw.choice((20.0, 50.0)), "slice_factors": slices}]}
        workloads["agents"] = {
            "kind": "agentic",
            "model": "small",
            "precisions": ["bf16"],
            "disaggregated": False,
            "slo": {"completion_s": 900.0},
            "buckets": [{"id": "turn", "share": 1.0, "input_tokens": 2000.0, "output_tokens": 300.0}],
            "demand": demand,
            "agent": agent,
            "max_delay_h": draw.choice((0.0, 4.0, 12.0)),
            "systems": ["gpu8"],
            **priced,
        }
    if "training" in has:
        window = {"start": "2027q1", "deadline": "2027q2" if draw.random() < 0.7 else "2027q1"}
        kept = {"checkpoint_gb": 200.0, "checkpoint_tiers": ["object"], "max_chips": 16}
        run = {"tokens": draw.choice((1e11, 3e11)), **window, **kept}
        workloads["pretrain"] = {"kind": "training", "model": "small", "systems": ["gpu8"], "training": run}
    return {"workloads": workloads}


def _money(draw: Random, has: set[str]) -> Raw:
    """Interest, budget, carbon, the planner's limits."""
    finance: Raw = {"wacc": draw.choice((0.08, 0.2)) if "interest" in has else 0.0}
    if "budget" in has:
        finance["capital_budget_usd"] = [draw.choice((2e5, 4e5, 6e5)), draw.choice((3e5, 1e6))]
    if "carbon" in has:
        finance["carbon_usd_per_t"] = 100.0
    limits: list[Any] = []
    if "limit" in has:
        limits.append(
            draw.choice(
                (
                    {"id": "few", "measure": "chips", "at_most": draw.choice((8.0, 20.0))},
                    {"id": "least", "systems": ["gpu8"], "at_least": 1.0, "periods": ["2027q1"]},
                    {"id": "mix", "systems": ["gpu8"], "measure": "power_kw", "share": True, "at_most": 0.6},
                    {"id": "home", "sites": ["virginia"], "share": True, "at_least": 0.5},
                )
            )
        )
    return {"finance": finance, "policy": {"limits": limits}}


def _terms(draw: Random, raw: Raw) -> list[str]:
    """Lots, least orders, a volume discount and a rental class of the first system, put into `raw`; which of them."""
    has = [name for name, chance in TERMS.items() if draw.random() < chance]
    system = next(system for system in raw["systems"] if system["id"] == "gpu8")
    if "lots" in has:
        system["lot"] = 2
    if "least_order" in has:
        system["min_order"] = draw.randint(2, 3)
    if "discount" in has:
        kind, window = draw.choice(("all_units", "incremental")), draw.choice(("period", "year", "horizon"))
        first = draw.choice((0.5, 1.0, 2.0, 2.5)) * system["price"]["buy_usd"]
        steps = [{"from_usd": first, "discount": 0.08}, {"from_usd": 1.7 * first, "discount": draw.choice((0.1, 0.2))}]
        terms = {"id": "volume", "vendor": "acme", "systems": ["gpu8"], "kind": kind, "window": window}
        raw["supply"]["discounts"] = [{**terms, "steps": steps[: draw.randint(1, 2)]}]
        if "resale" in system:
            system["resale"] = {"first_share": 0.5}
    if "reserved" in has:
        offer = {"usd_per_h": draw.choice((4.0, 7.0)), "min_term_months": draw.choice((3.0, 6.0)), "max_units": 1}
        system["rental_classes"] = [{"id": "reserved", **offer}]
    return has


def _links(draw: Random, has: set[str], sites: list[str]) -> list[Raw]:
    """A link from the region to each site, maybe with a price and a capacity."""
    links: list[Raw] = [{"a": "east", "b": site, "rtt_ms": 20.0 + 10 * n} for n, site in enumerate(sites)]
    if "traffic" in has:
        links[-1] |= {"usd_per_gb": 0.05, "capacity_gb_s": draw.choice((0.0003, 0.0006, 0.002))}
    return links
