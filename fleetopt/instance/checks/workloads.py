"""Workloads: the sections each kind needs, request sizes, targets, and demand."""

from collections.abc import Iterator

from fleetopt.instance.arrivals import total_arrivals
from fleetopt.instance.located import Finding, Path
from fleetopt.instance.schema import Instance
from fleetopt.instance.workloads import Demand, Workload

_SHARE_TOLERANCE = 1e-6


def check_workload_sections(instance: Instance) -> Iterator[Finding]:
    """`training` only and always for training, `agent` only and always for agentic work."""
    for w, workload in enumerate(instance.workloads):
        for name, kind in (("training", "training"), ("agent", "agentic")):
            given = getattr(workload, name) is not None
            if workload.kind == kind and not given:
                message = f"a workload of kind {kind} needs the section {name}"
                yield Finding(("workloads", w), message, f"try adding {name}:")
            elif given and workload.kind != kind:
                message = f"only a workload of kind {kind} has this section, and this one is {workload.kind}"
                yield Finding(("workloads", w, name), message, f"try removing it, or kind: {kind}")
        if workload.kind == "training":
            for name in ("buckets", "stores"):
                if getattr(workload, name):
                    yield Finding(("workloads", w, name), "a training run has none", "try removing it")
            if workload.demand.regions or workload.demand.table:
                message = "a training run has no arrivals: its work stands under training"
                yield Finding(("workloads", w, "demand"), message, "try removing it")
    if not any(workload.enabled for workload in instance.workloads):
        yield Finding(("workloads",), "no workload is enabled, so there is nothing to plan", warning=True)


def _serving(instance: Instance) -> Iterator[tuple[Path, Workload]]:
    for w, workload in enumerate(instance.workloads):
        if workload.kind != "training":
            yield ("workloads", w), workload


def check_serving(instance: Instance) -> Iterator[Finding]:
    """Request sizes: shares add up to 1, cached tokens are part of the input and have a place to lie."""
    limits = {model.id: model.max_context for model in instance.models}
    for at, workload in _serving(instance):
        if not workload.buckets:
            yield Finding(at, "the workload has no request sizes", "try adding buckets:")
            continue
        total = sum(bucket.share for bucket in workload.buckets)
        if abs(total - 1) > _SHARE_TOLERANCE and not workload.demand.shares_as_given:
            yield Finding((*at, "buckets"), f"the shares add up to {total:g}, not to 1", "try correcting them")
        for b, bucket in enumerate(workload.buckets):
            here: Path = (*at, "buckets", b)
            if bucket.cached_tokens > bucket.input_tokens:
                message = f"{bucket.cached_tokens:g} cached tokens of {bucket.input_tokens:g} in the input"
                yield Finding((*here, "cached_tokens"), message, "try at most input_tokens")
            length, limit = bucket.input_tokens + bucket.output_tokens, limits.get(workload.model or "")
            if limit is not None and length > limit:
                message = f"requests of {length:g} tokens exceed the model's context of {limit:g}"
                yield Finding(here, message, "no candidate will take them", warning=True)
        if any(bucket.cached_tokens > 0 for bucket in workload.buckets) and workload.idle_kv is None:
            hint = "try adding idle_kv: {mean_gap_s, tiers}, or cached_tokens: 0"
            yield Finding(at, "tokens are cached, but nothing says where they lie between turns", hint)
        if workload.max_delay_h > instance.time.cycle_hours:
            message = f"{workload.max_delay_h:g} h of delay exceed the cycle of {instance.time.cycle_hours:g} h"
            yield Finding((*at, "max_delay_h"), message, "try less, or cycle: week")


def check_targets(instance: Instance) -> Iterator[Finding]:
    """Answers have a target for the first token and for each next one; agents for the whole task."""
    for at, workload in _serving(instance):
        needed = ("ttft_s", "tpot_s") if workload.kind == "answer" else ("completion_s",)
        for name in needed if workload.model is not None else ():
            if getattr(workload.slo, name) is None and not all(
                bucket.slo and getattr(bucket.slo, name) is not None for bucket in workload.buckets
            ):
                message = f"a workload of kind {workload.kind} needs the target {name}"
                yield Finding((*at, "slo"), message, f"try adding slo: {{{name}: ...}}")
        targets = [((*at, "slo"), workload.slo)]
        targets += [((*at, "buckets", b, "slo"), k.slo) for b, k in enumerate(workload.buckets) if k.slo]
        for path, slo in targets:
            for name in ("ttft_s", "tpot_s", "completion_s"):
                if getattr(slo, name) == 0:
                    yield Finding((*path, name), "nothing meets a target of 0", "try more than 0")


def check_demand(instance: Instance) -> Iterator[Finding]:
    """Demand is given once, in one way, with factors that are not negative; none at all is worth a warning."""
    for at, workload in _serving(instance):
        demand = workload.demand
        if not demand.regions and not demand.table:
            yield Finding((*at, "demand"), "the workload has no demand", "try adding demand: {regions: [...]}")
            continue
        problems = list(_factors((*at, "demand"), demand, instance.time.periods))
        yield from problems
        if workload.enabled and not problems and total_arrivals(instance, workload) == 0:
            message = "nothing ever arrives: the workload asks for no capacity"
            yield Finding((*at, "demand"), message, "try rates above 0, or enabled: false", warning=True)


def _factors(at: Path, demand: Demand, periods: int) -> Iterator[Finding]:
    if demand.regions and demand.table:
        yield Finding((*at, "table"), "stands beside regions", "try only one of table and regions")
    if demand.table and (demand.period_factors or demand.growth_per_period):
        name = "period_factors" if demand.period_factors else "growth_per_period"
        yield Finding((*at, name), "has no effect on a table", "try removing it")
    if demand.period_factors and demand.growth_per_period:
        yield Finding((*at, "growth_per_period"), "stands beside period_factors", "try only one of them")
    if demand.period_factors and len(demand.period_factors) != periods:
        message = f"{len(demand.period_factors)} factors for {periods} periods"
        yield Finding((*at, "period_factors"), message, "try one for each period")
    for p, factor in enumerate(demand.period_factors):
        if factor < 0:
            yield Finding((*at, "period_factors", p), f"{factor:g} is negative", "try 0 or more")
    for r, row in enumerate(demand.regions):
        for name, factor in row.slice_factors.items():
            if factor < 0:
                yield Finding((*at, "regions", r, "slice_factors", name), f"{factor:g} is negative", "try 0 or more")
