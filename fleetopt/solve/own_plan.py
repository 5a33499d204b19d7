"""A planner's own plan, from CSV: what is bought, built, opened and retired, as far as the files say.

Every table of a run folder is read as it stands, and so is a shorter one written by hand. What a table is of is told by
its header (`system`, `tier`, `source`, `cohort`, or `site` and `period` alone), or row by row by a column `kind`. A
kind that is told of holds as told, and nothing else of it is had: an empty table means none. Systems always count as
told of; the other kinds are optimised where no table speaks of them.
"""

import csv
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from fleetopt.errors import InputError, Issue
from fleetopt.instance.located import Place
from fleetopt.instance.schema import Instance
from fleetopt.instance.strict_yaml import read_bytes
from fleetopt.instance.suggest import did_you_mean
from fleetopt.model.variables import LEASE
from fleetopt.plan import MemoryPurchase, PowerBuild, Purchase, Retirement, SiteOpening


@dataclass(frozen=True)
class Table:
    """What a kind's table must have: the column of its item, and the columns that may say how much."""

    item: str
    amounts: tuple[str, ...]
    entry: Any
    """Its entries in a plan; all their fields may be columns."""


KINDS: Mapping[str, Table] = {
    "retirements": Table("system", ("units",), Retirement),
    "systems": Table("system", ("units",), Purchase),
    "memory": Table("tier", ("units", "gb"), MemoryPurchase),
    "power": Table("source", ("power_kw", "blocks"), PowerBuild),
    "sites": Table("", (), SiteOpening),
}
"""Tables by kind, in the order in which a header is tried."""
RUN_TABLES = ("purchases", "memory", "power", "sites", "retirements")
"""Tables of a run folder that make a plan."""
_FREE = ("kind", "item", "note", "notes")
COLUMNS = tuple(dict.fromkeys((*_FREE, *(f.name for table in KINDS.values() for f in fields(table.entry)))))
"""Every column that may stand in a file; those that follow from the instance (prices, chips, dates) are not read."""
MOST_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class Wish:
    """One row: an amount of something for a site in a period of delivery."""

    kind: str
    period: str
    site: str
    item: str
    """System, tier or source; empty for a site."""
    amount: float
    measure: str
    """Column that the amount stands in; empty for a site."""
    acquisition: str
    """`buy` or `rent`; empty where there is no choice."""
    rental: str
    """Rental class, where it is not the plain one."""
    cohort: str
    place: Place


@dataclass(frozen=True)
class OwnPlan:
    """What the files say, and which kinds they speak of."""

    wishes: tuple[Wish, ...]
    kinds: frozenset[str]


def read_own_plan(paths: Sequence[Path], instance: Instance) -> OwnPlan:
    """The plan in some CSV files, or in the tables of run folders. Raises InputError with every problem found."""
    wishes: list[Wish] = []
    kinds, problems = {"systems"}, list[Issue]()
    for path in _files(paths):
        try:
            found, told = _read(path, instance)
        except InputError as error:
            problems += error.issues
            continue
        wishes += found
        kinds |= told
    if problems:
        raise InputError(problems)
    return OwnPlan(tuple(wishes), frozenset(kinds))


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    """The files, with a run folder standing for those of its tables that make a plan."""
    for path in paths:
        if path.is_dir():
            yield from (path / "tables" / f"{name}.csv" for name in RUN_TABLES)
        else:
            yield path


def _read(path: Path, instance: Instance) -> tuple[list[Wish], set[str]]:
    name = str(path)
    header, rows = _table(name, read_bytes(path, name))
    problems = [Issue(name, 1, c, "unknown column", did_you_mean(c, COLUMNS)) for c in header if c not in COLUMNS]
    problems += [Issue(name, 1, c, "the column stands twice") for c in dict.fromkeys(header) if header.count(c) > 1]
    problems += [Issue(name, 1, c, "the column is missing", f"try adding {c}") for c in _missing(header)]
    if problems:
        raise InputError(problems)
    by_header = _kind_of(header)
    wishes, told = [], set() if by_header is None else {by_header}
    for line, row in rows:
        wish, wrong = _wish(Place(name, line), row, by_header, instance)
        problems += wrong
        if wish is not None:
            told.add(wish.kind)
            wishes.append(wish)
    if problems:
        raise InputError(problems)
    return wishes, told


def _table(name: str, raw: bytes) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """Header and rows with their lines; rows without any text are left out."""
    try:
        reader = csv.reader(raw.decode("utf-8-sig").splitlines(), strict=True)
        header = [column.strip() for column in next(reader, [])]
        cells = [(reader.line_num, [c.strip() for c in row]) for row in reader if any(c.strip() for c in row)]
    except (UnicodeDecodeError, csv.Error) as error:
        issue = Issue(name, 1, "", f"this is not a CSV table ({error})", "try UTF-8, commas, and a header")
        raise InputError([issue]) from None
    if len(cells) > MOST_ROWS:
        raise InputError([Issue(name, 1, "", f"more than {MOST_ROWS:,} rows", "try one row a system, site and period")])
    message, hint = f"the row does not have the header's {len(header)} fields", "try one value a column"
    if uneven := [Issue(name, line, "", message, hint) for line, row in cells if len(row) != len(header)]:
        raise InputError(uneven)
    return header, [(line, dict(zip(header, row, strict=True))) for line, row in cells]


def _missing(header: list[str]) -> list[str]:
    """Columns without which no row can be read."""
    needed = ["period", "site"]
    if "kind" not in header:
        kind = KINDS[_kind_of(header) or "systems"]
        if kind.amounts and not set(kind.amounts) & set(header):
            needed.append(kind.amounts[0])
        if kind.entry is Purchase and "item" not in header:
            needed.append("system")
    return [column for column in needed if column not in header]


def _kind_of(header: list[str]) -> str | None:
    """The kind of a whole table; None where each row says its own."""
    if "kind" in header:
        return None
    if "cohort" in header:
        return "retirements"
    for column, kind in (("system", "systems"), ("item", "systems"), ("tier", "memory"), ("source", "power")):
        if column in header:
            return kind
    return "systems" if "units" in header else "sites"


def _wish(
    place: Place, row: Mapping[str, str], by_header: str | None, instance: Instance
) -> tuple[Wish | None, list[Issue]]:
    """A row as a wish, or everything that is wrong with it."""
    problems: list[Issue] = []

    def wrong(column: str, message: str, hint: str) -> None:
        problems.append(Issue(*place, column, message, hint))

    kind = by_header or row["kind"]
    if kind not in KINDS:
        wrong("kind", f"there is no kind {kind!r}", did_you_mean(kind, KINDS))
        return None, problems
    table = KINDS[kind]
    item = row.get(table.item, "") or row.get("item", "") if table.item else ""
    for column, value, known in _references(kind, row, item, instance):
        if value not in known:
            wrong(column, f"there is no {column} {value!r} here", did_you_mean(value, known, "there is none"))
    time = instance.time
    if row["period"] not in time.period_ids:
        last = time.period_id(time.periods - 1)
        wrong("period", f"{row['period']!r} is not in the horizon", f"try one from {time.start} to {last}")
    acquisition = row.get("acquisition", "") or "buy" if kind in ("systems", "memory") else ""
    if acquisition not in ("", "buy", "rent"):
        wrong("acquisition", f"there is no {acquisition!r}", did_you_mean(acquisition, ("buy", "rent")))
    measure, amount = _amount(table, row)
    if not 0 <= amount < math.inf:
        said = row.get(measure, "")
        wrong(measure, f"{said!r} is not a number from 0" if said else "how much is not said", "try a number")
    elif kind in ("systems", "retirements") and acquisition != "rent" and amount != int(amount):
        wrong(measure, f"{amount:g} is not a whole number of units", f"try {round(amount)}")
    if problems:
        return None, problems
    cohort = row.get("cohort", "")
    rental = row.get("rental", "") if acquisition == "rent" else ""
    return Wish(kind, row["period"], row["site"], item, amount, measure, acquisition, rental, cohort, place), []


def _amount(table: Table, row: Mapping[str, str]) -> tuple[str, float]:
    """The first amount that is given, NaN where it is no number; 1 for what is opened."""
    if not table.amounts:
        return "", 1.0
    measure = next((column for column in table.amounts if row.get(column)), table.amounts[0])
    try:
        return measure, float(row.get(measure, ""))
    except ValueError:
        return measure, math.nan


def _references(
    kind: str, row: Mapping[str, str], item: str, instance: Instance
) -> Iterator[tuple[str, str, Iterable[str]]]:
    """(what, id, ids there are) of what a row names."""
    sites = {s.id: s for s in instance.sites}
    yield "site", row["site"], sites
    if kind in ("systems", "retirements"):
        systems = {s.id: s for s in instance.systems}
        yield "system", item, systems
        if row.get("rental") and item in systems:
            yield "rental", row["rental"], systems[item].rentals
    elif kind == "memory":
        yield "tier", item, [m.id for m in instance.memory]
    elif kind == "power" and row["site"] in sites:
        power = sites[row["site"]].power
        yield "source", item, [*(e.id for e in power.sources), *([LEASE] if power.lease else [])]
