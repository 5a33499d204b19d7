"""Latency against its target, with error bands."""

from collections.abc import Iterator

from fleetopt.report.charts import Figure, Range, Ranges
from fleetopt.report.charts.ranges import State
from fleetopt.report.page.section import Panel, Section
from fleetopt.report.page.subject import Subject
from fleetopt.report.page.view import View
from fleetopt.report.rows.targets import TargetLine, target_lines
from fleetopt.report.text import seconds

SMALL = 0.01
"""Systems that serve less of a workload than this are in the table only."""
STATES: dict[str, State] = {"yes": "met", "not at p90": "not at p90", "no": "missed"}
COLUMNS = (
    "workload",
    "bucket",
    "site",
    "system",
    "stage",
    "measure",
    "predicted_s",
    "p10_s",
    "p90_s",
    "target_s",
    "of_target",
    "met",
    "share",
    "basis",
)


def latency_section(subject: Subject) -> Section:
    """A chart for each workload, and every latency as a table."""
    lines = target_lines(subject.book)
    if not lines:
        return Section("latency", "Latency", "Nothing is served in this plan.")
    panel = Panel("", "", tuple(_figures(subject, lines)))
    aimed = [x for x in lines if x.target_s is not None]
    missed, risky = sum(x.met == "no" for x in aimed), sum(x.met == "not at p90" for x in aimed)
    said = f"{len(aimed):,} latencies have a target. "
    said += f"{missed} miss it as planned. " if missed else "All meet it as planned. "
    said += f"{risky} would miss it at the pessimistic end of their error band (p90)." if risky else ""
    view = View(subject.tables["slo"], COLUMNS, closed=True)
    return Section("latency", "Latency", said.strip(), panel.figures, views=(view,))


def _figures(subject: Subject, lines: list[TargetLine]) -> Iterator[Figure]:
    for n, workload in enumerate(subject.book.workloads):
        worst: dict[tuple[str, str, str], TargetLine] = {}
        shares: dict[tuple[str, str, str], float] = {}
        for x in lines:
            if x.workload_id != workload or x.of_target is None:
                continue
            key = (x.measure, x.stage, x.system)
            shares[key] = shares.get(key, 0.0) + (x.share or 0.0)
            if key not in worst or _end(x) > _end(worst[key]):
                worst[key] = x
        kept = sorted((k for k in worst if shares[k] >= SMALL), key=lambda k: (k[0], -_end(worst[k]), k)) or list(worst)
        if kept:
            name = subject.book.names.workload(workload)
            said = "Worst request size and site of each system, as a share of its target; bands from p10 to p90."
            yield Ranges(f"latency-{n}", name, said, tuple(_range(worst[k]) for k in kept)).figure()


def _end(x: TargetLine) -> float:
    """The pessimistic end, or the value where there is no band, as a share of the target."""
    assert x.target_s
    return (x.p90_s or x.predicted_s) / x.target_s


def _range(x: TargetLine) -> Range:
    assert x.target_s
    measure = x.measure.split(" (")[-1].rstrip(")")
    stage = "" if x.stage == "prefill and decode" else f", {x.stage}"
    low, high = x.p10_s or x.predicted_s, x.p90_s or x.predicted_s
    band = f" ({seconds(low)}–{seconds(high)})" if low < high else ""
    said = f"{seconds(x.predicted_s)}{band}, target {seconds(x.target_s)}; {x.bucket} at {x.site}, {x.basis}"
    name = f"{measure} · {x.system}{stage}"
    target = x.target_s
    return Range(name, low / target, x.predicted_s / target, high / target, STATES[x.met], said)
