"""R1: spares kept back at a place, from the binomial distribution of units under repair."""

from collections.abc import Iterator

from scipy.special import bdtr

from fleetopt.instance.schema import Instance

DAYS_PER_YEAR = 365.25
ROUNDING = 1e-9
"""Of a probability."""


def kept_back(instance: Instance, system_id: str, site_id: str, owned: float) -> Iterator[int]:
    """Units that each rule keeps from being in use, of so many that are owned on the ground."""
    system = instance.system(system_id)
    out = min(1.0, system.failures_per_year * system.repair_days / DAYS_PER_YEAR)
    for rule in instance.policy.spares:
        here = (not rule.systems or system_id in rule.systems) and (not rule.sites or site_id in rule.sites)
        if rule.enabled and here and rule.units is not None:
            yield rule.units
        elif rule.enabled and here and rule.confidence is not None:
            whole = round(owned)
            enough = (k for k in range(whole) if bdtr(k, whole, out) >= rule.confidence - ROUNDING)
            yield next(enough, whole)
