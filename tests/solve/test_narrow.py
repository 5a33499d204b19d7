"""Whole columns kept to what a plan below a cutoff can have: nothing below it is lost, whatever the prices."""

import numpy as np
import pytest
from builders import tiny_instance
from everything import rich_instance
from scipy.sparse import csr_array
from widened import modelled

from fleetopt.instance.schema import Instance
from fleetopt.solve.dive import Dive
from fleetopt.solve.matrix import Matrix
from fleetopt.solve.narrow import narrowed
from fleetopt.solve.solver import Limits, solve_highs

CHAT = {"chat": {"demand": {"regions": [{"region": "east", "rate_per_s": 40.0}]}}}


def two(upper: float = 10.0, offset: float = 0.0) -> Matrix:
    """min 2a + 3b, a + b >= 4: at a price of 2 a unit a costs nothing more, and each b 1."""
    return Matrix(
        columns=("a", "b"),
        row_names=("r",),
        cost=np.array([2.0, 3.0]),
        lower=np.zeros(2),
        upper=np.full(2, upper),
        integer=np.ones(2, dtype=bool),
        rows=csr_array(np.array([[1.0, 1.0]])),
        row_lower=np.array([4.0]),
        row_upper=np.array([np.inf]),
        offset=offset,
    )


@pytest.mark.parametrize(("cutoff", "most"), [(8.0, 0), (8.9, 0), (9.0, 1), (10.5, 2), (7.0, 0), (100.0, 10)])
def test_a_dear_column_has_as_many_units_as_the_room_pays_for(cutoff: float, most: int) -> None:
    """The LP costs 8, a unit of b 1 more: below 9.0 there is room for one, below 10.5 for two, below 8.9 for none."""
    found = narrowed(two(), np.array([2.0]), cutoff)
    assert found.upper[1] == most and found.upper[0] == 10.0


def test_a_whole_column_begins_at_a_whole_number() -> None:
    """b from 0.5 on is b from 1 on: so L is 8 + 1 = 9, and below 9.3 there is room for no more of it."""
    matrix = two()
    matrix.lower[1] = 0.5
    found = narrowed(matrix, np.array([2.0]), 9.3)
    assert (found.lower[1], found.upper[1]) == (1.0, 1.0)


def test_the_constant_counts() -> None:
    """With 5 more on everything the cutoff of 14 leaves as much room as 9 did."""
    assert narrowed(two(offset=5.0), np.array([2.0]), 14.0).upper[1] == 1


def test_a_column_that_earns_keeps_near_its_upper_bound() -> None:
    """At a price of 2.5, a is best at 10 and each unit less costs 0.5: L = 10 - 5 = 5, and 6 leaves room for two."""
    found = narrowed(two(), np.array([2.5]), 6.0)
    assert (found.lower[0], found.upper[1]) == (8.0, 2.0)


def test_a_column_without_limit_that_pays_says_nothing() -> None:
    """At the same price without an upper bound L is minus infinity: all stays."""
    matrix = two(upper=np.inf)
    assert narrowed(matrix, np.array([2.5]), 6.0) is matrix


def test_prices_of_the_wrong_sign_count_as_nothing() -> None:
    """A row of `>=` cannot have a price below 0; without it L is 0, and 9 pays for four a or three b."""
    found = narrowed(two(), np.array([-3.0]), 9.0)
    assert found.upper.tolist() == [4.0, 3.0]


@pytest.mark.parametrize("instance", [tiny_instance(workloads=CHAT), rich_instance()])
@pytest.mark.parametrize("noise", [0.0, 0.2])
def test_no_plan_below_the_cutoff_is_lost(instance: Instance, noise: float) -> None:
    """With the cutoff just above the optimum, the optimum is kept, at the LP's prices and at wrong ones."""
    _, matrix = modelled(instance)
    best = solve_highs(matrix, Limits(gap=1e-7))
    assert best.objective is not None and best.values is not None
    prices = Dive(matrix, {}).prices
    prices = prices * (1 + noise * np.random.default_rng(1).standard_normal(len(prices)))
    found = narrowed(matrix, prices, best.objective + 1e-6 * abs(best.objective))
    assert found.allows(best.values)
    again = solve_highs(found, Limits(gap=1e-7))
    assert again.objective == pytest.approx(best.objective, rel=1e-6)
    if noise == 0.0:
        assert float((found.upper - found.lower)[matrix.integer].sum()) < float(
            (np.minimum(matrix.upper, 1e6) - matrix.lower)[matrix.integer].sum()
        )
