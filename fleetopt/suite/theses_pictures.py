"""The pictures of theses.md: who serves, what is bought, what it costs, or the flip."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from fleetopt.report.charts import Bars, Figure
from fleetopt.report.charts.standalone import standalone
from fleetopt.report.costs import MEANING
from fleetopt.report.page.cells import brief
from fleetopt.report.page.subject import ranked, stacked
from fleetopt.report.text import share
from fleetopt.suite.flip_report import flip_figure
from fleetopt.suite.map_report import map_figure
from fleetopt.suite.record import Record
from fleetopt.suite.runs import PLANNED
from fleetopt.suite.schema import Picture, SuiteFile, Thesis

Plan = Mapping[str, Any]


def theses_pictures(file: SuiteFile, record: Record) -> dict[str, str]:
    """Every picture by the name of its file."""
    found = {}
    for thesis in file.theses:
        drawn = _figure(thesis, record)
        if drawn is not None:
            found[picture_name(thesis, record)] = standalone(drawn)
    return found


def picture_name(thesis: Thesis, record: Record) -> str:
    """Name of a thesis's picture; empty where it has none."""
    chosen = _chosen(thesis)
    if chosen is None or (chosen.flip is None and chosen.map is None and not _planned(thesis, record)):
        return ""
    return f"theses-{thesis.id.lower()}.svg"


def _chosen(thesis: Thesis) -> Picture | None:
    if thesis.picture is not None:
        return thesis.picture
    if thesis.flips:
        return Picture(flip=thesis.flips[0])
    return Picture(bought=True) if thesis.scenarios else None


def _planned(thesis: Thesis, record: Record) -> dict[str, Plan]:
    """Plans of its scenarios by title, those without one left out."""
    found = {}
    for name in record.members(thesis.scenarios):
        kept = record.scenarios[name]
        if kept.plan.get("status") in PLANNED:
            found[kept.title if kept.title not in found else name] = kept.plan
    return found


def _figure(thesis: Thesis, record: Record) -> Figure | None:
    chosen = _chosen(thesis)
    if chosen is None:
        return None
    if chosen.flip is not None:
        return flip_figure(record.flips[chosen.flip])
    if chosen.map is not None:
        return map_figure(record.maps[chosen.map])
    plans = _planned(thesis, record)
    if not plans:
        return None
    if chosen.shares is not None:
        workload = chosen.shares
        return _bars(thesis, f"Who serves {workload}", plans, lambda plan: _shares(plan, workload), share)
    if chosen.costs:
        return _bars(thesis, "What it costs", plans, _lines, brief)
    return _bars(thesis, "What is spent on systems", plans, _spent, brief)


def _bars(
    thesis: Thesis,
    title: str,
    plans: Mapping[str, Plan],
    parts_of: Callable[[Plan], Mapping[str, float]],
    shown: Callable[[float], str],
) -> Figure:
    cells, totals = dict[tuple[str, int], float](), defaultdict[str, float](float)
    for n, plan in enumerate(plans.values()):
        for key, value in parts_of(plan).items():
            cells[key, n] = value
            totals[key] += abs(value)
    names = {key: MEANING.get(key, key) for key in totals}
    series = stacked(cells, names, ranked(totals), len(plans))
    sums = tuple(sum(s.values[n] for s in series) for n in range(len(plans)))
    return Bars(
        f"thesis-{thesis.id.lower()}", title, f"{thesis.id}, by scenario.", tuple(plans), series, sums, shown
    ).figure()


def _shares(plan: Plan, workload: str) -> dict[str, float]:
    rates: dict[str, float] = defaultdict(float)
    for placement in plan["placements"]:
        deployment = plan["deployments"][placement["deployment"]]
        if deployment["workload"] == workload and deployment["stage"] != "prefill":
            rates[deployment["system"]] += sum(placement["served_per_s"].values())
    whole = sum(rates.values())
    return {system: rate / whole for system, rate in rates.items()} if whole else {}


def _spent(plan: Plan) -> dict[str, float]:
    spent: dict[str, float] = defaultdict(float)
    for purchase in plan["purchases"]:
        spent[purchase["system"]] += purchase["cost_usd"]
    return spent


def _lines(plan: Plan) -> dict[str, float]:
    return {line: usd for line, usd in plan["cost_lines"].items() if usd}
