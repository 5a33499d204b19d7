"""Memory: the hierarchy by tier and period, fastest first: room, reading and dollars."""

from collections.abc import Iterator, Sequence

from fleetopt.report.charts import Columns, Figure, Series
from fleetopt.report.hierarchy import FAST, TierUse, tier_uses
from fleetopt.report.page.cells import amount, brief
from fleetopt.report.page.section import Panel, Section
from fleetopt.report.page.subject import Subject
from fleetopt.report.page.view import View
from fleetopt.report.text import GB_PER_TB, memory

FAST_NAME = "Fast memory of all chips"


def memory_section(subject: Subject) -> Section | None:
    """Each tier's room, reading and cost; None where there is no memory but the chips'."""
    found = tier_uses(subject.plan, subject.instance)
    if not set(found) - {FAST}:
        return None
    names = {tier: FAST_NAME if tier == FAST else subject.book.names.tier(tier) for tier in found}
    panels = tuple(
        Panel(names[tier], _said(uses), tuple(_figures(subject, n, names[tier], uses)))
        for n, (tier, uses) in enumerate(found.items())
    )
    most = sorted(((max(u.held_gb or 0.0 for u in uses), tier) for tier, uses in found.items()), reverse=True)
    kept = ", ".join(f"{memory(gb)} in {names[tier]}" for gb, tier in most if gb) or "Nothing is kept"
    words = f"Kept at most, apart from the chips' own memory: {kept}."
    views = (View(subject.tables["memory_tiers"], closed=True),)
    return Section("memory", "Memory by tier", words, (), panels, views=views)


def _said(uses: Sequence[TierUse]) -> str:
    """Where a tier's room comes from and what is spent on it."""
    spent_usd = sum(u.spent_usd for u in uses)
    if uses[0].tier == FAST:
        return "Comes with systems alone."
    return f"{brief(spent_usd)} spent, undiscounted." if spent_usd else "Nothing bought: it comes with systems."


def _figures(subject: Subject, n: int, name: str, uses: Sequence[TierUse]) -> Iterator[Figure]:
    """Room and what is kept; bandwidth and what is read; dollars."""

    def chart(what: str, said: str, unit: str, values: Sequence[float], limit: Sequence[float] | None) -> Figure:
        series = (Series(what, tuple(values), 0),)
        top = None if limit is None else Series("there" if what == "kept" else "possible", tuple(limit), 0)
        id_, title = f"memory-{n}-{what}", f"{name}: {said.lower()}"
        return Columns(
            id_, title, "", unit, subject.periods, series, top, True, lambda v: f"{amount(v)} {unit}"
        ).figure()

    room = [u.room_gb / GB_PER_TB for u in uses]
    if uses[0].tier == FAST:
        yield chart("there", "Room", "TB", room, None)
    else:
        yield chart("kept", "Room", "TB", [(u.held_gb or 0.0) / GB_PER_TB for u in uses], room)
    limits = [u.read_limit_gb_s for u in uses]
    most = None if any(limit is None for limit in limits) else [(limit or 0.0) / GB_PER_TB for limit in limits]
    if uses[0].tier == FAST:
        yield chart("possible", "Read bandwidth", "TB/s", most or [], None)
    elif most or any(u.read_gb_s for u in uses):
        yield chart("read", "Read bandwidth", "TB/s", [(u.read_gb_s or 0.0) / GB_PER_TB for u in uses], most)
    if any(u.spent_usd for u in uses):
        yield chart("spent", "Dollars", "M$", [u.spent_usd / 1e6 for u in uses], None)
