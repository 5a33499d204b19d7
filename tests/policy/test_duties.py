"""X3: duties and revenue shares."""

from typing import Any

import pytest
from builders import CPU_RACK, tiny_instance

from fleetopt.policy.duties import duty_rate
from fleetopt.policy.export import licence_for

DUTY: dict[str, Any] = {"id": "duty", "jurisdictions": ["us"], "rate": 0.25}


def rate(duties: list[dict[str, Any]], system: str = "gpu8", period: int = 0, **trade: Any) -> float:
    instance = tiny_instance(trade={"duties": duties, **trade}, systems={"cpu": CPU_RACK})
    licence = licence_for(instance.trade, instance.time, system, "us", period)
    return duty_rate(instance.trade, instance.time, instance.system(system), "us", period, licence)


def test_duties_add_up_with_the_licences_revenue_share() -> None:
    """25 % + 10 % duty + 15 % revenue share = 50 % of the list price."""
    licence = {"id": "l", "systems": ["gpu8"], "jurisdiction": "us", "revenue_share": 0.15}
    assert rate([DUTY, {**DUTY, "id": "two", "rate": 0.10}], licences=[licence]) == pytest.approx(0.50)


def test_a_duty_starts_with_its_first_period() -> None:
    """A duty since 2027q2 costs nothing in period 0 and 25 % in period 1."""
    duty = {**DUTY, "since": "2027q2"}
    assert (rate([duty]), rate([duty], period=1)) == (0.0, 0.25)


def test_a_duty_and_a_licence_end_with_their_last_period() -> None:
    """A duty of 25 % and a licence with 15 %, both until 2027q1, cost 40 % in period 0 and nothing in period 1."""
    licence = {"id": "l", "systems": ["gpu8"], "jurisdiction": "us", "revenue_share": 0.15, "until": "2027q1"}
    duty = {**DUTY, "until": "2027q1"}
    rates = [rate([duty], period=t, licences=[licence]) for t in (0, 1)]
    assert rates == pytest.approx([0.40, 0.0])


def test_a_duty_by_origin_spares_other_origins_and_systems_without_chips() -> None:
    """A duty on US chips falls on the server and not on the CPU rack; one on Chinese chips on neither."""
    us, cn = {**DUTY, "origins": ["US"]}, {**DUTY, "origins": ["CN"]}
    assert [rate([us]), rate([us], "cpu"), rate([cn])] == [0.25, 0.0, 0.0]


def test_a_duty_by_system_or_destination_spares_the_others() -> None:
    """Named systems and jurisdictions only; a disabled duty is nothing."""
    assert rate([{**DUTY, "systems": ["cpu"]}]) == 0.0
    assert rate([{**DUTY, "systems": ["cpu"]}], "cpu") == 0.25
    assert rate([{**DUTY, "jurisdictions": ["eu"]}]) == 0.0
    assert rate([{**DUTY, "enabled": False}]) == 0.0
