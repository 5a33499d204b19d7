"""What one more of each equation's limit is called, or why it has no name: one entry an equation.

A row is in the model's units (MW, TB, M$, requests/s); `amount` says how much of them the words mean. Words are
formatted with the parts of the row's index, by the names the equation gives them, and with what `extras` finds.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from fleetopt.instance.schema import Instance
from fleetopt.model.equation import EQUATIONS, Index

SLICE = ("slice",)


@dataclass(frozen=True, slots=True)
class Phrase:
    """How a limit is told."""

    more: str
    """What one more is: `one more MW of firm power at {site} in {period}`."""
    binds: str
    """What holds of all its rows at their limit: `firm power is taken in full`; empty for equalities."""
    amount: float = 1.0
    """Model units that "one more" adds to the row's side."""
    merged: tuple[str, ...] = SLICE
    """Parts of the index that are told together: the same thing stands behind all of them."""
    headline: bool = False
    """Whether a planner can buy, lease or negotiate it, so that it is worth a new plan to know its price."""
    lasting: str = ""
    """What one more from a period on is, for what stays once it is there: what is bought stays too, so that more in one
    period alone is worth little, and a new plan is asked for more of it from then on."""
    loosen: bool = False
    """Whether one more means a looser row even where the row says "at least" (else its side rises)."""

    def told(self, id_: str) -> tuple[str, ...]:
        """The parts of the equation's index that are not told together."""
        return tuple(name for name in names(id_) if name not in self.merged)


@dataclass(frozen=True, slots=True)
class NoPrice:
    """Why the side of an equation has no price in words."""

    because: str


PHRASES: Mapping[str, Phrase | NoPrice] = {
    "D1": Phrase(
        "one more request/s of {workload} from {region} in {period} (mean over its profile)",
        "",
        merged=("bucket", "slice"),
        headline=True,
        lasting="one more request/s of {workload} from {region} from {period} on (mean over its profile)",
    ),
    "D1.site": NoPrice("a balance inside a site: its demand is priced under D1"),
    "D1.parts": NoPrice("parts of demand are whole; the demand is priced under D1"),
    "D1.one": NoPrice("one system serves the workload, or it does not; the demand is priced under D1"),
    "D1.choice": NoPrice("one system serves the workload; the demand is priced under D1"),
    "D2": NoPrice("the arrivals of work that may wait are priced with its demand under D1"),
    "D2.window": Phrase(
        "1,000 more requests of {workload} from {region} that may wait in {period}",
        "work waits as long as it may",
        amount=1000 / 3600,
    ),
    "D3": Phrase("one more GB/s on the link {from}–{to} in {period}", "links are full", headline=True),
    "D4": NoPrice("a balance between prefill and decode: their demand is priced under D1"),
    "C1": NoPrice("what serves is what is in use: the units are priced under R1, O3 and B5"),
    "C1.keep": NoPrice("replicas are whole numbers of units: the units are priced under R1, O3 and B5"),
    "C1.least": Phrase(
        "one more replica of {workload} at least in {period}", "its least number of replicas holds", merged=("system",)
    ),
    "C1.steady": NoPrice("what serves is what is in use: the units are priced under R1, O3 and B5"),
    "C3": Phrase("1,000 more CPU cores at {site} in {period}", "every CPU core for tools is in use", amount=1000.0),
    "M2": Phrase("one more TB of {tier} at {site} in {period}", "memory is full, or rented to measure"),
    "M2.hold": Phrase("one more TB of {holding} that {workload} keeps at {site} in {period}", ""),
    "M2.sockets": Phrase(
        "one more TB of sockets for {tier} at {site} in {period}", "sockets for added memory are full"
    ),
    "M3.read": Phrase("one more GB/s read from {tier} at {site} in {period}", "memory is read as fast as it can be"),
    "M3.write": Phrase(
        "one more GB/s written to {tier} at {site} in {period}", "memory is written as fast as it can be"
    ),
    "M3.endurance": Phrase(
        "one more TB a day written to {tier} at {site} in {period}", "flash is written as much as it endures"
    ),
    "M4": NoPrice("a balance between requests and the prompts they read"),
    "M4.tier": NoPrice("says that a tier holds the prompts, not how much: its bound is all that could be read"),
    "M4.one": NoPrice("shared prompts are held once or not at all"),
    "M4.stock": NoPrice("shared prompts take their whole size: memory is priced under M2"),
    "P1": Phrase(
        "one more MW of firm power at {site} in {period}",
        "firm power is let in full",
        headline=True,
        lasting="one more MW of power at {site} from {period} on, firm and with its energy",
    ),
    "P2": Phrase("one more MW of other load at {site} all through {period}", ""),
    "P2.running": NoPrice("what runs is what serves: its energy is priced under P2"),
    "P2.source": Phrase("one more MW of energy from {source} at {site} in {period}", "sources deliver all they have"),
    "P2.build": Phrase("one more block of {source} at {site}", "all is built of a source that may be", headline=True),
    "P2.lease": Phrase("one more MW on offer to lease at {site} in {period}", "the whole lease is taken"),
    "P2.term": NoPrice("a balance of leases by their start: leased power is priced under P2.lease"),
    "P3": Phrase(
        "one more MW of cooling at {site} in {period}",
        "cooling carries all it can",
        headline=True,
        lasting="one more MW of cooling at {site} from {period} on",
    ),
    "P3.density": Phrase(
        "one more MW of heat that racks may give off at {site} in {period}", "racks are as dense as they may be"
    ),
    "S1": Phrase(
        "one more rack position at {site} in {period}",
        "every rack position is taken",
        headline=True,
        lasting="one more rack position at {site} from {period} on",
    ),
    "S2.flow": NoPrice("says that a site is open, not how much: its bound is all the demand there is"),
    "S2.power": NoPrice("says that a site is open, not how much: its bound is all the power it could have"),
    "S2.launch": NoPrice("says that an orbit is open, not how much: its bound is all that could be up there"),
    "S2.train": NoPrice("says that a site is open: a run's work is priced under T1"),
    "S2.stay": NoPrice("says that sites do not close again"),
    "S3": NoPrice("power is built or not: its bounds are what is worth building"),
    "S3.source": NoPrice("power is built or not: its bounds are what is worth building"),
    "O2": Phrase("one more tonne of launch capacity to {site} in {period}", "launches are full", headline=True),
    "O3": Phrase("one more working unit of {system} at {site} in {period}", "every surviving unit in orbit is in use"),
    "O4": Phrase(
        "one more unit of {system} at {site} in use in eclipse in {period}", "every unit in sunlight is in use"
    ),
    "O5": Phrase(
        "one more GB/s between {site} and the ground in {period}",
        "ground stations and relays are full",
        amount=1e3,
        headline=True,
    ),
    "O5.link": Phrase(
        "one more GB/s over the links of {system} at {site} in {period}",
        "the satellites' own links are full",
        amount=1e3,
        headline=True,
    ),
    "X1": Phrase("one more unit under the licence {licence}", "licences are used up", headline=True),
    "X2": Phrase(
        "one more licensed {product} accelerator by {period}", "licensed deliveries are used up", headline=True
    ),
    "B1": Phrase("one more unit from {limit} in {period}", "vendors deliver all they can", headline=True),
    "B3": NoPrice("lots are whole: what one unit more costs is asked with --why-not"),
    "B3.least": NoPrice("an order is placed or not: what one unit more costs is asked with --why-not"),
    "B3.most": NoPrice("says that an order is placed, not how much: its bound is all that could come"),
    "B4": NoPrice("says in which step of a discount the spend falls"),
    "B4.one": NoPrice("says which step of a discount holds"),
    "B4.from": NoPrice("says which step of a discount holds, not what it is worth"),
    "B4.full": NoPrice("says in which step of a discount the spend falls"),
    "B4.to": NoPrice("says in which step of a discount the spend falls"),
    "B5": Phrase("one more unit of {system} in place at {site} in {period}, already paid for", ""),
    "B5.cohort": NoPrice("the size of a cohort stands in B5 as well: a unit in place is priced there"),
    "B6": Phrase(
        "one more M$ that may be spent on {vendor} beyond its share", "vendors have all of their share", headline=True
    ),
    "B7": Phrase(
        "one more unit of {system} on offer to rent at {site} in {period}",
        "the whole rental offer is taken",
        headline=True,
    ),
    "B7.class": Phrase(
        "one more {class} unit of {system} on offer to rent at {site} in {period}",
        "the whole rental offer is taken",
        headline=True,
    ),
    "F1": Phrase("one more M$ of capital budget in {period}", "the capital budget is spent", headline=True),
    "R1": Phrase(
        "one more working unit of {system} at {site} in {period}",
        "every unit that is not under repair is in use",
    ),
    "R1.spares": Phrase(
        "one spare of {system} fewer at {site} in {period} ({rule})", "every unit that is not a spare is in use"
    ),
    "R1.load": NoPrice("says how many spares a load takes"),
    "R1.step": NoPrice("says how many spares a load takes"),
    "R1.sites": NoPrice("a number of sites is whole: change `min_sites` and compare the two plans"),
    "R1.counts": NoPrice("says that a site counts, not how much it serves"),
    "R1.most": NoPrice("a share of the demand at one site: change `max_site_share` and compare the two plans"),
    "T1": Phrase("one more {period_word} of the whole team's work on {team}", ""),
    "T1.link": NoPrice("says which team trains, not how much"),
    "T1.active": NoPrice("says when a team trains, not how much"),
    "T1.one": NoPrice("a run is done or not: switch it off (`enabled: false`) and compare the two plans"),
    "T2.team": Phrase(
        "one unit less that the memory of {team} takes in {period}", "a run's memory takes all units there are"
    ),
    "T3": NoPrice("what serves and trains is what is in use: the units are priced under R1, O3 and B5"),
    "G1": Phrase("1,000 more tonnes of carbon in {period}", "the carbon budget is spent", headline=True),
    "G2": Phrase(
        "one {measure} {direction} under the limit {limit} in {period}",
        "the planner's own limits hold the fleet",
        headline=True,
        loosen=True,
    ),
    "G2.frozen": NoPrice("a decision that is fixed: thaw it (`policy`) and compare the two plans"),
}


def phrase(id_: str) -> Phrase | None:
    """The words of an equation, None where its side has no price."""
    found = PHRASES[id_]
    return found if isinstance(found, Phrase) else None


def parts(id_: str, index: Index) -> dict[str, str]:
    """The parts of an index by name."""
    return dict(zip(names(id_), index, strict=True))


def names(id_: str) -> tuple[str, ...]:
    """Names of the parts of an equation's index, `link a` as `link_a`."""
    return tuple(name.replace(" ", "_") for name in EQUATIONS[id_].index.split(", "))


_MEASURES = {"units": "unit", "chips": "chip", "power_kw": "kW"}


def extras(instance: Instance, id_: str, named: Mapping[str, str]) -> dict[str, str]:
    """Further words of an equation's phrase that stand in the instance."""
    if id_ == "G2":
        limit = next(limit for limit in instance.policy.limits if limit.id == named["limit"])
        return {
            "measure": _MEASURES.get(limit.measure, limit.measure),
            "direction": "fewer" if named["bound"] == "at_least" else "more",
        }
    if id_ == "T1":
        return {"period_word": "quarter" if instance.time.quarterly else "year"}
    return {}
