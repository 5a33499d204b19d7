"""Time: periods to plan for and slices of a representative cycle within each."""

from datetime import date, timedelta
from typing import Literal

from pydantic import Field

from fleetopt.instance.base import Id, Name, PeriodId, Section
from fleetopt.units import Hours

HOURS_PER_YEAR = 8766.0


class Slice(Section):
    """A part of the representative cycle, over which rates are constant."""

    id: Id
    """Lower-case id."""
    name: Name = ""
    """Name for people."""
    start_hour: float = Field(ge=0, lt=168)
    """Hour of the cycle (UTC) at which the slice begins."""
    hours: Hours
    """Length; the slices of a cycle follow each other and fill it."""


class Time(Section):
    """The planning horizon."""

    start: PeriodId
    """First period: `2027q1` for quarters, `2027` for years."""
    periods: int = Field(ge=1, le=80)
    """Number of periods."""
    hours: Hours | None = None
    """Length of the only period, where a plan is for less than a quarter (one hour, as peers plan); `periods` is 1."""
    cycle: Literal["day", "week"] = "day"
    """What the slices divide."""
    slices: tuple[Slice, ...] = Field(min_length=1, max_length=168)
    """Time slices in order; rates differ between them and deferred work moves along them."""

    @property
    def cycle_hours(self) -> float:
        """Hours in the cycle."""
        return 24.0 if self.cycle == "day" else 168.0

    @property
    def quarterly(self) -> bool:
        """Whether a period is a quarter (else a year)."""
        return "q" in self.start

    @property
    def period_years(self) -> float:
        """Length of a period in years."""
        if self.hours is not None:
            return self.hours / HOURS_PER_YEAR
        return 0.25 if self.quarterly else 1.0

    @property
    def period_hours(self) -> float:
        """Length of a period in hours."""
        return self.hours if self.hours is not None else self.period_years * HOURS_PER_YEAR

    @property
    def period_ids(self) -> tuple[str, ...]:
        """Ids of the periods in order."""
        return tuple(self.period_id(index) for index in range(self.periods))

    def period_id(self, index: int) -> str:
        """Id of the period `index` steps after the first (negative: before it)."""
        year = int(self.start[:4])
        if not self.quarterly:
            return f"{year + index}"
        quarter = year * 4 + int(self.start[5]) - 1 + index
        return f"{quarter // 4}q{quarter % 4 + 1}"

    def last_day(self, index: int) -> date:
        """Last day of the period `index` steps after the first."""
        after = self.period_id(index + 1)
        return date(int(after[:4]), 3 * int(after[5]) - 2 if self.quarterly else 1, 1) - timedelta(days=1)

    def period_index(self, period: str) -> int:
        """Steps from the first period to `period` (may be negative or past the horizon)."""
        year = int(period[:4])
        if not self.quarterly:
            return year - int(self.start)
        quarter = int(period[5]) - 1 if "q" in period else 0
        return year * 4 + quarter - (int(self.start[:4]) * 4 + int(self.start[5]) - 1)

    def slice_hours_in_period(self, slice_: Slice) -> float:
        """Hours of a period that fall in `slice_`."""
        return slice_.hours / self.cycle_hours * self.period_hours

    def periods_of_months(self, months: float) -> int:
        """Whole periods that `months` take, rounded up (a lead of 4 months is 2 quarters)."""
        length = 12 * self.period_years
        return int(-(-(months - 1e-9) // length)) if months > 1e-9 else 0
