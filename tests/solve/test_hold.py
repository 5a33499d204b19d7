"""A planner's plan held in the model, and every reason for which something cannot be had."""

from typing import Any

import pytest
from builders import SATELLITE, tiny_instance, with_orbit

from fleetopt.candidates.enumerate import candidates
from fleetopt.candidates.offers import offers
from fleetopt.errors import InputError
from fleetopt.instance.located import Place
from fleetopt.model.build import Model, build
from fleetopt.solve.hold import Held, hold
from fleetopt.solve.matrix import matrix_of
from fleetopt.solve.own_plan import OwnPlan, Wish

MEASURES = {"systems": "units", "memory": "gb", "power": "power_kw", "sites": "", "retirements": "units"}
GRID = {"id": "grid", "existing_kw": 100.0, "block_kw": 50.0, "max_new_kw": 200.0, "lead_months": 3.0}
LEASE = {"usd_per_kw_month": 100.0, "max_kw": 80.0, "lead_months": 3.0}
NVME = {"id": "nvme", "kind": "nvme", "unit_gb": 1000.0, "price": {"usd_per_gb": 0.5}, "lead_months": 3.0}
TEXAS = {"jurisdiction": "us", "opening": {"cost_usd": 1e6, "lead_months": 3.0}}
OLD = {"id": "old", "system": "gpu8", "site": "virginia", "units": 6, "in_service": "2025q1", "end_of_life": "2027q2"}


def wish(kind: str, item: str, amount: float = 1.0, period: str = "2027q2", **fields: Any) -> Wish:
    base = {
        "kind": kind, "period": period, "site": "virginia", "item": item, "amount": amount,
        "measure": MEASURES[kind], "rental": "", "acquisition": "buy", "cohort": "", "place": Place("plan.csv", 2),
    }  # fmt: skip
    return Wish(**{**base, **fields})


def held(*wishes: Wish, **changes: Any) -> tuple[Model, Held]:
    """The wishes held in the model of a tiny instance with something of every kind."""
    base: dict[str, Any] = {
        "systems": {"gpu8": {"resale": {"first_share": 0.5}}},
        "memory": [NVME],
        "sites": {"virginia": {"power": {"sources": [GRID], "lease": LEASE}}, "texas": TEXAS},
        "fleet": [OLD],
    }
    instance = tiny_instance(**{**base, **changes})
    offered = offers(instance)
    model = build(instance, candidates(instance, offered), offered.offers)
    kinds = frozenset({"systems", *(w.kind for w in wishes)})
    return model, hold(model, OwnPlan(wishes, kinds), offered.rejections)


def refusal(*wishes: Wish, **changes: Any) -> str:
    with pytest.raises(InputError) as caught:
        held(*wishes, **changes)
    return "\n".join(str(issue) for issue in caught.value.issues)


def test_each_kind_finds_its_columns_in_the_models_units() -> None:
    """3 servers, 2 TB, 100 kW in 2 blocks, 40 kW leased, a site, 2 old servers: the columns and amounts by hand."""
    _, found = held(
        wish("systems", "gpu8", 3.0),
        wish("memory", "nvme", 2000.0),
        wish("power", "grid", 100.0),
        wish("power", "lease", 40.0),
        wish("sites", "", site="texas"),
        wish("retirements", "gpu8", 2.0, cohort="old"),
    )
    assert dict(found.amounts) == {
        ("buy", ("gpu8", "virginia", 1)): 3.0,
        ("mem", ("nvme", "virginia", 1)): 2,
        ("build", ("grid", "virginia", 1)): 2,
        ("lease", ("virginia", 1)): 0.04,
        ("open", ("texas", 1)): 1.0,
        ("retire", ("gpu8", "virginia", "old", 1)): 2.0,
    }
    assert found.families == {"buy", "rent", "contract", "mem", "build", "lease", "sign", "open", "retire"}


def test_rows_of_the_same_thing_add_up_and_the_rest_is_held_at_nought() -> None:
    """Two rows of 3 are 6; every other purchase is fixed at 0, and what is not told of stays free."""
    model, found = held(wish("systems", "gpu8", 3.0), wish("systems", "gpu8", 3.0))
    matrix = matrix_of(model.problem)
    fixed = found.fixed(model, matrix)
    for index, column in model.context.var.buy.items():
        at = fixed.index[column.name]
        want = 6.0 if index == ("gpu8", "virginia", 1) else 0.0
        assert (fixed.lower[at], fixed.upper[at], bool(fixed.integer[at])) == (want, want, False)
    free = fixed.index[model.context.var.mem["nvme", "virginia", 1].name]
    assert fixed.upper[free] == float("inf")


@pytest.mark.parametrize(
    "change, why",
    [
        ({"systems": {"gpu8": {"lead_months": 4.0}}}, "with a lead of 4 months nothing arrives before 2027q3 (B2)"),
        ({"systems": {"gpu8": {"available_from": "2028q1"}}}, "it is on the market from 2028q1 (B2)"),
        ({"systems": {"gpu8": {"enabled": False}}}, "the system is not enabled (enabled)"),
        ({"systems": {"gpu8": {"buyable": False}}}, "it is not sold (not buyable, or without a price) (B7)"),
    ],
)
def test_systems_that_cannot_be_had_are_named_with_the_reason(change: Any, why: str) -> None:
    """Lead time, market date, switched off, not sold: the rule and what it says."""
    found = refusal(wish("systems", "gpu8"), **{"fleet": [], **change})
    assert found.startswith(f"plan.csv:2: gpu8: cannot be had at virginia in 2027q2: {why}; try ")


def test_export_rules_and_licences_are_named() -> None:
    """A rule that bars, and one that asks for a licence nobody assumes: X1 with the rule's id."""
    for effect, words in (("barred", "far bars it"), ("licence", "far asks for a licence and none is assumed")):
        trade = {"rules": [{"id": "far", "destinations": ["CN"], "effect": effect}]}
        found = refusal(wish("systems", "gpu8"), trade=trade, jurisdictions=[{"id": "us", "country": "CN"}])
        assert words in found and "(X1)" in found


def test_places_and_contracts_that_do_not_fit() -> None:
    """A satellite on the ground, a rental nobody offers, a site before it can open: each by its rule, all at once."""
    found = refusal(
        wish("systems", "sat"),
        wish("systems", "gpu8", acquisition="rent"),
        wish("systems", "gpu8", site="texas", period="2027q1"),
        **with_orbit(systems={"sat": SATELLITE}, sites={"texas": TEXAS}),
    )
    assert "(O1)" in found and "nobody rents it out (B7)" in found
    assert "the site cannot be open before 2027q2 (S2); try a period from 2027q2 to 2027q2" in found


@pytest.mark.parametrize(
    "asked, message",
    [
        (wish("memory", "nvme", 1500.0), "1500 is not a whole number of units: a unit is 1000 GB"),
        (wish("memory", "nvme", 1000.0, "2027q1"), "its lead is 3 months (B2)"),
        (wish("power", "grid", 60.0), "60 is not a whole number of units: a block is 50 kW"),
        (wish("power", "grid", 50.0, "2027q1"), "first power is in 2027q2 (P2)"),
        (wish("power", "lease", 50.0, "2027q1"), "its lead (P2)"),
        (wish("power", "lease", 5.0, measure="blocks"), "a lease comes by the kW"),
        (wish("sites", ""), "is open already"),
        (wish("sites", "", site="texas", period="2027q1"), "cannot be open in 2027q1 (S2)"),
        (wish("retirements", "gpu8", cohort="older"), "no units of cohort 'older' can be retired"),
        (wish("retirements", "gpu8", 7.0, cohort="old"), "7 units of cohort 'old' are retired in all, and it has 6"),
    ],
)
def test_what_else_cannot_be_had(asked: Wish, message: str) -> None:
    """Part units and blocks, leads, sites that are open, cohorts that are not there: refused in words."""
    assert message in refusal(asked)


def test_nought_and_memory_rented_are_not_held() -> None:
    """A row of nought asks for nothing, wherever; memory rented by the month follows what is stored."""
    rented = wish("memory", "nvme", 5.0, acquisition="rent")
    _, found = held(wish("systems", "gpu8", 0.0, "2027q1"), rented)
    assert found.amounts == {}


@pytest.mark.parametrize(
    ("orbit", "why"),
    [
        ({"launch_lead_months": 6}, "with a lead of 6 months nothing arrives before 2027q3 (B2)"),
        ({"available_from": "2028q1"}, "nothing is launched there before 2028q1 (B2)"),
    ],
)
def test_satellites_that_cannot_be_up_yet_are_named_with_the_reason(orbit: Any, why: str) -> None:
    """A satellite held for a period before its launch is refused with the lead, or the first launch."""
    found = refusal(wish("systems", "sat", site="leo"), **with_orbit(sites={"leo": {"orbit": orbit}}))
    assert found.startswith(f"plan.csv:2: sat: cannot be had at leo in 2027q2: {why}; try ")
