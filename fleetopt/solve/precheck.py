"""Who could serve this demand? Asked before the solver runs: a demand nobody can serve is infeasible at once."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from fleetopt.candidates.candidate import Candidate, CandidateSet, Rejection
from fleetopt.candidates.rules import WORDS
from fleetopt.instance.schema import Instance
from fleetopt.instance.workloads import Workload
from fleetopt.model.decided import column_of, named
from fleetopt.model.sets import Sets
from fleetopt.model.variables import column_keys, has_demand, sites_serving, spread_periods, team_periods
from fleetopt.network.graph import network_view, reach
from fleetopt.solve.diagnosis import Diagnosis, Finding


def precheck(instance: Instance, sets: Sets, candidates: CandidateSet) -> Diagnosis | None:
    """None where every demand has somebody who could serve it in its period; else what is missing."""
    findings: list[Finding] = []
    for workload in (w for w in instance.workloads if w.enabled):
        if workload.kind == "training":
            findings += _training(instance, sets, workload, candidates)
        elif workload.shortfall_usd_per_request is None:
            findings += _serving(instance, sets, workload, candidates)
    findings += _decided(instance, sets)
    findings += _spread(instance, sets)
    if not findings:
        return None
    workloads = {finding.index[0] for finding in findings}
    return Diagnosis(
        status="infeasible",
        headline=findings[0].message,
        findings=tuple(findings),
        advice=tuple(dict.fromkeys(_ADVICE[finding.equation] for finding in findings)),
        rejections=grouped(r for r in candidates.rejections if r.workload in (*workloads, "*")),
    )


_ADVICE = {
    "B2": "an earlier start of service: shorter lead, rent, existing fleet, a licence, or a priced shortfall",
    "D1": "rent, use the existing fleet, or price the shortfall (`shortfall_usd_per_request`) of the workload",
    "G2.frozen": "decide on what can be had (`policy.purchases`), or list what is on order already under `fleet`",
    "D3": "add a site the region may use, a link, or relax `max_rtt_share_of_ttft`",
    "P3": "denser cooling (`cooling.max_kw_per_slot`), another site, systems with less power a rack position, or rent",
    "R1.sites": "fewer sites (`min_sites`), a later `sites_since`, or more sites that its regions may use",
    "R2": "relax the targets, allow other precisions or systems, or price the shortfall of the workload",
    "T1": "move the deadline, allow more chips (`max_chips`), or offer faster systems",
}


def grouped(rejections: Iterable[Rejection]) -> tuple[Mapping[str, Any], ...]:
    """Rejections by workload, system and rule: how many configurations fell, and the nearest."""
    counts: Counter[tuple[str, str, str]] = Counter()
    nearest: dict[tuple[str, str, str], Rejection] = {}
    for r in rejections:
        key = (r.workload, r.system, r.rule)
        counts[key] += r.count
        if key not in nearest or r.shortfall < nearest[key].shortfall:
            nearest[key] = r
    return tuple(
        {
            "workload": w,
            "system": c,
            "rule": rule,
            "reason": WORDS.get(rule, rule),
            "count": count,
            "nearest": nearest[w, c, rule].detail,
            "nearest_site": nearest[w, c, rule].site,
            "nearest_stage": nearest[w, c, rule].stage,
            "nearest_shortfall": _finite(nearest[w, c, rule].shortfall),
        }
        for (w, c, rule), count in sorted(counts.items())
    )


def _finite(value: float) -> float | None:
    return float(f"{value:.12g}") if abs(value) < 1e300 else None


def _serving(instance: Instance, sets: Sets, workload: Workload, candidates: CandidateSet) -> list[Finding]:
    """One finding a region for the first thing that keeps its demand from being served."""
    w, found = workload.id, []
    within = reach(instance, network_view(instance), workload)
    offered = {k.site for k in candidates.serving if k.workload == w}
    demanded: dict[str, set[int]] = defaultdict(set)
    for (of, u, t, _), rate in sets.arrivals.items():
        if of == w and rate > 0:
            demanded[u].add(t)
    if demanded and not offered:
        return [_nobody(workload, candidates, {s for sites in within.sites.values() for s in sites})]
    for u, periods in demanded.items():
        sites = sets.routes.get((w, u), ())
        if not sites:
            barred = [b.detail for b in within.barriers if b.region == u]
            why = "; ".join([*_not_ready(sets, within.sites[u]), *barred])
            found.append(Finding("D3", (w, u), 0.0, "", f"workload '{w}': nobody can serve region '{u}': {why}"))
            continue
        for bucket in workload.buckets:
            served = set().union(*(_periods(sets, w, bucket.id, s) for s in sites))
            missing = sorted(periods - served)
            if bucket.share > 0 and missing:
                found.append(_too_early(sets, w, u, bucket.id, missing, sorted(served)))
                break
    return found


def _not_ready(sets: Sets, sites: tuple[str, ...]) -> list[str]:
    """What keeps sites that a region may use from serving it: they open too late, or nothing there could."""
    last = len(sets.periods) - 1
    late = {s for s in sites if sets.first_open.get(s, 0) > last}
    return [f"{s} cannot open within the horizon" if s in late else f"nothing at {s} could serve it" for s in sites]


def _periods(sets: Sets, w: str, bucket: str, site: str) -> set[int]:
    """Periods in which a site could serve a bucket: by one aggregated candidate, or by two pools."""
    by_stage: dict[str, set[int]] = defaultdict(set)
    candidate: Candidate
    for candidate in sets.serves.get((w, bucket, site), ()):
        by_stage[candidate.stage].update(sets.live[candidate.system, candidate.site])
    return by_stage["aggregated"] | (by_stage["prefill"] & by_stage["decode"])


def _too_early(sets: Sets, w: str, u: str, bucket: str, missing: list[int], served: list[int]) -> Finding:
    first = sets.periods[missing[0]]
    later = [t for t in served if t > missing[0]]
    if not served:
        text = f"workload '{w}': no candidate takes bucket '{bucket}' at a site that region '{u}' may use"
        return Finding("R2", (w, u, bucket), 0.0, "", text)
    earliest = f"earliest service {sets.periods[later[0]]}" if later else "no service from then on"
    text = (
        f"workload '{w}', region '{u}': demand in {first} exceeds the existing fleet; {earliest}: "
        "rent, existing fleet, or priced shortfall"
    )
    return Finding("D1", (w, u, bucket, first), 0.0, "", text)


def _nobody(workload: Workload, candidates: CandidateSet, sites: set[str]) -> Finding:
    """What keeps every system from the workload: its targets, the way to it, or that nothing can be had at `sites`."""
    tried = [r for r in candidates.rejections if r.workload == workload.id and r.rule != "D3"]
    barred = [r for r in candidates.rejections if r.workload == workload.id and r.rule == "D3"]
    unavailable = [r for r in candidates.rejections if r.workload == "*" and _meant(workload, r, sites)]
    if tried:
        rule, text, said = "R2", f"none of {sum(r.count for r in tried)} candidates meets its SLO", tried
    elif barred and not sites:
        rule, text, said = "D3", "no site may serve any of its regions", barred
    else:
        rule, text, said = "B2", "no system that could serve it can be had within the horizon", unavailable
        if {r.rule for r in said} == {"P3"}:
            rule, text = "P3", "no system that could serve it can be cooled where it would stand"
    text = f"workload '{workload.id}': {text}."
    if said:
        near = min(said, key=lambda r: (r.shortfall, r.detail))
        at = " ".join(part for part in (near.system, near.site) if part != "*")
        text += f" Closest: {at}, {near.detail}. Rejected: {_counts(said + (unavailable if tried else []))}."
    return Finding(rule, (workload.id,), 0.0, "", text)


def _meant(workload: Workload, rejection: Rejection, sites: set[str]) -> bool:
    """Whether what cannot be had would have been for the workload; without a site that it may use, any counts."""
    allowed = not workload.systems or rejection.system in workload.systems
    return allowed and (not sites or rejection.site in sites)


def _counts(rejections: Iterable[Rejection]) -> str:
    counts: Counter[str] = Counter()
    for r in rejections:
        counts[r.rule] += r.count
    return ", ".join(f"{count} {WORDS.get(rule, rule)} ({rule})" for rule, count in counts.most_common())


def _training(instance: Instance, sets: Sets, workload: Workload, candidates: CandidateSet) -> list[Finding]:
    teams = [k for k in sets.training if k.workload == workload.id]
    if any(len(team_periods(sets, k)) >= k.periods_needed * (1 - 1e-9) for k in teams):
        return []
    mine = [r for r in candidates.rejections if r.workload == workload.id]
    text = f"training run '{workload.id}': no team finishes between its start and its deadline."
    if mine:
        near = min(mine, key=lambda r: (r.shortfall, r.detail))
        text += f" Closest: {near.system} at {near.site}, {near.detail}. Rejected: {_counts(mine)}."
    elif teams:
        best = min(teams, key=lambda k: k.periods_needed - len(team_periods(sets, k)))
        text += f" Closest: {best.id} needs {best.periods_needed:.3g} periods and has {len(team_periods(sets, best))}."
    return [Finding("T1", (workload.id,), 0.0, "", text)]


def _decided(instance: Instance, sets: Sets) -> list[Finding]:
    """Decisions of the frozen periods that nobody can carry out: the thing cannot be had there then."""
    if not instance.policy.purchases:
        return []
    keys = {family: set(found) for family, found in column_keys(instance, sets).items()}
    findings = []
    for decision in instance.policy.purchases:
        family, key = column_of(instance, decision)
        if key in keys[family]:
            continue
        index = named(instance, family, key)
        kind, item, site, period = index
        when = sorted(k[-1] for k in keys[family] if k[:-1] == key[:-1])
        can = f"it can be had there in {', '.join(sets.periods[t] for t in when)}" if when else "it never can be there"
        text = f"decided: {decision.units:g} x {item} ({kind}) for {site} in {period}, but {can}"
        findings.append(Finding("G2.frozen", index, 0.0, "", text))
    return findings


def _spread(instance: Instance, sets: Sets) -> list[Finding]:
    """Critical workloads whose least number of sites cannot be had in some period: the first of them."""
    findings = []
    for w in (w for w in sets.serving.values() if w.min_sites is not None):
        for t in spread_periods(instance, w):
            able, period = sites_serving(sets, w.id, t), sets.periods[t]
            if len(able) < (w.min_sites or 0) and has_demand(sets, w.id, t):
                could = f"could be served at {', '.join(able)} only" if able else "nobody could serve it then"
                text = f"workload '{w.id}' needs {w.min_sites} sites in {period}, and {could}"
                findings.append(
                    Finding("R1.sites", (w.id, period), float((w.min_sites or 0) - len(able)), "sites", text)
                )
                break
    return findings
