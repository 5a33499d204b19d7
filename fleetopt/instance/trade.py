"""Jurisdictions, export rules, licences assumed, and duties (X1, X3)."""

from typing import Literal

from pydantic import Field

from fleetopt.instance.base import Entity, Id, Name, PeriodId, Section
from fleetopt.units import BandwidthGbS, Scale, Share


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
    effect: Literal["licence", "barred", "allowed"] = "licence"
    """`licence`: only under a licence the instance assumes; `barred`: not at all; `allowed`: whatever the packaged
    rules of `regulation` say."""
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
    until: PeriodId | None = None
    """Last period of delivery; open where absent."""
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
    until: PeriodId | None = None
    """Last period in force; open where absent."""


class SellerShipments(Entity):
    """The seller's shipments of a product at home, which cap its licensed deliveries to China and Macau (X2).

    Cumulative licensed deliveries stay within `cap_share` of the home shipments that count for this buyer: its expected
    share of those to others, and its own.
    """

    enabled: bool = True
    """Whether the cap holds."""
    systems: tuple[Id, ...] = Field(min_length=1)
    """Systems that carry the product; their accelerators are counted."""
    chips_per_period: tuple[float, ...] = Field(min_length=1)
    """Accelerators shipped to other customers at home, by period; the last value goes on."""
    scale: Scale = 1.0
    """Multiplies them (scenarios)."""
    expected_share: Share
    """This buyer's expected share of the allowance that shipments to others give."""
    cap_share: Share = 0.5
    """Most licensed deliveries, as a share of the home shipments that count."""
    home: Name = "US"
    """Country whose shipments count."""
    destinations: tuple[Name, ...] = ("CN", "MO")
    """Countries of the licensed deliveries that are capped."""
    since: PeriodId | None = None
    """First period counted, on both sides; the first of all where absent."""


class Regulation(Section):
    """The packaged, dated export rules of the United States, and refusals at the destination (X1, X3).

    They are judged for each chip by the last day of the period of delivery, as `fleetopt classify` does. The rules in
    `rules` come on top; one with the effect `allowed` stands instead.
    """

    enabled: bool = True
    """Whether they hold."""
    denial: Literal["licence", "barred"] = "licence"
    """Where an application would meet a presumption of denial: an assumed licence still helps, or nothing does."""
    exceptions: bool = True
    """Whether licence exceptions (NAC after notice, ACA) are made use of; else they need an assumed licence too."""
    route: Literal["direct", "re-export"] = "direct"
    """Whether chips are exported from the US itself, which case-by-case review asks for."""
    without: tuple[Id, ...] = ()
    """Packaged rules assumed away (scenarios); `fleetopt catalog list control` lists them."""
    assume: tuple[Id, ...] = ()
    """Packaged rules that are proposed or unconfirmed, assumed to be in force (scenarios)."""


class Trade(Section):
    """Everything about borders."""

    operator_country: Name = "US"
    """Where the operator is incorporated."""
    parent_country: Name = "US"
    """Where its ultimate parent has its headquarters."""
    regulation: Regulation | None = None
    """The packaged export rules; none where absent."""
    rules: tuple[ExportRule, ...] = ()
    """Export rules of the instance's own."""
    licences: tuple[Licence, ...] = ()
    """Licences assumed."""
    duties: tuple[Duty, ...] = ()
    """Duties."""
    seller_shipments: tuple[SellerShipments, ...] = ()
    """For the cap on licensed deliveries to China and Macau."""
