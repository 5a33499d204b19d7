"""`explain` and `alternatives`: why the plan is what it is, and what else there is at nearly the same cost."""

from pathlib import Path
from typing import Annotated

import typer

from fleetopt.cli.options import Json, Seed
from fleetopt.cli.output import print_json, say
from fleetopt.cli.progress import progress

RunFolder = Annotated[Path, typer.Argument(metavar="DIR", help="Run folder with `resolved.yaml` and `plan.json`.")]
NewGap = Annotated[
    float | None, typer.Option("--gap", min=0.0, max=1.0, help="Gap of each new solve; the plan's own if not given.")
]
AllTime = Annotated[
    float,
    typer.Option("--time-limit", min=1.0, metavar="SECONDS", help="For all new solves together; bands say the rest."),
]


def explain(
    folder: RunFolder,
    prices: Annotated[
        bool, typer.Option("--prices", help="What one more of each limit is worth: LP prices, and new solves.")
    ] = False,
    why_not: Annotated[
        str | None, typer.Option("--why-not", metavar="SYSTEM", help="Why a system is not bought (or not more of it).")
    ] = None,
    most: Annotated[int, typer.Option(min=1, help="LP prices printed of each equation.")] = 5,
    resolves: Annotated[int, typer.Option(min=0, help="Headline figures to solve anew with one more.")] = 6,
    times: Annotated[
        float, typer.Option(min=0.001, help="Solve them with so many more, where one is lost between the bounds.")
    ] = 1.0,
    gap: NewGap = None,
    time_limit: AllTime = 600.0,
    seed: Seed = 0,
    json_: Json = False,
) -> None:
    """Explain a written plan: what binds, what one more is worth, why a system was not bought.

    The plan is verified first, and only `resolved.yaml` and `plan.json` are read. LP prices hold the plan's whole
    numbers; a lumpy limit often has none, so headline figures are solved anew with one more, between proven bounds.

    Example: `fleetopt explain runs/fleet-1a2b3c4d --prices`
    """
    from fleetopt.pipeline.explanation import ExplainOptions
    from fleetopt.pipeline.explanation import explain as explained

    options = ExplainOptions(prices, why_not, most, resolves, times, gap, time_limit, seed)
    with progress(quiet=json_) as report:
        found = explained(folder, options, report)
    if json_:
        print_json(found.as_dict())
    else:
        say(found.lines)


def alternatives(
    source: Annotated[
        Path, typer.Argument(metavar="DIR|FILE", help="Run folder, or an instance file, which is solved first.")
    ],
    within: Annotated[
        str, typer.Option(metavar="SHARE", help="How much more an alternative may cost: `2%` or `0.02`.")
    ] = "2%",
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Folder to write; default `runs/<instance>-<hash>-alternatives`."),
    ] = None,
    most: Annotated[int, typer.Option(min=1, help="Plans to look for.")] = 4,
    gap: NewGap = None,
    time_limit: AllTime = 600.0,
    seed: Seed = 0,
    json_: Json = False,
) -> None:
    """Find plans that differ most in systems, vendors or sites at nearly the same cost.

    Each is the cheapest of those that spend least on what the plans before it use; each is verified, and written as a
    run folder beside a table that compares them.

    Example: `fleetopt alternatives runs/fleet-1a2b3c4d --within 2%`
    """
    from fleetopt.pipeline.alternative_plans import AlternativesOptions, find_alternatives

    options = AlternativesOptions(_share(within), most, gap, time_limit, seed)
    with progress(quiet=json_) as report:
        found = find_alternatives(source, out, options, report)
    if json_:
        print_json(found.as_dict())
    else:
        say(found.lines)


def _share(text: str) -> float:
    """`2%` or `0.02`."""
    from fleetopt.units import QuantityError, parse_quantity

    try:
        return float(parse_quantity(text, "share"))
    except (QuantityError, ValueError) as problem:
        raise typer.BadParameter(f"{problem}; try 2% or 0.02", param_hint="--within") from None


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command()(explain)
    app.command()(alternatives)
