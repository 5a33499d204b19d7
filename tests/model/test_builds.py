"""S3: power is built in earnest or not at all, and no more than the site can have."""

from typing import Any

import pytest
from builders import tiny_instance
from cases import SOLVERS, case, infeasible, model, offer, solve

from fleetopt.candidates.attainable import attainable
from fleetopt.model.build import Model
from fleetopt.solve.kinds import structural
from fleetopt.solve.matrix import matrix_of

GRID = {"existing_kw": 50.0, "block_kw": 50.0, "max_new_kw": 200.0, "capex_usd_per_kw": 1200.0, "life_years": 15.0}
"""100 kW are needed (8 units x 10 kW x 1.25) and 50 are there; a block is 60,000 USD, 1,000 a quarter."""


def _built(site: dict[str, Any], gas: dict[str, Any] | None = None, **grid: Any) -> Model:
    sources: dict[str, Any] = {"grid": {**GRID, **grid}}
    if gas is not None:
        sources["gas"] = {"block_kw": 25.0, "max_new_kw": 100.0, "life_years": 15.0, **gas}
    return model(case(sites={"virginia": {**site, "power": {"sources": sources}}}))


@pytest.mark.parametrize("solver", SOLVERS)
def test_s3_least_binding(solver: str) -> None:
    """One block would do; with 120 kW at least three are built: 240,000 + 2 x 3 x 1,000 USD."""
    assert solve(_built({"min_new_kw": 120.0}), solver) == pytest.approx(246_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_s3_least_slack(solver: str) -> None:
    """Where 100 kW exist nothing need be built, and nothing is: 240,000 USD. With a least of 50 kW one block does."""
    assert solve(_built({"min_new_kw": 120.0}, existing_kw=100.0), solver) == pytest.approx(240_000)
    assert solve(_built({"min_new_kw": 50.0}), solver) == pytest.approx(242_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_s3_most_binding(solver: str) -> None:
    """The grid and gas could give 300 kW, the site takes 49: not even one block of 50, and two of 25 are too many."""
    gas = {"capex_usd_per_kw": 100.0}
    assert infeasible(_built({"max_new_kw": 49.0}, gas), solver)


@pytest.mark.parametrize("solver", SOLVERS)
def test_s3_most_slack(solver: str) -> None:
    """With 50 kW two blocks of gas at 2,500 USD do: 240,000 + 2 x 2 x 2,500 / 60 USD."""
    gas = {"capex_usd_per_kw": 100.0}
    assert solve(_built({"max_new_kw": 50.0}, gas), solver) == pytest.approx(240_000 + 10_000 / 60)


@pytest.mark.parametrize("solver", SOLVERS)
def test_s3_counts_all_sources_of_the_site(solver: str) -> None:
    """At least 120 kW of grid and gas: two blocks of gas are needed, three more fill up: 5 x 2,500 x 2 / 60 USD."""
    gas = {"capex_usd_per_kw": 100.0, "max_new_kw": 200.0}
    assert solve(_built({"min_new_kw": 120.0}, gas), solver) == pytest.approx(240_000 + 25_000 / 60)


@pytest.mark.parametrize("solver", SOLVERS)
def test_s3_source_binding(solver: str) -> None:
    """Gas is cheap, but its least build of 90 kW takes four blocks of 25: 4 x 10,000 USD over 60 quarters, for two.

    The grid's one block would be 60,000, so gas it is; at 20,000 a block of gas the grid is cheaper: 2 x 1,000 USD.
    """
    assert solve(_built({}, {"capex_usd_per_kw": 400.0, "min_new_kw": 90.0}), solver) == pytest.approx(
        240_000 + 2 * 40_000 / 60
    )
    assert solve(_built({}, {"capex_usd_per_kw": 800.0, "min_new_kw": 90.0}), solver) == pytest.approx(242_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_s3_least_is_built_at_once(solver: str) -> None:
    """Where gas has come to 120 kW one block more may follow: the fifth at once, the sixth only when it is needed.

    Demand doubles in the second quarter to 15 units, 187.5 kW, 137.5 of them new: six blocks. 8 units and 5 blocks
    serve both quarters, 7 and one block the second: 8 x 30,000 + 7 x 15,000 + 5 x 2 x 2,500 / 60 + 2,500 / 60 USD.
    """
    grid = {"existing_kw": 50.0, "max_new_kw": 0.0}
    gas = {"block_kw": 25.0, "max_new_kw": 200.0, "capex_usd_per_kw": 100.0, "min_new_kw": 120.0, "life_years": 15.0}
    site = {"virginia": {"power": {"sources": {"grid": grid, "gas": gas}}}}
    growth = {"chat": {"demand": {"growth_per_period": 1.0}}}
    built = model(case(sites=site, workloads=growth))
    assert solve(built, solver) == pytest.approx(345_000 + 27_500 / 60)


@pytest.mark.parametrize("solver", SOLVERS)
def test_s3_source_slack(solver: str) -> None:
    """Without a least build two blocks of 20,000 USD are the cheapest: 240,000 + 2 x 40,000 / 60 USD."""
    assert solve(_built({}, {"capex_usd_per_kw": 800.0}), solver) == pytest.approx(240_000 + 2 * 40_000 / 60)


def test_s3_a_least_build_out_of_reach_means_none() -> None:
    """200 kW can be built and 250 are the least: nothing is, so 100 kW cannot be had."""
    assert infeasible(_built({"min_new_kw": 250.0}), "highs")


def test_s3_is_structural() -> None:
    """Whether anything is built stays whole in stage A."""
    built = _built({"min_new_kw": 120.0}, {"min_new_kw": 90.0})
    matrix = matrix_of(built.problem, 0.0)
    whole = {matrix.columns[n] for n, flag in enumerate(structural(built, matrix)) if flag}
    assert {"expand__virginia__0", "commit__gas__virginia__1"} <= whole


def test_a_site_s_most_bounds_a_team() -> None:
    """1,000 kW exist, 5,000 could be built of which the site takes 250: 1,250 / (10 x 1.25) = 100 units."""
    site = {"max_new_kw": 250.0, "power": {"sources": {"grid": {"max_new_kw": 5000.0}}}}
    instance = tiny_instance(sites={"virginia": site})
    assert attainable(instance, instance.system("gpu8"), offer(), 0).units == pytest.approx(100.0)
