"""Which rules can be relaxed where no plan exists, at what price, and in which words; and why the others cannot.

One line an equation: in `RELAXED`, or in `KEPT` with the reason. A test holds the two to all equations there are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from fleetopt.model.context import GB_PER_TB, KW_PER_MW, USD_PER_MUSD
from fleetopt.solve import relax_prices as price

Whose = Literal["own", "demand", "law"]
"""`own`: the planner may change it or have more of it; `demand`: given up as the last resort; `law`: it stays."""


@dataclass(frozen=True)
class Relaxed:
    """How a family's limit is relaxed."""

    unit: str
    per_model_unit: float
    """`unit`s in one unit of the row."""
    price: price.Price
    """USD for one `unit`."""
    ask: str
    """What to do, with the equation's index names, `{amount}` and `{when}` to fill in; `{when}` may be absent."""
    fix: str
    """Field to change."""
    whole: bool = False
    """Whether only whole units make sense."""
    whose: Whose = "own"


RELAXED: Mapping[str, Relaxed] = {
    "D1": Relaxed(
        "requests/s", 1.0, price.given_up,
        "leave {amount} of {workload} from {region} unserved {when}",
        "price the shortfall, rent, or move demand to later periods", whose="demand",
    ),
    "D2.window": Relaxed(
        "request/s hours", 1.0, price.waiting,
        "let {amount} of {workload} from {region} wait longer {when}",
        "allow a longer delay (`max_delay_h`)",
    ),
    "D3": Relaxed(
        "GB/s", 1.0, price.link_gb_s,
        "widen the link {from}–{to} by {amount} {when}",
        "widen the link (`capacity_gb_s`)",
    ),
    "C3": Relaxed(
        "cores", 1.0, price.core,
        "add {amount} for tools at {site} {when}",
        "offer systems with CPU cores for tools at the site",
    ),
    "M2": Relaxed(
        "GB", GB_PER_TB, price.memory_gb,
        "have {amount} more {tier} at {site} {when}",
        "offer more of the tier, or another tier, at the site",
    ),
    "M3.read": Relaxed(
        "GB/s", 1.0, price.memory_gb_s,
        "read {amount} more from {tier} at {site} {when}",
        "more of the tier, or a tier that reads faster",
    ),
    "M3.write": Relaxed(
        "GB/s", 1.0, price.memory_gb_s,
        "write {amount} more to {tier} at {site} {when}",
        "more of the tier, or a tier that writes faster",
    ),
    "M3.endurance": Relaxed(
        "TB a day", 1.0, price.memory_tb_a_day,
        "wear {tier} at {site} by {amount} more {when}",
        "more of the tier, or one that outlasts more writes",
    ),
    "P1": Relaxed(
        "kW", KW_PER_MW, price.power_kw,
        "let {site} have {amount} more firm power {when}",
        "more firm power at the site (sources, lease, earlier lead)",
    ),
    "P2.build": Relaxed(
        "blocks", 1.0, price.block,
        "allow {amount} more of {source} at {site}",
        "raise `max_new_kw` of the source", whole=True,
    ),
    "P2.lease": Relaxed(
        "kW", KW_PER_MW, price.lease_kw,
        "lease {amount} more at {site} {when}",
        "raise `max_kw` of the lease",
    ),
    "P2.source": Relaxed(
        "kW", KW_PER_MW, price.energy_kw,
        "draw {amount} more from {source} at {site} {when}",
        "more energy from the source, or another source",
    ),
    "P3": Relaxed(
        "kW", KW_PER_MW, price.power_kw,
        "cool {amount} more at {site} {when}",
        "more cooling at the site (`cooling.max_kw`)",
    ),
    "P3.density": Relaxed(
        "kW", KW_PER_MW, price.power_kw,
        "let racks at {site} give off {amount} more {when}",
        "denser cooling (`cooling.max_kw_per_slot`) or more rack positions",
    ),
    "S1": Relaxed(
        "slots", 1.0, price.slot,
        "add {amount} at {site} {when}",
        "more rack positions at the site (`space.slots`)",
    ),
    "S3": Relaxed(
        "kW", KW_PER_MW, price.power_kw,
        "move the bounds on power built at {site} by {amount} {when}",
        "a larger `max_new_kw` or a smaller `min_new_kw` of the site",
    ),
    "S3.source": Relaxed(
        "blocks", 1.0, price.block,
        "move the bounds on {source} at {site} by {amount} {when}",
        "a smaller `min_new_kw` of the source, or a larger `max_new_kw`", whole=True,
    ),
    "O2": Relaxed(
        "kg", 1e3, price.launch_kg,
        "launch {amount} more to {site} {when}",
        "more launch capacity (`launch_kg_per_period`, `tonnage_by_date`)",
    ),
    "O5": Relaxed(
        "GB/s", 1e-3, price.ground_gb_s,
        "send {amount} more between {site} and the ground {when}",
        "more contact, downlink or relay capacity (`downlink_gb_s`, `relay_gb_s`)",
    ),
    "O5.link": Relaxed(
        "GB/s", 1e-3, price.ground_gb_s,
        "send {amount} more over the links of {system} at {site} {when}",
        "satellites with faster links (`link_gb_s`)",
    ),
    "X1": Relaxed(
        "units", 1.0, price.licensed_unit,
        "be licensed for {amount} more under {licence}",
        "a larger licence (`max_units`)", whole=True, whose="law",
    ),
    "X2": Relaxed(
        "accelerators", 1.0, price.any_unit,
        "deliver {amount} of {product} beyond the allowance {when}",
        "fewer units abroad, more of the product at home, or a larger `expected_share`", whole=True, whose="law",
    ),
    "B1": Relaxed(
        "units", 1.0, price.supplied_unit,
        "raise the supply of {limit} by {amount} {when}",
        "more supply of the product (`units_per_period`)", whole=True,
    ),
    "B3": Relaxed(
        "units", 1.0, price.term_unit,
        "order {amount} of {system} outside its lots {when}",
        "smaller lots (`lot` of the system)", whole=True,
    ),
    "B3.least": Relaxed(
        "units", 1.0, price.term_unit,
        "order {amount} of {system} fewer than its least order {when}",
        "a smaller least order (`min_order` of the system)", whole=True,
    ),
    "B6": Relaxed(
        "USD", USD_PER_MUSD, price.dollar,
        "let {vendor} have {amount} more than its share",
        "a larger share of the vendor (`max_vendor_share`)",
    ),
    "B7": Relaxed(
        "units", 1.0, price.rented_unit,
        "have {amount} more of {system} to rent at {site} {when}",
        "a larger rental offer (`max_units`)",
    ),
    "B7.class": Relaxed(
        "units", 1.0, price.class_unit,
        "have {amount} more of {system} ({class}) to rent at {site} {when}",
        "a larger offer of the rental class (`max_units`)",
    ),
    "C1.steady": Relaxed(
        "units", 1.0, price.steady_unit,
        "let {amount} of {system} at {site} that may be taken away serve people {when}",
        "units nobody takes away: bought, or rented without preemption",
    ),
    "F1": Relaxed(
        "USD", USD_PER_MUSD, price.dollar,
        "raise the capital budget by {amount} {when}",
        "a larger capital budget in that period",
    ),
    "R1.spares": Relaxed(
        "units", 1.0, price.spare_unit,
        "keep {amount} of {system} fewer in spare at {site} {when}",
        "keep fewer spares (`policy.spares`)",
    ),
    "R1.sites": Relaxed(
        "sites", 1.0, price.site_fewer,
        "serve {workload} from {amount} fewer {when}",
        "fewer sites (`min_sites`), a later `sites_since`, or more capacity elsewhere", whole=True,
    ),
    "R1.most": Relaxed(
        "requests/s", 1.0, price.share_moved,
        "let {site} carry {amount} of {workload} beyond its share {when}",
        "raise `max_site_share`, or more capacity at other sites",
    ),
    "T1": Relaxed(
        "periods", 1.0, price.team_period,
        "give the run {team} {amount} more",
        "a later deadline, an earlier start, or a larger team",
    ),
    "T1.one": Relaxed(
        "runs", 1.0, price.run_given_up,
        "give up the training run {workload}",
        "drop the run, or give it a site that can be ready", whole=True, whose="demand",
    ),
    "T2.team": Relaxed(
        "units", 1.0, price.team_unit,
        "have {amount} more for the run {team} {when}",
        "more units of the system by then, or another system for the run",
    ),
    "G1": Relaxed(
        "t", 1e3, price.tonne,
        "raise the carbon budget by {amount} {when}",
        "a larger `carbon_budget_t` in that period, or cleaner sources",
    ),
    "G2": Relaxed(
        "in the limit's measure", 1.0, price.limited_unit,
        "relax the limit {limit} ({bound}) by {amount} {when}",
        "relax the limit",
    ),
    "G2.frozen": Relaxed(
        "units", 1.0, price.any_unit,
        "change what is decided of {item} for {site} by {amount} {when}",
        "change what is decided (`policy.purchases`), or freeze fewer periods", whole=True,
    ),
}  # fmt: skip
"""Rules that can be relaxed, by equation id."""

_BALANCE = "a balance: it says what happens, not what is allowed"
_DEFINITION = "a definition"
_TERMS = "says at which spend a discount begins: without the discount there is a plan as well"
_PHYSICS = "physics: no one can grant it"
_OPEN = "what is not open does not run; the lead time and the earliest opening are fields of the site"

KEPT: Mapping[str, str] = {
    "D1.site": _BALANCE,
    "D1.parts": "says in which parts demand comes: fewer, larger or no parts are the planner's (`demand.split`)",
    "D1.one": "one system for a workload is the planner's word; `servers.mixed: true` takes it back",
    "D1.choice": _DEFINITION,
    "D2": _BALANCE,
    "D4": _BALANCE,
    "C1": _PHYSICS,
    "C1.keep": _PHYSICS,
    "C1.least": "the least number of replicas is the planner's word (`min_replicas`), and what they need is relaxed",
    "M2.hold": _BALANCE,
    "M4": _BALANCE,
    "M4.tier": _DEFINITION,
    "M4.one": _DEFINITION,
    "M4.stock": _BALANCE,
    "M2.sockets": _PHYSICS,
    "P2": _BALANCE,
    "P2.running": _BALANCE,
    "P2.term": _BALANCE,
    "S2.flow": _OPEN,
    "S2.power": _OPEN,
    "S2.launch": _OPEN,
    "S2.train": _OPEN,
    "S2.stay": _DEFINITION,
    "O3": _PHYSICS,
    "O4": _PHYSICS,
    "B3.most": _DEFINITION,
    "B4": _BALANCE,
    "B4.one": _DEFINITION,
    "B4.from": _TERMS,
    "B4.full": _TERMS,
    "B4.to": _TERMS,
    "B5": _BALANCE,
    "B5.cohort": _DEFINITION,
    "R1": _PHYSICS,
    "R1.load": _DEFINITION,
    "R1.step": _DEFINITION,
    "R1.counts": _DEFINITION,
    "T1.link": _DEFINITION,
    "T1.active": _DEFINITION,
    "T3": _PHYSICS,
}
"""Rules that are never relaxed, by equation id, with the reason."""
