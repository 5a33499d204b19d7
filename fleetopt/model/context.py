"""What every equation sees: the instance, its index sets, and the decision variables.

Inside the model money is in M$, power in MW, memory in TB, rates in requests/s; files and plans stay in USD, kW, GB.
"""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pulp import LpProblem

from fleetopt.candidates.candidate import Candidate, OperatingPoint
from fleetopt.instance.schema import Instance
from fleetopt.model.accounts import Account, discount_accounts
from fleetopt.model.prices import Prices
from fleetopt.model.sets import Sets
from fleetopt.model.spares import Key, Steps, spare_steps
from fleetopt.model.variables import Variables

USD_PER_MUSD = 1e6
KW_PER_MW = 1e3
GB_PER_TB = 1e3


@dataclass(frozen=True)
class Context:
    """Instance, sets, variables, and the problem the variables belong to."""

    instance: Instance
    sets: Sets
    var: Variables
    problem: LpProblem

    @cached_property
    def prices(self) -> Prices:
        """Present values of the instance."""
        return Prices(self.instance)

    @cached_property
    def accounts(self) -> tuple[Account, ...]:
        """Vendors' accounts of volume discounts (B4)."""
        return discount_accounts(self.instance, self.sets)

    def served(self, k: Candidate, t: int, h: str) -> list[tuple[OperatingPoint, Any]]:
        """Operating points with which a candidate may serve in a slice, each with its column."""
        return [(k.points[b], column) for b, column in self._served.get((k.id, t, h), ())]

    @cached_property
    def _served(self) -> dict[tuple[str, int, str], list[tuple[str, Any]]]:
        """Buckets and columns by candidate, period and slice."""
        found: dict[tuple[str, int, str], list[tuple[str, Any]]] = defaultdict(list)
        for (k, b, t, h), column in self.var.serve.items():
            found[k, t, h].append((b, column))
        return found

    @cached_property
    def spares(self) -> dict[Key, Steps]:
        """Steps of the spare rules."""
        return spare_steps(self.instance, self.sets)
