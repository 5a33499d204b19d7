"""What binds: limits taken in full, lumps that leave no room for one more, and nothing else."""

from typing import Any

from cases import candidate, case, model, offer
from planned import everything, planned

from fleetopt.solve.binding import Binding, binding
from fleetopt.solve.marginal import held_lp


def bound(**changes: Any) -> dict[tuple[str, tuple[str, ...]], Binding]:
    """What binds where 8 units of 10 kW (12.5 with cooling) serve 15/s by day, by equation and index."""
    made = planned(model(case(**changes), (candidate(),), (offer(),)))
    return {(b.equation, b.index): b for b in binding(held_lp(*made))}


def test_nothing_binds_where_there_is_room() -> None:
    """1 MW of power for 100 kW, and 7.5 of 8 units busy: no limit is near."""
    assert bound() == {}


def test_supply_taken_in_full_binds_in_its_period() -> None:
    """All 8 come in the first quarter, which supplies 8; of the 5 of the second none is taken."""
    found = bound(supply={"limits": [{"id": "cap", "vendor": "acme", "units_per_period": [8.0, 5.0]}]})
    assert set(found) == {("B1", ("cap",))}
    assert found["B1", ("cap",)].periods == ("2027q1",) and found["B1", ("cap",)].full


def test_less_than_one_more_unit_is_no_room() -> None:
    """8 x 12.5 = 100 kW on 110: the 10 left are less than a ninth needs; on 113 it would fit."""
    power = {"sources": {"grid": {"existing_kw": 110.0}}}
    found = bound(sites={"virginia": {"power": power}})
    assert found["P1", ("virginia",)].periods == ("2027q1", "2027q2") and not found["P1", ("virginia",)].full
    roomy = {"sources": {"grid": {"existing_kw": 113.0}}}
    assert ("P1", ("virginia",)) not in bound(sites={"virginia": {"power": roomy}})


def test_slots_and_power_in_full() -> None:
    """8 slots for 8 units, 100 kW for 100: both are taken in full, in both quarters."""
    found = bound(sites={"virginia": {"space": {"slots": 8}, "power": {"sources": {"grid": {"existing_kw": 100.0}}}}})
    assert found["S1", ("virginia",)].full and found["P1", ("virginia",)].full


def test_a_limit_from_below_binds_too() -> None:
    """10 at least, and 10 there are."""
    found = bound(policy={"limits": [{"id": "home", "at_least": 10.0}]})
    assert found["G2", ("home", "at_least")].full


def test_a_rich_plan_is_told_once_by_equation_and_place() -> None:
    """Each (equation, index, state) stands once, with periods in order, and what binds has words."""
    made = everything()
    found = binding(held_lp(*made))
    assert found and len({(b.equation, b.index, b.full) for b in found}) == len(found)
    order = made[0].context.sets.periods
    assert all(b.says and list(b.periods) == sorted(b.periods, key=order.index) for b in found)
