"""What is decided already: it can be ordered in the frozen periods, and stands once."""

from collections.abc import Iterator

from fleetopt.instance.finance import Decision
from fleetopt.instance.located import Finding, Path
from fleetopt.instance.schema import Instance
from fleetopt.instance.suggest import did_you_mean

_IDENTITY = ("period", "site", "system", "tier", "source", "acquisition", "rental")


def check_decisions(instance: Instance) -> Iterator[Finding]:
    """Each decision names one thing, in whole units, ordered within the frozen periods, and none stands twice."""
    policy, time = instance.policy, instance.time
    if policy.frozen_until is not None and not 0 <= time.period_index(policy.frozen_until) < time.periods:
        message = f"{policy.frozen_until} lies outside the horizon, {time.period_ids[0]} to {time.period_ids[-1]}"
        yield Finding(("policy", "frozen_until"), message, "try a period inside it")
    seen: set[tuple[str | None, ...]] = set()
    for n, decision in enumerate(policy.purchases):
        at: Path = ("policy", "purchases", n)
        if policy.frozen_until is None:
            yield Finding(at, "no period is frozen, so nothing is decided", "try adding frozen_until:, or limits")
            return
        named = [name for name in ("system", "tier", "source") if getattr(decision, name) is not None]
        if len(named) > 1:
            yield Finding((*at, named[1]), f"stands beside {named[0]}", "try a purchase for each")
            continue
        key = (*(getattr(decision, name) for name in _IDENTITY),)
        if key in seen:
            yield Finding(at, "the same purchase stands twice", "try adding up their units")
        seen.add(key)
        yield from _amount(at, decision)
        yield from _ordered(at, instance, decision)


def _amount(at: Path, decision: Decision) -> Iterator[Finding]:
    renting = decision.system is not None and decision.acquisition == "rent"
    if decision.acquisition == "rent" and not renting:
        yield Finding((*at, "acquisition"), "only systems are rented by decision", "try removing it")
    if decision.rental is not None and not renting:
        yield Finding((*at, "rental"), "only what is rented has a rental class", "try acquisition: rent")
    opening = decision.system is decision.tier is decision.source is None
    if opening and decision.units != 1:
        yield Finding((*at, "units"), "a site opens once", "try 1, or adding system:, tier: or source:")
    elif not renting and not decision.units.is_integer():
        yield Finding((*at, "units"), f"{decision.units:g} is not whole", "try a whole number")


def _ordered(at: Path, instance: Instance, decision: Decision) -> Iterator[Finding]:
    """The order falls inside the horizon and not after the last frozen period."""
    time, sites = instance.time, {site.id: site for site in instance.sites}
    site = sites.get(decision.site)
    lead = 0.0
    yield from _class(at, instance, decision)
    if decision.system is not None and decision.acquisition == "buy":
        lead = next((s.lead_months for s in instance.systems if s.id == decision.system), 0.0)
        lead += site.orbit.launch_lead_months if site is not None and site.orbit is not None else 0.0
    elif decision.tier is not None:
        lead = next((m.lead_months for m in instance.memory if m.id == decision.tier), 0.0)
    elif decision.source is not None and site is not None:
        found = [e for e in site.power.sources if e.id == decision.source]
        if not found:
            yield Finding(
                (*at, "source"), f"site {site.id!r} has no source {decision.source!r}", "try one of its sources"
            )
        lead = found[0].lead_months if found else 0.0
    elif decision.system is None and site is not None:
        if site.opening is None:
            yield Finding(at, f"site {site.id!r} is open already", "try adding system:, tier: or source:")
        lead = site.opening.lead_months if site.opening else 0.0
    ordered = time.period_index(decision.period) - time.periods_of_months(lead)
    if ordered < 0 or time.period_index(decision.period) >= time.periods:
        message = f"a delivery in {decision.period} is ordered in {time.period_id(ordered)}, outside the horizon"
        if ordered >= 0:
            message = f"{decision.period} lies after the horizon"
        yield Finding((*at, "period"), message, "try a later one, or fleet: for what is on order already")
    elif instance.policy.frozen_until and ordered > time.period_index(instance.policy.frozen_until):
        message = f"a delivery in {decision.period} is ordered in {time.period_id(ordered)}, after the frozen periods"
        yield Finding((*at, "period"), message, "try a limit (of: bought, exactly: ...), or a later frozen_until")


def _class(at: Path, instance: Instance, decision: Decision) -> Iterator[Finding]:
    """A rental class is one of the system's."""
    system = next((s for s in instance.systems if s.id == decision.system), None)
    known = [offer.id for offer in system.rental_classes] if system is not None else []
    if system is not None and decision.rental is not None and decision.rental not in known:
        message = f"{system.id} has no rental class {decision.rental!r}"
        yield Finding((*at, "rental"), message, did_you_mean(decision.rental, known) if known else "try removing it")
