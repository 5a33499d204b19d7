"""The bench: what is believed of a search, Mélange's formulation, the report, and one small run of it all."""

import json
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pulp
import pytest
from running.clock import Watch
from running.melange import case, problem_of
from running.plain import follow
from running.table import FIELDS, as_csv, from_csv, page, picture, row_of

from fleetopt.imports.melange import melange_text
from fleetopt.instance.load import load, load_text
from fleetopt.pipeline.options import SolveOptions
from fleetopt.pipeline.story import solve
from fleetopt.solve.cbc import cbc_path

pytestmark = pytest.mark.once

BENCH = Path(__file__).parents[2] / "benchmarks" / "bench"
TUTORIAL = Path(__file__).parents[2] / "instances" / "tutorial"
REACHED = {"cpu_s": 10.0, "to_gap_cpu_s": 8.0, "gap": 0.0005, "objective_musd": 3.0, "outside_cpu_s": 2.5}
STOPPED = {"cpu_s": 40.0, "to_gap_cpu_s": None, "gap": 0.02, "objective_musd": 3.1, "outside_cpu_s": 2.0}


def test_a_plan_of_stage_a_and_a_bound_of_stage_b_are_not_believed() -> None:
    """A leaves units continuous, B's bound holds near A only: a gap needs A's bound and B's plan."""
    watch = Watch()
    watch("A1", 90.0, 89.0, 0.01, 1.0)
    assert watch.plan is None and watch.bound == 89.0
    watch("B1", 100.0, 99.9, 0.001, 2.0)
    assert (watch.plan, watch.bound) == (100.0, 89.0)
    assert watch.within(0.01) is None
    watch("A2", 90.0, 99.5, 0.0, 3.0)
    assert watch.within(0.01) is not None
    assert watch.within(0.001) is None


def test_a_phase_nobody_knows_proves_nothing_until_the_end() -> None:
    """A restricted problem's bound may lie above the optimum."""
    watch = Watch()
    watch("polish", 100.0, 99.99, 0.0001, 1.0)
    watch("coarse", 98.0, 97.0, None, 1.0)
    assert watch.steps == []
    watch.take("end", 100.0, 99.95, 5.0)
    assert watch.within(0.001) == 5.0 and watch.first_plan() == 5.0


def test_of_pricing_the_rounds_prove_and_the_parts_plan() -> None:
    """The LP's 97 is no plan, its bound of 96 is one of all columns; a part's plan is one, its bound of 99 is none."""
    watch = Watch()
    watch("pricing", 97.0, 96.0, None, 1.0)
    assert (watch.plan, watch.bound) == (None, 96.0)
    watch("restricted A1", 98.0, 99.0, 0.01, 2.0)
    watch("restricted B1", 100.0, 99.9, 0.001, 3.0)
    assert (watch.plan, watch.bound) == (100.0, 96.0)
    watch("restricted all", 99.5, 99.5, 0.0, 4.0)
    assert (watch.plan, watch.bound) == (99.5, 96.0)
    assert watch.within(0.03) is None and watch.within(0.04) is not None
    watch("pricing", 97.0, 97.0, None, 5.0)
    assert watch.within(0.03) is not None


def test_all_at_once_is_the_whole_problem_with_totals_or_without_presolve() -> None:
    """Totals are sums of columns that are there, and presolve changes no problem: plan and bound count."""
    for name in ("all", "all, with totals for few units", "all without presolve"):
        watch = Watch()
        watch(name, 100.0, 99.0, 0.01, 1.0)
        assert (watch.plan, watch.bound) == (100.0, 99.0)


def test_pricings_own_progress_ends_where_the_search_does() -> None:
    """What is believed on the way is never better than what the search ends with, plan and bound."""
    watch = Watch()
    told: list[str] = []

    def progress(phase: str, plan: float | None, bound: float | None, gap: float | None, seconds: float) -> None:
        told.append(phase)
        watch(phase, plan, bound, gap, seconds)

    found = solve(load(TUTORIAL / "mix.yaml").instance, SolveOptions(method="pricing"), progress=progress)
    assert "pricing" in told and watch.bound is not None
    assert found.plan.status == "optimal"
    assert watch.bound * 1e6 <= found.plan.objective_usd * (1 + 1e-9)
    assert watch.plan is None or watch.plan * 1e6 >= found.plan.objective_usd * (1 - 1e-9)


def test_what_cbc_had_when_is_read_from_its_log() -> None:
    """A plan after 1.5 s, a bound after 2 s, the end after 3.25 s, each 10 s later for what came before."""
    log = """\
Cbc0012I Integer solution of 105 found by DiveCoefficient after 3 iterations and 0 nodes (1.50 seconds)
Cbc0010I After 100 nodes, 5 on tree, 105 best solution, best possible 100 (2.00 seconds)
Cbc0001I Search completed - best objective 103.5, took 9 iterations and 120 nodes (3.25 seconds)
"""
    watch = Watch()
    follow(log, 1.0, 10.0, watch)
    assert [(s.cpu_s, s.plan_musd, s.bound_musd) for s in watch.steps] == [
        (11.5, 106.0, None),
        (12.0, 106.0, 101.0),
        (13.25, 104.5, 104.5),
    ]


def test_melanges_formulation_and_ours_cost_the_same(tmp_path: Path) -> None:
    """Sixteen slices on four types, by binaries with CBC and by counted parts with HiGHS, to 1e-6."""
    config = case(buckets=2, rate=6.0)
    theirs = problem_of(config)
    theirs.solve(pulp.COIN_CMD(path=cbc_path(), msg=False))
    file = tmp_path / "case.json"
    file.write_text(json.dumps(config), encoding="utf-8")
    ours = solve(load_text(melange_text(file)).instance, SolveOptions(gap=0.0))
    assert ours.plan.status == "optimal"
    assert ours.plan.objective_usd == pytest.approx(pulp.value(theirs.objective), abs=1e-6)


def test_rows_come_back_from_the_csv_as_they_were() -> None:
    """Figures are figures again, and what is not known stays unknown."""
    row = row_of("tiny", "auto", {**REACHED, "status": "optimal"})
    again = from_csv(as_csv([row]))[0]
    assert {k: v for k, v in again.items() if v not in (None, "")} == {k: v for k, v in row.items() if v is not None}


def test_the_page_says_how_much_longer_others_took() -> None:
    """8 s against more than 40 s: more than 5 times as long; a quarter of fleetopt's 10 s was outside the solver."""
    rows = [row_of("tiny", "auto", REACHED), row_of("tiny", "pulp-cbc", STOPPED)]
    text = page([{**dict.fromkeys(from_csv(as_csv(rows))[0]), **row} for row in rows], {"tiny": 324})
    assert "- tiny: PuLP + CBC took more than 5.0 times as long." in text
    assert "| 25% |" in text


def test_the_median_of_tight_fleets_counts_what_did_not_get_there() -> None:
    """Four fleets, three of a minute and more for PuLP: the longer of fleetopt's middle two, the shorter of PuLP's."""

    def run(case: str, method: str, to_gap: float | None) -> dict[str, Any]:
        found = {"to_gap_cpu_s": to_gap, "cpu_s": to_gap or 240.0, "size": {}, "asked": 1e-3}
        return {**dict.fromkeys(FIELDS), **row_of(f"tight/{case}", method, found, 1.0)}

    seconds = {"a": (5.0, 20.0), "b": (10.0, 90.0), "c": (20.0, None), "d": (None, None)}
    rows = [
        run(case, method, to_gap)
        for case, both in seconds.items()
        for method, to_gap in zip(("auto", "pulp-highs"), both, strict=True)
    ]
    text = page(rows, {})
    assert "Median of the 4 that both were run on: fleetopt 20.0 s, PuLP + HiGHS 90.0 s: 4.5 times." in text
    assert (
        "Median of the 3 that took PuLP + HiGHS a minute or more: fleetopt 20.0 s, PuLP + HiGHS more than 240.0 s: "
        "more than 12.0 times." in text
    )
    lost = [run("d", "auto", None), run("d", "pulp-highs", 100.0)]
    assert "fleetopt more than 240.0 s, PuLP + HiGHS 100.0 s: no ratio." in page(lost, {})


def test_the_picture_is_a_document_with_a_mark_for_each_run() -> None:
    """Two sizes by two methods are four marks, one of them hollow."""
    rows = [row_of(c, m, f) for c in ("tiny", "small") for m, f in (("auto", REACHED), ("pulp-cbc", REACHED))]
    rows[-1] = row_of("small", "pulp-cbc", STOPPED)
    drawn = ElementTree.fromstring(picture(rows, {"tiny": 300, "small": 17_000}))
    marks = [e for e in drawn.iter() if e.tag.endswith("circle")]
    assert len(marks) == 4
    assert [e.get("fill") for e in marks].count("#ffffff") == 1


def bench(out: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """A run of the bench as `nox -s bench` starts it."""
    command = [sys.executable, str(BENCH), "--out", str(out), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_small_bench_writes_its_report(tmp_path: Path) -> None:
    """Two methods on the tiny fleet and Mélange's formulation: each ends proven, at the same cost."""
    done = bench(tmp_path, "--sizes", "tiny", "--methods", "auto,pulp-highs,pulp-cbc", "--melange-buckets", "1")
    assert done.returncode == 0, done.stderr
    rows = from_csv((tmp_path / "bench.csv").read_text(encoding="utf-8"))
    assert [(r["case"], r["method"]) for r in rows] == [
        ("tiny", "auto"),
        ("tiny", "pulp-highs"),
        ("tiny", "pulp-cbc"),
        ("melange 8 x 4", "auto"),
        ("melange 8 x 4", "melange-cbc"),
    ]
    assert all(r["status"] == "optimal" for r in rows)
    fleets, melange = rows[:3], rows[3:]
    assert all(r["objective"] == pytest.approx(fleets[0]["objective"], rel=0.001) for r in fleets)
    assert melange[0]["objective"] == pytest.approx(melange[1]["objective"], abs=1e-6)
    assert all(r["terms"] and r["columns"] and r["peak_mb"] for r in rows)
    assert "Fleets by size" in (tmp_path / "README.md").read_text(encoding="utf-8")


def test_a_size_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """The message lists those that are."""
    done = bench(tmp_path, "--sizes", "enormous")
    assert done.returncode == 2
    assert "there is no 'enormous', try one of tiny, small" in done.stderr


def test_a_run_that_fails_says_so_in_the_table(tmp_path: Path) -> None:
    """A limit of a processor second ends in the middle of reading: no plan, and the report is still written."""
    done = bench(tmp_path, "--sizes", "tiny", "--methods", "auto", "--no-melange", "--cpu-s", "0.5")
    assert done.returncode == 0, done.stderr
    (row,) = from_csv((tmp_path / "bench.csv").read_text(encoding="utf-8"))
    assert row["status"] in ("failed", "no_plan")
    assert row["to_gap_cpu_s"] is None
