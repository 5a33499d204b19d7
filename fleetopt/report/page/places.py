"""Sites: the network they stand in and the power they are given."""

from collections import defaultdict

from fleetopt.report.charts import Columns, Edge, Figure, Node, Series, SiteMap
from fleetopt.report.charts.sitemap import IDLE, ORBIT, REGION, SITE
from fleetopt.report.page.cells import amount
from fleetopt.report.page.section import Panel, Section
from fleetopt.report.page.subject import Subject
from fleetopt.report.page.view import View
from fleetopt.report.text import KW_PER_MW, power, share

POWER = (
    "site",
    "period",
    "owned_units",
    "rented_units",
    "rated_kw",
    "reserved_kw",
    "firm_kw",
    "leased_kw",
    "used_share",
    "mean_kw",
    "peak_kw",
    "energy_mwh",
    "energy_usd",
    "carbon_t",
    "slots_used",
    "slots",
)


def site_section(subject: Subject) -> Section:
    """The graph of regions and sites."""
    instance, names = subject.instance, subject.book.names
    flow = _requests(subject)
    nodes = [_region(subject, r.id, r.name or r.id, flow["region"][r.id]) for r in instance.network.regions]
    peak = defaultdict[str, float](float)
    for e in subject.plan.installed:
        if e.period == subject.plan.periods[-1]:
            system = subject.book.systems[e.system]
            peak[e.site] += (e.owned_units + e.rented_units) * system.power_kw
    most = max(peak.values(), default=0.0) or 1.0
    for s in (s for s in instance.sites if s.enabled):
        used = peak[s.id] > 0 or flow["site"][s.id] > 0
        slot = IDLE if not used else ORBIT if s.kind == "orbit" else SITE
        detail = power(peak[s.id]) if used else "not used"
        said = f"{power(peak[s.id])} of systems at the end, {share(flow['site'][s.id])} of all requests"
        nodes.append(Node(s.id, names.site(s.id), slot, peak[s.id] / most, detail, said))
    there = {n.id for n in nodes}
    edges = tuple(
        Edge(
            k.a,
            k.b,
            k.rtt_ms,
            flow["link"][str(n)],
            f"round trip {k.rtt_ms:g} ms, {share(flow['link'][str(n)])} of all requests",
        )
        for n, k in enumerate(instance.network.links)
        if {k.a, k.b} <= there
    )
    said = "Roughly, the longer the round trip, the further apart; thick links carry more requests."
    chart = SiteMap("sites-map", "Regions and sites", said, tuple(nodes), edges)
    busy = sorted((n for n in nodes if n.slot in (SITE, ORBIT)), key=lambda n: -flow["site"][n.id])
    words = (
        "; ".join(f"{n.name} serves {share(flow['site'][n.id])}" for n in busy) + " of all requests." if busy else ""
    )
    return Section("sites", "Sites", words, (chart.figure(),))


def _region(subject: Subject, id_: str, name: str, part: float) -> Node:
    said = f"{share(part)} of all requests served"
    return Node(id_, name, REGION, 0.0, share(part) if part else "", said)


def _requests(subject: Subject) -> dict[str, dict[str, float]]:
    """Shares of all requests served by region, site and link (by its number)."""
    found: dict[str, dict[str, float]] = {kind: defaultdict(float) for kind in ("region", "site", "link")}
    whole = 0.0
    for f in subject.plan.flows:
        requests = f.rate_per_s * subject.book.hours[f.slice]
        whole += requests
        found["region"][f.region] += requests
        found["site"][f.site] += requests
        for link in subject.book.network.path_links(f.region, f.site):
            found["link"][str(link)] += requests
    for shares in found.values():
        for key in shares:
            shares[key] /= whole or 1.0
    return found


def power_section(subject: Subject) -> Section:
    """Power reserved against firm power, site by site."""
    table = subject.tables["sites_power"]
    figures, tight = list[Figure](), list[str]()
    for n, s in enumerate(s for s in subject.instance.sites if s.enabled and s.kind == "ground"):
        rows = [row for row in table.rows if row[-1] == s.id]
        at = {c.id: i for i, c in enumerate(table.columns)}
        reserved, firm = ([float(r[at[c]] or 0) / KW_PER_MW for r in rows] for c in ("reserved_kw", "firm_kw"))  # type: ignore[arg-type]
        if not any(reserved) and not any(firm):
            continue
        name = subject.book.names.site(s.id)
        full = max((r / f for r, f in zip(reserved, firm, strict=True) if f), default=0.0)
        if full > 0.995:
            tight.append(name)
        series = (Series("reserved", tuple(reserved), 0),)
        said = f"At most {share(full)} of the firm power is reserved."
        limit = Series("firm power", tuple(firm), 0)
        chart = Columns(
            f"power-{n}", name, said, "MW", subject.periods, series, limit, True, lambda v: f"{amount(v)} MW"
        )
        figures.append(chart.figure())
    said = f"Firm power is taken in full, or nearly, at some time in: {'; '.join(tight)}. " if tight else ""
    said += (
        "Reserved is rated power of what is owned, times diversity and peak PUE; firm is what sources and leases give."
    )
    views = (View(table, POWER, closed=True), View(subject.tables["power_sources"], closed=True))
    panels = (Panel("", "", tuple(figures)),) if figures else ()
    return Section("power", "Power", said, (), panels, views=views)
