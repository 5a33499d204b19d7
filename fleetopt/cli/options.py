"""Arguments and options that several commands share."""

import math
from pathlib import Path
from typing import Annotated, Literal

import typer


def _a_number(value: float | None) -> float | None:
    """Refuse `nan`, which no range does."""
    if value is not None and math.isnan(value):
        raise typer.BadParameter("this is not a number; try 0.001")
    return value


InstanceFile = Annotated[
    Path, typer.Argument(metavar="FILE", help="Instance file; `fleetopt new FILE` writes one to start from.")
]
Overrides = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="PATH=VALUE",
        help="Change one figure; may be given again. List items go by id, `*` stands for all: "
        "`sites.leo.enabled=false`, `sites.*.power.scale=0.5`.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Gap = Annotated[
    float,
    typer.Option(
        min=0.0,
        max=1.0,
        callback=_a_number,
        help="Stop when the cost is proven to be within this share of the optimum.",
    ),
]
TimeLimit = Annotated[
    float,
    typer.Option(min=0.0, metavar="SECONDS", callback=_a_number, help="Stop after this long with the best plan found."),
]
Solver = Annotated[Literal["highs", "cbc"], typer.Option(help="Which solver; `cbc` is the second opinion.")]
Seed = Annotated[int, typer.Option(min=0, help="Random seed of the solver; the default is as good as any.")]
EachGap = Annotated[
    float | None, typer.Option(min=0.0, max=1.0, callback=_a_number, help="As `solve --gap`, for every scenario.")
]
EachTimeLimit = Annotated[
    float | None,
    typer.Option(min=0.0, metavar="SECONDS", callback=_a_number, help="As `solve --time-limit`, for each scenario."),
]
EachSolver = Annotated[Literal["highs", "cbc"] | None, typer.Option(help="As `solve --solver`.")]
Workers = Annotated[
    int | None,
    typer.Option(min=1, metavar="N", help="Solves at once. Default: one a core, fewer where memory is short."),
]
MemoryGb = Annotated[
    float | None,
    typer.Option(
        "--memory-gb",
        min=0.0,
        callback=_a_number,
        help="Most memory that one solve may take; more, and it fails and the rest goes on. "
        "Default: its share of the machine's.",
    ),
]
