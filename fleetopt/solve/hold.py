"""A planner's own plan held in the model: its columns fixed, or named with the reason why they cannot be had."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from fleetopt.candidates.candidate import Rejection
from fleetopt.errors import InputError, Issue
from fleetopt.model.build import Model
from fleetopt.model.context import KW_PER_MW, Context
from fleetopt.model.variables import LEASE, bought, lease_terms
from fleetopt.orbit.launch import launch_lead_months
from fleetopt.policy.export import licence_for, verdict_at
from fleetopt.solve.matrix import Matrix
from fleetopt.solve.own_plan import OwnPlan, Wish

HELD: Mapping[str, tuple[str, ...]] = {
    "systems": ("buy", "rent", "contract"),
    "memory": ("mem",),
    "power": ("build", "lease", "sign"),
    "sites": ("open",),
    "retirements": ("retire",),
}
"""Column families that a kind of wish holds. Memory rented by the month is none of them: it follows what is stored."""
Key = tuple[str, tuple[str | int, ...]]
"""(family, index) of a column."""


@dataclass(frozen=True)
class Held:
    """The columns a plan holds, by what they are held at."""

    amounts: Mapping[Key, float]
    families: frozenset[str]

    def fixed(self, model: Model, matrix: Matrix) -> Matrix:
        """The problem with every column of the families held as told, and at nought where nothing is told."""
        which, values = np.zeros(len(matrix.columns), dtype=bool), np.zeros(len(matrix.columns))
        for family in self.families:
            for index, column in getattr(model.context.var, family).items():
                which[matrix.index[column.name]] = True
                values[matrix.index[column.name]] = self.amounts.get((family, index), 0.0)
        return matrix.fixed(which, values)

    def at_least(self, model: Model, matrix: Matrix) -> Matrix:
        """The problem with what is told as the least there is: what it would take to complete the plan."""
        lower = matrix.lower.copy()
        for (family, index), amount in self.amounts.items():
            column = getattr(model.context.var, family)[index]
            lower[matrix.index[column.name]] = amount
        return replace(matrix, lower=lower)


def hold(model: Model, own: OwnPlan, rejections: tuple[Rejection, ...]) -> Held:
    """The columns of the wishes; raises InputError naming each that cannot be had, with the reason."""
    m, amounts, problems = model.context, dict[Key, float](), list[Issue]()
    for wish in own.wishes:
        try:
            for key, amount in _columns(m, wish, rejections):
                amounts[key] = amount if key[0] == "open" else amounts.get(key, 0.0) + amount
        except _Refused as refused:
            problems.append(Issue(*wish.place, refused.path, str(refused), refused.hint))
    problems += _over_retired(m, own, amounts)
    if problems:
        raise InputError(problems)
    return Held(amounts, frozenset(family for kind in own.kinds for family in HELD[kind]))


class _Refused(Exception):
    """A wish that cannot be had."""

    def __init__(self, path: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.path, self.hint = path, hint


def _columns(m: Context, wish: Wish, rejections: tuple[Rejection, ...]) -> list[tuple[Key, float]]:
    """The columns of a wish with what each is held at; none for nought, and for what is operated rather than bought."""
    if wish.amount == 0 or (wish.kind, wish.acquisition) == ("memory", "rent"):
        return []
    return _READERS[wish.kind](m, wish, rejections)


def _system(m: Context, wish: Wish, rejections: tuple[Rejection, ...]) -> list[tuple[Key, float]]:
    t = m.instance.time.period_index(wish.period)
    family, index = _column_of(wish)
    if (*index, t) not in getattr(m.var, family):
        rule, why = _why_not(m, wish, t, rejections)
        raise _Refused(wish.item, f"cannot be had at {wish.site} in {wish.period}: {why} ({rule})", _instead(m, wish))
    return [((family, (*index, t)), wish.amount)]


def _column_of(wish: Wish) -> tuple[str, tuple[str, ...]]:
    """Family of a system's columns, and their index without the period."""
    if wish.rental:
        return "contract", (wish.item, wish.site, wish.rental)
    return wish.acquisition, (wish.item, wish.site)


def _why_not(m: Context, wish: Wish, t: int, rejections: tuple[Rejection, ...]) -> tuple[str, str]:
    """Rule and reason for a system that cannot be bought or rented for a site in a period."""
    instance, time = m.instance, m.instance.time
    system, site = instance.system(wish.item), instance.site(wish.site)
    for entity, name in ((system, "system"), (site, "site")):
        if not entity.enabled:
            return "enabled", f"the {name} is not enabled"
    if (system.kind == "satellite") != (site.kind == "orbit"):
        return "O1", "satellites stand in orbit, all else on the ground"
    offered = system.rentals.get(wish.rental)
    if wish.acquisition == "rent" and (offered is None or offered.max_units == 0):
        return "B7", "nobody rents it out"
    if wish.acquisition == "buy" and site.provider_country is not None:
        return "B7", "the site is a provider's: nothing is bought there"
    if wish.acquisition == "buy" and (not system.buyable or system.price.buy_usd is None):
        return "B7", "it is not sold (not buyable, or without a price)"
    months = system.lead_months + launch_lead_months(site.orbit)
    lead = time.periods_of_months(months)
    if wish.acquisition == "buy" and t < lead:
        return "B2", f"with a lead of {months:g} months nothing arrives before {time.period_id(lead)}"
    if system.available_from and t < time.period_index(system.available_from):
        return "B2", f"it is on the market from {system.available_from}"
    if site.orbit is not None and site.orbit.available_from and t < time.period_index(site.orbit.available_from):
        return "B2", f"nothing is launched there before {site.orbit.available_from}"
    said = verdict_at(instance, system, site, t)
    licensed = licence_for(instance.trade, time, system.id, site.jurisdiction, t) is not None
    if said.allowed == "barred":
        return "X1", f"{said.rule_id} bars it: {said.because}"
    if said.allowed == "licence" and not licensed:
        return "X1", f"{said.rule_id} asks for a licence and none is assumed: {said.because}"
    if t < m.sets.first_open.get(site.id, 0):
        return "S2", f"the site cannot be open before {time.period_id(m.sets.first_open[site.id])}"
    found = [r for r in rejections if (r.system, r.site) == (system.id, site.id)]
    return (found[0].rule, found[0].detail) if found else ("B2", "it is not on offer then")


def _instead(m: Context, wish: Wish) -> str:
    family, index = _column_of(wish)
    periods = sorted(key[-1] for key in getattr(m.var, family) if key[:-1] == index)
    if not periods:
        return "try another system or site"
    return f"try a period from {m.sets.periods[periods[0]]} to {m.sets.periods[periods[-1]]}"


def _memory(m: Context, wish: Wish, _: tuple[Rejection, ...]) -> list[tuple[Key, float]]:
    t, tier = m.instance.time.period_index(wish.period), m.instance.tier(wish.item)
    units = wish.amount / tier.unit_gb if wish.measure == "gb" else wish.amount
    _whole(wish, units, f"a unit is {tier.unit_gb:g} GB")
    if (tier.id, wish.site, t) not in m.var.mem:
        lead = m.instance.time.periods_of_months(tier.lead_months)
        why = "it is not sold there" if t >= lead else f"its lead is {tier.lead_months:g} months (B2)"
        raise _Refused(tier.id, f"cannot be had at {wish.site} in {wish.period}: {why}", "try a later period or no row")
    return [(("mem", (tier.id, wish.site, t)), round(units))]


def _power(m: Context, wish: Wish, _: tuple[Rejection, ...]) -> list[tuple[Key, float]]:
    t, time = m.instance.time.period_index(wish.period), m.instance.time
    power = m.instance.site(wish.site).power
    if wish.item == LEASE:
        if (wish.site, t) not in m.var.lease:
            raise _Refused(LEASE, f"cannot be had at {wish.site} in {wish.period}: its lead (P2)", "try a later period")
        if wish.measure != "power_kw":
            raise _Refused(LEASE, "a lease comes by the kW, not in blocks", "try power_kw")
        return _lease(m, wish.site, t, wish.amount / KW_PER_MW)
    source = next(e for e in power.sources if e.id == wish.item)
    if (source.id, wish.site, t) not in m.var.build:
        lead = time.periods_of_months(source.lead_months)
        why = f"first power is in {time.period_id(lead)}" if t < lead else "nothing of it can be built"
        raise _Refused(source.id, f"cannot be built at {wish.site} for {wish.period}: {why} (P2)", "try a later period")
    blocks = wish.amount / source.block_kw if wish.measure == "power_kw" else wish.amount
    _whole(wish, blocks, f"a block is {source.block_kw:g} kW")
    return [(("build", (source.id, wish.site, t)), round(blocks))]


def _lease(m: Context, site: str, t: int, mw: float) -> list[tuple[Key, float]]:
    """A lease runs its term, as far as the horizon goes."""
    last = min(t + lease_terms(m.instance, m.sets.sites[site]), len(m.sets.periods))
    signed = [(("sign", (site, t)), mw)] if (site, t) in m.var.sign else []
    return [*signed, *((("lease", (site, later)), mw) for later in range(t, last))]


def _site(m: Context, wish: Wish, _: tuple[Rejection, ...]) -> list[tuple[Key, float]]:
    t = m.instance.time.period_index(wish.period)
    if wish.site not in m.sets.first_open:
        raise _Refused(wish.site, "is open already, or not enabled", "try removing the row")
    first = m.sets.first_open[wish.site]
    if t < first:
        said = f"cannot be open in {wish.period} (S2)"
        raise _Refused(wish.site, said, f"try {m.instance.time.period_id(first)} or later")
    return [(("open", (wish.site, later)), 1.0) for later in range(t, len(m.sets.periods))]


def _retirement(m: Context, wish: Wish, _: tuple[Rejection, ...]) -> list[tuple[Key, float]]:
    t, cohort = m.instance.time.period_index(wish.period), wish.cohort
    names = {f"bought-{period}": bought(number) for number, period in enumerate(m.sets.periods)}
    key = (wish.item, wish.site, names.get(cohort, cohort), t)
    if key not in m.var.retire:
        said = f"no units of cohort {cohort!r} can be retired at {wish.site} in {wish.period}"
        raise _Refused(wish.item, f"{said} (B5)", "try a cohort of the fleet, or bought-PERIOD where there is resale")
    return [(("retire", key), wish.amount)]


def _whole(wish: Wish, units: float, size: str) -> None:
    if abs(units - round(units)) > 1e-6:
        said = f"{wish.amount:g} is not a whole number of units: {size}"
        raise _Refused(wish.measure, said, "try a multiple of it")


def _over_retired(m: Context, own: OwnPlan, amounts: Mapping[Key, float]) -> list[Issue]:
    """Retirements of more units than their cohort has."""
    had: dict[tuple[str, str, str], float] = {}
    for (c, s), cohorts in m.sets.cohorts.items():
        had |= {(c, s, cohort.id): float(cohort.units) for cohort in cohorts}
    for (family, index), units in amounts.items():
        if family == "buy":
            had[str(index[0]), str(index[1]), bought(int(index[2]))] = units
    problems = []
    for wish in (w for w in own.wishes if w.kind == "retirements"):
        names = {f"bought-{period}": bought(number) for number, period in enumerate(m.sets.periods)}
        key = (wish.item, wish.site, names.get(wish.cohort, wish.cohort))
        gone = sum(units for (family, i), units in amounts.items() if family == "retire" and i[:3] == key)
        if gone > had.get(key, 0.0):
            said = f"{gone:g} units of cohort {wish.cohort!r} are retired in all, and it has {had.get(key, 0.0):g}"
            problems.append(Issue(*wish.place, wish.item, f"{said} (B5)", "try fewer units"))
    return problems


_READERS: Mapping[str, Callable[[Context, Wish, tuple[Rejection, ...]], list[tuple[Key, float]]]] = {
    "systems": _system,
    "memory": _memory,
    "power": _power,
    "sites": _site,
    "retirements": _retirement,
}
