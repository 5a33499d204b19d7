"""What it costs: the objective as a waterfall that adds up, cash by period, and the annual view."""

from collections import defaultdict

from fleetopt.report.charts import Columns, Figure, Step, Waterfall
from fleetopt.report.costs import RULES
from fleetopt.report.page.cells import brief, period
from fleetopt.report.page.section import Section
from fleetopt.report.page.subject import Subject, ranked, stacked
from fleetopt.report.page.view import View
from fleetopt.report.rows import Table

USD_PER_MUSD = 1e6
LINES = (
    "Present values, to the cent: their sum is the objective. Beside each, how it comes from what is paid inside the "
    "plan: less discounting, less what is left to the time after the plan."
)


def cost_section(subject: Subject) -> Section:
    """The lines of the objective, and the cash behind them."""
    lines = subject.tables["objective"]
    rows = tuple(r for r in lines.rows if any(isinstance(v, float) and v for v in r))
    filled = Table(lines.id, "Line by line", LINES, lines.columns, rows)
    columns = ("meaning", "objective_usd", "share", "paid_usd", "discounting_usd", "beyond_usd", "reckoned_usd")
    reckoned = any(filled.values("reckoned_usd"))
    views = (
        View(filled, columns if reckoned else columns[:-1], exact=True),
        View(subject.tables["cash"], closed=True),
        View(subject.tables["annual"], closed=True),
    )
    figures = (_waterfall(subject), *_cash(subject))
    return Section("cost", "Cost", _said(subject), figures, views=views)


def _said(subject: Subject) -> str:
    """The largest lines, and what a present value is here."""
    plan = subject.plan
    largest = sorted(((usd, name) for name, usd in plan.cost_lines.items() if usd > 0), reverse=True)[:2]
    meaning = dict(
        zip(subject.tables["objective"].values("line"), subject.tables["objective"].values("meaning"), strict=True)
    )
    parts = [f"{meaning[name]} ({100 * usd / plan.objective_usd:.0f} %)" for usd, name in largest if plan.objective_usd]
    most = f"Most of it is {' and '.join(parts)}. " if parts else ""
    finance = subject.instance.finance
    rate = f"at {100 * finance.wacc:.3g} % a year"
    return f"{most}Present value to the start of the first period, {rate}; {RULES[finance.residual]}."


def _waterfall(subject: Subject) -> Figure:
    plan, lines = subject.plan, subject.tables["objective"]
    meaning = dict(zip(lines.values("line"), lines.values("meaning"), strict=True))
    steps = tuple(Step(str(meaning[name]).capitalize(), usd) for name, usd in plan.cost_lines.items() if usd)
    said = f"{len(steps)} lines add up to {brief(plan.objective_usd)}."
    total = Step("Total: the objective", plan.objective_usd)
    return Waterfall("waterfall", "From nothing to the total", said, steps, total, brief).figure()


def _cash(subject: Subject) -> tuple[Figure, ...]:
    """Cash by period and line; nothing where nothing is paid."""
    table = subject.tables["cash"]
    money = [c for c in table.columns if c.id.endswith("_usd") and c.id not in ("cash_usd", "so_far_usd")]
    cells, totals = dict[tuple[str, int], float](), defaultdict[str, float](float)
    for column in money:
        for n, usd in enumerate(table.values(column.id)):
            assert isinstance(usd, int | float)
            cells[column.id, n] = usd / USD_PER_MUSD
            totals[column.id] += abs(usd)
    names = {c.id: c.title for c in money}
    series = stacked(cells, names, ranked(totals), len(subject.plan.periods))
    if not series:
        return ()
    cash = table.values("cash_usd")
    peak = max(range(len(cash)), key=lambda n: float(cash[n] or 0))  # type: ignore[arg-type]
    when = period(str(table.values("period")[peak]))
    said = f"{brief(table.total('cash_usd'))} is paid in all, most in {when}. Undiscounted."
    return (
        Columns(
            "cash", "Cash by period", said, "M$", subject.periods, series, shown=lambda v: brief(v * USD_PER_MUSD)
        ).figure(),
    )
