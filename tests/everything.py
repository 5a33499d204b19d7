"""A small instance with something of everything a plan can contain, and its plan, solved once.

Two quarters, two slices; chat with a parked prefix, agents that may wait and need tools, sandboxes and stores, a
service that must run in orbit, one in a country that needs a licence and was measured by batch, one with replicas
counted whole on rented machines that was measured at its maximum, and a training run; memory bought and rented, power
built and leased, a site to open, old machines to sell.
"""

import json
from functools import cache
from typing import Any

from builders import CPU_RACK, GPU, GPU_CHIP, SATELLITE, tiny_instance, with_orbit

from fleetopt.candidates.enumerate import candidates
from fleetopt.instance.schema import Instance
from fleetopt.pipeline.options import SolveOptions
from fleetopt.pipeline.story import solve

OLD = {**GPU, "id": "old8", "resale": {"first_share": 0.5}, "buyable": False, "maintenance_share_per_year": 0.3}
RENTED = {
    **GPU,
    "id": "cloud8",
    "vendor": "cloudco",
    "chip": {**GPU_CHIP, "id": "cloud-gpu"},
    "buyable": False,
    "rent": {"usd_per_h": 20.0, "min_term_months": 6.0, "max_units": 40},
    "rental_classes": [
        {"id": "reserved", "usd_per_h": 15.0, "min_term_months": 12.0, "max_units": 2},
        {
            "id": "spot",
            "usd_per_h": 5.0,
            "max_units": 3,
            "preemption_share": 0.2,
            "preemptions_per_day": 2.0,
            "restart_h": 0.5,
        },
    ],
}


def bucket(id_: str = "b1", **fields: Any) -> dict[str, Any]:
    return {"id": id_, "share": 1.0, "input_tokens": 1000.0, "output_tokens": 200.0, **fields}


def served(id_: str, region: str, rate: float, **fields: Any) -> dict[str, Any]:
    base = {
        "id": id_,
        "kind": "answer",
        "model": "small",
        "precisions": ["bf16"],
        "disaggregated": False,
        "buckets": [bucket()],
        "demand": {"regions": [{"region": region, "rate_per_s": rate}]},
        "slo": {"ttft_s": 2.0, "tpot_s": 0.05},
    }
    return {**base, **fields}


WORKLOADS = {
    "chat": {
        "demand": {"scale": 40.0},
        "buckets": [
            bucket("b1", share=0.5),
            bucket("long", share=0.5, input_tokens=8000.0, cached_tokens=6000.0, gap="human"),
        ],
        "slo": {"ttft_s": 4.0, "tpot_s": 0.05, "completion_s": 60.0},
        "idle_kv": {
            "mean_gap_s": 600.0,
            "gaps": [{"id": "human", "held_s": 600.0, "writes_per_restore": 1.5}],
            "tiers": ["dram", "flash"],
        },
        "systems": ["gpu8", "old8"],
    },
    "batch": served("batch", "east", 200.0, systems=["gpu8"], shortfall_usd_per_request=5.0e-6),
    "agents": served(
        "agents",
        "east",
        20.0,
        kind="agentic",
        demand={"regions": [{"region": "east", "rate_per_s": 300.0, "slice_factors": {"day": 1.8, "night": 0.2}}]},
        slo={"completion_s": 600.0},
        max_delay_h=8.0,
        agent={"turns_per_task": 5.0, "tool_s": 5.0, "tool_core_s": 4.0, "sandbox_gb": 2.0, "sandbox_s": 60.0},
        stores=[{"id": "logs", "tiers": ["object"], "gb_per_request": 0.001, "retention_h": 100.0}],
        disaggregated=True,
        systems=["gpu8", "cloud8"],
    ),
    "spacey": served("spacey", "east", 3.0, systems=["sat"], jurisdictions=["orbit"]),
    "abroad": served("abroad", "far", 300.0, systems=["gpu8"], whole_replicas=True),
    "docs": served(
        "docs",
        "east",
        60.0,
        buckets=[bucket(input_tokens=8000.0, output_tokens=100.0)],
        slo={"ttft_s": 4.0, "tpot_s": 0.05},
        systems=["gpu8"],
        reuse_curve={
            "tiers": ["flash"],
            "points": [{"held_s": 60.0, "hit_share": 0.3}, {"held_s": 600.0, "hit_share": 0.5}],
            "shared_tokens": 1e7,
            "shared_hit_share": 0.1,
        },
    ),
    "bursty": served("bursty", "east", 200.0, systems=["cloud8"], whole_replicas=True),
    "pretrain": {
        "id": "pretrain",
        "kind": "training",
        "model": "small",
        "systems": ["gpu8"],
        "training": {
            "tokens": 2.0e11,
            "start": "2027q1",
            "deadline": "2027q2",
            "checkpoint_gb": 500.0,
            "checkpoint_tiers": ["flash"],
        },
    },
}

MEASURED = {"system": "gpu8", "bucket": "b1"}

CHANGES: dict[str, Any] = {
    "finance": {"wacc": 0.1, "carbon_usd_per_t": 50.0, "carbon_budget_t": [1e6], "capital_budget_usd": [5e8]},
    "jurisdictions": {"china": {"country": "CN"}},
    "trade": {
        "rules": [{"id": "rule", "destinations": ["CN"], "tpp_at_least": 4800.0}],
        "licences": [
            {"id": "lic", "systems": ["gpu8"], "jurisdiction": "china", "max_units": 500.0, "revenue_share": 0.25}
        ],
        "duties": [{"id": "duty", "jurisdictions": ["us"], "rate": 0.02}],
    },
    "network": {
        "regions": [
            {"id": "east", "jurisdiction": "us"},
            {"id": "far", "jurisdiction": "china", "data_may_enter": ["china"]},
        ],
        "links": [
            {"a": "east", "b": "virginia", "rtt_ms": 20.0, "usd_per_gb": 0.05, "capacity_gb_s": 10.0},
            {"a": "east", "b": "leo", "rtt_ms": 30.0},
            {"a": "far", "b": "guian", "rtt_ms": 25.0},
        ],
    },
    "workloads": WORKLOADS,
    "systems": {
        "gpu8": {
            "price": {"network_share": 0.1},
            "max_added_dram_gb": 1000.0,
            "usable_dram_gb": 50.0,
            "failures_per_year": 0.1,
            "maintenance_share_per_year": 0.05,
            "lot": 2,
        },
        "old8": OLD,
        "cloud8": RENTED,
        "cpu": CPU_RACK,
        "sat": {
            "failures_per_year": 0.1,
            "min_order": 2,
            "satellite": {"eclipse": "duty", "link_gb_s": 0.01, "check_share": 0.02},
            "chip": {**SATELLITE["chip"], "node_nm": 7.0},
        },
    },
    "memory": [
        {"id": "dram", "kind": "dram", "unit_gb": 500.0, "price": {"usd_per_gb": 10.0}, "power_w_per_gb": 0.2},
        {
            "id": "flash",
            "kind": "nvme",
            "unit_gb": 10_000.0,
            "price": {"usd_per_gb": 0.2},
            "slots_per_unit": 0.1,
            "read_gb_s": 10.0,
            "read_gb_s_per_tb": 0.5,
            "write_gb_s_per_tb": 0.3,
            "drive_writes_per_day": 60.0,
            "power_w_per_gb": 0.01,
            "maintenance_share_per_year": 0.02,
        },
        {"id": "object", "kind": "object", "unit_gb": 1000.0, "price": {"usd_per_gb_month": 0.02}},
    ],
    "sites": {
        "virginia": {
            "fixed_usd_per_year": 1e6,
            "space": {"slots": 500.0},
            "cooling": {"max_kw": 5000.0, "max_kw_per_slot": 50.0},
            "min_new_kw": 150.0,
            "max_new_kw": 4000.0,
            "power": {
                "sources": {
                    "grid": {"existing_kw": 100.0, "fixed_usd_per_kw_year": 20.0, "carbon_g_per_kwh": 300.0},
                    "gas": {
                        "max_new_kw": 4000.0,
                        "min_new_kw": 100.0,
                        "block_kw": 50.0,
                        "capex_usd_per_kw": 2000.0,
                        "energy_usd_per_mwh": 40.0,
                        "fixed_usd_per_kw_year": 30.0,
                        "carbon_g_per_kwh": 450.0,
                    },
                },
                "lease": {
                    "usd_per_kw_month": 10.0,
                    "max_kw": 60.0,
                    "energy_usd_per_mwh": 35.0,
                    "carbon_g_per_kwh": 350.0,
                    "min_term_months": 6.0,
                },
            },
        },
        "leo": {
            "orbit": {
                "launch_co2_kg_per_kg": 180.0,
                "eclipse_hours": 0.4,
                "downlink_gb_s": 0.01,
                "contact_share": 0.5,
                "relay_gb_s": 0.001,
                "launch_price_by_date": [{"since": "2027q2", "usd_per_kg": 900.0}],
                "tonnage_by_date": [{"since": "2027q2", "kg_per_period": 120_000.0}],
                "launch_loss_share": 0.02,
                "insurance_share": 0.05,
                "deployment_usd_per_kg": 20.0,
                "deorbit_usd_per_kg": 30.0,
                "upset_curve": {"node_nm": 5, "exponent": -0.5, "rad_per_silent_error": 17, "rad_per_memory_error": 44},
            }
        },
        "guian": {
            "jurisdiction": "china",
            "opening": {"cost_usd": 1e7},
            "fixed_usd_per_year": 5e5,
            "power": {"sources": [{"id": "grid", "existing_kw": 2000.0, "energy_usd_per_mwh": 50.0}]},
        },
    },
    "fleet": [
        {"id": "old", "system": "old8", "site": "virginia", "units": 6, "in_service": "2024q1", "end_of_life": "2029q4"}
    ],
    "supply": {
        "limits": [{"id": "acme", "vendor": "acme", "units_per_period": [400.0, 400.0]}],
        "max_vendor_share": {"cloudco": 0.9},
        "discounts": [
            {
                "id": "volume",
                "vendor": "acme",
                "kind": "incremental",
                "window": "year",
                "steps": [{"from_usd": 1e6, "discount": 0.05}, {"from_usd": 3e6, "discount": 0.1}],
            },
            {
                "id": "flown",
                "vendor": "orbitco",
                "kind": "all_units",
                "steps": [{"from_usd": 5e5, "discount": 0.05}],
            },
        ],
    },
    "measured": {
        "points": [
            {**MEASURED, "workload": "abroad", "tensor": 1, "batch": 16, "ttft_s": 0.1, "tpot_s": 0.02},
            {**MEASURED, "workload": "bursty", "system": "cloud8", "requests_per_s": 40.0, "ttft_s": 0.3},
        ]
    },
    "policy": {"limits": [{"id": "few", "systems": ["gpu8"], "measure": "chips", "share": True, "at_most": 0.99}]},
}


@cache
def rich_instance() -> Instance:
    return tiny_instance(**with_orbit(**CHANGES))


@cache
def found() -> Any:
    """Its candidates, enumerated once."""
    return candidates(rich_instance())


@cache
def rich_text() -> str:
    """plan.json of the solved and verified instance."""
    result = solve(rich_instance(), SolveOptions(gap=1e-4, time_limit_s=60.0))
    return json.dumps(result.plan.as_dict())


def rich_plan() -> dict[str, Any]:
    """A fresh copy of the plan as parsed JSON."""
    plan: dict[str, Any] = json.loads(rich_text())
    return plan
