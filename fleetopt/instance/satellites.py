"""What turns chips into a satellite, and what radiation does to a chip."""

from typing import Literal

from pydantic import Field

from fleetopt.instance.base import Section
from fleetopt.units import (
    AreaM2,
    BandwidthGbS,
    Hours,
    Kelvin,
    KgPerKw,
    KgPerKwh,
    KgPerM2,
    MassKg,
    PowerKw,
    Share,
    Usd,
    WattPerM2,
)


class Radiation(Section):
    """What radiation does to one chip: the dose it takes, on average, for one event of each kind."""

    rad_per_silent_error: float | None = Field(default=None, gt=0)
    """Dose for each wrong answer that nothing reports (rad); none where absent."""
    rad_per_memory_error: float | None = Field(default=None, gt=0)
    """Dose for each memory error that is detected and cannot be corrected (rad); none where absent."""
    rad_per_reset: float | None = Field(default=None, gt=0)
    """Dose for each hang of the chip that takes a reset (rad); none where absent."""
    dose_limit_rad: float | None = Field(default=None, gt=0)
    """Total dose up to which it works as it should (rad); no limit where absent."""


class UpsetCurve(Radiation):
    """A guess for chips of which only the process node is known: the events of one chip, scaled with the node.

    Events for each rad grow with (node_nm / the chip's node)^exponent. Which way the truth lies is not known: smaller
    cells hold less charge (exponent above 0), and offer less to hit (below 0), so try both.
    """

    node_nm: float = Field(gt=0, le=1000)
    """Process node of the chip whose figures stand here, by its trade name in nm."""
    exponent: float = Field(ge=-4, le=4)
    """Above 0 newer nodes suffer more events for each rad, below 0 fewer; a dose limit moves the same way."""


class Satellite(Section):
    """What turns chips into a satellite; array, radiator and battery are sized from these (O1, O4) unless given."""

    bus_power_kw: PowerKw = 0.0
    """Power of everything but the chips."""
    array_w_per_m2: WattPerM2 | None = None
    """Array output per area when new in full sun; where absent sunlight x `cell_efficiency` x `cell_packing`."""
    cell_efficiency: float = Field(default=0.22, gt=0, le=0.7)
    """Share of sunlight that the cells turn into electricity."""
    cell_packing: float = Field(default=0.90, gt=0, le=1)
    """Share of the array's area covered with cells."""
    array_loss_per_year: Share = 0.025
    """Array degradation."""
    array_kg_per_m2: KgPerM2 = 3.0
    """Array mass per area."""
    array_m2: AreaM2 | None = None
    """Array area, where fixed; sized where absent."""
    radiator_temperature_k: Kelvin | None = None
    """Surface temperature of the radiator; where absent the chip's limit less the drop, or 330 K if that is unknown."""
    temperature_drop_k: float = Field(default=10.0, ge=0, le=200)
    """From the chip's case through coolant and panel to the radiator's surface, in K."""
    radiator_emissivity: float = Field(default=0.8, gt=0, le=1)
    """Emissivity at end of life."""
    radiator_absorptivity: Share = 0.3
    """Share of sunlight that its surface absorbs at end of life."""
    radiator_sun_share: Share = 0.0
    """Mean cosine of the sun on the panel's lit face: 0 edge-on, 1 face-on."""
    radiator_attitude: Literal["edge", "face"] = "edge"
    """Towards the Earth: its edge (both faces see some of the Earth), or one face (the other sees none)."""
    radiator_absorbed_w_per_m2: WattPerM2 | None = None
    """Sun, albedo and Earth infrared absorbed per area of panel (both faces together); worked out where absent."""
    radiator_kg_per_m2: KgPerM2 = 2.4
    """Radiator mass per area of panel."""
    radiator_m2: AreaM2 | None = None
    """Radiator area, where fixed; sized where absent."""
    eclipse: Literal["storage", "duty"] = "storage"
    """Through an eclipse the battery carries the whole load (storage), or the bus alone while the chips rest (duty)."""
    battery_kg_per_kw: KgPerKw = 1.0
    """Battery mass per kW it carries, where the orbit tells no length of an eclipse."""
    battery_kg_per_kwh: KgPerKwh | None = None
    """Battery mass per kWh given in the longest eclipse, depth and losses included; from the next three if absent."""
    battery_wh_per_kg: float = Field(default=160.0, gt=0, le=2000)
    """Energy a kg of battery holds, in Wh."""
    battery_depth: float = Field(default=0.4, gt=0, le=1)
    """Depth of discharge in the longest eclipse."""
    battery_efficiency: float = Field(default=0.95, gt=0, le=1)
    """Share of what it holds that reaches the load."""
    battery_cycles: float | None = Field(default=None, gt=0)
    """Cycles it stands at that depth; endless where absent."""
    payload_kg: MassKg
    """Chips and boards, and the shielding unless that is given apart."""
    bus_kg: MassKg = 0.0
    """Avionics, propulsion, links and tanks, where they are not in the payload or the structure's share."""
    shielding_mm: float = Field(default=0.0, ge=0, le=1000)
    """Shield around the chips, beyond what is in the payload: thickness in mm of aluminium."""
    shielded_m2: AreaM2 = 0.0
    """Area of that shield."""
    structure_share: Share = 0.25
    """Structure, propulsion, harness: share of the total mass."""
    bus_usd: Usd = 0.0
    """Price of the satellite without chips."""
    link_gb_s: BandwidthGbS | None = None
    """What a satellite's own links exchange with relays and the ground (O5.link); no limit where absent."""
    upset_retry_h: Hours = 0.01
    """Work of a unit lost to a silent error: what it was doing is done again."""
    upset_restart_h: Hours = 0.25
    """Time a unit is out after a memory error or a reset: restart, weights loaded again."""
    check_share: Share = 0.0
    """Share of the work spent on finding silent errors: votes, checksums."""
