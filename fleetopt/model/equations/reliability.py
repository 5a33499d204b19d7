"""R: what is broken does not serve (R2, headroom for percentiles, is a screen: it lowers the rate once)."""

from fleetopt.instance.systems import System
from fleetopt.model.context import Context
from fleetopt.model.equation import Rows, equation

DAYS_PER_YEAR = 365.25


@equation("R1", "system, site, period, slice")
def spares_do_not_serve(m: Context) -> Rows:
    """Units in use on the ground leave out those that are, on average, failed and under repair.

    $$busy_{c,s,t,h} \\le \\Big(1 - f_c\\,\\tfrac{repair_c}{365.25}\\Big)\\,installed_{c,s,t}$$
    """
    for (c, s, t, h), busy in m.var.busy.items():
        if m.sets.sites[s].kind == "ground":
            working = available_share(m.sets.systems[c])
            yield (c, s, m.sets.periods[t], h), busy - working * m.var.installed[c, s, t] <= 0


def available_share(system: System) -> float:
    """Share of units not under repair on average."""
    return 1 - min(1.0, system.failures_per_year * system.repair_days / DAYS_PER_YEAR)
