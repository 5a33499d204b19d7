"""One small instance in which every equation has rows, with candidates of round rates: what the golden files show."""

from builders import CPU_RACK, with_orbit
from cases import candidate, case, model, offer, point, team

from fleetopt.instance.schema import Instance
from fleetopt.model.build import Model

WORKLOADS = {
    "chat": {
        "shortfall_usd_per_request": 0.01,
        "min_sites": 2,
        "min_site_share": 0.05,
        "max_site_share": 0.9,
        "sites_since": "2027q2",
        "disaggregated": True,
        "min_replicas": 1,
        "buckets": [
            {"id": "short", "share": 0.75, "input_tokens": 1000.0, "output_tokens": 200.0},
            {"id": "long", "share": 0.25, "input_tokens": 8000.0, "output_tokens": 500.0},
        ],
    },
    "agents": {
        "kind": "agentic",
        "model": "small",
        "max_delay_h": 6.0,
        "buckets": [
            {"id": "turn", "share": 1.0, "input_tokens": 9000.0, "cached_tokens": 8000.0, "output_tokens": 300.0}
        ],
        "demand": {"regions": [{"region": "east", "rate_per_s": 4.0}], "growth_per_period": 0.5},
        "agent": {"turns_per_task": 10.0, "tool_s": 5.0, "tool_core_s": 8.0, "sandbox_gb": 2.0, "sandbox_s": 30.0},
        "idle_kv": {"mean_gap_s": 10.0, "tiers": ["dram", "nvme"]},
        "stores": [{"id": "logs", "tiers": ["object"], "gb_per_request": 0.001, "retention_h": 24.0}],
    },
    "pretrain": {
        "kind": "training",
        "model": "small",
        "training": {
            "tokens": 1e9,
            "start": "2027q1",
            "deadline": "2027q2",
            "checkpoint_gb": 4000.0,
            "checkpoint_tiers": ["nvme", "object"],
        },
    },
    "docs": {
        "kind": "answer",
        "model": "small",
        "buckets": [{"id": "page", "share": 1.0, "input_tokens": 8000.0, "output_tokens": 100.0}],
        "demand": {"regions": [{"region": "east", "rate_per_s": 0.5}], "parts": 4},
        "one_system": True,
        "min_replicas": 1,
        "slo": {"ttft_s": 4.0, "tpot_s": 0.05},
        "reuse_curve": {
            "tiers": ["dram", "nvme"],
            "points": [{"held_s": 60.0, "hit_share": 0.3}, {"held_s": 600.0, "hit_share": 0.5}],
            "shared_tokens": 1e6,
            "shared_hit_share": 0.1,
        },
    },
}
SYSTEMS = {
    "gpu8": {
        "rent": {"usd_per_h": 20.0, "max_units": 16, "min_term_months": 6.0},
        "rental_classes": [
            {
                "id": "spot",
                "usd_per_h": 9.0,
                "max_units": 4,
                "preemption_share": 0.1,
                "preemptions_per_day": 4.0,
                "restart_h": 0.3,
            }
        ],
        "resale": {"first_share": 0.5},
        "failures_per_year": 0.1,
        "repair_days": 36.525,
        "max_added_dram_gb": 1000.0,
        "maintenance_share_per_year": 0.05,
        "lot": 2,
        "min_order": 5,
    },
    "cpu": CPU_RACK,
    "sat": {
        "failures_per_year": 0.19,
        "satellite": {"eclipse": "duty", "link_gb_s": 0.02},
        "usable_dram_gb": 200.0,
        "usable_cpu_cores": 8.0,
    },
}
MEMORY = [
    {"id": "dram", "kind": "dram", "unit_gb": 1000.0, "price": {"usd_per_gb": 10.0}, "power_w_per_gb": 0.4},
    {
        "id": "nvme",
        "kind": "nvme",
        "unit_gb": 10_000.0,
        "price": {"usd_per_gb": 0.5},
        "power_w_per_gb": 0.01,
        "slots_per_unit": 0.1,
        "read_gb_s_per_tb": 2.0,
        "write_gb_s_per_tb": 1.0,
        "drive_writes_per_day": 100.0,
    },
    {"id": "object", "kind": "object", "price": {"usd_per_gb_month": 0.02}},
]
SITES = {
    "virginia": {
        "space": {"slots": 60.0},
        "cooling": {"max_kw": 500.0, "max_kw_per_slot": 40.0},
        "min_new_kw": 200.0,
        "max_new_kw": 800.0,
        "power": {
            "sources": {
                "grid": {"existing_kw": 300.0, "block_kw": 100.0, "max_new_kw": 500.0, "capex_usd_per_kw": 900.0},
                "solar": {"max_new_kw": 400.0, "min_new_kw": 100.0, "block_kw": 50.0, "firm_share": 0.0},
            },
            "lease": {
                "usd_per_kw_month": 150.0,
                "max_kw": 200.0,
                "energy_usd_per_mwh": 90.0,
                "carbon_g_per_kwh": 300.0,
                "min_term_months": 6.0,
            },
        },
    },
    "texas": {
        "jurisdiction": "us",
        "opening": {"cost_usd": 2_000_000.0, "life_years": 20.0},
        "power": {
            "pue_peak": 1.5,
            "sources": [
                {
                    "id": "gas",
                    "existing_kw": 400.0,
                    "firm_share": 0.5,
                    "energy_usd_per_mwh": 45.0,
                    "carbon_g_per_kwh": 450.0,
                }
            ],
        },
    },
    "leo": {
        "opening": {"cost_usd": 5_000_000.0, "life_years": 10.0},
        "orbit": {"downlink_gb_s": 0.5, "contact_share": 0.25, "relay_gb_s": 0.1, "launch_co2_kg_per_kg": 180.0},
    },
}
LINKS = [
    {"a": "east", "b": "virginia", "rtt_ms": 20.0},
    {"a": "east", "b": "texas", "rtt_ms": 40.0, "capacity_gb_s": 0.001, "usd_per_gb": 0.05},
    {"a": "east", "b": "leo", "rtt_ms": 30.0},
]
STEPS = [{"from_usd": 3e6, "discount": 0.05}, {"from_usd": 5e6, "discount": 0.1}]
HELD = {
    "id": "old",
    "system": "gpu8",
    "site": "virginia",
    "units": 8,
    "in_service": "2025q1",
    "end_of_life": "2027q1",
}
CANDIDATES = (
    candidate("chat.pair", units=2.0, whole=True, points={"short": point("short", 8.0), "long": point("long", 2.0)}),
    candidate("chat.texas", site="texas", points={"short": point("short", 4.0), "long": point("long", 1.0)}),
    candidate("chat.leo", site="leo", system="sat", points={"short": point("short", 2.0)}),
    candidate("chat.pre", stage="prefill", points={"long": point("long", 10.0)}),
    candidate("chat.dec", stage="decode", units=0.5, points={"long": point("long", 4.0)}),
    candidate("agents.parked", workload="agents", reuse="parked", points={"turn": point("turn", 2.0, 100.0)}),
    candidate(
        "agents.leo",
        workload="agents",
        site="leo",
        system="sat",
        reuse="parked",
        points={"turn": point("turn", 1.0, 50.0)},
    ),
    candidate("docs.none", workload="docs", points={"page": point("page", 1.0)}),
    candidate("docs.shared", workload="docs", reuse="prefix-0", points={"page": point("page", 1.1)}),
    candidate("docs.hits", workload="docs", reuse="prefix-1", points={"page": point("page", 1.6, 60.0)}),
)
TEAMS = (team("pretrain.virginia"), team("pretrain.texas", units=6, periods=0.5, site="texas"))
OFFERS = (
    offer(
        rent_periods=(0, 1),
        owned_periods=(0,),
        lead_periods=0,
        duty_rate={0: 0.25, 1: 0.25},
        licence={0: "deal", 1: "deal"},
    ),
    offer(site="texas", buy=(1,), lead_periods=1),
    offer("cpu"),
    offer("sat", "leo", mass_kg=1000.0),
)


def rich_instance() -> Instance:
    """Ground and orbit with openings, training, deferral, parked KV, tiers, rent, a licence, limits and a budget."""
    return case(
        **with_orbit(
            workloads=WORKLOADS,
            systems=SYSTEMS,
            memory=MEMORY,
            sites=SITES,
            network={"links": LINKS},
            fleet=[HELD],
            finance={"wacc": 0.1, "capital_budget_usd": [20e6, 30e6], "carbon_budget_t": [500.0, 400.0]},
            supply={
                "limits": [{"id": "acme", "vendor": "acme", "units_per_period": [10.0, 20.0]}],
                "max_vendor_share": {"acme": 0.9},
                "discounts": [
                    {"id": "volume", "vendor": "acme", "kind": "all_units", "steps": STEPS},
                    {"id": "loyal", "vendor": "orbitco", "kind": "incremental", "window": "year", "steps": STEPS},
                ],
            },
            trade={
                "licences": [{"id": "deal", "systems": ["gpu8"], "jurisdiction": "us", "max_units": 40.0}],
                "seller_shipments": [
                    {
                        "id": "gpus",
                        "systems": ["gpu8"],
                        "chips_per_period": [2000.0],
                        "expected_share": 0.5,
                        "home": "XO",
                        "destinations": ["US"],
                    }
                ],
            },
            policy={
                "spares": [
                    {"id": "one-more", "sites": ["texas"], "units": 1},
                    {"id": "sure", "systems": ["gpu8"], "sites": ["virginia"], "confidence": 0.999},
                ],
                "frozen_until": "2027q1",
                "purchases": [
                    {"period": "2027q1", "site": "leo", "system": "sat", "units": 2.0},
                    {"period": "2027q1", "site": "leo"},
                ],
                "limits": [
                    {"id": "home", "sites": ["virginia"], "at_least": 4.0, "periods": ["2027q2"]},
                    {"id": "acme-share", "vendors": ["acme"], "at_most": 0.9, "share": True, "measure": "power_kw"},
                ],
            },
        )
    )


def rich_model() -> Model:
    """The programme of the rich instance."""
    return model(rich_instance(), CANDIDATES, OFFERS, TEAMS)
