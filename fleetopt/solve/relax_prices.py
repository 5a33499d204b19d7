"""What a planner would pay to have a limit relaxed, in USD for a unit of it: the prices of the elastic diagnosis.

They rank ways out, no more: what a plan costs once limits are relaxed is found by solving again. Each price is the
dearest that the instance itself names for the thing (list price of the systems a limit counts, capital cost of a kW,
rent of a unit); only where it names none stands a constant from below. What is needed in period after period has
the price of having it over the whole horizon, spread over the periods (and slices) of its rows.
"""

from collections.abc import Callable, Iterable

from fleetopt.instance.finance import Limit
from fleetopt.instance.systems import System
from fleetopt.model.context import GB_PER_TB, Context
from fleetopt.model.equation import Index
from fleetopt.orbit.launch import launch_usd_per_kg

Price = Callable[[Context, Index], float]
"""USD for one unit of the limit at an index."""

POWER_USD_PER_KW = 10_000.0
"""A kW of firm power where no source of the instance has a capital cost."""
SLOT_USD = 50_000.0
"""A rack position: a share of a building of its own."""
MEMORY_USD_PER_GB = 30.0
"""A GB of memory where no tier has a price."""
CORE_USD = 1_000.0
"""A CPU core for tools."""
LINK_USD_PER_GB = 0.05
"""Traffic over a widened link."""
SYSTEM_USD = 1e6
"""A unit where no system counted has a price."""
DELAY_USD_PER_REQUEST = 0.01
"""A request that waits longer than allowed."""
GIVEN_UP_USD_PER_REQUEST = 10.0
"""A request that is not served although it must be: far above what any request costs to serve."""
CARBON_USD_PER_T = 200.0
"""A tonne of carbon where the instance has no price for it."""
TERM_SHARE = 0.05
"""Price of a unit sold outside a vendor's lots or least order, as a share of its own."""
SITE_USD = 1e9
"""A site of a critical workload: above what sites cost to open."""
RUN_USD = 1e12
"""A training run given up."""


def dollar(_: Context, __: Index) -> float:
    """A dollar of budget is a dollar."""
    return 1.0


def power_kw(m: Context, _: Index) -> float:
    """A kW of firm power at the dearest source of the instance."""
    return _kw(m) / len(m.sets.periods)


def energy_kw(m: Context, index: Index) -> float:
    """A kW drawn from the dearest source of the instance."""
    return power_kw(m, index) / len(m.sets.slices)


def _kw(m: Context) -> float:
    known = (e.capex_usd_per_kw for s in m.sets.sites.values() for e in s.power.sources if e.enabled)
    return max(known, default=0.0) or POWER_USD_PER_KW


def block(m: Context, index: Index) -> float:
    """A block of the source."""
    source = next(e for e in m.sets.sites[index[1]].power.sources if e.id == index[0])
    return (source.capex_usd_per_kw or _kw(m)) * source.block_kw


def lease_kw(m: Context, index: Index) -> float:
    """A kW leased for the period."""
    return m.prices.lease_period(m.sets.sites[index[0]]) or power_kw(m, index)


def slot(m: Context, _: Index) -> float:
    """A rack position."""
    return SLOT_USD / len(m.sets.periods)


def core(m: Context, _: Index) -> float:
    """A CPU core."""
    return CORE_USD / _rows(m)


def memory_gb(m: Context, _: Index) -> float:
    """A GB of the dearest tier that can be bought."""
    tiers = [tier for tier in m.instance.memory if tier.enabled and tier.unit_gb > 0]
    known = (m.prices.memory_unit(tier, t) / tier.unit_gb for tier in tiers for t in range(len(m.sets.periods)))
    return (max(known, default=0.0) or MEMORY_USD_PER_GB) / _rows(m)


def _rows(m: Context) -> int:
    return len(m.sets.periods) * len(m.sets.slices)


def memory_gb_s(m: Context, index: Index) -> float:
    """A GB/s of the tier: as many of its GB as move it, at the dearest tier's price."""
    tier = m.instance.tier(index[0])
    known = [rate for rate in (tier.read_gb_s_per_tb, tier.write_gb_s_per_tb) if rate]
    return memory_gb(m, index) * GB_PER_TB / min(known, default=1.0)


def memory_tb_a_day(m: Context, index: Index) -> float:
    """A TB written a day: as much of the tier as endures it, at the dearest tier's price."""
    writes = m.instance.tier(index[0]).drive_writes_per_day or 1.0
    return memory_gb(m, index) * len(m.sets.slices) * GB_PER_TB / writes


def launch_kg(m: Context, index: Index) -> float:
    """A kg to that orbit in that period."""
    orbit = m.sets.sites[index[0]].orbit
    return launch_usd_per_kg(orbit, m.instance.time, m.sets.periods.index(index[1])) if orbit else 0.0


def link_gb_s(m: Context, _: Index) -> float:
    """A GB/s all through the slice of the period."""
    return LINK_USD_PER_GB * m.instance.time.period_hours * 3600 / len(m.sets.slices)


def ground_gb_s(m: Context, _: Index) -> float:
    """A GB/s between an orbit and the ground, all through the slice of the period: as a link."""
    return link_gb_s(m, ())


def tonne(m: Context, _: Index) -> float:
    """A tonne of carbon at the instance's price."""
    return m.instance.finance.carbon_usd_per_t or CARBON_USD_PER_T


def any_unit(m: Context, _: Index) -> float:
    """The dearest system of all."""
    return dearest(m, m.instance.systems)


def system_unit(m: Context, index: Index) -> float:
    """A unit of the system that the index begins with."""
    return dearest(m, [m.sets.systems[index[0]]])


def term_unit(m: Context, index: Index) -> float:
    """A unit beyond the vendor's terms of sale, which can be talked over: a share of its price."""
    return TERM_SHARE * system_unit(m, index)


def spare_unit(m: Context, index: Index) -> float:
    """A unit of the system of a spare rule, in one slice of one period."""
    return dearest(m, [m.sets.systems[index[1]]]) / _rows(m)


def steady_unit(m: Context, index: Index) -> float:
    """A unit of the system, in one slice of one period."""
    return system_unit(m, index) / _rows(m)


def class_unit(m: Context, index: Index) -> float:
    """A unit of the rental class for the period."""
    return m.prices.rent_period(m.sets.systems[index[0]], index[2]) or SYSTEM_USD


def site_fewer(_: Context, __: Index) -> float:
    """A site fewer than a critical workload asks for."""
    return SITE_USD


def share_moved(m: Context, index: Index) -> float:
    """A request/s beyond a site's share, all through the slice of the period."""
    return DELAY_USD_PER_REQUEST * m.instance.time.slice_hours_in_period(m.sets.slices[index[-1]]) * 3600


def supplied_unit(m: Context, index: Index) -> float:
    """The dearest system that a supply limit counts."""
    limit = next(x for x in m.instance.supply.limits if x.id == index[0])
    return dearest(m, (c for c in m.instance.systems if c.id in limit.systems or limit.vendor in (None, c.vendor)))


def licensed_unit(m: Context, index: Index) -> float:
    """The dearest system under a licence."""
    licence = next(x for x in m.instance.trade.licences if x.id == index[0])
    return dearest(m, (c for c in m.instance.systems if c.id in licence.systems))


def rented_unit(m: Context, index: Index) -> float:
    """A unit rented for the period."""
    return m.prices.rent_period(m.sets.systems[index[0]]) or SYSTEM_USD


def limited_unit(m: Context, index: Index) -> float:
    """The dearest system that a planner's limit counts, for one of its measure."""
    limit: Limit = next(x for x in m.instance.policy.limits if x.id == index[0])
    counted = [
        c
        for c in m.instance.systems
        if (not limit.systems or c.id in limit.systems) and (not limit.vendors or c.vendor in limit.vendors)
    ]
    sizes = {"units": lambda c: 1.0, "chips": lambda c: float(c.chips), "power_kw": lambda c: c.power_kw}
    size: Callable[[System], float] = sizes[limit.measure]
    usd = max((_unit_usd(m, c) / size(c) for c in counted if size(c) > 0), default=0.0) or SYSTEM_USD
    return usd / len(m.sets.periods)


def team_unit(m: Context, index: Index) -> float:
    """A unit of the team's system."""
    team = next(k for k in m.sets.training if k.id == index[0])
    return dearest(m, [m.sets.systems[team.system]]) / len(m.sets.periods)


def team_period(m: Context, index: Index) -> float:
    """A period of the whole team: its price spread over its life."""
    team = next(k for k in m.sets.training if k.id == index[0])
    system = m.sets.systems[team.system]
    return team.units * dearest(m, [system]) / m.prices.life_periods(system.life_years)


def waiting(m: Context, _: Index) -> float:
    """A request/s x hour of work that waits too long, in every cycle of the period."""
    return DELAY_USD_PER_REQUEST * 3600 * m.instance.time.period_hours / m.instance.time.cycle_hours


def given_up(m: Context, index: Index) -> float:
    """A request/s not served all through the slice of the period; a tie goes to the last in the file."""
    seconds = m.instance.time.slice_hours_in_period(m.sets.slices[index[-1]]) * 3600
    later = len(m.sets.serving) - list(m.sets.serving).index(index[0])
    return GIVEN_UP_USD_PER_REQUEST * seconds * (1 + 0.01 * later)


def run_given_up(_: Context, __: Index) -> float:
    """A training run that is not done."""
    return RUN_USD


def dearest(m: Context, systems: Iterable[System]) -> float:
    """Highest price of a unit."""
    return max((_unit_usd(m, c) for c in systems), default=0.0) or SYSTEM_USD


def _unit_usd(m: Context, system: System) -> float:
    """The highest of a system's prices by date."""
    return max(m.prices.unit_price(system, t) for t in range(len(m.sets.periods)))
