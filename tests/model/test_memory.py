"""M2: what must be remembered fits."""

import pytest
from cases import SOLVERS, candidate, case, infeasible, model, point, solve

DRAM = {"id": "dram", "kind": "dram", "unit_gb": 1000.0, "price": {"usd_per_gb": 10.0}}
OBJECT = {"id": "object", "kind": "object", "price": {"usd_per_gb_month": 0.02}}


def _parked(gb_s: float, sockets_gb: float):
    """`gb_s` GB of idle KV for each request/s, in 500 GB bundled a server and DRAM bought into its sockets."""
    instance = case(
        memory=[DRAM],
        systems={"gpu8": {"max_added_dram_gb": sockets_gb}},
        workloads={"chat": {"idle_kv": {"mean_gap_s": 10.0, "tiers": ["dram"]}}},
    )
    return model(instance, (candidate(reuse="parked", points={"b1": point(parked_gb_s=gb_s)}),))


@pytest.mark.parametrize("solver", SOLVERS)
def test_m2_binding(solver: str) -> None:
    """15 x 400 = 6,000 GB against 8 x 500 bundled: 2 units of 1,000 GB, 2 x 500 USD x 2 quarters more."""
    assert solve(_parked(400.0, 1000.0), solver) == pytest.approx(242_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_m2_slack(solver: str) -> None:
    """15 x 100 = 1,500 GB fit in the 4,000 bundled with 8 servers: 240,000 USD."""
    assert solve(_parked(100.0, 1000.0), solver) == pytest.approx(240_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_m2_sockets_binding(solver: str) -> None:
    """Sockets take 100 GB each: 10 servers hold 5,000 + 1,000 GB, 300,000 + 1,000 USD."""
    assert solve(_parked(400.0, 100.0), solver) == pytest.approx(301_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_m2_sockets_slack(solver: str) -> None:
    """Sockets for 250 GB each are just enough for the 2,000 GB that 8 servers lack."""
    assert solve(_parked(400.0, 250.0), solver) == pytest.approx(242_000)


def _stored(retention_h: float, tiers: list[str]):
    store = {"id": "logs", "tiers": tiers, "gb_per_request": 1e-3, "retention_h": retention_h}
    return model(case(memory=[OBJECT], workloads={"chat": {"stores": [store]}}))


@pytest.mark.parametrize("solver", SOLVERS)
def test_m2_hold_binding(solver: str) -> None:
    """10/s on average x 3,600 s x 100 h x 0.001 GB = 3,600 GB at 0.06 USD a quarter: 432 USD more in two quarters."""
    assert solve(_stored(100.0, ["object"]), solver) == pytest.approx(240_432)
    assert infeasible(_stored(100.0, ["elsewhere"]), solver)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("retention_h", "gb"), [(24.0, 864.0), (12.0, 648.0)])
def test_m2_hold_stores_follow_the_mean_rate_from_a_cycle_on(solver: str, retention_h: float, gb: float) -> None:
    """A day's logs are 10/s x 24 h = 864 GB day and night; those of half a day 15/s x 12 h = 648 GB by day."""
    assert solve(_stored(retention_h, ["object"]), solver) == pytest.approx(240_000 + gb * 0.06 * 2)


@pytest.mark.parametrize("solver", SOLVERS)
def test_m2_hold_slack(solver: str) -> None:
    """Logs kept for no time need no memory: 240,000 USD."""
    assert solve(_stored(0.0, ["object"]), solver) == pytest.approx(240_000)
