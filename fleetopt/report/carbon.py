"""Carbon emitted, by site and source, against the budget."""

from collections import defaultdict

from fleetopt.instance.schema import Instance
from fleetopt.plan import Plan
from fleetopt.report.names import Names
from fleetopt.report.text import plain, table


def carbon_section(plan: Plan, instance: Instance) -> list[str]:
    """Tonnes by period of each site's sources, leases and launches, and their sum."""
    names, budget = Names(instance), instance.finance.carbon_budget_t
    if not plan.carbon and not budget:
        return []
    cells: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for e in plan.carbon:
        cells[names.site(e.site), plain(e.source)][e.period] = e.tonnes
    rows = [[*place, *(_tonnes(by_period.get(p, 0.0)) for p in plan.periods)] for place, by_period in cells.items()]
    totals = [sum(by_period.get(p, 0.0) for by_period in cells.values()) for p in plan.periods]
    rows.append(["**all**", "", *(_tonnes(total) for total in totals)])
    if budget:
        most = [budget[min(t, len(budget) - 1)] for t in range(len(plan.periods))]
        rows.append(["**budget**", "", *(_tonnes(tonnes) for tonnes in most)])
    said = "Tonnes of CO2e of energy drawn and of launches; that of rented machines is their provider's."
    return ["## Carbon", "", said, "", *table(["site", "source", *plan.periods], rows)]


def _tonnes(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == 0 else f"{value:,.3g}"
