"""A killed or stopped suite goes on where it was."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from kills import kill_often

import fleetopt
from fleetopt import run_suite
from fleetopt.suite import SuiteOptions
from fleetopt.suite.kept import sweep
from fleetopt.suite.standing import Standing

pytestmark = pytest.mark.once

SUITE = """\
base: {base}
overrides:
  more: {{workloads.chat.demand.scale: {more}}}
  same: {{workloads.chat.demand.scale: {more}.0}}
scenarios:
  as-is: []
  more: [more]
  same: [same]
"""


def lines_of(suite: Path, out: Path, **options: float) -> list[str]:
    """Progress of a suite that is run with options; all its runs have answers."""
    lines: list[str] = []

    def told(line: str, _: Standing) -> None:
        lines.append(line)

    assert all(s.answered for s in run_suite(suite, out, SuiteOptions(workers=2, **options), told).scenarios)
    return lines


def begun(lines: list[str]) -> list[str]:
    """Names of the runs that were solved."""
    return sorted(line.split(" (")[0] for line in lines if line.endswith(": begins"))


def test_kill_9_loses_nothing_and_repeats_nothing(tmp_path: Path) -> None:
    """Two kills at seeded moments, of the suite alone and of its group: finished runs stay, the end is the same."""
    assert kill_often(tmp_path, kills=2, scenarios=6, seed=1) == []


def test_only_what_has_changed_is_solved_again(tmp_path: Path, tutorial: Path) -> None:
    """Equal runs are solved once; again nothing is; with other demand only that; more time changes nothing."""
    suite, out = tmp_path / "suite.yaml", tmp_path / "out"
    suite.write_text(SUITE.format(base=tutorial, more=2), encoding="utf-8")
    assert begun(lines_of(suite, out)) == ["as-is", "more"]
    assert (out / "same" / "plan.json").read_bytes() == (out / "more" / "plan.json").read_bytes()
    assert begun(lines_of(suite, out)) == []
    assert begun(lines_of(suite, out, time_limit_s=1200.0)) == []
    suite.write_text(SUITE.format(base=tutorial, more=3), encoding="utf-8")
    assert begun(lines_of(suite, out)) == ["more"]
    assert begun(lines_of(suite, out, gap=0.02)) == ["as-is", "more"]


def test_a_failed_run_is_tried_again(tmp_path: Path, tutorial: Path) -> None:
    """A run that had too little memory is solved when the suite is run again with more."""
    suite, out = tmp_path / "suite.yaml", tmp_path / "out"
    suite.write_text(f"base: {tutorial}\nscenarios:\n  a: []\n", encoding="utf-8")
    first = run_suite(suite, out, SuiteOptions(memory_gb=0.06))
    assert (first.exit_code, first.scenarios[0].plan) == (1, {})
    assert "needed more memory than the 0.06 GB" in (out / "comparison.md").read_text(encoding="utf-8")
    assert begun(lines_of(suite, out)) == ["a"]


def test_what_was_half_written_is_swept(tmp_path: Path) -> None:
    """Folders beside their place go; a run that was being replaced comes back; what is not ours stays."""
    for name in (".a-abcd_123", ".b-old-abcd_123/run", ".mine", "flips/.c-x0123456"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / ".b-old-abcd_123" / "run" / "plan.json").write_text("{}", encoding="utf-8")
    sweep(tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == [".mine", "b", "flips"]
    assert (tmp_path / "b" / "plan.json").is_file()
    assert list((tmp_path / "flips").iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is sent as a signal")
def test_ctrl_c_ends_with_what_is_finished(tmp_path: Path, tutorial: Path, root: Path) -> None:
    """Stopped in a long solve the suite keeps its best plan, compares, says how to go on, and ends with 4."""
    long = root / "instances" / "reference" / "export_constrained.yaml"
    suite, out = tmp_path / "suite.yaml", tmp_path / "out"
    text = f"base: {tutorial}\nbases: {{long: {long}}}\nscenarios:\n  a: []\n  b: {{base: long}}\n  c: {{base: long}}\n"
    suite.write_text(text + "  d: []\n", encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(Path(fleetopt.__file__).parents[1])}
    command = [sys.executable, "-m", "fleetopt", "suite", str(suite), "--out", str(out), "--workers", "1", "--gap", "0"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as run:
        assert run.stderr is not None
        for line in run.stderr:
            if line.startswith("b ") and " M$, " in line:
                run.send_signal(signal.SIGINT)
                break
        said = run.stderr.read()
    assert run.returncode == 4, said
    assert "stopping 1 run" in said
    assert "the same command goes on from here" in said
    plans = {name: (out / name / "plan.json").is_file() for name in "abcd"}
    assert plans["a"] and plans["b"] and not plans["d"]
    manifest = json.loads((out / "b" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["stop_reason"] == "interrupted by the user"
    assert "not run" in (out / "comparison.md").read_text(encoding="utf-8")
