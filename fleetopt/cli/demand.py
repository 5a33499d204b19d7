"""`demand`: request traces to a workload section."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from fleetopt.cli.demand_result import document, print_tables
from fleetopt.cli.options import Json
from fleetopt.cli.output import print_json, say, warn
from fleetopt.cli.progress import progress
from fleetopt.errors import UsageError

if TYPE_CHECKING:
    from fleetopt.demand.columns import Asked
    from fleetopt.demand.sessions import Sessions
    from fleetopt.demand.study import Study

_ID = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
_GIVEN = {"model", "precision", "kv_precision", "region", "ttft", "tpot"}
_BURSTY = 10.0
Format = Literal["fp32", "bf16", "fp8", "fp4", "int4"]


def _listed(name: str | None) -> str | None:
    """`list` ends the command with what there is."""
    if name == "list":
        from fleetopt.demand.sessions import PUBLISHED

        say(f"{s.id:<14}  {s.name}; {s.source} ({s.confidence})" for s in PUBLISHED)
        raise typer.Exit
    return name


def demand(
    context: typer.Context,
    traces: Annotated[
        list[Path],
        typer.Argument(metavar="TRACE...", help="CSV or JSON lines, plain or gzipped: one workload together."),
    ],
    out: Annotated[Path | None, typer.Option("--out", metavar="WORKLOAD.yaml", help="Where the section goes.")] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace a file that is not as this command wrote it.")
    ] = False,
    timestamp: Annotated[str | None, typer.Option(metavar="COLUMN", help="Column of arrival times.")] = None,
    input_: Annotated[str | None, typer.Option("--input", metavar="COLUMN", help="Column of input tokens.")] = None,
    output: Annotated[str | None, typer.Option(metavar="COLUMN", help="Column of output tokens.")] = None,
    hashes: Annotated[str | None, typer.Option(metavar="COLUMN", help="Column of block hashes (JSON lines).")] = None,
    where: Annotated[
        str | None, typer.Option(metavar="COLUMN=VALUE", help="Only these rows; the others are counted.")
    ] = None,
    time_unit: Annotated[
        Literal["iso", "s", "ms", "us", "ns"] | None,
        typer.Option(help="What timestamps count; told from their looks where absent."),
    ] = None,
    utc_offset: Annotated[
        float, typer.Option(metavar="HOURS", min=-14, max=14, help="Of dates that say none: local time less UTC.")
    ] = 0.0,
    max_bad: Annotated[
        float, typer.Option(metavar="SHARE", min=0, max=1, help="Most bad rows, as a share, before a trace is refused.")
    ] = 0.01,
    instance: Annotated[
        Path | None, typer.Option("--instance", metavar="FILE", help="Instance whose slices rates are wanted by.")
    ] = None,
    error: Annotated[
        float, typer.Option(min=0, max=1, help="Most error of the buckets, as a share of each sum (docs/demand.md).")
    ] = 0.1,
    max_buckets: Annotated[int, typer.Option(min=1, max=64, help="Most buckets.")] = 16,
    dispersion_window: Annotated[
        int, typer.Option(metavar="SECONDS", min=1, max=3600, help="Window of the index of dispersion.")
    ] = 10,
    block_tokens: Annotated[
        int | None, typer.Option(min=1, max=1_000_000, help="Tokens of a block; concluded where absent.")
    ] = None,
    shared: Annotated[
        float,
        typer.Option(
            metavar="SHARE", min=0, max=2, help="Blocks in so many of all requests are shared prompts; 2: none."
        ),
    ] = 0.05,
    warm_up: Annotated[
        float, typer.Option(metavar="SHARE", min=0, max=0.95, help="Part of the time before hits count.")
    ] = 0.0,
    sites: Annotated[int, typer.Option(min=1, max=1000, help="Sites that share the traffic evenly.")] = 1,
    routing: Annotated[
        Literal["prefix", "random"], typer.Option(help="How: sessions together, or each request anywhere.")
    ] = "prefix",
    reuse_as: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            callback=_listed,
            is_eager=True,
            help="Without hashes: a curve from published sessions; `list` says which.",
        ),
    ] = None,
    id_: Annotated[str, typer.Option("--id", help="Id of the workload.")] = "traced",
    model: Annotated[str, typer.Option(help="Model that serves it.")] = "llama-3.1-70b",
    precision: Annotated[Format, typer.Option(help="Weights.")] = "fp8",
    kv_precision: Annotated[Format, typer.Option("--kv-precision", help="KV cache.")] = "bf16",
    region: Annotated[str, typer.Option(help="Region the requests come from.")] = "here",
    rate: Annotated[
        float | None, typer.Option(min=0, max=1e9, help="Mean requests a second, if not the trace's.")
    ] = None,
    ttft: Annotated[str, typer.Option(metavar="TIME", help="Target for the first token.")] = "2 s",
    tpot: Annotated[str, typer.Option(metavar="TIME", help="Target for each next token.")] = "50 ms",
    tiers: Annotated[
        str, typer.Option(metavar="IDS", help="Memory tiers that may hold the prefix cache.")
    ] = "dram,nvme",
    note: Annotated[
        list[str] | None, typer.Option(metavar="TEXT", help="A line on where the traces come from; may be given again.")
    ] = None,
    json_: Json = False,
) -> None:
    """Make a workload section of request traces: request sizes, arrivals, and how much of the input a cache finds.

    CSV with a header, or JSON lines with prefix-block hashes; which it is and which column is what is told by content.
    The section is a file of its own, for `include: [WORKLOAD.yaml]` in an instance, or to be pasted; it loads as it is
    once the instance has the region, the memory tiers of a reuse curve, and the slices. Without `--out` it is printed.
    What a trace cannot say (model, targets, region) is taken from the options and marked. Growth is the instance's.

    Bad rows are counted by reason and said, in the section too. docs/demand.md says how everything is worked out.

    Example: `fleetopt demand conversations.csv --instance fleet.yaml --region us-east --out chat.yaml`
    """
    from fleetopt.demand.section import Named
    from fleetopt.demand.study import Wanted
    from fleetopt.pipeline.trace_workload import check_out, slices_of, trace_workload, write_section

    published = _published(reuse_as)
    given = tuple(n.replace("_", "-") for n in sorted(_GIVEN) if _is_given(context, n))
    named = Named(
        _id("--id", id_),
        _id("--model", model),
        precision,
        kv_precision,
        _id("--region", region),
        _seconds("--ttft", ttft),
        _seconds("--tpot", tpot),
        tuple(_id("--tiers", tier.strip()) for tier in tiers.split(",")),
        rate,
        published,
        given,
        tuple(_line(text) for text in note or ()),
    )
    if out is not None:
        check_out(out, force)
    wanted = Wanted(
        _asked(timestamp, input_, output, hashes, where, time_unit),
        error,
        max_buckets,
        utc_offset,
        slices_of(instance) if instance is not None else None,
        dispersion_window,
        block_tokens,
        shared,
        warm_up,
        sites,
        routing,
        max_bad,
    )
    with progress(quiet=json_) as report:
        found = trace_workload(traces, wanted, named, kv_precision, report)
    if out is not None:
        write_section(out, found.text, force)
    _warn(found.study, error)
    if json_:
        print_json(document(found.study, out))
    elif out is None:
        say(found.text.rstrip("\n"))
    else:
        print_tables(found.study)
        warn(f"wrote {out}; in the instance: include: [{out.name}]")


def _is_given(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _published(name: str | None) -> Sessions | None:
    """The sessions of that name."""
    from fleetopt.demand.sessions import PUBLISHED

    if name is None:
        return None
    found = next((sessions for sessions in PUBLISHED if sessions.id == name), None)
    if found is None:
        raise UsageError(f"--reuse-as {name}: not known; try one of {', '.join(s.id for s in PUBLISHED)}")
    return found


def _asked(
    timestamp: str | None, input_: str | None, output: str | None, hashes: str | None, where: str | None, unit: Any
) -> Asked:
    from fleetopt.demand.columns import Asked

    columns = {"timestamp": timestamp, "input": input_, "output": output, "hashes": hashes}
    filter_ = None
    if where is not None:
        column, equals, value = where.partition("=")
        if not equals:
            raise UsageError(f"--where {where}: no value; try --where COLUMN=VALUE")
        filter_ = (column.strip(), value.strip())
    return Asked({role: name for role, name in columns.items() if name is not None}, unit, filter_)  # type: ignore[misc]


def _id(option: str, text: str) -> str:
    if _ID.fullmatch(text) is None:
        raise UsageError(f"{option} {text!r}: not an id; try lower-case letters, digits, dots and hyphens")
    return text


def _line(text: str) -> str:
    if not text.isprintable():
        raise UsageError("--note: not one printable line; try several --note")
    return text


def _seconds(option: str, text: str) -> str:
    from fleetopt.units import QuantityError, parse_quantity

    try:
        value = float(parse_quantity(text, "s"))
    except QuantityError as error:
        raise UsageError(f"{option} {error}") from None
    if not 0 < value < 1e9:
        raise UsageError(f"{option} {text}: not a time above 0; try 2 s")
    return f"{value:.10g}"


def _warn(study: Study, error: float) -> None:
    """What the user should know before the section is used."""
    for file in study.files:
        if file.shape.guessed:
            warn(f"note: {file.name}: timestamps taken as {file.shape.unit}; --time-unit says otherwise")
        for reason in file.rows.reasons():
            warn(f"warning: {file.name}: {reason}")
    if study.sizes.error > error:
        many, lost = len(study.sizes.buckets), study.sizes.error
        warn(f"warning: {many} buckets lose {lost:.1%}, more than {error:.1%}; try --max-buckets")
    at = study.dispersion
    if at is not None and (at.dispersion or 0.0) > _BURSTY:
        said = "few users, or a log gathered in bursts? --dispersion-window, or edit it"
        warn(f"warning: the index of dispersion of arrivals is {at.dispersion:.3g} in {at.window_s} s: {said}")
    if study.reuse is not None and study.lower_bound:
        warn(f"warning: the reuse curve of {study.span_s / 3600:.3g} h is a lower bound")


def register(app: typer.Typer) -> None:
    """Add this group's command."""
    app.command()(demand)
