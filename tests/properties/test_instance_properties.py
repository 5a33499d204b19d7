"""What must hold of every instance, tried on the random ones of `nox -s agreement`, from file to plan."""

import copy
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from draw import FEATURES, TERMS, drawn
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from fleetopt.candidates import enumerate as enumeration
from fleetopt.instance import shape
from fleetopt.instance.load import load_dict
from fleetopt.instance.schema import Instance
from fleetopt.pipeline.options import SolveOptions
from fleetopt.pipeline.story import solve

NEAR_USD, NEAR_SHARE = 3.0, 1e-6
"""Solvers hold rows to 1e-6 or so, of figures in M$, MW and requests/s."""
Raw = dict[str, Any]
seeds = st.integers(0, 10**6)
quick = settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def cost(raw: Raw) -> float:
    """Least cost of an instance, its plan verified; infinite where there is none."""
    plan = solve(load_dict(raw).instance, SolveOptions(gap=1e-9)).plan
    if plan.status == "infeasible":
        return float("inf")
    assert plan.verification is not None
    assert plan.verification.failures == ()
    return plan.objective_usd


def slack(usd: float) -> float:
    """What the solvers' tolerances may make of a cost."""
    return max(NEAR_USD, NEAR_SHARE * abs(usd)) if usd < float("inf") else 0.0


def same(one: float, other: float) -> bool:
    """Whether two costs are the same up to tolerances."""
    return one == other or abs(one - other) <= slack(other)


def shuffled(data: Any, draw: Random) -> Any:
    """Plain data with every list of entities, and every mapping, in another order; series, slices and steps keep it."""
    if isinstance(data, dict):
        items = [(key, value if key in ("slices", "steps") else shuffled(value, draw)) for key, value in data.items()]
        return dict(draw.sample(items, len(items)))
    if isinstance(data, list):
        inner = [shuffled(item, draw) for item in data]
        return draw.sample(inner, len(inner)) if all(isinstance(item, dict) for item in inner) else inner
    return data


@quick
@given(seeds, st.integers(0, 1000))
def test_the_order_of_the_file_is_irrelevant(seed: int, order: int) -> None:
    """Workloads, systems, sites, tiers, sources, links, limits and fields in another order cost the same."""
    raw = drawn(seed)[0]
    other = shuffled(raw, Random(order))
    assert repr(other) != repr(raw)
    assert same(cost(other), cost(raw))


def dearer(data: Any, annotation: Any, factor: float) -> Any:
    """Plain data with every figure whose unit is money, or money for something, multiplied."""
    if isinstance(data, dict):
        return {key: dearer(value, shape.child(annotation, key), factor) for key, value in data.items()}
    if isinstance(data, list):
        return [dearer(item, shape.child(annotation, n), factor) for n, item in enumerate(data)]
    symbol = shape.unit(annotation) if annotation is not None else None
    money = symbol is not None and symbol.split("/")[0] == "USD"
    return data * factor if money and isinstance(data, int | float) else data


def test_prices_are_found_by_their_unit() -> None:
    """A system, a lease, a carbon price, memory, launch and a shortfall are money; powers and shares are not."""
    raw = {
        "finance": {"wacc": 0.1, "carbon_usd_per_t": 50.0, "capital_budget_usd": [1.0, 2.0]},
        "systems": [{"power_kw": 3.0, "price": {"buy_usd": 4.0}, "rent": {"usd_per_h": 5.0}}],
        "sites": [{"power": {"lease": {"usd_per_kw_month": 6.0, "max_kw": 7.0}}, "orbit": {"launch_usd_per_kg": 8.0}}],
        "workloads": [{"shortfall_usd_per_request": 9.0}],
        "memory": [{"price": {"usd_per_gb_month": 10.0}}],
    }
    assert dearer(raw, Instance, 2.0) == {
        "finance": {"wacc": 0.1, "carbon_usd_per_t": 100.0, "capital_budget_usd": [2.0, 4.0]},
        "systems": [{"power_kw": 3.0, "price": {"buy_usd": 8.0}, "rent": {"usd_per_h": 10.0}}],
        "sites": [
            {"power": {"lease": {"usd_per_kw_month": 12.0, "max_kw": 7.0}}, "orbit": {"launch_usd_per_kg": 16.0}}
        ],
        "workloads": [{"shortfall_usd_per_request": 18.0}],
        "memory": [{"price": {"usd_per_gb_month": 20.0}}],
    }


@quick
@given(seeds, st.sampled_from([2.0, 0.5]))
def test_doubling_all_prices_doubles_the_cost(seed: int, factor: float) -> None:
    """Every figure of the file whose unit is money times two, budgets among them: every cost line is twice as much."""
    raw = drawn(seed)[0]
    assert same(cost(dearer(raw, Instance, factor)), factor * cost(raw))


@quick
@given(seeds)
def test_dominated_candidates_change_nothing(seed: int) -> None:
    """With every candidate that passes the screens made a column, dominated ones too, the optimum is the same."""
    raw = drawn(seed)[0]
    thinned = cost(raw)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(enumeration, "undominated", tuple)
        assert same(cost(raw), thinned)


def times(raw: Raw, factor: float, *steps: str) -> int:
    """Multiply every figure at a path (`*` for all items of a list); how many there were."""
    if not steps:
        return 0
    step, rest = steps[0], steps[1:]
    targets = list(enumerate(raw)) if step == "*" else [(step, raw[step])] if step in raw else []
    count = 0
    for key, value in targets:
        if rest:
            count += times(value, factor, *rest) if isinstance(value, dict | list) else 0
        elif isinstance(value, int | float):
            raw[key] = type(value)(value * factor)
            count += 1
    return count


def scaled(factor: float, path: str) -> Callable[[Raw], int]:
    """A looser limit: the figures at a path multiplied."""
    return lambda raw: times(raw, factor, *path.split("."))


# Existing power is no limit to loosen: it has a fixed cost a kW and year, used or not.
LOOSER: dict[str, Callable[[Raw], int]] = {
    "B1 supply": scaled(2.0, "supply.limits.*.units_per_period.*"),
    "B2 lead time": scaled(0.0, "systems.*.lead_months"),
    "B7 rent": scaled(2, "systems.*.rent.max_units"),
    "D2 delay": scaled(2.0, "workloads.*.max_delay_h"),
    "D3 link": scaled(3.0, "network.links.*.capacity_gb_s"),
    "F1 budget": scaled(2.0, "finance.capital_budget_usd.*"),
    "G2 at most": scaled(1.5, "policy.limits.*.at_most"),
    "G2 at least": scaled(0.5, "policy.limits.*.at_least"),
    "M2 sockets": scaled(2.0, "systems.*.max_added_dram_gb"),
    "O2 launch": scaled(2.0, "sites.*.orbit.launch_kg_per_period"),
    "P1 diversity": scaled(0.7, "sites.*.power.diversity"),
    "P2 blocks": scaled(2.0, "sites.*.power.sources.*.max_new_kw"),
    "P2 lease": scaled(2.0, "sites.*.power.lease.max_kw"),
    "R1 failures": scaled(0.5, "systems.*.failures_per_year"),
    "S1 space": scaled(2.0, "sites.*.space.slots"),
    "S2 opening lead": scaled(0.0, "sites.*.opening.lead_months"),
    "X1 licence": scaled(2.0, "trade.licences.*.max_units"),
}


@pytest.mark.parametrize("kind", LOOSER)
@settings(quick, max_examples=4)
@given(seed=seeds)
def test_looser_limits_never_cost_more(kind: str, seed: int) -> None:
    """What a tighter limit allows a looser one allows too."""
    raw = drawn(seed)[0]
    looser = copy.deepcopy(raw)
    assume(LOOSER[kind](looser) and looser != raw)
    tight, loose = cost(raw), cost(looser)
    assert loose <= tight + slack(tight)


def test_the_draws_have_every_feature_and_limit() -> None:
    """Among 300 seeds each feature and each limit above occurs, or the tests above would say less than they seem to."""
    raws = [drawn(seed) for seed in range(300)]
    assert {name for _, has in raws for name in has} == {*FEATURES, *TERMS}
    assert [kind for kind, loosen in LOOSER.items() if not any(loosen(copy.deepcopy(raw)) for raw, _ in raws)] == []


def at_percentile(raw: Raw, percentile: str) -> Raw:
    """The instance planned at an end of the predictions' error bands, each 0.7 to 1.4 times the prediction."""
    metrics = ("ttft_ms", "tpot_ms", "output_tokens_per_s", "tokens_per_s_per_chip")
    bands = [{"metric": metric, "p10": 0.7, "p50": 1.0, "p90": 1.4} for metric in metrics]
    return {**raw, "prediction": {**raw.get("prediction", {}), "percentile": percentile, "bands": bands}}


@quick
@given(seeds)
def test_slower_than_predicted_never_costs_less(seed: int) -> None:
    """Planned at p90 an instance costs at least what it does as predicted, at p10 at most."""
    raw = drawn(seed)[0]
    low, middle, high = (cost(at_percentile(raw, percentile)) for percentile in ("p10", "p50", "p90"))
    assert low <= middle + slack(middle)
    assert middle <= high + slack(high)


def test_slower_than_predicted_does_cost_more() -> None:
    """Of the first ten instances some have a plan at all three percentiles, and pay more at p90 than at p10."""
    costs = [[cost(at_percentile(drawn(seed)[0], p)) for p in ("p10", "p50", "p90")] for seed in range(10)]
    assert any(high < float("inf") and low + 1000.0 < high for low, _, high in costs)
