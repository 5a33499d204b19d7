"""Money over time, and the limits a planner sets (F1, F2, G1, G2)."""

from typing import Literal

from pydantic import Field

from fleetopt.instance.base import Entity, Id, Name, PeriodId, Section
from fleetopt.units import Share, Tonnes, Usd, UsdPerT


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
    """For `residual: table`: points of (share of the life gone, share of the price left), one rule for all that is
    bought; straight lines between them, all of it left at 0 unless said otherwise, nothing at the end of life."""
    carbon_usd_per_t: UsdPerT = 0.0
    """Price of carbon (objective line `carbon`)."""
    carbon_budget_t: tuple[Tonnes, ...] = ()
    """Most carbon emitted by period: energy drawn, leased power included, and launches (G1); the last value goes on."""


class Limit(Entity):
    """A planner's own limit on what is installed, bought or rented (G2)."""

    enabled: bool = True
    """Whether it holds."""
    of: Literal["installed", "owned", "rented", "bought", "ordered"] = "installed"
    """What it limits in each period: what is in place (`installed`, rented units included; `owned` without them),
    what is under a rental contract (`rented`), what is delivered (`bought`) or ordered (`ordered`) in it."""
    measure: Literal["units", "chips", "power_kw"] = "units"
    """In what it is counted."""
    systems: tuple[Id, ...] = ()
    """Systems counted; all where empty."""
    vendors: tuple[Name, ...] = ()
    """Vendors counted; all where empty."""
    sites: tuple[Id, ...] = ()
    """Sites counted; all where empty."""
    periods: tuple[PeriodId, ...] = ()
    """Periods it holds in; all where empty."""
    together: bool = False
    """Whether the periods are added up, for what is bought or ordered; else it holds in each of them."""
    at_least: float | None = Field(default=None, ge=0)
    """Least amount, or least share where `share` is set."""
    at_most: float | None = Field(default=None, ge=0)
    """Most amount, or most share where `share` is set."""
    exactly: float | None = Field(default=None, ge=0)
    """The amount, or the share where `share` is set."""
    share: bool = False
    """Whether the bounds are shares of the same count over all systems and sites."""


class Decision(Section):
    """Something decided already, in a frozen period: systems, memory, power or a site, as a plan writes them (G2)."""

    period: PeriodId
    """Period of delivery, of the start of the contract, of first power, or of the opening."""
    site: Id
    """Where; with neither `system`, `tier` nor `source` it is the opening of this site."""
    system: Id | None = None
    """System bought or rented."""
    acquisition: Literal["buy", "rent"] = "buy"
    """Whether the system is bought or rented."""
    rental: Id | None = None
    """Rental class of the system it is rented in; its plain `rent` where absent."""
    tier: Id | None = None
    """Memory tier bought."""
    source: Id | None = None
    """Power source of the site of which blocks are built."""
    units: float = Field(default=1.0, ge=0)
    """Units of the system or tier, or blocks of the source; whole unless rented."""


class Spares(Entity):
    """Units kept back on the ground, beyond those under repair on average (R1): N+k, or by a probability."""

    enabled: bool = True
    """Whether they are kept."""
    systems: tuple[Id, ...] = ()
    """Systems it holds for; all where empty."""
    sites: tuple[Id, ...] = ()
    """Sites on the ground it holds for, each for itself; all where empty."""
    units: int | None = Field(default=None, ge=1)
    """N+k: so many units of a system in place at a site beyond those in use, wherever any are in use."""
    confidence: Share | None = None
    """Probability at which no more units are under repair at a time than are not in use: failures are independent, and
    a unit is out for `failures_per_year` x `repair_days` / 365.25 of the time."""


class Policy(Section):
    """The planner's limits."""

    limits: tuple[Limit, ...] = ()
    """User limits (G2)."""
    spares: tuple[Spares, ...] = ()
    """Spare units (R1)."""
    frozen_until: PeriodId | None = None
    """Last period whose orders are fixed: until then `purchases` is all that is ordered, no more and no less (G2)."""
    purchases: tuple[Decision, ...] = ()
    """What is ordered in the frozen periods: systems bought or rented, memory and power built, sites decided on."""
