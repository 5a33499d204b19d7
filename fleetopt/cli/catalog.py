"""`catalog`: the packaged reference data, with source, date and confidence of every figure."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from fleetopt.cli.options import Json
from fleetopt.cli.output import print_json, print_table, say

_HELP = """Look up the packaged reference data: chips, systems, models, memory, power, sites, rules, with their sources.

An instance takes an entry over by its id, `systems: [hgx-b200-8]`, or with changes: `use: hgx-b200-8` and what differs.

Example: `fleetopt catalog list chip --memory-kind HBM --min-memory-gb 141`, then `fleetopt catalog show b200`
"""
catalog = typer.Typer(help=_HELP, no_args_is_help=True, rich_markup_mode="markdown")


@catalog.command(name="list")
def list_(
    kind: Annotated[str | None, typer.Argument(metavar="[KIND]", help="Such as chip, system, memory, power.")] = None,
    text: Annotated[str | None, typer.Option(help="Every word of this in id, name or vendor.")] = None,
    vendor: Annotated[str | None, typer.Option(help="Chips, systems and processors of this vendor.")] = None,
    memory_kind: Annotated[
        Literal["HBM", "GDDR", "LPDDR", "SRAM"] | None,
        typer.Option(case_sensitive=False, help="Memory of a chip; a system by its chip."),
    ] = None,
    min_memory_gb: Annotated[float | None, typer.Option(min=0.0, help="Memory a chip; a system by its chip.")] = None,
    priced: Annotated[bool, typer.Option("--priced", help="Only what has a price or a rent.")] = False,
    json_: Json = False,
) -> None:
    """List the entries of a kind, or how many there are of each.

    Example: `fleetopt catalog list system --vendor AMD --priced`
    """
    from fleetopt.catalog.listing import Filters, kinds, listing

    filters = Filters(text or "", vendor or "", memory_kind or "", min_memory_gb or 0.0, priced)
    if kind is None and not filters.any:
        counts = kinds()
        if json_:
            print_json(counts)
        else:
            print_table(
                "Kinds", ("kind", "entries"), [(name, str(count)) for name, count in counts.items()], {"entries"}
            )
        return
    rows = listing(kind, filters)
    if json_:
        print_json([row.as_dict() for row in rows])
        return
    if not rows:
        say("nothing in the catalogue is like that")
        return
    found = [(row.kind, row.id, row.name, row.figures) for row in rows]
    print_table(f"{len(rows)} entries", ("kind", "id", "name", "figures"), found, ())


@catalog.command()
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Id of an entry; `catalog list` has them.")],
    kind: Annotated[str | None, typer.Option(help="Which, where several kinds have an entry of that id.")] = None,
    json_: Json = False,
) -> None:
    """Print every figure of an entry with its range, date, confidence and source.

    Example: `fleetopt catalog show hgx-h100-8`
    """
    from fleetopt.catalog.listing import record

    found = record(name, kind)
    if json_:
        print_json(found)
        return
    say(f"{found['kind']} {found['id']}: {found['name']}")
    for figures in (found, *((found["chip"],) if "chip" in found else ())):
        _print_figures(figures)


def _print_figures(found: dict[str, Any]) -> None:
    """Figures, prices by date, what is missing and what is explained, and by number what the figures rest on."""
    points = [point for dated in found["series"].values() for point in dated]
    grounds = dict.fromkeys(_ground(figure) for figure in [*found["figures"], *points])
    numbers = {ground: n for n, ground in enumerate(grounds, 1)}
    title = f"{found['kind']} {found['id']}"
    rows = [(figure["figure"], *_row(figure, numbers)) for figure in found["figures"]]
    print_table(title, ("figure", *_COLUMNS), rows, {"value"})
    for path, dated in found["series"].items():
        rows = [(point["since"], *_row(point, numbers)) for point in dated]
        print_table(f"{title}: {path} by date", ("since", *_COLUMNS), rows, {"value"})
    say(f"not known: {field}; an instance that uses the entry must give it" for field in found["missing"])
    say(f"an outlier in {measure}: {because}" for measure, because in found["explained"].items())
    for (confidence, date, source, note), number in numbers.items():
        say(f"[{number}] {confidence}, {date}" + (f": {source}" if source != confidence else ""))
        say(f"    {note}" for note in filter(None, [note]))


_COLUMNS = ("value", "range", "rests on")


def _ground(figure: dict[str, Any]) -> tuple[str, str, str, str]:
    """What a figure rests on: confidence, date, source, note."""
    return figure["confidence"], figure["date"], figure["source"], figure.get("note") or ""


def _row(figure: dict[str, Any], numbers: dict[tuple[str, str, str, str], int]) -> tuple[str, ...]:
    low_high = " to ".join(map(_value, figure["range"])) if figure.get("range") else ""
    return _value(figure["value"]), low_high, f"[{numbers[_ground(figure)]}]"


def _value(value: Any) -> str:
    """Numbers in plain digits with thousands separators, lists with commas, text as it stands."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ", ".join(map(_value, value)) if isinstance(value, list) else str(value)
    return f"{value:,.12g}"


@catalog.command()
def check(json_: Json = False) -> None:
    """Print figures that look odd beside their like, and why they stand as they are.

    Bandwidth and compute per watt, bytes per FLOP, price per TFLOPS and per GB: whatever is more than three times from
    the median of its measure.

    Example: `fleetopt catalog check`
    """
    from fleetopt.catalog.plausibility import FACTOR, outliers

    found = outliers()
    if json_:
        keys = ("measure", "unit", "kind", "id", "value", "median", "because")
        rows = [(o.measure.id, o.measure.unit, o.measure.kind, o.id, o.value, o.median, o.because) for o in found]
        print_json([dict(zip(keys, row, strict=True)) for row in rows])
        return
    columns = ("measure", "entry", "value", "median", "because")
    print_table(
        f"{len(found)} figures more than {FACTOR:g} times from the median",
        columns,
        [(f"{o.measure.id}, {o.measure.unit}", o.id, f"{o.value:,.4g}", f"{o.median:,.4g}", o.because) for o in found],
        {"value", "median"},
    )


def register(app: typer.Typer) -> None:
    """Add this group."""
    app.add_typer(catalog, name="catalog")
