"""Regions where users are, and links between regions and sites (D3)."""

from pydantic import Field

from fleetopt.instance.base import Entity, Id, Section
from fleetopt.units import BandwidthGbS, Milliseconds, Share, UsdPerGb


class Region(Entity):
    """Where demand comes from."""

    jurisdiction: Id
    """Whose data rules apply."""
    data_may_enter: tuple[Id, ...] = ()
    """Jurisdictions its data may enter; all where empty."""


class Link(Section):
    """A link between two nodes (regions or sites), both directions alike."""

    a: Id
    """One end."""
    b: Id
    """The other end."""
    rtt_ms: Milliseconds
    """Round-trip time."""
    capacity_gb_s: BandwidthGbS | None = None
    """Capacity each way; unlimited where absent."""
    usd_per_gb: UsdPerGb = 0.0
    """Price of traffic."""


class Network(Section):
    """Regions, links and how requests become traffic."""

    regions: tuple[Region, ...] = Field(min_length=1)
    """Regions."""
    links: tuple[Link, ...] = ()
    """Links; traffic takes the path of least round trip."""
    bytes_per_token: float = Field(default=6.0, ge=0)
    """Bytes on the wire for each token in or out."""
    max_rtt_share_of_ttft: Share = 0.5
    """A site serves a region only if the round trip takes at most this share of the TTFT target."""
