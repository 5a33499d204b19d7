"""Teams for training runs (T1, T2, C2): for each site and system the largest team worth having, with its window.

Progress of a run is taken as linear in units x time, at the MFU and goodput of the whole team, so T1 and T3 see a team
of n units for a share of the period exactly as they see a smaller team for longer; both fall slowly with size
(communication, failures), so this errs on the safe side. One candidate a site and system therefore stands for all sizes
up to it: in each period `units x trainrun` units train on average. The largest team is the smallest that finishes in
one period, cut down to the cap on chips and to what supply, power and space could ever give. Its memory sets the least
number of units that must be there in every period in which it trains (T2.team).
"""

from collections.abc import Callable
from functools import cache, partial
from math import ceil, floor

from fleetopt.candidates.attainable import Attainable, attainable
from fleetopt.candidates.candidate import TrainingCandidate
from fleetopt.candidates.offer import Offer
from fleetopt.candidates.tally import Tally
from fleetopt.instance.schema import Instance
from fleetopt.instance.systems import System
from fleetopt.instance.workloads import Training, Workload
from fleetopt.prediction.bands import TRAINING_SPEED, band_of, origin
from fleetopt.prediction.basis import basis_of
from fleetopt.prediction.training import training_point, training_refusal
from fleetopt.prediction.types import Refusal, TrainingPoint

SECONDS_PER_HOUR = 3600.0
_ROUNDING = 1e-9
Predict = Callable[[int], TrainingPoint | Refusal]
"""The run on a system by the units of the team; remembers what it was asked, for sites ask the same."""


def training_candidates(
    instance: Instance, workload: Workload, offers: tuple[Offer, ...], tally: Tally
) -> list[TrainingCandidate]:
    """The team of every offered system with accelerators, at every site the run's data may enter."""
    found: list[TrainingCandidate] = []
    predictions: dict[str, Predict] = {}
    for offer in offers:
        system = instance.system(offer.system)
        if system.chip is None or (workload.systems and system.id not in workload.systems):
            continue
        tally.configurations += 1
        predict = predictions.setdefault(system.id, cache(partial(training_on, instance, workload, system)))
        made = largest_team(instance, workload, offer, system, predict)
        if isinstance(made, Refusal):
            tally.reject(workload.id, offer.site, system.id, "training", made)
        else:
            tally.admissible += 1
            found.append(made)
    return found


def largest_team(
    instance: Instance, workload: Workload, offer: Offer, system: System, predict: Predict
) -> TrainingCandidate | Refusal:
    """The largest team worth having at the offer's site, or why none can do the run (C2, D3, T1, T2, B1, P1, S1)."""
    site, training = instance.site(offer.site), _training_of(workload)
    if workload.jurisdictions and site.jurisdiction not in workload.jurisdictions:
        return Refusal("D3", f"data may enter {', '.join(workload.jurisdictions)} only, not {site.jurisdiction}")
    window = window_of(instance, workload, offer)
    if not window:
        return Refusal("T1", "no unit is in service before the deadline")
    least = least_units(instance, workload, system)
    if isinstance(least, Refusal):
        return least
    bounds = [attainable(instance, system, offer, t) for t in window]
    capped = training.max_chips // system.chips
    most = floor(min(float(capped), max(b.units for b in bounds)) + _ROUNDING)
    team = _finishing(predict, least, most, _period_s(instance))
    point = predict(max(team, least))
    if isinstance(point, Refusal):
        return point
    unit_periods = point.seconds * max(team, least) / _period_s(instance)
    refusal = _too_small(system, training, bounds, team, least, unit_periods)
    if refusal is not None:
        return refusal
    return team_of(instance, workload, offer.site, system, team, least, window, point)


def _finishing(predict: Predict, least: int, most: int, period_s: float) -> int:
    """Units, from `least` on, that finish in one period, or `most` where none do.

    A larger team needs more unit-periods, as efficiency falls: each guess asks what its own size would need, upwards
    until it is enough, then downwards while fewer are.
    """

    def needed(units: int) -> int:
        point = predict(units)
        return units if isinstance(point, Refusal) else ceil(point.seconds * units / period_s - _ROUNDING)

    if most <= least:
        return most
    team = least
    while team < most and needed(team) > team:
        team = min(needed(team), most)
    while (fewer := max(needed(team), least)) < team and needed(fewer) <= fewer:
        team = fewer
    return team


def team_of(
    instance: Instance, workload: Workload, site_id: str, system: System, units: int, least: int, window: range,
    point: TrainingPoint,
) -> TrainingCandidate:  # fmt: skip
    """A team of at most `units` units and at least `least` (C2, T2), with the figures of its whole size."""
    assert system.chip is not None, "systems without accelerators are refused"
    return TrainingCandidate(
        id=f"{workload.id}.{site_id}.{system.id}.train",
        workload=workload.id,
        site=site_id,
        system=system.id,
        precision=_training_of(workload).precision,
        units=units,
        chips=point.chips,
        least_units=least,
        mfu=point.mfu,
        goodput=point.goodput,
        periods_needed=point.seconds / _period_s(instance),
        periods_needed_p10=point.seconds * point.spread.p10 / _period_s(instance),
        periods_needed_p90=point.seconds * point.spread.p90 / _period_s(instance),
        band=origin(band_of(TRAINING_SPEED, system.chip.vendor, instance.prediction)),
        first_period=window[0],
        last_period=window[-1],
        basis=basis_of(system.chip, instance.prediction, training=True),
    )


def window_of(instance: Instance, workload: Workload, offer: Offer) -> range:
    """Periods of the run in which the offer could have units in service at a site that could be open."""
    training, time = _training_of(workload), instance.time
    opening = instance.site(offer.site).opening
    opened = 0 if opening is None else opening.first_period(time)
    first = max(time.period_index(training.start), 0, offer.service_periods.start, opened)
    last = min(time.period_index(training.deadline), time.periods - 1, offer.service_periods.stop - 1)
    return range(first, last + 1)


def least_units(instance: Instance, workload: Workload, system: System) -> int | Refusal:
    """Fewest units whose memory holds the run (T2), by bisection: memory a chip falls with the team."""
    most = _training_of(workload).max_chips // max(system.chips, 1)
    if most < 1:
        return Refusal("T1", f"one unit has {system.chips} chips, more than max_chips")
    refusal = _refused(instance, workload, system, most)
    if refusal is not None:
        return refusal
    low, high = 0, most
    while high - low > 1:
        middle = (low + high) // 2
        if _refused(instance, workload, system, middle) is not None:
            low = middle
        else:
            high = middle
    return high


def training_on(instance: Instance, workload: Workload, system: System, units: int) -> TrainingPoint | Refusal:
    """The run on `units` units, or why they cannot train: no shared fabric (C2), or too little memory (T2)."""
    refusal = _refused(instance, workload, system, units)
    if refusal is not None:
        return refusal
    training, chip = _training_of(workload), system.chip
    assert chip is not None, "systems without accelerators are refused"
    return training_point(
        instance.model(workload.model),
        chip,
        units * system.chips,
        training.precision,
        training.tokens,
        training.flop,
        training.sequence_tokens,
        instance.prediction,
        training.batch_tokens,
    )


def _refused(instance: Instance, workload: Workload, system: System, units: int) -> Refusal | None:
    """Why so many units cannot train, if they cannot: no shared fabric (C2), or too little memory (T2)."""
    training, chip = _training_of(workload), system.chip
    if chip is None or system.chips < 1:
        return Refusal("C2", f"{system.id} has no accelerators")
    if system.kind == "satellite":
        return Refusal("C2", "satellites share no training fabric")
    if chip.memory_kind == "SRAM":
        return Refusal("T2", "SRAM machines keep no optimiser state beside the weights")
    if units > 1 and units * system.chips > chip.scale_up_domain and not chip.scale_out_gb_s:
        return Refusal("C2", f"{chip.id} has no network between units")
    sequence = training.sequence_tokens
    return training_refusal(instance.model(workload.model), chip, units * system.chips, sequence, instance.prediction)


def _too_small(
    system: System, training: Training, bounds: list[Attainable], team: int, least: int, unit_periods: float
) -> Refusal | None:
    """Why the largest team there can be does not hold the run, or does not finish it by the deadline."""
    last = bounds[-1]
    by_supply = team < training.max_chips // system.chips
    rule, why = (last.rule, last.detail) if by_supply else ("T1", f"at most {training.max_chips} chips")
    if team < least:
        return Refusal(rule, f"memory needs {least} units; {why}", least / team - 1.0 if team else float("inf"))
    done = sum(min(b.units, float(team)) for b in bounds if b.units >= least - _ROUNDING)
    if done < unit_periods * (1.0 - _ROUNDING):
        detail = f"needs {unit_periods:.0f} units for one period, {done:.0f} can be had by the deadline; {why}"
        return Refusal(rule, detail, unit_periods / done - 1.0)
    return None


def _training_of(workload: Workload) -> Training:
    if workload.training is None:
        raise ValueError(f"workload {workload.id} is of kind training but has no training section")
    return workload.training


def _period_s(instance: Instance) -> float:
    return float(instance.time.period_hours * SECONDS_PER_HOUR)
