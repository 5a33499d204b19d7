"""Pricing: bounds that hold for all columns, and plans as good as those of the whole problem."""

from pathlib import Path

import numpy as np
import pytest
from everything import rich_instance
from rich_case import rich_model
from widened import ample, sets_of

from fleetopt.instance.load import load
from fleetopt.instance.schema import Instance
from fleetopt.model.build import build_from
from fleetopt.model.sets import Sets
from fleetopt.pipeline.options import SolveOptions
from fleetopt.pipeline.story import solve
from fleetopt.solve import interior as interior_room
from fleetopt.solve import whole, wide_part, wide_search
from fleetopt.solve import wide as wide_room
from fleetopt.solve.bound import dual_bound
from fleetopt.solve.central import central
from fleetopt.solve.coarse import PEAK, coarse_sets
from fleetopt.solve.matrix import matrix_of
from fleetopt.solve.pricing import generate
from fleetopt.solve.solver import Limits, Outcome, solve_highs
from fleetopt.solve.wide import BulkError, Wide, widen

ROOT = Path(__file__).parents[2]
NAMES = (
    "tutorial/mix",
    "tutorial/one_system",
    "tutorial/training",
    "reference/orbit",
    "reference/export_constrained_gulf",
)


@pytest.fixture(scope="module", params=NAMES)
def case(request: pytest.FixtureRequest) -> tuple[Instance, Sets, Wide, float]:
    """An instance, its wide problem, and the optimum of its LP with every column written out, in M$."""
    instance = load(ROOT / "instances" / f"{request.param}.yaml").instance
    sets = sets_of(instance)
    model = build_from(instance, sets)
    matrix = matrix_of(model.problem, sum(model.constants.values()))
    lp = solve_highs(matrix.relaxed(np.zeros_like(matrix.integer)), Limits(gap=0.0))
    assert lp.objective is not None
    return instance, sets, widen(instance, sets), lp.objective


def test_the_rounds_end_at_the_lp_of_all_columns(case: tuple[Instance, Sets, Wide, float]) -> None:
    """Column generation proves the optimum of the full LP, with no more than a rounding error of correction."""
    _, _, wide, optimum = case
    found = generate(wide, None, 0, ample, lambda *_: None)
    assert found.done and found.feasible and found.bound is not None
    assert found.bound.value == pytest.approx(optimum, rel=1e-6)
    assert found.bound.correction == pytest.approx(0.0, abs=1e-6 * abs(optimum))


def test_any_duals_give_a_bound(case: tuple[Instance, Sets, Wide, float]) -> None:
    """Duals that are wrong by up to half still bound the LP of all columns from below, if not well."""
    _, _, wide, optimum = case
    found = generate(wide, None, 0, ample, lambda *_: None)
    assert found.bound is not None
    draw = np.random.default_rng(3)
    for _ in range(20):
        wrong = found.bound.duals * draw.uniform(0.5, 1.5, size=wide.rows)
        assert dual_bound(wide, wrong).value <= optimum + 1e-6 * abs(optimum)


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("tutorial/")])
def test_the_plan_is_within_the_gap_of_the_whole_problem(name: str) -> None:
    """`pricing` and `auto` end with verified plans whose costs and bounds agree within the gap."""
    instance = load(ROOT / "instances" / f"{name}.yaml").instance
    priced = solve(instance, SolveOptions(method="pricing", gap=2e-3))
    plain = solve(instance, SolveOptions(gap=2e-3))
    assert (priced.exit_code, plain.exit_code) == (0, 0)
    assert priced.plan.objective_usd == pytest.approx(plain.plan.objective_usd, rel=2e-3)
    assert priced.plan.bound_usd <= plain.plan.objective_usd * (1 + 1e-9)
    assert plain.plan.bound_usd <= priced.plan.objective_usd * (1 + 1e-9)


def test_an_instance_with_something_of_everything_is_priced() -> None:
    """Deferral, caches, stores, training, rents, an opening and an orbit: the same optimum as with all columns."""
    priced = solve(rich_instance(), SolveOptions(method="pricing", gap=1e-6))
    plain = solve(rich_instance(), SolveOptions(gap=1e-6))
    assert priced.exit_code == 0
    assert priced.plan.objective_usd == pytest.approx(plain.plan.objective_usd, rel=2e-6)


def test_without_time_there_is_a_first_plan_and_little_is_claimed() -> None:
    """Out of time before the first LP: a plan by construction, and the bound at prices of nothing, which is 0."""
    instance = load(ROOT / "instances" / "tutorial" / "mix.yaml").instance
    found = solve(instance, SolveOptions(method="pricing", gap=1e-3, time_limit_s=1e-9))
    assert (found.exit_code, found.plan.status, found.plan.bound_usd) == (5, "feasible", 0.0)
    assert found.plan.gap == pytest.approx(1.0)
    assert found.plan.verification is not None and found.plan.verification.passed


def test_the_lp_at_once_is_that_of_all_columns(case: tuple[Instance, Sets, Wide, float]) -> None:
    """Interior point's duals price every column: their bound is the LP's optimum, within its tolerance."""
    found = central(case[2], 0, ample, lambda: None)
    assert found is not None and found.done and found.bound is not None
    assert found.bound.value == pytest.approx(case[3], rel=2e-5)
    assert found.bound.value <= case[3] + 1e-6 * abs(case[3])


def test_the_lp_in_rounds_serves_where_that_at_once_ends_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the LP at once the rounds find the same plan."""
    instance = load(ROOT / "instances" / "tutorial" / "mix.yaml").instance
    at_once = solve(instance, SolveOptions(method="pricing", gap=1e-6))
    monkeypatch.setattr(whole, "ALL_AT_ONCE", 0)
    in_rounds = solve(instance, SolveOptions(method="pricing", gap=1e-6))
    assert at_once.certificate is not None and in_rounds.certificate is not None
    assert in_rounds.certificate["columns_in_lp"] <= at_once.certificate["columns_in_lp"]
    assert in_rounds.plan.objective_usd == pytest.approx(at_once.plan.objective_usd, rel=2e-6)


def test_ctrl_c_in_the_lp_leaves_a_first_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked to stop while interior point runs: a plan by construction with a bound, and the reason said."""
    monkeypatch.setattr(interior_room, "run", lambda _: True)
    instance = load(ROOT / "instances" / "tutorial" / "mix.yaml").instance
    found = solve(instance, SolveOptions(method="pricing", gap=1e-3))
    assert (found.exit_code, found.stop_reason) == (5, "interrupted by the user")
    assert found.plan.verification is not None and found.plan.verification.passed


def test_money_that_was_multiplied_is_told_in_m_usd(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the objective is multiplied for the solver, bounds told on the way are those of the plan."""
    monkeypatch.setattr(wide_search, "money_factor", lambda _: 10.0)
    told: list[float] = []

    def progress(phase: str, _: float | None, bound: float | None, *__: float | None) -> None:
        if phase == "pricing" and bound is not None:
            told.append(bound)

    instance = load(ROOT / "instances" / "tutorial" / "mix.yaml").instance
    found = solve(instance, SolveOptions(method="pricing"), progress=progress)
    assert found.certificate is not None
    assert told == [pytest.approx(found.certificate["dual_bound_musd"])]


def test_a_part_bounds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the columns are never all written out the bound is the dual one, and a plan above the gap ends with 5."""
    monkeypatch.setattr(wide_search, "WRITABLE", 0)
    instance = load(ROOT / "instances" / "tutorial" / "mix.yaml").instance
    found = solve(instance, SolveOptions(method="pricing", gap=1e-6))
    assert found.certificate is not None and not found.certificate["whole_part"]
    assert found.plan.bound_usd == pytest.approx(found.certificate["dual_bound_musd"] * 1e6)
    assert (found.exit_code, found.plan.status) == (5, "feasible")


@pytest.mark.parametrize("cheap_ones_do", [True, False])
def test_parts_without_a_plan_are_widened(cheap_ones_do: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no column near the prices serves anybody the cheapest ways are searched, and at last all there are."""
    monkeypatch.setattr(wide_search, "WRITABLE", 0)
    monkeypatch.setattr(wide_search, "near_columns", lambda wide, *_: np.flatnonzero(~wide.lazy))
    if not cheap_ones_do:
        monkeypatch.setattr(wide_search, "columns_of", lambda wide, _: np.flatnonzero(~wide.lazy))
    instance = load(ROOT / "instances" / "tutorial" / "mix.yaml").instance
    found = solve(instance, SolveOptions(method="pricing", gap=0.01))
    assert found.certificate is not None and found.certificate["whole_part"] != cheap_ones_do
    assert found.plan.verification is not None and found.plan.verification.passed
    assert found.plan.objective_usd >= found.plan.bound_usd > 0


def test_what_has_no_plan_with_all_columns_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search over all columns that ends with nothing says so of the instance; one over some says nothing."""
    ends = Outcome("infeasible", None, None, None, "infeasible", 0.0)
    monkeypatch.setattr(wide_part, "search_part", lambda *_: ends)
    monkeypatch.setattr(wide_search, "WRITABLE", 0)
    instance = load(ROOT / "instances" / "tutorial" / "mix.yaml").instance
    sets = sets_of(instance)
    found = wide_search.search_wide(instance, sets, widen(instance, sets), Limits(gap=0.01))
    assert (found.outcome.status, found.certificate["whole_part"]) == ("infeasible", True)
    monkeypatch.setattr(wide_search._WideSearch, "_last_resort", lambda _: ())
    found = wide_search.search_wide(instance, sets, widen(instance, sets), Limits(gap=0.01))
    assert (found.outcome.status, found.certificate["whole_part"]) == ("stopped", False)


def test_arrays_that_differ_from_the_equations_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A coefficient that only one of the two has is an error that names the row, never a plan."""
    model = rich_model()
    m = model.context
    columns = wide_room.serving_columns

    def other(*args: object) -> object:
        found = columns(*args)  # type: ignore[arg-type]
        found.families[0].coefficient[:] *= 2
        return found

    monkeypatch.setattr(wide_room, "serving_columns", other)
    with pytest.raises(BulkError, match=r"row \w+: fleetopt/model/bulk.py says otherwise than the equation"):
        widen(m.instance, m.sets)


def test_the_coarse_start_has_the_busiest_slice_alone() -> None:
    """One slice for the whole cycle, with one slice's arrivals; what may wait comes at its mean rate."""
    sets = sets_of(rich_instance())
    coarse = coarse_sets(sets)
    assert list(coarse.slices) == [PEAK]
    assert coarse.slices[PEAK].hours == sum(h.hours for h in sets.slices.values())
    for (w, u, t, _), rate in coarse.arrivals.items():
        rates = [sets.arrivals[w, u, t, h] for h in sets.slices]
        assert min(rates) - 1e-9 <= rate <= max(rates) + 1e-9
