"""G1: carbon of energy, leases and launches within the budget of each period."""

from typing import Any

import pytest
from builders import with_orbit
from cases import SOLVERS, candidate, case, infeasible, model, offer, point, solve

from fleetopt.model.build import Model

MWH = 59 * 1.2 * 2191.5 / 1000
"""Energy of a quarter, as in test_power: 8 units draw 59 kW on average at a PUE of 1.2."""


def _powered(budget_t: list[float], grid_g: float = 500.0, **power: Any) -> Model:
    """A grid of 500 g/kWh for nothing and wind without carbon at 100 USD/MWh, where it is there."""
    sources = {"grid": {"carbon_g_per_kwh": grid_g}, **power.pop("sources", {})}
    site = {"virginia": {"power": {"sources": sources, **power}}}
    return model(case(sites=site, finance={"carbon_budget_t": budget_t}))


WIND = {"wind": {"existing_kw": 1000.0, "energy_usd_per_mwh": 100.0}}


@pytest.mark.parametrize("solver", SOLVERS)
def test_g1_binding(solver: str) -> None:
    """The grid alone emits 0.5 x 155.2 = 77.6 t a quarter; with 40 t in the second, 80 MWh come from it, wind the rest.

    Without wind 77 t are not enough.
    """
    built = _powered([1e6, 40.0], sources=WIND)
    assert solve(built, solver) == pytest.approx(240_000 + (MWH - 80) * 100)
    assert infeasible(_powered([0.5 * MWH - 0.1]), solver)


@pytest.mark.parametrize("solver", SOLVERS)
def test_g1_slack(solver: str) -> None:
    """78 t a quarter are enough for the grid alone: 240,000 USD. The last figure goes on."""
    assert solve(_powered([78.0], sources=WIND), solver) == pytest.approx(240_000)
    assert solve(_powered([1e6, 78.0], sources=WIND), solver) == pytest.approx(240_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_g1_counts_leased_power(solver: str) -> None:
    """A lease of 100 kW with 400 g/kWh is all the power there is: 62.1 t a quarter, and 62 are too few."""
    lease = {"usd_per_kw_month": 0.0, "max_kw": 1000.0, "carbon_g_per_kwh": 400.0}
    none = {"grid": {"existing_kw": 0.0}}
    assert pytest.approx(62.06, abs=0.01) == 0.4 * MWH
    assert infeasible(_powered([62.0], lease=lease, sources=none), solver)
    assert solve(_powered([62.1], lease=lease, sources=none), solver) == pytest.approx(240_000)


def _launched(budget_t: float, price: float = 0.0) -> Model:
    """8 satellites of 1,000 kg at 180 kg of carbon a kilogram: 1,440 t in the first quarter, none later."""
    orbit = {"launch_usd_per_kg": 0.0, "launch_kg_per_period": 1e6, "launch_co2_kg_per_kg": 180.0}
    finance = {"carbon_budget_t": [budget_t, 0.0], "carbon_usd_per_t": price}
    changes = with_orbit(sites={"leo": {"orbit": {**orbit, "operations_share_per_year": 0.0}}})
    up = candidate("up", site="leo", system="sat", points={"b1": point()})
    return model(case(**changes, finance=finance), (up,), (offer("sat", "leo", mass_kg=1000.0),))


@pytest.mark.parametrize("solver", SOLVERS)
def test_g1_counts_launches(solver: str) -> None:
    """1,439 t launch no 8 satellites; 1,440 do: 400,000 USD, and 1,440 x 50 USD more where carbon has a price."""
    assert infeasible(_launched(1439.0), solver)
    assert solve(_launched(1440.0), solver) == pytest.approx(400_000)
    assert solve(_launched(1440.0, price=50.0), solver) == pytest.approx(472_000)
