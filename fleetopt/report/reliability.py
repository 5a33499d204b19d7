"""What stands by for what fails: units kept back by place, and how critical workloads are spread over sites."""

from collections import defaultdict

from fleetopt.instance.schema import Instance
from fleetopt.instance.workloads import Workload
from fleetopt.plan import Plan
from fleetopt.report.names import Names
from fleetopt.report.text import count, plain, share, table


def reliability_section(plan: Plan, instance: Instance) -> list[str]:
    """Spares and spread; nothing where the instance asks for neither."""
    parts = [*_spares(plan, instance), *_spread(plan, instance)]
    return ["## Spares and sites", "", *parts] if parts else []


def _spares(plan: Plan, instance: Instance) -> list[str]:
    rules = [rule for rule in instance.policy.spares if rule.enabled]
    if not rules:
        return []
    names, ground = Names(instance), {s.id for s in instance.sites if s.kind == "ground"}
    kept = {
        (e.site, e.system, e.period): f"{count(e.owned_units - e.usable_units)} of {count(e.owned_units)}"
        for e in plan.installed
        if e.site in ground and e.owned_units
    }
    places = sorted({(site, system) for site, system, _ in kept})
    rows = [
        [names.site(site), names.system(system), *(kept.get((site, system, period), "–") for period in plan.periods)]
        for site, system in places
    ]
    asked = "; ".join(
        f"{plain(rule.id)}: {f'{rule.units} a system and site' if rule.units else f'probability {rule.confidence:g}'}"
        for rule in rules
    )
    said = f"Units owned that must not be in use, for repair or as spares ({asked}). Rented units need none."
    return [said, "", *table(["site", "system", *plan.periods], rows)]


def _spread(plan: Plan, instance: Instance) -> list[str]:
    """Share of the largest site of each critical workload in each period, and how many sites serve it."""
    names = Names(instance)
    hours = {h.id: h.hours for h in instance.time.slices}
    rows = []
    for w in (w for w in instance.workloads if w.enabled and (w.min_sites or w.max_site_share)):
        served: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        for f in plan.flows:
            if f.workload == w.id:
                served[f.period][f.site] += hours[f.slice] * f.rate_per_s
        cells = [_cell(served[period], names) for period in plan.periods]
        rows.append([names.workload(w.id), _asked(w), *cells])
    said = "Sites that serve each critical workload, and the share of the period's requests at the largest of them."
    return [said, "", *table(["workload", "asked", *plan.periods], rows)] if rows else []


def _asked(w: Workload) -> str:
    parts = [f"{w.min_sites} sites"] if w.min_sites else []
    parts += [f"at most {share(w.max_site_share)} at one"] if w.max_site_share else []
    return ", ".join(parts) + (f" from {w.sites_since}" if w.sites_since else "")


def _cell(served: dict[str, float], names: Names) -> str:
    if not served:
        return "–"
    largest = max(served, key=lambda site: (served[site], site))
    return f"{len(served)} ({share(served[largest] / sum(served.values()))} {names.site(largest)})"
