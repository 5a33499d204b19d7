"""The formulation page and the LP file: the maths written from the very functions that build it."""

import inspect
import tempfile
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from types import ModuleType
from typing import Any

from fleetopt.candidates.enumerate import candidates
from fleetopt.candidates.offers import offers
from fleetopt.candidates.screen import SCREENS
from fleetopt.instance.schema import Instance
from fleetopt.model.build import Model, build
from fleetopt.model.equation import EQUATIONS, Equation
from fleetopt.model.equations import FAMILIES
from fleetopt.model.objective import LINES
from fleetopt.model.prices import Prices
from fleetopt.model.variables import BINARY, INTEGER, Variables

#: Rules that enter a coefficient, and the functions that work it out.
PRICES: dict[str, tuple[Callable[..., Any], ...]] = {
    "F2": (
        Prices.annuity,
        Prices.charged,
        Prices.list_price,
        Prices.memory_unit,
        Prices.opening,
        Prices.left_share,
        Prices.left,
        Prices.bought_left,
        Prices.held_left,
        Prices.opening_left,
    ),
    "B5": (Prices.resale_price, Prices.resale),
    "B7": (Prices.rent_period, Prices.rent),
    "X3": (Prices.duty,),
    "P2": (Prices.energy, Prices.lease_period, Prices.power_fixed, Prices.block, Prices.carbon),
    "G1": (Prices.launch_carbon,),
}

_HEAD = """# Formulation

Generated from the code by `fleetopt formulation`; the test suite fails when it is out of step.

A **row** is in the programme, a **screen** decides whether a column exists, a **price** enters a coefficient. Each row
is named after its equation and index: `P1__oslo__2027q1` is equation P1 at (oslo, 2027q1), in logs, diagnosis and LP
files. Inside the programme money is in M$, power in MW, memory in TB, rates in requests/s, backlog in requests/s × h.

Letters: workload *w*, bucket *b*, candidate or training team *k*, system *c*, site *s*, region *u*, memory tier *m*,
power source *e*, cohort *j* (units held, or bought in one period), holding *i* (what a workload keeps in memory),
discount *d* and its step *l*, rental class *a* (the plain `rent` counts as one), period *t*, slice *h* of η hours in
the cycle. *Entry* candidates are those a request arrives at: aggregated replicas and prefill pools. A column exists
only for an index that can be non-zero; sums run over the columns that exist.
"""


def page_text() -> str:
    """docs/formulation.md: rules at a glance, decisions, rows, screens, prices, objective."""
    parts = (_glance(), _decisions(), _rows(), _screens(), _prices(), _objective())
    return "\n".join([_HEAD, *chain.from_iterable(parts)])


def _glance() -> Iterator[str]:
    kinds: dict[str, Iterable[str]] = {"row": EQUATIONS, "screen": SCREENS, "price": PRICES}
    rules: dict[str, list[str]] = {}
    for kind, ids in kinds.items():
        for id_ in ids:
            found = rules.setdefault(id_.split(".")[0], [])
            found += [] if kind in found else [kind]
    yield "## Rules at a glance\n"
    yield "| id | kind | says |\n|---|---|---|"
    for letter in dict.fromkeys(_sentence(family).split(":")[0] for family, _ in _families()):
        for id_ in sorted((i for i in rules if i[0] == letter and i[1:].isdigit()), key=lambda i: int(i[1:])):
            yield f"| {id_} | {', '.join(rules[id_])} | {_says(id_)} |"
    yield ""


def _says(id_: str) -> str:
    rows = [eq.title for eq in EQUATIONS.values() if eq.id.split(".")[0] == id_]
    if rows:
        return rows[0]
    return SCREENS[id_].says if id_ in SCREENS else _sentence(PRICES[id_][0])


def _decisions() -> Iterator[str]:
    yield "## Decisions\n"
    yield "| column | kind | meaning |\n|---|---|---|"
    source = inspect.getsource(Variables)
    for name in Variables.__dataclass_fields__:
        index, meaning = source.split(f"    {name}: Columns")[1].split('"""')[1].split("] ", 1)
        kind = "0 or 1" if name in BINARY else "whole" if name in INTEGER else "≥ 0"
        yield f"| `{name}{index}]` | {kind} | {meaning} |"
    yield ""


def _rows() -> Iterator[str]:
    yield "## Rows\n"
    for family, rows in _families():
        yield f"### {_sentence(family)}\n"
        for eq in rows:
            yield f"#### {eq.id} ({eq.index})\n"
            yield f"{eq.doc}\n"
            yield f"$$\n{eq.formula}\n$$\n"


def _families() -> list[tuple[ModuleType, list[Equation]]]:
    """Modules of equations, each with its own, in the order of the page."""
    return [(f, [eq for eq in EQUATIONS.values() if eq.generate.__module__ == f.__name__]) for f in FAMILIES]


def _screens() -> Iterator[str]:
    yield "## Screens\n"
    yield "| id | says | decided by |\n|---|---|---|"
    for id_, screen in SCREENS.items():
        yield f"| {id_} | {screen.says} | {', '.join(_address(f) for f in screen.decided_by)} |"
    yield ""


def _prices() -> Iterator[str]:
    yield "## Prices\n"
    yield f"{inspect.cleandoc(inspect.getmodule(Prices).__doc__ or '')}\n"
    yield "| id | price | says |\n|---|---|---|"
    for id_, functions in PRICES.items():
        for function in functions:
            yield f"| {id_} | {_address(function)} | {_sentence(function)} |"
    yield ""


def _objective() -> Iterator[str]:
    yield "## Objective\n"
    yield "The sum of these lines, each in M$ of present value; the report's cost table is this, line by line.\n"
    yield "| line | says |\n|---|---|"
    for name, line in LINES.items():
        yield f"| `{name}` | {_sentence(line)} |"
    yield ""


def _address(function: Callable[..., Any]) -> str:
    return f"`{function.__module__.removeprefix('fleetopt.')}.{function.__qualname__}`"


def _sentence(documented: Any) -> str:
    """The docstring on one line."""
    return " ".join((documented.__doc__ or "").split())


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
