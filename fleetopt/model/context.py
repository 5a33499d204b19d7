"""What every equation sees: the instance, its index sets, and the decision variables.

Inside the model money is in M$, power in MW, memory in TB, rates in requests/s; files and plans stay in USD, kW, GB.
"""

from dataclasses import dataclass
from functools import cached_property

from pulp import LpProblem

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

    @cached_property
    def spares(self) -> dict[Key, Steps]:
        """Steps of the spare rules."""
        return spare_steps(self.instance, self.sets)
