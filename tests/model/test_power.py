"""P1, P2: firm power for what is installed, energy for what runs."""

import pytest
from cases import SOLVERS, candidate, case, infeasible, model, offer, point, solve


def _site(**power):
    return {"virginia": {"power": power}}


def _grid(**fields):
    return _site(sources={"grid": fields})


@pytest.mark.parametrize("solver", SOLVERS)
def test_p1_binding(solver: str) -> None:
    """8 units x 10 kW x 1.25 = 100 kW against 80: one block of 50 kW, 50,000 USD over 60 quarters, for two."""
    built = model(case(sites=_grid(existing_kw=80.0, max_new_kw=1000.0, block_kw=50.0, capex_usd_per_kw=1000.0)))
    assert solve(built, solver) == pytest.approx(240_000 + 2 * 50_000 / 60)
    assert infeasible(model(case(sites=_grid(existing_kw=99.0))), solver)


@pytest.mark.parametrize("solver", SOLVERS)
def test_p1_slack(solver: str) -> None:
    """With 100 kW the 8 units just fit: 240,000 USD."""
    assert solve(model(case(sites=_grid(existing_kw=100.0))), solver) == pytest.approx(240_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_p2_binding(solver: str) -> None:
    """Day (0.3 x 8 + 0.7 x 7.5) x 10 = 76.5 kW, night 41.5 kW; mean 59 x PUE 1.2 x 2,191.5 h x 60 USD/MWh a quarter."""
    quarter = 59 * 1.2 * 2191.5 / 1000 * 60
    built = model(case(sites=_grid(energy_usd_per_mwh=60.0)))
    assert solve(built, solver) == pytest.approx(240_000 + 2 * quarter)


@pytest.mark.parametrize("solver", SOLVERS)
def test_p2_slack(solver: str) -> None:
    """Free energy costs nothing however much is drawn."""
    assert solve(model(case()), solver) == pytest.approx(240_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_p2_source_binding(solver: str) -> None:
    """The grid gives 50 kW on average; by day 91.8 - 50 = 41.8 kW come from gas at twice the price."""
    sources = [
        {"id": "grid", "existing_kw": 1000.0, "energy_share": 0.05, "energy_usd_per_mwh": 60.0},
        {"id": "gas", "existing_kw": 1000.0, "energy_usd_per_mwh": 120.0},
    ]
    hours = 2191.5 / 2
    day, night = (50 * 60 + 41.8 * 120) / 1000 * hours, 49.8 * 60 / 1000 * hours
    assert solve(model(case(sites=_site(sources=sources))), solver) == pytest.approx(240_000 + 2 * (day + night))


@pytest.mark.parametrize("solver", SOLVERS)
def test_p2_source_slack(solver: str) -> None:
    """A grid that gives all it has leaves the dearer gas idle."""
    sources = [
        {"id": "grid", "existing_kw": 1000.0, "energy_usd_per_mwh": 60.0},
        {"id": "gas", "existing_kw": 1000.0, "energy_usd_per_mwh": 120.0},
    ]
    built = model(case(sites=_site(sources=sources)))
    assert solve(built, solver) == pytest.approx(240_000 + 2 * 59 * 1.2 * 2191.5 / 1000 * 60)


@pytest.mark.parametrize("solver", SOLVERS)
def test_p2_build_binding(solver: str) -> None:
    """Two blocks of 50 kW are needed for 100 kW and only one may be built."""
    grid = {"existing_kw": 0.0, "block_kw": 50.0, "max_new_kw": 99.0}
    assert infeasible(model(case(sites=_grid(**grid))), solver)


@pytest.mark.parametrize("solver", SOLVERS)
def test_p2_build_slack(solver: str) -> None:
    """Where two blocks may be built they are, for nothing here: 240,000 USD."""
    grid = {"existing_kw": 0.0, "block_kw": 50.0, "max_new_kw": 100.0}
    assert solve(model(case(sites=_grid(**grid))), solver) == pytest.approx(240_000)


def _short_lived(life_years: float, **fields):
    return model(case(sites=_grid(existing_kw=80.0, block_kw=50.0, life_years=life_years, **fields)))


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("life_years", "cost"), [(0.25, 340_000), (0.5, 290_000)])
def test_p1_blocks_serve_for_their_life(solver: str, life_years: float, cost: float) -> None:
    """A block of 50,000 USD that lives a quarter is needed twice, 240,000 + 2 x 50,000; one that lives two, once."""
    assert solve(_short_lived(life_years, max_new_kw=100.0, capex_usd_per_kw=1000.0), solver) == pytest.approx(cost)


@pytest.mark.parametrize("solver", SOLVERS)
def test_p2_build_counts_every_block_ever_built(solver: str) -> None:
    """With 50 kW in all the site cannot renew its block of one quarter's life."""
    assert infeasible(_short_lived(0.25, max_new_kw=50.0), solver)


@pytest.mark.parametrize("solver", SOLVERS)
def test_blocks_cost_their_upkeep_for_their_life_only(solver: str) -> None:
    """80 kW existing and one block of 50 kW at a time, 10 USD a kW and quarter: 2 x 130 x 10 = 2,600 USD more."""
    built = _short_lived(0.25, max_new_kw=100.0, fixed_usd_per_kw_year=40.0)
    assert solve(built, solver) == pytest.approx(242_600)


def _leased(max_kw: float):
    lease = {"usd_per_kw_month": 10.0, "max_kw": max_kw}
    return model(case(sites=_site(sources={"grid": {"existing_kw": 80.0}}, lease=lease)))


@pytest.mark.parametrize("solver", SOLVERS)
def test_p2_lease_binding(solver: str) -> None:
    """20 kW are missing; an offer of 19 does not do."""
    assert infeasible(_leased(19.0), solver)


@pytest.mark.parametrize("solver", SOLVERS)
def test_p2_lease_slack(solver: str) -> None:
    """20 kW at 10 USD a month for 6 months: 1,200 USD more, whatever more is on offer."""
    assert solve(_leased(500.0), solver) == pytest.approx(241_200)


def _loaded(rate: float = 4.9, rent: int = 0, **fields):
    """Replicas of two units counted whole, at 60 USD/MWh; `rent` units of the rental offer at 1 USD/h are there too."""
    system = {"rent": {"usd_per_h": 1.0, "max_units": rent}} if rent else {}
    instance = case(sites=_grid(energy_usd_per_mwh=60.0), systems={"gpu8": system})
    pair = candidate(units=2.0, whole=True, points={"b1": point(rate=rate)}, **fields)
    return model(instance, (pair,), (offer(rent_periods=(0, 1) if rent else ()),))


@pytest.mark.parametrize("solver", SOLVERS)
def test_p2_running_binding(solver: str) -> None:
    """Four replicas of two units stay loaded: idle 0.3 x 80 = 24 kW; 15/4.9 x 2 units work by day, 5/4.9 x 2 by night.

    0.7 x 10 kW x (6.122 + 2.041) / 2 = 28.57 kW on average, at PUE 1.2 and 60 USD/MWh. Loaded replicas without work
    draw idle power: at full power 24 + 56 = 80 kW would be paid day and night.
    """
    work = 0.7 * 10 * (15 / 4.9 * 2 + 5 / 4.9 * 2) / 2
    quarter = (24 + work) * 1.2 * 2191.5 / 1000 * 60
    assert solve(_loaded(), solver) == pytest.approx(240_000 + 2 * quarter)


@pytest.mark.parametrize("solver", SOLVERS)
def test_p2_running_slack(solver: str) -> None:
    """With all units rented nothing is drawn: 8 x 4,383 h x 1 USD."""
    assert solve(_loaded(rent=8), solver) == pytest.approx(8 * 4383.0)


@pytest.mark.parametrize("solver", SOLVERS)
def test_p2_running_counts_rented_units_first(solver: str) -> None:
    """Four of 8 units rented: of 6.122 by day 2.122 run on our own, by night none; 4 owned idle at 12 kW.

    4 x 30,000 + 4 x 4,383 USD, and (12 + 0.7 x 10 x 2.122 / 2) kW x 1.2 at 60 USD/MWh.
    """
    work = 0.7 * 10 * (15 / 4.9 * 2 - 4) / 2
    quarter = (12 + work) * 1.2 * 2191.5 / 1000 * 60
    assert solve(_loaded(rent=4), solver) == pytest.approx(120_000 + 4 * 4383.0 + 2 * quarter)
