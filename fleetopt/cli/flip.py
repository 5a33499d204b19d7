"""`flip`: the value of a parameter at which a fact about the plan changes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fleetopt.cli.options import EachGap, EachSolver, EachTimeLimit, InstanceFile, Json, MemoryGb, Overrides, Workers
from fleetopt.cli.output import print_json, print_table, say
from fleetopt.cli.suite_progress import suite_progress
from fleetopt.errors import UsageError

if TYPE_CHECKING:
    from fleetopt.suite.facts import Fact
    from fleetopt.suite.flip import FlipFound

_THING = "system, memory tier, power source, site, vendor, `wafer`, `HBM`, `orbit`, `before 2024`, `prefill`"


def flip(
    file: InstanceFile,
    path: Annotated[
        list[str],
        typer.Option(
            "--path", metavar="PATH", help="Figure that is varied, as in `--set PATH=VALUE`; given again: together."
        ),
    ],
    between: Annotated[
        tuple[str, str] | None,
        typer.Option(
            "--between", metavar="FIRST LAST", help="First and last value: `50ms 2ms`, `1 4`, `2027q1 2029q4`."
        ),
    ] = None,
    values: Annotated[
        str | None,
        typer.Option("--values", metavar="A,B,C", help="In place of `--between`: the values it takes, in order."),
    ] = None,
    uses: Annotated[
        str | None,
        typer.Option("--uses", metavar="THING", help=f"The plan uses it: {_THING}; then `for chat`, `over 20%`."),
    ] = None,
    avoids: Annotated[
        str | None, typer.Option("--avoids", metavar="THING", help="There is a plan, and it does not use it.")
    ] = None,
    cost_above: Annotated[
        str | None, typer.Option("--cost-above", metavar="USD", help="The plan costs more than this: `$1.5bn`.")
    ] = None,
    opens: Annotated[str | None, typer.Option("--opens", metavar="SITE", help="The plan opens this site.")] = None,
    power_above: Annotated[
        str | None, typer.Option("--power-above", metavar="KW", help="It builds and leases more power: `50 MW`.")
    ] = None,
    feasible: Annotated[bool, typer.Option("--feasible", help="There is a plan at all.")] = False,
    log: Annotated[bool, typer.Option("--log", help="Halve the ratio of values, not their difference.")] = False,
    times: Annotated[bool, typer.Option("--times", help="Values are factors on what stands at the path.")] = False,
    within: Annotated[
        float, typer.Option(min=1e-6, max=0.999, help="How near to each other both sides of the flip must be.")
    ] = 0.02,
    points: Annotated[
        int, typer.Option(min=0, max=50, help="Values in between to look at first: finds what flips twice.")
    ] = 0,
    prove: Annotated[
        bool, typer.Option("--prove", help="Solve without the thing too: what it is worth, and where that is proven.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Folder for runs and pages. Default: `runs/<file>-flip`."),
    ] = None,
    set_: Overrides = None,
    gap: EachGap = None,
    time_limit: EachTimeLimit = None,
    solver: EachSolver = None,
    workers: Workers = None,
    memory_gb: MemoryGb = None,
    json_: Json = False,
) -> None:
    """Find where the plan changes: the value of one figure at which a fact about the cheapest plan flips.

    Solves at both ends and then by halves, until the flip is bracketed. Says what changes between the two plans and
    how sure that is: a plan is only known within its gap. Where both ends agree there is no flip, or an even number;
    `--points 5` looks in between. flip.md, .html, .svg and .json and every run go to the folder, and the same command
    goes on where it was stopped. A list of values, whole numbers and periods can be varied too.

    Example: `fleetopt flip fleet.yaml --path workloads.chat.slo.tpot_s --between 50ms 2ms --log --uses "any wafer"`, or
    `fleetopt flip fleet.yaml --path systems.cs-3.price.buy_usd --times --between 1 0.1 --uses "cs-3 for chat" --prove`
    """
    from fleetopt.suite import SuiteOptions
    from fleetopt.suite.ask import find_flip

    given = {"uses": uses, "avoids": avoids, "cost_above": cost_above, "opens": opens, "power_above": power_above}
    fact = _fact({name: value for name, value in given.items() if value is not None}, feasible, file, set_ or [])
    with suite_progress(quiet=json_) as report:
        found = find_flip(
            file,
            path[0] if len(path) == 1 else path,
            fact,
            between=None if between is None else (_value(between[0]), _value(between[1])),
            values=None if values is None else [_value(value) for value in values.split(",")],
            scale="log" if log else "linear",
            times=times,
            within=within,
            points=points,
            prove=prove,
            overrides=set_ or [],
            out=out,
            options=SuiteOptions(gap, time_limit, solver, workers, memory_gb),
            progress=report,
        )
    if json_:
        from fleetopt.suite.flip_report import flip_data

        print_json(flip_data(found))
    else:
        _print(found, out or Path("runs") / f"{file.stem}-flip")
    raise typer.Exit(_exit_code(found))


def _fact(given: dict[str, str], feasible: bool, file: Path, overrides: list[str]) -> Fact:
    """The one fact that the options name."""
    from pydantic import ValidationError

    from fleetopt.instance.load import load
    from fleetopt.suite.facts import Fact
    from fleetopt.suite.short import look_of

    if len(given) + feasible != 1:
        raise UsageError("say one fact: --uses, --avoids, --cost-above, --opens, --power-above or --feasible")
    if feasible:
        return Fact(feasible=True)
    [(name, text)] = given.items()
    if name in ("uses", "avoids"):
        look = look_of(text, load(file, overrides).instance)
        return Fact(uses=look) if name == "uses" else Fact(avoids=look)
    try:
        return Fact.model_validate({name: _value(text) if name != "opens" else text})
    except ValidationError as error:
        said = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise UsageError(f"--{name.replace('_', '-')} {text}: {said}") from None


def _value(text: str) -> Any:
    """A value as YAML reads it."""
    from fleetopt.errors import InputError
    from fleetopt.instance.strict_yaml import read_text

    try:
        return read_text(text.strip(), "value").data
    except InputError as error:
        raise UsageError(f"{text!r}: {error.issues[0].message}") from None


def _print(found: FlipFound, folder: Path) -> None:
    from fleetopt.report.page.cells import brief
    from fleetopt.report.text import unmarked
    from fleetopt.suite.flip_report import WORDS, cautions, verdict

    rows = [
        [p.shown, WORDS[p.state], "–" if p.cost_usd is None else brief(p.cost_usd), p.because] for p in found.points
    ]
    print_table(found.parameter, [found.unit or "value", found.fact, "cost", "because"], rows, ("cost",))
    say(verdict(found))
    say(cautions(found))
    for bracket in found.brackets:
        if bracket.changes:
            say(f"from {bracket.first.shown} to {bracket.second.shown}:")
            say(f"  {unmarked(text)}" for text in bracket.changes)
    say(f"{found.solves} runs; wrote {folder / 'flip.md'} and {folder / 'flip.html'}")


def _exit_code(found: FlipFound) -> int:
    """0 where every run came to an answer, else 4 where it was stopped and 1 where one failed."""
    states = {point.status for point in found.points if point.state == "unknown"}
    return 4 if "stopped" in states else int(bool(states))


def register(app: typer.Typer) -> None:
    """Add this group's command."""
    app.command()(flip)
