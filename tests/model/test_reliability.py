"""R1: spares (N+k, or by probability), and least numbers of sites."""

from math import comb
from typing import Any

import pytest
from cases import SOLVERS, candidate, case, infeasible, model, offer, point, solve
from test_demand import TWO_SITES

from fleetopt.instance.finance import Spares
from fleetopt.instance.schema import Instance
from fleetopt.model import spares
from fleetopt.model.build import Model

FAILING = {"gpu8": {"failures_per_year": 0.5, "repair_days": 36.525}}
"""Half of the units fail in a year and are out for a tenth of it: 5 % are out at a time."""


def _kept(systems: dict[str, Any] | None = None, fleet: tuple[Any, ...] = (), **rule: Any) -> Model:
    return model(case(systems=systems or {}, fleet=fleet, policy={"spares": [{"id": "mine", **rule}]}))


# N+k


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("units", "cost"), [(1, 270_000), (2, 300_000)])
def test_r1_spares_binding(solver: str, units: int, cost: float) -> None:
    """7.5 units are in use by day; with one more standing by it takes 9 of them, with two more 10."""
    assert solve(_kept(units=units), solver) == pytest.approx(cost)


@pytest.mark.parametrize("solver", SOLVERS)
def test_r1_spares_slack(solver: str) -> None:
    """Of 20 units that are held 12.5 are idle anyway; a rule that is off, or for another system, costs nothing."""
    held = {
        "id": "old",
        "system": "gpu8",
        "site": "virginia",
        "units": 20,
        "in_service": "2026q1",
        "end_of_life": "2030q4",
    }
    assert solve(_kept(units=3, fleet=(held,)), solver) == pytest.approx(0.0, abs=1e-6)
    assert solve(_kept(units=3, enabled=False), solver) == pytest.approx(240_000)
    assert solve(_kept(units=3, systems={"gpu8": {}}, sites=["nowhere"]), solver) == pytest.approx(240_000)


def _texas(**changes: Any) -> Model:
    """Texas with a candidate twice as fast as Virginia's."""
    fast = candidate("fast", site="texas", points={"b1": point(rate=4.0)})
    return model(case(**{**TWO_SITES, **LINKED, **changes}), (candidate(), fast), (offer(), offer(site="texas")))


LINKED = {
    "network": {
        "links": [{"a": "east", "b": "virginia", "rtt_ms": 20.0}, {"a": "east", "b": "texas", "rtt_ms": 40.0}],
    }
}


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("sites", "cost"), [(["texas"], 150_000), ([], 150_000), (["virginia"], 120_000)])
def test_r1_spares_are_kept_only_where_units_are_in_use(solver: str, sites: list[str], cost: float) -> None:
    """15/4 = 3.75 units in Texas and one spare are 5 units; at Virginia, where nothing is in use, none is kept."""
    rule = {"id": "mine", "units": 1, "sites": sites}
    assert solve(_texas(policy={"spares": [rule]}), solver) == pytest.approx(cost)


# By probability


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("confidence", "units"), [(0.5, 8), (0.92, 9), (0.98, 10), (0.99, 11)])
def test_r1_spares_by_probability_binding_and_slack(solver: str, confidence: float, units: int) -> None:
    """7.5 units in use. On average 95 % of 8 work, 7.6, which is enough at 50 %. None of 8 is out with 0.663, at most
    one of 9 with 0.929, two of 10 with 0.9885, three of 11 with 0.998."""
    assert solve(_kept(FAILING, confidence=confidence), solver) == pytest.approx(units * 30_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_r1_spares_rented_units_need_none(solver: str) -> None:
    """Where all units are rented, for 10 USD/h x 2,191.5 h, the provider keeps the spares: 7.5 in q1 and q2."""
    rent = {"gpu8": {**FAILING["gpu8"], "rent": {"usd_per_h": 10.0}, "price": {"buy_usd": 3e6}}}
    instance = case(systems=rent, policy={"spares": [{"id": "mine", "confidence": 0.999}]})
    built = model(instance, offers=(offer(rent_periods=(0, 1)),))
    assert solve(built, solver) == pytest.approx(15 * 21_915)


def brute(load: int, out: float, p: float) -> int:
    """Fewest units of which, with probability p, as many work as the load takes."""
    n = load
    while sum(comb(n, i) * out**i * (1 - out) ** (n - i) for i in range(n - load + 1)) < p:
        n += 1
    return n - load


@pytest.mark.parametrize("out", [0.004, 0.05, 0.3])
@pytest.mark.parametrize("p", [0.5, 0.9, 0.999])
def test_r1_steps_are_the_binomial_distribution(out: float, p: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a step for each spare, every load takes as many as trying all numbers of units says; with 16 steps, no
    fewer, and never more than two fifths again and two."""
    rule = Spares(id="mine", confidence=p)
    system = _failing(out).system("gpu8")
    exact = [brute(load, out, p) for load in range(1, 81)]
    few = spares._steps(rule, system, 80.0)
    monkeypatch.setattr(spares, "MOST_STEPS", 1000)
    many = spares._steps(rule, system, 80.0)
    assert [taken(many, load) for load in range(1, 81)] == exact
    assert len(few) <= 16
    for load, least in enumerate(exact, start=1):
        assert least <= taken(few, load) <= 1.4 * least + 2


def taken(steps: spares.Steps, load: float) -> int:
    """Spares of the step that a load takes."""
    return next((kept for most, kept in steps if load <= most), 0)


def _failing(out: float) -> Instance:
    return case(systems={"gpu8": {"failures_per_year": out, "repair_days": 365.25}})


def test_r1_thousands_of_units_need_few_steps() -> None:
    """3,000 units of which 0.4 % are out, 12 on average: a percentile of 99.9 is 24."""
    steps = spares._steps(Spares(id="mine", confidence=0.999), _failing(0.004).system("gpu8"), 3000.0)
    assert steps[-1] == (3000.0, 24) and len(steps) <= 16
    assert spares.at_most_out(24, 3024, 0.004) >= 0.999 > spares.at_most_out(23, 3023, 0.004)


@pytest.mark.parametrize(
    ("rule", "usable"), [({"units": 2}, 8.0), ({"confidence": 0.98}, 8.0), ({"confidence": 0.5}, 9.5)]
)
def test_r1_usable_units(rule: dict[str, Any], usable: float) -> None:
    """Of 10 units of which 5 % are out 9.5 work on average; two kept back, by number or because at most two are out
    with 0.9885, leave 8; at most none is out with 0.599, which 50 % asks for no more than."""
    instance = case(systems=FAILING, policy={"spares": [{"id": "mine", **rule}]})
    assert spares.usable_units(instance, instance.system("gpu8"), "virginia", 10.0) == pytest.approx(usable)


def test_r1_the_most_in_use_bounds_the_relaxation() -> None:
    """Relaxed, the step is taken in part: of at most 7.5 units in use 7.5 are: all of the spare is paid, 8.5 units."""
    assert solve(_kept(units=1), "highs", relaxed=True) == pytest.approx(255_000)


# Sites


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("spread", "cost"), [
    ({"min_sites": 1}, 120_000),
    ({"min_sites": 2}, 150_000),
    ({"min_sites": 2, "min_site_share": 0.5}, 180_000),
    ({"min_sites": 2, "sites_since": "2027q2"}, 135_000),
])  # fmt: skip
def test_r1_sites_binding_and_slack(solver: str, spread: dict[str, Any], cost: float) -> None:
    """Texas alone serves 15/s on 4 units. A tenth of 15 x 12 + 5 x 12 = 240 at Virginia: 1 unit there, 4 in Texas. Half
    at each: 10/s at Virginia by day and night in sum, 5 by night and 5 by day, 3 units, and 10/4 in Texas, 3 units.
    From the second quarter on only: 15,000 USD for the fifth unit."""
    assert solve(_texas(workloads={"chat": spread}), solver) == pytest.approx(cost)


@pytest.mark.parametrize("solver", SOLVERS)
def test_r1_sites_that_are_not_there(solver: str) -> None:
    """One site is not two."""
    assert infeasible(model(case(workloads={"chat": {"min_sites": 2}})), solver)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("most", "cost"), [(1.0, 120_000), (0.9, 150_000), (0.6, 180_000)])
def test_r1_most_binding_and_slack(solver: str, most: float, cost: float) -> None:
    """By day 15/s: Texas takes all on 4 units, or 13.5/s at most, 12 on 3 and the rest on 2 at Virginia, or 9/s on 3
    and 6 on 3."""
    assert solve(_texas(workloads={"chat": {"max_site_share": most}}), solver) == pytest.approx(cost)
