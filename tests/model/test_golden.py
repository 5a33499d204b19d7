"""Golden rows: one file an equation in `golden/`, the rows of the rich instance as the solver gets them.

To bring the files in step after a change that is meant: `FLEETOPT_WRITE_GOLDEN=1 pytest tests/model/test_golden.py`,
then read the difference. The text is our own, so that every version of PuLP gives the same bytes.
"""

import os
from itertools import groupby, islice
from pathlib import Path
from typing import Any

import pytest
from rich_case import rich_model

from fleetopt.model.build import Model
from fleetopt.model.equation import EQUATIONS
from fleetopt.solve.cbc import solve_cbc
from fleetopt.solve.matrix import matrix_of
from fleetopt.solve.solver import Limits, solve_highs

GOLDEN = Path(__file__).parent / "golden"
MOST_ROWS = 12
KINDS = {"M2.hold": 2}
"""Equations whose rows are of several kinds, by the first two parts of their index, and how many of each are shown."""
SENSE = {-1: "<=", 0: "=", 1: ">="}


@pytest.fixture(scope="module")
def built() -> Model:
    """The rich instance's programme."""
    return rich_model()


@pytest.fixture(scope="module")
def texts(built: Model) -> dict[str, str]:
    """The text of each equation's file."""
    rows = {row.name: row for row in built.problem.constraints()}
    by_id = groupby(sorted(built.rows.items(), key=lambda item: item[1][0]), key=lambda item: item[1][0])
    return {id_: page(id_, {name: rows[name] for name, _ in named}) for id_, named in by_id}


def page(id_: str, named: dict[str, Any]) -> str:
    """The first rows of an equation, below its title and how many there are."""
    shown = list(named.values())[:MOST_ROWS]
    if id_ in KINDS:
        kinds = groupby(named, key=lambda name: name.split("__")[1:3])
        shown = [named[name] for _, names in kinds for name in islice(names, KINDS[id_])]
    head = [f"\\ {id_} ({EQUATIONS[id_].index})", f"\\ {EQUATIONS[id_].title}"]
    said = f", the first {KINDS[id_]} of each kind below" if id_ in KINDS else f", the first {len(shown)} below"
    head.append(f"\\ {len(named)} rows" + (said if len(shown) < len(named) else ""))
    return "\n".join([*head, *(row_text(row) for row in shown)]) + "\n"


def row_text(row: Any) -> str:
    """`name: coefficient column ... sense side`, a term a line, sorted by column."""
    terms = sorted((column.name, coefficient) for column, coefficient in row.items() if coefficient != 0)
    body = "".join(f"\n  {'-' if value < 0 else '+'} {abs(value):.12g} {name}" for name, value in terms)
    return f"{row.name}:{body}\n  {SENSE[row.sense]} {0.0 - row.constant:.12g}"


@pytest.mark.parametrize("id_", EQUATIONS)
def test_rows_are_those_of_the_golden_file(id_: str, texts: dict[str, str]) -> None:
    """Every equation has rows in the rich instance, and they are the golden file's, byte for byte."""
    assert id_ in texts, f"{id_}: no rows; let tests/model/rich_case.py say something that needs it"
    path = GOLDEN / f"{id_}.lp"
    if os.environ.get("FLEETOPT_WRITE_GOLDEN"):
        GOLDEN.mkdir(exist_ok=True)
        path.write_bytes(texts[id_].encode())
    assert path.exists(), f"{path.name} is missing; see this module's docstring"
    assert texts[id_] == path.read_bytes().decode()


def test_every_golden_file_belongs_to_an_equation() -> None:
    """No file is left behind by an equation that is gone, and none is empty."""
    files = sorted(GOLDEN.glob("*"))
    assert {path.name for path in files} == {f"{id_}.lp" for id_ in EQUATIONS}
    assert all(sum(not line.startswith("\\") for line in path.read_text().splitlines()) for path in files)


def test_the_index_is_as_the_equation_names_it(built: Model) -> None:
    """Every row's index has as many parts as its equation's index has names: S1 (site, period) has two."""
    wrong = {name for name, (id_, index) in built.rows.items() if len(index) != len(EQUATIONS[id_].index.split(","))}
    assert not wrong


def test_every_column_stands_in_a_row(built: Model) -> None:
    """A column outside every row would be free to do anything."""
    used = {column.name for row in built.problem.constraints() for column in row}
    assert {column.name for column in built.problem.variables()} <= used


def test_the_rich_instance_solves() -> None:
    """Both solvers find an optimum, so the golden rows belong to a programme that has one.

    CBC of PuLP 4 calls a plan optimal that costs 0.0044 % more than HiGHS's (docs/decisions/001); CBC of PuLP 3.3
    finds the same as HiGHS. HiGHS is never the dearer of the two.
    """
    matrix = matrix_of(rich_model().problem, 0.0)
    ours, theirs = solve_highs(matrix, Limits(gap=0.0)), solve_cbc(matrix, Limits(gap=0.0))
    assert ours.status == theirs.status == "optimal"
    assert ours.objective is not None and theirs.objective is not None
    assert ours.objective <= theirs.objective * (1 + 1e-6)
    assert theirs.objective == pytest.approx(ours.objective, rel=1e-4)
