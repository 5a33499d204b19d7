"""Why a planner's own plan does not do: limits its purchases break, what they leave undone, what would complete it."""

from fleetopt.model.build import Model
from fleetopt.model.context import KW_PER_MW, USD_PER_MUSD, Context
from fleetopt.model.equation import Index
from fleetopt.solve.diagnose import finding
from fleetopt.solve.diagnosis import Diagnosis, Finding, Remedy
from fleetopt.solve.hold import Held
from fleetopt.solve.matrix import Floats, Matrix
from fleetopt.solve.relax import Relaxation, relax
from fleetopt.solve.relax_words import shown
from fleetopt.solve.relaxations import RELAXED
from fleetopt.solve.solver import Limits
from fleetopt.solve.stages import search

OPERATION = frozenset({"D2.window"})
"""Rules not relaxed here: work that would wait too long is told as work not done."""
UNDONE = frozenset({"D1", "D3", "C3", "M2", "T1", "T1.one", "T2.team"})
"""Rules whose slack is something that the purchases leave undone; slack of any other is a limit that they break."""
ENOUGH = 1e-6


def diagnose_own(
    model: Model, matrix: Matrix, held: Held, limits: Limits, *, method: str = "auto", solver: str = "highs"
) -> Diagnosis:
    """What is wrong with purchases that leave no plan; the cheapest completion where more of them would do."""
    relief = relax(model, held.fixed(model, matrix), limits, RELAXED.keys() - OPERATION)
    if relief is None or not relief.relaxations:
        return Diagnosis("infeasible", "your plan leaves no way to operate it, and no single limit explains it")
    findings = tuple(_finding(model.context, r) for r in relief.relaxations)
    broken = [f for f in findings if f.equation not in UNDONE]
    undone = [f for f in findings if f.equation in UNDONE]
    remedy = _completion(model, matrix, held, limits, method, solver) if not broken else None
    advice = [f"{f.equation}: {RELAXED[f.equation].fix}, or order less of what breaks it" for f in broken]
    if undone and remedy is None:
        advice.append("order more of what serves it, order it earlier, or price the shortfall (`--shortfall USD`)")
    ordered = (*broken, *undone)
    headline = f"your plan {ordered[0].message}"
    return Diagnosis("infeasible", headline, ordered, tuple(dict.fromkeys(advice)), remedy=remedy)


def _finding(m: Context, relaxation: Relaxation) -> Finding:
    """A relaxation as what the purchases break or leave undone."""
    plain, amount = finding(m, relaxation), shown(relaxation.amount, RELAXED[relaxation.equation].unit)
    index, where = relaxation.index, ", ".join(relaxation.index)
    if relaxation.equation == "D1":
        share = relaxation.amount / _peak(m, index) if _peak(m, index) > 0 else 1.0
        text = f"leaves {amount} of '{index[0]}' from {index[1]} unserved in {index[2]} ({share:.1%} of its peak) (D1)"
    elif relaxation.equation == "T1.one":
        text = f"cannot train '{index[0]}' (T1.one)"
    elif relaxation.equation in UNDONE:
        text = f"lacks {amount} at {where} ({relaxation.equation})"
    else:
        text = f"exceeds a limit by {amount} at {where} ({plain.message.split('(')[-1].rstrip(')')}) "
        text = f"{text.strip()} ({relaxation.equation})"
    return Finding(plain.equation, plain.index, plain.shortfall, plain.unit, text)


def _peak(m: Context, index: Index) -> float:
    w, u, period = index
    return max(m.sets.arrivals[w, u, m.sets.periods.index(period), h] for h in m.sets.slices)


def _completion(model: Model, matrix: Matrix, held: Held, limits: Limits, method: str, solver: str) -> Remedy | None:
    """The cheapest plan that has all of these purchases and more; None where none was found."""
    outcome = search(model, held.at_least(model, matrix), limits, method=method, solver=solver)
    if outcome.values is None or outcome.objective is None:
        return None
    added = _added(model, matrix, held, outcome.values)
    if not added:
        return None
    cost = float(f"{outcome.objective * USD_PER_MUSD:.12g}")
    close = "" if outcome.gap is None else f" (within {outcome.gap:.2%} of the cheapest)"
    text = f"The cheapest way to complete it: {', '.join(added)}: the plan then costs ${cost / 1e6:,.2f} M{close}."
    return Remedy(text, (), cost, outcome.gap, "")


def _added(model: Model, matrix: Matrix, held: Held, values: Floats) -> list[str]:
    """What a completed plan has more of, in words."""
    m, found = model.context, []
    verbs = {"buy": "buy", "rent": "rent", "mem": "buy", "build": "build", "lease": "lease"}
    for family in (f for f in verbs if f in held.families):
        for index, column in getattr(m.var, family).items():
            more = float(values[matrix.index[column.name]]) - held.amounts.get((family, index), 0.0)
            if more > ENOUGH:
                *item, site, t = index
                amount = shown(more * KW_PER_MW, "kW") if family == "lease" else f"{more:,.6g} x"
                what = f" {item[0]}" if item else ""
                found.append(f"{verbs[family]} {amount}{what} for {site} in {m.sets.periods[t]}")
    opened = [s for (s, t), column in m.var.open.items() if values[matrix.index[column.name]] > 0.5]
    if "open" in held.families:
        had = {str(index[0]) for (family, index) in held.amounts if family == "open"}
        found += [f"open {s}" for s in dict.fromkeys(opened) if s not in had]
    return found
