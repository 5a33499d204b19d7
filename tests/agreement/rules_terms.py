"""Terms of sale, in units of the one system that has them: lots and least orders (B3), volume discounts (B4)."""

from collections.abc import Sequence

import numpy as np
from programme import SMALL, Name, Terms, plus
from rules_fleet import FleetRules

from fleetopt.instance.supply import VolumeDiscount


class TermsRules(FleetRules):
    """What an order must be, and what comes off it."""

    def terms_of_sale(self) -> None:
        """B3, B4."""
        for c, system in self.systems.items():
            for t in self.periods:
                if units := self.delivered(c, t):
                    self.order(system.lot, system.min_order, c, t, units)
        for discount in self.i.supply.discounts:
            each = discount.window == "period"  # a year holds the one or two quarters of these instances
            windows = [range(t, t + 1) for t in self.periods] if each else [self.periods]
            for window in windows:
                if discount.kind == "all_units":
                    self.on_all_units(discount, window)
                else:
                    self.step_by_step(discount, window)

    def delivered(self, c: str, t: int) -> Terms:
        """Units of a system delivered in a period, over all sites."""
        return {name: 1.0 for name in self.p.whole if name[0] == "buy" and (name[1], name[3]) == (c, t)}

    def order(self, lot: int | None, least: int | None, c: str, t: int, units: Terms) -> None:
        """B3: a multiple of the lot, and none or at least so many."""
        cap = min(self.most_delivered(c, name[2], t) for name in units)
        if lot is not None:
            self.p.whole["lots", c, t] = (0, int(cap / lot + SMALL))
            self.p.equal(plus((1.0, units), (-float(lot), {("lots", c, t): 1.0})), 0.0)
        if least is not None:
            placed: Name = ("order", c, t)
            self.p.whole[placed] = (0, 1)
            self.p.most(plus((1.0, units), (-float(cap), {placed: 1.0})), 0.0)
            self.p.most(plus((-1.0, units), (float(least), {placed: 1.0})), 0.0)

    def on_all_units(self, discount: VolumeDiscount, window: Sequence[int]) -> None:
        """B4: at most one step holds in a window; it takes its share off every unit, and needs its spend."""
        (c,) = discount.systems
        chosen: Terms = {}
        for n, step in enumerate(discount.steps):
            held: Name = ("level", discount.id, window[0], n)
            self.p.whole[held] = (0, 1)
            chosen[held] = 1.0
            every = plus(*((1.0, self.delivered(c, t)) for t in window))
            self.p.most(plus((-1.0, every), (step.from_usd / self.price(c), {held: 1.0})), 0.0)
            for t in window:
                off: Name = ("off", discount.id, t, n)
                self.p.free[off] = np.inf
                self.p.cost[off] = -step.discount * self.price(c) * self.paid_in(c, t)
                self.p.most(plus((1.0, {off: 1.0}), (-1.0, self.delivered(c, t))), 0.0)
                self.p.most({off: 1.0, held: -self.cap(c, window)}, 0.0)
        self.p.most(chosen, 1.0)

    def step_by_step(self, discount: VolumeDiscount, window: Sequence[int]) -> None:
        """B4: what is delivered above a step's beginning, counting from the start of the window, is cheaper.

        `above` in a period less `above` in the one before is bought at the step's price; as a dollar later is worth no
        more, it is never worth counting fewer units.
        """
        (c,) = discount.systems
        shares = [0.0, *(step.discount for step in discount.steps)]
        for n, step in enumerate(discount.steps):
            begins = step.from_usd / self.price(c)
            for t in window:
                above, reached = ("above", discount.id, t, n), ("reached", discount.id, t, n)
                self.p.free[above] = np.inf
                self.p.whole[reached] = (0, 1)
                so_far = plus(*((1.0, self.delivered(c, b)) for b in window if b <= t))
                # above <= so_far - begins where it is reached, and 0 where it is not
                short = plus((1.0, {above: 1.0}), (-1.0, so_far), (begins, {reached: 1.0}))
                self.p.most(short, 0.0)
                self.p.most({above: 1.0, reached: -self.cap(c, window)}, 0.0)
                later = self.paid_in(c, t + 1) if t + 1 in window else 0.0
                off = (shares[n + 1] - shares[n]) * self.price(c)
                self.p.cost[above] = -off * (self.paid_in(c, t) - later)

    def price(self, c: str) -> float:
        """List price of a unit with its network."""
        return self.tariff.listed(self.systems[c]) * (1 + self.systems[c].price.network_share)

    def paid_in(self, c: str, t: int) -> float:
        """Today's worth of what is paid on a dollar's worth delivered in t."""
        return self.tariff.paid(t, self.tariff.periods(self.systems[c].life_years))

    def cap(self, c: str, window: Sequence[int]) -> float:
        """Most units that can be delivered in a window."""
        return float(
            sum(max((self.most_delivered(c, n[2], t) for n in self.delivered(c, t)), default=0) for t in window)
        )
