"""What was read, in canonical units: the rows that `fleetopt check` prints."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from fleetopt.instance.arrivals import peak_arrivals_per_s, requests_in_period
from fleetopt.instance.schema import Instance
from fleetopt.instance.sites import Site
from fleetopt.instance.systems import System
from fleetopt.instance.workloads import Workload

Row = tuple[str, str]


@dataclass(frozen=True)
class Summary:
    """Titled groups of rows, each a label and a value."""

    groups: tuple[tuple[str, tuple[Row, ...]], ...]

    def as_dict(self) -> dict[str, dict[str, str]]:
        """Plain data: group, label, value."""
        return {title: dict(rows) for title, rows in self.groups}

    def lines(self) -> str:
        """Text for a terminal, labels aligned."""
        width = max((len(label) for _, rows in self.groups for label, _ in rows), default=0)
        text = []
        for title, rows in self.groups:
            text += [title, *(f"  {label:<{width}}  {value}" for label, value in rows)]
        return "\n".join(text)


def summary(instance: Instance) -> Summary:
    """Rows on the whole instance, then on its demand, systems, memory, sites and fleet."""
    groups: list[tuple[str, tuple[Row, ...]]] = [
        ("instance", _whole(instance)),
        ("demand (requests a second, mean of each period; peak slice)", _demand(instance)),
        ("training", tuple(_training(w) for w in instance.workloads if w.training)),
        ("systems", tuple((s.id, _system(s)) for s in instance.systems)),
        ("memory", _memory(instance)),
        ("sites", tuple((s.id, _site(s)) for s in instance.sites)),
        ("fleet", tuple((h.id, f"{h.units:,} {h.system} at {h.site}, to {h.end_of_life}") for h in instance.fleet)),
    ]
    return Summary(tuple((title, rows) for title, rows in groups if rows))


def _whole(instance: Instance) -> tuple[Row, ...]:
    time, trade = instance.time, instance.trade
    counts = {
        "workloads": instance.workloads,
        "models": instance.models,
        "systems": instance.systems,
        "memory tiers": instance.memory,
        "sites": instance.sites,
        "regions": instance.network.regions,
        "links": instance.network.links,
        "export rules": trade.rules,
        "licences": trade.licences,
        "duties": trade.duties,
        "supply limits": instance.supply.limits,
        "volume discounts": instance.supply.discounts,
        "own limits": instance.policy.limits,
        "measurements": instance.measured.points,
    }
    slices = ", ".join(f"{part.id} {part.hours:g} h" for part in time.slices)
    return (
        ("name", instance.name),
        ("periods", f"{time.periods}, {time.period_ids[0]} to {time.period_ids[-1]}"),
        ("slices", f"{len(time.slices)} of a {time.cycle}: {slices}"),
        ("cost of capital", f"{instance.finance.wacc:.2%} a year"),
        *((label, f"{len(items):,}{_disabled(items)}") for label, items in counts.items() if items),
    )


def _disabled(items: Any) -> str:
    off = sum(1 for item in items if getattr(item, "enabled", True) is False)
    return f" ({off} disabled)" if off else ""


def _demand(instance: Instance) -> tuple[Row, ...]:
    seconds = instance.time.period_hours * 3600
    rows = []
    for workload in instance.workloads:
        if workload.kind == "training":
            continue
        means = [requests_in_period(instance, workload, t) / seconds for t in range(instance.time.periods)]
        peak = max(peak_arrivals_per_s(instance, workload, t) for t in range(instance.time.periods))
        values = " ".join(f"{mean:,.4g}" for mean in means)
        rows.append((workload.id, f"{values}; peak {peak:,.4g}; {_sizes(workload)}{_off(workload.enabled)}"))
    return tuple(rows)


def _sizes(workload: Workload) -> str:
    tokens_in = sum(bucket.share * bucket.input_tokens for bucket in workload.buckets)
    tokens_out = sum(bucket.share * bucket.output_tokens for bucket in workload.buckets)
    sizes = f"{len(workload.buckets)} sizes, mean {tokens_in:,.0f} tokens in and {tokens_out:,.0f} out"
    return f"{workload.kind} on {workload.model or 'what was measured'}, {sizes}"


def _training(workload: Workload) -> Row:
    run = workload.training
    assert run is not None  # only such workloads are asked for
    work = f"{run.tokens:.3g} tokens in {run.precision}, {run.start} to {run.deadline}"
    return workload.id, f"{workload.model}, {work}{_off(workload.enabled)}"


def _system(system: System) -> str:
    what = f"x {system.chip.id}" if system.chip else "accelerators"
    chips = f"{system.chips} {what}" if system.chips else "no accelerators"
    price = "no price" if system.price.buy_usd is None else f"{system.price.buy_usd * system.price.scale:,.0f} USD"
    offers = ((f" {class_}" if class_ else "", rent) for class_, rent in system.rentals.items())
    rent = "".join(f", {rent.usd_per_h * rent.scale:,.2f} USD/h rented{class_}" for class_, rent in offers)
    price += _dated(((p.since, p.buy_usd) for p in system.price.by_date), system.price.scale)
    return f"{chips}, {system.power_kw:g} kW, {price}{rent}, {system.lead_months:g} months{_off(system.enabled)}"


def _dated(points: Iterable[tuple[str, float]], scale: float) -> str:
    """`, 250,000 from 2027q3` for each dated price."""
    return "".join(f", {price * scale:,.12g} from {since}" for since, price in points)


def _memory(instance: Instance) -> tuple[Row, ...]:
    rows = []
    for tier in instance.memory:
        price = tier.price
        bought = "" if price.usd_per_gb is None else f", {price.usd_per_gb * price.scale:g} USD/GB"
        rented = "" if price.usd_per_gb_month is None else f", {price.usd_per_gb_month * price.scale:g} USD/GB/month"
        bought += _dated(((p.since, p.usd_per_gb) for p in price.by_date), price.scale)
        rows.append((tier.id, f"{tier.kind}, {tier.unit_gb:,g} GB a unit{bought}{rented}{_off(tier.enabled)}"))
    return tuple(rows)


def _site(site: Site) -> str:
    if site.orbit:
        orbit = site.orbit
        price = f"{orbit.launch_usd_per_kg * orbit.launch_scale:,g} USD/kg"
        price += _dated(((p.since, p.usd_per_kg) for p in orbit.launch_price_by_date), orbit.launch_scale)
        mass = f"{orbit.launch_kg_per_period * orbit.tonnage_scale:,g} kg a period"
        mass += _dated(((p.since, p.kg_per_period) for p in orbit.tonnage_by_date), orbit.tonnage_scale)
        return f"orbit at {orbit.altitude_km:g} km, {mass} at {price}"
    scale = site.power.scale
    sources = [source for source in site.power.sources if source.enabled]
    limit = site.max_new_kw * scale if site.max_new_kw is not None else float("inf")
    existing = sum(source.existing_kw * source.scale * scale for source in sources)
    new = sum(source.max_new_kw * source.scale * scale for source in sources)
    lease = site.power.lease.max_kw * site.power.lease.scale * scale if site.power.lease else 0.0
    parts = [f"{existing:,g} kW now", f"{min(new, limit):,g} kW to build"] + (
        [f"{lease:,g} kW to lease"] if lease else []
    )
    space = f", {site.space.slots * site.space.scale:,g} slots" if site.space else ""
    space += f", cools {site.cooling.max_kw * site.cooling.scale:,g} kW" if site.cooling else ""
    opening = "" if site.opening is None else f", opens for {site.opening.cost_usd:,.0f} USD"
    return f"{site.jurisdiction}, {', '.join(parts)}{space}{opening}{_off(site.enabled)}"


def _off(enabled: bool) -> str:
    return "" if enabled else " (disabled)"
