"""One configuration, evaluated: the same path for the search and for `verify`, a pure function of the instance."""

from fleetopt.candidates.asked import Asked, serve_point, work_of
from fleetopt.candidates.candidate import OperatingPoint, Reuse
from fleetopt.candidates.layouts import layout_of, replica_units
from fleetopt.instance.models import Precision
from fleetopt.instance.schema import Instance
from fleetopt.instance.workloads import Bucket, Workload
from fleetopt.network.graph import NetworkView, Reach, network_view, reach
from fleetopt.prediction.serving import Predictor
from fleetopt.prediction.speculation import drafting_of
from fleetopt.prediction.types import Layout, Refusal, ServingPoint, Stage


def predictor_for(instance: Instance, workload: Workload, system_id: str, precision: Precision) -> Predictor:
    """The predictor of a workload's model on a system's chips; the system must have some."""
    chip = instance.system(system_id).chip
    if chip is None:
        raise ValueError(f"{system_id} has no accelerators")
    model, options = instance.model(workload.model), instance.prediction
    drafting = drafting_of(options.speculation(workload.id, model.id), model, instance.models)
    return Predictor(model, chip, precision, workload.kv_precision, options, drafting)


def operate(
    instance: Instance,
    predictor: Predictor,
    workload: Workload,
    bucket: Bucket,
    stage: Stage,
    reuse: Reuse,
    layout: Layout,
    point: ServingPoint,
    rtt_s: float,
) -> OperatingPoint | Refusal:
    """The replica under load: its highest rate with all its targets met (R2), or why it meets none (SLO)."""
    asked = Asked(instance, predictor, workload, bucket, stage, reuse, layout, rtt_s)
    found = asked.under_load(point)
    return found if isinstance(found, Refusal) else asked.operating_point(found)


def round_trip_s(view: NetworkView, open_to: Reach, site_id: str) -> float:
    """Longest round trip from any region that may send the workload to a site (D3); 0 where none may."""
    trips = [view.round_trip_ms(region, site_id) for region in open_to.regions_of(site_id)]
    return max((trip for trip in trips if trip is not None), default=0.0) / 1000.0


def recompute(
    instance: Instance,
    workload_id: str,
    site_id: str,
    system_id: str,
    stage: Stage,
    reuse: Reuse,
    precision: Precision,
    tensor: int,
    pipeline: int,
    expert: int,
    bucket_id: str,
    batch: int,
    rtt_s: float | None = None,
) -> OperatingPoint | Refusal:
    """The operating point of one deployment and bucket, from the instance alone: what `verify` compares a plan with.

    `rtt_s` is the site's round trip where it is known already.
    """
    workload = instance.workload(workload_id)
    bucket = next(b for b in workload.buckets if b.id == bucket_id)
    predictor = predictor_for(instance, workload, system_id, precision)
    layout = layout_of(predictor, tensor, pipeline, expert)
    units = replica_units(instance.system(system_id), layout)
    if isinstance(units, Refusal):
        return units
    point = serve_point(predictor, stage, layout, work_of(workload, bucket, reuse), batch)
    if isinstance(point, Refusal):
        return point
    if rtt_s is None:
        view = network_view(instance)
        rtt_s = round_trip_s(view, reach(instance, view, workload), site_id)
    return operate(instance, predictor, workload, bucket, stage, reuse, layout, point, rtt_s)
