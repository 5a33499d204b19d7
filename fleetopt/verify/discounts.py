"""B4: what volume discounts take off is what the vendor's steps say of the purchases in the plan."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from fleetopt.instance.supply import VolumeDiscount
from fleetopt.plan import Discount
from fleetopt.verify.ledger import Ledger
from fleetopt.verify.witness import Witness

BALANCE_USD = 1e8
"""With it a balance holds to 0.2 USD, what a solver's tolerance can shift from one step to the next."""
Spend = Mapping[tuple[str, str], float]
"""List price with network of what is delivered, by system and period."""


def check_discounts(ledger: Ledger, witness: Witness) -> None:
    """B4, and the figures of every saving."""
    for discount in (d for d in ledger.instance.supply.discounts if d.enabled):
        own = [entry for entry in ledger.plan.discounts if entry.discount == discount.id]
        bought: dict[tuple[str, str], float] = defaultdict(float)
        for p in ledger.plan.purchases:
            named = not discount.systems or p.system in discount.systems
            if p.acquisition == "buy" and p.vendor == discount.vendor and named:
                bought[p.system, p.period] += p.cost_usd
        for entry in own:
            _check_line(discount, entry, witness)
        for window in _windows(ledger, discount):
            inside = {key: usd for key, usd in bought.items() if key[1] in window}
            entries = [entry for entry in own if entry.period in window]
            if discount.kind == "all_units":
                _check_all_units(discount, window[-1], inside, entries, witness)
            else:
                _check_incremental(discount, window, inside, entries, witness)


def _check_line(discount: VolumeDiscount, entry: Discount, witness: Witness) -> None:
    """The step is one of the discount's, and the saving its share of the spend."""
    index = (entry.discount, entry.period, entry.system)
    known = [(step.from_usd, step.discount) for step in discount.steps]
    said = f"expected a step of {known}, found {(entry.from_usd, entry.share)}"
    witness.holds("B4", index, (entry.from_usd, entry.share) in known, said)
    witness.equal("B4", (*index, "saving_usd"), entry.saving_usd, entry.share * entry.spend_usd)


def _windows(ledger: Ledger, discount: VolumeDiscount) -> list[list[str]]:
    """Periods whose spend adds up."""
    if discount.window == "horizon":
        return [list(ledger.period_ids)]
    length = 4 if discount.window == "year" else 6
    names = dict.fromkeys(period[:length] for period in ledger.period_ids)
    return [[period for period in ledger.period_ids if period[:length] == name] for name in names]


def _check_all_units(
    discount: VolumeDiscount, at: str, bought: Spend, entries: Iterable[Discount], witness: Witness
) -> None:
    """The deepest step that the window's spend reaches holds for all of it, and no other."""
    total, index = sum(bought.values()), (discount.id, at)
    held: dict[float, dict[tuple[str, str], float]] = defaultdict(dict)
    for entry in entries:
        held[entry.from_usd][entry.system, entry.period] = entry.spend_usd
    witness.holds("B4.one", index, len(held) <= 1, f"expected one step for all, found {sorted(held)}")
    reached = max(held, default=0.0)
    witness.at_least("B4.from", index, total, reached)
    above = [step.from_usd for step in discount.steps if step.from_usd > reached or (not held and step.from_usd >= 0)]
    if above and total > 0:
        witness.at_most("B4.to", index, total, min(above))
    for key in sorted(bought.keys() | held[reached].keys()) if reached in held else ():
        witness.equal("B4", (*index, *key), held[reached].get(key, 0.0), bought.get(key, 0.0))


def _check_incremental(
    discount: VolumeDiscount, window: list[str], bought: Spend, entries: list[Discount], witness: Witness
) -> None:
    """Counting from the window's start, each step holds what was spent between its beginning and the next."""
    starts = [step.from_usd for step in discount.steps]
    for period in window:
        so_far = [p for p in window if p <= period]
        total = sum(usd for (_, p), usd in bought.items() if p in so_far)
        for start, end in zip(starts, [*starts[1:], float("inf")], strict=True):
            found = [entry.spend_usd for entry in entries if entry.from_usd == start and entry.period in so_far]
            expected = [max(0.0, min(total, end) - start)]
            witness.balance("B4.to", (discount.id, period, f"{start:.0f}"), found, expected, BALANCE_USD)
    for key in {(entry.system, entry.period) for entry in entries}:
        found_usd = sum(entry.spend_usd for entry in entries if (entry.system, entry.period) == key)
        witness.at_most("B4", (discount.id, *key), found_usd, bought.get(key, 0.0))
