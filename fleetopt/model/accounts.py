"""What a volume discount adds up, and up to where: a vendor's accounts, one for each time steps are looked at (B4)."""

from collections.abc import Iterator
from dataclasses import dataclass

from fleetopt.instance.schema import Instance
from fleetopt.instance.supply import VolumeDiscount
from fleetopt.model.deliveries import most_units, order_periods
from fleetopt.model.prices import Prices
from fleetopt.model.sets import Sets

USD_PER_MUSD = 1e6
Delivery = tuple[str, int]
"""(system id, period)."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step within an account; number 0 is what lies below the first one that the instance names."""

    number: int
    from_musd: float
    to_musd: float
    """Where the next step begins; for the last the most that can be spent."""


@dataclass(frozen=True, slots=True)
class Account:
    """The spend that decides on the steps of a discount at a period.

    All units: one account a window, at its last period, over all its deliveries. Incremental: one account a period,
    over the deliveries of its window so far, for what came before fills the lower steps.
    """

    discount: VolumeDiscount
    at: int
    deliveries: tuple[Delivery, ...]
    steps: tuple[Step, ...]

    @property
    def chosen(self) -> tuple[Step, ...]:
        """Steps that a binary stands for: all of them, or where they fill one after the other all but the lowest."""
        return self.steps if self.discount.kind == "all_units" else self.steps[1:]

    @property
    def spend_keys(self) -> Iterator[tuple[str, str, int, int]]:
        """[d, c, t, l] of the spend first seen in this account."""
        for c, t in self.deliveries:
            if self.discount.kind == "all_units" or t == self.at:
                for step in self.steps:
                    yield self.discount.id, c, t, step.number


def discount_accounts(instance: Instance, sets: Sets) -> tuple[Account, ...]:
    """Accounts of every discount, without those of windows in which no step can be reached."""
    found: list[Account] = []
    for discount in (d for d in instance.supply.discounts if d.enabled):
        for window in _windows(instance, discount):
            ends = window[-1:] if discount.kind == "all_units" else window
            accounts = [_account(instance, sets, discount, window[0], t) for t in ends]
            if accounts[-1].steps[-1].number > 0:
                found += [account for account in accounts if account.deliveries]
    return tuple(found)


def _windows(instance: Instance, discount: VolumeDiscount) -> list[list[int]]:
    """Periods over which a discount's spend adds up."""
    windows: dict[str, list[int]] = {}
    for t, period in enumerate(instance.time.period_ids):
        key = {"period": period, "year": period[:4], "horizon": ""}[discount.window]
        windows.setdefault(key, []).append(t)
    return list(windows.values())


def _account(instance: Instance, sets: Sets, discount: VolumeDiscount, first: int, at: int) -> Account:
    prices, most, deliveries = Prices(instance), 0.0, []
    for c, system in sets.systems.items():
        if system.vendor == discount.vendor and (not discount.systems or c in discount.systems):
            for t in (t for t in order_periods(sets, c) if first <= t <= at):
                deliveries.append((c, t))
                most += prices.unit_price(system, t) / USD_PER_MUSD * most_units(instance, sets, c, t)
    starts = [(number, step.from_usd / USD_PER_MUSD) for number, step in enumerate(discount.steps, start=1)]
    starts = [(0, 0.0)] * (starts[0][1] > 0) + [start for start in starts if start[1] <= most]
    ends = [start for _, start in starts[1:]] + [most]
    steps = tuple(Step(number, start, end) for (number, start), end in zip(starts, ends, strict=True))
    return Account(discount, at, tuple(deliveries), steps)
