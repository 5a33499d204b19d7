"""T: every run has one team, big enough, there and in time (T3 is checked with units in use)."""

from fleetopt.candidates.candidate import TrainingCandidate
from fleetopt.instance.workloads import Training
from fleetopt.plan import TrainingRun
from fleetopt.prediction.bands import TRAINING_SPEED, band_of, origin
from fleetopt.prediction.basis import basis_of
from fleetopt.prediction.training import training_point
from fleetopt.prediction.types import Refusal
from fleetopt.verify.ledger import Ledger
from fleetopt.verify.witness import Witness

SECONDS_PER_HOUR = 3600.0


def check_training(ledger: Ledger, teams: dict[str, TrainingCandidate], witness: Witness) -> None:
    """T1.one, T1, T1.link, T2, T2.team, C2, D3, and the figures of every run."""
    wanted = sorted(w.id for w in ledger.instance.workloads if w.enabled and w.kind == "training")
    witness.same("T1.one", ("runs",), sorted(run.workload for run in ledger.plan.training_runs), wanted)
    for run in ledger.plan.training_runs:
        training = ledger.instance.workload(run.workload).training
        if training is not None:
            _check_words(ledger, run, training, teams, witness)
            _check_figures(ledger, run, training, witness)
            _check_shares(ledger, run, training, teams.get(run.candidate), witness)


def _check_words(
    ledger: Ledger, run: TrainingRun, training: Training, teams: dict[str, TrainingCandidate], witness: Witness
) -> None:
    """The team is one that may train the run there."""
    workload, site = ledger.instance.workload(run.workload), ledger.sites[run.site]
    index = (run.workload, run.candidate)
    witness.same("T1", (*index, "candidate"), run.candidate, f"{run.workload}.{run.site}.{run.system}.train")
    team = teams.get(run.candidate)
    witness.holds("T2", index, team is not None, "expected a team that passes the screens")
    witness.same("T1", (*index, "units"), run.units, team.units if team is not None else None)
    witness.same("T2", (*index, "least_units"), run.least_units, team.least_units if team is not None else None)
    witness.same("T1", (*index, "precision"), run.precision, str(training.precision))
    ok = not workload.systems or run.system in workload.systems
    witness.holds("T1", (*index, "system"), ok, "expected a system allowed for the workload")
    ok = not workload.jurisdictions or site.jurisdiction in workload.jurisdictions
    witness.holds("D3", (*index, "site"), ok, "expected a jurisdiction the workload's data may enter")


def _check_figures(ledger: Ledger, run: TrainingRun, training: Training, witness: Witness) -> None:
    """T1 and T2 from the prediction: MFU, goodput, and periods for all FLOPs."""
    system, index = ledger.systems[run.system], (run.workload, run.candidate)
    witness.same("T1", (*index, "chips"), run.chips, run.units * system.chips)
    witness.at_most("T1", (*index, "chips"), run.chips, training.max_chips)
    if system.chip is None or run.chips < 1:
        witness.holds("C2", index, False, "expected a team with accelerators")
        return
    model = ledger.instance.model(ledger.instance.workload(run.workload).model)
    point = training_point(
        model, system.chip, run.chips, training.precision, training.tokens, training.flop,
        training.sequence_tokens, ledger.instance.prediction, training.batch_tokens,
    )  # fmt: skip
    if isinstance(point, Refusal):
        witness.holds("T2", index, False, f"expected a team that can train, found: {point.detail}")
        return
    seconds = ledger.instance.time.period_hours * SECONDS_PER_HOUR
    rate = run.chips * point.peak_tflops * 1e12 * point.mfu * point.goodput
    basis = basis_of(system.chip, ledger.instance.prediction, training=True)
    witness.same("T1", (*index, "basis"), run.basis, basis)
    witness.equal("T1", (*index, "mfu"), run.mfu, point.mfu)
    witness.equal("T1", (*index, "goodput"), run.goodput, point.goodput)
    needed = point.flop / (rate * seconds)
    witness.equal("T1", (*index, "periods_needed"), run.periods_needed, needed)
    witness.equal("T1", (*index, "periods_needed_p10"), run.periods_needed_p10, needed * point.spread.p10)
    witness.equal("T1", (*index, "periods_needed_p90"), run.periods_needed_p90, needed * point.spread.p90)
    expected = origin(band_of(TRAINING_SPEED, system.chip.vendor, ledger.instance.prediction))
    witness.same("T1", (*index, "band"), run.band, expected)


def _check_shares(
    ledger: Ledger, run: TrainingRun, training: Training, team: TrainingCandidate | None, witness: Witness
) -> None:
    """T1, T1.link, T2.team: the shares add up to the time needed, in the window, with the units the memory needs."""
    time, index = ledger.instance.time, (run.workload, run.candidate)
    witness.balance("T1", (*index, "share_of_period"), run.share_of_period.values(), [run.periods_needed])
    first, last = time.period_index(training.start), time.period_index(training.deadline)
    if team is not None:
        first, last = max(first, team.first_period), min(last, team.last_period)
    for period, share in run.share_of_period.items():
        witness.at_most("T1.link", (*index, period), share, 1.0)
        inside = first <= ledger.index[period] <= last
        witness.holds("T1", (*index, period), inside, "expected a period between start and deadline")
        if share > 0:
            t, place = ledger.index[period], (run.system, run.site)
            there = ledger.available(place, t) + ledger.rented_working(*place, t)
            witness.at_least("T2.team", (*index, period), there, run.least_units)
