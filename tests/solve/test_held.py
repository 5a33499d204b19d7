"""A plan's whole numbers, read back into the model they came from."""

from dataclasses import replace

import numpy as np
import pytest
from planned import Planned, everything, tutorial

from fleetopt.errors import UsageError
from fleetopt.solve import held
from fleetopt.solve.held import hold
from fleetopt.solve.marginal import held_lp
from fleetopt.solve.solver import Limits, solve_highs

PLANS = [everything, lambda: tutorial("mix"), lambda: tutorial("training"), lambda: tutorial("one_system")]


@pytest.mark.parametrize("made", PLANS)
def test_the_held_lp_costs_what_the_plan_costs(made: "type[Planned]") -> None:
    """With every whole column held nothing whole is left, and the best of the rest is the plan."""
    model, matrix, plan = made()
    fixed = hold(model, matrix, plan)
    assert not fixed.integer.any()
    outcome = solve_highs(fixed, Limits(gap=0.0))
    assert outcome.objective == pytest.approx(plan.objective_usd / 1e6, rel=1e-9)


@pytest.mark.parametrize("family", sorted(held._READERS))
def test_whole_columns_that_a_plan_does_not_write_are_found(family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the reader of one family its columns come from a small solve, and the cost is the same."""
    model, matrix, plan = everything()
    monkeypatch.setattr(held, "_READERS", {name: read for name, read in held._READERS.items() if name != family})
    fixed = hold(model, matrix, plan)
    assert np.all(fixed.lower[matrix.integer] == fixed.upper[matrix.integer])
    assert solve_highs(fixed, Limits(gap=0.0)).objective == pytest.approx(plan.objective_usd / 1e6, rel=3.2e-5)


@pytest.mark.parametrize("readers", [["buy"], []])
def test_a_plan_of_another_instance_is_refused(readers: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """With no machine, or against a limit of none, nobody is served: no operation fits, and the message says so."""
    model, matrix, plan = tutorial("mix")
    monkeypatch.setattr(held, "_READERS", {name: held._READERS[name] for name in readers})
    if not readers:
        matrix = replace(matrix, upper=np.where(matrix.integer, 0.0, matrix.upper))
    with pytest.raises(UsageError, match="try `fleetopt verify`"):
        held_lp(model, matrix, replace(plan, purchases=()))
