"""Checks of the whole: each bad instance gives the finding expected, at its path, and nothing else."""

import copy
from collections.abc import Sequence
from typing import Any

import pytest
from builders import BASE, CPU_RACK, ORBIT_SITE, SATELLITE, merge, tiny_raw, with_orbit

from fleetopt.errors import InputError
from fleetopt.instance.checks import check
from fleetopt.instance.load import load_dict
from fleetopt.instance.located import dotted
from fleetopt.instance.schema import Instance

CHAT = BASE["workloads"][0]
BUCKET = CHAT["buckets"][0]
NVME = {"id": "nvme", "kind": "nvme", "price": {"usd_per_gb": 0.1}}
TRAIN = {"kind": "training", "model": "small", "training": {"tokens": 1e12, "start": "2027q1", "deadline": "2027q2"}}
AGENT = {**CHAT, "kind": "agentic", "agent": {"turns_per_task": 5, "tool_s": 2}, "slo": {"completion_s": 600}}
HOLDING = {
    "id": "old",
    "system": "gpu8",
    "site": "virginia",
    "units": 3,
    "in_service": "2025q1",
    "end_of_life": "2029q4",
}
WITH_NVME = {"memory": [NVME], "workloads": {"chat": {"idle_kv": {"mean_gap_s": 9, "tiers": ["nvme"]}}}}
LOGS = {"id": "log", "tiers": ["nvme"], "gb_per_request": 1, "retention_h": 1}
LIMIT = {"id": "cap", "at_most": 5}
Raw = dict[str, Any]


def findings(raw: Raw) -> list[tuple[str, str]]:
    """Path and message of every finding on a schema-valid instance."""
    return [(dotted(f.path, raw), f.message) for f in check(Instance.model_validate(raw)) if not f.warning]


def warnings(raw: Raw) -> list[tuple[str, str]]:
    """Path and message of every warning on a valid instance."""
    return [(issue.path, issue.message) for issue in load_dict(copy.deepcopy(raw)).warnings]


def chat(**changes: Any) -> Raw:
    """The tiny instance with its workload changed."""
    return tiny_raw(workloads={"chat": changes})


def buckets(**changes: Any) -> Raw:
    """... with its only bucket changed."""
    return chat(buckets={"b1": changes})


def curve(points: Sequence[tuple[float, float]] = ((9.0, 0.2),), **fields: Any) -> Raw:
    """... with a prefix cache in flash."""
    measured = [{"held_s": size, "hit_share": share} for size, share in points]
    return tiny_raw(
        memory=[NVME], workloads={"chat": {"reuse_curve": {"tiers": ["nvme"], "points": measured, **fields}}}
    )


def only(workload: Raw, **sections: Any) -> Raw:
    """The tiny instance with one other workload instead."""
    raw = tiny_raw(**sections)
    return {**raw, "workloads": [{"id": "w", **{k: v for k, v in workload.items() if k != "id"}}]}


def links(*ends: tuple[str, str]) -> Raw:
    """... with these links."""
    return tiny_raw(network={"links": [{"a": a, "b": b, "rtt_ms": 1} for a, b in ends]})


def slices(*parts: tuple[float, float], cycle: str = "day") -> Raw:
    """... with slices of these starts and lengths, and no slice factors."""
    rows = [{"id": f"s{n}", "start_hour": start, "hours": hours} for n, (start, hours) in enumerate(parts)]
    raw = chat(demand={"regions": [{"region": "east", "rate_per_s": 1}]})
    return {**raw, "time": {**raw["time"], "slices": rows, "cycle": cycle}}


def fleet(**changes: Any) -> Raw:
    """... with a holding."""
    return tiny_raw(fleet=[{**HOLDING, **changes}])


def table(*rows: tuple[str, str, str]) -> Raw:
    """... with a demand table of period, slice and region at 1 request a second."""
    demand = {"regions": [], "table": [{"period": p, "slice": s, "region": r, "rate_per_s": 1} for p, s, r in rows]}
    return chat(demand=demand)


GOOD = {
    "tiny": tiny_raw(),
    "orbit": tiny_raw(**with_orbit()),
    "training": only(TRAIN),
    "agents": only(AGENT),
    "cached": merge(buckets(cached_tokens=1000), WITH_NVME),
    "wrapping slices": slices((6, 12), (18, 12)),
    "a week": slices((0, 100), (100, 68), cycle="week"),
    "table": table(("2027q1", "day", "east"), ("2027q2", "night", "east")),
    "holding": fleet(),
    "decisions": tiny_raw(
        policy={
            "frozen_until": "2027q1",
            "purchases": [
                {"period": "2027q2", "site": "virginia", "system": "gpu8", "units": 4},
                {"period": "2027q1", "site": "virginia", "system": "gpu8", "acquisition": "rent", "units": 0.5},
                {"period": "2027q1", "site": "virginia", "system": "gpu8", "acquisition": "rent", "rental": "spot"},
                {"period": "2027q1", "site": "virginia", "tier": "nvme"},
                {"period": "2027q1", "site": "virginia", "source": "grid"},
            ],
            "limits": [{"id": "cap", "of": "bought", "exactly": 3, "together": True}],
        },
        systems={"gpu8": {"lead_months": 3.0, "rental_classes": [{"id": "spot", "usd_per_h": 1.0}]}},
        memory=[NVME],
    ),
    "residual table": tiny_raw(finance={"residual": "table", "residual_table": [[0, 0.9], [0.5, 0.2]]}),
    "years": {**chat(demand={"growth_per_period": 0.2}), "time": {**BASE["time"], "start": "2027", "periods": 3}},
}  # fmt: skip


SPOT = {"gpu8": {"rental_classes": [{"id": "spot", "usd_per_h": 1.0}]}}


def decided(*purchases: Raw, until: str | None = "2027q1", **sections: Any) -> Raw:
    """... with purchases decided on for the first quarter's orders."""
    base = {"period": "2027q1", "site": "virginia"}
    return tiny_raw(policy={"frozen_until": until, "purchases": [{**base, **p} for p in purchases]}, **sections)


def spares(**rule: Any) -> Raw:
    """... with a spare rule, on the ground and in orbit."""
    return tiny_raw(**with_orbit(policy={"spares": [{"id": "mine", **rule}]}))


def seller(**fields: Any) -> Raw:
    """... with the shipments of a seller."""
    base = {"id": "s", "systems": ["gpu8"], "chips_per_period": [9], "expected_share": 0.1}
    return tiny_raw(trade={"seller_shipments": [{**base, **fields}]})


BAD: list[tuple[Raw, str, str]] = [
    # trade
    (seller(chips_per_period=[-1]), "trade.seller_shipments.s.chips_per_period.0", "-1 is negative"),
    (seller(systems=["gpu9"]), "trade.seller_shipments.s.systems.0", "no system 'gpu9'"),
    (seller(since="2027"), "trade.seller_shipments.s.since", "is a year, and this plan goes by quarters"),
    (seller(home="CN"), "trade.seller_shipments.s.home", "CN is a destination too"),
    (merge(seller(systems=["cpu"]), {"systems": {"cpu": CPU_RACK}}),
     "trade.seller_shipments.s.systems.0", "'cpu' has no accelerators"),
    (tiny_raw(trade={"duties": [{"id": "d", "jurisdictions": ["us"], "rate": 0.1, "since": "2027q2",
                                 "until": "2027q1"}]}),
     "trade.duties.d.until", "2027q1 comes before 2027q2"),
    (tiny_raw(trade={"licences": [{"id": "l", "systems": ["gpu8"], "jurisdiction": "us", "since": "2027q2",
                                   "until": "2027q1"}]}), "trade.licences.l.until", "2027q1 comes before 2027q2"),
    # reliability
    (spares(), "policy.spares.mine", "needs units or confidence"),
    (spares(units=1, confidence=0.9), "policy.spares.mine", "needs units or confidence"),
    (spares(confidence=1.0), "policy.spares.mine.confidence", "a probability of 1 cannot be planned for"),
    (spares(units=1, sites=["leo"]), "policy.spares.mine.sites.0", "nothing is repaired in orbit"),
    (spares(units=1, sites=["nowhere"]), "policy.spares.mine.sites.0", "no site 'nowhere'"),
    (spares(units=1, systems=["gpu9"]), "policy.spares.mine.systems.0", "no system 'gpu9'"),
    (chat(min_sites=2), "workloads.chat.min_sites", "2 sites, and 1 are enabled"),
    (chat(min_sites=1, sites_since="2028q1"), "workloads.chat.sites_since", "lies after the horizon"),
    (chat(min_sites=1, sites_since="2027"), "workloads.chat.sites_since", "is a year, and this plan goes by quarters"),
    (chat(max_site_share=0.5), "workloads.chat.max_site_share", "1 sites with at most 0.5"),
    (tiny_raw(sites={"texas": {"jurisdiction": "us", "enabled": True}},
              workloads={"chat": {"min_sites": 2, "min_site_share": 0.6}}),
     "workloads.chat.min_site_share", "more than all"),
    (only({**TRAIN, "min_sites": 1}), "workloads.w.min_sites", "a training run is done at one site"),
    (only({**TRAIN, "max_site_share": 0.5}), "workloads.w.max_site_share", "a training run is done at one site"),
    # decisions
    (decided({"system": "gpu8"}, until=None), "policy.purchases.0", "no period is frozen"),
    (decided(until="2028q1"), "policy.frozen_until", "2028q1 lies outside the horizon"),
    (decided(until="2027"), "policy.frozen_until", "2027 is a year, and this plan goes by quarters"),
    (decided({"system": "gpu8", "tier": "nvme"}, memory=[NVME]), "policy.purchases.0.tier", "stands beside system"),
    (decided({"system": "gpu8"}, {"system": "gpu8"}), "policy.purchases.1", "stands twice"),
    (decided({"system": "gpu8", "units": 1.5}), "policy.purchases.0.units", "1.5 is not whole"),
    (decided({"tier": "nvme", "acquisition": "rent"}, memory=[NVME]), "policy.purchases.0.acquisition", "only systems"),
    (decided({"system": "gpu8", "rental": "spot"}), "policy.purchases.0.rental", "only what is rented"),
    (decided({"system": "gpu8", "acquisition": "rent", "rental": "spott"}, systems=SPOT),
     "policy.purchases.0.rental", "gpu8 has no rental class 'spott'"),
    (decided({"source": "gas"}), "policy.purchases.0.source", "no source 'gas'"),
    (decided({}), "policy.purchases.0", "site 'virginia' is open already"),
    (decided({"units": 2.0}, sites={"virginia": {"opening": {"cost_usd": 1.0}}}),
     "policy.purchases.0.units", "a site opens once"),
    (decided({"system": "gpu9"}), "policy.purchases.0.system", "no system 'gpu9'"),
    (decided({"system": "gpu8"}, systems={"gpu8": {"lead_months": 3.0}}),
     "policy.purchases.0.period", "is ordered in 2026q4, outside the horizon"),
    (decided({"system": "gpu8", "period": "2027q2"}), "policy.purchases.0.period", "after the frozen periods"),
    (decided({"system": "gpu8", "period": "2028q2"}), "policy.purchases.0.period", "lies after the horizon"),
    (tiny_raw(policy={"limits": [{**LIMIT, "exactly": 3}]}), "policy.limits.cap.exactly", "stands beside at_least or"),
    (tiny_raw(policy={"limits": [{**LIMIT, "together": True}]}), "policy.limits.cap.together", "counted again"),
    # finance
    (tiny_raw(finance={"residual": "table"}), "finance.residual", "there is no table"),
    (tiny_raw(finance={"residual_table": [[0.5, 0.5]]}), "finance.residual_table", "no effect with residual: annuity"),
    (tiny_raw(finance={"residual": "table", "residual_table": [[0.5, 0.5], [0.5, 0.4]]}),
     "finance.residual_table.1", "does not come after 0.5"),
    (tiny_raw(finance={"residual": "table", "residual_table": [[0.2, 0.5], [0.5, 0.6]]}),
     "finance.residual_table.1", "0.6 of the price is left, more than 0.5 before"),
    # identity
    (tiny_raw(systems=[*BASE["systems"], BASE["systems"][0]]), "systems.gpu8.id", "given twice"),
    (chat(buckets=[{**BUCKET, "share": 0.5}, {**BUCKET, "share": 0.5}]), "workloads.chat.buckets.b1.id", "given twice"),
    (chat(demand={"regions": [{"region": "east", "rate_per_s": 1}] * 2}),
     "workloads.chat.demand.regions.east.region", "twice"),
    (table(("2027q1", "day", "east"), ("2027q1", "day", "east")), "workloads.chat.demand.table.1", "given twice"),
    (tiny_raw(sites={"virginia": {"power": {"sources": [{"id": "grid"}, {"id": "grid"}]}}}),
     "sites.virginia.power.sources.grid.id", "given twice"),
    (tiny_raw(sites={"east": {"jurisdiction": "us"}}), "sites.east.id", "a region has the id"),
    (links(("east", "virginia"), ("virginia", "east")), "network.links.virginia-east", "linked twice"),
    (links(("east", "virginia"), ("east", "east")), "network.links.east-east.b", "to itself"),
    (tiny_raw(sites={"virginia": {"power": {"sources": [{"id": "lease"}]}}}),
     "sites.virginia.power.sources.lease.id", "a plan calls leased power 'lease'"),
    (fleet(id="bought-2027q1"), "fleet.bought-2027q1.id", "begin with 'bought-'"),
    # references
    (tiny_raw(network={"regions": {"east": {"jurisdiction": "uk"}}}),
     "network.regions.east.jurisdiction", "no jurisdiction"),
    (tiny_raw(network={"regions": {"east": {"data_may_enter": ["uk"]}}}),
     "network.regions.east.data_may_enter.0", "no jurisd"),
    (links(("east", "virginia"), ("east", "x")), "network.links.east-x.b", "no region or site 'x'"),
    (tiny_raw(sites={"virginia": {"jurisdiction": "uk"}}), "sites.virginia.jurisdiction", "no jurisdiction"),
    (chat(model="huge"), "workloads.chat.model", "no model"),
    (chat(systems=["gpu9"]), "workloads.chat.systems.0", "no system"),
    (chat(jurisdictions=["uk"]), "workloads.chat.jurisdictions.0", "no jurisdiction"),
    (chat(demand={"regions": [{"region": "west", "rate_per_s": 1}]}),
     "workloads.chat.demand.regions.west.region", "no region"),
    (chat(demand={"regions": [{"region": "east", "rate_per_s": 1, "slice_factors": {"noon": 2}}]}),
     "workloads.chat.demand.regions.east.slice_factors.noon", "no slice 'noon'"),
    (table(("2027q1", "noon", "east")), "workloads.chat.demand.table.0.slice", "no slice"),
    (table(("2027q1", "day", "west")), "workloads.chat.demand.table.0.region", "no region"),
    (chat(idle_kv={"mean_gap_s": 9, "tiers": ["tape"]}), "workloads.chat.idle_kv.tiers.0", "no memory tier"),
    (curve(tiers=["tape"]), "workloads.chat.reuse_curve.tiers.0", "no memory tier"),
    (chat(stores=[{"id": "log", "tiers": ["tape"], "gb_per_request": 1, "retention_h": 1}]),
     "workloads.chat.stores.log.tiers.0", "no memory tier"),
    (only(merge(TRAIN, {"training": {"checkpoint_tiers": ["tape"]}})),
     "workloads.w.training.checkpoint_tiers.0", "no memory"),
    (fleet(system="gpu9"), "fleet.old.system", "no system"),
    (fleet(site="moon"), "fleet.old.site", "no site"),
    (tiny_raw(trade={"licences": [{"id": "l", "systems": ["gpu9"], "jurisdiction": "us"}]}),
     "trade.licences.l.systems.0", "no sys"),
    (tiny_raw(trade={"licences": [{"id": "l", "systems": [], "jurisdiction": "uk"}]}),
     "trade.licences.l.jurisdiction", "no jur"),
    (tiny_raw(trade={"duties": [{"id": "d", "jurisdictions": ["uk"], "rate": 0.1}]}),
     "trade.duties.d.jurisdictions.0", "no jur"),
    (tiny_raw(trade={"duties": [{"id": "d", "jurisdictions": ["us"], "systems": ["x"], "rate": 0.1}]}),
     "trade.duties.d.systems.0", "no system"),
    (tiny_raw(policy={"limits": [{**LIMIT, "systems": ["x"]}]}), "policy.limits.cap.systems.0", "no system"),
    (tiny_raw(policy={"limits": [{**LIMIT, "vendors": ["x"]}]}), "policy.limits.cap.vendors.0", "no vendor"),
    (tiny_raw(policy={"limits": [{**LIMIT, "sites": ["x"]}]}), "policy.limits.cap.sites.0", "no site"),
    (tiny_raw(supply={"limits": [{"id": "s", "systems": ["x"], "units_per_period": [1]}]}),
     "supply.limits.s.systems.0", "no sys"),
    (tiny_raw(supply={"limits": [{"id": "s", "vendor": "x", "units_per_period": [1]}]}),
     "supply.limits.s.vendor", "no vendor"),
    (tiny_raw(supply={"limits": [{"id": "s", "vendor": "acme", "jurisdictions": ["uk"], "units_per_period": [1]}]}),
     "supply.limits.s.jurisdictions.0", "no jurisdiction"),
    # horizon
    (slices((0, 12), (12, 11)), "time.slices", "add up to 23 hours, and the cycle (day) has 24"),
    (slices((0, 12), (13, 12)), "time.slices.s1.start_hour", "starts at hour 13, and 's0' before it ends at 12"),
    (slices((0, 24), (0, 0)), "time.slices.s1.hours", "no length"),
    (slices((30, 24)), "time.slices.s0.start_hour", "beyond the cycle"),
    (merge(tiny_raw(), {"time": {"start": "1027q1"}}), "time.start", "not a year to plan for"),
    (table(("2027", "day", "east")),
     "workloads.chat.demand.table.0.period", "is a year, and this plan goes by quarters"),
    (table(("2028q1", "day", "east")),
     "workloads.chat.demand.table.0.period", "lies outside the horizon, 2027q1 to 2027q2"),
    (tiny_raw(policy={"limits": [{**LIMIT, "periods": ["2031q1"]}]}),
     "policy.limits.cap.periods.0", "outside the horizon"),
    (merge(only(merge(TRAIN, {"training": {"start": "2027", "deadline": "2027"}})), {"time": {"periods": 4}}),
     "workloads.w.training.start", "is a year"),
    ({**fleet(end_of_life="2030"), "time": {**BASE["time"], "start": "2027"}}, "fleet.old.in_service", "is a quarter"),
    (only(merge(TRAIN, {"training": {"deadline": "2027q3"}})), "workloads.w.training.deadline", "outside the horizon"),
    (only(merge(TRAIN, {"training": {"start": "2026q4"}})), "workloads.w.training.start", "outside the horizon"),
    (only(merge(TRAIN, {"training": {"start": "2027q2", "deadline": "2027q1"}})),
     "workloads.w.training.deadline", "before the start"),
    (tiny_raw(systems={"gpu8": {"available_from": "2027"}}), "systems.gpu8.available_from", "is a year"),
    (tiny_raw(sites={"virginia": {"opening": {"cost_usd": 1, "earliest": "2027"}}}),
     "sites.virginia.opening.earliest", "is a year"),
    (tiny_raw(trade={"rules": [{"id": "r", "since": "2023", "until": "2030q1"}]}), "trade.rules.r.since", "is a year"),
    (tiny_raw(trade={"duties": [{"id": "d", "jurisdictions": ["us"], "rate": 0.1, "since": "2027"}]}),
     "trade.duties.d.since", "is a year"),
    (tiny_raw(trade={"licences": [{"id": "l", "systems": ["gpu8"], "jurisdiction": "us", "since": "2027"}]}),
     "trade.licences.l.since", "is a year"),
    # workloads
    (only({k: v for k, v in TRAIN.items() if k != "training"}), "workloads.w", "needs the section training"),
    (chat(training=TRAIN["training"]), "workloads.chat.training", "only a workload of kind training"),
    (only({**AGENT, "agent": None}), "workloads.w", "needs the section agent"),
    (chat(agent=AGENT["agent"]), "workloads.chat.agent", "only a workload of kind agentic"),
    (only({**TRAIN, "buckets": [BUCKET]}), "workloads.w.buckets", "a training run has none"),
    (only({**TRAIN, "demand": CHAT["demand"]}), "workloads.w.demand", "no arrivals"),
    (chat(buckets=[]), "workloads.chat", "no request sizes"),
    (buckets(share=0.9), "workloads.chat.buckets", "add up to 0.9, not to 1"),
    (merge(buckets(cached_tokens=1001), WITH_NVME),
     "workloads.chat.buckets.b1.cached_tokens", "1001 cached tokens of 1000"),
    (buckets(cached_tokens=10), "workloads.chat", "nothing says where they lie"),
    (chat(max_delay_h=25), "workloads.chat.max_delay_h", "exceed the cycle"),
    (chat(slo={"ttft_s": None}), "workloads.chat.slo", "needs the target ttft_s"),
    (chat(slo={"tpot_s": None}), "workloads.chat.slo", "needs the target tpot_s"),
    (only({**AGENT, "slo": {}}), "workloads.w.slo", "needs the target completion_s"),
    (chat(slo={"ttft_s": 0}), "workloads.chat.slo.ttft_s", "target of 0"),
    (chat(demand={"regions": []}), "workloads.chat.demand", "has no demand"),
    (chat(demand={"table": [{"period": "2027q1", "slice": "day", "region": "east", "rate_per_s": 1}]}),
     "workloads.chat.demand.table", "stands beside regions"),
    (chat(demand={"period_factors": [1.0]}), "workloads.chat.demand.period_factors", "1 factors for 2 periods"),
    (chat(demand={"period_factors": [1.0, -1.0]}), "workloads.chat.demand.period_factors.1", "negative"),
    (chat(demand={"period_factors": [1, 1], "growth_per_period": 0.1}),
     "workloads.chat.demand.growth_per_period", "stands beside"),
    (merge(table(("2027q1", "day", "east")), {"workloads": {"chat": {"demand": {"growth_per_period": 0.1}}}}),
     "workloads.chat.demand.growth_per_period", "no effect on a table"),
    (chat(demand={"regions": [{"region": "east", "rate_per_s": 1, "slice_factors": {"day": -2}}]}),
     "workloads.chat.demand.regions.east.slice_factors.day", "negative"),
    # models
    (tiny_raw(models={"small": {"kv_heads": 7}}), "models.small.kv_heads", "32 heads do not group by 7"),
    (tiny_raw(models={"small": {"dense_ffn": 0}}), "models.small.dense_ffn", "no feed-forward width"),
    (tiny_raw(models={"small": {"experts": {"routed": 4, "active": 5, "ffn": 9, "layers": 32}}}),
     "models.small.experts.active", "5 act"),
    (tiny_raw(models={"small": {"experts": {"routed": 4, "active": 2, "ffn": 9, "layers": 33}}}),
     "models.small.experts.layers", "33 of"),
    (tiny_raw(models={"small": {"full_attention_layers": 30, "sliding_layers": 3, "sliding_window": 9}}),
     "models.small.full_attention_layers", "of 32"),
    (tiny_raw(models={"small": {"sliding_layers": 3}}), "models.small.sliding_window", "no window"),
    (tiny_raw(models={"small": {"sliding_layers": 33, "sliding_window": 1}}),
     "models.small.sliding_layers", "33 of 32"),
    # equipment
    (tiny_raw(systems={"gpu8": {"chips": 0}}), "systems.gpu8.chip", "no number of chips"),
    (tiny_raw(systems={"cpu": {**CPU_RACK, "chips": 3}}), "systems.cpu.chips", "no chip"),
    (tiny_raw(systems={"cpu": {**CPU_RACK, "kind": "rack"}}), "systems.cpu.kind", "needs a chip"),
    (tiny_raw(systems={"gpu8": {"kind": "satellite"}}), "systems.gpu8", "needs the section satellite"),
    (tiny_raw(systems={"gpu8": {"satellite": SATELLITE["satellite"]}}),
     "systems.gpu8.satellite", "only kind satellite"),
    (tiny_raw(memory=[{**NVME, "slots_per_unit": -1}]), "memory.nvme.slots_per_unit", "negative"),
    (tiny_raw(memory=[{**NVME, "unit_gb": 0}]), "memory.nvme.unit_gb", "holds nothing"),
    (only(merge(TRAIN, {"training": {"checkpoint_every_h": 0}})), "workloads.w.training.checkpoint_every_h", "no time"),
    (only(merge(TRAIN, {"training": {"checkpoint_gb": 5}})), "workloads.w.training.checkpoint_tiers", "no tier that"),
    (only(merge(AGENT, {"agent": {"sandbox_gb": 1, "sandbox_s": 9}}), memory=[NVME]),
     "workloads.w.agent.sandbox_gb", "no tier that may hold this"),
    (tiny_raw(memory=[{**NVME, "enabled": False}], workloads={"chat": {"stores": [LOGS]}}),
     "workloads.chat.stores.log.tiers", "no tier that may hold this"),
    (curve(points=[(0.0, 0.1)]), "workloads.chat.reuse_curve.points.0.held_s", "0 s is no more than the 0 s before it"),
    (curve(points=[(9.0, 0.1), (9.0, 0.2)]), "workloads.chat.reuse_curve.points.1.held_s", "no more than the 9 s"),
    (curve(points=[(9.0, 0.8)], shared_tokens=5, shared_hit_share=0.3),
     "workloads.chat.reuse_curve.points.0.hit_share", "more than the whole input"),
    (curve(shared_tokens=5), "workloads.chat.reuse_curve.shared_hit_share", "a size and a share"),
    (curve(shared_hit_share=0.5), "workloads.chat.reuse_curve.shared_tokens", "a size and a share"),
    (merge(curve(), {"workloads": WITH_NVME["workloads"]}), "workloads.chat.reuse_curve", "counts the turns"),
    (merge(curve(), {"workloads": {"chat": {"buckets": {"b1": {"cached_tokens": 9}}}}}),
     "workloads.chat.reuse_curve", "counts the turns"),
    (only({**TRAIN, "reuse_curve": {"tiers": ["nvme"], "points": [{"held_s": 9, "hit_share": 0.2}]}}, memory=[NVME]),
     "workloads.w.reuse_curve", "a training run has none"),
    (fleet(end_of_life="2024q4"), "fleet.old.end_of_life", "comes before 2025q1"),
    (tiny_raw(**with_orbit(fleet=[{**HOLDING, "site": "leo"}])),
     "fleet.old.site", "a server cannot stand at the orbit site"),
    (tiny_raw(**with_orbit(fleet=[{**HOLDING, "system": "sat"}])),
     "fleet.old.site", "a satellite cannot stand at the ground"),
    # sites
    (tiny_raw(sites={"virginia": {"kind": "orbit", "power": {"sources": []}}}),
     "sites.virginia", "needs the section orbit"),
    (tiny_raw(sites={"virginia": {"orbit": ORBIT_SITE["orbit"]}}), "sites.virginia.orbit", "only kind orbit"),
    (tiny_raw(**with_orbit(sites={"leo": {"power": {"sources": [{"id": "g"}]}}})),
     "sites.leo.power.sources", "no power of its own"),
    (tiny_raw(**with_orbit(sites={"leo": {"cooling": {"max_kw": 9.0}}})), "sites.leo.cooling", "no cooling plant"),
    (tiny_raw(**with_orbit(sites={"leo": {"orbit": {"relay_gb_s": 1.0}}})), "sites.leo.orbit.relay_gb_s", "no effect"),
    (tiny_raw(**with_orbit(sites={"leo": {"orbit": {"contact_share": 0.5}}})),
     "sites.leo.orbit.contact_share", "no effect"),
    (tiny_raw(**with_orbit(systems={"sat": {"satellite": {"bus_power_kw": 6.0}}})),
     "systems.sat.satellite.bus_power_kw", "6 kW of 5 kW"),
    (tiny_raw(**with_orbit(sites={"leo": {"min_new_kw": 9.0}})), "sites.leo.min_new_kw", "no power is built"),
    (tiny_raw(**with_orbit(sites={"leo": {"max_new_kw": 9.0}})), "sites.leo.max_new_kw", "no power is built"),
    (tiny_raw(sites={"virginia": {"min_new_kw": 9.0, "max_new_kw": 8.0}}),
     "sites.virginia.min_new_kw", "at least 9 and at most 8"),
    (tiny_raw(sites={"virginia": {"power": {"pue_average": 1.3}}}),
     "sites.virginia.power.pue_average", "exceeds the peak"),
    (tiny_raw(sites={"virginia": {"power": {"sources": [{"id": "g", "max_new_kw": 9, "block_kw": 0}]}}}),
     "sites.virginia.power.sources.g.block_kw", "holds nothing"),
    # limits
    (tiny_raw(supply={"limits": [{"id": "s", "units_per_period": [1]}]}),
     "supply.limits.s", "neither systems nor a vendor"),
    (tiny_raw(supply={"limits": [{"id": "s", "vendor": "acme", "units_per_period": [1, -1]}]}),
     "supply.limits.s.units_per_period.1", "negative"),
    (tiny_raw(policy={"limits": [{"id": "cap"}]}), "policy.limits.cap", "no bound"),
    (tiny_raw(policy={"limits": [{**LIMIT, "at_least": 6}]}), "policy.limits.cap.at_least", "at least 6 and at most 5"),
    (tiny_raw(policy={"limits": [{**LIMIT, "share": True}]}), "policy.limits.cap.at_most", "the share 5 exceeds 1"),
    (tiny_raw(trade={"rules": [{"id": "r", "tpp_at_least": 5, "tpp_below": 5}]}),
     "trade.rules.r.tpp_at_least", "never bites"),
]  # fmt: skip

WARNED: list[tuple[Raw, str, str]] = [
    (links(), "network.regions.east", "no link reaches"),
    (chat(enabled=False), "workloads", "no workload is enabled"),
    (buckets(input_tokens=200_000), "workloads.chat.buckets.b1", "exceed the model's context"),
    (chat(demand={"scale": 0}), "workloads.chat.demand", "nothing ever arrives"),
    (tiny_raw(systems={"free": {**CPU_RACK, "price": {}}}), "systems.free", "no price"),
    (tiny_raw(systems={"gone": {**CPU_RACK, "buyable": False}}), "systems.gone", "no price"),
    (fleet(end_of_life="2026q4"), "fleet.old.end_of_life", "before the horizon"),
    (fleet(in_service="2027q3"), "fleet.old.in_service", "after the horizon"),
    (tiny_raw(sites={"dark": {"jurisdiction": "us"}}), "sites.dark", "no power"),
    (tiny_raw(sites={"virginia": {"min_new_kw": 9.0}}), "sites.virginia.min_new_kw", "less than 9: nothing"),
    (
        tiny_raw(
            sites={"virginia": {"power": {"sources": {"grid": {"min_new_kw": 9, "max_new_kw": 8, "block_kw": 1}}}}}
        ),
        "sites.virginia.power.sources.grid.min_new_kw",
        "least build 9 kW of at most 8",
    ),
    (
        tiny_raw(
            **with_orbit(
                sites={"leo": {"orbit": {"sun_fraction": 1, "eclipse_hours": 0.5}}}, systems={"sat": {"lead_months": 6}}
            )
        ),
        "sites.leo.orbit.eclipse_hours",
        "where the sun always shines",
    ),
    (tiny_raw(finance={"carbon_budget_t": [1, 2, 3]}), "finance.carbon_budget_t", "3 values for 2 periods"),
    (
        merge(tiny_raw(**WITH_NVME), {"workloads": {"chat": {"idle_kv": {"mean_gap_s": 0}}}}),
        "workloads.chat.idle_kv.mean_gap_s",
        "never parked",
    ),
    (tiny_raw(memory=[{**NVME, "drive_writes_per_day": 0}]), "memory.nvme.drive_writes_per_day", "nothing moves"),
    (tiny_raw(finance={"capital_budget_usd": [1, 2, 3]}), "finance.capital_budget_usd", "3 values for 2 periods"),
]


@pytest.mark.parametrize("name", GOOD)
def test_a_sound_instance_has_no_findings(name: str) -> None:
    """None of the checks speaks up where nothing is wrong."""
    assert findings(GOOD[name]) == []


@pytest.mark.parametrize(("raw", "path", "message"), BAD, ids=[f"{path}-{message}" for _, path, message in BAD])
def test_each_rule_is_reported_where_it_is_broken(raw: Raw, path: str, message: str) -> None:
    """The finding expected stands at the path expected, and the load is refused with it."""
    assert [found for found in findings(raw) if found[0] == path and message in found[1]]
    with pytest.raises(InputError) as caught:
        load_dict(copy.deepcopy(raw))
    assert path in [issue.path for issue in caught.value.issues]


@pytest.mark.parametrize(("raw", "path", "message"), WARNED, ids=[path for _, path, _ in WARNED])
def test_what_is_odd_but_possible_is_a_warning(raw: Raw, path: str, message: str) -> None:
    """The load goes on, with the one warning expected."""
    assert [(where, message in said) for where, said in warnings(raw)] == [(path, True)]


def test_a_system_that_is_held_or_rented_needs_no_price() -> None:
    """An old fleet without a list price, and a rented one, pass without a warning."""
    assert warnings(merge(fleet(), {"systems": {"gpu8": {"price": {"buy_usd": None}}}})) == []
    assert warnings(tiny_raw(systems={"gpu8": {"price": {"buy_usd": None}, "rent": {"usd_per_h": 20}}})) == []


def test_all_findings_come_at_once() -> None:
    """Three broken rules in different sections are said together."""
    raw = merge(
        buckets(share=0.9), {"models": {"small": {"kv_heads": 7}}, "sites": {"virginia": {"jurisdiction": "uk"}}}
    )
    assert {path for path, _ in findings(raw)} == {
        "workloads.chat.buckets",
        "models.small.kv_heads",
        "sites.virginia.jurisdiction",
    }


SMALL = BASE["models"][0]


@pytest.mark.parametrize(
    ("name", "draft", "path", "message"),
    [
        ("chatt", None, "prediction.speculative.chatt", "there is no workload or model 'chatt'"),
        ("chat", "nobody", "prediction.speculative.chat.draft_model", "there is no model 'nobody'"),
        ("small", "large", "prediction.speculative.small.draft_model", "large is no smaller than small"),
        ("chat", "other", "prediction.speculative.chat.draft_model", "other has 7 tokens, small has"),
    ],
)
def test_drafts_name_what_there_is(name: str, draft: str | None, path: str, message: str) -> None:
    """Speculative decoding is said of a workload or a model, and drafts with a smaller one of its vocabulary."""
    models = [SMALL, {**SMALL, "id": "large", "layers": 99}, {**SMALL, "id": "other", "vocab": 7, "layers": 1}]
    drafts = {"draft_tokens": 2, "tokens_per_pass": 2.0} | ({"draft_model": draft} if draft else {})
    (found,) = findings({**copy.deepcopy(BASE), "models": models, "prediction": {"speculative": {name: drafts}}})
    assert found[0] == path
    assert found[1].startswith(message)


def test_a_draft_model_comes_from_the_catalogue() -> None:
    """Like a workload's model, where `models` lacks it."""
    raw = tiny_raw(workloads={"chat": {"model": "llama-3.1-70b"}})
    raw["prediction"] = {
        "speculative": {"chat": {"draft_tokens": 3, "tokens_per_pass": 2.2, "draft_model": "llama-3.1-8b"}}
    }
    assert {"llama-3.1-70b", "llama-3.1-8b"} <= {model.id for model in load_dict(raw).instance.models}
