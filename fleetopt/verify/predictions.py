"""R2, M1, C2: every deployment is a way to serve that the instance allows, with the figures prediction gives it."""

import math
from collections.abc import Mapping

from fleetopt.candidates.asked import serve_point, work_of
from fleetopt.candidates.candidate import Candidate, OperatingPoint
from fleetopt.candidates.evaluate import predictor_for, recompute, round_trip_s
from fleetopt.candidates.layouts import layout_of
from fleetopt.plan import Deployment
from fleetopt.prediction.bands import origins
from fleetopt.prediction.basis import basis_of
from fleetopt.prediction.kv_cache import kv_gb_per_sequence, kv_shape_of
from fleetopt.prediction.types import Refusal
from fleetopt.verify.given import check_given, check_given_words, given_units, is_given
from fleetopt.verify.ledger import Ledger
from fleetopt.verify.measured import check_measured
from fleetopt.verify.prefix import corners
from fleetopt.verify.references import POINT
from fleetopt.verify.witness import Witness

STAGES = {"aggregated": "agg", "prefill": "pre", "decode": "dec"}
REUSES = ("none", "parked", "resident", "recomputed")


def check_predictions(ledger: Ledger, columns: Mapping[str, Candidate], witness: Witness) -> None:
    """Recompute every deployment; `columns` are the candidates that a fresh enumeration of the instance finds."""
    placed = {p.deployment for p in ledger.plan.placements}
    for d in ledger.plan.deployments:
        witness.holds("D1.site", (d.id,), d.id in placed, "expected a deployment with placements")
        if _check_words(ledger, d, witness) and _check_layout(ledger, d, witness):
            given, measured = is_given(ledger, d), d.source == "measured"
            check = check_given if given else check_measured if measured else _check_point
            for bucket_id, point in d.points.items():
                check(ledger, d, bucket_id, point, witness)
        column = columns.get(d.id)
        witness.holds("R2", (d.id,), column is not None, "expected a candidate that passes every screen")
        if column is not None:
            witness.same("R2", (d.id, "buckets"), sorted(d.points), sorted(column.points))


def _check_words(ledger: Ledger, d: Deployment, witness: Witness) -> bool:
    """Whether the configuration is one the workload allows; only then can it be predicted."""
    before = len(witness.failures)
    workload, system = ledger.workloads[d.workload], ledger.systems[d.system]
    stages = ("aggregated", "prefill", "decode") if workload.disaggregated else ("aggregated",)
    witness.holds("D4", (d.id, "stage"), d.stage in stages, f"expected one of {', '.join(stages)}, found {d.stage!r}")
    reuses = (*REUSES, *corners(workload))
    witness.holds("M2", (d.id, "reuse"), d.reuse in reuses, f"expected one of {', '.join(reuses)}, found {d.reuse!r}")
    if is_given(ledger, d):
        check_given_words(d, witness)
        return len(witness.failures) == before
    ok = d.precision in workload.precisions
    witness.holds("M1", (d.id, "precision"), ok, f"expected a format allowed for the workload, found {d.precision!r}")
    witness.same("M1", (d.id, "kv_precision"), d.kv_precision, str(workload.kv_precision))
    ok = system.chip is not None and (not workload.systems or system.id in workload.systems)
    witness.holds("C2", (d.id, "system"), ok, "expected a system with accelerators that the workload allows")
    ok = d.source in ("predicted", "measured")
    witness.holds("R2", (d.id, "source"), ok, f"expected predicted or measured, found {d.source!r}")
    if system.chip is not None:
        options = ledger.instance.prediction
        drafted = options.speculation(workload.id, workload.model) is not None
        basis = "measured" if d.source == "measured" else basis_of(system.chip, options, speculative=drafted)
        witness.same("R2", (d.id, "basis"), d.basis, basis)
        if d.stage in stages:
            known = origins(d.stage, system.chip.vendor, ledger.instance.prediction)  # type: ignore[arg-type]
            witness.same("R2", (d.id, "bands"), dict(d.bands), {} if d.source == "measured" else known)
    widths = (d.tensor, d.pipeline, d.expert)
    unit = d.source == "measured" and widths == (None, None, None)
    ok = unit or all(width is not None and width >= 1 for width in widths)
    witness.holds("C2", (d.id, "layout"), ok, "expected at least one chip each way")
    return len(witness.failures) == before


def _check_layout(ledger: Ledger, d: Deployment, witness: Witness) -> bool:
    """Name, units, power of a replica; whether the layout is possible (C2)."""
    workload, system = ledger.workloads[d.workload], ledger.systems[d.system]
    chips = (d.tensor or 1) * (d.pipeline or 1) if d.tensor is not None else system.chips
    units = 1.0 / (system.chips // chips) if chips <= system.chips else float(math.ceil(chips / max(system.chips, 1)))
    units = float(given_units(ledger, d)) if is_given(ledger, d) else units
    witness.same("structure", ("deployments", d.id, "id"), d.id, deployment_id(d))
    witness.equal("C1", (d.id, "units_per_replica"), d.units_per_replica, units)
    witness.same("C1.keep", (d.id, "whole"), d.whole, workload.whole_replicas or units > 1.0)
    witness.equal("P1", (d.id, "power_kw"), d.power_kw, system.power_kw * units)
    alone = system.kind == "satellite" and chips > system.chips
    witness.holds("C2", (d.id,), not alone, "expected a replica on one satellite: they share no fabric")
    return not alone


def deployment_id(d: Deployment) -> str:
    """What a deployment is called: workload, site, system, stage, reuse, format, layout."""
    layout = "unit" if d.units_per_replica <= 1 else f"units{d.units_per_replica:.0f}"
    if d.tensor is not None:
        layout = f"tp{d.tensor}" + "".join(
            f"{word}{width}"
            for word, width in (("pp", d.pipeline), ("ep", d.expert))
            if width is not None and width > 1
        )
    reuse = [d.reuse] if d.reuse != "none" else []
    mark = ["measured"] if d.source == "measured" else []
    return ".".join([d.workload, d.site, d.system, STAGES[d.stage], *reuse, d.precision, layout, *mark])


def _check_point(
    ledger: Ledger, d: Deployment, bucket_id: str, point: Mapping[str, float], witness: Witness
) -> None:  # fmt: skip
    """One operating point: memory (M1), latency and rate under the targets (R2)."""
    index = (d.id, bucket_id)
    batch = point["batch"]
    whole = float(batch).is_integer() and 1 <= batch <= 1e9
    witness.holds("M1", (*index, "batch"), whole, f"expected a whole batch of at least 1, found {batch!r}")
    if not whole:
        return
    found = _predicted(ledger, d, bucket_id, int(batch))
    if isinstance(found, Refusal):
        witness.holds(found.rule, index, False, f"expected a configuration that runs; {found.detail}")
        return
    expected, weights_gb = found
    known = d.weights_gb is not None
    witness.holds("M1", (*index, "weights_gb"), known, "expected the size of the weights")
    witness.equal("M1", (*index, "weights_gb"), d.weights_gb or 0.0, weights_gb)
    if d.reuse == "resident":
        _check_resident(ledger, d, bucket_id, point, witness)
    for name in POINT:
        witness.equal("R2", (*index, name), point[name], float(getattr(expected, name)))


def _check_resident(
    ledger: Ledger, d: Deployment, bucket_id: str, point: Mapping[str, float], witness: Witness
) -> None:  # fmt: skip
    """M1: weights, active KV and the KV that stays between turns fit the fast memory of the replica's chips."""
    instance, workload = ledger.instance, ledger.workloads[d.workload]
    idle, chip = workload.idle_kv, ledger.systems[d.system].chip
    ok = idle is not None and idle.may_stay and d.stage == "aggregated"
    witness.holds("M1", (d.id, "reuse"), ok, "expected a workload whose idle KV may stay in fast memory")
    if idle is None or chip is None or d.tensor is None or d.weights_gb is None:
        return
    bucket = next(b for b in workload.buckets if b.id == bucket_id)
    shape = kv_shape_of(instance.model(workload.model))
    predictor = predictor_for(instance, workload, d.system, d.precision)  # type: ignore[arg-type]
    layout = layout_of(predictor, d.tensor, d.pipeline or 1, d.expert or 1)
    copies = layout.tensor / predictor.step.kv_shards(layout)
    held_s = {gap.id: gap.held_s for gap in idle.gaps}.get(bucket.gap or "", idle.mean_gap_s)
    idle_gb = kv_gb_per_sequence(shape, workload.kv_precision, bucket.cached_tokens) * copies * held_s
    room_gb = chip.memory_gb * instance.prediction.usable_memory * layout.chips
    needed_gb = d.weights_gb + point["active_kv_gb"] + point["rate_per_s"] * idle_gb
    witness.at_most("M1", (d.id, bucket_id, "KV that stays"), needed_gb, room_gb)


def _predicted(
    ledger: Ledger, d: Deployment, bucket_id: str, batch: int
) -> tuple[OperatingPoint, float] | Refusal:  # fmt: skip
    """The operating point and the weights in GB, from the instance alone."""
    instance, workload = ledger.instance, ledger.workloads[d.workload]
    bucket = next(b for b in workload.buckets if b.id == bucket_id)
    stage, reuse, precision = d.stage, d.reuse, d.precision
    predictor = predictor_for(instance, workload, d.system, precision)  # type: ignore[arg-type]
    assert d.tensor is not None and d.pipeline is not None and d.expert is not None, "checked with the words"
    layout = layout_of(predictor, d.tensor, d.pipeline, d.expert)
    empty = serve_point(predictor, stage, layout, work_of(workload, bucket, reuse), batch)  # type: ignore[arg-type]
    if isinstance(empty, Refusal):
        return empty
    found = recompute(
        instance, d.workload, d.site, d.system, stage, reuse, precision,  # type: ignore[arg-type]
        d.tensor, d.pipeline, d.expert, bucket_id, batch,
        round_trip_s(ledger.network, ledger.reached[d.workload], d.site),
    )  # fmt: skip
    return found if isinstance(found, Refusal) else (found, empty.weights_gb)
