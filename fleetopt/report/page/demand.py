"""Demand against capacity, slice by slice: chips in use beside those usable, requests served beside those asked."""

from collections import defaultdict

from fleetopt.instance.arrivals import arrivals_per_s, region_ids
from fleetopt.instance.workloads import Workload
from fleetopt.report.charts import Columns, Figure, Series
from fleetopt.report.page.cells import amount, period
from fleetopt.report.page.section import Panel, Section
from fleetopt.report.page.subject import Subject, ranked, stacked
from fleetopt.report.page.view import View, listed
from fleetopt.report.rows import Column
from fleetopt.report.text import count, share

Slots = list[tuple[str, str]]
"""(period, slice), in order."""


def demand_section(subject: Subject) -> Section:
    """Charts by slice, and every placement as a table."""
    slots = [(p, h.id) for p in subject.plan.periods for h in subject.instance.time.slices]
    figures, said = _capacity(subject, slots)
    serving = [w for w in subject.instance.workloads if w.enabled and w.buckets and w.kind != "training"]
    asked = tuple(_asked(subject, n, w, slots) for n, w in enumerate(serving))
    words = "Requests served (columns) and asked for (line). Work that can wait is served after it was asked for."
    panels = (Panel("Each workload", words, asked),) if asked else ()
    return Section("demand", "Demand and capacity", said, figures, panels, views=_placements(subject))


def _categories(subject: Subject) -> tuple[tuple[str, str], ...]:
    slices = subject.instance.time.slices
    if len(slices) == 1:
        return subject.periods
    return tuple((period(p), h.name or h.id) for p in subject.plan.periods for h in slices)


def _capacity(subject: Subject, slots: Slots) -> tuple[tuple[Figure, ...], str]:
    """Chips busy by workload against chips usable."""
    of, at = {d.id: d for d in subject.plan.deployments}, {slot: n for n, slot in enumerate(slots)}
    cells, totals = defaultdict[tuple[str, int], float](float), defaultdict[str, float](float)
    for p in subject.plan.placements:
        d = of[p.deployment]
        chips = p.replicas * p.utilisation * d.units_per_replica * subject.book.systems[d.system].chips
        cells[d.workload, at[p.period, p.slice]] += chips
        totals[d.workload] += chips
    for run in subject.plan.training_runs:
        each = run.chips / run.units if run.units else 0.0
        for when, part in run.share_of_period.items():
            for h in subject.instance.time.slices:
                cells[run.workload, at[when, h.id]] += run.units * part * each
            totals[run.workload] += run.units * part * each * len(subject.instance.time.slices)
    if not totals:
        return (), "Nothing runs in this plan."
    usable = defaultdict[str, float](float)
    for e in subject.plan.installed:
        usable[e.period] += (e.usable_units + e.rented_units) * subject.book.systems[e.system].chips
    limit = Series("chips usable", tuple(usable[p] for p, _ in slots), 0)
    names = {w: subject.book.names.workload(w) for w in totals}
    series = stacked(cells, names, ranked(totals), len(slots))
    busy = [sum(s.values[n] for s in series) for n in range(len(slots))]
    parts = [b / u if u else 0.0 for b, u in zip(busy, limit.values, strict=True)]
    top = max(range(len(slots)), key=parts.__getitem__)
    slice_name = _categories(subject)[top]
    most = f"{share(parts[top])} of the usable chips are at work in the busiest slice ({' '.join(slice_name).strip()})"
    said = f"{most}, {share(sum(busy) / sum(limit.values) if any(limit.values) else 0.0)} over all slices alike."
    chart = Columns(
        "capacity",
        "Chips at work, slice by slice",
        "By workload, against those usable: less repairs and spares.",
        "chips",
        _categories(subject),
        series,
        limit,
        shown=lambda v: f"{count(round(v))} chips",
    )
    return (chart.figure(),), said


def _asked(subject: Subject, number: int, workload: Workload, slots: Slots) -> Figure:
    """Requests served and asked for of one workload."""
    at, served = {slot: n for n, slot in enumerate(slots)}, [0.0] * len(slots)
    of = {d.id: d for d in subject.plan.deployments if d.workload == workload.id and d.stage != "decode"}
    for p in subject.plan.placements:
        if p.deployment in of:
            served[at[p.period, p.slice]] += sum(p.served_per_s.values())
    index = subject.book.index
    asked = tuple(
        sum(arrivals_per_s(subject.instance, workload, r, index[p], h) for r in region_ids(workload)) for p, h in slots
    )
    name = subject.book.names.workload(workload.id)
    peak = max(asked, default=0.0)
    return Columns(
        f"asked-{number}",
        name,
        f"At most {amount(peak)} requests a second are asked for.",
        "requests/s",
        _categories(subject),
        (Series("served", tuple(served), 0),),
        Series("asked for", asked, 0),
        small=True,
        shown=lambda v: f"{amount(v)}/s",
    ).figure()


def _placements(subject: Subject) -> tuple[View, ...]:
    of, names = {d.id: d for d in subject.plan.deployments}, subject.book.names
    slices = {h.id: h.name or h.id for h in subject.instance.time.slices}
    columns = (
        Column("Workload", id="workload"),
        Column("Period", id="period"),
        Column("Slice", id="slice"),
        Column("Site", id="site"),
        Column("System", id="system"),
        Column("Stage", id="stage"),
        Column("Layout", id="layout"),
        Column("Requests", "rate", id="rate"),
        Column("Replicas", "count", id="replicas"),
        Column("Busy", "share", id="busy"),
        Column("TTFT", "seconds", id="ttft_s"),
        Column("TPOT", "seconds", id="tpot_s"),
    )
    rows = []
    for p in subject.plan.placements:
        d = of[p.deployment]
        where = (names.workload(d.workload), p.period, slices[p.slice], names.site(d.site), names.system(d.system))
        rate = sum(p.served_per_s.values())
        rows.append(
            (
                *where,
                d.stage,
                _layout(d.tensor, d.pipeline, d.precision),
                rate,
                p.replicas,
                p.utilisation,
                p.ttft_s,
                p.tpot_s,
            )
        )
    said = "What runs where in every period and slice, with the worst latency of the request sizes served."
    return (View(listed("placements", "Placements", said, columns, rows), closed=True),) if rows else ()


def _layout(tensor: int | None, pipeline: int | None, precision: str) -> str:
    """`tp8 pp2 fp8`."""
    parts = [f"tp{tensor}" if tensor else "", f"pp{pipeline}" if pipeline and pipeline > 1 else "", precision]
    return " ".join(part for part in parts if part)
