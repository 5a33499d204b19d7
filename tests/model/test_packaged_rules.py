"""The packaged export rules in a plan: hand-solved costs with and without them, and with licences on terms."""

from typing import Any

import pytest
from cases import SOLVERS, candidate, case, merge, model, solve
from hypothesis import given, settings
from hypothesis import strategies as st
from test_supply import DEAR

from fleetopt.candidates.offers import offers
from fleetopt.model.build import Model

H200 = {"vendor": "NVIDIA", "name": "H200", "tpp": 15832.0, "die_area_mm2": 814.0, "dram_gb_s": 4800.0}
DEAL = {"id": "deal", "systems": ["gpu8"], "jurisdiction": "us"}
RULES = [
    "us-2023-requirement-d5",
    "us-2023-requirement-headquarters",
    "us-2023-requirement-d1-d4",
    "us-2026-duty-band-1",
]


def plan(chip: dict[str, Any] | None = None, country: str = "CN", **trade: Any) -> Model:
    """8 servers are needed: of H200 at 30,000 USD for the two quarters, or of a domestic maker at 60,000."""
    changes: dict[str, Any] = {
        "jurisdictions": {"us": {"country": country}},
        "trade": {"operator_country": country, "parent_country": country, "regulation": {}, **trade},
        "systems": {"dear8": DEAR, "gpu8": {"chip": {**H200, **(chip or {})}}},
    }
    instance = case(**merge({}, changes))
    return model(instance, (candidate(), candidate("dear", system="dear8")), offers(instance).offers)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(
    ("trade", "cost"),
    [
        ({"regulation": {"enabled": False}}, 240_000),
        ({"licences": [DEAL]}, 300_000),
        ({"licences": [DEAL], "regulation": {"without": ["us-2026-duty-band-1"]}}, 240_000),
        ({"licences": [DEAL], "regulation": {"denial": "barred"}}, 300_000),
        ({"licences": [DEAL], "regulation": {"route": "re-export"}}, 240_000),
        ({"licences": [DEAL], "regulation": {"route": "re-export", "denial": "barred"}}, 480_000),
        ({"licences": [{**DEAL, "max_units": 5}]}, 367_500),
        ({"licences": [{**DEAL, "max_units": 100}]}, 300_000),
        ({"licences": [{**DEAL, "since": "2027q2"}]}, 480_000),
        ({"licences": [{**DEAL, "revenue_share": 0.15}]}, 336_000),
        ({}, 480_000),
        ({"rules": [{"id": "ours", "chips": ["gpu"], "effect": "allowed"}]}, 240_000),
    ],
)
def test_x1_and_x3_binding_and_slack(solver: str, trade: dict[str, Any], cost: float) -> None:
    """8 x 30,000 without rules; under a licence 25 % duty, 37,500 each, 42,000 with a share of 15 % on top; one for 5
    leaves 3 to the maker at 60,000; without one, from too late, or against denial as written, all 8 cost 60,000. A
    re-export under a licence never enters the US and pays no duty."""
    assert solve(plan(**trade), solver) == pytest.approx(cost)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(
    ("chip", "country", "cost"),
    [
        ({"tpp": 4799.0, "die_area_mm2": 3000.0}, "CN", 240_000),
        ({"tpp": 4800.0, "die_area_mm2": 3000.0}, "CN", 480_000),
        ({"tpp": 4799.0, "die_area_mm2": 700.0}, "CN", 480_000),
        ({"tpp": 4799.0, "die_area_mm2": 2000.0}, "CN", 240_000),
        ({"name": "NVIDIA H20", "tpp": 2368.0}, "CN", 480_000),
        ({}, "AE", 480_000),
        ({}, "NO", 240_000),
        ({"origin": "CN"}, "CN", 240_000),
    ],
)
def test_x1_just_passes_and_just_fails(solver: str, chip: dict[str, Any], country: str, cost: float) -> None:
    """Without a licence: TPP 4,799 on 3,000 mm2 (1.5997 a mm2) is free and 4,800 is not; on 700 mm2 it is 3A090.a by
    density; on 2,000 mm2 3A090.b, which may go after notice; a letter holds H20; the Emirates ask, Norway does not."""
    assert solve(plan(chip, country), solver) == pytest.approx(cost)


@settings(max_examples=15)
@given(
    st.sets(st.sampled_from(RULES)),
    st.sampled_from(RULES),
    st.sampled_from([None, 3, 8]),
    st.sampled_from(["CN", "AE", "MY"]),
    st.booleans(),
)
def test_a_looser_rule_never_costs_more(
    without: set[str], gone: str, cap: int | None, country: str, held: bool
) -> None:
    """Whatever is in force, one rule less, a licence more and a wider cap never make the plan dearer."""
    licence = [{**DEAL, "max_units": cap}] if held else []
    rules = sorted(without)
    cost = solve(plan(country=country, licences=licence, regulation={"without": rules}), "highs")
    looser = [
        plan(country=country, licences=licence, regulation={"without": sorted({*without, gone})}),
        plan(country=country, licences=[DEAL], regulation={"without": rules}),
        plan(country=country, licences=licence, regulation={"enabled": False}),
    ]
    for one in looser:
        assert solve(one, "highs") <= cost + 1e-6
