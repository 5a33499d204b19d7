"""Calibration rows of serving as arrays: the loads of each row's passes, and the predictor's answers for constants."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from fleetopt.instance.prediction_options import PredictionOptions
from fleetopt.instance.systems import Chip
from fleetopt.prediction.costs import Terms, costs_of
from fleetopt.prediction.rows.answers import Timing, answer, figures, timing_of
from fleetopt.prediction.rows.fields import CannotPredictError, serving_row
from fleetopt.prediction.rows.runs import runs_of
from fleetopt.prediction.rows.serving import row_options

Floats = np.ndarray


@dataclass(frozen=True)
class Rows:
    """Measured rows; those that are refused have a reason and no loads."""

    table: tuple[Mapping[str, str], ...]
    measured: Floats
    reasons: tuple[str, ...]
    """Why a row has no prediction; empty where it has one."""
    decode: Floats
    """Loads of decode steps, by row and term."""
    prefill: Floats
    timing: Timing
    """With the seconds of passes left out."""
    kinds: tuple[tuple[str, str, bool], ...]
    """Mode, metric, and whether a decode rate covers the whole run, by row."""
    machines: tuple[tuple[str, str], ...]
    """Vendor of the chip and family of the engine, by row."""

    def column(self, name: str) -> Floats:
        """A column of the table."""
        return np.array([row[name] for row in self.table])

    @property
    def complete(self) -> Floats:
        """Rows that have a prediction and say their lengths: the others are judged, but not fitted to."""
        lengths = [row["isl"] + row["osl"] for row in self.table]
        return np.array([not why and "<" not in said for why, said in zip(self.reasons, lengths, strict=True)])

    def predict(self, options: PredictionOptions) -> Floats:
        """The answer to every row; nan where refused."""
        costs = np.array([_costs(machine, options) for machine in self._machines[0]])[self._machines[1]]
        decode_s, pass_s = (self.decode * costs).sum(1), (self.prefill * costs).sum(1)
        found = np.full(len(self.table), np.nan)
        for (mode, metric, whole_run), rows, timing in self._groups:
            timing = timing._replace(
                decode_s=decode_s[rows],
                latency_s=pass_s[rows] * timing.latency_s,
                busy_s=pass_s[rows] * timing.busy_s,
            )
            found[rows] = answer(metric, whole_run, figures(mode, timing, options), timing)
        return found

    @cached_property
    def _machines(self) -> tuple[list[tuple[str, str]], Floats]:
        """Distinct machines, and which of them each row has."""
        distinct = sorted(set(self.machines))
        return distinct, np.array([distinct.index(machine) for machine in self.machines])

    @cached_property
    def _groups(self) -> list[tuple[tuple[str, str, bool], Floats, Timing]]:
        """Rows of the same kind, with their timing, refused ones left out."""
        known, found = np.array([not reason for reason in self.reasons]), []
        for kind in sorted(set(self.kinds)):
            rows = np.flatnonzero(known & np.array([k == kind for k in self.kinds]))
            if len(rows):
                found.append((kind, rows, Timing(*(field[rows] for field in self.timing))))
        return found


def _costs(machine: tuple[str, str], options: PredictionOptions) -> Terms:
    vendor, engine = machine
    return costs_of(_ANY.model_copy(update={"vendor": vendor}), options.model_copy(update={"engine": engine}))


_ANY = Chip(
    id="any", vendor="any", dense_tflops={"bf16": 1.0}, memory_gb=1.0, memory_gb_s=1.0, memory_kind="HBM", power_kw=1.0
)


def read_rows(path: Path) -> Rows:
    """Every row of a file of measurements."""
    options = PredictionOptions()
    with path.open(encoding="utf-8") as lines:
        table = tuple(csv.DictReader(lines))
    nothing = Terms()
    reasons, decode, prefill, timings, kinds, machines = [], [], [], [], [], []
    for row in table:
        try:
            read = serving_row(row)
            run = runs_of(read, row_options(read, options))[0]
        except CannotPredictError as error:
            reasons.append(str(error))
            decode.append(nothing)
            prefill.append(nothing)
            timings.append(Timing(*([1.0] * len(Timing._fields))))
            kinds.append(("", "", False))
            machines.append(("any", "typical"))
            continue
        reasons.append("")
        decode.append(run.decode)
        prefill.append(run.prefill)
        timings.append(timing_of(run, 1.0, 1.0))
        kinds.append((read.mode, read.metric, read.whole_run))
        machines.append((read.chip.vendor, read.engine))
    return Rows(
        table,
        np.array([float(row["value"]) for row in table]),
        tuple(reasons),
        np.array(decode),
        np.array(prefill),
        Timing(*(np.array(column, dtype=float) for column in zip(*timings, strict=True))),
        tuple(kinds),
        tuple(machines),
    )
