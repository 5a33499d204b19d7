"""D1.parts, D1.one, D1.choice, C1.least, and rents of whole units.

The base (cases.py): 15 requests/s by day, 5/s by night, in both quarters, on servers of 15,000 USD a quarter that serve
2/s each: 8 of them, 240,000 USD. Here a second server, `b`, costs as much and serves 4/s, but at most 2 can be had.
"""

from typing import Any

import pytest
from builders import GPU
from cases import SOLVERS, candidate, case, model, offer, point, solve

from fleetopt.instance.schema import Instance
from fleetopt.model.build import Model
from fleetopt.solve.relaxations import KEPT


def two_systems(most_of_b: float = 2.0, workload: dict[str, Any] | None = None, **changes: Any) -> Model:
    """Both systems, with candidates of 2/s and 4/s."""
    limit = {"limits": [{"id": "scarce", "systems": ["b"], "at_most": most_of_b}]}
    instance: Instance = case(
        systems={"b": {**GPU, "id": "b"}}, workloads={"chat": workload or {}}, policy=limit, **changes
    )
    candidates = (candidate(), candidate("k2", system="b", points={"b1": point(rate=4.0)}))
    return model(instance, candidates, (offer(), offer("b")))


@pytest.mark.parametrize("solver", SOLVERS)
def test_d1_parts_binding(solver: str) -> None:
    """In 3 parts of 5/s (by day) 2 `b` (8/s) take one part and 5 servers the other two: 7 units, 210,000 USD, where any
    split would do with 2 `b` and ceil(7/2) = 4, 180,000 USD."""
    assert solve(two_systems(workload={"demand": {"parts": 3}}), solver) == pytest.approx(210_000)
    assert solve(two_systems(), solver) == pytest.approx(180_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_d1_parts_slack(solver: str) -> None:
    """In 15 parts of 1/s every split of the optimum is one of whole parts (8 and 7): 180,000 USD; and so it is in three
    where demand may be split continuously all the same."""
    assert solve(two_systems(workload={"demand": {"parts": 15}}), solver) == pytest.approx(180_000)
    loose = two_systems(workload={"demand": {"parts": 3}}, demand={"split": "continuous"})
    assert solve(loose, solver) == pytest.approx(180_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_d1_one_binding(solver: str) -> None:
    """One system for all: `b` reaches 8/s with its two units, so 8 servers it is, 240,000 USD instead of 180,000."""
    assert solve(two_systems(workload={"one_system": True}), solver) == pytest.approx(240_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_d1_one_slack(solver: str) -> None:
    """With 4 of `b` to be had (16/s) one system is best anyway, 120,000 USD; `servers.mixed` turns the rule off."""
    assert solve(two_systems(4.0, workload={"one_system": True}), solver) == pytest.approx(120_000)
    mixed = two_systems(workload={"one_system": True}, servers={"mixed": True})
    assert solve(mixed, solver) == pytest.approx(180_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_d1_choice_is_of_a_period(solver: str) -> None:
    """One more of `b` a quarter: the first quarter is served by 8 servers, the second by 4 `b` would be no cheaper, for
    the servers stay; 240,000 USD."""
    instance_limit = {"limits": [{"id": "scarce", "systems": ["b"], "at_most": 2.0, "periods": ["2027q1"]}]}
    instance = case(systems={"b": {**GPU, "id": "b"}}, workloads={"chat": {"one_system": True}}, policy=instance_limit)
    candidates = (candidate(), candidate("k2", system="b", points={"b1": point(rate=4.0)}))
    built = model(instance, candidates, (offer(), offer("b")))
    assert solve(built, solver) == pytest.approx(240_000)
    assert sum(1 for id_, _ in built.rows.values() if id_ == "D1.choice") == 2


def whole(**changes: Any) -> Model:
    """Replicas of one server each, counted whole."""
    instance = case(workloads={"chat": {"whole_replicas": True, **changes}})
    return model(instance, (candidate(whole=True),))


@pytest.mark.parametrize("solver", SOLVERS)
def test_c1_least_binding(solver: str) -> None:
    """10 replicas at least where 8 would do: 2 x 10 x 15,000 = 300,000 USD; with one system the same of that one."""
    assert solve(whole(min_replicas=10), solver) == pytest.approx(300_000)
    assert solve(whole(min_replicas=10, one_system=True), solver) == pytest.approx(300_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_c1_least_slack(solver: str) -> None:
    """At least 8 asks for nothing more: 240,000 USD."""
    assert solve(whole(min_replicas=8), solver) == pytest.approx(240_000)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("only_whole", "units"), [(True, 8.0), (False, 7.5)])
def test_rents_of_whole_units(only_whole: bool, units: float, solver: str) -> None:
    """15/s take 7.5 rented units of 1 USD an hour, or 8 where only whole ones are rented, for 2 x 2,191.5 hours."""
    rent = {"usd_per_h": 1.0, "whole": only_whole}
    instance = case(systems={"gpu8": {"buyable": False, "rent": rent}})
    built = model(instance, offers=(offer(buy=(), rent_periods=(0, 1)),))
    assert solve(built, solver) == pytest.approx(2 * 2191.5 * units)


def test_what_the_planner_said_is_kept() -> None:
    """Where no plan exists these rules are not relaxed: their fields are named instead."""
    for id_, field in (("D1.parts", "demand.split"), ("D1.one", "servers.mixed"), ("C1.least", "min_replicas")):
        assert field in KEPT[id_]
