"""Systems of the catalogue with prices by period, and what each would do by a roofline where that is asked for.

The roofline is no prediction and no measurement. It gives a table of the right order of size, so that fleets of any
size can be drawn without predicting millions of configurations.
"""

from functools import cache
from random import Random
from typing import Any

from fleetopt.catalog import load as catalog
from fleetopt.instance.models import Model
from fleetopt.prediction.weights import weights_of

Raw = dict[str, Any]

SYSTEMS = (
    "hgx-b200-8", "hgx-h100-8", "gb200-nvl72", "mi355x-8", "hgx-h200-8", "gb300-nvl72", "mi325x-8", "hgx-b300-8",
    "mi300x-8", "vr-nvl72", "tpu-v6e-8", "l40s-8", "gaudi3-8", "rtx-pro-6000-8", "mi455x-72", "h100-pcie-8",
    "tpu-v5p-4", "trainium2-16", "h100-nvl-8", "hgx-h800-8", "a800-8", "tpu-v7-4", "inferentia2-12", "sn40l-8",
    "a100-8", "tpu-v5e-8",
)  # fmt: skip
"""In the order in which they are taken; the first can be rented without limit."""
ASSUMED_USD = {
    "mi455x-72": 7_200_000, "h100-nvl-8": 250_000, "hgx-h800-8": 260_000, "a800-8": 100_000, "tpu-v7-4": 110_000,
    "sn40l-8": 400_000,
}  # fmt: skip
"""Prices nobody has published, so that those systems can be bought here."""
REFERENCE = "hgx-b200-8"
SPANS = (1, 2, 4)
"""Units that a replica of a large model may span in the table."""


def systems(number: int, periods: int, rent: bool, whole_rent: bool, draw: Random) -> list[Raw]:
    """Systems with list prices that fall every year and rent up to a cap; then CPU racks."""
    if number > len(SYSTEMS):
        raise ValueError(f"systems: {number} of {len(SYSTEMS)} that the generator knows")
    found: list[Raw] = []
    for position, id_ in enumerate(SYSTEMS[:number]):
        entry = catalog.entry("system", id_)
        system: Raw = {"use": id_}
        price = entry.get("price", {}).get("buy_usd") or ASSUMED_USD.get(id_)
        if price is not None:
            falls = draw.choice((0.03, 0.06, 0.1, 0.14))
            years = [f"{2027 + year}q1" for year in range(1, -(-periods // 4))]
            dated = [{"since": q, "buy_usd": round(price * (1 - falls) ** n)} for n, q in enumerate(years, start=1)]
            system["price"] = {"buy_usd": price, **({"by_date": dated} if dated else {})}
        if entry.get("rent"):
            limit = draw.choice((50, 100, 200))
            terms: Raw = {"max_units": limit} if position else {}
            system["rent"] = {**terms, **({"whole": True} if whole_rent else {})} if rent else None
        found.append({k: v for k, v in system.items() if v != {}})
    return [*found, "cpu-rack"]  # type: ignore[list-item]


def vendors(number: int) -> dict[str, list[str]]:
    """Systems on sale by vendor."""
    found: dict[str, list[str]] = {}
    for id_ in SYSTEMS[:number]:
        found.setdefault(str(catalog.entry("system", id_)["vendor"]), []).append(id_)
    return found


@cache
def parameters(model: str) -> tuple[float, float]:
    """Parameters of a catalogue model, all and those that a token visits, in units of 1e9."""
    entry = {k: v for k, v in catalog.entry("model", model).items() if k != "provenance"}
    weights = weights_of(Model.model_validate(entry))
    return weights.total / 1e9, weights.matmul_active / 1e9


@cache
def _machine(system: str) -> tuple[float, float, float, int, bool]:
    """TFLOPS, GB and GB/s of a whole unit, its chips, and whether several units can carry one replica."""
    entry = catalog.entry("system", system)
    chip, chips = entry["chip"], entry["chips"]
    flops = chip["dense_tflops"]
    joined = chip["scale_up_domain"] > 1
    best = flops.get("fp8") or flops.get("bf16") or flops["fp4"] / 2
    return best * chips, chip["memory_gb"] * chips, chip["memory_gb_s"] * chips, chips, joined


def roofline(
    system: str, model: str, input_tokens: float, output_tokens: float, ttft_s: float | None, tpot_s: float | None
) -> tuple[float, int] | None:
    """Requests/s of a replica and the units it spans, with targets met; None where they cannot be."""
    total, active = parameters(model)
    tflops, memory_gb, gb_s, chips, joined = _machine(system)
    if not joined and total > 0.7 * memory_gb / chips:
        return None
    units = next((n for n in SPANS if total * 1.15 < 0.8 * memory_gb * n), None)
    if units is None or (units > 1 and not joined):
        return None
    tflops, memory_gb, gb_s = tflops * units, memory_gb * units, gb_s * units
    prefill_s = 2e-3 * active * input_tokens / (0.4 * tflops)
    if ttft_s is not None and 2.0 * prefill_s > ttft_s:
        return None
    kv_gb = 4e-5 * active**0.5 * (input_tokens + output_tokens / 2)
    each_s = 2e-3 * active / (0.3 * tflops) + kv_gb / (0.6 * gb_s)
    fixed_s = 0.004 + min(total, 6 * active) / (0.6 * gb_s)
    batch = (0.9 * memory_gb - total) / kv_gb
    if tpot_s is not None:
        batch = min(batch, (0.8 * tpot_s - fixed_s) / each_s)
    batch = min(batch, 64.0 * chips * units)
    if batch < 1.0:
        return None
    step_s = fixed_s + batch * each_s
    return 0.75 / (prefill_s + output_tokens * step_s / batch), units
