from types import ModuleType
from typing import Any

import pytest
from builders import tiny_instance

from fleetopt import verify
from fleetopt.errors import StoppedError, UsageError
from fleetopt.pipeline import SolveOptions, searching, solve, story
from fleetopt.plan import Verification


def test_an_instance_becomes_a_verified_plan() -> None:
    """The base instance: one server, verified, exit code 0, phases in the order of the story."""
    result = solve(tiny_instance())
    assert result.exit_code == 0 and result.stop_reason == "gap reached"
    assert result.plan.verification is not None and result.plan.verification.passed
    names = [phase["phase"] for phase in result.phases]
    assert names[:6] == ["candidates", "check", "build", "search", "read", "verify"]
    assert result.size == {"columns": 20, "integers": 2, "rows": 28, "terms": 51}


def test_demand_nobody_can_serve_ends_with_3_before_the_solver() -> None:
    """Without a link nothing is built or solved."""
    result = solve(tiny_instance(network={"links": []}))
    assert result.exit_code == 3 and result.outcome is None and result.diagnosis is not None
    assert [phase["phase"] for phase in result.phases] == ["candidates", "check"]


def test_infeasible_ends_with_3_and_a_diagnosis() -> None:
    """No delivery allowed at all: the solver says no, the diagnosis names the supply limit."""
    result = solve(tiny_instance(supply={"limits": [{"id": "none", "systems": ["gpu8"], "units_per_period": [0.0]}]}))
    assert result.exit_code == 3 and result.diagnosis is not None and result.diagnosis.findings[0].equation == "B1"


def test_a_stopped_search_without_a_plan_ends_with_4(monkeypatch: pytest.MonkeyPatch) -> None:
    """No plan in time: status no_plan, and the reason is said."""
    outcome = story.Outcome("stopped", None, 0.01, None, "time limit", 1.0)
    monkeypatch.setattr(searching, "search", lambda *_, **__: outcome)
    result = solve(tiny_instance())
    assert result.exit_code == 4 and result.plan.status == "no_plan" and result.stop_reason == "time limit"


@pytest.mark.parametrize(
    ("room", "step", "phase"),
    [(story, "candidates", "candidates"), (searching, "build_from", "build"), (story, "verify_plan", "verify")],
    ids=["candidates", "build", "verify"],
)
def test_ctrl_c_outside_the_solver_ends_with_4_and_names_the_phase(
    monkeypatch: pytest.MonkeyPatch, room: ModuleType, step: str, phase: str
) -> None:
    """The interrupt becomes an error of exit code 4 that says where it came and that nothing was written."""

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(room, step, interrupted)
    with pytest.raises(StoppedError, match=f"in the phase '{phase}'; nothing was written") as caught:
        solve(tiny_instance())
    assert caught.value.exit_code == 4


def test_a_plan_above_the_gap_ends_with_5(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bound at half the cost is a gap of 50 %."""
    search = searching.search

    def half_proven(*args: Any, **how: Any) -> story.Outcome:
        outcome = search(*args, **how)
        half = (outcome.objective or 0.0) / 2
        return story.Outcome("feasible", outcome.objective, half, outcome.values, "time limit", 1.0)

    monkeypatch.setattr(searching, "search", half_proven)
    result = solve(tiny_instance())
    assert result.exit_code == 5 and result.plan.gap == pytest.approx(0.5) and result.plan.status == "feasible"


def test_a_plan_that_fails_verification_ends_with_6(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the witness says goes into the plan and into the exit code."""
    monkeypatch.setattr(story, "verify_plan", lambda *_, **__: Verification(False, 3, ("P1 (virginia): too much",)))
    result = solve(tiny_instance())
    assert result.exit_code == 6 and result.plan.verification == Verification(False, 3, ("P1 (virginia): too much",))


def test_the_plan_verifies_from_its_own_data() -> None:
    """The witness says of the plan as written what the plan says of itself."""
    result = solve(tiny_instance())
    assert verify.verify_plan(tiny_instance(), result.plan.as_dict(), sealed=True) == result.plan.verification


@pytest.mark.parametrize(
    "options",
    [
        {"gap": -0.1},
        {"gap": 1.0},
        {"time_limit_s": 0.0},
        {"solver": "abacus"},
        {"method": "guessing"},
        {"method": "pricing", "solver": "cbc"},
        {"threads": 0},
    ],
)
def test_options_that_make_no_sense_are_refused(options: dict[str, Any]) -> None:
    """Usage errors name the option."""
    with pytest.raises(UsageError, match=next(iter(options)).replace("_s", "").replace("_", "-")):
        SolveOptions(**options)


def test_progress_is_told_in_lines() -> None:
    """How many candidates, how large a model."""
    told: list[str] = []
    solve(tiny_instance(), say=told.append)
    assert any("candidates" in line for line in told) and any("columns" in line for line in told)


def test_many_columns_are_priced_and_the_reason_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Above the threshold `auto` prices, to the same cost; CBC and `monolithic` write all columns out."""
    plain = solve(tiny_instance())
    monkeypatch.setattr(searching, "PRICING_FROM", 0)
    said: list[str] = []
    priced = solve(tiny_instance(), say=said.append)
    assert "pricing: 4 potential serving columns, above 0" in said
    assert priced.exit_code == 0 and priced.certificate is not None and plain.certificate is None
    assert priced.plan.objective_usd == pytest.approx(plain.plan.objective_usd)
    for options in (SolveOptions(solver="cbc"), SolveOptions(method="monolithic")):
        assert solve(tiny_instance(), options).certificate is None


def test_what_pricing_finds_infeasible_is_diagnosed_like_the_rest() -> None:
    """No delivery allowed at all: the whole problem is written out for the diagnosis, which names the supply limit."""
    limits = {"limits": [{"id": "none", "systems": ["gpu8"], "units_per_period": [0.0]}]}
    result = solve(tiny_instance(supply=limits), SolveOptions(method="pricing"))
    assert result.exit_code == 3 and result.diagnosis is not None and result.diagnosis.findings[0].equation == "B1"
