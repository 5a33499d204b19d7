"""Other plans at nearly the same cost: by hand where there are two machines of nearly one price."""

from dataclasses import replace

import pytest
from cases import candidate, case, model, offer
from planned import Planned, everything, planned

from fleetopt.plan import Plan
from fleetopt.solve.alternatives import Alternative, alternatives, distance, shares, spend
from fleetopt.solve.solver import Limits

TWIN = {
    "id": "twin8",
    "vendor": "other",
    "kind": "server",
    "chips": 8,
    "power_kw": 10.0,
    "price": {"buy_usd": 303_000.0},
}
"""As good as gpu8, from another vendor, 1 % dearer."""


def twins() -> Planned:
    candidates = (candidate(), candidate("twin", system="twin8"))
    return planned(model(case(systems={"twin8": TWIN}), candidates, (offer(), offer("twin8"))))


def look(made: Planned, within: float, most: int = 4) -> tuple[Alternative, ...]:
    return alternatives(*made, within, most, Limits(gap=0.0), lambda _: None)


def bought(plan: Plan) -> dict[str, float]:
    units: dict[str, float] = {}
    for p in plan.purchases:
        units[p.system] = units.get(p.system, 0.0) + p.units
    return units


def test_within_two_per_cent_another_vendor_does_as_well() -> None:
    """8 gpu8 cost 240,000 USD, 8 twins 242,400: 1 % more, and nothing in common; a mix of both is no third way.

    Within 2 % that is the first alternative: less of gpu8, down to none but for the share of 5 % that may stay.
    """
    made = twins()
    first = look(made, 0.02)[0]
    assert first.direction.name == "less gpu8"
    assert bought(first.plan) == {"twin8": 8}
    assert first.plan.objective_usd == pytest.approx(242_400)
    assert first.distance == pytest.approx({"systems": 1.0, "vendors": 1.0, "sites": 0.0})


def test_half_the_money_buys_half_the_difference() -> None:
    """Within 0.5 % (1,200 USD) four twins at 300 USD more each are all there can be."""
    first = look(twins(), 0.005)[0]
    assert bought(first.plan) == {"gpu8": 4, "twin8": 4}
    assert first.plan.objective_usd == pytest.approx(241_200)


def test_nothing_within_nothing() -> None:
    """At the very same cost there is no other plan than the unique optimum."""
    assert look(twins(), 0.0) == ()


def test_alternatives_keep_the_cost_and_the_distance_they_promise() -> None:
    """Every plan is within the cost allowed, further than 1 % from all before, and bounded by the best plan's bound."""
    model_, matrix, plan = everything()
    found = alternatives(model_, matrix, plan, 0.05, 3, Limits(gap=1e-4), lambda _: None)
    assert found
    before = [plan]
    for a in found:
        assert a.plan.objective_usd <= plan.objective_usd * 1.05 * (1 + 1e-9)
        assert a.plan.bound_usd == pytest.approx(plan.bound_usd)
        assert max(min(distance(a.plan, b, by) for b in before) for by in ("systems", "vendors", "sites")) > 0
        assert all(max(distance(a.plan, b, by) for by in ("systems", "vendors", "sites")) >= 0.01 for b in before)
        assert a.distance == {by: min(distance(a.plan, b, by) for b in before) for by in a.distance}
        before.append(a.plan)


def test_most_is_the_most() -> None:
    """One is asked for, one is found."""
    assert len(look(twins(), 0.02, most=1)) == 1


def test_money_and_distance_by_hand() -> None:
    """Half the money elsewhere is a distance of a half; a plan that buys nothing is all away from one that does."""
    _, _, plan = twins()
    (line,) = plan.purchases
    half = replace(line, units=4.0, cost_usd=line.cost_usd / 2)
    mixed = replace(plan, purchases=(half, replace(half, system="twin8", vendor="other")))
    assert spend(mixed, "systems") == {"gpu8": 1_200_000, "twin8": 1_200_000}
    assert shares(mixed, "vendors") == {"acme": 0.5, "other": 0.5}
    assert distance(plan, mixed, "systems") == pytest.approx(0.5) and distance(plan, mixed, "sites") == 0
    nothing = replace(plan, purchases=())
    assert distance(plan, nothing, "systems") == 1 and distance(nothing, nothing, "systems") == 0
