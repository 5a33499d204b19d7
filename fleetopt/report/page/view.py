"""A table as the page shows it: which columns, in which units, what may be filtered, and sums at its foot."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from markupsafe import Markup

from fleetopt.report.page.cells import UNITS, cell
from fleetopt.report.rows import Cell, Column, Table

FEW = 24
"""A text column with no more different values than these gets a list to choose from."""


@dataclass(frozen=True, slots=True)
class View:
    """A table of the page."""

    table: Table
    columns: tuple[str, ...] = ()
    """Ids, in the order shown; all where empty, but ids of entities."""
    closed: bool = False
    """Whether it is folded until asked for."""
    exact: bool = False
    """Money with cents."""
    most: int | None = None
    """Rows written; None for all."""

    @property
    def shown(self) -> list[tuple[int, Column]]:
        """Columns with their place in the rows."""
        at = {c.id: n for n, c in enumerate(self.table.columns)}
        ids = self.columns or tuple(id_ for id_ in at if not id_.endswith("_id") and id_ != "id")
        return [(at[id_], self.table.columns[at[id_]]) for id_ in ids if id_ in at]

    @property
    def heads(self) -> list[tuple[Column, str, bool]]:
        """Columns, each with its unit, and whether a list of its values is offered."""
        return [(c, UNITS.get(c.kind, ""), self._few(n, c)) for n, c in self.shown]

    def _few(self, n: int, column: Column) -> bool:
        if column.kind != "text":
            return False
        values = len({row[n] for row in self.table.rows})
        return 1 < values <= min(FEW, len(self.table.rows) // 2)

    @property
    def rows(self) -> Iterator[Markup]:
        """Rows as markup, text escaped."""
        shown = self.shown
        for row in self.table.rows[: self.most]:
            yield Markup("<tr>" + "".join(cell(row[n], c.kind, self.exact) for n, c in shown))

    @property
    def left_out(self) -> int:
        """Rows that are not written."""
        return max(0, len(self.table.rows) - self.most) if self.most is not None else 0

    @property
    def sums(self) -> Markup | None:
        """The foot, over all rows; None where nothing can be summed."""
        if not any(c.total for _, c in self.shown) or len(self.table.rows) < 2:
            return None
        cells = []
        for place, (n, c) in enumerate(self.shown):
            if c.total:
                values = [v for row in self.table.rows if isinstance(v := row[n], int | float)]
                cells.append(cell(round(math.fsum(values), 6), c.kind, self.exact).replace("<td", "<td data-sum", 1))
            else:
                cells.append('<th scope="row">Sum' if place == 0 else "<td>")
        return Markup("<tr>" + "".join(cells))


def listed(id_: str, title: str, said: str, columns: Iterable[Column], rows: Iterable[tuple[Cell, ...]]) -> Table:
    """A table of this page alone."""
    return Table(id_, title, said, tuple(columns), tuple(rows))
