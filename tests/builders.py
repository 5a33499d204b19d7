"""Tiny instances for tests: one base, varied by deep merge, always validated as a whole."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from fleetopt.instance.schema import Instance

Raw = dict[str, Any]

GPU_CHIP: Raw = {
    "id": "gpu",
    "vendor": "acme",
    "origin": "US",
    "dense_tflops": {"bf16": 1000.0, "fp8": 2000.0},
    "memory_gb": 80.0,
    "memory_gb_s": 3000.0,
    "memory_kind": "HBM",
    "scale_up_gb_s": 450.0,
    "scale_up_domain": 8,
    "scale_out_gb_s": 50.0,
    "power_kw": 0.7,
    "die_area_mm2": 800.0,
    "tpp": 16000.0,
}
"""A made-up accelerator near an H100, with round figures."""

GPU: Raw = {
    "id": "gpu8",
    "vendor": "acme",
    "kind": "server",
    "chip": GPU_CHIP,
    "chips": 8,
    "power_kw": 10.0,
    "slots": 1.0,
    "usable_dram_gb": 500.0,
    "usable_cpu_cores": 64.0,
    "price": {"buy_usd": 300_000.0},
    "life_years": 5.0,
}
"""Eight of them in a server of 10 kW for 300,000 USD, delivered at once."""

CPU_RACK: Raw = {
    "id": "cpu",
    "vendor": "acme",
    "kind": "cpu",
    "power_kw": 10.0,
    "usable_cpu_cores": 2000.0,
    "usable_dram_gb": 10_000.0,
    "price": {"buy_usd": 400_000.0},
    "life_years": 5.0,
}
"""A rack of processors: 2,000 cores and 10 TB of memory for tools."""

SRAM: Raw = {
    "id": "wafer",
    "vendor": "waferco",
    "kind": "wafer",
    "chip": {
        "id": "wafer-chip",
        "vendor": "waferco",
        "dense_tflops": {"bf16": 12_500.0},
        "memory_gb": 44.0,
        "memory_gb_s": 21_000_000.0,
        "memory_kind": "SRAM",
        "scale_up_gb_s": 150.0,
        "scale_up_domain": 1,
        "scale_out_gb_s": 150.0,
        "power_kw": 20.0,
        "tpp": 200_000.0,
    },
    "chips": 1,
    "power_kw": 25.0,
    "price": {"buy_usd": 2_000_000.0},
    "life_years": 5.0,
}
"""A wafer machine: 44 GB of memory at 21 PB/s."""

SATELLITE: Raw = {
    "id": "sat",
    "vendor": "orbitco",
    "kind": "satellite",
    "chip": {**GPU_CHIP, "id": "space-gpu", "scale_up_domain": 4},
    "chips": 4,
    "power_kw": 5.0,
    "price": {"buy_usd": 500_000.0},
    "satellite": {
        "payload_kg": 100.0,
        "bus_power_kw": 1.0,
        "array_w_per_m2": 270.0,
        "radiator_temperature_k": 330.0,
        "radiator_absorbed_w_per_m2": 137.0,
        "battery_kg_per_kwh": 6.25,
    },
    "life_years": 5.0,
}
"""Four accelerators on a 5 kW satellite (1 kW of it the bus)."""

ORBIT_SITE: Raw = {
    "id": "leo",
    "kind": "orbit",
    "jurisdiction": "orbit",
    "orbit": {"launch_usd_per_kg": 1500.0, "launch_kg_per_period": 100_000.0},
}
"""A low orbit; needs the jurisdiction `orbit` (country XO) and a link."""

BASE: Raw = {
    "name": "tiny",
    "time": {
        "start": "2027q1",
        "periods": 2,
        "slices": [
            {"id": "day", "start_hour": 0, "hours": 12},
            {"id": "night", "start_hour": 12, "hours": 12},
        ],
    },
    "finance": {"wacc": 0.1},
    "jurisdictions": [{"id": "us", "country": "US"}],
    "network": {
        "regions": [{"id": "east", "jurisdiction": "us"}],
        "links": [{"a": "east", "b": "virginia", "rtt_ms": 20.0}],
    },
    "models": [
        {
            "id": "small",
            "layers": 32,
            "hidden": 4096,
            "heads": 32,
            "kv_heads": 8,
            "head_dim": 128,
            "dense_ffn": 14336,
            "vocab": 128256,
        }
    ],
    "workloads": [
        {
            "id": "chat",
            "kind": "answer",
            "model": "small",
            "precisions": ["bf16"],
            "disaggregated": False,
            "buckets": [{"id": "b1", "share": 1.0, "input_tokens": 1000.0, "output_tokens": 200.0}],
            "demand": {
                "regions": [{"region": "east", "rate_per_s": 10.0, "slice_factors": {"day": 1.5, "night": 0.5}}]
            },
            "slo": {"ttft_s": 1.0, "tpot_s": 0.05},
        }
    ],
    "systems": [GPU],
    "sites": [
        {
            "id": "virginia",
            "jurisdiction": "us",
            "power": {
                "pue_peak": 1.25,
                "pue_average": 1.2,
                "sources": [{"id": "grid", "existing_kw": 1000.0, "energy_usd_per_mwh": 60.0}],
            },
        }
    ],
}
"""One model, one system, one site, one region, two quarters of two slices; no lead times."""


def merge(base: Any, change: Any) -> Any:
    """`base` with `change` merged in: mappings key by key; a mapping onto a list addresses its items by id.

    Within a list, an unknown id appends an item and None removes one; any other change replaces the value.
    """
    if isinstance(base, list) and isinstance(change, Mapping):
        items = {item["id"]: item for item in base}
        for key, value in change.items():
            if value is None:
                items.pop(key)
            else:
                items[key] = {**merge(items.get(key, {}), value), "id": key}
        return list(items.values())
    if isinstance(base, Mapping) and isinstance(change, Mapping):
        return {**base, **{key: merge(base.get(key), value) for key, value in change.items()}}
    return deepcopy(change)


def tiny_raw(**changes: Any) -> Raw:
    """The base instance as plain data with `changes` merged into its sections."""
    raw: Raw = merge(deepcopy(BASE), changes)
    return raw


def tiny_instance(**changes: Any) -> Instance:
    """A small valid instance: the base with `changes` merged into its sections (see `merge`).

    `tiny_instance(systems={"gpu8": {"price": {"buy_usd": 1.0}}, "cpu": CPU_RACK})` changes one system and adds one.
    """
    return Instance.model_validate(tiny_raw(**changes))


def with_orbit(**changes: Any) -> Raw:
    """Changes that add a satellite, an orbit site, its jurisdiction and a 30 ms link to a tiny instance."""
    orbit: Raw = {
        "jurisdictions": {"orbit": {"country": "XO"}},
        "network": {
            "links": [
                {"a": "east", "b": "virginia", "rtt_ms": 20.0},
                {"a": "east", "b": "leo", "rtt_ms": 30.0},
            ]
        },
        "systems": {"sat": SATELLITE},
        "sites": {"leo": ORBIT_SITE},
    }
    merged: Raw = merge(orbit, changes)
    return merged


def unbanded(*figures: float) -> tuple[float, ...]:
    """Both ends of error bands of no width, for an operating point's rate, TTFT, TPOT and completion."""
    return tuple(figure for figure in figures for _ in ("p10", "p90"))
