"""The way up: what a kilogram costs and how many go, by date; what is lost on the way, and what comes down again."""

from fleetopt.instance.orbits import Orbit
from fleetopt.instance.time import Time


def launch_usd_per_kg(orbit: Orbit, time: Time, t: int) -> float:
    """Launch price of a satellite that enters service in period t: the last date that has begun holds."""
    begun = [p.usd_per_kg for p in orbit.launch_price_by_date if time.period_index(p.since) <= t]
    return float((begun[-1] if begun else orbit.launch_usd_per_kg) * orbit.launch_scale)


def tonnage_kg(orbit: Orbit, time: Time, t: int) -> float:
    """Mass that can be launched in period t (O2)."""
    begun = [p.kg_per_period for p in orbit.tonnage_by_date if time.period_index(p.since) <= t]
    return float((begun[-1] if begun else orbit.launch_kg_per_period) * orbit.tonnage_scale)


def tonnage_by_kg(orbit: Orbit, time: Time, t: int) -> float:
    """Mass that can have been launched by the end of period t."""
    return sum(tonnage_kg(orbit, time, n) for n in range(t + 1))


def lifted_kg(orbit: Orbit, mass_kg: float) -> float:
    """Mass launched for each satellite that enters service: those lost on the way included (O2)."""
    return mass_kg / (1.0 - orbit.launch_loss_share)


def transport_usd(orbit: Orbit, time: Time, t: int, mass_kg: float) -> float:
    """Launch and deployment of a satellite that enters service in t, losses apart."""
    return (launch_usd_per_kg(orbit, time, t) + orbit.deployment_usd_per_kg) * mass_kg


def risk_usd(orbit: Orbit, unit_usd: float, transport: float) -> float:
    """What satellites lost on the way cost for each one that enters service, or insuring against it.

    Uninsured the price and launch of loss / (1 - loss) more; insured the premium on each of 1 / (1 - loss) launched.
    """
    share = orbit.insurance_share if orbit.insurance_share > 0 else orbit.launch_loss_share
    return share / (1.0 - orbit.launch_loss_share) * (unit_usd + transport)


def launch_lead_months(orbit: Orbit | None) -> float:
    """From a satellite's delivery to its service; nothing on the ground."""
    return 0.0 if orbit is None else orbit.launch_lead_months
