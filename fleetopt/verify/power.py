"""P: firm power and cooling for what is installed, energy for what runs, sources within what the site can have."""

from collections import defaultdict

from fleetopt.instance.sites import Site
from fleetopt.plan import PowerBuild
from fleetopt.verify.ledger import Ledger
from fleetopt.verify.references import LEASE
from fleetopt.verify.witness import Witness

KW_PER_MW = 1e3


def check_power(ledger: Ledger, witness: Witness) -> None:
    """P1, P2, P2.source, P2.build, P2.lease, P3, S3, and the figures of every build and lease."""
    for build in ledger.plan.power_builds:
        _check_line(ledger, build, witness)
    for site in (s for s in ledger.sites.values() if s.kind == "ground"):
        _check_firm(ledger, site, witness)
        _check_energy(ledger, site, witness)
        _check_sources(ledger, site, witness)
        _check_limits(ledger, site, witness)
        _check_cooling(ledger, site, witness)


def rated_kw(ledger: Ledger, site: Site, t: int) -> float:
    """Facility power to be reserved for systems and memory in place (P1)."""
    units = sum(ledger.systems[c].power_kw * ledger.owned.get((c, s, t), 0.0) for c, s in ledger.places if s == site.id)
    return site.power.pue_peak * (site.power.diversity * units + _memory_kw(ledger, site.id, t))


def firm_kw(ledger: Ledger, site: Site, t: int) -> float:
    """Firm power of all sources and the lease."""
    firm = sum(e.firm_share * ledger.power_kw(site, e, t) for e in site.power.sources if e.enabled)
    return firm + ledger.leased_kw.get((site.id, t), 0.0)


def load_kw(ledger: Ledger, site: Site, t: int, h: str) -> list[float]:
    """Terms of the average facility power in a slice: idle power of what is in place, the rest of work done (P2)."""
    terms = [_memory_kw(ledger, site.id, t)]
    for c, s in ledger.places:
        if s == site.id:
            system = ledger.systems[c]
            terms.append(system.power_kw * system.idle_share * ledger.owned.get((c, s, t), 0.0))
            running = ledger.running(c, s, t, h) if system.chips > 0 else ledger.owned.get((c, s, t), 0.0)
            terms.append(system.power_kw * (1.0 - system.idle_share) * running)
    return [site.power.pue_average * term for term in terms]


def _memory_kw(ledger: Ledger, s: str, t: int) -> float:
    return sum(
        tier.power_w_per_gb * tier.unit_gb / 1e3 * ledger.memory_units.get((tier.id, s, t), 0.0)
        for tier in ledger.tiers.values()
    )


def _check_line(ledger: Ledger, build: PowerBuild, witness: Witness) -> None:
    """Size, price and dates of a build or lease."""
    site, index = ledger.sites[build.site], (build.source, build.site, build.period)
    if build.source == LEASE:
        lease = site.power.lease
        lead = lease.lead_months if lease is not None else 0.0
        witness.equal("P2.lease", (*index, "blocks"), build.blocks, 0.0)
        paid = min(ledger.worth.lease_periods(site), ledger.instance.time.periods - ledger.index[build.period])
        cost_usd = build.power_kw * ledger.worth.lease_usd(site) * paid
        witness.equal("P2.lease", (*index, "cost_usd"), build.cost_usd, cost_usd)
    else:
        source = next(e for e in site.power.sources if e.id == build.source)
        lead = source.lead_months
        whole = float(build.blocks).is_integer()
        witness.holds("P2.build", index, whole, f"expected whole blocks, found {build.blocks!r}")
        witness.equal("P2.build", (*index, "power_kw"), build.power_kw, build.blocks * source.block_kw)
        witness.equal("P2.build", (*index, "cost_usd"), build.cost_usd, build.power_kw * source.capex_usd_per_kw)
    ordered = ledger.index[build.period] - ledger.instance.time.periods_of_months(lead)
    witness.at_least("B2", index, ordered, 0)
    witness.same("B2", (*index, "order_period"), build.order_period, ledger.instance.time.period_id(ordered))


def _check_firm(ledger: Ledger, site: Site, witness: Witness) -> None:
    for t, period in enumerate(ledger.period_ids):
        witness.at_most("P1", (site.id, period), rated_kw(ledger, site, t), firm_kw(ledger, site, t))


def _check_energy(ledger: Ledger, site: Site, witness: Witness) -> None:
    drawn: dict[tuple[int, str], list[float]] = defaultdict(list)
    for e in ledger.plan.energy:
        if e.site == site.id:
            drawn[ledger.index[e.period], e.slice].append(e.draw_kw)
    for t, period in enumerate(ledger.period_ids):
        for h in ledger.slices:
            witness.balance("P2", (site.id, period, h), drawn[t, h], load_kw(ledger, site, t, h), KW_PER_MW)


def _check_sources(ledger: Ledger, site: Site, witness: Witness) -> None:
    sources = {e.id: e for e in site.power.sources if e.enabled}
    for e in ledger.plan.energy:
        if e.site == site.id:
            t = ledger.index[e.period]
            if e.source == LEASE:
                most = ledger.leased_kw.get((site.id, t), 0.0)
            else:
                most = sources[e.source].energy_share * ledger.power_kw(site, sources[e.source], t)
            witness.at_most("P2.source", (e.source, site.id, e.period, e.slice), e.draw_kw, most)


def _check_limits(ledger: Ledger, site: Site, witness: Witness) -> None:
    for e in (e for e in site.power.sources if e.enabled):
        built = sum(ledger.blocks.get((e.id, site.id, t), 0.0) for t in ledger.periods) * e.block_kw
        witness.at_most("P2.build", (e.id, site.id), built, e.max_new_kw * e.scale * site.power.scale)
    _check_least(ledger, site, witness)
    lease = site.power.lease
    if lease is not None:
        for t, period in enumerate(ledger.period_ids):
            leased = ledger.leased_kw.get((site.id, t), 0.0)
            witness.at_most("P2.lease", (site.id, period), leased, lease.max_kw * lease.scale)


def _check_least(ledger: Ledger, site: Site, witness: Witness) -> None:
    """S3: what is built first is enough, of each source and of all; all of it is not too much."""
    built = [b for b in ledger.plan.power_builds if b.site == site.id and b.source != LEASE]
    firsts = [(e.id, e.min_new_kw, [b for b in built if b.source == e.id]) for e in site.power.sources]
    for name, least_kw, builds in (*firsts, ("", site.min_new_kw or 0.0, built)):
        if builds and least_kw > 0:
            first = min(ledger.index[b.period] for b in builds)
            at_once = sum(b.power_kw for b in builds if ledger.index[b.period] == first)
            index = (name, site.id) if name else (site.id,)
            witness.at_least("S3.source" if name else "S3", (*index, ledger.period_ids[first]), at_once, least_kw)
    if site.max_new_kw is not None:
        witness.at_most("S3", (site.id,), sum(b.power_kw for b in built), site.max_new_kw * site.power.scale)


def _check_cooling(ledger: Ledger, site: Site, witness: Witness) -> None:
    """P3: the heat of all that is in place, of what each unit bought brings to a rack position, and of shared racks."""
    cooling = site.cooling
    if cooling is None:
        return
    for t, period in enumerate(ledger.period_ids):
        heat_kw = rated_kw(ledger, site, t) / site.power.pue_peak
        witness.at_most("P3", (site.id, period), heat_kw, cooling.max_kw * cooling.scale)
    if cooling.max_kw_per_slot is None:
        return
    for p in ledger.plan.purchases:
        if (p.site, p.acquisition) == (site.id, "buy") and ledger.systems[p.system].slots > 0:
            system = ledger.systems[p.system]
            positions = system.slots if system.slots > 1 else 1.0
            witness.at_most("P3", (site.id, p.system, p.period), system.power_kw, cooling.max_kw_per_slot * positions)
    for t, period in enumerate(ledger.period_ids):
        if site.space is not None:
            shared_kw, free = _shared(ledger, site, t, site.space.slots * site.space.scale)
            most_kw = cooling.max_kw_per_slot * free
            witness.holds(
                "P3.density",
                (site.id, period),
                shared_kw <= 1e-9 or shared_kw <= most_kw * (1 + 1e-6) + 1e-6,
                f"expected at most {most_kw!r} kW in shared racks, found {shared_kw!r}",
            )


def _shared(ledger: Ledger, site: Site, t: int, positions: float) -> tuple[float, float]:
    """Power of what takes less than a rack position, and the positions that whole racks leave."""
    there = [
        (ledger.systems[c].slots, ledger.systems[c].power_kw, ledger.owned.get((c, s, t), 0.0))
        for c, s in ledger.places
        if s == site.id
    ]
    there += [
        (
            tier.slots_per_unit,
            tier.power_w_per_gb * tier.unit_gb / 1e3,
            ledger.memory_units.get((tier.id, site.id, t), 0.0),
        )
        for tier in ledger.tiers.values()
    ]
    shared_kw = sum(kw * units for slots, kw, units in there if 0 < slots < 1)
    return shared_kw, positions - sum(slots * units for slots, _, units in there if slots >= 1)
