"""docs/relaxations.md: which rules can be relaxed and at what price, and why the others cannot; from the tables."""

from fleetopt.model.equation import EQUATIONS
from fleetopt.solve import relax_prices
from fleetopt.solve.relaxations import KEPT, RELAXED

_WHOSE = {"own": "yours", "demand": "last resort", "law": "law"}


def page_text() -> str:
    """The whole page."""
    lines = [
        "# What can be relaxed",
        "",
        "Generated from `fleetopt/solve/relaxations.py` by `nox -s docs -- --write`; do not edit.",
        "",
        "Where an instance has no plan, each row of the rules below gets a slack at a price, and the cheapest set of",
        "relaxations is found, whole units kept whole. The prices rank ways out, no more: what a plan costs once",
        "that set is granted is found by solving again. First only what is yours is relaxed; where that does not do,",
        "demand is given up as well, at 10 USD a request. What is law is named, and not counted on.",
        "",
        "| rule | unit | price of a unit | whose | asks to |",
        "|---|---|---|---|---|",
    ]
    for id_ in (i for i in EQUATIONS if i in RELAXED):
        rule = RELAXED[id_]
        said = (rule.price.__doc__ or "").strip().splitlines()[0].rstrip(".")
        lines.append(f"| {id_} | {rule.unit} | {said} | {_WHOSE[rule.whose]} | {rule.ask} |")
    lines += ["", "Where the instance names no price of its own:", "", "| constant | value |", "|---|---|"]
    for name, value in vars(relax_prices).items():
        if name.isupper():
            lines.append(f"| `{name}` | {value:,.10g} |")
    lines += ["", "Never relaxed:", "", "| rule | says | why not |", "|---|---|---|"]
    lines += [f"| {id_} | {EQUATIONS[id_].title} | {KEPT[id_]} |" for id_ in EQUATIONS if id_ in KEPT]
    return "\n".join(lines) + "\n"
