"""X1: export rules by date, chip and destination."""

from typing import Any

import pytest
from builders import GPU_CHIP, tiny_instance

from fleetopt.instance.systems import Chip
from fleetopt.policy.export import licence_for, performance_density, verdict

RULE: dict[str, Any] = {
    "id": "tpp",
    "destinations": ["CN"],
    "tpp_at_least": 4800.0,
    "since": "2027q2",
    "until": "2027q3",
    "citation": "88 FR 73458",
}


def chip(**changes: Any) -> Chip:
    return Chip.model_validate(GPU_CHIP | changes)


def said(rules: list[dict[str, Any]], the_chip: Chip | None, country: str = "CN", period: int = 1, **trade: Any) -> Any:
    instance = tiny_instance(trade={"rules": rules, **trade}, time={"periods": 4})
    return verdict(the_chip, country, instance.trade, instance.time, period)


@pytest.mark.parametrize(("tpp", "allowed"), [(4799.0, "free"), (4800.0, "licence")])
def test_x1_bites_just_at_the_bound(tpp: float, allowed: str) -> None:
    """A rule at TPP >= 4800 leaves 4799 free and asks a licence for 4800."""
    assert said([RULE], chip(tpp=tpp)).allowed == allowed


@pytest.mark.parametrize(("density", "allowed"), [(5.91, "free"), (5.92, "licence"), (7.0, "free")])
def test_x1_bounds_performance_density_on_both_sides(density: float, allowed: str) -> None:
    """TPP / area must lie in [5.92, 7): with 100 mm2, TPP 591 is below, 592 inside, 700 no longer."""
    rule = {"id": "pd", "destinations": ["CN"], "density_at_least": 5.92, "density_below": 7.0}
    assert said([rule], chip(tpp=density * 100, die_area_mm2=100.0)).allowed == allowed


@pytest.mark.parametrize(("bandwidth", "allowed"), [(6499.0, "licence"), (6500.0, "free")])
def test_x1_bounds_dram_bandwidth_from_above(bandwidth: float, allowed: str) -> None:
    """A rule below 6500 GB/s bites at 6499 and not at 6500."""
    rule = {"id": "dram", "destinations": ["CN"], "dram_gb_s_below": 6500.0}
    assert said([rule], chip(dram_gb_s=bandwidth)).allowed == allowed


@pytest.mark.parametrize(("period", "allowed"), [(0, "free"), (1, "licence"), (2, "licence"), (3, "free")])
def test_x1_holds_from_its_first_to_its_last_period(period: int, allowed: str) -> None:
    """In force in 2027q2 and 2027q3 only, both ends included."""
    assert said([RULE], chip(), period=period).allowed == allowed


def test_an_unknown_tpp_needs_what_the_rule_asks_and_says_so() -> None:
    """A chip without TPP is not free, and the reason names the missing figure."""
    found = said([RULE], chip(tpp=None))
    assert found.allowed == "licence"
    assert "unknown (needs tpp)" in found.because


def test_a_missing_area_makes_density_unknown() -> None:
    """With TPP but no die area, a density bound is unknown and says which figure is missing."""
    rule = {"id": "pd", "destinations": ["CN"], "density_at_least": 5.92}
    assert "unknown (needs die_area_mm2)" in said([rule], chip(die_area_mm2=None)).because


def test_a_bound_known_to_fail_decides_whatever_is_missing() -> None:
    """TPP 100 is below 4800, so an unknown DRAM bandwidth does not matter."""
    rule = {**RULE, "dram_gb_s_below": 6500.0}
    assert said([rule], chip(tpp=100.0, dram_gb_s=None)).allowed == "free"


def test_a_chip_without_tpp_of_its_own_has_no_density() -> None:
    """TPP 0 is density 0, not unknown."""
    assert performance_density(chip(tpp=0.0, die_area_mm2=None)) == 0.0


def test_systems_without_a_chip_are_free() -> None:
    """Processors and memory racks pass every rule."""
    assert said([{"id": "all", "effect": "barred"}], None).allowed == "free"


@pytest.mark.parametrize(
    ("country", "trade", "allowed"),
    [
        ("US", {}, "free"),
        ("CN", {}, "licence"),
        ("XO", {}, "free"),
        ("XO", {"operator_country": "CN"}, "licence"),
    ],
)
def test_orbit_follows_the_operators_country(country: str, trade: dict[str, str], allowed: str) -> None:
    """A delivery to orbit is judged as one to the country where the operator is incorporated."""
    assert said([RULE], chip(), country, **trade).allowed == allowed


def test_a_rule_on_parents_reaches_every_destination() -> None:
    """A rule on parents in CN bites in the US for such an operator, and for no other."""
    rule = {"id": "parent", "parents": ["CN"], "tpp_at_least": 4800.0}
    assert said([rule], chip(), "US", parent_country="CN").allowed == "licence"
    assert said([rule], chip(), "US").allowed == "free"


def test_origin_and_named_chips_limit_a_rule() -> None:
    """A US rule leaves a Chinese chip alone; a rule that names one chip leaves the others alone."""
    assert said([RULE], chip(origin="CN")).allowed == "free"
    named = {"id": "letter", "destinations": ["CN"], "chips": ["h20"]}
    assert said([named], chip(id="h20", tpp=1.0)).allowed == "licence"
    assert said([named], chip()).allowed == "free"


def test_the_strictest_rule_wins_whatever_the_order() -> None:
    """A licence rule and a bar on the same chip: barred, in both orders."""
    bar = {"id": "bar", "destinations": ["CN"], "effect": "barred"}
    for rules in ([RULE, bar], [bar, RULE]):
        found = said(rules, chip())
        assert (found.allowed, found.rule_id) == ("barred", "bar")


def test_a_disabled_rule_does_nothing() -> None:
    """`enabled: false` takes a rule out."""
    assert said([{**RULE, "enabled": False}], chip()).allowed == "free"


def test_of_two_licences_the_cheaper_is_used() -> None:
    """Revenue share 10 % beats 15 %; one that starts later or is not assumed is not held."""
    base = {"systems": ["gpu8"], "jurisdiction": "us"}
    licences = [
        {"id": "a", "revenue_share": 0.15, **base},
        {"id": "b", "revenue_share": 0.10, **base},
        {"id": "c", "since": "2027q2", **base},
        {"id": "d", "enabled": False, **base},
    ]
    instance = tiny_instance(trade={"licences": licences})
    ids = [getattr(licence_for(instance.trade, instance.time, "gpu8", "us", t), "id", None) for t in (0, 1)]
    assert ids == ["b", "c"]
    assert licence_for(instance.trade, instance.time, "cpu", "us", 0) is None
