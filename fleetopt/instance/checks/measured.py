"""Measurements: each says what it measured and on what, once, and holds for something that is planned."""

from collections.abc import Iterator
from typing import NamedTuple

from fleetopt.instance.located import Finding, Path
from fleetopt.instance.measured import MeasuredPoint
from fleetopt.instance.schema import Instance
from fleetopt.instance.suggest import did_you_mean
from fleetopt.instance.workloads import Workload

MORE_THAN_FITS = 1.02
"""A batch completes at most batch / (output - 1) / TPOT a second; measured means may be off by this factor."""


class _Use(NamedTuple):
    """What a measurement stands for."""

    workload: str
    bucket: str
    system: str
    stage: str
    precision: str
    layout: tuple[int | None, int, int]
    units: int
    cached_tokens: float


def check_measured(instance: Instance) -> Iterator[Finding]:
    """Findings on each measurement alone, then on what several stand for together."""
    for n, point in enumerate(instance.measured.points):
        at: Path = ("measured", "points", n)
        found = [*_subject(at, instance, point), *_layout(at, instance, point), *_figures(at, instance, point)]
        yield from found
        if not found and not _uses(instance, point):
            message, hint = _why_unused(instance, point)
            yield Finding(at, f"it stands for nothing that is planned: {message}", hint, warning=True)
    yield from _twice(instance)
    yield from _partial(instance)


def _subject(at: Path, instance: Instance, point: MeasuredPoint) -> Iterator[Finding]:
    """A workload or model, and one request size."""
    workloads = _candidates(instance, point)
    if point.workload is None and point.model is None:
        yield Finding(at, "names neither workload nor model", "try adding workload: or model:")
    elif point.workload is not None and point.model is not None:
        served = next((w.model for w in instance.workloads if w.id == point.workload), point.model)
        if served != point.model:
            message = f"workload {point.workload!r} is served with {served!r}"
            yield Finding((*at, "model"), message, "try removing one of workload and model")
    sizes = [name for name in ("input_tokens", "output_tokens") if getattr(point, name) is not None]
    if point.bucket is not None and sizes:
        yield Finding((*at, sizes[0]), "stands beside a bucket", "try only one of bucket and tokens")
    elif point.bucket is None and len(sizes) < 2:
        yield Finding(at, "does not say which requests", "try adding bucket:, or input_tokens: and output_tokens:")
    buckets = {b.id for w in workloads for b in w.buckets}
    if point.bucket is not None and workloads and point.bucket not in buckets:
        yield Finding((*at, "bucket"), f"there is no bucket {point.bucket!r}", did_you_mean(point.bucket, buckets))


def _candidates(instance: Instance, point: MeasuredPoint) -> list[Workload]:
    """Workloads that a measurement names, whatever their formats."""
    return [
        w
        for w in instance.workloads
        if w.kind != "training" and point.workload in (None, w.id) and point.model in (None, w.model)
    ]


def _layout(at: Path, instance: Instance, point: MeasuredPoint) -> Iterator[Finding]:
    """A layout that the system's chips can take."""
    system = next((s for s in instance.systems if s.id == point.system), None)
    if system is None:
        return
    if not system.chips:
        yield Finding((*at, "system"), f"{system.id!r} has no accelerators", "try a system that has")
    if point.units > 1 and point.tensor is not None:
        yield Finding((*at, "units"), "stands beside a layout", "try only one of units and tensor")
    for name in ("pipeline", "expert") if point.tensor is None else ():
        if getattr(point, name) > 1:
            yield Finding((*at, name), "stands without tensor", "try adding tensor:")
    if point.tensor is not None and point.tensor % point.expert:
        message = f"experts on {point.expert} chips of a tensor group of {point.tensor}"
        yield Finding((*at, "expert"), message, f"try a divisor of {point.tensor}")
    if system.chip is not None and point.tensor is not None and point.tensor > system.chip.scale_up_domain:
        message = f"a tensor group of {point.tensor} chips does not fit a scale-up domain of "
        yield Finding((*at, "tensor"), f"{message}{system.chip.scale_up_domain}", "try pipeline: for the rest")


def _figures(at: Path, instance: Instance, point: MeasuredPoint) -> Iterator[Finding]:
    """A full point has the latencies of its stage, a maximum throughput its rate; no time is 0."""
    foreign = {"prefill": "tpot_s", "decode": "ttft_s"}.get(point.stage)
    if foreign is not None and getattr(point, foreign) is not None:
        yield Finding((*at, foreign), f"a {point.stage} pool does not answer for it", "try removing it")
    own = [name for name in ("ttft_s", "tpot_s") if name != foreign]
    if point.full:
        for name in own:
            if getattr(point, name) is None:
                hint = f"try adding {name}:, or removing batch: for a maximum throughput"
                yield Finding(at, f"a point with a batch needs {name}", hint)
    elif point.requests_per_s is None:
        yield Finding(at, "has neither batch nor requests_per_s", "try adding one of them")
    for name in own:
        if getattr(point, name) == 0:
            yield Finding((*at, name), "no time is 0", "try more than 0, or leaving it out")
    if point.full and point.requests_per_s == 0:
        message = "a batch in service completes requests"
        yield Finding((*at, "requests_per_s"), message, "try more than 0, or removing batch: and latency")
    yield from _too_fast(at, instance, point)


def _too_fast(at: Path, instance: Instance, point: MeasuredPoint) -> Iterator[Finding]:
    """A batch cannot complete more than its time per token lets it."""
    outputs = [
        b.output_tokens
        for w in _candidates(instance, point)
        for b in w.buckets
        if point.bucket in (None, b.id) and point.is_of(w, b)
    ]
    output = min(outputs, default=point.output_tokens or 0.0)
    if point.batch is None or not point.tpot_s or point.requests_per_s is None or output <= 1:
        return
    most = point.batch / ((output - 1) * point.tpot_s)
    if point.requests_per_s > most * MORE_THAN_FITS:
        message = f"{point.requests_per_s:g}/s is more than a batch of {point.batch} completes: {most:.4g}/s"
        yield Finding((*at, "requests_per_s"), message, "try the rate of one replica, or of one unit without a layout")


def _uses(instance: Instance, point: MeasuredPoint) -> list[_Use]:
    """Every workload and bucket that a measurement stands for."""
    layout = (point.tensor, point.pipeline, point.expert)
    return [
        _Use(w.id, b.id, point.system, point.stage, point.format_for(w), layout, point.units, point.cached_tokens)
        for w in instance.workloads
        if point.is_for(w)
        for b in w.buckets
        if point.is_of(w, b)
    ]


def _why_unused(instance: Instance, point: MeasuredPoint) -> tuple[str, str]:
    """Which field keeps a measurement from standing for anything."""
    workloads = _candidates(instance, point)
    if not workloads:
        return "no workload is served with that model", "try naming a workload"
    if not any(point.is_for(w) for w in workloads):
        named = ", ".join(w.id for w in workloads)
        return (
            f"its system, stage or formats are not those of {named}",
            "try systems, disaggregated or precisions there",
        )
    if any(point.model_copy(update={"cached_tokens": 0.0}).is_of(w, b) for w in workloads for b in w.buckets):
        message = f"{point.cached_tokens:g} tokens are never found in the cache"
        return message, "try 0, or the bucket's own where the workload has idle_kv"
    sizes = {f"{b.input_tokens:g} in, {b.output_tokens:g} out" for w in workloads for b in w.buckets}
    return "no bucket has its tokens", f"try one of {'; '.join(sorted(sizes))}"


def _twice(instance: Instance) -> Iterator[Finding]:
    """One configuration is measured once a batch, or once at its maximum throughput."""
    first: dict[tuple[_Use, int | None], int] = {}
    kinds: dict[_Use, bool] = {}
    for n, point in enumerate(instance.measured.points):
        at: Path = ("measured", "points", n)
        says_something = point.full or point.requests_per_s is not None
        for use in _uses(instance, point) if says_something else ():
            what = f"bucket {use.bucket!r} of {use.workload!r} on {use.system!r}"
            if (use, point.batch) in first:
                again = f"{what} is measured twice in this configuration, first in row {first[use, point.batch] + 1}"
                yield Finding(at, again, "try removing one")
                break
            if kinds.setdefault(use, point.full) != point.full:
                message = f"{what} has points by batch and a maximum throughput in this configuration"
                yield Finding(at, message, "try only one kind")
                break
            first[use, point.batch] = n


def _partial(instance: Instance) -> Iterator[Finding]:
    """Systems measured for some buckets of a workload are predicted for the others, beside each other."""
    first: dict[tuple[str, str], int] = {}
    covered: dict[tuple[str, str], set[str]] = {}
    for n, point in enumerate(instance.measured.points):
        for use in _uses(instance, point):
            first.setdefault((use.workload, use.system), n)
            covered.setdefault((use.workload, use.system), set()).add(use.bucket)
    for (workload_id, system), n in first.items():
        if not any(c.id == system and instance.predicts(instance.workload(workload_id), c) for c in instance.systems):
            continue
        wanted = [b.id for b in instance.workload(workload_id).buckets if b.share > 0]
        missing = [name for name in wanted if name not in covered[workload_id, system]]
        if missing:
            there = ", ".join(name for name in wanted if name in covered[workload_id, system]) or "none"
            message = (
                f"{system!r} is measured for {there} of {workload_id!r}; {', '.join(missing)} stays predicted there"
            )
            yield Finding(("measured", "points", n), message, "try measuring all buckets of a workload", warning=True)
