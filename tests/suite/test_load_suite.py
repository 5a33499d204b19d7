"""A suite file is checked as a whole before anything runs."""

from collections.abc import Callable
from pathlib import Path

import pytest

from fleetopt.errors import InputError
from fleetopt.suite.load import load_suite

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path, tutorial: Path) -> Write:
    """Writes a suite beside a copy of the tutorial instance, which it names as base in line 1."""

    def written(text: str) -> Path:
        (tmp_path / "base.yaml").write_text(tutorial.read_text(encoding="utf-8"), encoding="utf-8")
        path = tmp_path / "suite.yaml"
        path.write_text("base: base.yaml\n" + text, encoding="utf-8")
        return path

    return written


def problems(path: Path) -> list[str]:
    """What is wrong with a suite, each as `line: path: message; hint`, without the file."""
    with pytest.raises(InputError) as caught:
        load_suite(path)
    return [str(issue).removeprefix(f"{path}:") for issue in caught.value.issues]


def test_runs_have_their_overrides_in_order(write: Write) -> None:
    """A list of overrides and a mapping with a title both become runs, in the order of the file."""
    suite = load_suite(
        write(
            "overrides:\n"
            "  more: {workloads.chat.demand.scale: 2}\n"
            "  dear: {sites.hall.power.sources.grid.energy_scale: 3}\n"
            "scenarios:\n"
            "  as-is: []\n"
            "  both: {title: More and dear, overrides: [more, dear]}\n"
        )
    )
    assert [(run.name, run.title) for run in suite.runs] == [("as-is", "as-is"), ("both", "More and dear")]
    assert [(o.path, o.value) for o in suite.runs[1].overrides] == [
        ("workloads.chat.demand.scale", 2),
        ("sites.hall.power.sources.grid.energy_scale", 3),
    ]


def test_unknown_names_are_all_reported(write: Write) -> None:
    """An unknown override and an unknown scenario are both reported, with their lines and what may have been meant."""
    found = problems(
        write(
            "overrides:\n  more: {workloads.chat.demand.scale: 2}\n"
            "scenarios:\n  big: [moer]\n"
            "expect:\n  - {feasible: bigg}\n"
        )
    )
    assert found == [
        "5: scenarios.big: there is no override 'moer'; did you mean 'more'?",
        "7: expect.0: there is no scenario 'bigg'; did you mean 'big'?",
    ]


def test_two_overrides_of_a_scenario_may_not_touch_the_same_path(write: Write) -> None:
    """`*` covers `chat`, so the two clash; in different scenarios they may stand."""
    text = (
        "overrides:\n  all: {'workloads.*.demand.scale': 2}\n  chat: {workloads.chat.demand.scale: 3}\n"
        "scenarios:\n  one: [all]\n  two: [chat]\n"
    )
    assert len(load_suite(write(text)).runs) == 2
    [problem] = problems(write(text + "  both: [all, chat]\n"))
    assert problem.startswith("4: workloads.chat.demand.scale:")
    assert "touch the same path" in problem


def test_a_path_that_does_not_exist_is_reported_at_its_line(write: Write) -> None:
    """A misspelt field of an override is reported where the suite writes it."""
    [problem] = problems(write("overrides:\n  more:\n    workloads.chat.demand.sale: 2\nscenarios:\n  a: [more]\n"))
    assert problem.startswith("4: workloads.chat.demand.sale:")
    assert "scale" in problem


def test_each_merged_instance_is_validated(write: Write) -> None:
    """Demand of -1 is an error of the scenario that says so, at the line of its override, before any run."""
    overrides = "overrides:\n  worse: {workloads.chat.demand.scale: -1}\n"
    found = problems(write(overrides + "scenarios:\n  a: []\n  b: [worse]\n"))
    assert found == ["3: workloads.chat.demand.scale: -1 is negative; try 0 or more"]


def test_unknown_fields_get_a_hint_about_suites(write: Write) -> None:
    """`expects` is told to be `expect`, not the field of an instance that looks most like it."""
    [problem] = problems(write("scenarios:\n  a: []\nexpects: []\n"))
    assert problem == "4: expects: unknown field; did you mean 'expect'?"


@pytest.mark.parametrize(
    "expectation, message",
    [
        ("{cheaper: [a, a], feasible: a}", "must say one of"),
        ("{why: nothing}", "must say one of"),
        ("{uses: {scenario: a}}", "says nothing to look for"),
        ("{uses: {scenario: a, vendor: v, workload: chat}}", "a vendor serves no workload"),
    ],
)
def test_expectations_say_one_thing(write: Write, expectation: str, message: str) -> None:
    """An expectation has one relation, and `uses` something to look for."""
    [problem] = problems(write(f"scenarios:\n  a: []\nexpect:\n  - {expectation}\n"))
    assert problem.startswith("5: expect.0")
    assert message in problem


def test_a_base_that_is_not_there_is_said_once(write: Write, tmp_path: Path) -> None:
    """With two scenarios, a missing base is one problem."""
    path = write("scenarios:\n  a: []\n  b: []\n")
    (tmp_path / "base.yaml").unlink()
    with pytest.raises(InputError) as caught:
        load_suite(path)
    assert len(caught.value.issues) == 1
    assert "there is no such file" in str(caught.value)


def test_a_suite_that_is_no_mapping(tmp_path: Path) -> None:
    """A list where a suite is meant is refused in words."""
    path = tmp_path / "suite.yaml"
    path.write_text("- a\n", encoding="utf-8")
    assert problems(path) == ["1: the suite is not a mapping; try base, overrides, scenarios and expect as its fields"]
