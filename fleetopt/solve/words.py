"""The planner's own limits in the planner's own words, for a diagnosis."""

from collections.abc import Callable, Mapping

from fleetopt.instance.finance import Limit
from fleetopt.instance.schema import Instance
from fleetopt.model.equation import Index

MEASURES = {"units": "units", "chips": "chips", "power_kw": "kW"}
BOUNDS = {"at_least": "at least", "at_most": "at most", "exactly": "exactly"}
FAMILIES = {"buy": "units", "rent": "rented units", "mem": "units", "build": "blocks", "open": "site"}


def _limit(instance: Instance, index: Index, amount: float) -> tuple[str, str]:
    """`limit 'few' (at most 10 units of gpu8 at oslo installed in 2027q1) stands 5 units in the way`."""
    name, bound, period = index
    limit = next(entry for entry in instance.policy.limits if entry.id == name)
    unit, value = MEASURES[limit.measure], float(getattr(limit, bound))
    asked = f"{100 * value:g} % of the {unit}" if limit.share else f"{value:,.10g} {unit}"
    when = ("over " + (", ".join(limit.periods) or "all periods")) if period == "together" else f"in {period}"
    said = f"{BOUNDS[bound]} {asked}{_counted(limit)} {limit.of} {when}"
    return unit, f"G2: limit '{name}' ({said}) stands {amount:,.10g} {unit} in the way"


def _counted(limit: Limit) -> str:
    what = ", ".join((*limit.systems, *limit.vendors))
    return (f" of {what}" if what else "") + (f" at {', '.join(limit.sites)}" if limit.sites else "")


def _frozen(instance: Instance, index: Index, amount: float) -> tuple[str, str]:
    """`the frozen order of gpu8 for oslo in 2027q1 stands 5 units in the way`."""
    family, item, site, period = index
    unit, until = FAMILIES[family], instance.policy.frozen_until
    what = f"the opening of {site}" if family == "open" else f"the order of {item} ({family}) for {site}"
    said = f"G2: orders are frozen up to {until}, and {what} in {period} stands {amount:,.10g} {unit} in the way"
    return unit, said


WORDS: Mapping[str, Callable[[Instance, Index, float], tuple[str, str]]] = {"G2": _limit, "G2.frozen": _frozen}
"""Unit and message of a finding by equation."""
