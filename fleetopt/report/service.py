"""What runs where: the hardware each segment ends on, latency beside its target, training runs."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from fleetopt.instance.schema import Instance
from fleetopt.instance.workloads import Slo
from fleetopt.plan import Deployment, Placement, Plan
from fleetopt.report.names import Names
from fleetopt.report.text import count, seconds, share, table

STAGES = {"aggregated": "prefill and decode", "prefill": "prefill", "decode": "decode"}
SMALL = 0.01
"""Placements below this share of their workload's requests are counted, not listed."""
Key = tuple[str, str, str, str, str]
"""Workload, stage, system, site, and what the figures rest on: what was measured is never added to what was not."""


@dataclass(frozen=True, slots=True)
class Latency:
    """A latency as planned and at both ends of its error band, beside its target."""

    value_s: float
    p10_s: float
    p90_s: float
    target_s: float | None

    @property
    def strain(self) -> tuple[bool, float]:
        """What stands worst against its target; those without a target after all others, the longest first."""
        return (self.target_s is not None, self.value_s / self.target_s if self.target_s else self.value_s)

    @property
    def missed(self) -> bool:
        """Whether the target does not hold at the pessimistic end."""
        return self.target_s is not None and self.p90_s > self.target_s * (1 + 1e-9)


@dataclass
class Served:
    """What one workload's deployments of one stage do on one system at one site, over the whole horizon."""

    requests: float = 0.0
    unit_seconds: float = 0.0
    loaded_seconds: float = 0.0
    peak_units: float = 0.0
    """Most units in use in any period and slice."""
    worst: dict[str, Latency] = field(default_factory=dict)
    """Of the bucket nearest to or furthest beyond its target, by kind of latency."""
    missed: set[str] = field(default_factory=set)
    """Kinds of latency that miss the target of some bucket at p90."""
    rates: set[tuple[float, float]] = field(default_factory=set)
    """Rate of a replica at p90 and p10, against the rate planned; none where it was measured."""

    def note(self, name: str, point: Mapping[str, float], target_s: float | None) -> None:
        """Keep the latency that stands worst against its target; without a target, the longest; none where unknown."""
        if name not in point:
            return
        found = Latency(
            point[name], point.get(f"{name}_p10", point[name]), point.get(f"{name}_p90", point[name]), target_s
        )
        old = self.worst.get(name)
        if old is None or found.strain > old.strain:
            self.worst[name] = found
        if found.missed:
            self.missed.add(name)


def served(plan: Plan, instance: Instance) -> dict[Key, Served]:
    """Placements added up."""
    found: dict[Key, Served] = defaultdict(Served)
    of = {d.id: d for d in plan.deployments}
    length = {h.id: instance.time.slice_hours_in_period(h) * 3600 for h in instance.time.slices}
    units: dict[tuple[Key, str, str], float] = defaultdict(float)
    for p in plan.placements:
        d = of[p.deployment]
        key = (d.workload, d.stage, d.system, d.site, d.basis)
        _add(found[key], p, d, length[p.slice], _targets(instance, d))
        units[key, p.period, p.slice] += p.replicas * d.units_per_replica
    for (key, _, _), used in units.items():
        found[key].peak_units = max(found[key].peak_units, used)
    return dict(found)


def _targets(instance: Instance, d: Deployment) -> dict[str, Slo]:
    workload = instance.workload(d.workload)
    return {b.id: workload.targets(b) for b in workload.buckets}


def _add(total: Served, p: Placement, d: Deployment, length_s: float, targets: dict[str, Slo]) -> None:
    total.requests += sum(p.served_per_s.values()) * length_s
    total.loaded_seconds += p.replicas * d.units_per_replica * length_s
    total.unit_seconds += p.replicas * p.utilisation * d.units_per_replica * length_s
    for bucket in p.served_per_s:
        slo, point = targets[bucket], d.points[bucket]
        if d.stage != "decode":
            total.note("ttft_s", point, slo.ttft_s)
        if d.stage != "prefill":
            total.note("tpot_s", point, slo.tpot_s)
        total.note("completion_s", point, slo.completion_s)
        if "rate_per_s_p90" in point:
            rate = point["rate_per_s"]
            total.rates.add((point["rate_per_s_p90"] / rate, point["rate_per_s_p10"] / rate))


def segment_section(plan: Plan, instance: Instance) -> list[str]:
    """One sentence a workload: what share of its work ends on which hardware."""
    names, totals = Names(instance), served(plan, instance)
    lines = ["## Which work ends on which hardware", ""]
    for w in (w for w in instance.workloads if w.enabled):
        if w.kind == "training":
            runs = [r for r in plan.training_runs if r.workload == w.id]
            where = "; ".join(f"{names.system(r.system)} in {names.site(r.site)}" for r in runs) or "nowhere"
            lines.append(f"- **{names.workload(w.id)}** (training) runs on {where}.")
            continue
        mine = {key: total for key, total in totals.items() if key[0] == w.id and total.requests > 0}
        parts = [_shares(mine, stage, names) for stage in STAGES]
        said = "; ".join(part for part in parts if part) or "not served"
        lines.append(f"- **{names.workload(w.id)}** ({w.kind}): {said}.")
    return [*lines, ""]


def _shares(mine: dict[Key, Served], stage: str, names: Names) -> str:
    """`decode: 60.0 % HGX H100, 40.0 % GB200` as shares of all the workload's requests."""
    entered = sum(total.requests for (_, at, *_), total in mine.items() if at != "decode")
    by_system: dict[str, float] = defaultdict(float)
    for (_, at, system, *_), total in mine.items():
        if at == stage:
            by_system[system] += total.requests
    if not by_system:
        return ""
    ordered = sorted(by_system.items(), key=lambda item: (-item[1], item[0]))
    named = [(c, n) for c, n in ordered if n >= SMALL * entered] or ordered[:1]
    said = ", ".join(f"{share(n / entered)} on {names.system(c)}" for c, n in named)
    rest = len(ordered) - len(named)
    left = sum(n for _, n in ordered[len(named) :]) / entered
    others = f", {share(left)} on {rest} other{'s' if rest > 1 else ''}" if left >= 0.0005 else ""
    return f"{STAGES[stage]} {said}{others}"


def placement_section(plan: Plan, instance: Instance) -> list[str]:
    """Latency against target, share of work and utilisation by workload, system and site."""
    names, totals = Names(instance), served(plan, instance)
    entered: dict[str, float] = defaultdict(float)
    for (w, stage, *_), total in totals.items():
        entered[w] += total.requests if stage != "decode" else 0.0
    order = [w.id for w in instance.workloads]
    stages = list(STAGES)
    shares = {key: total.requests / entered[key[0]] if entered[key[0]] else 0.0 for key, total in totals.items()}
    rows = [
        [
            names.workload(key[0]),
            STAGES[key[1]],
            names.system(key[2]),
            names.site(key[3]),
            share(shares[key]),
            *(_latency(total, name) for name in ("ttft_s", "tpot_s", "completion_s")),
            _rates(total),
            key[4],
            count(total.peak_units),
            share(total.unit_seconds / total.loaded_seconds) if total.loaded_seconds else "–",
        ]
        for key, total in sorted(
            totals.items(), key=lambda i: (order.index(i[0][0]), stages.index(i[0][1]), -shares[i[0]], i[0])
        )
        if shares[key] >= SMALL
    ]
    if not rows:
        return []
    header = ["workload", "stage", "system", "site", "share of requests", "TTFT", "TPOT", "completion"]
    said = (
        "Latency as planned, for the percentile of requests that the target names (p10–p90 of its error band) / target "
        "where there is one, for the request size nearest to its target. *Not at p90*: the target holds as planned, "
        "but for some request size not at the pessimistic end of the band. Rate: what a replica does at p90 and at "
        f"p10, against the plan. {rests_on(plan)}"
    )
    small = len(totals) - len(rows)
    more = [f"{small} more with less than {share(SMALL)} of their workload each: `tables/placements.csv`.", ""]
    lines = table([*header, "rate, p90–p10", "figures", "units at most", "replicas busy"], rows)
    return ["## Placements", "", said, "", *lines, *(more if small else [])]


BASES = {
    "measured": "*Measured* figures are the planner's own; – stands for what was not measured.",
    "calibrated": "*Calibrated* ones are predicted with constants fitted to measurements of the vendor's chips.",
    "modelled": "*Modelled* ones are predicted with constants that no measurement of such chips has tested.",
}


def rests_on(plan: Plan) -> str:
    """What the figures of a plan rest on, as far as it has such."""
    there = {d.basis for d in plan.deployments} | {run.basis for run in plan.training_runs}
    return " ".join(said for basis, said in BASES.items() if basis in there)


def _latency(total: Served, name: str) -> str:
    if name not in total.worst:
        return "–"
    found = total.worst[name]
    band = f" ({seconds(found.p10_s)}–{seconds(found.p90_s)})" if found.p10_s < found.p90_s else ""
    target = f" / {seconds(found.target_s)}" if found.target_s is not None else ""
    return seconds(found.value_s) + band + target + (", *not at p90*" if name in total.missed else "")


def _rates(total: Served) -> str:
    """`71–125 %`: the lowest and highest ends of any request size."""
    if not total.rates:
        return "–"
    return f"{100 * min(low for low, _ in total.rates):.0f}–{100 * max(high for _, high in total.rates):.0f} %"


def late_at_p90(plan: Plan, instance: Instance) -> frozenset[str]:
    """Runs that would miss their deadline at p90, even if their teams trained in every period that is left to it."""
    done: dict[str, float] = {}
    for run in plan.training_runs:
        training = instance.workload(run.workload).training
        begun = [plan.periods.index(period) for period, x in run.share_of_period.items() if x > 0]
        if training is not None and begun:
            last = min(instance.time.period_index(training.deadline), len(plan.periods) - 1)
            most = (last + 1 - min(begun)) / run.periods_needed_p90
            done[run.workload] = done.get(run.workload, 0.0) + most
    return frozenset(workload for workload, most in done.items() if most < 1 - 1e-9)


def training_section(plan: Plan, instance: Instance) -> list[str]:
    """Runs with their team, the share of each period and the units that train in it on average."""
    names, late = Names(instance), late_at_p90(plan, instance)
    rows = [
        [
            names.workload(r.workload),
            names.system(r.system),
            names.site(r.site),
            count(r.chips),
            r.precision,
            share(r.mfu),
            share(r.goodput),
            f"{r.periods_needed:.2f} ({r.periods_needed_p10:.2f}–{r.periods_needed_p90:.2f})"
            + (", *not at p90*" if r.workload in late else ""),
            ", ".join(f"{period} {share(x)} ({count(r.units * x)} units)" for period, x in r.share_of_period.items()),
        ]
        for r in plan.training_runs
    ]
    header = ["run", "system", "site", "chips", "format", "MFU", "goodput", "periods of the whole team (p10–p90)"]
    header += ["share of each period (units on average)"]
    said = (
        ["*Not at p90*: at the pessimistic end of the band the deadline is missed, even with the team training in "
         "every period left to it; `--set prediction.percentile=p90` plans for that end.", ""] if late else []
    )  # fmt: skip
    return ["## Training runs", "", *table(header, rows), *said] if rows else []
