"""Teams for training runs (T1, T2, C2): for each site and system, the sizes that finish in 1, 2, … periods."""

from math import ceil

from fleetopt.candidates.candidate import TrainingCandidate
from fleetopt.candidates.offer import Offer
from fleetopt.candidates.tally import Tally
from fleetopt.instance.schema import Instance
from fleetopt.instance.systems import System
from fleetopt.instance.workloads import Training, Workload
from fleetopt.prediction.training import training_point
from fleetopt.prediction.types import Refusal, TrainingPoint

SECONDS_PER_HOUR = 3600.0


def training_candidates(
    instance: Instance, workload: Workload, offers: tuple[Offer, ...], tally: Tally
) -> list[TrainingCandidate]:
    """Teams of every offered system with accelerators, for the run's window inside the horizon and the offer's periods."""
    found: list[TrainingCandidate] = []
    for offer in offers:
        system = instance.system(offer.system)
        if system.chip is None or (workload.systems and system.id not in workload.systems):
            continue
        site = instance.site(offer.site)
        if workload.jurisdictions and site.jurisdiction not in workload.jurisdictions:
            detail = f"data may enter {', '.join(workload.jurisdictions)} only, not {site.jurisdiction}"
            tally.reject(workload.id, site.id, system.id, "training", Refusal("D3", detail))
            continue
        found += _teams(instance, workload, offer, system, tally)
    return found


def team(
    instance: Instance, workload: Workload, site_id: str, system: System, units: int, window: range
) -> TrainingCandidate | Refusal:
    """One team of `units` units, or why it cannot train (C2, T1 too many chips or periods, T2)."""
    training = _training_of(workload)
    point = _point(instance, workload, system, units)
    if isinstance(point, Refusal):
        return point
    if point.chips > training.max_chips:
        detail = f"{point.chips} chips, at most {training.max_chips} allowed"
        return Refusal("T1", detail, point.chips / training.max_chips - 1.0)
    periods = point.seconds / _period_s(instance)
    if periods > len(window) * (1.0 + 1e-9):
        detail = f"{point.chips} chips take {periods:.2f} periods, {len(window)} are left"
        return Refusal("T1", detail, periods / len(window) - 1.0 if window else float("inf"))
    return TrainingCandidate(
        id=f"{workload.id}.{site_id}.{system.id}.train.u{units}",
        workload=workload.id,
        site=site_id,
        system=system.id,
        precision=training.precision,
        units=units,
        chips=point.chips,
        mfu=point.mfu,
        goodput=point.goodput,
        periods_needed=periods,
        first_period=window[0],
        last_period=window[-1],
    )


def window_of(instance: Instance, workload: Workload, offer: Offer) -> range:
    """Periods of the run in which the offer could have units in service."""
    training, time = _training_of(workload), instance.time
    first = max(time.period_index(training.start), 0, offer.service_periods.start)
    last = min(time.period_index(training.deadline), time.periods - 1, offer.service_periods.stop - 1)
    return range(first, last + 1)


def _teams(
    instance: Instance, workload: Workload, offer: Offer, system: System, tally: Tally
) -> list[TrainingCandidate]:
    window = window_of(instance, workload, offer)
    least = _least_units(instance, workload, system)
    sizes: set[int] = set()
    if isinstance(least, Refusal) or not window:
        refusal = least if isinstance(least, Refusal) else Refusal("T1", "no unit is in service before the deadline")
        tally.configurations += 1
        tally.reject(workload.id, offer.site, system.id, "training", refusal)
        return []
    point = _point(instance, workload, system, least)
    assert isinstance(point, TrainingPoint)
    periods = point.seconds * least / _period_s(instance)
    sizes = {max(least, ceil(periods / d - 1e-9)) for d in range(1, len(window) + 1)}
    found: list[TrainingCandidate] = []
    for units in sorted(sizes):
        tally.configurations += 1
        made = team(instance, workload, offer.site, system, units, window)
        if isinstance(made, Refusal):
            tally.reject(workload.id, offer.site, system.id, "training", made)
        else:
            tally.admissible += 1
            found.append(made)
    return found


def _least_units(instance: Instance, workload: Workload, system: System) -> int | Refusal:
    """Fewest units whose memory holds the run (T2), by bisection: memory a chip falls with the team."""
    most = max(_training_of(workload).max_chips // max(system.chips, 1), 1)
    widest = _point(instance, workload, system, most)
    if isinstance(widest, Refusal):
        return widest
    low, high = 0, most
    while high - low > 1:
        middle = (low + high) // 2
        if isinstance(_point(instance, workload, system, middle), Refusal):
            low = middle
        else:
            high = middle
    return high


def _point(instance: Instance, workload: Workload, system: System, units: int) -> TrainingPoint | Refusal:
    training, chip = _training_of(workload), system.chip
    if chip is None or system.chips < 1:
        return Refusal("C2", "no accelerators")
    if chip.memory_kind == "SRAM":
        return Refusal("T2", "SRAM machines keep no optimiser state beside the weights")
    if system.kind == "satellite":
        return Refusal("C2", "satellites share no training fabric")
    if units > 1 and units * system.chips > chip.scale_up_domain and not chip.scale_out_gb_s:
        return Refusal("C2", f"{chip.id} has no network between units")
    return training_point(
        instance.model(workload.model),
        chip,
        units * system.chips,
        training.precision,
        training.tokens,
        training.flop,
        training.sequence_tokens,
        instance.prediction,
    )


def _training_of(workload: Workload) -> Training:
    if workload.training is None:
        raise ValueError(f"workload {workload.id} is of kind training but has no training section")
    return workload.training


def _period_s(instance: Instance) -> float:
    return instance.time.period_hours * SECONDS_PER_HOUR
