"""X3: duties and licence revenue shares, as a share of the list price."""

from fleetopt.instance.systems import System
from fleetopt.instance.time import Time
from fleetopt.instance.trade import Duty, Licence, Trade
from fleetopt.policy.export import Verdict, in_force


def duty_rate(
    trade: Trade,
    time: Time,
    system: System,
    jurisdiction_id: str,
    period: int,
    licence: Licence | None = None,
    said: Verdict | None = None,
) -> float:
    """Sum of the duties in force on a delivery in period index `period`, plus the licence's revenue share.

    The packaged rules' own duty and share come from `said`; a licence that says a larger share stands.
    """
    duties = sum(
        duty.rate
        for duty in trade.duties
        if duty.enabled and in_force(time, period, duty.since, duty.until) and _falls_on(duty, system, jurisdiction_id)
    )
    packaged = (said.duty_rate, said.revenue_share) if said is not None else (0.0, 0.0)
    share = max(licence.revenue_share if licence is not None else 0.0, packaged[1])
    return float(duties + packaged[0] + share)


def _falls_on(duty: Duty, system: System, jurisdiction_id: str) -> bool:
    """Whether a duty falls on a system there; one by origin never falls on a system without a chip."""
    if jurisdiction_id not in duty.jurisdictions or (duty.systems and system.id not in duty.systems):
        return False
    return not duty.origins or (system.chip is not None and system.chip.origin in duty.origins)
