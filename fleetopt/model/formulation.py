"""The formulation page and the LP file: the maths written from the very functions that build it."""

import inspect
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from fleetopt.candidates import screen
from fleetopt.candidates.enumerate import candidates
from fleetopt.candidates.offers import offers
from fleetopt.instance.schema import Instance
from fleetopt.model.build import Model, build
from fleetopt.model.equation import EQUATIONS
from fleetopt.model.objective import LINES
from fleetopt.model.prices import Prices
from fleetopt.model.variables import BINARY, INTEGER, Variables

#: Rules of formulation.md that decide whether a column exists, and the function that decides.
SCREENS: dict[str, Callable[..., Any]] = {}
#: Rules that enter a coefficient, and the function that works it out.
PRICES: dict[str, Callable[..., Any]] = {"F2": Prices.charged, "X3": Prices.duty, "P2": Prices.energy}

_HEAD = """# Formulation

Generated from the code by `fleetopt formulation`; the test suite fails when it is out of step.

Each row is named after its equation and index: `P1__oslo__2027q1` is equation P1 at (oslo, 2027q1).
A **row** is in the MILP, a **screen** decides whether a column exists, a **price** enters a coefficient.
Inside the model money is in M$, power in MW, memory in TB, rates in requests/s.

Letters: workload *w*, bucket *b*, candidate *k*, system *c*, site *s*, region *u*, memory tier *m*, power source *e*,
licence *l*, cohort *j*, holding *i*, period *t*, slice *h* of η hours in the cycle.
"""


def page_text() -> str:
    """docs/formulation.md: decisions, rows, screens, prices, objective."""
    return "\n".join([_HEAD, *_decisions(), *_rows(), *_screens(), *_prices(), *_objective()]) + "\n"


def _decisions() -> Iterator[str]:
    yield "## Decisions\n"
    yield "| column | kind | meaning |\n|---|---|---|"
    source = inspect.getsource(Variables)
    for name in Variables.__dataclass_fields__:
        text = source.split(f"    {name}: Columns")[1].split('"""')[1]
        kind = "0/1" if name in BINARY else "whole" if name in INTEGER else "≥ 0"
        yield f"| `{name}` | {kind} | {text.replace('|', '/')} |"
    yield ""


def _rows() -> Iterator[str]:
    yield "## Rows\n"
    for eq in EQUATIONS.values():
        yield f"### {eq.id} ({eq.index})\n"
        yield f"{eq.doc}\n"
        yield f"$$\n{eq.formula}\n$$\n"


def _screens() -> Iterator[str]:
    yield "## Screens\n"
    for id_, function in screen.SCREENS.items():
        yield f"- **{id_}** {_sentence(function)}"
    yield ""


def _prices() -> Iterator[str]:
    yield "## Prices\n"
    yield f"{inspect.cleandoc(inspect.getmodule(Prices).__doc__ or '')}\n"
    for id_, function in PRICES.items():
        yield f"- **{id_}** {_sentence(function)}"
    yield ""


def _objective() -> Iterator[str]:
    yield "## Objective: cost lines\n"
    for name, line in LINES.items():
        yield f"- `{name}`: {_sentence(line)}"


def _sentence(function: Callable[..., Any]) -> str:
    return " ".join((function.__doc__ or "").split())


def model_of(instance: Instance) -> Model:
    """The MILP of an instance, candidates and all."""
    return build(instance, candidates(instance), offers(instance).offers)


def lp_text(instance: Instance) -> str:
    """The very LP of an instance, in CPLEX LP format, for any solver to re-solve (constants are in a comment)."""
    model = model_of(instance)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fleetopt.lp"
        model.problem.writeLP(str(path))
        text = path.read_text(encoding="utf-8")
    constant = sum(model.constants.values())
    return f"\\* objective constant, not in the rows below: {constant!r} M$ *\\\n{text}"
