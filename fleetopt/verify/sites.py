"""S, O2, O5: sites have room, nothing runs before they open, launchers carry the mass, links the traffic."""

from collections import defaultdict

from fleetopt.instance.orbits import Orbit
from fleetopt.instance.sites import Site
from fleetopt.verify.ledger import Ledger
from fleetopt.verify.orbits import capacity_kg, launched_per_arrival
from fleetopt.verify.witness import Witness

KG_PER_TONNE = 1e3


def check_sites(ledger: Ledger, witness: Witness) -> None:
    """S1, S2 in all its rows, O2, O5, and the figures of every opening."""
    _check_openings(ledger, witness)
    for site in ledger.sites.values():
        _check_slots(ledger, site, witness)
        if site.opening is not None:
            _check_closed(ledger, site, witness)
        if site.orbit is not None:
            _check_launches(ledger, site, site.orbit, witness)
            _check_traffic(ledger, site.id, site.orbit, witness)


def _check_openings(ledger: Ledger, witness: Witness) -> None:
    """S2: a site opens once, not before it can, at its price."""
    time = ledger.instance.time
    for e in ledger.plan.sites_opened:
        opening, index = ledger.sites[e.site].opening, (e.site, e.period)
        witness.holds("S2", index, opening is not None, "expected a site that is not open already")
        if opening is not None:
            t = ledger.index[e.period]
            witness.at_least("S2", index, t, ledger.first_open[e.site])
            ordered = time.period_id(t - time.periods_of_months(opening.lead_months))
            witness.same("S2", (*index, "order_period"), e.order_period, ordered)
            witness.equal("S2", (*index, "cost_usd"), e.cost_usd, opening.cost_usd)


def _check_slots(ledger: Ledger, site: Site, witness: Witness) -> None:
    """S1: what is in place finds rack positions."""
    if site.space is None:
        return
    for t, period in enumerate(ledger.period_ids):
        there = [(ledger.systems[c], ledger.owned.get((c, s, t), 0.0)) for c, s in ledger.places if s == site.id]
        racks = sum(system.slots * count for system, count in there)
        units = ((m, ledger.memory_units.get((m.id, site.id, t), 0.0)) for m in ledger.tiers.values())
        used = racks + sum(tier.slots_per_unit * count for tier, count in units)
        witness.at_most("S1", (site.id, period), used, site.space.slots * site.space.scale)


def _check_closed(ledger: Ledger, site: Site, witness: Witness) -> None:
    """S2: before a site opens nothing is sent there, in place, trained, held or leased."""
    closed = range(ledger.opened[site.id])
    flows = sum(f.rate_per_s for f in ledger.plan.flows if f.site == site.id and ledger.index[f.period] in closed)
    witness.at_most("S2.flow", (site.id,), flows, 0.0)
    units = sum(n for (_, s, t), n in ledger.owned.items() if s == site.id and t in closed)
    witness.at_most("S2.power" if site.kind == "ground" else "S2.launch", (site.id,), units, 0.0)
    runs = [run for run in ledger.plan.training_runs if run.site == site.id]
    shares = [x for run in runs for period, x in run.share_of_period.items() if ledger.index[period] in closed]
    witness.at_most("S2.train", (site.id,), sum(shares), 0.0)
    for (m, s, t), count in ledger.memory_units.items():
        if s == site.id and t in closed:
            index = (site.id, m, ledger.period_ids[t])
            witness.at_most("S2.power", index, count * ledger.tiers[m].power_w_per_gb, 0.0)
            witness.at_most("S1", index, count * ledger.tiers[m].slots_per_unit if site.space else 0.0, 0.0)
    parked = sum(p.gb for p in ledger.plan.parked if p.site == site.id and ledger.index[p.period] in closed)
    rented = sum(gb for (_, s, t), gb in ledger.memory_rented_gb.items() if s == site.id and t in closed)
    witness.at_most("M2.hold", (site.id,), parked + rented, 0.0)
    leased = sum(kw for (s, t), kw in ledger.leased_kw.items() if s == site.id and t in closed)
    witness.at_most("P2.lease", (site.id,), leased, 0.0)


def _check_launches(ledger: Ledger, site: Site, orbit: Orbit, witness: Witness) -> None:
    """O2: satellites that enter service in a period, with those lost; S2.launch: and all that are up there by then."""
    launched, so_far_kg = launched_per_arrival(orbit), 0.0
    for t, period in enumerate(ledger.period_ids):
        buys = [p for p in ledger.plan.purchases if (p.site, p.acquisition, p.period) == (site.id, "buy", period)]
        mass_kg = launched * sum(ledger.worth.launch_kg(ledger.systems[p.system], site) * p.units for p in buys)
        most_kg = capacity_kg(orbit, ledger.instance.time, t)
        so_far_kg += most_kg
        witness.at_most("O2", (site.id, period), mass_kg / KG_PER_TONNE, most_kg / KG_PER_TONNE)
        if site.opening is not None:
            up = launched * sum(
                ledger.worth.launch_kg(ledger.systems[c], site) * ledger.owned.get((c, s, t), 0.0)
                for c, s in ledger.places
                if s == site.id
            )
            witness.at_most("S2.launch", (site.id, period), up / KG_PER_TONNE, so_far_kg / KG_PER_TONNE)


def _check_traffic(ledger: Ledger, site_id: str, orbit: Orbit, witness: Witness) -> None:
    """O5: prompts up and answers down fit ground stations and relays, in every slice."""
    _check_links(ledger, site_id, witness)
    if orbit.downlink_gb_s is None:
        return
    most = orbit.downlink_gb_s * orbit.contact_share + orbit.relay_gb_s
    tokens = {(w.id, b.id): b.input_tokens + b.output_tokens for w in ledger.workloads.values() for b in w.buckets}
    for period in ledger.period_ids:
        for h in ledger.slices:
            rates = (
                f.rate_per_s * tokens[f.workload, f.bucket]
                for f in ledger.plan.flows
                if (f.site, f.period, f.slice) == (site_id, period, h)
            )
            load = sum(rates) * ledger.instance.network.bytes_per_token / 1e9
            witness.holds(
                "O5", (site_id, period, h), load <= most * (1 + 1e-6), f"expected at most {most!r} GB/s, found {load!r}"
            )


def _check_links(ledger: Ledger, site_id: str, witness: Witness) -> None:
    """O5.link: what the satellites of a system serve fits the links of those that survive."""
    tokens = {(w.id, b.id): b.input_tokens + b.output_tokens for w in ledger.workloads.values() for b in w.buckets}
    loads: dict[tuple[str, str, str], float] = defaultdict(float)
    for p in ledger.plan.placements:
        d = ledger.deployments[p.deployment]
        if d.site == site_id:
            moved = sum(rate * tokens[d.workload, bucket] for bucket, rate in p.served_per_s.items())
            loads[d.system, p.period, p.slice] += moved * ledger.instance.network.bytes_per_token / 1e9
    for (c, period, h), load in loads.items():
        bus = ledger.systems[c].satellite
        if bus is not None and bus.link_gb_s is not None:
            most = bus.link_gb_s * ledger.surviving((c, site_id), ledger.index[period])
            said = f"expected at most {most!r} GB/s, found {load!r}"
            witness.holds("O5.link", (c, site_id, period, h), load <= most * (1 + 1e-6), said)
