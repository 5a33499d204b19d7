"""Why is there no plan? The cheapest set of limits to relax names what is in the way, and is a way out.

First only what the planner may change himself is relaxed. Where that does not do, demand is given up as well; and
what only the law stands against is said, but never counted on.
"""

from fleetopt.model.build import Model
from fleetopt.model.context import USD_PER_MUSD, Context
from fleetopt.model.equation import EQUATIONS
from fleetopt.solve.diagnosis import Diagnosis, Finding, Remedy
from fleetopt.solve.matrix import Matrix
from fleetopt.solve.relax import Relaxation, Relief, relax
from fleetopt.solve.relax_words import clauses, sentence
from fleetopt.solve.relaxations import RELAXED, Whose
from fleetopt.solve.solver import Limits
from fleetopt.solve.stages import search
from fleetopt.solve.words import WORDS


def diagnose(model: Model, matrix: Matrix, limits: Limits, *, method: str = "auto", solver: str = "highs") -> Diagnosis:
    """What keeps an infeasible model from a plan, and the cheapest way out, solved again with it granted."""
    relief = relax(model, matrix, limits, ids("own"))
    law = relax(model, matrix, limits, ids("own", "law")) if relief is None else None
    relief = relief or relax(model, matrix, limits, ids("own", "demand"))
    relief = relief or relax(model, matrix, limits, ids("own", "demand", "law"))
    if relief is None or not relief.relaxations:
        return Diagnosis(
            "infeasible",
            "no plan exists, and no single limit explains it",
            advice=(
                "look for limits that contradict each other; `fleetopt formulation FILE --lp OUT.lp` writes every row",
            ),
        )
    findings = tuple(finding(model.context, r) for r in relief.relaxations)
    advice = dict.fromkeys(f"{r.equation}: {RELAXED[r.equation].fix}" for r in relief.relaxations)
    remedy = _remedy(model, relief, limits, method, solver, law)
    return Diagnosis("infeasible", findings[0].message, findings, tuple(advice), remedy=remedy)


def ids(*whose: Whose) -> frozenset[str]:
    """Equations whose limits are the planner's own, demand, or law."""
    return frozenset(id_ for id_, rule in RELAXED.items() if rule.whose in whose)


def finding(m: Context, relaxation: Relaxation) -> Finding:
    """A relaxation as what is missing."""
    id_, amount, unit = relaxation.equation, relaxation.amount, RELAXED[relaxation.equation].unit
    if id_ in WORDS:
        unit, message = WORDS[id_](m.instance, relaxation.index, amount)
        return Finding(id_, relaxation.index, amount, unit, message)
    rule = EQUATIONS[id_].title.rstrip(".")
    where = ", ".join(relaxation.index)
    message = f"{id_} at {where} is short of {amount:,.10g} {unit} ({rule[0].lower()}{rule[1:]})"
    return Finding(id_, relaxation.index, amount, unit, message)


def _remedy(model: Model, relief: Relief, limits: Limits, method: str, solver: str, law: Relief | None) -> Remedy:
    """The way out in words, with what the plan costs once it is granted."""
    outcome = search(model, relief.matrix, limits, method=method, solver=solver)
    text = sentence(model.context, relief.relaxations)
    cost = gap = None
    if outcome.objective is not None:
        cost, gap = float(f"{outcome.objective * USD_PER_MUSD:.12g}"), outcome.gap
        close = "" if gap is None else f" (within {gap:.2%} of the cheapest)"
        text += f": the plan then costs ${cost / USD_PER_MUSD:,.2f} M{close}."
    elif not relief.whole:
        text += ", or a little more: whole units were not worked out in the time given."
    else:
        text += f": what the plan then costs was not worked out ({outcome.stop_reason})."
    missing = tuple(finding(model.context, r) for r in relief.relaxations)
    return Remedy(text, missing, cost, gap, _lawful(model, relief, law))


def _lawful(model: Model, relief: Relief, law: Relief | None) -> str:
    """What is said of limits that are law: none of them is the planner's to relax."""
    asked = relief if law is None or _is_law(relief) else law
    lawful = [r for r in asked.relaxations if RELAXED[r.equation].whose == "law"]
    if not lawful:
        return ""
    said = "; ".join(clauses(model.context, lawful))
    if asked is relief:
        return f"Part of this is law and not yours to relax: {said}."
    others = [r for r in asked.relaxations if RELAXED[r.equation].whose != "law"]
    with_ = f", with: {'; '.join(clauses(model.context, others))}" if others else ""
    return f"It would also do to {said}{with_}. That is law, not yours to relax: count on it only once it is granted."


def _is_law(relief: Relief) -> bool:
    return any(RELAXED[r.equation].whose == "law" for r in relief.relaxations)
