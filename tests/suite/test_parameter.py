"""A parameter's line: where its values lie, what halves are, and what is refused."""

import re
from pathlib import Path
from typing import Any

import pytest
from builders import tiny_instance
from pydantic import ValidationError

from fleetopt.instance.load import read_data
from fleetopt.suite.parameter import Axis, Varied, axis, place, shown

TPOT = "workloads.chat.slo.tpot_s"


def line(**given: Any) -> Axis:
    """The line of a parameter of the tiny instance."""
    return axis(Varied.model_validate({"path": TPOT, **given}), tiny_instance().model_dump(mode="json"))


def test_values_may_carry_their_unit() -> None:
    """`50 ms` is 0.05 s, shown as it was said."""
    found = line(between=("50 ms", 0.01))
    assert (found.low, found.high, found.unit) == (0.05, 0.01, "s")
    assert found.shown(0.05) == "50 ms"
    [override] = found.overrides(0.02)
    assert (override.path, override.value) == (TPOT, 0.02)


def test_several_paths_take_the_same_value() -> None:
    """Two paths give two overrides, each with the value."""
    found = line(path=["workloads.chat.demand.scale", "systems.*.price.scale"], between=(1, 2))
    assert [(o.path, o.value) for o in found.overrides(1.5)] == [
        ("workloads.chat.demand.scale", 1.5),
        ("systems.*.price.scale", 1.5),
    ]


def test_factors_multiply_what_stands_there() -> None:
    """With `times`, 0.5 of a price of 300,000 is 150,000, path by path."""
    found = line(path="systems.*.price.buy_usd", between=(1, 0.1), times=True)
    assert [(o.path, o.value) for o in found.overrides(0.5)] == [("systems.gpu8.price.buy_usd", 150_000.0)]
    assert found.shown(0.5) == "0.5 times"


def read(file: Path, **given: Any) -> Axis:
    """The line of a parameter of an instance file."""
    return axis(Varied.model_validate({"between": (1, 2), **given}), read_data(file))


def test_a_session_may_be_varied(root: Path) -> None:
    """A workload's session is no part of the instance that is solved, but its figures are there to be varied."""
    file = root / "instances" / "reference" / "agentic_memory.yaml"
    path = "workloads.coding-agents.session.tools.sandbox_gb"
    found = read(file, path=path, between=(1, "4 GB"))
    assert (found.unit, found.high) == ("GB", 4.0)
    assert [(o.path, o.value) for o in found.overrides(2.0)] == [(path, 2.0)]
    assert read(file, path=path, times=True).targets == ((path, 1.0),)


def test_factors_find_what_is_switched_off_too(root: Path) -> None:
    """Chat, which is disabled, stands among the workloads: its demand is multiplied as agents' is, by default 1.

    Agents have no time to first token: where `*` finds chat's, theirs is passed over; alone it is refused.
    """
    file = root / "instances" / "theses" / "good_enough.yaml"
    all_ = read(file, path="workloads.*.demand.scale", times=True)
    assert all_.targets == (("workloads.agents.demand.scale", 1.0), ("workloads.chat.demand.scale", 1.0))
    assert read(file, path="workloads.*.slo.ttft_s", times=True).targets == (("workloads.chat.slo.ttft_s", 2.0),)
    with pytest.raises(ValueError, match="no number to multiply"):
        read(file, path="workloads.agents.slo.ttft_s", times=True)


def test_middles() -> None:
    """Arithmetic, geometric, whole: None where the ends are near enough or next to each other."""
    assert line(between=(0.01, 0.03)).middle(0.01, 0.03, 0.1) == 0.02
    assert line(between=(0.01, 0.04), scale="log").middle(0.01, 0.04, 0.1) == 0.02
    assert line(between=(0.01, 0.03)).middle(0.0299, 0.03, 0.02) is None
    chips = line(path="systems.gpu8.chips", between=(1, 8))
    assert chips.middle(1, 8, 0.02) == 4 and chips.middle(8, 1, 0.02) == 5 and chips.middle(4, 5, 0.02) is None


def test_a_linear_line_ends_at_nought() -> None:
    """Where the flip lies at 0 itself, a hundredth of the range is the measure, so halving ends."""
    found = line(path="systems.gpu8.lead_months", between=(0, 12))
    assert found.middle(0.0, 0.002, 0.02) is None and found.middle(0.0, 0.01, 0.02) is not None


def test_points_are_spread_evenly_over_the_line() -> None:
    """Three points between 1 and 5; by ratio between 1 and 16; whole numbers once each."""
    assert line(path="workloads.chat.demand.scale", between=(1, 5)).spread(3) == (1, 2, 3, 4, 5)
    assert line(path="workloads.chat.demand.scale", between=(16, 1), scale="log").spread(3) == (16, 8, 4, 2, 1)
    assert line(path="systems.gpu8.chips", between=(1, 3)).spread(7) == (1, 2, 3)


@pytest.mark.parametrize(
    "between, steps",
    [
        (("2027q3", "2028q2"), ("2027q3", "2027q4", "2028q1", "2028q2")),
        (("2029", "2027"), ("2029", "2028", "2027")),
    ],
)
def test_periods_are_steps(between: tuple[str, str], steps: tuple[str, ...]) -> None:
    """Quarters and years are counted from one end to the other, backwards too."""
    found = line(path="systems.gpu8.available_from", between=between)
    assert found.steps == steps and (found.low, found.high) == (0, len(steps) - 1)


@pytest.mark.parametrize(
    "given, message",
    [
        ({"between": (0.01, 0.01)}, "two different values"),
        ({"between": (0, 0.01), "scale": "log"}, "at or across 0"),
        ({"between": ("fast", 0.01)}, "not a time"),
        ({"between": (True, 0.01)}, "true is not"),
        ({"path": "systems.gpu8.chips", "between": (1, 2.5)}, "whole numbers only; try 1 and 2"),
        ({"path": "systems.gpu9.chips", "between": (1, 2)}, "no 'gpu9' in systems; did you mean 'gpu8'?"),
        ({"path": "systems.gpu8.vendor", "between": ("a", "b")}, "'a' is no number"),
        ({"path": "systems.gpu8.vendor", "between": (1, 2), "times": True}, "no number to multiply"),
        ({"path": "systems.gpu8.available_from", "between": ("2027q1", "2028")}, "no number"),
    ],
)
def test_what_cannot_be_varied_is_refused(given: dict[str, Any], message: str) -> None:
    """Ends that are the same, no numbers, not of the path's kind, or paths that lead nowhere."""
    with pytest.raises(ValueError, match=re.escape(message)):
        line(**given)


@pytest.mark.parametrize("given", [{}, {"between": (1, 2), "values": (1, 2)}, {"values": (1,)}])
def test_between_or_values(given: dict[str, Any]) -> None:
    """One of the two, and at least two values."""
    with pytest.raises(ValidationError):
        Varied.model_validate({"path": TPOT, **given})


def test_places_of_values() -> None:
    """A value is its own place, or where it stands in the list; another is refused with the nearest."""
    assert place("5 ms", "s", ()) == 0.005
    assert place("b", "", ("a", "b")) == 1
    with pytest.raises(ValueError, match="none of the values looked at; try one of a, b"):
        place("z", "", ("a", "b"))


@pytest.mark.parametrize(
    "value, unit, text",
    [
        (0.02, "s", "20 ms"), (1.5e6, "USD", "$1.50 M"), (0.35, "share", "35.0 %"), (1500.0, "kW", "1.50 MW"),
        (48.0, "GB", "48.0 GB"), (2.0, "times", "2 times"), (3, "", "3"), (0.123456, "", "0.1235"),
        (90.0, "s", "90.00 s"), (1600.0, "s", "26.67 min"), (14400.0, "s", "4 h"), (8230.0, "tokens", "8,230 tokens"),
        (15.6e12, "tokens", "15.6T tokens"), (2.5e6, "tokens", "2.5M tokens"),
        (12.0, "h", "12 h"),
        ("2027q1", "", "2027q1"), (False, "", "False"),
    ],
)  # fmt: skip
def test_values_for_people(value: Any, unit: str, text: str) -> None:
    """Each with its unit, as short as can be."""
    assert shown(value, unit) == text
