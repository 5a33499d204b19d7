"""G1 in the witness: tonnes by hand, and a budget just kept and just passed."""

from dataclasses import replace
from typing import Any

import pytest
from builders import tiny_instance, with_orbit
from handmade import failures, ids, plan, purchase

from fleetopt.plan import Carbon, Plan
from fleetopt.verify.ledger import Ledger
from fleetopt.verify.money import carbon, check_carbon
from fleetopt.verify.worth import Worth

HOURS = 8766 / 4 / 2


def grid(budget_t: list[float] | None = None, **finance: Any) -> Any:
    """A grid of 500 g/kWh."""
    site = {"virginia": {"power": {"sources": {"grid": {"carbon_g_per_kwh": 500.0}}}}}
    return tiny_instance(sites=site, finance={"carbon_budget_t": budget_t or [], **finance})


def emitting() -> Plan:
    """The hand-made plan with its carbon: 0.5 t for each MWh drawn, the same in both quarters."""
    base = plan()
    tonnes = sum(e.draw_kw for e in base.energy if e.period == "2027q1") * HOURS / 1000 * 0.5
    return replace(base, carbon=tuple(Carbon(t, "virginia", "grid", tonnes) for t in base.periods))


def test_g1_tonnes_are_those_of_the_energy() -> None:
    """Right as worked out; a millionth more is wrong, and so is a source left out or one that emits nothing."""
    made = emitting()
    assert failures(check_carbon, made, grid()) == []
    first, second = made.carbon
    more = replace(first, tonnes=first.tonnes * 1.000001)
    for wrong in ((more, second), (second,), (first, second, Carbon("2027q1", "virginia", "lease", 1.0))):
        assert ids(failures(check_carbon, replace(made, carbon=wrong), grid())) == {"G1"}


def test_g1_budget() -> None:
    """The tonnes of a quarter fit a budget of as much; a tenth of a per cent less is too little in the second."""
    tonnes = emitting().carbon[0].tonnes
    assert failures(check_carbon, emitting(), grid([tonnes])) == []
    assert ids(failures(check_carbon, emitting(), grid([tonnes, tonnes * 0.999]))) == {"G1"}


def test_g1_launches_count_and_cost() -> None:
    """Two satellites of m kg at 180 kg a kilogram are 0.36 m t, at 50 USD/t in the first quarter."""
    orbit = {"launch_co2_kg_per_kg": 180.0}
    instance = tiny_instance(**with_orbit(sites={"leo": {"orbit": orbit}}, finance={"carbon_usd_per_t": 50.0}))
    mass = Worth(instance).launch_kg(instance.system("sat"), instance.site("leo"))
    up = purchase(system="sat", site="leo", units=2.0)
    made = plan(purchases=(up,), energy=(), carbon=(Carbon("2027q1", "leo", "launch", 0.36 * mass),))
    assert failures(check_carbon, made, instance) == []
    assert sum(carbon(Ledger(instance, made))) == pytest.approx(0.36 * mass * 50)
