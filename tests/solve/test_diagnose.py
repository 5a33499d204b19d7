from typing import Any

import pytest
from builders import tiny_instance

from fleetopt.candidates.enumerate import candidates
from fleetopt.candidates.offers import offers
from fleetopt.model.build import build
from fleetopt.solve.diagnose import diagnose
from fleetopt.solve.diagnosis import Diagnosis
from fleetopt.solve.matrix import matrix_of
from fleetopt.solve.solver import Limits

RATE = 3000.0


def of(**changes: Any) -> Diagnosis:
    """The diagnosis of a tiny instance with 4,500 requests/s by day."""
    slices = {"day": 1.5, "night": 0.5}
    workloads = {"chat": {"demand": {"regions": [{"region": "east", "rate_per_s": RATE, "slice_factors": slices}]}}}
    instance = tiny_instance(**{"workloads": workloads, **changes})
    model = build(instance, candidates(instance), offers(instance).offers)
    return diagnose(model, matrix_of(model.problem, sum(model.constants.values())), Limits())


def units() -> float:
    """Servers that 4,500 requests/s take: an eighth of a server a replica."""
    point = candidates(tiny_instance()).serving[0].points["b1"]
    return 1.5 * RATE / point.rate_per_s / 8


def test_supply_is_named_with_what_is_missing() -> None:
    """Ten servers a period may be delivered, units() are needed at once: the rest is missing in the first period."""
    diagnosis = of(supply={"limits": [{"id": "few", "systems": ["gpu8"], "units_per_period": [10.0]}]})
    finding = diagnosis.findings[0]
    assert (finding.equation, finding.index, finding.unit) == ("B1", ("few", "2027q1"), "units")
    assert finding.shortfall == pytest.approx(units() - 10, rel=1e-5)
    assert diagnosis.headline.startswith("B1 at few, 2027q1 is short of") and "supply" in diagnosis.advice[0]


def test_power_is_named_in_kw() -> None:
    """units() of 10 kW at a peak PUE of 1.25 against 50 kW."""
    power = {"sources": [{"id": "grid", "existing_kw": 50.0, "energy_share": 1.0}]}
    diagnosis = of(sites={"virginia": {"power": power}})
    firm = next(f for f in diagnosis.findings if f.equation == "P1")
    assert firm.index == ("virginia", "2027q1") and firm.unit == "kW"
    assert firm.shortfall == pytest.approx(units() * 12.5 - 50, rel=1e-5)


def test_budget_and_space_are_named() -> None:
    """One million dollars, or three rack positions, are too little for units() of 0.3 M$ and one position."""
    budget = of(finance={"capital_budget_usd": [1e6]}).findings[0]
    assert budget.equation == "F1" and budget.shortfall == pytest.approx(units() * 300_000 - 1e6, rel=1e-4)
    space = of(sites={"virginia": {"space": {"slots": 3}}}).findings[0]
    assert space.equation == "S1" and space.shortfall == pytest.approx(units() - 3, rel=1e-4)


def test_cooling_and_carbon_are_named_in_their_units() -> None:
    """units() of 10 kW against cooling for 50 kW; 1 t of carbon against a MWh for every megawatt and hour."""
    heat = of(sites={"virginia": {"cooling": {"max_kw": 50.0}}}).findings[0]
    assert (heat.equation, heat.unit) == ("P3", "kW")
    assert heat.shortfall == pytest.approx(units() * 10 - 50, rel=1e-5)
    grid = {"carbon_g_per_kwh": 1000.0}
    dirty = {"virginia": {"power": {"sources": {"grid": grid}}}}
    carbon = of(sites=dirty, finance={"carbon_budget_t": [1.0]}).findings[0]
    by_day = 0.3 + 0.7
    by_night = 0.3 + 0.7 / 3
    mwh = units() * 10 / 1000 * 1.2 * (by_day + by_night) / 2 * 8766 / 4
    assert (carbon.equation, carbon.unit) == ("G1", "t")
    assert carbon.shortfall == pytest.approx(mwh - 1.0, rel=1e-4)


def test_a_whole_number_conflict_is_found_too() -> None:
    """Between 40.2 and 40.8 servers there is no whole number: only the MILP knows."""
    limits = [{"id": "narrow", "at_least": 40.2, "at_most": 40.8}]
    diagnosis = of(policy={"limits": limits})
    assert [f.equation for f in diagnosis.findings] == ["G2"] * 2
    assert diagnosis.findings[0].shortfall == pytest.approx(0.2, rel=1e-3)


def test_a_limit_is_told_in_words() -> None:
    """At most 10 servers delivered in all, units() needed: the limit's name, bound and count, and by how much."""
    limit = {"id": "few", "of": "bought", "at_most": 10.0, "together": True, "systems": ["gpu8"], "sites": ["virginia"]}
    finding = of(policy={"limits": [limit]}).findings[0]
    assert (finding.equation, finding.index, finding.unit) == ("G2", ("few", "at_most", "together"), "units")
    assert finding.shortfall == pytest.approx(units() - 10, rel=1e-4)
    said = "limit 'few' (at most 10 units of gpu8 at virginia bought over all periods) stands"
    assert said in finding.message


def test_frozen_orders_are_told_in_words() -> None:
    """Nothing is decided for the frozen first quarter, in which units() must be there."""
    diagnosis = of(policy={"frozen_until": "2027q1"})
    finding = diagnosis.findings[0]
    assert (finding.equation, finding.index) == ("G2.frozen", ("buy", "gpu8", "virginia", "2027q1"))
    assert "orders are frozen up to 2027q1, and the order of gpu8 (buy) for virginia" in finding.message
    assert any("policy.purchases" in advice for advice in diagnosis.advice)


def test_the_page_has_the_table_and_the_advice() -> None:
    """diagnosis.md leads with the headline, a table of what is missing, and what would help."""
    text = of(sites={"virginia": {"space": {"slots": 3}}}).markdown()
    assert text.startswith("# No plan: S1 at virginia, 2027q1") and "## What would help" in text
    assert "| S1 | virginia, 2027q1 |" in text
