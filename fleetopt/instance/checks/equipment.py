"""Systems, satellites and what is already owned."""

from collections.abc import Iterator

from fleetopt.instance.located import Finding, Path
from fleetopt.instance.schema import Instance
from fleetopt.instance.systems import Rent, System

HOURS_PER_DAY = 24


BOTH_FACES_W_PER_M2_K4 = 2 * 5.670374419e-8
"""Stefan-Boltzmann constant, for a panel that radiates from both faces."""


def check_systems(instance: Instance) -> Iterator[Finding]:
    """Chips come with their number; export rules cannot judge accelerators that are not described."""
    held = {holding.system for holding in instance.fleet}
    for s, system in enumerate(instance.systems):
        at: Path = ("systems", s)
        if system.chip is None and system.chips and system.kind in ("cpu", "memory"):
            yield Finding((*at, "chips"), "there are chips but no chip", "try adding chip:")
        elif system.chip is None and system.chips and any(rule.enabled for rule in instance.trade.rules):
            message = "there are chips but no chip, and export rules are about chips"
            yield Finding((*at, "chips"), message, "try adding chip:, or no rules")
        if system.chip is not None and not system.chips:
            yield Finding((*at, "chip"), "there is a chip but no number of chips", "try adding chips: 8")
        if system.chip is None and not system.chips and system.kind not in ("cpu", "memory"):
            message = f"a system of kind {system.kind} needs a chip"
            hint = "try adding chip: and chips:, chips: alone where all it does is measured, or kind: cpu or memory"
            yield Finding((*at, "kind"), message, hint)
        if system.enabled and system.id not in held and not _can_be_had(system):
            message = "no price: offered only where the instance prices it"
            yield Finding(at, message, "try price: {buy_usd: ...}, or enabled: false", warning=True)
        yield from _order_size(at, system)
        if system.rent is not None:
            yield from _preemption((*at, "rent"), system.rent)
        for n, offer in enumerate(system.rental_classes):
            yield from _preemption((*at, "rental_classes", n), offer)
    for m, tier in enumerate(instance.memory):
        if tier.slots_per_unit < 0:
            yield Finding(("memory", m, "slots_per_unit"), f"{tier.slots_per_unit:g} is negative", "try 0 or more")
        if tier.unit_gb <= 0:
            yield Finding(("memory", m, "unit_gb"), "a unit holds nothing", "try more than 0")


def _order_size(at: Path, system: System) -> Iterator[Finding]:
    """Lots and least orders are of what is sold, and something must limit how large an order can be."""
    sold = system.buyable and system.price.buy_usd is not None
    for name, units in (("lot", system.lot), ("min_order", system.min_order)):
        if units is not None and not sold:
            yield Finding((*at, name), "the system is not sold, so this says nothing", "try price:", warning=True)
    if (system.min_order or 1) > 1 and system.power_kw <= 0 and system.kind != "satellite":
        message = "a system without power is limited by nothing, and a least order needs to know the largest"
        yield Finding((*at, "power_kw"), message, "try its rated power")


def _preemption(at: Path, rent: Rent) -> Iterator[Finding]:
    """Spot units work at times; a restart comes after a preemption."""
    if rent.preemption_share + rent.preemptions_per_day * rent.restart_h / HOURS_PER_DAY >= 1:
        name = "restart_h" if rent.preemption_share < 1 else "preemption_share"
        message = "what is not taken away goes into restarts: the units never work"
        yield Finding((*at, name), message, "try less")
    elif rent.restart_h > 0 and rent.preemptions_per_day <= 0:
        message = "nothing is taken away, so nothing restarts"
        yield Finding((*at, "restart_h"), message, "try adding preemptions_per_day:", warning=True)


def _can_be_had(system: System) -> bool:
    return (system.buyable and system.price.buy_usd is not None) or bool(system.rentals)


def check_satellites(instance: Instance) -> Iterator[Finding]:
    """The section `satellite` stands with kind satellite, and only there."""
    for s, system in enumerate(instance.systems):
        if system.kind == "satellite" and system.satellite is None:
            hint = "try adding satellite: {payload_kg: ...}"
            yield Finding(("systems", s), "a system of kind satellite needs the section satellite", hint)
        elif system.kind != "satellite" and system.satellite is not None:
            message = f"only kind satellite has this section, and this one is {system.kind}"
            yield Finding(("systems", s, "satellite"), message, "try removing it, or kind: satellite")
        elif system.satellite is not None and system.satellite.bus_power_kw > system.power_kw:
            message = f"the bus draws {system.satellite.bus_power_kw:g} kW of {system.power_kw:g} kW in all"
            hint = "try power_kw: with the bus in it"
            yield Finding(("systems", s, "satellite", "bus_power_kw"), message, hint)
        else:
            yield from _satellite(("systems", s), system)


def _satellite(at: Path, system: System) -> Iterator[Finding]:
    """Its chips fit its power, and its radiator loses more than it takes in."""
    bus = system.satellite
    if bus is None:
        return
    chips_kw = system.chips * system.chip.power_kw if system.chip is not None else 0.0
    if chips_kw + bus.bus_power_kw > system.power_kw * (1 + 1e-9):
        message = f"{chips_kw:g} kW of chips and {bus.bus_power_kw:g} kW of bus in {system.power_kw:g} kW in all"
        yield Finding((*at, "power_kw"), message, f"try {chips_kw + bus.bus_power_kw:g}", warning=True)
    limit = system.chip.temperature_limit_k if system.chip is not None else None
    if bus.radiator_temperature_k is None and limit is not None and limit <= bus.temperature_drop_k:
        message = f"a drop of {bus.temperature_drop_k:g} K below a chip at {limit:g} K"
        yield Finding((*at, "satellite", "temperature_drop_k"), message, "try less")
    at_k, absorbed = bus.radiator_temperature_k, bus.radiator_absorbed_w_per_m2
    if at_k is None or absorbed is None:
        return
    emitted = BOTH_FACES_W_PER_M2_K4 * bus.radiator_emissivity * at_k**4
    if emitted <= absorbed:
        message = f"at {at_k:g} K it emits {emitted:.0f} W/m2 and absorbs {absorbed:g}: it cannot cool anything"
        yield Finding((*at, "satellite", "radiator_temperature_k"), message, "try a hotter one, or less absorbed")


def check_holdings(instance: Instance) -> Iterator[Finding]:
    """A cohort ends after it begins, and satellites are in orbit while all else is on the ground."""
    time = instance.time
    systems = {system.id: system for system in instance.systems}
    sites = {site.id: site for site in instance.sites}
    for h, holding in enumerate(instance.fleet):
        at: Path = ("fleet", h)
        begins, ends = time.period_index(holding.in_service), time.period_index(holding.end_of_life)
        if ends < begins:
            message = f"the end of life {holding.end_of_life} comes before {holding.in_service}, the start of service"
            yield Finding((*at, "end_of_life"), message, "try a later period")
        elif ends < 0:
            message = f"the units reached the end of their life in {holding.end_of_life}, before the horizon"
            yield Finding((*at, "end_of_life"), message, "they are not counted", warning=True)
        elif begins >= time.periods:
            message = f"the units arrive in {holding.in_service}, after the horizon"
            yield Finding((*at, "in_service"), message, "they are not counted", warning=True)
        system, site = systems.get(holding.system), sites.get(holding.site)
        if system and site and (system.kind == "satellite") != (site.kind == "orbit"):
            message = f"a {system.kind} cannot stand at the {site.kind} site {site.id!r}"
            yield Finding((*at, "site"), message, "try a satellite in orbit, or anything else on the ground")
