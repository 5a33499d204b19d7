"""plan.md: the plan as a page that a planner would forward."""

from collections.abc import Mapping
from typing import Any

from fleetopt.instance.schema import Instance
from fleetopt.plan import Plan
from fleetopt.report.bands import band_notes, percentile_lines
from fleetopt.report.carbon import carbon_section
from fleetopt.report.costs import cost_section
from fleetopt.report.fleet import cooling_section, fleet_section, power_section
from fleetopt.report.licences import licence_section
from fleetopt.report.money import money_section
from fleetopt.report.names import Names
from fleetopt.report.orders import order_sections
from fleetopt.report.prefix import prefix_section
from fleetopt.report.rejected import rejected_section
from fleetopt.report.reliability import reliability_section
from fleetopt.report.service import placement_section, segment_section, training_section
from fleetopt.report.summary import first
from fleetopt.report.text import count, plain, share, table, usd, whole_usd
from fleetopt.report.vendors import vendor_sections


def plan_markdown(plan: Plan, instance: Instance, extras: Mapping[str, Any] | None = None) -> str:
    """The whole page; `extras` adds lines to its head, as `name: value`. Text of the instance is shown as it stands."""
    lines = [f"# {plain(instance.title or instance.name)}", "", *_head(plan, instance, extras or {})]
    if plan.status not in ("infeasible", "no_plan"):
        lines += [
            *_unserved(plan, instance),
            *_first(plan, instance),
            *cost_section(plan, instance.finance.residual),
            *segment_section(plan, instance),
            *order_sections(plan, instance),
            *money_section(plan, instance),
            *vendor_sections(plan, instance),
            *licence_section(plan, instance),
            *training_section(plan, instance),
            *placement_section(plan, instance),
            *prefix_section(plan, instance),
            *fleet_section(plan, instance),
            *reliability_section(plan, instance),
            *power_section(plan, instance),
            *cooling_section(plan, instance),
            *carbon_section(plan, instance),
            *rejected_section(plan, instance),
            *_notes(plan, instance),
        ]
    return "\n".join(lines).rstrip() + "\n"


def _head(plan: Plan, instance: Instance, extras: Mapping[str, Any]) -> list[str]:
    """Cost, bound and gap; whether the plan was checked."""
    if plan.status in ("infeasible", "no_plan"):
        return [f"**{plan.status}**: there is no plan; diagnosis.md says why."]
    proof = (
        "optimal within the gap asked for" if plan.status == "optimal" else "a plan, not proven to the gap asked for"
    )
    lines = [
        f"**{usd(plan.objective_usd)}** ({whole_usd(plan.objective_usd)}), no plan costs less than "
        f"{usd(plan.bound_usd)}: gap {plan.gap:.4%}, target {plan.gap_target:.4%} – {proof}.",
        "",
        f"{plan.periods[0]} to {plan.periods[-1]}, instance `{plan.instance}`.",
        "",
        *percentile_lines(instance),
    ]
    if plan.verification is not None:
        checks = f"{plan.verification.checks:,} checks with plain arithmetic"
        bad = len(plan.verification.failures)
        passed = (
            f"Verified: {checks}, none failed."
            if plan.verification.passed
            else f"**NOT VERIFIED: {bad} of {checks} failed.**"
        )
        lines += [passed, ""]
    return [
        *lines,
        *(f"- {plain(str(name))}: {plain(str(value))}" for name, value in extras.items()),
        *([""] if extras else []),
    ]


def _unserved(plan: Plan, instance: Instance) -> list[str]:
    """Demand not served comes first."""
    if not plan.unserved:
        return []
    names, totals = Names(instance), dict[tuple[str, str, str], list[float]]()
    for u in plan.unserved:
        total = totals.setdefault((u.workload, u.region, u.period), [0.0, 0.0, 0.0])
        total[0], total[1], total[2] = max(total[0], u.rate_per_s), total[1] + u.requests, total[2] + u.cost_usd
    rows = [
        [names.workload(w), plain(region), period, f"{count(rate)}/s", f"{requests:,.0f}", usd(cost)]
        for (w, region, period), (rate, requests, cost) in totals.items()
    ]
    header = ["workload", "region", "period", "at most", "requests", "at their price"]
    return ["## Demand not served", "", *table(header, rows)]


def _first(plan: Plan, instance: Instance, most: int = 10) -> list[str]:
    """What to order first."""
    now, names = first(plan), Names(instance)
    if not now:
        return ["## What to order first", "", "Nothing to order.", ""]
    lines = []
    for o in now[:most]:
        at = "at" if o.how in ("build", "lease") else "for"
        what = f"{plain(o.amount)} {names.item(o.item)} {at} {names.site(o.site)} ({plain(o.how)})"
        lines.append(f"- {f'open {names.site(o.site)}' if o.how == 'open' else what}: {usd(o.cost_usd)}")
    if len(now) > most:
        lines.append(f"- and {len(now) - most} more, {usd(sum(o.cost_usd for o in now[most:]))} in all")
    said = f"By {now[0].period}: {len(now)} lines, {usd(sum(o.cost_usd for o in now))}, undiscounted."
    return ["## What to order first", "", said, "", *lines, ""]


def _notes(plan: Plan, instance: Instance) -> list[str]:
    """How to read the figures, and what they leave out."""
    percentiles = sorted({share(w.slo.percentile) for w in instance.workloads if w.enabled and w.kind != "training"})
    notes = [
        "Costs in the cost table are present values; in the tables of orders they are undiscounted list prices.",
        "Order by: the last day to order, the start of the period of delivery less the lead time.",
        f"Latency is {_origin(plan)}, with all replicas at the highest load planned for (percentile "
        f"{', '.join(percentiles) or '–'}); docs/prediction.md compares predictions with measurements.",
        *band_notes(plan, instance),
        _charged(instance),
        "Units bought are whole; units rented and replicas that share a unit may be fractions.",
        _spares(instance),
        "`plan.json` holds every figure, `tables/` the same as CSV; `fleetopt verify` on this folder checks them: rows "
        "and prices by separate arithmetic, predictions by working them out anew with the same prediction code.",
        "The bound, and so the gap, is the solver's word: `fleetopt verify` does not prove it again.",
    ]
    return ["## How to read this, and its limits", "", *(f"- {note}" for note in notes), *_source(instance)]


def _origin(plan: Plan) -> str:
    """Whether latency is predicted or measured."""
    measured = {d.source == "measured" for d in plan.deployments}
    if measured == {True}:
        return "the planner's own measurement"
    return "predicted, or measured by the planner where it says so" if True in measured else "predicted, not measured"


def _charged(instance: Instance) -> str:
    """What owning things at the end counts for (F2)."""
    if instance.finance.residual == "annuity":
        return (
            "Purchases are charged over their life, and only for the periods shown: what they are worth afterwards is "
            "not counted for or against them."
        )
    return (
        "Purchases are paid in full and credited with what is left of their price after the last period: an assumption "
        "of the instance, not money received. Units that are there already are neither charged nor credited."
    )


def _spares(instance: Instance) -> str:
    """What failures the plan can stand (R1)."""
    if any(rule.enabled for rule in instance.policy.spares):
        return (
            "Spares are kept where the instance asks for them: failures are taken to be independent, and a site "
            "that is lost as a whole is not covered by them."
        )
    return "Spares are units under repair on average; bursts of failures are not planned for."


def _source(instance: Instance) -> list[str]:
    return ["", "Notes of the instance:", "", f"> {plain(instance.notes)}"] if instance.notes else []
