"""What a dollar at one time is worth at another (F2): what turns what is paid into the lines of the objective.

Worked out here on its own, so that the reconciliation in the reports is a check of the plan and not a copy of it.
"""

from dataclasses import dataclass, field
from itertools import pairwise

from fleetopt.instance.schema import Instance


@dataclass(frozen=True)
class Worth:
    """Present values of one instance, to the start of its first period; period t is paid at its start."""

    instance: Instance
    _counted: dict[tuple[int, int], float] = field(default_factory=dict, repr=False, compare=False)
    """What `counted` has worked out: few pairs of period and life, asked for with every payment."""

    @property
    def end(self) -> int:
        """Index of the first period after the horizon."""
        return self.instance.time.periods

    @property
    def in_full(self) -> bool:
        """Whether purchases count in full at delivery, less what is left at the end; else as instalments over life."""
        return self.instance.finance.residual != "annuity"

    def today(self, t: int) -> float:
        """Present value of a dollar at the start of period t."""
        return float((1.0 + self.instance.finance.wacc) ** (-t * self.instance.time.period_years))

    def life(self, years: float) -> int:
        """A life in whole periods, at least one."""
        return max(1, round(years / self.instance.time.period_years))

    def counted(self, t: int, life: int) -> float:
        """Present value that the objective counts of a dollar spent at t on what lives so many periods.

        By instalments, equal ones at the start of each period of the life are worth the dollar when it is spent:
        counted is the share of them that falls inside the horizon.
        """
        if (t, life) not in self._counted:
            self._counted[t, life] = self._count(t, life)
        return self._counted[t, life]

    def _count(self, t: int, life: int) -> float:
        if self.in_full:
            return self.today(t)
        whole = sum(self.today(n) for n in range(life))
        inside = sum(self.today(n) for n in range(min(life, self.end - t)))
        return self.today(t) * inside / whole

    def left(self, age: int, life: int) -> float:
        """Share of a price that the instance's residual rule leaves at an age; 0 by instalments."""
        finance, gone = self.instance.finance, age / life
        if not self.in_full or gone >= 1.0:
            return 0.0
        if finance.residual == "straight_line":
            return 1.0 - gone
        points = ((0.0, 1.0), *finance.residual_table, (1.0, 0.0))
        (x0, y0), (x1, y1) = next((a, b) for a, b in pairwise(points) if b[0] > gone)
        return y0 + (y1 - y0) * (gone - x0) / (x1 - x0)
