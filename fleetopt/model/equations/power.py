"""P: firm power and cooling for what is installed, energy for what runs."""

from typing import Any

from pulp import lpSum

from fleetopt.instance.sites import PowerSource, Site
from fleetopt.model.context import KW_PER_MW, Context
from fleetopt.model.equation import Rows, equation
from fleetopt.model.equations.supply import alive_purchases, rented_working
from fleetopt.model.terms import weighted
from fleetopt.model.variables import LEASE, lease_terms


@equation("P1", "site, period")
def firm_power_covers_installed(m: Context) -> Rows:
    """Installed units at rated power fit the site's firm power, whatever runs.

    $$pue^{peak}_s\\,\\Big(diversity_s \\sum_c p_c\\,installed_{c,s,t} + \\sum_m p_m\\,gb_{m,s,t}\\Big) \\le \\sum_e firm_e\\,power_{e,s,t} + lease_{s,t}$$
    """
    for site in ground_sites(m):
        for t, period in enumerate(m.sets.periods):
            rated = [site.power.diversity * mw * unit for mw, _, unit in _installed(m, site.id, t)]
            stored = [mw * unit for mw, unit in memory_power(m, site.id, t)]
            if not rated and not stored:
                continue
            firm = [e.firm_share * mw for e in sources(site) for mw in [power_mw(m, site, e, t)]]
            lease = [m.var.lease[site.id, t]] if (site.id, t) in m.var.lease else []
            yield (site.id, period), site.power.pue_peak * lpSum(rated + stored) - lpSum(firm + lease) <= 0


@equation("P2", "site, period, slice")
def energy_is_drawn_from_sources(m: Context) -> Rows:
    """Sources deliver idle power for what is installed and the rest for work done, in every slice.

    Where no replica is counted whole, units in use work: running is busy. Loaded replicas without work draw idle power.

    $$\\sum_e draw_{e,s,t,h} = pue_s\\,\\Big(\\sum_c p_c\\,(idle_c\\,installed_{c,s,t} + (1 - idle_c)\\,running_{c,s,t,h}) + \\sum_m p_m\\,gb_{m,s,t}\\Big)$$
    """
    for site in ground_sites(m):
        ids = [e.id for e in sources(site)] + [LEASE]
        for t, period in enumerate(m.sets.periods):
            always = [mw * unit for mw, unit in memory_power(m, site.id, t)]
            units = _installed(m, site.id, t)
            if not units and not always:
                continue
            for h in m.sets.slices:
                load = list(always)
                for mw, c, unit in units:
                    place = (c, site.id, t, h)
                    running = m.var.running.get(place, m.var.busy.get(place))
                    system = m.sets.systems[c]
                    idle = system.idle_share
                    if running is not None:
                        load += [mw * idle * unit, mw * (1 - idle) * running]
                    else:  # nothing can be served here: accelerators idle, processors and memory always run
                        load.append(mw * (idle if system.chips > 0 else 1.0) * unit)
                drawn = lpSum(m.var.draw[e, site.id, t, h] for e in ids if (e, site.id, t, h) in m.var.draw)
                yield (site.id, period, h), drawn - site.power.pue_average * lpSum(load) == 0


@equation("P2.running", "system, site, period, slice")
def work_runs_on_units(m: Context) -> Rows:
    """Where replicas may stand loaded without work, owned units run for what is served and trained beyond rented ones.

    Rented units take work first: their energy is in the rent.

    $$\\sum_{k,b} \\frac{units_k}{rate_{k,b}}\\,serve_{b,k,t,h} + \\sum_{k\\,team} units_k\\,trainrun_{k,t} - \\sum_a working_a\\,rented_{c,s,a,t} \\le running_{c,s,t,h}$$
    """
    for (c, s, t, h), running in m.var.running.items():
        work = [(k.units / p.rate_per_s, serve) for k in m.sets.on[c, s] for p, serve in m.served(k, t, h)]
        teams = [k for k in m.sets.teams_on.get((c, s), ()) if (k.id, t) in m.var.trainrun]
        work += [(k.units, m.var.trainrun[k.id, t]) for k in teams]
        yield (c, s, m.sets.periods[t], h), weighted(work) - rented_working(m, c, s, t) - running <= 0


@equation("P2.source", "source, site, period, slice")
def sources_deliver_what_they_have(m: Context) -> Rows:
    """A source delivers at most its average share of its power, existing or built and within its life, a lease its own.

    $$draw_{e,s,t,h} \\le energy_e\\,power_{e,s,t}, \\quad power_{e,s,t} = existing_{e,s} + block_e \\sum_{\\tau \\le t < \\tau + life} build_{e,s,\\tau}$$
    """
    by_id = {(site.id, e.id): (site, e) for site in ground_sites(m) for e in sources(site)}
    for (e, s, t, h), draw in m.var.draw.items():
        if e == LEASE:
            yield (e, s, m.sets.periods[t], h), draw - m.var.lease[s, t] <= 0
        else:
            site, source = by_id[s, e]
            power = source.energy_share * power_mw(m, site, source, t)
            yield (e, s, m.sets.periods[t], h), draw - power <= 0


@equation("P2.build", "source, site")
def sources_are_built_within_limits(m: Context) -> Rows:
    """Over the horizon no more is built of a source than the site can have.

    $$block_e \\sum_t build_{e,s,t} \\le max_e$$
    """
    for site in ground_sites(m):
        for e in sources(site):
            blocks = [
                m.var.build[e.id, site.id, t] for t in range(len(m.sets.periods)) if (e.id, site.id, t) in m.var.build
            ]
            if blocks:
                yield (e.id, site.id), lpSum(blocks) <= most_blocks(site, e)


def most_blocks(site: Site, source: PowerSource) -> int:
    """Whole blocks of a source that can be built at a site over the horizon."""
    most_kw = source.max_new_kw * source.scale * site.power.scale
    return int(most_kw / source.block_kw + 1e-9) if source.block_kw > 0 else 0


@equation("P2.lease", "site, period")
def leases_stay_within_the_offer(m: Context) -> Rows:
    """No more powered space is leased than is on offer, and none before the site opens.

    $$lease_{s,t} \\le max_s \\quad (\\times\\; open_{s,t} \\text{ where the site is to be opened})$$
    """
    for (s, t), lease in m.var.lease.items():
        offer = m.sets.sites[s].power.lease
        assert offer is not None, "leases have columns only where on offer"
        open_ = m.var.open[s, t] if s in m.sets.first_open else 1
        yield (s, m.sets.periods[t]), lease - offer.max_kw * offer.scale / KW_PER_MW * open_ <= 0


@equation("P3", "site, period")
def cooling_carries_the_heat(m: Context) -> Rows:
    """Installed units at rated power give off no more heat than the site's cooling carries.

    All power drawn becomes heat, with the diversity of P1. Satellites radiate their own (O1), and what is rented is
    cooled by its provider.

    $$diversity_s \\sum_c p_c\\,installed_{c,s,t} + \\sum_m p_m\\,gb_{m,s,t} \\le cooling_s$$
    """
    for site in ground_sites(m):
        if site.cooling is None:
            continue
        for t, period in enumerate(m.sets.periods):
            heat = [site.power.diversity * mw * unit for mw, _, unit in _installed(m, site.id, t)]
            heat += [mw * unit for mw, unit in memory_power(m, site.id, t)]
            if heat:
                yield (site.id, period), lpSum(heat) <= site.cooling.max_kw * site.cooling.scale / KW_PER_MW


@equation("P3.density", "site, period")
def shared_racks_stay_within_the_density(m: Context) -> Rows:
    """Units of less than a rack position share the positions that whole racks leave, within what can be cooled there.

    A rack that draws less than can be cooled leaves nothing to others; one that draws more is not bought (a screen).
    Memory without a position of its own stands in the racks of its systems.

    $$\\sum_{c\\,shared} p_c\\,installed_{c,s,t} + \\sum_{m\\,shared} p_m\\,gb_{m,s,t} \\le density_s\\,\\Big(slots_s - \\sum_{c\\,whole} slots_c\\,installed_{c,s,t} - \\sum_{m\\,whole} slots_m \\sum_{\\tau \\le t} mem_{m,s,\\tau}\\Big)$$
    """
    for site in ground_sites(m):
        limit = site.cooling.max_kw_per_slot if site.cooling is not None else None
        if limit is None or site.space is None:
            continue
        for t, period in enumerate(m.sets.periods):
            taken = [  # (rack positions, MW, units)
                (m.sets.systems[c].slots, mw, unit) for mw, c, unit in _installed(m, site.id, t)
            ]
            for tier in (tier for tier in m.instance.memory if tier.enabled):
                mw = tier.power_w_per_gb * tier.unit_gb / 1e6
                taken += [(tier.slots_per_unit, mw, unit) for unit in alive_purchases(m, tier, site.id, t)]
            shared = [mw * unit for slots, mw, unit in taken if 0 < slots < 1 and mw > 0]
            whole = [limit / KW_PER_MW * slots * unit for slots, _, unit in taken if slots >= 1]
            if shared:
                most = limit / KW_PER_MW * site.space.slots * site.space.scale
                yield (site.id, period), lpSum(shared + whole) <= most


@equation("P2.term", "site, period")
def leases_run_their_term(m: Context) -> Rows:
    """What is leased in a period are the leases that started within their term, each kept and paid to its end.

    $$lease_{s,t} = \\sum_{t - term_s < \\tau \\le t} sign_{s,\\tau}$$
    """
    for s, t in m.var.sign:
        since = range(max(0, t - lease_terms(m.instance, m.sets.sites[s]) + 1), t + 1)
        running = lpSum(m.var.sign[s, b] for b in since if (s, b) in m.var.sign)
        yield (s, m.sets.periods[t]), m.var.lease[s, t] - running == 0


def ground_sites(m: Context) -> list[Site]:
    """Sites that need power brought to them; satellites carry their own (O1)."""
    return [s for s in m.sets.sites.values() if s.kind == "ground"]


def sources(site: Site) -> list[PowerSource]:
    """Sources that may be used at a site."""
    return [e for e in site.power.sources if e.enabled]


def power_mw(m: Context, site: Site, source: PowerSource, t: int) -> Any:
    """Power of a source at a site in MW: existing, and blocks with first power by t and within their life."""
    existing = source.existing_kw * source.scale * site.power.scale / KW_PER_MW
    first = max(0, t - m.prices.life_periods(source.life_years) + 1)
    blocks = [m.var.build[source.id, site.id, b] for b in range(first, t + 1) if (source.id, site.id, b) in m.var.build]
    return existing + source.block_kw / KW_PER_MW * lpSum(blocks)


def memory_power(m: Context, s: str, t: int) -> list[tuple[float, Any]]:
    """(MW a unit, column) of memory bought for a site and in service in t."""
    found = []
    for tier in m.instance.memory:
        mw = tier.power_w_per_gb * tier.unit_gb / 1e6
        if mw > 0 and tier.enabled:
            found += [(mw, unit) for unit in alive_purchases(m, tier, s, t)]
    return found


def _installed(m: Context, s: str, t: int) -> list[tuple[float, str, Any]]:
    return [
        (m.sets.systems[c].power_kw / KW_PER_MW, c, m.var.installed[c, s, t])
        for c, site in m.sets.places_at(s)
        if (c, site, t) in m.var.installed
    ]
