from pathlib import Path

import pytest
from cases import case, model
from solve.knapsack import impossible, knapsack, mixed

from fleetopt.errors import UsageError
from fleetopt.solve import cbc
from fleetopt.solve.cbc import solve_cbc
from fleetopt.solve.matrix import matrix_of
from fleetopt.solve.solver import Limits, solve_highs


def test_cbc_finds_nine_too() -> None:
    """min 2x + 3z with x + z >= 4.5, and a constant of 7: 16."""
    outcome = solve_cbc(mixed(7.0), Limits(gap=0.0))
    assert outcome.status == "optimal" and outcome.objective == pytest.approx(16) and outcome.bound == pytest.approx(16)


def test_both_solvers_agree_on_a_knapsack(tmp_path: Path) -> None:
    """The proven optima are the same number; CBC's words are kept in the log."""
    log = tmp_path / "log"
    ours, theirs = solve_highs(knapsack(), Limits(gap=0.0)), solve_cbc(knapsack(), Limits(gap=0.0), log_file=str(log))
    assert ours.objective == pytest.approx(theirs.objective) and theirs.status == "optimal"
    assert "CBC" in log.read_text(encoding="utf-8").upper()


def test_a_loose_gap_is_reported_with_a_bound_below_the_plan() -> None:
    """Stopping at 5 % leaves a bound no better than the optimum of -2,147."""
    outcome = solve_cbc(knapsack(), Limits(gap=0.05))
    assert outcome.status == "optimal" and outcome.bound is not None and outcome.bound <= -2147 + 1e-6
    assert outcome.gap is not None and outcome.gap <= 0.05


def test_integer_preprocessing_is_off() -> None:
    """CBC 2.10.3 with integer preprocessing said 0.165 M$ for this model (B5's binding case); the optimum is 0.15."""
    held = {
        "id": "old",
        "system": "gpu8",
        "site": "virginia",
        "units": 6,
        "in_service": "2024q1",
        "end_of_life": "2027q1",
    }
    outcome = solve_cbc(matrix_of(model(case(fleet=[held])).problem, 0.0), Limits(gap=0.0))
    assert outcome.status == "optimal" and outcome.objective == pytest.approx(0.15)


def test_infeasible_is_infeasible() -> None:
    """0 >= 1 never holds."""
    assert solve_cbc(impossible(), Limits()).status == "infeasible"


def test_no_time_means_no_values() -> None:
    """CBC writes a solution file of zeros when it is stopped; it is not read as a plan that breaks rows."""
    outcome = solve_cbc(knapsack(items=150, rows=20), Limits(gap=0.0, time_limit_s=0.0))
    assert outcome.status in ("stopped", "feasible")
    assert outcome.values is None or knapsack(items=150, rows=20).violations(outcome.values).max() < 1e-6


def test_without_a_binary_the_message_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """No bundled binary, no wheel, nothing on the PATH: usage error."""
    monkeypatch.setattr(cbc.importlib, "import_module", lambda name: (_ for _ in ()).throw(ImportError(name)))
    monkeypatch.setattr(cbc.shutil, "which", lambda _: None)
    with pytest.raises(UsageError, match="no CBC binary"):
        solve_cbc(mixed(), Limits())
