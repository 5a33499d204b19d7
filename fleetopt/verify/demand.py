"""D: every request is served now, later within its delay, or counted as unserved; and only where it may go."""

from collections import defaultdict
from collections.abc import Mapping

from fleetopt.instance.arrivals import arrivals_per_s, region_ids
from fleetopt.plan import Deferral
from fleetopt.verify.ledger import ENTRY, Ledger
from fleetopt.verify.witness import Witness

SECONDS_PER_HOUR = 3600.0
BYTES_PER_GB = 1e9
Key = tuple[str, str, int, str]
"""Workload, region, period index, slice."""


def check_demand(ledger: Ledger, witness: Witness) -> None:
    """D1, D1.site, D2, D2.window, D3, D4."""
    arrivals = arrivals_of(ledger)
    done = _check_deferral(ledger, arrivals, witness)
    _check_met(ledger, {**arrivals, **done}, witness)
    _check_sites(ledger, witness)
    _check_reach(ledger, witness)
    _check_links(ledger, witness)


def arrivals_of(ledger: Ledger) -> dict[Key, float]:
    """Requests arriving per second."""
    return {
        (w.id, u, t, h): arrivals_per_s(ledger.instance, w, u, t, h)
        for w in ledger.workloads.values()
        for u in region_ids(w)
        for t in ledger.periods
        for h in ledger.slices
    }


def _check_deferral(ledger: Ledger, arrivals: Mapping[Key, float], witness: Witness) -> dict[Key, float]:
    """D2: the work done in each slice, of workloads that may wait; the backlog is the least that allows it."""
    written = {(e.workload, e.region, ledger.index[e.period], e.slice): e for e in ledger.plan.deferrals}
    expected = [key for key in arrivals if ledger.workloads[key[0]].max_delay_h > 0]
    named = [_name(ledger, key) for key in sorted(written)]
    witness.same("D2", ("entries",), named, [_name(ledger, key) for key in sorted(expected)])
    found = {key: entry for key, entry in written.items() if key in arrivals}
    for key in (key for key in expected if key in found):
        w, u, t, h = key
        hours = ledger.hours[h]
        before = found.get((w, u, t, ledger.slices[ledger.slices.index(h) - 1]))
        waiting = found[key].backlog_requests / SECONDS_PER_HOUR
        carried = before.backlog_requests / SECONDS_PER_HOUR if before is not None else 0.0
        left = [hours * found[key].done_per_s, waiting]
        witness.balance("D2", _name(ledger, key), left, [carried, hours * arrivals[key]])
        delay_h = ledger.workloads[w].max_delay_h
        witness.at_most("D2.window", _name(ledger, key), waiting, _recent(ledger, arrivals, key, delay_h))
    _check_least(ledger, found, witness)
    return {key: entry.done_per_s for key, entry in found.items()}


def _check_least(ledger: Ledger, found: Mapping[Key, Deferral], witness: Witness) -> None:
    """D2: some slice of the cycle ends with nothing waiting; what waits in every slice would wait for ever."""
    waiting: dict[tuple[str, str, int], list[float]] = defaultdict(list)
    for (w, u, t, _), entry in found.items():
        waiting[w, u, t].append(entry.backlog_requests)
    for (w, u, t), requests in waiting.items():
        witness.equal("D2", (w, u, ledger.period_ids[t], "least backlog"), min(requests), 0.0)


def _recent(ledger: Ledger, arrivals: Mapping[Key, float], key: Key, delay_h: float) -> float:
    """Arrivals (rate x hours) in the last `delay_h` hours before the end of a slice, going round the cycle."""
    w, u, t, h = key
    end, total = ledger.slices.index(h), 0.0
    while delay_h > 1e-12:
        taken = min(delay_h, ledger.hours[ledger.slices[end]])
        total += taken * arrivals[w, u, t, ledger.slices[end]]
        delay_h -= taken
        end = (end - 1) % len(ledger.slices)
    return total


def _check_met(ledger: Ledger, demand: Mapping[Key, float], witness: Witness) -> None:
    """D1, and that unserved demand is counted and priced."""
    short: dict[Key, float] = {}
    for e in ledger.plan.unserved:
        key = (e.workload, e.region, ledger.index[e.period], e.slice)
        short[key] = e.rate_per_s
        price = ledger.workloads[e.workload].shortfall_usd_per_request
        named = ("unserved", *_name(ledger, key))
        witness.holds("D1", named, price is not None, "expected no unserved demand: the instance gives it no price")
        witness.equal("D1", named, e.requests, e.rate_per_s * ledger.seconds[e.slice])
        witness.equal("D1", named, e.cost_usd, e.requests * (price or 0.0))
        witness.holds("D1", named, key in demand, "expected demand from the region, found none")
        witness.at_most("D1", named, e.rate_per_s, demand.get(key, 0.0))
    arriving: dict[tuple[str, str, str, int, str], list[float]] = defaultdict(list)
    for f in ledger.plan.flows:
        arriving[f.workload, f.bucket, f.region, ledger.index[f.period], f.slice].append(f.rate_per_s)
        key = (f.workload, f.region, ledger.index[f.period], f.slice)
        witness.holds("D1", ("flow", *_name(ledger, key)), key in demand, "expected demand from the region, found none")
    for (w, u, t, h), rate in demand.items():
        for b in ledger.workloads[w].buckets:
            flows = arriving[w, b.id, u, t, h]
            terms = [b.share * rate, -b.share * short.get((w, u, t, h), 0.0)]
            witness.balance("D1", (w, b.id, u, ledger.period_ids[t], h), flows, terms)


def _check_sites(ledger: Ledger, witness: Witness) -> None:
    """D1.site and D4: what flows in is served, what is prefilled is decoded."""
    flows: dict[tuple[str, str, str, int, str], list[float]] = defaultdict(list)
    for f in ledger.plan.flows:
        flows[f.workload, f.bucket, f.site, ledger.index[f.period], f.slice].append(f.rate_per_s)
    for key in sorted(flows.keys() | {key[:5] for key in ledger.served}):
        w, b, s, t, h = key
        index = (w, b, s, ledger.period_ids[t], h)
        entering = [ledger.served.get((*key, stage), 0.0) for stage in sorted(ENTRY)]
        witness.balance("D1.site", index, entering, flows.get(key, ()))
        pools = [ledger.served.get((*key, stage), 0.0) for stage in ("prefill", "decode")]
        witness.balance("D4", index, pools[1:], pools[:1])


def _check_reach(ledger: Ledger, witness: Witness) -> None:
    """D3 as a screen: round trip and data rules."""
    sites = {id_: open_to.sites for id_, open_to in ledger.reached.items()}
    for w, u, s in sorted({(f.workload, f.region, f.site) for f in ledger.plan.flows}):
        said = "expected a site within reach of the region and open to its data"
        witness.holds("D3", (w, u, s), s in sites[w].get(u, ()), said)


def _check_links(ledger: Ledger, witness: Witness) -> None:
    """D3 as a row: link capacity, contexts towards the site and answers back, each way for itself."""
    network, view = ledger.instance.network, ledger.network
    tokens = {(w.id, b.id): (b.input_tokens, b.output_tokens) for w in ledger.workloads.values() for b in w.buckets}
    loads: dict[tuple[int, bool, str, str], float] = defaultdict(float)
    for f in ledger.plan.flows:
        node, (sent, answered) = f.region, tokens[f.workload, f.bucket]
        for number in view.path_links(f.region, f.site):
            link = network.links[number]
            along = link.a == node
            node = link.b if along else link.a
            loads[number, along, f.period, f.slice] += f.rate_per_s * sent * network.bytes_per_token / BYTES_PER_GB
            loads[number, not along, f.period, f.slice] += (
                f.rate_per_s * answered * network.bytes_per_token / BYTES_PER_GB
            )
    for (number, along, period, h), load in sorted(loads.items()):
        link = network.links[number]
        ends = (link.a, link.b) if along else (link.b, link.a)
        if link.capacity_gb_s is not None:
            witness.at_most("D3", (*ends, period, h), load, link.capacity_gb_s)


def _name(ledger: Ledger, key: Key) -> tuple[str, str, str, str]:
    w, u, t, h = key
    return (w, u, ledger.period_ids[t], h)
