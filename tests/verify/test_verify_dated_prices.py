"""Plans with prices by date are verified, and a price of the wrong date is caught."""

from typing import Any

import pytest
from builders import merge, tiny_instance

from fleetopt.pipeline.options import SolveOptions
from fleetopt.pipeline.story import solve
from fleetopt.verify import verify_plan

CHANGES: dict[str, Any] = {
    "systems": {
        "gpu8": {
            "price": {"network_share": 0.1, "by_date": [{"since": "2027q2", "buy_usd": 200_000.0}]},
            "maintenance_share_per_year": 0.05,
            "max_added_dram_gb": 1000.0,
        }
    },
    "finance": {"capital_budget_usd": [1e8]},
    "trade": {"duties": [{"id": "duty", "jurisdictions": ["us"], "rate": 0.1}]},
    "memory": [
        {
            "id": "flash",
            "kind": "nvme",
            "unit_gb": 100.0,
            "price": {"usd_per_gb": 1.0, "by_date": [{"since": "2027q2", "usd_per_gb": 2.0}]},
            "maintenance_share_per_year": 0.02,
        }
    ],
    "workloads": {
        "chat": {
            "demand": {"scale": 40.0, "period_factors": [0.5, 1.0]},
            "stores": [{"id": "logs", "tiers": ["flash"], "gb_per_request": 0.001, "retention_h": 100.0}],
        }
    },
}


@pytest.fixture(scope="module")
def plan() -> Any:
    """The plan of an instance whose prices change in the second quarter; `solve` verifies it already."""
    return solve(tiny_instance(**CHANGES), SolveOptions(gap=0.0)).plan


def test_each_line_has_the_price_of_its_delivery(plan: Any) -> None:
    """330,000 USD with network first and 220,000 after; flash at 100 and 200 USD a unit of 100 GB."""
    assert {p.period: p.unit_price_usd for p in plan.purchases} == pytest.approx({"2027q1": 330_000, "2027q2": 220_000})
    assert {m.period: m.unit_price_usd for m in plan.memory_purchases} == pytest.approx({"2027q1": 100, "2027q2": 200})
    assert all(p.duty_usd == pytest.approx(p.cost_usd / 1.1 * 0.1) for p in plan.purchases)


@pytest.mark.parametrize(
    ("change", "ids"),
    [
        ({"systems": {"gpu8": {"price": {"by_date": []}}}}, {"F2", "X3", "objective"}),
        ({"memory": {"flash": {"price": {"by_date": []}}}}, {"F2", "objective"}),
    ],
)
def test_a_price_of_the_wrong_date_is_caught(plan: Any, change: dict[str, Any], ids: set[str]) -> None:
    """Without the second price the same plan fails on its lines, its duties and its cost lines."""
    report = verify_plan(tiny_instance(**merge(CHANGES, change)), plan.as_dict())
    assert ids <= {failure.split()[0] for failure in report.failures}
