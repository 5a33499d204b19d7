"""Demand as the model sees it: arrivals per second by region, period and slice. Pure functions of the instance."""

from fleetopt.instance.schema import Instance
from fleetopt.instance.workloads import DemandRow, Workload

SECONDS_PER_HOUR = 3600.0


def region_ids(workload: Workload) -> tuple[str, ...]:
    """Regions the workload has demand in, in the order of the instance."""
    demand = workload.demand
    named = [row.region for row in demand.table] if demand.table else [row.region for row in demand.regions]
    return tuple(dict.fromkeys(named))


def arrivals_per_s(instance: Instance, workload: Workload, region_id: str, period_index: int, slice_id: str) -> float:
    """Requests (agentic: turns) arriving per second, all buckets together.

    From a table the row's own rate, else mean rate x slice factor x growth (or the period's factor); times `scale`.
    """
    demand = workload.demand
    if demand.table:
        period = instance.time.period_id(period_index)
        rate = sum(row.rate_per_s for row in demand.table if _is_row(row, region_id, period, slice_id))
        return demand.scale * rate
    if demand.period_factors:
        growth = demand.period_factors[period_index]
    else:
        growth = (1 + demand.growth_per_period) ** period_index
    rate = sum(
        row.rate_per_s * row.slice_factors.get(slice_id, 1.0) for row in demand.regions if row.region == region_id
    )
    return demand.scale * rate * growth


def _is_row(row: DemandRow, region_id: str, period: str, slice_id: str) -> bool:
    return row.region == region_id and row.period == period and row.slice == slice_id


def requests_in_period(instance: Instance, workload: Workload, period_index: int) -> float:
    """Requests that arrive in a period from all regions."""
    time = instance.time
    return sum(
        arrivals_per_s(instance, workload, region, period_index, part.id)
        * time.slice_hours_in_period(part)
        * SECONDS_PER_HOUR
        for region in region_ids(workload)
        for part in time.slices
    )


def total_arrivals(instance: Instance, workload: Workload) -> float:
    """Requests that arrive over the whole horizon."""
    return sum(requests_in_period(instance, workload, index) for index in range(instance.time.periods))


def peak_arrivals_per_s(instance: Instance, workload: Workload, period_index: int) -> float:
    """Arrivals per second of all regions together in the busiest slice of a period."""
    return max(
        sum(arrivals_per_s(instance, workload, region, period_index, part.id) for region in region_ids(workload))
        for part in instance.time.slices
    )
