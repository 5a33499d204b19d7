"""Why a system is not bought: what rejects it, or what having one more of it would cost, and which cost line loses."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from fleetopt.candidates.candidate import CandidateSet, Rejection
from fleetopt.candidates.rules import WORDS
from fleetopt.errors import UsageError
from fleetopt.instance.schema import Instance
from fleetopt.instance.suggest import did_you_mean
from fleetopt.model.build import Model
from fleetopt.plan import Plan
from fleetopt.solve.acquired import acquisitions
from fleetopt.solve.matrix import Matrix
from fleetopt.solve.read import read_plan
from fleetopt.solve.resolve import Difference, Say, difference, with_row
from fleetopt.solve.solver import Limits, Outcome
from fleetopt.solve.stages import search


@dataclass(frozen=True)
class Reason:
    """Configurations of the system that fell to one rule, and the one that came nearest."""

    workload: str
    """`*` where it holds for every workload."""
    rule: str
    says: str
    count: int
    """Configurations; 0 where none was tried."""
    nearest: str
    site: str
    shortfall: float
    """As a share of what the rule asks for."""


@dataclass(frozen=True)
class Forced:
    """The best plan that has the system, beside the plan that has not."""

    units: float
    """Units bought and rented that were asked for: those of the plan and one more."""
    difference: Difference
    lines: Mapping[str, float]
    """By cost line, USD that the forced plan costs more; lines that stay are left out."""
    plan: Plan | None


@dataclass(frozen=True)
class WhyNot:
    """Everything about one system in one plan."""

    system: str
    units: float
    """Units that the plan buys and rents."""
    owned: float
    """Most units owned and in place in any period."""
    serves: bool
    """Whether it has a chip; what has none gives cores and memory to what has."""
    on_offer: bool
    """Whether it can be bought or rented anywhere in the horizon."""
    columns: Mapping[str, int]
    """Ways that passed every screen and nothing of the same system dominates, by workload."""
    reasons: tuple[Reason, ...]
    forced: Forced | None


def why_not(
    model: Model, matrix: Matrix, plan: Plan, found: CandidateSet, system: str, limits: Limits, say: Say
) -> WhyNot:
    """Rejections of a system, and what one more of it would cost where there could be one.

    Raises UsageError where the instance has no such system.
    """
    instance = model.context.instance
    ids = [c.id for c in instance.systems]
    if system not in ids:
        raise UsageError(f"--why-not {system}: no system of this instance; {did_you_mean(system, ids)}")
    owned: dict[str, float] = defaultdict(float)
    for i in plan.installed:
        owned[i.period] += i.owned_units if i.system == system else 0.0
    ways = [(k.workload, k.system) for k in found.serving] + [(k.workload, k.system) for k in found.training]
    columns = dict(Counter(workload for workload, its_system in ways if its_system == system))
    units = sum(p.units for p in plan.purchases if p.system == system)
    terms = _acquired(model, matrix, system)
    forced = None
    if terms:
        say(f"re-solving with {units + 1:,.6g} of {system}")
        wider = with_row(matrix, "forced", terms, units + 1)
        forced = _forced(model, wider, plan, search(model, wider, limits), units + 1)
    reasons = _reasons(instance, found.rejections, system, set(columns))
    serves = instance.system(system).chips > 0
    most_owned = max(owned.values(), default=0.0)
    return WhyNot(system, units, most_owned, serves, bool(terms), columns, reasons, forced)


def _acquired(model: Model, matrix: Matrix, system: str) -> dict[int, float]:
    """Columns that bring a unit of the system: the solver picks the best site and period among them."""
    return {matrix.index[column.name]: 1.0 for c, _, column in acquisitions(model) if c == system}


def _forced(model: Model, matrix: Matrix, plan: Plan, outcome: Outcome, units: float) -> Forced:
    change = difference(plan, outcome, "never cheaper")
    if outcome.values is None:
        return Forced(units, change, {}, None)
    other = read_plan(model, matrix, outcome, plan.gap_target).plan
    deltas = {name: usd - plan.cost_lines.get(name, 0.0) for name, usd in other.cost_lines.items()}
    lines = {name: usd for name, usd in sorted(deltas.items(), key=lambda item: -item[1]) if abs(usd) >= 0.5}
    return Forced(units, change, lines, other)


def _reasons(instance: Instance, rejections: tuple[Rejection, ...], system: str, able: set[str]) -> tuple[Reason, ...]:
    """What stands against the system, most frequent first; what holds for every system only where it has no way."""
    found: list[Reason] = []
    if instance.system(system).chips == 0:
        rejections = tuple(r for r in rejections if r.system == system)
    if not instance.system(system).enabled:
        found.append(Reason("*", "enabled", "switched off", 0, "`enabled: false` in the instance", "*", 0.0))
    closed = set()
    for workload in (w for w in instance.workloads if w.enabled):
        if workload.systems and system not in workload.systems and instance.system(system).chips > 0:
            closed.add(workload.id)
            says = "not among the systems the workload allows"
            found.append(Reason(workload.id, "systems", says, 0, ", ".join(workload.systems), "*", 0.0))
    groups: dict[tuple[str, str], list[Rejection]] = defaultdict(list)
    for r in rejections:
        if r.system == system or (r.system == "*" and r.workload not in closed | able):
            groups[r.workload, r.rule].append(r)
    counted = []
    for (workload_id, rule), entries in groups.items():
        nearest = min(entries, key=lambda r: r.shortfall)
        counted.append(
            Reason(
                workload_id,
                rule,
                WORDS.get(rule, rule),
                sum(r.count for r in entries),
                nearest.detail,
                nearest.site,
                nearest.shortfall,
            )
        )
    order = {w.id: n for n, w in enumerate(instance.workloads)}
    counted.sort(key=lambda r: (order.get(r.workload, -1), -r.count, r.rule))
    return (*found, *counted)
