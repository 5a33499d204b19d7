"""X3: duties and licence revenue shares, as a share of the list price."""

from fleetopt.instance.systems import System
from fleetopt.instance.time import Time
from fleetopt.instance.trade import Duty, Licence, Trade
from fleetopt.policy.export import in_force


def duty_rate(
    trade: Trade, time: Time, system: System, jurisdiction_id: str, period: int, licence: Licence | None = None
) -> float:
    """Sum of the duties in force on a delivery in period index `period`, plus the licence's revenue share."""
    duties = sum(
        duty.rate
        for duty in trade.duties
        if duty.enabled and in_force(time, period, duty.since, duty.until) and _falls_on(duty, system, jurisdiction_id)
    )
    return float(duties + (licence.revenue_share if licence is not None else 0.0))


def _falls_on(duty: Duty, system: System, jurisdiction_id: str) -> bool:
    """Whether a duty falls on a system there; one by origin never falls on a system without a chip."""
    if jurisdiction_id not in duty.jurisdictions or (duty.systems and system.id not in duty.systems):
        return False
    return not duty.origins or (system.chip is not None and system.chip.origin in duty.origins)
