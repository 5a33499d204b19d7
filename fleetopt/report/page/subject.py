"""What the sections are made from: the plan beside its instance, the tables all reports share, and colours."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from fleetopt.instance.schema import Instance
from fleetopt.plan import Plan
from fleetopt.report.charts import Series
from fleetopt.report.charts.svg import REST
from fleetopt.report.rows import Table, report_tables
from fleetopt.report.rows.book import Book


@dataclass(frozen=True)
class Subject:
    """A plan to be shown."""

    plan: Plan
    instance: Instance
    binding: Sequence[Mapping[str, Any]] | None = None
    """What binds (binding.json); None where the run folder does not say."""
    stopped: str = ""
    """Why the search ended, as the manifest says."""
    previous: Plan | None = None
    """A plan to compare with."""
    book: Book = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "book", Book(self.plan, self.instance))

    @cached_property
    def tables(self) -> dict[str, Table]:
        """The tables every format shares."""
        return report_tables(self.plan, self.instance, self.previous)

    @cached_property
    def periods(self) -> tuple[tuple[str, str], ...]:
        """Periods as (group, label): quarters under their year."""
        return tuple((p[:4], f"Q{p[5]}") if "q" in p else ("", p) for p in self.plan.periods)

    @cached_property
    def colours(self) -> dict[str, int]:
        """A colour for each system: the first seven by the chips in place over time, the rest share one."""
        chips: dict[str, float] = defaultdict(float)
        for e in self.plan.installed:
            chips[e.system] += (e.owned_units + e.rented_units) * self.book.systems[e.system].chips
        return {s: min(n, REST) for n, s in enumerate(sorted(chips, key=lambda s: (-chips[s], s)))}


Cells = Mapping[tuple[str, int], float]
"""Values by name and place on the axis."""


def stacked(cells: Cells, names: Mapping[str, str], colours: Mapping[str, int], width: int) -> tuple[Series, ...]:
    """Series in the order of their colours; those of the last colour are added up as `others`."""
    own = sorted({key for key, _ in cells}, key=lambda key: (colours[key], names[key]))
    rest = [key for key in own if colours[key] == REST]
    series = [
        Series(names[key], tuple(cells.get((key, n), 0.0) for n in range(width)), colours[key])
        for key in own
        if colours[key] != REST or len(rest) == 1
    ]
    if len(rest) > 1:
        sums = tuple(sum(cells.get((key, n), 0.0) for key in rest) for n in range(width))
        series.append(Series(f"{len(rest)} others", sums, REST))
    return tuple(s for s in series if any(s.values))


def ranked(totals: Mapping[str, float]) -> dict[str, int]:
    """Colours by falling size."""
    return {key: min(n, REST) for n, key in enumerate(sorted(totals, key=lambda key: (-totals[key], key)))}


def listing(words: Iterable[str], most: int = 3) -> str:
    """`a, b and c`, or `a, b, c and 4 others`."""
    found = list(words)
    if len(found) > most:
        return f"{', '.join(found[:most])} and {len(found) - most} {'others' if len(found) - most > 1 else 'other'}"
    return f"{', '.join(found[:-1])} and {found[-1]}" if len(found) > 1 else "".join(found)
