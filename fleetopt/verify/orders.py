"""B3, B6: orders in lots and large enough, and no vendor with more than its share."""

from collections import defaultdict

from fleetopt.verify.ledger import Ledger
from fleetopt.verify.witness import Witness


def check_orders(ledger: Ledger, witness: Witness) -> None:
    """B3, the units of every order, over all sites; B6, each vendor's share of all spending on systems."""
    _check_sizes(ledger, witness)
    _check_shares(ledger, witness)


def _check_sizes(ledger: Ledger, witness: Witness) -> None:
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


def _check_shares(ledger: Ledger, witness: Witness) -> None:
    spent: dict[str, float] = defaultdict(float)
    for p in ledger.plan.purchases:
        spent[p.vendor] += p.cost_usd
    for vendor, share in ledger.instance.supply.max_vendor_share.items():
        witness.at_most("B6", (vendor,), spent[vendor], share * sum(spent.values()))
