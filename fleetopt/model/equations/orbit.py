"""O: what can be lifted, and what is left of it (O1, the sizing of a satellite, is a screen)."""

from pulp import lpSum

from fleetopt.model.context import Context
from fleetopt.model.equation import Rows, equation
from fleetopt.model.equations.supply import working


@equation("O2", "site, period")
def launches_carry_the_mass(m: Context) -> Rows:
    """Satellites that enter service in a period fit its launch capacity (in tonnes).

    $$\\sum_c mass_c\\,buy_{c,s,t} \\le capacity_{s}$$
    """
    for site in m.sets.sites.values():
        if site.orbit is None:
            continue
        for t, period in enumerate(m.sets.periods):
            mass = [
                1e-3 * m.sets.offers[c, s].mass_kg * m.var.buy[c, s, t]
                for c, s in m.sets.places_at(site.id)
                if (c, s, t) in m.var.buy
            ]
            if mass:
                yield (site.id, period), lpSum(mass) <= 1e-3 * site.orbit.launch_kg_per_period


@equation("O3", "system, site, period, slice")
def what_fails_in_orbit_stays_failed(m: Context) -> Rows:
    """Units in use in orbit are those that survive to their age: nothing is repaired.

    $$busy_{c,s,t,h} \\le \\sum_{j\\,alive} (1 - f_c)^{age_j(t)}\\,\\Big(units_j - \\sum_{\\tau \\le t} retire_{c,s,j,\\tau}\\Big)$$
    """
    for (c, s, t, h), busy in m.var.busy.items():
        if m.sets.sites[s].kind == "orbit":
            yield (c, s, m.sets.periods[t], h), busy - working(m, c, s, t) <= 0
