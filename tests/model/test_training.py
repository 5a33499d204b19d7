"""T1, T3, M2: training runs finish in time on machines that serve otherwise."""

from typing import Any

import pytest
from cases import SOLVERS, case, infeasible, merge, model, offer, solve, team

from fleetopt.model.build import Model

RUN = {
    "pretrain": {
        "kind": "training",
        "model": "small",
        "training": {"tokens": 1e9, "start": "2027q1", "deadline": "2027q2"},
    }
}


def _with(*teams):
    return model(case(workloads=RUN), teams=teams)


@pytest.mark.parametrize("solver", SOLVERS)
def test_t1_binding(solver: str) -> None:
    """4 unit-quarters beside the 7.5 that serve: 1.5 on 9 units in q1, 2.5 on 10 in q2: 9 x 30,000 + 15,000 USD."""
    assert solve(_with(team()), solver) == pytest.approx(285_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_t1_slack(solver: str) -> None:
    """A tenth of a quarter fits in what serving leaves idle: 8 units, 240,000 USD."""
    assert solve(_with(team(periods=0.1)), solver) == pytest.approx(240_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_t1_link_binding(solver: str) -> None:
    """A team trains at most all of a period, so two periods of work do not fit a window of one."""
    assert infeasible(_with(team(periods=2.0, last_period=0)), solver)


@pytest.mark.parametrize("solver", SOLVERS)
def test_t1_link_slack(solver: str) -> None:
    """Two periods of 2 units fit a window of two: 7.5 + 2, 10 units, 300,000 USD."""
    assert solve(_with(team(units=2, periods=2.0)), solver) == pytest.approx(300_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_t1_one_binding(solver: str) -> None:
    """Of two teams one trains, the smaller: 2 unit-quarters, 0.5 on 8 units in q1 and 1.5 on 9 in q2, 255,000 USD."""
    assert solve(_with(team("big"), team("small", units=2)), solver) == pytest.approx(255_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_t1_one_slack(solver: str) -> None:
    """Without a run to do no machine trains: 240,000 USD."""
    assert solve(model(case()), solver) == pytest.approx(240_000)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("least", "cost"), [(9, 255_000), (8, 240_000)])
def test_t1_active_and_t2_team_binding_and_slack(solver: str, least: int, cost: float) -> None:
    """A tenth of a quarter fits in what 8 units leave idle, but memory of 9 must be there: one more in q2 alone."""
    assert solve(_with(team(periods=0.1, least_units=least)), solver) == pytest.approx(cost)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("least", "cost"), [(8, 255_000), (7, 240_000)])
def test_t2_team_leaves_out_units_under_repair(solver: str, least: int, cost: float) -> None:
    """95 % of units work: 8 are enough to serve with (7.6) and to hold a run of 7, but one of 8 needs a ninth in q2."""
    failing = {"gpu8": {"failures_per_year": 0.5, "repair_days": 36.525}}
    built = model(case(workloads=RUN, systems=failing), teams=(team(periods=0.02, least_units=least),))
    assert solve(built, solver) == pytest.approx(cost)


@pytest.mark.parametrize("solver", SOLVERS)
def test_t2_team_counts_rented_units(solver: str) -> None:
    """8 can be bought; of 12 units in one quarter 4 are rented for 10 USD/h x 2,191.5 h; 3 on offer will not do."""

    def built(on_offer: int) -> Model:
        rent = {"gpu8": {"rent": {"usd_per_h": 10.0, "max_units": on_offer}}}
        limit = {"limits": [{"id": "cap", "vendor": "acme", "units_per_period": [8.0, 0.0]}]}
        instance = case(workloads=RUN, systems=rent, supply=limit)
        return model(instance, offers=(offer(rent_periods=(0, 1)),), teams=(team(periods=0.1, least_units=12),))

    assert solve(built(4), solver) == pytest.approx(240_000 + 4 * 10 * 2191.5)
    assert infeasible(built(3), solver)


@pytest.mark.parametrize("solver", SOLVERS)
def test_t3_binding(solver: str) -> None:
    """A window of the first quarter takes 4 whole units from serving there: 7.5 + 4, 12 units, 360,000 USD."""
    assert solve(_with(team(last_period=0)), solver) == pytest.approx(360_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_t3_slack(solver: str) -> None:
    """Machines that are there and idle train for nothing: 20 held, 0 USD."""
    held = {
        "id": "old",
        "system": "gpu8",
        "site": "virginia",
        "units": 20,
        "in_service": "2026q1",
        "end_of_life": "2030q4",
    }
    built = model(case(workloads=RUN, fleet=[held]), offers=(offer(),), teams=(team(),))
    assert solve(built, solver) == pytest.approx(0.0, abs=1e-6)


# Several runs on the same machines

IDLE = {"demand": {"regions": [], "table": []}}


def _two_runs(first_by: int, second_from: int = 0, **changes: Any) -> Model:
    """Two runs of 4 unit-quarters each and nothing to serve; the first is due in period `first_by`."""
    instance = case(**merge({"workloads": {"chat": IDLE, **RUN, "tune": RUN["pretrain"]}}, changes))
    teams = (
        team("first", last_period=first_by),
        team("second", workload="tune", first_period=second_from),
    )
    return model(instance, (), teams=teams)


@pytest.mark.parametrize("solver", SOLVERS)
def test_t3_the_run_that_is_due_first_goes_first(solver: str) -> None:
    """4 unit-quarters due in q1 and 4 more due in q2 take 4 units one after the other: 4 x 30,000 USD."""
    built = _two_runs(first_by=0)
    assert solve(built, solver) == pytest.approx(120_000)
    shares = {key: column.value() for key, column in built.context.var.trainrun.items()}
    assert shares["first", 0] == pytest.approx(1.0) and shares["second", 1] == pytest.approx(1.0)
    assert shares["second", 0] == pytest.approx(0.0)


@pytest.mark.parametrize("solver", SOLVERS)
def test_t3_runs_due_together_need_machines_for_both(solver: str) -> None:
    """Both due in q1: 8 unit-quarters in one quarter, 8 x 30,000 USD."""
    instance = case(workloads={"chat": IDLE, **RUN, "tune": RUN["pretrain"]})
    teams = (team("first", last_period=0), team("second", workload="tune", last_period=0))
    assert solve(model(instance, (), teams=teams), solver) == pytest.approx(240_000)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("units", "fits"), [(4, True), (3, False)])
def test_t3_a_fleet_that_is_there_is_shared_or_too_small(solver: str, units: int, fits: bool) -> None:
    """4 units held and none for sale do 4 + 4 unit-quarters in two quarters for nothing; 3 do 6 at most: no plan."""
    held = {"id": "old", "system": "gpu8", "site": "virginia", "in_service": "2026q1", "end_of_life": "2030q4"}
    runs = {"chat": IDLE, **RUN, "tune": RUN["pretrain"]}
    instance = case(workloads=runs, fleet=[{**held, "units": units}])
    teams = (team("first", last_period=0), team("second", workload="tune"))
    built = model(instance, (), (offer(buy=(), owned_periods=(0, 1)),), teams)
    if fits:
        assert solve(built, solver) == pytest.approx(0.0, abs=1e-6)
    else:
        assert infeasible(built, solver)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("second_from", "memory_usd"), [(1, 1_000), (0, 2_000)])
def test_m2_checkpoints_of_runs_whose_windows_overlap_lie_side_by_side(
    solver: str, second_from: int, memory_usd: float
) -> None:
    """1,000 GB of checkpoints a run; a unit of 1,000 GB costs 500 USD a quarter. A run in q1 and one in q2 share a
    unit (1,000 USD); where the second may start in q1 too, two are held from then on (2,000)."""
    run = {**RUN["pretrain"], "training": {**RUN["pretrain"]["training"], "checkpoint_gb": 1000.0,
                                          "checkpoint_tiers": ["nvme"]}}  # fmt: skip
    nvme = {"id": "nvme", "kind": "nvme", "unit_gb": 1000.0, "price": {"usd_per_gb": 10.0}}
    built = _two_runs(0, second_from, workloads={"pretrain": run, "tune": run}, memory=[nvme])
    assert solve(built, solver) == pytest.approx(120_000 + memory_usd)
