"""B6: how much of the business one vendor may have."""

import pytest
from cases import SOLVERS, candidate, case, infeasible, model, offer, point, solve

OTHER = {"id": "dear8", "vendor": "other", "kind": "server", "chips": 8, "power_kw": 10.0}
OTHER |= {"price": {"buy_usd": 600_000.0}}
"""A server as good as gpu8 at twice the price: 30,000 USD a quarter."""


def _shared(shares: dict[str, float], **changes):
    instance = case(systems={"dear8": OTHER}, supply={"max_vendor_share": shares}, **changes)
    return model(instance, (candidate(), candidate("dear", system="dear8")), (offer(), offer("dear8")))


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("share", "cost"), [(1.0, 240_000), (0.7, 300_000), (0.5, 330_000), (0.0, 480_000)])
def test_b6_binding_and_slack(solver: str, share: float, cost: float) -> None:
    """Of 8 units, n of acme's at 0.3 M$ are 0.3n / (0.3n + 0.6(8 - n)) of what is spent: at most 0.7 for n = 6, at
    most 0.5 for n = 5 (0.45), none for 0: n x 30,000 + (8 - n) x 60,000 USD."""
    assert solve(_shared({"acme": share}), solver) == pytest.approx(cost)


@pytest.mark.parametrize("solver", SOLVERS)
def test_b6_both_vendors(solver: str) -> None:
    """Shares of 0.6 and 0.6 need between 0.4 and 0.6 of the spending with each: 6 and 2 are 0.6 and 0.4, rightly."""
    assert solve(_shared({"acme": 0.6, "other": 0.6}), solver) == pytest.approx(6 * 30_000 + 2 * 60_000)
    assert infeasible(_shared({"acme": 0.5, "other": 0.4}), solver)


@pytest.mark.parametrize("solver", SOLVERS)
def test_b6_rents_count(solver: str) -> None:
    """7.5 rented units of one vendor alone are all of the spending, so a share below 1 leaves no plan."""
    rent = {"usd_per_h": 10.0}
    for share, cost in ((1.0, 7.5 * 10 * 2191.5 * 2), (0.99, None)):
        instance = case(systems={"gpu8": {"rent": rent}}, supply={"max_vendor_share": {"acme": share}})
        built = model(instance, (candidate(),), (offer(buy=(), rent_periods=(0, 1)),))
        assert infeasible(built, solver) if cost is None else solve(built, solver) == pytest.approx(cost)


@pytest.mark.parametrize("solver", SOLVERS)
def test_b6_holds_over_the_horizon_not_by_period(solver: str) -> None:
    """Demand grows from 1 unit's to 2 units': half of the spending may go to acme, though its unit comes alone first.

    Acme's unit at 0.6 M$ serves both quarters (60,000 USD), the other at the same price the second (30,000 USD).
    """
    table = [
        {"period": t, "slice": "day", "region": "east", "rate_per_s": rate}
        for t, rate in (("2027q1", 2.0), ("2027q2", 4.0))
    ]
    instance = case(
        systems={"gpu8": {"price": {"buy_usd": 600_000.0}}, "dear8": OTHER},
        supply={"max_vendor_share": {"acme": 0.5, "other": 0.5}},
        workloads={"chat": {"demand": {"regions": [], "table": table}}},
    )
    columns = (candidate(), candidate("dear", system="dear8", points={"b1": point(rate=2.0)}))
    assert solve(model(instance, columns, (offer(), offer("dear8"))), solver) == pytest.approx(90_000)
