"""The fleet over time, by system and by site."""

from collections import defaultdict

from fleetopt.report.charts import Columns, Figure
from fleetopt.report.page.cells import period
from fleetopt.report.page.section import Panel, Section
from fleetopt.report.page.subject import Subject, listing, stacked
from fleetopt.report.page.view import View
from fleetopt.report.text import count

COLUMNS = (
    "site",
    "system",
    "period",
    "owned_units",
    "rented_units",
    "usable_units",
    "peak_busy_units",
    "busy_share",
    "chips",
    "rated_kw",
)


def fleet_section(subject: Subject) -> Section:
    """Chips by system, for all sites and for each."""
    names = subject.book.names
    every, by_site = defaultdict[tuple[str, int], float](float), dict[str, dict[tuple[str, int], float]]()
    for e in subject.plan.installed:
        at = (e.system, subject.book.index[e.period])
        chips = (e.owned_units + e.rented_units) * subject.book.systems[e.system].chips
        if chips:
            every[at] += chips
            by_site.setdefault(e.site, {})[at] = chips
    if not every:
        return Section("fleet", "Fleet", "No accelerators stand anywhere in this plan.")
    figure = _figure(subject, "fleet-all", "Chips in place, all sites", every, False)
    order = [s.id for s in subject.instance.sites if s.id in by_site]
    sites = tuple(_figure(subject, f"fleet-{n}", names.site(s), by_site[s], True) for n, s in enumerate(order))
    panels = (Panel("By site", "Chips in place, in the colours of the chart above; each with its own scale.", sites),)
    return Section(
        "fleet",
        "Fleet",
        _said(subject, every),
        (figure,),
        panels if len(sites) > 1 else (),
        views=(View(subject.tables["fleet"], COLUMNS, closed=True),),
    )


def _figure(subject: Subject, id_: str, title: str, cells: dict[tuple[str, int], float], small: bool) -> Figure:
    names = {s: subject.book.names.system(s) for s, _ in cells}
    series = stacked(cells, names, subject.colours, len(subject.plan.periods))
    last = len(subject.plan.periods) - 1
    total = sum(v for (_, t), v in cells.items() if t == last)
    said = f"{count(round(total))} chips in {period(subject.plan.periods[-1])}, owned and rented."
    return Columns(
        id_, title, said, "chips", subject.periods, series, small=small, shown=lambda v: f"{count(round(v, 1))} chips"
    ).figure()


def _said(subject: Subject, cells: dict[tuple[str, int], float]) -> str:
    """What grows, and what is let go."""
    last = len(subject.plan.periods) - 1
    change = {s: cells.get((s, last), 0.0) - cells.get((s, 0), 0.0) for s in {s for s, _ in cells}}
    name = subject.book.names.system
    up = [name(s) for s in sorted(change, key=lambda s: (-change[s], s)) if change[s] > 0]
    down = [name(s) for s in sorted(change, key=lambda s: (change[s], s)) if change[s] < 0]
    said = f"Growing: {listing(up)}. " if up else ""
    said += f"Shrinking: {listing(down)}. " if down else ""
    plain = any(not subject.book.systems[e.system].chips for e in subject.plan.installed)
    said += "Systems without accelerators are in the table only." if plain else ""
    return said.strip() or "The fleet does not change."
