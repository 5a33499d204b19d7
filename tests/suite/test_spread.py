"""What a sample says of cost, units and what drives the cost."""

from pathlib import Path
from typing import Any

from fleetopt.suite.runs import ScenarioResult
from fleetopt.suite.spread import quantile, rank_correlation, spread_tables
from fleetopt.suite.sweeps import Swept
from fleetopt.suite.tables import overview, sweep_table


def result(name: str, cost_musd: float | None, message: str = "", **units: float) -> ScenarioResult:
    """A run that bought so many units of systems, each for 1 M$; without a cost, an infeasible one."""
    plan: dict[str, Any] = {"status": "infeasible"}
    if cost_musd is not None:
        bought = [{"system": system, "units": n, "cost_usd": 1e6 * n} for system, n in units.items()]
        plan = {"status": "optimal", "objective_usd": 1e6 * cost_musd, "gap": 0.001, "purchases": bought}
    return ScenarioResult(name, name, 0 if cost_musd else 3, Path(name), plan, message)


def sample(values: list[tuple[float, Any]], costs: list[float | None], **units: list[float]) -> tuple[Swept, Any]:
    """A sample of two paths, and results with these costs."""
    names = [f"s-{n:02}" for n in range(1, len(values) + 1)]
    swept = Swept("s", "Sample", {n: {"a.x": v[0], "a.y": v[1]} for n, v in zip(names, values, strict=True)}, True)
    bought = [{system: amounts[n] for system, amounts in units.items()} for n in range(len(names))]
    return swept, {n: result(n, c, "nothing fits", **b) for n, c, b in zip(names, costs, bought, strict=True)}


def test_quantiles_lie_on_the_line_between_neighbours() -> None:
    """Of 1, 2, 3, 4 the median is 2.5, and the first decile 0.3 of the way from 1 to 2."""
    assert quantile([4.0, 1.0, 3.0, 2.0], 0.5) == 2.5
    assert quantile([4.0, 1.0, 3.0, 2.0], 0.1) == 1.3
    assert quantile([7.0], 0.9) == 7.0


def test_rank_correlation_by_hand() -> None:
    """Ranks 1 2 3 against 1 3 2: deviations -1 0 1 and -1 1 0 give 1 over 2; ties share; no variation, no answer."""
    assert rank_correlation([1, 2, 3], [10, 1000, 100]) == 0.5
    assert rank_correlation([1, 2, 3], [9, 4, 1]) == -1.0
    assert rank_correlation([1, 1, 2], [1, 1, 5]) == 1.0
    assert rank_correlation([1, 1, 1], [1, 2, 3]) is None


def test_a_sample_says_how_far_costs_and_units_spread() -> None:
    """Costs 1 to 5 M$: p10 1.4, median 3, p90 4.6; `b` is in two of five plans, and the sixth scenario has none."""
    values = [(float(n), "k") for n in range(6)]
    swept, results = sample(values, [1, 2, 3, 4, 5, None], a=[1, 2, 3, 4, 5, 0], b=[0, 0, 0, 1, 1, 0])
    spread, drivers = spread_tables(swept, results)
    assert spread.rows == (
        ("cost, M$", "1.40", "3", "4.60", "1", "5", "5 of 6"),
        ("units of a", "1.4", "3", "4.6", "1", "5", "5 of 5"),
        ("units of b", "0", "0", "1", "0", "1", "2 of 5"),
    )
    assert drivers.rows == (("a.x", "+1.00"), ("a.y", "–"))
    assert "5 have a plan" in spread.said


def test_two_plans_say_nothing_of_a_spread() -> None:
    """With fewer than three plans there is no table."""
    swept, results = sample([(1.0, 2), (2.0, 3)], [1, 2])
    assert spread_tables(swept, results) == []


def test_a_line_a_scenario() -> None:
    """Cost beside the first, what is bought most of by its cost; a headline where there is no plan."""
    found = overview([result("one", 2.0, a=1, b=3), result("two", 3.0, a=2), result("none", None, "nothing\nmore")])
    assert [row[1:] for row in found.rows] == [
        ("optimal", "2.00", "–", "0.10 %", "3 b, 1 a"),
        ("optimal", "3.00", "+50.00 %", "0.10 %", "2 a"),
        ("infeasible", "–", "–", "–", "nothing"),
    ]


def test_a_sweep_has_its_values_beside_what_came_of_them() -> None:
    """A row a scenario with the value of each path, which the head names by its end and the sentence in full."""
    swept, results = sample([(0.5, "x|y"), (1.5, True)], [1, None], a=[4, 0])
    table = sweep_table(swept, results)
    assert table.heads[:3] == ("scenario", "a.x", "a.y")
    assert table.rows == (
        ("s-01", "0.5", "x/y", "optimal", "1.00", "4 a"),
        ("s-02", "1.5", "True", "infeasible", "–", "nothing fits"),
    )
    assert "| s-01 | 0.5 | x/y | optimal | 1.00 | 4 a |" in table.markdown()


def test_of_three_plans_no_correlation_says_much() -> None:
    """With three plans even +1 may be chance (2 / sqrt(3) = 1.15), which no correlation exceeds: that is said."""
    swept, results = sample([(1.0, 2), (2.0, 3), (3.0, 1)], [1, 2, 3])
    _, drivers = spread_tables(swept, results)
    assert "of 3 scenarios any may be chance" in drivers.said
    swept, results = sample([(float(n), n % 3) for n in range(16)], list(range(1, 17)))
    assert "below 0.50 it may be chance" in spread_tables(swept, results)[1].said
