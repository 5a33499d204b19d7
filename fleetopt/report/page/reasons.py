"""Why this plan: what binds, what was rejected; and what it rests on."""

from collections import defaultdict

from fleetopt.report.bands import ENDS
from fleetopt.report.page.section import Section
from fleetopt.report.page.subject import Subject, listing
from fleetopt.report.page.view import View, listed
from fleetopt.report.rows import Column
from fleetopt.report.service import BASES


def binding_section(subject: Subject) -> Section:
    """Limits the plan takes in full, or that leave less room than one more unit needs."""
    if subject.binding is None:
        said = "This run folder does not say what binds; `fleetopt explain` works it out from the same folder."
        return Section("binds", "What binds", said)
    if not subject.binding:
        return Section("binds", "What binds", "Nothing binds: every limit has room for one more unit.")
    columns = (
        Column("Limit", id="says"),
        Column("Where", id="where"),
        Column("Periods", id="periods"),
        Column("Taken", id="state"),
        Column("Equation", id="equation"),
    )
    rows = [
        (str(b["says"]), _where(subject, b["index"]), _periods(b["periods"]), str(b["state"]), str(b["equation"]))
        for b in subject.binding
    ]
    kinds: dict[str, set[str]] = defaultdict(set)
    for says, where, _, state, _ in rows:
        if state == "full":
            kinds[says].add(where)
    said = "; ".join(f"{says} ({listing(sorted(where))})" for says, where in list(kinds.items())[:4])
    words = f"{said[0].upper()}{said[1:]}. " if said else ""
    words += (
        "Where a limit is taken in full, more of it might be worth money: `fleetopt explain --prices` says how much."
    )
    table = listed(
        "binding",
        "Limits without room",
        "Limits at their end, or with less left than one more unit takes.",
        columns,
        rows,
    )
    return Section("binds", "What binds", words, views=(View(table),))


def _where(subject: Subject, index: list[str]) -> str:
    """Ids of an equation's index, by name where they have one."""
    book = subject.book
    names = {**{s: book.names.site(s) for s in book.sites}, **{s: book.names.system(s) for s in book.systems}}
    names |= {**{w: book.names.workload(w) for w in book.workloads}, **{m: book.names.tier(m) for m in book.tiers}}
    return ", ".join(names.get(str(part), str(part)) for part in index) or "everywhere"


def _periods(periods: list[str]) -> str:
    if len(periods) > 3:
        return f"{periods[0]} to {periods[-1]} ({len(periods)})"
    return ", ".join(periods) or "all"


def rejected_section(subject: Subject) -> Section:
    """What was not chosen, by rule."""
    table = subject.tables["rejected"]
    if not table.rows:
        return Section("rejected", "What was rejected", "No configuration was rejected.")
    counts: dict[str, int] = defaultdict(int)
    for reason, number in zip(table.values("reason"), table.values("count"), strict=True):
        counts[str(reason)] += int(number or 0)  # type: ignore[arg-type]
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    said = f"{sum(counts.values()):,} configurations did not become an option: "
    said += listing((f"{number:,} for {reason}" for reason, number in ordered), 4) + "."
    columns = ("workload", "system", "reason", "count", "short_by", "nearest_site", "because")
    return Section("rejected", "What was rejected", said, views=(View(table, columns, closed=len(table.rows) > 40),))


def assumption_section(subject: Subject) -> Section:
    """What the plan rests on, and how to read it."""
    table = subject.tables["assumptions"]
    view = View(
        table, ("subject", "name", "figure", "value", "unit", "origin", "source", "date", "confidence"), closed=True
    )
    low = sum(1 for c in table.values("confidence") if c == "low")
    said = f"{len(table.rows):,} figures, each with where it comes from"
    said += f"; {low} of them of low confidence: look at these first." if low else "."
    return Section("assumptions", "Assumptions and limits", said, points=tuple(_notes(subject)), views=(view,))


def _notes(subject: Subject) -> list[str]:
    plan, instance = subject.plan, subject.instance
    bases = {d.basis for d in plan.deployments} | {run.basis for run in plan.training_runs}
    notes = [
        "Costs are present values; orders and cash are undiscounted.",
        ENDS[instance.prediction.percentile],
        *(said for basis, said in BASES.items() if basis in bases),
        "Error bands say how far public measurements of the nearest kind lie from their predictions.",
        "Demand is taken as given: uncertainty is met with scenarios beside each other, not within a plan.",
        "The bound is the solver's word; everything else on this page is checked by `fleetopt verify`.",
    ]
    if subject.stopped:
        notes.append(f"The search ended: {subject.stopped}.")
    return [*notes, *([f"Notes of the instance: {instance.notes}"] if instance.notes else [])]
