"""S1, S2: sites have room, and nothing runs before they open."""

from typing import Any

import pytest
from cases import SOLVERS, candidate, case, infeasible, merge, model, offer, point, solve, team

OPENING = {"virginia": {"opening": {"cost_usd": 1_000_000.0, "life_years": 20.0}}}
ONLY_FIRST = {
    "workloads": {
        "chat": {
            "demand": {
                "regions": [],
                "table": [{"period": "2027q1", "slice": "day", "region": "east", "rate_per_s": 15.0}],
            }
        }
    }
}


def without(built: Any, *ids: str) -> Any:
    """The model with the rows of some equations relaxed to say nothing."""
    for row in built.problem.constraints():
        if built.rows[row.name][0] in ids:
            row.changeRHS(1e9 if row.sense < 0 else -1e9)
    return built


@pytest.mark.parametrize("solver", SOLVERS)
def test_s1_binding(solver: str) -> None:
    """8 servers of one slot do not fit 7 slots."""
    assert infeasible(model(case(sites={"virginia": {"space": {"slots": 7.0}}})), solver)


@pytest.mark.parametrize("solver", SOLVERS)
def test_s1_slack(solver: str) -> None:
    """8 servers fit 8 slots: 240,000 USD."""
    assert solve(model(case(sites={"virginia": {"space": {"slots": 8.0}}})), solver) == pytest.approx(240_000)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("other", ["S2.flow", "S2.power"])
def test_s2_flow_and_power_binding(solver: str, other: str) -> None:
    """Either row alone makes a site that serves be open: 1 M USD over 80 quarters, two of them, 25,000 USD."""
    assert solve(without(model(case(sites=OPENING)), other), solver) == pytest.approx(265_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_s2_flow_and_power_slack(solver: str) -> None:
    """A site open from the start costs nothing to open; without either row neither does a closed one."""
    assert solve(model(case()), solver) == pytest.approx(240_000)
    assert solve(without(model(case(sites=OPENING)), "S2.flow", "S2.power"), solver) == pytest.approx(240_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_s2_stay_binding(solver: str) -> None:
    """Demand in the first quarter only: the site stays open in the second all the same, 240,000 + 2 x 12,500 USD."""
    assert solve(model(case(sites=OPENING, **ONLY_FIRST)), solver) == pytest.approx(265_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_s2_stay_slack(solver: str) -> None:
    """Without the row the idle second quarter would be closed; installed units need it open, so flow alone decides."""
    built = without(model(case(sites=OPENING, **ONLY_FIRST)), "S2.stay", "S2.power")
    assert solve(built, solver) == pytest.approx(240_000 + 12_500)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("earliest", "held"), [("2027q1", 2), ("2027q2", 1)])
def test_s2_checkpoints_wait_for_the_site(solver: str, earliest: str, held: int) -> None:
    """A team of 4 for one quarter, 60,000 USD, at a site that opens for 12,500 a quarter, trains in the last.

    Its checkpoint takes 20,000 USD of flash over 20 quarters while the site is open and the run's window lasts: one
    quarter, since a site that opens late holds nothing before. Nothing forces it to open early.
    """
    flash = {"id": "flash", "kind": "nvme", "unit_gb": 1000.0, "price": {"usd_per_gb": 20.0}, "power_w_per_gb": 1.0}
    run = {"id": "pretrain", "kind": "training", "model": "small"}
    run["training"] = {
        "tokens": 1e9, "start": "2027q1", "deadline": "2027q2", "checkpoint_gb": 900.0, "checkpoint_tiers": ["flash"],
    }  # fmt: skip
    opening = {"virginia": {"opening": {**OPENING["virginia"]["opening"], "earliest": earliest}}}
    workloads = merge({"chat": {"enabled": False}}, {"pretrain": run})
    built = model(case(sites=opening, workloads=workloads, memory=[flash]), (), (offer(),), (team(),))
    assert solve(built, solver) == pytest.approx(60_000 + 12_500 + 1_000)
    bought = {key[2] for key in built.context.var.mem}
    assert len(bought) == held, "flash can be had from the first quarter in which the site can be open"


def test_s2_bounds_what_a_closed_site_leases_and_reserves() -> None:
    """A tenth open: a tenth of the lease, and of the power with it: 1,000 kW of grid and 500 kW of lease from q2 on."""
    lease = {"usd_per_kw_month": 10.0, "max_kw": 500.0, "lead_months": 3.0}
    site = {"virginia": {**OPENING["virginia"], "power": {"lease": lease}, "space": {"slots": 40.0}}}
    built = model(case(sites=site))
    rows = {row.name: dict(row.items()) for row in built.problem.constraints()}
    opened = built.context.var.open
    most = {name: -rows[f"{name}__virginia__2027q2"][opened["virginia", 1]] for name in ("P2_lease", "S2_power", "S1")}
    assert most == pytest.approx({"P2_lease": 0.5, "S2_power": 1.5, "S1": 40.0})
    assert -rows["S2_power__virginia__2027q1"][opened["virginia", 0]] == pytest.approx(1.0)


def _orbit(opening: bool):
    from builders import with_orbit

    site = {"orbit": {"launch_usd_per_kg": 0.0, "operations_share_per_year": 0.0}}
    if opening:
        site["opening"] = {"cost_usd": 1_000_000.0, "life_years": 20.0}
    instance = case(**with_orbit(sites={"leo": site}))
    up = candidate("up", site="leo", system="sat", points={"b1": point(rate=20.0)})
    return model(instance, (candidate(), up), (offer(), offer("sat", "leo", mass_kg=1000.0)))


@pytest.mark.parametrize("solver", SOLVERS)
def test_s2_launch_binding(solver: str) -> None:
    """One satellite (500,000 USD over 20 quarters) serves all, but only once the orbit is open: 50,000 + 25,000 USD."""
    assert solve(without(_orbit(opening=True), "S2.flow"), solver) == pytest.approx(75_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_s2_launch_slack(solver: str) -> None:
    """An orbit open from the start costs its satellite alone: 50,000 USD."""
    assert solve(_orbit(opening=False), solver) == pytest.approx(50_000)


def _training(opening: bool):
    run = {
        "id": "pretrain",
        "kind": "training",
        "model": "small",
        "training": {"tokens": 1e9, "start": "2027q1", "deadline": "2027q2"},
    }
    instance = case(sites=OPENING if opening else {}, workloads=merge({"chat": {"enabled": False}}, {"pretrain": run}))
    return model(instance, (), (offer(),), (team(),))


@pytest.mark.parametrize("solver", SOLVERS)
def test_s2_train_binding(solver: str) -> None:
    """A team of 4 trains one quarter; its site is open from then: 4 x 15,000 + 12,500 USD when it trains last."""
    assert solve(without(_training(opening=True), "S2.power"), solver) == pytest.approx(60_000 + 12_500)


@pytest.mark.parametrize("solver", SOLVERS)
def test_s2_train_slack(solver: str) -> None:
    """At an open site the team alone is paid: 60,000 USD."""
    assert solve(_training(opening=False), solver) == pytest.approx(60_000)
