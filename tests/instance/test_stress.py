"""The stress section: what it does to every other figure, and that nothing of it is left to apply twice."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from builders import SATELLITE, tiny_instance, tiny_raw, with_orbit

from fleetopt.errors import InputError
from fleetopt.instance.dump import dump_resolved
from fleetopt.instance.load import load_dict, load_resolved
from fleetopt.instance.schema import Instance
from fleetopt.instance.stress import Stress
from fleetopt.instance.stressed import stressed
from fleetopt.pipeline import SolveOptions, solve

GRID = {"id": "grid", "existing_kw": 100.0, "block_kw": 50.0, "max_new_kw": 200.0, "lead_months": 3.0}
RENTED: dict[str, Any] = {"rent": {"usd_per_h": 9.0}, "rental_classes": [{"id": "spot", "usd_per_h": 5.0}]}
HELD: dict[str, Any] = {"system": "gpu8", "site": "virginia", "units": 2}


def under(**stress: Any) -> Instance:
    """A tiny instance with something of everything that a stress touches, under this stress."""
    base = tiny_instance(
        **with_orbit(
            systems={
                "gpu8": {"lead_months": 3.0, "failures_per_year": 0.3, "available_from": "2027q1", **RENTED},
                "sat": {**SATELLITE, "chip": {**SATELLITE["chip"], "vendor": "acme"}},
            },
            memory=[
                {"id": "dram", "kind": "dram", "price": {"usd_per_gb": 10.0, "scale": 1.5}},
                {"id": "nvme", "kind": "nvme", "price": {"usd_per_gb": 0.5}, "lead_months": 3.0},
                {"id": "object", "kind": "object", "price": {"usd_per_gb_month": 0.02}},
            ],
            sites={
                "virginia": {"power": {"sources": [GRID], "lease": {"usd_per_kw_month": 1.0, "max_kw": 9.0}}},
                "texas": {"jurisdiction": "us", "opening": {"cost_usd": 1e6, "earliest": "2027q2"}},
            },
            fleet=[
                {"id": "old", **HELD, "in_service": "2026q4", "end_of_life": "2027q2"},
                {"id": "due", **HELD, "in_service": "2027q1", "end_of_life": "2027q2"},
                {"id": "late", **HELD, "in_service": "2027q2", "end_of_life": "2027q2"},
            ],
            supply={"limits": [{"id": "few", "vendor": "acme", "units_per_period": [5.0, 9.0]}]},
            workloads={"chat": {"demand": {"scale": 2.0}}},
            stress=stress,
        )
    )
    return stressed(base)[0]


def test_nothing_said_changes_nothing() -> None:
    """Without a stress the instance is the same object, and resolved.yaml does not speak of it."""
    plain = tiny_instance()
    assert stressed(plain) == (plain, ()) and stressed(plain)[0] is plain
    assert "stress" not in dump_resolved(plain)


def test_demand_is_scaled_on_top_of_its_own_scale() -> None:
    """A scale of 2 under a stress of 1.3 is 2.6."""
    assert under(demand_scale=1.3).workload("chat").demand.scale == pytest.approx(2.6)


def test_training_is_not_scaled() -> None:
    """A run has an amount of work, not arrivals."""
    run = {"kind": "training", "model": "small", "training": {"tokens": 1e9, "start": "2027q1", "deadline": "2027q2"}}
    found = stressed(tiny_instance(workloads={"run": run}, stress={"demand_scale": 2.0}))[0]
    assert found.workload("run") == tiny_instance(workloads={"run": run}).workload("run")


def test_late_deliveries_delay_all_that_is_not_there() -> None:
    """A quarter: leads and market dates later; orders due within the horizon later, or never where they would be over;
    what is there stays; supply of 5 then 9 becomes 0, 5, then 9; rented memory and power do not come from vendors.
    """
    found = under(deliveries_late_months=3.0)
    assert (found.system("gpu8").lead_months, found.system("gpu8").available_from) == (6.0, "2027q2")
    assert [found.tier(i).lead_months for i in ("dram", "nvme", "object")] == [3.0, 6.0, 0.0]
    assert [(h.in_service, h.enabled) for h in found.fleet] == [("2026q4", True), ("2027q2", True), ("2027q2", False)]
    assert found.supply.limits[0].units_per_period == (0.0, 5.0, 9.0)
    assert found.site("virginia").power == under().site("virginia").power


def test_late_power_delays_one_site() -> None:
    """A year: sources, lease and opening of that site, its earliest opening too; other sites as they were."""
    found = under(power_late_months={"virginia": 12.0, "texas": 12.0})
    power, opening = found.site("virginia").power, found.site("texas").opening
    assert power.sources[0].lead_months == 15.0 and power.lease is not None and power.lease.lead_months == 12.0
    assert opening is not None and (opening.lead_months, opening.earliest) == (12.0, "2028q2")
    assert under(power_late_months={"texas": 12.0}).site("virginia") == under().site("virginia")


def test_failures_dram_and_vendors() -> None:
    """0.3 failures a year times 5 are capped at 1; DRAM at 1.5 doubles to 3, flash stays; a vendor takes with it the
    systems made of its chips, and every way to rent them.
    """
    found = under(failures_scale=5.0, dram_price_scale=2.0, vendors_out=["acme"])
    assert found.system("gpu8").failures_per_year == 1.0
    assert [found.tier(i).price.scale for i in ("dram", "nvme")] == [3.0, 1.0]
    assert [(s.buyable, s.rentals) for s in found.systems] == [(False, {}), (False, {})]
    assert all(s.buyable and len(s.rentals) == 2 for s in under(vendors_out=["orbitco"]).systems if s.id == "gpu8")


def test_what_is_decided_comes_late_too() -> None:
    """Decided for the first quarter: late deliveries bring systems and memory in the second, power late by a quarter
    blocks and the opening of that site; contracts start as signed; what is due after the horizon never comes.
    """
    wanted: list[dict[str, Any]] = [
        {"site": "virginia", "system": "gpu8"},
        {"site": "virginia", "system": "gpu8", "acquisition": "rent"},
        {"site": "virginia", "tier": "dram"},
        {"site": "virginia", "source": "grid"},
        {"site": "texas"},
    ]
    policy = {"frozen_until": "2027q1", "purchases": [{"period": "2027q1", **d} for d in wanted]}

    def periods(**stress: Any) -> list[str]:
        return [d.period for d in stressed(tiny_instance(policy=policy, stress=stress))[0].policy.purchases]

    assert periods(demand_scale=2.0) == ["2027q1"] * 5
    assert periods(deliveries_late_months=3.0) == ["2027q2", "2027q1", "2027q2", "2027q1", "2027q1"]
    assert periods(power_late_months={"virginia": 3.0}) == ["2027q1"] * 3 + ["2027q2", "2027q1"]
    assert periods(power_late_months={"texas": 3.0}) == ["2027q1"] * 4 + ["2027q2"]
    assert periods(deliveries_late_months=12.0) == ["2027q1"] * 3


def test_a_file_is_read_with_its_stress_worked_in_once(tmp_path: Path) -> None:
    """Loaded, written as resolved.yaml and read again: the figures are the stressed ones, and no more than that."""
    loaded = load_dict(tiny_raw(), overrides=["stress.demand_scale=1.3", "stress.power_late_months.virginia=12"])
    assert loaded.instance.stress == Stress() and loaded.instance.workload("chat").demand.scale == 1.3
    assert loaded.changes == (
        "stress.demand_scale: 1.0 -> 1.3",
        "stress.power_late_months.virginia: (absent) -> 12",
        "stress: demand of every workload but training x 1.3",
        "stress: new power at virginia 12 months later",
    )
    path = tmp_path / "resolved.yaml"
    path.write_text(dump_resolved(loaded.instance), encoding="utf-8")
    assert load_resolved(path) == loaded.instance


def test_unknown_vendors_and_sites_are_refused() -> None:
    """A misspelt vendor or site would stress nothing: both are findings with what was meant."""
    stress = {"vendors_out": ["acmee"], "power_late_months": {"virgina": 12}}
    with pytest.raises(InputError) as caught:
        load_dict(tiny_raw(stress=stress))
    assert "did you mean 'acme'" in str(caught.value) and "did you mean 'virginia'" in str(caught.value)


def test_an_instance_made_in_python_is_stressed_when_solved() -> None:
    """`solve` works the stress in too: twice the demand costs what twice the demand costs."""
    twice = solve(tiny_instance(stress={"demand_scale": 40.0}), SolveOptions(gap=0.0)).plan
    scaled = solve(tiny_instance(workloads={"chat": {"demand": {"scale": 40.0}}}), SolveOptions(gap=0.0)).plan
    assert twice.objective_usd == scaled.objective_usd and twice.verification is not None
    assert twice.verification.passed


def test_the_format_takes_it_from_a_file(tmp_path: Path) -> None:
    """The section may stand in an instance file like any other."""
    raw = yaml.safe_load(yaml.safe_dump(tiny_raw(stress={"failures_scale": 2})))
    assert load_dict(raw).changes == ("stress: failures of every system x 2",)
