"""Generated pages are in step with the code."""

import re
from pathlib import Path

import pytest
from generated import GENERATED

from fleetopt.candidates.screen import SCREENS
from fleetopt.model.equation import EQUATIONS
from fleetopt.model.formulation import PRICES, page_text
from fleetopt.model.objective import LINES
from fleetopt.model.variables import Variables

FAMILIES = {"D": "1234", "C": "123", "M": "1234", "P": "12", "S": "12", "O": "123", "X": "13", "B": "1257", "F": "12"}
FAMILIES |= {"R": "12", "T": "123", "G": "2"}
SKELETON = [letter + number for letter, numbers in FAMILIES.items() for number in numbers]
"""Ids of the design's families that the first version has."""


@pytest.mark.parametrize("path", GENERATED)
def test_generated_pages_are_in_step(path: str, root: Path) -> None:
    """The file in docs/ is, byte for byte, what the code says now; `python tests/generated.py` brings it there."""
    assert (root / path).read_bytes().decode() == GENERATED[path](), f"{path}: run `python tests/generated.py`"


@pytest.mark.parametrize("id_", SKELETON)
def test_the_formulation_has_every_rule(id_: str) -> None:
    """Every id of the first version stands in the table of rules, as a row, a screen or a price."""
    assert re.search(rf"^\| {id_} \| (row|screen|price)(, (screen|price))* \| \S", page_text(), re.MULTILINE)


def test_the_formulation_has_every_part() -> None:
    """Every equation with its formula, every column, screen, price and cost line is on the page.

    Rules with a number are at a glance as well; the choice LAYOUT, which is none, stands with the screens alone.
    """
    page = page_text()
    for eq in EQUATIONS.values():
        assert f"#### {eq.id} ({eq.index})\n\n{eq.doc}\n\n$$\n{eq.formula}\n$$\n" in page
    for name in Variables.__dataclass_fields__:
        assert f"| `{name}[" in page
    for id_ in (*SCREENS, *PRICES):
        assert page.count(f"| {id_} | ") >= (2 if id_[1:].isdigit() else 1)
    for name in LINES:
        assert f"| `{name}` | " in page


@pytest.mark.parametrize("id_", SCREENS)
def test_a_screen_says_what_decides_it(id_: str) -> None:
    """Every screen has a sentence and leads to functions that document themselves."""
    screen = SCREENS[id_]
    assert screen.says.endswith(".")
    assert screen.decided_by
    assert all(function.__doc__ for function in screen.decided_by)
