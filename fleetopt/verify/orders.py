"""B3: what comes of a system in a period comes in lots, and in no smaller order than its vendor takes."""

from collections import defaultdict

from fleetopt.verify.ledger import Ledger
from fleetopt.verify.witness import Witness


def check_orders(ledger: Ledger, witness: Witness) -> None:
    """B3: the units of every order, over all sites."""
    orders: dict[tuple[str, str], float] = defaultdict(float)
    for p in ledger.plan.purchases:
        if p.acquisition == "buy":
            orders[p.system, p.period] += p.units
    for (c, period), units in orders.items():
        lot, least = ledger.systems[c].lot, ledger.systems[c].min_order
        if lot is not None:
            said = f"expected lots of {lot}, found {units!r} units"
            witness.holds("B3", (c, period), units % lot == 0, said)
        if least is not None:
            witness.at_least("B3", (c, period), units, least)
