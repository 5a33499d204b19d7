"""The catalogue against the collected facts it is built from, where they lie beside this checkout."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from fleetopt.catalog.listing import at
from fleetopt.catalog.load import entry, ids

FACTS = Path(__file__).parents[2].parent / "shared" / "facts"
MODELS = {"glm-5.x": "glm-5.1"}
REGIONS = {
    "us-east-va": "virginia", "us-oh": "ohio", "us-tx": "texas", "us-wa": "washington", "us-ia": "iowa",
    "us-ca": "california", "us-ga": "georgia", "us-pa": "pennsylvania", "ca-qc": "quebec", "ie": "ireland",
    "de": "germany", "uk": "uk", "fr": "france", "se": "sweden", "fi": "finland", "no": "norway", "is": "iceland",
    "ae": "uae", "sa": "saudi", "in-w": "mumbai", "sg": "singapore", "my": "johor", "jp": "tokyo", "kr": "seoul",
    "tw": "taiwan", "cn-w": "china-west", "au": "sydney", "br": "sao-paulo",
}  # fmt: skip
#: Figures that differ on purpose: a host of 8 as rented or sold instead of the whole pod, each noted at the figure.
OTHER_DOMAIN = {"tpu-v6e", "tpu-v5e", "ascend910c"}
#: The facts' figure is a neighbour's, and their text gives another.
OTHER_CARBON = {"ie", "my"}
#: Rates that the facts lack and prediction needs, cited as unsourced.
ASSUMED_RATE = {("groq3-lp30", "bf16"), ("maia200", "bf16"), ("trainium3", "bf16")}


@cache
def facts(name: str) -> dict[str, Any]:
    if not FACTS.is_dir():
        pytest.skip("the facts are not beside this checkout")
    read: dict[str, Any] = yaml.safe_load((FACTS / f"{name}.yaml").read_text(encoding="utf-8"))
    return read


def test_every_chip_has_the_figures_of_the_facts() -> None:
    """Each accelerator is there, and its rates, memory, links, power, area and TPP are those of the facts."""
    for fact in facts("chips")["chips"]:
        ours = entry("chip", fact["id"])
        memory, link, out = fact["memory"], fact.get("scale_up", {}), fact.get("scale_out", {})
        rates = fact.get("dense_tflops", {})
        expected = {
            "memory_gb": memory.get("gb"),
            "memory_gb_s": memory["tb_s"] * 1000 if memory.get("tb_s") else None,
            "dense_tflops.bf16": rates.get("bf16", rates.get("fp16")),
            "dense_tflops.fp8": rates.get("fp8", rates.get("int8")),
            "dense_tflops.fp4": rates.get("fp4"),
            "scale_up_gb_s": link["gb_s_bidirectional"] / 2 if link.get("gb_s_bidirectional") else None,
            "scale_up_domain": None if fact["id"] in OTHER_DOMAIN else link.get("domain"),
            "scale_out_gb_s": out.get("gb_s_one_way"),
            "power_kw": fact["power_w"]["chip"] / 1000 if "power_w" in fact else None,
            "die_area_mm2": fact.get("die_area_mm2"),
            "tpp": fact.get("tpp"),
        }
        differing = {path: (at(ours, path), value) for path, value in expected.items() if value is not None
                     and at(ours, path) != pytest.approx(value, rel=1e-4)}  # fmt: skip
        if fact["id"] == "dmatrix-corsair":  # the rate of its bridge of 8 is not known: one chip a domain
            differing.pop("scale_up_domain")
        assert not differing, fact["id"]
        invented = {rate for rate in ("bf16", "fp8", "fp4") if at(ours, f"dense_tflops.{rate}") is not None
                    and expected[f"dense_tflops.{rate}"] is None}  # fmt: skip
        assert {(fact["id"], rate) for rate in invented} <= ASSUMED_RATE


def test_every_processor_is_there() -> None:
    """Each CPU with its cores and power."""
    for fact in facts("chips")["cpus"]:
        if "cores" in fact:
            ours = entry("cpu", fact["id"])
            assert ours["cores"] == fact["cores"]
            assert ours.get("power_kw", 0) * 1000 == pytest.approx(fact.get("tdp_w", 0))


def test_every_model_has_the_shape_of_the_facts() -> None:
    """Layers, widths, heads, experts and context are those of the published configurations."""
    same = {
        "layers": "layers", "hidden": "hidden", "heads": "heads", "vocab": "vocab", "max_context": "max_context",
        "head_dim": "head_dim", "kv_heads": "kv_heads", "experts.routed": "experts.routed",
        "experts.active": "experts.active", "experts.ffn": "moe_ffn", "mla.kv_lora": "kv_lora_rank",
        "mla.rope_dim": "qk_rope_head_dim", "mla.nope_dim": "qk_nope_head_dim", "mla.v_dim": "v_head_dim",
    }  # fmt: skip
    for id_, fact in facts("models")["models"].items():
        ours = entry("model", MODELS.get(id_, id_))
        pairs = {path: (at(ours, path), at(fact, theirs)) for path, theirs in same.items()}
        assert {path: pair for path, pair in pairs.items() if None not in pair and pair[0] != pair[1]} == {}, id_


def test_every_region_has_its_power_and_its_site() -> None:
    """The price is the midpoint of the range, which is kept, the lead time too; carbon is the table's."""
    for fact in facts("power_sites")["regions"]:
        name = REGIONS[fact["id"]]
        power, (low, high) = entry("power", f"grid-{name}"), fact["usd_per_mwh"]
        assert power["energy_usd_per_mwh"] == pytest.approx((low + high) / 2)
        assert power["provenance"]["energy_usd_per_mwh"]["range"] == [low, high]
        assert power["lead_months"] == pytest.approx(sum(fact["interconnect_lead_months"]) / 2)
        if "carbon_g_per_kwh" in fact and fact["id"] not in OTHER_CARBON:
            assert power["carbon_g_per_kwh"] == fact["carbon_g_per_kwh"]
        assert name in ids("site")
    for id_, fact in facts("power_sites")["all_regions_carbon_2024"].items():
        assert entry("region", id_)["carbon_g_per_kwh"] == fact["g_per_kwh"]


def test_chip_price_ranges_are_those_of_the_facts() -> None:
    """An 8-chip server's range is 8 x the chip's x 1.15; a rack's is the rack's own."""
    racks = {"gb200-nvl72", "gb300-nvl72", "vr-nvl72"}
    priced = {
        ours["chip"]["id"]: ours for system in ids("system")
        if "buy_usd" in (ours := entry("system", system)).get("price", {}) and "chip" in ours
        and ours["kind"] in ("server", "rack", "wafer")
    }  # fmt: skip
    for fact in facts("chips")["chips"]:
        price = fact.get("price", {})
        if not {"buy_usd", "rack_usd"} & set(price):
            continue
        ours = priced[fact["id"]]
        found = ours["provenance"]["price.buy_usd"]["range"]
        own = fact["id"] in racks or fact["id"] == "wse3"
        chips = price.get("rack_usd", price.get("buy_usd"))
        assert found == pytest.approx([usd if own else usd * ours["chips"] * 1.15 for usd in chips]), fact["id"]
