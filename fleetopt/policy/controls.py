"""Export rules as dated data: one entry a rule, read from the catalogue once and typed."""

from datetime import date
from functools import cache
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from fleetopt.catalog import load as catalog
from fleetopt.instance.base import Entity, Id, Name, Section
from fleetopt.units import Share

Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Review = Literal["", "approval", "case_by_case", "denial"]
Kind = Literal[
    "class", "exempt", "requirement", "exception", "review", "letter", "share", "duty", "refusal", "bar", "remote",
    "note",
]  # fmt: skip


class Group(Entity):
    """Countries that a rule speaks of together."""

    members: tuple[Name, ...]
    """Their codes, ISO 3166-1 alpha-2."""


class Bounds(Section):
    """Conditions that must all hold."""

    tpp_at_least: float | None = None
    """TPP of this or more."""
    tpp_above: float | None = None
    """TPP of more than this."""
    tpp_below: float | None = None
    """TPP of less than this."""
    density_at_least: float | None = None
    """Performance density of this or more."""
    density_below: float | None = None
    """Performance density of less than this."""
    io_gb_s_at_least: float | None = None
    """I/O of this or more."""
    dram_gb_s_at_least: float | None = None
    """DRAM bandwidth of this or more."""
    dram_gb_s_above: float | None = None
    """DRAM bandwidth of more than this."""
    dram_gb_s_below: float | None = None
    """DRAM bandwidth of less than this."""
    io_dram_gb_s_at_least: float | None = None
    """I/O and DRAM bandwidth together of this or more."""
    memory_density_above: float | None = None
    """Bandwidth a mm2 of a stack of more than this."""
    datacentre: bool | None = None
    """Whether it is designed or marketed for data centres."""


class Control(Entity):
    """One rule, with what it looks at, whom it reaches and what follows."""

    kind: Kind
    """What it does."""
    family: Name = ""
    """The answer of a classification that it belongs to."""
    paragraph: Name = ""
    """What a part that meets it is called."""
    citation: Name
    """The rule's reference."""
    effective: Day
    """First day in force."""
    until: Day | None = None
    """Last day in force."""
    status: Literal["in_force", "proposed", "rescinded", "unconfirmed"] = "in_force"
    """Rules that are not in force decide nothing unless they are assumed."""
    any_of: tuple[Bounds, ...] = ()
    """Alternatives, of which one must hold; none where empty."""
    classes: tuple[Name, ...] = ()
    """Classes of part that it covers."""
    consumer_classes: tuple[Name, ...] = ()
    """Classes it covers where the part is not for data centres."""
    origins: tuple[Name, ...] = ("US",)
    """Countries whose parts it covers."""
    named: tuple[Name, ...] = ()
    """Chips it names."""
    vendors: tuple[Name, ...] = ()
    """Vendors it binds, in small letters; all where empty."""
    destinations: tuple[Name, ...] = ()
    """Countries of delivery it reaches."""
    groups: tuple[Id, ...] = ()
    """Groups of countries of delivery it reaches."""
    except_groups: tuple[Id, ...] = ()
    """Groups that fall out."""
    parents: tuple[Name, ...] = ()
    """Countries of the ultimate parent it reaches wherever delivery is."""
    parent_groups: tuple[Id, ...] = ()
    """Groups of such countries."""
    except_parent_groups: tuple[Id, ...] = ()
    """Groups of such countries that fall out."""
    route: Literal["any", "direct"] = "any"
    """`direct`: exports from the US only."""
    review: Review = ""
    """How a licence is reviewed under it."""
    reviews: tuple[Review, ...] = ()
    """Reviews that an exception stands instead of."""
    tested_in_us: bool = False
    """Whether parts enter the US to be tested before they are sent on."""
    notice_days: int = Field(default=0, ge=0)
    """Notice that an exception asks for."""
    rate: Share = 0.0
    """Duty or share of the price."""

    def in_force(self, day: date) -> bool:
        """Whether `day` lies between its first and last day."""
        return date.fromisoformat(self.effective) <= day and (
            self.until is None or day <= date.fromisoformat(self.until)
        )

    def reaches_destination(self, country: str) -> bool:
        """Whether it covers deliveries to a country by the destination alone."""
        named = country in self.destinations or country in members(self.groups)
        return named and country not in members(self.except_groups)

    def reaches_parent(self, country: str) -> bool:
        """Whether it covers a buyer by the country of its ultimate parent."""
        named = country in self.parents or country in members(self.parent_groups)
        return named and country not in members(self.except_parent_groups)


@cache
def controls() -> tuple[Control, ...]:
    """Every rule, in the order of the catalogue."""
    return tuple(Control.model_validate(catalog.entry("control", id_)) for id_ in catalog.ids("control"))


@cache
def of_kind(kind: Kind, family: str = "") -> tuple[Control, ...]:
    """The rules of a kind, of one family where it is named."""
    return tuple(c for c in controls() if c.kind == kind and family in ("", c.family))


@cache
def members(groups: tuple[str, ...]) -> frozenset[str]:
    """Countries of the groups together."""
    return frozenset(code for group in groups for code in catalog.entry("group", group)["members"])


@cache
def countries() -> frozenset[str]:
    """Every country code there is."""
    return members(("iso-3166",))


@cache
def first_day() -> date:
    """The day before which no rule is packaged."""
    return min(date.fromisoformat(control.effective) for control in controls())
