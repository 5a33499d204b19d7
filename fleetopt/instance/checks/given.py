"""What is given instead of predicted: what such workloads, tables and queues must say, and what they cannot."""

from collections.abc import Iterator

from fleetopt.instance.located import Finding, Path
from fleetopt.instance.schema import Instance
from fleetopt.instance.workloads import Workload


def check_given(instance: Instance) -> Iterator[Finding]:
    """Workloads without a model, sizes of requests, parts, queues, and measurements of what is not described."""
    for w, workload in enumerate(instance.workloads):
        at: Path = ("workloads", w)
        yield from _without_model(at, workload)
        yield from _sizes(at, instance, workload)
        if workload.demand.parts is not None and workload.max_delay_h > 0:
            message = "parts of demand that may wait have no size of their own"
            yield Finding((*at, "demand", "parts"), message, "try max_delay_h: 0, or no parts")
        if workload.one_system and workload.max_delay_h > 0:
            message = "work that may wait cannot be held to one system"
            yield Finding((*at, "one_system"), message, "try max_delay_h: 0, or one_system: false")
        if workload.min_replicas and (not workload.whole_replicas or workload.disaggregated):
            message = "replicas are counted only where they are whole and no stages are split"
            yield Finding((*at, "min_replicas"), message, "try whole_replicas: true and disaggregated: false")
    yield from _queues(instance)
    yield from _tables(instance)


def _without_model(at: Path, workload: Workload) -> Iterator[Finding]:
    """Nothing that is worked out from a model."""
    if workload.model is not None:
        return
    if workload.kind == "training":
        yield Finding(at, "a training run needs a model", "try adding model:")
    for name in ("idle_kv", "reuse_curve"):
        if getattr(workload, name) is not None:
            yield Finding((*at, name), "the KV of no model has a size", "try adding model:")
    for b, bucket in enumerate(workload.buckets):
        if bucket.cached_tokens > 0:
            message = "the KV of no model has a size"
            yield Finding((*at, "buckets", b, "cached_tokens"), message, "try 0, or adding model:")


def _sizes(at: Path, instance: Instance, workload: Workload) -> Iterator[Finding]:
    """Tokens of a request, where anything is worked out from them."""
    queued = any(workload.id in queue.workloads for queue in instance.measured.queues)
    for b, bucket in enumerate(workload.buckets):
        for name in ("input_tokens", "output_tokens"):
            if workload.model is not None and name not in bucket.model_fields_set:
                yield Finding((*at, "buckets", b, name), "the field is missing", "try the tokens of a mean request")
        if queued and bucket.output_tokens < 1:
            message = "a queue needs to know how long answers are"
            yield Finding((*at, "buckets", b, "output_tokens"), message, "try 1 or more")


def _queues(instance: Instance) -> Iterator[Finding]:
    """One law for each workload and system, of a system that has accelerators, and of work that takes time."""
    first: dict[tuple[str, str], int] = {}
    chips = {s.id: s.chips for s in instance.systems}
    kinds = {w.id: w.kind for w in instance.workloads}
    for n, queue in enumerate(instance.measured.queues):
        at: Path = ("measured", "queues", n)
        if chips.get(queue.system) == 0:
            yield Finding((*at, "system"), f"{queue.system!r} has no accelerators", "try a system that has")
        if queue.base_s + queue.token_s + queue.context_s <= 0:
            yield Finding((*at, "base_s"), "no work takes no time", "try more than 0 for one of the three times")
        for i, name in enumerate(queue.workloads):
            if kinds.get(name) == "training":
                yield Finding((*at, "workloads", i), "a training run has no queue", "try removing it")
            if first.setdefault((name, queue.system), n) != n:
                message = f"{name!r} has a queue on {queue.system!r} already, in row {first[name, queue.system] + 1}"
                yield Finding((*at, "workloads", i), message, "try removing one")


def _tables(instance: Instance) -> Iterator[Finding]:
    """Measurements where model or chip is not described, or a queue is given: what they cannot say."""
    systems, workloads = {s.id: s for s in instance.systems}, {w.id: w for w in instance.workloads}
    for n, point in enumerate(instance.measured.points):
        at: Path = ("measured", "points", n)
        system, workload = systems.get(point.system), workloads.get(point.workload or "")
        if system is None:
            continue
        if workload is not None and instance.measured.queue(workload.id, system.id) is not None:
            yield Finding(at, f"{workload.id!r} has a queue on {system.id!r} as well", "try only one of the two")
        elif (workload is None and system.chip is None) or (
            workload is not None and not instance.predicts(workload, system) and not point.plain
        ):
            message = (
                "model or chip is not described, so only a workload's most requests on whole units can be measured"
            )
            yield Finding(at, message, "try workload:, bucket: and requests_per_s: alone, or describing model and chip")
        elif point.units > 1 and (workload is None or instance.predicts(workload, system)):
            yield Finding((*at, "units"), "a model on described chips has a layout", "try tensor: and pipeline:")
