"""X1: may a chip be delivered to a country in a period? Freely, under a licence, or not at all."""

from dataclasses import dataclass

from fleetopt.instance.schema import Instance
from fleetopt.instance.sites import Site
from fleetopt.instance.systems import Chip, System
from fleetopt.instance.time import Time
from fleetopt.instance.trade import ExportRule, Licence, Trade
from fleetopt.policy.regulation import Allowed, Ruling, ruling

ORBIT_COUNTRY = "XO"
"""Country code of orbit, which follows the operator's own country."""

_SEVERITY: dict[Allowed, int] = {"free": 0, "licence": 1, "barred": 2}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say of one chip, destination and period."""

    allowed: Allowed
    rule_id: str
    """The strictest rule that bites (the first of equals in the instance), or empty."""
    because: str
    duty_rate: float = 0.0
    """Packaged duty on the list price (X3)."""
    revenue_share: float = 0.0
    """Packaged share of the price for the licence (X3)."""


def verdict_at(instance: Instance, system: System, site: Site, period: int) -> Verdict:
    """What the rules say of a system that is delivered to a site, or rented at a provider's."""
    country = instance.country(site.jurisdiction)
    return verdict(system.chip, country, instance.trade, instance.time, period, site.provider_country)


def verdict(
    chip: Chip | None, country: str, trade: Trade, time: Time, period: int, provider_country: str | None = None
) -> Verdict:
    """The strictest enabled rule that bites on a delivery to `country` in period index `period`.

    Systems without a chip (processors, memory) are free. A bound whose figure is not known counts as met, so an unknown
    chip needs what the rule asks for, and the reason says which figure is missing; a bound known to fail decides first.
    Where a provider's machines are used from afar, rules on parents look at the provider's.
    """
    if chip is None:
        return Verdict("free", "", "no accelerator")
    destination = trade.operator_country if country == ORBIT_COUNTRY else country
    own = _own_rules(chip, destination, trade, time, period, provider_country or trade.parent_country)
    if own is _ALLOWED or trade.regulation is None or not trade.regulation.enabled:
        return own
    said = ruling(chip, destination, trade, time.last_day(period), provider_country)
    return own if _SEVERITY[own.allowed] > _SEVERITY[said.allowed] else _packaged(said)


_ALLOWED = Verdict("free", "", "allowed by the instance's own rules")


def _packaged(said: Ruling) -> Verdict:
    return Verdict(said.allowed, said.rule_id, said.because, said.duty_rate, said.revenue_share)


def _own_rules(chip: Chip, destination: str, trade: Trade, time: Time, period: int, parent: str) -> Verdict:
    """The strictest of the instance's own rules; one that allows what the packaged ones do not is said apart."""
    found = Verdict("free", "", "no rule bites")
    allowed = False
    for rule in trade.rules:
        if not (
            rule.enabled and in_force(time, period, rule.since, rule.until) and _reaches(rule, destination, parent)
        ):
            continue
        because = _bites(rule, chip)
        if rule.effect == "allowed":
            allowed = allowed or bool(because)
        elif because and _SEVERITY[rule.effect] > _SEVERITY[found.allowed]:
            where = f"to {destination}" + (f" (parent in {parent})" if rule.parents else "")
            found = Verdict(rule.effect, rule.id, f"{chip.id} {where}: {because}")
    return _ALLOWED if allowed and found.allowed == "free" else found


def licence_for(trade: Trade, time: Time, system_id: str, jurisdiction_id: str, period: int) -> Licence | None:
    """The assumed licence for deliveries of a system to a jurisdiction in a period, or None.

    Where several hold, the cheapest: least revenue share, then no cap or the widest cap, then the first by id.
    """
    held = [
        licence
        for licence in trade.licences
        if licence.enabled
        and system_id in licence.systems
        and licence.jurisdiction == jurisdiction_id
        and in_force(time, period, licence.since, licence.until)
    ]
    return min(held, key=_cost_of_licence, default=None)


def in_force(time: Time, period: int, since: str | None, until: str | None) -> bool:
    """Whether period index `period` lies between two period ids, both included; an absent end is open."""
    after = since is None or period >= time.period_index(since)
    return after and (until is None or period <= time.period_index(until))


def _cost_of_licence(licence: Licence) -> tuple[float, float, str]:
    cap = float("inf") if licence.max_units is None else licence.max_units
    return (licence.revenue_share, -cap, licence.id)


def _reaches(rule: ExportRule, destination: str, parent: str) -> bool:
    """Whether the rule covers the destination, or the owner's parent wherever delivery is."""
    if not rule.destinations and not rule.parents:
        return True
    return destination in rule.destinations or parent in rule.parents


def _bites(rule: ExportRule, chip: Chip) -> str:
    """Why the rule bites on the chip, or empty where it does not."""
    if chip.origin not in rule.origins or (rule.chips and chip.id not in rule.chips):
        return ""
    bounds = [
        ("tpp", chip.tpp, rule.tpp_at_least, rule.tpp_below),
        ("performance density", performance_density(chip), rule.density_at_least, rule.density_below),
        ("dram_gb_s", chip.dram_gb_s, None, rule.dram_gb_s_below),
    ]
    met, unknown = [f"named by {rule.id}"] if rule.chips else [], []
    for name, value, at_least, below in bounds:
        if at_least is None and below is None:
            continue
        if value is None:
            unknown.append("die_area_mm2" if name == "performance density" and chip.tpp is not None else name)
        elif (at_least is not None and value < at_least) or (below is not None and value >= below):
            return ""
        else:
            limits = [f">= {at_least:g}"] if at_least is not None else []
            limits += [f"< {below:g}"] if below is not None else []
            met.append(f"{name} {value:g} {' and '.join(limits)}")
    if unknown:
        met.append(f"unknown (needs {', '.join(unknown)})")
    cited = f" [{rule.citation}]" if rule.citation else ""
    return (", ".join(met) or "every chip of its origin") + cited


def performance_density(chip: Chip) -> float | None:
    """TPP per mm2 of applicable die area; None where either is not known, 0 for a chip without TPP."""
    if chip.tpp == 0:
        return 0.0
    if chip.tpp is None or not chip.die_area_mm2:
        return None
    return float(chip.tpp / chip.die_area_mm2)
