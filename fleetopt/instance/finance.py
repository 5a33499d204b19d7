"""Money over time, and the limits a planner sets (F1, F2, G1, G2)."""

from typing import Literal

from pydantic import Field

from fleetopt.instance.base import Entity, Id, Name, PeriodId, Section, awaits
from fleetopt.units import Share, Usd, UsdPerT


class Finance(Section):
    """Cost of capital and budgets."""

    wacc: Share = 0.09
    """Weighted average cost of capital a year; also the discount rate."""
    capital_budget_usd: tuple[Usd, ...] = ()
    """Most capital committed by period of order, at list price; the last value goes on; no limit where empty (F1)."""
    residual: Literal["annuity", "straight_line", "table"] = "annuity"
    """How purchases that outlive the horizon are charged (F2): `annuity`, each over its life, inside the horizon only;
    or in full at delivery, less what is left of the price at the end of the horizon: by `straight_line` over the life,
    or by `table` (`residual_table`)."""
    residual_table: tuple[tuple[Share, Share], ...] = ()
    """For `residual: table`: points of (share of the life gone, share of the price left), one rule for all that is bought;
    straight lines between them, all of the price left at 0 unless said otherwise, and nothing at the end of life."""
    carbon_usd_per_t: UsdPerT = 0.0
    """Price of carbon (objective line `carbon`)."""
    carbon_budget_t: tuple[float, ...] = awaits("G1", ())
    """Carbon budget by period."""


class Limit(Entity):
    """A planner's own limit on what is installed (G2)."""

    enabled: bool = True
    """Whether it holds."""
    measure: Literal["units", "chips", "power_kw"] = "units"
    """What is counted of the installed fleet (rented units included)."""
    systems: tuple[Id, ...] = ()
    """Systems counted; all where empty."""
    vendors: tuple[Name, ...] = ()
    """Vendors counted; all where empty."""
    sites: tuple[Id, ...] = ()
    """Sites counted; all where empty."""
    periods: tuple[PeriodId, ...] = ()
    """Periods it holds in; all where empty."""
    at_least: float | None = Field(default=None, ge=0)
    """Least amount, or least share where `share` is set."""
    at_most: float | None = Field(default=None, ge=0)
    """Most amount, or most share where `share` is set."""
    share: bool = False
    """Whether the bounds are shares of the whole installed fleet in that measure."""


class Policy(Section):
    """The planner's limits."""

    limits: tuple[Limit, ...] = ()
    """User limits (G2)."""
    frozen_until: PeriodId | None = awaits("G2 (frozen periods)")
    """Last period whose purchases are fixed."""
