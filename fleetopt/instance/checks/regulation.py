"""The packaged export rules have what they need: known countries and rules, a day they cover, figures that decide."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from fleetopt.catalog import load as catalog
from fleetopt.instance.located import Finding, Path
from fleetopt.instance.schema import Instance
from fleetopt.instance.suggest import did_you_mean
from fleetopt.instance.systems import System

HOME = "US"


def check_regulation(instance: Instance) -> Iterator[Finding]:
    """Nothing where an instance does not ask for them."""
    regulation = instance.trade.regulation
    if regulation is None or not regulation.enabled:
        return
    rules = catalog.ids("control")
    for name, listed in (("without", regulation.without), ("assume", regulation.assume)):
        for n, rule in enumerate(listed):
            if rule not in rules:
                at: Path = ("trade", "regulation", name, n)
                yield Finding(at, f"there is no packaged rule {rule!r}", did_you_mean(rule, rules))
    codes = catalog.entry("group", "iso-3166")["members"]
    for where, code in _countries(instance):
        if code not in codes:
            hint = "try a code of two capital letters (ISO 3166), EU, or XO for orbit"
            yield Finding(where, f"there is no country {code!r}", hint)
    first = min(date.fromisoformat(catalog.entry("control", id_)["effective"]) for id_ in rules)
    if instance.time.last_day(0) < first:
        message = f"no packaged rule is in force before {first}"
        yield Finding(("time", "start"), message, "try a later start, or `trade.regulation.enabled: false`")
    if any(country != HOME for _, country in _destinations(instance)):
        limits = _Limits()
        for s, system in enumerate(instance.systems):
            yield from _figures(("systems", s, "chip"), system, limits)


class _Limits:
    """The TPP that decides by itself, and the least that needs a density, as the packaged classes have them."""

    def __init__(self) -> None:
        ways: list[dict[str, Any]] = [
            way for id_ in ("us-2023-3a090a", "us-2023-3a090b") for way in catalog.entry("control", id_)["any_of"]
        ]
        self.alone = min(way["tpp_at_least"] for way in ways if len(way) == 1)
        self.dense = min(way["tpp_at_least"] for way in ways if "density_at_least" in way)


def _figures(at: Path, system: System, limits: _Limits) -> Iterator[Finding]:
    """Chips that a rule cannot be applied to."""
    chip = system.chip
    if not system.enabled or chip is None or chip.origin != HOME:
        return
    hint = "try giving it, or a rule of your own with `effect: allowed`"
    if chip.tpp is None:
        yield Finding((*at, "tpp"), f"the export class of {chip.id!r} needs its TPP", hint)
    elif limits.dense <= chip.tpp < limits.alone and chip.datacentre and chip.die_area_mm2 is None:
        yield Finding((*at, "die_area_mm2"), f"the export class of {chip.id!r} depends on its die area", hint)
    elif chip.tpp >= limits.alone and chip.datacentre and chip.dram_gb_s is None:
        message = f"how licences for {chip.id!r} are reviewed depends on its DRAM bandwidth"
        yield Finding((*at, "dram_gb_s"), message, f"{hint}; 0 for a chip without DRAM")


def _destinations(instance: Instance) -> Iterator[tuple[Path, str]]:
    for n, jurisdiction in enumerate(instance.jurisdictions):
        yield ("jurisdictions", n, "country"), jurisdiction.country


def _countries(instance: Instance) -> Iterator[tuple[Path, str]]:
    """Every country code that the rules look at."""
    yield from _destinations(instance)
    yield ("trade", "operator_country"), instance.trade.operator_country
    yield ("trade", "parent_country"), instance.trade.parent_country
    for s, site in enumerate(instance.sites):
        if site.provider_country is not None:
            yield ("sites", s, "provider_country"), site.provider_country
