"""The generator of made-up fleets: the same bytes for the same shape, the sizes it promises, and a plan for each."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from fleets import SIZES, Shape, count, fleet, fleet_text

from fleetopt.instance.arrivals import arrivals_per_s, region_ids
from fleetopt.instance.load import load
from fleetopt.pipeline.options import SolveOptions
from fleetopt.pipeline.story import solve

pytestmark = pytest.mark.once

BENCH = Path(__file__).parents[2] / "benchmarks" / "bench"


def test_a_shape_is_always_the_same_file() -> None:
    """Another process, with other hash seeds, writes the same bytes."""
    program = "import sys; from fleets import *; sys.stdout.write(fleet_text(SIZES['small']))"
    texts = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONPATH": f"{BENCH}:{BENCH.parents[1]}", "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            encoding="utf-8",
        ).stdout
        for seed in ("1", "2")
    }
    assert texts == {fleet_text(SIZES["small"])}


def test_another_seed_is_another_fleet() -> None:
    """Demand, prices and power are drawn, not constant."""
    assert fleet_text(SIZES["tiny"]) != fleet_text(replace(SIZES["tiny"], seed=1))


def test_large_and_huge_are_as_large_as_they_are_called() -> None:
    """*large* has 60 workloads, 16 systems, 10 sites, 8 quarters, 6 slices and 450,000 columns that can be used."""
    large, huge = SIZES["large"], SIZES["huge"]
    assert (large.workloads, large.systems, large.sites, large.periods, large.slices) >= (60, 16, 10, 8, 6)
    found = count(fleet(large))
    assert found.serving_columns >= 450_000
    assert found.serving_columns <= large.potential_columns
    assert huge.potential_columns >= 5_000_000


def test_sizes_grow() -> None:
    """Each named size has more potential columns than the one before."""
    sizes = [shape.potential_columns for shape in SIZES.values()]
    assert sizes == sorted(set(sizes))


@pytest.mark.parametrize("performance", ["predicted", "measured"])
def test_a_tiny_fleet_has_a_plan_that_serves_all(performance: str) -> None:
    """Every demand that must be met is met, and the fleet owned fits its power: the plan is proven and verified."""
    shape = replace(SIZES["tiny"], performance=performance)  # type: ignore[arg-type]
    found = solve(fleet(shape), SolveOptions(gap=0.01))
    assert found.plan.status == "optimal"
    assert found.exit_code == 0


def test_demand_grows() -> None:
    """More arrives in the last quarter than in the first."""
    instance = fleet(SIZES["small"])
    for workload in instance.workloads:
        for region in region_ids(workload):
            first, last = (arrivals_per_s(instance, workload, region, t, "h00") for t in (0, 5))
            assert last > first > 0


def test_the_command_writes_a_file_that_loads(tmp_path: Path) -> None:
    """`generate.py` writes what `fleet` gives, with changes applied."""
    out = tmp_path / "made.yaml"
    command = [sys.executable, str(BENCH / "generate.py"), "tiny", "--out", str(out), "--set", "workloads=2"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert load(out).instance == fleet(replace(SIZES["tiny"], workloads=2))


@pytest.mark.parametrize("change", [{"workloads": 0}, {"openings": 9}, {"systems": 1}])
def test_a_shape_that_cannot_be_drawn_is_refused(change: dict[str, int]) -> None:
    """No workloads, no open site, or one system alone."""
    with pytest.raises(ValueError, match=next(iter(change))):
        Shape(**{"workloads": 2, "systems": 2, "sites": 2, "periods": 2, "slices": 2, **change})
