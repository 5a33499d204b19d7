"""Finance: the table of residual values."""

from collections.abc import Iterator
from itertools import pairwise

from fleetopt.instance.located import Finding, Path
from fleetopt.instance.schema import Instance


def check_residual(instance: Instance) -> Iterator[Finding]:
    """A table stands with `residual: table`, and falls from point to point: nothing gains value with age."""
    finance, at = instance.finance, ("finance", "residual_table")
    if finance.residual == "table" and not finance.residual_table:
        yield Finding(
            ("finance", "residual"), "there is no table", "try adding residual_table: [[0.2, 0.6], [0.6, 0.2]]"
        )
    elif finance.residual != "table" and finance.residual_table:
        yield Finding(at, f"has no effect with residual: {finance.residual}", "try removing it, or residual: table")
    for n, (before, point) in enumerate(pairwise(finance.residual_table), start=1):
        here: Path = (*at, n)
        if point[0] <= before[0]:
            yield Finding(
                here, f"the age {point[0]:g} does not come after {before[0]:g}", "try rising shares of the life"
            )
        elif point[1] > before[1]:
            message = f"{point[1]:g} of the price is left, more than {before[1]:g} before: nothing gains value with age"
            yield Finding(here, message, "try a falling share")
