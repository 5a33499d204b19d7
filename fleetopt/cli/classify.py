"""`classify`: what chips are under the export rules, and what a delivery of them would need."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fleetopt.cli.options import Json
from fleetopt.cli.output import print_json, print_table, say, warn
from fleetopt.errors import UsageError

if TYPE_CHECKING:
    from fleetopt.policy.delivery import Assessment, Shipment
    from fleetopt.policy.part import Part

DISCLAIMER = (
    "Planning help, not legal advice: figures and reported practice only, no end users, no end uses, no licence "
    "conditions. Rules and sources: `fleetopt catalog list control`."
)
_WORDS = {
    "case_by_case": "case by case",
    "presumption_of_denial": "denial",
    "not_applicable": "not controlled",
    "band_1": "band 1",
    "band_2": "band 2",
}
"""Answers as a table says them."""
WHY_UP_TO = 3
"""Cases up to which the reasons are printed without being asked for."""


def classify(
    file: Annotated[Path | None, typer.Argument(metavar="[CASES.yaml]", help="A list of chips and figures.")] = None,
    chip: Annotated[list[str] | None, typer.Option("--chip", help="A chip of the catalogue; may be repeated.")] = None,
    to: Annotated[str | None, typer.Option("--to", metavar="COUNTRY", help="Delivered to: CN, AE, ...")] = None,
    parent: Annotated[
        str | None, typer.Option(metavar="COUNTRY", help="Headquarters of the buyer's parent; `--to` where absent.")
    ] = None,
    on: Annotated[str | None, typer.Option("--on", metavar="DATE", help="Day of delivery, such as 2027-03-31.")] = None,
    re_export: Annotated[bool, typer.Option("--re-export", help="Not shipped from the US itself.")] = False,
    without: Annotated[list[str] | None, typer.Option(metavar="RULE", help="Leave a rule out.")] = None,
    assume: Annotated[
        list[str] | None, typer.Option(metavar="RULE", help="Take a proposed rule to be in force.")
    ] = None,
    why: Annotated[bool, typer.Option("--why", help="Print reasons, and what would change each answer.")] = False,
    json_: Json = False,
) -> None:
    """Classify chips under the US export rules of 2022 to 2026. Planning help, not legal advice.

    A case is a chip with `dense_tops` by format, `bits`, `applicable_die_area_mm2`, `io_bandwidth_gb_s`,
    `dram_bandwidth_gb_s` and `datacentre`. What is not known is `null` or left out; what a part has none of is 0.
    Missing figures give `unknown` and which they are, unless what is known decides.

    With `--to` and `--on` also what a delivery needs: nothing, a notice, a licence and how it is reviewed; and duty and
    revenue share.

    Example: `fleetopt classify cases.yaml --why`, or
    `fleetopt classify --chip h20 --chip h200-sxm --to CN --on 2027-03-31`
    """
    from fleetopt.policy.classes import classify as classified

    parts = [*_from_file(file), *map(_of_catalogue, chip or ())]
    if not parts:
        raise UsageError("classify: nothing to classify; try: fleetopt classify CASES.yaml, or --chip h20")
    shipment = _shipment(to, parent, on, re_export, without, assume)
    found = [_answer(part, classified(part), shipment) for part in parts]
    if json_:
        print_json(found)
        warn(DISCLAIMER)
        return
    _print_answers(found)
    if why or len(found) <= WHY_UP_TO:
        _print_reasons(found)
    say(DISCLAIMER)


def _from_file(file: Path | None) -> tuple[Part, ...]:
    if file is None:
        return ()
    from fleetopt.policy.cases import read_cases

    cases = read_cases(file)
    for warning in cases.warnings:
        warn(f"warning: {warning}")
    return cases.parts


def _of_catalogue(id_: str) -> Part:
    from fleetopt.catalog import load as catalog
    from fleetopt.policy.part import part_with

    fields = catalog.entry("chip", id_)
    return part_with(fields)


def _shipment(
    to: str | None,
    parent: str | None,
    on: str | None,
    re_export: bool,
    without: list[str] | None,
    assume: list[str] | None,
) -> Shipment | None:
    """What `--to` and its companions describe; None without them."""
    if to is None and on is None:
        if parent or re_export or without or assume:
            raise UsageError("classify: --parent, --re-export, --without and --assume need --to and --on")
        return None
    if to is None or on is None:
        raise UsageError("classify: --to and --on go together; try: --to CN --on 2027-03-31")
    from fleetopt.policy.delivery import Shipment, check_shipment

    try:
        day = date.fromisoformat(on)
    except ValueError:
        raise UsageError(f"classify: {on!r} is no date; try 2027-03-31") from None
    route = "re-export" if re_export else "direct"
    shipment = Shipment(day, to, parent or to, route, frozenset(without or ()), frozenset(assume or ()))  # type: ignore[arg-type]
    check_shipment(shipment)
    return shipment


def _answer(part: Part, found: Any, shipment: Shipment | None) -> dict[str, Any]:
    """One object of the document."""
    from fleetopt.policy.delivery import assess
    from fleetopt.policy.overlays import overlays

    answers = {name: outcome.value for name, outcome in found.outcomes.items()}
    document: dict[str, Any] = {
        "chip": part.name,
        "tpp": found.tpp,
        "performance_density": found.performance_density,
        **answers,
        "because": {**found.measured, **{name: o.because for name, o in found.outcomes.items()}},
        "would_change": {name: o.would_change for name, o in found.outcomes.items()},
        "overlays": [asdict(overlay) for overlay in overlays(part)],
    }
    return document if shipment is None else {**document, "delivery": _delivery(assess(part, shipment), shipment)}


def _delivery(found: Assessment, shipment: Shipment) -> dict[str, Any]:
    return {
        "to": shipment.destination,
        "parent": shipment.parent,
        "on": shipment.day.isoformat(),
        "route": shipment.route,
        "requirement": found.requirement,
        "review": found.review or None,
        "duty_rate": found.duty_rate,
        "revenue_share": found.revenue_share,
        "rules": list(found.rules),
        "because": found.because,
        "would_change": found.would_change,
    }


def _print_answers(found: list[dict[str, Any]]) -> None:
    columns = {
        "chip": "chip",
        "tpp": "TPP",
        "performance_density": "density",
        "rule_2022_10": "Oct 2022",
        "rule_2023_10": "Oct 2023",
        "rule_2026_01_china": "China, Jan 2026",
        "tariff_band_2026_01": "duty band",
    }
    rows = [[_WORDS.get(answer[key], _shown(answer[key])) for key in columns] for answer in found]
    if "delivery" in found[0]:
        way = found[0]["delivery"]
        columns["delivery"] = f"to {way['to']}, parent in {way['parent']}, {way['on']}"
        rows = [[*row, _needs(answer["delivery"])] for row, answer in zip(rows, found, strict=True)]
    print_table("Export classification", tuple(columns.values()), rows, {"TPP", "density"})


def _needs(way: dict[str, Any]) -> str:
    """`licence, case_by_case, 25 % duty`."""
    parts = [way["requirement"], _WORDS.get(way["review"], way["review"] or "")]
    parts += [f"{way['duty_rate']:.0%} duty" if way["duty_rate"] else ""]
    parts += [f"{way['revenue_share']:.0%} of the price" if way["revenue_share"] else ""]
    return ", ".join(part for part in parts if part)


def _shown(value: Any) -> str:
    return "not known" if value is None else f"{value:,.6g}" if isinstance(value, float) else str(value)


def _print_reasons(found: list[dict[str, Any]]) -> None:
    for answer in found:
        say(answer["chip"])
        for name, because in answer["because"].items():
            change = answer["would_change"].get(name)
            say(f"  {name} = {_shown(answer[name])}: {because}")
            say([f"      would change it: {change}"] if change else [])
        for overlay in answer["overlays"]:
            until = f" to {overlay['until']}" if overlay["until"] else ""
            status = "" if overlay["status"] == "in_force" else f", {overlay['status']}"
            since = f"from {overlay['effective']}{until}"
            say(f"  beside its figures{status}, {since}: {overlay['says']} [{overlay['citation']}]")
        if "delivery" in answer:
            say(f"  delivery = {_needs(answer['delivery'])}: {answer['delivery']['because']}")


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(classify)
