"""The dated prices of the catalogue, worked out from what they are derived from."""

from itertools import pairwise

import pytest

from fleetopt.catalog.load import entry, series


def dated(kind: str, id_: str, path: str) -> dict[str, float]:
    return {point["since"]: point["value"] for point in series(kind, id_)[path]}


def test_dram_follows_the_compound_rise() -> None:
    """24.8 $/GB in 4Q26 over the mid rises 20.5, 92.5, 60.5, 15.5 and 12.5 %: 22.0 in 3Q26 back to 5.1 in 3Q25."""
    rises = dated("figure", "dram-contract-rise", "value")
    prices = dated("memory", "dram", "price.usd_per_gb")
    quarters = list(prices)
    for before, after in pairwise(quarters):
        assert prices[before] == pytest.approx(prices[after] / (1 + rises[after]), rel=0.012)


def test_cxl_and_racks_follow_dram() -> None:
    """Controller and board cost 1.25 $/GB on top of DDR5; a memory rack 15 % more than that."""
    dram, cxl, rack = (dated("memory", id_, "price.usd_per_gb") for id_ in ("dram", "cxl", "memory-rack"))
    for quarter, price in dram.items():
        assert cxl[quarter] == pytest.approx(price + 1.25)
        assert rack[quarter] == pytest.approx((price + 1.25) * 1.15, abs=0.006)


def test_flash_chains_the_contract_moves() -> None:
    """0.365 $/GB in 1Q26 x 1.725 x 1.125 x 1.255 = 0.89 in 4Q26, enterprise drives in the last quarter."""
    flash, rises = dated("memory", "nvme", "price.usd_per_gb"), dated("figure", "nand-contract-rise", "value")
    assert flash["2026q2"] == pytest.approx(0.365 * (1 + rises["2026q2"]), abs=0.005)
    assert flash["2026q3"] == pytest.approx(0.365 * (1 + rises["2026q2"]) * (1 + rises["2026q3"]), abs=0.005)
    assert flash["2026q4"] == pytest.approx(0.365 * 1.725 * 1.125 * 1.255, abs=0.005)


def test_h100_rent_is_eight_times_the_contract_index() -> None:
    """8 x 2.85 $/h in 2024 is 22.8 $/h for a server; the V of 2025 and 2026 is kept."""
    index = dated("figure", "h100-contract", "value")
    assert dated("system", "hgx-h100-8", "rent.usd_per_h") == pytest.approx({q: 8 * usd for q, usd in index.items()})
    assert index["2024q1"] > index["2026q1"] > index["2025q4"]


def test_an_entry_without_a_series_has_none() -> None:
    """Most entries have one price."""
    assert series("system", "gb200-nvl72") == {}
    assert "series" not in entry("memory", "dram")
