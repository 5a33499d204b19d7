"""Bad input to the packaged export rules is refused when an instance is loaded."""

from typing import Any

import pytest
from builders import GPU, GPU_CHIP, tiny_instance

from fleetopt.instance.checks.regulation import check_regulation
from fleetopt.instance.checks.sites import check_sites


def found(chip: dict[str, Any] | None = None, **changes: Any) -> list[str]:
    trade = {"regulation": {}, **changes.pop("trade", {})}
    known = {**GPU_CHIP, "dram_gb_s": 3000.0}
    system = {**GPU, "chip": {**known, **(chip or {})}}
    jurisdictions = {"us": {"country": changes.pop("country", "CN")}}
    instance = tiny_instance(trade=trade, systems={"gpu8": system}, jurisdictions=jurisdictions, **changes)
    return [f"{'.'.join(map(str, f.path))}: {f.message}" for f in check_regulation(instance)]


@pytest.mark.parametrize(
    ("chip", "said"),
    [
        ({"tpp": None}, "systems.0.chip.tpp: the export class of 'gpu' needs its TPP"),
        ({"tpp": 1600.0, "die_area_mm2": None}, "systems.0.chip.die_area_mm2: the export class of 'gpu' depends on"),
        ({"tpp": 4799.0, "die_area_mm2": None}, "systems.0.chip.die_area_mm2: the export class of 'gpu' depends on"),
        ({"dram_gb_s": None}, "systems.0.chip.dram_gb_s: how licences for 'gpu' are reviewed depends on its DRAM"),
    ],
)
def test_figures_that_decide_must_be_known(chip: dict[str, Any], said: str) -> None:
    """TPP always; die area from TPP 1,600 to below 4,800; DRAM bandwidth above."""
    assert len(found(chip)) == 1
    assert found(chip)[0].startswith(said)


@pytest.mark.parametrize(
    "chip",
    [
        {},
        {"tpp": 1599.0, "die_area_mm2": None, "dram_gb_s": None},
        {"tpp": 4800.0, "die_area_mm2": None},
        {"tpp": 2000.0, "die_area_mm2": None, "datacentre": False},
        {"tpp": None, "origin": "CN"},
    ],
)
def test_figures_that_decide_nothing_may_be_missing(chip: dict[str, Any]) -> None:
    """Below every threshold, controlled by TPP alone, no data-centre chip, or not of US origin."""
    assert found(chip) == []


def test_an_instance_in_the_us_alone_needs_no_figures() -> None:
    """Where nothing is exported no class is asked for; without the packaged rules nothing is."""
    assert found({"tpp": None}, country="US") == []
    assert found({"tpp": None}, trade={"regulation": {"enabled": False}}) == []
    assert found({"tpp": None}, trade={"regulation": None}) == []


def test_countries_rules_and_dates_must_exist() -> None:
    """Unknown countries, an unknown rule on either list, and a horizon that begins before any rule."""
    trade = {"parent_country": "China", "regulation": {"without": ["us-2023"], "assume": ["us-remote-access-act"]}}
    sites = {"virginia": {"provider_country": "ZZ"}}
    said = found(country="QQ", trade=trade, sites=sites, time={"start": "2022q3"})
    assert said == [
        "trade.regulation.without.0: there is no packaged rule 'us-2023'",
        "jurisdictions.0.country: there is no country 'QQ'",
        "trade.parent_country: there is no country 'China'",
        "sites.0.provider_country: there is no country 'ZZ'",
        "time.start: no packaged rule is in force before 2022-10-07",
    ]


def test_a_providers_site_holds_nothing_of_the_operators() -> None:
    """Units owned at a provider's site are refused."""
    held = {
        "id": "old",
        "system": "gpu8",
        "site": "virginia",
        "units": 1,
        "in_service": "2026q1",
        "end_of_life": "2030q4",
    }
    instance = tiny_instance(sites={"virginia": {"provider_country": "SG"}}, fleet=[held])
    assert "what stands at 'virginia' is its provider's" in [f.message for f in check_sites(instance)]
