"""Jurisdictions, export rules, licences assumed, and duties (X1, X3)."""

from typing import Literal

from pydantic import Field

from fleetopt.instance.base import Entity, Id, Name, PeriodId, Section, awaits
from fleetopt.units import BandwidthGbS, Share


class Jurisdiction(Entity):
    """A country or region of one law."""

    country: Name
    """ISO 3166 alpha-2 code; `XO` for orbit, which follows the operator's own country."""


class ExportRule(Entity):
    """A dated rule on which chips may go where; every bound given must hold for it to bite."""

    enabled: bool = True
    """Whether the rule is in force in this instance."""
    since: PeriodId | None = None
    """First period in force; always where absent."""
    until: PeriodId | None = None
    """Last period in force; open where absent."""
    origins: tuple[Name, ...] = ("US",)
    """Origins of chips the rule covers."""
    destinations: tuple[Name, ...] = ()
    """Countries of delivery it covers; any where empty and `parents` match."""
    parents: tuple[Name, ...] = ()
    """Countries of the operator's ultimate parent it covers wherever delivery is."""
    tpp_at_least: float | None = Field(default=None, ge=0)
    """Total processing performance at which it bites."""
    tpp_below: float | None = Field(default=None, ge=0)
    """... and below which."""
    density_at_least: float | None = Field(default=None, ge=0)
    """Performance density (TPP per mm2) at which it bites."""
    density_below: float | None = Field(default=None, ge=0)
    """... and below which."""
    dram_gb_s_below: BandwidthGbS | None = None
    """DRAM bandwidth below which it bites."""
    chips: tuple[Id, ...] = ()
    """Chips named by the rule (is-informed letters)."""
    effect: Literal["licence", "barred"] = "licence"
    """`licence`: only under a licence the instance assumes; `barred`: not at all."""
    citation: Name = ""
    """The rule's reference."""


class Licence(Entity):
    """A licence the instance assumes (a scenario, not a fact)."""

    enabled: bool = True
    """Whether it is assumed."""
    systems: tuple[Id, ...]
    """Systems it covers."""
    jurisdiction: Id
    """Destination."""
    since: PeriodId | None = None
    """First period of delivery."""
    max_units: float | None = Field(default=None, ge=0)
    """Most units delivered or rented under it over the horizon, each contract once; no cap where absent (X1)."""
    revenue_share: Share = 0.0
    """Share of the price paid to the licensing state (X3)."""


class Duty(Entity):
    """A duty on deliveries: paid on the list price (X3)."""

    enabled: bool = True
    """Whether it applies."""
    jurisdictions: tuple[Id, ...]
    """Destinations it falls on."""
    systems: tuple[Id, ...] = ()
    """Systems it falls on; all of the origins where empty."""
    origins: tuple[Name, ...] = ()
    """Chip origins it falls on; any where empty."""
    rate: Share
    """Share of the list price."""
    since: PeriodId | None = None
    """First period in force."""


class SellerShipments(Section):
    """The seller's own US shipments, for the 50 % cap of January 2026."""

    system: Id
    """System."""
    units_per_period: tuple[float, ...]
    """Units shipped to other US customers."""
    expected_share: Share
    """This buyer's expected share of the allowance."""


class Trade(Section):
    """Everything about borders."""

    operator_country: Name = "US"
    """Where the operator is incorporated."""
    parent_country: Name = "US"
    """Where its ultimate parent has its headquarters."""
    rules: tuple[ExportRule, ...] = ()
    """Export rules."""
    licences: tuple[Licence, ...] = ()
    """Licences assumed."""
    duties: tuple[Duty, ...] = ()
    """Duties."""
    seller_shipments: tuple[SellerShipments, ...] = awaits("X2", ())
    """For the cap on licensed deliveries to China and Macau."""
