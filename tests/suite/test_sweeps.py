"""Sweeps become scenarios with names, titles and values that are the same everywhere."""

import math
from collections.abc import Callable
from pathlib import Path
from statistics import NormalDist

import pytest
from pydantic import ValidationError

from fleetopt.errors import InputError
from fleetopt.suite.load import load_suite
from fleetopt.suite.sweeps import Distribution, Sample, Sweep, swept

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path, tutorial: Path) -> Write:
    """Writes a suite on the tutorial, which it names as base in line 1."""

    def written(text: str) -> Path:
        path = tmp_path / "suite.yaml"
        path.write_text(f"base: {tutorial}\n{text}", encoding="utf-8")
        return path

    return written


def problems(path: Path) -> list[str]:
    """What is wrong with a suite, without the file."""
    with pytest.raises(InputError) as caught:
        load_suite(path)
    return [str(issue).removeprefix(f"{path}:") for issue in caught.value.issues]


def test_a_grid_is_every_combination_in_order(write: Write) -> None:
    """2 x 2 values make four scenarios, the last path varying first, after the plain scenarios and with titles."""
    suite = load_suite(
        write(
            "scenarios:\n  a: []\n"
            "sweeps:\n  g:\n    title: Grid\n    grid:\n"
            "      workloads.chat.demand.scale: [1, 2]\n      workloads.chat.slo.tpot_s: [50 ms, 0.1]\n"
        )
    )
    assert [run.name for run in suite.runs] == ["a", "g-01", "g-02", "g-03", "g-04"]
    assert [tuple(o.value for o in run.overrides) for run in suite.runs[1:]] == [
        (1, "50 ms"),
        (1, 0.1),
        (2, "50 ms"),
        (2, 0.1),
    ]
    assert suite.runs[1].title == "Grid: demand.scale 1, slo.tpot_s 50 ms"


def test_paths_are_told_apart_by_their_ends() -> None:
    """Where two paths end alike as much is shown as tells them apart."""
    grid = {"workloads.chat.demand.scale": (1,), "workloads.agents.demand.scale": (2,), "sites.va.power.scale": (3,)}
    assert list(swept("s", Sweep(grid=grid)).short.values()) == [
        "chat.demand.scale",
        "agents.demand.scale",
        "power.scale",
    ]


def test_a_sample_is_a_latin_hypercube() -> None:
    """Of ten draws between 0 and 10 one lies in each unit; two paths have orders of their own."""
    of = Distribution(uniform=(0.0, 10.0))
    draws = Sample(count=10, seed=3, over={"a": of, "b": of}).draws()
    columns = {path: [draw[path] for draw in draws] for path in ("a", "b")}
    for values in columns.values():
        assert sorted(int(value) for value in values) == list(range(10))
    assert [int(value) for value in columns["a"]] != [int(value) for value in columns["b"]]


def test_draws_are_these_very_numbers() -> None:
    """The draws of a seed never change, and those of a path do not depend on which others there are."""
    of, other = Distribution(uniform=(0.0, 1.0)), Distribution(normal=(0.0, 1.0))
    alone = Sample(count=3, seed=1, over={"a": of}).draws()
    both = Sample(count=3, seed=1, over={"b": other, "a": of}).draws()
    assert [draw["a"] for draw in alone] == [draw["a"] for draw in both] == [0.44483, 0.958489, 0.27954]
    assert Sample(count=3, seed=2, over={"a": of}).draws() != alone


@pytest.mark.parametrize(
    "given, at",
    [
        ({"uniform": (2.0, 4.0)}, {0.25: 2.5, 0.5: 3.0}),
        # The density rises to 1 at 1 and falls to 0 at 2: a half lies below 1, an eighth below 1/2, 7/8 below 3/2.
        ({"triangular": (0.0, 1.0, 2.0)}, {0.125: 0.5, 0.5: 1.0, 0.875: 1.5}),
        ({"triangular": (0.0, 0.0, 1.0)}, {0.75: 0.5}),
        ({"normal": (10.0, 2.0)}, {0.5: 10.0, NormalDist().cdf(1.0): 12.0}),
        ({"lognormal": (10.0, 2.0)}, {0.5: 10.0, NormalDist().cdf(1.0): 20.0, NormalDist().cdf(-1.0): 5.0}),
        ({"choice": ("x", "y")}, {0.1: "x", 0.49: "x", 0.5: "y", 0.999: "y"}),
    ],
)
def test_distributions_by_hand(given: dict[str, tuple[float, ...]], at: dict[float, float | str]) -> None:
    """Each distribution has the quantiles worked out by hand."""
    of = Distribution(**given)  # type: ignore[arg-type]
    for share, value in at.items():
        found = of.at(share)
        assert found == value if isinstance(value, str) else math.isclose(found, value, rel_tol=1e-6)


@pytest.mark.parametrize(
    "given, said",
    [
        ({}, "must say one of"),
        ({"uniform": (1, 2), "normal": (0, 1)}, "must say one of"),
        ({"uniform": (2, 1)}, "does not rise"),
        ({"uniform": (1, 1)}, "does not rise"),
        ({"triangular": (0, 3, 2)}, "does not rise"),
        ({"normal": (0, 0)}, "is not above 0"),
        ({"lognormal": (1, 0.5)}, "a factor above 1"),
        ({"choice": ()}, "nothing to choose from"),
    ],
)
def test_a_distribution_that_is_none(given: dict[str, tuple[float, ...]], said: str) -> None:
    """One distribution, in order, with room to vary."""
    with pytest.raises(ValidationError, match=said):
        Distribution(**given)  # type: ignore[arg-type]


def test_everything_wrong_with_a_sweep_is_said_at_once(write: Write) -> None:
    """A path that is not there and a value that the instance refuses, each at its line; as is a name taken twice."""
    text = (
        "scenarios:\n  a: []\nsweeps:\n  g:\n    grid:\n      workloads.chat.demand.sale: [1]\n"
        "  h:\n    grid: {workloads.chat.demand.scale: [1, -1]}\n"
    )
    found = problems(write(text))
    assert len(found) == 2
    assert found[0].startswith("7: workloads.chat.demand.sale:")
    assert found[1].startswith("9: workloads.chat.demand.scale: -1 is negative")
    taken = problems(write("scenarios:\n  g-01: []\nsweeps:\n  g: {grid: {workloads.chat.demand.scale: [1]}}\n"))
    assert taken == ["5: sweeps.g: there is a scenario 'g-01' already; try another name"]
    named = problems(write("sweeps:\n  g: {base: b, overrides: [o], grid: {workloads.chat.demand.scale: [1]}}\n"))
    assert [line.partition(";")[0] for line in named] == [
        "3: sweeps.g: there is no base 'b'",
        "3: sweeps.g: there is no override 'o'",
    ]


@pytest.mark.parametrize(
    "sweep, said",
    [
        ("{}", "must say one of grid, sample"),
        ("{grid: {a: [1]}, sample: {count: 1, over: {a: {uniform: [0, 1]}}}}", "must say one of grid, sample"),
        ("{grid: {a: []}}", "has no values of a"),
        ("{sample: {count: 2000, over: {a: {uniform: [0, 1]}}}}", "1000"),
        ("{grid: {a: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, "
         "27, 28, 29, 30, 31, 32], b: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, "
         "23, 24, 25, 26, 27, 28, 29, 30, 31, 32]}}", "1,024 scenarios; at most 1,000 are run"),
    ],
)  # fmt: skip
def test_a_sweep_that_is_none(write: Write, sweep: str, said: str) -> None:
    """A grid or a sample, neither empty nor without end."""
    [problem] = problems(write(f"sweeps:\n  s: {sweep}\n"))
    assert problem.startswith("3: sweeps.s")
    assert said in problem


def test_scenarios_of_a_sweep_can_be_expected_of(write: Write) -> None:
    """An expectation may name `g-02`, and is told where there is no such scenario."""
    text = "sweeps:\n  g: {grid: {workloads.chat.demand.scale: [1, 2]}}\nexpect:\n"
    assert len(load_suite(write(text + "  - {cheaper: [g-01, g-02]}\n")).runs) == 2
    [problem] = problems(write(text + "  - {feasible: g-03}\n"))
    assert problem.startswith("5: expect.0: there is no scenario 'g-03'; did you mean 'g-0")


def test_a_scenario_has_a_base_of_its_own(write: Write, root: Path) -> None:
    """A name under bases, or the suite's base; without either it is said."""
    other = root / "instances" / "tutorial" / "mix.yaml"
    suite = load_suite(write(f"bases: {{other: {other}}}\nscenarios:\n  a: []\n  b: {{base: other}}\n"))
    assert [run.base.name for run in suite.runs] == ["one_system.yaml", "mix.yaml"]
    path = write("scenarios:\n  a: []\n")
    path.write_text("scenarios:\n  a: []\nstresses: [standard]\n", encoding="utf-8")
    assert [line.partition(";")[0] for line in problems(path)] == [
        "2: scenarios.a: it has no base",
        "3: stresses: the suite has no base that they could be put on",
    ]
