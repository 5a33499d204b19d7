"""Why is there no plan? The same rows with a priced slack each: the cheapest relaxation names what is in the way.

Slack is measured against the row's own limit, so that ten per cent of a vendor's supply and ten per cent of a site's
power count alike; demand and training runs are given up only where nothing else helps. Definitions and balances get no
slack.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from scipy.sparse import coo_array, csr_array, hstack

from fleetopt.model.build import Model
from fleetopt.model.context import GB_PER_TB, KW_PER_MW, USD_PER_MUSD
from fleetopt.model.equation import EQUATIONS, Index
from fleetopt.solve.diagnosis import Diagnosis, Finding
from fleetopt.solve.matrix import Matrix
from fleetopt.solve.solver import Limits, Outcome, solve_highs
from fleetopt.solve.words import WORDS


class _Family:
    """How a family's slack is priced and told."""

    def __init__(self, weight: float, unit: str, per_model_unit: float, fix: str) -> None:
        self.weight, self.unit, self.per_model_unit, self.fix = weight, unit, per_model_unit, fix


ELASTIC: Mapping[str, _Family] = {
    "D1": _Family(1e3, "requests/s", 1.0, "price the shortfall, rent, or move demand to later periods"),
    "D2.window": _Family(1.0, "request/s hours", 1.0, "allow a longer delay (`max_delay_h`)"),
    "D3": _Family(1.0, "GB/s", 1.0, "widen the link (`capacity_gb_s`)"),
    "C3": _Family(1.0, "cores", 1.0, "offer systems with CPU cores for tools at the site"),
    "M2": _Family(1.0, "GB", GB_PER_TB, "offer more of the tier, or another tier, at the site"),
    "M3.read": _Family(1.0, "GB/s", 1.0, "more of the tier, or a tier that reads faster"),
    "M3.write": _Family(1.0, "GB/s", 1.0, "more of the tier, or a tier that writes faster"),
    "M3.endurance": _Family(1.0, "TB a day", 1.0, "more of the tier, or one that outlasts more writes"),
    "P1": _Family(1.0, "kW", KW_PER_MW, "more firm power at the site (sources, lease, earlier lead)"),
    "P2.build": _Family(1.0, "blocks", 1.0, "raise `max_new_kw` of the source"),
    "P2.lease": _Family(1.0, "kW", KW_PER_MW, "raise `max_kw` of the lease"),
    "P2.source": _Family(1.0, "kW", KW_PER_MW, "more energy from the source, or another source"),
    "P3": _Family(1.0, "kW", KW_PER_MW, "more cooling at the site (`cooling.max_kw`)"),
    "P3.density": _Family(1.0, "kW", KW_PER_MW, "denser cooling (`cooling.max_kw_per_slot`) or more rack positions"),
    "S1": _Family(1.0, "slots", 1.0, "more rack positions at the site (`space.slots`)"),
    "S3": _Family(1.0, "kW", KW_PER_MW, "a larger `max_new_kw` or a smaller `min_new_kw` of the site"),
    "S3.source": _Family(1.0, "blocks", 1.0, "a smaller `min_new_kw` of the source, or a larger `max_new_kw`"),
    "O2": _Family(1.0, "kg", 1e3, "more launch capacity (`launch_kg_per_period`)"),
    "O5": _Family(1.0, "GB/s", 1e-3, "more contact, downlink or relay capacity (`downlink_gb_s`, `relay_gb_s`)"),
    "X1": _Family(1.0, "units", 1.0, "a larger licence (`max_units`)"),
    "X2": _Family(
        1.0, "accelerators", 1.0, "fewer units abroad, more of the product at home, or a larger `expected_share`"
    ),
    "B1": _Family(1.0, "units", 1.0, "more supply of the product (`units_per_period`)"),
    "B3": _Family(1.0, "units", 1.0, "smaller lots (`lot` of the system)"),
    "B3.least": _Family(1.0, "units", 1.0, "a smaller least order (`min_order` of the system)"),
    "B6": _Family(1.0, "USD", USD_PER_MUSD, "a larger share of the vendor (`max_vendor_share`)"),
    "B7": _Family(1.0, "units", 1.0, "a larger rental offer (`max_units`)"),
    "B7.class": _Family(1.0, "units", 1.0, "a larger offer of the rental class (`max_units`)"),
    "C1.steady": _Family(1.0, "units", 1.0, "units nobody takes away: bought, or rented without preemption"),
    "F1": _Family(1.0, "USD", USD_PER_MUSD, "a larger capital budget in that period"),
    "R1.spares": _Family(1.0, "units", 1.0, "keep fewer spares (`policy.spares`)"),
    "R1.sites": _Family(
        1e2, "sites", 1.0, "fewer sites (`min_sites`), a later `sites_since`, or more capacity elsewhere"
    ),
    "R1.most": _Family(1.0, "requests/s", 1.0, "raise `max_site_share`, or more capacity at other sites"),
    "T1": _Family(1e2, "periods", 1.0, "a later deadline, an earlier start, or a larger team"),
    "T1.one": _Family(1e3, "runs", 1.0, "drop the run, or give it a site that can be ready"),
    "T2.team": _Family(1.0, "units", 1.0, "more units of the system by then, or another system for the run"),
    "G1": _Family(1.0, "t", 1e3, "a larger `carbon_budget_t` in that period, or cleaner sources"),
    "G2": _Family(1.0, "in the limit's measure", 1.0, "relax the limit"),
    "G2.frozen": _Family(1.0, "units", 1.0, "change what is decided (`policy.purchases`), or freeze fewer periods"),
}
NOISE = 1e-7
"""Slack below this share of the row's limit is the solver's tolerance."""


def diagnose(model: Model, matrix: Matrix, limits: Limits) -> Diagnosis:
    """The cheapest relaxation of an infeasible model, row by row."""
    wide, owners, scales = _with_slack(model, matrix)
    relaxed = wide.relaxed(np.zeros_like(wide.integer))
    outcome = solve_highs(relaxed, replace(limits, gap=0.0), phase="diagnose")
    if outcome.values is not None and float(outcome.objective or 0.0) <= NOISE:
        outcome = solve_highs(wide, replace(limits, gap=0.05), phase="diagnose")
    findings = _findings(model, matrix, outcome, owners, scales)
    if not findings:
        return Diagnosis(
            "infeasible",
            "no plan exists, and no single limit explains it",
            advice=(
                "look for limits that contradict each other; `fleetopt formulation FILE --lp OUT.lp` writes every row",
            ),
        )
    advice = dict.fromkeys(f"{f.equation}: {ELASTIC[f.equation].fix}" for f in findings)
    return Diagnosis("infeasible", findings[0].message, tuple(findings), tuple(advice))


def _with_slack(model: Model, matrix: Matrix) -> tuple[Matrix, list[tuple[int, float]], list[float]]:
    """The problem with slack columns; for each its row and sign, and the size of the row's limit."""
    owners: list[tuple[int, float]] = []
    weights: list[float] = []
    scales: list[float] = []
    for row, name in enumerate(matrix.row_names):
        family = ELASTIC.get(model.rows[name][0])
        if family is None:
            continue
        sides = [side for side in (matrix.row_lower[row], matrix.row_upper[row]) if np.isfinite(side)]
        scale = max((abs(side) for side in sides), default=0.0) or _own_size(matrix, row)
        for sign, side in ((1.0, matrix.row_lower[row]), (-1.0, matrix.row_upper[row])):
            if np.isfinite(side):
                owners.append((row, sign))
                weights.append(family.weight / scale)
                scales.append(scale)
    count, width = len(owners), len(matrix.columns)
    data = np.array([sign for _, sign in owners])
    at = (np.array([row for row, _ in owners], dtype=np.int32), np.arange(count, dtype=np.int32))
    slack = coo_array((data, at), shape=(len(matrix.row_names), count))
    return (
        Matrix(
            columns=(*matrix.columns, *(f"slack__{number}" for number in range(count))),
            row_names=matrix.row_names,
            cost=np.concatenate([np.zeros(width), np.array(weights)]),
            lower=np.concatenate([matrix.lower, np.zeros(count)]),
            upper=np.concatenate([matrix.upper, np.full(count, np.inf)]),
            integer=np.concatenate([matrix.integer, np.zeros(count, dtype=bool)]),
            rows=csr_array(hstack([matrix.rows, slack], format="csr")),
            row_lower=matrix.row_lower,
            row_upper=matrix.row_upper,
        ),
        owners,
        scales,
    )


def _own_size(matrix: Matrix, row: int) -> float:
    """For a row with nought on its side: its largest coefficient."""
    first, last = matrix.rows.indptr[row], matrix.rows.indptr[row + 1]
    return float(np.max(np.abs(matrix.rows.data[first:last]), initial=0.0)) or 1.0


def _findings(
    model: Model, matrix: Matrix, outcome: Outcome, owners: list[tuple[int, float]], scales: list[float]
) -> list[Finding]:
    if outcome.values is None:
        return []
    slack = outcome.values[len(matrix.columns) :]
    weights: dict[tuple[str, Index], float] = defaultdict(float)
    most: dict[tuple[str, Index], float] = defaultdict(float)
    for amount, (row, _), scale in zip(slack, owners, scales, strict=True):
        if amount > NOISE * scale:
            id_, index = model.rows[matrix.row_names[row]]
            key = (id_, _without_slice(model, id_, index))
            weights[key] += ELASTIC[id_].weight * float(amount) / scale
            most[key] = max(most[key], float(amount))
    order = sorted(weights, key=lambda key: (-weights[key], key))
    return [_finding(model, id_, index, most[id_, index]) for id_, index in order]


def _without_slice(model: Model, id_: str, index: Index) -> Index:
    """Slices of a period are told as one, at their worst; so are the buckets of a demand."""
    if id_ == "D1":
        return (index[0], index[2], index[3])
    return index[:-1] if index[-1] in model.context.sets.slices and len(index) > 1 else index


def _finding(model: Model, id_: str, index: Index, amount: float) -> Finding:
    family = ELASTIC[id_]
    shortfall = float(f"{amount * family.per_model_unit:.6g}")
    if id_ in WORDS:
        unit, message = WORDS[id_](model.context.instance, index, shortfall)
        return Finding(id_, index, shortfall, unit, message)
    rule = EQUATIONS[id_].title.rstrip(".")
    message = f"{id_} at {', '.join(index)} is short of {shortfall:,.10g} {family.unit} ({rule[0].lower()}{rule[1:]})"
    return Finding(id_, index, shortfall, family.unit, message)
