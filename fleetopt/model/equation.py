"""Equations as decorated generators: one id, one sentence, one formula, rows named by index."""

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from fleetopt.model.context import Context

Index = tuple[str, ...]
Row = Any
"""A PuLP inequality: `LpConstraint` in PuLP 3, an affine expression with a sense in PuLP 4."""
Rows = Iterator[tuple[Index, Row]]
Generator = Callable[[Context], Rows]


@dataclass(frozen=True)
class Equation:
    """A family of rows: its public id, what it says, its formula, and the generator of its rows."""

    id: str
    title: str
    formula: str
    index: str
    """Names of the index parts, as printed: `site, period`."""
    generate: Generator

    @property
    def doc(self) -> str:
        """The docstring without its formula."""
        return inspect.cleandoc(self.generate.__doc__ or "").split("$$")[0].strip()


EQUATIONS: dict[str, Equation] = {}
_UNNAMEABLE = re.compile(r"[^A-Za-z0-9_]")


def equation(id_: str, index: str) -> Callable[[Generator], Generator]:
    """Register a row generator; a missing sentence or formula is an import-time error.

    The docstring's first line is the title; its formula stands between `$$` and `$$` in LaTeX.
    `id_` may carry a suffix after a dot (`C1.keep`) where one equation of the page has rows of several shapes.
    """

    def register(generate: Generator) -> Generator:
        said, *formulas = (generate.__doc__ or "").split("$$")
        if not said.strip() or len(formulas) < 2 or not formulas[0].strip():
            raise TypeError(f"equation {id_}: {generate.__name__} needs a first sentence and a formula between $$")
        if id_ in EQUATIONS:
            raise TypeError(f"equation {id_} is defined twice")
        title = said.strip().splitlines()[0].strip()
        EQUATIONS[id_] = Equation(id_, title, " ".join(formulas[0].split()), index, generate)
        return generate

    return register


def row_name(id_: str, index: Index) -> str:
    """`P1__oslo__2027q1`: letters, digits and underscores only, parts joined by two underscores."""
    return _UNNAMEABLE.sub("_", "__".join((id_, *index)))


def rows_of(context: Context, only: Any = None) -> Iterator[tuple[str, Index, Row]]:
    """All rows of all equations (or of the ids in `only`), in the order of registration."""
    for id_, eq in EQUATIONS.items():
        if only is None or id_ in only:
            for index, row in eq.generate(context):
                yield id_, index, row
